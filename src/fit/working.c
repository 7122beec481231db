#include "fit/working.h"
#include "base/mem.h"
#include "fit/noise.h"
#include "fit/sweep.h"

#include <math.h>
#include <string.h>

/* Below so many coefficients a Newton step on all of them is as good. */
enum { LEAST = 200, SCALES_MAX = 8, STEPS_MAX = 200, NOISES_MAX = 300 };
/* A share of the spread of y: columns that can fit all rows exactly are not followed below it. */
static const double least_noise = 1e-2, gone = 1e-12;

bool working_fits(const struct mxp_problem *problem)
{
    return problem->k > LEAST && problem->kinked && problem->q == 1 &&
           (problem->r == 0 || (problem->quadratic && problem->r == 1)) && problem->link == 0 &&
           problem->family->conjugate && !problem->family->piecewise_linear &&
           (problem->quadratic || problem->concave) && !problem->heavy && problem->joints == 0 &&
           !problem->equality;
}

/* A sweep at work. */
struct working {
    struct state *state;
    struct sweep *sweep;
    struct sweep_penalty penalty;              /* beside a loss at noise 1 */
    double *l1, *l2, *centre, *pull, *storage; /* k */
    struct sweep_point point;                  /* the last one */
};

static void working_free(struct working *w)
{
    sweep_point_clear(&w->point);
    sweep_free(w->sweep);
    free(w->storage);
}

/* The priors at a noise sd as penalties. */
static void take_penalty(struct working *w, double noise)
{
    const struct mxp_problem *problem = w->state->problem;
    const size_t k = problem->k;
    const double phi = problem->quadratic ? noise * noise : 1.0;
    struct prior_sums sums = {.gradient = w->pull, .diagonal = w->l2};

    memset(w->l2, 0, k * sizeof *w->l2);
    problem_prior_at(&sums, problem, w->centre, noise); /* the precisions do not depend on where */
    for (size_t j = 0; j < k; j++) {
        problem_kink_at(&w->l1[j], &w->centre[j], problem, j, noise);
        if (w->l1[j] == 0.0)
            w->centre[j] = w->l2[j] > 0.0 ? problem->parameter[j].prior.a[0] : 0.0;
        w->l1[j] *= phi;
        w->l2[j] *= phi;
    }
}

static mxp_status working_new(struct working *w, struct state *state, double noise,
                              mxp_error *error)
{
    const struct sweep_options options = {
        .tolerance = state->tolerance, .threads = state->threads, .max_iterations = STEPS_MAX};
    const size_t k = state->problem->k;
    mxp_status status;

    *w = (struct working){.state = state};
    TRY(status = mem_doubles(&w->storage, k, 4, error));
    w->l1 = w->storage;
    w->l2 = w->l1 + k;
    w->centre = w->l2 + k;
    w->pull = w->centre + k;
    w->penalty = (struct sweep_penalty){.l1 = w->l1, .l2 = w->l2, .centre = w->centre};
    take_penalty(w, noise);
    TRY(status = sweep_new(&w->sweep, state->problem, &w->penalty, &options, error));
out:
    return status;
}

/* From the empty model down to 1 in steps that the working set can follow; sparse columns go there at
 * once. */
static size_t list_scales(double *scale, const struct working *w)
{
    const bool at_once = w->state->problem->design->sparse;
    const double largest = fmax(sweep_largest(w->sweep), 1.0);
    const double steps = at_once ? 1.0 : ceil(log(largest) / log(3.0));
    const size_t count = steps < 1.0 ? 1 : steps > SCALES_MAX ? SCALES_MAX : (size_t)steps;

    for (size_t i = 0; i < count; i++)
        scale[i] = pow(largest, (double)(count - 1 - i) / (double)count);
    scale[count - 1] = 1.0;
    return count;
}

/* Down the scales: roughly on the way, and well at the end. */
static mxp_status solve(struct working *w, const double *scale, size_t count, mxp_error *error)
{
    struct sweep_point points[SCALES_MAX] = {0};
    size_t done;
    mxp_status status = MXP_OK;

    if (count > 1) {
        sweep_aim(w->sweep, 0.1);
        TRY(status = sweep_solve(points, &done, w->sweep, scale, count - 1, NULL, error));
    }
    sweep_aim(w->sweep, w->state->tolerance);
    status = sweep_solve(&points[count - 1], &done, w->sweep, &scale[count - 1], 1, NULL, error);
    for (size_t i = 0; i < count; i++) {
        w->state->iterations += points[i].iterations;
        w->state->passes += points[i].passes;
    }
    sweep_point_clear(&w->point);
    w->point = points[count - 1];
    points[count - 1] = (struct sweep_point){0};
out:
    for (size_t i = 0; i < count; i++)
        sweep_point_clear(&points[i]);
    return status;
}

/* The point's coefficients into theta. */
static void spread_point(double *theta, const struct working *w)
{
    memcpy(theta, w->centre, w->state->problem->k * sizeof *theta);
    for (size_t i = 0; i < w->point.count; i++)
        theta[w->point.index[i]] = w->point.theta[i];
}

/* The mode at noise e^u, and the mode of the noise given its residuals. */
static mxp_status next_noise(double *next, struct working *w, double u, mxp_error *error)
{
    const struct mxp_problem *problem = w->state->problem;
    const double one = 1.0;
    mxp_status status;

    take_penalty(w, exp(u));
    sweep_penalise(w->sweep, &w->penalty);
    TRY(status = solve(w, &one, 1, error));
    spread_point(w->state->trial->theta, w);
    const struct noise_terms terms =
        noise_terms(problem, w->state->trial->theta, 2.0 * w->point.loss);
    *next = noise_mode(&terms);
    if (!(exp(*next) > gone * problem->design->y_offset_rms))
        status = FAIL(error, MXP_NO_MODE,
                      "no mode: the noise sd runs to 0, and nothing in the prior of \"%s\" forbids "
                      "it; fix it (noise_sd: a number), give it a prior that vanishes at 0, or set "
                      "scale_by_noise",
                      problem->parameter[problem->k].name);
out:
    return status;
}

/* The fixed point, from u; Aitken's extrapolation where the rate is steady. */
static mxp_status solve_noise(struct working *w, double *u, mxp_error *error)
{
    double last = NAN, rate_before = NAN;
    mxp_status status = MXP_OK;

    for (int n = 0; n < NOISES_MAX && !state_stopped(w->state); n++) {
        double next;
        TRY(status = next_noise(&next, w, *u, error));
        const double change = next - *u, rate = change / last;
        *u = next;
        if (fabs(change) < 1e-15 * fmax(1.0, fabs(next)) || (fabs(change) < 1e-12 && n > 50))
            break;
        const bool steady = fabs(rate - rate_before) <= 0.1 * (1.0 - rate);
        last = change;
        rate_before = rate;
        if (steady && rate > 0.0 && rate < 0.95) {
            *u += change * rate / (1.0 - rate);
            last = rate_before = NAN;
        }
    }
    TRY(status = next_noise(&last, w, *u, error));
out:
    return status;
}

/* Where the columns can fit every row exactly, small noise sds are not those of a mode that matters. */
static double start_of(const struct state *state, double noise)
{
    const struct mxp_problem *problem = state->problem;

    return problem->k < problem->n ? noise
                                   : fmax(noise, least_noise * problem->design->y_offset_sd);
}

static mxp_status step_with_noise(struct working *w, mxp_error *error)
{
    struct state *state = w->state;
    const size_t k = state->problem->k;
    double scale[SCALES_MAX], far = log(state->far_noise);
    double u =
        isnan(state->start_noise) ? state->now->theta[k] : log(start_of(state, state->start_noise));
    mxp_status status;

    take_penalty(w, exp(isnan(far) ? u : far));
    sweep_penalise(w->sweep, &w->penalty);
    TRY(status = solve(w, scale, list_scales(scale, w), error));
    if (!isnan(far))
        TRY(status = solve_noise(w, &far, error));
    TRY(status = solve_noise(w, &u, error));
    if (!isnan(far) && fabs(far - u) > 1e-6)
        state->other_noise = exp(far);
    state->start_noise = state->far_noise = NAN;
    state->trial->theta[k] = u;
out:
    return status;
}

mxp_status working_step(struct state *state, bool *moved, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    double psi[FAMILY_AUX_MAX], scale[SCALES_MAX];
    struct working w;
    mxp_status status;

    problem_psi(psi, problem, state->now->theta);
    TRY(status = working_new(&w, state, psi[0], error));
    if (problem->r)
        TRY(status = step_with_noise(&w, error));
    else
        TRY(status = solve(&w, scale, list_scales(scale, &w), error));
    spread_point(state->trial->theta, &w);
    TRY(status = state_evaluate(state, state->trial, error));
    *moved = isfinite(state->trial->objective) && state_take_better(state);
out:
    working_free(&w);
    return status;
}

static mxp_status working_set_step(struct state *state, bool *moved, mxp_error *error)
{
    *moved = false;
    return working_step(state, moved, error);
}

static const char *working_refuses(const struct mxp_problem *problem)
{
    return problem->quadratic && working_fits(problem)
               ? NULL
               : "it needs the gaussian family, more than 200 coefficients, and on each of them a "
                 "prior "
                 "of its own with a kink, or one that is gaussian or flat";
}

const struct optimizer optimizer_working_set = {
    .name = "working_set",
    .help = "gaussian family, very many coefficients, priors with a kink: working sets",
    .refuses = working_refuses,
    .no_gram = true,
    .step = working_set_step};
