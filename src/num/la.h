/* Checked dense linear algebra: the only place that sees CBLAS and LAPACKE and their int.
 * Matrices are column-major with an explicit leading dimension. */
#ifndef MAXPOST_LA_H
#define MAXPOST_LA_H

#include "base/err.h"

#include <stdbool.h>

/* Sets the BLAS library's own threads, a setting of the whole process, and gives back the old
 * number: one owner of parallelism at a time. */
int la_threads(int threads);
/* One thread for matrices below order 2000, where more cost more than they save and change the last
 * bits; larger ones keep what is set.  Gives back the old number, for la_threads. */
int la_threads_for(size_t order);
/* "OpenBLAS 0.3.21 ..." as the library describes itself. */
const char *la_blas_name(void);

/* Lower triangle of G (c x c) += S'S, S m x c.  m c^2 flops. */
void la_gram_add(double *G, size_t ldg, const double *S, size_t lds, size_t m, size_t c);
/* The same in single precision. */
void la_gram_add_single(float *G, size_t ldg, const float *S, size_t lds, size_t m, size_t c);
/* Lower triangle of C (m x m) += A A', A m x k; and all of C (m x n) += A B', B n x k. */
void la_outer_add(double *C, size_t ldc, const double *A, size_t lda, size_t m, size_t k);
void la_outer_product_add(double *C, size_t ldc, const double *A, const double *B, size_t ld,
                          size_t m, size_t n, size_t k);
/* Copies the lower triangle to the upper one. */
void la_mirror(double *G, size_t ld, size_t k);
/* y += alpha A x, A m x k; and y += alpha A'x. */
void la_multiply_add(double *y, double alpha, const double *A, size_t lda, size_t m, size_t k,
                     const double *x);
void la_multiply_transposed_add(double *y, double alpha, const double *A, size_t lda, size_t m,
                                size_t k, const double *x);
double la_dot(const double *x, const double *y, size_t k);
/* C (m x n) = A (m x k) B (k x n), with A or B transposed on request. */
void la_matmul(double *C, size_t ldc, const double *A, size_t lda, bool transpose_a,
               const double *B, size_t ldb, bool transpose_b, size_t m, size_t n, size_t k);

/* C (m x n) += A'B, A k x m, B k x n. */
void la_product_add(double *C, size_t ldc, const double *A, size_t lda, const double *B, size_t ldb,
                    size_t m, size_t n, size_t k);

/* A (m x k, destroyed) -> R in its upper triangle, by Householder reflections; entries below the
 * diagonal of the first min(m, k) rows are set to 0.  Errors: MEMORY, NUMERIC. */
MXP_MUST_CHECK mxp_status la_triangularise(double *A, size_t lda, size_t m, size_t k,
                                           mxp_error *error);
/* x <- R^-1 x, or R^-T x; R k x k upper triangular, nonzero diagonal. */
void la_triangle_solve(double *x, const double *R, size_t ldr, size_t k, bool transposed);

/* Eigenvalues (ascending) and vectors of a symmetric matrix, A destroyed: its columns become the
 * vectors.  Errors: MEMORY, NUMERIC.  Cost about 9 k^3 flops. */
MXP_MUST_CHECK mxp_status la_eigen(double *values, double *A, size_t lda, size_t k,
                                   mxp_error *error);

/* Minimum-norm least squares of A x = b by a complete orthogonal factorisation (A, m x k,
 * destroyed).  *residual: norm of b - A x.  Columns below rcond of the largest are dependent.
 * Errors: MEMORY, NUMERIC. */
MXP_MUST_CHECK mxp_status la_least_squares(double *residual, double *A, size_t lda, const double *b,
                                           size_t m, size_t k, double rcond, mxp_error *error);

#endif
