#include "fit/dual_rows.h"
#include "base/mem.h"
#include "model/rows.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

enum { STEPS = 200, HALVINGS = 60 };

mxp_status dual_rows_new(struct dual_rows **rows, const struct kernel *kernel, mxp_error *error)
{
    const size_t n = kernel->n, f = kernel->f;
    struct dual_rows *x = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&x, 1, error));
    x->kernel = kernel;
    double **const parts[] = {&x->weight, &x->product, &x->eta,   &x->value, &x->d1,     &x->d2,
                              &x->v,      &x->step,    &x->along, &x->trial, &x->scratch};
    const size_t count = sizeof parts / sizeof *parts;
    TRY(status = mem_doubles(&x->storage, n * count + 3 * f, 1, error));
    for (size_t i = 0; i < count; i++)
        *parts[i] = x->storage + i * n;
    x->flat = x->storage + count * n;
    x->flat_step = x->flat + f;
    x->GF = x->flat_step + f;
    x->rcond = NAN;
    *rows = x;
    x = NULL;
out:
    dual_rows_free(x);
    return status;
}

void dual_rows_free(struct dual_rows *rows)
{
    if (!rows)
        return;
    free(rows->storage);
    free(rows);
}

mxp_status dual_rows_evaluate(double *sum, const struct mxp_problem *problem, const double *psi,
                              const double *eta, const struct family_out *out, bool derivatives,
                              mxp_error *error)
{
    const double *w = problem->design->weights;
    const size_t n = problem->n;
    const struct response response = problem_response(problem, 0);
    struct family_out to = *out;
    mxp_status status;

    TRY(status = problem->family->eval(&to, problem->link, &response, eta, n, psi,
                                       FAMILY_VALUE | (derivatives ? FAMILY_D1 | FAMILY_D2 : 0u),
                                       error));
    *sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double weight = w ? w[i] : 1.0;
        *sum -= weight == 0.0 ? 0.0 : weight * out->value[i];
        if (derivatives) {
            out->d1[i] = weight == 0.0 ? 0.0 : -weight * out->d1[i];
            out->d2[i] = weight == 0.0 ? 0.0 : fmax(-weight * out->d2[i], 0.0);
        }
    }
out:
    return status;
}

mxp_status dual_rows_curvature(double *h, double *g, const struct mxp_problem *problem,
                               const double *theta, mxp_error *error)
{
    double *eta = NULL, psi[FAMILY_AUX_MAX], sum;
    mxp_status status;

    TRY(status = mem_doubles(&eta, problem->n, 2, error));
    problem_psi(psi, problem, theta);
    rows_predictor(eta, problem, theta);
    const struct family_out out = {.value = eta + problem->n, .d1 = g, .d2 = h};
    TRY(status = dual_rows_evaluate(&sum, problem, psi, eta, &out, true, error));
out:
    free(eta);
    return status;
}

/* eta and J at product, weight and flat. */
static mxp_status take_stock(struct dual_rows *rows, const double *psi, mxp_error *error)
{
    const struct kernel *kernel = rows->kernel;
    const size_t n = kernel->n;
    const struct family_out out = {.value = rows->value, .d1 = rows->d1, .d2 = rows->d2};
    mxp_status status;

    for (size_t i = 0; i < n; i++)
        rows->eta[i] = kernel->level[i] + rows->product[i];
    la_multiply_add(rows->eta, 1.0, kernel->ZF, n, n, kernel->f, rows->flat);
    TRY(status = dual_rows_evaluate(&rows->objective, kernel->problem, psi, rows->eta, &out, true,
                                    error));
    rows->objective += 0.5 * la_dot(rows->weight, rows->product, n);
out:
    return status;
}

/* The Newton step of weight and flat, and K times the former in along; *slope: of J along it. */
static mxp_status find_step(double *slope, struct dual_rows *rows, mxp_error *error)
{
    const struct kernel *kernel = rows->kernel;
    const size_t n = kernel->n, f = kernel->f;
    struct kernel_system *system = NULL;
    mxp_status status;

    *slope = 0.0;
    TRY(status = kernel_system_new(&system, kernel, rows->d2, 1.0, error));
    rows->rcond = system->rcond;
    rows->dependent = system->dependent;
    if (system->rcond == 0.0)
        goto out;
    for (size_t i = 0; i < n; i++)
        rows->scratch[i] = rows->weight[i] + rows->d1[i]; /* the gradient is Z_P' of this */
    memset(rows->v, 0, n * sizeof *rows->v);
    la_multiply_add(rows->v, 1.0, kernel->K, n, n, n, rows->scratch);
    memset(rows->GF, 0, f * sizeof *rows->GF);
    if (f > 0)
        la_multiply_transposed_add(rows->GF, 1.0, kernel->ZF, n, n, f, rows->d1);
    kernel_system_solve(rows->step, rows->flat_step, system, rows->v, rows->GF);
    for (size_t i = 0; i < n; i++)
        rows->step[i] -= rows->scratch[i];
    memset(rows->along, 0, n * sizeof *rows->along);
    la_multiply_add(rows->along, 1.0, kernel->K, n, n, n, rows->step);
    *slope = la_dot(rows->scratch, rows->along, n) + la_dot(rows->GF, rows->flat_step, f);
out:
    kernel_system_free(system);
    return status;
}

/* J at t along the step.  rows->trial holds eta's change, scratch the new values. */
static mxp_status objective_at(double *objective, struct dual_rows *rows, double t,
                               const double *psi, mxp_error *error)
{
    const size_t n = rows->kernel->n;
    const struct family_out out = {.value = rows->scratch};
    mxp_status status;

    for (size_t i = 0; i < n; i++)
        rows->v[i] = rows->eta[i] + t * rows->trial[i];
    TRY(status =
            dual_rows_evaluate(objective, rows->kernel->problem, psi, rows->v, &out, false, error));
    for (size_t i = 0; i < n; i++)
        *objective +=
            0.5 * (rows->weight[i] + t * rows->step[i]) * (rows->product[i] + t * rows->along[i]);
out:
    return status;
}

/* Goes along the step as far as J decreases; *moved false: nowhere. */
static mxp_status go(bool *moved, struct dual_rows *rows, double slope, const double *psi,
                     mxp_error *error)
{
    const struct kernel *kernel = rows->kernel;
    const size_t n = kernel->n;
    const double rounding = 1e-14 * (fabs(rows->objective) + (double)n);
    double t = 1.0, objective;
    mxp_status status = MXP_OK;

    *moved = false;
    memcpy(rows->trial, rows->along, n * sizeof *rows->trial);
    la_multiply_add(rows->trial, 1.0, kernel->ZF, n, n, kernel->f, rows->flat_step);
    for (int halving = 0; halving < HALVINGS && !*moved; halving++, t *= 0.5) {
        TRY(status = objective_at(&objective, rows, t, psi, error));
        *moved = objective - rows->objective <= 1e-4 * t * slope + rounding;
        if (!*moved)
            continue;
        for (size_t i = 0; i < n; i++) {
            rows->weight[i] += t * rows->step[i];
            rows->product[i] += t * rows->along[i];
        }
        for (size_t a = 0; a < kernel->f; a++)
            rows->flat[a] += t * rows->flat_step[a];
    }
out:
    return status;
}

mxp_status dual_rows_run(struct dual_rows *rows, const double *psi, mxp_error *error)
{
    double slope, before = -INFINITY;
    bool moved = true;
    mxp_status status;

    TRY(status = take_stock(rows, psi, error));
    while (isfinite(rows->objective) && rows->iterations < STEPS) {
        TRY(status = find_step(&slope, rows, error));
        if (!(slope < 0.0))
            break;
        TRY(status = go(&moved, rows, slope, psi, error));
        if (!moved)
            break;
        rows->iterations++;
        TRY(status = take_stock(rows, psi, error));
        if (slope > -1e-12 && slope < 0.25 * before) /* at the level of rounding */
            break;
        if (slope > -1e-24)
            break;
        before = slope;
    }
out:
    return status;
}
