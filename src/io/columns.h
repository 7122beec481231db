/* What the readers of tables produce: named columns of doubles, the texts of those that hold other
 * things, and the lines where the rows start. */
#ifndef MAXPOST_COLUMNS_H
#define MAXPOST_COLUMNS_H

#include "io/column_text.h"

/* The first cell of a column that is not a finite number.  The column is numeric while text is
 * NULL.  A message reads: "TEXT" WHY, as in: "abc" is not a number. */
struct column_fault {
    size_t row;      /* 0-based */
    size_t line;     /* in the file, 1-based; 0 where the source has no lines */
    char *text;      /* the cell, shortened if long */
    const char *why; /* static: "is not a number", "is beyond the range of a double", ... */
};

struct column {
    char *name;
    double *values;     /* rows of them; NaN where missing or not a number */
    size_t missing;     /* cells that are missing */
    size_t missing_row; /* the first of them */
    struct column_fault fault;
    struct column_text text; /* where a cell is no number: all cells as levels */
    size_t texts;            /* cells that are neither missing nor numbers */
    bool categorical;        /* its levels count, not its values */
    bool declared;           /* somebody said so, or said the contrary */
};

/* From this row on, each row takes one line, up to the next anchor. */
struct line_anchor {
    size_t row, line;
};

struct columns {
    size_t rows, count;
    struct column *column;
    size_t capacity;
    struct line_anchor *anchor; /* none: the source has no lines */
    size_t anchors, anchor_capacity;
    size_t *slot; /* hash index of the names: column + 1, or 0 */
    size_t slots; /* a power of two, or 0 */
};

/* Appends a column without values; copies the first `length` bytes of the name.
 * *duplicate is set, and nothing added, when there is one of that name. */
MXP_MUST_CHECK mxp_status columns_append(struct columns *columns, const char *name, size_t length,
                                         bool *duplicate, mxp_error *error);
/* Takes the last column away again. */
void columns_drop(struct columns *columns);
/* The column of that name, or SIZE_MAX. */
size_t columns_find(const struct columns *columns, const char *name, size_t length);
/* Notes that the row starts at this line; rows in order. */
MXP_MUST_CHECK mxp_status columns_anchor(struct columns *columns, size_t row, size_t line,
                                         mxp_error *error);
/* The line where the row starts, 0 where the source has no lines. */
size_t columns_line(const struct columns *columns, size_t row);
/* Notes a missing cell, and a cell that is not a number (the first is kept, its text copied). */
void columns_missing(struct columns *columns, size_t column, size_t row);
MXP_MUST_CHECK mxp_status columns_fault(struct columns *columns, size_t column, size_t row,
                                        const char *text, size_t length, const char *why,
                                        mxp_error *error);
/* Notes the text of a cell that is no number, rows in order. */
MXP_MUST_CHECK mxp_status columns_text(struct columns *columns, size_t column, size_t row,
                                       const char *text, size_t length, mxp_error *error);
/* Whether the column holds both numbers and texts. */
bool columns_mixed(const struct columns *columns, size_t column);
/* Once all rows are there: a column is categorical when fewer than half of the cells that are not
 * missing are numbers. */
MXP_MUST_CHECK mxp_status columns_infer(struct columns *columns, mxp_error *error);
/* Counts the NaNs of a filled column as missing; an infinity becomes a fault and a NaN. */
MXP_MUST_CHECK mxp_status columns_scan(struct columns *columns, size_t column, mxp_error *error);
void columns_free(struct columns *columns);

/* A view of the columns, for a thread to note what it finds in some of their rows: names and values
 * are those of the whole.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status columns_view(struct columns *view, const struct columns *whole,
                                       mxp_error *error);
/* Adds what was noted in a view (rows that no other view has notes of) to the whole: missing cells,
 * faults, the number of texts, and lines.  The order of the views does not matter.
 * Errors: MEMORY. */
MXP_MUST_CHECK mxp_status columns_merge(struct columns *whole, struct columns *view,
                                        mxp_error *error);
void columns_view_free(struct columns *view);

#endif
