/* What the recipe learns from the rows: levels and polynomials. */
#include "base/mem.h"
#include "data/design_recipe.h"
#include "data/encode_parts.h"
#include "data/levels.h"
#include "data/lexer.h"
#include "data/poly.h"

#include <string.h>

/* A text column of nothing but names or numbers of rows is hardly meant. */
enum { LEVELS_SURE = 10 };

static mxp_status check_levels(const struct recipe *recipe, size_t column, char *const *label,
                               size_t count, size_t rows, mxp_error *error)
{
    const char *source = table_source_name(recipe->table);
    const char *name = mxp_table_name(recipe->table, column);

    if (count < 2)
        return FAIL(error, MXP_DATA, "%s: column \"%s\" has one level, \"%s\"; a factor needs two",
                    source ? source : "table", name, count ? label[0] : "");
    if (count > LEVELS_SURE && count > rows / 2 && !table_is_declared(recipe->table, column) &&
        !recipe_levels(recipe, name))
        return FAIL(error, MXP_DATA,
                    "%s: column \"%s\" is text of %zu levels in %zu rows; leave it out of the "
                    "predictors, or insist with data.types: {%s: categorical}",
                    source ? source : "table", name, count, rows, name);
    return MXP_OK;
}

static mxp_status add_factor(struct encoding *encoding, const struct recipe *recipe,
                             const char *name, const struct selection *selection, mxp_error *error)
{
    const struct design_levels *listed = recipe_levels(recipe, name);
    const size_t column = mxp_table_find(recipe->table, name);
    enum contrast contrast = CONTRAST_TREATMENT;
    char **label = NULL;
    const char **level = NULL;
    uint32_t *code = NULL;
    size_t count = 0;
    mxp_status status;

    TRY(status = levels_find(&label, &count, recipe->table, column, selection,
                             listed ? listed->level : NULL, listed ? listed->levels : 0, error));
    if (listed)
        TRY(status = levels_code(&code, recipe->table, column, selection, label, count,
                                 "is not one of the levels that are listed", error));
    TRY(status = check_levels(recipe, column, label, count, selection->rows, error));
    TRY(status = mem_zeroed(&level, count, sizeof *level, error));
    for (size_t i = 0; i < count; i++)
        level[i] = label[i];
    for (size_t i = 0; i < recipe->request->contrast_count; i++)
        if (strcmp(recipe->request->contrasts[i].column.name, name) == 0)
            contrast = recipe->request->contrasts[i].contrast;
    status = encoding_add_factor(encoding, name, contrast, level, count, error);
out:
    levels_free(label, count);
    free(level);
    free(code);
    return status;
}

/* An expression as text, which reads back as itself. */
static mxp_status write_text(struct str *text, const struct expression *expression,
                             mxp_error *error)
{
    expression_print(text, expression);
    return str_check(text, error);
}

static mxp_status add_poly(struct encoding *encoding, const struct recipe *recipe,
                           const struct formula_variable *variable,
                           const struct selection *selection, mxp_error *error)
{
    struct str text = {0};
    double *x = NULL, alpha[FORMULA_DEGREE_MAX], norm2[FORMULA_DEGREE_MAX + 2];
    mxp_error why = {0};
    mxp_status status;

    TRY(status = write_text(&text, variable->expression, error));
    TRY(status = mem_doubles(&x, selection->rows, 1, error));
    TRY(status = encoding_evaluate(x, variable->expression, selection, recipe->table, error));
    if (!variable->raw) {
        status = poly_fit(alpha, norm2, variable->degree, x, selection->rows, &why);
        if (status != MXP_OK) {
            status = FAIL_AT(error, variable->place, status == MXP_NUMERIC ? MXP_DATA : status,
                             "%s: %s", variable->name, why.message);
            goto out;
        }
    }
    status = encoding_add_poly(encoding, variable->name, text.text, variable->degree,
                               variable->raw ? NULL : alpha, norm2, error);
out:
    str_free(&text);
    free(x);
    return status;
}

static mxp_status add_variable(struct encoding *encoding, const struct recipe *recipe,
                               const struct formula_variable *variable,
                               const struct selection *selection, mxp_error *error)
{
    struct str text = {0};
    mxp_status status;

    if (variable->kind == FORMULA_POLY)
        return add_poly(encoding, recipe, variable, selection, error);
    if (variable->kind == FORMULA_COLUMN) {
        const size_t column = mxp_table_find(recipe->table, variable->name);
        if (recipe->use[column] & SELECTION_LEVELS)
            return add_factor(encoding, recipe, variable->name, selection, error);
        return encoding_add_numeric(encoding, variable->name, error);
    }
    TRY(status = write_text(&text, variable->expression, error));
    status = encoding_add_expression(encoding, variable->name, text.text, error);
out:
    str_free(&text);
    return status;
}

/* index[i]: the recipe's variable i in the encoding, which has those of the terms alone. */
static mxp_status add_terms(struct encoding *encoding, size_t *index, const struct recipe *recipe,
                            const struct selection *selection, mxp_error *error)
{
    const struct formula_terms *terms = &recipe->terms;
    mxp_status status = MXP_OK;

    for (size_t t = 0; t < terms->terms; t++)
        for (size_t i = 0; i < terms->term[t].count; i++)
            index[terms->term[t].variable[i]] = 0;
    for (size_t i = 0; i < terms->variables; i++) {
        if (index[i] == SIZE_MAX)
            continue;
        index[i] = encoding->variables;
        TRY(status = add_variable(encoding, recipe, terms->variable[i], selection, error));
    }
    for (size_t t = 0; t < terms->terms; t++) {
        struct formula_term *term = &terms->term[t];
        size_t *variable = NULL;
        TRY(status = MEM_NEW(&variable, term->count, error));
        for (size_t i = 0; i < term->count; i++)
            variable[i] = index[term->variable[i]];
        status = encoding_add_term(encoding, variable, NULL, term->count, error);
        free(variable);
        TRY(status);
    }
out:
    return status;
}

static mxp_status add_offsets(struct encoding *encoding, const struct recipe *recipe,
                              mxp_error *error)
{
    const struct design_request *request = recipe->request;
    struct str text = {0};
    mxp_status status = MXP_OK;

    if (request->offset.name) {
        lexer_print_name(&text, request->offset.name);
        TRY(status = str_check(&text, error));
        TRY(status = encoding_add_offset(encoding, text.text, error));
    }
    for (size_t i = 0; request->formula && i < request->formula->offsets; i++) {
        text.length = 0;
        TRY(status = write_text(&text, request->formula->offset[i], error));
        TRY(status = encoding_add_offset(encoding, text.text, error));
    }
out:
    str_free(&text);
    return status;
}

mxp_status recipe_encode(struct encoding **encoding, const struct recipe *recipe,
                         const struct selection *selection, mxp_error *error)
{
    const struct design_request *request = recipe->request;
    struct encoding *e = NULL;
    size_t *index = NULL;
    mxp_status status;

    TRY(status = encoding_new(
            &e, !request->no_intercept && (!request->formula || request->formula->intercept),
            error));
    TRY(status = MEM_NEW(&index, recipe->terms.variables, error));
    for (size_t i = 0; i < recipe->terms.variables; i++)
        index[i] = SIZE_MAX;
    TRY(status = add_terms(e, index, recipe, selection, error));
    TRY(status = add_offsets(e, recipe, error));
    TRY(status = encoding_finish(e, error));
    *encoding = e;
    e = NULL;
out:
    encoding_free(e);
    free(index);
    return status;
}
