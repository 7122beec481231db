/* The products of model/product.h where the design's columns are sparse: centring is implicit, so that
 * nothing is filled in. */
#ifndef MAXPOST_PRODUCT_SPARSE_H
#define MAXPOST_PRODUCT_SPARSE_H

#include "data/sparse_rows.h"
#include "model/problem.h"

/* As product_transposed, product_predictor, product_squares.  Cost: two flops for each value of the
 * columns, and n for each column of V or T. */
void product_sparse_transposed(double *product, const struct mxp_problem *problem,
                               const size_t *set, size_t count, const double *V, size_t b,
                               int threads);
MXP_MUST_CHECK mxp_status product_sparse_predictor(double *eta, const struct mxp_problem *problem,
                                                   const size_t *set, size_t count, const double *T,
                                                   size_t b, int threads, mxp_error *error);
void product_sparse_squares(double *squares, const struct mxp_problem *problem, const size_t *set,
                            size_t count, const double *h, int threads);

/* As product_gram.  Cost: for each row the square of the values that it has in the set; two passes
 * over the set's columns, and 12 bytes for each of their values.  Centring subtracts: where a column's
 * values are nearly constant, their digits in common are lost off the diagonal. */
MXP_MUST_CHECK mxp_status product_sparse_gram(double *G, size_t ld,
                                              const struct mxp_problem *problem, const size_t *set,
                                              size_t from, size_t count, const double *h,
                                              mxp_error *error);

/* All coefficients of a problem that has its columns in order, behind an intercept or none, as plain
 * arrays: many products with them read these, not the parameters. */
struct product_map {
    struct sparse_rows *rows; /* owned */
    size_t first, columns;    /* coefficient j is column j - first */
    double *factor, *shift;   /* columns: sign / scale, and shift */
    double *by, *dots;        /* columns: room to work in */
};
/* *map NULL: the columns are not sparse, more than `most` values, or in another order.
 * Errors: MEMORY. */
MXP_MUST_CHECK mxp_status product_map_new(struct product_map **map,
                                          const struct mxp_problem *problem, size_t most,
                                          mxp_error *error);
void product_map_free(struct product_map *map);
/* along (n) = Z t and product (k) = Z' diag(h) along in one passage, in single precision. */
void product_map_curve(double *product, double *along, struct product_map *map, const double *t,
                       const double *h, int threads);
/* product (k) = Z'v, in full precision. */
void product_map_transposed(double *product, struct product_map *map,
                            const struct mxp_problem *problem, const double *v, int threads);
#endif
