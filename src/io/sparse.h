/* Sparse columns: compressed by column, rows ascending in each, no explicit zeros needed. */
#ifndef MAXPOST_SPARSE_H
#define MAXPOST_SPARSE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct sparse {
    size_t rows, columns, count; /* count: stored values */
    size_t *start;               /* columns + 1 */
    uint32_t *row;               /* count */
    double *value;               /* count */
};

void sparse_clear(struct sparse *sparse);
/* start is set and holds, for each column c, the number of its values at start[c + 1]: makes room for
 * them and turns the counts into starts.  Errors: MEMORY, DATA (too many rows for 32 bits). */
MXP_MUST_CHECK mxp_status sparse_make_room(struct sparse *sparse, mxp_error *error);
/* Sorts the rows of each column.  *twice: a column that has a row twice, or SIZE_MAX; then *row. */
MXP_MUST_CHECK mxp_status sparse_sort(struct sparse *sparse, size_t *twice, size_t *row,
                                      mxp_error *error);
/* A column as rows values.  */
void sparse_spread(double *values, const struct sparse *sparse, size_t column);
/* Takes a column away; those behind it move up. */
void sparse_drop(struct sparse *sparse, size_t column);
/* The listed columns, copied.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status sparse_select(struct sparse *to, const struct sparse *from,
                                        const size_t *column, size_t count, mxp_error *error);

#endif
