/* data/design on factors, classes, trials, offsets and formulas: what is made, and what is refused
 * in which words.  (Moments and dropped rows: test_problem.c; R's columns: test_formula.c.) */
#include "numeric.h"

#include "data/design.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char text[] = "y,x,site,g,w,n,k,id,class,odd\n"
                           "1.5,1,B,10,1,5,2,a1,no,1\n"
                           "2.5,2,A,9,2,6,0,a2,yes,2\n"
                           "0.5,4,C,10,1,7,7,a3,no,three\n"
                           "4.0,8,A,9,1,8,3,a4,maybe,4\n"
                           "3.0,16,B,7,1,9,4,a5,yes,5\n";

static mxp_table *read_text(const char *content)
{
    char path[] = "/tmp/test_design_XXXXXX";
    mxp_table *table = NULL;
    mxp_error error = {0};
    const int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, content, strlen(content)), strlen(content));
    (void)close(file);
    const mxp_status status = mxp_table_read(&table, path, NULL, &error);
    (void)unlink(path);
    if (status != MXP_OK)
        fail_msg("%s", error.message);
    return table;
}

static struct design *make(const mxp_table *table, const struct design_request *request)
{
    struct design *design = NULL;
    mxp_error error = {0};

    if (design_new(&design, table, request, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return design;
}

static void expect_names(const struct design *design, const char *const *names, size_t count)
{
    assert_int_equal(design->columns, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(design->name[i], names[i]);
}

static void expect_refused(const mxp_table *table, const struct design_request *request,
                           mxp_status status, const char *words)
{
    struct design *design = NULL;
    mxp_error error = {0};

    const mxp_status got = design_new(&design, table, request, &error);
    if (got != status || !strstr(error.message, words))
        fail_msg("status %d, \"%s\"; wanted %d, \"%s\"", (int)got, error.message, (int)status,
                 words);
    assert_null(design);
}

/* ---- factors ---------------------------------------------------------------------------------- */

static const struct design_name x_site[] = {{.name = "x"}, {.name = "site"}};

static void test_factor_by_type(void **state)
{
    static const char *const with[] = {"x", "site[B]", "site[C]"};
    static const char *const without[] = {"x", "site[A]", "site[B]", "site[C]"};
    mxp_table *table = read_text(text);
    struct design_request request = {
        .response = {.name = "y"}, .predictors = x_site, .predictor_count = 2};

    (void)state;
    struct design *design = make(table, &request);
    expect_names(design, with, 3);
    assert_true(design->intercept);
    assert_true(design->column[1][0] == 1.0 && design->column[2][2] == 1.0);
    assert_close(design->mean[1], 0.4, 1e-15, 0.0, "mean", 0.0);
    assert_ptr_equal(design->y, mxp_table_values(table, 0)); /* nothing is copied */
    design_free(design);
    request.no_intercept = true;
    design = make(table, &request);
    expect_names(design, without, 4);
    assert_false(design->intercept);
    design_free(design);
    mxp_table_free(table);
}

static void test_levels_and_contrasts(void **state)
{
    static const struct design_name order[] = {
        {.name = "C"}, {.name = "D"}, {.name = "B"}, {.name = "A"}};
    static const struct design_name few[] = {{.name = "A"}, {.name = "B"}};
    static const struct design_name twice[] = {{.name = "A"}, {.name = "B"}, {.name = "A"}};
    static const char *const names[] = {"x", "site[D]", "site[B]", "site[A]"};
    static const char *const sums[] = {"x", "site[C]", "site[D]", "site[B]"};
    mxp_table *table = read_text(text);
    struct design_levels levels = {.column = {.name = "site"}, .level = order, .levels = 4};
    const struct design_contrast sum = {{.name = "site"}, CONTRAST_SUM};
    struct design_request request = {.response = {.name = "y"},
                                     .predictors = x_site,
                                     .predictor_count = 2,
                                     .levels = &levels,
                                     .level_count = 1};

    (void)state;
    struct design *design = make(table, &request);
    expect_names(design, names, 4);
    for (size_t i = 0; i < design->rows; i++)
        assert_true(design->column[1][i] == 0.0); /* a level that is listed but absent */
    design_free(design);
    request.contrasts = &sum;
    request.contrast_count = 1;
    design = make(table, &request);
    expect_names(design, sums, 4);
    assert_true(design->column[1][1] == -1.0 && design->column[3][0] == 1.0);
    design_free(design);
    levels.level = few;
    levels.levels = 2;
    expect_refused(
        table, &request, MXP_DATA,
        ":4: column \"site\": \"C\" is not one of the levels that are listed (levels: A, "
        "B)");
    levels.level = twice;
    levels.levels = 3;
    expect_refused(table, &request, MXP_CONFIG, "the level \"A\" is listed twice");
    levels.column.name = "x"; /* numbers that are to be levels */
    levels.level = few;
    levels.levels = 1;
    expect_refused(table, &request, MXP_DATA, ":2: column \"x\": \"1\" is not one of the levels");
    levels.column.name = "w";
    expect_refused(table, &request, MXP_CONFIG,
                   "column \"w\" is no categorical predictor of this model");
    levels.column.name = "sites";
    expect_refused(table, &request, MXP_CONFIG, "levels: \"sites\" is no column of");
    mxp_table_free(table);
}

/* Numbers declared to be levels come in the order of numbers: 7, 9, 10. */
static void test_declared(void **state)
{
    static const char *const names[] = {"g[9]", "g[10]"};
    static const struct design_name listed[] = {{.name = "10.0"}, {.name = "7"}, {.name = "9"}};
    static const char *const reordered[] = {"g[7]", "g[9]"};
    static const struct design_name g[] = {{.name = "g"}};
    const struct design_levels levels = {{.name = "g"}, listed, 3};
    mxp_table *table = read_text(text);
    struct design_request request = {
        .response = {.name = "y"}, .predictors = g, .predictor_count = 1};

    (void)state;
    struct design *design = make(table, &request);
    assert_int_equal(design->columns, 1);
    design_free(design);
    assert_int_equal(mxp_table_set_type(table, "g", MXP_COLUMN_CATEGORICAL, NULL), MXP_OK);
    design = make(table, &request);
    expect_names(design, names, 2);
    design_free(design);
    request.levels = &levels;
    request.level_count = 1;
    design = make(table, &request);
    expect_names(design, reordered, 2);
    design_free(design);
    mxp_table_free(table);
}

static void test_types_refused(void **state)
{
    static const struct design_name odd[] = {{.name = "odd"}}, site[] = {{.name = "site"}};
    mxp_table *table = read_text(text), *one = read_text("y,s\n1,a\n2,a\n3,a\n");
    struct design_request request = {
        .response = {.name = "y"}, .predictors = odd, .predictor_count = 1};
    struct str many = {0};

    (void)state;
    expect_refused(table, &request, MXP_DATA, ":4: column \"odd\": \"three\" is not a number");
    request.predictors = site;
    assert_int_equal(mxp_table_set_type(table, "site", MXP_COLUMN_NUMERIC, NULL), MXP_OK);
    expect_refused(table, &request, MXP_DATA, ":2: column \"site\": \"B\" is not a number");
    assert_int_equal(mxp_table_set_type(table, "odd", MXP_COLUMN_CATEGORICAL, NULL), MXP_OK);
    request.predictors = odd;
    struct design *design = make(table, &request);
    assert_int_equal(design->columns, 4);
    assert_string_equal(design->name[3], "odd[three]");
    design_free(design);
    request.predictor_count = 0;
    expect_refused(one, &request, MXP_DATA,
                   "column \"s\" has one level, \"a\"; a factor needs two");
    mxp_table_free(one);
    str_add(&many, "y,s\n");
    for (int i = 0; i < 30; i++)
        str_format(&many, "%d,name%d\n", i * i % 7, i % 20);
    one = read_text(many.text);
    expect_refused(one, &request, MXP_DATA, "is text of 20 levels in 30 rows; leave it out");
    assert_int_equal(mxp_table_set_type(one, "s", MXP_COLUMN_CATEGORICAL, NULL), MXP_OK);
    design = make(one, &request);
    assert_int_equal(design->columns, 19);
    design_free(design);
    str_free(&many);
    mxp_table_free(one);
    mxp_table_free(table);
}

/* The levels are those of the rows that are used. */
static void test_dropped_levels(void **state)
{
    static const char *const names[] = {"x", "site[B]"};
    mxp_table *table = read_text("y,x,site\n1,NA,C\n2,3,B\n3,4,A\n4,5,NA\n5,6,B\n");
    const struct design_request request = {.response = {.name = "y"}, .drop_missing = true};

    (void)state;
    struct design *design = make(table, &request);
    expect_names(design, names, 2);
    assert_int_equal(design->rows, 3);
    assert_int_equal(design->rows_dropped, 2);
    assert_int_equal(design->table_row[2], 4);
    assert_true(design->y[2] == 5.0 && design->column[0][2] == 6.0 && design->column[1][2] == 1.0);
    const struct selection *selection = &design->encoded->selection;
    assert_int_equal(selection->missing_columns, 2);
    assert_int_equal(selection->missing[1].count, 1);
    design_free(design);
    mxp_table_free(table);
}

/* ---- responses -------------------------------------------------------------------------------- */

static void test_classes(void **state)
{
    static const struct design_name order[] = {
        {.name = "no"}, {.name = "maybe"}, {.name = "yes"}, {.name = "never"}};
    static const struct design_name x[] = {{.name = "x"}};
    const struct design_levels levels = {{.name = "class"}, order, 4};
    const double by_bytes[] = {1, 2, 1, 0, 2}, listed[] = {0, 2, 0, 1, 2},
                 numbers[] = {2, 1, 2, 1, 0};
    mxp_table *table = read_text(text);
    struct design_request request = {
        .response = {.name = "class"}, .predictors = x, .predictor_count = 1, .classes = true};

    (void)state;
    struct design *design = make(table, &request);
    assert_int_equal(design->classes, 3);
    assert_string_equal(design->label[0], "maybe");
    assert_memory_equal(design->y, by_bytes, sizeof by_bytes);
    design_free(design);
    request.levels = &levels;
    request.level_count = 1;
    design = make(table, &request);
    assert_int_equal(design->classes, 4);
    assert_memory_equal(design->y, listed, sizeof listed);
    design_free(design);
    request.level_count = 0;
    request.response.name = "g";
    design = make(table, &request);
    assert_string_equal(design->label[2], "10");
    assert_memory_equal(design->y, numbers, sizeof numbers);
    design_free(design);
    request.response.name = "odd"; /* mostly numbers */
    expect_refused(table, &request, MXP_DATA, ":4: column \"odd\": \"three\" is not a number");
    request.response.name = "class";
    request.classes = false;
    expect_refused(table, &request, MXP_DATA, ":2: column \"class\": \"no\" is not a number");
    mxp_table_free(table);
    table = read_text("class,x\nyes,1\nyes,2\n");
    request.classes = true;
    expect_refused(table, &request, MXP_DATA, "column \"class\" has one class, \"yes\"");
    mxp_table_free(table);
}

static void test_trials(void **state)
{
    static const struct design_name x[] = {{.name = "x"}};
    mxp_table *table = read_text(text);
    struct design_request request = {
        .response = {.name = "k"}, .predictors = x, .predictor_count = 1, .trials = {.name = "n"}};

    (void)state;
    struct design *design = make(table, &request);
    assert_true(design->trials[0] == 5.0 && design->trials[4] == 9.0);
    design_free(design);
    request.trials.name = NULL;
    request.failures.name = "n";
    design = make(table, &request);
    assert_true(design->trials[0] == 7.0 && design->trials[4] == 13.0);
    design_free(design);
    request.trials.name = "n";
    expect_refused(table, &request, MXP_CONFIG, "give one of them");
    request.failures.name = NULL;
    request.predictors = (const struct design_name[]){{.name = "n"}};
    expect_refused(table, &request, MXP_CONFIG, "column \"n\" is already the number of trials");
    request.predictors = x;
    request.trials.name = "k";
    request.response.name = "n";
    expect_refused(table, &request, MXP_DATA,
                   ":2: column \"n\": 5 is more than the 2 trials of its row");
    request.trials.name = "y";
    expect_refused(table, &request, MXP_DATA,
                   ":2: column \"y\": 1.5 is not a count (0, 1, 2, ...)");
    mxp_table_free(table);
}

/* ---- formulas --------------------------------------------------------------------------------- */

static struct formula *parse(const char *formula)
{
    static const struct source source = {.name = "m.yaml"};
    struct formula *f = NULL;
    mxp_error error = {0};

    if (formula_new(&f, formula, (struct place){&source, 2, 10}, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return f;
}

static void test_formula(void **state)
{
    static const char *const names[] = {"x",      "site[B]",   "site[C]",
                                        "log(g)", "x:site[B]", "x:site[C]"};
    mxp_table *table = read_text(text);
    struct formula *formula = parse("y ~ x * site + log(g) + offset(w) + offset(2 * x)");
    const struct design_request request = {
        .formula = formula, .weights = {.name = "w"}, .offset = {.name = "n"}};

    (void)state;
    struct design *design = make(table, &request);
    expect_names(design, names, 6);
    assert_string_equal(design->response_name, "y");
    assert_true(design->offset[4] == 9.0 + 1.0 + 32.0 && design->weights[1] == 2.0);
    assert_true(design->y_offset_rms > 10.0);
    design_free(design);
    formula_free(formula);
    mxp_table_free(table);
}

/* `.` is every column without a role. */
static void test_dot(void **state)
{
    static const char *const names[] = {"x", "g"};
    mxp_table *table = read_text(text);
    struct formula *formula = parse("k ~ . - site - id - class - odd");
    const struct design_request request = {.formula = formula,
                                           .weights = {.name = "w"},
                                           .offset = {.name = "y"},
                                           .trials = {.name = "n"}};

    (void)state;
    struct design *design = make(table, &request);
    expect_names(design, names, 2); /* and the columns that were taken away may hold anything */
    design_free(design);
    formula_free(formula);
    mxp_table_free(table);
}

static void test_formula_refused(void **state)
{
    static const struct {
        const char *formula;
        mxp_status status;
        const char *words;
    } cases[] = {
        {"y ~ x + sitee", MXP_CONFIG,
         "m.yaml:2:18: predictor \"sitee\" is no column of /tmp/test_design_"},
        {"y ~ log(xx)", MXP_CONFIG, "m.yaml:2:18: predictor \"xx\" is no column of"},
        {"yy ~ x", MXP_CONFIG, "m.yaml:2:10: response \"yy\" is no column of"},
        {"y ~ x + log(site)", MXP_CONFIG,
         "m.yaml:2:22: column \"site\" is categorical, and arithmetic takes numbers"},
        {"y ~ poly(site, 2)", MXP_CONFIG,
         "m.yaml:2:19: column \"site\" is categorical, and poly() takes numbers"},
        {"y ~ offset(xx)", MXP_CONFIG, "m.yaml:2:21: offset \"xx\" is no column of"},
        {"y ~ offset(y)", MXP_CONFIG, "m.yaml:2:21: column \"y\" is already the response"},
        {"y ~ log(x - 1)", MXP_DATA, ":2: column \"x\": log(x - 1) is not a finite number where x"},
        {"y ~ poly(g, 3)", MXP_DATA,
         "m.yaml:2:14: poly(g, 3): degree 3 wants more than 3 different values"},
        {"y ~ sqrt(odd)", MXP_DATA, ":4: column \"odd\": \"three\" is not a number"},
        {"site ~ x", MXP_DATA, ":2: column \"site\": \"B\" is not a number"},
    };
    mxp_table *table = read_text(text);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct formula *formula = parse(cases[i].formula);
        const struct design_request request = {.formula = formula};
        expect_refused(table, &request, cases[i].status, cases[i].words);
        formula_free(formula);
    }
    mxp_table_free(table);
}

/* The recipe gives the same columns again, from the text of its expressions. */
static void test_recipe(void **state)
{
    mxp_table *table = read_text(text);
    struct formula *formula = parse("y ~ site*poly(x, 2) + I(x/n) + offset(w)");
    const struct design_request request = {.formula = formula};
    struct design *design = make(table, &request);
    struct encoded *again = NULL;

    (void)state;
    assert_int_equal(encoding_apply(&again, design->encoding, table, false, NULL), MXP_OK);
    for (size_t j = 0; j < design->columns; j++)
        assert_memory_equal(again->column[j], design->column[j], design->rows * sizeof(double));
    assert_memory_equal(again->offset, design->offset, design->rows * sizeof(double));
    encoded_free(again);
    design_free(design);
    formula_free(formula);
    mxp_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_factor_by_type),
        cmocka_unit_test(test_levels_and_contrasts),
        cmocka_unit_test(test_declared),
        cmocka_unit_test(test_types_refused),
        cmocka_unit_test(test_dropped_levels),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_trials),
        cmocka_unit_test(test_formula),
        cmocka_unit_test(test_dot),
        cmocka_unit_test(test_formula_refused),
        cmocka_unit_test(test_recipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
