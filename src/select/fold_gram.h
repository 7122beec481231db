/* The Grams of cross-validation: that of all rows is made once, and a fold's is it less the part of the
 * rows held out, moved to the fold's own means and sds. */
#ifndef MAXPOST_FOLD_GRAM_H
#define MAXPOST_FOLD_GRAM_H

#include "model/problem.h"

/* G (k x k) without a fold's rows, in the solver coordinates of its view.
 *   all    k x k: of all rows, in the coordinates of the problem
 *   held   the rows held out, count of them
 * Errors: MEMORY.  Cost: 2 count k^2 flops and one pass over the data.  The means of a fold are near
 * those of all rows, so little is lost by subtracting. */
MXP_MUST_CHECK mxp_status fold_gram(double *G, const double *all, const struct mxp_problem *problem,
                                    const struct mxp_problem *view, const size_t *held,
                                    size_t count, mxp_error *error);

#endif
