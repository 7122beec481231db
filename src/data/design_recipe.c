#include "data/design_recipe.h"

#include "base/mem.h"

#include <string.h>

static mxp_status no_such_column(const mxp_table *table, const struct design_name *wanted,
                                 const char *what, mxp_error *error)
{
    const size_t count = mxp_table_columns(table);
    const char **names = NULL;
    const char *near = NULL;

    if (mem_zeroed(&names, count, sizeof *names, NULL) == MXP_OK) {
        for (size_t i = 0; i < count; i++)
            names[i] = mxp_table_name(table, i);
        near = str_nearest(wanted->name, names, count);
    }
    free(names);
    const char *source = table_source_name(table);
    return FAIL_AT(error, wanted->place, MXP_CONFIG, "%s \"%s\" is no column of %s%s%s%s", what,
                   wanted->name, source ? source : "the table", near ? "; did you mean \"" : "",
                   near ? near : "", near ? "\"?" : "");
}

static mxp_status find_column(size_t *column, const mxp_table *table,
                              const struct design_name *wanted, const char *what, mxp_error *error)
{
    const size_t found = mxp_table_find(table, wanted->name);
    if (found == MXP_NO_COLUMN)
        return no_such_column(table, wanted, what, error);
    *column = found;
    return MXP_OK;
}

/* ---- roles ---- */

static mxp_status claim(const struct recipe *recipe, size_t column,
                        const struct design_name *wanted, const char *role, mxp_error *error)
{
    if (recipe->role[column])
        return FAIL_AT(error, wanted->place, MXP_CONFIG, "column \"%s\" is already %s",
                       wanted->name, recipe->role[column]);
    recipe->role[column] = role;
    return MXP_OK;
}

/* A column with a role of its own; name NULL: there is none. */
static mxp_status add_special(size_t *column, struct recipe *recipe,
                              const struct design_name *wanted, const char *what, const char *role,
                              mxp_error *error)
{
    mxp_status status = MXP_OK;

    *column = MXP_NO_COLUMN;
    if (!wanted->name)
        return MXP_OK;
    TRY(status = find_column(column, recipe->table, wanted, what, error));
    TRY(status = claim(recipe, *column, wanted, role, error));
    recipe->use[*column] |= SELECTION_NUMBER;
out:
    return status;
}

static mxp_status find_roles(struct recipe *recipe, mxp_error *error)
{
    const struct design_request *request = recipe->request;
    size_t offset;
    mxp_status status;

    recipe->response_name = request->formula ? request->formula->response : request->response;
    if (request->trials.name && request->failures.name)
        return FAIL_AT(error, request->failures.place, MXP_CONFIG,
                       "trials and failures are two ways to say the same; give one of them");
    TRY(status = add_special(&recipe->response, recipe, &recipe->response_name, "response",
                             "the response", error));
    if (request->classes && mxp_table_type(recipe->table, recipe->response))
        recipe->use[recipe->response] = SELECTION_LEVELS;
    TRY(status = add_special(&recipe->weights, recipe, &request->weights, "weights column",
                             "the row weights", error));
    TRY(status =
            add_special(&offset, recipe, &request->offset, "offset column", "the offset", error));
    TRY(status = add_special(&recipe->trials, recipe, &request->trials, "trials column",
                             "the number of trials", error));
    TRY(status = add_special(&recipe->failures, recipe, &request->failures, "failures column",
                             "the number of failures", error));
out:
    return status;
}

/* ---- terms ---- */

static bool is_groups(const struct recipe *recipe, size_t column)
{
    const char *groups = recipe->request->groups.name;
    return groups && strcmp(mxp_table_name(recipe->table, column), groups) == 0;
}

/* The columns without a role; that of groups of rows is left to whoever names it. */
static mxp_status list_rest(const char ***names, size_t *count, const struct recipe *recipe,
                            mxp_error *error)
{
    const size_t columns = mxp_table_columns(recipe->table);
    const char **out = NULL;
    const mxp_status status = mem_zeroed(&out, columns, sizeof *out, error);

    if (status != MXP_OK)
        return status;
    *count = 0;
    for (size_t i = 0; i < columns; i++)
        if (!recipe->role[i] && !is_groups(recipe, i))
            out[(*count)++] = mxp_table_name(recipe->table, i);
    *names = out;
    return MXP_OK;
}

/* A term for each column. */
static mxp_status add_predictors(struct formula_terms *terms, const struct design_name *names,
                                 size_t count, mxp_error *error)
{
    mxp_status status;

    TRY(status = mem_zeroed(&terms->variable, count, sizeof *terms->variable, error));
    TRY(status = MEM_NEW(&terms->dot, count, error));
    TRY(status = MEM_NEW(&terms->term, count, error));
    for (size_t i = 0; i < count; i++) {
        struct formula_variable *variable = &terms->dot[terms->dots++];
        *variable = (struct formula_variable){.kind = FORMULA_COLUMN, .place = names[i].place};
        TRY(status = mem_text(&variable->name, names[i].name, error));
        TRY(status = expression_of_column(&variable->expression, &names[i], error));
        terms->variable[terms->variables++] = variable;
        struct formula_term *term = &terms->term[terms->terms++];
        TRY(status = MEM_NEW(&term->variable, 1, error));
        term->variable[0] = i;
        term->count = 1;
    }
out:
    return status;
}

/* The predictors that are listed, or all columns without a role. */
static mxp_status find_predictors(struct recipe *recipe, mxp_error *error)
{
    const struct design_request *request = recipe->request;
    struct design_name *all = NULL;
    const char **rest = NULL;
    size_t count = 0;
    mxp_status status;

    if (request->no_predictors)
        return add_predictors(&recipe->terms, NULL, 0, error);
    for (size_t i = 0; i < request->predictor_count; i++) {
        size_t column = 0;
        TRY(status =
                find_column(&column, recipe->table, &request->predictors[i], "predictor", error));
        TRY(status = claim(recipe, column, &request->predictors[i], "a predictor", error));
    }
    if (request->predictor_count)
        return add_predictors(&recipe->terms, request->predictors, request->predictor_count, error);
    TRY(status = list_rest(&rest, &count, recipe, error));
    TRY(status = MEM_NEW(&all, count, error));
    for (size_t i = 0; i < count; i++)
        all[i].name = rest[i];
    status = add_predictors(&recipe->terms, all, count, error);
out:
    free(rest);
    free(all);
    return status;
}

static mxp_status find_terms(struct recipe *recipe, mxp_error *error)
{
    const char **rest = NULL;
    size_t count = 0;
    mxp_status status;

    if (!recipe->request->formula)
        return find_predictors(recipe, error);
    TRY(status = list_rest(&rest, &count, recipe, error));
    status = formula_expand(&recipe->terms, recipe->request->formula, rest, count, error);
out:
    free(rest);
    return status;
}

/* ---- variables ---- */

const struct design_levels *recipe_levels(const struct recipe *recipe, const char *column)
{
    for (size_t i = 0; i < recipe->request->level_count; i++)
        if (strcmp(recipe->request->levels[i].column.name, column) == 0)
            return &recipe->request->levels[i];
    return NULL;
}

static const struct design_contrast *find_contrast(const struct recipe *recipe, const char *column)
{
    for (size_t i = 0; i < recipe->request->contrast_count; i++)
        if (strcmp(recipe->request->contrasts[i].column.name, column) == 0)
            return &recipe->request->contrasts[i];
    return NULL;
}

static bool is_factor(const struct recipe *recipe, const struct formula_variable *variable)
{
    if (variable->kind != FORMULA_COLUMN)
        return false;
    const size_t column = mxp_table_find(recipe->table, variable->name);
    return mxp_table_type(recipe->table, column) == MXP_COLUMN_CATEGORICAL ||
           recipe_levels(recipe, variable->name) || find_contrast(recipe, variable->name);
}

static mxp_status use_factor(struct recipe *recipe, const struct formula_variable *variable,
                             mxp_error *error)
{
    const size_t column = mxp_table_find(recipe->table, variable->name);
    const char *role = recipe->role[column];

    recipe->use[column] |= SELECTION_LEVELS;
    if (mxp_table_type(recipe->table, column) == MXP_COLUMN_NUMERIC &&
        !recipe_levels(recipe, variable->name))
        recipe->use[column] |= SELECTION_NUMBER;
    if (role && column == recipe->response)
        return FAIL_AT(error, variable->place, MXP_CONFIG, "column \"%s\" is already %s",
                       variable->name, role);
    return MXP_OK;
}

/* The columns of a variable: there, none of them the response or its counts, numbers where
 * arithmetic is done. */
static mxp_status use_variable(struct recipe *recipe, const struct formula_variable *variable,
                               mxp_error *error)
{
    const struct expression *expression = variable->expression;
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < expression_columns(expression); i++) {
        const struct design_name name = expression_column(expression, i);
        size_t column = 0;
        TRY(status = find_column(&column, recipe->table, &name, "predictor", error));
        if (column == recipe->trials || column == recipe->failures) {
            status = FAIL_AT(error, name.place, MXP_CONFIG, "column \"%s\" is already %s",
                             name.name, recipe->role[column]);
            goto out;
        }
        if (is_factor(recipe, variable)) {
            status = use_factor(recipe, variable, error);
            goto out;
        }
        if (mxp_table_type(recipe->table, column) == MXP_COLUMN_CATEGORICAL) {
            status = FAIL_AT(error, name.place, MXP_CONFIG,
                             "column \"%s\" is categorical, and %s takes numbers", name.name,
                             variable->kind == FORMULA_POLY ? "poly()" : "arithmetic");
            goto out;
        }
        recipe->use[column] |= SELECTION_NUMBER;
    }
out:
    return status;
}

static mxp_status use_offsets(struct recipe *recipe, mxp_error *error)
{
    const struct formula *formula = recipe->request->formula;
    mxp_status status = MXP_OK;

    for (size_t i = 0; formula && i < formula->offsets; i++) {
        for (size_t j = 0; j < expression_columns(formula->offset[i]); j++) {
            const struct design_name name = expression_column(formula->offset[i], j);
            size_t column = 0;
            TRY(status = find_column(&column, recipe->table, &name, "offset", error));
            if (column == recipe->response) {
                status = FAIL_AT(error, name.place, MXP_CONFIG, "column \"%s\" is already %s",
                                 name.name, recipe->role[column]);
                goto out;
            }
            recipe->use[column] |= SELECTION_NUMBER;
        }
    }
out:
    return status;
}

/* Flags for the variables that a term holds: `. - x` has an x in no term. */
static mxp_status mark_used(bool **used, const struct formula_terms *terms, mxp_error *error)
{
    bool *flags = NULL;
    const mxp_status status = MEM_NEW(&flags, terms->variables, error);

    if (status != MXP_OK)
        return status;
    for (size_t t = 0; t < terms->terms; t++)
        for (size_t i = 0; i < terms->term[t].count; i++)
            flags[terms->term[t].variable[i]] = true;
    *used = flags;
    return MXP_OK;
}

/* Whether the column is a factor of some term. */
static bool is_used_factor(const struct recipe *recipe, const char *column)
{
    const size_t at = mxp_table_find(recipe->table, column);
    return recipe->use[at] & SELECTION_LEVELS;
}

/* levels: and contrasts: name factors, levels: perhaps the classes of the response. */
static mxp_status check_coding(const struct recipe *recipe, mxp_error *error)
{
    const struct design_request *request = recipe->request;
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < request->level_count + request->contrast_count; i++) {
        const bool levels = i < request->level_count;
        const struct design_name *name = levels
                                             ? &request->levels[i].column
                                             : &request->contrasts[i - request->level_count].column;
        size_t column = 0;
        TRY(status = find_column(&column, recipe->table, name,
                                 levels ? "levels:" : "contrasts:", error));
        if (levels && request->classes && column == recipe->response)
            continue;
        if (column == recipe->response || !is_used_factor(recipe, name->name)) {
            status = FAIL_AT(error, name->place, MXP_CONFIG,
                             "column \"%s\" is no categorical predictor of this model", name->name);
            goto out;
        }
    }
out:
    return status;
}

mxp_status recipe_start(struct recipe *recipe, const mxp_table *table,
                        const struct design_request *request, mxp_error *error)
{
    const size_t columns = mxp_table_columns(table);
    bool *used = NULL;
    mxp_status status;

    *recipe = (struct recipe){.table = table, .request = request};
    TRY(status = mem_zeroed(&recipe->role, columns, sizeof *recipe->role, error));
    TRY(status = MEM_NEW(&recipe->use, columns, error));
    TRY(status = find_roles(recipe, error));
    TRY(status = find_terms(recipe, error));
    TRY(status = mark_used(&used, &recipe->terms, error));
    for (size_t i = 0; i < recipe->terms.variables; i++)
        if (used[i])
            TRY(status = use_variable(recipe, recipe->terms.variable[i], error));
    TRY(status = use_offsets(recipe, error));
    TRY(status = check_coding(recipe, error));
out:
    free(used);
    return status;
}

void recipe_clear(struct recipe *recipe)
{
    free(recipe->role);
    free(recipe->use);
    formula_terms_free(&recipe->terms);
    *recipe = (struct recipe){0};
}
