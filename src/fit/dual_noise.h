/* The noise sd of a wide gaussian problem (fit/kernel.h): one eigenvalue decomposition of the n x n
 * kernel, after which the coefficients' minimum at any noise sd costs O(n). */
#ifndef MAXPOST_DUAL_NOISE_H
#define MAXPOST_DUAL_NOISE_H

#include "fit/dual_rows.h"

struct dual_noise;

/* Errors: MEMORY, NUMERIC.  Cost: 9 n^3 flops. */
MXP_MUST_CHECK mxp_status dual_noise_new(struct dual_noise **noise, const struct kernel *kernel,
                                         mxp_error *error);
void dual_noise_free(struct dual_noise *noise);
/* The fixed point of log sd -> its mode given the residuals of the fit at it, from *u, as
 * fit/direct.c has it.  *u -infinity: the noise runs to 0.  Cost: O(n) an iteration. */
MXP_MUST_CHECK mxp_status dual_noise_solve(double *u, struct dual_noise *noise, mxp_error *error);
/* rows->weight and rows->flat of the minimum at noise sd e^u.  False: the flat columns are
 * dependent.  Errors: MEMORY, NUMERIC. */
MXP_MUST_CHECK mxp_status dual_noise_rows(bool *found, struct dual_rows *rows,
                                          struct dual_noise *noise, double u, mxp_error *error);
#endif
