/* A matrix whose rows have names, in the order of a group's coefficients. */
#ifndef MAXPOST_GROUP_MATRIX_H
#define MAXPOST_GROUP_MATRIX_H

#include "model/problem.h"

/* The group's matrix (which has names) for the coefficients set[0], ..., set[group->order - 1]: each
 * takes the row of its own name or of its column's.
 *   ordered  order x order, new; release with free
 * Errors: DATA at the file (a coefficient without a row, a row without a coefficient), MEMORY. */
MXP_MUST_CHECK mxp_status group_matrix_order(double **ordered, const struct mxp_problem *problem,
                                             const struct model_group *group, const size_t *set,
                                             mxp_error *error);

#endif
