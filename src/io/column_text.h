/* The cells of a column as levels: a dictionary of the texts and a code for each row. */
#ifndef MAXPOST_COLUMN_TEXT_H
#define MAXPOST_COLUMN_TEXT_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The code of a cell that is missing. */
#define COLUMN_TEXT_NONE UINT32_MAX

/* Zero-initialised: no rows, no levels. */
struct column_text {
    char **level; /* count of them, in the order of their first appearance */
    size_t count, capacity;
    uint32_t *code; /* `filled` of them; NULL: the column has no texts */
    size_t filled, code_capacity;
    uint32_t *slot; /* hash index of the levels: code + 1, or 0 */
    size_t slots;   /* a power of two, or 0 */
};

/* FNV-1a, folded. */
size_t column_text_hash(const char *text, size_t length);
/* Gives the row, the last so far, the level of that text; rows that were passed over are missing.
 * Errors: MEMORY. */
MXP_MUST_CHECK mxp_status column_text_add(struct column_text *column, size_t row, const char *text,
                                          size_t length, mxp_error *error);
/* Rows up to `rows` that have no level are missing. */
MXP_MUST_CHECK mxp_status column_text_fill(struct column_text *column, size_t rows,
                                           mxp_error *error);
/* Adds the rows of another, its levels behind those that are there.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status column_text_append(struct column_text *column,
                                             const struct column_text *other, mxp_error *error);
/* The level of that text, or COLUMN_TEXT_NONE. */
uint32_t column_text_find(const struct column_text *column, const char *text, size_t length);
/* The levels of numbers, each in its shortest form; NaN is missing.  column: empty before.
 * Cost: a number printed for each change from row to row. */
MXP_MUST_CHECK mxp_status column_text_of_numbers(struct column_text *column, const double *values,
                                                 size_t rows, mxp_error *error);
void column_text_free(struct column_text *column);

/* Whether the text is one of the spellings of a missing cell. */
bool column_text_is_na(const char *const *na, size_t count, const char *text, size_t length);

#endif
