#include "output.h"
#include "verb.h"

static int check(mxp_run *run, const struct args *args)
{
    mxp_error error = {0};
    char *text = NULL;
    int code = MXP_OK;

    if (mxp_run_check(&text, run, &error))
        return output_error(&error);
    if (args->json)
        code = output_lines_json("check", text);
    else if (!args->quiet)
        code = output_text(text);
    mxp_text_free(text);
    return code;
}

int cmd_check(const struct args *args)
{
    const mxp_run_options options = verb_run_options(args);
    mxp_error error = {0};
    mxp_run *run = NULL;

    if (mxp_run_load(&run, args->operand[0], &options, &error))
        return output_error(&error);
    const int code = check(run, args);
    mxp_run_free(run);
    return code;
}
