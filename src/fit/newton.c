/* Damped Newton on exact curvature, and proximal Newton where a prior has a kink: the smooth part
 * of J is expanded to second order, the kinks stay exact, the subproblem is solved on a working
 * set, the step is shortened until J decreases enough.
 * Lee, Sun & Saunders (2014), Proximal Newton-type methods. */
#include "base/mem.h"
#include "fit/face.h"
#include "fit/grouped.h"
#include "fit/nomode.h"
#include "fit/optimizer.h"
#include "fit/working.h"
#include "fit/quadratic.h"
#include "model/rows.h"
#include "num/factor.h"

#include <math.h>
#include <string.h>

enum {
    HALVINGS = 60,
    GRAM_WIDEST = 4000 /* up to this many coefficients a quadratic family's whole Gram is kept */
};

/* The Gram is used while the scaled Hessian's reciprocal condition is above this, QR below. */
static const double gram_rcond = 1e-9;

/* The subproblem on a working set of c coordinates. */
struct work {
    size_t c;        /* coordinates: coefficients first, then the auxiliary parameters */
    size_t *columns; /* c: which */
    double *H, *g, *t, *l1, *m, *lower, *upper, *target;
};

static void work_free(struct work *work)
{
    free(work->columns);
    free(work->H);
}

/* Whether coefficient j sits exactly where its prior has a kink or a bound. */
static bool pinned(const struct mxp_problem *problem, const double *theta, size_t j)
{
    const struct joint *group = problem_group(problem, j);
    double l1, m;

    problem_kink(&l1, &m, problem, j, theta);
    return (l1 > 0.0 && theta[j] == m) || problem_at_bound(problem, j, theta[j]) ||
           (group && joint_at_kink(group, theta));
}

/* Above which residual pinned coordinates enter: the worst violators first, up to twice the
 * support (and a few). */
static double entry_limit(const struct state *state)
{
    const struct mxp_problem *problem = state->problem;
    const double *theta = state->now->theta;
    size_t support = 0, violators = 0;
    double limit = 0.0;

    for (size_t j = 0; j < problem->k; j++) {
        if (!pinned(problem, theta, j))
            support++;
        else
            violators += point_residual(state->now, problem, j) > 0.0;
    }
    const size_t room = support + 100;
    for (; violators > room && limit<1e300; limit = limit> 0.0 ? 2.0 * limit : 1e-3) {
        violators = 0;
        for (size_t j = 0; j < problem->k; j++)
            violators +=
                pinned(problem, theta, j) && point_residual(state->now, problem, j) > limit;
    }
    return limit;
}

/* Everything when the Gram of everything is at hand and J is convex; else what is not pinned or
 * ought not to be: what stays pinned may have any curvature with the rest. */
static mxp_status choose_columns(struct work *work, const struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const bool few = state->gram_wanted || !problem->kinked || problem->grouped;
    const bool all = few && problem->concave;
    const double limit = few ? 0.0 : entry_limit(state);
    mxp_status status;

    TRY(status = MEM_NEW(&work->columns, problem->d, error));
    for (size_t j = 0; j < problem->k; j++)
        if (all || !pinned(problem, state->now->theta, j) ||
            point_residual(state->now, problem, j) > 0.5 * limit)
            work->columns[work->c++] = j;
out:
    return status;
}

/* Adds the priors' second derivatives in coefficients and noise; the trial's arrays are scratch. */
static void add_prior_cross(double *cross, struct state *state)
{
    struct prior_sums prior = {
        .gradient = state->trial->gradient, .diagonal = state->trial->diagonal, .cross = cross};

    problem_prior(&prior, state->problem, state->now->theta);
}

/* The likelihood's Hessian in the coefficients of the working set, with the mixed and own parts of
 * the auxiliary parameters: of the evaluation, or made for these columns. */
static mxp_status make_gram(double *G, double *cross, double *own, const struct work *work,
                            size_t coefficients, struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    double psi[FAMILY_AUX_MAX];
    mxp_status status = MXP_OK;

    problem_psi(psi, problem, state->now->theta);
    struct rows_sums sums = {.gram = G, .cross = cross, .own = own};
    const struct rows_request request = {.want = ROWS_GRAM,
                                         .theta = state->now->theta,
                                         .psi = psi,
                                         .columns = work->columns,
                                         .column_count = coefficients,
                                         .threads = state->threads};
    state->passes++;
    TRY(status = rows_sum(&sums, problem, &request, error));
    if (problem->r)
        add_prior_cross(cross, state);
out:
    return status;
}

/* The same from the Gram of all coefficients: that of the evaluation, or a quadratic family's at
 * noise 1, whose likelihood goes with exp(-2u). */
static void take_gram(double *G, double *cross, double *own, const struct work *work,
                      size_t coefficients, struct state *state)
{
    const struct mxp_problem *problem = state->problem;
    const struct point *now = state->now;
    const size_t k = problem->k, r = problem->r;
    double psi[FAMILY_AUX_MAX], divide = 1.0;

    if (problem->quadratic) {
        problem_psi(psi, problem, now->theta);
        divide = psi[0] * psi[0];
    }
    for (size_t b = 0; b < coefficients; b++)
        for (size_t a = 0; a < coefficients; a++)
            G[a + b * coefficients] = state->gram[work->columns[a] + work->columns[b] * k] / divide;
    if (!problem->quadratic) {
        memcpy(cross, now->cross, k * r * sizeof *cross);
        memcpy(own, now->own, r * r * sizeof *own);
    } else if (r > 0) {
        for (size_t j = 0; j < k; j++)
            cross[j] = -2.0 * now->likelihood[j];
        own[0] = now->diagonal[k] - now->prior_diagonal[k];
        add_prior_cross(cross, state);
    }
}

/* H on the working set, auxiliary parameters last. */
static mxp_status take_hessian(struct work *work, struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const size_t r = problem->r, c = work->c, a = c - r;
    double *G = NULL, *cross, *own;
    mxp_status status;

    TRY(status = mem_doubles(&G, a * a + problem->k * r + r * r, 1, error));
    cross = G + a * a;
    own = cross + problem->k * r;
    if (problem->quadratic && problem->k <= GRAM_WIDEST)
        TRY(status = state_gram(state, error));
    if (state->gram && (problem->quadratic || state->gram_current))
        take_gram(G, cross, own, work, a, state);
    else
        TRY(status = make_gram(G, cross, own, work, a, state, error));
    for (size_t j = 0; j < a; j++) {
        memcpy(work->H + j * c, G + j * a, a * sizeof *G);
        for (size_t s = 0; s < r; s++)
            work->H[a + s + j * c] = work->H[j + (a + s) * c] =
                cross[work->columns[j] + s * problem->k];
    }
    for (size_t t = 0; t < r; t++)
        for (size_t s = 0; s < r; s++)
            work->H[a + s + (a + t) * c] = own[s + t * r];
    for (size_t j = 0; j < c; j++)
        work->H[j + j * c] += state->now->prior_diagonal[work->columns[j]];
    TRY(status = problem_joint_curvature(work->H, c, problem, state->now->theta, work->columns, c,
                                         false, error));
out:
    free(G);
    return status;
}

/* Where J need not be convex: adds to the diagonal, relative to its entries, until a Cholesky
 * factor exists, so that the step goes downhill (Levenberg and Marquardt's shift). */
static mxp_status make_definite(struct work *work, const struct mxp_problem *problem,
                                mxp_error *error)
{
    struct factor *factor = NULL;
    mxp_status status = MXP_OK;

    if (problem->concave)
        return MXP_OK;
    for (double shift = 1e-3; shift < 1e12; shift *= 10.0) {
        TRY(status = factor_cholesky(&factor, work->H, work->c, work->c, error));
        if (factor->rcond > 1e-14)
            break;
        for (size_t j = 0; j < work->c; j++) {
            const double h = fabs(work->H[j + j * work->c]);
            work->H[j + j * work->c] += shift * (h > 0.0 ? h : 1.0);
        }
        factor_free(factor);
        factor = NULL;
    }
out:
    factor_free(factor);
    return status;
}

static mxp_status work_new(struct work *work, struct state *state, mxp_error *error)
{
    mxp_status status;

    TRY(status = choose_columns(work, state, error));
    for (size_t s = 0; s < state->problem->r; s++)
        work->columns[work->c++] = state->problem->k + s;
    const size_t c = work->c;
    TRY(status = mem_doubles(&work->H, c + 7, c, error));
    double **parts[] = {&work->g,     &work->t,     &work->l1,    &work->m,
                        &work->lower, &work->upper, &work->target};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i] = work->H + (c + i) * c;
    for (size_t a = 0; a < c; a++) {
        const size_t j = work->columns[a];
        work->g[a] = state->now->gradient[j];
        work->t[a] = state->now->theta[j];
        problem_kink(&work->l1[a], &work->m[a], state->problem, j, state->now->theta);
        work->lower[a] = problem_lower(state->problem, j);
        work->upper[a] = problem_upper(state->problem, j);
    }
    TRY(status = take_hessian(work, state, error));
out:
    return status;
}

/* The decrease that the linear model with exact kinks predicts for a full step; negative.  The
 * trial's coordinates are overwritten. */
static double predicted(const struct work *work, struct state *state)
{
    const struct mxp_problem *problem = state->problem;
    double sum = 0.0;

    memcpy(state->trial->theta, state->now->theta, problem->d * sizeof *state->now->theta);
    for (size_t a = 0; a < work->c; a++)
        state->trial->theta[work->columns[a]] = work->target[a];
    for (size_t i = 0; i < problem->joints && problem->grouped; i++)
        if (joint_kinked(problem->joint[i]))
            sum += joint_value(problem->joint[i], state->trial->theta) -
                   joint_value(problem->joint[i], state->now->theta);
    for (size_t a = 0; a < work->c; a++) {
        sum += work->g[a] * (work->target[a] - work->t[a]);
        sum += work->l1[a] * (fabs(work->target[a] - work->m[a]) - fabs(work->t[a] - work->m[a]));
    }
    return sum;
}

/* Armijo's rule.  Where J is the same up to its own rounding (larger where the predictors are
 * differences of large numbers), the certificate decides.  The full step lands on its kinks
 * exactly. */
static bool acceptable(const struct state *state, double expected)
{
    const struct point *now = state->now, *trial = state->trial;
    const double change = trial->objective - now->objective;
    const double size = fabs(now->objective) + (double)state->problem->n;

    return change <= expected || (fabs(change) <= 1e-14 * size && trial->kkt < now->kkt) ||
           (fabs(change) <= 1e-9 * size && trial->kkt < 0.5 * now->kkt);
}

/* The longest step that moves no auxiliary parameter by more than a factor of e^2. */
static double longest(const struct work *work, const struct mxp_problem *problem)
{
    double most = 2.0;

    for (size_t a = work->c - problem->r; a < work->c; a++)
        most = fmax(most, fabs(work->target[a] - work->t[a]));
    return 2.0 / most;
}

static mxp_status line_search(const struct work *work, struct state *state, bool *moved,
                              mxp_error *error)
{
    const double slope = predicted(work, state);
    const double rounding = 1e-14 * (fabs(state->now->objective) + (double)state->problem->n);
    double alpha = longest(work, state->problem);
    mxp_status status = MXP_OK;

    *moved = false;
    for (int n = 0; n < HALVINGS; n++, alpha *= 0.5) {
        memcpy(state->trial->theta, state->now->theta,
               state->problem->d * sizeof *state->trial->theta);
        for (size_t a = 0; a < work->c; a++)
            state->trial->theta[work->columns[a]] =
                alpha == 1.0 ? work->target[a]
                             : work->t[a] + alpha * (work->target[a] - work->t[a]);
        TRY(status = state_evaluate(state, state->trial, error));
        if (acceptable(state, 1e-4 * alpha * slope)) {
            state_take_trial(state);
            *moved = true;
            break;
        }
        if (-alpha * slope < 1e-3 * rounding)
            break;
    }
    if (!*moved && state->gram_wanted)
        TRY(status = state_evaluate(state, state->now, error)); /* the Gram of now again */
out:
    return status;
}

/* The step of a smooth problem from the data's triangle: no Gram, its condition is not squared. */
static mxp_status solve_triangle(struct work *work, struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const struct point *now = state->now;
    const size_t k = problem->k;
    double psi[FAMILY_AUX_MAX], *R = NULL;
    struct factor *factor = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&R, k, k, error));
    problem_psi(psi, problem, now->theta);
    state->passes++;
    TRY(status =
            rows_triangle(R, NULL, problem, now->theta, psi, now->prior_diagonal, NULL, error));
    TRY(status = factor_triangle(&factor, R, k, k, 1e-16, NULL, error));
    state->rcond = factor->rcond;
    if (factor->rcond == 0.0)
        goto out;
    for (size_t j = 0; j < k; j++)
        work->target[j] = -work->g[j];
    factor_solve(work->target, factor);
    for (size_t j = 0; j < k; j++)
        work->target[j] += work->t[j];
out:
    factor_free(factor);
    free(R);
    return status;
}

static struct quadratic subproblem(const struct work *work, const struct mxp_problem *problem)
{
    return (struct quadratic){.c = work->c,
                              .H = work->H,
                              .g = work->g,
                              .t = work->t,
                              .l1 = work->l1,
                              .m = work->m,
                              .lower = problem->bounded ? work->lower : NULL,
                              .upper = problem->bounded ? work->upper : NULL};
}

/* Where J is not jointly convex: the step on the face where the point is, if that goes downhill. */
static mxp_status step_on_face(struct work *work, struct state *state, bool *moved,
                               mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const struct quadratic q = subproblem(work, problem);
    struct quadratic_answer answer = {.target = work->target};
    bool usable = false;
    mxp_status status;

    *moved = false;
    if (problem->concave || problem->equality || !(problem->kinked || problem->grouped))
        return MXP_OK;
    TRY(status = face_step(&answer, &usable, &q, work->columns, problem, state->now->theta, error));
    if (!usable)
        goto out;
    state->rcond = answer.rcond;
    status = line_search(work, state, moved, error);
out:
    return status;
}

/* NO_MODE when a singular Hessian has a reason. */
static mxp_status explain_singular(struct state *state, mxp_error *error)
{
    mxp_status status;

    TRY(status = nomode_dependent(state, error));
    TRY(status = nomode_separated(state, state->direction, error));
out:
    return status;
}

/* The subproblem; where a smooth one is badly conditioned, by QR.  A singular one is often the sign
 * of a direction in which the likelihood has become flat: then its reason is looked for first. */
static mxp_status solve(struct work *work, struct state *state, mxp_error *error)
{
    const struct quadratic q = subproblem(work, state->problem);
    struct quadratic_answer answer = {.target = work->target};
    mxp_status status;

    if (state->problem->equality)
        TRY(status = face_equality(&answer, &q, state->problem->equality, error));
    else if (state->problem->grouped)
        TRY(status = grouped_solve(&answer, &q, work->columns, state->problem, error));
    else
        TRY(status = quadratic_solve(&answer, &q, error));
    state->rcond = answer.rcond;
    if (answer.rcond == 0.0)
        TRY(status = explain_singular(state, error));
    if (state->problem->kinked || !state->problem->concave || state->problem->q > 1 ||
        !problem_plain(state->problem) || answer.rcond > gram_rcond)
        goto out;
    TRY(status = solve_triangle(work, state, error));
    if (state->rcond > 0.0)
        goto out;
    TRY(status = explain_singular(state, error));
    status = FAIL(error, MXP_NUMERIC,
                  "the posterior is numerically singular: its priors are too wide for columns that "
                  "are nearly dependent");
out:
    return status;
}

static mxp_status newton_step(struct state *state, bool *moved, mxp_error *error)
{
    struct work work = {0};
    mxp_status status;

    TRY(status = work_new(&work, state, error));
    TRY(status = step_on_face(&work, state, moved, error));
    if (*moved)
        goto out;
    TRY(status = make_definite(&work, state->problem, error));
    TRY(status = solve(&work, state, error));
    TRY(status = line_search(&work, state, moved, error));
out:
    work_free(&work);
    return status;
}

/* Many coefficients: a sweep down to their priors; what it leaves, Newton steps finish. */
static mxp_status proximal_step(struct state *state, bool *moved, mxp_error *error)
{
    mxp_status status = MXP_OK;

    *moved = false;
    if (state->problem->r == 0 && working_fits(state->problem))
        status = working_step(state, moved, error);
    if (status == MXP_OK && !*moved)
        status = newton_step(state, moved, error);
    return status;
}

static const char *newton_refuses(const struct mxp_problem *problem)
{
    if (problem->family->piecewise_linear)
        return "it needs a likelihood with curvature";
    return problem->kinked || problem->grouped ? "it needs priors without a kink" : NULL;
}

static const char *proximal_refuses(const struct mxp_problem *problem)
{
    if (problem->family->piecewise_linear)
        return "it needs a likelihood with curvature";
    return problem->r && problem->model->scale_by_noise
               ? "it needs priors whose scales do not depend on the noise"
               : NULL;
}

const struct optimizer optimizer_newton = {
    .name = "newton",
    .help = "smooth posteriors: damped Newton on exact curvature",
    .refuses = newton_refuses,
    .joint = true,
    .step = newton_step};
const struct optimizer optimizer_proximal = {
    .name = "proximal",
    .help = "priors with a kink: proximal Newton on a working set",
    .refuses = proximal_refuses,
    .joint = true,
    .step = proximal_step};
