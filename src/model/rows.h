/* The likelihood as sums over blocks of rows.
 *
 * Rows are cut into at most 64 fixed blocks and walked in chunks that fit the cache; eight groups
 * of blocks are summed independently and merged in a fixed tree, so the bits do not depend on the
 * number of threads. */
#ifndef MAXPOST_ROWS_H
#define MAXPOST_ROWS_H

#include "model/problem.h"

enum rows_want {
    ROWS_GRADIENT = 1, /* gradient (k + r) */
    ROWS_DIAGONAL = 2, /* diagonal (k + r) of the Hessian */
    ROWS_GRAM = 4,     /* gram over `columns`, and the auxiliary parts */
    ROWS_FLOOR = 8,    /* rounding floor of each gradient entry (k + r) */
    ROWS_EXPECTED = 16 /* curvature in expectation over y (Fisher information) */
};

struct rows_request {
    unsigned want;         /* the value always comes */
    const double *theta;   /* k coefficients, solver coordinates */
    const double *psi;     /* auxiliary parameters, natural scale */
    const size_t *columns; /* parameters of the Gram, ascending; NULL: all k */
    size_t column_count;
    int threads; /* 0: all */
    /* The Gram of a log-concave likelihood of one eta column in single precision. */
    bool single;
    /* Above 1: one run of 64 rows in so many, spread over all blocks; else all rows. */
    size_t every;
};

/* Sums of L = -log likelihood over the rows; arrays given by the caller, written on success only.
 *   gradient, diagonal, floor   k + r, in u = log psi for the auxiliary ones
 *   gram    c x c, column-major, both triangles: sum w (-d2) z z' (indefinite where the family is not
 *           concave)
 *   cross   k x r: second derivatives in (theta_j, u_s), with ROWS_GRAM
 *   own     r x r: second derivatives in (u_s, u_t), with ROWS_GRAM; both NULL where r = 0 */
struct rows_sums {
    double value;
    double weight; /* of the rows summed */
    double *gradient, *diagonal, *floor, *gram, *cross, *own;
};

/* Errors: MEMORY.  A value of infinity is no error (a step was too long); the derivatives are then
 * not to be used.  Cost: one pass over the data; n k flops each for value, gradient and diagonal,
 * n c^2 for the Gram. */
MXP_MUST_CHECK mxp_status rows_sum(struct rows_sums *sums, const struct mxp_problem *problem,
                                   const struct rows_request *request, mxp_error *error);

/* The linear predictor, n x q.  One pass. */
void rows_predictor(double *eta, const struct mxp_problem *problem, const double *theta);
/* The same without the offset: z'direction, n x q. */
void rows_direction(double *eta, const struct mxp_problem *problem, const double *direction);
/* z'v for v, n x q, into k values.  One pass. */
void rows_transposed(double *product, const struct mxp_problem *problem, const double *v);

/* Upper triangle R, f x f, with R'R = sum w z z' over the columns of the given parameters (their
 * signs apart), by stacked Householder triangularisation.  Errors: MEMORY, NUMERIC.  Cost: 2 n f^2
 * flops, one pass. */
MXP_MUST_CHECK mxp_status rows_columns_triangle(double *R, const struct mxp_problem *problem,
                                                const size_t *set, size_t f, mxp_error *error);

/* One eta column, concave families: upper triangle R, c x c, with R'R = sum w h z z' + diag(precision), h = -d2 at theta, by
 * Householder triangularisation of stacked chunks (no Gram is formed, so the condition is not
 * squared); c = k, all columns.  With rhs (k values) the last k of Q'y for the working residual
 * y = d1 / h sqrt(w h): rhs gives R delta = rhs, the Newton step of the likelihood plus prior
 * residuals prior_rhs (k values: precision * (m - theta); NULL: 0).
 * Golub & Van Loan (2013), section 5.3.  Cost: 2 n k^2 flops. */
MXP_MUST_CHECK mxp_status rows_triangle(double *R, double *rhs, const struct mxp_problem *problem,
                                        const double *theta, const double *psi,
                                        const double *precision, const double *prior_rhs,
                                        mxp_error *error);

/* A chunk of solver columns, m x k, leading dimension m: rows first..first+m-1. */
void rows_fill(double *Z, const struct mxp_problem *problem, size_t first, size_t m);
/* The same for `count` parameters alone. */
void rows_fill_set(double *Z, const struct mxp_problem *problem, const size_t *set, size_t count,
                   size_t first, size_t m);

#endif
