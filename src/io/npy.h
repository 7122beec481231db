/* NumPy's .npy files to columns of doubles.  Format: numpy.lib.format, versions 1.0 to 3.0. */
#ifndef MAXPOST_NPY_H
#define MAXPOST_NPY_H

#include "io/bytes.h"
#include "io/columns.h"

/* A 2-D array of float64, float32, booleans or integers, in C or Fortran order, gives the columns
 * c1, c2, ...; a 1-D structured array its fields (those of text as levels, padding skipped).  Little-endian only.  NaNs are missing; infinities are faults; 64-bit integers beyond
 * 2^53 are rounded.
 *   columns  written on success only; release with columns_free
 *   na       na_count spellings of a missing text; an empty one is missing as well
 *   name     what errors call the file: NAME: byte 10: ...
 * Errors: DATA, MEMORY.  Cost: one pass; the columns. */
MXP_MUST_CHECK mxp_status npy_parse(struct columns *columns, const struct bytes *input,
                                    const char *const *na, size_t na_count, const char *name,
                                    mxp_error *error);

#endif
