/* The subproblem of fit/descent.h without its Gram, for sparse columns of which many are members: the
 * rows hold the sum that a Gram's columns would be added to, so that an update costs as much as its
 * column has values, and no matrix of members x members is made.  Coordinate descent finds who is
 * off its kink (Yuan, Ho & Lin, 2012, whose method this follows), conjugate gradients on those bring
 * them home.  It steers a Newton step: single precision by rows, and rounding that grows with
 * the updates, stay in what the caller measures afterwards. */
#ifndef MAXPOST_SPARSE_DESCENT_H
#define MAXPOST_SPARSE_DESCENT_H

#include "fit/descent.h"
#include "model/problem.h"

struct sparse_descent;

/* problem: with sparse columns; outlives it.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status sparse_descent_new(struct sparse_descent **columns,
                                             const struct mxp_problem *problem, mxp_error *error);
void sparse_descent_free(struct sparse_descent *columns);
/* The members from here on, and the rows' curvatures h (n, which outlive the descent).
 *   H  count: sum_i h_i z_ij^2
 * Errors: MEMORY.  Cost: a pass over the members' columns. */
MXP_MUST_CHECK mxp_status sparse_descent_load(double *H, struct sparse_descent *columns,
                                              const size_t *set, size_t count, const double *h,
                                              mxp_error *error);
/* As descent_run, with d->G NULL and d->H what sparse_descent_load gave; d->q holds g at first, and nothing
 * of use afterwards.  Ends before the tolerance where rounds run out: the caller looks.
 * Errors: MEMORY, NUMERIC.  Cost: twice the members' values a sweep. */
MXP_MUST_CHECK mxp_status sparse_descent_run(struct descent *d, struct sparse_descent *columns,
                                             double tolerance, int threads, mxp_error *error);

#endif
