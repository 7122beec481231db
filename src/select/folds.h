/* Which rows are held out together. */
#ifndef MAXPOST_FOLDS_H
#define MAXPOST_FOLDS_H

#include "model/problem.h"

/* Folds 0..count-1 of the rows, by seed alone; as even as can be.
 *   fold    n values
 *   groups  column of the table: rows with the same value stay in one fold, the largest groups are
 *           placed first, each where there are fewest rows; NULL: none
 * Without groups the rows of each class of a bernoulli or multinomial response are spread evenly.
 * Errors: USAGE (more folds than rows or groups, no such column), DATA (a missing group), MEMORY.
 * Cost: O(n log n). */
MXP_MUST_CHECK mxp_status folds_assign(unsigned *fold, const struct mxp_problem *problem,
                                       size_t count, const char *groups, unsigned long long seed,
                                       mxp_error *error);

#endif
