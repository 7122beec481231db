/* The levels of a column: which there are, in which order, and which one each row has. */
#ifndef MAXPOST_LEVELS_H
#define MAXPOST_LEVELS_H

#include "data/name.h"
#include "data/selection.h"

/* The levels of the selected rows: as numbers where all of them are, else by bytes; or those that
 * are listed, in that order, whether the rows have them or not.
 *   label   *count of them and the array, owned by the caller; see levels_free
 *   listed  NULL: not listed
 * Errors: DATA (FILE:LINE: column "NAME": a level that is not listed, text that is not UTF-8),
 * CONFIG (a level listed twice, at its place), MEMORY. */
MXP_MUST_CHECK mxp_status levels_find(char ***label, size_t *count, const mxp_table *table,
                                      size_t column, const struct selection *selection,
                                      const struct design_name *listed, size_t listed_count,
                                      mxp_error *error);
void levels_free(char **label, size_t count);

/* The index of its level for each of the selected rows; *code is owned by the caller.  A column of
 * numbers is compared as numbers.
 * Errors: DATA (FILE:LINE: column "NAME": "D" WORDS (levels: A, B, C)), MEMORY. */
MXP_MUST_CHECK mxp_status levels_code(uint32_t **code, const mxp_table *table, size_t column,
                                      const struct selection *selection, char *const *label,
                                      size_t count, const char *words, mxp_error *error);

#endif
