/* data/encode: a recipe built by hand, as fit.json gives it, on new data; contrasts against their
 * definitions, poly against R; unseen levels, missing cells, absent columns, bad values. */
#include "numeric.h"

#include "data/encode.h"
#include "data/poly.h"
#include "maxpost/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const abc[] = {"A", "B", "C"};

/* x, z and site */
static struct encoding *make_encoding(bool intercept, enum contrast contrast)
{
    const size_t site = 1, both[] = {0, 1};
    const size_t x = 0;
    struct encoding *e = NULL;

    assert_int_equal(encoding_new(&e, intercept, NULL), MXP_OK);
    assert_int_equal(encoding_add_numeric(e, "x", NULL), MXP_OK);
    assert_int_equal(encoding_add_factor(e, "site", contrast, abc, 3, NULL), MXP_OK);
    assert_int_equal(encoding_add_term(e, &x, NULL, 1, NULL), MXP_OK);
    assert_int_equal(encoding_add_term(e, &site, NULL, 1, NULL), MXP_OK);
    assert_int_equal(encoding_add_term(e, both, NULL, 2, NULL), MXP_OK);
    assert_int_equal(encoding_finish(e, NULL), MXP_OK);
    return e;
}

static mxp_table *make_table(const char *const *sites, size_t rows)
{
    const double x[] = {2.0, 3.0, 5.0, 7.0, 11.0, 13.0};
    mxp_table *table = NULL;

    assert_true(rows <= 6);
    assert_int_equal(mxp_table_new(&table, rows, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "x", x, NULL), MXP_OK);
    assert_int_equal(mxp_table_add_text(table, "site", sites, NULL), MXP_OK);
    return table;
}

static mxp_table *read_text(const char *text)
{
    char path[] = "/tmp/test_encode_XXXXXX";
    mxp_table *table = NULL;
    mxp_error error = {0};
    const int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    (void)close(file);
    const mxp_status status = mxp_table_read(&table, path, NULL, &error);
    (void)unlink(path);
    if (status != MXP_OK)
        fail_msg("%s", error.message);
    return table;
}

/* ---- contrasts -------------------------------------------------------------------------------- */

static void test_contrasts(void **state)
{
    static const struct {
        bool intercept;
        enum contrast contrast;
        size_t columns;
        const char *name[7];
        double row[3][3]; /* of A, B, C in the columns of site */
    } cases[] = {
        {true,
         CONTRAST_TREATMENT,
         5,
         {"x", "site[B]", "site[C]", "x:site[B]", "x:site[C]"},
         {{0, 0}, {1, 0}, {0, 1}}},
        {false,
         CONTRAST_TREATMENT,
         6,
         {"x", "site[A]", "site[B]", "site[C]", "x:site[B]", "x:site[C]"},
         {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
        {true,
         CONTRAST_SUM,
         5,
         {"x", "site[A]", "site[B]", "x:site[A]", "x:site[B]"},
         {{1, 0}, {0, 1}, {-1, -1}}},
        {true,
         CONTRAST_HELMERT,
         5,
         {"x", "site[B]", "site[C]", "x:site[B]", "x:site[C]"},
         {{-1, -1}, {1, -1}, {0, 2}}},
    };
    const char *const sites[] = {"C", "A", "B", "B"};
    const size_t level[] = {2, 0, 1, 1};
    mxp_table *table = make_table(sites, 4);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct encoding *e = make_encoding(cases[i].intercept, cases[i].contrast);
        struct encoded *out = NULL;
        assert_int_equal(e->columns, cases[i].columns);
        for (size_t j = 0; j < e->columns; j++)
            assert_string_equal(e->name[j], cases[i].name[j]);
        assert_int_equal(encoding_apply(&out, e, table, false, NULL), MXP_OK);
        assert_ptr_equal(out->column[0], mxp_table_values(table, 0)); /* no copy */
        for (size_t r = 0; r < 4; r++)
            for (size_t c = 0; c < e->term[1].columns; c++)
                assert_true(out->column[1 + c][r] == cases[i].row[level[r]][c]);
        const size_t last = e->columns - 1;
        for (size_t r = 0; r < 4; r++)
            assert_true(out->column[last][r] ==
                        out->column[0][r] * out->column[e->term[2].first - 1][r]);
        encoded_free(out);
        encoding_free(e);
    }
    mxp_table_free(table);
}

/* Every contrast but treatment sums to 0 over the levels; Helmert's are orthogonal. */
static void test_contrast_sums(void **state)
{
    const char *const levels[] = {"a", "b", "c", "d", "e"};
    const size_t site = 0;
    mxp_table *table = NULL;

    (void)state;
    assert_int_equal(mxp_table_new(&table, 5, NULL), MXP_OK);
    assert_int_equal(mxp_table_add_text(table, "site", levels, NULL), MXP_OK);
    for (int c = CONTRAST_SUM; c <= CONTRAST_HELMERT; c++) {
        struct encoding *e = NULL;
        struct encoded *out = NULL;
        assert_int_equal(encoding_new(&e, true, NULL), MXP_OK);
        assert_int_equal(encoding_add_factor(e, "site", (enum contrast)c, levels, 5, NULL), MXP_OK);
        assert_int_equal(encoding_add_term(e, &site, NULL, 1, NULL), MXP_OK);
        assert_int_equal(encoding_finish(e, NULL), MXP_OK);
        assert_int_equal(encoding_apply(&out, e, table, false, NULL), MXP_OK);
        for (size_t j = 0; j < 4; j++) {
            double sum = 0.0, product = 0.0;
            for (size_t r = 0; r < 5; r++) {
                sum += out->column[j][r];
                product += out->column[j][r] * out->column[(j + 1) % 4][r];
            }
            assert_true(sum == 0.0);
            assert_true(c == CONTRAST_SUM || product == 0.0);
        }
        encoded_free(out);
        encoding_free(e);
    }
    mxp_table_free(table);
}

/* ---- poly ------------------------------------------------------------------------------------- */

/* R 4.2.2: x <- c(1, 2, 4, 8, 16); p <- poly(x, 3); attr(p, "coefs"); predict(p, c(3, 20)) */
static void test_poly(void **state)
{
    const double x[] = {1, 2, 4, 8, 16}, new_x[] = {3, 20};
    const double alpha[] = {6.2, 11.05, 7.176944971537};
    const double norm2[] = {1, 5, 148.8, 2371.5, 13603.218216318788};
    const double predicted[] = {-0.26233033431358116, 1.1312995667273189,  -0.08213881381782632,
                                1.9251284488553038,   0.58052074140080245, 8.42150418734320283};
    double a[3], n[5], out[6];
    mxp_error error = {0};

    (void)state;
    assert_int_equal(poly_fit(a, n, 3, x, 5, NULL), MXP_OK);
    for (size_t i = 0; i < 3; i++)
        assert_close(a[i], alpha[i], 1e-13, 0.0, "alpha", (double)i);
    for (size_t i = 0; i < 5; i++)
        assert_close(n[i], norm2[i], 1e-13, 0.0, "norm2", (double)i);
    poly_values(out, 3, a, n, new_x, 2);
    for (size_t i = 0; i < 6; i++)
        assert_close(out[i], predicted[i], 1e-12, 0.0, "predicted", (double)i);
    assert_int_equal(poly_fit(a, n, 5, x, 5, &error), MXP_NUMERIC);
    assert_non_null(strstr(error.message, "degree 5 wants more than 5 different values"));
}

static void test_orthogonal(void **state)
{
    enum { ROWS = 60, DEGREE = 12 };
    double x[ROWS], alpha[DEGREE], norm2[DEGREE + 2], p[ROWS * DEGREE];

    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        x[i] = 1e6 + 10.0 * sin((double)i * 0.7) + (double)i;
    assert_int_equal(poly_fit(alpha, norm2, DEGREE, x, ROWS, NULL), MXP_OK);
    poly_values(p, DEGREE, alpha, norm2, x, ROWS);
    for (size_t j = 0; j < DEGREE; j++) {
        for (size_t k = 0; k <= j; k++) {
            double product = 0.0;
            for (size_t i = 0; i < ROWS; i++)
                product += p[i + j * ROWS] * p[i + k * ROWS];
            assert_close(product, j == k, 0.0, 1e-8, "product", (double)j);
        }
    }
}

/* ---- new data --------------------------------------------------------------------------------- */

static void expect_failure(const struct encoding *e, const mxp_table *table, mxp_status status,
                           const char *words)
{
    struct encoded *out = NULL;
    mxp_error error = {0};

    assert_int_equal(encoding_apply(&out, e, table, false, &error), status);
    assert_null(out);
    if (!strstr(error.message, words))
        fail_msg("\"%s\" is not in: %s", words, error.message);
}

static void test_unseen(void **state)
{
    struct encoding *e = make_encoding(true, CONTRAST_TREATMENT);
    mxp_table *table = read_text("site,x\nA,1\nB,2\nD,3\n");

    (void)state;
    expect_failure(e, table, MXP_DATA,
                   ":4: column \"site\": \"D\" is a level that the fit has not seen (levels: A, "
                   "B, C)");
    mxp_table_free(table);
    table = read_text("site,y\nA,1\n");
    expect_failure(e, table, MXP_DATA, "there is no column \"x\", which the model needs");
    mxp_table_free(table);
    table = read_text("site,x\nA,1\nB,two\n");
    expect_failure(e, table, MXP_DATA, ":3: column \"x\": \"two\" is not a number");
    mxp_table_free(table);
    table = read_text("site,x\nA,1\nNA,2\n");
    expect_failure(e, table, MXP_DATA, ":3: column \"site\": missing value");
    mxp_table_free(table);
    encoding_free(e);
}

/* Data that do not show that a column is one of levels: numbers, one level, no level at all. */
static void test_levels_by_name(void **state)
{
    const char *const levels[] = {"1", "2", "10", "other"};
    const char *const zeros[] = {"01", "02"};
    struct encoding *e = NULL;
    struct encoded *out = NULL;
    const size_t one = 0;

    (void)state;
    assert_int_equal(encoding_new(&e, true, NULL), MXP_OK);
    assert_int_equal(encoding_add_factor(e, "g", CONTRAST_TREATMENT, levels, 4, NULL), MXP_OK);
    assert_int_equal(encoding_add_term(e, &one, NULL, 1, NULL), MXP_OK);
    assert_int_equal(encoding_finish(e, NULL), MXP_OK);
    mxp_table *table = read_text("g\n10\n1\n2.0\n");
    assert_int_equal(encoding_apply(&out, e, table, false, NULL), MXP_OK);
    assert_true(out->column[1][0] == 1.0 && out->column[0][2] == 1.0);
    encoded_free(out);
    mxp_table_free(table);
    table =
        read_text("g\n10\n1\n2\nother\n"); /* mostly numbers: the column is numeric, with a fault */
    assert_int_equal(encoding_apply(&out, e, table, false, NULL), MXP_OK);
    assert_true(out->column[2][3] == 1.0 && out->column[1][0] == 1.0);
    encoded_free(out);
    mxp_table_free(table);
    encoding_free(e);

    assert_int_equal(encoding_new(&e, true, NULL), MXP_OK);
    assert_int_equal(encoding_add_factor(e, "g", CONTRAST_TREATMENT, zeros, 2, NULL), MXP_OK);
    assert_int_equal(encoding_add_term(e, &one, NULL, 1, NULL), MXP_OK);
    assert_int_equal(encoding_finish(e, NULL), MXP_OK);
    table = read_text("g\n02\n01\n");
    assert_int_equal(encoding_apply(&out, e, table, false, NULL), MXP_OK);
    assert_true(out->column[0][0] == 1.0 && out->column[0][1] == 0.0);
    encoded_free(out);
    mxp_table_free(table);
    encoding_free(e);
}

static void test_missing_rows(void **state)
{
    struct encoding *e = make_encoding(true, CONTRAST_TREATMENT);
    mxp_table *table = read_text("site,x,u\nA,NA,1\nB,2,NA\n,3,1\nC,4,1\n,NA,2\n");
    struct encoded *out = NULL;

    (void)state;
    assert_int_equal(encoding_apply(&out, e, table, true, NULL), MXP_OK);
    assert_int_equal(out->selection.rows, 2);
    assert_int_equal(out->selection.rows_read, 5);
    assert_int_equal(out->selection.table_row[0], 1);
    assert_int_equal(out->selection.table_row[1], 3);
    assert_int_equal(out->selection.missing_columns, 2);
    assert_int_equal(out->selection.missing[0].column, 0);
    assert_int_equal(out->selection.missing[0].count, 2);
    assert_int_equal(out->selection.missing[1].count, 2);
    assert_true(out->column[0][0] == 2.0 && out->column[0][1] == 4.0);
    assert_true(out->column[1][0] == 1.0 && out->column[2][1] == 1.0);
    encoded_free(out);
    encoding_free(e);
    mxp_table_free(table);
}

/* ---- expressions and offsets ------------------------------------------------------------------ */

static void test_expressions(void **state)
{
    const double alpha[] = {2.0}, norm2[] = {1.0, 3.0, 2.0};
    const size_t term[] = {0, 1, 2};
    struct encoding *e = NULL;
    struct encoded *out = NULL;
    mxp_table *table = read_text("a,b\n1,2\n2,4\n3,8\n"), *bad = read_text("a,b\n1,2\n2,0\n");

    (void)state;
    assert_int_equal(encoding_new(&e, true, NULL), MXP_OK);
    assert_int_equal(encoding_add_expression(e, "I(a/b)", "I(a/b)", NULL), MXP_OK);
    assert_int_equal(encoding_add_poly(e, "poly(a, 1)", "a", 1, alpha, norm2, NULL), MXP_OK);
    assert_int_equal(encoding_add_poly(e, "poly(b, 2, raw = T)", "b", 2, NULL, NULL, NULL), MXP_OK);
    assert_int_equal(encoding_add_offset(e, "log(b)", NULL), MXP_OK);
    assert_int_equal(encoding_add_offset(e, "a", NULL), MXP_OK);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(encoding_add_term(e, &term[i], NULL, 1, NULL), MXP_OK);
    assert_int_equal(encoding_finish(e, NULL), MXP_OK);
    assert_int_equal(e->columns, 4);
    assert_string_equal(e->name[1], "poly(a, 1)");
    assert_string_equal(e->name[3], "poly(b, 2, raw = T)2");
    assert_int_equal(encoding_apply(&out, e, table, false, NULL), MXP_OK);
    for (size_t i = 0; i < 3; i++) {
        const double a = (double)i + 1.0, b = pow(2.0, a);
        assert_true(out->column[0][i] == a / b);
        assert_close(out->column[1][i], (a - 2.0) / sqrt(2.0), 1e-15, 1e-16, "poly", a);
        assert_true(out->column[2][i] == b && out->column[3][i] == b * b);
        assert_close(out->offset[i], log(b) + a, 1e-15, 0.0, "offset", a);
    }
    expect_failure(e, bad, MXP_DATA,
                   ":3: column \"a\": I(a/b) is not a finite number where a = 2, b = 0");
    encoded_free(out);
    encoding_free(e);
    mxp_table_free(table);
    mxp_table_free(bad);
}

static void test_bad_recipes(void **state)
{
    const size_t none = 7, one = 0;
    struct encoding *e = NULL;
    mxp_error error = {0};

    (void)state;
    assert_int_equal(encoding_new(&e, true, NULL), MXP_OK);
    assert_int_equal(encoding_add_term(e, &none, NULL, 1, &error), MXP_DATA);
    assert_int_equal(encoding_add_term(e, &none, NULL, 0, &error), MXP_DATA);
    assert_int_equal(encoding_add_factor(e, "g", CONTRAST_SUM, abc, 1, &error), MXP_DATA);
    assert_int_equal(encoding_add_poly(e, "p", "x", 0, NULL, NULL, &error), MXP_DATA);
    assert_int_equal(encoding_add_expression(e, "x", "log(", &error), MXP_CONFIG);
    encoding_free(e);
    assert_int_equal(encoding_new(&e, true, NULL), MXP_OK);
    assert_int_equal(encoding_add_numeric(e, "x", NULL), MXP_OK);
    assert_int_equal(encoding_add_term(e, &one, NULL, 1, NULL), MXP_OK);
    assert_int_equal(encoding_add_term(e, &one, NULL, 1, NULL), MXP_OK);
    assert_int_equal(encoding_finish(e, &error), MXP_CONFIG);
    assert_string_equal(error.message, "two columns of the model are named \"x\"");
    encoding_free(e);
    encoding_free(NULL);
    encoded_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contrasts),    cmocka_unit_test(test_contrast_sums),
        cmocka_unit_test(test_poly),         cmocka_unit_test(test_orthogonal),
        cmocka_unit_test(test_unseen),       cmocka_unit_test(test_levels_by_name),
        cmocka_unit_test(test_missing_rows), cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_bad_recipes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
