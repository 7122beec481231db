/* Least squares to full double precision where the condition is bad. */
#ifndef MAXPOST_REFINE_H
#define MAXPOST_REFINE_H

#include "fit/optimizer.h"

/* Improves the coefficients of a point (the noise is held) for a smooth gaussian problem: the normal
 * equations are formed and solved in doubled precision (106 bits), so that conditions of the columns
 * up to about 1e15 leave all digits right.  Columns and the response are taken as the doubles they
 * are.  What the coefficients lose by being doubles goes into the point's rest: the intercept on the
 * scale of the data is a difference that needs it.  Where all priors are flat, state->triangle (if
 * there is one) becomes the factor found here, rounded: the sds are as good as it is.
 * Does nothing where that would cost more than 2e9 operations, 2e7 without a triangle: then the
 * condition is not so bad that it must be.
 * Dekker (1971); Higham (2002), Accuracy and Stability of Numerical Algorithms, chapter 20.
 * Errors: MEMORY.  Cost: about 25 n k^2 + 10 k^3 flops, one pass. */
MXP_MUST_CHECK mxp_status refine_least_squares(struct state *state, struct point *point,
                                               mxp_error *error);

#endif
