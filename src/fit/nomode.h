/* Posteriors without a mode: the reasons, found and named. */
#ifndef MAXPOST_NOMODE_H
#define MAXPOST_NOMODE_H

#include "fit/optimizer.h"

/* NO_MODE: "no mode: BEFORE, the names of the direction's largest coordinates, AFTER". */
mxp_status nomode_refuse(const struct mxp_problem *problem, const double *direction,
                         const char *before, const char *after, mxp_error *error);

/* NO_MODE when the columns of the flat coordinates are linearly dependent (rank by QR of the
 * columns, no Gram), naming them; OK otherwise.  One pass and 2 n k^2 flops. */
MXP_MUST_CHECK mxp_status nomode_dependent(struct state *state, mxp_error *error);

/* NO_MODE when J is the same along a segment that the mode is on: columns dependent among the
 * coefficients that only bounds hold, and that no bound stops.  As nomode_dependent; for fits that
 * have converged. */
MXP_MUST_CHECK mxp_status nomode_segment(struct state *state, mxp_error *error);

/* NO_MODE when, along `direction` restricted to the flat coordinates, the likelihood never
 * decreases: logit (2y - 1) x'd >= 0 for all rows and > 0 for one (separation); log link x'd = 0
 * where y > 0 and <= 0 elsewhere.  OK when that is not verified.  One pass. */
MXP_MUST_CHECK mxp_status nomode_separated(struct state *state, const double *direction,
                                           mxp_error *error);

/* The same, for a direction that is looked for; for fits that ended as those do that run off (slowly,
 * or where every row is fitted perfectly). */
MXP_MUST_CHECK mxp_status nomode_recession(struct state *state, mxp_error *error);

/* NO_MODE when the gaussian noise sd is estimated, a perfect fit is possible and nothing keeps the
 * noise from 0.  Costs one small solve; a QR of the data only where the fit is nearly perfect. */
MXP_MUST_CHECK mxp_status nomode_noise(struct state *state, mxp_error *error);

/* Whether the posterior is level along the flattest direction (d values) of the flat coefficients:
 * from three sds to twelve, one way or the other, it is what it is now.  For families that are not
 * log-concave (a gaussian one with a log or inverse link): their likelihoods level off.  Errors:
 * MEMORY, NUMERIC.  Cost: a Gram of the flat columns and up to six evaluations. */
MXP_MUST_CHECK mxp_status nomode_plateau(bool *plateau, double *direction, struct state *state,
                                         mxp_error *error);
/* NO_MODE where the state has ended on such a plateau. */
MXP_MUST_CHECK mxp_status nomode_refuse_plateau(struct state *state, mxp_error *error);

/* NO_MODE when an estimated auxiliary parameter is running to the end of its scale: a size, df,
 * shape or precision with a flat prior to infinity (the limiting model is named), a noise scale to
 * 0.  For methods that move it with the coefficients.  Cost: r comparisons. */
MXP_MUST_CHECK mxp_status nomode_auxiliary(const struct state *state, mxp_error *error);

#endif
