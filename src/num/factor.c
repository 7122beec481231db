#include "num/factor.h"
#include "base/mem.h"
#include "num/la.h"

#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <string.h>

static mxp_status factor_new(struct factor **factor, size_t k, mxp_error *error)
{
    struct factor *f = NULL;
    mxp_status status;

    if (k == 0 || k > INT_MAX)
        return FAIL(error, MXP_USAGE, "order %zu is outside 1..INT_MAX", k);
    TRY(status = MEM_NEW(&f, 1, error));
    f->k = k;
    TRY(status = mem_doubles(&f->R, k, k, error));
    TRY(status = mem_doubles(&f->scale, k, 1, error));
    *factor = f;
    f = NULL;
out:
    factor_free(f);
    return status;
}

void factor_free(struct factor *factor)
{
    if (!factor)
        return;
    free(factor->R);
    free(factor->scale);
    free(factor);
}

mxp_status factor_cholesky(struct factor **factor, const double *H, size_t ld, size_t k,
                           mxp_error *error)
{
    struct factor *f = NULL;
    double norm = 0.0, *sums = NULL;
    mxp_status status;

    TRY(status = factor_new(&f, k, error));
    TRY(status = mem_doubles(&sums, k, 1, error));
    for (size_t j = 0; j < k; j++) {
        const double h = H[j + j * ld];
        if (!isfinite(h)) {
            status = FAIL(error, MXP_NUMERIC, "the Hessian has an entry that is not finite");
            goto out;
        }
        f->scale[j] = h > 0.0 ? sqrt(h) : 1.0;
    }
    for (size_t j = 0; j < k; j++)
        for (size_t i = j; i < k; i++) {
            const double h = H[i + j * ld] / (f->scale[i] * f->scale[j]);
            f->R[j + i * k] = h; /* the upper triangle */
            sums[i] += fabs(h);
            if (i != j)
                sums[j] += fabs(h);
        }
    for (size_t j = 0; j < k; j++)
        norm = fmax(norm, sums[j]);
    if (LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', (int)k, f->R, (int)k) != 0)
        f->rcond = 0.0;
    else if (LAPACKE_dpocon(LAPACK_COL_MAJOR, 'U', (int)k, f->R, (int)k, norm, &f->rcond) != 0)
        f->rcond = 0.0;
    *factor = f;
    f = NULL;
out:
    free(sums);
    factor_free(f);
    return status;
}

mxp_status factor_triangle(struct factor **factor, const double *R, size_t ldr, size_t k,
                           double dependent, size_t *column, mxp_error *error)
{
    struct factor *f = NULL;
    mxp_status status;
    double rcond = 0.0;

    TRY(status = factor_new(&f, k, error));
    for (size_t j = 0; j < k; j++) {
        double square = 0.0;
        for (size_t i = 0; i <= j; i++)
            square += R[i + j * ldr] * R[i + j * ldr];
        f->scale[j] = square > 0.0 ? sqrt(square) : 1.0;
        for (size_t i = 0; i <= j; i++)
            f->R[i + j * k] = R[i + j * ldr] / f->scale[j];
    }
    *factor = f;
    for (size_t j = 0; j < k; j++)
        if (!(fabs(f->R[j + j * k]) > dependent)) {
            if (column)
                *column = j;
            return MXP_OK; /* rcond stays 0 */
        }
    if (LAPACKE_dtrcon(LAPACK_COL_MAJOR, '1', 'U', 'N', (int)k, f->R, (int)k, &rcond) == 0)
        f->rcond = rcond * rcond;
    return MXP_OK;
out:
    factor_free(f);
    return status;
}

void factor_solve(double *x, const struct factor *factor)
{
    const size_t k = factor->k;

    for (size_t j = 0; j < k; j++)
        x[j] /= factor->scale[j];
    la_triangle_solve(x, factor->R, k, k, true);
    la_triangle_solve(x, factor->R, k, k, false);
    for (size_t j = 0; j < k; j++)
        x[j] /= factor->scale[j];
}

void factor_half_solve(double *x, const struct factor *factor)
{
    la_triangle_solve(x, factor->R, factor->k, factor->k, false);
    for (size_t j = 0; j < factor->k; j++)
        x[j] /= factor->scale[j];
}

double factor_log_det(const struct factor *factor)
{
    double sum = 0.0;
    for (size_t j = 0; j < factor->k; j++)
        sum += log(fabs(factor->R[j + j * factor->k])) + log(factor->scale[j]);
    return 2.0 * sum;
}

void factor_inverse(double *inverse, size_t ld, const struct factor *factor)
{
    const size_t k = factor->k;

    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i <= j; i++)
            inverse[i + j * ld] = factor->R[i + j * k];
    (void)LAPACKE_dpotri(LAPACK_COL_MAJOR, 'U', (int)k, inverse, (int)ld);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i <= j; i++) {
            const double v = inverse[i + j * ld] / (factor->scale[i] * factor->scale[j]);
            inverse[i + j * ld] = inverse[j + i * ld] = v;
        }
}
