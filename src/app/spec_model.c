#include "app/spec_parts.h"
#include "base/mem.h"

#include <string.h>

/* The model for the response that is named. */
static mxp_status read_response(struct mxp_model **model, const struct yaml_node *node,
                                mxp_error *error)
{
    const char *name;

    mxp_status status = spec_name(&name, node, "response", error);
    if (status == MXP_OK)
        status = mxp_model_new(model, name, error);
    if (status == MXP_OK)
        (*model)->response.place = node->place;
    return status;
}

/* Whether --set gave the key. */
static bool set_later(const struct yaml_node *node)
{
    return node->key_place.source && node->key_place.source->override != MXP_OK;
}

/* The model of a formula, which says all of response and predictors. */
static mxp_status read_formula(struct mxp_model **model, const struct yaml_node *root,
                               const struct yaml_node *node, mxp_error *error)
{
    static const char *const others[] = {"response", "predictors"};
    struct mxp_model *m = NULL;
    const char *text;
    mxp_status status;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const struct yaml_node *other = yaml_get(root, others[i]);
        if (other)
            return FAIL_AT(error, set_later(node) ? node->key_place : other->key_place, MXP_CONFIG,
                           "a model has a formula or %s, not both; the formula names the response "
                           "and the predictors",
                           others[i]);
    }
    TRY(status = spec_expect(node, YAML_SCALAR, "formula", "a formula such as y ~ a + b", error));
    TRY(status = spec_name(&text, node, "formula", error));
    TRY(status = mxp_model_new(&m, "", error));
    TRY(status = model_set_formula(m, text, yaml_place_in(node, 0), error));
    *model = m;
    m = NULL;
out:
    mxp_model_free(m);
    return status;
}

/* The model, with what it explains. */
static mxp_status start_model(struct mxp_model **model, const struct yaml_node *root,
                              mxp_error *error)
{
    const struct yaml_node *response = yaml_get(root, "response");
    const struct yaml_node *formula = yaml_get(root, "formula");

    if (formula)
        return read_formula(model, root, formula, error);
    if (response)
        return read_response(model, response, error);
    return FAIL_AT(error, root->place, MXP_CONFIG,
                   "the model has no response; add response: COLUMN, or a formula");
}

static mxp_status read_predictors(struct mxp_model *model, const struct yaml_node *node,
                                  mxp_error *error)
{
    static const char *const expected = "all, or a list of columns such as [age, bmi]";
    const char *name;

    if (node->kind == YAML_SCALAR && strcmp(node->text, "all") == 0)
        return MXP_OK;
    mxp_status status = spec_expect(node, YAML_SEQUENCE, "predictors", expected, error);
    if (status == MXP_OK && node->count == 0)
        status = FAIL_AT(error, node->place, MXP_CONFIG, "predictors is an empty list; expected %s",
                         expected);
    for (size_t i = 0; status == MXP_OK && i < node->count; i++) {
        status = spec_name(&name, node->child[i], "predictors", error);
        if (status == MXP_OK)
            status = model_add_predictor(model, name, node->child[i]->place, error);
    }
    return status;
}

static mxp_status state(struct stated_prior *stated, const struct yaml_node *node, mxp_error *error)
{
    const mxp_status status = spec_read_prior(&stated->prior, node, error);
    if (status == MXP_OK) {
        stated->stated = true;
        stated->place = node->place;
    }
    return status;
}

static mxp_status read_coefficient(struct mxp_model *model, const char *key,
                                   const struct yaml_node *node, mxp_error *error)
{
    const bool intercept = strcmp(key, "prior.intercept") == 0;
    return state(intercept ? &model->intercept_prior : &model->weights_prior, node, error);
}

static mxp_status read_auxiliary_prior(struct mxp_model *model, const struct yaml_node *node,
                                       mxp_error *error)
{
    const int index = model_auxiliary_index(model, node->key);
    if (index < 0)
        return FAIL_AT(error, node->key_place, MXP_CONFIG,
                       "a prior on %s, but the family %s has no such parameter", node->key,
                       model->family->name);
    return state(&model->auxiliary_prior[index], node, error);
}

static mxp_status read_terms(struct mxp_model *model, const struct yaml_node *node,
                             mxp_error *error)
{
    struct prior prior;
    mxp_status status = spec_expect(node, YAML_MAPPING, "prior.terms",
                                    "a mapping of columns or globs to priors", error);

    for (size_t i = 0; status == MXP_OK && i < node->count; i++) {
        const struct yaml_node *rule = node->child[i];
        status = spec_read_prior(&prior, rule, error);
        if (status == MXP_OK)
            status = model_add_rule(model, rule->key, rule->key_place, &prior, rule->place, error);
    }
    return status;
}

/* Copies a text of the file into an argument. */
static mxp_status copy(char into[ARGUMENT_TEXT], const char *text, struct place place,
                       mxp_error *error)
{
    if (strlen(text) >= ARGUMENT_TEXT)
        return FAIL_AT(error, place, MXP_CONFIG, "\"%.20s...\" is too long for a penalty", text);
    memcpy(into, text, strlen(text) + 1);
    return MXP_OK;
}

/* The keys of a penalty but its convention. */
static mxp_status penalty_settings(struct arguments *settings, const struct yaml_node *node,
                                   mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (size_t i = 0; status == MXP_OK && i < node->count; i++) {
        const struct yaml_node *one = node->child[i];
        if (strcmp(one->key, "convention") == 0)
            continue;
        if (settings->count == ARGUMENTS_MAX)
            return FAIL_AT(error, one->key_place, MXP_CONFIG, "a penalty has at most %d keys",
                           ARGUMENTS_MAX);
        struct argument *argument = &settings->list[settings->count++];
        argument->name_at = one->key_place;
        argument->value_at = one->place;
        TRY(status = spec_expect(one, YAML_SCALAR, one->key, "a number or a word", error));
        TRY(status = copy(argument->name, one->key, one->key_place, error));
        TRY(status = copy(argument->value, one->text, one->place, error));
    }
out:
    return status;
}

static mxp_status read_penalty(struct mxp_model *model, const struct yaml_node *node,
                               mxp_error *error)
{
    static const char *const expected = "a mapping such as {convention: glmnet, lambda: 0.1}";
    struct arguments settings = {0};
    const char *convention;
    mxp_status status;

    TRY(status = spec_expect(node, YAML_MAPPING, "penalty", expected, error));
    const struct yaml_node *name = yaml_get(node, "convention");
    if (!name)
        return FAIL_AT(error, node->place, MXP_CONFIG, "penalty has no convention; expected %s",
                       expected);
    TRY(status = spec_name(&convention, name, "penalty.convention", error));
    TRY(status = penalty_settings(&settings, node, error));
    TRY(status = penalty_fill(&model->penalty, convention, name->place, &settings, error));
    model->has_penalty = true;
    model->penalty_place = node->place;
out:
    return status;
}

static mxp_status read_key(struct mxp_model *model, const struct spec_key *key,
                           const struct yaml_node *node, mxp_error *error)
{
    switch (key->shape) {
    case SPEC_PREDICTORS:
        return read_predictors(model, node, error);
    case SPEC_FAMILY:
        return spec_read_family(model, node, error);
    case SPEC_LINK:
        return spec_read_link(model, node, error);
    case SPEC_LEVELS:
        return spec_read_levels(model, node, error);
    case SPEC_CONTRASTS:
        return spec_read_contrasts(model, node, error);
    case SPEC_COEFFICIENT:
        return read_coefficient(model, key->option.key, node, error);
    case SPEC_AUXILIARY:
        return read_auxiliary_prior(model, node, error);
    case SPEC_GROUPS:
        return spec_read_groups(model, node, error);
    case SPEC_CONSTRAINTS:
        return spec_read_constraints(model, node, error);
    case SPEC_TERMS:
        return read_terms(model, node, error);
    case SPEC_PENALTY:
        return read_penalty(model, node, error);
    default:
        return MXP_OK;
    }
}

static mxp_status read_options(struct mxp_model *model, const struct yaml_node *root,
                               mxp_error *error)
{
    struct model_options options = {0};
    const mxp_status status = spec_read_options(&options, &spec_model_table, root, error);

    if (status != MXP_OK)
        return status;
    if (options.intercept_place.source)
        model->intercept = options.intercept;
    model->intercept_place = options.intercept_place;
    model->standardize = options.standardize;
    model->constraints_standardized = options.constraints_on == 1;
    model->mode_natural = options.mode_on == 1;
    model->scale_by_noise = options.scale_by_noise;
    model->scale_by_noise_place = options.scale_by_noise_place;
    if (options.name) {
        free(model->name);
        model->name = options.name;
    }
    return MXP_OK;
}

mxp_status spec_read_model(mxp_model **model, const struct yaml_node *root, mxp_error *error)
{
    mxp_status status;
    struct mxp_model *m = NULL;

    TRY(status = spec_check_keys(&spec_model_table, root, error));
    TRY(status = spec_check_language(root, error));
    TRY(status = start_model(&m, root, error));
    TRY(status = read_options(m, root, error));
    for (size_t i = 0; i < spec_model_table.count; i++) {
        const struct spec_key *key = &spec_model_table.keys[i];
        const struct yaml_node *node = spec_find(root, key->option.key);
        if (node)
            TRY(status = read_key(m, key, node, error));
    }
    TRY(status = model_check(m, error));
    *model = m;
    m = NULL;
out:
    mxp_model_free(m);
    return status;
}
