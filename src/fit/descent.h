/* Coordinate descent in a Gram: the subproblem of a working set,
 *
 *     minimise  g'(t - t0) + (t - t0)'G (t - t0) / 2 + sum_a l1_a |t_a - m_a| + l2_a (t_a - m_a)^2/2
 *
 * with lower <= t <= upper.  An update costs c flops, whatever the number of rows.
 * Most of them are made on a copy of the coordinates that are off their kinks. */
#ifndef MAXPOST_DESCENT_H
#define MAXPOST_DESCENT_H

#include "base/err.h"

#include <stdbool.h>

/* Memory for copies of the Gram of the coordinates off their kinks; grows, freed by its owner. */
struct descent_space {
    double *values;
    size_t capacity;
};

struct descent {
    size_t c, ld;
    const double
        *G; /* c x c, leading dimension ld, both triangles; NULL: fit/sparse_descent.h has it */
    const double *H;                           /* c: G's diagonal, where G is NULL */
    const double *l1, *l2, *m, *lower, *upper; /* c */
    double *t;                                 /* c: start, and answer */
    double *q;                                 /* c: g + G (t - t0), kept up to date */
    size_t *list;                              /* c: workspace */
    struct descent_space *space;
    size_t sweeps; /* counted */
};

/* q += by * column, c values. */
void descent_add(double *q, const double *column, double by, size_t c);
/* q += sum_i by[i] * column list[i] of G (NULL: i), c values each; those by 0 are not read. */
void descent_add_all(double *q, const double *G, size_t ld, const size_t *list, const double *by,
                     size_t count, size_t c);
/* The largest residual over the root of the coordinate's curvature (G_aa + l2_a; 1 where 0). */
double descent_residual(const struct descent *d);
/* Coordinate a's own; and signed, not scaled. */
double descent_residual_at(const struct descent *d, size_t a);
double descent_excess(const struct descent *d, size_t a);
/* G_aa + l2_a; 1 where 0. */
double descent_curvature(const struct descent *d, size_t a);
/* Whether it sits at its kink or a bound. */
bool descent_pinned(const struct descent *d, size_t a);
/* Where the one-dimensional subproblem of coordinate a has its minimum. */
double descent_target(const struct descent *d, size_t a);
/* Descends until the residual is at most `tolerance`, or rounding allows no more.  Where the descent
 * is slow, Newton steps on the coordinates off their kinks and bounds help it on.
 * Errors: MEMORY, NUMERIC.  Cost: c^2 flops a sweep; s^3 / 3 a Newton step on s coordinates. */
MXP_MUST_CHECK mxp_status descent_run(struct descent *d, double tolerance, mxp_error *error);

#endif
