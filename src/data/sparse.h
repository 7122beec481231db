/* Sparse columns: compressed by column, rows ascending in each, no explicit zeros needed. */
#ifndef MAXPOST_SPARSE_H
#define MAXPOST_SPARSE_H

#include "base/err.h"

#include <stdint.h>

struct sparse {
    size_t rows, columns, count; /* count: stored values */
    size_t *start;               /* columns + 1 */
    uint32_t *row;               /* count */
    double *value;               /* count */
};

#endif
