/* Where a fit starts. */
#ifndef MAXPOST_START_H
#define MAXPOST_START_H

#include "maxpost/fit.h"
#include "model/problem.h"

/* The parameter by its name ("intercept" too), or d. */
size_t start_find(const struct mxp_problem *problem, const char *name);
/* USAGE, with the nearest name. */
mxp_status start_unknown(const struct mxp_problem *problem, const char *name, mxp_error *error);
/* One of two plain starts of the coefficients: at 0, or the kinked ones on their kinks; intercepts
 * where they would be alone.  Cost: O(k), and n for the moments of an offset. */
void start_plain(double *theta, const struct mxp_problem *problem, bool kinks);
/* The coefficients (k) of a weighted least squares fit of link(share y + (1 - share) mean) on m
 * rows (NULL: the first m), for families with one eta column and a mean; left alone where the
 * columns are dependent on those rows.  Cost: m k^2 flops.  Errors: MEMORY, NUMERIC. */
MXP_MUST_CHECK mxp_status start_least_squares(double *theta, const struct mxp_problem *problem,
                                              const size_t *rows, size_t m, double share,
                                              mxp_error *error);
/* theta (d): auxiliary parameters at the family's start, the intercept at the mean's, the
 * coefficients at 0 or on their kinks, somewhere with a density; then the caller's values.
 * Errors: USAGE (a name or value of the caller's), MEMORY, NUMERIC.  Cost: two passes. */
MXP_MUST_CHECK mxp_status start_set(double *theta, const struct mxp_problem *problem,
                                    const mxp_fit_options *options, mxp_error *error);

#endif
