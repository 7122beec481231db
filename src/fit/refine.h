/* Least squares to full double precision where the condition is bad. */
#ifndef MAXPOST_REFINE_H
#define MAXPOST_REFINE_H

#include "fit/optimizer.h"

/* Improves theta (d values; the noise is held) for a smooth gaussian problem: the normal equations
 * are formed and solved in doubled precision (106 bits), so that conditions of the columns up to
 * about 1e15 leave all digits right.  Columns and the response are taken as the doubles they are.
 * Does nothing where that would cost more than 2e9 operations.
 * Dekker (1971); Higham (2002), Accuracy and Stability of Numerical Algorithms, chapter 20.
 * Errors: MEMORY.  Cost: about 25 n k^2 + 10 k^3 flops, one pass. */
MXP_MUST_CHECK mxp_status refine_least_squares(struct state *state, double *theta,
                                               mxp_error *error);

#endif
