/* The table behind maxpost/data.h: what the design asks of it beyond the public getters. */
#ifndef MAXPOST_TABLE_H
#define MAXPOST_TABLE_H

#include "io/columns.h"
#include "io/hash.h"
#include "io/sparse.h"
#include "maxpost/data.h"

struct mxp_table {
    char *source; /* the file as the user named it, "<stdin>"; NULL: built in memory */
    struct columns columns;
    struct sparse sparse;       /* columns 0: none */
    char *sparse_name;          /* TABLE_NAME bytes each */
    char sha256[HASH_HEX_SIZE]; /* of the file, where it has been hashed; else empty */
};

enum { TABLE_NAME = 24 };

/* The name of a sparse column, borrowed, and the column of that name, or MXP_NO_COLUMN. */
const char *table_sparse_name(const mxp_table *table, size_t column);
size_t table_find_sparse(const mxp_table *table, const char *name);
/* Takes the columns over, and names them. */
MXP_MUST_CHECK mxp_status table_take_sparse(mxp_table *table, struct sparse *sparse,
                                            const char *prefix, mxp_error *error);

/* The first cell of the column that is not a number, borrowed; NULL when all are (or missing). */
const struct column_fault *table_fault(const mxp_table *table, size_t column);

/* The levels of a categorical column, borrowed; NULL for a numeric one. */
const struct column_text *table_levels(const mxp_table *table, size_t column);

/* The texts of all cells where one at least is no number, or where levels were asked for; else NULL.
 */
const struct column_text *table_texts(const mxp_table *table, size_t column);

/* Whether every cell is a number, or missing. */
bool table_is_numbers(const mxp_table *table, size_t column);

/* Whether somebody said what the column is. */
bool table_is_declared(const mxp_table *table, size_t column);

/* How many cells of the column are missing; *first_row (may be NULL) is written when any is. */
size_t table_missing(const mxp_table *table, size_t column, size_t *first_row);

/* The file line where the row starts (quoted fields may hold newlines); 0: no lines (.npy, built in
 * memory). */
size_t table_line_of_row(const mxp_table *table, size_t row);

/* The file as the user named it, "<stdin>", or NULL for a table built in memory. */
const char *table_source_name(const mxp_table *table);

/* FAIL with the place of a cell and status DATA: FILE:LINE: column "NAME": ...
 * or, where there are no lines, FILE: row 7: column "NAME": ... (row 1-based). */
mxp_status table_fail(mxp_error *error, const mxp_table *table, size_t column, size_t row,
                      const char *format, ...) ERR_PRINTF(5, 6);

/* DATA when the column has a cell that is not a number:
 * FILE:LINE: column "NAME": "abc" is not a number. */
MXP_MUST_CHECK mxp_status table_check_number(const mxp_table *table, size_t column,
                                             mxp_error *error);

#endif
