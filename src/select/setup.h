/* What moves on a path, and by which factors. */
#ifndef MAXPOST_SETUP_H
#define MAXPOST_SETUP_H

#include "fit/sweep.h"
#include "maxpost/select.h"

/* Moving coefficients in a row with the same prior. */
struct setup_run {
    size_t first, count; /* first: one of them */
};

/* The penalty lambda sum_j (l1_j |t_j - m_j| + l2_j (t_j - m_j)^2 / 2) beside the loss L: half the
 * residual sum of squares, or -log likelihood.  A coefficient with relative scale 1 has l1 = mix1 and
 * l2 = mix2, which add up to 1. */
struct setup {
    size_t k;
    double mix1, mix2;
    double *l1, *l2;   /* k: 0 for what does not move */
    double *centre;    /* k: m_j, within the bounds */
    double *fixed;     /* k: of a gaussian prior that stays, beside L; NULL: none */
    bool fixed_kinks;  /* some prior that stays has a kink */
    bool estimated;    /* the noise is estimated */
    double noise;      /* else its sd; 1 for families without noise */
    size_t moving;     /* coefficients */
    bool centred_at_0; /* all centres are 0 */
    struct setup_run *run;
    size_t runs;
};

/* Reads the problem's priors and the options.
 * Errors: CONFIG in words (what paths do not do), USAGE (options), MEMORY. */
MXP_MUST_CHECK mxp_status setup_new(struct setup **setup, const struct mxp_problem *problem,
                                    const mxp_path_options *options, mxp_error *error);
void setup_free(struct setup *setup);

/* Gives a problem of the same layout the priors at lambda and phi, the noise variance or 1. */
MXP_MUST_CHECK mxp_status setup_apply(struct mxp_problem *problem, const struct setup *setup,
                                      double lambda, double phi, mxp_error *error);
/* log prior of all coefficients at a point of the path.  Cost: O(count of the point + runs). */
double setup_log_prior(const struct setup *setup, const struct mxp_problem *problem,
                       const struct sweep_point *point, double phi);
/* The scale of the prior of a coefficient whose relative scale is 1. */
double setup_scale(const struct setup *setup, double lambda, double phi);
/* What moves: "l1", "l2" or "elastic_net"; static. */
const char *setup_penalty(const struct setup *setup);
/* Solver coordinates of a point, k values. */
void setup_theta(double *theta, const struct setup *setup, const struct sweep_point *point);

/* setup_check.c */
enum setup_kind { SETUP_L1, SETUP_L2, SETUP_BOTH, SETUP_OPEN };
/* What moves as the penalty is: SETUP_OPEN where options and model leave it open.
 * Errors: CONFIG (families, links, joint priors, constraints, kinds of priors), USAGE. */
MXP_MUST_CHECK mxp_status setup_check(enum setup_kind *kind, const struct mxp_problem *problem,
                                      const mxp_path_options *options, mxp_error *error);
/* The kind of penalty that a prior is; SETUP_OPEN: of none. */
enum setup_kind setup_kind_of(const struct prior *prior);
/* Whether a rule for single terms names the coefficient. */
bool setup_is_named(const struct mxp_problem *problem, size_t j);

#endif
