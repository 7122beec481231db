/* csv_parse on texts in memory: what is read, and what is wrong with malformed ones. */
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

static const char *const na[] = {"", "NA", "NaN", "nan"};
static const struct csv_options comma = {.delimiter = ',', .na = na, .na_count = 4};
static const struct csv_options tab = {.delimiter = '\t', .na = na, .na_count = 4};

/* A fresh copy with just the slack that is promised, so that a sanitizer sees one byte too many. */
static mxp_status parse(struct columns *columns, const char *text, size_t size,
                        const struct csv_options *options, mxp_error *error)
{
    char *copy = calloc(size + BYTES_SLACK, 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    const struct bytes input = {.data = copy, .size = size};
    const mxp_status status = csv_parse(columns, &input, options, "t.csv", error);
    free(copy);
    return status;
}

static struct columns read_good(const char *text, const struct csv_options *options)
{
    struct columns columns = {0};
    mxp_error error = {0};

    if (parse(&columns, text, strlen(text), options, &error) != MXP_OK)
        fail_msg("\"%s\": %s", text, error.message);
    return columns;
}

/* Compares every value; the expected ones row by row, NaN equal to NaN. */
static void expect_values(const struct columns *c, size_t rows, size_t count,
                          const double *expected)
{
    assert_int_equal(c->rows, rows);
    assert_int_equal(c->count, count);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < count; j++) {
            const double value = c->column[j].values[i], e = expected[i * count + j];
            if (!(value == e || (isnan(value) && isnan(e))))
                fail_msg("row %zu, column %zu: %g, not %g", i, j, value, e);
        }
    }
}

/* Every way of writing the same table. */
static void same_table(void **state)
{
    static const char *const texts[] = {
        "a,b\n1,2\n3,-4.5\n",
        "a,b\n1,2\n3,-4.5",         /* no newline at the end */
        "a,b\r\n1,2\r\n3,-4.5\r\n", /* CRLF */
        "a,b\r\n1,2\r\n3,-4.5",     /* CRLF and no newline at the end */
        "a,b\r\n1,2\n3,-4.5\r\n",   /* mixed */
        "\xEF\xBB\xBF"
        "a,b\n1,2\n3,-4.5\n", /* byte order mark */
        "\xEF\xBB\xBF\"a\",b\n1,2\n3,-4.5\n",
        "a,b\n1,2\n3,-4.5\n\n\r\n  \n", /* blank lines at the end */
        "\"a\",\"b\"\n\"1\",\"2\"\n\"3\",\"-4.5\"\n",
        "\"a\",\"b\"\r\n\"1\",\"2\"\r\n\"3\",\"-4.5\"\r\n",
        "\"a\",\"b\"\r\n\"1\",\"2\"\r\n\"3\",\"-4.5\"",
        " a , b\t\n 1 ,  2\n3\t, -4.5 \n", /* blanks around fields */
        " \"a\" , \" b \" \n \" 1 \" ,\"2\"\n3, -4.5 \n",
        "a,b\n+1,+2\n+3,-4.5\n",
        "a,b\n1.,2.0\n03,-45e-1\n",
        "a,b\n1e0,.2E1\n0.3e+1,-0.45e1\n",
        "a,b\n1.000000000000000000000000,2\n3,-4.5000000000000000000000000000000000\n",
    };
    static const double expected[] = {1, 2, 3, -4.5};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct columns c = read_good(texts[i], &comma);
        expect_values(&c, 2, 2, expected);
        assert_string_equal(c.column[0].name, "a");
        assert_string_equal(c.column[1].name, "b");
        assert_null(c.column[0].fault.text);
        assert_null(c.column[1].fault.text);
        assert_int_equal(c.column[0].missing + c.column[1].missing, 0);
        assert_int_equal(columns_line(&c, 0), 2);
        assert_int_equal(columns_line(&c, 1), 3);
        columns_free(&c);
    }
}

static void tabs(void **state)
{
    static const double expected[] = {1, NAN, 3, NAN, NAN, 6};

    (void)state;
    struct columns c = read_good("a\tb c\td,e\n1\t\t3\n\t NA\t\"6\"\n", &tab);
    expect_values(&c, 2, 3, expected);
    assert_string_equal(c.column[1].name, "b c");
    assert_string_equal(c.column[2].name, "d,e");
    columns_free(&c);
    c = read_good("a\tb\n1\t\n", &tab); /* an empty last cell, which no blank line is */
    expect_values(&c, 1, 2, expected);
    columns_free(&c);
}

static void missing_cells(void **state)
{
    static const double expected[] = {NAN, 1, NAN, 2, NAN, NAN, 7, NAN, NAN};

    (void)state;
    struct columns c = read_good("a,b,c\nNA,1,\n 2 ,NaN,nan\n7,\"NA\", \"\" \n", &comma);
    expect_values(&c, 3, 3, expected);
    assert_int_equal(c.column[0].missing, 1);
    assert_int_equal(c.column[1].missing, 2);
    assert_int_equal(c.column[2].missing, 3);
    assert_int_equal(c.column[0].missing_row, 0);
    assert_int_equal(c.column[1].missing_row, 1);
    for (size_t j = 0; j < 3; j++)
        assert_null(c.column[j].fault.text);
    columns_free(&c);
}

static void other_na_spellings(void **state)
{
    static const char *const own[] = {"-99", "?", "\"x\""};
    static const struct csv_options options = {.delimiter = ',', .na = own, .na_count = 3};
    static const double expected[] = {NAN, NAN, -99.5, NAN, -990, NAN};

    (void)state;
    struct columns c = read_good("a,b\n-99,?\n-99.5,NA\n-990,\"\"\"x\"\"\"\n", &options);
    expect_values(&c, 3, 2, expected);
    assert_int_equal(c.column[0].missing, 1);
    assert_int_equal(c.column[1].missing, 2);
    assert_string_equal(c.column[1].fault.text, "NA");
    assert_int_equal(c.column[1].fault.line, 3);
    columns_free(&c);
}

/* In a file of one column, a blank line is an empty cell; those at the end are none. */
static void one_column(void **state)
{
    static const double expected[] = {1, NAN, 2, NAN, 3};

    (void)state;
    struct columns c = read_good("x\n1\n\n2\n\r\n3\n\n\n", &comma);
    expect_values(&c, 5, 1, expected);
    assert_int_equal(c.column[0].missing, 2);
    columns_free(&c);
    c = read_good("x\n5", &comma);
    assert_int_equal(c.rows, 1);
    columns_free(&c);
    c = read_good("x\n1\n\"\"\n", &comma);
    assert_int_equal(c.rows, 2);
    columns_free(&c);
}

/* Columns that hold text are kept; the first such cell is noted. */
static void text_columns(void **state)
{
    (void)state;
    struct columns c = read_good("id,x\nNA,1\nann,2\nbob,3\n12,4\n", &comma);
    assert_string_equal(c.column[0].fault.text, "ann");
    assert_string_equal(c.column[0].fault.why, "is not a number");
    assert_int_equal(c.column[0].fault.line, 3);
    assert_int_equal(c.column[0].fault.row, 1);
    assert_int_equal(c.column[0].missing, 1);
    assert_true(isnan(c.column[0].values[2]));
    assert_true(c.column[0].values[3] == 12);
    assert_null(c.column[1].fault.text);
    columns_free(&c);
}

static void what_is_not_a_number(void **state)
{
    static const char *const cells[][3] = {
        {"abc", "abc", "is not a number"},
        {"inf", "inf", "is not a number"},
        {"-Inf", "-Inf", "is not a number"},
        {"NAN", "NAN", "is not a number"},
        {"-", "-", "is not a number"},
        {"+", "+", "is not a number"},
        {".", ".", "is not a number"},
        {"+-1", "+-1", "is not a number"},
        {"1 2", "1 2", "is not a number"},
        {"0x10", "0x10", "is not a number"},
        {"1e", "1e", "is not a number"},
        {"1e+", "1e+", "is not a number"},
        {"1.2.3", "1.2.3", "is not a number"},
        {"1_000", "1_000", "is not a number"},
        {"1d5", "1d5", "is not a number"},
        {"\"1,5\"", "1,5", "is not a number"},
        {"\"a \"\"b\"\" c\"", "a \"b\" c", "is not a number"},
        {"\"1\"\"\"", "1\"", "is not a number"},
        {"5\" disk", "5\" disk", "is not a number"},
        {"1e400", "1e400", "is beyond the range of a double"},
        {"-1.8e308", "-1.8e308", "is beyond the range of a double"},
        {"12%", "12%", "is not a number"},
        {"\xE2\x88\x92"
         "1",
         "\xE2\x88\x92"
         "1",
         "is not a number"},
        {"1\r2", "1\r2", "is not a number"},
        {"TRUE", "TRUE", "is not a number"},
    };
    char text[200];

    (void)state;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        for (int last = 0; last < 2; last++) { /* the cell in the middle of a row and at its end */
            snprintf(text, sizeof text, last ? "x,y\n1,2\n3,%s\n" : "y,x\n1,2\n%s,3\n",
                     cells[i][0]);
            struct columns c = read_good(text, &comma);
            const struct column *y = &c.column[last];
            if (!y->fault.text || strcmp(y->fault.text, cells[i][1]) != 0 ||
                strcmp(y->fault.why, cells[i][2]) != 0)
                fail_msg("\"%s\" was taken for %g", cells[i][0], y->values[1]);
            assert_int_equal(y->fault.line, 3);
            assert_true(isnan(y->values[1]));
            assert_int_equal(y->missing, 0);
            columns_free(&c);
        }
    }
}

static void long_text_is_shortened(void **state)
{
    char text[1100] = "x\n";

    (void)state;
    for (size_t i = 2; i < 1000; i += 2)
        memcpy(text + i, "\xC3\xA9", 2);
    struct columns c = read_good(text, &comma);
    assert_true(strlen(c.column[0].fault.text) < 70);
    assert_non_null(strstr(c.column[0].fault.text, "\xC3\xA9..."));
    columns_free(&c);
}

/* Newlines inside quotes move the lines of all later rows. */
static void lines_of_rows(void **state)
{
    static const double x[] = {1, 2, 3, 4};

    (void)state;
    struct columns c =
        read_good("\"na\nme\",x\n\"a\nb\r\n\nc\",1\nd,2\ne,3\n\"f\n\",4\n\"5\n\",bad\n", &comma);
    assert_string_equal(c.column[0].name, "na\nme");
    assert_int_equal(c.rows, 5);
    for (size_t i = 0; i < 4; i++)
        assert_true(c.column[1].values[i] == x[i]);
    assert_int_equal(columns_line(&c, 0), 3);
    assert_int_equal(columns_line(&c, 1), 7);
    assert_int_equal(columns_line(&c, 2), 8);
    assert_int_equal(columns_line(&c, 3), 9);
    assert_int_equal(columns_line(&c, 4), 11);
    assert_string_equal(c.column[1].fault.text, "bad");
    assert_int_equal(c.column[1].fault.line, 11);
    assert_int_equal(c.column[0].fault.line, 3);
    columns_free(&c);
}

/* More rows than the start of the file lets expect, and sizes around the block of rows. */
static void sizes(void **state)
{
    (void)state;
    for (size_t rows = 1; rows < 30000; rows = rows < 20 ? rows + 1 : rows * 3) {
        const size_t room = rows * 40 + 100;
        char *text = malloc(room);
        size_t used = (size_t)snprintf(text, room, "a,b,c\n");
        for (size_t i = 0; i < rows; i++)
            used += (size_t)snprintf(text + used, room - used,
                                     i < 1000 ? "%zu.000000000,%zu,%zu\n" : "%zu,%zu,%zu\n", i,
                                     i + 1, 2 * i);
        struct columns c = {0};
        mxp_error error = {0};
        assert_int_equal(parse(&c, text, used, &comma, &error), MXP_OK);
        assert_int_equal(c.rows, rows);
        for (size_t i = 0; i < rows; i++) {
            assert_true(c.column[0].values[i] == (double)i);
            assert_true(c.column[1].values[i] == (double)(i + 1));
            assert_true(c.column[2].values[i] == (double)(2 * i));
        }
        columns_free(&c);
        free(text);
    }
}

static void many_columns(void **state)
{
    enum { COLUMNS = 3000 };
    char *text = malloc(COLUMNS * 40), name[32];
    size_t used = 0;

    (void)state;
    for (int row = 0; row < 3; row++)
        for (int j = 0; j < COLUMNS; j++)
            used += (size_t)sprintf(text + used, "%s%d%s", row ? "" : "v", row * 10000 + j,
                                    j + 1 < COLUMNS ? "," : "\n");
    struct columns c = {0};
    mxp_error error = {0};
    assert_int_equal(parse(&c, text, used, &comma, &error), MXP_OK);
    assert_int_equal(c.count, COLUMNS);
    for (size_t j = 0; j < COLUMNS; j++) {
        const int length = sprintf(name, "v%zu", j);
        assert_int_equal(columns_find(&c, name, (size_t)length), j);
        assert_true(c.column[j].values[1] == (double)(20000 + j));
    }
    assert_int_equal(columns_find(&c, "v", 1), SIZE_MAX);
    columns_free(&c);
    free(text);
}

/* ---- malformed files ---- */

struct malformed {
    const char *text, *message; /* the whole message, or its start where it ends in an asterisk */
};

static const struct malformed malformed[] = {
    {"", "t.csv: the file is empty"},
    {"\n\n", "t.csv: the file is empty"},
    {"\xEF\xBB\xBF", "t.csv: the file is empty"},
    {"\xEF\xBB\xBF\r\n", "t.csv: the file is empty"},
    {"\xFF\xFE"
     "a",
     "t.csv: UTF-16 text; save it as UTF-8"},
    {"a,b", "t.csv: no rows of data below the header"},
    {"a,b\n", "t.csv: no rows of data below the header"},
    {"a,b\r\n\r\n", "t.csv: no rows of data below the header"},
    {"a,,c\n1,2,3\n", "t.csv:1: column 2 has no name"},
    {"a,b,\n1,2,3\n", "t.csv:1: column 3 has no name"},
    {"a,\"\"\n1,2\n", "t.csv:1: column 2 has no name"},
    {"a, \n1,2\n", "t.csv:1: column 2 has no name"},
    {"\na,b\n1,2\n", "t.csv:1: column 1 has no name"},
    {"a,b,a\n1,2,3\n", "t.csv:1: columns 1 and 3 are both named \"a\""},
    {"a,b,\" b\"\n1,2,3\n", "t.csv:1: columns 2 and 3 are both named \"b\""},
    {"\"x\ny\",\n1,2\n", "t.csv:2: column 2 has no name"},
    {"a,b\xE9\n1,2\n", "t.csv:1: the name of column 2 is not UTF-8 text"},
    {"a,\"b\n1,2\n", "t.csv:1: column 2: a quote that is never closed"},
    {"a,\"b\"x\n1,2\n", "t.csv:1: column 2: text after a closing quote*"},
    {"a,b,c,d\n1,2,3,4\n1,2,3\n", "t.csv:3: 3 fields, the header has 4 (none for column \"d\")"},
    {"a,b,c,d\n1\n", "t.csv:2: 1 field, the header has 4 (none for column \"b\")"},
    {"a,b\n1,2\n3", "t.csv:3: 1 field, the header has 2 (none for column \"b\")"},
    {"a,b\n1,2\n\"\"\n3,4\n", "t.csv:3: 1 field, the header has 2 (none for column \"b\")"},
    {"a,b,c,d\n1,2,3,4,5\n",
     "t.csv:2: 5 fields, the header has 4 (\"5\" is after the last column, \"d\")"},
    {"a,b\n1,2\n3,4,x y,\"u\"\"v\",7\n",
     "t.csv:3: 5 fields, the header has 2 (\"x y\" is after the last column, \"b\")"},
    {"a,b\n1,2,\n", "t.csv:2: 3 fields, the header has 2 (\"\" is after the last column, \"b\")"},
    {"a,b\n1,2\n\n3,4\n", "t.csv:3: a blank line, the header has 2 columns"},
    {"a,b\n1,2\r\n\r\n3,4\n", "t.csv:3: a blank line, the header has 2 columns"},
    {"a,b\n\"1\n\n\",2\n3\n", "t.csv:5: 1 field, the header has 2 (none for column \"b\")"},
    {"a,b\n1,\"2\n3,4\n", "t.csv:2: column 2: a quote that is never closed"},
    {"a,b\n\"x\n\ny\",\"2\n3,4\n", "t.csv:4: column 2: a quote that is never closed"},
    {"a,b\n1,\"", "t.csv:2: column 2: a quote that is never closed"},
    {"a,b\n1,2,\"\n", "t.csv:2: column 3: a quote that is never closed"},
    {"a,b\n\"1\"2,3\n", "t.csv:2: column 1: text after a closing quote*"},
    {"a,b\n\"1\" \"2\",3\n", "t.csv:2: column 1: text after a closing quote*"},
    {"a,b\n\"x\ny\"z,3\n", "t.csv:3: column 1: text after a closing quote*"},
    {"a,b\n1,2\n\"1", "t.csv:3: column 1: a quote that is never closed"},
};

static void expect_message(const struct malformed *m, const char *text, size_t size)
{
    struct columns columns = {.rows = 77};
    mxp_error error = {0};
    const size_t length = strlen(m->message);
    const size_t compared = m->message[length - 1] == '*' ? length - 1 : length + 1;
    const mxp_status status = parse(&columns, text, size, &comma, &error);

    if (status != MXP_DATA || error.status != MXP_DATA ||
        strncmp(error.message, m->message, compared) != 0)
        fail_msg("\"%s\": status %d, \"%s\", not \"%s\"", text, (int)status, error.message,
                 m->message);
    assert_int_equal(columns.rows, 77); /* not written */
    assert_int_equal(parse(&columns, text, size, &comma, NULL), MXP_DATA);
}

static void malformed_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
        expect_message(&malformed[i], malformed[i].text, strlen(malformed[i].text));
}

static void nul_bytes(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        struct malformed m;
    } with_nul[] = {
        {"a,b\n1,\0002\n", 9, {"", "t.csv:2: column 2: a NUL byte; this is not a text file"}},
        {"a\0,b\n1,2\n", 9, {"", "t.csv:1: column 1: a NUL byte; this is not a text file"}},
        {"a,b\n1,2\0\n", 9, {"", "t.csv:2: column 2: a NUL byte; this is not a text file"}},
        {"a,b\n\"\n\0\",2\n", 11, {"", "t.csv:3: column 1: a NUL byte; this is not a text file"}},
        {"a,b\n\"1\"\0,2\n", 11, {"", "t.csv:2: column 1: a NUL byte; this is not a text file"}},
        {"a,b\n1,2\n\0\0\0", 11, {"", "t.csv:3: column 1: a NUL byte; this is not a text file"}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof with_nul / sizeof *with_nul; i++)
        expect_message(&with_nul[i].m, with_nul[i].text, with_nul[i].size);
}

/* Every prefix of a file is read or refused, and nothing beyond it is touched. */
static void prefixes(void **state)
{
    static const char text[] = "\xEF\xBB\xBF\"a\"\"b\" ,c\r\n\"1\n2\",-3.25e+1\r\n NA ,\"x\"\"\"\n"
                               "12345678901234567890123,1e-320\n";

    (void)state;
    for (size_t size = 0; size < sizeof text; size++) {
        struct columns c = {0};
        mxp_error error = {0};
        if (parse(&c, text, size, &comma, &error) == MXP_OK)
            columns_free(&c);
        else
            assert_int_equal(error.status, MXP_DATA);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_table),
        cmocka_unit_test(tabs),
        cmocka_unit_test(missing_cells),
        cmocka_unit_test(other_na_spellings),
        cmocka_unit_test(one_column),
        cmocka_unit_test(text_columns),
        cmocka_unit_test(what_is_not_a_number),
        cmocka_unit_test(long_text_is_shortened),
        cmocka_unit_test(lines_of_rows),
        cmocka_unit_test(sizes),
        cmocka_unit_test(many_columns),
        cmocka_unit_test(malformed_files),
        cmocka_unit_test(nul_bytes),
        cmocka_unit_test(prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
