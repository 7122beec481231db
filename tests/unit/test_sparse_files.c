/* Sparse files: what they give, what is wrong with them in words, and that a fit or a path on sparse
 * columns gives the numbers of the same columns dense: to 1e-9 sds, which is what fits promise. */
#include "numeric.h"

#include "base/mem.h"
#include "maxpost/maxpost.h"

#include <stdio.h>
#include <string.h>

static const char *write_file(const char *name, const char *text)
{
    static char path[256];
    FILE *out;

    snprintf(path, sizeof path, "/tmp/maxpost-test-%s", name);
    out = fopen(path, "wb");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    return path;
}

static mxp_table *read_text(const char *name, const char *text)
{
    mxp_table *table = NULL;
    mxp_error error = {0};
    const char *path = write_file(name, text);

    if (mxp_table_read(&table, path, NULL, &error) != MXP_OK)
        fail_msg("%s", error.message);
    remove(path);
    return table;
}

static void refuses(const char *name, const char *text, mxp_status want, const char *words)
{
    mxp_table *table = NULL;
    mxp_error error = {0};
    const char *path = write_file(name, text);

    assert_int_equal(mxp_table_read(&table, path, NULL, &error), want);
    remove(path);
    if (!strstr(error.message, words))
        fail_msg("\"%s\" does not say \"%s\"", error.message, words);
}

static void has_column(const mxp_table *table, size_t i, const char *name, size_t count,
                       const unsigned *row, const double *value)
{
    const unsigned *rows;
    const double *values;
    size_t found;

    assert_string_equal(mxp_table_sparse_column(&found, &rows, &values, table, i), name);
    assert_int_equal(found, count);
    for (size_t k = 0; k < count; k++) {
        assert_int_equal(rows[k], row[k]);
        assert_true(values[k] == value[k]);
    }
}

static void svmlight(void **state)
{
    (void)state;
    mxp_table *t = read_text("a.svm", "# a comment\n+1 1:0.5 3:-2e-1 # more\n\n-1 qid:7 2:1\n"
                                      "1\n-1 1:4 3:1e300\r\n");
    const double y[] = {1, 0, 1, 0};

    assert_int_equal(mxp_table_rows(t), 4);
    assert_int_equal(mxp_table_columns(t), 1);
    assert_int_equal(mxp_table_sparse_columns(t), 3);
    for (size_t i = 0; i < 4; i++)
        assert_true(mxp_table_values(t, 0)[i] == y[i]);
    has_column(t, 0, "x1", 2, (unsigned[]){0, 3}, (double[]){0.5, 4});
    has_column(t, 1, "x2", 1, (unsigned[]){1}, (double[]){1});
    has_column(t, 2, "x3", 2, (unsigned[]){0, 3}, (double[]){-0.2, 1e300});
    mxp_table_free(t);
    t = read_text("b.libsvm", "2.5 1:1\n-1 1:2");
    assert_true(mxp_table_values(t, 0)[1] == -1.0); /* other labels stay */
    mxp_table_free(t);
}

static void svmlight_refused(void **state)
{
    (void)state;
    refuses("c.svm", "", MXP_DATA, "there are no rows");
    refuses("c.svm", "1\n2\n", MXP_DATA, "only labels");
    refuses("c.svm", "1 1:2\nyes 1:2\n", MXP_DATA, "c.svm:2: \"yes\" is not a label");
    refuses("c.svm", "1 1:2 1:3\n", MXP_DATA, "the row has already");
    refuses("c.svm", "1 2:2 1:3\n", MXP_DATA, "below the one before it");
    refuses("c.svm", "1 0:2\n", MXP_DATA, "index outside 1");
    refuses("c.svm", "1 4294967296:2\n", MXP_DATA, "index outside 1");
    refuses("c.svm", "\n1 1:x\n", MXP_DATA, "c.svm:2: \"1:x\" is not index:value");
    refuses("c.svm", "1 1:\n", MXP_DATA, "is not index:value");
    refuses("c.svm", "1 1=2\n", MXP_DATA, "is not index:value");
    refuses("c.svm", "1 1:1e999\n", MXP_DATA, "a finite number");
    refuses("c.svm", "nan 1:1\n", MXP_DATA, "is not a label");
}

static void matrix_market(void **state)
{
    (void)state;
    mxp_table *t = read_text("a.mtx", "%%MatrixMarket matrix coordinate real general\n% note\n"
                                      "3 2 3\n3 1 7\n1 1 0.5\n2 2 -1\n");

    assert_int_equal(mxp_table_rows(t), 3);
    has_column(t, 0, "c1", 2, (unsigned[]){0, 2}, (double[]){0.5, 7});
    has_column(t, 1, "c2", 1, (unsigned[]){1}, (double[]){-1});
    assert_int_equal(mxp_table_expand(t, "c1", NULL), MXP_OK);
    assert_int_equal(mxp_table_sparse_columns(t), 1);
    assert_true(mxp_table_values(t, mxp_table_find(t, "c1"))[2] == 7.0);
    has_column(t, 0, "c2", 1, (unsigned[]){1}, (double[]){-1});
    mxp_table_free(t);
    t = read_text("b.mtx", "%%MatrixMarket matrix coordinate pattern symmetric\n2 2 2\n1 1\n2 1\n");
    has_column(t, 0, "c1", 2, (unsigned[]){0, 1}, (double[]){1, 1});
    has_column(t, 1, "c2", 1, (unsigned[]){0}, (double[]){1});
    mxp_table_free(t);
    t = read_text("c.mtx", "%%MatrixMarket matrix array real general\n2 2\n1\n0\n0\n3\n");
    has_column(t, 1, "c2", 1, (unsigned[]){1}, (double[]){3});
    mxp_table_free(t);
}

static void matrix_market_refused(void **state)
{
    static const char head[] = "%%MatrixMarket matrix coordinate real general\n";
    char text[256];

    (void)state;
    refuses("d.mtx", "1 1 1\n", MXP_DATA, "d.mtx:1: is no header");
    refuses("d.mtx", "%%MatrixMarket matrix coordinate complex general\n", MXP_UNAVAILABLE,
            "complex");
    snprintf(text, sizeof text, "%s2 2 1\n3 1 1\n", head);
    refuses("d.mtx", text, MXP_DATA, "d.mtx:3: a row is not within");
    snprintf(text, sizeof text, "%s2 2 2\n1 1 1\n1 1 2\n", head);
    refuses("d.mtx", text, MXP_DATA, "row 1 of column 1 is there twice");
    snprintf(text, sizeof text, "%s2 2 2\n1 1 1\n", head);
    refuses("d.mtx", text, MXP_DATA, "ends after 1 of 2");
    snprintf(text, sizeof text, "%s2 2 1\n1 1 1\n2 2 1\n", head);
    refuses("d.mtx", text, MXP_DATA, "more entries than the 1");
    snprintf(text, sizeof text, "%s2 2 1\n1 1 one\n", head);
    refuses("d.mtx", text, MXP_DATA, "not a finite number");
}

enum { N = 80, P = 12 };

struct pair {
    mxp_table *table[2]; /* dense, sparse */
    double x[P][N];
};

static unsigned long long seed = 88172645463325252ULL;

static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) / 9007199254740992.0;
}

/* Columns from a fifth full to full, one of them of zeros, one row empty. */
static void make(struct pair *pair, const char *family)
{
    const bool classes = strcmp(family, "multinomial") == 0 || strcmp(family, "ordinal") == 0;
    size_t start[P + 1] = {0}, count = 0;
    unsigned row[P * N];
    double value[P * N], y[N], w[N], o[N], trials[N];

    for (size_t j = 0; j < P; j++) {
        for (size_t i = 0; i < N; i++) {
            const bool there = j != 5 && i != 3 && uniform() < (double)(j + 2) / (P + 1);
            pair->x[j][i] = there ? uniform() * 2.0 - 0.5 : 0.0;
            if (there) {
                row[count] = (unsigned)i;
                value[count++] = pair->x[j][i];
            }
        }
        start[j + 1] = count;
    }
    for (size_t i = 0; i < N; i++) {
        const double eta = 0.8 * pair->x[7][i] - 0.6 * pair->x[11][i] + uniform() - 0.5;
        w[i] = i % 9 == 0 ? 0.0 : 0.5 + uniform();
        o[i] = 0.3 * uniform();
        trials[i] = 4.0;
        y[i] = classes                            ? floor(3.0 * uniform())
               : strcmp(family, "bernoulli") == 0 ? eta > 0.2
               : strcmp(family, "binomial") == 0  ? floor(4.99 * uniform())
               : strcmp(family, "poisson") == 0   ? floor(2.0 * exp(eta) * uniform())
               : strcmp(family, "gamma") == 0     ? exp(eta) * (0.2 + uniform())
                                                  : eta;
    }
    for (size_t k = 0; k < 2; k++) {
        char name[8];
        assert_int_equal(mxp_table_new(&pair->table[k], N, NULL), MXP_OK);
        for (size_t j = 0; k == 0 && j < P; j++) {
            snprintf(name, sizeof name, "x%zu", j + 1);
            assert_int_equal(mxp_table_add(pair->table[k], name, pair->x[j], NULL), MXP_OK);
        }
        assert_int_equal(mxp_table_add(pair->table[k], "y", y, NULL), MXP_OK);
        assert_int_equal(mxp_table_add(pair->table[k], "w", w, NULL), MXP_OK);
        assert_int_equal(mxp_table_add(pair->table[k], "o", o, NULL), MXP_OK);
        assert_int_equal(mxp_table_add(pair->table[k], "trials", trials, NULL), MXP_OK);
    }
    assert_int_equal(mxp_table_add_sparse(pair->table[1], P, start, row, value, "x", NULL), MXP_OK);
}

static mxp_model *model_of(const char *family, const char *prior, int standardize)
{
    static const char *const listed[] = {"x1", "x2", "x4", "x5", "x6", "x8", "x12", "x9", "x10"};
    mxp_model *model;

    assert_int_equal(mxp_model_new(&model, "y", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_family(model, family, NULL), MXP_OK);
    if (strcmp(family, "binomial") == 0)
        assert_int_equal(mxp_model_set_trials(model, "trials", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_predictors(model, listed, 9, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_prior(model, "weights", prior, NULL), MXP_OK);
    mxp_model_set_standardize(model, standardize);
    return model;
}

static mxp_problem *problem_of(const struct pair *pair, size_t k, const mxp_model *model)
{
    mxp_problem_options options;
    mxp_problem *problem = NULL;
    mxp_error error = {0};

    mxp_problem_options_init(&options);
    options.weights = "w";
    options.offset = "o";
    if (mxp_problem_new(&problem, model, pair->table[k], &options, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return problem;
}

/* Objective and sds of all terms, by the dense file and by the sparse one. */
static void check_fit(const char *family, const char *prior, int standardize)
{
    struct pair *pair = calloc(1, sizeof *pair);
    mxp_model *model = model_of(family, prior, standardize);
    mxp_problem *problem[2];
    mxp_solution *solution[2];
    mxp_posterior *posterior[2];
    mxp_error error = {0};

    assert_non_null(pair);
    make(pair, family);
    for (size_t k = 0; k < 2; k++) {
        problem[k] = problem_of(pair, k, model);
        if (mxp_fit(&solution[k], problem[k], NULL, &error) != MXP_OK)
            fail_msg("%s, %s, %d: %s", family, prior, (int)k, error.message);
        assert_int_equal(mxp_posterior_new(&posterior[k], problem[k], solution[k], NULL, &error),
                         MXP_OK);
    }
    assert_close(mxp_solution_info(solution[1]).objective, mxp_solution_info(solution[0]).objective,
                 1e-11, 1e-11, family, 0.0);
    for (size_t t = 0; t < mxp_posterior_terms(posterior[0]); t++) {
        const mxp_term a = mxp_posterior_term(posterior[0], t),
                       b = mxp_posterior_term(posterior[1], t);
        assert_string_equal(a.name, b.name);
        const double sd = isnan(a.sd) ? 1.0 : a.sd;
        assert_close(b.estimate, a.estimate, 0.0, 1e-7 * sd, family, (double)t);
        if (!isnan(a.sd))
            assert_close(b.sd, a.sd, 1e-7, 0.0, "sd", (double)t);
    }
    for (size_t k = 0; k < 2; k++) {
        mxp_posterior_free(posterior[k]);
        mxp_solution_free(solution[k]);
        mxp_problem_free(problem[k]);
        mxp_table_free(pair->table[k]);
    }
    mxp_model_free(model);
    free(pair);
}

static void fits(void **state)
{
    static const char *const families[] = {"gaussian", "bernoulli",   "binomial", "poisson",
                                           "gamma",    "multinomial", "ordinal",  "huber"};

    (void)state;
    for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        for (int standardize = 0; standardize < 2; standardize++) {
            check_fit(families[f], "gaussian(0, 0.7)", standardize);
            if (f < 4)
                check_fit(families[f], "laplace(0, 0.2)", standardize);
        }
}

/* A path with cross-validation, every point. */
static void paths(void **state)
{
    static const char *const families[] = {"gaussian", "bernoulli", "poisson", "multinomial"};

    (void)state;
    for (size_t f = 0; f < 4; f++) {
        struct pair *pair = calloc(1, sizeof *pair);
        mxp_model *model = model_of(families[f], "laplace(0, 1)", 1);
        mxp_path *path[2];
        mxp_problem *problem[2];
        mxp_path_options options;
        mxp_error error = {0};
        double beta[2][64];

        assert_non_null(pair);
        make(pair, families[f]);
        mxp_path_options_init(&options);
        options.points = 20;
        options.folds = 4;
        options.ratio = 0.02;
        for (size_t k = 0; k < 2; k++) {
            problem[k] = problem_of(pair, k, model);
            if (mxp_path_new(&path[k], problem[k], &options, &error) != MXP_OK)
                fail_msg("%s: %s", families[f], error.message);
        }
        for (size_t i = 0; i < mxp_path_points(path[0]); i++) {
            const mxp_path_point a = mxp_path_at(path[0], i), b = mxp_path_at(path[1], i);
            for (size_t k = 0; k < 2; k++)
                mxp_path_estimates(beta[k], path[k], i);
            assert_close(b.objective, a.objective, 1e-9, 1e-9, families[f], (double)i);
            assert_close(b.cv_loss, a.cv_loss, 1e-7, 1e-7, "cv loss", (double)i);
            for (size_t j = 0; j < 10; j++)
                assert_close(beta[1][j], beta[0][j], 1e-6, 1e-6, "coefficient", (double)j);
        }
        for (size_t k = 0; k < 2; k++) {
            mxp_path_free(path[k]);
            mxp_problem_free(problem[k]);
            mxp_table_free(pair->table[k]);
        }
        mxp_model_free(model);
        free(pair);
    }
}

static void designs_refused(void **state)
{
    mxp_table *t = read_text("e.svm", "1 1:1 2:3\n-1 2:1\n1 1:2\n");
    mxp_model *model;
    mxp_problem *problem = NULL;
    mxp_error error = {0};
    const char *unknown = "x9";

    (void)state;
    assert_int_equal(mxp_model_new(&model, "y", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_family(model, "bernoulli", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_predictors(model, &unknown, 1, NULL), MXP_OK);
    assert_int_equal(mxp_problem_new(&problem, model, t, NULL, &error), MXP_CONFIG);
    assert_non_null(strstr(error.message, "none of the 2 sparse columns x1 to x2"));
    assert_int_equal(mxp_model_set_formula(model, "y ~ x1", NULL), MXP_OK);
    assert_int_equal(mxp_problem_new(&problem, model, t, NULL, &error), MXP_CONFIG);
    assert_non_null(strstr(error.message, "a formula is for dense columns"));
    mxp_model_free(model);
    mxp_table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(svmlight),
        cmocka_unit_test(svmlight_refused),
        cmocka_unit_test(matrix_market),
        cmocka_unit_test(matrix_market_refused),
        cmocka_unit_test(fits),
        cmocka_unit_test(paths),
        cmocka_unit_test(designs_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
