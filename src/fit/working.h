/* Many coefficients, priors with a kink: a sweep (fit/sweep.h) down to the priors as they are. */
#ifndef MAXPOST_WORKING_H
#define MAXPOST_WORKING_H

#include "fit/optimizer.h"

/* Whether the problem is one of a sweep, and large enough to be worth it: one eta column, a likelihood
 * with a dual, priors of one coefficient each that are not heavy-tailed, nothing else estimated but the
 * noise of a gaussian family. */
bool working_fits(const struct mxp_problem *problem);
/* Moves state->now to the mode, with the noise where it is estimated: the fixed point sigma -> its mode
 * given the residuals of the fit at sigma, from state->start_noise (NAN: from now), with
 * state->other_noise from state->far_noise where that ends elsewhere.
 * Errors: NO_MODE (the noise runs to 0), NUMERIC, MEMORY.  Cost: a sweep, and for each further noise a
 * pass over all columns and what its working set takes; nothing k x k. */
MXP_MUST_CHECK mxp_status working_step(struct state *state, bool *moved, mxp_error *error);

#endif
