#include "fit/dual_noise.h"
#include "base/mem.h"
#include "fit/noise.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

/* With s = sqrt(w) and s K s = V diag(l) V': everything in the basis V.  At noise sd e^u, with
 * d = e^2u + l (times e^2u where the priors are multiples of the noise),
 *     e^2u s a = V d^-1 e^2u (b - U theta_F) =: residuals times s, and U' of it is 0. */
struct dual_noise {
    const struct kernel *kernel;
    struct noise_terms terms; /* without its square */
    double *V, *value;        /* n x n; n: l at the kernel's noise */
    double *b, *U;            /* n: V's(y - level); n x f: V's Z_F */
    double *divided, *rest;   /* n: 1/d; what is left of b over d */
    double *M, *flat;         /* f x f, f */
    double *storage;
};

void dual_noise_free(struct dual_noise *noise)
{
    if (!noise)
        return;
    free(noise->storage);
    free(noise);
}

/* y <- V' diag(root w) y. */
static void rotate(double *y, const struct dual_noise *noise, double *scratch)
{
    const struct kernel *kernel = noise->kernel;
    const double *w = kernel->problem->design->weights;
    const size_t n = kernel->n;

    for (size_t i = 0; i < n; i++)
        scratch[i] = y[i] * (w ? sqrt(w[i]) : 1.0);
    memset(y, 0, n * sizeof *y);
    la_multiply_transposed_add(y, 1.0, noise->V, n, n, n, scratch);
}

static mxp_status fill(struct dual_noise *noise, mxp_error *error)
{
    const struct kernel *kernel = noise->kernel;
    const struct design *design = kernel->problem->design;
    const size_t n = kernel->n, f = kernel->f;
    mxp_status status;

    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            noise->V[i + j * n] =
                kernel->K[i + j * n] *
                (design->weights ? sqrt(design->weights[i] * design->weights[j]) : 1.0);
    TRY(status = la_eigen(noise->value, noise->V, n, n, error));
    for (size_t i = 0; i < n; i++) {
        noise->value[i] = fmax(noise->value[i], 0.0);
        noise->b[i] = design->y[i] - kernel->level[i];
    }
    rotate(noise->b, noise, noise->rest);
    memcpy(noise->U, kernel->ZF, n * f * sizeof *noise->U);
    for (size_t a = 0; a < f; a++)
        rotate(noise->U + a * n, noise, noise->rest);
    noise->terms = noise_terms(kernel->problem, kernel->mean, 0.0);
    noise->terms.square = 0.0;
out:
    return status;
}

mxp_status dual_noise_new(struct dual_noise **noise, const struct kernel *kernel, mxp_error *error)
{
    const size_t n = kernel->n, f = kernel->f;
    struct dual_noise *x = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&x, 1, error));
    x->kernel = kernel;
    TRY(status = mem_doubles(&x->storage, n * (n + f + 4) + f * (f + 1), 1, error));
    x->V = x->storage;
    x->U = x->V + n * n;
    x->value = x->U + n * f;
    x->b = x->value + n;
    x->divided = x->b + n;
    x->rest = x->divided + n;
    x->M = x->rest + n;
    x->flat = x->M + f * f;
    TRY(status = fill(x, error));
    *noise = x;
    x = NULL;
out:
    dual_noise_free(x);
    return status;
}

/* divided, flat and rest at noise sd e^u.  *found false: the flat columns are dependent. */
static mxp_status solve_at(bool *found, struct dual_noise *noise, double u, mxp_error *error)
{
    const struct kernel *kernel = noise->kernel;
    const size_t n = kernel->n, f = kernel->f;
    const double variance = exp(2.0 * u);
    const double by = kernel->scaled ? variance / (kernel->noise * kernel->noise) : 1.0;
    struct factor *factor = NULL;
    mxp_status status = MXP_OK;

    *found = true;
    for (size_t i = 0; i < n; i++)
        noise->divided[i] = 1.0 / (variance + by * noise->value[i]);
    memcpy(noise->rest, noise->b, n * sizeof *noise->rest);
    for (size_t b = 0; b < f; b++) {
        noise->flat[b] = 0.0;
        for (size_t i = 0; i < n; i++)
            noise->flat[b] += noise->U[i + b * n] * noise->divided[i] * noise->b[i];
        for (size_t a = 0; a < f; a++) {
            double sum = 0.0;
            for (size_t i = 0; i < n; i++)
                sum += noise->U[i + a * n] * noise->divided[i] * noise->U[i + b * n];
            noise->M[a + b * f] = sum;
        }
    }
    if (f > 0) {
        TRY(status = factor_cholesky(&factor, noise->M, f, f, error));
        *found = factor->rcond > 1e-14;
        if (!*found)
            goto out;
        factor_solve(noise->flat, factor);
        la_multiply_add(noise->rest, -1.0, noise->U, n, n, f, noise->flat);
    }
    for (size_t i = 0; i < n; i++)
        noise->rest[i] *= noise->divided[i];
out:
    factor_free(factor);
    return status;
}

/* The mode of log sd given the fit at u. */
static double next_noise(const struct dual_noise *noise, double u)
{
    const struct kernel *kernel = noise->kernel;
    const double variance = exp(2.0 * u);
    struct noise_terms terms = noise->terms;

    for (size_t i = 0; i < kernel->n; i++) {
        const double r = noise->rest[i], residual = variance * r;
        terms.square += residual * residual;
        if (kernel->scaled) /* (theta - m)' Lambda_1 (theta - m), Lambda_1 at noise 1 */
            terms.square +=
                variance * variance / (kernel->noise * kernel->noise) * noise->value[i] * r * r;
    }
    return noise_mode(&terms);
}

mxp_status dual_noise_solve(double *u, struct dual_noise *noise, mxp_error *error)
{
    double last = NAN, rate_before = NAN;
    bool found = true;
    mxp_status status = MXP_OK;

    for (int step = 0; step < 2000; step++) {
        TRY(status = solve_at(&found, noise, *u, error));
        if (!found)
            break;
        const double next = next_noise(noise, *u), change = next - *u;
        const double before = last;
        last = change;
        *u = next;
        if (!isfinite(next) || fabs(change) <= 2e-16 * fmax(1.0, fabs(next)) ||
            (fabs(change) < 1e-13 && step > 200))
            break;
        const double rate = change / before;
        const bool steady = fabs(rate - rate_before) <= 0.1 * (1.0 - rate);
        rate_before = rate;
        if (steady && rate > 0.0 && rate < 0.95) { /* Aitken */
            *u += change * rate / (1.0 - rate);
            last = rate_before = NAN;
        }
    }
out:
    return status;
}

mxp_status dual_noise_rows(bool *found, struct dual_rows *rows, struct dual_noise *noise, double u,
                           mxp_error *error)
{
    const struct kernel *kernel = noise->kernel;
    const double *w = kernel->problem->design->weights;
    const size_t n = kernel->n;
    mxp_status status;

    TRY(status = solve_at(found, noise, u, error));
    if (!*found)
        goto out;
    memset(rows->weight, 0, n * sizeof *rows->weight);
    la_multiply_add(rows->weight, 1.0, noise->V, n, n, n, noise->rest);
    for (size_t i = 0; i < n; i++)
        rows->weight[i] *= w ? sqrt(w[i]) : 1.0;
    memcpy(rows->flat, noise->flat, kernel->f * sizeof *rows->flat);
out:
    return status;
}
