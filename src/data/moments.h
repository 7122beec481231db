/* Weighted means and standard deviations of long columns. */
#ifndef MAXPOST_MOMENTS_H
#define MAXPOST_MOMENTS_H

#include <stddef.h>

/* Mean and population sd (denominator the sum of weights, which is given) of x - minus over n rows;
 * minus, weights: NULL: none.  Sums about a provisional mean with the correction of Chan, Golub &
 * LeVeque (1983), and about the mean itself where the provisional one was far off.  Cost: one
 * pass. */
void moments_take(double *mean, double *sd, const double *x, const double *minus,
                  const double *weights, double weight_sum, size_t n);

#endif
