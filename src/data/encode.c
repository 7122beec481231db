#include "data/encode.h"

#include "base/mem.h"
#include "data/encode_parts.h"
#include "data/formula.h"

#include <string.h>

const char *const contrast_names[] = {"treatment", "sum", "helmert", NULL};
const char *const encoding_kinds[] = {"numeric", "expression", "poly", "factor", NULL};

mxp_status encoding_new(struct encoding **encoding, bool intercept, mxp_error *error)
{
    struct encoding *e = NULL;
    const mxp_status status = MEM_NEW(&e, 1, error);
    if (status != MXP_OK)
        return status;
    e->intercept = intercept;
    *encoding = e;
    return MXP_OK;
}

static void free_variable(struct encoding_variable *v)
{
    free(v->name);
    expression_free(v->expression);
    free(v->alpha);
    free(v->norm2);
    for (size_t i = 0; v->level && i < v->levels; i++)
        free(v->level[i]);
    free(v->level);
}

void encoding_free(struct encoding *encoding)
{
    if (!encoding)
        return;
    for (size_t i = 0; i < encoding->variables; i++)
        free_variable(&encoding->variable[i]);
    for (size_t i = 0; i < encoding->terms; i++) {
        free(encoding->term[i].variable);
        free(encoding->term[i].full);
    }
    for (size_t i = 0; i < encoding->offsets; i++)
        expression_free(encoding->offset[i]);
    for (size_t i = 0; encoding->name && i < encoding->columns; i++)
        free(encoding->name[i]);
    free(encoding->variable);
    free(encoding->term);
    free(encoding->offset);
    free(encoding->name);
    free(encoding);
}

/* ---- variables ---- */

/* A new variable of that name, the last; on failure there may be an empty one more. */
static mxp_status add_variable(struct encoding_variable **variable, struct encoding *encoding,
                               enum encoding_kind kind, const char *name, mxp_error *error)
{
    mxp_status status;

    TRY(status = mem_grow(&encoding->variable, &encoding->variable_capacity,
                          encoding->variables + 1, sizeof *encoding->variable, error));
    struct encoding_variable *v = &encoding->variable[encoding->variables++];
    *v = (struct encoding_variable){.kind = kind};
    TRY(status = mem_text(&v->name, name, error));
    *variable = v;
out:
    return status;
}

mxp_status encoding_add_numeric(struct encoding *encoding, const char *column, mxp_error *error)
{
    struct encoding_variable *v;
    return add_variable(&v, encoding, ENCODING_NUMERIC, column, error);
}

mxp_status encoding_add_expression(struct encoding *encoding, const char *name, const char *text,
                                   mxp_error *error)
{
    struct encoding_variable *v = NULL;
    mxp_status status;

    TRY(status = add_variable(&v, encoding, ENCODING_EXPRESSION, name, error));
    status = expression_new(&v->expression, text, (struct place){0}, error);
out:
    return status;
}

mxp_status encoding_add_poly(struct encoding *encoding, const char *name, const char *text,
                             size_t degree, const double *alpha, const double *norm2,
                             mxp_error *error)
{
    struct encoding_variable *v = NULL;
    mxp_status status;

    if (degree == 0 || degree > FORMULA_DEGREE_MAX)
        return FAIL(error, MXP_DATA, "\"%s\" in the encoding has the degree %zu", name, degree);
    TRY(status = add_variable(&v, encoding, ENCODING_POLY, name, error));
    v->degree = degree;
    v->raw = !alpha || !norm2;
    TRY(status = expression_new(&v->expression, text, (struct place){0}, error));
    if (!alpha || !norm2)
        goto out;
    TRY(status = mem_doubles(&v->alpha, degree, 1, error));
    TRY(status = mem_doubles(&v->norm2, degree + 2, 1, error));
    memcpy(v->alpha, alpha, degree * sizeof *alpha);
    memcpy(v->norm2, norm2, (degree + 2) * sizeof *norm2);
out:
    return status;
}

mxp_status encoding_add_factor(struct encoding *encoding, const char *column,
                               enum contrast contrast, const char *const *level, size_t levels,
                               mxp_error *error)
{
    struct encoding_variable *v = NULL;
    mxp_status status;

    if (levels < 2)
        return FAIL(error, MXP_DATA, "\"%s\" in the encoding has fewer than two levels", column);
    TRY(status = add_variable(&v, encoding, ENCODING_FACTOR, column, error));
    v->contrast = contrast;
    TRY(status = MEM_NEW(&v->level, levels, error));
    for (; v->levels < levels; v->levels++)
        TRY(status = mem_text(&v->level[v->levels], level[v->levels], error));
out:
    return status;
}

mxp_status encoding_add_offset(struct encoding *encoding, const char *text, mxp_error *error)
{
    mxp_status status;

    TRY(status = mem_grow(&encoding->offset, &encoding->offset_capacity, encoding->offsets + 1,
                          sizeof(*encoding->offset), error));
    TRY(status =
            expression_new(&encoding->offset[encoding->offsets], text, (struct place){0}, error));
    encoding->offsets++;
out:
    return status;
}

mxp_status encoding_add_term(struct encoding *encoding, const size_t *variable, const bool *full,
                             size_t count, mxp_error *error)
{
    mxp_status status;

    if (count == 0)
        return FAIL(error, MXP_DATA, "a term of the encoding has no variables");
    for (size_t i = 0; i < count; i++)
        if (variable[i] >= encoding->variables)
            return FAIL(error, MXP_DATA, "a term of the encoding has no variable %zu", variable[i]);
    TRY(status = mem_grow(&encoding->term, &encoding->term_capacity, encoding->terms + 1,
                          sizeof *encoding->term, error));
    struct encoding_term *term = &encoding->term[encoding->terms++];
    *term = (struct encoding_term){.count = count};
    TRY(status = MEM_NEW(&term->variable, count, error));
    memcpy(term->variable, variable, count * sizeof *variable);
    if (!full)
        goto out;
    TRY(status = MEM_NEW(&term->full, count, error));
    memcpy(term->full, full, count * sizeof *full);
out:
    return status;
}

/* ---- how factors are coded ---- */

static bool holds(const struct encoding_term *term, size_t variable)
{
    for (size_t i = 0; i < term->count; i++)
        if (term->variable[i] == variable)
            return true;
    return false;
}

/* Whether a term before the last of `before` holds all variables of `term` but the i-th. */
static bool has_margin(const struct encoding *encoding, size_t before,
                       const struct encoding_term *term, size_t i)
{
    if (term->count == 1)
        return true;
    for (size_t t = 0; t < before; t++) {
        bool all = true;
        for (size_t j = 0; j < term->count && all; j++)
            all = j == i || holds(&encoding->term[t], term->variable[j]);
        if (all)
            return true;
    }
    return false;
}

/* R's rule, in TermCode and in model.matrix: contrasts where the margin is in the model already;
 * without an intercept the first factor of the first term that has one gets all its levels. */
static mxp_status choose_coding(struct encoding *encoding, mxp_error *error)
{
    bool lacking = !encoding->intercept;
    mxp_status status = MXP_OK;

    for (size_t t = 0; t < encoding->terms; t++) {
        struct encoding_term *term = &encoding->term[t];
        const bool given = term->full != NULL;
        if (!given)
            TRY(status = MEM_NEW(&term->full, term->count, error));
        for (size_t i = 0; i < term->count; i++) {
            if (given || encoding->variable[term->variable[i]].kind != ENCODING_FACTOR)
                continue;
            term->full[i] = lacking || !has_margin(encoding, t, term, i);
            lacking = false;
        }
    }
out:
    return status;
}

size_t encoding_width(const struct encoding *encoding, const struct encoding_term *term, size_t i)
{
    const struct encoding_variable *v = &encoding->variable[term->variable[i]];

    if (v->kind == ENCODING_FACTOR)
        return term->full[i] ? v->levels : v->levels - 1;
    return v->kind == ENCODING_POLY ? v->degree : 1;
}

double encoding_contrast(const struct encoding_variable *factor, bool full, size_t level,
                         size_t column)
{
    if (full)
        return level == column ? 1.0 : 0.0;
    switch (factor->contrast) {
    case CONTRAST_SUM:
        return level + 1 == factor->levels ? -1.0 : level == column ? 1.0 : 0.0;
    case CONTRAST_HELMERT:
        return level <= column ? -1.0 : level == column + 1 ? (double)level : 0.0;
    default:
        return level == column + 1 ? 1.0 : 0.0;
    }
}

/* ---- names ---- */

static void name_part(struct str *out, const struct encoding_variable *v, bool full, size_t column)
{
    const bool shifted = !full && v->contrast != CONTRAST_SUM;

    str_add(out, v->name);
    if (v->kind == ENCODING_FACTOR)
        str_format(out, "[%s]", v->level[column + (shifted ? 1 : 0)]);
    else if (v->kind == ENCODING_POLY && v->degree > 1)
        str_format(out, "%zu", column + 1);
}

/* The name of the term's column, from 0. */
static mxp_status name_column(char **name, const struct encoding *encoding,
                              const struct encoding_term *term, size_t column, mxp_error *error)
{
    struct str text = {0};

    for (size_t i = 0; i < term->count; i++) {
        const size_t width = encoding_width(encoding, term, i);
        if (i)
            str_add(&text, ":");
        name_part(&text, &encoding->variable[term->variable[i]], term->full[i], column % width);
        column /= width;
    }
    mxp_status status = str_check(&text, error);
    if (status == MXP_OK)
        status = mem_text(name, text.text ? text.text : "", error);
    str_free(&text);
    return status;
}

static mxp_status count_columns(struct encoding *encoding, mxp_error *error)
{
    encoding->columns = 0;
    for (size_t t = 0; t < encoding->terms; t++) {
        struct encoding_term *term = &encoding->term[t];
        term->first = encoding->columns;
        term->columns = 1;
        for (size_t i = 0; i < term->count; i++) {
            const size_t width = encoding_width(encoding, term, i);
            if (width && term->columns > ENCODING_COLUMNS_MAX / width)
                return FAIL(error, MXP_CONFIG, "a product of \"%s\" makes more than %d columns",
                            encoding->variable[term->variable[i]].name, ENCODING_COLUMNS_MAX);
            term->columns *= width;
        }
        encoding->columns += term->columns;
        if (encoding->columns > ENCODING_COLUMNS_MAX)
            return FAIL(error, MXP_CONFIG, "the model has more than %d columns",
                        ENCODING_COLUMNS_MAX);
    }
    return MXP_OK;
}

mxp_status encoding_finish(struct encoding *encoding, mxp_error *error)
{
    struct column_text known = {0};
    mxp_status status;

    TRY(status = choose_coding(encoding, error));
    TRY(status = count_columns(encoding, error));
    TRY(status = mem_zeroed(&encoding->name, encoding->columns, sizeof *encoding->name, error));
    for (size_t t = 0; t < encoding->terms; t++) {
        const struct encoding_term *term = &encoding->term[t];
        for (size_t c = 0; c < term->columns; c++) {
            char **name = &encoding->name[term->first + c];
            TRY(status = name_column(name, encoding, term, c, error));
            TRY(status = column_text_add(&known, term->first + c, *name, strlen(*name), error));
            if (known.count <= term->first + c) {
                status =
                    FAIL(error, MXP_CONFIG, "two columns of the model are named \"%s\"", *name);
                goto out;
            }
        }
    }
out:
    column_text_free(&known);
    return status;
}
