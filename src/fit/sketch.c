#include "fit/sketch.h"
#include "base/mem.h"
#include "fit/sketch_sample.h"
#include "fit/start.h"
#include "num/factor.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

enum { PAIRS = 24, STEPS = 60 };

/* The metric is used while its reciprocal condition is above this. */
static const double least_rcond = 1e-10;

/* How many times as long as a pass a Gram of all rows takes, in single and in double precision. */
static double gram_passes(size_t k, bool single)
{
    return (double)k / (15.0 + (double)k / 40.0) * (single ? 0.6 : 1.0);
}

struct sketch {
    size_t k;
    double *H;             /* k x k: J's Hessian on the sample */
    struct factor *metric; /* M: H with the exact diagonal of now */
    /* Pairs of changes, `pairs` of PAIRS columns of k: of theta, of the gradient (q, orthonormal in
     * M^-1), and M^-1 q. */
    double *moves, *changes, *solved;
    size_t pairs;
    double *theta, *gradient, *solution; /* k: before the last step; solution = M^-1 gradient */
    double *storage;
};

void sketch_free(struct sketch *sketch)
{
    if (!sketch)
        return;
    factor_free(sketch->metric);
    free(sketch->H);
    free(sketch->storage);
    free(sketch);
}

static mxp_status make_room(struct sketch **sketch, size_t k, mxp_error *error)
{
    struct sketch *s = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&s, 1, error));
    s->k = k;
    TRY(status = mem_doubles(&s->H, k, k, error));
    TRY(status = mem_doubles(&s->storage, k, 3 * PAIRS + 3, error));
    s->moves = s->storage;
    s->changes = s->moves + PAIRS * k;
    s->solved = s->changes + PAIRS * k;
    s->theta = s->solved + PAIRS * k;
    s->gradient = s->theta + k;
    s->solution = s->gradient + k;
    *sketch = s;
    s = NULL;
out:
    sketch_free(s);
    return status;
}

/* ---- the plan ---- */

/* The part of the rows, 1 / every, whose Hessian is worth making: it costs as much as so many
 * passes, and more rows save some.  On several threads it costs less, and passes wait for memory.
 * All rows pay where the curvature is constant: then only their rounding is left. */
static size_t choose_every(size_t n, size_t k, double tolerance, bool quadratic)
{
    static const double rounding = 1e-4; /* the rate of a Gram of all rows in single precision */
    size_t best = 0;
    double least = INFINITY;

    for (size_t every = quadratic ? 1 : 2; n / every >= 10 * k; every++) {
        const double rate = every == 1 ? rounding : sqrt((double)(k * every) / (double)n);
        const double start = every == 1 ? rate : 3.0 * sqrt((double)every);
        const double steps = ceil(log(start / fmin(tolerance, 1e-3)) / -log(rate));
        const double cost = steps + 0.7 * (1.0 + gram_passes(k, true)) / (double)every;
        if (cost < least)
            best = every;
        least = fmin(least, cost);
    }
    return best;
}

static bool suits(const struct mxp_problem *problem, const struct optimizer *method,
                  const mxp_fit_options *options)
{
    const double entries = (double)problem->n * (double)problem->k;
    const bool newton = method == &optimizer_newton && !problem->quadratic,
               gaussian = method == &optimizer_cholesky && problem->quadratic && options->mode_only;

    return (newton || gaussian) && !problem->design->sparse &&
           problem->family->concave(problem->link) && problem->q == 1 && problem->r == 0 &&
           !problem->kinked && !problem->grouped && problem_plain(problem) &&
           options->start_count == 0 && options->starts <= 1 && options->max_iterations >= STEPS &&
           options->tolerance < 0.1 && entries >= 1e6 && problem->n >= 40 * problem->k;
}

/* Start and metric: a small sample's mode, then one step on the larger sample. */
static mxp_status look(struct sketch *sketch, double *theta, bool *found,
                       const struct mxp_problem *problem, size_t every, int threads,
                       mxp_error *error)
{
    const size_t k = problem->k, few = 20 * k < 4096 ? 4096 : 20 * k;
    const bool first = !problem->quadratic && problem->n / few >= 2 * every;
    struct sample small = {0}, large = {0};
    mxp_status status;

    TRY(status = sample_new(&large, problem, every, threads, error));
    start_plain(large.theta, problem, false);
    if (first) {
        TRY(status = sample_new(&small, problem, problem->n / few, threads, error));
        memcpy(small.theta, large.theta, k * sizeof *theta);
        TRY(status = sample_fit(&small, found, error));
        if (!*found)
            goto out;
        memcpy(large.theta, small.theta, k * sizeof *theta);
    }
    if (first || problem->quadratic) {
        TRY(status = sample_evaluate(&large, error));
        *found = isfinite(large.objective);
        if (*found)
            TRY(status = sample_step(&large, false, found, error));
    } else {
        TRY(status = sample_fit(&large, found, error));
    }
    memcpy(theta, large.theta, k * sizeof *theta);
    memcpy(sketch->H, large.H, k * k * sizeof *large.H);
out:
    sample_free(&small);
    sample_free(&large);
    return status;
}

mxp_status sketch_new(struct sketch **sketch, double *theta, const struct mxp_problem *problem,
                      const struct optimizer *method, const mxp_fit_options *options,
                      mxp_error *error)
{
    struct sketch *s = NULL;
    bool found = false;
    mxp_status status = MXP_OK;

    if (!suits(problem, method, options))
        return MXP_OK;
    const size_t every =
        choose_every(problem->n, problem->k, options->tolerance, problem->quadratic);
    if (every == 0)
        return MXP_OK;
    const int threads = la_threads(1);
    TRY(status = make_room(&s, problem->k, error));
    TRY(status = look(s, theta, &found, problem, every, options->threads, error));
    if (!found)
        goto out;
    *sketch = s;
    s = NULL;
out:
    (void)la_threads(threads);
    sketch_free(s);
    return status;
}

/* ---- the steps ---- */

/* The metric at now: a column that the sample has hardly seen gets its exact diagonal. */
static mxp_status make_metric(struct sketch *sketch, const struct point *now, bool *usable,
                              mxp_error *error)
{
    const size_t k = sketch->k;
    double *scale = sketch->theta; /* free until the first step */
    mxp_status status;

    for (size_t j = 0; j < k; j++) {
        const double h = sketch->H[j + j * k];
        scale[j] = h > 0.0 ? sqrt(now->diagonal[j] / h) : 1.0;
    }
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++)
            sketch->H[i + j * k] =
                i == j ? now->diagonal[j] : sketch->H[i + j * k] * scale[i] * scale[j];
    factor_free(sketch->metric);
    sketch->metric = NULL;
    TRY(status = factor_cholesky(&sketch->metric, sketch->H, k, k, error));
    *usable = sketch->metric->rcond > least_rcond;
    sketch->pairs = 0;
out:
    return status;
}

static void subtract(double *x, double by, const double *y, size_t k)
{
    for (size_t j = 0; j < k; j++)
        x[j] -= by * y[j];
}

/* Makes room for one more pair: the oldest goes. */
static void drop_oldest(struct sketch *sketch)
{
    const size_t k = sketch->k, rest = (PAIRS - 1) * k;

    memmove(sketch->moves, sketch->moves + k, rest * sizeof *sketch->moves);
    memmove(sketch->changes, sketch->changes + k, rest * sizeof *sketch->changes);
    memmove(sketch->solved, sketch->solved + k, rest * sizeof *sketch->solved);
    sketch->pairs--;
}

/* The pair of the step from what is kept to now, whose M^-1 gradient is given. */
static void add_pair(struct sketch *sketch, const struct point *now, const double *solution)
{
    const size_t k = sketch->k;

    if (sketch->pairs == PAIRS)
        drop_oldest(sketch);
    double *move = sketch->moves + sketch->pairs * k, *change = sketch->changes + sketch->pairs * k;
    double *solved = sketch->solved + sketch->pairs * k;
    for (size_t j = 0; j < k; j++) {
        move[j] = now->theta[j] - sketch->theta[j];
        change[j] = now->gradient[j] - sketch->gradient[j];
        solved[j] = solution[j] - sketch->solution[j];
    }
    for (int twice = 0; twice < 2; twice++)
        for (size_t a = 0; a < sketch->pairs; a++) {
            const double by = la_dot(sketch->solved + a * k, change, k);
            subtract(move, by, sketch->moves + a * k, k);
            subtract(change, by, sketch->changes + a * k, k);
            subtract(solved, by, sketch->solved + a * k, k);
        }
    const double square = la_dot(change, solved, k);
    if (!(square > 0.0))
        return;
    for (size_t j = 0; j < k; j++) {
        move[j] /= sqrt(square);
        change[j] /= sqrt(square);
        solved[j] /= sqrt(square);
    }
    sketch->pairs++;
}

/* The trial's coordinates, and what the next pair needs.  step: k values of scratch. */
static void propose(struct sketch *sketch, struct state *state, double *step, bool moved)
{
    const size_t k = sketch->k;
    const struct point *now = state->now;

    memcpy(step, now->gradient, k * sizeof *step);
    factor_solve(step, sketch->metric);
    if (moved)
        add_pair(sketch, now, step);
    memcpy(sketch->theta, now->theta, k * sizeof *sketch->theta);
    memcpy(sketch->gradient, now->gradient, k * sizeof *sketch->gradient);
    memcpy(sketch->solution, step, k * sizeof *sketch->solution);
    for (size_t a = 0; a < sketch->pairs; a++) {
        const double by = la_dot(sketch->solved + a * k, now->gradient, k);
        subtract(step, by, sketch->solved + a * k, k);
        subtract(step, -by, sketch->moves + a * k, k);
    }
    for (size_t j = 0; j < k; j++)
        state->trial->theta[j] = now->theta[j] - step[j];
}

/* Evaluates the trial and takes it where it is better; else, once, the plain step in the metric
 * without the pairs. */
static mxp_status try_step(struct sketch *sketch, struct state *state, bool *moved,
                           mxp_error *error)
{
    mxp_status status = MXP_OK;

    *moved = false;
    for (int again = 0; again < 2 && !*moved; again++) {
        if (again && sketch->pairs == 0)
            break;
        for (size_t j = 0; again && j < sketch->k; j++)
            state->trial->theta[j] = state->now->theta[j] - sketch->solution[j];
        if (again)
            sketch->pairs = 0;
        TRY(status = state_evaluate(state, state->trial, error));
        state->iterations++;
        const double now = state->now->objective,
                     rounding = 1e-13 * (fabs(now) + (double)state->problem->n);
        *moved =
            state->trial->objective <= now + rounding && state->trial->kkt < 2.0 * state->now->kkt;
    }
    if (*moved)
        state_take_trial(state);
out:
    return status;
}

/* Whether going on takes longer than exact Newton steps would: at the rate of the last steps. */
static bool too_slow(const struct sketch *sketch, const double *kkt, size_t steps, double goal)
{
    enum { BACK = 3 };
    const double exact = 1.5 * (gram_passes(sketch->k, false) + 2.0);

    if (steps < BACK)
        return false;
    const double rate = pow(kkt[steps] / kkt[steps - BACK], 1.0 / BACK);
    return rate >= 0.95 || log(kkt[steps] / goal) / -log(rate) > exact;
}

static mxp_status run(struct sketch *sketch, struct state *state, double *step, bool *moved,
                      mxp_error *error)
{
    double kkt[STEPS + 1], goal = state->tolerance;
    bool usable, step_moved = false;
    mxp_status status;

    TRY(status = make_metric(sketch, state->now, &usable, error));
    if (!usable)
        goto out;
    state->rcond = sketch->metric->rcond;
    goal *= fmin(1.0, 100.0 * sqrt(state->rcond)); /* see optimizer.c, polish */
    kkt[0] = state->now->kkt;
    for (size_t steps = 0; steps < STEPS && kkt[steps] > goal;) {
        propose(sketch, state, step, step_moved);
        TRY(status = try_step(sketch, state, &step_moved, error));
        if (!step_moved)
            break;
        *moved = true;
        kkt[++steps] = state->now->kkt;
        if (too_slow(sketch, kkt, steps, goal))
            break;
    }
out:
    return status;
}

mxp_status sketch_run(struct sketch *sketch, struct state *state, bool *moved, mxp_error *error)
{
    const int threads = la_threads(1);
    double *step = NULL;
    mxp_status status;

    *moved = false;
    TRY(status = mem_doubles(&step, sketch->k, 1, error));
    TRY(status = run(sketch, state, step, moved, error));
out:
    free(step);
    (void)la_threads(threads);
    return status;
}
