/* The path of a run: what the run says of it, following it, choosing a point. */
#ifndef MAXPOST_APP_PATH_H
#define MAXPOST_APP_PATH_H

#include "app/run.h"

/* Whether a prior of the model is to be selected by cross-validation. */
bool path_selects(const struct mxp_run *run);
/* Folds of cross-validation: as the run says, else 10 where a prior selects, else none (0). */
size_t path_folds(const struct mxp_run *run);
/* The run's own words agree: a prior that selects has folds.  Errors: CONFIG. */
MXP_MUST_CHECK mxp_status path_check(const struct mxp_run *run, mxp_error *error);
/* What moves on a path of the run's problem: how many coefficients, and the penalty (static).
 * Errors: CONFIG (what paths do not do), MEMORY. */
MXP_MUST_CHECK mxp_status path_try(size_t *moving, const char **penalty, struct mxp_run *run,
                                   mxp_error *error);
/* Follows the path of the run's problem, into run->followed; cross-validated where there are folds.
 * run->interrupted where it was stopped.
 * Errors: those of mxp_path_new, options at their places, CONFIG. */
MXP_MUST_CHECK mxp_status path_follow(struct mxp_run *run, mxp_error *error);
/* Whether a point was chosen. */
bool path_has_choice(const struct mxp_run *run);
/* Gives the problem the priors of the chosen point, and the names and values of its coefficients to
 * start from: problem->k of each; release both with free.  Errors: USAGE, MEMORY. */
MXP_MUST_CHECK mxp_status path_choose(const char ***names, double **values, struct mxp_run *run,
                                      mxp_error *error);

#endif
