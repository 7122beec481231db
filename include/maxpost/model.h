/* maxpost: a model (what is believed) and a problem (that model on a table). */
#ifndef MAXPOST_MODEL_H
#define MAXPOST_MODEL_H

#include "maxpost/base.h"
#include "maxpost/data.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A generalised linear model with priors on its parameters.  Defaults: family gaussian, the family's
 * first link, an intercept, all predictors, no standardisation, flat priors, auxiliary parameters
 * estimated, the first class of a multinomial response as its reference. */
typedef struct mxp_model mxp_model;

/* A new model for the named response column; free with mxp_model_free.
 * Errors: MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_new(mxp_model **model, const char *response,
                                                mxp_error *error);
MXP_API void mxp_model_free(mxp_model *model);

/* Family by name: gaussian, bernoulli, binomial, poisson, negative_binomial, gamma, beta, student_t,
 * laplace, huber, multinomial, ordinal.  Resets the link and the auxiliary parameters.
 * Errors: CONFIG with the nearest known name. */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_set_family(mxp_model *model, const char *family,
                                                       mxp_error *error);
MXP_API MXP_MUST_CHECK mxp_status mxp_model_set_link(mxp_model *model, const char *link,
                                                     mxp_error *error);
/* Fixes an auxiliary parameter (noise_sd, noise_scale, df, k, size, shape, precision, as the family
 * has them) at a positive value; NAN: estimate it.
 * Errors: CONFIG (not of this family, not above 0, k of huber, which is a number). */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_fix_auxiliary(mxp_model *model, const char *name,
                                                          double value, mxp_error *error);
/* The predictors by column name, copied, in this order; count 0: every other column.  A column of
 * texts, or one with levels or contrasts, is a factor.  Takes the place of a formula. */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_set_predictors(mxp_model *model,
                                                           const char *const *names, size_t count,
                                                           mxp_error *error);
/* A formula as in R, "y ~ age + site:dose + poly(x, 2)", copied; takes the place of the response and
 * the predictors.  A `- 1` in it takes the intercept away, as mxp_model_set_intercept does.
 * Errors: CONFIG (syntax), MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_set_formula(mxp_model *model, const char *formula,
                                                        mxp_error *error);
MXP_API void mxp_model_set_intercept(mxp_model *model, int on);
/* Binomial: the column of the numbers of trials, or of the failures beside the successes of the
 * response; one of the two is needed.  Copied; NULL: none.  Errors: MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_set_trials(mxp_model *model, const char *column,
                                                       mxp_error *error);
MXP_API MXP_MUST_CHECK mxp_status mxp_model_set_failures(mxp_model *model, const char *column,
                                                         mxp_error *error);
/* The order of the levels of a factor, or of the classes of the response, in place of numbers in
 * their order and texts by their bytes; copied.  Naming a numeric predictor makes it a factor.
 * Errors: CONFIG (fewer than two levels, a level twice), MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_set_levels(mxp_model *model, const char *column,
                                                       const char *const *levels, size_t count,
                                                       mxp_error *error);
/* How a factor's levels become columns: treatment (the default), sum or helmert, as R's contrasts of
 * these names.  Naming a numeric predictor makes it a factor.
 * Errors: CONFIG with the nearest known name, MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_set_contrast(mxp_model *model, const char *column,
                                                         const char *contrast, mxp_error *error);
/* Multinomial: the class without coefficients; NULL: the first one.  Errors: MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_set_reference(mxp_model *model, const char *level,
                                                          mxp_error *error);
/* Multinomial, 1: every class has coefficients, none is the reference; all need proper priors. */
MXP_API void mxp_model_set_symmetric(mxp_model *model, int on);
/* 1: priors speak about coefficients of columns centred and divided by their weighted population
 * standard deviation; 0 (default): about the columns as they are. */
MXP_API void mxp_model_set_standardize(mxp_model *model, int on);
/* 1: mode and curvature of positive parameters on the natural scale, without the Jacobian of a
 * stated prior; 0 (default): on the log scale, with it. */
MXP_API void mxp_model_set_mode_natural(mxp_model *model, int on);
/* 1: gaussian and laplace scales are multiples of the noise sd. */
MXP_API void mxp_model_set_scale_by_noise(mxp_model *model, int on);
/* A prior in words, "laplace(0, 0.5)", for a selector: "weights" (every coefficient that nothing
 * else names), "intercept", an auxiliary parameter, a coefficient ("bmi", "site[B]", of classes
 * "bmi[B]", or "bmi" for all of them) or a glob over the coefficients.
 * Errors: CONFIG. */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_set_prior(mxp_model *model, const char *selector,
                                                      const char *prior, mxp_error *error);
/* A penalty in a tool's convention in place of priors on the weights, e.g. convention "glmnet",
 * settings "lambda=0.1, alpha=1".  Errors: CONFIG. */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_set_penalty(mxp_model *model, const char *convention,
                                                        const char *settings, mxp_error *error);

/* A prior on several coefficients at once, in words: "group_laplace(0.5)", "ar1(0.8, 1)", "rw1(1)",
 * "rw2(1)", "gaussian" (which then needs a matrix).  terms: columns or globs over columns; every
 * level of a factor fits the glob "site[*]".  With several classes each has a group of its own.
 * Errors: CONFIG, MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_add_group(mxp_model *model, const char *name,
                                                      const char *const *terms, size_t count,
                                                      const char *prior, mxp_error *error);
/* The covariance of the last group, a gaussian, or its precision: order x order, symmetric, in the
 * order of the coefficients; copied.  Errors: USAGE, MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_set_group_matrix(mxp_model *model, const double *matrix,
                                                             size_t order, int precision,
                                                             mxp_error *error);
/* A linear constraint on coefficients, "bmi - bp ~ gaussian(0, 0.1)" or "a + b + c = 0"; read when
 * the problem is made.  Errors: MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_model_add_constraint(mxp_model *model, const char *constraint,
                                                           mxp_error *error);
/* 1: constraints speak about standardised coefficients; 0 (default): about those of the columns as
 * they are. */
MXP_API void mxp_model_set_constraints_standardized(mxp_model *model, int on);

/* A model on data.  Keeps the model and the table's columns by reference: both must outlive it. */
typedef struct mxp_problem mxp_problem;

/* Options for mxp_problem_new; fill with mxp_problem_options_init. */
typedef struct mxp_problem_options {
    size_t size;         /* of this struct */
    const char *weights; /* column of row weights (>= 0), or NULL */
    const char *offset;  /* column added to the linear predictor, or NULL */
    int drop_missing;   /* 1: rows with a missing value in a used column are dropped; 0: an error */
    const char *groups; /* column that says which rows belong together, no predictor unless it is
                         * named as one; or NULL */
    int threads;        /* over the columns; 0 (default): all.  The result does not depend on it. */
} mxp_problem_options;
MXP_API void mxp_problem_options_init(mxp_problem_options *options);

/* Checks the columns against the model, computes means and sds of the columns (one pass), gives
 * every parameter its prior.  options may be NULL.
 * Errors: CONFIG (a name that is no column, a selector that matches nothing), DATA (a value the
 * family does not take, a missing value), MEMORY. */
MXP_API MXP_MUST_CHECK mxp_status mxp_problem_new(mxp_problem **problem, const mxp_model *model,
                                                  const mxp_table *table,
                                                  const mxp_problem_options *options,
                                                  mxp_error *error);
MXP_API void mxp_problem_free(mxp_problem *problem);
/* Rows used (after dropping). */
MXP_API size_t mxp_problem_rows(const mxp_problem *problem);
/* Coefficients (with the intercept) plus estimated auxiliary parameters. */
MXP_API size_t mxp_problem_parameters(const mxp_problem *problem);

#ifdef __cplusplus
}
#endif

#endif
