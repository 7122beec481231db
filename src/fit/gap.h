/* The duality gap of a convex problem with kinks. */
#ifndef MAXPOST_GAP_H
#define MAXPOST_GAP_H

#include "fit/point.h"

/* J(theta) minus the Fenchel dual at a feasible point made from the gradient: projected on the
 * flat coordinates' constraint z_j'nu = 0 (in the metric of the curvature), then scaled so that
 * |z_j'nu| <= l1_j.  An upper bound of J(theta) - min J, down to rounding; NAN where the problem
 * is not convex (a free noise sd) or has a flat coordinate that dominates.
 * Rockafellar (1970), section 31.  Errors: MEMORY.  Cost: three passes; *passes is added to. */
MXP_MUST_CHECK mxp_status gap_compute(double *gap, size_t *passes, const struct point *point,
                                      const struct mxp_problem *problem, mxp_error *error);

#endif
