/* The posterior at a kink: the smooth part expanded to second order, the kinked priors exact.
 *
 * Target over t (k coefficients) and, if free, u = log sigma:
 *   log q = -W u [free only] - (rss + 2 g'd + d'G d) / (2 sigma^2) - sum_j smooth_j(t_j)
 *           - sum_j l1_j |t_j - m_j| + log prior of sigma,       d = t - t0
 * with smooth_j(t) = lambda_j (t - m_j)^2 / 2.  For a gaussian likelihood this IS the posterior;
 * for other families sigma = 1, G is the Hessian and g the gradient of -log likelihood at t0. */
#ifndef MAXPOST_KINK_H
#define MAXPOST_KINK_H

#include "base/err.h"
#include "model/prior.h"

#include <stdbool.h>

struct kink_target {
    size_t k;
    const double *G;      /* k x k, column-major, both triangles, positive semidefinite */
    const double *g;      /* k: gradient at t0 of (rss/2), i.e. of -log likelihood times sigma^2 */
    const double *t0;     /* k: where expanded (the mode); the chains start there */
    double rss;           /* residual sum of squares at t0; used when sigma is free */
    const double *lambda; /* k: precision of the gaussian part of the prior, >= 0 */
    const double *l1;     /* k: kink weight, >= 0 */
    const double *m;      /* k: location of both */
    double sigma;         /* value at the mode; the fixed value when not free */
    bool sigma_free;
    double weight_sum;    /* W */
    bool scaled;          /* lambda_j and l1_j are in units of the noise: lambda/sigma^2, l1/sigma,
                           * each such coordinate (lambda or l1 > 0) adding -u to log q */
    const bool *unscaled; /* k: coordinates that are not, beside scaled ones; NULL: none */
    const struct prior *sigma_prior; /* a density on sigma, which carries its Jacobian sigma into
                                      * log q; NULL: flat on log sigma */
};

struct kink_options {
    size_t samples; /* draws kept, over all chains; rounded up to a multiple of their number, 4 */
    unsigned long long seed;
};

/* Per coordinate j < k, and index k for sigma (natural scale) when free. */
struct kink_summary {
    double mean, sd, lower, upper, probability_positive;
    double mean_error; /* Monte Carlo standard error of mean; 0 where the mean is exact */
    double ess_bulk, ess_tail, r_hat;
};

struct kink_posterior {
    size_t k, columns; /* columns = k + (sigma free) */
    size_t samples;    /* as rounded: samples / 4 of each chain, one chain after the other */
    double *draws;     /* samples x columns, column-major; sigma on the natural scale */
    struct kink_summary *summary; /* columns */
    double ess_min, r_hat_max;    /* over columns, bulk and tail; NAN below 48 samples */
};

/* Gibbs sampling with exact conditionals: coordinates at kinks from their two-piece normals, smooth
 * ones jointly, sigma^2 from its inverse gamma or by a slice step in log sigma, all coordinates
 * jointly from time to time given inverse-Gaussian scales.  4 chains from the mode with streams of
 * their own; the same bits for the same seed, whatever the threads.  A first run that mixes badly
 * becomes the burn-in of a second one with up to 10 sweeps a draw.
 *
 * level: of the interval lower..upper.  Means and sds are Rao-Blackwellised (sigma's under a stated
 * prior, or beside scaled kinks, are plain averages).
 * Errors: MEMORY; NUMERIC (improper: a coordinate without curvature, prior or kink; flat
 * coordinates that are dependent; noise without residuals).
 * Cost: samples times sweeps of k^2, with about 5e7 operations for the second run at most. */
MXP_MUST_CHECK mxp_status kink_sample(struct kink_posterior **posterior,
                                      const struct kink_target *target,
                                      const struct kink_options *options, double level,
                                      mxp_error *error);
void kink_free(struct kink_posterior *posterior);

/* One coordinate exactly: density proportional to exp(-(t-u)^2/(2 s^2) - |t-m|/b).
 * log of the normaliser, mean and sd; all on the log scale, safe in both tails. */
void kink_one(double *log_z, double *mean, double *sd, double u, double s, double m, double b);

#endif
