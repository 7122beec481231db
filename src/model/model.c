#include "model/model.h"
#include "base/mem.h"
#include "base/str.h"

#include <math.h>
#include <string.h>

static const struct place nowhere = {NULL, 0, 0};

static void clear_stated(struct stated_prior *stated)
{
    *stated = (struct stated_prior){.prior = {.row = prior_find("flat")}};
}

mxp_status mxp_model_new(mxp_model **model, const char *response, mxp_error *error)
{
    mxp_status status;
    struct mxp_model *m = NULL;

    TRY(status = MEM_NEW(&m, 1, error));
    m->family = &family_gaussian;
    m->intercept = true;
    clear_stated(&m->intercept_prior);
    clear_stated(&m->weights_prior);
    for (size_t i = 0; i < FAMILY_AUX_MAX; i++) {
        m->auxiliary[i] = NAN;
        clear_stated(&m->auxiliary_prior[i]);
    }
    TRY(status = mem_text(&m->name, "model", error));
    TRY(status = mem_text(&m->response.name, response, error));
    *model = m;
    m = NULL;
out:
    mxp_model_free(m);
    return status;
}

void mxp_model_free(mxp_model *model)
{
    if (!model)
        return;
    free(model->name);
    free(model->response.name);
    free(model->reference.name);
    free(model->trials.name);
    free(model->failures.name);
    model_free_factors(model);
    formula_free(model->formula);
    model_clear_predictors(model);
    free(model->predictors);
    for (size_t i = 0; i < model->rule_count; i++)
        free(model->rules[i].selector);
    free(model->rules);
    model_free_groups(model);
    free(model);
}

mxp_status mxp_model_set_family(mxp_model *model, const char *family, mxp_error *error)
{
    const struct family *row = family_find(family);

    if (!row) {
        const char *names[32];
        size_t count = 0;
        for (; family_table[count] && count < 32; count++)
            names[count] = family_table[count]->name;
        const char *near = str_nearest(family, names, count);
        return FAIL(error, MXP_CONFIG, "unknown family \"%s\"%s%s%s", family,
                    near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    model->family = row;
    model->link = 0;
    for (size_t i = 0; i < FAMILY_AUX_MAX; i++) {
        model->auxiliary[i] = i < row->auxiliary_count ? row->auxiliary[i].fallback : NAN;
        clear_stated(&model->auxiliary_prior[i]);
    }
    return MXP_OK;
}

mxp_status mxp_model_set_link(mxp_model *model, const char *link, mxp_error *error)
{
    const int index = family_link(model->family, link);
    if (index < 0)
        return FAIL(error, MXP_CONFIG, "family %s has no link \"%s\"; its default is %s",
                    model->family->name, link, model->family->links[0]);
    model->link = (size_t)index;
    return MXP_OK;
}

int model_auxiliary_index(const struct mxp_model *model, const char *name)
{
    for (size_t i = 0; i < model->family->auxiliary_count; i++)
        if (strcmp(model->family->auxiliary[i].name, name) == 0)
            return (int)i;
    return -1;
}

mxp_status mxp_model_fix_auxiliary(mxp_model *model, const char *name, double value,
                                   mxp_error *error)
{
    const int index = model_auxiliary_index(model, name);
    if (index < 0)
        return FAIL(error, MXP_CONFIG, "family %s has no parameter \"%s\"", model->family->name,
                    name);
    if (isnan(value) && !model->family->auxiliary[index].estimable)
        return FAIL(error, MXP_CONFIG, "%s is a number: it cannot be estimated", name);
    if (!isnan(value) && !(value > 0.0 && isfinite(value)))
        return FAIL(error, MXP_CONFIG, "%s = %g is not above 0", name, value);
    model->auxiliary[index] = value;
    return MXP_OK;
}

mxp_status model_add_predictor(struct mxp_model *model, const char *name, struct place place,
                               mxp_error *error)
{
    mxp_status status;

    TRY(status = mem_grow(&model->predictors, &model->predictor_capacity,
                          model->predictor_count + 1, sizeof *model->predictors, error));
    struct named *slot = &model->predictors[model->predictor_count];
    *slot = (struct named){.place = place};
    TRY(status = mem_text(&slot->name, name, error));
    model->predictor_count++;
out:
    return status;
}

void model_clear_predictors(struct mxp_model *model)
{
    for (size_t i = 0; i < model->predictor_count; i++)
        free(model->predictors[i].name);
    model->predictor_count = 0;
}

mxp_status mxp_model_set_predictors(mxp_model *model, const char *const *names, size_t count,
                                    mxp_error *error)
{
    mxp_status status = MXP_OK;

    formula_free(model->formula);
    model->formula = NULL;
    model_clear_predictors(model);
    for (size_t i = 0; i < count; i++)
        TRY(status = model_add_predictor(model, names[i], nowhere, error));
out:
    return status;
}

void mxp_model_set_intercept(mxp_model *model, int on)
{
    model->intercept = on != 0;
}

void mxp_model_set_standardize(mxp_model *model, int on)
{
    model->standardize = on != 0;
}

void mxp_model_set_mode_natural(mxp_model *model, int on)
{
    model->mode_natural = on != 0;
}

void mxp_model_set_scale_by_noise(mxp_model *model, int on)
{
    model->scale_by_noise = on != 0;
}

mxp_status model_add_rule(struct mxp_model *model, const char *selector,
                          struct place selector_place, const struct prior *prior,
                          struct place place, mxp_error *error)
{
    mxp_status status;

    TRY(status = mem_grow(&model->rules, &model->rule_capacity, model->rule_count + 1,
                          sizeof *model->rules, error));
    struct stated_prior *rule = &model->rules[model->rule_count];
    *rule = (struct stated_prior){
        .selector_place = selector_place, .prior = *prior, .place = place, .stated = true};
    TRY(status = mem_text(&rule->selector, selector, error));
    model->rule_count++;
out:
    return status;
}

mxp_status mxp_model_set_prior(mxp_model *model, const char *selector, const char *prior,
                               mxp_error *error)
{
    const int auxiliary = model_auxiliary_index(model, selector);
    struct prior parsed;

    const mxp_status status = prior_parse(&parsed, prior, nowhere, error);
    if (status != MXP_OK)
        return status;
    const struct stated_prior stated = {.prior = parsed, .stated = true};
    if (strcmp(selector, "weights") == 0)
        model->weights_prior = stated;
    else if (strcmp(selector, "intercept") == 0 || strcmp(selector, "(Intercept)") == 0)
        model->intercept_prior = stated;
    else if (auxiliary >= 0)
        model->auxiliary_prior[auxiliary] = stated;
    else
        return model_add_rule(model, selector, nowhere, &parsed, nowhere, error);
    return MXP_OK;
}

mxp_status mxp_model_set_penalty(mxp_model *model, const char *convention, const char *settings,
                                 mxp_error *error)
{
    struct penalty parsed;
    const mxp_status status = penalty_parse(&parsed, convention, settings, nowhere, error);
    if (status != MXP_OK)
        return status;
    model->penalty = parsed;
    model->has_penalty = true;
    return MXP_OK;
}
