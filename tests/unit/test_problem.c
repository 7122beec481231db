/* data/design and model/problem: columns, moments and dropped rows; which rule gives a coefficient
 * its prior; the map between solver coordinates and data; the priors' sums against differences. */
#include "numeric.h"

#include "maxpost/maxpost.h"
#include "model/problem.h"
#include "num/rng.h"

#include <stdbool.h>
#include <string.h>

enum { N = 40 };

static const char *const columns[] = {"y", "age", "age_sq", "bmi", "w", "off", "const", "hole"};

/* Columns as above; "const" is 7 everywhere, "hole" misses row 3. */
static mxp_table *make_table(void)
{
    mxp_table *table = NULL;
    struct rng rng = rng_stream(21, 0);
    double values[N];

    assert_int_equal(mxp_table_new(&table, N, NULL), MXP_OK);
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
        for (size_t i = 0; i < N; i++) {
            const double z = rng_normal(&rng);
            values[i] = strcmp(columns[c], "const") == 0 ? 7.0
                        : strcmp(columns[c], "w") == 0   ? fabs(z)
                                                         : 1e3 * (double)c + 3.0 * z;
        }
        if (strcmp(columns[c], "hole") == 0)
            values[3] = NAN;
        assert_int_equal(mxp_table_add(table, columns[c], values, NULL), MXP_OK);
    }
    return table;
}

static const double *column(const mxp_table *table, const char *name)
{
    return mxp_table_values(table, mxp_table_find(table, name));
}

/* ---- designs ---------------------------------------------------------------------------------- */

static void test_moments(void **state)
{
    mxp_table *table = make_table();
    const struct design_name predictors[] = {{.name = "bmi"}, {.name = "const"}};
    const struct design_request request = {.response = {.name = "y"},
                                           .predictors = predictors,
                                           .predictor_count = 2,
                                           .weights = {.name = "w"},
                                           .offset = {.name = "off"}};
    struct design *design = NULL;
    long double W = 0.0L, mean = 0.0L, square = 0.0L, rest = 0.0L, rest_square = 0.0L;
    const double *w = column(table, "w"), *x = column(table, "bmi");
    const double *y = column(table, "y"), *o = column(table, "off");

    (void)state;
    assert_int_equal(design_new(&design, table, &request, NULL), MXP_OK);
    for (size_t i = 0; i < N; i++) {
        W += w[i];
        mean += (long double)w[i] * x[i];
        rest += (long double)w[i] * ((long double)y[i] - o[i]);
    }
    mean /= W;
    rest /= W;
    for (size_t i = 0; i < N; i++) {
        square += w[i] * (x[i] - mean) * (x[i] - mean);
        rest_square += w[i] * (y[i] - o[i] - rest) * (y[i] - o[i] - rest);
    }
    assert_int_equal(design->rows, N);
    assert_int_equal(design->columns, 2);
    assert_string_equal(design->name[1], "const");
    assert_close(design->weight_sum, (double)W, 1e-15, 0.0, "W", 0.0);
    assert_close(design->mean[0], (double)mean, 1e-15, 0.0, "mean", 0.0);
    assert_close(design->sd[0], (double)sqrtl(square / W), 1e-12, 0.0, "sd", 0.0);
    assert_true(design->mean[1] == 7.0 && design->sd[1] == 0.0);
    assert_close(design->y_offset_sd, (double)sqrtl(rest_square / W), 1e-12, 0.0, "sd", 0.0);
    assert_close(design->y_offset_rms, (double)sqrtl(rest_square / W + rest * rest), 1e-14, 0.0,
                 "rms", 0.0);
    design_free(design);
    mxp_table_free(table);
}

static void test_missing(void **state)
{
    mxp_table *table = make_table();
    struct design_request request = {.response = {.name = "y"}};
    struct design *design = NULL;
    mxp_error error = {0};

    (void)state;
    assert_int_equal(design_new(&design, table, &request, &error), MXP_DATA);
    assert_non_null(strstr(error.message, "\"hole\""));
    request.drop_missing = true;
    assert_int_equal(design_new(&design, table, &request, NULL), MXP_OK);
    assert_int_equal(design->rows_read, N);
    assert_int_equal(design->rows, N - 1);
    assert_int_equal(design->rows_dropped, 1);
    assert_int_equal(design->columns, sizeof columns / sizeof *columns - 1);
    for (size_t i = 0; i < design->rows; i++) {
        const size_t row = i < 3 ? i : i + 1;
        assert_int_equal(design->table_row[i], row);
        assert_true(design->y[i] == column(table, "y")[row]);
        assert_true(design->column[0][i] == column(table, "age")[row]);
    }
    design_free(design);
    mxp_table_free(table);
}

static void expect_refused(struct design_request request, mxp_status status, const char *word)
{
    mxp_table *table = make_table();
    struct design *design = NULL;
    mxp_error error = {0};

    assert_int_equal(design_new(&design, table, &request, &error), status);
    assert_null(design);
    if (!strstr(error.message, word))
        fail_msg("\"%s\" is not in: %s", word, error.message);
    mxp_table_free(table);
}

static void test_refused(void **state)
{
    const struct design_name twice[] = {{.name = "age"}, {.name = "age"}};
    const struct design_name response[] = {{.name = "y"}}, unknown[] = {{.name = "agee"}};
    const struct design_name fine[] = {{.name = "age"}};

    (void)state;
#define PREDICTORS(names) .predictors = names, .predictor_count = sizeof names / sizeof *names
    expect_refused((struct design_request){.response = {.name = "z"}, PREDICTORS(fine)}, MXP_CONFIG,
                   "\"z\"");
    expect_refused((struct design_request){.response = {.name = "y"}, PREDICTORS(twice)},
                   MXP_CONFIG, "\"age\"");
    expect_refused((struct design_request){.response = {.name = "y"}, PREDICTORS(response)},
                   MXP_CONFIG, "\"y\"");
    expect_refused((struct design_request){.response = {.name = "y"}, PREDICTORS(unknown)},
                   MXP_CONFIG, "did you mean");
    expect_refused((struct design_request){.response = {.name = "y"},
                                           PREDICTORS(fine),
                                           .weights = {.name = "off"},
                                           .offset = {.name = "off"}},
                   MXP_CONFIG, "\"off\"");
#undef PREDICTORS
}

static void test_weights(void **state)
{
    const double y[] = {1, 2, 3}, zero[] = {0, 0, 0}, negative[] = {1, -2, 1};
    const struct design_name x = {.name = "x"};
    mxp_table *table = NULL;
    struct design *design = NULL;
    mxp_error error = {0};
    struct design_request request = {
        .response = {.name = "y"}, .predictors = &x, .predictor_count = 1};

    (void)state;
    assert_int_equal(mxp_table_new(&table, 3, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "y", y, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "x", y, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "zero", zero, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "negative", negative, NULL), MXP_OK);
    request.weights.name = "zero";
    assert_int_equal(design_new(&design, table, &request, &error), MXP_DATA);
    assert_non_null(strstr(error.message, "all row weights are 0"));
    request.weights.name = "negative";
    assert_int_equal(design_new(&design, table, &request, &error), MXP_DATA);
    assert_non_null(strstr(error.message, "-2"));
    mxp_table_free(table);
}

/* ---- rules ------------------------------------------------------------------------------------ */

struct rule {
    const char *selector, *prior;
};

struct fixture {
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem;
};

/* Four coefficients: (Intercept), age, age_sq, bmi. */
static void set_up(struct fixture *f, const struct rule *rules, bool standardize, bool weighted)
{
    static const char *const predictors[] = {"age", "age_sq", "bmi"};
    mxp_problem_options options;
    mxp_error error = {0};

    *f = (struct fixture){.table = make_table()};
    assert_int_equal(mxp_model_new(&f->model, "y", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_predictors(f->model, predictors, 3, NULL), MXP_OK);
    mxp_model_set_standardize(f->model, standardize);
    for (; rules && rules->selector; rules++)
        assert_int_equal(mxp_model_set_prior(f->model, rules->selector, rules->prior, NULL),
                         MXP_OK);
    mxp_problem_options_init(&options);
    options.weights = weighted ? "w" : NULL;
    if (mxp_problem_new(&f->problem, f->model, f->table, &options, &error) != MXP_OK)
        fail_msg("%s", error.message);
}

static void tear_down(struct fixture *f)
{
    mxp_problem_free(f->problem);
    mxp_model_free(f->model);
    mxp_table_free(f->table);
}

/* The scales that the gaussian rules give to age, age_sq and bmi; 0: a flat prior. */
static void expect_scales(const struct rule *rules, double age, double age_sq, double bmi)
{
    const double want[] = {0.0, age, age_sq, bmi};
    struct fixture f;

    set_up(&f, rules, false, false);
    for (size_t j = 0; j < 4; j++) {
        const struct prior *prior = &f.problem->parameter[j].prior;
        const double got = prior->row->flags & PRIOR_IMPROPER ? 0.0 : prior->a[1];
        assert_close(got, want[j], 0.0, 0.0, f.problem->parameter[j].name, (double)j);
    }
    tear_down(&f);
}

#define G(scale) "gaussian(0, " #scale ")"

static void test_rules(void **state)
{
    (void)state;
    expect_scales(NULL, 0, 0, 0);
    expect_scales((struct rule[]){{"weights", G(9)}, {NULL, NULL}}, 9, 9, 9);
    /* a rule beats the default whichever was said last */
    expect_scales((struct rule[]){{"age*", G(1)}, {"weights", G(9)}, {NULL, NULL}}, 1, 1, 9);
    /* the exact name beats a glob, before and after it */
    expect_scales((struct rule[]){{"age", G(1)}, {"*age*", G(2)}, {NULL, NULL}}, 1, 2, 0);
    expect_scales((struct rule[]){{"*age*", G(2)}, {"age", G(1)}, {NULL, NULL}}, 1, 2, 0);
    /* the longer literal part, before and after */
    expect_scales((struct rule[]){{"age_*", G(1)}, {"a*", G(2)}, {"*", G(3)}, {NULL, NULL}}, 2, 1,
                  3);
    expect_scales((struct rule[]){{"*", G(3)}, {"a*", G(2)}, {"age_*", G(1)}, {NULL, NULL}}, 2, 1,
                  3);
    /* the later of equals */
    expect_scales(
        (struct rule[]){
            {"a*", G(1)}, {"b*", G(2)}, {"*i", G(4)}, {"?ge", G(5)}, {"ag?", G(6)}, {NULL, NULL}},
        6, 1, 4);
    expect_scales((struct rule[]){{"bmi", G(1)}, {"bmi", G(2)}, {NULL, NULL}}, 0, 0, 2);
}

static void test_unmatched(void **state)
{
    static const char *const selectors[] = {"agee", "z*", "w"};
    mxp_table *table = make_table();

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        static const char *const predictors[] = {"age", "bmi"};
        mxp_model *model = NULL;
        mxp_problem *problem = NULL;
        mxp_error error = {0};
        assert_int_equal(mxp_model_new(&model, "y", NULL), MXP_OK);
        assert_int_equal(mxp_model_set_predictors(model, predictors, 2, NULL), MXP_OK);
        assert_int_equal(mxp_model_set_prior(model, selectors[i], G(1), NULL), MXP_OK);
        assert_int_equal(mxp_problem_new(&problem, model, table, NULL, &error), MXP_CONFIG);
        assert_null(problem);
        assert_non_null(strstr(error.message, "matches no coefficient"));
        assert_true(!strstr(error.message, "did you mean \"age\"") == (i != 0));
        mxp_model_free(model);
    }
    mxp_table_free(table);
}

/* ---- maps ------------------------------------------------------------------------------------- */

static const struct rule proper_intercept[] = {{"intercept", G(5)}, {NULL, NULL}};

/* Coordinates as the header states them; fitted values are the same on both scales. */
static void test_maps(void **state)
{
    (void)state;
    for (int how = 0; how < 8; how++) {
        const bool standardize = how & 1, weighted = how & 2, proper = how & 4;
        const double theta[] = {3.0, 0.5, -2.0, 1.25};
        double beta[4], back[4];
        struct fixture f;
        set_up(&f, proper ? proper_intercept : NULL, standardize, weighted);
        const struct parameter *p = f.problem->parameter;
        for (size_t j = 1; j < 4; j++) {
            const bool centred = standardize || !proper;
            assert_true(p[j].shift == (centred ? f.problem->design->mean[j - 1] : 0.0));
            assert_true(p[j].scale == (standardize ? f.problem->design->sd[j - 1] : 1.0));
        }
        assert_true(f.problem->centred == (!standardize && !proper));
        problem_to_data(beta, f.problem, theta);
        problem_from_data(back, f.problem, beta);
        for (size_t j = 0; j < 4; j++)
            assert_close(back[j], theta[j], 1e-13, j ? 0.0 : 1e-11, "there and back", (double)j);
        for (size_t i = 0; i < N; i++) {
            double solver = theta[0], data = beta[0];
            for (size_t j = 1; j < 4; j++) {
                const double x = f.problem->design->column[j - 1][i];
                solver += theta[j] * (x - p[j].shift) / p[j].scale;
                data += beta[j] * x;
            }
            assert_close(data, solver, 0.0, 1e-10, "eta", (double)i);
        }
        tear_down(&f);
    }
}

/* The covariance of T theta, T taken column by column from the map of points. */
static void test_covariance(void **state)
{
    enum { K = 4, LD = 5 };

    (void)state;
    for (int standardize = 0; standardize < 2; standardize++) {
        struct fixture f;
        double S[8 * K], cov[LD * K], want[K * K] = {0}, T[K * K];
        struct rng rng = rng_stream(22, 0);
        set_up(&f, NULL, standardize, true);
        for (size_t i = 0; i < 8 * K; i++)
            S[i] = rng_normal(&rng);
        for (size_t j = 0; j < K; j++) {
            double unit[K] = {0};
            unit[j] = 1.0;
            problem_to_data(T + j * K, f.problem, unit);
            for (size_t i = 0; i < K; i++) {
                cov[i + j * LD] = 0.0;
                for (size_t p = 0; p < 8; p++)
                    cov[i + j * LD] += S[p + i * 8] * S[p + j * 8];
            }
        }
        for (size_t i = 0; i < K; i++)
            for (size_t j = 0; j < K; j++)
                for (size_t a = 0; a < K; a++)
                    for (size_t b = 0; b < K; b++)
                        want[i + j * K] += T[i + a * K] * cov[a + b * LD] * T[j + b * K];
        problem_map_covariance(cov, LD, K, f.problem, PROBLEM_DATA);
        for (size_t i = 0; i < K; i++)
            for (size_t j = 0; j < K; j++)
                assert_close(cov[i + j * LD], want[i + j * K], 1e-11,
                             1e-12 * sqrt(want[i + i * K] * want[j + j * K]), "T cov T'",
                             (double)(i + j * K));
        tear_down(&f);
    }
}

/* ---- priors ----------------------------------------------------------------------------------- */

struct probe {
    const mxp_problem *problem;
    const double *theta;
    size_t along,
        gradient; /* the coordinate that moves; whose gradient is wanted, or d: the value */
};

/* -log prior with its kinks, or an entry of its smooth part's gradient, as coordinate `along`
 * moves. */
static double probe(double x, const void *context)
{
    const struct probe *p = context;
    double theta[8], gradient[8] = {0}, diagonal[8] = {0};
    struct prior_sums sums = {.gradient = gradient, .diagonal = diagonal};

    memcpy(theta, p->theta, p->problem->d * sizeof *theta);
    theta[p->along] = x;
    problem_prior(&sums, p->problem, theta);
    return p->gradient < p->problem->d ? gradient[p->gradient] : -sums.log_prior;
}

static void check_prior(const struct rule *rules, bool by_noise, bool natural)
{
    const double theta[] = {0.7, -0.4, 0.3, 1.1, 0.25};
    double gradient[5] = {0}, diagonal[5] = {0}, cross[4] = {0};
    struct fixture f;
    mxp_problem *problem = NULL;

    set_up(&f, rules, true, false);
    mxp_model_set_scale_by_noise(f.model, by_noise);
    mxp_model_set_mode_natural(f.model, natural);
    assert_int_equal(mxp_problem_new(&problem, f.model, f.table, NULL, NULL), MXP_OK);
    assert_int_equal(problem->d, 5);
    struct prior_sums sums = {.gradient = gradient, .diagonal = diagonal, .cross = cross};
    problem_prior(&sums, problem, theta);
    for (size_t j = 0; j < 5; j++) {
        struct probe at = {problem, theta, j, problem->d};
        double l1, m;
        problem_kink(&l1, &m, problem, j, theta);
        const double kink = j < 4 && l1 > 0.0 ? (theta[j] > m ? l1 : -l1) : 0.0;
        assert_close(gradient[j] + kink, numeric_slope(probe, &at, theta[j], 1e-3), 1e-8, 1e-8,
                     "gradient", (double)j);
        at.gradient = j;
        assert_close(diagonal[j], numeric_slope(probe, &at, theta[j], 1e-3), 1e-8, 1e-8, "diagonal",
                     (double)j);
        if (j == 4)
            continue;
        /* in the noise's gradient kinks are part of it */
        at.gradient = 4;
        assert_close(cross[j], numeric_slope(probe, &at, theta[j], 1e-3), 1e-8, 1e-8, "cross",
                     (double)j);
    }
    mxp_problem_free(problem);
    tear_down(&f);
}

static void test_priors(void **state)
{
    static const struct rule rules[] = {{"age", "gaussian(0.2, 0.8)"},
                                        {"age_sq", "laplace(-0.1, 0.5)"},
                                        {"noise_sd", "half_cauchy(2)"},
                                        {NULL, NULL}};

    (void)state;
    for (int how = 0; how < 4; how++)
        check_prior(rules, how & 1, how & 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments), cmocka_unit_test(test_missing),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_weights),
        cmocka_unit_test(test_rules),   cmocka_unit_test(test_unmatched),
        cmocka_unit_test(test_maps),    cmocka_unit_test(test_covariance),
        cmocka_unit_test(test_priors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
