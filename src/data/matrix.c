#include "data/matrix.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "io/bytes.h"
#include "io/csv_field.h"
#include "io/utf8.h"
#include "maxpost/data.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { SHOWN = 40 }; /* bytes of a cell that a message repeats */

/* A pass over delimited text. */
struct reader {
    const char *path, *at, *end;
    size_t size; /* of the whole text */
    char delimiter;
    size_t line; /* where the row at `at` starts */
    char **cell; /* the row that was read last, cells of them, owned */
    size_t cells, capacity;
    size_t row_line; /* its line */
};

void matrix_free(struct matrix *matrix)
{
    if (!matrix)
        return;
    for (size_t i = 0; matrix->name && i < matrix->order; i++)
        free(matrix->name[i]);
    free(matrix->name);
    free(matrix->values);
    free(matrix);
}

/* ---- what both kinds of files share ---- */

static mxp_status fail_pair(const struct matrix *m, size_t i, size_t j, const char *path,
                            mxp_error *error)
{
    const double a = m->values[i * m->order + j], b = m->values[j * m->order + i];

    if (m->name)
        return FAIL(error, MXP_DATA,
                    "%s: not symmetric: row \"%s\", column \"%s\" is %.15g, but row \"%s\", column "
                    "\"%s\" is %.15g",
                    path, m->name[i], m->name[j], a, m->name[j], m->name[i], b);
    return FAIL(error, MXP_DATA,
                "%s: not symmetric: row %zu, column %zu is %.15g, but row %zu, column %zu is %.15g",
                path, i + 1, j + 1, a, j + 1, i + 1, b);
}

static mxp_status check_matrix(const struct matrix *m, const char *path, mxp_error *error)
{
    static const double tolerance = 1e-8;
    const size_t k = m->order;

    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            if (!isfinite(m->values[i * k + j]))
                return FAIL(error, MXP_DATA, "%s: row %zu, column %zu is missing or not finite",
                            path, i + 1, j + 1);
    for (size_t i = 0; i < k; i++) {
        if (!(m->values[i * k + i] > 0.0))
            return FAIL(error, MXP_DATA, "%s: entry %zu of the diagonal is %.15g, not above 0",
                        path, i + 1, m->values[i * k + i]);
        for (size_t j = 0; j < i; j++)
            if (fabs(m->values[i * k + j] - m->values[j * k + i]) >
                tolerance * sqrt(m->values[i * k + i]) * sqrt(m->values[j * k + j]))
                return fail_pair(m, i, j, path, error);
    }
    return MXP_OK;
}

static mxp_status copy_name(struct matrix *m, size_t i, const char *name, const char *path,
                            mxp_error *error)
{
    if (!*name)
        return FAIL(error, MXP_DATA, "%s:1: column %zu has no name", path, i + 1);
    if (!utf8_check(name, strlen(name)))
        return FAIL(error, MXP_DATA, "%s:1: the name of column %zu is not UTF-8 text", path, i + 1);
    for (size_t j = 0; j < i; j++)
        if (strcmp(m->name[j], name) == 0)
            return FAIL(error, MXP_DATA, "%s:1: columns %zu and %zu are both named \"%s\"", path,
                        j + 1, i + 1, name);
    return mem_text(&m->name[i], name, error);
}

/* ---- .npy ---- */

/* Whether the names are those that an array without fields gets. */
static bool names_are_numbers(const mxp_table *table)
{
    const size_t count = mxp_table_columns(table);
    bool all = true;

    for (size_t j = 0; j < count && all; j++) {
        int64_t number = 0;
        const char *name = mxp_table_name(table, j);
        all = name[0] == 'c' && !number_read_integer(&number, name + 1) && number == (int64_t)j + 1;
    }
    return all;
}

static mxp_status read_npy(struct matrix *m, const char *path, mxp_error *error)
{
    mxp_table *table = NULL;
    mxp_status status;

    TRY(status = mxp_table_read(&table, path, NULL, error));
    const size_t k = mxp_table_columns(table);
    if (mxp_table_rows(table) != k) {
        status = FAIL(error, MXP_DATA, "%s: %zu rows and %zu columns, the matrix is not square",
                      path, mxp_table_rows(table), k);
        goto out;
    }
    TRY(status = mem_doubles(&m->values, k, k, error));
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++)
            m->values[i * k + j] = mxp_table_type(table, j) == MXP_COLUMN_NUMERIC
                                       ? mxp_table_values(table, j)[i]
                                       : NAN;
    if (!names_are_numbers(table)) {
        TRY(status = MEM_NEW(&m->name, k, error));
        m->order = k;
        for (size_t j = 0; j < k; j++)
            TRY(status = copy_name(m, j, mxp_table_name(table, j), path, error));
    }
    m->order = k;
out:
    mxp_table_free(table);
    return status;
}

/* ---- delimited text ---- */

static mxp_status fail_field(const struct reader *r, enum field_problem problem, size_t lines,
                             mxp_error *error)
{
    return FAIL(error, MXP_DATA, "%s:%zu: column %zu: %s", r->path, r->line + lines, r->cells + 1,
                problem == FIELD_UNCLOSED ? "a quote that is never closed"
                : problem == FIELD_NUL    ? "a NUL byte; this is not a text file"
                                          : "text after a closing quote");
}

static void clear_row(struct reader *r)
{
    for (size_t i = 0; i < r->cells; i++)
        free(r->cell[i]);
    r->cells = 0;
}

static mxp_status keep_cell(struct reader *r, const struct field *field, mxp_error *error)
{
    char *copy = NULL;
    mxp_status status;

    TRY(status = mem_grow(&r->cell, &r->capacity, r->cells + 1, sizeof *r->cell, error));
    TRY(status = mem_text_n(&copy, field->text, field->length, error));
    copy[field_copy(copy, field->length, field)] = '\0';
    r->cell[r->cells++] = copy;
out:
    return status;
}

/* Reads the row at r->at and moves behind it. */
static mxp_status read_row(struct reader *r, mxp_error *error)
{
    struct field field;
    size_t lines = 0;
    bool more = true;

    clear_row(r);
    r->row_line = r->line;
    while (more) {
        const enum field_problem problem = field_scan(&field, r->at, r->end, r->delimiter);
        if (problem != FIELD_OK)
            return fail_field(r, problem, lines + field.newlines, error);
        const mxp_status status = keep_cell(r, &field, error);
        if (status != MXP_OK)
            return status;
        lines += field.newlines;
        more = field.end < r->end && *field.end == r->delimiter;
        r->at = field.end < r->end ? field.end + 1 : r->end;
    }
    r->line += 1 + lines;
    return MXP_OK;
}

/* Whether the row in hand is one of names. */
static bool is_header(const struct reader *r)
{
    double value;

    for (size_t i = 0; i < r->cells; i++)
        if (r->cell[i][0] && number_read(&value, r->cell[i]))
            return true;
    return false;
}

/* Takes the names; the first cell stands over the names of the rows if it is empty, or if the next
 * row starts with the name in the second cell. */
static mxp_status take_names(struct matrix *m, bool *labelled, struct reader *r, mxp_error *error)
{
    struct field next;
    mxp_status status;

    *labelled = r->cells > 1 && r->cell[0][0] == '\0';
    if (!*labelled && r->cells > 1 && field_scan(&next, r->at, r->end, r->delimiter) == FIELD_OK)
        *labelled =
            strlen(r->cell[1]) == next.length && memcmp(r->cell[1], next.text, next.length) == 0;
    const size_t skip = *labelled ? 1 : 0, k = r->cells - skip;
    TRY(status = MEM_NEW(&m->name, k, error));
    m->order = k;
    for (size_t j = 0; j < k; j++)
        TRY(status = copy_name(m, j, r->cell[j + skip], r->path, error));
out:
    return status;
}

/* The row in hand becomes row i. */
static mxp_status take_values(struct matrix *m, size_t i, bool labelled, const struct reader *r,
                              mxp_error *error)
{
    const size_t skip = labelled ? 1 : 0, k = m->order;

    if (r->cells != k + skip)
        return FAIL(error, MXP_DATA, "%s:%zu: %zu cell%s, the first line has %zu", r->path,
                    r->row_line, r->cells, r->cells == 1 ? "" : "s", k + skip);
    if (i >= k)
        return FAIL(error, MXP_DATA, "%s:%zu: a row too many, the matrix has %zu column%s", r->path,
                    r->row_line, k, k == 1 ? "" : "s");
    if (labelled && strcmp(r->cell[0], m->name[i]) != 0)
        return FAIL(error, MXP_DATA,
                    "%s:%zu: the row is named \"%.*s\", column %zu \"%s\": rows and columns are in "
                    "one order",
                    r->path, r->row_line, SHOWN, r->cell[0], i + 1, m->name[i]);
    for (size_t j = 0; j < k; j++) {
        const char *text = r->cell[j + skip];
        const char *wrong = *text ? number_read(&m->values[i * k + j], text) : "is missing";
        if (!wrong && !isfinite(m->values[i * k + j]))
            wrong = "is not finite";
        if (wrong)
            return FAIL(error, MXP_DATA, "%s:%zu: column %zu: \"%.*s\" %s", r->path, r->row_line,
                        j + 1, SHOWN, text, wrong);
    }
    return MXP_OK;
}

static mxp_status parse_text(struct matrix *m, struct reader *r, mxp_error *error)
{
    bool labelled = false;
    size_t rows = 0;
    mxp_status status;

    TRY(status = read_row(r, error));
    if (is_header(r)) {
        TRY(status = take_names(m, &labelled, r, error));
        r->row_line = 0;
    }
    m->order = m->name ? m->order : r->cells;
    assert(m->order > 0);                  /* a row has a cell */
    if (m->order > r->size / m->order + 1) /* a cell is a byte, at least */
        return FAIL(error, MXP_DATA, "%s: %zu columns but fewer rows, the matrix is not square",
                    r->path, m->order);
    TRY(status = mem_doubles(&m->values, m->order, m->order, error));
    if (r->row_line)
        TRY(status = take_values(m, rows++, false, r, error));
    while (r->at < r->end) {
        TRY(status = read_row(r, error));
        TRY(status = take_values(m, rows++, labelled, r, error));
    }
    if (rows != m->order)
        status = FAIL(error, MXP_DATA, "%s: %zu row%s of %zu columns, the matrix is not square",
                      r->path, rows, rows == 1 ? "" : "s", m->order);
out:
    return status;
}

static bool is_space(char c)
{
    return c == '\r' || c == '\n' || c == ' ';
}

static mxp_status read_text(struct matrix *m, const char *path, bool gzip, char delimiter,
                            mxp_error *error)
{
    struct bytes bytes = {0};
    struct reader reader = {.path = path, .delimiter = delimiter, .line = 1};
    mxp_status status;

    TRY(status = bytes_read(&bytes, path, path, gzip, error));
    reader.at = bytes.data;
    reader.end = bytes.data + bytes.size;
    if (bytes.size >= 3 && memcmp(bytes.data, "\xEF\xBB\xBF", 3) == 0)
        reader.at += 3;
    while (reader.end > reader.at && is_space(reader.end[-1]))
        reader.end--;
    reader.size = (size_t)(reader.end - reader.at);
    if (reader.at == reader.end)
        status = FAIL(error, MXP_DATA, "%s: the file is empty", path);
    else
        status = parse_text(m, &reader, error);
out:
    clear_row(&reader);
    free(reader.cell);
    bytes_free(&bytes);
    return status;
}

/* Whether the first `length` bytes of the path end so. */
static bool ends_in(const char *path, size_t length, const char *ending)
{
    const size_t n = strlen(ending);
    return length >= n && strncasecmp(path + length - n, ending, n) == 0;
}

mxp_status matrix_read(struct matrix **matrix, const char *path, mxp_error *error)
{
    size_t length = strlen(path);
    const bool gzip = ends_in(path, length, ".gz");
    struct matrix *m = NULL;
    mxp_status status;

    length -= gzip ? 3 : 0;
    TRY(status = MEM_NEW(&m, 1, error));
    if (ends_in(path, length, ".npy"))
        TRY(status = read_npy(m, path, error));
    else
        TRY(status = read_text(m, path, gzip, ends_in(path, length, ".tsv") ? '\t' : ',', error));
    TRY(status = check_matrix(m, path, error));
    *matrix = m;
    m = NULL;
out:
    matrix_free(m);
    return status;
}
