#include "fit/working.h"
#include "base/mem.h"
#include "fit/sweep.h"

#include <math.h>
#include <string.h>

/* Below so many coefficients a Newton step on all of them is as good. */
enum { LEAST = 200, SCALES_MAX = 8, STEPS_MAX = 200 };

bool working_fits(const struct mxp_problem *problem)
{
    return problem->k > LEAST && problem->kinked && problem->q == 1 && problem->r == 0 &&
           problem->link == 0 && problem->family->conjugate && !problem->family->piecewise_linear &&
           (problem->quadratic || problem->concave) && !problem->heavy && problem->joints == 0 &&
           !problem->equality;
}

/* The priors as penalties beside a loss at noise 1; arrays of k values behind one another. */
static mxp_status take_penalty(double **storage, struct sweep_penalty *penalty,
                               const struct mxp_problem *problem, mxp_error *error)
{
    const size_t k = problem->k;
    double psi[FAMILY_AUX_MAX], phi = 1.0, *l1, *l2, *centre;
    mxp_status status;

    TRY(status = mem_doubles(storage, k, 5, error));
    l1 = *storage;
    l2 = l1 + k;
    centre = l2 + k;
    struct prior_sums sums = {.gradient = centre + k, .diagonal = l2};
    problem_psi(psi, problem, centre); /* nothing is estimated */
    if (problem->quadratic)
        phi = psi[0] * psi[0];
    problem_prior_at(&sums, problem, centre, psi[0]);
    for (size_t j = 0; j < k; j++) {
        problem_kink_at(&l1[j], &centre[j], problem, j, psi[0]);
        if (l1[j] == 0.0)
            centre[j] = l2[j] > 0.0 ? problem->parameter[j].prior.a[0] : 0.0;
        l1[j] *= phi;
        l2[j] *= phi;
    }
    *penalty = (struct sweep_penalty){.l1 = l1, .l2 = l2, .centre = centre};
out:
    return status;
}

/* From the empty model down to 1 in steps that the working set can follow. */
static size_t list_scales(double *scale, double largest, bool at_once)
{
    const double steps = at_once ? 1.0 : ceil(log(fmax(largest, 1.0)) / log(3.0));
    const size_t count = steps < 1.0 ? 1 : steps > SCALES_MAX ? SCALES_MAX : (size_t)steps;

    for (size_t i = 0; i < count; i++)
        scale[i] = pow(fmax(largest, 1.0), (double)(count - 1 - i) / (double)count);
    scale[count - 1] = 1.0;
    return count;
}

static mxp_status solve(struct sweep_point *point, struct sweep *sweep, bool at_once,
                        double tolerance, mxp_error *error)
{
    struct sweep_point points[SCALES_MAX] = {0};
    double scale[SCALES_MAX];
    const size_t count = list_scales(scale, sweep_largest(sweep), at_once);
    size_t done;
    mxp_status status = MXP_OK;

    if (count > 1) {
        sweep_aim(sweep, 0.1);
        TRY(status = sweep_solve(points, &done, sweep, scale, count - 1, NULL, error));
    }
    sweep_aim(sweep, tolerance);
    status = sweep_solve(&points[count - 1], &done, sweep, &scale[count - 1], 1, NULL, error);
    *point = points[count - 1];
    for (size_t i = 0; i + 1 < count; i++)
        point->iterations += points[i].iterations;
    for (size_t i = 0; i + 1 < count; i++)
        point->passes += points[i].passes;
    points[count - 1] = (struct sweep_point){0};
out:
    for (size_t i = 0; i < count; i++)
        sweep_point_clear(&points[i]);
    return status;
}

mxp_status working_step(struct state *state, bool *moved, mxp_error *error)
{
    const struct sweep_options options = {
        .tolerance = state->tolerance, .threads = state->threads, .max_iterations = STEPS_MAX};
    struct sweep_penalty penalty;
    struct sweep_point point = {0};
    struct sweep *sweep = NULL;
    double *storage = NULL;
    mxp_status status;

    TRY(status = take_penalty(&storage, &penalty, state->problem, error));
    TRY(status = sweep_new(&sweep, state->problem, &penalty, &options, error));
    TRY(status =
            solve(&point, sweep, state->problem->design->sparse != NULL, state->tolerance, error));
    memcpy(state->trial->theta, penalty.centre, state->problem->k * sizeof *penalty.centre);
    for (size_t i = 0; i < point.count; i++)
        state->trial->theta[point.index[i]] = point.theta[i];
    state->iterations += point.iterations;
    state->passes += point.passes;
    TRY(status = state_evaluate(state, state->trial, error));
    *moved = isfinite(state->trial->objective) && state_take_better(state);
out:
    sweep_point_clear(&point);
    sweep_free(sweep);
    free(storage);
    return status;
}
