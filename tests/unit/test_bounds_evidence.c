/* Evidence and signs beside bounds: one coefficient of a gaussian model with known noise, whose
 * evidence is an integral over the bounded interval, here by the trapezoid rule (to 1e-9). */
#include "numeric.h"

#include "maxpost/maxpost.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 8, NODES = 200000 };

static const double x[ROWS] = {0.3, -1.2, 0.8, 1.9, -0.4, 1.1, -2.0, 0.6};
static const double y[ROWS] = {0.9, -1.5, 1.1, 2.2, 0.3, 0.7, -2.6, 0.2};

static const double half_log_2pi = 0.91893853320467274178;

/* log of p(y | b) gaussian(b; 0, 1), not renormalised. */
static double joint(double b)
{
    double sum = -0.5 * b * b - half_log_2pi;

    for (size_t i = 0; i < ROWS; i++)
        sum += -0.5 * (y[i] - x[i] * b) * (y[i] - x[i] * b) - half_log_2pi;
    return sum;
}

static double integrated(double lower)
{
    double evidence = 0.0, mass = 0.0;
    const double upper = lower + 12.0, step = (upper - lower) / NODES;

    for (size_t i = 0; i <= NODES; i++) {
        const double b = lower + step * (double)i, w = i == 0 || i == NODES ? 0.5 * step : step;
        evidence += w * exp(joint(b));
        mass += w * exp(-0.5 * b * b - half_log_2pi);
    }
    return log(evidence) - log(mass);
}

struct answer {
    double log_evidence, positive, estimate;
    char reason[160];
};

static struct answer fit(const char *prior)
{
    struct answer answer = {0};
    mxp_table *table = NULL;
    mxp_model *model = NULL;
    mxp_problem *problem = NULL;
    mxp_solution *solution = NULL;
    mxp_posterior *posterior = NULL;
    mxp_error error = {0};

    assert_int_equal(mxp_table_new(&table, ROWS, &error), MXP_OK);
    assert_int_equal(mxp_table_add(table, "x", x, &error), MXP_OK);
    assert_int_equal(mxp_table_add(table, "y", y, &error), MXP_OK);
    assert_int_equal(mxp_model_new(&model, "y", &error), MXP_OK);
    assert_int_equal(mxp_model_fix_auxiliary(model, "noise_sd", 1.0, &error), MXP_OK);
    mxp_model_set_intercept(model, 0);
    assert_int_equal(mxp_model_set_prior(model, "weights", prior, &error), MXP_OK);
    assert_int_equal(mxp_problem_new(&problem, model, table, NULL, &error), MXP_OK);
    assert_int_equal(mxp_fit(&solution, problem, NULL, &error), MXP_OK);
    assert_int_equal(mxp_posterior_new(&posterior, problem, solution, NULL, &error), MXP_OK);
    const mxp_posterior_info info = mxp_posterior_get_info(posterior);
    const mxp_term term = mxp_posterior_term(posterior, 0);
    answer.log_evidence = info.log_evidence;
    answer.positive = term.probability_positive;
    answer.estimate = term.estimate;
    (void)snprintf(answer.reason, sizeof answer.reason, "%s",
                   info.log_evidence_reason ? info.log_evidence_reason : "");
    mxp_posterior_free(posterior);
    mxp_solution_free(solution);
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    return answer;
}

/* The mode is near 1.07 with sd near 0.27. */
static void test_evidence(void **state)
{
    (void)state;
    const struct answer far = fit("gaussian(0, 1, lower=-1)");
    assert_close(far.log_evidence, integrated(-1.0), 0.0, 1e-7, "bound far off", far.estimate);
    const struct answer near = fit("gaussian(0, 1, lower=0.9)");
    assert_true(near.estimate > 0.9);
    assert_true(isnan(near.log_evidence));
    assert_non_null(strstr(near.reason, "beyond its bounds"));
}

/* Laplace's closed form at one kink knows no bounds. */
static void test_kink(void **state)
{
    (void)state;
    const struct answer bounded = fit("laplace(0, 0.5, lower=0.1)");
    assert_true(isnan(bounded.log_evidence));
    assert_non_null(strstr(bounded.reason, "beside bounds"));
    assert_true(isfinite(fit("laplace(0, 0.5)").log_evidence));
}

static void test_signs(void **state)
{
    (void)state;
    assert_true(fit("gaussian(0, 0.1, lower=0)").positive == 1.0);
    assert_true(fit("gaussian(-1, 0.1, upper=0)").positive == 0.0);
    const double open = fit("gaussian(0, 0.1, lower=-1)").positive;
    assert_true(open > 0.5 && open < 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evidence),
        cmocka_unit_test(test_kink),
        cmocka_unit_test(test_signs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
