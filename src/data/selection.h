/* The rows of a table that have no missing cell in the columns that are used. */
#ifndef MAXPOST_SELECTION_H
#define MAXPOST_SELECTION_H

#include "data/table.h"

#include <stdbool.h>

struct selection_missing {
    size_t column; /* of the table */
    size_t count;  /* cells that are missing */
};

struct selection {
    size_t rows, rows_read;
    size_t *table_row;                 /* the row of the table of each; NULL: the same */
    struct selection_missing *missing; /* the used columns that miss cells, in the table's order */
    size_t missing_columns;
};

/* Chooses the rows.
 *   used          a flag for each column of the table
 *   drop_missing  rows with a missing cell are left out; else such a cell is an error
 * Errors: DATA (FILE:LINE: column "NAME": missing value; no row left), MEMORY. */
MXP_MUST_CHECK mxp_status selection_choose(struct selection *selection, const mxp_table *table,
                                           const bool *used, bool drop_missing, mxp_error *error);
void selection_free(struct selection *selection);

/* The values of the selected rows: those of the table itself, or a copy in *block (else NULL). */
MXP_MUST_CHECK mxp_status selection_values(const double **values, double **block,
                                           const struct selection *selection, const double *column,
                                           mxp_error *error);
static inline size_t selection_row(const struct selection *selection, size_t i)
{
    return selection->table_row ? selection->table_row[i] : i;
}

#endif
