/* From a table to the columns of a recipe. */
#include "data/encode.h"

#include "base/mem.h"
#include "data/encode_parts.h"
#include "data/levels.h"
#include "data/poly.h"

#include <math.h>

/* What a variable came to: numbers, degree columns of them, or codes. */
struct made {
    const double *values;
    uint32_t *code;
};

struct context {
    struct encoded *encoded;
    const struct encoding *encoding;
    const mxp_table *table;
    struct made *made; /* for each variable */
};

/* ---- columns of the table ---- */

static mxp_status find_column(size_t *column, const mxp_table *table, const char *name,
                              mxp_error *error)
{
    const char *source = table_source_name(table);

    *column = mxp_table_find(table, name);
    if (*column != MXP_NO_COLUMN)
        return MXP_OK;
    return FAIL(error, MXP_DATA, "%s: there is no column \"%s\", which the model needs",
                source ? source : "table", name);
}

static mxp_status note_uses(unsigned char *use, const struct expression *expression,
                            const mxp_table *table, mxp_error *error)
{
    size_t column;
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < expression_columns(expression); i++) {
        TRY(status = find_column(&column, table, expression_column(expression, i).name, error));
        use[column] |= SELECTION_NUMBER;
    }
out:
    return status;
}

mxp_status encoding_uses(unsigned char *use, const struct encoding *encoding,
                         const mxp_table *table, mxp_error *error)
{
    size_t column;
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < encoding->variables; i++) {
        const struct encoding_variable *v = &encoding->variable[i];
        if (v->expression) {
            TRY(status = note_uses(use, v->expression, table, error));
            continue;
        }
        TRY(status = find_column(&column, table, v->name, error));
        use[column] |= v->kind == ENCODING_FACTOR ? SELECTION_LEVELS : SELECTION_NUMBER;
    }
    for (size_t i = 0; i < encoding->offsets; i++)
        TRY(status = note_uses(use, encoding->offset[i], table, error));
out:
    return status;
}

/* ---- variables ---- */

/* Room for values, owned by the result. */
static mxp_status add_block(double **block, struct encoded *encoded, size_t columns,
                            mxp_error *error)
{
    mxp_status status;

    TRY(status = mem_grow(&encoded->block, &encoded->block_capacity, encoded->blocks + 1,
                          sizeof(*encoded->block), error));
    TRY(status = mem_doubles(block, encoded->selection.rows, columns, error));
    encoded->block[encoded->blocks++] = *block;
out:
    return status;
}

/* A column as it is: of the table itself where all rows are selected. */
static mxp_status take_column(const double **values, const struct context *context, size_t column,
                              mxp_error *error)
{
    struct encoded *encoded = context->encoded;
    double *block = NULL;
    mxp_status status;

    TRY(status = mem_grow(&encoded->block, &encoded->block_capacity, encoded->blocks + 1,
                          sizeof(*encoded->block), error));
    TRY(status = selection_values(values, &block, &encoded->selection,
                                  mxp_table_values(context->table, column), error));
    if (block)
        encoded->block[encoded->blocks++] = block;
out:
    return status;
}

/* FILE:LINE: column "a": I(a/b) is no finite number where a = 1, b = 0 */
static mxp_status fail_value(const struct expression *expression, const mxp_table *table,
                             size_t row, const double *x, mxp_error *error)
{
    struct str text = {0};

    expression_print(&text, expression);
    str_add(&text, " is not a finite number where ");
    for (size_t i = 0; i < expression_columns(expression) && i < 3; i++)
        str_format(&text, "%s%s = %.10g", i ? ", " : "", expression_column(expression, i).name,
                   x[i]);
    const size_t column = mxp_table_find(table, expression_column(expression, 0).name);
    const mxp_status status =
        table_fail(error, table, column, row, "%s", text.text ? text.text : "");
    str_free(&text);
    return status;
}

mxp_status encoding_evaluate(double *out, const struct expression *expression,
                             const struct selection *selection, const mxp_table *table,
                             mxp_error *error)
{
    const size_t count = expression_columns(expression);
    const double **column = NULL;
    double *x = NULL;
    mxp_status status;

    TRY(status = mem_zeroed(&column, count, sizeof *column, error));
    TRY(status = mem_doubles(&x, count, 1, error));
    for (size_t j = 0; j < count; j++) {
        size_t at;
        TRY(status = find_column(&at, table, expression_column(expression, j).name, error));
        column[j] = mxp_table_values(table, at);
    }
    for (size_t i = 0; i < selection->rows; i++) {
        const size_t row = selection_row(selection, i);
        for (size_t j = 0; j < count; j++)
            x[j] = column[j][row];
        out[i] = expression_value(expression, x);
        if (!isfinite(out[i])) {
            status = fail_value(expression, table, row, x, error);
            goto out;
        }
    }
out:
    free(column);
    free(x);
    return status;
}

static mxp_status make_poly(double *out, const struct encoding_variable *v,
                            const struct context *context, mxp_error *error)
{
    const struct selection *selection = &context->encoded->selection;
    double *x = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&x, selection->rows, 1, error));
    TRY(status = encoding_evaluate(x, v->expression, selection, context->table, error));
    if (v->raw)
        poly_powers(out, v->degree, x, selection->rows);
    else
        poly_values(out, v->degree, v->alpha, v->norm2, x, selection->rows);
out:
    free(x);
    return status;
}

static mxp_status make_variable(struct made *made, const struct encoding_variable *v,
                                const struct context *context, mxp_error *error)
{
    struct encoded *encoded = context->encoded;
    double *block = NULL;
    size_t column = 0;
    mxp_status status;

    switch (v->kind) {
    case ENCODING_NUMERIC:
        TRY(status = find_column(&column, context->table, v->name, error));
        return take_column(&made->values, context, column, error);
    case ENCODING_FACTOR:
        TRY(status = find_column(&column, context->table, v->name, error));
        return levels_code(&made->code, context->table, column, &encoded->selection, v->level,
                           v->levels, "is a level that the fit has not seen", error);
    case ENCODING_EXPRESSION:
        TRY(status = add_block(&block, encoded, 1, error));
        TRY(status = encoding_evaluate(block, v->expression, &encoded->selection, context->table,
                                       error));
        break;
    default:
        TRY(status = add_block(&block, encoded, v->degree, error));
        TRY(status = make_poly(block, v, context, error));
        break;
    }
    made->values = block;
out:
    return status;
}

/* ---- terms ---- */

/* Multiplies out by a factor's column. */
static mxp_status multiply_factor(double *out, const struct encoding_variable *v, bool full,
                                  size_t column, const uint32_t *code, size_t rows,
                                  mxp_error *error)
{
    double *entry = NULL;
    const mxp_status status = mem_doubles(&entry, v->levels, 1, error);

    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < v->levels; i++)
        entry[i] = encoding_contrast(v, full, i, column);
    for (size_t i = 0; i < rows; i++)
        out[i] *= entry[code[i]];
    free(entry);
    return MXP_OK;
}

static mxp_status make_column(double *out, const struct encoding_term *term, size_t column,
                              const struct context *context, mxp_error *error)
{
    const struct encoding *encoding = context->encoding;
    const size_t rows = context->encoded->selection.rows;
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < rows; i++)
        out[i] = 1.0;
    for (size_t i = 0; i < term->count; i++) {
        const size_t width = encoding_width(encoding, term, i), at = column % width;
        const struct made *made = &context->made[term->variable[i]];
        column /= width;
        if (made->code) {
            TRY(status = multiply_factor(out, &encoding->variable[term->variable[i]], term->full[i],
                                         at, made->code, rows, error));
            continue;
        }
        for (size_t r = 0; r < rows; r++)
            out[r] *= made->values[r + at * rows];
    }
out:
    return status;
}

static mxp_status make_term(const struct encoding_term *term, const struct context *context,
                            mxp_error *error)
{
    struct encoded *encoded = context->encoded;
    const struct made *first = &context->made[term->variable[0]];
    const size_t rows = encoded->selection.rows;
    double *block = NULL;
    mxp_status status = MXP_OK;

    if (term->count == 1 && first->values) {
        for (size_t c = 0; c < term->columns; c++)
            encoded->column[term->first + c] = first->values + c * rows;
        return MXP_OK;
    }
    TRY(status = add_block(&block, encoded, term->columns, error));
    for (size_t c = 0; c < term->columns; c++) {
        encoded->column[term->first + c] = block + c * rows;
        TRY(status = make_column(block + c * rows, term, c, context, error));
    }
out:
    return status;
}

/* ---- offset ---- */

static mxp_status make_offset(const struct context *context, mxp_error *error)
{
    const struct encoding *encoding = context->encoding;
    struct encoded *encoded = context->encoded;
    const size_t rows = encoded->selection.rows;
    double *sum = NULL, *next = NULL;
    size_t column;
    mxp_status status = MXP_OK;

    if (encoding->offsets == 1 && expression_is_column(encoding->offset[0])) {
        TRY(status = find_column(&column, context->table, expression_is_column(encoding->offset[0]),
                                 error));
        return take_column(&encoded->offset, context, column, error);
    }
    if (encoding->offsets == 0)
        return MXP_OK;
    TRY(status = add_block(&sum, encoded, 1, error));
    TRY(status = mem_doubles(&next, rows, 1, error));
    for (size_t j = 0; j < encoding->offsets; j++) {
        TRY(status = encoding_evaluate(next, encoding->offset[j], &encoded->selection,
                                       context->table, error));
        for (size_t i = 0; i < rows; i++)
            sum[i] += next[i];
    }
    encoded->offset = sum;
out:
    free(next);
    return status;
}

/* ---- the whole ---- */

mxp_status encoding_apply_to(struct encoded **encoded, const struct encoding *encoding,
                             const mxp_table *table, struct selection *selection, mxp_error *error)
{
    struct context context = {.encoding = encoding, .table = table};
    mxp_status status;

    TRY(status = MEM_NEW(&context.encoded, 1, error));
    context.encoded->selection = *selection;
    *selection = (struct selection){0};
    TRY(status = MEM_NEW(&context.made, encoding->variables, error));
    TRY(status = mem_zeroed(&context.encoded->column, encoding->columns,
                            sizeof *context.encoded->column, error));
    for (size_t i = 0; i < encoding->variables; i++)
        TRY(status = make_variable(&context.made[i], &encoding->variable[i], &context, error));
    for (size_t i = 0; i < encoding->terms; i++)
        TRY(status = make_term(&encoding->term[i], &context, error));
    TRY(status = make_offset(&context, error));
    *encoded = context.encoded;
    context.encoded = NULL;
out:
    for (size_t i = 0; context.made && i < encoding->variables; i++)
        free(context.made[i].code);
    free(context.made);
    encoded_free(context.encoded);
    return status;
}

mxp_status encoding_apply(struct encoded **encoded, const struct encoding *encoding,
                          const mxp_table *table, bool drop_missing, mxp_error *error)
{
    struct selection selection = {0};
    unsigned char *use = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&use, mxp_table_columns(table), error));
    TRY(status = encoding_uses(use, encoding, table, error));
    TRY(status = selection_choose(&selection, table, use, drop_missing, error));
    status = encoding_apply_to(encoded, encoding, table, &selection, error);
out:
    free(use);
    selection_free(&selection);
    return status;
}

void encoded_free(struct encoded *encoded)
{
    if (!encoded)
        return;
    for (size_t i = 0; i < encoded->blocks; i++)
        free(encoded->block[i]);
    free(encoded->block);
    free(encoded->column);
    selection_free(&encoded->selection);
    free(encoded);
}
