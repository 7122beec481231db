/* maxpost: YAML runs.  Load one, execute it, print and write its reports. */
#ifndef MAXPOST_RUN_H
#define MAXPOST_RUN_H

#include "maxpost/posterior.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A run file (or a model file) as read and checked. */
typedef struct mxp_run mxp_run;

/* Where a run's pieces come from and go; fill with mxp_run_options_init. */
typedef struct mxp_run_options {
    size_t size;
    const char *const *overrides; /* "key.path=value" of --set */
    size_t override_count;
    const char *output_directory; /* NULL: what the run says */
    int threads;                  /* -1, the default: what the run says; 0: all */
    const char *command;          /* recorded under `reproduce`; may be NULL */
} mxp_run_options;
MXP_API void mxp_run_options_init(mxp_run_options *options);

/* Reads and checks a run and its model; no data are read.
 * Errors: NO_INPUT, CONFIG with place and excerpt, USAGE (in an override), MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_run_load(mxp_run **run, const char *path,
                                               const mxp_run_options *options, mxp_error *error);
MXP_API void mxp_run_free(mxp_run *run);

/* Reads the data, finds the mode, approximates the posterior.  Everything stays in the run.
 * Errors: those of reading, mxp_problem_new, mxp_fit, mxp_posterior_new. */
MXP_API MXP_MUST_CHECK mxp_status mxp_run_fit(mxp_run *run, mxp_error *error);
/* Whether the fit converged (or was evaluated on request). */
MXP_API int mxp_run_converged(const mxp_run *run);
/* Writes fit.json, terms.csv and covariance.npy, each atomically, into the output directory. */
MXP_API MXP_MUST_CHECK mxp_status mxp_run_write(mxp_run *run, mxp_error *error);

/* Texts, allocated for the caller (free with mxp_text_free).
 *   summary  the terminal report of a fit; color: ANSI bold and dim; width: of the terminal
 *   json     fit.json
 *   check    the model as understood, one line a parameter; needs mxp_run_load only (columns are
 *            resolved where the data file can be read) */
MXP_API MXP_MUST_CHECK mxp_status mxp_run_summary(char **text, const mxp_run *run, int color,
                                                  size_t width, mxp_error *error);
MXP_API MXP_MUST_CHECK mxp_status mxp_run_json(char **text, const mxp_run *run, mxp_error *error);
MXP_API MXP_MUST_CHECK mxp_status mxp_run_check(char **text, mxp_run *run, mxp_error *error);
MXP_API void mxp_text_free(char *text);

/* The JSON Schema of runs and models. */
MXP_API MXP_MUST_CHECK mxp_status mxp_schema(char **text, mxp_error *error);

/* A prior in every tool's penalty, or a penalty as a prior.  Fill with mxp_convert_init. */
typedef struct mxp_convert_request {
    size_t size;
    const char *prior;      /* "laplace(0, 0.5)", or NULL */
    const char *convention; /* with settings "lambda=0.1, alpha=1", or NULL */
    const char *settings;
    const char *family; /* default gaussian */
    double rows;        /* W, sum of row weights; NAN: not given */
    double noise_sd;    /* NAN: not given */
    double response_sd; /* s_y of glmnet's gaussian string; NAN: not given */
    int json;           /* 1: a JSON document; 0: a table */
} mxp_convert_request;
MXP_API void mxp_convert_init(mxp_convert_request *request);
MXP_API MXP_MUST_CHECK mxp_status mxp_convert(char **text, const mxp_convert_request *request,
                                              mxp_error *error);

/* Writes NAME-model.yaml and NAME-run.yaml beside the working directory for a data file;
 * refuses to overwrite (CANNOT_CREATE).  response: the column to explain; NULL: the last that is
 * numeric.  *text: what was written and what to do next. */
MXP_API MXP_MUST_CHECK mxp_status mxp_init(char **text, const char *data_file, const char *response,
                                           mxp_error *error);

#ifdef __cplusplus
}
#endif

#endif
