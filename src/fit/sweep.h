/* A solver that follows the mode over the scale of the priors: one eta column, concave likelihood,
 * priors laplace, gaussian, elastic_net or flat, perhaps with bounds.  At each scale it minimises
 *
 *     L(eta) + scale * sum_j (l1_j |t_j - m_j| + l2_j (t_j - m_j)^2 / 2),   lower <= t <= upper
 *
 * with L half the weighted residual sum of squares for gaussian families (noise 1), else -log
 * likelihood.  Columns may be many: nothing k x k is made; a working set of coefficients has a
 * weighted Gram, in which coordinates descend, and one pass over all columns certifies.
 * Strong rules: Tibshirani et al. (2012).  Working sets and gaps: Massias, Gramfort & Salmon (2018). */
#ifndef MAXPOST_SWEEP_H
#define MAXPOST_SWEEP_H

#include "model/problem.h"

struct sweep_penalty {
    const double *l1, *l2; /* k: 0 for free coefficients */
    const double *centre;  /* k: m_j */
    const double *fixed;   /* k: a second l2 that does not move with the scale; NULL: none */
};

struct sweep_options {
    double tolerance; /* bound on every residual over sqrt(H_jj) */
    int threads;      /* 0: all */
    size_t max_iterations;
    /* k x k: the weighted Gram of all columns of a gaussian problem for which sweep_is_whole, in solver
     * coordinates at noise 1; outlives the sweep.  NULL: it is made. */
    const double *gram;
};

/* The mode at one scale.  Coefficients not listed sit at their prior's centre. */
struct sweep_point {
    double scale;
    size_t count;
    size_t *index;   /* count, ascending */
    double *theta;   /* count, solver coordinates */
    size_t nonzeros; /* penalised ones away from their centre */
    double loss;     /* L */
    double penalty;  /* scale * sum + the fixed part */
    double kkt;      /* largest residual over sqrt(H_jj) */
    double gap;      /* P - D over L of the empty model; NAN: no dual */
    size_t iterations, passes;
    bool converged;
};

/* Whether a sweep works with the Gram of all columns. */
bool sweep_is_whole(const struct mxp_problem *problem);
/* That Gram, k x k, for sweep_options: rows weighted, noise 1.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status sweep_whole_gram(double **gram, const struct mxp_problem *problem,
                                           int threads, mxp_error *error);

struct sweep;
/* Errors: MEMORY, NO_MODE (the free coefficients alone have none), NUMERIC. */
MXP_MUST_CHECK mxp_status sweep_new(struct sweep **sweep, const struct mxp_problem *problem,
                                    const struct sweep_penalty *penalty,
                                    const struct sweep_options *options, mxp_error *error);
void sweep_free(struct sweep *sweep);
/* The smallest scale at which every penalised coefficient with an l1 sits at its centre; where none
 * has an l1, glmnet's convention for ridge: that of l1 = l2 / 1000. */
double sweep_largest(const struct sweep *sweep);
/* L of the empty model: free coefficients only. */
double sweep_null_loss(const struct sweep *sweep);
/* Another penalty from here on, around the same centres, of the same coefficients. */
void sweep_penalise(struct sweep *sweep, const struct sweep_penalty *penalty);
/* Another tolerance from here on. */
void sweep_aim(struct sweep *sweep, double tolerance);
/* Solves `count` scales in falling order, warm from the ones before; points: count, zeroed, filled in
 * order.  *done (may be less than count where *stop became not 0).
 * Errors: MEMORY, NUMERIC, NO_MODE. */
MXP_MUST_CHECK mxp_status sweep_solve(struct sweep_point *points, size_t *done, struct sweep *sweep,
                                      const double *scales, size_t count, const volatile int *stop,
                                      mxp_error *error);
void sweep_point_clear(struct sweep_point *point);

#endif
