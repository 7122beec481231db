/* Any family and prior that the optimizers do: the problem refitted at each penalty, warm. */
#include "base/mem.h"
#include "fit/gap.h"
#include "fit/optimizer.h"
#include "fit/start.h"
#include "model/deviance.h"
#include "model/problem_view.h"
#include "select/engine.h"

#include <math.h>
#include <string.h>

struct generic {
    const struct setup *setup;
    struct mxp_problem *view; /* its priors are rescaled at each point */
    struct state *state;
    double noise;     /* at which the view is solved */
    double *gradient; /* k: of L in the empty model */
    double unit;      /* L of the empty model over that of the saturated one */
};

static bool fits(const struct mxp_problem *problem, const struct setup *setup)
{
    (void)problem;
    (void)setup;
    return true;
}

static void finish(void *self)
{
    struct generic *g = self;

    if (!g)
        return;
    state_free(g->state);
    problem_view_free(g->view);
    free(g->gradient);
    free(g);
}

static bool moves(const struct setup *setup, size_t j)
{
    return setup->l1[j] > 0.0 || setup->l2[j] > 0.0;
}

/* L where the state is: half the residual sum of squares, or -log likelihood. */
static double loss_of(const struct generic *g)
{
    return g->view->quadratic ? 0.5 * point_rss(g->state->now, g->view)
                              : -g->state->now->log_likelihood;
}

/* A run from where the state is, and from plain starts where that is lost. */
static mxp_status run(struct state *state, mxp_error *error)
{
    mxp_status status;

    TRY(status = state_evaluate(state, state->now, error));
    status = optimizer_run(state, error);
    for (int kinks = 0; kinks < 2; kinks++) {
        const bool lost = status == MXP_NUMERIC || (status == MXP_OK && state->now->kkt > 1e-3);
        if (!lost)
            break;
        start_plain(state->now->theta, state->problem, kinks);
        TRY(status = state_evaluate(state, state->now, error));
        status = optimizer_run(state, error);
    }
out:
    return status;
}

static mxp_status new_state(struct state **state, struct mxp_problem *view, const double *theta,
                            const struct engine_options *options, mxp_error *error)
{
    mxp_fit_options fit;
    const char *reason;

    mxp_fit_options_init(&fit);
    fit.tolerance = options->tolerance;
    fit.max_iterations = options->max_iterations;
    fit.threads = options->threads;
    return state_new(state, view, optimizer_choose(view, &reason), theta, NULL, &fit, error);
}

/* The empty model: moving coefficients are held at their centres by kinks that nothing overcomes. */
static mxp_status solve_null(struct generic *g, double *theta, const struct engine_options *options,
                             mxp_error *error)
{
    static const double hold = 1e30;
    struct mxp_problem *view = g->view;
    const double phi = g->noise * g->noise;
    mxp_status status;

    for (size_t j = 0; j < g->setup->k; j++)
        if (moves(g->setup, j))
            problem_penalise(&view->parameter[j].prior, hold, 0.0, 1.0);
    problem_note_priors(view);
    start_plain(theta, view, true);
    for (size_t j = 0; j < g->setup->k; j++)
        if (moves(g->setup, j))
            theta[j] = g->setup->centre[j];
    TRY(status = new_state(&g->state, view, theta, options, error));
    TRY(status = run(g->state, error));
    if (g->state->status != MXP_CONVERGED && g->state->now->kkt > 1e-6) {
        status = FAIL(error, MXP_NO_MODE, "no mode: the coefficients without a penalty run off");
        goto out;
    }
    memcpy(theta, g->state->now->theta, g->setup->k * sizeof *theta);
    for (size_t j = 0; j < g->setup->k; j++)
        g->gradient[j] = g->state->now->likelihood[j] * (view->quadratic ? phi : 1.0);
    const double psi[FAMILY_AUX_MAX] = {1.0, 1.0};
    g->unit = loss_of(g) + (view->quadratic ? 0.0 : deviance_saturated(view, psi));
out:
    state_free(g->state);
    g->state = NULL;
    return status;
}

static double largest(const void *self)
{
    const struct generic *g = self;
    const struct setup *setup = g->setup;
    double most = 0.0, ridge = 0.0;

    for (size_t j = 0; j < setup->k; j++) {
        const struct prior *prior = &g->view->parameter[j].prior;
        const double slope = g->gradient[j], m = setup->centre[j];
        if (slope > 0.0 ? m <= prior_lower(prior) : m >= prior_upper(prior))
            continue;
        if (setup->l1[j] > 0.0)
            most = fmax(most, fabs(slope) / setup->l1[j]);
        else if (setup->l2[j] > 0.0)
            ridge = fmax(ridge, fabs(slope) / setup->l2[j]);
    }
    if (most > 0.0)
        return most;
    return 1e3 * ridge / (g->view->quadratic ? g->view->design->y_offset_sd : 1.0);
}

static mxp_status start(void **self, const struct mxp_problem *problem, const struct setup *setup,
                        const struct engine_options *options, mxp_error *error)
{
    struct generic *g = NULL;
    double *theta = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&g, 1, error));
    g->setup = setup;
    TRY(status = problem_view(&g->view, problem, NULL, error));
    TRY(status = mem_doubles(&theta, setup->k, 1, error));
    TRY(status = mem_doubles(&g->gradient, setup->k, 1, error));
    g->noise = setup->estimated ? fmax(problem->design->y_offset_sd, 1e-300) : setup->noise;
    TRY(status = setup_apply(g->view, setup, 1.0, g->noise * g->noise, error));
    TRY(status = solve_null(g, theta, options, error));
    TRY(status = setup_apply(g->view, setup, fmax(largest(g), 1e-300), g->noise * g->noise, error));
    TRY(status = new_state(&g->state, g->view, theta, options, error));
    *self = g;
    g = NULL;
out:
    free(theta);
    finish(g);
    return status;
}

/* At one penalty; where the noise is estimated, at about the noise that the residuals show. */
static mxp_status solve_one(struct generic *g, double lambda, mxp_error *error)
{
    enum { TRIES = 40 };
    const double W = g->view->design->weight_sum;
    mxp_status status = MXP_OK;

    g->state->iterations = g->state->passes = 0;
    for (int n = 0; n < TRIES; n++) {
        TRY(status = setup_apply(g->view, g->setup, lambda, g->noise * g->noise, error));
        TRY(status = run(g->state, error));
        if (!g->setup->estimated)
            break;
        const double found = sqrt(2.0 * loss_of(g) / W), before = g->noise;
        if (!(found > 0.0) || found >= 0.9 * before)
            break;
        g->noise = found;
    }
out:
    return status;
}

/* Everything that does not move, and what left its centre. */
static mxp_status list(struct sweep_point *point, const struct generic *g, mxp_error *error)
{
    const struct setup *setup = g->setup;
    const double *theta = g->state->now->theta;
    mxp_status status;

    for (size_t j = 0; j < setup->k; j++)
        point->count += !moves(setup, j) || theta[j] != setup->centre[j];
    TRY(status = MEM_NEW(&point->index, point->count, error));
    TRY(status = mem_doubles(&point->theta, point->count, 1, error));
    for (size_t j = 0, i = 0; j < setup->k; j++) {
        const double off = theta[j] - setup->centre[j];
        if (moves(setup, j) && off == 0.0)
            continue;
        point->index[i] = j;
        point->theta[i++] = theta[j];
        point->nonzeros += moves(setup, j);
        point->penalty +=
            point->scale * (setup->l1[j] * fabs(off) + 0.5 * setup->l2[j] * off * off);
    }
out:
    return status;
}

static mxp_status keep(struct sweep_point *point, const struct generic *g, double lambda,
                       mxp_error *error)
{
    const double noise = g->view->quadratic ? g->noise : 1.0;
    mxp_status status;

    sweep_point_clear(point);
    point->scale = lambda;
    point->passes = g->state->passes;
    point->iterations = g->state->iterations;
    point->loss = loss_of(g);
    point->kkt = g->state->now->kkt * noise;
    point->converged = g->state->status == MXP_CONVERGED;
    point->gap = NAN;
    if (g->view->kinked && problem_plain(g->view))
        TRY(status = gap_compute(&point->gap, &point->passes, g->state->now, g->view, error));
    point->gap *= noise * noise / g->unit;
    TRY(status = list(point, g, error));
out:
    return status;
}

static mxp_status solve(struct sweep_point *points, size_t *done, void *self, const double *lambdas,
                        size_t count, const volatile int *stop, mxp_error *error)
{
    struct generic *g = self;
    mxp_status status = MXP_OK;

    for (*done = 0; *done < count && !(stop && *stop); ++*done) {
        TRY(status = solve_one(g, lambdas[*done], error));
        TRY(status = keep(&points[*done], g, lambdas[*done], error));
    }
out:
    return status;
}

const struct engine engine_generic = {.name = "generic",
                                      .fits = fits,
                                      .start = start,
                                      .largest = largest,
                                      .solve = solve,
                                      .free = finish};
