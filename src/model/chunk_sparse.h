/* What a chunk asks of sparse columns.  Such a chunk holds all rows: columns cannot be cut cheaply,
 * and their cost is that of their values. */
#ifndef MAXPOST_CHUNK_SPARSE_H
#define MAXPOST_CHUNK_SPARSE_H

#include "model/chunk.h"

/* eta (n) += the predictor of the parameters of a slot, and of those that are in all. */
void chunk_sparse_predictor(double *eta, size_t slot, const struct mxp_problem *problem,
                            const double *theta);
/* The same with every term by its size. */
void chunk_sparse_sizes(double *eta, size_t slot, const struct mxp_problem *problem,
                        const double *theta);
/* gradient and diagonal (k each) += the sums over the rows; h wanted: with ROWS_DIAGONAL. */
void chunk_sparse_sums(double *gradient, double *diagonal, const struct chunk *chunk, bool curved);
/* sum |z| floor of coefficient j, its scale apart. */
double chunk_sparse_absolute(const struct chunk *chunk, size_t j, const double *floor);
/* sum (x - shift) d of coefficient j. */
double chunk_sparse_dot(const struct mxp_problem *problem, size_t j, const double *d);
/* G (c x c) = sum of the curvature times z z' over the columns of the request.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status chunk_sparse_gram(double *G, const struct rows_request *request,
                                            const struct chunk *chunk, mxp_error *error);
/* z (m) = rows first.. of raw column j. */
void chunk_sparse_fill(double *z, const struct mxp_problem *problem, size_t j, size_t first,
                       size_t m);
/* z (count) = the given rows of raw column j; rows ascending. */
void chunk_sparse_pick(double *z, const struct mxp_problem *problem, size_t j, const size_t *row,
                       size_t count);
#endif
