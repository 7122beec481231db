/* What a model says about several coefficients at once: groups and linear constraints. */
#include "base/mem.h"
#include "model/model.h"

#include <string.h>

static const struct place nowhere = {NULL, 0, 0};

void model_free_groups(struct mxp_model *model)
{
    for (size_t i = 0; i < model->group_count; i++) {
        struct model_group *group = &model->groups[i];
        for (size_t t = 0; t < group->count; t++)
            free(group->term[t].name);
        free(group->term);
        for (size_t t = 0; group->matrix_name && t < group->order; t++)
            free(group->matrix_name[t]);
        free(group->matrix_name);
        free(group->source_name);
        free(group->source);
        free(group->matrix);
        free(group->name);
    }
    free(model->groups);
    for (size_t i = 0; i < model->constraint_count; i++)
        free(model->constraints[i].text);
    free(model->constraints);
}

mxp_status model_add_group(struct mxp_model *model, const char *name, const struct joint_spec *spec,
                           struct place place, mxp_error *error)
{
    mxp_status status;

    TRY(status = mem_grow(&model->groups, &model->group_capacity, model->group_count + 1,
                          sizeof *model->groups, error));
    struct model_group *group = &model->groups[model->group_count];
    *group = (struct model_group){.spec = *spec, .place = place};
    TRY(status = mem_text(&group->name, name, error));
    model->group_count++;
out:
    return status;
}

mxp_status model_add_group_term(struct mxp_model *model, const char *term, struct place place,
                                mxp_error *error)
{
    struct model_group *group = &model->groups[model->group_count - 1];
    mxp_status status;

    TRY(status =
            mem_grow(&group->term, &group->capacity, group->count + 1, sizeof *group->term, error));
    group->term[group->count] = (struct named){.place = place};
    TRY(status = mem_text(&group->term[group->count].name, term, error));
    group->count++;
out:
    return status;
}

mxp_status model_set_group_matrix(struct mxp_model *model, const double *matrix, size_t order,
                                  bool precision, mxp_error *error)
{
    struct model_group *group = &model->groups[model->group_count - 1];
    mxp_status status;

    TRY(status = mem_doubles(&group->matrix, order, order, error));
    memcpy(group->matrix, matrix, order * order * sizeof *matrix);
    group->order = order;
    group->precision = precision;
out:
    return status;
}

mxp_status model_set_group_file(struct mxp_model *model, const char *path, char *const *name,
                                mxp_error *error)
{
    struct model_group *group = &model->groups[model->group_count - 1];
    mxp_status status;

    TRY(status = mem_text(&group->source_name, path, error));
    TRY(status = MEM_NEW(&group->source, 1, error));
    *group->source = (struct source){.name = group->source_name, .override = MXP_DATA};
    if (!name)
        return MXP_OK;
    TRY(status = MEM_NEW(&group->matrix_name, group->order, error));
    for (size_t i = 0; i < group->order; i++)
        TRY(status = mem_text(&group->matrix_name[i], name[i], error));
out:
    return status;
}

mxp_status model_add_constraint(struct mxp_model *model, const char *text, struct place place,
                                mxp_error *error)
{
    mxp_status status;

    TRY(status = mem_grow(&model->constraints, &model->constraint_capacity,
                          model->constraint_count + 1, sizeof *model->constraints, error));
    struct model_constraint *constraint = &model->constraints[model->constraint_count];
    *constraint = (struct model_constraint){.place = place};
    TRY(status = mem_text(&constraint->text, text, error));
    model->constraint_count++;
out:
    return status;
}

mxp_status mxp_model_add_group(mxp_model *model, const char *name, const char *const *terms,
                               size_t count, const char *prior, mxp_error *error)
{
    struct joint_spec spec;
    mxp_status status;

    TRY(status = joint_parse(&spec, prior, nowhere, error));
    TRY(status = model_add_group(model, name, &spec, nowhere, error));
    for (size_t i = 0; i < count; i++)
        TRY(status = model_add_group_term(model, terms[i], nowhere, error));
out:
    return status;
}

mxp_status mxp_model_set_group_matrix(mxp_model *model, const double *matrix, size_t order,
                                      int precision, mxp_error *error)
{
    if (model->group_count == 0)
        return FAIL(error, MXP_USAGE, "there is no group yet that could have a matrix");
    if (!(model->groups[model->group_count - 1].spec.row->flags & JOINT_MATRIX))
        return FAIL(error, MXP_USAGE, "the prior %s takes no matrix",
                    model->groups[model->group_count - 1].spec.row->name);
    return model_set_group_matrix(model, matrix, order, precision != 0, error);
}

mxp_status mxp_model_add_constraint(mxp_model *model, const char *constraint, mxp_error *error)
{
    return model_add_constraint(model, constraint, nowhere, error);
}

void mxp_model_set_constraints_standardized(mxp_model *model, int on)
{
    model->constraints_standardized = on != 0;
}
