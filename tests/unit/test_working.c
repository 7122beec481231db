/* Gaussian models of many coefficients, priors with a kink, the noise estimated: method working_set,
 * which makes no matrix of their order, against coordinate descent in the whole Gram; everything
 * to 1e-9, the same coefficients at 0.  What has no mode is refused by both. */
#include "sparse_scene.h"

#include <stdbool.h>
#include <string.h>

enum { K_MOST = 320 };

struct layout {
    size_t n, k;
    const char *prior, *noise_prior; /* NULL: flat */
    bool scaled, standardize, sparse;
};

static char names[K_MOST][24];

/* y from five columns; the columns go together a little. */
static mxp_table *make_table(const struct layout *l, struct both *b)
{
    mxp_table *table;
    double *y = NULL;

    *b = make_varied(l->n, l->k);
    assert_int_equal(mem_doubles(&y, l->n, 1, NULL), MXP_OK);
    for (size_t i = 0; i < l->n; i++) {
        y[i] = 3.0 + uniform();
        for (size_t j = 0; j < 5; j++)
            y[i] += (j % 2 ? -2.0 : 1.5) * b->dense[i + 7 * j * l->n];
    }
    assert_int_equal(mxp_table_new(&table, l->n, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "y", y, NULL), MXP_OK);
    for (size_t j = 0; j < l->k; j++) {
        snprintf(names[j], sizeof names[j], "x%zu", j);
        assert_int_equal(mxp_table_add(table, names[j], b->dense + j * l->n, NULL), MXP_OK);
    }
    free(y);
    return table;
}

static mxp_model *make_model(const struct layout *l)
{
    const char *list[K_MOST];
    mxp_model *model;

    for (size_t j = 0; j < l->k; j++)
        list[j] = names[j];
    assert_int_equal(mxp_model_new(&model, "y", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_family(model, "gaussian", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_predictors(model, list, l->k, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_prior(model, "weights", l->prior, NULL), MXP_OK);
    if (l->noise_prior)
        assert_int_equal(mxp_model_set_prior(model, "noise_sd", l->noise_prior, NULL), MXP_OK);
    mxp_model_set_scale_by_noise(model, l->scaled);
    mxp_model_set_standardize(model, l->standardize);
    return model;
}

static void check(const struct layout *l)
{
    static const char *const methods[] = {"coordinate", "working_set"};
    struct both b;
    mxp_table *table = make_table(l, &b);
    mxp_model *model = make_model(l);
    mxp_problem *problem;
    mxp_solution *solution[2];
    mxp_fit_options how;
    size_t at_zero = 0;

    assert_int_equal(mxp_problem_new(&problem, model, table, NULL, NULL), MXP_OK);
    mxp_fit_options_init(&how);
    for (size_t way = 0; way < 2; way++) {
        problem->design->sparse = l->sparse && way ? &b.sparse : NULL;
        how.method = methods[way];
        assert_int_equal(mxp_fit(&solution[way], problem, &how, NULL), MXP_OK);
        const mxp_fit_info info = mxp_solution_info(solution[way]);
        assert_string_equal(info.status_text, "converged");
        assert_true(info.kkt < 1e-9);
        assert_string_equal(info.method, methods[way]);
    }
    for (size_t j = 0; j < problem->d; j++) {
        double one, other;
        const char *name = problem->parameter[j].name;
        assert_int_equal(mxp_solution_estimate(&one, solution[0], name, NULL), MXP_OK);
        assert_int_equal(mxp_solution_estimate(&other, solution[1], name, NULL), MXP_OK);
        assert_close(other, one, 1e-9, 1e-9, name, (double)l->n);
        at_zero += one == 0.0;
        assert_int_equal(one == 0.0, other == 0.0);
    }
    assert_true(at_zero > l->k / 4 && at_zero + 5 < l->k);
    for (size_t way = 0; way < 2; way++)
        mxp_solution_free(solution[way]);
    problem->design->sparse = NULL;
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    both_free(&b);
}

static void test_agreement(void **state)
{
    (void)state;
    static const struct layout cases[] = {
        {.n = 400, .k = 220, .prior = "laplace(0, 0.02)"},
        {.n = 400, .k = 220, .prior = "laplace(0, 0.02)", .standardize = true, .sparse = true},
        {.n = 80, .k = 300, .prior = "laplace(0, 0.1)", .scaled = true, .standardize = true},
        {.n = 80, .k = 300, .prior = "laplace(0, 0.1)", .scaled = true, .sparse = true},
        {.n = 80, .k = 300, .prior = "laplace(0, 0.05)", .noise_prior = "gamma(120, 300)"},
        {.n = 90, .k = 300, .prior = "elastic_net(0, 30, 2)", .noise_prior = "gamma(120, 300)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
}

/* More columns than rows and a noise that nothing keeps from 0. */
static void test_no_mode(void **state)
{
    (void)state;
    const struct layout l = {.n = 40, .k = 300, .prior = "laplace(0, 0.1)"};
    struct both b;
    mxp_table *table = make_table(&l, &b);
    mxp_model *model = make_model(&l);
    mxp_problem *problem;
    mxp_solution *solution;
    mxp_fit_options how;
    mxp_error error = {0};

    assert_int_equal(mxp_problem_new(&problem, model, table, NULL, NULL), MXP_OK);
    mxp_fit_options_init(&how);
    how.method = "working_set";
    for (size_t way = 0; way < 2; way++) {
        problem->design->sparse = way ? &b.sparse : NULL;
        assert_int_equal(mxp_fit(&solution, problem, &how, &error), MXP_NO_MODE);
        assert_non_null(strstr(error.message, "the noise sd runs to 0"));
    }
    problem->design->sparse = NULL;
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    both_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_agreement),
                                       cmocka_unit_test(test_no_mode)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
