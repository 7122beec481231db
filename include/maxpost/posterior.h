/* maxpost: the Laplace approximation of a posterior, also at kinks. */
#ifndef MAXPOST_POSTERIOR_H
#define MAXPOST_POSTERIOR_H

#include "maxpost/fit.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fill with mxp_posterior_options_init.
 *   covariance_limit  the covariance of all parameters is made up to this many (default 2000) where
 *              there are more coefficients than rows, or kinks that are conditioned on; beyond it
 *              the sds alone, without a matrix of that size
 *   covariance_terms  names or globs of the parameters whose covariance is wanted for itself;
 *              covariance_term_count of them; NULL: none */
typedef struct mxp_posterior_options {
    size_t size;
    const char *at_kinks;    /* auto, kink, active */
    size_t samples;          /* posterior draws behind the kink posterior; default 1000 */
    unsigned long long seed; /* default 1 */
    double level;            /* of the intervals; default 0.95 */
    size_t covariance_limit;
    const char *const *covariance_terms;
    size_t covariance_term_count;
} mxp_posterior_options;
MXP_API void mxp_posterior_options_init(mxp_posterior_options *options);

/* One parameter, scale of the data.  What is not known is NAN. */
typedef struct mxp_term {
    const char *name;  /* "(Intercept)", a column, "noise_sd" */
    const char *prior; /* "laplace(0, 0.5)" */
    double estimate;   /* the mode */
    double mean, sd, lower, upper, probability_positive;
    double monte_carlo_error; /* of mean; NAN where no draws are behind it */
    int at_kink;              /* exactly at its prior's kink */
    const char *at_bound;     /* "lower", "upper": exactly on that bound; NULL: on none */
    double kink_slack;        /* at a kink: 1 - |g_j| / kink weight, 0: about to leave */
    int auxiliary;            /* noise_sd and its like, natural scale */
    double standardized_estimate, standardized_mean,
        standardized_sd; /* NAN when not standardised */
} mxp_term;

typedef struct mxp_posterior_info {
    const char *structure; /* "full" */
    const char
        *curvature; /* "hessian"; "expected": the Fisher information, of the laplace family and
                            * where the exact one of a family that is not log-concave is not
                            * positive definite */
    const char *at_kinks;  /* "none" (no coordinate at or near a kink), "kink", "active" */
    const char *scale;     /* "log", "natural" or "none": of positive parameters */
    const char *auxiliary; /* "none", "estimated", "conditioned", "plugged_in", "fixed" */
    double log_evidence;   /* NAN: see the reason */
    const char *log_evidence_reason;
    double log_evidence_relative;
    double log_det; /* log det H, scale on which the priors speak */
    double effective_parameters;
    double ess, r_hat; /* smallest and largest over parameters; kink posterior */
    size_t samples;
    const char *covariance_reason; /* why there is none; NULL: there is one */
    const char *sd_reason;         /* why there are no sds; NULL: there are */
} mxp_posterior_info;

typedef struct mxp_posterior mxp_posterior;

/* The posterior around the mode.  options may be NULL; keeps problem and solution by reference.
 * Errors: NUMERIC (H not positive definite: the parameters of the offending direction are named),
 * USAGE, MEMORY.  Cost: k^3, or n^2 k + n^3 with more coefficients than rows and than
 * covariance_limit; at kinks samples times sweeps of k^2. */
MXP_API MXP_MUST_CHECK mxp_status mxp_posterior_new(mxp_posterior **posterior,
                                                    const mxp_problem *problem,
                                                    const mxp_solution *solution,
                                                    const mxp_posterior_options *options,
                                                    mxp_error *error);
MXP_API void mxp_posterior_free(mxp_posterior *posterior);
MXP_API mxp_posterior_info mxp_posterior_get_info(const mxp_posterior *posterior);
/* Number of terms: coefficients first (intercept, then columns), auxiliary parameters last. */
MXP_API size_t mxp_posterior_terms(const mxp_posterior *posterior);
MXP_API mxp_term mxp_posterior_term(const mxp_posterior *posterior, size_t i);
/* Covariance on the scale of the data, terms x terms, column-major, in the order of the terms;
 * borrowed; NULL where there is none. */
MXP_API const double *mxp_posterior_covariance(const mxp_posterior *posterior);
/* The terms that covariance_terms chose, ascending, and their covariance, count x count, as above;
 * borrowed; NULL where nothing was asked for, or there is none. */
MXP_API const double *mxp_posterior_chosen(size_t *count, const size_t **terms,
                                           const mxp_posterior *posterior);

#ifdef __cplusplus
}
#endif

#endif
