#include "io/matrix_market.h"
#include "base/mem.h"
#include "io/decimal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { WORD = 24 };

struct reader {
    const char *name, *at, *end;
    size_t line;
    bool array, pattern, symmetric, skew;
    size_t rows, columns, entries;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && is_blank(*r->at))
        r->at++;
}

static void skip_line(struct reader *r)
{
    const char *next = memchr(r->at, '\n', (size_t)(r->end - r->at));

    r->at = next ? next + 1 : r->end;
    r->line++;
}

static mxp_status complain(const struct reader *r, const char *what, mxp_error *error)
{
    return FAIL(error, MXP_DATA, "%s:%zu: %s", r->name, r->line, what);
}

static void read_word(char word[WORD], struct reader *r)
{
    size_t length = 0;

    skip_blanks(r);
    while (r->at < r->end && !is_blank(*r->at) && *r->at != '\n') {
        if (length + 1 < WORD)
            word[length++] = *r->at;
        r->at++;
    }
    word[length] = '\0';
}

static bool is(const char *word, const char *what)
{
    return strcasecmp(word, what) == 0;
}

static mxp_status read_header(struct reader *r, mxp_error *error)
{
    char word[5][WORD];

    for (size_t i = 0; i < 5; i++)
        read_word(word[i], r);
    if (!is(word[0], "%%MatrixMarket") || !is(word[1], "matrix") ||
        !(is(word[2], "coordinate") || is(word[2], "array")))
        return complain(r, "is no header `%%MatrixMarket matrix coordinate|array ...`", error);
    if (is(word[3], "complex") || is(word[4], "hermitian"))
        return FAIL(error, MXP_UNAVAILABLE, "%s:%zu: complex matrices are not read", r->name,
                    r->line);
    r->array = is(word[2], "array");
    r->pattern = is(word[3], "pattern");
    r->skew = is(word[4], "skew-symmetric");
    r->symmetric = r->skew || is(word[4], "symmetric");
    if (!r->pattern && !is(word[3], "real") && !is(word[3], "integer") && !is(word[3], "double"))
        return complain(r, "the field is not real, integer or pattern", error);
    if ((!r->symmetric && !is(word[4], "general")) || (r->array && (r->symmetric || r->pattern)))
        return complain(r,
                        "the symmetry is not general (or, of coordinates, symmetric or "
                        "skew-symmetric)",
                        error);
    skip_line(r);
    return MXP_OK;
}

/* To the next line that says something; false: there is none. */
static bool find_line(struct reader *r)
{
    for (; r->at < r->end; skip_line(r)) {
        skip_blanks(r);
        if (r->at < r->end && *r->at != '\n' && *r->at != '%')
            return true;
    }
    return false;
}

/* A whole number in 1..most, or 0..most where zero is set. */
static mxp_status read_count(size_t *value, struct reader *r, size_t most, bool zero,
                             const char *what, mxp_error *error)
{
    const char *from;
    size_t v = 0;

    skip_blanks(r);
    from = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && v <= SIZE_MAX / 16)
        v = 10 * v + (size_t)(*r->at++ - '0');
    if (r->at == from || (r->at < r->end && !is_blank(*r->at) && *r->at != '\n') || v > most ||
        (v == 0 && !zero))
        return complain(r, what, error);
    *value = v;
    return MXP_OK;
}

static mxp_status read_value(double *value, struct reader *r, mxp_error *error)
{
    skip_blanks(r);
    const char *next = decimal_parse(value, r->at);

    if (next == r->at || next > r->end || !isfinite(*value) ||
        (next < r->end && !is_blank(*next) && *next != '\n'))
        return complain(r, "a value is not a finite number", error);
    r->at = next;
    return MXP_OK;
}

static mxp_status read_size(struct reader *r, mxp_error *error)
{
    static const char *const what = "the size is not `rows columns entries` (of an array `rows "
                                    "columns`), whole numbers above 0";
    mxp_status status;

    if (!find_line(r))
        return complain(r, "the file ends before the size", error);
    TRY(status = read_count(&r->rows, r, UINT32_MAX, false, what, error));
    TRY(status = read_count(&r->columns, r, SIZE_MAX / 32, false, what, error));
    if (r->array)
        r->entries = r->rows * r->columns;
    else
        TRY(status = read_count(&r->entries, r, SIZE_MAX / 32, true, what, error));
    if (r->symmetric && r->rows != r->columns)
        status = complain(r, "a symmetric matrix is square", error);
    else if (r->entries / r->columns > r->rows)
        status = complain(r, "there are more entries than places", error);
    skip_line(r);
out:
    return status;
}

/* The values of a pass: counted first, then put where they belong. */
struct sink {
    struct sparse *sparse;
    size_t *next; /* NULL: the first pass */
};

static void put(struct sink *sink, size_t row, size_t column, double value)
{
    if (!sink->next) {
        sink->sparse->start[column + 1]++;
        return;
    }
    const size_t at = sink->next[column]++;
    sink->sparse->row[at] = (uint32_t)row;
    sink->sparse->value[at] = value;
}

static mxp_status read_entry(struct reader *r, struct sink *sink, size_t n, mxp_error *error)
{
    size_t i = n % r->rows + 1, j = n / r->rows + 1;
    double value = 1.0;
    mxp_status status = MXP_OK;

    if (!find_line(r))
        return FAIL(error, MXP_DATA, "%s:%zu: the file ends after %zu of %zu entries", r->name,
                    r->line, n, r->entries);
    if (!r->array) {
        TRY(status =
                read_count(&i, r, r->rows, false, "a row is not within 1 and the rows", error));
        TRY(status = read_count(&j, r, r->columns, false,
                                "a column is not within 1 and the columns", error));
    }
    if (!r->pattern)
        TRY(status = read_value(&value, r, error));
    skip_blanks(r);
    if (r->at < r->end && *r->at != '\n') {
        status = complain(r, "the line goes on behind its entry", error);
        goto out;
    }
    skip_line(r);
    if (!r->array || value != 0.0)
        put(sink, i - 1, j - 1, value);
    if (r->symmetric && i != j)
        put(sink, j - 1, i - 1, r->skew ? -value : value);
out:
    return status;
}

static mxp_status read_entries(struct reader r, struct sink *sink, mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (size_t n = 0; n < r.entries; n++)
        TRY(status = read_entry(&r, sink, n, error));
    if (find_line(&r))
        status = FAIL(error, MXP_DATA, "%s:%zu: there are more entries than the %zu of the size",
                      r.name, r.line, r.entries);
out:
    return status;
}

mxp_status matrix_market_parse(struct sparse *sparse, const struct bytes *bytes, const char *name,
                               mxp_error *error)
{
    struct reader r = {
        .name = name, .at = bytes->data, .end = bytes->data + bytes->size, .line = 1};
    struct sparse s = {0};
    struct sink sink = {.sparse = &s};
    size_t twice, row = 0;
    mxp_status status;

    TRY(status = read_header(&r, error));
    TRY(status = read_size(&r, error));
    s.rows = r.rows;
    s.columns = r.columns;
    TRY(status = MEM_NEW(&s.start, s.columns + 1, error));
    TRY(status = read_entries(r, &sink, error));
    TRY(status = sparse_make_room(&s, error));
    TRY(status = MEM_NEW(&sink.next, s.columns, error));
    memcpy(sink.next, s.start, s.columns * sizeof *sink.next);
    TRY(status = read_entries(r, &sink, error));
    TRY(status = sparse_sort(&s, &twice, &row, error));
    if (twice != SIZE_MAX) {
        status = FAIL(error, MXP_DATA, "%s: row %zu of column %zu is there twice", name, row + 1,
                      twice + 1);
        goto out;
    }
    *sparse = s;
    s = (struct sparse){0};
out:
    free(sink.next);
    sparse_clear(&s);
    return status;
}
