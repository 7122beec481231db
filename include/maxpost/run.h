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
    /* As in mxp_fit_options and mxp_path_options; NULL: never, nobody.  May be set by a signal. */
    const volatile int *stop;
    void (*progress)(void *told, const char *what, size_t done, size_t all);
    void *told;
} mxp_run_options;
MXP_API void mxp_run_options_init(mxp_run_options *options);

/* Reads and checks a run and its model; no data are read.
 * Errors: NO_INPUT, CONFIG with place and excerpt, USAGE (in an override), MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_run_load(mxp_run **run, const char *path,
                                               const mxp_run_options *options, mxp_error *error);
MXP_API void mxp_run_free(mxp_run *run);

/* Reads the data, finds the mode, approximates the posterior.  Everything stays in the run.  Where a
 * prior of the model says select(cv) a path is followed and a point of it chosen first.
 * Errors: those of reading, mxp_problem_new, mxp_path_new, mxp_fit, mxp_posterior_new. */
MXP_API MXP_MUST_CHECK mxp_status mxp_run_fit(mxp_run *run, mxp_error *error);
/* Reads the data and follows the path of the run; with path.folds, or a prior that says select(cv),
 * chooses a point by cross-validation and fits there.  Errors: as mxp_run_fit. */
MXP_API MXP_MUST_CHECK mxp_status mxp_run_path(mxp_run *run, mxp_error *error);
/* Whether the fit converged (or was evaluated on request), and every point of the path: what there
 * is of them. */
MXP_API int mxp_run_converged(const mxp_run *run);
/* Whether `stop` ended it before it was done.  What was finished, the points of a path, can be
 * written. */
MXP_API int mxp_run_interrupted(const mxp_run *run);
/* Points of the path that are there; 0 where there is no path. */
MXP_API size_t mxp_run_points(const mxp_run *run);
/* Writes what there is into the output directory, each file atomically: path.csv,
 * path-coefficients.csv and, with path.held_out, held_out.csv; terms.csv, covariance.npy and
 * fit.json.  All texts are made before the first is written.
 * Errors: USAGE (nothing to write), CANNOT_CREATE, IO, MEMORY. */
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

/* How the probabilities of classes are taken; fill with mxp_predict_options_init.
 *   level          of the intervals; NAN, the default: that of the fit
 *   probabilities  "plug_in" (at the mode; the default), "averaged" (over the posterior of the
 *                  linear predictor, by formula) or "monte_carlo" (over draws of it)
 *   draws          of a row, for monte_carlo and for scores of several linear predictors; 1000
 *   seed           of those draws; 0, the default: that of the fit
 *   sql            the query, where the data are a database */
typedef struct mxp_predict_options {
    size_t size;
    double level;
    const char *probabilities;
    size_t draws;
    unsigned long long seed;
    const char *sql;
} mxp_predict_options;
MXP_API void mxp_predict_options_init(mxp_predict_options *options);

/* The rows of a data file as a saved fit predicts them. */
typedef struct mxp_prediction mxp_prediction;

/* Predicts.  fit: fit.json or its directory; data: what mxp_table_read reads, "-" standard input.
 * Rows that miss a cell are an error, or left out where the fit has missing: drop.  Where the data
 * have the response, the predictions are scored on the rows that have it.
 * Errors: NO_INPUT, DATA (a damaged fit; FILE:LINE: column "NAME": ...: a level that the fit has not
 * seen, a missing cell, a response that is none), USAGE (options), IO, UNAVAILABLE, MEMORY.
 * Cost: rows times parameters squared. */
MXP_API MXP_MUST_CHECK mxp_status mxp_predict(mxp_prediction **prediction, const char *fit,
                                              const char *data, const mxp_predict_options *options,
                                              mxp_error *error);
MXP_API void mxp_prediction_free(mxp_prediction *prediction);
MXP_API size_t mxp_prediction_rows(const mxp_prediction *prediction);
/* A column of the CSV by name: row (of the data, from 1), mean, sd_eta, lower, upper, sd_predictive,
 * p[LABEL]; rows values, NAN where there is none; borrowed.  NULL when there is no such column. */
MXP_API const double *mxp_prediction_column(const mxp_prediction *prediction, const char *name);
/* Texts, as above: the table; a document with the table, notes and scores; notes and scores in
 * words, a line each, or "". */
MXP_API MXP_MUST_CHECK mxp_status mxp_prediction_csv(char **text, const mxp_prediction *prediction,
                                                     mxp_error *error);
MXP_API MXP_MUST_CHECK mxp_status mxp_prediction_json(char **text, const mxp_prediction *prediction,
                                                      mxp_error *error);
MXP_API MXP_MUST_CHECK mxp_status mxp_prediction_notes(char **text,
                                                       const mxp_prediction *prediction,
                                                       mxp_error *error);

/* Draws from the normal approximation of a saved fit; fill with mxp_draws_options_init.
 *   count  of draws; 1000
 *   seed   0, the default: that of the fit
 *   names  of the coefficients' columns: "dots" (b.1, as CmdStan writes; the default), "brackets"
 *          (b[1]) or "terms" (as the fit has them, quoted where CSV needs it) */
typedef struct mxp_draws_options {
    size_t size, count;
    unsigned long long seed;
    const char *names;
} mxp_draws_options;
MXP_API void mxp_draws_options_init(mxp_draws_options *options);

typedef struct mxp_draws mxp_draws;

/* Errors: as mxp_predict; UNAVAILABLE where the posterior is not normal: priors with kinks, bounds;
 * DATA where the fit has no posterior.  Cost: k^3 and k^2 a draw. */
MXP_API MXP_MUST_CHECK mxp_status mxp_draws_new(mxp_draws **draws, const char *fit,
                                                const mxp_draws_options *options, mxp_error *error);
MXP_API void mxp_draws_free(mxp_draws *draws);
/* CmdStan's CSV of a Laplace approximation, and a document. */
MXP_API MXP_MUST_CHECK mxp_status mxp_draws_csv(char **text, const mxp_draws *draws,
                                                mxp_error *error);
MXP_API MXP_MUST_CHECK mxp_status mxp_draws_json(char **text, const mxp_draws *draws,
                                                 mxp_error *error);

/* Replaces the file by the text in one step.  Errors: CANNOT_CREATE, IO, MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_text_write(const char *path, const char *text,
                                                 mxp_error *error);

#ifdef __cplusplus
}
#endif

#endif
