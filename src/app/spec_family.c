/* The family of a model: its name, its auxiliary parameters, the columns and codings of some. */
#include "app/spec_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_LIMIT = 64 };

const char *const spec_codings[] = {"reference", "symmetric", NULL};

/* The keys beside the name and the auxiliary parameters, and who has them. */
static const struct {
    const char *key;
    enum family_response response;
} own_keys[] = {
    {"trials", RESPONSE_TRIALS},
    {"failures", RESPONSE_TRIALS},
    {"coding", RESPONSE_CLASS},
    {"reference", RESPONSE_CLASS},
};
enum { OWN_KEYS = sizeof own_keys / sizeof *own_keys };

static mxp_status find_family(struct mxp_model *model, const struct yaml_node *node,
                              mxp_error *error)
{
    const char *known[NAMES_LIMIT], *name;
    size_t count = 0;

    mxp_status status = spec_name(&name, node, "family", error);
    if (status != MXP_OK)
        return status;
    model->family_place = node->place;
    if (family_find(name))
        return mxp_model_set_family(model, name, error);
    for (; family_table[count] && count < NAMES_LIMIT; count++)
        known[count] = family_table[count]->name;
    return spec_unknown(node->place, "family", name, known, count, error);
}

/* A number above 0, or estimate where that can be done. */
static mxp_status read_auxiliary(struct mxp_model *model, size_t index,
                                 const struct yaml_node *node, mxp_error *error)
{
    const bool estimable = model->family->auxiliary[index].estimable;
    const char *expected = estimable ? "a number or estimate" : "a number; it is not estimated";
    double value;

    const mxp_status status = spec_expect(node, YAML_SCALAR, node->key, expected, error);
    if (status != MXP_OK)
        return status;
    if (estimable && strcmp(node->text, "estimate") == 0) {
        model->auxiliary[index] = NAN;
        return MXP_OK;
    }
    if (yaml_number(&value, node, NULL) != MXP_OK)
        return FAIL_AT(error, node->place, MXP_CONFIG, "%s = %s: expected %s", node->key,
                       node->text, expected);
    if (!(value > 0.0) || !isfinite(value))
        return FAIL_AT(error, node->place, MXP_CONFIG, "%s = %s is outside (0, inf)", node->key,
                       node->text);
    model->auxiliary[index] = value;
    return MXP_OK;
}

static mxp_status read_coding(struct mxp_model *model, const struct yaml_node *node,
                              mxp_error *error)
{
    size_t known = 0;

    const mxp_status status =
        spec_expect(node, YAML_SCALAR, "coding", "reference or symmetric", error);
    if (status != MXP_OK)
        return status;
    for (; spec_codings[known]; known++)
        if (strcmp(spec_codings[known], node->text) == 0) {
            model->symmetric = known == 1;
            model->symmetric_place = node->place;
            return MXP_OK;
        }
    return spec_unknown(node->place, "coding", node->text, spec_codings, known, error);
}

/* A key that only some families have. */
static mxp_status read_own(struct mxp_model *model, const struct yaml_node *node, mxp_error *error)
{
    const char *name;

    if (strcmp(node->key, "coding") == 0)
        return read_coding(model, node, error);
    struct named *named = strcmp(node->key, "trials") == 0     ? &model->trials
                          : strcmp(node->key, "failures") == 0 ? &model->failures
                                                               : &model->reference;
    const mxp_status status = spec_name(&name, node, node->key, error);
    return status == MXP_OK ? model_name(named, name, node->place, error) : status;
}

/* A key that belongs to another family: FAIL_AT that says to which, else the nearest. */
static mxp_status refuse_key(const struct mxp_model *model, const struct yaml_node *node,
                             mxp_error *error)
{
    const char *known[FAMILY_AUX_MAX + OWN_KEYS + 1] = {"name"};
    const struct family *family = model->family;
    size_t count = 1;

    for (size_t f = 0; family_table[f]; f++)
        for (size_t i = 0; i < OWN_KEYS; i++)
            if (family_table[f]->response == own_keys[i].response &&
                strcmp(own_keys[i].key, node->key) == 0)
                return FAIL_AT(error, node->key_place, MXP_CONFIG,
                               "%s belongs to the family %s; %s takes none", node->key,
                               family_table[f]->name, family->name);
    for (size_t i = 0; i < family->auxiliary_count; i++)
        known[count++] = family->auxiliary[i].name;
    for (size_t i = 0; i < OWN_KEYS; i++)
        if (family->response == own_keys[i].response)
            known[count++] = own_keys[i].key;
    return spec_unknown(node->key_place, "key of family", node->key, known, count, error);
}

static mxp_status read_setting(struct mxp_model *model, const struct yaml_node *node,
                               mxp_error *error)
{
    const int index = model_auxiliary_index(model, node->key);

    if (index >= 0)
        return read_auxiliary(model, (size_t)index, node, error);
    for (size_t i = 0; i < OWN_KEYS; i++)
        if (model->family->response == own_keys[i].response &&
            strcmp(own_keys[i].key, node->key) == 0)
            return read_own(model, node, error);
    return refuse_key(model, node, error);
}

mxp_status spec_read_family(struct mxp_model *model, const struct yaml_node *node, mxp_error *error)
{
    static const char *const expected = "a family, or {name: gaussian, noise_sd: 1}";

    if (node->kind == YAML_SCALAR)
        return find_family(model, node, error);
    mxp_status status = spec_expect(node, YAML_MAPPING, "family", expected, error);
    if (status != MXP_OK)
        return status;
    const struct yaml_node *name = yaml_get(node, "name");
    if (!name)
        return FAIL_AT(error, node->place, MXP_CONFIG, "family has no name; expected %s", expected);
    status = find_family(model, name, error);
    for (size_t i = 0; status == MXP_OK && i < node->count; i++)
        if (node->child[i] != name)
            status = read_setting(model, node->child[i], error);
    return status;
}

mxp_status spec_read_link(struct mxp_model *model, const struct yaml_node *node, mxp_error *error)
{
    const char *const *links = model->family->links, *name;
    char what[NAMES_LIMIT];
    size_t count = 0;

    mxp_status status = spec_name(&name, node, "link", error);
    if (status != MXP_OK)
        return status;
    const int index = family_link(model->family, name);
    if (index >= 0) {
        model->link = (size_t)index;
        return MXP_OK;
    }
    while (links[count])
        count++;
    (void)snprintf(what, sizeof what, "link of %s", model->family->name);
    return spec_unknown(node->place, what, name, links, count, error);
}
