/* Gaussian likelihoods: the objective is quadratic in the coefficients at each noise sd, so a step
 * goes to the minimum.  The Gram is made once at noise 1; the noise is found by the fixed point
 * sigma -> its mode given the residuals of the fit at sigma, which needs no data.  Further steps
 * are iterative refinement, since each starts from a gradient taken on the data. */
#include "base/mem.h"
#include "fit/nomode.h"
#include "fit/noise.h"
#include "fit/optimizer.h"
#include "fit/quadratic.h"
#include "fit/refine.h"
#include "model/rows.h"
#include "num/factor.h"
#include "num/la.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The Gram is used while the scaled Hessian's reciprocal condition is above this, QR below. */
static const double gram_rcond = 1e-9;
/* Below this a smooth problem's answer is taken to full precision, where that is cheap. */
static const double refine_rcond = 1e-4;

/* The quadratic model around now, in units of noise 1. */
struct local {
    struct state *state;
    size_t k;
    double *H, *g, *t, *l1, *m, *target, *unit, *delta;
    double *stack; /* 2k x (k + 1): for the triangle */
    double rss, rcond;
    double other; /* another fixed point of the noise; NAN: none */
};

static void local_free(struct local *local)
{
    free(local->H);
    free(local->stack);
}

static mxp_status local_new(struct local *local, struct state *state, mxp_error *error)
{
    const size_t k = state->problem->k;
    double psi[FAMILY_AUX_MAX];
    mxp_status status;

    *local = (struct local){.state = state, .k = k, .other = NAN};
    TRY(status = mem_doubles(&local->H, k + 7, k, error));
    double **parts[] = {&local->g,      &local->t,    &local->l1,   &local->m,
                        &local->target, &local->unit, &local->delta};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i] = local->H + (k + i) * k;
    problem_psi(psi, state->problem, state->now->theta);
    memcpy(local->t, state->now->theta, k * sizeof *local->t);
    for (size_t j = 0; j < k; j++)
        local->unit[j] = state->now->likelihood[j] * psi[0] * psi[0];
    local->rss = point_rss(state->now, state->problem);
out:
    return status;
}

/* Gradient, precision and kinks of the priors at noise exp(u), around t. */
static void take_priors(struct local *local, double u, double *precision)
{
    const struct mxp_problem *problem = local->state->problem;
    struct prior_sums sums = {.gradient = local->g, .diagonal = precision};

    memset(local->g, 0, local->k * sizeof *local->g);
    memset(precision, 0, local->k * sizeof *precision);
    problem_prior_at(&sums, problem, local->t, exp(u));
    for (size_t j = 0; j < local->k; j++)
        problem_kink_at(&local->l1[j], &local->m[j], problem, j, exp(u));
}

/* rss at target, from the model around t; delta = target - t. */
static double rss_at(struct local *local)
{
    const struct state *state = local->state;
    const size_t k = local->k;
    double *Gd = local->g; /* free after the solve */

    for (size_t j = 0; j < k; j++)
        local->delta[j] = local->target[j] - local->t[j];
    memset(Gd, 0, k * sizeof *Gd);
    la_multiply_add(Gd, 1.0, state->gram, k, k, k, local->delta);
    const double change = 2.0 * la_dot(local->unit, local->delta, k) + la_dot(local->delta, Gd, k);
    return fmax(0.0, local->rss + change);
}

/* [R0/sigma; sqrt(precision)] delta = [q; ...] in the least-squares sense: no Gram. */
static mxp_status solve_triangle(struct local *local, double u, const double *precision,
                                 mxp_error *error)
{
    const size_t k = local->k, rows = 2 * k;
    const double *R = local->state->triangle;
    const double inverse = exp(-u);
    struct factor *factor = NULL;
    mxp_status status = MXP_OK;

    if (!local->stack)
        TRY(status = mem_doubles(&local->stack, rows, k + 1, error));
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++) {
            local->stack[i + j * rows] = i <= j ? R[i + j * k] * inverse : 0.0;
            local->stack[k + i + j * rows] = i == j ? sqrt(precision[j]) : 0.0;
        }
    TRY(status = la_triangularise(local->stack, rows, rows, k, error));
    TRY(status = factor_triangle(&factor, local->stack, rows, k, 0.0, NULL, error));
    local->rcond = factor->rcond;
    for (size_t j = 0; j < k; j++)
        local->target[j] = -local->g[j];
    factor_solve(local->target, factor);
    for (size_t j = 0; j < k; j++)
        local->target[j] += local->t[j];
out:
    factor_free(factor);
    return status;
}

/* The minimum over the coefficients at noise exp(u), in target; rcond 0: singular. */
static mxp_status solve_at(struct local *local, double u, mxp_error *error)
{
    const struct state *state = local->state;
    const size_t k = local->k;
    const double inverse = exp(-2.0 * u);
    double *precision = local->target; /* free until the solve */
    mxp_status status;

    take_priors(local, u, precision);
    for (size_t j = 0; j < k; j++)
        local->g[j] += local->unit[j] * inverse;
    if (state->triangle) {
        memcpy(local->delta, precision, k * sizeof *precision);
        return solve_triangle(local, u, local->delta, error);
    }
    for (size_t i = 0; i < k * k; i++)
        local->H[i] = state->gram[i] * inverse;
    for (size_t j = 0; j < k; j++)
        local->H[j + j * k] += precision[j];
    const struct quadratic q = {
        .c = k, .H = local->H, .g = local->g, .t = local->t, .l1 = local->l1, .m = local->m};
    struct quadratic_answer answer = {.target = local->target};
    TRY(status = quadratic_solve(&answer, &q, error));
    local->rcond = answer.rcond;
out:
    return status;
}

/* The fixed point of u -> mode of the noise given the fit at u, from u; Aitken's extrapolation
 * where the rate is steady: a leap over the nearest fixed point would end at another. */
static mxp_status solve_noise(struct local *local, double *u, mxp_error *error)
{
    const struct mxp_problem *problem = local->state->problem;
    double before = NAN, last = NAN, rate_before = NAN;
    mxp_status status = MXP_OK;

    for (int n = 0; n < 500; n++) {
        TRY(status = solve_at(local, *u, error));
        if (local->rcond == 0.0)
            break;
        const struct noise_terms terms = noise_terms(problem, local->target, rss_at(local));
        const double next = noise_mode(&terms), change = next - *u;
        before = last;
        last = change;
        if (!isfinite(next) || fabs(change) <= 2e-16 * fmax(1.0, fabs(*u))) {
            *u = next;
            break;
        }
        const double rate = change / before;
        const bool steady = fabs(rate - rate_before) <= 0.1 * (1.0 - rate);
        rate_before = rate;
        *u = next;
        if (steady && rate > 0.0 && rate < 0.95) {
            *u += change * rate / (1.0 - rate);
            last = rate_before = NAN;
        }
        if (fabs(change) < 1e-13 && n > 50)
            break;
    }
    if (local->rcond != 0.0 && isfinite(*u))
        TRY(status = solve_at(local, *u, error));
out:
    return status;
}

/* Leaves the solution at u, and in local->other the noise of another fixed point, if any. */
static mxp_status solve(struct local *local, double *u, mxp_error *error)
{
    const struct state *state = local->state;

    if (!state->problem->r) {
        *u = log(state->problem->psi[0]);
        return solve_at(local, *u, error);
    }
    mxp_status status = MXP_OK;
    double far = log(state->far_noise);
    *u = isnan(state->start_noise) ? state->now->theta[local->k] : log(state->start_noise);
    if (!isnan(far))
        TRY(status = solve_noise(local, &far, error));
    TRY(status = solve_noise(local, u, error));
    local->other = isfinite(far) && fabs(far - *u) > 1e-6 ? exp(far) : NAN;
out:
    return status;
}

/* R with R'R = Gram from the data, in place of the Gram. */
static mxp_status make_triangle(struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const double psi[FAMILY_AUX_MAX] = {1.0, 1.0};
    mxp_status status;

    TRY(status = mem_doubles(&state->triangle, problem->k, problem->k, error));
    TRY(status = rows_triangle(state->triangle, NULL, problem, state->now->theta, psi, NULL, NULL,
                               error));
    state->passes++;
out:
    return status;
}

/* Solves with the Gram; where its condition is too bad for a smooth problem, with QR. */
static mxp_status solve_safely(struct local *local, double *u, mxp_error *error)
{
    struct state *state = local->state;
    mxp_status status;

    TRY(status = solve(local, u, error));
    if (state->triangle || local->rcond > gram_rcond)
        goto out;
    TRY(status = nomode_dependent(state, error));
    if (state->problem->kinked)
        goto out;
    TRY(status = make_triangle(state, error));
    state->method = &optimizer_qr;
    state->method_reason = "the Gram matrix is badly conditioned";
    TRY(status = solve(local, u, error));
out:
    return status;
}

static mxp_status direct_step(struct state *state, bool *moved, mxp_error *error)
{
    struct local local = {0};
    const size_t k = state->problem->k;
    double u;
    mxp_status status;

    TRY(status = state_gram(state, error));
    TRY(status = local_new(&local, state, error));
    TRY(status = solve_safely(&local, &u, error));
    if (local.rcond == 0.0 && !state->problem->kinked) {
        status = FAIL(error, MXP_NUMERIC,
                      "the posterior is numerically singular: its priors are too wide for columns "
                      "that are nearly dependent");
        goto out;
    }
    state->rcond = local.rcond;
    memcpy(state->trial->theta, local.target, k * sizeof *local.target);
    if (state->problem->r)
        state->trial->theta[k] = u;
    state->start_noise = state->far_noise = NAN;
    if (!isnan(local.other))
        state->other_noise = local.other;
    memset(state->trial->rest, 0, k * sizeof *state->trial->rest);
    if (!state->problem->kinked && !state->problem->design->sparse &&
        (state->triangle || local.rcond < refine_rcond))
        TRY(status = refine_least_squares(state, state->trial, error));
    TRY(status = state_evaluate(state, state->trial, error));
    *moved = state_take_better(state);
out:
    local_free(&local);
    return status;
}

static mxp_status qr_step(struct state *state, bool *moved, mxp_error *error)
{
    mxp_status status = MXP_OK;

    if (!state->triangle) {
        TRY(status = nomode_dependent(state, error));
        TRY(status = make_triangle(state, error));
    }
    TRY(status = direct_step(state, moved, error));
out:
    return status;
}

static const char *not_gaussian(const struct mxp_problem *problem)
{
    return !problem->quadratic       ? "it needs the gaussian family"
           : problem->heavy          ? "it needs priors that are not student_t or cauchy"
           : problem->bounded        ? "it needs priors without bounds"
           : !problem_plain(problem) ? "it needs priors on single coefficients and no constraints"
                                     : NULL;
}

static const char *not_smooth_gaussian(const struct mxp_problem *problem)
{
    return problem->kinked ? "it needs priors without a kink" : not_gaussian(problem);
}

const struct optimizer optimizer_cholesky = {
    .name = "cholesky",
    .help = "gaussian family, smooth priors: Cholesky factor of the Gram matrix",
    .refuses = not_smooth_gaussian,
    .whole_gram = true,
    .step = direct_step};
const struct optimizer optimizer_qr = {
    .name = "qr",
    .help = "gaussian family, smooth priors: QR factorisation of the data, for bad condition",
    .refuses = not_smooth_gaussian,
    .step = qr_step};
const struct optimizer optimizer_coordinate = {
    .name = "coordinate",
    .help = "gaussian family: coordinate descent on the Gram matrix, finished exactly",
    .refuses = not_gaussian,
    .whole_gram = true,
    .step = direct_step};
