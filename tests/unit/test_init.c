/* What init guesses of a table: what each column is, the response, the rows, the families. */
#include "app/init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 40 };

/* Predictor x, and columns of the test's own behind it. */
static mxp_table *new_table(void)
{
    mxp_table *table = NULL;
    double x[ROWS];

    for (int i = 0; i < ROWS; i++)
        x[i] = sin(1.0 + 3.0 * i);
    assert_int_equal(mxp_table_new(&table, ROWS, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "x", x, NULL), MXP_OK);
    return table;
}

/* A column whose rows repeat the values. */
static void add(mxp_table *table, const char *name, const double *values, int count)
{
    double column[ROWS];

    for (int i = 0; i < ROWS; i++)
        column[i] = values[i % count];
    assert_int_equal(mxp_table_add(table, name, column, NULL), MXP_OK);
}

static void add_texts(mxp_table *table, const char *name, const char *const *texts, int count)
{
    const char *column[ROWS];

    for (int i = 0; i < ROWS; i++)
        column[i] = texts[i % count];
    assert_int_equal(mxp_table_add_text(table, name, column, NULL), MXP_OK);
}

static struct init_guess guess_of(const mxp_table *table, const char *response)
{
    struct init_guess guess = {0};
    mxp_error error = {0};

    if (init_guess(&guess, table, response, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return guess;
}

/* The response's values, the kind they are taken for, and the families, separated by blanks. */
static void check_families(const double *y, int count, enum init_answer answer,
                           const char *families)
{
    mxp_table *table = new_table();
    char got[80] = "";

    add(table, "y", y, count);
    struct init_guess guess = guess_of(table, NULL);
    assert_string_equal(mxp_table_name(table, guess.response), "y");
    for (int i = 0; i < INIT_FAMILIES && guess.families[i]; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i ? " " : "",
                 guess.families[i]);
    assert_string_equal(got, families);
    assert_int_equal(guess.answer, answer);
    init_guess_free(&guess);
    mxp_table_free(table);
}

static void test_families(void **state)
{
    double exponential[ROWS], squared[ROWS];

    (void)state;
    for (int i = 0; i < ROWS; i++) { /* skewness 1.7 and 4 */
        exponential[i] = -log(1.0 - (i + 0.5) / ROWS);
        squared[i] = exponential[i] * exponential[i];
    }
    check_families((double[]){0, 1, 1}, 3, INIT_ZERO_ONE, "bernoulli");
    check_families((double[]){1, 2, 2}, 3, INIT_TWO, "bernoulli multinomial gaussian");
    check_families((double[]){0, 1, 1, 2, 3}, 5, INIT_COUNTS, "poisson");
    check_families((double[]){0, 0, 0, 8, 1}, 5, INIT_COUNTS, "negative_binomial poisson");
    check_families((double[]){5, 6, 7, 6}, 4, INIT_REAL, "gaussian");       /* grades */
    check_families((double[]){120, 99, 140, 80}, 4, INIT_REAL, "gaussian"); /* large */
    check_families((double[]){0, -1, 2, 1}, 4, INIT_REAL, "gaussian");
    check_families((double[]){0.5, 0.1, 0.9}, 3, INIT_SHARES, "beta gaussian");
    check_families((double[]){0.5, 0.0, 0.9}, 3, INIT_REAL, "gaussian");
    check_families(exponential, ROWS, INIT_REAL, "gaussian");
    check_families(squared, ROWS, INIT_POSITIVE, "gamma gaussian");
}

/* A bernoulli variable of p = 1/4: skewness (1 - 2p)/sqrt(pq), kurtosis (1 - 3pq)/(pq); times 8:
 * sample variance 12 n/(n - 1), mean 2. */
static void test_summary(void **state)
{
    mxp_table *table = new_table();

    (void)state;
    add(table, "y", (double[]){0, 8, 0, 0}, 4);
    struct init_guess guess = guess_of(table, NULL);
    assert_true(fabs(guess.y.mean - 2.0) < 1e-14 && fabs(guess.y.sd - sqrt(12.0)) < 1e-14);
    assert_true(fabs(guess.y.skewness - 2.0 / sqrt(3.0)) < 1e-14);
    assert_true(fabs(guess.y.kurtosis - 7.0 / 3.0) < 1e-14);
    assert_true(fabs(guess.y.dispersion - 6.0 * 40.0 / 39.0) < 1e-13);
    assert_int_equal(guess.y.distinct, 2);
    assert_true(guess.y.low == 0.0 && guess.y.high == 8.0 && guess.y.whole);
    init_guess_free(&guess);
    mxp_table_free(table);
}

static void test_classes(void **state)
{
    static const char *const two[] = {"no", "yes"}, *const three[] = {"a", "b", "c"};
    mxp_table *table = new_table();

    (void)state;
    add_texts(table, "two", two, 2);
    add_texts(table, "three", three, 3);
    struct init_guess guess = guess_of(table, NULL);
    assert_string_equal(mxp_table_name(table, guess.response), "x"); /* the last of numbers */
    assert_int_equal(guess.predictors, 2);
    assert_int_equal(guess.coefficients, 1 + 2);
    init_guess_free(&guess);

    guess = guess_of(table, "two");
    assert_int_equal(guess.answer, INIT_CLASSES);
    assert_string_equal(guess.families[0], "bernoulli");
    assert_string_equal(guess.families[1], "multinomial");
    init_guess_free(&guess);

    guess = guess_of(table, "three");
    assert_int_equal(guess.y.distinct, 3);
    assert_string_equal(guess.families[0], "multinomial");
    assert_null(guess.families[1]);
    init_guess_free(&guess);
    mxp_table_free(table);
}

static enum init_reason reason_of(const struct init_guess *guess, const char *name)
{
    return guess->column[mxp_table_find(guess->table, name)].reason;
}

static void test_columns(void **state)
{
    static const char *const
        dates[] = {"2024-01-31", "2024-02-28T10:00", "2025-12-01"},
        *const days[] = {"31/1/24", "1/12/24"}, *const ages[] = {"20-29", "30-39"},
        *const years[] = {"1990-1999", "2000-2009"}, *const versions[] = {"1.2.3.4", "1.2.3.5"};
    char words[ROWS][16];
    const char *ids[ROWS];
    double counter[ROWS];
    mxp_table *table = new_table();

    (void)state;
    for (int i = 0; i < ROWS; i++) {
        snprintf(words[i], sizeof words[i], "w%d", i / 2 + (i % 2) * (i < 30) * 20);
        ids[i] = words[i];
        counter[i] = i + 1;
    }
    add_texts(table, "id", ids, ROWS);
    add_texts(table, "dates", dates, 3);
    add_texts(table, "days", days, 2);
    add_texts(table, "ages", ages, 2);
    add_texts(table, "years", years, 2);
    add_texts(table, "versions", versions, 2);
    add_texts(table, "one", (const char *const[]){"a", NULL}, 2);
    add(table, "constant", (double[]){3}, 1);
    add(table, "none", (double[]){NAN}, 1);
    add(table, "infinite", (double[]){INFINITY, 1, 2}, 3);
    add(table, "counter", counter, ROWS);
    add(table, "cylinders", (double[]){4, 6, 8, 4, 4}, 5);
    add(table, "halves", (double[]){4, 4.5, 5}, 3);
    add(table, "y", (double[]){0.5, -1, 3, 2, 7, 1}, 6);
    struct init_guess guess = guess_of(table, NULL);
    assert_int_equal(reason_of(&guess, "id"), INIT_IDENTIFIER);
    assert_int_equal(reason_of(&guess, "dates"), INIT_DATES);
    assert_int_equal(reason_of(&guess, "days"), INIT_DATES);
    assert_int_equal(reason_of(&guess, "ages"), INIT_KEPT);
    assert_int_equal(reason_of(&guess, "years"), INIT_KEPT);
    assert_int_equal(reason_of(&guess, "versions"), INIT_KEPT);
    assert_int_equal(reason_of(&guess, "one"), INIT_CONSTANT);
    assert_int_equal(reason_of(&guess, "constant"), INIT_CONSTANT);
    assert_int_equal(reason_of(&guess, "none"), INIT_EMPTY);
    assert_int_equal(reason_of(&guess, "infinite"), INIT_FAULT);
    assert_int_equal(reason_of(&guess, "counter"), INIT_ROW_NUMBER);
    assert_int_equal(guess.column[mxp_table_find(table, "cylinders")].codes, 3);
    assert_int_equal(guess.column[mxp_table_find(table, "halves")].codes, 0);
    assert_int_equal(guess.predictors, 6);
    assert_int_equal(guess.complete_rows, ROWS);
    init_guess_free(&guess);
    mxp_table_free(table);
}

/* Rows without a missing value are used; a column that would cost most of them is left out. */
static void test_missing(void **state)
{
    mxp_table *table = new_table();

    (void)state;
    add(table, "some", (double[]){1, 3, 2, NAN, 5}, 5);
    add(table, "most", (double[]){NAN, 3, NAN, NAN, 5}, 5);
    add_texts(table, "site", (const char *const[]){"a", "b", NULL, "b", "a"}, 5);
    add(table, "hidden", (double[]){1, 1, 7, 7, 1}, 5); /* differs only where others are missing */
    add(table, "y", (double[]){0.5, -1, 3, 2, 7}, 5);
    struct init_guess guess = guess_of(table, NULL);
    assert_int_equal(reason_of(&guess, "most"), INIT_STARVING);
    assert_int_equal(reason_of(&guess, "hidden"), INIT_NO_SPREAD);
    assert_int_equal(reason_of(&guess, "some"), INIT_KEPT);
    assert_int_equal(guess.complete_rows, 24);
    init_guess_free(&guess);
    mxp_table_free(table);
}

static void test_header(void **state)
{
    static const struct {
        const char *name[3];
        bool headless;
    } cases[] = {{{"a", "b", "c"}, false}, {{"0", "1", "2"}, false}, /* as they are numbered */
                 {{"1", "2", "3"}, false}, {{"5.1", "3.5", "setosa"}, true},
                 {{"3", "1", "2"}, true},  {{"5.1", "b", "c"}, false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mxp_table *table = NULL;
        assert_int_equal(mxp_table_new(&table, ROWS, NULL), MXP_OK);
        for (int j = 0; j < 3; j++)
            add(table, cases[i].name[j], (double[]){0.5, -1, 3, 2, 7}, 3 + j);
        struct init_guess guess = guess_of(table, NULL);
        assert_int_equal(guess.headless, cases[i].headless);
        init_guess_free(&guess);
        mxp_table_free(table);
    }
}

/* The noise of a response that is fitted perfectly needs a prior that keeps it from 0. */
static void test_noise(void **state)
{
    (void)state;
    for (int perfect = 0; perfect < 2; perfect++) {
        mxp_table *table = new_table();
        double y[ROWS];
        for (int i = 0; i < ROWS; i++)
            y[i] = 2.0 * mxp_table_values(table, 0)[i] + (perfect ? 0.0 : cos(7.0 * i));
        add(table, "y", y, ROWS);
        struct init_guess guess = guess_of(table, NULL);
        assert_int_equal(init_try(&guess, "test", NULL), MXP_OK);
        assert_string_equal(guess.family, "gaussian");
        assert_int_equal(guess.firm, perfect);
        init_guess_free(&guess);
        mxp_table_free(table);
    }
}

static void test_numbers(void **state)
{
    static const struct {
        double value;
        int digits;
        const char *text;
    } cases[] = {{192.53, 2, "190"}, {0.012986, 2, "0.013"}, {2.5, 2, "2.5"}, {1.0, 2, "1"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str text = {0};
        init_write_number(&text, cases[i].value, cases[i].digits);
        assert_string_equal(text.text, cases[i].text);
        str_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_families), cmocka_unit_test(test_summary),
        cmocka_unit_test(test_classes),  cmocka_unit_test(test_columns),
        cmocka_unit_test(test_missing),  cmocka_unit_test(test_header),
        cmocka_unit_test(test_noise),    cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
