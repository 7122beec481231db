#include "num/la.h"
#include "base/mem.h"

#include <cblas.h>
#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <string.h>

int la_threads(int threads)
{
    const int before = openblas_get_num_threads();
    if (threads > 0 && threads != before)
        openblas_set_num_threads(threads);
    return before;
}

int la_threads_for(size_t order)
{
    return la_threads(order < 2000 ? 1 : 0);
}

const char *la_blas_name(void)
{
    return openblas_get_config();
}

void la_gram_add(double *G, size_t ldg, const double *S, size_t lds, size_t m, size_t c)
{
    cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, (int)c, (int)m, 1.0, S, (int)lds, 1.0, G,
                (int)ldg);
}

void la_gram_add_single(float *G, size_t ldg, const float *S, size_t lds, size_t m, size_t c)
{
    cblas_ssyrk(CblasColMajor, CblasLower, CblasTrans, (int)c, (int)m, 1.0F, S, (int)lds, 1.0F, G,
                (int)ldg);
}

void la_outer_add(double *C, size_t ldc, const double *A, size_t lda, size_t m, size_t k)
{
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, (int)m, (int)k, 1.0, A, (int)lda, 1.0, C,
                (int)ldc);
}

void la_outer_product_add(double *C, size_t ldc, const double *A, const double *B, size_t ld,
                          size_t m, size_t n, size_t k)
{
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1.0, A, (int)ld, B,
                (int)ld, 1.0, C, (int)ldc);
}

void la_mirror(double *G, size_t ld, size_t k)
{
    for (size_t j = 0; j < k; j++)
        for (size_t i = j + 1; i < k; i++)
            G[j + i * ld] = G[i + j * ld];
}

void la_multiply_add(double *y, double alpha, const double *A, size_t lda, size_t m, size_t k,
                     const double *x)
{
    cblas_dgemv(CblasColMajor, CblasNoTrans, (int)m, (int)k, alpha, A, (int)lda, x, 1, 1.0, y, 1);
}

void la_multiply_transposed_add(double *y, double alpha, const double *A, size_t lda, size_t m,
                                size_t k, const double *x)
{
    cblas_dgemv(CblasColMajor, CblasTrans, (int)m, (int)k, alpha, A, (int)lda, x, 1, 1.0, y, 1);
}

double la_dot(const double *x, const double *y, size_t k)
{
    return cblas_ddot((int)k, x, 1, y, 1);
}

void la_matmul(double *C, size_t ldc, const double *A, size_t lda, bool transpose_a,
               const double *B, size_t ldb, bool transpose_b, size_t m, size_t n, size_t k)
{
    cblas_dgemm(CblasColMajor, transpose_a ? CblasTrans : CblasNoTrans,
                transpose_b ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)k, 1.0, A, (int)lda,
                B, (int)ldb, 0.0, C, (int)ldc);
}

void la_product_add(double *C, size_t ldc, const double *A, size_t lda, const double *B, size_t ldb,
                    size_t m, size_t n, size_t k)
{
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1.0, A, (int)lda,
                B, (int)ldb, 1.0, C, (int)ldc);
}

static mxp_status lapack_failure(int info, const char *what, mxp_error *error)
{
    if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR)
        return FAIL(error, MXP_MEMORY, "out of memory in %s", what);
    return FAIL(error, MXP_NUMERIC, "%s failed (LAPACK info %d): a value that is not finite?", what,
                info);
}

mxp_status la_triangularise(double *A, size_t lda, size_t m, size_t k, mxp_error *error)
{
    const size_t least = m < k ? m : k;
    double *tau = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&tau, least, 1, error));
    const int info = LAPACKE_dgeqrf(LAPACK_COL_MAJOR, (int)m, (int)k, A, (int)lda, tau);
    if (info != 0) {
        status = lapack_failure(info, "the QR factorisation", error);
        goto out;
    }
    for (size_t j = 0; j < least; j++)
        for (size_t i = j + 1; i < least; i++)
            A[i + j * lda] = 0.0;
out:
    free(tau);
    return status;
}

void la_triangle_solve(double *x, const double *R, size_t ldr, size_t k, bool transposed)
{
    cblas_dtrsv(CblasColMajor, CblasUpper, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit,
                (int)k, R, (int)ldr, x, 1);
}

mxp_status la_eigen(double *values, double *A, size_t lda, size_t k, mxp_error *error)
{
    const int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', (int)k, A, (int)lda, values);
    return info == 0 ? MXP_OK : lapack_failure(info, "the eigenvalue decomposition", error);
}

mxp_status la_least_squares(double *residual, double *A, size_t lda, const double *b, size_t m,
                            size_t k, double rcond, mxp_error *error)
{
    const size_t most = m > k ? m : k;
    double *x = NULL, *keep = NULL, *r = NULL;
    int *pivot = NULL, rank = 0;
    mxp_status status;

    TRY(status = mem_doubles(&x, most, 1, error));
    TRY(status = mem_doubles(&keep, m, k, error));
    TRY(status = mem_doubles(&r, m, 1, error));
    TRY(status = MEM_NEW(&pivot, k, error));
    for (size_t j = 0; j < k; j++)
        memcpy(keep + j * m, A + j * lda, m * sizeof *keep);
    memcpy(x, b, m * sizeof *x);
    memcpy(r, b, m * sizeof *r);
    const int info = LAPACKE_dgelsy(LAPACK_COL_MAJOR, (int)m, (int)k, 1, A, (int)lda, x, (int)most,
                                    pivot, rcond, &rank);
    if (info != 0) {
        status = lapack_failure(info, "the least-squares solution", error);
        goto out;
    }
    la_multiply_add(r, -1.0, keep, m, m, k, x);
    *residual = cblas_dnrm2((int)m, r, 1);
out:
    free(pivot);
    free(r);
    free(keep);
    free(x);
    return status;
}
