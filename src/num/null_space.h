/* The solutions of C't = a: t = origin + N z. */
#ifndef MAXPOST_NULL_SPACE_H
#define MAXPOST_NULL_SPACE_H

#include "base/err.h"

/* C (k x r, column-major, r <= k, independent columns of about the same norm), a: r values.
 *   origin  k: the solution of least norm
 *   N       k x (k - r), column-major, orthonormal columns, C'N = 0
 * Householder's QR factorisation C = Q R: N is the rest of Q, origin = Q R^-T a.  Both are refined
 * once with residuals in doubled precision, so that C't = a holds to rounding of each product c t,
 * however different in size the entries of C are.  Golub & Van Loan (2013), sections 5.2 and 5.6.2.
 * Errors: MEMORY, NUMERIC.  Cost: 4 k^2 r flops, and k^2 r in doubled precision. */
MXP_MUST_CHECK mxp_status null_space(double *origin, double *N, const double *C, const double *a,
                                     size_t k, size_t r, mxp_error *error);

#endif
