/* One chain of the sampler at a kink, and the exact moves that it alternates. */
#ifndef MAXPOST_KINK_GIBBS_H
#define MAXPOST_KINK_GIBBS_H

#include "base/err.h"
#include "infer/kink.h"
#include "num/rng.h"

#include <stdbool.h>

/* What all chains share. */
struct kink_plan {
    const struct kink_target *target;
    size_t *smooth, smooth_count; /* coordinates drawn jointly */
    size_t *single, single_count; /* coordinates drawn one by one */
    size_t kinked_count;
    bool smooth_constant; /* the precision of the smooth block is 1/sigma^2 times a constant */
    size_t mixture_every; /* sweeps from one scale-mixture move to the next; 0: none */
    bool conjugate;       /* sigma^2 is inverse gamma given t */
    double sigma_shape;   /* of that inverse gamma */
    double sigma_ratio;   /* E sigma = sqrt(scale) * sigma_ratio */
    double sigma_width;   /* step of the slice move in log sigma */
};

/* d = t - t0, r = g + G d. */
struct kink_chain {
    const struct kink_plan *plan;
    struct rng rng;
    double sigma;
    double *d, *r;
    /* Of the last sweep: exact conditional means and second moments of d, and of sigma about
     * target->sigma, k + 1 of each. */
    double *mean, *second;
    double *factor, factor_sigma; /* Cholesky factor of the smooth block; at which sigma */
    double *inverse;              /* diagonal of its inverse */
    double *work;                 /* 3 k */
    double *scale;                /* k: 1 / tau of the mixture */
    double *matrix;               /* k x k; NULL without mixture moves */
    size_t sweeps;
};

/* Whether the prior of coordinate j is in units of the noise. */
bool kink_scaled(const struct kink_target *target, size_t j);
/* Effective precision of the gaussian part and weight of the kink at this sigma. */
double kink_lambda(const struct kink_target *target, size_t j, double sigma);
double kink_weight(const struct kink_target *target, size_t j, double sigma);

/* Every coordinate once, then sigma, then from time to time the mixture move.
 * Errors: NUMERIC. */
MXP_MUST_CHECK mxp_status kink_sweep(struct kink_chain *chain, mxp_error *error);

/* All smooth coordinates jointly from their normal.  Cost: their number squared; cubed where the
 * block must be factored anew.  Errors: NUMERIC: not positive definite. */
MXP_MUST_CHECK mxp_status kink_move_smooth(struct kink_chain *chain, mxp_error *error);
/* All coordinates jointly given inverse-Gaussian scales.  Park and Casella (2008), "The Bayesian
 * lasso".  Leaves t where the precision is not positive definite to working accuracy, which
 * depends on the scales alone, so that the target stays invariant.  Cost: k^3/3. */
void kink_move_mixture(struct kink_chain *chain);
/* sigma given t.  Errors: NUMERIC: no residual. */
MXP_MUST_CHECK mxp_status kink_move_sigma(struct kink_chain *chain, mxp_error *error);

/* Fills the plan's sigma part.  Errors: NUMERIC: improper. */
MXP_MUST_CHECK mxp_status kink_plan_sigma(struct kink_plan *plan, mxp_error *error);

#endif
