/* Rows of delimited text one after the other, with every way that a cell may be written, and the
 * words for what may be wrong. */
#ifndef MAXPOST_CSV_ROW_H
#define MAXPOST_CSV_ROW_H

#include "io/csv.h"
#include "io/csv_field.h"

/* The state of a pass over rows: each thread has its own. */
struct csv {
    const char *at, *end; /* the next row; the end of the whole text */
    const struct csv_options *options;
    const char *name;
    struct columns *out; /* out->rows: the number of the row at `at` */
    size_t unnamed;      /* 1: the first field of each row has no column */
    size_t line;         /* where the row at `at` starts */
    bool any_is_na;      /* an NA spelling may be a number: every cell is compared with them */
    char *text;          /* room for a copy of a cell */
    size_t room;
};

/* Says what is wrong with the field, the column-th (0-based) of its row.
 *   line  where the field starts */
mxp_status csv_fail_field(const struct csv *csv, enum field_problem problem,
                          const struct field *field, size_t line, size_t column, mxp_error *error);

/* Any cell of the row at csv->at: quoted, missing, padded, or not a number (which is noted).
 *   value     NaN where it is missing or not a number
 *   column    of csv->out
 *   at        its start; moves to its end
 *   newlines  in the row so far; grows by those inside
 * Errors: DATA, MEMORY. */
MXP_MUST_CHECK mxp_status csv_cell(struct csv *csv, double *value, size_t column, const char **at,
                                   size_t *newlines, mxp_error *error);

/* Parses the row at csv->at into row out->rows of the columns, where there must be room for it, and
 * moves behind it.  Errors: DATA, MEMORY. */
MXP_MUST_CHECK mxp_status csv_row(struct csv *csv, mxp_error *error);

#endif
