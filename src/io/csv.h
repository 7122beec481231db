/* Delimited text (.csv, .tsv) to columns of doubles, in one pass. */
#ifndef MAXPOST_CSV_H
#define MAXPOST_CSV_H

#include "io/bytes.h"
#include "io/columns.h"

struct csv_options {
    char delimiter;
    const char *const *na; /* spellings of a missing cell */
    size_t na_count;
    int threads;  /* 0: all; the result does not depend on it */
    size_t piece; /* bytes that a thread takes at a time; 0: a size that suits the caches */
};

/* Reads a header row and at least one row of data: RFC 4180 quoting, lines that end in LF or CRLF,
 * the last one perhaps in neither; a UTF-8 byte order mark, blanks around fields, and blank lines
 * at the end are skipped.  In a file of one column a blank line before its last row is an empty
 * cell.  The first of several columns is left out where its name is empty: it numbers or names the
 * rows.  Columns with cells that are no numbers keep the texts of all cells.
 *   columns  written on success only; release with columns_free
 *   name     what errors call the file: NAME:LINE: ...
 * Errors: DATA (the first fault in the file), MEMORY.  Cost: one pass by all threads, a second where
 * a column holds texts; the columns, and some hundred kilobytes for each thread. */
MXP_MUST_CHECK mxp_status csv_parse(struct columns *columns, const struct bytes *input,
                                    const struct csv_options *options, const char *name,
                                    mxp_error *error);

#endif
