/* The rows of the prior table, for prior.c, and what several rows share. */
#ifndef MAXPOST_PRIOR_ROWS_H
#define MAXPOST_PRIOR_ROWS_H

#include "model/prior.h"

extern const struct prior_row prior_flat, prior_gaussian, prior_laplace, prior_elastic_net;
extern const struct prior_row prior_student_t, prior_cauchy, prior_uniform;
extern const struct prior_row prior_half_normal, prior_half_cauchy, prior_half_student_t;
extern const struct prior_row prior_exponential, prior_gamma, prior_inverse_gamma, prior_lognormal;

/* The location of priors whose first argument is their mean, and of those at 0. */
double prior_at_first(const double *a);
double prior_at_zero(const double *a);
/* v moved towards m by at most `by`; exactly m when it is that near.  Soft thresholding. */
double prior_shrink(double v, double m, double by);

/* A row that is symmetric around its argument `location`, with off = |t - location| >= 0. */
struct prior_symmetric {
    double (*log_tail)(const double *a, double off);   /* log P(T - location > off) */
    double (*log_centre)(const double *a, double off); /* log P(0 <= T - location <= off), or NULL:
                                                          from log_tail */
    int location;
};
/* prior_row.log_mass for such a row.  Where the density hardly changes over the interval it is
 * integrated by quadrature, elsewhere distribution functions are subtracted on the smaller side. */
double prior_symmetric_log_mass(const struct prior_row *row, const struct prior_symmetric *shape,
                                const double *a, double low, double high);

/* Student's t with off = t - location: log density, derivatives d[0..2], a standard draw. */
double prior_t_log_density(double df, double scale, double off);
void prior_t_derivatives(double df, double scale, double off, double *d);
double prior_t_draw(struct rng *rng, double df);

/* One bound as it is written; infinities mean no bound.  Errors: CONFIG. */
MXP_MUST_CHECK mxp_status prior_read_bound(double *bound, const struct prior_row *row, size_t which,
                                           const struct argument *argument, mxp_error *error);

#endif
