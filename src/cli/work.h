/* What fit and path share: load a run, do it, write its files, say what it came to. */
#ifndef MAXPOST_CLI_WORK_H
#define MAXPOST_CLI_WORK_H

#include "args.h"
#include "maxpost/run.h"

/* make: mxp_run_fit or mxp_run_path.  Returns the exit code; complaints go to standard error. */
int work_run(const struct args *args, mxp_status (*make)(mxp_run *run, mxp_error *error));

#endif
