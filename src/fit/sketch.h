/* Many rows: a fit whose curvature comes from a sample of the rows.
 *
 * Newton's method on a small sample gives the start, the Hessian of a larger one the metric M.  Then
 * each pass over all rows gives one gradient, and the step is the one of least residual, in the norm
 * of M^-1, over all steps before it (the conjugate residual method for the preconditioned system, by
 * secant pairs, so that it needs no products with the Hessian).  With k coefficients and m rows in
 * the sample the residual shrinks by about sqrt(k / m) a pass, whatever the condition of the data.
 * The gradient and the certificate are exact; only the way to them is not.
 * Saad (2003), Iterative methods for sparse linear systems, section 6.9 (GCR); Roosta-Khorasani &
 * Mahoney (2019), Sub-sampled Newton methods. */
#ifndef MAXPOST_SKETCH_H
#define MAXPOST_SKETCH_H

#include "fit/optimizer.h"

struct sketch;

/* A start and a metric for the method, where the problem is one for it (log-concave, one eta column,
 * smooth priors of single coefficients, nothing else free, enough rows, no start of the caller's)
 * and a sample of its rows has a mode that Newton's method finds; else *sketch stays NULL and theta
 * (d) is not to be used.  Errors: MEMORY.  Cost: that of less than one exact Newton step. */
MXP_MUST_CHECK mxp_status sketch_new(struct sketch **sketch, double *theta,
                                     const struct mxp_problem *problem,
                                     const struct optimizer *method, const mxp_fit_options *options,
                                     mxp_error *error);
void sketch_free(struct sketch *sketch);
/* Steps from state->now until the certificate holds, with what is hidden by the condition, or the
 * residual shrinks too slowly to be worth it; moved: whether now is better than it was.
 * Errors: MEMORY, NUMERIC.  Cost: one pass a step. */
MXP_MUST_CHECK mxp_status sketch_run(struct sketch *sketch, struct state *state, bool *moved,
                                     mxp_error *error);

#endif
