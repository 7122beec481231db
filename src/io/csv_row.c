#include "io/csv_row.h"

#include "base/mem.h"
#include "io/decimal.h"

#include <math.h>
#include <string.h>

/* ---- words for what is wrong ---- */

mxp_status csv_fail_field(const struct csv *csv, enum field_problem problem,
                          const struct field *field, size_t line, size_t column, mxp_error *error)
{
    if (problem == FIELD_UNCLOSED)
        return FAIL(error, MXP_DATA, "%s:%zu: column %zu: a quote that is never closed", csv->name,
                    line, column + 1);
    if (problem == FIELD_NUL)
        return FAIL(error, MXP_DATA, "%s:%zu: column %zu: a NUL byte; this is not a text file",
                    csv->name, line + field->newlines, column + 1);
    return FAIL(error, MXP_DATA,
                "%s:%zu: column %zu: text after a closing quote (a quote inside quotes is doubled)",
                csv->name, line + field->newlines, column + 1);
}

/* A row with fewer fields than the header; blank: with nothing in it at all. */
static mxp_status fail_short(const struct csv *csv, size_t fields, bool blank, mxp_error *error)
{
    const struct columns *out = csv->out;
    const size_t wanted = out->count + csv->unnamed;

    if (fields == 1 && blank)
        return FAIL(error, MXP_DATA, "%s:%zu: a blank line, the header has %zu columns", csv->name,
                    csv->line, wanted);
    return FAIL(error, MXP_DATA, "%s:%zu: %zu field%s, the header has %zu (none for column \"%s\")",
                csv->name, csv->line, fields, fields == 1 ? "" : "s", wanted,
                out->column[fields - csv->unnamed].name);
}

/* A row that goes on after its last column's field; at: the delimiter there. */
static mxp_status fail_long(const struct csv *csv, const char *at, size_t newlines,
                            mxp_error *error)
{
    const struct columns *out = csv->out;
    const size_t wanted = out->count + csv->unnamed;
    size_t fields = wanted;
    struct field field;
    char first[64] = "";

    while (at < csv->end && *at == csv->options->delimiter) {
        const enum field_problem problem =
            field_scan(&field, at + 1, csv->end, csv->options->delimiter);
        if (problem != FIELD_OK)
            return csv_fail_field(csv, problem, &field, csv->line + newlines, fields, error);
        if (fields++ == wanted)
            first[field_copy(first, sizeof first - 1, &field)] = '\0';
        newlines += field.newlines;
        at = field.end;
    }
    return FAIL(error, MXP_DATA,
                "%s:%zu: %zu fields, the header has %zu (\"%s\" is after the last column, \"%s\")",
                csv->name, csv->line, fields, wanted, first, out->column[out->count - 1].name);
}

/* ---- cells ---- */

/* The value of a cell's text: NaN where it is missing or not a number, which is noted. */
static mxp_status judge_text(struct csv *csv, double *value, size_t column, const char *text,
                             size_t length, mxp_error *error)
{
    if (column_text_is_na(csv->options->na, csv->options->na_count, text, length)) {
        columns_missing(csv->out, column, csv->out->rows);
        *value = NAN;
        return MXP_OK;
    }
    const char *end = decimal_parse(value, text);
    const bool number = length > 0 && end == text + length;
    if (number && isfinite(*value))
        return MXP_OK;
    *value = NAN;
    csv->out->column[column].texts += !number;
    return columns_fault(csv->out, column, csv->out->rows, text, length,
                         number ? "is beyond the range of a double" : "is not a number", error);
}

/* The field at *at, which is moved to its end. */
static mxp_status take_field(const struct csv *csv, struct field *field, size_t place,
                             const char **at, size_t *newlines, mxp_error *error)
{
    const enum field_problem problem = field_scan(field, *at, csv->end, csv->options->delimiter);

    if (problem != FIELD_OK)
        return csv_fail_field(csv, problem, field, csv->line + *newlines, place, error);
    *at = field->end;
    *newlines += field->newlines;
    return MXP_OK;
}

mxp_status csv_cell(struct csv *csv, double *value, size_t column, const char **at,
                    size_t *newlines, mxp_error *error)
{
    struct field field;
    mxp_status status = take_field(csv, &field, column + csv->unnamed, at, newlines, error);

    if (status != MXP_OK)
        return status;
    if (!field.doubled)
        return judge_text(csv, value, column, field.text, field.length, error);
    status = mem_grow(&csv->text, &csv->room, field.length + DECIMAL_SLACK, 1, error);
    if (status != MXP_OK)
        return status;
    const size_t length = field_copy(csv->text, field.length, &field);
    memset(csv->text + length, 0, DECIMAL_SLACK); /* a copy is shorter than the field */
    return judge_text(csv, value, column, csv->text, length, error);
}

/* ---- rows ---- */

/* A cell that is a number up to its delimiter, or to the line's end behind the last one: where the
 * next cell starts, else NULL. */
static const char *plain_cell(const struct csv *csv, double *value, const char *at, bool is_last)
{
    const char *end = decimal_parse(value, at);
    const bool number = end > at && fabs(*value) <= DBL_MAX && !csv->any_is_na;

    if (is_last && *end == '\r' && end[1] == '\n')
        end++;
    return number && *end == (is_last ? '\n' : csv->options->delimiter) ? end + 1 : NULL;
}

mxp_status csv_row(struct csv *csv, mxp_error *error)
{
    const size_t last = csv->out->count + csv->unnamed - 1, row = csv->out->rows;
    const char *at = csv->at;
    size_t newlines = 0;
    mxp_status status = MXP_OK;

    for (size_t place = 0; place <= last; place++) {
        const char *const start = at;
        const bool kept = place >= csv->unnamed;
        const size_t j = place - csv->unnamed;
        double *const value = kept ? &csv->out->column[j].values[row] : NULL;
        const char *const next = kept ? plain_cell(csv, value, at, place == last) : NULL;
        struct field field;
        if (next) {
            at = next;
            continue;
        }
        TRY(status = kept ? csv_cell(csv, value, j, &at, &newlines, error)
                          : take_field(csv, &field, place, &at, &newlines, error));
        const bool ended = at >= csv->end || *at == '\n';
        if (place < last && ended) {
            status = fail_short(csv, place + 1, at == start + (*start == '\r'), error);
            goto out;
        }
        if (place == last && !ended) {
            status = fail_long(csv, at, newlines, error);
            goto out;
        }
        at++;
    }
    csv->at = at;
    csv->line += 1 + newlines;
    csv->out->rows++;
    if (newlines)
        status = columns_anchor(csv->out, csv->out->rows, csv->line, error);
out:
    return status;
}
