/* Plateaus: where a likelihood that is not log-concave has levelled off at infinity. */
#include "base/mem.h"
#include "fit/nomode.h"
#include "model/rows.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

/* J rises by 4.5 over three sds from a mode, by 72 over twelve, and changes as much elsewhere; on a
 * plateau it stays, at three sds and far beyond, one way at least. */
static const double nearest = 3.0, furthest = 12.0, change = 1e-3;

/* The flattest direction of the likelihood in the flat coefficients, of length one sd. */
static mxp_status flattest(double *direction, const struct state *state, const size_t *set,
                           size_t f, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    double psi[FAMILY_AUX_MAX], *H = NULL, *values, *scale;
    mxp_status status;

    TRY(status = mem_doubles(&H, f + 2, f, error));
    values = H + f * f;
    scale = values + f;
    problem_psi(psi, problem, state->now->theta);
    struct rows_sums sums = {.gram = H};
    const struct rows_request request = {.want = ROWS_GRAM,
                                         .theta = state->now->theta,
                                         .psi = psi,
                                         .columns = set,
                                         .column_count = f,
                                         .threads = state->threads};
    TRY(status = rows_sum(&sums, problem, &request, error));
    for (size_t a = 0; a < f; a++) {
        const double h = fabs(H[a + a * f]);
        scale[a] = h > 0.0 ? sqrt(h) : 1e-150;
    }
    for (size_t b = 0; b < f; b++)
        for (size_t a = 0; a < f; a++)
            H[a + b * f] /= scale[a] * scale[b];
    TRY(status = la_eigen(values, H, f, f, error));
    const double length = sqrt(fmax(fabs(values[0]), 1e-16));
    memset(direction, 0, problem->d * sizeof *direction);
    for (size_t a = 0; a < f; a++)
        direction[set[a]] = H[a] / (scale[a] * length);
out:
    free(H);
    return status;
}

/* Whether J is level from now on along a direction, `way` 1 or -1. */
static mxp_status is_level(bool *level, struct point *probe, struct state *state,
                           const double *direction, double way, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    mxp_status status = MXP_OK;

    *level = true;
    for (double by = nearest; by <= furthest && *level; by *= 2.0) {
        for (size_t j = 0; j < problem->d; j++)
            probe->theta[j] = state->now->theta[j] + way * by * direction[j];
        state->passes++;
        TRY(status = point_evaluate(probe, problem, NULL, state->threads, error));
        *level = fabs(probe->objective - state->now->objective) < change;
    }
out:
    return status;
}

mxp_status nomode_plateau(bool *plateau, double *direction, struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    size_t *set = NULL, f = 0;
    struct point *probe = NULL;
    mxp_status status;

    *plateau = false;
    if (problem->family->concave(problem->link) || problem->family->piecewise_linear)
        return MXP_OK;
    TRY(status = MEM_NEW(&set, problem->k, error));
    for (size_t j = 0; j < problem->k; j++)
        if (problem_is_flat(problem, j))
            set[f++] = j;
    if (f == 0)
        goto out;
    TRY(status = point_new(&probe, problem, error));
    TRY(status = flattest(direction, state, set, f, error));
    if (problem_resists(problem, direction))
        goto out;
    TRY(status = is_level(plateau, probe, state, direction, 1.0, error));
    if (!*plateau)
        TRY(status = is_level(plateau, probe, state, direction, -1.0, error));
out:
    point_free(probe);
    free(set);
    return status;
}

mxp_status nomode_refuse_plateau(struct state *state, mxp_error *error)
{
    double *direction = NULL;
    bool plateau;
    mxp_status status;

    TRY(status = mem_doubles(&direction, state->problem->d, 1, error));
    TRY(status = nomode_plateau(&plateau, direction, state, error));
    if (plateau)
        status = nomode_refuse(state->problem, direction, "the posterior density levels off along ",
                               ", whose priors are flat: the fit runs to infinity there; give a "
                               "proper prior, or take another link",
                               error);
out:
    free(direction);
    return status;
}
