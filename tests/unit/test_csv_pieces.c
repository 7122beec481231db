/* csv_parse cut into pieces: whatever their size and the number of threads, the table and the error
 * are those of rows that are parsed one after the other. */
#include "io/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const na[] = {"", "NA", "nan", "0.123456789123456789e-77"};

/* A spelling that is a number takes every cell through the careful parser: the reference. */
enum { FAST = 3, CAREFUL = 4 };

struct result {
    mxp_status status;
    struct columns columns;
    mxp_error error;
};

static struct result parse(const char *text, size_t size, size_t na_count, size_t piece,
                           int threads)
{
    const struct csv_options options = {
        .delimiter = ',', .na = na, .na_count = na_count, .threads = threads, .piece = piece};
    struct result result = {MXP_OK, {0}, {0}};
    char *copy = calloc(size + BYTES_SLACK, 1); /* just the slack that is promised */

    assert_non_null(copy);
    memcpy(copy, text, size);
    const struct bytes input = {.data = copy, .size = size};
    result.status = csv_parse(&result.columns, &input, &options, "t.csv", &result.error);
    free(copy);
    return result;
}

/* ---- equality ---- */

static bool same_texts(const struct column_text *a, const struct column_text *b, size_t rows)
{
    bool same = a->count == b->count && !a->code == !b->code;

    for (size_t l = 0; same && l < a->count; l++)
        same = strcmp(a->level[l], b->level[l]) == 0;
    return same && (!a->code || memcmp(a->code, b->code, rows * sizeof *a->code) == 0);
}

static bool same_column(const struct column *a, const struct column *b, size_t rows)
{
    const struct column_fault *f = &a->fault, *g = &b->fault;
    bool same = strcmp(a->name, b->name) == 0 && a->missing == b->missing &&
                (!a->missing || a->missing_row == b->missing_row) && a->texts == b->texts &&
                a->categorical == b->categorical && !f->text == !g->text;

    if (same && f->text)
        same = f->row == g->row && f->line == g->line && strcmp(f->text, g->text) == 0 &&
               strcmp(f->why, g->why) == 0;
    for (size_t i = 0; same && i < rows; i++)
        same = (isnan(a->values[i]) && isnan(b->values[i])) ||
               memcmp(&a->values[i], &b->values[i], sizeof(double)) == 0;
    return same && same_texts(&a->text, &b->text, rows);
}

static bool same_result(const struct result *a, const struct result *b)
{
    const struct columns *c = &a->columns, *d = &b->columns;

    if (a->status != b->status || c->rows != d->rows || c->count != d->count)
        return false;
    if (a->status != MXP_OK)
        return strcmp(a->error.message, b->error.message) == 0;
    for (size_t i = 0; i < c->rows; i++)
        if (columns_line(c, i) != columns_line(d, i))
            return false;
    for (size_t j = 0; j < c->count; j++)
        if (!same_column(&c->column[j], &d->column[j], c->rows))
            return false;
    return true;
}

static void expect_same(const char *text, size_t size, size_t piece, int threads)
{
    struct result expected = parse(text, size, CAREFUL, 0, 1);
    struct result result = parse(text, size, FAST, piece, threads);

    if (!same_result(&result, &expected))
        fail_msg("pieces of %zu, %d threads: \"%.*s\": status %d, \"%s\", not %d, \"%s\"", piece,
                 threads, (int)size, text, (int)result.status, result.error.message,
                 (int)expected.status, expected.error.message);
    columns_free(&result.columns);
    columns_free(&expected.columns);
}

static void expect_same_anyhow(const char *text, size_t size)
{
    static const size_t pieces[] = {1, 2, 3, 5, 8, 13, 40, 64, 100, 300, 0};

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        for (int threads = 1; threads <= 3; threads++)
            expect_same(text, size, pieces[i], threads);
}

/* ---- texts ---- */

/* Rows of one kind several times, so that every kind of row meets every kind of cut. */
static void rows_of_all_kinds(void **state)
{
    static const char *const rows[] = {
        "1,2.5,x\n",
        "-0.034193,1e5,y\r\n",
        "\"1\n2\",3,\"a\nb\"\n",
        "NA,,nan\n",
        " 12 ,\"7\",\" x \"\n",
        "5\" disk,3,y\"\"\n",
        "\"a \"\"b\"\", \",-.5,\"\"\n",
        "123456789.123456789,0.53574621869253392,12345678901234567890\n",
        "1e400,+3.,1\r2\n",
        "\"\n\n\n\n\",\"\",\"\r\n\"\r\n",
        "\"a,b\n1,2,\n3,4,5\n\",\"\n1,\n\",\"\"\"\n\"\"\"\n",
    };
    enum { KINDS = sizeof rows / sizeof *rows };
    char text[4096];

    (void)state;
    for (size_t a = 0; a < KINDS; a++) {
        for (size_t b = 0; b < KINDS; b++) {
            size_t used = (size_t)snprintf(text, sizeof text, "a,b,c\n");
            for (int i = 0; i < 6; i++)
                used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", rows[a],
                                         rows[(b + (i == 4)) % KINDS]);
            expect_same_anyhow(text, used);
        }
    }
}

/* The first fault of the file is the one that is told, with its line. */
static void first_fault(void **state)
{
    static const char *const faults[] = {"1,2\n", "1,2,3,4\n", "\n", "\"1\"2,3,4\n", "1,\"2,3\n"};
    char text[4096];

    (void)state;
    for (size_t f = 0; f < sizeof faults / sizeof *faults; f++) {
        for (int at = 0; at < 40; at += 3) {
            size_t used = (size_t)snprintf(text, sizeof text, "a,b,c\n");
            for (int i = 0; i < 40; i++)
                used += (size_t)snprintf(text + used, sizeof text - used, "%s%d,\"%s\",z\n",
                                         i == at || i == at + 7 ? faults[f] : "", i,
                                         i % 5 ? "q" : "r\ns");
            expect_same_anyhow(text, used);
        }
    }
}

static void nul_bytes(void **state)
{
    char text[600];

    (void)state;
    for (size_t at = 4; at < 420; at += 5) {
        size_t used = (size_t)snprintf(text, sizeof text, "a,b\n");
        for (int i = 0; i < 50; i++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%d.25,%s\n", i,
                                     i % 2 ? "x" : "12");
        if (at < used)
            text[at] = '\0';
        expect_same_anyhow(text, used);
    }
}

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Shreds of delimited text in any order. */
static void random_shreds(void **state)
{
    static const char *const shreds[] = {
        ",",   ",",  ",",    "\n",   "\n",    "\n",    "\"",        "\"",     "\r",   " ",
        "1",   "23", "-4.5", "NA",   "x",     "e7",    "yy",        "\t",     ".",    "\"a",
        "b\"", "0",  "678",  "\r\n", "1,2\n", "3,4\n", "\"5\",6\n", "NA,1\n", "x,y\n"};
    uint64_t chance = 88172645463325252u;
    char text[2048];

    (void)state;
    for (int round = 0; round < 4000; round++) {
        const size_t count = next(&chance) % 60;
        size_t used = (size_t)snprintf(text, sizeof text, "a,b\n");
        for (size_t i = 0; i < count; i++) {
            /* mostly rows that are right: faults would end the reading */
            const size_t from = next(&chance) % 8 ? 24 : 0;
            const size_t kind = from + next(&chance) % (sizeof shreds / sizeof *shreds - from);
            used += (size_t)snprintf(text + used, sizeof text - used, "%s", shreds[kind]);
        }
        expect_same(text, used, 1 + next(&chance) % 90, 1 + round % 3);
    }
}

/* ---- numbers ---- */

static void append_number(char *text, size_t room, uint64_t *chance)
{
    const uint64_t a = next(chance), kind = next(chance) % 10;
    const double x = (double)(int64_t)a * 1e-18;

    if (kind < 3)
        snprintf(text, room, "%.*f", (int)kind * 3, x * 100);
    else if (kind == 3)
        snprintf(text, room, "%.17g", x);
    else if (kind == 4)
        snprintf(text, room, "%.*f", (int)(a % 24), x * (double)(1 + a % 1000));
    else if (kind == 5)
        snprintf(text, room, "%lld", (long long)(a >> next(chance) % 64));
    else if (kind == 6)
        snprintf(text, room, "%.12e", x);
    else if (kind == 7)
        snprintf(text, room, "+.%llu", (unsigned long long)(a >> next(chance) % 64));
    else if (kind == 8)
        snprintf(text, room, "%llu.", (unsigned long long)(a >> next(chance) % 64));
    else
        snprintf(text, room, "000%llu.%llu", (unsigned long long)(a % 100),
                 (unsigned long long)(next(chance) >> a % 64));
}

/* Against strtod. */
static void numbers(void **state)
{
    enum { ROWS = 60000 };
    char *text = malloc(ROWS * 130);
    double *expected = malloc(2 * ROWS * sizeof *expected);
    uint64_t chance = 362436069;

    (void)state;
    assert_non_null(text);
    assert_non_null(expected);
    size_t used = (size_t)sprintf(text, "a,b\n");
    for (size_t i = 0; i < (size_t)2 * ROWS; i++) {
        append_number(text + used, 64, &chance);
        expected[i] = strtod(text + used, NULL);
        used += strlen(text + used);
        text[used++] = i % 2 ? '\n' : ',';
    }
    struct result r = parse(text, used, FAST, 10000, 2);
    assert_int_equal(r.status, MXP_OK);
    assert_int_equal(r.columns.rows, ROWS);
    for (size_t i = 0; i < (size_t)2 * ROWS; i++)
        assert_memory_equal(&r.columns.column[i % 2].values[i / 2], &expected[i], sizeof *expected);
    columns_free(&r.columns);
    free(expected);
    free(text);
}

/* ---- sizes ---- */

/* Columns of several large pages; rows that become shorter, so that room must be made again. */
static void many_rows(void **state)
{
    enum { ROWS = 700000 };
    char *text = malloc(ROWS * 12);

    (void)state;
    assert_non_null(text);
    size_t used = (size_t)sprintf(text, "a,b\n");
    for (size_t i = 0; i < ROWS; i++)
        used += (size_t)sprintf(text + used, i < 20000 ? "%zu.00,%c\n" : "%zu,%c\n", i % 1000,
                                "xyz"[i / 300000]);
    struct result r = parse(text, used, FAST, 0, 2);
    assert_int_equal(r.status, MXP_OK);
    assert_int_equal(r.columns.rows, ROWS);
    const struct column *a = &r.columns.column[0], *b = &r.columns.column[1];
    for (size_t i = 0; i < ROWS; i++)
        assert_true(a->values[i] == (double)(i % 1000) && b->text.code[i] == i / 300000);
    assert_int_equal(b->text.count, 3);
    assert_int_equal(columns_line(&r.columns, ROWS - 1), ROWS + 1);
    columns_free(&r.columns);
    free(text);
}

/* A row, or a quoted cell, that is longer than pieces; and a quote that a guess takes for one that
 * is closed far away. */
static void long_rows(void **state)
{
    enum { LONG = 3 << 20 };
    char *text = malloc(LONG + 400);

    (void)state;
    assert_non_null(text);
    for (int kind = 0; kind < 3; kind++) {
        size_t used = (size_t)sprintf(text, "a,b\n1,2\n\"p\n,");
        memset(text + used, kind == 1 ? '\n' : 'q', LONG);
        used += LONG;
        used += (size_t)sprintf(text + used, kind == 2 ? "\n,\"\"\n\",5\n" : "\n\",3\n4,\"5\"\n");
        for (int threads = 1; threads < 3; threads++)
            expect_same(text, used, 0, threads);
        expect_same(text, used, 1000, 2);
    }
    free(text);
}

/* ---- rows without a name ---- */

static void nameless_first_column(void **state)
{
    static const char *const texts[] = {
        ",a,b\n1,2.5,x\n2,NA,y\n",
        "\"\",\"a\",\"b\"\n\"1\",2.5,\"x\"\n\"2\",NA,\"y\"\n",
        "\xEF\xBB\xBF,a,b\r\nrow one,2.5,x\r\n,,y\r\n",
        " ,a,b\n\"r,1\",2.5,x\n\"r\n2\",NA,y",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct result r = parse(texts[i], strlen(texts[i]), FAST, 0, 1);
        assert_int_equal(r.status, MXP_OK);
        assert_int_equal(r.columns.count, 2);
        assert_int_equal(r.columns.rows, 2);
        assert_string_equal(r.columns.column[0].name, "a");
        assert_int_equal(columns_find(&r.columns, "b", 1), 1);
        assert_true(r.columns.column[0].values[0] == 2.5);
        assert_true(isnan(r.columns.column[0].values[1]));
        assert_int_equal(r.columns.column[0].missing, 1);
        assert_true(r.columns.column[1].categorical);
        assert_string_equal(r.columns.column[1].text.level[1], "y");
        columns_free(&r.columns);
        expect_same_anyhow(texts[i], strlen(texts[i]));
    }
}

static void nameless_and_wrong(void **state)
{
    static const struct {
        const char *text, *message;
        size_t size;
    } wrong[] = {
        {",\n1,2\n", "t.csv:1: column 2 has no name", 6},
        {",a,\n1,2,3\n", "t.csv:1: column 3 has no name", 10},
        {",a,a\n1,2,3\n", "t.csv:1: columns 2 and 3 are both named \"a\"", 11},
        {"\"\"\n1\n", "t.csv:1: column 1 has no name", 5},
        {",a,b\n1,2\n", "t.csv:2: 2 fields, the header has 3 (none for column \"b\")", 9},
        {",a,b\n1\n", "t.csv:2: 1 field, the header has 3 (none for column \"a\")", 7},
        {",a\n1,2,3\n",
         "t.csv:2: 3 fields, the header has 2 (\"3\" is after the last column, \"a\")", 9},
        {",a\n1,2\n\n3,4\n", "t.csv:3: a blank line, the header has 2 columns", 12},
        {",a\n\"1,2\n", "t.csv:2: column 1: a quote that is never closed", 8},
        {",a\n1,\"2\n", "t.csv:2: column 2: a quote that is never closed", 8},
        {",a\n1,2\n\0,3\n", "t.csv:3: column 1: a NUL byte; this is not a text file", 11},
        {",a\n1,2\n1,\0\n", "t.csv:3: column 2: a NUL byte; this is not a text file", 11},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct result r = parse(wrong[i].text, wrong[i].size, FAST, 0, 1);
        assert_int_equal(r.status, MXP_DATA);
        assert_string_equal(r.error.message, wrong[i].message);
        expect_same_anyhow(wrong[i].text, wrong[i].size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_all_kinds),
        cmocka_unit_test(first_fault),
        cmocka_unit_test(nul_bytes),
        cmocka_unit_test(random_shreds),
        cmocka_unit_test(numbers),
        cmocka_unit_test(many_rows),
        cmocka_unit_test(long_rows),
        cmocka_unit_test(nameless_first_column),
        cmocka_unit_test(nameless_and_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
