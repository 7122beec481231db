/* The JSON writer: exact texts, and the same document read back by an independent parser. */
#include "io/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <locale.h>
#include <math.h>

#include <cmocka.h>
#include <jansson.h>

static void finish(struct json *json, struct str *out, const char *expected)
{
    mxp_error error = {0};

    assert_int_equal(json_end(json, &error), MXP_OK);
    assert_string_equal(out->text, expected);
    str_free(out);
}

static void test_layout(void **state)
{
    (void)state;
    const double numbers[] = {1, 0.5, NAN};
    const char *const texts[] = {"a", "b\""};
    struct str out = {0};
    struct json json;

    json_begin(&json, &out);
    json_open_object(&json, NULL);
    json_add_text(&json, "name", "x");
    json_add_integer(&json, "rows", -442);
    json_add_boolean(&json, "exact", true);
    json_open_array(&json, "terms");
    json_open_object(&json, NULL);
    json_add_number(&json, "estimate", 0.1, NULL);
    json_close(&json);
    json_open_object(&json, NULL);
    json_close(&json);
    json_close(&json);
    json_add_numbers(&json, "numbers", numbers, 3);
    json_add_texts(&json, "texts", texts, 2);
    json_open_array(&json, "none");
    json_close(&json);
    json_close(&json);
    finish(&json, &out,
           "{\n"
           "  \"name\": \"x\",\n"
           "  \"rows\": -442,\n"
           "  \"exact\": true,\n"
           "  \"terms\": [\n"
           "    {\n"
           "      \"estimate\": 0.10000000000000001\n"
           "    },\n"
           "    {}\n"
           "  ],\n"
           "  \"numbers\": [1, 0.5, null],\n"
           "  \"texts\": [\"a\", \"b\\\"\"],\n"
           "  \"none\": []\n"
           "}\n");
}

static void test_not_finite(void **state)
{
    (void)state;
    struct str out = {0};
    struct json json;

    json_begin(&json, &out);
    json_open_object(&json, NULL);
    json_add_number(&json, "a", NAN, NULL);
    json_add_number(&json, "b", -INFINITY, NULL);
    json_add_number(&json, "c", NAN, "is improper");
    json_add_null(&json, "d", "is not known yet");
    json_add_null(&json, "e", NULL);
    json_add_text(&json, "f", NULL);
    json_open_array(&json, "g");
    json_add_number(&json, NULL, NAN, NULL);
    json_close(&json);
    json_close(&json);
    finish(&json, &out,
           "{\n"
           "  \"a\": null,\n  \"a_reason\": \"is not a number\",\n"
           "  \"b\": null,\n  \"b_reason\": \"is infinite\",\n"
           "  \"c\": null,\n  \"c_reason\": \"is improper\",\n"
           "  \"d\": null,\n  \"d_reason\": \"is not known yet\",\n"
           "  \"e\": null,\n"
           "  \"f\": null,\n"
           "  \"g\": [\n    null\n  ]\n"
           "}\n");
}

static void test_escapes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *written;
    } cases[] = {
        {"plain", "\"plain\""},
        {"", "\"\""},
        {"\"\\/", "\"\\\"\\\\/\""},
        {"\b\t\n\f\r\x01\x1f\x7f", "\"\\b\\t\\n\\f\\r\\u0001\\u001f\\u007f\""},
        {"gr\xC3\xB6\xC3\x9F\xE2\x82\xAC\xF0\x9F\x98\x80",
         "\"gr\xC3\xB6\xC3\x9F\xE2\x82\xAC\xF0\x9F\x98\x80\""},
        {"a\xFFz", "\"a\xEF\xBF\xBDz\""},
        {"\xC3", "\"\xEF\xBF\xBD\""},
        {"\xC0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                 /* overlong */
        {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}, /* surrogate */
        {"\xF4\x90\x80\x80",
         "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}, /* above U+10FFFF */
        {"\xE2\x82", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},             /* cut off */
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str out = {0}, expected = {0};
        struct json json;
        json_begin(&json, &out);
        json_add_text(&json, NULL, cases[i].text);
        str_format(&expected, "%s\n", cases[i].written);
        finish(&json, &out, expected.text);
        str_free(&expected);
    }
}

/* jansson reads back every bit of the numbers, in a locale with a decimal comma where there is
 * one. */
static void test_numbers(void **state)
{
    (void)state;
    const double values[] = {0.1,  1e-308,    5e-324,   1.7976931348623157e308,
                             -0.0, 1.0 / 3.0, 123456789};
    enum { COUNT = sizeof values / sizeof *values };
    struct str out = {0};
    struct json json;
    mxp_error error = {0};

    (void)setlocale(LC_ALL, "de_DE.UTF-8");
    json_begin(&json, &out);
    json_open_array(&json, NULL);
    for (size_t i = 0; i < COUNT; i++)
        json_add_number(&json, NULL, values[i], NULL);
    json_close(&json);
    assert_int_equal(json_end(&json, &error), MXP_OK);
    (void)setlocale(LC_ALL, "C");
    json_t *root = json_loads(out.text, 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_array_size(root), COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_true(json_number_value(json_array_get(root, i)) == values[i]);
    json_decref(root);
    str_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
