/* A piece of delimited text, whole rows whose cells are indexed, to the columns. */
#ifndef MAXPOST_CSV_PIECE_H
#define MAXPOST_CSV_PIECE_H

#include "io/csv_index.h"
#include "io/csv_row.h"

/* Parses the rows of the index, from csv->at, into the rows from out->rows on of the columns, where
 * there must be room for them, and moves csv behind them.  A piece without quoted newlines and
 * ragged rows is parsed column by column, others row by row.
 * Errors: DATA (the first fault of the piece in the order of the file), MEMORY. */
MXP_MUST_CHECK mxp_status csv_piece_parse(struct csv *csv, const struct csv_index *index,
                                          mxp_error *error);

#endif
