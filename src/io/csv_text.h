/* The texts of columns that hold both numbers and texts: a second pass over delimited text. */
#ifndef MAXPOST_CSV_TEXT_H
#define MAXPOST_CSV_TEXT_H

#include "io/csv.h"

/* Fills the levels of mixed columns with the texts of all cells, as they are written.
 *   at, end  rows that have been read already, and without a fault
 * Errors: MEMORY.  Cost: nothing where no column is mixed, else a pass. */
MXP_MUST_CHECK mxp_status csv_read_texts(struct columns *columns, const char *at, const char *end,
                                         const struct csv_options *options, mxp_error *error);

#endif
