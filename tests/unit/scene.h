/* A small model and its data in memory, fitted: what the tests of fits share. */
#ifndef MAXPOST_TEST_SCENE_H
#define MAXPOST_TEST_SCENE_H

#include "numeric.h"

#include "maxpost/maxpost.h"

#include <stdbool.h>
#include <string.h>

enum { ROWS_MAX = 64, NAMES_MAX = 8 };

/* A model and its data, filled in by each test. */
struct scene {
    size_t rows;
    double y[ROWS_MAX], w[ROWS_MAX], x[NAMES_MAX][ROWS_MAX];
    size_t columns;
    const char *family, *prior[NAMES_MAX], *intercept, *noise_prior, *at_kinks, *method;
    double noise, tolerance, start; /* start: of x1, where not 0 */
    bool no_intercept, scaled, natural;
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem;
    mxp_solution *solution;
    mxp_posterior *posterior;
    mxp_error error;
};

static const char *const names[NAMES_MAX] = {"x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8"};

static void scene_free(struct scene *s)
{
    mxp_posterior_free(s->posterior);
    mxp_solution_free(s->solution);
    mxp_problem_free(s->problem);
    mxp_model_free(s->model);
    mxp_table_free(s->table);
}

static void scene_table(struct scene *s)
{
    assert_int_equal(mxp_table_new(&s->table, s->rows, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(s->table, "y", s->y, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(s->table, "w", s->w, NULL), MXP_OK);
    for (size_t j = 0; j < s->columns; j++)
        assert_int_equal(mxp_table_add(s->table, names[j], s->x[j], NULL), MXP_OK);
}

static void scene_model(struct scene *s)
{
    const bool gaussian = strcmp(s->family, "gaussian") == 0;
    const bool laplace = strcmp(s->family, "laplace") == 0;
    const char *noise = laplace ? "noise_scale" : "noise_sd";

    assert_int_equal(mxp_model_new(&s->model, "y", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_family(s->model, s->family, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_predictors(s->model, names, s->columns, NULL), MXP_OK);
    if (gaussian || laplace)
        assert_int_equal(mxp_model_fix_auxiliary(s->model, noise, s->noise, NULL), MXP_OK);
    mxp_model_set_intercept(s->model, !s->no_intercept);
    mxp_model_set_scale_by_noise(s->model, s->scaled);
    mxp_model_set_mode_natural(s->model, s->natural);
    if (s->intercept)
        assert_int_equal(mxp_model_set_prior(s->model, "intercept", s->intercept, NULL), MXP_OK);
    if (s->noise_prior)
        assert_int_equal(mxp_model_set_prior(s->model, noise, s->noise_prior, NULL), MXP_OK);
    for (size_t j = 0; j < s->columns; j++)
        if (s->prior[j])
            assert_int_equal(mxp_model_set_prior(s->model, names[j], s->prior[j], NULL), MXP_OK);
}

/* Fits and, where that succeeds, approximates. */
static mxp_status scene_fit(struct scene *s)
{
    mxp_problem_options columns;
    mxp_fit_options fit;
    mxp_posterior_options posterior;

    scene_table(s);
    scene_model(s);
    mxp_problem_options_init(&columns);
    mxp_fit_options_init(&fit);
    mxp_posterior_options_init(&posterior);
    columns.weights = "w";
    if (s->tolerance > 0.0)
        fit.tolerance = s->tolerance;
    if (s->method)
        fit.method = s->method;
    fit.start_names = names;
    fit.start_values = &s->start;
    fit.start_count = s->start != 0.0;
    posterior.at_kinks = s->at_kinks ? s->at_kinks : "active";
    assert_int_equal(mxp_problem_new(&s->problem, s->model, s->table, &columns, &s->error), MXP_OK);
    mxp_status status = mxp_fit(&s->solution, s->problem, &fit, &s->error);
    if (status == MXP_OK)
        status = mxp_posterior_new(&s->posterior, s->problem, s->solution, &posterior, &s->error);
    return status;
}

static void assert_converged(struct scene *s)
{
    const mxp_status status = scene_fit(s);
    if (status != MXP_OK)
        fail_msg("status %d: %s", (int)status, s->error.message);
    assert_string_equal(mxp_solution_info(s->solution).status_text, "converged");
}

static void assert_no_mode(struct scene *s, const char *words)
{
    assert_int_equal(scene_fit(s), MXP_NO_MODE);
    if (!strstr(s->error.message, words))
        fail_msg("\"%s\" is not in: %s", words, s->error.message);
}

static double estimate(const struct scene *s, const char *name)
{
    double value = NAN;
    assert_int_equal(mxp_solution_estimate(&value, s->solution, name, NULL), MXP_OK);
    return value;
}

static struct scene scene(const char *family, size_t rows, size_t columns)
{
    struct scene s = {.family = family, .rows = rows, .columns = columns, .noise = NAN};
    for (size_t i = 0; i < rows; i++)
        s.w[i] = 1.0;
    return s;
}

#endif
