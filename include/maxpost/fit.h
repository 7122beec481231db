/* maxpost: the mode of a posterior, with its certificate. */
#ifndef MAXPOST_FIT_H
#define MAXPOST_FIT_H

#include "maxpost/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fill with mxp_fit_options_init, then change what you need. */
typedef struct mxp_fit_options {
    size_t size;
    const char *method;    /* auto, cholesky, qr, dual, newton, newton_cg, coordinate,
                            * working_set, proximal, lad */
    double tolerance;      /* bound on the KKT residual, in posterior sds; default 1e-9 */
    size_t max_iterations; /* default 1000; 0: evaluate at the start */
    int threads;           /* over row blocks; 0: all.  The result does not depend on it. */
    /* Optional start values on the scale of the data, by parameter name. */
    const char *const *start_names;
    const double *start_values;
    size_t start_count;
    size_t starts; /* runs; 0 (default): 1, or up to 16 where there may be several modes */
    unsigned long long seed;  /* of the starts after the first; default 1 */
    const volatile int *stop; /* looked at between iterations: not 0 ends the fit there, status
                               * MXP_INTERRUPTED; NULL: never */
    /* 1: no posterior will follow, so that the curvature may be approximate on the way to the mode,
     * which is certified all the same; 0 (default): it is kept for the posterior. */
    int mode_only;
} mxp_fit_options;
MXP_API void mxp_fit_options_init(mxp_fit_options *options);

typedef enum mxp_convergence {
    MXP_CONVERGED, /* kkt <= tolerance, or below the rounding floor */
    MXP_ITERATION_LIMIT,
    MXP_STALLED, /* no further decrease in floating point, kkt above tolerance */
    MXP_DIVERGED,
    MXP_INTERRUPTED,
    MXP_EVALUATED /* max_iterations 0 */
} mxp_convergence;

/* What is known about an optimum.  Numbers that do not apply are NAN. */
typedef struct mxp_fit_info {
    mxp_convergence status;
    const char *status_text;   /* converged, iteration limit, stalled, diverged, ... */
    const char *method;        /* the method that ran, e.g. "cholesky" */
    const char *method_reason; /* why auto chose it, in words */
    double objective;          /* -(log_likelihood + log_prior) */
    double log_likelihood, log_prior;
    double kkt;                /* largest scaled residual, in posterior sds */
    double kkt_floor;          /* rounding floor of that coordinate; used when kkt > tolerance */
    double gradient_norm;      /* raw infinity norm of the smooth part's gradient */
    double duality_gap;        /* convex problems with kinks, else NAN */
    double condition;          /* condition number of the scaled Hessian where a factor was made */
    size_t starts;             /* runs that the iterations and passes are of */
    size_t iterations, passes; /* passes over the data, the moments of the columns included */
    double seconds;            /* processor seconds of this fit */
    int not_unique;            /* other coefficients have the same objective (laplace family) */
    size_t modes;              /* modes found */
} mxp_fit_info;

typedef struct mxp_solution mxp_solution;

/* Finds the mode.  options may be NULL.  Not converging is reported in the info, not an error.
 * Errors: NO_MODE (separation, dependent flat columns, a noise scale that runs to 0, with the
 * terms), USAGE (unknown method or one that cannot do this model), NUMERIC, MEMORY.
 * Cost: direct methods one pass of n k^2 flops and one of 2 n k; Newton methods that per
 * iteration.  With many rows, smooth priors and a log-concave likelihood (a gaussian one: noise fixed
 * and mode_only) the curvature comes from a sample of the rows instead: about ten passes. */
MXP_API MXP_MUST_CHECK mxp_status mxp_fit(mxp_solution **solution, mxp_problem *problem,
                                          const mxp_fit_options *options, mxp_error *error);
MXP_API void mxp_solution_free(mxp_solution *solution);
MXP_API mxp_fit_info mxp_solution_info(const mxp_solution *solution);
/* The estimate of a parameter by name ("(Intercept)", a column, "noise_sd"), on the scale of the
 * data.  Errors: USAGE with the nearest known name. */
MXP_API MXP_MUST_CHECK mxp_status mxp_solution_estimate(double *estimate,
                                                        const mxp_solution *solution,
                                                        const char *name, mxp_error *error);
/* The i-th mode found, best first: its objective and noise sd.  There may be several where the
 * posterior is not log-concave: heavy-tailed priors or families, gaussian noise estimated beside
 * priors of fixed scale. */
MXP_API void mxp_solution_mode(double *objective, double *noise_sd, const mxp_solution *solution,
                               size_t i);
/* The estimate of parameter `term` (in the order of the posterior's terms) at the i-th mode, on the
 * scale of the data; NAN where there is none. */
MXP_API double mxp_solution_mode_estimate(const mxp_solution *solution, size_t i, size_t term);

#ifdef __cplusplus
}
#endif

#endif
