/* Categorical columns of tables: what is inferred, the texts of mixed columns, declared types. */
#include "numeric.h"

#include "base/str.h"
#include "data/table.h"
#include "io/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static mxp_status read_status(mxp_table **table, const char *text, size_t size,
                              const char *const *na, mxp_error *error)
{
    char path[] = "/tmp/test_columns_XXXXXX";
    mxp_read_options options;
    const int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, text, size), size);
    (void)close(file);
    mxp_read_options_init(&options);
    if (na) {
        options.na = na;
        options.na_count = 1;
    }
    const mxp_status status = mxp_table_read(table, path, &options, error);
    (void)unlink(path);
    return status;
}

static mxp_table *read_text(const char *text)
{
    mxp_table *table = NULL;
    mxp_error error = {0};

    if (read_status(&table, text, strlen(text), NULL, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return table;
}

/* The levels of a row, "-" for a missing one, with blanks between. */
static void expect_cells(const mxp_table *table, size_t column, const char *expected)
{
    const unsigned *code = mxp_table_codes(table, column);
    struct str out = {0};

    assert_non_null(code);
    for (size_t i = 0; i < mxp_table_rows(table); i++)
        str_format(&out, "%s%s", i ? " " : "",
                   code[i] == MXP_NO_LEVEL ? "-" : mxp_table_level(table, column, code[i]));
    assert_string_equal(out.text, expected);
    str_free(&out);
}

static void test_inference(void **state)
{
    mxp_table *table = read_text("all,half,few,num,none\n"
                                 "b,1,1,1,\n"
                                 "NA,x,x,2,NA\n"
                                 "a,3,y,NA,\n"
                                 "\"b\",y,z,4,NaN\n");
    (void)state;
    assert_int_equal(mxp_table_type(table, 0), MXP_COLUMN_CATEGORICAL);
    assert_int_equal(mxp_table_type(table, 1), MXP_COLUMN_NUMERIC); /* two of four are numbers */
    assert_int_equal(mxp_table_type(table, 2), MXP_COLUMN_CATEGORICAL);
    assert_int_equal(mxp_table_type(table, 3), MXP_COLUMN_NUMERIC);
    assert_int_equal(mxp_table_type(table, 4), MXP_COLUMN_NUMERIC);
    assert_int_equal(mxp_table_type(table, 99), MXP_COLUMN_NUMERIC);
    expect_cells(table, 0, "b - a b");
    expect_cells(table, 2, "1 x y z");
    assert_int_equal(mxp_table_levels(table, 0), 2);
    assert_null(mxp_table_level(table, 0, 2));
    assert_int_equal(mxp_table_levels(table, 1), 0);
    assert_null(mxp_table_codes(table, 1));
    assert_null(mxp_table_level(table, 3, 0));
    assert_int_equal(table_missing(table, 0, NULL), 1);
    mxp_table_free(table);
}

/* Cells are kept as they are written, whichever comes first. */
static void test_mixed(void **state)
{
    mxp_table *table = read_text("id,n\r\n007,1\r\n7,2\r\n\"x, \"\"y\"\"\",3\r\n,4\r\n 1e2 ,5\r\n"
                                 "\"a\nb\",6\r\nNA,7\r\nz,8\r\n\"q\",9");
    (void)state;
    assert_int_equal(mxp_table_type(table, 0), MXP_COLUMN_CATEGORICAL);
    expect_cells(table, 0, "007 7 x, \"y\" - 1e2 a\nb - z q");
    assert_true(mxp_table_values(table, 0)[4] == 100.0);
    assert_true(mxp_table_values(table, 1)[8] == 9.0);
    mxp_table_free(table);
}

/* Beyond the range of a double is no text. */
static void test_range(void **state)
{
    mxp_table *table = read_text("a,b\n1e999,1e999\n2,x\n1e999,y\n");
    (void)state;
    assert_int_equal(mxp_table_type(table, 0), MXP_COLUMN_NUMERIC);
    assert_int_equal(mxp_table_type(table, 1), MXP_COLUMN_CATEGORICAL);
    expect_cells(table, 1, "1e999 x y");
    assert_string_equal(table_fault(table, 0)->why, "is beyond the range of a double");
    mxp_table_free(table);
}

static void test_many_levels(void **state)
{
    enum { ROWS = 5000, LEVELS = 1777 };
    struct str text = {0};

    (void)state;
    str_add(&text, "s\n");
    for (int i = 0; i < ROWS; i++)
        str_format(&text, "level %d of a rather long name\n", i * 31 % LEVELS);
    mxp_table *table = read_text(text.text);
    assert_int_equal(mxp_table_levels(table, 0), LEVELS);
    for (int i = 0; i < ROWS; i++) {
        char expected[60];
        (void)snprintf(expected, sizeof expected, "level %d of a rather long name",
                       i * 31 % LEVELS);
        assert_string_equal(mxp_table_level(table, 0, mxp_table_codes(table, 0)[i]), expected);
    }
    str_free(&text);
    mxp_table_free(table);
}

static void test_na_spelling(void **state)
{
    static const char *const na[] = {"?"};
    mxp_table *table = NULL;
    (void)state;
    assert_int_equal(read_status(&table, "s\na\n?\nNA\n", 9, na, NULL), MXP_OK);
    expect_cells(table, 0, "a - NA");
    mxp_table_free(table);
}

static void test_set_type(void **state)
{
    mxp_table *table = read_text("n,s,m\n2,a,1\n10,b,1\n-0.0,a,2\nNA,c,2\n0,c,u\n2.50,a,\n");
    mxp_error error = {0};

    (void)state;
    assert_int_equal(mxp_table_set_type(table, "n", MXP_COLUMN_CATEGORICAL, &error), MXP_OK);
    expect_cells(table, 0, "2 10 0 - 0 2.5");
    assert_int_equal(mxp_table_set_type(table, "n", MXP_COLUMN_NUMERIC, &error), MXP_OK);
    assert_null(mxp_table_codes(table, 0));
    assert_int_equal(table_check_number(table, 0, &error), MXP_OK);
    assert_int_equal(mxp_table_set_type(table, "s", MXP_COLUMN_NUMERIC, &error), MXP_OK);
    assert_int_equal(mxp_table_type(table, 1), MXP_COLUMN_NUMERIC);
    assert_int_equal(table_check_number(table, 1, &error), MXP_DATA);
    assert_int_equal(mxp_table_set_type(table, "m", MXP_COLUMN_CATEGORICAL, &error), MXP_OK);
    expect_cells(table, 2, "1 1 2 2 u -");
    assert_int_equal(mxp_table_set_type(table, "x", MXP_COLUMN_NUMERIC, &error), MXP_USAGE);
    assert_string_equal(error.message, "there is no column \"x\"");
    mxp_table_free(table);
}

static void test_add_text(void **state)
{
    static const char *const cells[] = {"b", NULL, "10", "", "b"};
    static const char *const bad[] = {"b", "b", "\xff", "b", "b"};
    mxp_table *table = NULL;
    mxp_error error = {0};

    (void)state;
    assert_int_equal(mxp_table_new(&table, 5, NULL), MXP_OK);
    assert_int_equal(mxp_table_add_text(table, "s", cells, NULL), MXP_OK);
    assert_int_equal(mxp_table_type(table, 0), MXP_COLUMN_CATEGORICAL);
    expect_cells(table, 0, "b - 10 - b");
    assert_int_equal(table_missing(table, 0, NULL), 2);
    assert_int_equal(mxp_table_add_text(table, "s", cells, &error), MXP_USAGE);
    assert_int_equal(mxp_table_add_text(table, "", cells, &error), MXP_USAGE);
    assert_int_equal(mxp_table_add_text(table, "t", NULL, &error), MXP_USAGE);
    assert_int_equal(mxp_table_add_text(table, "t", bad, &error), MXP_USAGE);
    assert_string_equal(error.message, "row 3: column \"t\": the text is not UTF-8");
    assert_int_equal(mxp_table_columns(table), 1);
    assert_int_equal(mxp_table_find(table, "t"), MXP_NO_COLUMN);
    mxp_table_free(table);
}

static void test_utf8(void **state)
{
    const uint32_t points[] = {1,      0x7F,   0x80,   0x7FF,   0x800,
                               0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF};
    char bytes[4];

    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        uint32_t back = 0;
        const size_t length = utf8_put(bytes, points[i]);
        assert_int_equal(utf8_decode(&back, bytes, length), length);
        assert_int_equal(back, points[i]);
    }
    assert_int_equal(utf8_put(bytes, 0xD800), 3);
    assert_memory_equal(bytes, "\xEF\xBF\xBD", 3);
    assert_true(utf8_check("gr\xC3\xBC", 4));
    assert_false(utf8_check("gr\xC3\xBC", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inference),   cmocka_unit_test(test_mixed),
        cmocka_unit_test(test_range),       cmocka_unit_test(test_many_levels),
        cmocka_unit_test(test_na_spelling), cmocka_unit_test(test_set_type),
        cmocka_unit_test(test_add_text),    cmocka_unit_test(test_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
