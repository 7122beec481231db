/* A sample of the rows in place of all: its sums times the ratio of the weights. */
#ifndef MAXPOST_SKETCH_SAMPLE_H
#define MAXPOST_SKETCH_SAMPLE_H

#include "model/problem.h"

/* One run of rows in `every` (rows.h), and J there. */
struct sample {
    const struct mxp_problem *problem;
    size_t every;
    int threads;
    bool single;                                        /* H in single precision */
    double *theta, *trial, *gradient, *diagonal, *step; /* k */
    double *H;                                          /* k x k: J's Hessian at theta */
    double objective, kkt;
    double *storage;
};

MXP_MUST_CHECK mxp_status sample_new(struct sample *sample, const struct mxp_problem *problem,
                                     size_t every, int threads, mxp_error *error);
void sample_free(struct sample *sample);
/* J, its gradient and Hessian at sample->theta.  Errors: MEMORY.  Cost: m k^2 flops. */
MXP_MUST_CHECK mxp_status sample_evaluate(struct sample *sample, mxp_error *error);
/* The Newton step from an evaluated theta, halved until J does not rise, evaluated with `check`;
 * *done false: there is none.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status sample_step(struct sample *sample, bool check, bool *done,
                                      mxp_error *error);
/* Newton's method from sample->theta; *found: whether it converged as it does near a mode, which a
 * separated sample has not.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status sample_fit(struct sample *sample, bool *found, mxp_error *error);

#endif
