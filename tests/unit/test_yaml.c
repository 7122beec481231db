/* YAML: the tree and its places, every complaint, --set. */
#include "io/yaml.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct yaml_document *read_ok(const char *text)
{
    struct yaml_document *document = NULL;
    mxp_error error = {0};
    const mxp_status status = yaml_read(&document, "a.yaml", text, strlen(text), &error);

    if (status != MXP_OK)
        fail_msg("%s", error.message);
    return document;
}

static void assert_place(struct place place, unsigned line, unsigned column)
{
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void test_tree(void **state)
{
    (void)state;
    struct yaml_document *document = read_ok("# comment\n"
                                             "name: diabetes\n"
                                             "list: [a, 'b c', \"d\\te\"]\n"
                                             "prior:\n"
                                             "  \"s*\": {laplace: {scale: 0.2}}\n"
                                             "text: |\n"
                                             "  two\n"
                                             "  lines\n");
    const struct yaml_node *root = document->root, *list = yaml_get(root, "list");
    const struct yaml_node *glob = yaml_get(yaml_get(root, "prior"), "s*");
    const struct yaml_node *scale = yaml_get(yaml_get(glob, "laplace"), "scale");

    assert_int_equal(root->kind, YAML_MAPPING);
    assert_int_equal(root->count, 4);
    assert_string_equal(yaml_get(root, "name")->text, "diabetes");
    assert_false(yaml_get(root, "name")->quoted);
    assert_int_equal(list->count, 3);
    assert_string_equal(list->child[1]->text, "b c");
    assert_true(list->child[1]->quoted);
    assert_string_equal(list->child[2]->text, "d\te");
    assert_string_equal(yaml_get(root, "text")->text, "two\nlines\n");
    assert_string_equal(scale->text, "0.2");
    assert_place(scale->place, 5, 27);
    assert_place(scale->key_place, 5, 20);
    assert_place(glob->key_place, 5, 3);
    assert_place(list->child[1]->place, 3, 11);
    assert_null(yaml_get(root, "nothing"));
    assert_null(yaml_get(list, "nothing"));
    assert_null(yaml_get(NULL, "nothing"));
    yaml_document_free(document);
    yaml_document_free(NULL);
}

static void test_characters(void **state)
{
    (void)state;
    struct yaml_document *document = read_ok("\xEF\xBB\xBF{\"gr\xC3\xB6\xC3\x9F"
                                             "e\": 1, b: 2}\r\n");
    assert_place(document->root->place, 1, 1);
    assert_place(document->root->child[0]->place, 1, 11);
    assert_place(document->root->child[1]->key_place, 1, 14);
    yaml_document_free(document);
}

static void test_aliases(void **state)
{
    (void)state;
    struct yaml_document *document = read_ok("a: &x {p: 1, q: [2, 3]}\n"
                                             "b: *x\n"
                                             "c: &y # comment\n"
                                             "  7\n"
                                             "d: *y\n");
    const struct yaml_node *a = yaml_get(document->root, "a"), *b = yaml_get(document->root, "b");

    assert_ptr_not_equal(a, b);
    assert_string_equal(yaml_get(b, "q")->child[1]->text, "3");
    assert_place(a->place, 1, 7);
    assert_place(yaml_get(b, "p")->place, 1, 11);
    assert_place(yaml_get(b, "p")->key_place, 1, 8);
    assert_place(yaml_get(document->root, "c")->place, 4, 3);
    assert_string_equal(yaml_get(document->root, "d")->text, "7");
    mxp_error error = {0};
    assert_int_equal(yaml_set(document, "b.p=5", &error), MXP_OK);
    assert_string_equal(yaml_get(yaml_get(document->root, "a"), "p")->text, "1");
    assert_string_equal(yaml_get(yaml_get(document->root, "b"), "p")->text, "5");
    yaml_document_free(document);
}

static void test_place_in(void **state)
{
    (void)state;
    struct yaml_document *document = read_ok("a: gaussian(0, x)\n"
                                             "b: \"\xC3\xA9 gaussian(0, x)\"\n"
                                             "c: \"tab\\t(x)\"\n");
    const struct yaml_node *root = document->root;

    assert_place(yaml_place_in(yaml_get(root, "a"), 12), 1, 16);
    assert_place(yaml_place_in(yaml_get(root, "b"), 3), 2, 7);
    assert_place(yaml_place_in(yaml_get(root, "c"), 4), 3, 4);
    yaml_document_free(document);
}

struct malformed {
    const char *text, *message;
};

static const struct malformed malformed[] = {
    {"", "a.yaml: nothing is written here"},
    {"# only a comment\n", "a.yaml: nothing is written here"},
    {"---\n", "a.yaml:2:1: a value is missing here"},
    {"a: 1\nb: 2\na: 3\n", "a.yaml:3:1: duplicate key \"a\" (first in line 1)"},
    {"a: {x: 1, \"x\": 2}\n", "a.yaml:1:11: duplicate key \"x\" (first in line 1)"},
    {"b: &b {x: 1}\na:\n  <<: *b\n", "a.yaml:3:3: merge keys (<<) are not supported"},
    {"a: !!str 3\n", "a.yaml:1:4: tags are not supported"},
    {"a: !own {b: 1}\n", "a.yaml:1:4: tags are not supported"},
    {"!!str a: 1\n", "a.yaml:1:1: tags are not supported"},
    {"fit:\n  seed:\n  tolerance: 1\n", "a.yaml:2:3: \"seed\" has no value"},
    {"a: ~\n", "a.yaml:1:4: ~ is not a value here; leave the key out, or quote the text"},
    {"a: [1, null]\n",
     "a.yaml:1:8: null is not a value here; leave the key out, or quote the text"},
    {"- 1\n-\n", "a.yaml:2:2: a value is missing here"},
    {"null: 1\n", "a.yaml:1:1: null is not a key; quote it"},
    {"?\n: 1\n", "a.yaml:1:2: a key is missing here"},
    {"a: 1\n---\nb: 2\n", "a.yaml:2:1: a second document begins here; one is allowed"},
    {"[a]\nb: 1\n", "a.yaml:2:1: text that does not belong to the value above"},
    {"a: *x\n", "a.yaml:1:4: alias *x: no anchor &x above (quote text that begins with *)"},
    {"a: &x [1, *x]\n", "a.yaml:1:11: alias *x stands inside what it refers to"},
    {"? [1, 2]\n: 3\n", "a.yaml:1:3: a key must be plain text"},
    {"{[1]: 3}\n", "a.yaml:1:2: a key must be plain text"},
    {"&x a: 3\n", "a.yaml:1:1: a key cannot have an anchor"},
    {"w: {prior: normal(0, 1)}\n",
     "a.yaml:1:12: quote the prior: \"normal(0, 1)\" (inside {...} and [...] YAML splits at "
     "commas)"},
    {"- {a: 1, weights: gaussian(0, f(2, 1), lower=0), b: 1}\n",
     "a.yaml:1:19: quote the prior: \"gaussian(0, f(2, 1), lower=0)\" (inside {...} and [...] "
     "YAML splits at commas)"},
    {"{a: b, 1): 2}\n",
     "a.yaml:1:8: quote the prior: 1) is half of it (inside {...} and [...] YAML splits at "
     "commas)"},
    {"[normal(0,\n 1)]\n",
     "a.yaml:1:2: quote the prior: normal(0 is half of it (inside {...} and [...] YAML splits at "
     "commas)"},
    {"a: b: c\n", "a.yaml:1:5: a \":\" is not expected here; quote the text, or put the keys on "
                  "lines of their own"},
    {"a: - b\n", "a.yaml:1:4: a list item (\"- \") is not expected here; put it on a line of its "
                 "own"},
    {"a:\n  b: 1\n c: 2\n",
     "a.yaml:3:2: a key is expected here, indented like the others of its mapping"},
    {"a:\n  - 1\n  b: 2\n",
     "a.yaml:3:3: a list item (\"- \") is expected here, indented like the others of its list"},
    {"a: [1, 2\nb: 3\n", "a.yaml:2:2: a \",\" or \"]\" is expected here"},
    {"a: [1, 2\n", "a.yaml:1:4: the \"[\" that opens here is never closed"},
    {"a: {b: 1\n", "a.yaml:1:4: the \"{\" that opens here is never closed"},
    {"a: 1\nb\nc: 2\n", "a.yaml:2:1: a \":\" is expected after this key"},
    {"a: \"open\nb: 1\n", "a.yaml:1:4: the quote that opens here is never closed"},
    {"a: 'it\n---\nb'\n",
     "a.yaml:1:4: the quote that opens here is not closed before \"---\" or \"...\""},
    {"a: \"\\q\"\n", "a.yaml:1:5: unknown escape after the backslash; in single quotes a backslash "
                     "is plain text"},
    {"a: \"\\xZZ\"\n", "a.yaml:1:7: hexadecimal digits are expected in this escape"},
    {"a: \"\\uD800\"\n", "a.yaml:1:7: this escape is not a Unicode character"},
    {"a: \"x\\0y\"\n", "a.yaml:1:4: the text contains a NUL character"},
    {"a: @b\n", "a.yaml:1:4: text cannot begin with \"@\"; quote it"},
    {"a: `b`\n", "a.yaml:1:4: text cannot begin with \"`\"; quote it"},
    {"a:\n\tb: 1\n", "a.yaml:2:1: a tab in the indentation; use spaces"},
    {"a: & b\n",
     "a.yaml:1:4: \"&\" and \"*\" begin anchors and aliases; quote text that begins so"},
    {"a: | text\n", "a.yaml:1:6: the text of a block begins on the next line"},
    {"%YAML 3.0\n---\na: 1\n", "a.yaml:1:1: only YAML 1.1 and 1.2 are read"},
    {"a: 1\nb: \xFF\n", "a.yaml:2:4: byte 0xFF is not UTF-8"},
    {"a: \xC3\xA9\xC0\x80\n", "a.yaml:1:5: byte 0xC0 is not UTF-8"},
    {"a: \x1B[31m\n", "a.yaml:1:4: character U+001B is not allowed"},
    {"a: 1 \xE2\x80\xA8\n", "a.yaml:1:6: character U+2028 is not allowed"},
    {"a: 1\rb: 2\r", "a.yaml:1:5: a carriage return without a line feed"},
};

static void test_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        struct yaml_document *document = NULL;
        mxp_error error = {0};
        const char *text = malformed[i].text;
        const mxp_status status = yaml_read(&document, "a.yaml", text, strlen(text), &error);
        if (status != MXP_CONFIG || error.status != MXP_CONFIG ||
            strcmp(error.message, malformed[i].message) != 0)
            fail_msg("text <%s>: status %d, <%s> instead of <%s>", text, (int)status, error.message,
                     malformed[i].message);
        assert_null(document);
        assert_int_equal(yaml_read(&document, "a.yaml", text, strlen(text), NULL), MXP_CONFIG);
    }
}

static void test_excerpt(void **state)
{
    (void)state;
    struct yaml_document *document = NULL;
    mxp_error error = {0};
    const char *text = "a: 1\n\"\xC3\xA9\": {p: f(0, 1)}\n";

    assert_int_equal(yaml_read(&document, "a.yaml", text, strlen(text), &error), MXP_CONFIG);
    assert_string_equal(error.excerpt, "\"\xC3\xA9\": {p: f(0, 1)}\n         ^");
    assert_int_equal(yaml_read(&document, "a.yaml", "a\0b", 3, &error), MXP_CONFIG);
    assert_string_equal(error.message, "a.yaml:1:2: character U+0000 is not allowed");
    assert_string_equal(error.excerpt, "");
}

static void assert_refused(const struct str *text, const char *message)
{
    struct yaml_document *document = NULL;
    mxp_error error = {0};

    assert_false(text->failed);
    assert_int_equal(yaml_read(&document, "a.yaml", text->text, text->length, &error), MXP_CONFIG);
    assert_string_equal(error.message, message);
}

static void repeat(struct str *s, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        str_add(s, text);
}

static void test_depth(void **state)
{
    (void)state;
    struct str text = {0};

    repeat(&text, "[", 63);
    str_add(&text, "1");
    repeat(&text, "]", 63);
    yaml_document_free(read_ok(text.text)); /* 63 lists and the 1: 64 levels */
    str_free(&text);
    repeat(&text, "[", 64);
    str_add(&text, "1");
    repeat(&text, "]", 64);
    assert_refused(&text, "a.yaml:1:65: nested more than 64 deep");
    str_free(&text);
    repeat(&text, "[", 100000);
    assert_refused(&text, "a.yaml:1:65: nested more than 64 deep");
    str_free(&text);
    str_add(&text, "a: &a ");
    repeat(&text, "[", 40);
    repeat(&text, "]", 40);
    str_add(&text, "\nb: ");
    repeat(&text, "[", 40);
    str_add(&text, "*a");
    repeat(&text, "]", 40);
    assert_refused(&text, "a.yaml:2:44: nested more than 64 deep");
    str_free(&text);
}

static void test_bombs(void **state)
{
    (void)state;
    struct str text = {0};

    str_add(&text, "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
    for (int i = 1; i < 10; i++) {
        str_format(&text, "a%d: &a%d [*a%d", i, i, i - 1);
        for (int j = 1; j < 10; j++)
            str_format(&text, ", *a%d", i - 1);
        str_add(&text, "]\n");
    }
    assert_refused(&text, "a.yaml:5:45: more than 100000 values, aliases expanded");
    str_free(&text);
    str_add(&text, "t: &t ");
    repeat(&text, "0123456789abcdef", 4096);
    str_add(&text, "\nlist:\n");
    repeat(&text, "- *t\n", 10000);
    assert_refused(&text, "a.yaml:392:3: more than 100000 values, aliases expanded");
    str_free(&text);
    str_add(&text, "[");
    repeat(&text, "1, ", 100000);
    str_add(&text, "]");
    assert_refused(&text, "a.yaml:1:299999: more than 100000 values, aliases expanded");
    str_free(&text);
    for (int i = 0; i < 1001; i++)
        str_format(&text, "- &x %d\n", i);
    assert_refused(&text, "a.yaml:1001:6: more than 1000 anchors");
    str_free(&text);
    for (int i = 0; i < 90000; i++)
        str_format(&text, "k%d: 1\n", i);
    yaml_document_free(read_ok(text.text));
    str_free(&text);
}

static void test_typed(void **state)
{
    (void)state;
    struct yaml_document *document = read_ok(
        "{n: 1e-9, i: -12, t: true, inf: -.inf, nan: nan, q: \"1\", y: yes, l: [1], x: 1.5}");
    const struct yaml_node *root = document->root;
    mxp_error error = {0};
    double number = 0;
    int64_t integer = 0;
    bool truth = false;
    const char *text = NULL;

    assert_int_equal(yaml_number(&number, yaml_get(root, "n"), &error), MXP_OK);
    assert_true(number == 1e-9);
    assert_int_equal(yaml_integer(&integer, yaml_get(root, "i"), &error), MXP_OK);
    assert_int_equal(integer, -12);
    assert_int_equal(yaml_boolean(&truth, yaml_get(root, "t"), &error), MXP_OK);
    assert_true(truth);
    assert_int_equal(yaml_text(&text, yaml_get(root, "y"), &error), MXP_OK);
    assert_string_equal(text, "yes");
    assert_int_equal(yaml_number(&number, yaml_get(root, "inf"), &error), MXP_OK);
    assert_true(number < -1e308);
    assert_int_equal(yaml_number(&number, yaml_get(root, "nan"), &error), MXP_CONFIG);
    assert_string_equal(error.message, "a.yaml:1:45: nan = nan is not a number");
    assert_int_equal(yaml_number(&number, yaml_get(root, "q"), &error), MXP_CONFIG);
    assert_string_equal(error.message,
                        "a.yaml:1:53: q = \"1\" is text; write it without the quotes");
    assert_int_equal(yaml_boolean(&truth, yaml_get(root, "y"), &error), MXP_CONFIG);
    assert_string_equal(error.message, "a.yaml:1:61: y = yes is not true or false; write true");
    assert_int_equal(yaml_integer(&integer, yaml_get(root, "x"), &error), MXP_CONFIG);
    assert_string_equal(error.message, "a.yaml:1:77: x = 1.5 is not an integer");
    assert_int_equal(yaml_text(&text, yaml_get(root, "l"), &error), MXP_CONFIG);
    assert_string_equal(error.message, "a.yaml:1:69: \"l\" must be a single value, not a list");
    assert_int_equal(yaml_expect(root, YAML_SEQUENCE, &error), MXP_CONFIG);
    assert_string_equal(error.message,
                        "a.yaml:1:1: this must be a list, not a mapping (key: value)");
    yaml_document_free(document);
}

static void test_set(void **state)
{
    (void)state;
    struct yaml_document *document = read_ok("fit: {tolerance: 1}\n");
    mxp_error error = {0};
    double number = 0;

    assert_int_equal(yaml_set(document, "fit.tolerance=1e-6", &error), MXP_OK);
    const struct yaml_node *tolerance = yaml_get(yaml_get(document->root, "fit"), "tolerance");
    assert_string_equal(tolerance->text, "1e-6");
    assert_place(tolerance->place, 1, 15);
    assert_place(tolerance->key_place, 1, 5);
    assert_int_equal(yaml_set(document, "prior.terms.\"a.b\"={laplace: {scale: x}}", &error),
                     MXP_OK);
    const struct yaml_node *term =
        yaml_get(yaml_get(yaml_get(document->root, "prior"), "terms"), "a.b");
    const struct yaml_node *scale = yaml_get(yaml_get(term, "laplace"), "scale");
    assert_int_equal(yaml_number(&number, scale, &error), MXP_USAGE);
    assert_int_equal(error.status, MXP_USAGE);
    assert_string_equal(error.message, "--set prior.terms.\"a.b\"={laplace: {scale: x}}:1:37: "
                                       "scale = x is not a number");
    assert_int_equal(yaml_set(document, "name=\"\"", &error), MXP_OK);
    assert_string_equal(yaml_get(document->root, "name")->text, "");
    assert_int_equal(yaml_set(document, "prior.weights=normal(0, 1)", &error), MXP_OK);
    assert_string_equal(yaml_get(yaml_get(document->root, "prior"), "weights")->text,
                        "normal(0, 1)");
    assert_int_equal(yaml_set(document, "fit=[1, 2]", &error), MXP_OK);
    assert_int_equal(yaml_get(document->root, "fit")->kind, YAML_SEQUENCE);
    assert_int_equal(document->root->count, 3);
    yaml_document_free(document);
}

static const struct malformed bad_sets[] = {
    {"fit.tolerance", ":1:14: expected key=value, or key.key=value"},
    {"", ":1:1: a key is missing here"},
    {"=1", ":1:1: a key is missing here"},
    {"fit..x=1", ":1:5: a key is missing here"},
    {"fit.=1", ":1:5: a key is missing here"},
    {"fit.\"x=1", ":1:5: the quote that opens here is never closed"},
    {"fit.\"x\"y=1", ":1:8: expected key=value, or key.key=value"},
    {"fit.seed=", ":1:10: a value is missing here; the empty text is \"\""},
    {"fit.seed=~", ":1:10: ~ is not a value here; leave the key out, or quote the text"},
    {"fit.tolerance.x=1",
     ":1:15: there is no \"x\" to set: tolerance is a single value, not a mapping"},
    {"list.0=1", ":1:6: there is no \"0\" to set: list is a list, not a mapping"},
    {"fit.x=[1", ":1:7: the \"[\" that opens here is never closed"},
    {"fit.x={a: f(1, 2)}", ":1:11: quote the prior: \"f(1, 2)\" (inside {...} and [...] YAML "
                           "splits at commas)"},
    {"fit.x={a: 1, a: 2}", ":1:14: duplicate key \"a\" (first in line 1)"},
    {"fit.x=!!int 3", ":1:7: tags are not supported"},
};

static void test_bad_sets(void **state)
{
    (void)state;
    struct yaml_document *document = read_ok("fit: {tolerance: 1}\nlist: [1]\n");

    for (size_t i = 0; i < sizeof bad_sets / sizeof *bad_sets; i++) {
        struct str expected = {0};
        mxp_error error = {0};
        str_format(&expected, "--set %s%s", bad_sets[i].text, bad_sets[i].message);
        const mxp_status status = yaml_set(document, bad_sets[i].text, &error);
        if (status != MXP_USAGE || strcmp(error.message, expected.text) != 0)
            fail_msg("status %d, <%s> instead of <%s>", (int)status, error.message, expected.text);
        str_free(&expected);
    }
    assert_int_equal(document->root->count, 2);
    assert_int_equal(yaml_get(document->root, "fit")->count, 1);
    yaml_document_free(document);
}

static void test_load(void **state)
{
    (void)state;
    struct yaml_document *document = NULL;
    mxp_error error = {0};

    assert_int_equal(yaml_load(&document, "no/such.yaml", &error), MXP_NO_INPUT);
    assert_string_equal(error.message, "no/such.yaml: cannot be opened: No such file or directory");
    assert_null(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),      cmocka_unit_test(test_characters),
        cmocka_unit_test(test_aliases),   cmocka_unit_test(test_place_in),
        cmocka_unit_test(test_malformed), cmocka_unit_test(test_excerpt),
        cmocka_unit_test(test_depth),     cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_typed),     cmocka_unit_test(test_set),
        cmocka_unit_test(test_bad_sets),  cmocka_unit_test(test_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
