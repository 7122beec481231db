/* Least absolute deviations: double-exponential noise with identity link.  -log posterior is
 * piecewise linear in the coefficients, apart from gaussian priors, and J is multiplied by the
 * noise scale s here, so that the rows keep their weights and only the priors depend on s.  At each
 * s the minimum is found exactly; the fixed point of s and its mode given the residuals is the
 * stationary point.  With more shrinkage at larger s the residuals grow, so that fixed point is
 * monotone: it ends at the smallest mode from below, at the largest from above. */
#include "base/mem.h"
#include "fit/lad_solve.h"
#include "fit/nomode.h"
#include "fit/noise.h"
#include "fit/optimizer.h"
#include "model/rows.h"
#include "num/factor.h"
#include "num/la.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { WARM_ROUNDS = 8 }; /* from the answer at another noise; more cost as much as the interior */

/* The problem around `now`: residuals there are the responses, columns have a mean square of 1. */
struct work {
    struct state *state;
    size_t n, k, kinks;
    size_t *row, *kink;                /* n: rows with weight; kinks */
    double *A, *y, *c, *rounding;      /* n x k, N, N, N */
    double *norm, *g, *lambda, *theta; /* k: theta the answer in solver coordinates */
    double *full;                      /* rows of the design */
    struct lad lad;
    struct lad_answer answer;
    bool known; /* the answer is that of another noise */
    bool fresh; /* it comes from the interior */
    double *storage;
};

static void work_free(struct work *work)
{
    free(work->storage);
    free(work->A);
    free(work->row);
    free(work->answer.side);
}

static mxp_status work_new(struct work *work, struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const size_t n = problem->n, k = problem->k, N = n + k;
    mxp_status status;

    *work = (struct work){.state = state, .k = k};
    TRY(status = MEM_NEW(&work->row, n + k, error));
    TRY(status = MEM_NEW(&work->answer.side, N, error));
    TRY(status = mem_doubles(&work->A, n, k, error));
    TRY(status = mem_doubles(&work->storage, 5 * N + 5 * k + n, 1, error));
    work->kink = work->row + n;
    double **rows[] = {&work->y, &work->c, &work->rounding, &work->answer.a, &work->answer.r};
    double **columns[] = {&work->norm, &work->g, &work->lambda, &work->theta, &work->answer.d};
    for (size_t i = 0; i < 5; i++) {
        *rows[i] = work->storage + i * N;
        *columns[i] = work->storage + 5 * N + i * k;
    }
    work->full = work->storage + 5 * N + 5 * k;
out:
    return status;
}

/* What rounding does to the residual of row i at theta. */
static double rounding_at(const struct mxp_problem *problem, const double *theta, size_t i)
{
    const struct design *design = problem->design;
    double size = fabs(design->y[i]) + (design->offset ? fabs(design->offset[i]) : 0.0);

    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        const double x = problem_is_intercept(problem, j) ? 1.0 : design->column[p->column][i];
        const double z = problem_is_intercept(problem, j) ? 1.0 : fabs(x) + fabs(p->shift);
        size += z * fabs(theta[j] / p->scale);
    }
    return DBL_EPSILON * size;
}

/* Rows with weight, and the columns there. */
static void take_rows(struct work *work)
{
    const struct mxp_problem *problem = work->state->problem;
    const struct design *design = problem->design;
    const double *theta = work->state->now->theta;

    rows_predictor(work->full, problem, theta);
    rows_fill(work->A, problem, 0, problem->n);
    for (size_t i = 0; i < problem->n; i++) {
        const double w = design->weights ? design->weights[i] : 1.0;
        if (w == 0.0)
            continue;
        work->row[work->n] = i;
        work->c[work->n] = w;
        work->y[work->n] = design->y[i] - work->full[i];
        work->rounding[work->n++] = rounding_at(problem, theta, i);
    }
    for (size_t j = 0; j < work->k; j++) {
        double *column = work->A + j * work->n;
        for (size_t i = 0; i < work->n; i++) /* never ahead of where it reads */
            column[i] = problem->parameter[j].sign * work->A[work->row[i] + j * problem->n];
        const double norm = sqrt(la_dot(column, column, work->n) / (double)work->n);
        work->norm[j] = norm > 0.0 ? norm : 1.0;
        for (size_t i = 0; i < work->n; i++)
            column[i] /= work->norm[j];
    }
}

/* The priors at noise exp(u), times it, in the coordinates of the work. */
static void take_priors(struct work *work, double u)
{
    const struct mxp_problem *problem = work->state->problem;
    const double *theta = work->state->now->theta, s = exp(u);
    struct prior_sums sums = {.gradient = work->g, .diagonal = work->lambda};

    memset(work->g, 0, work->k * sizeof *work->g);
    memset(work->lambda, 0, work->k * sizeof *work->lambda);
    problem_prior_at(&sums, problem, theta, s);
    work->kinks = 0;
    for (size_t j = 0; j < work->k; j++) {
        double l1, m;
        work->g[j] *= s / work->norm[j];
        work->lambda[j] *= s / work->norm[j] / work->norm[j];
        problem_kink_at(&l1, &m, problem, j, s);
        if (l1 == 0.0)
            continue;
        const size_t i = work->n + work->kinks;
        work->kink[work->kinks++] = j;
        work->c[i] = l1 * s / work->norm[j];
        work->y[i] = (m - theta[j]) * work->norm[j];
        work->rounding[i] = DBL_EPSILON * (fabs(m) + fabs(theta[j])) * work->norm[j];
    }
    work->lad = (struct lad){.n = work->n,
                             .k = work->k,
                             .kinks = work->kinks,
                             .A = work->A,
                             .y = work->y,
                             .c = work->c,
                             .rounding = work->rounding,
                             .kink = work->kink,
                             .g = work->g,
                             .lambda = work->lambda};
}

/* The answer in solver coordinates; held kinks are met exactly. */
static void take_theta(struct work *work)
{
    const struct mxp_problem *problem = work->state->problem;

    for (size_t j = 0; j < work->k; j++)
        work->theta[j] = work->state->now->theta[j] + work->answer.d[j] / work->norm[j];
    for (size_t e = 0; e < work->kinks; e++) {
        double l1, m;
        problem_kink_at(&l1, &m, problem, work->kink[e], 1.0);
        if (work->answer.side[work->n + e] == 0)
            work->theta[work->kink[e]] = m;
    }
}

/* The duals are multiples of the weights, and the kinks' weights go with the noise. */
static void scale_duals(struct work *work, const double *share)
{
    for (size_t e = 0; e < work->kinks; e++)
        work->answer.a[work->n + e] = share[e] * work->c[work->n + e];
}

/* The minimum at noise exp(u): from that of another noise where the rows at 0 are the same or
 * nearly, else from the interior. */
static mxp_status solve_at(struct work *work, double u, bool anew, mxp_error *error)
{
    double *share = NULL;
    mxp_status status = MXP_OK;

    if (work->k == 0) {
        take_priors(work, u);
        memcpy(work->answer.r, work->y, work->n * sizeof *work->y);
        return MXP_OK;
    }
    TRY(status = mem_doubles(&share, work->k, 1, error));
    for (size_t e = 0; e < work->kinks; e++)
        share[e] = work->answer.a[work->n + e] / work->c[work->n + e];
    take_priors(work, u);
    work->answer.exact = false;
    if (work->known && !anew) {
        scale_duals(work, share);
        TRY(status = lad_finish(&work->answer, &work->lad, WARM_ROUNDS, error));
        work->fresh = false;
    }
    if (!work->answer.exact) {
        TRY(status = lad_interior(&work->answer, &work->lad, error));
        TRY(status = lad_finish(&work->answer, &work->lad, lad_rounds(&work->lad), error));
        work->fresh = true;
    }
    work->known = work->answer.exact;
    take_theta(work);
out:
    free(share);
    return status;
}

/* The noise's mode given the residuals of the answer. */
static double noise_given(const struct work *work)
{
    struct noise_terms terms = noise_terms(work->state->problem, work->theta, 0.0);

    for (size_t i = 0; i < work->n; i++)
        if (work->k == 0 || work->answer.side[i] != 0)
            terms.absolute += work->c[i] * fabs(work->answer.r[i]);
    return noise_mode(&terms);
}

/* The fixed point of the noise from u on; Aitken's extrapolation where the rate is steady. */
static mxp_status solve_noise(struct work *work, double *u, mxp_error *error)
{
    double last = NAN, rate_before = NAN;
    mxp_status status = MXP_OK;

    for (int n = 0; n < 500; n++) {
        TRY(status = solve_at(work, *u, false, error));
        const double next = noise_given(work), change = next - *u, rate = change / last;
        *u = next;
        if (!isfinite(next) || fabs(change) <= 2e-16 * fmax(1.0, fabs(next)) ||
            (fabs(change) < 1e-13 && n > 50))
            break;
        const bool steady = fabs(rate - rate_before) <= 0.1 * (1.0 - rate);
        last = change;
        rate_before = rate;
        if (steady && rate > 0.0 && rate < 0.95) {
            *u += change * rate / (1.0 - rate);
            last = rate_before = NAN;
        }
    }
    if (isfinite(*u) && !work->fresh)
        TRY(status = solve_at(work, *u, true, error));
out:
    return status;
}

/* Leaves the solution at u, and in state->other_noise that of another fixed point, if any. */
static mxp_status solve(struct work *work, double *u, mxp_error *error)
{
    struct state *state = work->state;
    double far = log(state->far_noise);
    mxp_status status;

    if (!state->problem->r) {
        *u = log(state->problem->psi[0]);
        return solve_at(work, *u, true, error);
    }
    *u = isnan(state->start_noise) ? state->now->theta[work->k] : log(state->start_noise);
    if (!isnan(far))
        TRY(status = solve_noise(work, &far, error));
    TRY(status = solve_noise(work, u, error));
    if (isfinite(far) && fabs(far - *u) > 1e-6)
        state->other_noise = exp(far);
    state->start_noise = state->far_noise = NAN;
    if (!isfinite(*u))
        status = FAIL(error, MXP_NO_MODE,
                      "no mode: the noise scale runs to 0, because the rows are fitted exactly; "
                      "fix noise_scale, or give it a prior that vanishes at 0");
out:
    return status;
}

/* The likelihood's gradient at the point by the subgradient that the dual has chosen for the rows
 * whose residual is 0, and the certificate with it. */
static mxp_status certify(struct work *work, struct point *point, mxp_error *error)
{
    const struct mxp_problem *problem = work->state->problem;
    double psi[FAMILY_AUX_MAX], *gradient = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&gradient, work->k, 1, error));
    problem_psi(psi, problem, point->theta);
    rows_predictor(work->full, problem, point->theta);
    work->state->passes += 2;
    for (size_t i = 0, at = 0; i < problem->n; i++) {
        const double r = problem->design->y[i] - work->full[i];
        if (at == work->n || work->row[at] != i) {
            work->full[i] = 0.0;
            continue;
        }
        const bool zero = work->k > 0 && work->answer.side[at] == 0 &&
                          fabs(r) <= 1e3 * rounding_at(problem, point->theta, i) + 1e-14 * psi[0];
        const double w = work->c[at], dual = fmax(-w, fmin(w, work->answer.a[at]));
        work->full[i] = -(zero ? dual : r > 0.0 ? w : r < 0.0 ? -w : 0.0) / psi[0];
        at++;
    }
    rows_transposed(gradient, problem, work->full);
    for (size_t j = 0; j < work->k; j++) {
        point->gradient[j] += gradient[j] - point->likelihood[j];
        point->likelihood[j] = gradient[j];
    }
    point_certify(point, problem);
out:
    free(gradient);
    return status;
}

/* The condition of the expected Hessian. */
static mxp_status take_condition(struct state *state, mxp_error *error)
{
    const size_t k = state->problem->k;
    struct factor *factor = NULL;
    double *H = NULL;
    mxp_status status = MXP_OK;

    if (!state->gram || !state->gram_current || k == 0)
        return MXP_OK;
    TRY(status = mem_doubles(&H, k, k, error));
    memcpy(H, state->gram, k * k * sizeof *H);
    for (size_t j = 0; j < k; j++)
        H[j + j * k] += state->now->prior_diagonal[j];
    TRY(status = factor_cholesky(&factor, H, k, k, error));
    state->rcond = factor->rcond;
out:
    factor_free(factor);
    free(H);
    return status;
}

static mxp_status lad_step(struct state *state, bool *moved, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    struct work work = {0};
    double u;
    mxp_status status;

    if (state->iterations == 0)
        TRY(status = nomode_dependent(state, error));
    TRY(status = work_new(&work, state, error));
    take_rows(&work);
    TRY(status = solve(&work, &u, error));
    memcpy(state->trial->theta, work.theta, work.k * sizeof *work.theta);
    if (problem->r)
        state->trial->theta[work.k] = u;
    TRY(status = state_evaluate(state, state->trial, error));
    TRY(status = certify(&work, state->trial, error));
    *moved = state_take_better(state);
    state->gram_current = state->gram_current && *moved;
    state->not_unique = !work.answer.unique && work.k > 0;
    TRY(status = take_condition(state, error));
out:
    work_free(&work);
    return status;
}

static const char *refuses(const struct mxp_problem *problem)
{
    if (!problem->family->piecewise_linear)
        return "it needs the laplace family";
    if (problem->design->sparse)
        return "the laplace family is fitted on dense columns only";
    if (problem->link != 0)
        return "the laplace family is fitted with the identity link only";
    if (!problem_plain(problem))
        return "the laplace family is fitted with flat, gaussian, laplace and elastic_net priors "
               "of single coefficients without bounds only";
    return NULL;
}

const struct optimizer optimizer_lad = {
    .name = "lad",
    .help = "laplace family: interior point, finished exactly; noise by its fixed point",
    .refuses = refuses,
    .step = lad_step};
