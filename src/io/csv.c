#include "io/csv.h"

#include "base/mem.h"
#include "io/csv_field.h"
#include "io/csv_text.h"
#include "io/decimal.h"
#include "io/utf8.h"

#include <math.h>
#include <string.h>

/* Rows are gathered, row by row, in a block that stays in the cache, and go from there to the
 * columns as whole cache lines. */
enum { BLOCK = 8 };

/* The state of a pass over [at, end): all that a thread with its own piece of the text would need. */
struct csv {
    const char *at, *end;
    const struct csv_options *options;
    const char *name;
    struct columns *out;
    double *block; /* BLOCK rows, `stride` doubles each */
    size_t stride, capacity;
    char *text; /* room for a copy of a cell */
    size_t room;
    size_t line;    /* where the row at `at` starts */
    bool any_is_na; /* an NA spelling may be a number: every cell is compared with them */
};

/* ---- words for what is wrong ---- */

static mxp_status fail_field(const struct csv *csv, enum field_problem problem,
                             const struct field *field, size_t line, size_t column,
                             mxp_error *error)
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

    if (fields == 1 && blank)
        return FAIL(error, MXP_DATA, "%s:%zu: a blank line, the header has %zu columns", csv->name,
                    csv->line, out->count);
    return FAIL(error, MXP_DATA, "%s:%zu: %zu field%s, the header has %zu (none for column \"%s\")",
                csv->name, csv->line, fields, fields == 1 ? "" : "s", out->count,
                out->column[fields].name);
}

/* A row that goes on after its last column's field; at: the delimiter there. */
static mxp_status fail_long(const struct csv *csv, const char *at, size_t newlines,
                            mxp_error *error)
{
    const struct columns *out = csv->out;
    size_t fields = out->count;
    struct field field;
    char first[64] = "";

    while (at < csv->end && *at == csv->options->delimiter) {
        const enum field_problem problem =
            field_scan(&field, at + 1, csv->end, csv->options->delimiter);
        if (problem != FIELD_OK)
            return fail_field(csv, problem, &field, csv->line + newlines, fields, error);
        if (fields++ == out->count)
            first[field_copy(first, sizeof first - 1, &field)] = '\0';
        newlines += field.newlines;
        at = field.end;
    }
    return FAIL(error, MXP_DATA,
                "%s:%zu: %zu fields, the header has %zu (\"%s\" is after the last column, \"%s\")",
                csv->name, csv->line, fields, out->count, first, out->column[out->count - 1].name);
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
    mxp_status status =
        columns_fault(csv->out, column, csv->out->rows, text, length,
                      number ? "is beyond the range of a double" : "is not a number", error);
    if (status == MXP_OK && !number)
        status = columns_text(csv->out, column, csv->out->rows, text, length, error);
    return status;
}

/* Any cell: quoted, missing, padded, the last of the text, or not a number.  *at moves to its end,
 * *newlines grows by those inside. */
static mxp_status parse_cell(struct csv *csv, double *value, size_t column, const char **at,
                             size_t *newlines, mxp_error *error)
{
    struct field field;
    const enum field_problem problem = field_scan(&field, *at, csv->end, csv->options->delimiter);

    if (problem != FIELD_OK)
        return fail_field(csv, problem, &field, csv->line + *newlines, column, error);
    *at = field.end;
    *newlines += field.newlines;
    if (!field.doubled)
        return judge_text(csv, value, column, field.text, field.length, error);
    const mxp_status status =
        mem_grow(&csv->text, &csv->room, field.length + DECIMAL_SLACK, 1, error);
    if (status != MXP_OK)
        return status;
    const size_t length = field_copy(csv->text, field.length, &field);
    memset(csv->text + length, 0, DECIMAL_SLACK); /* a copy is shorter than the field */
    return judge_text(csv, value, column, csv->text, length, error);
}

/* ---- rows ---- */

/* Parses the row at csv->at into cells and moves behind it. */
static mxp_status parse_row(struct csv *csv, double *cells, mxp_error *error)
{
    const size_t last = csv->out->count - 1;
    const char delimiter = csv->options->delimiter;
    const char *at = csv->at;
    size_t newlines = 0;
    mxp_status status = MXP_OK;

    for (size_t j = 0; j <= last; j++) {
        const char *end = decimal_parse(&cells[j], at);
        const char stop = j < last ? delimiter : '\n';
        const bool number = end > at;
        if (j == last && *end == '\r' && end[1] == '\n')
            end++;
        if (number && *end == stop && fabs(cells[j]) <= DBL_MAX && !csv->any_is_na) {
            at = end + 1;
            continue;
        }
        const char *const start = at;
        TRY(status = parse_cell(csv, &cells[j], j, &at, &newlines, error));
        const bool ended = at >= csv->end || *at == '\n';
        if (j < last && ended) {
            status = fail_short(csv, j + 1, at == start + (*start == '\r'), error);
            goto out;
        }
        if (j == last && !ended) {
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

/* Room for `rows` rows in every column. */
static mxp_status reserve(struct csv *csv, size_t rows, mxp_error *error)
{
    size_t capacity = csv->capacity;
    mxp_status status = MXP_OK;

    if (rows <= csv->capacity)
        return MXP_OK;
    for (size_t j = 0; j < csv->out->count; j++) {
        capacity = csv->capacity;
        TRY(status = mem_grow(&csv->out->column[j].values, &capacity, rows, sizeof(double), error));
    }
    csv->capacity = capacity;
out:
    return status;
}

/* Moves the last `count` rows from the block to the columns. */
static void store_block(struct csv *csv, size_t count)
{
    const size_t first = csv->out->rows - count;

    for (size_t j = 0; j < csv->out->count; j++) {
        double *values = csv->out->column[j].values + first;
        for (size_t r = 0; r < count; r++)
            values[r] = csv->block[r * csv->stride + j];
    }
}

static mxp_status parse_rows(struct csv *csv, mxp_error *error)
{
    mxp_status status = MXP_OK;

    while (csv->at < csv->end) {
        size_t count = 0;
        TRY(status = reserve(csv, csv->out->rows + BLOCK, error));
        for (; count < BLOCK && csv->at < csv->end; count++)
            TRY(status = parse_row(csv, csv->block + count * csv->stride, error));
        store_block(csv, count);
    }
out:
    return status;
}

/* ---- header ---- */

/* Appends a column of that name, which may be wrong in three ways. */
static mxp_status name_column(struct csv *csv, const char *name, size_t length, mxp_error *error)
{
    const size_t number = csv->out->count + 1;
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
                    csv->name, csv->line, columns_find(csv->out, name, length) + 1, number,
                    length < 200 ? (int)length : 200, name);
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
            status = fail_field(csv, problem, &field, csv->line, csv->out->count, error);
            goto out;
        }
        TRY(status = mem_grow(&name, &room, field.length + 1, 1, error));
        TRY(status = name_column(csv, name, field_copy(name, room, &field), error));
        csv->line += field.newlines;
        more = field.end < csv->end && *field.end == csv->options->delimiter;
        csv->at = field.end + 1;
    }
    csv->line++;
out:
    free(name);
    return status;
}

/* ---- the whole ---- */

/* Rows to expect below the header, from the lines at the start; no more than the bytes allow. */
static size_t expected_rows(const struct csv *csv)
{
    const size_t left = (size_t)(csv->end - csv->at);
    const size_t sample = left < 65536 ? left : 65536, most = left / csv->out->count + 1;
    size_t lines = 1;

    for (const char *s = csv->at, *stop = s + sample; s < stop; s++, lines++) {
        s = memchr(s, '\n', (size_t)(stop - s));
        if (!s)
            break;
    }
    const double rows = (double)lines * ((double)left / (double)sample) * 1.02 + BLOCK;
    return rows < (double)most ? (size_t)rows : most;
}

static mxp_status make_room(struct csv *csv, mxp_error *error)
{
    struct columns *out = csv->out;
    mxp_status status = MXP_OK;

    csv->stride = out->count | 1; /* odd: the rows of the block fall on different cache sets */
    csv->capacity = expected_rows(csv) + BLOCK;
    TRY(status = mem_doubles(&csv->block, BLOCK, csv->stride, error));
    for (size_t j = 0; j < out->count; j++)
        TRY(status = mem_doubles(&out->column[j].values, csv->capacity, 1, error));
out:
    return status;
}

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
    mxp_status status;

    csv.any_is_na = may_be_number(options);
    TRY(status = find_text(&csv, input, error));
    TRY(status = parse_header(&csv, error));
    if (csv.at >= csv.end) {
        status = FAIL(error, MXP_DATA, "%s: no rows of data below the header", name);
        goto out;
    }
    const char *const first = csv.at;
    TRY(status = columns_anchor(&out, 0, csv.line, error));
    TRY(status = make_room(&csv, error));
    TRY(status = parse_rows(&csv, error));
    TRY(status = csv_read_texts(&out, first, csv.end, options, error));
    TRY(status = columns_infer(&out, error));
    *columns = out;
    out = (struct columns){0};
out:
    free(csv.block);
    free(csv.text);
    columns_free(&out);
    return status;
}
