/* Files of svmlight and libsvm: a line a row, `label index:value ...`, indices from 1, ascending.
 * `qid:` and what follows a # are passed over, as are empty lines. */
#ifndef MAXPOST_SVMLIGHT_H
#define MAXPOST_SVMLIGHT_H

#include "io/bytes.h"
#include "io/sparse.h"

struct svmlight {
    struct sparse sparse;
    double *label; /* rows */
    size_t *line;  /* rows: where each is in the file, from 1; NULL: row + 1 */
};

/* Reads twice, so that nothing is kept but the columns.
 * Errors: DATA (FILE:LINE: what is wrong; no rows), MEMORY.  Cost: two passes over the bytes. */
MXP_MUST_CHECK mxp_status svmlight_parse(struct svmlight *file, const struct bytes *bytes,
                                         const char *name, mxp_error *error);
void svmlight_free(struct svmlight *file);

#endif
