/* The sparse columns of a table as those of a design. */
#ifndef MAXPOST_DESIGN_SPARSE_H
#define MAXPOST_DESIGN_SPARSE_H

#include "data/design.h"

/* The request without its predictors, which are the table's sparse columns.
 * Errors: CONFIG (a formula, levels or contrasts; a predictor that is no sparse column). */
MXP_MUST_CHECK mxp_status design_sparse_request(struct design_request *plain,
                                                const mxp_table *table,
                                                const struct design_request *request,
                                                mxp_error *error);
/* Gives the design, which has no columns yet, the sparse ones of the request: the table's own where all
 * are asked for.  Errors: CONFIG (a dense column would be a predictor, a name twice), DATA (rows were
 * dropped), MEMORY. */
MXP_MUST_CHECK mxp_status design_sparse_take(struct design *design,
                                             const struct design_request *request,
                                             mxp_error *error);
/* Mean and sd of column j over all rows; exactly its value and 0 where it is constant.  Cost: its
 * values. */
void design_sparse_moments(double *mean, double *sd, const struct design *design, size_t j);

#endif
