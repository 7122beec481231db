/* Sparse columns once more by rows, in single precision: for products X'(h (X v)), which make one
 * passage of it where columns need two.  What is made of it steers a method and is never reported. */
#ifndef MAXPOST_SPARSE_ROWS_H
#define MAXPOST_SPARSE_ROWS_H

#include "io/sparse.h"

struct sparse_rows {
    size_t rows, columns;
    size_t *start; /* rows + 1 */
    struct sparse_entry {
        uint32_t column;
        float value;
    } * entry; /* those of the last row are followed by SPARSE_AHEAD of column 0 */
    struct sparse_pair {
        double in, out;
    } * pair; /* SPARSE_GROUPS x columns: room to work in */
};

enum { SPARSE_AHEAD = 64, SPARSE_GROUPS = 2 };

/* The listed columns (NULL: all, `count` of them); one beyond the last, as that of an intercept, is
 * empty.  Errors: MEMORY.  Cost: two passes; 8 bytes for each value, 32 for each column. */
MXP_MUST_CHECK mxp_status sparse_rows_new(struct sparse_rows **rows, const struct sparse *sparse,
                                          const size_t *column, size_t count, mxp_error *error);
void sparse_rows_free(struct sparse_rows *rows);
/* along (rows) = X v + constant; product (columns) = X'(h along); *total: sum of h along.  The bits
 * do not depend on the number of threads (0: all). */
void sparse_rows_curve(double *product, double *along, double *total, struct sparse_rows *rows,
                       const double *v, double constant, const double *h, int threads);
#endif
