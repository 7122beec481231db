/* A factored symmetric positive definite matrix H = S R'R S, R upper triangular, S diagonal
 * (Jacobi scaling, so that units do not matter). */
#ifndef MAXPOST_FACTOR_H
#define MAXPOST_FACTOR_H

#include "base/err.h"

#include <stdbool.h>

struct factor {
    size_t k;
    double *R;     /* k x k, upper triangle, entries below are 0 */
    double *scale; /* k: S, square roots of the diagonal of H (1 where that is not positive) */
    double rcond;  /* estimated reciprocal condition (1-norm) of R'R; 0: not positive definite */
};

/* Cholesky of H (k x k, leading dimension ld, lower triangle read, not modified).
 * Not being positive definite is an outcome: rcond = 0, the factor must not be used to solve.
 * Errors: MEMORY, NUMERIC (a NaN).  Cost: k^3 / 3. */
MXP_MUST_CHECK mxp_status factor_cholesky(struct factor **factor, const double *H, size_t ld,
                                          size_t k, mxp_error *error);
/* From an upper triangle with R'R = H (copied).  rcond = 0 when a diagonal entry is below
 * `dependent` times its column's norm; then *column (may be NULL) is the first such column. */
MXP_MUST_CHECK mxp_status factor_triangle(struct factor **factor, const double *R, size_t ldr,
                                          size_t k, double dependent, size_t *column,
                                          mxp_error *error);
void factor_free(struct factor *factor);

/* x <- H^-1 x. */
void factor_solve(double *x, const struct factor *factor);
/* x <- S^-1 R^-1 x: a standard normal vector becomes one with covariance H^-1. */
void factor_half_solve(double *x, const struct factor *factor);
/* log det H. */
double factor_log_det(const struct factor *factor);
/* H^-1, k x k, both triangles.  Cost: 2 k^3 / 3. */
void factor_inverse(double *inverse, size_t ld, const struct factor *factor);

#endif
