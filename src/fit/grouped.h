/* The subproblem of proximal Newton's method where some priors are group_laplace:
 *
 *     the quadratic of fit/quadratic.h  +  sum over groups of norm(t_G + delta_G - m_G) / b */
#ifndef MAXPOST_GROUPED_H
#define MAXPOST_GROUPED_H

#include "fit/quadratic.h"
#include "model/problem.h"

/* The groups among the coordinates of a working set, which holds all coordinates of each or none.
 *   columns  c: which parameter each coordinate of q is, ascending
 * Block coordinate descent with each group's exact proximal step (Yuan & Lin 2006; the step is
 * joint_block_solve) finds which groups are at their means, exactly; Newton's method on the
 * others, where the objective is smooth, ends it.
 * Errors: MEMORY, NUMERIC (no minimum).  Cost: c^2 a sweep, c^3/3 a Newton step. */
MXP_MUST_CHECK mxp_status grouped_solve(struct quadratic_answer *answer, const struct quadratic *q,
                                        const size_t *columns, const struct mxp_problem *problem,
                                        mxp_error *error);

#endif
