/* Newton's method from the side of the rows, for log-concave families with gaussian and a few flat
 * priors: no k x k matrix is made (fit/kernel.h has the algebra).
 *
 * The first step runs Newton's method to its end without the data: a mode has
 *     theta_P = m + Lambda^-1 Z_P' a,   eta = level + K a + Z_F theta_F,
 * so that n weights a and the flat coefficients are all there is.  The steps after it start from the
 * gradient on the data and take away what rounding has left. */
#include "base/mem.h"
#include "fit/dual_noise.h"
#include "fit/nomode.h"
#include "fit/optimizer.h"
#include "model/rows.h"

#include <math.h>
#include <string.h>

enum { QR_WIDEST = 2000, HALVINGS = 40 };

/* state->kernel for the priors as they are. */
static mxp_status make_kernel(struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const double noise = problem->r ? 1.0 : problem->psi[0];
    mxp_status status = MXP_OK;

    if (problem->r && state->kernel)
        return MXP_OK;
    if (state->kernel && state->kernel->plugged_in == problem->plugged_in &&
        (!state->kernel->scaled || state->kernel->noise == noise))
        return MXP_OK;
    kernel_free(state->kernel);
    state->kernel = NULL;
    TRY(status = kernel_new(&state->kernel, problem, noise, state->threads, error));
    state->passes += 2;
out:
    return status;
}

/* theta_P = m + Lambda^-1 Z_P' a into the trial, which is evaluated. */
static mxp_status from_rows(struct state *state, const struct dual_rows *rows, mxp_error *error)
{
    const struct kernel *kernel = state->kernel;
    double *to = state->trial->theta;
    mxp_status status;

    rows_transposed(to, state->problem, rows->weight);
    state->passes++;
    for (size_t j = 0; j < kernel->k; j++)
        if (kernel->precision[j] > 0.0)
            to[j] = kernel->mean[j] + to[j] / kernel->precision[j];
    for (size_t a = 0; a < kernel->f; a++)
        to[kernel->flat[a]] = rows->flat[a];
    TRY(status = state_evaluate(state, state->trial, error));
out:
    return status;
}

/* Newton's method on the rows, from the priors' means. */
static mxp_status first_step(struct state *state, bool *moved, mxp_error *error)
{
    struct dual_rows *rows = NULL;
    mxp_status status;

    *moved = false;
    TRY(status = dual_rows_new(&rows, state->kernel, error));
    for (size_t a = 0; a < state->kernel->f; a++)
        rows->flat[a] = state->now->theta[state->kernel->flat[a]];
    TRY(status = dual_rows_run(rows, state->problem->psi, error));
    state->iterations += rows->iterations > 1 ? rows->iterations - 1 : 0;
    state->rcond = rows->rcond;
    if (rows->dependent)
        TRY(status = nomode_dependent(state, error));
    if (rows->iterations == 0)
        goto out;
    TRY(status = from_rows(state, rows, error));
    *moved = state_take_better(state);
out:
    dual_rows_free(rows);
    return status;
}

/* A gaussian problem's noise sd, and the coefficients at it. */
static mxp_status noise_step(struct state *state, bool *moved, mxp_error *error)
{
    const size_t k = state->problem->k;
    struct dual_noise *noise = NULL;
    struct dual_rows *rows = NULL;
    double far = log(state->far_noise),
           u = isnan(state->start_noise) ? state->now->theta[k] : log(state->start_noise);
    bool found = true;
    mxp_status status;

    *moved = false;
    TRY(status = dual_rows_new(&rows, state->kernel, error));
    TRY(status = dual_noise_new(&noise, state->kernel, error));
    if (!isnan(far))
        TRY(status = dual_noise_solve(&far, noise, error));
    TRY(status = dual_noise_solve(&u, noise, error));
    if (isfinite(u))
        TRY(status = dual_noise_rows(&found, rows, noise, u, error));
    if (!found)
        TRY(status = nomode_dependent(state, error));
    if (!found || !isfinite(u))
        goto out;
    state->start_noise = state->far_noise = NAN;
    if (isfinite(far) && fabs(far - u) > 1e-6)
        state->other_noise = exp(far);
    kernel_set_noise(state->kernel, exp(u));
    state->trial->theta[k] = u;
    TRY(status = from_rows(state, rows, error));
    *moved = state_take_better(state);
out:
    dual_noise_free(noise);
    dual_rows_free(rows);
    return status;
}

/* delta = -H^-1 gradient at now, into step (k values).  *rcond 0: there is none. */
static mxp_status newton_direction(double *step, struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const struct kernel *kernel = state->kernel;
    const double *gradient = state->now->gradient;
    const size_t n = kernel->n, k = kernel->k, f = kernel->f;
    struct kernel_system *system = NULL;
    double *row = NULL, *v, *GF;
    mxp_status status;

    if (problem->r)
        kernel_set_noise(state->kernel, exp(state->now->theta[k]));
    TRY(status = mem_doubles(&row, 3 * n + 2 * f + 1, 1, error));
    v = row + 2 * n;
    GF = v + n;
    TRY(status = dual_rows_curvature(row, row + n, problem, state->now->theta, error));
    TRY(status = kernel_system_new(&system, kernel, row, 1.0, error));
    state->rcond = system->rcond;
    if (system->rcond == 0.0)
        goto out;
    for (size_t j = 0; j < k; j++)
        step[j] = kernel->precision[j] > 0.0 ? gradient[j] / kernel->precision[j] : 0.0;
    for (size_t a = 0; a < f; a++)
        GF[a] = gradient[kernel->flat[a]];
    rows_direction(v, problem, step);
    kernel_system_solve(v, GF + f, system, v, GF);
    rows_transposed(step, problem, v);
    state->passes += 3;
    for (size_t j = 0; j < k; j++)
        if (kernel->precision[j] > 0.0)
            step[j] = (step[j] - gradient[j]) / kernel->precision[j];
    for (size_t a = 0; a < f; a++)
        step[kernel->flat[a]] = GF[f + a];
out:
    kernel_system_free(system);
    free(row);
    return status;
}

/* A step on the data, shortened until J decreases, or the certificate where J is level. */
static mxp_status next_step(struct state *state, bool *moved, mxp_error *error)
{
    const struct point *now = state->now;
    const size_t k = state->problem->k;
    double *step = NULL, slope = 0.0;
    mxp_status status;

    *moved = false;
    TRY(status = mem_doubles(&step, k, 1, error));
    TRY(status = newton_direction(step, state, error));
    if (state->rcond == 0.0)
        goto out;
    for (size_t j = 0; j < k; j++)
        slope += now->gradient[j] * step[j];
    const double size = fabs(now->objective) + (double)state->problem->n;
    double t = 1.0;
    for (int halving = 0; halving < HALVINGS && !*moved; halving++, t *= 0.5) {
        for (size_t j = 0; j < k; j++)
            state->trial->theta[j] = now->theta[j] + t * step[j];
        memcpy(state->trial->theta + k, now->theta + k, state->problem->r * sizeof *step);
        TRY(status = state_evaluate(state, state->trial, error));
        const double change = state->trial->objective - now->objective;
        *moved = change <= 1e-4 * t * slope ||
                 (fabs(change) <= 1e-9 * size && state->trial->kkt < now->kkt);
        if (-t * slope < 1e-18 * size)
            break;
    }
    if (*moved)
        state_take_trial(state);
out:
    free(step);
    return status;
}

/* Where a gaussian problem's system is conditioned too badly to come close, QR goes on from where it
 * got to. */
static mxp_status fall_back(struct state *state, bool *moved, mxp_error *error)
{
    mxp_status status = MXP_OK;

    if (!state->problem->quadratic || state->problem->r || state->problem->k > QR_WIDEST)
        return MXP_OK;
    state->method = &optimizer_qr;
    state->method_reason = "the dual system is badly conditioned";
    TRY(status = optimizer_qr.step(state, moved, error));
out:
    return status;
}

static mxp_status dual_step(struct state *state, bool *moved, mxp_error *error)
{
    const bool first = !state->kernel || !isnan(state->start_noise);
    const double before = state->now->kkt;
    mxp_status status;

    TRY(status = make_kernel(state, error));
    if (first)
        TRY(status = (state->problem->r ? noise_step : first_step)(state, moved, error));
    if (!first || !*moved)
        TRY(status = next_step(state, moved, error));
    if (state->now->kkt > state->tolerance && (!*moved || state->now->kkt > 0.5 * before))
        TRY(status = fall_back(state, moved, error));
out:
    return status;
}

static const char *dual_refuses(const struct mxp_problem *problem)
{
    const char *why = kernel_refuses(problem);

    if (why || !problem->r)
        return why;
    if (!problem->quadratic)
        return "it needs fixed auxiliary parameters";
    return kernel_is_even(problem) ? NULL
                                   : "it needs priors that are all or none multiples of the noise";
}

const struct optimizer optimizer_dual = {
    .name = "dual",
    .help = "more coefficients than rows, gaussian priors: Newton's method on n x n systems",
    .refuses = dual_refuses,
    .no_gram = true,
    .step = dual_step};
