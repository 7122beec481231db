#include "fit/modes.h"
#include "base/mem.h"
#include "fit/nomode.h"
#include "fit/start.h"
#include "model/rows.h"
#include "num/factor.h"
#include "num/rng.h"

#include <math.h>
#include <string.h>

void modes_free(struct modes *modes)
{
    for (size_t i = 0; i < modes->count; i++)
        free(modes->mode[i].estimate);
    modes->count = 0;
}

mxp_status modes_make_feasible(double *theta, const struct mxp_problem *problem, mxp_error *error)
{
    double *z = NULL;
    mxp_status status = MXP_OK;

    for (size_t j = 0; j < problem->k && problem->bounded; j++)
        theta[j] = fmin(fmax(theta[j], problem_lower(problem, j)), problem_upper(problem, j));
    if (problem->equality) {
        TRY(status = mem_doubles(&z, problem->d, 1, error));
        equality_reduce(z, problem->equality, theta);
        equality_expand(theta, problem->equality, z);
    }
out:
    free(z);
    return status;
}

/* The noise sd or scale that the fit is given, or found; NAN where the family has none. */
static double noise_of(const struct state *state)
{
    double psi[FAMILY_AUX_MAX];

    if (state->problem->family->phi != PHI_NOISE_VARIANCE &&
        !state->problem->family->piecewise_linear)
        return NAN;
    problem_psi(psi, state->problem, state->now->theta);
    return psi[0];
}

/* Whether a listed mode is where the state is, in posterior sds. */
static bool listed(const struct modes *modes, const struct state *state, const double *estimate)
{
    const struct mxp_problem *problem = state->problem;

    for (size_t i = 0; i < modes->count; i++) {
        double furthest = 0.0;
        for (size_t j = 0; j < problem->d; j++) {
            const double scale = j < problem->k ? problem->parameter[j].scale : 1.0;
            furthest = fmax(furthest, fabs(modes->mode[i].estimate[j] - estimate[j]) * scale *
                                          point_scale(state->now, j));
        }
        if (furthest < 1e-3)
            return true;
    }
    return false;
}

mxp_status modes_note(struct modes *modes, struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    double *estimate = NULL;
    bool plateau = false;
    mxp_status status;

    TRY(status = mem_doubles(&estimate, problem->d, 1, error));
    if (state->max_iterations > 0)
        TRY(status = nomode_plateau(&plateau, estimate, state, error));
    if (plateau)
        goto out;
    problem_to_data(estimate, problem, state->now->theta);
    memcpy(estimate + problem->k, state->now->theta + problem->k, problem->r * sizeof *estimate);
    if (modes->count == MODES_MAX || listed(modes, state, estimate))
        goto out;
    struct mode mode = {state->now->objective, noise_of(state), estimate};
    size_t at = modes->count++;
    for (; at > 0 && modes->mode[at - 1].objective > mode.objective; at--)
        modes->mode[at] = modes->mode[at - 1];
    modes->mode[at] = mode;
    estimate = NULL;
out:
    free(estimate);
    return status;
}

/* Runs with the noise sought from `noise`, also where `now` is a mode already. */
static mxp_status run_from(struct state *state, double noise, mxp_error *error)
{
    mxp_status status;

    state->start_noise = noise;
    if (state->now->kkt <= state->tolerance) {
        state->now->theta[state->problem->k] = log(noise);
        TRY(status = state_evaluate(state, state->now, error));
    }
    TRY(status = optimizer_run(state, error));
out:
    return status;
}

mxp_status modes_of_noise(struct modes *modes, struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const double spread = problem->design->y_offset_sd > 0.0 ? problem->design->y_offset_sd : 1.0;
    struct point *first = NULL;
    mxp_status status;

    if (!state->method->no_gram)
        TRY(status = state_gram(state, error));
    TRY(status = nomode_noise(state, error));
    state->far_noise = 1e3 * spread;
    TRY(status = run_from(state, 1e-6 * spread, error));
    TRY(status = modes_note(modes, state, error));
    if (isnan(state->other_noise))
        return MXP_OK;
    TRY(status = point_new(&first, problem, error));
    point_copy(first, state->now);
    const mxp_convergence first_status = state->status;
    const double first_floor = state->kkt_floor;
    const bool first_not_unique = state->not_unique;
    TRY(status = run_from(state, state->other_noise, error));
    TRY(status = modes_note(modes, state, error));
    if (first->objective <= state->now->objective) {
        point_copy(state->now, first);
        state->status = first_status;
        state->kkt_floor = first_floor;
        state->not_unique = first_not_unique;
        state->gram_current = false;
    }
out:
    point_free(first);
    return status;
}

/* Where a run has ended, to go back to. */
struct ending {
    struct point *point;
    mxp_convergence status;
    double kkt_floor, rcond;
};

static void ending_take(struct ending *ending, const struct state *state)
{
    point_copy(ending->point, state->now);
    ending->status = state->status;
    ending->kkt_floor = state->kkt_floor;
    ending->rcond = state->rcond;
}

static mxp_status ending_restore(struct state *state, const struct ending *ending, mxp_error *error)
{
    point_copy(state->now, ending->point);
    state->gram_current = false;
    const mxp_status status =
        state->gram_wanted ? state_evaluate(state, state->now, error) : MXP_OK;
    state->status = ending->status;
    state->kkt_floor = ending->kkt_floor;
    state->rcond = ending->rcond;
    return status;
}

/* Where the coefficients of heavy-tailed priors may end: at the priors' locations, or where the
 * likelihood wants them. */
struct hunt {
    const struct point *first; /* the mode of the first run */
    double *wanted;            /* k: a Newton step on the likelihood alone away from it */
    size_t *rows;              /* n: for draws of k rows */
};

static void hunt_free(struct hunt *hunt)
{
    free(hunt->wanted);
    free(hunt->rows);
}

static mxp_status hunt_new(struct hunt *hunt, const struct point *first, struct state *state,
                           mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const size_t k = problem->k;
    double psi[FAMILY_AUX_MAX], *H = NULL;
    struct factor *factor = NULL;
    mxp_status status;

    *hunt = (struct hunt){.first = first};
    TRY(status = mem_doubles(&hunt->wanted, k, 1, error));
    TRY(status = MEM_NEW(&hunt->rows, problem->n, error));
    TRY(status = mem_doubles(&H, k, k, error));
    memcpy(hunt->wanted, first->theta, k * sizeof *first->theta);
    for (size_t i = 0; i < problem->n; i++)
        hunt->rows[i] = i;
    problem_psi(psi, problem, first->theta);
    struct rows_sums sums = {.gram = H};
    const struct rows_request request = {.want = ROWS_GRAM | ROWS_EXPECTED,
                                         .theta = first->theta,
                                         .psi = psi,
                                         .threads = state->threads};
    state->passes++;
    TRY(status = rows_sum(&sums, problem, &request, error));
    TRY(status = factor_cholesky(&factor, H, k, k, error));
    if (factor->rcond < 1e-12)
        goto out;
    double *step = H; /* the Hessian has been used */
    memcpy(step, first->likelihood, k * sizeof *step);
    factor_solve(step, factor);
    for (size_t j = 0; j < k; j++)
        hunt->wanted[j] -= step[j];
out:
    factor_free(factor);
    free(H);
    return status;
}

static bool is_heavy(const struct prior *prior)
{
    return !(prior->row->flags & (PRIOR_CONCAVE | PRIOR_IMPROPER));
}

/* A fit to k rows drawn at random: likelihoods of heavy tails have modes near exact fits. */
static mxp_status fit_few(double *theta, struct hunt *hunt, const struct mxp_problem *problem,
                          struct rng *rng, mxp_error *error)
{
    const size_t m = problem->k < problem->n ? problem->k : problem->n;

    for (size_t i = 0; i < m; i++) {
        const size_t other = i + (size_t)rng_below(rng, problem->n - i), row = hunt->rows[i];
        hunt->rows[i] = hunt->rows[other];
        hunt->rows[other] = row;
    }
    return start_least_squares(theta, problem, hunt->rows, m, 1.0, error);
}

/* The i-th start, i > 0: everything where the likelihood wants it, all heavy-tailed priors at their
 * locations, then draws around and between. */
static mxp_status spread(double *theta, struct hunt *hunt, const struct mxp_problem *problem,
                         size_t i, unsigned long long seed, mxp_error *error)
{
    const struct point *mode = hunt->first;
    struct rng rng = rng_stream(seed, i);
    mxp_status status = MXP_OK;

    for (size_t j = 0; j < problem->k; j++) {
        const struct prior *prior = &problem->parameter[j].prior;
        const double h = fabs(mode->diagonal[j] - mode->prior_diagonal[j]);
        const double sd = i < 3 || !(h > 0.0) ? 0.0 : (i % 2 ? 1.0 : 3.0) / sqrt(h);
        theta[j] = (i % 2 ? hunt->wanted[j] : mode->theta[j]) + sd * rng_normal(&rng);
        if (is_heavy(prior) && (i == 2 || (i > 2 && rng_uniform(&rng) < 0.5)))
            theta[j] = prior->row->location(prior->a);
    }
    if (!problem->family->concave(problem->link) && problem->q == 1 && problem->family->kinds &&
        i > 2)
        TRY(status = fit_few(theta, hunt, problem, &rng, error));
    for (size_t j = problem->k; j < problem->d; j++) {
        const double by = i < 3 ? (i == 1 ? -4.0 : 4.0) : 2.0 * rng_normal(&rng);
        theta[j] = mode->theta[j] + by;
    }
    TRY(status = modes_make_feasible(theta, problem, error));
out:
    return status;
}

static size_t start_count(const struct state *state, const mxp_fit_options *options)
{
    const struct mxp_problem *problem = state->problem;
    const bool one = !problem->heavy && problem->family->concave(problem->link) &&
                     !(problem->quadratic && problem->r);
    const bool lost = problem->r > 0 && state->status != MXP_CONVERGED;
    const bool large = (double)problem->n * (double)problem->k > 1e6;

    if (options->starts > 0)
        return options->starts;
    return one && !lost ? 1 : large ? STARTS_LARGE : STARTS_AUTO;
}

/* One more run; one that is lost is passed over. */
static mxp_status run_from_start(struct modes *modes, struct state *state, mxp_error *error)
{
    mxp_error lost = {0};
    mxp_status status;

    state->gram_current = false;
    TRY(status = state_evaluate(state, state->now, error));
    if (!isfinite(state->now->objective))
        return MXP_OK;
    status = optimizer_run(state, &lost);
    if (status == MXP_NUMERIC || status == MXP_NO_MODE)
        return MXP_OK;
    if (status != MXP_OK && error)
        *error = lost;
    TRY(status);
    if (state->status == MXP_CONVERGED)
        TRY(status = modes_note(modes, state, error));
out:
    return status;
}

mxp_status modes_from_starts(struct modes *modes, struct state *state,
                             const mxp_fit_options *options, mxp_error *error)
{
    const size_t starts = start_count(state, options);
    struct ending best = {NULL, state->status, NAN, NAN};
    struct point *first = NULL;
    struct hunt hunt = {0};
    mxp_status status = MXP_OK;

    if (starts < 2)
        return MXP_OK;
    TRY(status = point_new(&best.point, state->problem, error));
    TRY(status = point_new(&first, state->problem, error));
    ending_take(&best, state);
    point_copy(first, state->now);
    TRY(status = hunt_new(&hunt, first, state, error));
    state->starts = starts;
    for (size_t i = 1; i < starts && !state_stopped(state); i++) {
        TRY(status = spread(state->now->theta, &hunt, state->problem, i, options->seed, error));
        TRY(status = run_from_start(modes, state, error));
        const bool better =
            state->status == MXP_CONVERGED &&
            (best.status != MXP_CONVERGED || state->now->objective < best.point->objective);
        if (better)
            ending_take(&best, state);
    }
    TRY(status = ending_restore(state, &best, error));
out:
    hunt_free(&hunt);
    point_free(first);
    point_free(best.point);
    return status;
}
