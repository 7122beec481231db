/* The subproblem of every method: minimise over delta in R^c
 *
 *     g'delta + delta'H delta / 2 + sum_j l1_j |t_j + delta_j - m_j|,  lower <= t + delta <= upper
 *
 * with H positive semidefinite; smooth coordinates have l1 = 0.  Coordinates that end on their
 * kink or bound are put there exactly. */
#ifndef MAXPOST_QUADRATIC_H
#define MAXPOST_QUADRATIC_H

#include "base/err.h"

#include <stdbool.h>

struct quadratic {
    size_t c;
    const double *H;             /* c x c, column-major, both triangles */
    const double *g;             /* c */
    const double *t;             /* c: where delta starts */
    const double *l1;            /* c */
    const double *m;             /* c */
    const double *lower, *upper; /* c, t between them; NULL: unbounded */
};

struct quadratic_answer {
    double *target; /* c: t + delta; exactly m_j or the bound for coordinates there */
    double rcond;   /* of the block of the other coordinates; 0: singular there */
    bool exact;     /* solved by a factorisation; false: by coordinate descent to rounding */
};

/* Without kinks and bounds one Cholesky factorisation.  Otherwise coordinate descent finds the support and
 * signs, then the feature-sign search of Lee, Battle, Raina & Ng (2006) ends it exactly: solve on
 * the support, walk to the first sign change or bound, add the worst violator.  A dependent support
 * slides along its null direction until a coordinate sits on its kink or bound.
 * A singular smooth block is an outcome (rcond 0), target is then t.
 * Errors: MEMORY, NUMERIC.  Cost: c^3/3 for each change of the support, c^2 a sweep. */
MXP_MUST_CHECK mxp_status quadratic_solve(struct quadratic_answer *answer,
                                          const struct quadratic *problem, mxp_error *error);

#endif
