#include "fit/nomode.h"
#include "base/mem.h"
#include "fit/noise.h"
#include "fit/recession.h"
#include "model/rows.h"
#include "num/factor.h"
#include "num/la.h"

#include <float.h>
#include <math.h>
#include <string.h>

static bool flat(const struct mxp_problem *problem, size_t j)
{
    return problem_is_flat(problem, j);
}

static mxp_status refuse(const struct mxp_problem *problem, const double *direction,
                         const char *before, const char *after, mxp_error *error)
{
    struct str names = {0};

    problem_name_direction(&names, problem, direction);
    const mxp_status status =
        FAIL(error, MXP_NO_MODE, "no mode: %s%s%s", before, names.text ? names.text : "", after);
    str_free(&names);
    return status;
}

/* The null direction that ends at flat column `column`: R[0..column) v = R[column], times the
 * columns' scales so that its entries compare. */
static void null_direction(double *direction, const double *RF, size_t k, const size_t *set,
                           size_t column, const double *scale)
{
    double *v = direction; /* d values; the first `column` serve the solve */

    memcpy(v, RF + column * k, column * sizeof *v);
    la_triangle_solve(v, RF, k, column, false);
    for (size_t a = column; a-- > 0;) {
        const double entry = v[a] * scale[a];
        v[a] = 0.0;
        direction[set[a]] = -entry;
    }
    direction[set[column]] = scale[column] > 0.0 ? scale[column] : 1.0;
}

static mxp_status name_dependent(const struct mxp_problem *problem, const double *RF, size_t k,
                                 const size_t *set, size_t column, const double *scale,
                                 mxp_error *error)
{
    double *direction = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&direction, problem->d + column + 1, 1, error));
    null_direction(direction, RF, k, set, column, scale);
    if (problem_resists(problem, direction))
        goto out;
    size_t involved = 0;
    for (size_t j = 0; j < problem->k; j++)
        involved += fabs(direction[j]) > 1e-6 * scale[column];
    status = involved > 1 ? refuse(problem, direction, "the columns of ",
                                   " are linearly dependent and their priors are flat; drop one "
                                   "or give it a proper prior",
                                   error)
                          : refuse(problem, direction, "the column of ",
                                   " is constant (0, or dependent on the intercept) and its prior "
                                   "is flat; drop it or give it a proper prior",
                                   error);
out:
    free(direction);
    return status;
}

/* The flat coordinates that share an eta column: its intercept and weights, or the cutpoints (one
 * stands for all) and slopes of an ordinal model. */
static size_t collect_flat(size_t *set, const struct mxp_problem *problem, size_t slot)
{
    const bool ordered = problem->family->response == RESPONSE_ORDERED;
    size_t f = 0;

    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        const bool here = p->slot == slot || (ordered && p->slot == problem->q);
        if (here && flat(problem, j))
            set[f++] = j;
    }
    return f;
}

static mxp_status dependent_in(struct state *state, size_t *set, size_t f, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    double *R = NULL, *scale;
    size_t column = 0;
    struct factor *factor = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&R, f, f + 1, error));
    scale = R + f * f;
    TRY(status = rows_columns_triangle(R, problem, set, f, error));
    state->passes++;
    for (size_t a = 0; a < f; a++)
        scale[a] = sqrt(la_dot(R + a * f, R + a * f, a + 1));
    const double tolerance =
        4.0 * DBL_EPSILON * sqrt((double)problem->n * (double)problem->k) + 8.0 * DBL_EPSILON;
    TRY(status = factor_triangle(&factor, R, f, f, tolerance, &column, error));
    if (factor->rcond == 0.0)
        status = name_dependent(problem, R, f, set, column, scale, error);
out:
    factor_free(factor);
    free(R);
    return status;
}

mxp_status nomode_dependent(struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const size_t slots = problem->family->response == RESPONSE_ORDERED ? 1 : problem->q;
    size_t *set = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&set, problem->k, error));
    for (size_t c = 0; c < slots; c++) {
        const size_t f = collect_flat(set, problem, c);
        if (f > 0)
            TRY(status = dependent_in(state, set, f, error));
    }
out:
    free(set);
    return status;
}

/* Whether the likelihood never decreases along eta -> eta + s xd, and rises for one row. */
static bool recedes(const struct mxp_problem *problem, const double *xd, double *direction)
{
    const struct design *design = problem->design;
    const size_t n = problem->n, q = problem->q;
    double largest = 0.0;
    bool rises = false;

    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < q && (!design->weights || design->weights[i] > 0.0); c++)
            largest = fmax(largest, fabs(xd[i + c * n]));
    for (size_t i = 0; i < n && largest > 0.0; i++) {
        if (design->weights && design->weights[i] == 0.0)
            continue;
        for (size_t c = 0; c < q; c++)
            direction[c] = xd[i + c * n];
        const int way = problem->family->recession(
            problem->link, problem->y[i], design->trials ? design->trials[i] : 1.0, direction, q,
            problem->model->symmetric, 1e-8 * largest);
        if (way < 0)
            return false;
        rises = rises || way > 0;
    }
    return rises;
}

/* Entries of a direction by what they do to eta: times the spread of their column. */
static void compare_by_spread(double *direction, const struct mxp_problem *problem)
{
    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        if (!problem_is_intercept(problem, j))
            direction[j] *= problem->design->sd[p->column] / p->scale;
    }
}

/* Whether neither prior nor bound keeps coefficient j from going that way for ever. */
static bool may_run(const struct mxp_problem *problem, size_t j, double way)
{
    if (flat(problem, j))
        return true;
    if (!(problem->parameter[j].prior.row->flags & PRIOR_IMPROPER) ||
        problem->parameter[j].group != PROBLEM_ALONE)
        return false;
    return way > 0.0 ? isinf(problem_upper(problem, j)) : isinf(problem_lower(problem, j));
}

mxp_status nomode_separated(struct state *state, const double *direction, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    double *flat_direction = NULL, *xd = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&flat_direction, problem->d + problem->q, 1, error));
    TRY(status = mem_doubles(&xd, problem->n, problem->q, error));
    for (size_t j = 0; j < problem->k; j++)
        flat_direction[j] = may_run(problem, j, direction[j]) ? direction[j] : 0.0;
    rows_direction(xd, problem, flat_direction);
    state->passes++;
    if (!problem_resists(problem, flat_direction) &&
        recedes(problem, xd, flat_direction + problem->d)) {
        compare_by_spread(flat_direction, problem);
        status =
            refuse(problem, flat_direction,
                   "the responses are separated: the likelihood rises for ever as ",
                   " run to infinity, and their priors are flat; give them a proper prior", error);
    }
out:
    free(xd);
    free(flat_direction);
    return status;
}

mxp_status nomode_recession(struct state *state, mxp_error *error)
{
    double *direction = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&direction, state->problem->d, 1, error));
    TRY(status = recession_find(direction, state->problem, error));
    TRY(status = nomode_separated(state, direction, error));
out:
    free(direction);
    return status;
}

/* Columns that may take any value at no cost as the noise goes to 0: all whose prior does not
 * scale with the noise. */
static mxp_status free_columns(size_t **set, size_t *count, const struct mxp_problem *problem,
                               mxp_error *error)
{
    mxp_status status;

    TRY(status = MEM_NEW(set, problem->k, error));
    *count = 0;
    for (size_t j = 0; j < problem->k; j++)
        if (!problem->parameter[j].scaled)
            (*set)[(*count)++] = j;
out:
    return status;
}

/* rss of the unpenalised fit on the set by the Gram; negative where that cannot be trusted. */
static mxp_status quick_rss(double *rss, struct state *state, const size_t *set, size_t count,
                            mxp_error *error)
{
    const size_t k = state->problem->k;
    struct factor *factor = NULL;
    double *H = NULL, *delta, *g;
    mxp_status status;

    *rss = -1.0;
    TRY(status = mem_doubles(&H, count + 2, count, error));
    delta = H + count * count;
    g = delta + count;
    double psi[FAMILY_AUX_MAX];
    problem_psi(psi, state->problem, state->now->theta);
    for (size_t b = 0; b < count; b++) {
        g[b] = state->now->likelihood[set[b]] * psi[0] * psi[0];
        delta[b] = -g[b];
        for (size_t a = 0; a < count; a++)
            H[a + b * count] = state->gram[set[a] + set[b] * k];
    }
    TRY(status = factor_cholesky(&factor, H, count, count, error));
    if (factor->rcond > 1e-12) {
        factor_solve(delta, factor);
        *rss = point_rss(state->now, state->problem) + la_dot(g, delta, count);
    }
out:
    factor_free(factor);
    free(H);
    return status;
}

/* Columns to norm 1: the rank is judged whatever their units. */
static void scale_columns(double *Z, size_t n, size_t count)
{
    for (size_t a = 0; a < count; a++) {
        double *z = Z + a * n;
        const double norm = sqrt(la_dot(z, z, n));
        for (size_t i = 0; i < n && norm > 0.0; i++)
            z[i] /= norm;
    }
}

/* Whether y - offset (less what the scaled columns are held at) is in the span of the set. */
static mxp_status exact_fit(bool *exact, struct state *state, const size_t *set, size_t count,
                            mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const struct design *design = problem->design;
    const size_t n = problem->n;
    double *Z = NULL, *b = NULL, *held = NULL, residual = 0.0, norm = 0.0;
    mxp_status status;

    TRY(status = mem_doubles(&Z, n, problem->k, error));
    TRY(status = mem_doubles(&b, n, 1, error));
    TRY(status = mem_doubles(&held, problem->k, 1, error));
    for (size_t j = 0; j < problem->k; j++)
        if (problem->parameter[j].scaled)
            held[j] = problem->parameter[j].prior.a[0];
    rows_predictor(b, problem, held);
    rows_fill(Z, problem, 0, n);
    for (size_t a = 0; a < count; a++)
        memmove(Z + a * n, Z + set[a] * n, n * sizeof *Z);
    for (size_t i = 0; i < n; i++) {
        const double root = design->weights ? sqrt(design->weights[i]) : 1.0;
        const double y = design->y[i] - (design->offset ? design->offset[i] : 0.0);
        norm += root * root * y * y;
        b[i] = root * (design->y[i] - b[i]);
        for (size_t a = 0; a < count; a++)
            Z[i + a * n] *= root;
    }
    scale_columns(Z, n, count);
    state->passes++;
    TRY(status = la_least_squares(&residual, Z, n, b, n, count, 1e-13, error));
    *exact = residual <= 1e-12 * sqrt(norm);
out:
    free(held);
    free(b);
    free(Z);
    return status;
}

/* Whether J falls without bound as u = log sigma -> -infinity at rss 0: W u, and u for each prior
 * whose scale is a multiple of sigma, against what the prior of the noise gives back. */
static bool unbounded(const struct mxp_problem *problem)
{
    const struct prior *prior = &problem->parameter[problem->k].prior;
    const double jacobian = problem->model->mode_natural ? 0.0 : 1.0;

    if (prior->row->flags & PRIOR_IMPROPER)
        return true;
    double count = problem->design->weight_sum;
    for (size_t j = 0; j < problem->k; j++)
        count += problem->parameter[j].scaled;
    return count > prior->row->order_at_zero(prior->a) + jacobian;
}

/* Whether the coordinates whose prior scales with the noise are where exact_fit holds them. */
static bool at_scaled_locations(const struct mxp_problem *problem, const double *theta)
{
    for (size_t j = 0; j < problem->k; j++)
        if (problem->parameter[j].scaled && theta[j] != problem->parameter[j].prior.a[0])
            return false;
    return true;
}

mxp_status nomode_noise(struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    size_t *set = NULL, count = 0, used = 0;
    double rss = -1.0;
    bool exact = false;
    mxp_status status = MXP_OK;

    const bool lad = problem->family->piecewise_linear;
    if (!(problem->quadratic || lad) || !problem->r || !unbounded(problem))
        return MXP_OK;
    TRY(status = free_columns(&set, &count, problem, error));
    for (size_t i = 0; i < problem->n; i++)
        used += !problem->design->weights || problem->design->weights[i] > 0.0;
    if (!lad && count > 0 && count < used && at_scaled_locations(problem, state->now->theta))
        TRY(status = quick_rss(&rss, state, set, count, error));
    const double W = problem->design->weight_sum, sd = problem->design->y_offset_sd,
                 rms = problem->design->y_offset_rms;
    if (rss > 1e-8 * W * sd * sd && rss > 1e-12 * W * rms * rms)
        goto out;
    TRY(status = exact_fit(&exact, state, set, count, error));
    if (exact)
        status = FAIL(error, MXP_NO_MODE,
                      "no mode: the noise %s runs to 0, because %zu parameters can fit the %zu "
                      "rows exactly and nothing in the prior of \"%s\" forbids it; fix it (%s: a "
                      "number), give it a prior that vanishes at 0%s",
                      lad ? "scale" : "sd", count, used, problem->parameter[problem->k].name,
                      problem->parameter[problem->k].name, lad ? "" : ", or set scale_by_noise");
out:
    free(set);
    return status;
}
