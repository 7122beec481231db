/* Models with priors on several coefficients and constraints, made through the public interface and
 * fitted: what their tests share. */
#ifndef MAXPOST_TEST_JOINT_CASE_H
#define MAXPOST_TEST_JOINT_CASE_H

#include "numeric.h"

#include "maxpost/maxpost.h"

#include <stdbool.h>
#include <string.h>

enum { ROWS = 60, COLUMNS = 7, TERMS = 6, GROUPS = 3, PRIORS = 4, CONSTRAINTS = 3 };

/* What a model says beside its family. */
struct joint_case {
    const char *pin; /* NULL: none */
    const char *family, *weights, *intercept;
    double noise;          /* NAN: estimated, or none */
    bool diabetes, factor; /* diabetes: standardised */
    bool standardized;     /* the constraints are about standardised coefficients */
    struct {
        const char *name, *prior;
    } prior[PRIORS];
    struct {
        const char *name, *prior, *term[TERMS];
    } group[GROUPS];
    const char *constraint[CONSTRAINTS];
    const double *matrix; /* of group 0 */
    size_t order;
    bool precision;
};

struct fitted {
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem;
    mxp_solution *solution;
    mxp_posterior *posterior;
    mxp_error error;
};

static inline void fitted_free(struct fitted *f)
{
    mxp_posterior_free(f->posterior);
    mxp_solution_free(f->solution);
    mxp_problem_free(f->problem);
    mxp_model_free(f->model);
    mxp_table_free(f->table);
}

static const char *const columns[COLUMNS] = {"x1", "x2", "x3", "x4", "x5", "x6", "x7"};

/* ---- the data of tests/reference/joint.py ---- */

static inline int integer(int i, int j)
{
    return (i * (2 * j + 3) * (j + 5) + 7 * j + i * i * (j + 1)) % 23 - 11;
}

static inline double response(const char *family, int i)
{
    const int a = integer(i, 0), b = integer(i, 1), c = integer(i, 2);
    const int e = (i * i * 13 + i * 5) % 29 - 14, sum = a - b + e + 20;

    if (strcmp(family, "bernoulli") == 0)
        return a - b + c + e > 0;
    if (strcmp(family, "poisson") == 0)
        return sum > 0 ? sum / 10 : 0;
    return (2 * a - 2 * b + c) / 10.0 + e / 10.0;
}

static inline void make_synthetic(mxp_table **table, const struct joint_case *c)
{
    static const char *const letters[] = {"a", "b", "c", "d", "e", "f"};
    double x[ROWS];
    const char *text[ROWS];

    assert_int_equal(mxp_table_new(table, ROWS, NULL), MXP_OK);
    for (int j = 0; j < COLUMNS; j++) {
        for (int i = 0; i < ROWS; i++)
            x[i] = integer(i, j) / 5.0;
        assert_int_equal(mxp_table_add(*table, columns[j], x, NULL), MXP_OK);
    }
    for (int i = 0; i < ROWS; i++)
        text[i] = letters[(i * i + i / 6) % 6];
    assert_int_equal(mxp_table_add_text(*table, "level", text, NULL), MXP_OK);
    for (int i = 0; i < ROWS; i++) {
        const int e = (i * i * 13 + i * 5) % 29 - 14;
        x[i] = response(c->family, i);
        text[i] = letters[integer(i, 0) + e < -6 ? 0 : integer(i, 1) + e < 2 ? 1 : 2];
    }
    if (strcmp(c->family, "multinomial") == 0)
        assert_int_equal(mxp_table_add_text(*table, "y", text, NULL), MXP_OK);
    else
        assert_int_equal(mxp_table_add(*table, "y", x, NULL), MXP_OK);
}

/* ---- a case, fitted ---- */

static inline void set_data(struct fitted *f, const struct joint_case *c)
{
    static const char *const levels[] = {"level", "x1"};

    if (c->diabetes) {
        assert_int_equal(mxp_table_read(&f->table, "configs/data/diabetes.csv", NULL, NULL),
                         MXP_OK);
        assert_int_equal(mxp_model_new(&f->model, "progression", NULL), MXP_OK);
        mxp_model_set_standardize(f->model, 1);
        return;
    }
    make_synthetic(&f->table, c);
    assert_int_equal(mxp_model_new(&f->model, "y", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_family(f->model, c->family, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_predictors(f->model, c->factor ? levels : columns,
                                              c->factor ? 2 : COLUMNS, NULL),
                     MXP_OK);
}

static inline void set_joints(struct fitted *f, const struct joint_case *c)
{
    for (size_t g = 0; g < GROUPS && c->group[g].name; g++) {
        size_t count = 0;
        while (count < TERMS && c->group[g].term[count])
            count++;
        assert_int_equal(mxp_model_add_group(f->model, c->group[g].name, c->group[g].term, count,
                                             c->group[g].prior, NULL),
                         MXP_OK);
        if (g == 0 && c->matrix)
            assert_int_equal(
                mxp_model_set_group_matrix(f->model, c->matrix, c->order, c->precision, NULL),
                MXP_OK);
    }
    for (size_t i = 0; i < CONSTRAINTS && c->constraint[i]; i++)
        assert_int_equal(mxp_model_add_constraint(f->model, c->constraint[i], NULL), MXP_OK);
    mxp_model_set_constraints_standardized(f->model, c->standardized);
}

static inline mxp_status case_problem(struct fitted *f, const struct joint_case *c)
{
    *f = (struct fitted){0};
    set_data(f, c);
    if (c->noise > 0.0)
        assert_int_equal(mxp_model_fix_auxiliary(f->model, "noise_sd", c->noise, NULL), MXP_OK);
    if (c->weights)
        assert_int_equal(mxp_model_set_prior(f->model, "weights", c->weights, NULL), MXP_OK);
    if (c->intercept)
        assert_int_equal(mxp_model_set_prior(f->model, "intercept", c->intercept, NULL), MXP_OK);
    for (size_t i = 0; i < PRIORS && c->prior[i].name; i++)
        assert_int_equal(mxp_model_set_prior(f->model, c->prior[i].name, c->prior[i].prior, NULL),
                         MXP_OK);
    set_joints(f, c);
    return mxp_problem_new(&f->problem, f->model, f->table, NULL, &f->error);
}

/* Fits; what fails is the test's failure. */
static inline void case_fit(struct fitted *f, const struct joint_case *c)
{
    mxp_status status = case_problem(f, c);

    if (status == MXP_OK)
        status = mxp_fit(&f->solution, f->problem, NULL, &f->error);
    if (status == MXP_OK)
        status = mxp_posterior_new(&f->posterior, f->problem, f->solution, NULL, &f->error);
    if (status != MXP_OK)
        fail_msg("%s: %s", c->pin ? c->pin : "unnamed", f->error.message);
    if (mxp_solution_info(f->solution).status != MXP_CONVERGED)
        fail_msg("%s: %s", c->pin ? c->pin : "unnamed", mxp_solution_info(f->solution).status_text);
}

#endif
