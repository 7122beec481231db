#include "output.h"
#include "verb.h"

enum { NOT_CONVERGED = 1 };

/* The document or the report, on standard output. */
static int show(const mxp_run *run, const struct args *args)
{
    mxp_error error = {0};
    mxp_status status;
    char *text = NULL;

    if (args->json)
        status = mxp_run_json(&text, run, &error);
    else if (args->quiet)
        return MXP_OK;
    else
        status = mxp_run_summary(&text, run, output_color(), output_width(), &error);
    if (status)
        return output_error(&error);
    const int code = output_text(text);
    mxp_text_free(text);
    return code;
}

/* The files come first: what is printed says where they are. */
static int fit(mxp_run *run, const struct args *args)
{
    mxp_error error = {0};

    if (mxp_run_fit(run, &error) || mxp_run_write(run, &error))
        return output_error(&error);
    const int code = show(run, args);
    if (code == 0 && !mxp_run_converged(run))
        return output_failure(NOT_CONVERGED,
                              "the fit did not converge; its results are written and marked");
    return code;
}

int cmd_fit(const struct args *args)
{
    const mxp_run_options options = verb_run_options(args);
    mxp_error error = {0};
    mxp_run *run = NULL;

    if (mxp_run_load(&run, args->operand[0], &options, &error))
        return output_error(&error);
    const int code = fit(run, args);
    mxp_run_free(run);
    return code;
}
