/* What callers say of a model through maxpost/model.h: formulas, levels, contrasts, trials, classes,
 * and the rules that need no data. */
#include "numeric.h"

#include "model/model.h"

#include <string.h>

static mxp_model *model_of(const char *response, const char *family)
{
    mxp_model *model = NULL;

    assert_int_equal(mxp_model_new(&model, response, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_family(model, family, NULL), MXP_OK);
    return model;
}

/* The check fails with CONFIG and words that hold the text; "": it passes. */
static void expect(const mxp_model *model, const char *text)
{
    mxp_error error;
    const mxp_status status = model_check(model, &error);

    assert_int_equal(status, text[0] ? MXP_CONFIG : MXP_OK);
    if (text[0] && !strstr(error.message, text))
        fail_msg("no \"%s\" in: %s", text, error.message);
}

static void test_formula(void **state)
{
    static const char *const names[] = {"a", "b"};
    mxp_model *model = model_of("y", "gaussian");

    (void)state;
    assert_int_equal(mxp_model_set_predictors(model, names, 2, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_formula(model, "z ~ a + log(b)", NULL), MXP_OK);
    assert_string_equal(model->response.name, "z");
    assert_int_equal(model->predictor_count, 0);
    assert_true(model->intercept);
    assert_int_equal(mxp_model_set_formula(model, "z ~ a +", NULL), MXP_CONFIG);
    assert_string_equal(model->formula->text, "z ~ a + log(b)"); /* as it was */
    assert_int_equal(mxp_model_set_predictors(model, names, 1, NULL), MXP_OK);
    assert_null(model->formula);
    assert_int_equal(mxp_model_set_formula(model, "z ~ a - 1", NULL), MXP_OK);
    assert_false(model->intercept);
    expect(model, "");
    mxp_model_set_intercept(model, 1);
    expect(model, "the formula takes the intercept away");
    mxp_model_free(model);
}

static void test_levels(void **state)
{
    static const char *const first[] = {"low", "high"}, *const second[] = {"a", "b", "c"},
                             *const twice[] = {"a", "b", "a"};
    mxp_model *model = model_of("y", "gaussian");
    mxp_error error;

    (void)state;
    assert_int_equal(mxp_model_set_levels(model, "dose", first, 2, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_levels(model, "site", second, 3, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_levels(model, "dose", second, 3, NULL), MXP_OK);
    assert_int_equal(model->level_count, 2);
    assert_string_equal(model->levels[0].column.name, "dose");
    assert_int_equal(model->levels[0].count, 3);
    assert_string_equal(model->levels[0].level[2].name, "c");
    assert_int_equal(mxp_model_set_levels(model, "site", twice, 3, &error), MXP_CONFIG);
    assert_non_null(strstr(error.message, "\"a\" is listed twice"));
    assert_int_equal(mxp_model_set_levels(model, "site", first, 1, NULL), MXP_CONFIG);
    assert_int_equal(mxp_model_set_levels(model, "site", first, 0, NULL), MXP_CONFIG);
    assert_int_equal(model->levels[1].count, 3);
    mxp_model_free(model);
}

static void test_contrasts(void **state)
{
    mxp_model *model = model_of("y", "gaussian");
    mxp_error error;

    (void)state;
    assert_int_equal(mxp_model_set_contrast(model, "site", "sum", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_contrast(model, "site", "helmert", NULL), MXP_OK);
    assert_int_equal(model->contrast_count, 1);
    assert_int_equal(model->contrasts[0].contrast, CONTRAST_HELMERT);
    assert_int_equal(mxp_model_set_contrast(model, "site", "sums", &error), MXP_CONFIG);
    assert_non_null(strstr(error.message, "did you mean \"sum\"?"));
    mxp_model_free(model);
}

static void test_trials(void **state)
{
    mxp_model *model = model_of("k", "binomial");

    (void)state;
    expect(model, "needs the column of its trials, or that of its failures");
    assert_int_equal(mxp_model_set_trials(model, "n", NULL), MXP_OK);
    expect(model, "");
    assert_int_equal(mxp_model_set_failures(model, "m", NULL), MXP_OK);
    expect(model, "trials and failures are two ways to say the same");
    assert_int_equal(mxp_model_set_trials(model, NULL, NULL), MXP_OK);
    expect(model, "");
    assert_int_equal(mxp_model_set_family(model, "bernoulli", NULL), MXP_OK);
    expect(model, "failures: the family bernoulli counts no successes out of trials");
    mxp_model_free(model);
}

static void test_classes(void **state)
{
    mxp_model *model = model_of("k", "multinomial");

    (void)state;
    assert_int_equal(mxp_model_set_reference(model, "a", NULL), MXP_OK);
    expect(model, "");
    mxp_model_set_symmetric(model, 1);
    expect(model, "the symmetric coding has no reference");
    assert_int_equal(mxp_model_set_reference(model, NULL, NULL), MXP_OK);
    expect(model, "needs a proper prior on the intercept");
    assert_int_equal(mxp_model_set_prior(model, "intercept", "gaussian(0, 1)", NULL), MXP_OK);
    expect(model, "needs proper priors on the weights");
    assert_int_equal(mxp_model_set_prior(model, "weights", "laplace(0, 1)", NULL), MXP_OK);
    expect(model, "");
    assert_int_equal(mxp_model_set_family(model, "ordinal", NULL), MXP_OK);
    expect(model, "coding: the family ordinal has one coding only");
    mxp_model_set_symmetric(model, 0);
    expect(model, "");
    mxp_model_set_intercept(model, 0);
    expect(model, "has cutpoints in place of an intercept");
    mxp_model_free(model);
}

/* k of huber is a number: it has a default and cannot be estimated. */
static void test_auxiliary(void **state)
{
    mxp_model *model = model_of("y", "huber");
    mxp_error error;

    (void)state;
    assert_true(model->auxiliary[1] == 1.345);
    assert_int_equal(mxp_model_fix_auxiliary(model, "k", 2.0, NULL), MXP_OK);
    assert_int_equal(mxp_model_fix_auxiliary(model, "k", NAN, &error), MXP_CONFIG);
    assert_non_null(strstr(error.message, "cannot be estimated"));
    assert_true(model->auxiliary[1] == 2.0);
    mxp_model_free(model);
}

/* Penalties that speak of other models than this one. */
static void test_penalties(void **state)
{
    mxp_model *model = model_of("k", "multinomial");

    (void)state;
    assert_int_equal(mxp_model_set_penalty(model, "glmnet", "lambda=0.1", NULL), MXP_OK);
    expect(model, "has coefficients for every class and needs coding: symmetric");
    mxp_model_set_symmetric(model, 1);
    expect(model, "beside a penalty leaves the intercepts free");
    mxp_model_set_intercept(model, 0);
    expect(model, "");
    mxp_model_free(model);
    model = model_of("b", "bernoulli");
    assert_int_equal(mxp_model_set_penalty(model, "sklearn", "kind=logistic_l2, C=1", NULL),
                     MXP_OK);
    expect(model, "");
    assert_int_equal(mxp_model_set_link(model, "probit", NULL), MXP_OK);
    expect(model, "knows nothing but the first link");
    mxp_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formula),   cmocka_unit_test(test_levels),
        cmocka_unit_test(test_contrasts), cmocka_unit_test(test_trials),
        cmocka_unit_test(test_classes),   cmocka_unit_test(test_auxiliary),
        cmocka_unit_test(test_penalties),
    };
    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
