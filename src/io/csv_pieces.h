/* The rows of delimited text, parsed by all threads: cut into pieces of a fixed size, whose first
 * rows follow from the pieces before. */
#ifndef MAXPOST_CSV_PIECES_H
#define MAXPOST_CSV_PIECES_H

#include "io/csv_row.h"

/* A piece: the rows that start in `size` bytes of the text. */
struct csv_piece {
    const char *at; /* its first row; NULL: no row starts in it */
    size_t row;     /* and that one's number */
};

struct csv_pieces {
    const char *first, *end; /* of the rows' text */
    size_t size, count;
    struct csv_piece *piece;
    int threads;
};

/* Where the i-th piece ends: rows from there on belong to later ones. */
const char *csv_piece_limit(const struct csv_pieces *pieces, size_t i);

/* Reads the rows from csv->at to csv->end into csv->out, whose columns get their values, and notes
 * where the pieces start.  The texts of cells that are no numbers are counted, not kept.
 *   pieces  zero-initialised; release with csv_pieces_free, also after an error
 * Errors: DATA (the first fault in the order of the file, whatever the number of threads), MEMORY.
 * Cost: one pass; the columns, where memory for 2% more rows is set aside but not touched, and some
 * hundred kilobytes for each thread. */
MXP_MUST_CHECK mxp_status csv_read_rows(struct csv_pieces *pieces, struct csv *csv,
                                        mxp_error *error);
void csv_pieces_free(struct csv_pieces *pieces);

#endif
