/* Option rows, and the numbers that they are read with. */
#include "base/option.h"
#include "base/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <locale.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct settings {
    bool intercept;
    int64_t starts, seed;
    double tolerance, level;
    int method;
    char *name, *label;
    struct option_texts na, formats;
};

static const char *const methods[] = {"auto", "cholesky", "newton", NULL};

#define AT(member) .offset = offsetof(struct settings, member)
static const struct option rows[] = {
    {.key = "model.intercept", .kind = OPTION_BOOLEAN, AT(intercept), .standard = "true"},
    {.key = "fit.starts",
     .kind = OPTION_INTEGER,
     AT(starts),
     .standard = "1",
     .low = 1,
     .high = INFINITY},
    {.key = "fit.seed", .kind = OPTION_INTEGER, AT(seed)},
    {.key = "fit.tolerance",
     .kind = OPTION_NUMBER,
     AT(tolerance),
     .standard = "1e-9",
     .low = 0,
     .high = 1,
     .open = OPTION_OPEN},
    {.key = "laplace.level",
     .kind = OPTION_NUMBER,
     AT(level),
     .standard = "0.95",
     .low = 0,
     .high = 1,
     .open = OPTION_OPEN_LOW},
    {.key = "fit.method",
     .kind = OPTION_CHOICE,
     AT(method),
     .standard = "newton",
     .choices = methods},
    {.key = "name", .kind = OPTION_TEXT, AT(name), .standard = "a \"b\""},
    {.key = "label", .kind = OPTION_TEXT, AT(label)},
    {.key = "data.na", .kind = OPTION_TEXTS, AT(na), .standard = ", NA , NaN,nan"},
    {.key = "output.formats", .kind = OPTION_TEXTS, AT(formats)},
};
enum { ROWS = sizeof rows / sizeof *rows };

static struct settings defaults(void)
{
    struct settings s;
    mxp_error error = {0};

    memset(&s, 0xAB, sizeof s);
    if (option_defaults(&s, rows, ROWS, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return s;
}

static void test_defaults(void **state)
{
    (void)state;
    struct settings s = defaults();

    assert_true(s.intercept);
    assert_int_equal(s.starts, 1);
    assert_int_equal(s.seed, 0);
    assert_true(s.tolerance == 1e-9);
    assert_int_equal(s.method, 2);
    assert_string_equal(s.name, "a \"b\"");
    assert_null(s.label);
    assert_int_equal(s.na.count, 4);
    assert_string_equal(s.na.text[0], "");
    assert_string_equal(s.na.text[1], "NA");
    assert_string_equal(s.na.text[3], "nan");
    assert_int_equal(s.formats.count, 0);
    option_clear(&s, rows, ROWS);
    assert_null(s.name);
    option_clear(&s, rows, ROWS);
}

static void test_find(void **state)
{
    (void)state;
    assert_ptr_equal(option_find(rows, ROWS, "fit.tolerance"), &rows[3]);
    assert_null(option_find(rows, ROWS, "fit.tolerence"));
    assert_string_equal(option_nearest(rows, ROWS, "fit.tolerence"), "fit.tolerance");
    assert_null(option_nearest(rows, ROWS, "quite.something.else"));
    assert_null(option_nearest(rows, 0, "name"));
}

static void test_set(void **state)
{
    (void)state;
    static const struct source set = {"--set", "text", MXP_USAGE},
                               file = {"a.yaml", "text", MXP_OK};
    static const struct {
        const char *key, *text;
        bool quoted;
        const char *message; /* NULL: accepted */
    } cases[] = {
        {"fit.tolerance", "0.5", false, NULL},
        {"fit.tolerance", "-2", false, "fit.tolerance = -2 is outside (0, 1)"},
        {"fit.tolerance", "0", false, "fit.tolerance = 0 is outside (0, 1)"},
        {"fit.tolerance", "1", false, "fit.tolerance = 1 is outside (0, 1)"},
        {"fit.tolerance", "nan", false, "fit.tolerance = nan is not a number"},
        {"fit.tolerance", "abc", true, "fit.tolerance = \"abc\" is not a number"},
        {"fit.tolerance", "0.5", true,
         "fit.tolerance = \"0.5\" is text; write it without the quotes"},
        {"laplace.level", "1", false, NULL},
        {"laplace.level", "1.5", false, "laplace.level = 1.5 is outside (0, 1]"},
        {"fit.starts", "0", false, "fit.starts = 0 is outside [1, inf)"},
        {"fit.starts", "1.5", false, "fit.starts = 1.5 is not an integer"},
        {"fit.starts", "inf", false, "fit.starts = inf is not an integer"},
        {"fit.seed", "-7", false, NULL},
        {"model.intercept", "no", false, "model.intercept = no is not true or false; write false"},
        {"fit.method", "auto", false, NULL},
        {"fit.method", "newtn", false,
         "fit.method = newtn is not one of auto, cholesky, newton; did you mean newton?"},
        {"fit.method", "x", false, "fit.method = x is not one of auto, cholesky, newton"},
        {"label", "", true, NULL},
        {"data.na", "-", true, NULL},
    };
    struct settings s = defaults();

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct option *row = option_find(rows, ROWS, cases[i].key);
        struct option_value value = {cases[i].text, cases[i].quoted, {&file, 0, 0}};
        mxp_error error = {0};
        const mxp_status expected = cases[i].message ? MXP_CONFIG : MXP_OK;
        assert_int_equal(option_set(&s, row, value, &error), expected);
        if (!cases[i].message)
            continue;
        assert_string_equal(error.message + strlen("a.yaml: "), cases[i].message);
        value.place = (struct place){&set, 1, 3};
        assert_int_equal(option_set(&s, row, value, &error), MXP_USAGE);
        assert_memory_equal(error.message, "--set:1:3: ", 11);
    }
    assert_true(s.tolerance == 0.5);
    assert_int_equal(s.seed, -7);
    assert_int_equal(s.method, 0);
    assert_string_equal(s.label, "");
    assert_int_equal(s.na.count, 1);
    assert_string_equal(s.na.text[0], "-");
    const char *const formats[] = {"json", "csv"};
    mxp_error error = {0};
    assert_int_equal(option_set_texts(&s, &rows[9], formats, 2, &error), MXP_OK);
    assert_string_equal(s.formats.text[1], "csv");
    assert_int_equal(option_set_texts(&s, &rows[9], NULL, 0, &error), MXP_OK);
    assert_int_equal(s.formats.count, 0);
    option_clear(&s, rows, ROWS);
}

static void test_print(void **state)
{
    (void)state;
    static const char *const values[ROWS] = {"true",
                                             "1",
                                             "0",
                                             "1e-09",
                                             "0.95",
                                             "newton",
                                             "\"a \\\"b\\\"\"",
                                             "",
                                             "[\"\", \"NA\", \"NaN\", \"nan\"]",
                                             "[]"};
    static const char *const types[ROWS] = {"true or false",  "integer [1, inf)",
                                            "integer ",       "number (0, 1)",
                                            "number (0, 1]",  "one of auto, cholesky, newton ",
                                            "text ",          "text ",
                                            "list of texts ", "list of texts "};
    struct settings s = defaults();

    for (size_t i = 0; i < ROWS; i++) {
        struct str out = {0};
        str_add(&out, "");
        option_print(&out, &s, &rows[i]);
        assert_string_equal(out.text, values[i]);
        str_free(&out);
        option_type(&out, &rows[i]);
        str_add(&out, i ? " " : "");
        option_range(&out, &rows[i]);
        assert_string_equal(out.text, types[i]);
        str_free(&out);
    }
    option_clear(&s, rows, ROWS);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = {{"1", 1},
                {"-1.5", -1.5},
                {"+2", 2},
                {".5", .5},
                {"5.", 5},
                {"1e-9", 1e-9},
                {"1.0E+3", 1000},
                {"inf", INFINITY},
                {"-inf", -INFINITY},
                {".inf", INFINITY},
                {"-.inf", -INFINITY},
                {"0e5", 0},
                {"0.1", 0.1},
                {"4.9406564584124654e-324", 4.9406564584124654e-324},
                {"00012", 12},
                {"1.7976931348623157e308", 1.7976931348623157e308}};
    static const char *const bad[] = {"",      "abc",    "1x",       "1 ",   " 1",   "1e",
                                      "e5",    ".",      "-",        "--1",  "0x10", "1_0",
                                      "nan",   ".nan",   "NaN",      "1,5",  "1e+",  "1.2.3",
                                      "1e999", "1e-999", "Infinity", "inf ", "1d3"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double value = NAN;
        assert_null(number_read(&value, good[i].text));
        assert_true(value == good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = 42;
        const char *words = number_read(&value, bad[i]);
        if (!words)
            fail_msg("\"%s\" was read as %g", bad[i], value);
        assert_true(value == 42);
    }
    assert_int_equal(number_span("12.5e3x"), 6);
    assert_int_equal(number_span("12e, 3"), 2);
    assert_int_equal(number_span("-1"), 0);
}

static void test_integers(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "-",
                                      "1.0",
                                      "1e3",
                                      "x",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999",
                                      "1 "};
    int64_t value = 0;
    bool truth = false;

    assert_null(number_read_integer(&value, "9223372036854775807"));
    assert_true(value == INT64_MAX);
    assert_null(number_read_integer(&value, "-9223372036854775808"));
    assert_true(value == INT64_MIN);
    assert_null(number_read_integer(&value, "+7"));
    assert_int_equal(value, 7);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(number_read_integer(&value, bad[i]));
    assert_int_equal(value, 7);
    assert_null(number_read_boolean(&truth, "true"));
    assert_true(truth);
    assert_null(number_read_boolean(&truth, "false"));
    assert_false(truth);
    assert_string_equal(number_read_boolean(&truth, "yes"), "is not true or false; write true");
    assert_string_equal(number_read_boolean(&truth, "off"), "is not true or false; write false");
    assert_string_equal(number_read_boolean(&truth, "maybe"), "is not true or false");
}

/* Points, whatever the locale says; the shortest text that reads back. */
static void test_locale(void **state)
{
    (void)state;
    static const double values[] = {0.1, 1.0 / 3.0, 1e-300, 5e-324, -2.5, 1e22, 123456789.125};
    double value = 0;

    (void)setlocale(LC_ALL, "de_DE.UTF-8");
    assert_null(number_read(&value, "1.5"));
    assert_true(value == 1.5);
    assert_non_null(number_read(&value, "1,5"));
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct str out = {0};
        number_print(&out, values[i]);
        assert_null(number_read(&value, out.text));
        assert_true(value == values[i]);
        str_free(&out);
    }
    (void)setlocale(LC_ALL, "C");
    struct str out = {0};
    number_print(&out, 0.1);
    number_print(&out, -INFINITY);
    number_print(&out, NAN);
    assert_string_equal(out.text, "0.1-infnan");
    str_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_find),
        cmocka_unit_test(test_set),      cmocka_unit_test(test_print),
        cmocka_unit_test(test_numbers),  cmocka_unit_test(test_integers),
        cmocka_unit_test(test_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
