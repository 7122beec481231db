#include "work.h"
#include "interrupt.h"
#include "output.h"
#include "progress.h"
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

/* How it ended, where nothing failed. */
static int judge(const mxp_run *run)
{
    if (mxp_run_interrupted(run))
        return output_failure(INTERRUPTED,
                              "interrupted: the points of the path that were finished are written");
    if (mxp_run_converged(run))
        return MXP_OK;
    return output_failure(
        NOT_CONVERGED, mxp_run_points(run)
                           ? "points of the path, or the fit at the chosen one, did not converge; "
                             "the results are written and marked"
                           : "the fit did not converge; its results are written and marked");
}

/* The files come first: what is printed says where they are. */
static int finish(mxp_run *run, const struct args *args)
{
    mxp_error error = {0};

    if (mxp_run_interrupted(run) && mxp_run_points(run) == 0)
        return output_failure(INTERRUPTED, "interrupted: nothing is written");
    if (mxp_run_write(run, &error))
        return output_error(&error);
    const int code = show(run, args);
    return code ? code : judge(run);
}

int work_run(const struct args *args, mxp_status (*make)(mxp_run *run, mxp_error *error))
{
    mxp_run_options options = verb_run_options(args);
    struct progress progress = {0};
    mxp_error error = {0};
    mxp_run *run = NULL;

    options.stop = interrupt_watch();
    if (!args->quiet && !args->no_progress && progress_wanted()) {
        options.progress = progress_tell;
        options.told = &progress;
    }
    if (mxp_run_load(&run, args->operand[0], &options, &error))
        return output_error(&error);
    const mxp_status status = make(run, &error);
    progress_end(&progress);
    const int code = status ? output_error(&error) : finish(run, args);
    mxp_run_free(run);
    return code;
}
