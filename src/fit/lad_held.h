/* The rows that are held at 0 on the way to a minimum of least absolute deviations, the basis
 * that they span, and their dual.  The inside of lad_finish. */
#ifndef MAXPOST_LAD_HELD_H
#define MAXPOST_LAD_HELD_H

#include "fit/lad_solve.h"

/* The free coordinates are those that no kink holds; held rows are data rows at 0.  Q1 spans the
 * held rows there, Q2 what they leave. */
struct held {
    const struct lad *lad;
    struct lad_answer *answer;
    size_t n, k, N;
    size_t *free, f, *held, h, *basis, m; /* basis: held rows that are independent */
    double *rows;                         /* h x f: the held rows in the free coordinates */
    double *Q;                            /* f x f: Q1 (m columns), then Q2 */
    double *T;                            /* m x m upper triangle: rows of the basis = Q1 T */
    double *step, *slope;                 /* k: direction; gradient without the held rows */
    double *along, *when;                 /* N: rows along the direction; their crossings */
    double reach;                         /* largest |d| before the rows were put to 0 */
    double *v, *values, *S;               /* k, k, k x k: scratch */
    double *storage, *held_storage;
    size_t *indices;
    double *u; /* h x m: the held rows in the basis Q1 */
};

/* Errors: MEMORY. */
MXP_MUST_CHECK mxp_status held_new(struct held *x, struct lad_answer *answer, const struct lad *lad,
                                   mxp_error *error);
void held_free(struct held *x);
/* The free coordinates and the held rows; held kinks are put on their places.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status held_collect(struct held *x, mxp_error *error);
/* The basis of the held rows, by Gram and Schmidt's method with pivoting (each row twice).
 * Cost: h f m. */
void held_basis(struct held *x);
/* Columns m.. of Q: unit vectors of which most is left, made orthogonal. */
void held_complete(struct held *x);
/* Moves along Q1 until the rows of the basis are 0, their residuals in extended precision. */
void held_put(struct held *x);
/* The smallest change of the held rows' dual, in units of its room, that closes the equations
 * along Q1 given the slope; what is left by the rows of the basis alone.  Errors: MEMORY, NUMERIC. */
MXP_MUST_CHECK mxp_status held_dual(struct held *x, mxp_error *error);
/* The dual of the held kinks: what the other rows leave of their coordinate's equation. */
void held_kink_dual(struct held *x);

#endif
