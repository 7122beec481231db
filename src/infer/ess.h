/* Chains of draws: effective sample sizes, split R-hat, Monte Carlo errors, quantiles.
 * Vehtari, Gelman, Simpson, Carpenter and Buerkner (2021), "Rank-normalization, folding, and
 * localization: an improved R-hat for assessing convergence of MCMC", Bayesian Analysis 16. */
#ifndef MAXPOST_ESS_H
#define MAXPOST_ESS_H

#include "base/err.h"

/* NAN where the chains are shorter than 12 draws, or where every draw is the same. */
struct ess_summary {
    double bulk, tail;
    double r_hat; /* the larger of the rank-normalised split R-hat and of its folded form */
};

/* Space for one column of draws at a time, of fixed shape. */
struct ess_work;

/* Errors: MEMORY.  Cost: chains * length normal quantiles. */
MXP_MUST_CHECK mxp_status ess_new(struct ess_work **work, size_t chains, size_t length,
                                  mxp_error *error);
void ess_free(struct ess_work *work);

/* All of it for chains x length draws, one chain after the other.  Cost: one sort, and
 * draws times the lag at which the autocorrelation dies out. */
struct ess_summary ess_measure(struct ess_work *work, const double *draws);

/* Effective sample size for the mean; NAN as above. */
double ess_mean(struct ess_work *work, const double *draws);
/* Monte Carlo standard error of the mean, sd / sqrt(ess_mean); 0 where every draw is the same. */
double ess_mean_error(struct ess_work *work, const double *draws);

/* The draws of the last ess_measure in ascending order; borrowed. */
const double *ess_sorted(const struct ess_work *work);
/* Sample quantile of type 7 (Hyndman and Fan 1996) of count > 0 ascending values, p in [0, 1]. */
double ess_quantile(const double *sorted, size_t count, double p);

#endif
