/* Files of Stata (.dta), SPSS (.sav, .zsav, .por) and SAS (.sas7bdat, .xpt) to columns, by
 * libreadstat, where the build has it. */
#ifndef MAXPOST_READSTAT_H
#define MAXPOST_READSTAT_H

#include "io/bytes.h"
#include "io/columns.h"

extern const bool readstat_built_in;

/* Whether the ending, as in ".dta", is of such a file; built in or not. */
bool readstat_reads(const char *ending);

/* Reads the file whose bytes these are.  System, tagged and user-defined missing values are all
 * missing.  Dates are numbers, in the units of the format; a number with value labels stays a
 * number.  Text is converted to UTF-8, and never taken for a number.
 *   columns  written on success only; release with columns_free
 *   ending   which format; readstat_reads it
 *   na       na_count spellings of a missing cell, besides
 *   name     what errors call the file
 * Errors: DATA, MEMORY, UNAVAILABLE (not built in).  Cost: one pass. */
MXP_MUST_CHECK mxp_status readstat_columns(struct columns *columns, const struct bytes *input,
                                           const char *ending, const char *const *na,
                                           size_t na_count, const char *name, mxp_error *error);

#endif
