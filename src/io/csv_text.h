/* The texts of columns that hold other things than numbers: a second pass over delimited text. */
#ifndef MAXPOST_CSV_TEXT_H
#define MAXPOST_CSV_TEXT_H

#include "io/csv_pieces.h"

/* Fills the levels of csv->out's columns that hold texts, with the texts of all cells as they are
 * written, in the order of their first appearance.
 *   pieces  from csv_read_rows, without a fault
 * Errors: MEMORY.  Cost: nothing where all is numbers, else a pass; for the time of it the levels of
 * a column once for each thread, and 4 bytes a row. */
MXP_MUST_CHECK mxp_status csv_read_texts(const struct csv_pieces *pieces, const struct csv *csv,
                                         mxp_error *error);

#endif
