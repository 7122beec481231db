/* Directions of recession: those in which a likelihood never decreases. */
#ifndef MAXPOST_RECESSION_H
#define MAXPOST_RECESSION_H

#include "model/problem.h"

/* A direction (d values, solver coordinates) in the flat coordinates along which every row's
 * likelihood stays or rises, up to rounding; 0 where none is found.  Such directions do not depend
 * on weights, offsets or the other coordinates, so that they are looked for by a fit of their own:
 * rows that may run off get a logistic loss, the others a quadratic one; Newton's steps run into
 * the direction if there is one, and to a minimum if not.
 * Albert & Anderson (1984), On the existence of maximum likelihood estimates in logistic
 * regression models.  Does nothing (0) for more than 2e7 entries.
 * Errors: MEMORY, NUMERIC.  Cost: up to 60 times n f^2 flops; n k doubles. */
MXP_MUST_CHECK mxp_status recession_find(double *direction, const struct mxp_problem *problem,
                                         mxp_error *error);

#endif
