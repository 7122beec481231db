#include "verb.h"
#include "work.h"

int cmd_path(const struct args *args)
{
    return work_run(args, mxp_run_path);
}
