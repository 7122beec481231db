/* What naming and making the columns of a recipe share. */
#ifndef MAXPOST_ENCODE_PARTS_H
#define MAXPOST_ENCODE_PARTS_H

#include "data/encode.h"

/* How many columns the variable makes, as the i-th of the term. */
size_t encoding_width(const struct encoding *encoding, const struct encoding_term *term, size_t i);

/* The entry of a factor's matrix: of a level, in a column. */
double encoding_contrast(const struct encoding_variable *factor, bool full, size_t level,
                         size_t column);

/* The values of an expression for the selected rows.
 * Errors: DATA (no such column, not a finite number, with the cell), MEMORY. */
MXP_MUST_CHECK mxp_status encoding_evaluate(double *out, const struct expression *expression,
                                            const struct selection *selection,
                                            const mxp_table *table, mxp_error *error);

#endif
