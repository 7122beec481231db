/* Newton's method on the rows of a wide problem (fit/kernel.h): the weights a of the rows and the
 * flat coefficients are all there is, J = sum of -w log f(eta) + a' K a / 2. */
#ifndef MAXPOST_DUAL_ROWS_H
#define MAXPOST_DUAL_ROWS_H

#include "fit/kernel.h"

struct dual_rows {
    const struct kernel *kernel; /* borrowed */
    double *weight, *flat;       /* n, f: a and theta_F; written by the run */
    double *product;             /* n: K a */
    double *eta, *value, *d1, *d2;
    double *v, *step, *along, *trial, *scratch; /* n each */
    double *GF, *flat_step;                     /* f each */
    double objective;
    double rcond;
    bool dependent;
    size_t iterations; /* steps that moved; 0: the start was no place to be, or nothing moved */
    double *storage;
};

/* Starts at the priors' means, flat coefficients at 0.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status dual_rows_new(struct dual_rows **rows, const struct kernel *kernel,
                                        mxp_error *error);
void dual_rows_free(struct dual_rows *rows);
/* Damped Newton from where flat is to where no step decreases J any more.  Errors: MEMORY, NUMERIC.
 * Cost: n^3 / 3 a step. */
MXP_MUST_CHECK mxp_status dual_rows_run(struct dual_rows *rows, const double *psi,
                                        mxp_error *error);

/* -w log f of all rows at eta into out->value, d1 and d2 (n each), summed into *sum (infinite outside
 * the domain); what has no weight is 0, curvature is >= 0.  One eta column, concave families.
 * Without derivatives out->value alone is needed.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status dual_rows_evaluate(double *sum, const struct mxp_problem *problem,
                                             const double *psi, const double *eta,
                                             const struct family_out *out, bool derivatives,
                                             mxp_error *error);
/* The rows' curvature h and slope g of -w log f at theta, n each.  One pass. */
MXP_MUST_CHECK mxp_status dual_rows_curvature(double *h, double *g,
                                              const struct mxp_problem *problem,
                                              const double *theta, mxp_error *error);
#endif
