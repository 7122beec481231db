/* The sparse columns of a table. */
#include "base/mem.h"
#include "data/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *table_sparse_name(const mxp_table *table, size_t column)
{
    return table->sparse_name + column * TABLE_NAME;
}

mxp_status table_take_sparse(mxp_table *table, struct sparse *sparse, const char *prefix,
                             mxp_error *error)
{
    mxp_status status = mem_zeroed(&table->sparse_name, sparse->columns, TABLE_NAME, error);

    if (status != MXP_OK)
        return status;
    for (size_t c = 0; c < sparse->columns; c++)
        (void)snprintf(table->sparse_name + c * TABLE_NAME, TABLE_NAME, "%.3s%zu", prefix, c + 1);
    table->sparse = *sparse;
    *sparse = (struct sparse){0};
    return MXP_OK;
}

/* Names ascend with their numbers, whatever was taken away. */
size_t table_find_sparse(const mxp_table *table, const char *name)
{
    const struct sparse *s = &table->sparse;
    const size_t prefix = strcspn(name, "0123456789");
    size_t number = 0, low = 0, high = s->columns;

    for (const char *at = name + prefix; *at >= '0' && *at <= '9' && number < SIZE_MAX / 16; at++)
        number = 10 * number + (size_t)(*at - '0');
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const char *digits = table_sparse_name(table, middle);
        digits += strcspn(digits, "0123456789");
        size_t other = 0;
        for (; *digits; digits++)
            other = 10 * other + (size_t)(*digits - '0');
        if (other < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->columns && strcmp(table_sparse_name(table, low), name) == 0 ? low
                                                                                : MXP_NO_COLUMN;
}

static mxp_status check_sparse(const mxp_table *table, size_t columns, const size_t *start,
                               const unsigned *row, const double *value, mxp_error *error)
{
    if (start[0] != 0)
        return FAIL(error, MXP_USAGE, "mxp_table_add_sparse: start[0] is not 0");
    for (size_t c = 0; c < columns; c++) {
        if (start[c + 1] < start[c])
            return FAIL(error, MXP_USAGE, "mxp_table_add_sparse: start falls at column %zu", c + 1);
        for (size_t i = start[c]; i < start[c + 1]; i++) {
            if (row[i] >= table->columns.rows || (i > start[c] && row[i] <= row[i - 1]))
                return FAIL(error, MXP_USAGE,
                            "mxp_table_add_sparse: the rows of column %zu do not ascend within 0 "
                            "to %zu",
                            c + 1, table->columns.rows - 1);
            if (!isfinite(value[i]))
                return FAIL(error, MXP_USAGE,
                            "mxp_table_add_sparse: a value of column %zu is not finite", c + 1);
        }
    }
    return MXP_OK;
}

mxp_status mxp_table_add_sparse(mxp_table *table, size_t columns, const size_t *start,
                                const unsigned *row, const double *value, const char *prefix,
                                mxp_error *error)
{
    struct sparse s = {.columns = columns};
    mxp_status status;

    if (!table || columns == 0 || !start || !prefix || !*prefix || strlen(prefix) > 3 ||
        strcspn(prefix, "0123456789") != strlen(prefix))
        return FAIL(
            error, MXP_USAGE,
            "mxp_table_add_sparse: a table, columns and a prefix of one to three characters "
            "without digits are needed");
    if (table->sparse.columns)
        return FAIL(error, MXP_USAGE, "the table has sparse columns already");
    TRY(status = check_sparse(table, columns, start, row, value, error));
    s.rows = table->columns.rows;
    TRY(status = MEM_NEW(&s.start, columns + 1, error));
    for (size_t c = 0; c < columns; c++)
        s.start[c + 1] = start[c + 1] - start[c];
    TRY(status = sparse_make_room(&s, error));
    if (s.count) {
        memcpy(s.row, row, s.count * sizeof *s.row);
        memcpy(s.value, value, s.count * sizeof *s.value);
    }
    status = table_take_sparse(table, &s, prefix, error);
out:
    sparse_clear(&s);
    return status;
}

size_t mxp_table_sparse_columns(const mxp_table *table)
{
    return table->sparse.columns;
}

const char *mxp_table_sparse_column(size_t *count, const unsigned **row, const double **value,
                                    const mxp_table *table, size_t i)
{
    const struct sparse *s = &table->sparse;

    if (i >= s->columns)
        return NULL;
    *count = s->start[i + 1] - s->start[i];
    *row = s->row + s->start[i];
    *value = s->value + s->start[i];
    return table_sparse_name(table, i);
}

mxp_status mxp_table_expand(mxp_table *table, const char *name, mxp_error *error)
{
    double *values = NULL;
    size_t column;
    mxp_status status = MXP_OK;

    if (!table || !name)
        return FAIL(error, MXP_USAGE, "mxp_table_expand: a table and a name are needed");
    if (mxp_table_find(table, name) != MXP_NO_COLUMN)
        return MXP_OK;
    column = table_find_sparse(table, name);
    if (column == MXP_NO_COLUMN)
        return FAIL(error, MXP_USAGE, "there is no column \"%s\"", name);
    TRY(status = mem_doubles(&values, table->sparse.rows, 1, error));
    sparse_spread(values, &table->sparse, column);
    TRY(status = mxp_table_add(table, name, values, error));
    sparse_drop(&table->sparse, column);
    memmove(table->sparse_name + column * TABLE_NAME,
            table->sparse_name + (column + 1) * TABLE_NAME,
            (table->sparse.columns - column) * TABLE_NAME);
out:
    free(values);
    return status;
}
