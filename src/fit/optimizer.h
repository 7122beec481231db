/* The optimizer table and the one driver loop.  A method is one file and one line in
 * optimizer.c: it proposes a step; the driver alone owns evaluation, stopping and limits. */
#ifndef MAXPOST_OPTIMIZER_H
#define MAXPOST_OPTIMIZER_H

#include "base/str.h"
#include "fit/kernel.h"
#include "fit/point.h"
#include "maxpost/fit.h"

struct optimizer;
struct sketch;

/* A fit under way. */
struct state {
    struct mxp_problem *problem;
    const struct optimizer *method;
    double tolerance;
    size_t max_iterations;
    int threads;
    const volatile int *stop; /* not 0: every run ends where it is; NULL: never */
    struct point *now, *trial;

    /* The likelihood's Hessian in the coefficients, k x k.  Quadratic families: at noise 1, for
     * the whole fit.  Otherwise at `now` where gram_current. */
    double *gram;
    bool gram_wanted; /* evaluate with the Gram; quadratic families: the next time only */
    bool gram_current;
    double *triangle; /* k x k, R'R = gram, where the Gram's condition was too bad; else NULL */
    struct kernel *kernel; /* of the dual method; NULL: not made */
    double start_noise;    /* from where the noise of a gaussian model is sought; NAN: from `now` */
    double far_noise;      /* also sought from here in the same step; NAN: no */
    double other_noise;    /* what was found from there when it is another fixed point; NAN: none */
    double *direction;     /* d: the last step taken */
    struct sketch *sketch; /* owned: steps by a sampled curvature come first; NULL: none, or over */
    bool sampled;          /* a sample of the rows had a mode, and therefore all have */

    size_t starts, iterations, passes;
    double rcond; /* of the scaled Hessian last factored */
    mxp_convergence status;
    double kkt_floor;
    const char *method_reason;
    bool not_unique; /* other points have the same objective */
    bool refined;    /* the solution was refined in doubled precision */
};

struct optimizer {
    const char *name, *help;
    /* Whether the method can do this problem: NULL, or why not ("needs smooth priors"). */
    const char *(*refuses)(const struct mxp_problem *problem);
    bool whole_gram; /* uses the Gram of all coefficients of a quadratic family */
    bool no_gram;    /* never uses one: none is made */
    bool joint;      /* moves the auxiliary parameters with the coefficients */
    /* Moves state->now to a better point, fully evaluated.  *moved false: no decrease was possible
     * in floating point.  Errors: NO_MODE, NUMERIC, MEMORY. */
    mxp_status (*step)(struct state *state, bool *moved, mxp_error *error);
};

extern const struct optimizer optimizer_cholesky, optimizer_qr, optimizer_dual,
    optimizer_coordinate, optimizer_working_set, optimizer_newton, optimizer_newton_cg,
    optimizer_proximal, optimizer_lad;
extern const struct optimizer *const optimizer_table[]; /* NULL-terminated */
const struct optimizer *optimizer_find(const char *name);
/* The decision table of `auto`, with its reason in words. */
const struct optimizer *optimizer_choose(const struct mxp_problem *problem, const char **reason);

/* theta0: d start values.  sketch: taken over, NULL: none.
 * Errors: MEMORY, NUMERIC (the objective is infinite at the start). */
MXP_MUST_CHECK mxp_status state_new(struct state **state, struct mxp_problem *problem,
                                    const struct optimizer *method, const double *theta0,
                                    struct sketch *sketch, const mxp_fit_options *options,
                                    mxp_error *error);
void state_free(struct state *state);
static inline bool state_stopped(const struct state *state)
{
    return state->stop && *state->stop;
}
/* The trial becomes now, and now the trial. */
void state_take_trial(struct state *state);
/* The same where the trial, evaluated, has the smaller objective or residual; whether it had. */
bool state_take_better(struct state *state);
/* Evaluates the point; counts the pass.  With the Gram where the method wants it. */
MXP_MUST_CHECK mxp_status state_evaluate(struct state *state, struct point *point,
                                         mxp_error *error);
/* Makes sure state->gram holds the likelihood's Hessian at now (quadratic: at noise 1). */
MXP_MUST_CHECK mxp_status state_gram(struct state *state, mxp_error *error);
/* Steps until the certificate holds, a limit is reached or nothing moves. */
MXP_MUST_CHECK mxp_status optimizer_run(struct state *state, mxp_error *error);

#endif
