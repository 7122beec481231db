/* data/formula: R's model.matrix (tests/reference/formula, made by formula.R there), the terms in
 * words, and what is wrong with formulas that are wrong, with the column. */
#include "numeric.h"

#include "base/mem.h"
#include "data/design.h"

#include <stdio.h>
#include <string.h>

/* ---- against R -------------------------------------------------------------------------------- */

static void path_of(char path[1024], const char *name)
{
    const char *root = getenv("MAXPOST_ROOT");
    (void)snprintf(path, 1024, "%s/tests/reference/formula/%s", root ? root : ".", name);
}

static mxp_table *read_table(void)
{
    char path[1024];
    mxp_table *table = NULL;
    mxp_error error = {0};

    path_of(path, "data.csv");
    if (mxp_table_read(&table, path, NULL, &error) != MXP_OK)
        fail_msg("%s (run from the root, or set MAXPOST_ROOT)", error.message);
    assert_int_equal(mxp_table_set_type(table, "grp", MXP_COLUMN_CATEGORICAL, &error), MXP_OK);
    return table;
}

/* A line without its newline; false at the end. */
static bool next_line(char *line, size_t size, FILE *file)
{
    if (!fgets(line, (int)size, file))
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

static struct design *make_design(const mxp_table *table, const char *text, const char *contrast)
{
    struct design_contrast contrasts[3] = {
        {.column = {.name = "site"}}, {.column = {.name = "sex"}}, {.column = {.name = "grp"}}};
    struct design_request request = {.contrasts = contrasts};
    struct formula *formula = NULL;
    struct design *design = NULL;
    mxp_error error = {0};

    assert_int_equal(formula_new(&formula, text, (struct place){0}, &error), MXP_OK);
    for (size_t i = 0; i < 3; i++) {
        const char *name = contrasts[i].column.name;
        const bool used = formula->dot || strstr(text, name);
        while (strcmp(contrast_names[contrasts[i].contrast], contrast) != 0)
            contrasts[i].contrast++;
        if (used)
            contrasts[request.contrast_count++] = contrasts[i];
    }
    request.formula = formula;
    if (design_new(&design, table, &request, &error) != MXP_OK)
        fail_msg("%s: %s", text, error.message);
    formula_free(formula);
    return design;
}

/* The next column of the file against the design's. */
static void compare_column(FILE *file, const struct design *design, size_t j, const char *text)
{
    char line[4096];
    double scale = 0.0;

    assert_true(next_line(line, sizeof line, file));
    if (strcmp(line, design->name[j]) != 0)
        fail_msg("%s: column %zu is \"%s\", R's \"%s\"", text, j, design->name[j], line);
    assert_true(next_line(line, sizeof line, file));
    for (size_t i = 0; i < design->rows; i++)
        scale = fmax(scale, fabs(design->column[j][i]));
    char *at = line;
    for (size_t i = 0; i < design->rows; i++) {
        const double expected = strtod(at, &at);
        if (fabs(design->column[j][i] - expected) > 1e-13 * scale)
            fail_msg("%s: %s, row %zu: %.17g, R's %.17g", text, design->name[j], i,
                     design->column[j][i], expected);
    }
}

static void test_against_r(void **state)
{
    char path[1024], text[200], contrast[40], line[200];
    mxp_table *table = read_table();
    size_t cases = 0;

    (void)state;
    path_of(path, "designs.txt");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (next_line(text, sizeof text, file)) {
        assert_true(next_line(contrast, sizeof contrast, file));
        assert_true(next_line(line, sizeof line, file));
        struct design *design = make_design(table, text, contrast);
        char *end;
        const bool intercept = strtoul(line, &end, 10) == 1;
        const size_t columns = strtoul(end, NULL, 10);
        if (design->intercept != intercept || design->columns != columns)
            fail_msg("%s (%s): intercept %d and %zu columns, R has %d and %zu", text, contrast,
                     design->intercept, design->columns, intercept, columns);
        for (size_t j = 0; j < columns; j++)
            compare_column(file, design, j, text);
        design_free(design);
        cases++;
    }
    assert_true(cases > 100);
    (void)fclose(file);
    mxp_table_free(table);
}

/* ---- terms in words --------------------------------------------------------------------------- */

/* The terms as "a + b + a:b", as attr(terms(...), "term.labels") has them in R. */
static void expect_terms(const char *text, const char *expected)
{
    static const char *const dot[] = {"a", "b", "c"};
    struct formula *formula = NULL;
    struct formula_terms terms;
    struct str out = {0};
    mxp_error error = {0};

    if (formula_new(&formula, text, (struct place){0}, &error) != MXP_OK)
        fail_msg("%s", error.message);
    assert_int_equal(formula_expand(&terms, formula, dot, 3, &error), MXP_OK);
    str_add(&out, formula->intercept ? "1" : "0");
    for (size_t t = 0; t < terms.terms; t++)
        for (size_t i = 0; i < terms.term[t].count; i++)
            str_format(&out, "%s%s", i ? ":" : " + ",
                       terms.variable[terms.term[t].variable[i]]->name);
    assert_string_equal(out.text, expected);
    str_free(&out);
    formula_terms_free(&terms);
    formula_free(formula);
}

static void test_terms(void **state)
{
    (void)state;
    expect_terms("y ~ a*b*c", "1 + a + b + c + a:b + a:c + b:c + a:b:c");
    expect_terms("y ~ .", "1 + a + b + c");
    expect_terms("y ~ . - b", "1 + a + c");
    expect_terms("y ~ b + .", "1 + b + a + c");
    expect_terms("y ~ b:a + a", "1 + a + b:a");
    expect_terms("y ~ (a + b):(a + c)", "1 + a + a:c + a:b + b:c");
    expect_terms("y ~ a + (b - 1)", "0 + a + b");
    expect_terms("y ~ a - (b - 1)", "1 + a");
    expect_terms("y ~ a - 0", "1 + a");
    expect_terms("y ~ - a", "1");
    expect_terms("y ~ a + -1", "0 + a");
    expect_terms("`y y` ~ `a`+ b", "1 + a + b");
    expect_terms("y ~ log( a ) + log(a)", "1 + log(a)");
    expect_terms("y ~ I(a+b*-2) + I( (a) ^ 2/3 )", "1 + I(a + b * -2) + I((a)^2/3)");
    expect_terms("y ~ poly(a,2,raw=T) + poly( a , degree=2 )",
                 "1 + poly(a, 2, raw = T) + poly(a, degree = 2)");
    expect_terms("y ~ a.b_1 + .x + offset(a + b)", "1 + a.b_1 + .x");
    expect_terms("y ~ log(`a b` + 1)", "1 + log(`a b` + 1)");
    expect_terms("y ~ gr\xC3\xB6\xC3\x9F"
                 "e",
                 "1 + gr\xC3\xB6\xC3\x9F"
                 "e");
    expect_terms("y ~\n  a +\n  b", "1 + a + b");
}

static void test_offsets(void **state)
{
    struct formula *formula = NULL;
    (void)state;
    assert_int_equal(
        formula_new(&formula, "y ~ offset(log(n)) + x + offset(a/b)", (struct place){0}, NULL),
        MXP_OK);
    assert_int_equal(formula->offsets, 2);
    assert_int_equal(formula->variables, 1);
    struct str out = {0};
    expression_print(&out, formula->offset[1]);
    assert_string_equal(out.text, "a/b");
    str_free(&out);
    formula_free(formula);
}

/* ---- expressions ------------------------------------------------------------------------------ */

static void test_expressions(void **state)
{
    static const struct {
        const char *text, *printed;
        double value; /* at a = 3, b = 2 in the order of appearance */
    } cases[] = {
        {"a - b - 1", "a - b - 1", 0.0},
        {"a - (b - 1)", "a - (b - 1)", 2.0},
        {"a ^ b ^ 2", "a^b^2", 81.0},
        {"-a^b", "-a^b", -9.0},
        {"a^-b", "a^-b", 1.0 / 9.0},
        {"a/b/2", "a/b/2", 0.75},
        {"a * -b", "a * -b", -6.0},
        {"+a", "a", 3.0},
        {"2e0 * a + .5*b", "2 * a + 0.5 * b", 7.0},
        {"abs(-a) + sqrt(b + 2)", "abs(-a) + sqrt(b + 2)", 5.0},
        {"log1p(a - 3) + exp(b - 2)", "log1p(a - 3) + exp(b - 2)", 1.0},
        {"log2(a + 1) + log10(b * 5) + expm1(0)", "log2(a + 1) + log10(b * 5) + expm1(0)", 3.0},
    };
    const double x[] = {3.0, 2.0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct expression *e = NULL, *again = NULL;
        struct str out = {0}, twice = {0};
        assert_int_equal(expression_new(&e, cases[i].text, (struct place){0}, NULL), MXP_OK);
        expression_print(&out, e);
        assert_string_equal(out.text, cases[i].printed);
        assert_close(expression_value(e, x), cases[i].value, 1e-15, 0.0, cases[i].text, 0.0);
        assert_int_equal(expression_new(&again, out.text, (struct place){0}, NULL), MXP_OK);
        expression_print(&twice, again);
        assert_string_equal(twice.text, out.text);
        str_free(&out);
        str_free(&twice);
        expression_free(e);
        expression_free(again);
    }
}

/* ---- what is wrong ---------------------------------------------------------------------------- */

static const struct {
    const char *text;
    unsigned column; /* of the character, from 1 */
    const char *words;
} wrong[] = {
    {"", 1, "a response, which is a column, is missing at the end"},
    {"y", 2, "\"~\" after the response is missing"},
    {"~ x", 1, "a response is missing before \"~\""},
    {"y ~", 4, "a term is missing at the end"},
    {"y ~ x +", 8, "a term is missing at the end"},
    {"y ~ + ", 7, "a term is missing at the end"},
    {"y ~ x x", 7, "is expected, not \"x\""},
    {"y ~ x ~ z", 7, "a second \"~\""},
    {"y + z ~ x", 3, "\"~\" after the response is expected, not \"+\""},
    {"log(y) ~ x", 1, "the response is transformed"},
    {"cbind(a, b) ~ x", 1, "failures: COLUMN"},
    {"1 ~ x", 1, "a response, which is a column, is expected"},
    {"y ~ 2", 5, "2 is no term; the only numbers are 1 and 0"},
    {"y ~ 2*x", 5, "2 is no term"},
    {"y ~ 1*x", 5, "1, 0 and offset(...) stand alone, \"*\" does not take them"},
    {"y ~ x:0", 7, "1, 0 and offset(...) stand alone, \":\" does not take them"},
    {"y ~ x*(z + 1)", 7, "stand alone"},
    {"y ~ x:offset(z)", 7, "stand alone"},
    {"y ~ x - offset(z)", 9, "an offset cannot be taken away"},
    {"y ~ -offset(z)", 6, "an offset cannot be taken away"},
    {"y ~ x^2", 6, "powers are written I(x^2)"},
    {"y ~ x/z", 6, "quotients are written I(a/b)"},
    {"y ~ x | g", 7, "\"|\" means nothing in a formula here"},
    {"y ~ x %in% z", 7, "\"%\" means nothing in a formula here"},
    {"y ~ I(x > 2)", 9, "comparisons are not part of formulas"},
    {"y ~ 'x'", 5, "go in backticks"},
    {"y ~ x; z", 6, "the character \";\" means nothing"},
    {"y ~ `x", 5, "a backtick that is never closed"},
    {"y ~ ``", 5, "a name in backticks that is empty"},
    {"y ~ (x + z", 11, "\")\" after the terms in parentheses is missing at the end"},
    {"y ~ x)", 6, "is expected, not \")\""},
    {"y ~ ()", 6, "a term is expected, not \")\""},
    {"y ~ lgo(x)", 5, "unknown function \"lgo\"; did you mean \"log\"?"},
    {"y ~ spline(x)", 5, "unknown function \"spline\""},
    {"y ~ factor(x)", 5, "data.types: {COLUMN: categorical} makes a factor"},
    {"y ~ log(poly(x, 2))", 9, "poly() is a term of its own"},
    {"y ~ log()", 9, "a column or a number is expected, not \")\""},
    {"y ~ log(x", 10, "\")\" after an expression is missing at the end"},
    {"y ~ log(.)", 9, "a column or a number is expected, not \".\""},
    {"y ~ I(x + )", 11, "a column or a number is expected, not \")\""},
    {"y ~ I(2)", 5, "an expression that names no column"},
    {"y ~ I(x:z)", 8, "\")\" after an expression is expected, not \":\""},
    {"y ~ poly(x)", 11, "and the degree, as in poly(x, 2), is expected"},
    {"y ~ poly(x, 0)", 13, "the degree 0 of poly() is no whole number from 1 to 20"},
    {"y ~ poly(x, 2.5)", 13, "the degree 2.5 of poly()"},
    {"y ~ poly(x, 21)", 13, "the degree 21 of poly()"},
    {"y ~ poly(x, k)", 13, "the degree of poly() is expected, not \"k\""},
    {"y ~ poly(x, 2, simple = TRUE)", 16, "raw = TRUE or \")\" is expected, not \"simple\""},
    {"y ~ poly(x, 2, raw = 1)", 22, "TRUE or FALSE is expected, not \"1\""},
    {"y ~ x + y", 9, "column \"y\" is already the response"},
    {"y ~ log(x + y)", 13, "column \"y\" is already the response"},
    {"y ~ x, z", 6, "is expected, not \",\""},
    {"y ~ 1e999", 5, "\"1e999\""},
    {"gr\xC3\xB6\xC3\x9F"
     "e ~ x ^ 2",
     11, "powers are written"},
};

static void test_wrong(void **state)
{
    (void)state;
    assert_true(sizeof wrong / sizeof *wrong >= 30);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct source source = {.name = "m.yaml", .text = NULL};
        const struct place place = {&source, 3, 11};
        struct formula *formula = NULL;
        mxp_error error = {0};
        char head[40];
        (void)snprintf(head, sizeof head, "m.yaml:3:%u: ", 10 + wrong[i].column);
        const mxp_status status = formula_new(&formula, wrong[i].text, place, &error);
        if (status != MXP_CONFIG || formula || strncmp(error.message, head, strlen(head)) != 0 ||
            !strstr(error.message, wrong[i].words))
            fail_msg("%s: status %d, \"%s\"; wanted %s...%s", wrong[i].text, (int)status,
                     error.message, head, wrong[i].words);
    }
}

/* Without a place, as for a caller of the library, the text is named. */
static void test_wrong_nowhere(void **state)
{
    struct formula *formula = NULL;
    mxp_error error = {0};

    (void)state;
    assert_int_equal(formula_new(&formula, "y ~ x^2", (struct place){0}, &error), MXP_CONFIG);
    assert_string_equal(error.message, "\"y ~ x^2\", character 6: powers are written I(x^2), "
                                       "products of terms a * b");
}

/* A text `open` times, then the middle, then `close` times. */
static char *nested(const char *head, const char *open, const char *middle, const char *close,
                    size_t times)
{
    struct str out = {0};
    str_add(&out, head);
    for (size_t i = 0; i < times; i++)
        str_add(&out, open);
    str_add(&out, middle);
    for (size_t i = 0; i < times; i++)
        str_add(&out, close);
    return out.text;
}

static void expect_words(char *text, const char *words)
{
    struct formula *formula = NULL;
    mxp_error error = {0};

    assert_int_equal(formula_new(&formula, text, (struct place){0}, &error), MXP_CONFIG);
    if (words[0] && !strstr(error.message, words) && strlen(text) < 900)
        fail_msg("%s", error.message);
    free(text);
}

static void test_bounds(void **state)
{
    struct formula *formula = NULL;
    struct formula_terms terms;
    char *long_one = nested("y ~ a", " + b", "", "", 1500);

    (void)state;
    expect_words(nested("y ~ ", "(", "x", ")", 101), "nested more than 100 deep");
    expect_words(nested("y ~ ", "log(", "x", ")", 101), "nested more than 100 deep");
    expect_words(nested("y ~ I(", "-", "x)", "", 101), "nested more than 100 deep");
    expect_words(nested("y ~ a", " + b", "", "", 100000), "");
    expect_words(nested("y ~ I(a", " + b", ")", "", 100000), "");
    assert_int_equal(formula_new(&formula, long_one, (struct place){0}, NULL), MXP_OK);
    assert_int_equal(formula_expand(&terms, formula, NULL, 0, NULL), MXP_OK);
    assert_int_equal(terms.terms, 2);
    formula_terms_free(&terms);
    formula_free(formula);
    free(long_one);
}

/* (a1 + ... + a70)^4 or so: refused, not tried for ever. */
static void test_too_many_terms(void **state)
{
    enum { COUNT = 120 };
    char name[COUNT][8];
    const char *dot[COUNT];
    struct formula *formula = NULL;
    struct formula_terms terms;
    mxp_error error = {0};

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        (void)snprintf(name[i], sizeof name[i], "x%zu", i);
        dot[i] = name[i];
    }
    assert_int_equal(formula_new(&formula, "y ~ .:.:.:.", (struct place){0}, &error), MXP_OK);
    assert_int_equal(formula_expand(&terms, formula, dot, COUNT, &error), MXP_CONFIG);
    assert_non_null(strstr(error.message, "more than 1000000 terms"));
    formula_free(formula);
    assert_int_equal(formula_new(&formula, "y ~ .:.", (struct place){0}, &error), MXP_OK);
    assert_int_equal(formula_expand(&terms, formula, dot, COUNT, &error), MXP_OK);
    assert_int_equal(terms.terms, COUNT * (COUNT + 1) / 2);
    formula_terms_free(&terms);
    formula_free(formula);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_r), cmocka_unit_test(test_terms),
        cmocka_unit_test(test_offsets),   cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_wrong),     cmocka_unit_test(test_wrong_nowhere),
        cmocka_unit_test(test_bounds),    cmocka_unit_test(test_too_many_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
