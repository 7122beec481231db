/* The recipe of the columns, from fit.json. */
#include "app/fit_file.h"
#include "base/mem.h"
#include "data/formula.h"

#include <stdint.h>
#include <string.h>

/* The recipe's own complaint, at the node that made it. */
static mxp_status blame(const struct document_node *node, mxp_status status, const mxp_error *why,
                        mxp_error *error)
{
    if (status == MXP_OK || status == MXP_MEMORY)
        return status == MXP_OK ? status : FAIL(error, status, "%s", why->message);
    return document_fail(node, error, "%s", why->message);
}

static mxp_status add_poly(struct encoding *encoding, const struct document_node *node,
                           const char *name, const char *text, mxp_error *error)
{
    double *alpha = NULL, *norm2 = NULL;
    size_t degree = 0;
    bool raw = true;
    mxp_error why = {0};
    mxp_status status;

    TRY(status = document_count(&degree, node, "degree", FORMULA_DEGREE_MAX, error));
    TRY(status = document_boolean(&raw, node, "raw", error));
    if (!raw) {
        TRY(status = document_numbers(&alpha, node, "alpha", degree, false, error));
        TRY(status = document_numbers(&norm2, node, "norm2", degree + 2, false, error));
    }
    for (size_t i = 0; norm2 && i < degree + 2; i++)
        if (!(norm2[i] > 0.0)) {
            status = document_fail(node, error, "norm2[%zu] = %g is not above 0", i, norm2[i]);
            goto out;
        }
    status = encoding_add_poly(encoding, name, text, degree, alpha, norm2, &why);
    status = blame(node, status, &why, error);
out:
    free(alpha);
    free(norm2);
    return status;
}

static mxp_status add_factor(struct encoding *encoding, const struct document_node *node,
                             const char *name, mxp_error *error)
{
    struct column_text known = {0};
    const char **level = NULL;
    size_t contrast = 0, levels = 0;
    mxp_error why = {0};
    mxp_status status;

    TRY(status = document_choice(&contrast, node, "contrast", contrast_names, error));
    TRY(status = document_texts(&level, &levels, node, "levels", false, error));
    for (size_t i = 0; i < levels; i++) {
        TRY(status = column_text_add(&known, i, level[i], strlen(level[i]), error));
        if (known.count <= i) {
            status = document_fail(node, error, "the level \"%.80s\" is there twice", level[i]);
            goto out;
        }
    }
    status = encoding_add_factor(encoding, name, (enum contrast)contrast, level, levels, &why);
    status = blame(node, status, &why, error);
out:
    column_text_free(&known);
    free(level);
    return status;
}

static mxp_status add_variable(struct encoding *encoding, const struct document_node *node,
                               mxp_error *error)
{
    const char *name = NULL, *text = NULL;
    size_t kind = 0;
    mxp_error why = {0};
    mxp_status status;

    TRY(status = document_text(&name, node, "name", false, error));
    TRY(status = document_choice(&kind, node, "kind", encoding_kinds, error));
    if (kind == ENCODING_EXPRESSION || kind == ENCODING_POLY)
        TRY(status = document_text(&text, node, "expression", false, error));
    switch (kind) {
    case ENCODING_FACTOR:
        return add_factor(encoding, node, name, error);
    case ENCODING_POLY:
        return add_poly(encoding, node, name, text, error);
    case ENCODING_EXPRESSION:
        status = encoding_add_expression(encoding, name, text, &why);
        break;
    default:
        status = encoding_add_numeric(encoding, name, &why);
        break;
    }
    status = blame(node, status, &why, error);
out:
    return status;
}

/* Ascending, each once. */
static mxp_status check_product(const struct document_node *node, const size_t *variable,
                                size_t count, mxp_error *error)
{
    if (count == 0)
        return document_fail(node, error, "a term without variables");
    for (size_t i = 1; i < count; i++)
        if (variable[i] <= variable[i - 1])
            return document_fail(node, error, "the variables of a term are not in order");
    return MXP_OK;
}

static mxp_status add_term(struct encoding *encoding, const struct document_node *node,
                           mxp_error *error)
{
    size_t *variable = NULL, *full = NULL, count = 0, fulls = 0;
    bool *flag = NULL;
    mxp_status status;

    TRY(status = document_indices(&variable, &count, node, "variables", encoding->variables, false,
                                  error));
    TRY(status = document_indices(&full, &fulls, node, "full", encoding->variables, false, error));
    TRY(status = check_product(node, variable, count, error));
    TRY(status = MEM_NEW(&flag, count, error));
    for (size_t f = 0; f < fulls; f++) {
        size_t i = 0;
        while (i < count && variable[i] != full[f])
            i++;
        if (i == count || encoding->variable[full[f]].kind != ENCODING_FACTOR) {
            status = document_fail(node, error, "full names %zu, no factor of the term", full[f]);
            goto out;
        }
        flag[i] = true;
    }
    status = encoding_add_term(encoding, variable, flag, count, error);
out:
    free(variable);
    free(full);
    free(flag);
    return status;
}

static mxp_status add_offset(struct encoding *encoding, const struct document_node *offsets,
                             size_t i, const char *text, mxp_error *error)
{
    struct document_node node = {0};
    mxp_error why = {0};
    mxp_status status;

    TRY(status = document_item(&node, offsets, i, DOCUMENT_TEXT, error));
    status = encoding_add_offset(encoding, text, &why);
    status = blame(&node, status, &why, error);
out:
    return status;
}

/* The three lists. */
static mxp_status add_parts(struct encoding *encoding, const struct document_node *node,
                            mxp_error *error)
{
    struct document_node list = {0}, item = {0};
    const char **offset = NULL;
    size_t offsets = 0;
    mxp_status status;

    TRY(status = document_member(&list, node, "variables", DOCUMENT_ARRAY, error));
    for (size_t i = 0; i < document_size(&list); i++) {
        TRY(status = document_item(&item, &list, i, DOCUMENT_OBJECT, error));
        TRY(status = add_variable(encoding, &item, error));
    }
    TRY(status = document_member(&list, node, "terms", DOCUMENT_ARRAY, error));
    for (size_t i = 0; i < document_size(&list); i++) {
        TRY(status = document_item(&item, &list, i, DOCUMENT_OBJECT, error));
        TRY(status = add_term(encoding, &item, error));
    }
    TRY(status = document_member(&list, node, "offsets", DOCUMENT_ARRAY, error));
    TRY(status = document_texts(&offset, &offsets, node, "offsets", false, error));
    for (size_t i = 0; i < offsets; i++)
        TRY(status = add_offset(encoding, &list, i, offset[i], error));
out:
    free(offset);
    return status;
}

/* The recipe makes the columns that the fit had. */
static mxp_status check_columns(const struct encoding *encoding, const struct document_node *node,
                                mxp_error *error)
{
    const char **name = NULL;
    size_t count = 0;
    mxp_status status;

    TRY(status = document_texts(&name, &count, node, "columns", false, error));
    if (count != encoding->columns) {
        status = document_fail(node, error, "%zu columns are named, and the terms make %zu", count,
                               encoding->columns);
        goto out;
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(name[i], encoding->name[i]) != 0) {
            status = document_fail(node, error,
                                   "columns[%zu] is \"%.80s\", and the terms make \"%.80s\"", i,
                                   name[i], encoding->name[i]);
            goto out;
        }
out:
    free(name);
    return status;
}

mxp_status fit_file_recipe(struct encoding **encoding, const struct document_node *node,
                           mxp_error *error)
{
    struct encoding *e = NULL;
    bool intercept = false;
    mxp_error why = {0};
    mxp_status status;

    TRY(status = document_boolean(&intercept, node, "intercept", error));
    TRY(status = encoding_new(&e, intercept, error));
    TRY(status = add_parts(e, node, error));
    status = encoding_finish(e, &why);
    TRY(status = blame(node, status, &why, error));
    TRY(status = check_columns(e, node, error));
    *encoding = e;
    e = NULL;
out:
    encoding_free(e);
    return status;
}
