/* The inside of mxp_model: what a model file or a caller said, with places for errors. */
#ifndef MAXPOST_MODEL_INTERNAL_H
#define MAXPOST_MODEL_INTERNAL_H

#include "base/err.h"
#include "data/design.h"
#include "maxpost/model.h"
#include "model/family.h"
#include "model/joint.h"
#include "model/penalty.h"
#include "model/prior.h"

#include <stdbool.h>

/* A column by name, and where it was named. */
struct named {
    char *name; /* owned */
    struct place place;
};

/* A prior that was stated.  selector NULL: one of the fixed slots of the model. */
struct stated_prior {
    char *selector; /* owned: a column, or a glob over columns */
    struct place selector_place;
    struct prior prior;
    struct place place;
    bool stated;
};

/* The order of a column's levels. */
struct model_levels {
    struct named column;
    struct named *level;
    size_t count;
};

struct model_contrast {
    struct named column;
    enum contrast contrast;
};

/* A prior on all coefficients whose names fit. */
struct model_group {
    char *name; /* owned */
    struct place place;
    struct named *term; /* owned: columns, or globs over columns */
    size_t count, capacity;
    struct joint_spec spec;
    double *matrix; /* owned, of a gaussian: order x order; NULL for the others */
    bool precision; /* the matrix is the inverse of the covariance */
    size_t order;
    char **matrix_name;    /* owned: of its rows; NULL: they are in the order of the coefficients */
    struct source *source; /* owned: the file of the matrix, for errors; NULL: none */
    char *source_name;     /* owned: its name */
};

/* A linear constraint as it was written. */
struct model_constraint {
    char *text; /* owned */
    struct place place;
};

struct mxp_model {
    char *name; /* owned, never NULL */
    struct named response;
    struct formula *formula; /* owned; NULL: response and predictors */
    struct named trials, failures;
    struct model_levels *levels; /* owned */
    size_t level_count, level_capacity;
    struct model_contrast *contrasts; /* owned */
    size_t contrast_count, contrast_capacity;
    struct named *predictors; /* owned; count 0: all other columns */
    size_t predictor_count, predictor_capacity;
    const struct family *family;
    struct place family_place;
    size_t link;
    bool symmetric; /* multinomial: a column of coefficients for every class */
    struct place symmetric_place;
    struct named reference; /* multinomial: the class without coefficients; NULL: the first */
    double auxiliary[FAMILY_AUX_MAX]; /* NAN: estimated */
    bool intercept, standardize, mode_natural, scale_by_noise;
    struct place intercept_place, scale_by_noise_place;
    struct stated_prior intercept_prior, weights_prior, auxiliary_prior[FAMILY_AUX_MAX];
    struct stated_prior *rules; /* owned: prior.terms, in the order of the file */
    size_t rule_count, rule_capacity;
    bool has_penalty;
    struct penalty penalty;
    struct place penalty_place;
    struct model_group *groups; /* owned: prior.groups */
    size_t group_count, group_capacity;
    struct model_constraint *constraints; /* owned */
    size_t constraint_count, constraint_capacity;
    bool constraints_standardized; /* they speak about standardised coefficients */
};

/* Appends a rule; the selector is copied. */
MXP_MUST_CHECK mxp_status model_add_rule(struct mxp_model *model, const char *selector,
                                         struct place selector_place, const struct prior *prior,
                                         struct place place, mxp_error *error);
/* Appends a predictor; the name is copied. */
MXP_MUST_CHECK mxp_status model_add_predictor(struct mxp_model *model, const char *name,
                                              struct place place, mxp_error *error);
void model_clear_predictors(struct mxp_model *model);

/* Names a column or a level in place of what was there; the name is copied. */
MXP_MUST_CHECK mxp_status model_name(struct named *named, const char *name, struct place place,
                                     mxp_error *error);
/* Takes a formula over, in place of the response and the predictors; place: where it is written.
 * A formula without intercept is a model without intercept. */
MXP_MUST_CHECK mxp_status model_set_formula(struct mxp_model *model, const char *text,
                                            struct place place, mxp_error *error);
/* The order of a column's levels, in place of an earlier one; names are copied.
 * Errors: CONFIG (fewer than two, a level twice), MEMORY. */
MXP_MUST_CHECK mxp_status model_add_levels(struct mxp_model *model,
                                           const struct design_name *column,
                                           const struct design_name *level, size_t count,
                                           mxp_error *error);
MXP_MUST_CHECK mxp_status model_add_contrast(struct mxp_model *model,
                                             const struct design_name *column,
                                             enum contrast contrast, mxp_error *error);
void model_free_factors(struct mxp_model *model);

/* Rules that need no data: a prior on a fixed auxiliary parameter, a positive-only prior on a
 * coefficient, a coefficient's prior on an auxiliary parameter, an intercept prior without
 * intercept, an ordinal model without, a penalty together with priors on the weights or the
 * intercept, scale_by_noise for a family without a noise scale, a penalty convention that does not
 * fit the family, trials, failures, a reference or a coding that the family has none of, a binomial
 * model without trials, the symmetric coding with flat priors.
 * Errors: CONFIG at the place. */
MXP_MUST_CHECK mxp_status model_check(const struct mxp_model *model, mxp_error *error);
/* Appends a group without terms; the name is copied.  Then its terms, and for a gaussian its
 * matrix (order x order, copied), are added to the last one. */
MXP_MUST_CHECK mxp_status model_add_group(struct mxp_model *model, const char *name,
                                          const struct joint_spec *spec, struct place place,
                                          mxp_error *error);
MXP_MUST_CHECK mxp_status model_add_group_term(struct mxp_model *model, const char *term,
                                               struct place place, mxp_error *error);
MXP_MUST_CHECK mxp_status model_set_group_matrix(struct mxp_model *model, const double *matrix,
                                                 size_t order, bool precision, mxp_error *error);
/* Says which file the last group's matrix is from, and, name not NULL, what its rows are named: its
 * errors are then about that file, status DATA.  Copied. */
MXP_MUST_CHECK mxp_status model_set_group_file(struct mxp_model *model, const char *path,
                                               char *const *name, mxp_error *error);
/* Appends a constraint; it is read when the terms are known.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status model_add_constraint(struct mxp_model *model, const char *text,
                                               struct place place, mxp_error *error);
void model_free_groups(struct mxp_model *model);
/* Index of the family's auxiliary parameter, or -1. */
int model_auxiliary_index(const struct mxp_model *model, const char *name);

#endif
