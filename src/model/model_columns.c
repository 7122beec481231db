/* What a model says about columns: its formula, counts of trials, levels and their coding. */
#include "base/mem.h"
#include "base/str.h"
#include "model/model.h"

#include <string.h>

static const struct place nowhere = {NULL, 0, 0};

mxp_status model_name(struct named *named, const char *name, struct place place, mxp_error *error)
{
    char *copy = NULL;

    if (name) {
        const mxp_status status = mem_text(&copy, name, error);
        if (status != MXP_OK)
            return status;
    }
    free(named->name);
    *named = (struct named){copy, place};
    return MXP_OK;
}

mxp_status model_set_formula(struct mxp_model *model, const char *text, struct place place,
                             mxp_error *error)
{
    struct formula *formula = NULL;
    mxp_status status;

    TRY(status = formula_new(&formula, text, place, error));
    TRY(status =
            model_name(&model->response, formula->response.name, formula->response.place, error));
    model_clear_predictors(model);
    formula_free(model->formula);
    model->formula = formula;
    model->intercept = model->intercept && formula->intercept;
    formula = NULL;
out:
    formula_free(formula);
    return status;
}

mxp_status mxp_model_set_formula(mxp_model *model, const char *formula, mxp_error *error)
{
    return model_set_formula(model, formula, nowhere, error);
}

mxp_status mxp_model_set_trials(mxp_model *model, const char *column, mxp_error *error)
{
    return model_name(&model->trials, column, nowhere, error);
}

mxp_status mxp_model_set_failures(mxp_model *model, const char *column, mxp_error *error)
{
    return model_name(&model->failures, column, nowhere, error);
}

mxp_status mxp_model_set_reference(mxp_model *model, const char *level, mxp_error *error)
{
    return model_name(&model->reference, level, nowhere, error);
}

void mxp_model_set_symmetric(mxp_model *model, int on)
{
    model->symmetric = on != 0;
}

/* ---- levels ---- */

static void clear_levels(struct model_levels *levels)
{
    for (size_t l = 0; l < levels->count; l++)
        free(levels->level[l].name);
    free(levels->level);
    free(levels->column.name);
    *levels = (struct model_levels){0};
}

void model_free_factors(struct mxp_model *model)
{
    for (size_t i = 0; i < model->level_count; i++)
        clear_levels(&model->levels[i]);
    free(model->levels);
    for (size_t i = 0; i < model->contrast_count; i++)
        free(model->contrasts[i].column.name);
    free(model->contrasts);
}

static mxp_status check_levels(const struct design_name *column, const struct design_name *level,
                               size_t count, mxp_error *error)
{
    if (count < 2)
        return FAIL_AT(error, count ? level[0].place : column->place, MXP_CONFIG,
                       "levels of %s: expected two levels or more, found %zu", column->name, count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(level[i].name, level[j].name) == 0)
                return FAIL_AT(error, level[i].place, MXP_CONFIG,
                               "levels of %s: \"%s\" is listed twice", column->name, level[i].name);
    return MXP_OK;
}

/* The slot of the column, or a new one. */
static mxp_status levels_slot(struct model_levels **slot, struct mxp_model *model,
                              const char *column, mxp_error *error)
{
    for (size_t i = 0; i < model->level_count; i++)
        if (strcmp(model->levels[i].column.name, column) == 0) {
            *slot = &model->levels[i];
            return MXP_OK;
        }
    const mxp_status status = mem_grow(&model->levels, &model->level_capacity,
                                       model->level_count + 1, sizeof *model->levels, error);
    if (status != MXP_OK)
        return status;
    *slot = &model->levels[model->level_count++];
    **slot = (struct model_levels){0};
    return MXP_OK;
}

mxp_status model_add_levels(struct mxp_model *model, const struct design_name *column,
                            const struct design_name *level, size_t count, mxp_error *error)
{
    struct model_levels fresh = {0}, *slot = NULL;
    mxp_status status;

    TRY(status = check_levels(column, level, count, error));
    TRY(status = model_name(&fresh.column, column->name, column->place, error));
    TRY(status = MEM_NEW(&fresh.level, count, error));
    for (; fresh.count < count; fresh.count++)
        TRY(status = model_name(&fresh.level[fresh.count], level[fresh.count].name,
                                level[fresh.count].place, error));
    TRY(status = levels_slot(&slot, model, column->name, error));
    clear_levels(slot);
    *slot = fresh;
    fresh = (struct model_levels){0};
out:
    clear_levels(&fresh);
    return status;
}

mxp_status mxp_model_set_levels(mxp_model *model, const char *column, const char *const *levels,
                                size_t count, mxp_error *error)
{
    const struct design_name name = {column, nowhere};
    struct design_name *level = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&level, count, error));
    for (size_t i = 0; i < count; i++)
        level[i].name = levels[i];
    status = model_add_levels(model, &name, level, count, error);
out:
    free(level);
    return status;
}

/* ---- contrasts ---- */

mxp_status model_add_contrast(struct mxp_model *model, const struct design_name *column,
                              enum contrast contrast, mxp_error *error)
{
    struct model_contrast fresh = {.contrast = contrast};
    mxp_status status;

    for (size_t i = 0; i < model->contrast_count; i++)
        if (strcmp(model->contrasts[i].column.name, column->name) == 0) {
            model->contrasts[i].contrast = contrast;
            return MXP_OK;
        }
    TRY(status = mem_grow(&model->contrasts, &model->contrast_capacity, model->contrast_count + 1,
                          sizeof *model->contrasts, error));
    TRY(status = model_name(&fresh.column, column->name, column->place, error));
    model->contrasts[model->contrast_count++] = fresh;
out:
    return status;
}

mxp_status mxp_model_set_contrast(mxp_model *model, const char *column, const char *contrast,
                                  mxp_error *error)
{
    const struct design_name name = {column, nowhere};
    size_t known = 0;

    for (; contrast_names[known]; known++)
        if (strcmp(contrast_names[known], contrast) == 0)
            return model_add_contrast(model, &name, (enum contrast)known, error);
    const char *near = str_nearest(contrast, contrast_names, known);
    return FAIL(error, MXP_CONFIG, "unknown contrast \"%s\"%s%s%s", contrast,
                near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}
