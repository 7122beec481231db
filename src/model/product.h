/* Products with the solver columns Z of a problem with one eta column, without copying them: column
 * j is sign (x - shift) / scale, or 1.  Sets of coefficients are lists of indices.  The bits of a
 * result do not depend on the number of threads: a sum is one thread's. */
#ifndef MAXPOST_PRODUCT_H
#define MAXPOST_PRODUCT_H

#include "model/problem.h"

/* product (count x b, leading dimension count) = Z_set' V.
 *   set  coefficients; NULL: 0, 1, ..., count - 1
 *   V    n x b, leading dimension n
 * Cost: 2 n count b flops; the columns are read once for up to sixteen columns of V. */
void product_transposed(double *product, const struct mxp_problem *problem, const size_t *set,
                        size_t count, const double *V, size_t b, int threads);

/* eta (n x b, leading dimension n) += Z_set T, T count x b.  Coefficients that are 0 in all of T are
 * skipped.  Errors: MEMORY.  Cost: as above. */
MXP_MUST_CHECK mxp_status product_predictor(double *eta, const struct mxp_problem *problem,
                                            const size_t *set, size_t count, const double *T,
                                            size_t b, int threads, mxp_error *error);

/* G[a, c] = sum_i h_i z_ia z_ic for a < count, from <= c < count, and their mirror images.
 *   G  leading dimension ld, both triangles
 *   h  n weights >= 0
 * Errors: MEMORY.  Cost: 2 n count (count - from) flops by blocks of columns, less the half of what
 * both triangles share. */
MXP_MUST_CHECK mxp_status product_gram(double *G, size_t ld, const struct mxp_problem *problem,
                                       const size_t *set, size_t from, size_t count,
                                       const double *h, int threads, mxp_error *error);

/* The same over some rows. */
struct product_rows {
    const size_t *row; /* NULL: all */
    size_t count;
};
MXP_MUST_CHECK mxp_status product_gram_rows(double *G, size_t ld, const struct mxp_problem *problem,
                                            const size_t *set, size_t from, size_t count,
                                            const double *h, const struct product_rows *rows,
                                            int threads, mxp_error *error);

/* A pass that reads the columns once: by blocks of rows that stay in cache, v (n) += Z_set t, then
 * whatever the caller makes of these rows, then product += Z_set' r of them.
 *   rows   called for every block, perhaps by several threads at once, each block once; fills
 *          r[first..first + m - 1]
 *   r      n, the caller's
 * Errors: MEMORY, those of rows.  Cost: 4 n count flops. */
struct product_pass {
    mxp_status (*rows)(void *user, size_t first, size_t m, mxp_error *error);
    void *user;
    const double *t; /* count */
    double *v;       /* n */
    const double *r; /* n */
};
MXP_MUST_CHECK mxp_status product_pass(double *product, const struct mxp_problem *problem,
                                       const size_t *set, size_t count,
                                       const struct product_pass *pass, int threads,
                                       mxp_error *error);

/* squares (count) = sum_i h_i z_ij^2. */
void product_squares(double *squares, const struct mxp_problem *problem, const size_t *set,
                     size_t count, const double *h, int threads);

#endif
