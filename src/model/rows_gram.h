/* The Gram of a likelihood, summed from the chunks of a group: sum w (-d2) z z', z the raw columns
 * less their shifts.  The workspace of one thread. */
#ifndef MAXPOST_ROWS_GRAM_H
#define MAXPOST_ROWS_GRAM_H

#include "model/chunk.h"

struct gram {
    const struct rows_request *request;
    size_t c;          /* its columns */
    double *G;         /* c x c, borrowed; the lower triangle is added to */
    double *Z, *W;     /* rows x c; W: where the curvature has two eta columns or signs */
    float *single, *S; /* c x c and rows x c: in place of G and Z until gram_finish; or NULL */
    size_t rows, filled;
};

/* Errors: MEMORY. */
MXP_MUST_CHECK mxp_status gram_new(struct gram *gram, double *G, size_t c,
                                   const struct mxp_problem *problem,
                                   const struct rows_request *request, mxp_error *error);
void gram_free(struct gram *gram);
/* Adds an evaluated chunk, whose scratch is overwritten; some rows may wait for gram_finish.
 * Cost: m c^2 flops. */
void gram_add(struct gram *gram, const struct chunk *chunk);
void gram_finish(struct gram *gram, const struct mxp_problem *problem);
/* G, c x c: both triangles from the lower one, its columns divided by their scales, with their
 * signs. */
void gram_scale(double *G, size_t c, const struct mxp_problem *problem,
                const struct rows_request *request);

#endif
