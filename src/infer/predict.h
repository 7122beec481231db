/* Prediction of new rows, numbers in and numbers out: a family, its link and its auxiliary
 * parameters (plugged in), and for a row the linear predictor at the mode with its posterior
 * covariance.  Means and intervals on the scale of the response, predictive sds, probabilities of
 * classes three ways, log predictive densities.
 *
 * eta is taken to be normal, with the mode as its mean: the Laplace approximation, linearised where
 * eta is not linear in the parameters.  What does not exist is NAN, with the reason beside it. */
#ifndef MAXPOST_PREDICT_H
#define MAXPOST_PREDICT_H

#include "model/family.h"
#include "model/link.h"

struct rng;

/* Why a value is NAN, or infinite. */
enum predict_reason {
    PREDICT_KNOWN,          /* it is neither */
    PREDICT_CLASSES,        /* the response is a class: it has no mean */
    PREDICT_NO_CLASSES,     /* the response is no class: it has no probabilities */
    PREDICT_NO_MEAN,        /* the noise has no mean: student_t, df <= 1 */
    PREDICT_NO_VARIANCE,    /* the noise has no variance: student_t, df <= 2 */
    PREDICT_NO_COVARIANCE,  /* the covariance of eta was not given */
    PREDICT_BAD_COVARIANCE, /* it is not positive semidefinite, or not finite */
    PREDICT_SEVERAL,        /* there are several eta: no one sd */
    PREDICT_POLE,           /* 1/eta with eta on both sides of 0: no expectation, no interval */
    PREDICT_OUTSIDE,        /* eta is outside the link's domain, or is so with more than 1 % */
    PREDICT_ORDER,          /* ordinal: the cutpoints are not in order */
    PREDICT_OVERFLOW,       /* beyond the largest double */
    PREDICT_TRIALS,         /* a share of 0 trials */
    PREDICT_SAMPLES,        /* fewer than two draws were asked for, or were inside the domain */
    PREDICT_INTEGRAL,       /* the numerical integral did not settle */
    PREDICT_REASONS
};
/* The same in words, after "because": "the cutpoints are not in order"; "" where it is known. */
const char *predict_words(enum predict_reason reason);

/* Where a link gives a mean in the family's support. */
enum predict_domain { PREDICT_ANY, PREDICT_POSITIVE, PREDICT_NOT_ZERO };

/* A model ready to predict, and room to work in: one a thread. */
struct predict {
    const struct family *family;
    size_t link;
    size_t q;                    /* eta columns */
    bool symmetric;              /* multinomial: every class has an eta column */
    double psi[FAMILY_AUX_MAX];  /* auxiliary parameters, natural scale */
    double level;                /* of intervals, e.g. 0.95 */
    size_t samples;              /* Monte Carlo draws a row; 0: none */
    enum link kind;              /* of families with one eta column */
    enum predict_domain domain;  /* likewise */
    size_t classes;              /* 2 for bernoulli; 0: the response is a number */
    double *root, *draw, *value; /* owned: q x q, q, and classes */
};

/* psi: as many values as the family has auxiliary parameters; NULL for none.
 * Errors: USAGE (q, link, level, psi not positive), MEMORY. */
MXP_MUST_CHECK mxp_status predict_new(struct predict **predict, const struct family *family,
                                      size_t link, size_t q, bool symmetric, const double *psi,
                                      double level, size_t samples, mxp_error *error);
void predict_free(struct predict *predict);

/* A new row.
 *   eta         q, at the mode
 *   covariance  q x q, column-major, of eta: z' Sigma z.  NULL: unknown
 *   trials      families with trials; 1 otherwise */
struct predict_row {
    const double *eta, *covariance;
    double trials;
};

/* Of a response that is a number (bernoulli: the probability of 1; binomial: of one trial).
 *   location  link^-1(eta): the mean, but for noise without one
 *   mean      the plug-in mean
 *   lower, upper  of the location: eta -+ z sd_eta through the link, clamped to the link's domain;
 *             a falling link (inverse) swaps them
 *   expected  E mean(eta) over the posterior of eta
 *   sd_predictive  of y (binomial: of the share of successes out of the row's trials) over eta and
 *             noise: the root of E Var(y | eta) + Var E(y | eta)
 * Where up to 1 % of eta's normal density lies outside the link's domain, expected and
 * sd_predictive are conditional on the inside. */
struct predict_number {
    double location, mean, sd_eta, lower, upper, expected, sd_predictive;
    enum predict_reason location_reason, mean_reason, eta_reason, interval_reason, expected_reason,
        predictive_reason;
};

/* Any family; of class families only sd_eta, with one eta column, is a number.  Closed forms for
 * the moments of eta through identity, log, sqrt and probit, quadrature (relative error 1e-10)
 * otherwise.  The variance of the noise is averaged by quadrature.  Cost: up to three integrals,
 * of 81 points where they are smooth on the scale of sd_eta, else of some hundred. */
void predict_number(struct predict_number *number, const struct predict *predict,
                    const struct predict_row *row);

/* How probabilities averaged over eta were found without sampling. */
enum predict_average {
    PREDICT_EXACT,     /* probit in closed form, or quadrature to 1e-10 */
    PREDICT_MACKAY,    /* logit: error below 0.02 */
    PREDICT_MEAN_FIELD /* softmax, rough: of random models with 4 classes the worst error was 0.02,
                        * 0.1, 0.2 where gaps of eta had sds near 0.6, 1.2 to 2.4, 5 (plug-in: 0.02,
                        * 0.2, 0.35); Monte Carlo has no such error */
};

/* Probabilities of the classes, in the order of the family (bernoulli: of 0, then of 1); arrays of
 * the caller, `classes` values each, any may be NULL.
 *   plug_in      at the mode
 *   averaged     over the posterior of eta, without sampling
 *   monte_carlo  averaged over draws of eta; standard_error: of each
 *   outside      share of the draws that were left out since their cutpoints were not in order; the
 *                rest is what was averaged over */
struct predict_classes {
    double *plug_in, *averaged, *monte_carlo, *standard_error;
    double outside;
    enum predict_average average;
    enum predict_reason plug_in_reason, averaged_reason, monte_carlo_reason;
};

/* Averages of F(eta), eta ~ normal(m, v):
 *   probit   Phi(m / sqrt(1 + v)), exact: Spiegelhalter and Lauritzen (1990)
 *   logit    logistic(m / sqrt(1 + pi v / 8)): MacKay (1992), "The evidence framework applied to
 *            classification networks"
 *   cloglog, cauchit  quadrature
 *   softmax  p_k = 1 / sum_i exp(-(m_k - m_i) / sqrt(1 + pi v_ki / 8)), v_ki the variance of
 *            eta_k - eta_i, made to sum to 1: Lu, Ie and Sha (2020), arXiv 2006.07584, the variant
 *            with all covariances; two classes give MacKay's formula
 * Ordinal models average each cumulative probability; they must come out in order.
 *   rng  used where samples > 0 and monte_carlo is given; the same state gives the same numbers
 * Cost: samples q^2 / 2 flops and samples calls of the family's probabilities. */
void predict_classes(struct predict_classes *classes, struct predict *predict,
                     const struct predict_row *row, struct rng *rng);

/* Log densities (masses) of an observed response.
 *   plug_in   log f(y | eta at the mode)
 *   expected  log of the average of f(y | eta) over the posterior of eta, restricted to the link's
 *             domain (cutpoints in order): closed form for gaussian noise with the identity link,
 *             quadrature for one eta column (81 to some hundred densities), else Monte Carlo
 *   standard_error  of expected, by the delta method; 0 without Monte Carlo */
struct predict_density {
    double plug_in, expected, standard_error;
    enum predict_reason expected_reason;
};

/* y as in struct response (class families: the eta column of the class), inside the family's
 * support.  -infinity is the density's zero, not a missing value.  rng may be NULL with one eta
 * column. */
void predict_density(struct predict_density *density, struct predict *predict,
                     const struct predict_row *row, double y, struct rng *rng);

/* Parts of the above. */

/* The variance of the only eta; NAN, with the reason. */
double predict_variance(enum predict_reason *reason, const struct predict *predict,
                        const struct predict_row *row);
/* P(eta outside the domain) for one eta ~ normal(m, s); s > 0. */
double predict_outside(const struct predict *predict, double m, double s);
/* Whether one eta is inside. */
bool predict_inside(const struct predict *predict, double eta);
/* predict->root <- lower triangle L, L L' = covariance; columns without variance are 0. */
enum predict_reason predict_root(struct predict *predict, const struct predict_row *row);
/* predict->draw <- eta + L z. */
void predict_draw(struct predict *predict, const struct predict_row *row, struct rng *rng);

#endif
