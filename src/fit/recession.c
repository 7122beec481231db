#include "fit/recession.h"
#include "base/mem.h"
#include "model/rows.h"
#include "num/factor.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

enum { STEPS = 60, HALVINGS = 30 };

struct fit {
    size_t n, f;
    size_t *set;                 /* the flat coordinates */
    double *Z, *norm;            /* n x f, columns of norm 1; f: what they were divided by */
    double *sign;                /* n: +1, -1; 0: must stay; NAN: no weight */
    double *eta, *along, *trial; /* n */
    double *step, *gradient, *H; /* f, f, f x f */
};

static void fit_free(struct fit *fit)
{
    free(fit->set);
    free(fit->Z);
    free(fit->sign);
    free(fit->step);
}

/* The sign with which row i's eta may run off without a loss; 0: it must stay. */
static double way_off(const struct mxp_problem *problem, size_t i)
{
    const double trials = problem->design->trials ? problem->design->trials[i] : 1.0;

    for (double sign = 1.0; sign >= -1.0; sign -= 2.0)
        if (problem->family->recession(problem->link, problem->y[i], trials, &sign, 1, false, 0.0) >
            0)
            return sign;
    return 0.0;
}

static void fill(struct fit *fit, const struct mxp_problem *problem)
{
    const double *w = problem->design->weights;
    const size_t n = fit->n;

    rows_fill_set(fit->Z, problem, fit->set, fit->f, 0, n);
    for (size_t i = 0; i < n; i++)
        fit->sign[i] = w && w[i] == 0.0 ? (double)NAN : way_off(problem, i);
    for (size_t a = 0; a < fit->f; a++) {
        double *z = fit->Z + a * n;
        for (size_t i = 0; i < n; i++)
            z[i] = isnan(fit->sign[i]) ? 0.0 : z[i];
        const double norm = sqrt(la_dot(z, z, n));
        fit->norm[a] = norm > 0.0 ? norm : 1.0;
        for (size_t i = 0; i < n; i++)
            z[i] /= fit->norm[a];
    }
}

static mxp_status fit_new(struct fit *fit, const struct mxp_problem *problem, mxp_error *error)
{
    const size_t n = problem->n, k = problem->k;
    mxp_status status;

    *fit = (struct fit){.n = n};
    TRY(status = MEM_NEW(&fit->set, k, error));
    for (size_t j = 0; j < k; j++)
        if (problem_is_flat(problem, j))
            fit->set[fit->f++] = j;
    const size_t f = fit->f;
    TRY(status = mem_doubles(&fit->Z, n, f, error));
    TRY(status = mem_doubles(&fit->sign, n, 4, error));
    fit->eta = fit->sign + n;
    fit->along = fit->eta + n;
    fit->trial = fit->along + n;
    TRY(status = mem_doubles(&fit->step, f, f + 3, error));
    fit->gradient = fit->step + f;
    fit->norm = fit->gradient + f;
    fit->H = fit->norm + f;
    fill(fit, problem);
out:
    return status;
}

/* Whether every row stays or rises along the step, and one rises. */
static bool recedes(const struct fit *fit)
{
    double largest = 0.0;
    bool rises = false;

    for (size_t i = 0; i < fit->n; i++)
        largest = fmax(largest, fabs(fit->along[i]));
    const double tolerance = 1e-9 * largest;
    for (size_t i = 0; i < fit->n; i++) {
        const double sign = fit->sign[i], by = fit->along[i];
        if (sign == 0.0 ? fabs(by) > tolerance : sign * by < -tolerance)
            return false;
        rises = rises || fabs(by) > tolerance;
    }
    return rises;
}

static double loss(const struct fit *fit, const double *eta)
{
    double sum = 0.0;

    for (size_t i = 0; i < fit->n; i++) {
        const double s = fit->sign[i], t = s * eta[i];
        if (s == 0.0)
            sum += 0.5 * eta[i] * eta[i];
        else if (!isnan(s))
            sum += fmax(-t, 0.0) + log1p(exp(-fabs(t)));
    }
    return sum;
}

/* Newton's step and eta along it.  *decrement: g'H^-1 g; negative where there is no step. */
static mxp_status take_step(struct fit *fit, double *decrement, mxp_error *error)
{
    const size_t n = fit->n, f = fit->f;
    double *slope = fit->trial, *bend = fit->along; /* free until the line search */
    struct factor *factor = NULL;
    mxp_status status;

    for (size_t i = 0; i < n; i++) {
        const double s = fit->sign[i], e = exp(-fabs(fit->eta[i]));
        const double wrong = (s * fit->eta[i] > 0.0 ? e : 1.0) / (1.0 + e);
        slope[i] = isnan(s) ? 0.0 : s == 0.0 ? fit->eta[i] : -s * wrong;
        bend[i] = isnan(s) ? 0.0 : s == 0.0 ? 1.0 : e / (1.0 + e) / (1.0 + e);
    }
    for (size_t b = 0; b < f; b++) {
        const double *zb = fit->Z + b * n;
        fit->gradient[b] = la_dot(zb, slope, n);
        for (size_t a = b; a < f; a++) {
            double sum = 0.0;
            for (size_t i = 0; i < n; i++)
                sum += zb[i] * bend[i] * fit->Z[i + a * n];
            fit->H[a + b * f] = fit->H[b + a * f] = sum;
        }
    }
    for (size_t a = 0; a < f; a++)
        fit->step[a] = -fit->gradient[a];
    TRY(status = factor_cholesky(&factor, fit->H, f, f, error));
    *decrement = -1.0;
    if (factor->rcond < 1e-15)
        goto out;
    factor_solve(fit->step, factor);
    *decrement = -la_dot(fit->step, fit->gradient, f);
    memset(fit->along, 0, n * sizeof *fit->along);
    la_multiply_add(fit->along, 1.0, fit->Z, n, n, f, fit->step);
out:
    factor_free(factor);
    return status;
}

/* False: the step does not decrease the loss. */
static bool go(struct fit *fit)
{
    const double before = loss(fit, fit->eta);
    double alpha = 1.0;

    for (int h = 0; h < HALVINGS; h++, alpha *= 0.5) {
        for (size_t i = 0; i < fit->n; i++)
            fit->trial[i] = fit->eta[i] + alpha * fit->along[i];
        if (loss(fit, fit->trial) < before) {
            memcpy(fit->eta, fit->trial, fit->n * sizeof *fit->eta);
            return true;
        }
    }
    return false;
}

mxp_status recession_find(double *direction, const struct mxp_problem *problem, mxp_error *error)
{
    struct fit fit = {0};
    double decrement = 1.0;
    mxp_status status = MXP_OK;

    memset(direction, 0, problem->d * sizeof *direction);
    size_t flat = 0;
    for (size_t j = 0; j < problem->k; j++)
        flat += problem_is_flat(problem, j);
    if (!problem->family->recession || problem->q > 1 || (double)problem->n * (double)flat > 2e7)
        return MXP_OK;
    TRY(status = fit_new(&fit, problem, error));
    for (int n = 0; n < STEPS && fit.f > 0; n++) {
        TRY(status = take_step(&fit, &decrement, error));
        if (decrement < 1e-24)
            break;
        if (recedes(&fit)) {
            for (size_t a = 0; a < fit.f; a++)
                direction[fit.set[a]] = fit.step[a] / fit.norm[a];
            break;
        }
        if (!go(&fit))
            break;
    }
out:
    fit_free(&fit);
    return status;
}
