/* Every allocation fails once, as in test_memory.c: fits and posteriors through the library. */
#include "failing.h"

#include "maxpost/maxpost.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 24, COLUMNS = 3 };

/* y numeric, b of 0 and 1, n counts; x1, x2, x3 and weights. */
static mxp_status small_table(mxp_table **table, size_t rows, mxp_error *error)
{
    static const char *const names[] = {"y", "b", "n", "w", "x1", "x2", "x3"};
    double values[ROWS];
    mxp_table *t = NULL;
    mxp_status status = mxp_table_new(&t, rows, error);

    for (size_t c = 0; c < sizeof names / sizeof *names && status == MXP_OK; c++) {
        for (size_t i = 0; i < rows; i++) {
            const double wave = sin(1.7 * (double)(i + 1) * (double)(c + 1));
            const double all[] = {wave, wave > 0.1, floor(3.0 + 2.0 * wave), 1.5 + wave};
            values[i] = c < 4 ? all[c] : wave;
        }
        status = mxp_table_add(t, names[c], values, error);
    }
    if (status == MXP_OK)
        *table = t;
    else
        mxp_table_free(t);
    return status;
}

struct recipe {
    const char *response, *family, *weights, *intercept, *noise, *penalty, *method, *at_kinks;
    double noise_sd;
    size_t rows;
    int standardize, scale_by_noise, without_covariance;
};

static mxp_status make_model(mxp_model **model, const struct recipe *r, mxp_error *error)
{
    static const char *const predictors[COLUMNS] = {"x1", "x2", "x3"};
    mxp_model *m = NULL;
    mxp_status status = mxp_model_new(&m, r->response, error);

    if (status == MXP_OK)
        status = mxp_model_set_family(m, r->family, error);
    if (status == MXP_OK)
        status = mxp_model_set_predictors(m, predictors, COLUMNS, error);
    if (status == MXP_OK && r->weights)
        status = mxp_model_set_prior(m, "weights", r->weights, error);
    if (status == MXP_OK && r->intercept)
        status = mxp_model_set_prior(m, "intercept", r->intercept, error);
    if (status == MXP_OK && r->noise)
        status = mxp_model_set_prior(m, "noise_sd", r->noise, error);
    if (status == MXP_OK && r->weights)
        status = mxp_model_set_prior(m, "x?", r->weights, error);
    if (status == MXP_OK && r->penalty)
        status = mxp_model_set_penalty(m, "glmnet", r->penalty, error);
    if (status == MXP_OK && r->noise_sd > 0.0)
        status = mxp_model_fix_auxiliary(m, "noise_sd", r->noise_sd, error);
    if (m) {
        mxp_model_set_standardize(m, r->standardize);
        mxp_model_set_scale_by_noise(m, r->scale_by_noise);
    }
    *model = m;
    return status;
}

static mxp_status fit_recipe(const struct recipe *r, mxp_error *error)
{
    mxp_table *table = NULL;
    mxp_model *model = NULL;
    mxp_problem *problem = NULL;
    mxp_solution *solution = NULL;
    mxp_posterior *posterior = NULL;
    mxp_problem_options how;
    mxp_fit_options fit;
    mxp_posterior_options around;

    mxp_problem_options_init(&how);
    how.weights = "w";
    mxp_fit_options_init(&fit);
    fit.method = r->method ? r->method : "auto";
    fit.threads = 1;
    mxp_posterior_options_init(&around);
    around.samples = 8;
    if (r->without_covariance)
        around.covariance_limit = 1;
    around.at_kinks = r->at_kinks ? r->at_kinks : "auto";
    mxp_status status = small_table(&table, r->rows ? r->rows : ROWS, error);
    if (status == MXP_OK)
        status = make_model(&model, r, error);
    if (status == MXP_OK)
        status = mxp_problem_new(&problem, model, table, &how, error);
    if (status == MXP_OK)
        status = mxp_fit(&solution, problem, &fit, error);
    if (status == MXP_OK)
        status = mxp_posterior_new(&posterior, problem, solution, &around, error);
    mxp_posterior_free(posterior);
    mxp_solution_free(solution);
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    return status;
}

static const struct recipe recipes[] = {
    {.response = "y", .family = "gaussian", .weights = "gaussian(0, 1)"},
    {.response = "y",
     .family = "gaussian",
     .weights = "gaussian(0, 1)",
     .noise_sd = 1.0,
     .method = "dual",
     .standardize = 1},
    {.response = "y", .family = "gaussian", .method = "qr", .noise = "half_cauchy(1)"},
    {.response = "y", .family = "gaussian", .rows = 2}, /* dependent columns: no mode */
    {.response = "y", .family = "gaussian", .weights = "laplace(0, 0.3)", .standardize = 1},
    {.response = "y", .family = "gaussian", .weights = "laplace(0, 0.3)", .scale_by_noise = 1},
    {.response = "y", .family = "gaussian", .weights = "laplace(0, 0.3)", .at_kinks = "active"},
    {.response = "y",
     .family = "gaussian",
     .weights = "laplace(0, 0.3)",
     .noise_sd = 1.0,
     .method = "proximal"},
    {.response = "y", .family = "gaussian", .penalty = "lambda=0.1, alpha=0.5"},
    {.response = "b",
     .family = "bernoulli",
     .weights = "gaussian(0, 1)",
     .intercept = "gaussian(0, 5)"},
    {.response = "b", .family = "bernoulli", .weights = "elastic_net(0, 1, 1)"},
    {.response = "b", .family = "bernoulli", .rows = 4}, /* separated: no mode */
    {.response = "n", .family = "poisson", .weights = "gaussian(0, 1)"},
    {.response = "n", .family = "poisson", .weights = "laplace(0, 0.2)"},
    {.response = "b",
     .family = "bernoulli",
     .weights = "gaussian(0, 1)",
     .intercept = "gaussian(0, 5)",
     .method = "dual",
     .rows = 2,
     .without_covariance = 1},
    {.response = "y",
     .family = "gaussian",
     .weights = "gaussian(0, 1)",
     .intercept = "gaussian(0, 5)",
     .noise = "inverse_gamma(3, 1)",
     .method = "dual",
     .rows = 2,
     .without_covariance = 1},
    {.response = "b",
     .family = "bernoulli",
     .weights = "laplace(0, 0.3)",
     .at_kinks = "active",
     .without_covariance = 1},
    {.response = "n", .family = "poisson", .weights = "gaussian(0, 1)", .method = "newton_cg"},
    {.response = "y", .family = "laplace", .weights = "laplace(0, 0.2)"},
};

static size_t recipe_now;

static mxp_status fit_now(mxp_error *error)
{
    return fit_recipe(&recipes[recipe_now], error);
}

static void test_fits(void **state)
{
    (void)state;
    for (recipe_now = 0; recipe_now < sizeof recipes / sizeof *recipes; recipe_now++) {
        const struct recipe *r = &recipes[recipe_now];
        char what[128];
        snprintf(what, sizeof what, "%s %s %s", r->family, r->weights ? r->weights : "",
                 r->method ? r->method : "");
        sweep(fit_now, what);
    }
}

static const struct recipe paths[] = {
    {.response = "y", .family = "gaussian", .weights = "laplace(0, 0.3)", .standardize = 1},
    {.response = "b",
     .family = "bernoulli",
     .weights = "elastic_net(0.1, 1, 1)",
     .intercept = "gaussian(0, 5)"},
    {.response = "b", .family = "multinomial", .weights = "laplace(0, 1)"},
};

static mxp_status path_now(mxp_error *error)
{
    mxp_table *table = NULL;
    mxp_model *model = NULL;
    mxp_problem *problem = NULL;
    mxp_path *path = NULL;
    mxp_path_options options;

    mxp_path_options_init(&options);
    options.points = 3;
    options.ratio = 0.1;
    options.folds = 2;
    options.threads = 1;
    mxp_status status = small_table(&table, ROWS, error);
    if (status == MXP_OK)
        status = make_model(&model, &paths[recipe_now], error);
    if (status == MXP_OK)
        status = mxp_problem_new(&problem, model, table, NULL, error);
    if (status == MXP_OK)
        status = mxp_path_new(&path, problem, &options, error);
    if (status == MXP_OK)
        status = mxp_path_apply(problem, path, 1, error);
    mxp_path_free(path);
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    return status;
}

static void test_paths(void **state)
{
    (void)state;
    for (recipe_now = 0; recipe_now < sizeof paths / sizeof *paths; recipe_now++)
        sweep(path_now, paths[recipe_now].family);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fits), cmocka_unit_test(test_paths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
