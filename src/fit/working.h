/* The proximal method for many coefficients: a sweep (fit/sweep.h) down to the priors as they are. */
#ifndef MAXPOST_WORKING_H
#define MAXPOST_WORKING_H

#include "fit/optimizer.h"

/* Whether the problem is one of a sweep, and large enough to be worth it: one eta column, a likelihood
 * with a dual, priors of one coefficient each that are not heavy-tailed, nothing else estimated. */
bool working_fits(const struct mxp_problem *problem);
/* Moves state->now to the mode.  Errors: NO_MODE, NUMERIC, MEMORY. */
MXP_MUST_CHECK mxp_status working_step(struct state *state, bool *moved, mxp_error *error);

#endif
