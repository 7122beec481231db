#include "num/null_space.h"
#include "base/mem.h"
#include "num/la.h"
#include "num/twofold.h"

#include <lapacke.h>
#include <string.h>

struct factored {
    size_t k, r;
    double *Q, *R, *rest; /* k x k, r x r upper triangle, r */
};

static mxp_status check(int info, mxp_error *error)
{
    if (info == 0)
        return MXP_OK;
    if (info == LAPACK_WORK_MEMORY_ERROR)
        return FAIL(error, MXP_MEMORY, "out of memory in the QR factorisation of constraints");
    return FAIL(error, MXP_NUMERIC, "the QR factorisation of constraints failed (LAPACK info %d)",
                info);
}

static mxp_status factorise(struct factored *f, const double *C, mxp_error *error)
{
    const size_t k = f->k, r = f->r;
    double *tau = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&f->Q, k, k, error));
    TRY(status = mem_doubles(&f->R, r, r, error));
    TRY(status = mem_doubles(&f->rest, r, 1, error));
    TRY(status = mem_doubles(&tau, r, 1, error));
    memcpy(f->Q, C, k * r * sizeof *C);
    TRY(status = check(LAPACKE_dgeqrf(LAPACK_COL_MAJOR, (int)k, (int)r, f->Q, (int)k, tau), error));
    for (size_t j = 0; j < r; j++)
        memcpy(f->R + j * r, f->Q + j * k, (j + 1) * sizeof *f->R);
    TRY(status = check(LAPACKE_dorgqr(LAPACK_COL_MAJOR, (int)k, (int)k, (int)r, f->Q, (int)k, tau),
                       error));
out:
    free(tau);
    return status;
}

/* x += Q R^-T rest, where rest = a - C'x; a NULL: 0. */
static void improve(double *x, struct factored *f, const double *C, const double *a)
{
    for (size_t j = 0; j < f->r; j++) {
        struct twofold sum = twofold_of(a ? a[j] : 0.0);
        for (size_t i = 0; i < f->k; i++)
            sum = twofold_add(sum, twofold_times(twofold_of(-C[i + j * f->k]), twofold_of(x[i])));
        f->rest[j] = sum.high;
    }
    la_triangle_solve(f->rest, f->R, f->r, f->r, true);
    la_multiply_add(x, 1.0, f->Q, f->k, f->k, f->r, f->rest);
}

mxp_status null_space(double *origin, double *N, const double *C, const double *a, size_t k,
                      size_t r, mxp_error *error)
{
    struct factored f = {.k = k, .r = r};
    mxp_status status;

    TRY(status = factorise(&f, C, error));
    memset(origin, 0, k * sizeof *origin);
    improve(origin, &f, C, a);
    improve(origin, &f, C, a);
    if (r < k)
        memcpy(N, f.Q + k * r, k * (k - r) * sizeof *N);
    for (size_t z = 0; z < k - r; z++)
        improve(N + z * k, &f, C, NULL);
out:
    free(f.Q);
    free(f.R);
    free(f.rest);
    return status;
}
