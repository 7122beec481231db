/* Orthogonal polynomials over a set of points, as R's poly gives them. */
#ifndef MAXPOST_POLY_H
#define MAXPOST_POLY_H

#include "base/err.h"

/* The recurrence p_0 = 1, p_k+1 = (x - alpha_k) p_k - (norm2_k+1 / norm2_k) p_k-1 (indices from 0) of
 * the polynomials that are orthogonal over n points.
 *   alpha  degree numbers        norm2  degree + 2: 1, then the sum of squares of each p_k
 * Errors: NUMERIC (no more than `degree` different points), MEMORY.  Cost: n (degree + log n).
 * Forsythe (1957), Generation and use of orthogonal polynomials for data-fitting. */
MXP_MUST_CHECK mxp_status poly_fit(double *alpha, double *norm2, size_t degree, const double *x,
                                   size_t n, mxp_error *error);

/* p_1 to p_degree at n points, each divided by its norm; column-major n x degree. */
void poly_values(double *out, size_t degree, const double *alpha, const double *norm2,
                 const double *x, size_t n);
/* x, x^2, ..., x^degree. */
void poly_powers(double *out, size_t degree, const double *x, size_t n);

#endif
