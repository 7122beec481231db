/* The base floor: text, errors with places, memory. */
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_buffer(void **state)
{
    (void)state;
    struct str s = {0};
    mxp_error error = {0};

    str_add(&s, "");
    assert_string_equal(s.text, "");
    for (int i = 0; i < 1000; i++)
        str_format(&s, "%d,", i % 10);
    str_add_n(&s, "abcdef", 3);
    assert_int_equal(s.length, 2003);
    assert_string_equal(s.text + 1998, "9,abc");
    assert_int_equal(str_check(&s, &error), MXP_OK);
    s.failed = true;
    str_add(&s, "more");
    str_format(&s, "%d", 1);
    assert_int_equal(s.length, 2003);
    assert_int_equal(str_check(&s, &error), MXP_MEMORY);
    str_free(&s);
    assert_null(s.text);
    str_free(&s);
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const names[] = {"tolerance", "max_iterations", "method", "bmi", "bp"};
    enum { COUNT = sizeof names / sizeof *names };

    assert_string_equal(str_nearest("tolerence", names, COUNT), "tolerance");
    assert_string_equal(str_nearest("TOLERANCE", names, COUNT), "tolerance");
    assert_string_equal(str_nearest("metohd", names, COUNT), "method"); /* a swap is one edit */
    assert_string_equal(str_nearest("max_iteration", names, COUNT), "max_iterations");
    assert_string_equal(str_nearest("bim", names, COUNT), "bmi");
    assert_null(str_nearest("alpha", names, COUNT));
    assert_null(str_nearest("", names, COUNT));
    assert_null(str_nearest("bmi", names, 0));
    char *longest = malloc(5001);
    assert_non_null(longest);
    memset(longest, 'x', 5000);
    longest[5000] = '\0';
    assert_null(str_nearest(longest, names, COUNT));
    free(longest);
}

static void test_glob(void **state)
{
    (void)state;
    static const struct {
        const char *glob, *name;
        bool match;
    } cases[] = {{"*", "", true},
                 {"s*", "sex", true},
                 {"s*", "bmi", false},
                 {"*x", "sex", true},
                 {"s?x", "sex", true},
                 {"s?x", "sx", false},
                 {"g[b]", "g[b]", true},
                 {"g[b]", "gb", false},
                 {"", "", true},
                 {"", "a", false},
                 {"a*b*c", "aXbYbZc", true},
                 {"a*b*c", "acb", false},
                 {"**", "abc", true},
                 {"a", "ab", false},
                 {"?", "", false},
                 {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (str_glob(cases[i].glob, cases[i].name) != cases[i].match)
            fail_msg("%s against %s", cases[i].glob, cases[i].name);
    assert_true(str_has_wildcard("a?"));
    assert_false(str_has_wildcard("g[b]"));
}

static void test_characters(void **state)
{
    (void)state;
    const char *text = "gr\xC3\xB6\xC3\x9F"
                       "e";

    assert_int_equal(str_characters(text, strlen(text)), 5);
    assert_int_equal(str_characters(text, 4), 3);
    assert_int_equal(str_characters(text, 1000), 5);
    assert_int_equal(str_characters("", 0), 0);
}

static void test_error(void **state)
{
    (void)state;
    mxp_error error = {0};

    assert_int_equal(FAIL(&error, MXP_DATA, "row %d:\n%s", 3, "bad\x1B"), MXP_DATA);
    assert_int_equal(error.status, MXP_DATA);
    assert_string_equal(error.message, "row 3: bad ");
    assert_string_equal(error.excerpt, "");
    err_prefix(&error, "file %s: ", "a");
    assert_string_equal(error.message, "file a: row 3: bad ");
    assert_int_equal(error.status, MXP_DATA);
    assert_int_equal(FAIL(NULL, MXP_IO, "nobody listens"), MXP_IO);
    err_prefix(NULL, "nobody");
    char *longest = malloc(5001);
    assert_non_null(longest);
    memset(longest, 'x', 5000);
    longest[5000] = '\0';
    FAIL(&error, MXP_DATA, "%s", longest);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    err_prefix(&error, "%s", longest);
    free(longest);
}

static void test_place(void **state)
{
    (void)state;
    const struct source source = {"a.yaml", "first\n\tfit:\t\xC3\xA9\xC3\xA9 x\r\nlast", MXP_OK};
    const struct source set = {"--set a=1", "a=1", MXP_USAGE};
    mxp_error error = {0};

    assert_int_equal(FAIL_AT(&error, ((struct place){&source, 2, 10}), MXP_CONFIG, "no %d", 1),
                     MXP_CONFIG);
    assert_string_equal(error.message, "a.yaml:2:10: no 1");
    assert_string_equal(error.excerpt, "\tfit:\t\xC3\xA9\xC3\xA9 x\n\t    \t   ^");
    assert_int_equal(FAIL_AT(&error, ((struct place){&set, 1, 3}), MXP_CONFIG, "no"), MXP_USAGE);
    assert_int_equal(error.status, MXP_USAGE);
    assert_string_equal(error.message, "--set a=1:1:3: no");
    assert_string_equal(error.excerpt, "a=1\n  ^");
    FAIL_AT(&error, ((struct place){&source, 0, 0}), MXP_CONFIG, "whole");
    assert_string_equal(error.message, "a.yaml: whole");
    assert_string_equal(error.excerpt, "");
    FAIL_AT(&error, (struct place){0}, MXP_CONFIG, "nowhere");
    assert_string_equal(error.message, "nowhere");
    FAIL_AT(&error, ((struct place){&source, 99, 7}), MXP_CONFIG, "past the end");
    assert_string_equal(error.excerpt, "");
    assert_int_equal(FAIL_AT(NULL, ((struct place){&set, 1, 1}), MXP_CONFIG, "x"), MXP_USAGE);
}

/* The caret of a long line stays below its character, in a window of the line. */
static void test_long_line(void **state)
{
    (void)state;
    struct str line = {0};
    mxp_error error = {0};

    for (int i = 0; i < 5000; i++)
        str_add(&line, i == 3000 ? "X" : "\xE2\x82\xAC");
    const struct source source = {"a", line.text, MXP_OK};
    FAIL_AT(&error, ((struct place){&source, 1, 3001}), MXP_CONFIG, "here");
    const char *feed = strchr(error.excerpt, '\n'), *caret = strchr(error.excerpt, '^');
    const char *x = strchr(error.excerpt, 'X');
    assert_non_null(feed);
    assert_non_null(caret);
    assert_non_null(x);
    assert_int_equal(str_characters(error.excerpt, (size_t)(x - error.excerpt)), caret - feed - 1);
    str_free(&line);
}

static void test_memory(void **state)
{
    (void)state;
    double *doubles = NULL;
    char *text = NULL;
    int *numbers = NULL;
    size_t capacity = 0;
    mxp_error error = {0};

    assert_int_equal(mem_doubles(&doubles, 3, 4, &error), MXP_OK);
    assert_true(doubles[11] == 0.0);
    free(doubles);
    doubles = NULL;
    assert_int_equal(mem_doubles(&doubles, SIZE_MAX / 4, 4, &error), MXP_MEMORY);
    assert_null(doubles);
    assert_int_equal(mem_zeroed(&doubles, SIZE_MAX / 2, 3, &error), MXP_MEMORY);
    assert_int_equal(mem_text_n(&text, "abcdef", 3, &error), MXP_OK);
    assert_string_equal(text, "abc");
    free(text);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(mem_grow(&numbers, &capacity, (size_t)i + 1, sizeof *numbers, &error),
                         MXP_OK);
        numbers[i] = i;
    }
    assert_int_equal(numbers[999], 999);
    assert_int_equal(mem_grow(&numbers, &capacity, SIZE_MAX, sizeof *numbers, &error), MXP_MEMORY);
    assert_int_equal(numbers[999], 999);
    free(numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffer),    cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_glob),      cmocka_unit_test(test_characters),
        cmocka_unit_test(test_error),     cmocka_unit_test(test_place),
        cmocka_unit_test(test_long_line), cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
