/* maxpost: paths over the scale of a prior, and its choice by cross-validation. */
#ifndef MAXPOST_SELECT_H
#define MAXPOST_SELECT_H

#include "maxpost/fit.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fill with mxp_path_options_init, then change what you need.
 *   penalty    "l1" (laplace priors), "l2" (gaussian), "elastic_net"; NULL, the default: as the
 *              priors on the weights of the model say
 *   mix        elastic_net: the share of l1, glmnet's alpha, in (0, 1]; NAN, the default: as the
 *              priors say
 *   points     scales of the path; 100
 *   ratio      the last penalty over the first; NAN, the default: 1e-4, or 1e-2 where there are more
 *              coefficients than rows
 *   lambdas    the penalties themselves instead, lambda_count of them, falling, in the units of
 *              mxp_path_point.lambda; NULL: none
 *   tolerance  bound on every point's kkt; 1e-9
 *   max_iterations  steps at a point; one that needs more has status stalled; 1000
 *   threads    0: all; the result does not depend on it
 *   folds      of cross-validation; 0 or 1: none
 *   rule       "1se" (default) or "min"
 *   groups     column of the table whose rows with the same value stay in one fold; NULL: none
 *   seed       of the folds; 1
 *   stop       looked at between points: not 0 ends the path there; NULL: never
 *   progress   told with `told` what is under way ("points", "folds") and how much of it is done, by
 *              one thread at a time; NULL: nobody is */
typedef struct mxp_path_options {
    size_t size;
    const char *penalty;
    double mix;
    size_t points;
    double ratio;
    const double *lambdas;
    size_t lambda_count;
    double tolerance;
    size_t max_iterations;
    int threads;
    size_t folds;
    const char *rule;
    const char *groups;
    unsigned long long seed;
    const volatile int *stop;
    void (*progress)(void *told, const char *what, size_t done, size_t all);
    void *told;
} mxp_path_options;

MXP_API void mxp_path_options_init(mxp_path_options *options);

/* One point.  Numbers that do not apply are NAN.
 *   lambda     weight of the penalty beside the loss (half the residual sum of squares, or -log
 *              likelihood): the convention `sum`
 *   scale      of the prior that it stands for: laplace's b, or gaussian's sd where there is no l1,
 *              of a coefficient whose relative scale is 1
 *   kkt        largest scaled residual, in posterior sds
 *   gap        duality gap over the loss of the empty model
 *   deviance_explained  1 - deviance / deviance of the empty model
 *   cv_loss, cv_se  weighted mean over the rows (binomial: over the trials) of the out-of-fold
 *              deviance, in the gaussian family the squared error, and its standard error as
 *              glmnet's cvsd */
typedef struct mxp_path_point {
    double lambda, scale, noise_sd;
    double objective, log_likelihood, log_prior;
    double kkt, gap, deviance_explained;
    size_t nonzeros; /* penalised coefficients away from their prior's centre */
    size_t iterations, passes;
    mxp_convergence status;
    double cv_loss, cv_se;
} mxp_path_point;

typedef struct mxp_path mxp_path;

/* Follows the mode from the smallest prior scale, at which every penalised coefficient sits at its
 * prior's centre, to the largest.  Scales of single terms are relative: all are multiplied alike.
 * options may be NULL.  The problem is not changed, and must outlive the path.
 * Errors: CONFIG (nothing to penalise, priors of other kinds among the weights, a family or link
 * without paths), USAGE (options), NO_MODE, NUMERIC, MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_path_new(mxp_path **path, mxp_problem *problem,
                                               const mxp_path_options *options, mxp_error *error);
MXP_API void mxp_path_free(mxp_path *path);
/* Points that were finished, fewer than asked for where the path was stopped. */
MXP_API size_t mxp_path_points(const mxp_path *path);
MXP_API int mxp_path_stopped(const mxp_path *path);
MXP_API mxp_path_point mxp_path_at(const mxp_path *path, size_t i);
/* Coefficients of point i on the scale of the data, all of them, in the order of the terms. */
MXP_API void mxp_path_estimates(double *beta, const mxp_path *path, size_t i);
/* The point with the smallest out-of-fold deviance, and the one that the rule picks: with 1se the
 * largest penalty within one standard error of it.  Without folds: points. */
MXP_API size_t mxp_path_min(const mxp_path *path);
MXP_API size_t mxp_path_chosen(const mxp_path *path);
/* Out-of-fold linear predictors at the chosen point, rows x eta columns, and each row's fold (from
 * 0); borrowed.  NULL without folds. */
MXP_API const double *mxp_path_held_out(const mxp_path *path);
MXP_API const unsigned *mxp_path_folds(const mxp_path *path);
/* Gives the problem the priors of point i, as if the model had declared them. */
MXP_API MXP_MUST_CHECK mxp_status mxp_path_apply(mxp_problem *problem, const mxp_path *path,
                                                 size_t i, mxp_error *error);

#ifdef __cplusplus
}
#endif
#endif
