#include "io/csv.h"

#include "base/mem.h"
#include "io/csv_pieces.h"
#include "io/csv_text.h"
#include "io/decimal.h"
#include "io/utf8.h"

#include <string.h>

/* ---- header ---- */

/* Appends a column of that name, which may be wrong in three ways. */
static mxp_status name_column(struct csv *csv, const char *name, size_t length, mxp_error *error)
{
    const size_t number = csv->out->count + csv->unnamed + 1;
    bool duplicate;

    if (length == 0)
        return FAIL(error, MXP_DATA, "%s:%zu: column %zu has no name", csv->name, csv->line,
                    number);
    if (!utf8_check(name, length))
        return FAIL(error, MXP_DATA, "%s:%zu: the name of column %zu is not UTF-8 text", csv->name,
                    csv->line, number);
    const mxp_status status = columns_append(csv->out, name, length, &duplicate, error);
    if (status == MXP_OK && duplicate)
        return FAIL(error, MXP_DATA, "%s:%zu: columns %zu and %zu are both named \"%.*s\"",
                    csv->name, csv->line, columns_find(csv->out, name, length) + csv->unnamed + 1,
                    number, length < 200 ? (int)length : 200, name);
    return status;
}

static mxp_status parse_header(struct csv *csv, mxp_error *error)
{
    mxp_status status = MXP_OK;
    char *name = NULL;
    size_t room = 0;
    struct field field;

    for (bool more = true; more;) {
        const enum field_problem problem =
            field_scan(&field, csv->at, csv->end, csv->options->delimiter);
        if (problem != FIELD_OK) {
            status = csv_fail_field(csv, problem, &field, csv->line, csv->out->count + csv->unnamed,
                                    error);
            goto out;
        }
        TRY(status = mem_grow(&name, &room, field.length + 1, 1, error));
        const size_t length = field_copy(name, room, &field);
        more = field.end < csv->end && *field.end == csv->options->delimiter;
        if (length == 0 && more && csv->out->count + csv->unnamed == 0)
            csv->unnamed = 1;
        else
            TRY(status = name_column(csv, name, length, error));
        csv->line += field.newlines;
        csv->at = field.end + 1;
    }
    csv->line++;
out:
    free(name);
    return status;
}

/* ---- the whole ---- */

/* The bytes between a byte order mark and the blank lines at the end. */
static mxp_status find_text(struct csv *csv, const struct bytes *input, mxp_error *error)
{
    const char *at = input->data, *end = at + input->size;

    if (input->size >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
        at += 3;
    else if (input->size >= 2 && (memcmp(at, "\xFF\xFE", 2) == 0 || memcmp(at, "\xFE\xFF", 2) == 0))
        return FAIL(error, MXP_DATA, "%s: UTF-16 text; save it as UTF-8", csv->name);
    while (end > at && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == ' ') &&
           end[-1] != csv->options->delimiter)
        end--;
    if (at == end)
        return FAIL(error, MXP_DATA, "%s: the file is empty", csv->name);
    csv->at = at;
    csv->end = end;
    return MXP_OK;
}

/* Whether a spelling starts like a number, so that a number might be one. */
static bool may_be_number(const struct csv_options *options)
{
    for (size_t i = 0; i < options->na_count; i++) {
        double value;
        char text[4 + DECIMAL_SLACK] = "";
        strncpy(text, options->na[i], 4);
        if (decimal_parse(&value, text) > text)
            return true;
    }
    return false;
}

mxp_status csv_parse(struct columns *columns, const struct bytes *input,
                     const struct csv_options *options, const char *name, mxp_error *error)
{
    struct columns out = {0};
    struct csv csv = {.options = options, .name = name, .out = &out, .line = 1};
    struct csv_pieces pieces = {0};
    mxp_status status;

    csv.any_is_na = may_be_number(options);
    TRY(status = find_text(&csv, input, error));
    TRY(status = parse_header(&csv, error));
    if (csv.at >= csv.end) {
        status = FAIL(error, MXP_DATA, "%s: no rows of data below the header", name);
        goto out;
    }
    TRY(status = csv_read_rows(&pieces, &csv, error));
    TRY(status = csv_read_texts(&pieces, &csv, error));
    TRY(status = columns_infer(&out, error));
    *columns = out;
    out = (struct columns){0};
out:
    csv_pieces_free(&pieces);
    columns_free(&out);
    return status;
}
