/* Auxiliary parameters that run to the ends of their scale. */
#include "base/mem.h"
#include "base/str.h"
#include "fit/nomode.h"
#include "model/product.h"
#include "model/rows.h"
#include "num/factor.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

/* Beyond these a parameter is where its limit is, for all that rounding leaves of the difference:
 * counts of size 1e6 times their mean, a t distribution of 1e6 degrees of freedom; relative errors
 * of 1e-6; noise of 1e-9 sds of the response. */
static double largest(const struct mxp_problem *problem, const struct family_auxiliary *auxiliary)
{
    if (strcmp(auxiliary->limit, "an exact fit") == 0)
        return 1e12;
    return 1e6 * fmax(1.0, fabs(problem->design->y_mean));
}

static const double smallest = 1e-9;

static mxp_status runs_up(const struct family_auxiliary *auxiliary, mxp_error *error)
{
    return FAIL(error, MXP_NO_MODE,
                "no mode: %s runs to infinity, where the model is %s, because the data show no "
                "more spread than that; use that family, fix %s, or give it a prior",
                auxiliary->name, auxiliary->limit, auxiliary->name);
}

static mxp_status runs_down(const struct family_auxiliary *auxiliary, mxp_error *error)
{
    return FAIL(error, MXP_NO_MODE,
                "no mode: %s runs to 0, because the parameters can fit the rows exactly and "
                "nothing in its prior forbids it; fix it (%s: a number) or give it a prior that "
                "vanishes at 0",
                auxiliary->name, auxiliary->name);
}

mxp_status nomode_auxiliary(const struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const double sd = problem->design->y_offset_sd > 0.0 ? problem->design->y_offset_sd : 1.0;
    const struct family_auxiliary *up = NULL;

    for (size_t s = 0; s < problem->r; s++) {
        const size_t j = problem->k + s;
        const struct family_auxiliary *auxiliary =
            &problem->family->auxiliary[problem->auxiliary[s]];
        const double psi = exp(state->now->theta[j]), slope = state->now->gradient[j];
        const bool flat = prior_is_flat(&problem->parameter[j].prior);
        if (!auxiliary->limit && slope > 0.0 && psi < smallest * sd)
            return runs_down(auxiliary, error);
        if (auxiliary->limit && flat && slope < 0.0 && psi > largest(problem, auxiliary))
            up = auxiliary; /* a scale that runs to 0 may be what drives it */
    }
    return up ? runs_up(up, error) : MXP_OK;
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
static mxp_status spans(bool *exact, struct state *state, const size_t *set, size_t count,
                        mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const struct design *design = problem->design;
    const size_t n = problem->n;
    const double one = 1.0;
    double *Z = NULL, *b = NULL, *held = NULL, residual = 0.0, norm = 0.0;
    mxp_status status;

    TRY(status = mem_doubles(&Z, n, count, error));
    TRY(status = mem_doubles(&b, n, 1, error));
    TRY(status = mem_doubles(&held, problem->k, 1, error));
    for (size_t j = 0; j < problem->k; j++)
        if (problem->parameter[j].scaled)
            held[j] = problem->parameter[j].prior.a[0];
    rows_predictor(b, problem, held);
    for (size_t a = 0; a < count; a++)
        TRY(status = product_predictor(Z + a * n, problem, set + a, 1, &one, 1, 1, error));
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

/* The same, of many columns by some of them where these do.  What does not fit into memory is taken to
 * be spanned where the columns are as many as the rows. */
static mxp_status exact_fit(bool *exact, struct state *state, const size_t *set, size_t count,
                            mxp_error *error)
{
    const size_t n = state->problem->n, some = 2 * n + 16;
    mxp_status status = MXP_OK;

    *exact = count >= n;
    if (count > some && mem_is_modest(2.0 * (double)n * (double)some)) {
        TRY(status = spans(exact, state, set, some, error));
        if (*exact)
            goto out;
    }
    if (mem_is_modest(2.0 * (double)n * (double)count))
        TRY(status = spans(exact, state, set, count, error));
out:
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
    if (!lad && state->gram && count > 0 && count < used &&
        at_scaled_locations(problem, state->now->theta))
        TRY(status = quick_rss(&rss, state, set, count, error));
    const double W = problem->design->weight_sum, sd = problem->design->y_offset_sd,
                 rms = problem->design->y_offset_rms;
    if (rss > 1e-8 * W * sd * sd && rss > 1e-12 * W * rms * rms)
        goto out;
    if (!lad && !state->gram && count < used) /* the noise is followed from next to 0 */
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
