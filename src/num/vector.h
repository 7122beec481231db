/* Elementary functions of many numbers at once: without branches, so that compilers make vector
 * code of the loops over them.  Within 1 ulp, share within 1.5. */
#ifndef MAXPOST_VECTOR_H
#define MAXPOST_VECTOR_H

#include <stddef.h>

/* out = exp(x), n values; 0 and infinity past the range, NAN for NAN.  out may be x. */
void vector_exp(double *out, const double *x, size_t n);
/* The parts of the logistic distribution at x, n values each: e = exp(-|x|), share = 1 / (1 + e),
 * log1p_e = log(1 + e).  No array may overlap another. */
void vector_logistic(double *e, double *share, double *log1p_e, const double *x, size_t n);

#endif
