/* The inside of mxp_posterior, and the steps that fill it. */
#ifndef MAXPOST_POSTERIOR_INTERNAL_H
#define MAXPOST_POSTERIOR_INTERNAL_H

#include "fit/solution.h"
#include "infer/kink.h"
#include "maxpost/posterior.h"
#include "model/problem.h"
#include "num/factor.h"

struct mxp_posterior {
    const struct mxp_problem *problem;   /* borrowed */
    const struct mxp_solution *solution; /* borrowed */
    size_t count;                        /* parameters d */
    mxp_term *terms;                     /* d */
    char **prior_texts;                  /* d, owned */
    double *covariance;                  /* d x d, scale of the data; NULL: none */
    char *reason;                        /* why there is no evidence; owned */
    size_t *chosen, chosen_count;        /* terms whose covariance was asked for; owned */
    double *chosen_covariance;           /* chosen_count squared; owned; NULL: none */
    mxp_posterior_info info;
};

/* The coordinates of an approximation and its factored Hessian. */
struct active {
    size_t count, *set;    /* off their kink and bounds, auxiliary ones last; ascending */
    size_t coefficients;   /* how many of them are coefficients */
    struct factor *factor; /* of H there, auxiliary ones on the mode_on scale; rcond 0: none */
    double *covariance;    /* count x count, solver coordinates; NULL where rcond is 0 */
    bool expected;         /* H has the likelihood's expected curvature: the exact one of a family
                            * that is not log-concave was not positive definite */
};

/* Assembles and factors the Hessian of J on the coordinates off their kink.  Cholesky where well
 * conditioned, else the triangle of the data's QR.  Not being positive definite is an outcome
 * (factor->rcond 0).  Errors: MEMORY, NUMERIC. */
MXP_MUST_CHECK mxp_status active_new(struct active *active, const struct mxp_problem *problem,
                                     const struct mxp_solution *solution, mxp_error *error);
void active_free(struct active *active);
/* How many coordinates are off their kink and bounds.  Cost: O(d). */
size_t active_size(const struct mxp_problem *problem, const struct point *point);
/* NUMERIC, naming the direction of the smallest eigenvalue of the scaled Hessian. */
mxp_status active_indefinite(const struct active *active, const struct mxp_problem *problem,
                             const struct mxp_solution *solution, mxp_error *error);

/* sd, interval and probability of every term off its kink and bounds.
 *   variance  d: of the coefficients on the scale of the data, of auxiliary parameters on that of the
 *             approximation
 *   solver    d: of the coefficients in solver coordinates */
void posterior_set_terms(struct mxp_posterior *posterior, const double *variance,
                         const double *solver, double level);
/* The Gaussian on active coordinates: sd, interval, covariance of every term; the others fixed. */
MXP_MUST_CHECK mxp_status posterior_gaussian(struct mxp_posterior *posterior,
                                             const struct active *active, double level,
                                             mxp_error *error);
/* The same where the active coordinates are few among many: no d x d matrix is made. */
MXP_MUST_CHECK mxp_status posterior_narrow(struct mxp_posterior *posterior,
                                           const struct active *active, double level,
                                           mxp_error *error);
/* Whether the problem has a form that needs no k x k matrix (fit/kernel.h). */
bool posterior_has_dual(const struct mxp_problem *problem);
/* The Gaussian of such a problem: sds, the covariance of the chosen terms, log det, effective
 * parameters; the evidence with them.  Errors: MEMORY, NUMERIC. */
MXP_MUST_CHECK mxp_status posterior_dual(struct mxp_posterior *posterior, double level,
                                         mxp_error *error);
/* The kink posterior by sampling. */
MXP_MUST_CHECK mxp_status posterior_kink(struct mxp_posterior *posterior,
                                         const mxp_posterior_options *options, mxp_error *error);
/* log_det, evidence (or the reason why not) and effective parameters. */
MXP_MUST_CHECK mxp_status posterior_evidence(struct mxp_posterior *posterior,
                                             const struct active *active, mxp_error *error);
/* The evidence of a posterior with smooth priors and without bounds, from log det H of `count`
 * parameters; or the reason why it has none. */
MXP_MUST_CHECK mxp_status posterior_smooth_evidence(struct mxp_posterior *posterior, double log_det,
                                                    size_t count, mxp_error *error);
#endif
