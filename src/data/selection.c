#include "data/selection.h"

#include "base/mem.h"

#include <math.h>

static bool is_missing(const mxp_table *table, size_t column, unsigned use, size_t row)
{
    const struct column_text *texts = table_texts(table, column);

    if (use == SELECTION_LEVELS && texts)
        return texts->code[row] == COLUMN_TEXT_NONE;
    return isnan(mxp_table_values(table, column)[row]);
}

/* Numbers where they are wanted, and which of the used columns miss cells. */
static mxp_status look(struct selection *s, const mxp_table *table, const unsigned char *use,
                       bool drop_missing, mxp_error *error)
{
    const size_t columns = mxp_table_columns(table);
    mxp_status status;

    TRY(status = MEM_NEW(&s->missing, columns, error));
    for (size_t j = 0; j < columns; j++) {
        size_t row = 0;
        if (use[j] & SELECTION_NUMBER)
            TRY(status = table_check_number(table, j, error));
        const size_t missing = use[j] ? table_missing(table, j, &row) : 0;
        if (missing == 0)
            continue;
        s->missing[s->missing_columns++] = (struct selection_missing){j, missing};
        if (!drop_missing) {
            status = table_fail(error, table, j, row,
                                "missing value (data.missing: drop leaves such rows out)");
            goto out;
        }
    }
out:
    return status;
}

static bool is_complete(const struct selection *s, const mxp_table *table, const unsigned char *use,
                        size_t row)
{
    for (size_t i = 0; i < s->missing_columns; i++)
        if (is_missing(table, s->missing[i].column, use[s->missing[i].column], row))
            return false;
    return true;
}

mxp_status selection_choose(struct selection *selection, const mxp_table *table,
                            const unsigned char *use, bool drop_missing, mxp_error *error)
{
    struct selection s = {.rows = mxp_table_rows(table), .rows_read = mxp_table_rows(table)};
    mxp_status status;

    TRY(status = look(&s, table, use, drop_missing, error));
    if (s.missing_columns) {
        TRY(status = MEM_NEW(&s.table_row, s.rows_read, error));
        s.rows = 0;
        for (size_t row = 0; row < s.rows_read; row++)
            if (is_complete(&s, table, use, row))
                s.table_row[s.rows++] = row;
    }
    if (s.rows == 0) {
        const char *source = table_source_name(table);
        status = FAIL(error, MXP_DATA, "%s: every row has a missing value in a column that is used",
                      source ? source : "table");
        goto out;
    }
    *selection = s;
    s = (struct selection){0};
out:
    selection_free(&s);
    return status;
}

void selection_free(struct selection *selection)
{
    free(selection->table_row);
    free(selection->missing);
    *selection = (struct selection){0};
}

mxp_status selection_values(const double **values, double **block,
                            const struct selection *selection, const double *column,
                            mxp_error *error)
{
    double *copy = NULL;

    *block = NULL;
    *values = column;
    if (!selection->table_row)
        return MXP_OK;
    const mxp_status status = mem_doubles(&copy, selection->rows, 1, error);
    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < selection->rows; i++)
        copy[i] = column[selection->table_row[i]];
    *values = *block = copy;
    return MXP_OK;
}
