#include "fit/optimizer.h"
#include "base/mem.h"
#include "fit/nomode.h"
#include "fit/sketch.h"
#include "model/rows.h"

#include <math.h>
#include <string.h>

/* Up to this many coefficients a kinked problem's whole Gram is made in the pass that evaluates;
 * above it only the working set's. */
enum { FUSED_KINKED = 64 };

/* Problems with fewer coefficients are solved as fast by Newton's method on them. */
enum { DUAL_LEAST = 200 };
/* Systems of a larger order are not made where a method can do without. */
enum { SYSTEM_MOST = 5000, SPARSE_MOST = 2000, GRAM_MOST = 1000 };

const struct optimizer *const optimizer_table[] = {&optimizer_cholesky,    &optimizer_qr,
                                                   &optimizer_dual,        &optimizer_coordinate,
                                                   &optimizer_working_set, &optimizer_newton,
                                                   &optimizer_newton_cg,   &optimizer_proximal,
                                                   &optimizer_lad,         NULL};

const struct optimizer *optimizer_find(const char *name)
{
    for (size_t i = 0; optimizer_table[i]; i++)
        if (strcmp(optimizer_table[i]->name, name) == 0)
            return optimizer_table[i];
    return NULL;
}

/* The decision table: the first row whose condition holds. */
const struct optimizer *optimizer_choose(const struct mxp_problem *problem, const char **reason)
{
    const bool gaussian = problem->quadratic && problem_plain(problem),
               wide = problem->k > problem->n;
    const size_t most = problem->design->sparse ? SPARSE_MOST : SYSTEM_MOST;
    const struct {
        bool holds;
        const struct optimizer *method;
        const char *reason;
    } rows[] = {
        {problem->family->piecewise_linear, &optimizer_lad, "laplace family"},
        {problem->kinked && (wide || problem->k > GRAM_MOST) &&
             !optimizer_working_set.refuses(problem),
         &optimizer_working_set, "gaussian family, a prior with a kink, many parameters"},
        {gaussian && problem->kinked, &optimizer_coordinate,
         "gaussian family, a prior with a kink"},
        {problem->kinked || problem->grouped, &optimizer_proximal, "a prior with a kink"},
        {wide && (gaussian || problem->k > DUAL_LEAST) && problem->n <= SYSTEM_MOST &&
             !optimizer_dual.refuses(problem),
         &optimizer_dual, "more parameters than rows"},
        {problem->k > most && !optimizer_newton_cg.refuses(problem), &optimizer_newton_cg,
         "many parameters, smooth priors"},
        {gaussian, &optimizer_cholesky, "gaussian family, smooth priors"},
        {true, &optimizer_newton, "smooth posterior"},
    };
    size_t i = 0;

    while (!rows[i].holds)
        i++;
    *reason = rows[i].reason;
    return rows[i].method;
}

void state_free(struct state *state)
{
    if (!state)
        return;
    point_free(state->now);
    point_free(state->trial);
    free(state->gram);
    free(state->triangle);
    kernel_free(state->kernel);
    free(state->direction);
    sketch_free(state->sketch);
    free(state);
}

/* A matrix of all coefficients, where it fits into memory with those made from it: asking for more may
 * succeed, and end the process later. */
static mxp_status new_gram(struct state *state, mxp_error *error)
{
    const size_t k = state->problem->k;

    if (!mem_is_modest(3.0 * (double)k * (double)k))
        return FAIL(error, MXP_MEMORY,
                    "method %s needs matrices of order %zu, which do not fit into memory",
                    state->method->name, k);
    return mem_doubles(&state->gram, k, k, error);
}

/* Quadratic families hold the Gram at noise 1 and make it once; the others in each evaluation,
 * unless the working sets of a kinked problem are likely to be much smaller. */
static mxp_status want_gram(struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;

    state->gram_wanted = problem->quadratic ? state->method->whole_gram
                                            : !problem->kinked || problem->k <= FUSED_KINKED;
    state->gram_wanted = state->gram_wanted && !state->method->no_gram;
    return state->gram_wanted ? new_gram(state, error) : MXP_OK;
}

static mxp_status make_room(struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    mxp_status status;

    TRY(status = point_new(&state->now, problem, error));
    TRY(status = point_new(&state->trial, problem, error));
    TRY(status = mem_doubles(&state->direction, problem->d, 1, error));
    if (!state->sketch)
        TRY(status = want_gram(state, error));
out:
    return status;
}

mxp_status state_new(struct state **state, struct mxp_problem *problem,
                     const struct optimizer *method, const double *theta0, struct sketch *sketch,
                     const mxp_fit_options *options, mxp_error *error)
{
    struct state *s = NULL;
    mxp_status status = MEM_NEW(&s, 1, error);

    if (status != MXP_OK) {
        sketch_free(sketch);
        return status;
    }
    s->sketch = sketch;
    s->sampled = sketch != NULL;
    s->problem = problem;
    s->method = method;
    s->tolerance = options->tolerance;
    s->max_iterations = options->max_iterations;
    s->starts = 1;
    s->threads = options->threads;
    s->stop = options->stop;
    s->start_noise = s->far_noise = s->other_noise = s->kkt_floor = s->rcond = NAN;
    TRY(status = make_room(s, error));
    memcpy(s->now->theta, theta0, problem->d * sizeof *theta0);
    TRY(status = state_evaluate(s, s->now, error));
    if (!isfinite(s->now->objective)) {
        status = options->start_count > 0
                     ? FAIL(error, MXP_CONFIG, "fit.start: the posterior is zero there")
                     : FAIL(error, MXP_NUMERIC,
                            "the posterior is zero where the fit would start; set fit.start");
        goto out;
    }
    *state = s;
    s = NULL;
out:
    state_free(s);
    return status;
}

void state_take_trial(struct state *state)
{
    struct point *swap = state->now;

    state->now = state->trial;
    state->trial = swap;
}

bool state_take_better(struct state *state)
{
    const struct point *now = state->now, *trial = state->trial;
    const bool better = trial->objective < now->objective || trial->kkt < now->kkt;

    if (better)
        state_take_trial(state);
    return better;
}

mxp_status state_evaluate(struct state *state, struct point *point, mxp_error *error)
{
    const size_t k = state->problem->k;
    double psi[FAMILY_AUX_MAX];
    mxp_status status;

    state->passes++;
    TRY(status = point_evaluate(point, state->problem, state->gram_wanted ? state->gram : NULL,
                                state->threads, error));
    state->gram_current = state->gram_wanted;
    if (state->gram_wanted && state->problem->quadratic) {
        problem_psi(psi, state->problem, point->theta); /* the Gram at noise 1, once for all */
        for (size_t i = 0; i < k * k; i++)
            state->gram[i] *= psi[0] * psi[0];
        state->gram_wanted = false;
    }
out:
    return status;
}

mxp_status state_gram(struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const bool quadratic = problem->quadratic;
    double psi[FAMILY_AUX_MAX] = {1.0, 1.0};
    mxp_status status = MXP_OK;

    if (state->gram_current || (quadratic && state->gram))
        return MXP_OK;
    if (!state->gram)
        TRY(status = new_gram(state, error));
    if (!quadratic)
        problem_psi(psi, problem, state->now->theta);
    struct rows_sums sums = {.gram = state->gram};
    const struct rows_request request = {
        .want = ROWS_GRAM, .theta = state->now->theta, .psi = psi, .threads = state->threads};
    state->passes++;
    TRY(status = rows_sum(&sums, problem, &request, error));
    state->gram_current = true;
out:
    return status;
}

/* Whether every residual above tolerance is below its rounding floor. */
static mxp_status below_floor(bool *below, struct state *state, mxp_error *error)
{
    double *floor = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&floor, state->problem->d, 1, error));
    state->passes++;
    TRY(status = point_floor(floor, state->now, state->problem, state->threads, error));
    *below = true;
    for (size_t j = 0; j < state->problem->d; j++) {
        const double residual = point_residual(state->now, state->problem, j);
        if (residual > state->tolerance && residual > floor[j])
            *below = false;
    }
    if (*below)
        state->kkt_floor = floor[state->now->worst];
out:
    free(floor);
    return status;
}

static bool has_recession(const struct mxp_problem *problem)
{
    if (!problem->family->recession || problem->family->piecewise_linear)
        return false;
    for (size_t j = 0; j < problem->k; j++) {
        const struct prior *prior = &problem->parameter[j].prior;
        const bool open = isinf(prior_lower(prior)) || isinf(prior_upper(prior));
        if (problem_is_flat(problem, j) || (open && (prior->row->flags & PRIOR_IMPROPER)))
            return true;
    }
    return false;
}

/* Whether a fit that has ended may be one that was running off: separation takes Newton's method a
 * constant step of the predictor at a time. */
static bool suspicious(const struct state *state)
{
    const double W = state->problem->design->weight_sum;
    return has_recession(state->problem) && !state->sampled &&
           (state->iterations >= 12 || state->now->log_likelihood > -1e-6 * W);
}

static mxp_status end_short(struct state *state, mxp_error *error)
{
    bool below = false;
    mxp_status status;

    if (suspicious(state))
        TRY(status = nomode_recession(state, error));
    TRY(status = below_floor(&below, state, error));
    state->status = below ? MXP_CONVERGED : MXP_STALLED;
out:
    return status;
}

/* How a run is doing, from one step to the next. */
struct progress {
    double kkt;       /* before the last step */
    double objective; /* the lowest so far */
    double best;
    size_t idle; /* steps in a row without progress */
    bool slow;   /* the last step did not shrink kkt as a step near a mode does */
};

static void note_progress(struct progress *progress, const struct state *state)
{
    const struct point *now = state->now;
    const bool better = now->kkt < 0.5 * progress->best ||
                        now->objective < progress->objective - 1e-12 * fabs(now->objective);

    progress->slow = now->kkt > 0.2 * progress->kkt;
    progress->idle = better ? 0 : progress->idle + 1;
    progress->best = fmin(progress->best, now->kkt);
    progress->kkt = now->kkt;
    progress->objective = fmin(progress->objective, now->objective); /* J may rock by rounding */
}

/* As many steps by the sampled curvature as are worth it; what they leave is the method's. */
static mxp_status sketch_steps(struct state *state, bool *moved, mxp_error *error)
{
    mxp_status status;

    TRY(status = sketch_run(state->sketch, state, moved, error));
    if (state->now->kkt <= state->tolerance)
        goto out;
    sketch_free(state->sketch);
    state->sketch = NULL;
    *moved = true;
    TRY(status = want_gram(state, error));
out:
    return status;
}

static mxp_status one_step(bool *moved, struct state *state, mxp_error *error)
{
    mxp_status status;

    memcpy(state->direction, state->now->theta, state->problem->d * sizeof *state->direction);
    if (state->sketch) {
        TRY(status = sketch_steps(state, moved, error));
    } else {
        TRY(status = state->method->step(state, moved, error));
        state->iterations++;
    }
    for (size_t j = 0; j < state->problem->d; j++)
        state->direction[j] = state->now->theta[j] - state->direction[j];
out:
    return status;
}

/* The certificate holds.  Where the condition lets a small residual hide a larger distance from the
 * mode (in sds at most kkt / sqrt(rcond)), a few more steps are worth it; one that makes the
 * residual larger is taken back. */
static mxp_status polish(struct state *state, mxp_error *error)
{
    enum { STEPS = 3 };
    const double distance = fmax(1e-7, 100.0 * state->tolerance);
    mxp_status status = MXP_OK;

    for (int n = 0; n < STEPS && state->now->kkt > distance * sqrt(state->rcond); n++) {
        const double before = state->now->kkt;
        bool moved;
        TRY(status = one_step(&moved, state, error));
        if (moved && state->now->kkt > before) {
            state_take_trial(state); /* back to where it came from */
            state->gram_current = false;
            break;
        }
        if (!moved)
            break;
    }
out:
    return status;
}

static mxp_status end_converged(struct state *state, mxp_error *error)
{
    mxp_status status = MXP_OK;

    state->status = MXP_CONVERGED;
    if (suspicious(state))
        TRY(status = nomode_recession(state, error));
    if (state->problem->bounded)
        TRY(status = nomode_segment(state, error));
    status = state->iterations == 0 ? nomode_dependent(state, error) : polish(state, error);
out:
    return status;
}

mxp_status optimizer_run(struct state *state, mxp_error *error)
{
    enum { SEPARATION_FROM = 5, SEPARATION_UNTIL = 60, IDLE_LIMIT = 3 };
    const bool recession = has_recession(state->problem);
    struct progress progress = {INFINITY, INFINITY, INFINITY, 0, false};
    const size_t start = state->iterations;
    bool moved = true;
    mxp_status status = MXP_OK;

    if (state->max_iterations == 0) {
        state->status = MXP_EVALUATED;
        return MXP_OK;
    }
    for (;;) {
        const size_t done = state->iterations - start;
        const bool running_off =
            recession && progress.slow && done >= SEPARATION_FROM && done <= SEPARATION_UNTIL;
        if (running_off)
            TRY(status = nomode_separated(state, state->direction, error));
        if (state->now->kkt <= state->tolerance && !running_off)
            return end_converged(state, error);
        if (state_stopped(state) || done >= state->max_iterations) {
            state->status = state_stopped(state) ? MXP_INTERRUPTED : MXP_ITERATION_LIMIT;
            return MXP_OK;
        }
        if (!moved || progress.idle >= IDLE_LIMIT)
            return end_short(state, error);
        TRY(status = one_step(&moved, state, error));
        if (state->method->joint)
            TRY(status = nomode_auxiliary(state, error));
        note_progress(&progress, state);
    }
out:
    return status;
}
