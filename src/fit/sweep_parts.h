/* The inside of a sweep, shared by its files:
 *   sweep.c         setting up, and the walk from scale to scale
 *   sweep_rows.c    the likelihood by rows: value and derivatives in eta
 *   sweep_set.c     the working set and its Gram
 *   sweep_newton.c  the mode at one scale on the working set
 *   sweep_check.c   the pass over all columns: violations, certificate, duality gap */
#ifndef MAXPOST_SWEEP_PARTS_H
#define MAXPOST_SWEEP_PARTS_H

#include "fit/sparse_descent.h"
#include "fit/support.h"
#include "fit/sweep.h"

enum { SWEEP_BATCH_MAX = 16 };

struct sweep {
    const struct mxp_problem *problem;
    struct sweep_options options; /* threads resolved */
    size_t n, k;
    bool whole;     /* all coefficients are in the working set for good */
    bool quadratic; /* gaussian: L = rss / 2, at noise 1 */
    double psi[FAMILY_AUX_MAX];
    double *l1, *l2, *centre, *fixed, *lower, *upper; /* k */
    double saturated, null_loss; /* L of the saturated and of the empty model */

    /* At the point in work. */
    double *theta;            /* k */
    double *eta, *d1, *h;     /* n: dL / d eta and its derivative */
    double *keep_eta, *value; /* n: workspace */
    double loss;
    double scale; /* where the working set was solved last */

    /* All coefficients at their centres. */
    double *base_eta, *base_d1; /* n */
    double *base_gradient;      /* k */
    double base_loss, rounding; /* rounding: sweep_rounding there */
    const double *weight;       /* n: of the rows, never NULL */
    double *own_weight;

    /* What the last certified point knows of all columns. */
    double *gradient;      /* k: Z'd1 there */
    double *slope;         /* k: its derivative in the scale */
    double certified;      /* its scale */
    const double *at_hand; /* k: Z'd1 at the point in work; NULL: of the members only, m_q */

    /* The working set: free coefficients first, then as they came. */
    size_t *set, count, capacity;
    unsigned char *is_in; /* k */
    size_t seen;          /* members that the last descent knew */
    double *gram;         /* gram_ld x gram_ld, weights gram_h */
    size_t gram_ld;
    double *gram_h;                 /* n */
    size_t gram_count;              /* members that the Gram covers */
    struct sparse_descent *columns; /* does without a Gram; NULL: never needed */
    bool by_columns;                /* now */
    /* By member, capacity each.  m_base: gradient of a quadratic L at the centres; m_q: of L at the
     * point in work. */
    double *m_l1, *m_l2, *m_centre, *m_lower, *m_upper, *m_t, *m_q, *m_base;
    double *m_h; /* the Gram's diagonal, where there is none */
    double *m_from, *m_delta, *m_gradient, *m_scaled, *m_scaled2; /* workspace */
    double ratio; /* of the curvature along the last step to the Gram's */
    double *m_storage;
    size_t *m_list; /* workspace, 2 x capacity */
    struct descent_space space;
    struct support support;
    double kkt; /* of the working set at the point in work */

    size_t iterations, passes;

    /* The points of a batch: eta and d1 of each, and Z'd1 of the columns that are looked at. */
    size_t batch_most;
    double *batch_eta, *batch_d1; /* n x batch_most */
    double *batch_gradient;       /* k x batch_most */
    size_t *outside;              /* k */
    double *k_storage, *n_storage, *batch_storage;
};

/* sweep_rows.c */
/* L at s->eta with its derivatives by rows: loss (INFINITY outside the domain), d1, h. */
MXP_MUST_CHECK mxp_status sweep_rows(struct sweep *s, mxp_error *error);
/* Gaussian: L and d1 at an eta. */
double sweep_half_squares(double *d1, const struct sweep *s, const double *eta);
/* In one pass over the members' columns: eta += Z delta, what sweep_rows does, and m_q = Z'd1. */
MXP_MUST_CHECK mxp_status sweep_pass(struct sweep *s, const double *delta, mxp_error *error);
/* The rows' part of the duality gap at d1 times `by`: L + L*(by d1) - by d1'offset. */
double sweep_row_gap(const struct sweep *s, double loss, const double *d1, double by);

/* sweep_set.c */
/* Coefficient j joins the working set, at the end. */
MXP_MUST_CHECK mxp_status sweep_add(struct sweep *s, size_t j, mxp_error *error);
/* Those outside whose gradient, g + by slope (slope NULL: g), is at least scale times l1 join; where
 * they are many, the ones that exceed it most. */
MXP_MUST_CHECK mxp_status sweep_invite(struct sweep *s, const double *g, const double *slope,
                                       double by, double scale, mxp_error *error);
/* Members at their centre leave where their last certified gradient is below reach times l1. */
void sweep_drop(struct sweep *s, double scale, double reach);
/* Makes the Gram cover all members: of the new ones with the weights that it has, or `renew`ed. */
MXP_MUST_CHECK mxp_status sweep_gram(struct sweep *s, bool renew, mxp_error *error);

/* sweep_newton.c */
/* The mode at a scale on the working set, from s->theta. */
MXP_MUST_CHECK mxp_status sweep_descend(struct sweep *s, double scale, mxp_error *error);
/* What rounding leaves of a residual over the norm of its column, at the point in work. */
double sweep_rounding(const struct sweep *s);
/* What residuals must not exceed at a scale. */
double sweep_threshold(const struct sweep *s, double scale);

/* The subproblem of the members; without a Gram: by s->columns. */
struct descent sweep_members(struct sweep *s);
/* The members' penalty at t, without the fixed part of those outside. */
double sweep_penalty_at(const struct sweep *s, const double *t);

/* sweep_check.c */
/* s->theta becomes the point's. */
void sweep_load(struct sweep *s, const struct sweep_point *point);
/* batch_gradient for the columns outside the working set, of a batch of kept points. */
MXP_MUST_CHECK mxp_status sweep_look(size_t *outside, struct sweep_point *points, struct sweep *s,
                                     size_t count, mxp_error *error);
/* Certifies a batch of kept points on all columns.  *good: how many in order hold on all columns;
 * where that is fewer than count, the violators of the next one have joined the working set. */
MXP_MUST_CHECK mxp_status sweep_check(struct sweep_point *points, size_t *good, struct sweep *s,
                                      size_t count, mxp_error *error);
/* The columns outside that violate the point in work join. */
MXP_MUST_CHECK mxp_status sweep_meet(struct sweep *s, mxp_error *error);
/* Copies the point in work into slot b of the batch. */
MXP_MUST_CHECK mxp_status sweep_keep(struct sweep_point *point, struct sweep *s, size_t b,
                                     mxp_error *error);
#endif
