/* The inner loops over dense columns under a chunk of rows, several columns at a time, so that what
 * belongs to the rows stays in registers.  The order of a sum is the compiler's (reassociated
 * locally, for vector units). */
#ifndef MAXPOST_DENSE_H
#define MAXPOST_DENSE_H

#include <stddef.h>

/* A column: t (x - shift). */
struct dense {
    const double *x;
    double shift, t;
};

/* Columns that the loops take at once. */
enum { DENSE_ADD = 8, DENSE_SUM = 8 };

/* eta += sum over the columns (at most DENSE_ADD) of t (x - shift), m rows. */
void dense_add(double *eta, const struct dense *column, size_t count, size_t m);
/* Of each column (at most DENSE_SUM): gradient = sum of (x - shift) d, and where h is not NULL
 * diagonal = sum of (x - shift)^2 h. */
void dense_sums(double *gradient, double *diagonal, const struct dense *column, size_t count,
                const double *d, const double *h, size_t m);
/* The sum of |x - shift| d. */
double dense_absolute(const struct dense *column, const double *d, size_t m);
/* eta += |t (x - shift)|. */
void dense_add_absolute(double *eta, const struct dense *column, size_t m);
/* z = (x - shift) by; in single precision times t besides. */
void dense_scale(double *z, const struct dense *column, const double *by, size_t m);
void dense_scale_single(float *z, const struct dense *column, const double *by, size_t m);
/* The sums of d, and of a b. */
double dense_total(const double *d, size_t m);
double dense_product(const double *a, const double *b, size_t m);

#endif
