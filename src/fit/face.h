/* Newton steps on the face where a point is: coordinates on their kink or bound are held, or hard
 * constraints are kept. */
#ifndef MAXPOST_FACE_H
#define MAXPOST_FACE_H

#include "fit/quadratic.h"
#include "model/problem.h"

/* The step of the subproblem's coordinates off kinks and bounds, groups off their kink with their
 * curvature at theta.  Where J is not jointly convex this is the matrix that is definite near a mode;
 * that of all coordinates, without the kinks, need not be.
 *   columns  q->c: the slots of theta
 *   usable   false, and answer of no use, where a held coordinate wants to leave its kink or bound,
 *            the matrix has no Cholesky factor, or the step goes past a kink, a bound or the middle
 *            of a group
 * Errors: MEMORY.  Cost: c^3/3. */
MXP_MUST_CHECK mxp_status face_step(struct quadratic_answer *answer, bool *usable,
                                    const struct quadratic *q, const size_t *columns,
                                    const struct mxp_problem *problem, const double *theta,
                                    mxp_error *error);

/* The step along the subspace of the hard constraints: N (N'H N)^-1 N'g down.  q->c is the length of
 * theta; rcond 0: singular, target is then t.  Errors: MEMORY.  Cost: c^3. */
MXP_MUST_CHECK mxp_status face_equality(struct quadratic_answer *answer, const struct quadratic *q,
                                        const struct equality *equality, mxp_error *error);

#endif
