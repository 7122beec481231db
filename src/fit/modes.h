/* The modes of a posterior that may have several: where they are sought, and their list. */
#ifndef MAXPOST_MODES_H
#define MAXPOST_MODES_H

#include "fit/optimizer.h"

enum { MODES_MAX = 16, STARTS_AUTO = 16, STARTS_LARGE = 4 };

struct mode {
    double objective, noise_sd; /* noise_sd, or scale: NAN where the family has none */
    double *estimate;           /* d, owned: coefficients on the scale of the data, log auxiliary */
};

struct modes {
    struct mode mode[MODES_MAX]; /* best first */
    size_t count;
};

void modes_free(struct modes *modes);
/* Puts the coordinates that are outside their bounds on them, and theta on the subspace of the hard
 * constraints.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status modes_make_feasible(double *theta, const struct mxp_problem *problem,
                                              mxp_error *error);
/* Lists where the state has ended, unless it is listed or a plateau.  Errors: as nomode_plateau. */
MXP_MUST_CHECK mxp_status modes_note(struct modes *modes, struct state *state, mxp_error *error);
/* Noise estimated by a method that finds its fixed point: runs from small and from large noise.  The fixed
 * point is monotone, so it finds the smallest mode from below and the largest from above.  The
 * state ends at the best. */
MXP_MUST_CHECK mxp_status modes_of_noise(struct modes *modes, struct state *state,
                                         mxp_error *error);
/* After a first run: more of them, options->starts in all (0: one where the posterior is
 * log-concave, else STARTS_AUTO, STARTS_LARGE from 1e6 entries of data), from points spread around
 * the first mode and what the likelihood alone wants, with the coefficients of heavy-tailed priors
 * at their locations or not, at fits to a few rows where the likelihood has heavy tails, and with
 * the auxiliary parameters spread over their scales.  The state ends at the best.
 * Errors: as optimizer_run. */
MXP_MUST_CHECK mxp_status modes_from_starts(struct modes *modes, struct state *state,
                                            const mxp_fit_options *options, mxp_error *error);

#endif
