/* The rows of the prior table, for prior.c, and what several rows share. */
#ifndef MAXPOST_PRIOR_ROWS_H
#define MAXPOST_PRIOR_ROWS_H

#include "model/prior.h"

extern const struct prior_row prior_flat, prior_gaussian, prior_laplace, prior_elastic_net;
extern const struct prior_row prior_half_normal, prior_half_cauchy, prior_half_student_t;
extern const struct prior_row prior_exponential, prior_gamma, prior_inverse_gamma, prior_lognormal;

/* The location of priors whose first argument is their mean, and of those at 0. */
double prior_at_first(const double *a);
double prior_at_zero(const double *a);
/* v moved towards m by at most `by`; exactly m when it is that near.  Soft thresholding. */
double prior_shrink(double v, double m, double by);

#endif
