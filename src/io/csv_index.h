/* Where the cells of a piece of delimited text end: found 64 bytes at a time, ahead of the parsing,
 * so that a cell's start does not wait for the parsing of the one before it. */
#ifndef MAXPOST_CSV_INDEX_H
#define MAXPOST_CSV_INDEX_H

#include "io/csv_field.h"

/* Zero-initialised; used again for piece after piece. */
struct csv_index {
    const char **stop; /* stop[0]: the byte before the first cell; stop[i]: the end of the i-th */
    size_t count;      /* of cells */
    size_t capacity;
    size_t rows, lines; /* newlines that end a row, and all; the end of the text is one */
    const char *end;    /* where the next piece starts, or beyond the end of the text */
    bool faulty;        /* there is a problem in the last row: rows counts it, nothing beyond it */
    bool unsure;        /* a guessed start, and no end in sight: nothing else holds */
};

/* Indexes the rows from `at` on that start before `limit`, at least one.
 *   end    of the whole text; BYTES_SLACK bytes are readable behind it
 *   guess  `at` may lie inside quotes: a row that does not seem to end is not followed far
 * Errors: MEMORY.  Cost: a pass; 8 bytes a cell. */
MXP_MUST_CHECK mxp_status csv_index_rows(struct csv_index *index, const char *at, const char *limit,
                                         const char *end, char delimiter, bool guess,
                                         mxp_error *error);

/* Whether every row has that many cells. */
bool csv_index_is_regular(const struct csv_index *index, size_t cells, const char *end);

void csv_index_free(struct csv_index *index);

#endif
