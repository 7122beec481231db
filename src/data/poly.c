#include "data/poly.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Different values, no more than `enough` of them are counted; sorts. */
static size_t count_different(double *x, size_t n, size_t enough)
{
    size_t different = n > 0;

    qsort(x, n, sizeof *x, compare);
    for (size_t i = 1; i < n && different < enough; i++)
        different += x[i] != x[i - 1];
    return different;
}

/* One step of the recurrence: next from p and the one before it. */
static void step(double *next, const double *p, const double *before, double alpha, double beta,
                 const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        next[i] = (x[i] - alpha) * p[i] - (before ? beta * before[i] : 0.0);
}

mxp_status poly_fit(double *alpha, double *norm2, size_t degree, const double *x, size_t n,
                    mxp_error *error)
{
    double *work = NULL, mean = 0.0;
    mxp_status status;

    TRY(status = mem_doubles(&work, n, 4, error));
    double *const centred = work;
    memcpy(centred, x, n * sizeof *x);
    const size_t different = count_different(centred, n, degree + 1);
    if (different <= degree) {
        status = FAIL(error, MXP_NUMERIC, "degree %zu wants more than %zu different value%s",
                      degree, different, different == 1 ? "" : "s");
        goto out;
    }
    for (size_t i = 0; i < n; i++)
        mean += (x[i] - x[0]) / (double)n;
    mean += x[0];
    for (size_t i = 0; i < n; i++) {
        centred[i] = x[i] - mean;
        work[n + i] = 1.0;
    }
    norm2[0] = 1.0;
    norm2[1] = (double)n;
    double *p = work + n, *before = NULL, *next = work + 2 * n;
    for (size_t k = 0; k < degree; k++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++)
            sum += centred[i] * p[i] * p[i];
        alpha[k] = sum / norm2[k + 1];
        step(next, p, before, alpha[k], norm2[k + 1] / norm2[k], centred, n);
        norm2[k + 2] = 0.0;
        for (size_t i = 0; i < n; i++)
            norm2[k + 2] += next[i] * next[i];
        double *const free_one = before ? before : work + 3 * n;
        before = p;
        p = next;
        next = free_one;
        alpha[k] += mean;
    }
out:
    free(work);
    return status;
}

void poly_values(double *out, size_t degree, const double *alpha, const double *norm2,
                 const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double p = 1.0, before = 0.0;
        for (size_t k = 0; k < degree; k++) {
            const double next = (x[i] - alpha[k]) * p - norm2[k + 1] / norm2[k] * before;
            before = p;
            p = next;
            out[i + k * n] = p / sqrt(norm2[k + 2]);
        }
    }
}

void poly_powers(double *out, size_t degree, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double power = 1.0;
        for (size_t k = 0; k < degree; k++)
            out[i + k * n] = power *= x[i];
    }
}
