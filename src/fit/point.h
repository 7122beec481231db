/* A point of the parameter space with everything that is known there, and its certificate. */
#ifndef MAXPOST_POINT_H
#define MAXPOST_POINT_H

#include "model/problem.h"

struct point {
    double *theta; /* d: solver coordinates */
    double objective, log_likelihood, log_prior;
    double *gradient;       /* d: of the smooth part of J */
    double *likelihood;     /* d: the likelihood's share of it */
    double *diagonal;       /* d: of the Hessian of the smooth part of J */
    double *prior_diagonal; /* d: the priors' share of it */
    double *rest;           /* d: what rounding took from theta, where it is known; else 0 */
    double *cross;          /* k x r: Hessian in (t_j, u_s), likelihood and priors */
    double *own;            /* r x r: Hessian in (u_s, u_t), the likelihood's */
    size_t stored;          /* values in storage */
    double kkt;             /* the certificate: largest residual, in posterior sds */
    size_t worst;           /* its coordinate */
    double *storage;
};

MXP_MUST_CHECK mxp_status point_new(struct point **point, const struct mxp_problem *problem,
                                    mxp_error *error);
void point_free(struct point *point);
void point_copy(struct point *to, const struct point *from);

/* Everything at point->theta in one pass over the data; the objective may be infinite (the step
 * was too long), the rest is then not to be used.
 *   gram  k x k, the likelihood's Hessian in the coefficients, in the same pass; NULL: not wanted
 * Errors: MEMORY. */
MXP_MUST_CHECK mxp_status point_evaluate(struct point *point, const struct mxp_problem *problem,
                                         double *gram, int threads, mxp_error *error);

/* The objective alone: half a pass. */
MXP_MUST_CHECK mxp_status point_value(struct point *point, const struct mxp_problem *problem,
                                      int threads, mxp_error *error);

/* The scaled residual of coordinate j (mathematics: optimality); 0 on its kink where the gradient
 * is within the kink's weight. */
double point_residual(const struct point *point, const struct mxp_problem *problem, size_t j);
/* kkt and its coordinate, from the point's gradient and diagonal. */
void point_certify(struct point *point, const struct mxp_problem *problem);
/* What residuals are divided by: sqrt(H_jj), 1 where that is 0, sqrt(|H_jj|) where negative. */
double point_scale(const struct point *point, size_t j);

/* The rounding floor of each residual, d values, in posterior sds; one pass.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status point_floor(double *floor, const struct point *point,
                                      const struct mxp_problem *problem, int threads,
                                      mxp_error *error);

/* Gaussian family: residual sum of squares (weighted) at the point. */
double point_rss(const struct point *point, const struct mxp_problem *problem);
#endif
