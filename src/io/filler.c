#include "io/filler.h"

#include "base/mem.h"
#include "base/number.h"
#include "io/utf8.h"

#include <math.h>
#include <string.h>

mxp_status filler_start(struct filler *filler, const char *name, const char *const *na,
                        size_t na_count, mxp_error *error)
{
    *filler = (struct filler){.name = name, .na = na, .na_count = na_count};
    const mxp_status status = MEM_NEW(&filler->marker, na_count, error);
    for (size_t i = 0; status == MXP_OK && i < na_count; i++)
        if (!number_read(&filler->marker[filler->markers], na[i]))
            filler->markers++;
    return status;
}

mxp_status filler_column(struct filler *filler, const char *name, mxp_error *error)
{
    const size_t length = strlen(name);
    bool duplicate;

    if (length == 0)
        return FAIL(error, MXP_DATA, "%s: column %zu has no name", filler->name,
                    filler->columns.count + 1);
    if (!utf8_check(name, length))
        return FAIL(error, MXP_DATA, "%s: the name of column %zu is not UTF-8", filler->name,
                    filler->columns.count + 1);
    const mxp_status status = columns_append(&filler->columns, name, length, &duplicate, error);
    if (status == MXP_OK && duplicate)
        return FAIL(error, MXP_DATA, "%s: two columns are named \"%s\"", filler->name, name);
    return status;
}

/* Doubles the memory of every column. */
static mxp_status grow(struct filler *filler, mxp_error *error)
{
    const size_t rows = filler->room ? 2 * filler->room : 64;
    mxp_status status = MXP_OK;

    for (size_t j = 0; j < filler->columns.count; j++) {
        size_t capacity = filler->room;
        TRY(status = mem_grow(&filler->columns.column[j].values, &capacity, rows, sizeof(double),
                              error));
    }
    filler->room = rows;
out:
    return status;
}

mxp_status filler_row(struct filler *filler, mxp_error *error)
{
    if (filler->columns.rows == filler->room) {
        const mxp_status status = grow(filler, error);
        if (status != MXP_OK)
            return status;
    }
    const size_t row = filler->columns.rows++;
    for (size_t j = 0; j < filler->columns.count; j++)
        filler->columns.column[j].values[row] = NAN;
    return MXP_OK;
}

void filler_missing(struct filler *filler, size_t column)
{
    columns_missing(&filler->columns, column, filler->columns.rows - 1);
}

/* Whether the number marks a missing cell. */
static bool is_marker(const struct filler *filler, double value)
{
    for (size_t i = 0; i < filler->markers; i++)
        if (filler->marker[i] == value)
            return true;
    return false;
}

mxp_status filler_number(struct filler *filler, size_t column, double value, mxp_error *error)
{
    struct column *c = &filler->columns.column[column];
    const size_t row = filler->columns.rows - 1;

    if (isnan(value) || is_marker(filler, value)) {
        filler_missing(filler, column);
        return MXP_OK;
    }
    if (isinf(value)) {
        const char *text = value > 0 ? "inf" : "-inf";
        return columns_fault(&filler->columns, column, row, text, strlen(text), "is not finite",
                             error);
    }
    c->values[row] = value;
    if (!c->text.code)
        return MXP_OK;
    filler->label.length = 0; /* among texts, a number is one, too */
    number_print(&filler->label, value == 0.0 ? 0.0 : value);
    const mxp_status status = str_check(&filler->label, error);
    if (status != MXP_OK)
        return status;
    return column_text_add(&c->text, row, filler->label.text, filler->label.length, error);
}

mxp_status filler_text(struct filler *filler, size_t column, const char *text, size_t length,
                       mxp_error *error)
{
    struct column *c = &filler->columns.column[column];
    const size_t row = filler->columns.rows - 1;
    mxp_status status;

    if (column_text_is_na(filler->na, filler->na_count, text, length)) {
        filler_missing(filler, column);
        return MXP_OK;
    }
    if (!utf8_check(text, length))
        return FAIL(error, MXP_DATA, "%s: row %zu: column \"%s\": the text is not UTF-8",
                    filler->name, row + 1, c->name);
    TRY(status =
            columns_fault(&filler->columns, column, row, text, length, "is not a number", error));
    if (!c->text.code) /* the first text: what came before has levels from now on */
        TRY(status = column_text_of_numbers(&c->text, c->values, row, error));
    TRY(status = column_text_add(&c->text, row, text, length, error));
    c->texts++;
out:
    return status;
}

mxp_status filler_finish(struct columns *columns, struct filler *filler, mxp_error *error)
{
    if (filler->columns.count == 0)
        return FAIL(error, MXP_DATA, "%s: no columns", filler->name);
    if (filler->columns.rows == 0)
        return FAIL(error, MXP_DATA, "%s: no rows", filler->name);
    const mxp_status status = columns_infer(&filler->columns, error);
    if (status != MXP_OK)
        return status;
    *columns = filler->columns;
    filler->columns = (struct columns){0};
    return MXP_OK;
}

void filler_free(struct filler *filler)
{
    columns_free(&filler->columns);
    str_free(&filler->label);
    free(filler->marker);
}
