/* Delimited text (.csv, .tsv) to columns of doubles, in one pass. */
#ifndef MAXPOST_CSV_H
#define MAXPOST_CSV_H

#include "io/bytes.h"
#include "io/columns.h"

struct csv_options {
    char delimiter;
    const char *const *na; /* spellings of a missing cell */
    size_t na_count;
};

/* Reads a header row and at least one row of data: RFC 4180 quoting, lines that end in LF or CRLF,
 * the last one perhaps in neither; a UTF-8 byte order mark, blanks around fields, and blank lines
 * at the end are skipped.  In a file of one column a blank line before its last row is an empty
 * cell.  Columns with cells that are no numbers keep the texts of all cells.
 *   columns  written on success only; release with columns_free
 *   name     what errors call the file: NAME:LINE: ...
 * Errors: DATA, MEMORY.  Cost: one pass, a second where a column holds numbers and texts; the
 * columns, and eight rows more. */
MXP_MUST_CHECK mxp_status csv_parse(struct columns *columns, const struct bytes *input,
                                    const struct csv_options *options, const char *name,
                                    mxp_error *error);

#endif
