/* Mappings by column: levels and contrasts of a model, types of a run. */
#include "app/spec_parts.h"
#include "base/mem.h"

#include <string.h>

const char *const spec_types[] = {"numeric", "categorical", NULL};

/* The index of a scalar's text among the names, which end with NULL. */
static mxp_status choose(int *index, const struct yaml_node *node, const char *what,
                         const char *const *names, const char *expected, mxp_error *error)
{
    size_t known = 0;
    const mxp_status status = spec_expect(node, YAML_SCALAR, node->key, expected, error);

    if (status != MXP_OK)
        return status;
    for (; names[known]; known++)
        if (strcmp(names[known], node->text) == 0) {
            *index = (int)known;
            return MXP_OK;
        }
    return spec_unknown(node->place, what, node->text, names, known, error);
}

static mxp_status read_column_levels(struct mxp_model *model, const struct yaml_node *node,
                                     mxp_error *error)
{
    const struct design_name column = {node->key, node->key_place};
    struct design_name *level = NULL;
    mxp_status status;

    TRY(status = spec_expect(node, YAML_SEQUENCE, node->key, "a list of levels such as [low, high]",
                             error));
    if (node->count < 2)
        return FAIL_AT(error, node->place, MXP_CONFIG,
                       "levels of %s: expected two levels or more, found %zu", node->key,
                       node->count);
    TRY(status = MEM_NEW(&level, node->count, error));
    for (size_t i = 0; i < node->count; i++) {
        TRY(status = spec_name(&level[i].name, node->child[i], "a level", error));
        level[i].place = node->child[i]->place;
    }
    status = model_add_levels(model, &column, level, node->count, error);
out:
    free(level);
    return status;
}

mxp_status spec_read_levels(struct mxp_model *model, const struct yaml_node *node, mxp_error *error)
{
    mxp_status status =
        spec_expect(node, YAML_MAPPING, "levels",
                    "a mapping of columns to lists, as in {site: [A, B, C]}", error);

    for (size_t i = 0; status == MXP_OK && i < node->count; i++)
        status = read_column_levels(model, node->child[i], error);
    return status;
}

mxp_status spec_read_contrasts(struct mxp_model *model, const struct yaml_node *node,
                               mxp_error *error)
{
    int contrast = 0;
    mxp_status status = spec_expect(node, YAML_MAPPING, "contrasts",
                                    "a mapping of columns to contrasts, as in {site: sum}", error);

    for (size_t i = 0; status == MXP_OK && i < node->count; i++) {
        const struct yaml_node *one = node->child[i];
        const struct design_name column = {one->key, one->key_place};
        status =
            choose(&contrast, one, "contrast", contrast_names, "treatment, sum or helmert", error);
        if (status == MXP_OK)
            status = model_add_contrast(model, &column, (enum contrast)contrast, error);
    }
    return status;
}

mxp_status spec_read_types(struct data_spec *data, const struct yaml_node *node, mxp_error *error)
{
    mxp_status status;

    TRY(status = spec_expect(node, YAML_MAPPING, "data.types",
                             "a mapping of columns to types, as in {site: categorical}", error));
    TRY(status = MEM_NEW(&data->types, node->count, error));
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *one = node->child[i];
        struct data_type *type = &data->types[i];
        TRY(status = choose(&type->type, one, "type", spec_types, "numeric or categorical", error));
        TRY(status = mem_text(&type->column, one->key, error));
        type->place = one->key_place;
        data->type_count++;
    }
out:
    return status;
}
