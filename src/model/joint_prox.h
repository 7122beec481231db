/* The subproblem of a group_laplace prior in a quadratic: minimise over x in R^k
 *
 *     x'H x/2 - v'x + norm(x)/b
 *
 * with H positive semidefinite.  The minimum is 0 exactly where norm(v) <= 1/b. */
#ifndef MAXPOST_JOINT_PROX_H
#define MAXPOST_JOINT_PROX_H

#include "base/err.h"

/* H with its eigenvalues: made once, used for many v and b. */
struct joint_block;

/* H: k x k, column-major, both triangles, copied.  Errors: MEMORY, NUMERIC (not finite, or an
 * eigenvalue below -k eps times the largest).  Cost: about 9 k^3 flops. */
MXP_MUST_CHECK mxp_status joint_block_new(struct joint_block **block, const double *H, size_t ld,
                                          size_t k, mxp_error *error);
void joint_block_free(struct joint_block *block);

/* x (k values) <- the minimiser; all 0 where norm(v) <= (1 + 4 eps)/b.
 *
 * Elsewhere r = norm(x) is the root of norm((r H + I/b)^-1 v) = 1, in the eigenvectors of H a
 * secular equation whose reciprocal is concave in r, so that Newton's method rises to it; then x is
 * refined by Newton steps whose residuals are summed in doubled precision, which leaves full
 * precision up to a condition of H of about 1e13.
 * Yang & Hastie (2024), arXiv:2405.08631; More & Sorensen (1983) for the reciprocal.
 * Errors: MEMORY, NUMERIC (v not finite; H singular and the objective without a minimum).
 * Cost: a few times k^2 flops, the residuals in doubled precision. */
MXP_MUST_CHECK mxp_status joint_block_solve(double *x, const struct joint_block *block,
                                            const double *v, double b, mxp_error *error);

/* t <- argmin (t - u)'H(t - u)/2 + norm(t - m)/b, exactly m where it is the minimum.  v = H(u - m)
 * is kept in doubled precision, so that t is right to a few eps of norm(t - m).
 * Errors, cost: those of both functions above. */
MXP_MUST_CHECK mxp_status joint_prox(double *t, const double *H, size_t ld, size_t k,
                                     const double *u, const double *m, double b, mxp_error *error);

#endif
