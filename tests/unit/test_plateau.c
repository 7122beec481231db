/* Likelihoods that level off at infinity: gaussian responses with a log or inverse link whose best
 * mean is 0, which no finite predictor gives.  The supremum is known in closed form. */
#include "numeric.h"

#include "maxpost/maxpost.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 6 };

static mxp_status fit_to(size_t iterations, const double *y, const char *link,
                         const char *intercept, mxp_error *error)
{
    static const char *const start_name[] = {"(Intercept)"};
    static const double start_value[] = {3.0}; /* far from any mode */
    mxp_fit_options options;
    mxp_table *table = NULL;
    mxp_model *model = NULL;
    mxp_problem *problem = NULL;
    mxp_solution *solution = NULL;

    assert_int_equal(mxp_table_new(&table, ROWS, error), MXP_OK);
    assert_int_equal(mxp_table_add(table, "y", y, error), MXP_OK);
    assert_int_equal(mxp_model_new(&model, "y", error), MXP_OK);
    assert_int_equal(mxp_model_set_link(model, link, error), MXP_OK);
    assert_int_equal(mxp_model_fix_auxiliary(model, "noise_sd", 1.0, error), MXP_OK);
    assert_int_equal(mxp_model_set_prior(model, "intercept", intercept, error), MXP_OK);
    mxp_status status = mxp_problem_new(&problem, model, table, NULL, error);
    mxp_fit_options_init(&options);
    options.max_iterations = iterations;
    if (iterations < 10) {
        options.start_names = start_name;
        options.start_values = start_value;
        options.start_count = 1;
    }
    if (status == MXP_OK)
        status = mxp_fit(&solution, problem, &options, error);
    if (status == MXP_OK && iterations < 10)
        assert_int_equal(mxp_solution_info(solution).status, MXP_ITERATION_LIMIT);
    mxp_solution_free(solution);
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    return status;
}

static mxp_status fit(const double *y, const char *link, const char *intercept, mxp_error *error)
{
    return fit_to(1000, y, link, intercept, error);
}

/* A run that is cut short is no proof that there is no mode, though J still falls. */
static void test_cut_short(void **state)
{
    static const double above[ROWS] = {1.0, 2.0, 0.5, 3.0, 1.5, 60.0};
    mxp_error error = {0};
    (void)state;

    assert_int_equal(fit_to(1, above, "inverse", "flat", &error), MXP_OK);
}

static void test_levels_off(void **state)
{
    static const double below[ROWS] = {-1.0, -2.0, -0.5, -3.0, -1.5, -0.1};
    static const double around[ROWS] = {-1.0, 1.0, -2.0, 2.0, 0.5, -0.5};
    static const double above[ROWS] = {1.0, 2.0, 0.5, 3.0, 1.5, 0.1};
    mxp_error error = {0};
    (void)state;

    assert_int_equal(fit(below, "log", "flat", &error), MXP_NO_MODE);
    assert_non_null(strstr(error.message, "(Intercept)"));
    assert_int_equal(fit(around, "log", "flat", &error), MXP_NO_MODE);
    assert_int_equal(fit(around, "inverse", "flat", &error), MXP_NO_MODE);
    /* a mean above 0 is given by a finite intercept, and a proper prior keeps one */
    assert_int_equal(fit(above, "log", "flat", &error), MXP_OK);
    assert_int_equal(fit(above, "inverse", "flat", &error), MXP_OK);
    assert_int_equal(fit(below, "log", "gaussian(0, 1)", &error), MXP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_levels_off),
                                       cmocka_unit_test(test_cut_short)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
