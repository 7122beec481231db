/* Least absolute deviations with priors: minimise over d in R^k
 *
 *     sum_i c_i |y_i - A_i d| + sum_e c_e |y_e - d_kink(e)| + g'd + sum_j lambda_j d_j^2 / 2
 *
 * The first n rows are data, the `kinks` rows after them kinked priors: N = n + kinks.  The dual
 * is a, |a_i| <= c_i, with A'a + kinks = g + lambda d, and a_i = c_i sign(r_i) where the residual
 * r_i = y_i - A_i d is not 0. */
#ifndef MAXPOST_LAD_SOLVE_H
#define MAXPOST_LAD_SOLVE_H

#include "base/err.h"

#include <stdbool.h>

struct lad {
    size_t n, k, kinks;
    const double *A;        /* n x k, columns of comparable size */
    const double *y;        /* N */
    const double *c;        /* N, above 0 */
    const double *rounding; /* N: what rounding has done to y */
    const size_t *kink;     /* kinks: their coordinates, ascending */
    const double *g;        /* k */
    const double *lambda;   /* k, >= 0 */
};

/* A solution; arrays given by the caller. */
struct lad_answer {
    double *d;   /* k */
    double *a;   /* N: the dual */
    double *r;   /* N: residuals at d */
    int *side;   /* N: sign of the residual, 0: it is 0 at the solution */
    bool unique; /* false: other d have the same objective */
    bool exact;  /* the dual belongs to d up to rounding: d is a minimum */
};

/* r = y - A d, N values. */
void lad_residuals(double *r, const struct lad *lad, const double *d);
/* v (k) += the transposed rows times a (N). */
void lad_transposed_add(double *v, const struct lad *lad, const double *a);

/* Near the minimum, with a guess of the rows whose residual is 0 there: a primal-dual interior
 * point with bounded dual variables and Mehrotra's corrector.  Portnoy & Koenker (1997).
 * Needs a unique or a bounded set of solutions (columns without prior are independent).
 * Errors: MEMORY, NUMERIC (a value that is not finite).  Cost: 10 to 30 times n k^2 + k^3 / 3. */
MXP_MUST_CHECK mxp_status lad_interior(struct lad_answer *answer, const struct lad *lad,
                                       mxp_error *error);
/* From a point, a dual and a guess of the rows at 0 to the exact minimum: solves for the rows at 0
 * and the signs of the others, releases rows whose dual is too large, takes in rows that are met
 * on the way.  Where the minimum is not unique a vertex of the set is taken.  answer->exact false:
 * it did not end in `rounds`.  Errors: MEMORY, NUMERIC.  Cost: each round z k^2 + k^3, z rows at 0. */
MXP_MUST_CHECK mxp_status lad_finish(struct lad_answer *answer, const struct lad *lad,
                                     size_t rounds, mxp_error *error);
/* Rounds that are enough from the interior's point, with a margin. */
static inline size_t lad_rounds(const struct lad *lad)
{
    return 50 + 3 * lad->k;
}

#endif
