#include "fit/nomode.h"
#include "base/mem.h"
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

mxp_status nomode_refuse(const struct mxp_problem *problem, const double *direction,
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

/* Whether now may move along the direction one way or the other without leaving its bounds. */
static bool stays_inside(const struct state *state, const double *direction)
{
    const struct mxp_problem *problem = state->problem;
    bool forth = true, back = true;

    for (size_t j = 0; j < problem->k; j++) {
        const double t = state->now->theta[j], way = direction[j];
        const bool low = t <= problem_lower(problem, j), high = t >= problem_upper(problem, j);
        forth = forth && !(way > 0.0 ? high : way < 0.0 && low);
        back = back && !(way > 0.0 ? low : way < 0.0 && high);
    }
    return forth || back;
}

static mxp_status name_dependent(const struct state *state, const double *RF, size_t k,
                                 const size_t *set, size_t column, const double *scale,
                                 mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    double *direction = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&direction, problem->d + column + 1, 1, error));
    null_direction(direction, RF, k, set, column, scale);
    if (problem_resists(problem, direction) || !stays_inside(state, direction))
        goto out;
    size_t involved = 0;
    for (size_t j = 0; j < problem->k; j++)
        involved += fabs(direction[j]) > 1e-6 * scale[column];
    status = involved > 1
                 ? nomode_refuse(problem, direction, "the columns of ",
                                 " are linearly dependent and their priors are flat; drop one "
                                 "or give it a proper prior",
                                 error)
                 : nomode_refuse(problem, direction, "the column of ",
                                 " is constant (0, or dependent on the intercept) and its prior "
                                 "is flat; drop it or give it a proper prior",
                                 error);
out:
    free(direction);
    return status;
}

/* Whether a coefficient that only bounds hold is free at the mode, or on a bound that nothing
 * pushes it against. */
static bool loose(const struct state *state, size_t j)
{
    const struct mxp_problem *problem = state->problem;
    const struct parameter *p = &problem->parameter[j];
    const bool bounds_only = p->prior.row->flags & (PRIOR_IMPROPER | PRIOR_BOUNDED);

    return p->prior.bounded && bounds_only && p->group == PROBLEM_ALONE &&
           fabs(state->now->gradient[j]) <= 1e-6 * point_scale(state->now, j);
}

/* The flat coordinates that share an eta column: its intercept and weights, or the cutpoints (one
 * stands for all) and slopes of an ordinal model. */
static size_t collect_flat(size_t *set, const struct state *state, size_t slot, bool at_mode)
{
    const struct mxp_problem *problem = state->problem;
    const bool ordered = problem->family->response == RESPONSE_ORDERED;
    size_t f = 0;

    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        const bool here = p->slot == slot || (ordered && p->slot == problem->q);
        if (here && (flat(problem, j) || (at_mode && loose(state, j))))
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
        status = name_dependent(state, R, f, set, column, scale, error);
out:
    factor_free(factor);
    free(R);
    return status;
}

static mxp_status dependent(struct state *state, bool at_mode, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const size_t slots = problem->family->response == RESPONSE_ORDERED ? 1 : problem->q;
    size_t *set = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&set, problem->k, error));
    for (size_t c = 0; c < slots; c++) {
        const size_t f = collect_flat(set, state, c, at_mode);
        if (f > 0)
            TRY(status = dependent_in(state, set, f, error));
    }
out:
    free(set);
    return status;
}

mxp_status nomode_dependent(struct state *state, mxp_error *error)
{
    return dependent(state, false, error);
}

mxp_status nomode_segment(struct state *state, mxp_error *error)
{
    return dependent(state, true, error);
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
        status = nomode_refuse(problem, flat_direction,
                               "the responses are separated: the likelihood rises for ever along ",
                               ", with flat priors; give a proper prior", error);
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
    TRY(status = nomode_separated(state, state->direction, error));
    TRY(status = recession_find(direction, state->problem, error));
    TRY(status = nomode_separated(state, direction, error));
out:
    free(direction);
    return status;
}
