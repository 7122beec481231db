/* Products with sparse columns.  Sums are cut by the shape alone, so that their bits do not depend on
 * the number of threads (0: all). */
#ifndef MAXPOST_SPARSE_PRODUCT_H
#define MAXPOST_SPARSE_PRODUCT_H

#include "data/sparse.h"

/* dots[j] = sum over column j of x v, for every column.  v: rows.  Cost: 2 count flops. */
void sparse_dots(double *dots, const struct sparse *sparse, const double *v, int threads);
/* dots[j] = sum over column j of x^2 v. */
void sparse_square_dots(double *dots, const struct sparse *sparse, const double *v, int threads);
/* Both in one reading: dots with v, squares with w. */
void sparse_both_dots(double *dots, double *squares, const struct sparse *sparse, const double *v,
                      const double *w, int threads);
/* sums (rows) += X t.  t: columns; what is 0 there is skipped.  Errors: MEMORY.  Cost: 2 count
 * flops; large matrices: three times `rows` values. */
MXP_MUST_CHECK mxp_status sparse_combine(double *sums, const struct sparse *sparse, const double *t,
                                         int threads, mxp_error *error);

#endif
