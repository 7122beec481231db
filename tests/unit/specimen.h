/* A model whose every part is a number here, so that the same priors can be handed to the library in
 * words and evaluated by a test; its data, its fit. */
#ifndef MAXPOST_TEST_SPECIMEN_H
#define MAXPOST_TEST_SPECIMEN_H

#include "numeric.h"

#include "maxpost/maxpost.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SPECIMEN_ROWS = 128, SPECIMEN_COLUMNS = 6, SPECIMEN_AUX = 2, SPECIMEN_TERMS = 9 };

/* A prior: its name, two or three arguments, and bounds (equal: none). */
struct belief {
    const char *name; /* NULL: nothing said, flat */
    double a[3], lower, upper;
};

struct specimen {
    size_t rows, columns;
    double y[SPECIMEN_ROWS], x[SPECIMEN_COLUMNS][SPECIMEN_ROWS], w[SPECIMEN_ROWS];
    const char *family, *link; /* link NULL: the default */
    struct belief prior[SPECIMEN_COLUMNS], intercept;
    const char *aux[SPECIMEN_AUX]; /* names of auxiliary parameters */
    double fixed[SPECIMEN_AUX];    /* 0: estimated */
    struct belief aux_prior[SPECIMEN_AUX];
    bool no_intercept, standardize, natural;
    const double *start; /* of each column, or NULL */
    size_t starts, seed;
    double tolerance;
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem;
    mxp_solution *solution;
    mxp_posterior *posterior;
    mxp_error error;
};

static const char *const column_names[SPECIMEN_COLUMNS] = {"x1", "x2", "x3", "x4", "x5", "x6"};

static inline struct specimen specimen_new(const char *family, size_t rows, size_t columns)
{
    struct specimen s = {.family = family, .rows = rows, .columns = columns};
    for (size_t i = 0; i < rows; i++)
        s.w[i] = 1.0;
    return s;
}

static inline void specimen_free(struct specimen *s)
{
    mxp_posterior_free(s->posterior);
    mxp_solution_free(s->solution);
    mxp_problem_free(s->problem);
    mxp_model_free(s->model);
    mxp_table_free(s->table);
    s->posterior = NULL;
    s->solution = NULL;
    s->problem = NULL;
    s->model = NULL;
    s->table = NULL;
}

static inline size_t belief_arguments(const char *name)
{
    static const char *const one[] = {"half_normal", "half_cauchy", "exponential"};
    if (strcmp(name, "flat") == 0)
        return 0;
    for (size_t i = 0; i < sizeof one / sizeof *one; i++)
        if (strcmp(name, one[i]) == 0)
            return 1;
    return strcmp(name, "student_t") == 0 || strcmp(name, "elastic_net") == 0 ? 3 : 2;
}

static inline bool belief_bounded(const struct belief *b)
{
    return b->lower < b->upper;
}

/* "gaussian(0, 2, lower=0)", to 17 digits. */
static inline void belief_words(char *text, size_t size, const struct belief *b)
{
    size_t used = (size_t)snprintf(text, size, "%s(", b->name);
    const size_t count = belief_arguments(b->name);
    const char *comma = "";

    for (size_t k = 0; k < count; k++, comma = ", ")
        used += (size_t)snprintf(text + used, size - used, "%s%.17g", comma, b->a[k]);
    if (belief_bounded(b) && isfinite(b->lower)) {
        used += (size_t)snprintf(text + used, size - used, "%slower=%.17g", comma, b->lower);
        comma = ", ";
    }
    if (belief_bounded(b) && isfinite(b->upper)) {
        used += (size_t)snprintf(text + used, size - used, "%supper=%.17g", comma, b->upper);
        comma = ", ";
    }
    if (*comma)
        (void)snprintf(text + used, size - used, ")");
    else
        text[used - 1] = '\0'; /* flat, without parentheses */
}

static inline void specimen_prior(struct specimen *s, const char *selector, const struct belief *b)
{
    char text[256];
    if (!b->name)
        return;
    belief_words(text, sizeof text, b);
    if (mxp_model_set_prior(s->model, selector, text, &s->error) != MXP_OK)
        fail_msg("%s: %s", text, s->error.message);
}

static inline void specimen_model(struct specimen *s)
{
    assert_int_equal(mxp_table_new(&s->table, s->rows, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(s->table, "y", s->y, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(s->table, "w", s->w, NULL), MXP_OK);
    for (size_t j = 0; j < s->columns; j++)
        assert_int_equal(mxp_table_add(s->table, column_names[j], s->x[j], NULL), MXP_OK);
    assert_int_equal(mxp_model_new(&s->model, "y", NULL), MXP_OK);
    if (mxp_model_set_family(s->model, s->family, &s->error) != MXP_OK ||
        (s->link && mxp_model_set_link(s->model, s->link, &s->error) != MXP_OK))
        fail_msg("%s", s->error.message);
    assert_int_equal(mxp_model_set_predictors(s->model, column_names, s->columns, NULL), MXP_OK);
    mxp_model_set_intercept(s->model, !s->no_intercept);
    mxp_model_set_standardize(s->model, s->standardize);
    mxp_model_set_mode_natural(s->model, s->natural);
    for (size_t k = 0; k < SPECIMEN_AUX && s->aux[k]; k++) {
        const double value = s->fixed[k] > 0.0 ? s->fixed[k] : NAN;
        if (mxp_model_fix_auxiliary(s->model, s->aux[k], value, &s->error) != MXP_OK)
            fail_msg("%s", s->error.message);
        specimen_prior(s, s->aux[k], &s->aux_prior[k]);
    }
    specimen_prior(s, "intercept", &s->intercept);
    for (size_t j = 0; j < s->columns; j++)
        specimen_prior(s, column_names[j], &s->prior[j]);
}

/* Fits and, where that succeeds, approximates. */
static inline mxp_status specimen_fit(struct specimen *s)
{
    mxp_problem_options columns;
    mxp_fit_options fit;
    mxp_posterior_options posterior;

    specimen_model(s);
    mxp_problem_options_init(&columns);
    mxp_fit_options_init(&fit);
    mxp_posterior_options_init(&posterior);
    columns.weights = "w";
    if (s->tolerance > 0.0)
        fit.tolerance = s->tolerance;
    fit.start_names = column_names;
    fit.start_values = s->start;
    fit.start_count = s->start ? s->columns : 0;
    fit.starts = s->starts;
    fit.seed = s->seed ? s->seed : fit.seed;
    posterior.at_kinks = "active";
    mxp_status status = mxp_problem_new(&s->problem, s->model, s->table, &columns, &s->error);
    if (status == MXP_OK)
        status = mxp_fit(&s->solution, s->problem, &fit, &s->error);
    if (status == MXP_OK)
        status = mxp_posterior_new(&s->posterior, s->problem, s->solution, &posterior, &s->error);
    return status;
}

static inline void specimen_converged(struct specimen *s, const char *what)
{
    const mxp_status status = specimen_fit(s);
    if (status != MXP_OK)
        fail_msg("%s: status %d: %s", what, (int)status, s->error.message);
    const mxp_fit_info info = mxp_solution_info(s->solution);
    if (info.status != MXP_CONVERGED)
        fail_msg("%s: %s, kkt %g", what, info.status_text, info.kkt);
}

static inline void specimen_no_mode(struct specimen *s, const char *words, const char *what)
{
    const mxp_status status = specimen_fit(s);
    if (status != MXP_NO_MODE)
        fail_msg("%s: status %d: %s", what, (int)status, s->error.message);
    if (!strstr(s->error.message, words))
        fail_msg("%s: \"%s\" is not in: %s", what, words, s->error.message);
}

static inline double specimen_estimate(const struct specimen *s, const char *name)
{
    double value = NAN;
    assert_int_equal(mxp_solution_estimate(&value, s->solution, name, NULL), MXP_OK);
    return value;
}

#endif
