/* What a fit came to: everything that the summary, the document and the files say, gathered once.
 */
#ifndef MAXPOST_REPORT_H
#define MAXPOST_REPORT_H

#include "app/run.h"
#include "base/str.h"
#include "model/penalty.h"
#include "model/problem.h"

enum { REPORT_FORMAT = 1 }; /* version of fit.json */

/* How well the mode describes the rows it was fitted to.  NAN: does not apply. */
struct report_scores {
    double noise_sd;        /* gaussian */
    double rmse;            /* weighted; of counts out of trials and of classes there is none */
    double brier, accuracy; /* of 0 and 1, of single trials, of classes (summed over them) */
    double r_squared;       /* gaussian; about the mean, without intercept about 0 */
    double deviance, null_deviance, deviance_explained; /* other families */
    const char *null_reason;                            /* why null_deviance is not known; static */
    double parameters; /* effective, estimated auxiliary parameters included */
    double aic;        /* -2 log-likelihood + 2 parameters */
};

/* Something the reader should know.  aside: the summary says it elsewhere. */
struct report_warning {
    const char *code; /* static */
    char *message;    /* owned, a sentence without full stop */
    size_t *terms;    /* owned: indices into terms */
    size_t count;
    bool aside;
};

struct report {
    const struct mxp_run *run;
    const struct mxp_problem *problem;
    const struct design *design;
    const struct mxp_model *model;
    mxp_fit_info fit;
    bool has_posterior; /* not where the Hessian of an unconverged fit has no factor */
    mxp_posterior_info posterior;
    double level;
    mxp_term *term; /* coefficients first */
    size_t count, coefficients;
    char **prior_text; /* owned, where there is no posterior that says it */
    size_t at_kink;    /* terms exactly at the kink of their prior */
    bool draws;        /* the kink posterior: mean and mode differ */
    struct report_scores scores;
    struct report_warning *warning;
    size_t warnings, warning_capacity;
};

/* Gathers, from a run that has a solution or a path (then term is NULL, and what belongs to a fit is
 * zero); borrows the run, which owns the report.
 * Errors: MEMORY.  Cost: one pass over the data, none for the gaussian family. */
MXP_MUST_CHECK mxp_status report_new(struct report **report, const struct mxp_run *run,
                                     mxp_error *error);
/* The run's report.  Errors: USAGE (the run was not fitted). */
MXP_MUST_CHECK mxp_status report_of(const struct report **report, const struct mxp_run *run,
                                    mxp_error *error);
void report_free(struct report *report);

/* Parts of report_new. */
MXP_MUST_CHECK mxp_status report_score(struct report_scores *scores, const struct report *report,
                                       mxp_error *error);
MXP_MUST_CHECK mxp_status report_warn(struct report *report, mxp_error *error);

/* Adds a warning about no term; takes the message.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status report_add_warning(struct report *report, const char *code,
                                             struct str *message, mxp_error *error);

/* The prior that most coefficients share, and what its translation into penalties needs; false
 * where no coefficient but the intercept has a prior, or no penalty is one in this family. */
bool report_weights_prior(struct prior *prior, struct penalty_facts *facts,
                          const struct report *report);
/* Why no penalty of other tools is a prior of this family's, or NULL; static. */
const char *report_no_penalty(const struct report *report);
/* The family's auxiliary parameters at the mode, natural scale, fixed ones too. */
void report_psi(double psi[FAMILY_AUX_MAX], const struct report *report);
/* Whether the response is 0 or 1, or counts those among trials. */
bool report_is_binary(const struct report *report);
/* Whether two priors are the same density. */
bool report_same_prior(const struct prior *a, const struct prior *b);
/* The prior with at most 6 significant digits, for people: "laplace(0, 9.3173)". */
void report_put_prior(struct str *out, const struct prior *prior);
/* Whether the run writes the format ("json", "csv"). */
bool report_writes(const struct report *report, const char *format);

/* The kink of the term's prior, where its mode may sit exactly. */
double report_kink(const struct report *report, size_t term);

#endif
