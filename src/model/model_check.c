/* What a model may say, checked without data. */
#include "base/str.h"
#include "model/model.h"

#include <math.h>

/* A coefficient takes priors on the whole line only, an auxiliary parameter densities on t > 0 or
 * flat. */
static mxp_status check_coefficient_prior(const struct mxp_model *model,
                                          const struct stated_prior *stated, const char *what,
                                          mxp_error *error)
{
    if (stated->stated && (stated->prior.row->flags & PRIOR_POSITIVE))
        return FAIL_AT(error, stated->place, MXP_CONFIG,
                       "%s is a prior for positive parameters; %s may be negative",
                       stated->prior.row->name, what);
    if (stated == &model->intercept_prior && stated->prior.selected)
        return prior_refuse_selected(&stated->prior, what, stated->place, error);
    if (stated->prior.bounded && model->scale_by_noise && stated->prior.row->scale >= 0)
        return FAIL_AT(error, stated->place, MXP_CONFIG,
                       "%s has bounds, which scale_by_noise cannot hold: their mass would depend "
                       "on the noise sd",
                       stated->prior.row->name);
    return MXP_OK;
}

static mxp_status check_auxiliary_prior(const struct mxp_model *model, size_t i, mxp_error *error)
{
    const struct stated_prior *stated = &model->auxiliary_prior[i];
    const char *name = model->family->auxiliary[i].name;

    if (!stated->stated)
        return MXP_OK;
    if (!isnan(model->auxiliary[i]))
        return FAIL_AT(error,
                       stated->selector_place.source ? stated->selector_place : stated->place,
                       MXP_CONFIG, "%s is fixed at %g: a prior on it has nothing to say", name,
                       model->auxiliary[i]);
    if (!(stated->prior.row->flags & (PRIOR_POSITIVE | PRIOR_IMPROPER)))
        return FAIL_AT(error, stated->place, MXP_CONFIG,
                       "%s is positive: its prior is flat or one for positive parameters "
                       "(half_normal, half_cauchy, exponential, gamma, lognormal, ...), not %s",
                       name, stated->prior.row->name);
    if (stated->prior.bounded)
        return FAIL_AT(error, stated->place, MXP_CONFIG,
                       "%s is positive and takes no lower or upper", name);
    return MXP_OK;
}

static mxp_status check_penalty(const struct mxp_model *model, mxp_error *error)
{
    const struct stated_prior *clash = NULL;

    if (!model->has_penalty)
        return MXP_OK;
    if (model->weights_prior.stated)
        clash = &model->weights_prior;
    else if (model->intercept_prior.stated &&
             !(model->intercept_prior.prior.row->flags & PRIOR_IMPROPER))
        clash = &model->intercept_prior;
    else if (model->rule_count)
        clash = &model->rules[0];
    if (clash)
        return FAIL_AT(error, clash->selector_place.source ? clash->selector_place : clash->place,
                       MXP_CONFIG, "a model has a penalty or priors on its weights, not both");
    if (model->scale_by_noise)
        return FAIL_AT(error, model->scale_by_noise_place, MXP_CONFIG,
                       "scale_by_noise speaks about priors; this model has a penalty");
    const struct penalty_facts facts = {.family = model->family,
                                        .link = model->link,
                                        .reference = model->family->response == RESPONSE_CLASS &&
                                                     !model->symmetric};
    return penalty_check_family(&model->penalty, &facts, model->penalty_place, error);
}

/* The columns that belong to some families only. */
static mxp_status check_columns(const struct mxp_model *model, mxp_error *error)
{
    const struct family *family = model->family;
    const struct named *counts = model->failures.name ? &model->failures : &model->trials;
    const char *what = model->failures.name ? "failures" : "trials";

    if (family->response != RESPONSE_TRIALS && counts->name)
        return FAIL_AT(error, counts->place, MXP_CONFIG,
                       "%s: the family %s counts no successes out of trials; binomial does", what,
                       family->name);
    if (model->trials.name && model->failures.name)
        return FAIL_AT(error, model->failures.place, MXP_CONFIG,
                       "trials and failures are two ways to say the same; give one of them");
    if (family->response == RESPONSE_TRIALS && !counts->name)
        return FAIL_AT(error, model->family_place, MXP_CONFIG,
                       "the family %s needs the column of its trials, or that of its failures: "
                       "family: {name: %s, trials: COLUMN}",
                       family->name, family->name);
    if (family->response != RESPONSE_CLASS && model->reference.name)
        return FAIL_AT(error, model->reference.place, MXP_CONFIG,
                       "reference: the family %s has no reference class; multinomial does",
                       family->name);
    if (family->response != RESPONSE_CLASS && model->symmetric)
        return FAIL_AT(error, model->symmetric_place, MXP_CONFIG,
                       "coding: the family %s has one coding only; multinomial has two",
                       family->name);
    return MXP_OK;
}

/* With a set of coefficients for every class, only the priors tell one from another: adding the
 * same to all of them changes no probability. */
static mxp_status check_symmetric(const struct mxp_model *model, mxp_error *error)
{
    const struct stated_prior *intercept = &model->intercept_prior,
                              *weights = &model->weights_prior;

    const bool others = model->rule_count || model->group_count || model->has_penalty;

    if (!model->symmetric)
        return MXP_OK;
    if (model->reference.name)
        return FAIL_AT(error, model->reference.place, MXP_CONFIG,
                       "the symmetric coding has no reference; coding: reference has one");
    if (model->constraint_count) /* they may tell the classes apart */
        return MXP_OK;
    if (model->intercept && model->has_penalty)
        return FAIL_AT(error, model->symmetric_place, MXP_CONFIG,
                       "coding: symmetric beside a penalty leaves the intercepts free, as adding "
                       "the same to every class changes nothing; take coding: reference, or "
                       "intercept: false");
    if (model->intercept && model->rule_count == 0 && prior_is_flat(&intercept->prior))
        return FAIL_AT(error, intercept->stated ? intercept->place : model->symmetric_place,
                       MXP_CONFIG,
                       "coding: symmetric needs a proper prior on the intercept (prior.intercept), "
                       "as adding the same to every class changes nothing; or coding: reference");
    if (!others && prior_is_flat(&weights->prior))
        return FAIL_AT(error, weights->stated ? weights->place : model->symmetric_place, MXP_CONFIG,
                       "coding: symmetric needs proper priors on the weights (prior.weights), as "
                       "adding the same to every class changes nothing; or coding: reference");
    return MXP_OK;
}

/* An ordinal model's cutpoints are its intercepts. */
static mxp_status check_intercept(const struct mxp_model *model, mxp_error *error)
{
    const struct stated_prior *prior = &model->intercept_prior;

    if (model->intercept && model->formula && !model->formula->intercept)
        return FAIL_AT(error, model->intercept_place, MXP_CONFIG,
                       "the formula takes the intercept away (- 1, or 0), and this asks for it");
    if (model->intercept)
        return MXP_OK;
    if (model->family->response == RESPONSE_ORDERED)
        return FAIL_AT(error,
                       model->intercept_place.source ? model->intercept_place : model->family_place,
                       MXP_CONFIG,
                       "the family %s has cutpoints in place of an intercept, and cannot do "
                       "without them",
                       model->family->name);
    if (prior->stated)
        return FAIL_AT(error, prior->selector_place.source ? prior->selector_place : prior->place,
                       MXP_CONFIG,
                       model->formula && !model->formula->intercept
                           ? "the formula takes away the intercept that this prior is for"
                           : "intercept: false leaves no intercept for this prior");
    return MXP_OK;
}

/* Priors on several coefficients and constraints, against a penalty and scales in units of the
 * noise. */
static mxp_status check_several(const struct mxp_model *model, mxp_error *error)
{
    const bool group = model->group_count > 0;
    const char *what = group ? "groups" : "constraints";

    if (!group && model->constraint_count == 0)
        return MXP_OK;
    const struct place place = group ? model->groups[0].place : model->constraints[0].place;
    if (model->has_penalty)
        return FAIL_AT(error, place, MXP_CONFIG,
                       "a model has a penalty, or priors and constraints on its weights; this one "
                       "has a penalty and %s",
                       what);
    if (model->scale_by_noise)
        return FAIL_AT(error, place, MXP_CONFIG,
                       "scale_by_noise knows priors on single coefficients only, not %s", what);
    return MXP_OK;
}

mxp_status model_check(const struct mxp_model *model, mxp_error *error)
{
    mxp_status status;

    TRY(status = check_columns(model, error));
    TRY(status = check_intercept(model, error));
    TRY(status = check_symmetric(model, error));
    TRY(status = check_coefficient_prior(model, &model->intercept_prior, "the intercept", error));
    TRY(status = check_coefficient_prior(model, &model->weights_prior, "a weight", error));
    for (size_t i = 0; i < model->rule_count; i++)
        TRY(status = check_coefficient_prior(model, &model->rules[i], "a coefficient", error));
    for (size_t i = 0; i < model->family->auxiliary_count; i++)
        TRY(status = check_auxiliary_prior(model, i, error));
    if (model->scale_by_noise && model->family->phi != PHI_NOISE_VARIANCE)
        return FAIL_AT(error, model->scale_by_noise_place, MXP_CONFIG,
                       "scale_by_noise needs a family with a noise sd; %s has none",
                       model->family->name);
    TRY(status = check_penalty(model, error));
    TRY(status = check_several(model, error));
out:
    return status;
}
