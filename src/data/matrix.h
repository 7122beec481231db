/* A square matrix from a file, perhaps with the names of its rows and columns. */
#ifndef MAXPOST_MATRIX_H
#define MAXPOST_MATRIX_H

#include "base/err.h"

struct matrix {
    size_t order;
    double *values; /* order x order, symmetric up to rounding */
    char **name;    /* order of them, or NULL: the file has none */
};

/* Reads a covariance or a precision.
 *   path  .npy (two dimensions, or a structured array, whose fields are names); any other ending is
 *         delimited text, .tsv with tabs, else commas; .gz of these
 * The first line of a text holds names where one of its cells is no number.  Below such a line each
 * row may begin with its name, if the first cell of the first line is empty or the row's first cell
 * repeats the second one: the names of the rows are those of the columns, in the same order.
 * Off the diagonal the triangles may differ by 1e-8 of the roots of the diagonal entries.
 * Errors: NO_INPUT (cannot be opened), DATA (FILE:LINE: not a number, a missing cell, too few or too
 * many; FILE: not square, not symmetric, a diagonal entry that is not above 0, a name twice), IO,
 * MEMORY.  Cost: one pass over the file. */
MXP_MUST_CHECK mxp_status matrix_read(struct matrix **matrix, const char *path, mxp_error *error);
void matrix_free(struct matrix *matrix);

#endif
