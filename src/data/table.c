#include "data/table.h"

#include "base/mem.h"
#include "io/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* ---- building ---- */

mxp_status mxp_table_new(mxp_table **table, size_t rows, mxp_error *error)
{
    mxp_table *fresh = NULL;

    if (!table || rows == 0)
        return FAIL(error, MXP_USAGE, "a table needs at least one row");
    const mxp_status status = MEM_NEW(&fresh, 1, error);
    if (status != MXP_OK)
        return status;
    fresh->columns.rows = rows;
    *table = fresh;
    return MXP_OK;
}

/* Appends a column of values, NaN in each row where none are given. */
static mxp_status append(mxp_table *table, const char *name, const double *values, mxp_error *error)
{
    mxp_status status;
    double *copy = NULL;
    bool duplicate;

    if (!*name)
        return FAIL(error, MXP_USAGE, "a column needs a name");
    struct columns *columns = &table->columns;
    if (columns_find(columns, name, strlen(name)) != SIZE_MAX)
        return FAIL(error, MXP_USAGE, "the table already has a column \"%s\"", name);
    TRY(status = mem_doubles(&copy, columns->rows, 1, error));
    for (size_t i = 0; i < columns->rows; i++)
        copy[i] = values ? values[i] : NAN;
    TRY(status = columns_append(columns, name, strlen(name), &duplicate, error));
    columns->column[columns->count - 1].values = copy;
    copy = NULL;
out:
    free(copy);
    return status;
}

mxp_status mxp_table_add(mxp_table *table, const char *name, const double *values, mxp_error *error)
{
    mxp_status status;

    if (!table || !name || !values)
        return FAIL(error, MXP_USAGE, "mxp_table_add: a table, a name and values are needed");
    TRY(status = append(table, name, values, error));
    status = columns_scan(&table->columns, table->columns.count - 1, error);
    if (status != MXP_OK)
        columns_drop(&table->columns);
out:
    return status;
}

/* Fills the last column with texts. */
static mxp_status take_texts(struct columns *columns, const char *const *values, mxp_error *error)
{
    const size_t column = columns->count - 1;
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < columns->rows; i++) {
        const size_t length = values[i] ? strlen(values[i]) : 0;
        if (length == 0) {
            columns_missing(columns, column, i);
            continue;
        }
        if (!utf8_check(values[i], length)) {
            status = FAIL(error, MXP_USAGE, "row %zu: column \"%s\": the text is not UTF-8", i + 1,
                          columns->column[column].name);
            goto out;
        }
        TRY(status =
                columns_fault(columns, column, i, values[i], length, "is not a number", error));
        TRY(status = columns_text(columns, column, i, values[i], length, error));
    }
    TRY(status = column_text_fill(&columns->column[column].text, columns->rows, error));
    columns->column[column].categorical = columns->column[column].declared = true;
out:
    return status;
}

mxp_status mxp_table_add_text(mxp_table *table, const char *name, const char *const *values,
                              mxp_error *error)
{
    mxp_status status;

    if (!table || !name || !values)
        return FAIL(error, MXP_USAGE, "mxp_table_add_text: a table, a name and values are needed");
    TRY(status = append(table, name, NULL, error));
    status = take_texts(&table->columns, values, error);
    if (status != MXP_OK)
        columns_drop(&table->columns);
out:
    return status;
}

mxp_status mxp_table_set_type(mxp_table *table, const char *name, mxp_column_type type,
                              mxp_error *error)
{
    struct column_text levels = {0};
    mxp_status status = MXP_OK;

    if (!table || !name || (type != MXP_COLUMN_NUMERIC && type != MXP_COLUMN_CATEGORICAL))
        return FAIL(error, MXP_USAGE, "mxp_table_set_type: a table, a name and a type are needed");
    const size_t at = mxp_table_find(table, name);
    if (at == MXP_NO_COLUMN)
        return FAIL(error, MXP_USAGE, "there is no column \"%s\"", name);
    struct column *column = &table->columns.column[at];
    if (type == MXP_COLUMN_CATEGORICAL && !column->text.code) {
        status = column_text_of_numbers(&levels, column->values, table->columns.rows, error);
        if (status != MXP_OK) {
            column_text_free(&levels);
            return status;
        }
        column->text = levels;
    }
    column->categorical = type == MXP_COLUMN_CATEGORICAL;
    column->declared = true;
    return status;
}

void mxp_table_free(mxp_table *table)
{
    if (!table)
        return;
    columns_free(&table->columns);
    sparse_clear(&table->sparse);
    free(table->sparse_name);
    free(table->source);
    free(table);
}

/* ---- asking ---- */

size_t mxp_table_rows(const mxp_table *table)
{
    return table->columns.rows;
}

size_t mxp_table_columns(const mxp_table *table)
{
    return table->columns.count;
}

const char *mxp_table_name(const mxp_table *table, size_t column)
{
    return column < table->columns.count ? table->columns.column[column].name : NULL;
}

const double *mxp_table_values(const mxp_table *table, size_t column)
{
    return column < table->columns.count ? table->columns.column[column].values : NULL;
}

mxp_column_type mxp_table_type(const mxp_table *table, size_t column)
{
    return column < table->columns.count && table->columns.column[column].categorical
               ? MXP_COLUMN_CATEGORICAL
               : MXP_COLUMN_NUMERIC;
}

const struct column_text *table_levels(const mxp_table *table, size_t column)
{
    return mxp_table_type(table, column) == MXP_COLUMN_CATEGORICAL
               ? &table->columns.column[column].text
               : NULL;
}

const struct column_text *table_texts(const mxp_table *table, size_t column)
{
    const struct column_text *text = &table->columns.column[column].text;
    return text->code ? text : NULL;
}

bool table_is_numbers(const mxp_table *table, size_t column)
{
    return table->columns.column[column].texts == 0;
}

bool table_is_declared(const mxp_table *table, size_t column)
{
    return table->columns.column[column].declared;
}

size_t mxp_table_levels(const mxp_table *table, size_t column)
{
    const struct column_text *levels = table_levels(table, column);
    return levels ? levels->count : 0;
}

const char *mxp_table_level(const mxp_table *table, size_t column, size_t level)
{
    const struct column_text *levels = table_levels(table, column);
    return levels && level < levels->count ? levels->level[level] : NULL;
}

const unsigned *mxp_table_codes(const mxp_table *table, size_t column)
{
    const struct column_text *levels = table_levels(table, column);
    return levels ? levels->code : NULL;
}

size_t mxp_table_find(const mxp_table *table, const char *name)
{
    return columns_find(&table->columns, name, strlen(name));
}

const struct column_fault *table_fault(const mxp_table *table, size_t column)
{
    const struct column_fault *fault = &table->columns.column[column].fault;
    return fault->text ? fault : NULL;
}

size_t table_missing(const mxp_table *table, size_t column, size_t *first_row)
{
    const struct column *c = &table->columns.column[column];
    if (c->missing && first_row)
        *first_row = c->missing_row;
    return c->missing;
}

size_t table_line_of_row(const mxp_table *table, size_t row)
{
    return columns_line(&table->columns, row);
}

const char *table_source_name(const mxp_table *table)
{
    return table->source;
}

mxp_status table_fail(mxp_error *error, const mxp_table *table, size_t column, size_t row,
                      const char *format, ...)
{
    char what[sizeof error->message];
    const size_t line = table_line_of_row(table, row);
    const char *name = mxp_table_name(table, column);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (line)
        return FAIL(error, MXP_DATA, "%s:%zu: column \"%s\": %s", table->source, line, name, what);
    return FAIL(error, MXP_DATA, "%s%srow %zu: column \"%s\": %s",
                table->source ? table->source : "", table->source ? ": " : "", row + 1, name, what);
}

mxp_status table_check_number(const mxp_table *table, size_t column, mxp_error *error)
{
    const struct column_fault *fault = table_fault(table, column);
    if (!fault)
        return MXP_OK;
    return table_fail(error, table, column, fault->row, "\"%s\" %s", fault->text, fault->why);
}
