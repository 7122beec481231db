/* Products with sparse columns.  Sums are cut by the shape alone, so that their bits do not depend on
 * the number of threads (0: all). */
#ifndef MAXPOST_SPARSE_PRODUCT_H
#define MAXPOST_SPARSE_PRODUCT_H

#include "io/sparse.h"

/* Long columns by four sums: what is added next does not wait for what was.  Short ones by one: more
 * loops would be guessed wrong more often.  Vector units' gathers are slower. */
enum { SPARSE_LONG = 24 };

/* sum over column j of x v. */
static inline double sparse_dot(const struct sparse *sparse, size_t j, const double *v)
{
    const double *const x = sparse->value;
    const uint32_t *const row = sparse->row;
    const size_t end = sparse->start[j + 1];
    double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
    size_t i = sparse->start[j];

    for (size_t last = i + SPARSE_LONG <= end ? end - 3 : 0; i < last; i += 4) {
        a += x[i] * v[row[i]];
        b += x[i + 1] * v[row[i + 1]];
        c += x[i + 2] * v[row[i + 2]];
        d += x[i + 3] * v[row[i + 3]];
    }
    for (; i < end; i++)
        a += x[i] * v[row[i]];
    return (a + b) + (c + d);
}

/* sum over all rows of h (x - shift)^2 of column j; sum: of h. */
static inline double sparse_centred_square(const struct sparse *sparse, size_t j, double shift,
                                           const double *h, double sum)
{
    const double *const x = sparse->value;
    const uint32_t *const row = sparse->row;
    double square = 0.0, held = 0.0;

    for (size_t i = sparse->start[j]; i < sparse->start[j + 1]; i++) {
        const double z = x[i] - shift, w = h[row[i]];
        square += w * z * z;
        held += w;
    }
    return shift == 0.0 ? square : square + shift * shift * (sum > held ? sum - held : 0.0);
}

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
