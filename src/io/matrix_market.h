/* Matrices of the Matrix Market: coordinate (real, integer, pattern; general, symmetric,
 * skew-symmetric) and array (real, integer; general). */
#ifndef MAXPOST_MATRIX_MARKET_H
#define MAXPOST_MATRIX_MARKET_H

#include "io/bytes.h"
#include "io/sparse.h"

/* Of an array the values that are not 0.  Reads twice, so that nothing is kept but the columns.
 * Errors: DATA (FILE:LINE: what is wrong, an entry that is there twice), UNAVAILABLE (complex,
 * hermitian), MEMORY.  Cost: two passes over the bytes. */
MXP_MUST_CHECK mxp_status matrix_market_parse(struct sparse *sparse, const struct bytes *bytes,
                                              const char *name, mxp_error *error);

#endif
