/* Many rows: fits whose curvature comes from a sample, against those with all of it; the bits for
 * every number of threads; data that a sample does not show. */
#include "numeric.h"

#include "data/moments.h"
#include "maxpost/maxpost.h"
#include "model/rows.h"
#include "num/rng.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 24, ROWS = 50000, D = COLUMNS + 1 };

/* What is odd about the data. */
enum oddness { PLAIN, RARE, OUTLYING, SEPARATED, DEPENDENT };

struct fixture {
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem;
};

static const double effect[] = {0.5, -0.3, 0.0, 0.2, -0.1};

static double response(const char *family, struct rng *rng, double eta)
{
    if (strcmp(family, "gaussian") == 0)
        return 3.0 + eta + 0.7 * rng_normal(rng);
    if (strcmp(family, "poisson") == 0)
        return rng_poisson(rng, exp(0.3 + 0.5 * eta));
    return rng_bernoulli(rng, 1.0 / (1.0 + exp(0.4 - eta)));
}

/* Column j: correlated with the one before it, its own mean and scale. */
static void fill_column(double *x, const double *before, struct rng *rng, size_t j,
                        enum oddness oddness)
{
    for (size_t i = 0; i < ROWS; i++)
        x[i] = (before ? 0.6 * before[i] : 0.0) + rng_normal(rng);
    if (j == 3 && oddness == RARE)
        for (size_t i = 0; i < ROWS; i++)
            x[i] = i % 9973 == 5;
    if (j == 3 && oddness == OUTLYING)
        for (size_t i = 200; i < ROWS; i += 10007)
            x[i] = 400.0;
    if (j == 4 && oddness == DEPENDENT)
        memcpy(x, before, ROWS * sizeof *x);
}

static void add_columns(mxp_table *table, const char *family, enum oddness oddness)
{
    struct rng rng = rng_stream(11, 3);
    double *x = malloc(ROWS * sizeof *x), *before = malloc(ROWS * sizeof *x);
    double *eta = calloc(ROWS, sizeof *eta);
    char name[8];

    assert_true(x && before && eta);
    for (size_t j = 0; j < COLUMNS; j++) {
        fill_column(x, j ? before : NULL, &rng, j, oddness);
        memcpy(before, x, ROWS * sizeof *x);
        for (size_t i = 0; i < ROWS; i++)
            eta[i] += effect[j % 5] * x[i] * (oddness == OUTLYING && x[i] == 400.0 ? 0.01 : 1.0);
        for (size_t i = 0; i < ROWS && j % 3 == 0; i++)
            x[i] = 5.0 + 10.0 * x[i];
        snprintf(name, sizeof name, "x%zu", j);
        assert_int_equal(mxp_table_add(table, name, x, NULL), MXP_OK);
    }
    for (size_t i = 0; i < ROWS; i++) {
        x[i] = 0.1 * (double)(i % 7); /* the offset */
        before[i] = (double)(i % 4);  /* the weights */
        eta[i] = oddness == SEPARATED ? eta[i] > 0.0 : response(family, &rng, 0.6 * eta[i] + x[i]);
    }
    assert_int_equal(mxp_table_add(table, "o", x, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "w", before, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "y", eta, NULL), MXP_OK);
    free(eta);
    free(before);
    free(x);
}

static void name_predictors(mxp_model *model)
{
    char text[COLUMNS][8];
    const char *names[COLUMNS];

    for (size_t j = 0; j < COLUMNS; j++) {
        snprintf(text[j], sizeof text[j], "x%zu", j);
        names[j] = text[j];
    }
    assert_int_equal(mxp_model_set_predictors(model, names, COLUMNS, NULL), MXP_OK);
}

static void set_up(struct fixture *f, const char *family, const char *prior, bool weighted,
                   enum oddness oddness)
{
    mxp_problem_options options;

    assert_int_equal(mxp_table_new(&f->table, ROWS, NULL), MXP_OK);
    add_columns(f->table, family, oddness);
    assert_int_equal(mxp_model_new(&f->model, "y", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_family(f->model, family, NULL), MXP_OK);
    name_predictors(f->model);
    if (strcmp(family, "gaussian") == 0)
        assert_int_equal(mxp_model_fix_auxiliary(f->model, "noise_sd", 0.7, NULL), MXP_OK);
    if (prior)
        assert_int_equal(mxp_model_set_prior(f->model, "weights", prior, NULL), MXP_OK);
    mxp_problem_options_init(&options);
    options.weights = weighted ? "w" : NULL;
    options.offset = weighted ? "o" : NULL;
    assert_int_equal(mxp_problem_new(&f->problem, f->model, f->table, &options, NULL), MXP_OK);
}

static void tear_down(struct fixture *f)
{
    mxp_problem_free(f->problem);
    mxp_model_free(f->model);
    mxp_table_free(f->table);
}

struct found {
    double estimate[D], objective;
    bool sampled;
    size_t passes;
};

/* exact: from a start of the caller's, which the sampled curvature leaves alone. */
static void fit(struct found *found, const struct fixture *f, int threads, bool exact)
{
    static const char *const names[] = {"x0"};
    static const double values[] = {0.0};
    mxp_solution *solution = NULL;
    mxp_fit_options options;
    mxp_error error = {0};

    mxp_fit_options_init(&options);
    options.threads = threads;
    options.mode_only = 1;
    if (exact) {
        options.start_names = names;
        options.start_values = values;
        options.start_count = 1;
        options.tolerance = 1e-12;
    }
    if (mxp_fit(&solution, f->problem, &options, &error) != MXP_OK)
        fail_msg("%s", error.message);
    const mxp_fit_info info = mxp_solution_info(solution);
    assert_int_equal(info.status, MXP_CONVERGED);
    for (size_t j = 0; j < D; j++)
        found->estimate[j] = mxp_solution_mode_estimate(solution, 0, j);
    found->objective = info.objective;
    found->sampled = strstr(info.method_reason, "sample") != NULL;
    found->passes = info.passes;
    mxp_solution_free(solution);
}

/* absolute: of estimates; a residual is at most 1e-9 sds. */
static void assert_agrees(const struct fixture *f, double absolute)
{
    struct found fast, exact;

    fit(&fast, f, 2, false);
    fit(&exact, f, 2, true);
    assert_false(exact.sampled);
    for (size_t j = 0; j < D; j++)
        assert_close(fast.estimate[j], exact.estimate[j], 1e-10, absolute, "estimate", (double)j);
    assert_close(fast.objective, exact.objective, 1e-13, 0.0, "objective", 0.0);
}

static void test_agreement(void **state)
{
    static const char *const families[] = {"bernoulli", "poisson", "gaussian"};
    static const char *const priors[] = {"gaussian(0, 0.2)", NULL};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t p = 0; p < 2; p++) {
            struct found fast;
            set_up(&f, families[i], priors[p], p == 0, PLAIN);
            fit(&fast, &f, 1, false);
            assert_true(fast.sampled);
            assert_in_range(fast.passes, 3, 14);
            assert_agrees(&f, 1e-10); /* sds are about 0.01 */
            tear_down(&f);
        }
}

static void test_threads(void **state)
{
    static const char *const families[] = {"bernoulli", "poisson", "gaussian"};
    static const int threads[] = {2, 3, 8};
    struct fixture f;
    struct found one, other;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        set_up(&f, families[i], "gaussian(0, 0.2)", true, PLAIN);
        fit(&one, &f, 1, false);
        assert_true(one.sampled);
        for (size_t t = 0; t < 3; t++) {
            fit(&other, &f, threads[t], false);
            assert_memory_equal(one.estimate, other.estimate, sizeof one.estimate);
            assert_true(one.objective == other.objective && one.passes == other.passes);
        }
        tear_down(&f);
    }
}

/* The moments of the columns too. */
static void test_problem_threads(void **state)
{
    struct fixture f;
    mxp_problem_options options;
    mxp_problem *other = NULL;

    (void)state;
    set_up(&f, "bernoulli", NULL, true, PLAIN);
    mxp_problem_options_init(&options);
    options.weights = "w";
    options.offset = "o";
    for (int threads = 1; threads <= 8; threads += 7) {
        options.threads = threads;
        assert_int_equal(mxp_problem_new(&other, f.model, f.table, &options, NULL), MXP_OK);
        for (size_t j = 0; j < D; j++)
            assert_true(f.problem->parameter[j].shift == other->parameter[j].shift);
        mxp_problem_free(other);
    }
    tear_down(&f);
}

/* A column that is 0 in nearly all rows, and one with a few enormous values. */
static void test_unseen(void **state)
{
    static const char *const priors[] = {"gaussian(0, 0.2)", "gaussian(0, 5)"};
    struct fixture f;

    (void)state;
    for (size_t p = 0; p < 2; p++)
        for (int oddness = RARE; oddness <= OUTLYING; oddness++) {
            set_up(&f, "bernoulli", priors[p], false, (enum oddness)oddness);
            assert_agrees(&f, 3e-9); /* the sd of the rare column's coefficient is about 1 */
            tear_down(&f);
        }
}

/* What has no mode has none by way of a sample. */
static void test_no_mode(void **state)
{
    static const enum oddness oddness[] = {SEPARATED, DEPENDENT};
    mxp_solution *solution = NULL;
    struct fixture f;
    mxp_error error = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        set_up(&f, "bernoulli", NULL, false, oddness[i]);
        assert_int_equal(mxp_fit(&solution, f.problem, NULL, &error), MXP_NO_MODE);
        assert_non_null(strstr(error.message, i == 0 ? "separated" : "dependent"));
        tear_down(&f);
    }
}

/* The posterior makes its own Gram: the same as of the exact fit. */
static void test_posterior(void **state)
{
    struct fixture f;
    mxp_solution *solution = NULL;
    mxp_posterior *posterior = NULL;
    mxp_fit_options options;
    double first[D * D];

    (void)state;
    set_up(&f, "poisson", "gaussian(0, 0.2)", true, PLAIN);
    for (int exact = 0; exact < 2; exact++) {
        static const char *const names[] = {"x0"};
        static const double values[] = {0.0};
        mxp_fit_options_init(&options);
        options.start_names = names;
        options.start_values = values;
        options.start_count = exact ? 1 : 0;
        assert_int_equal(mxp_fit(&solution, f.problem, &options, NULL), MXP_OK);
        assert_int_equal(mxp_posterior_new(&posterior, f.problem, solution, NULL, NULL), MXP_OK);
        const double *covariance = mxp_posterior_covariance(posterior);
        for (size_t i = 0; exact && i < (size_t)D * D; i++)
            assert_close(covariance[i], first[i], 1e-8, 1e-14, "covariance", (double)i);
        memcpy(first, covariance, sizeof first);
        mxp_posterior_free(posterior);
        mxp_solution_free(solution);
    }
    tear_down(&f);
}

/* A sample's sums are those of its share of the rows; single precision is that of floats. */
static void test_sample(void **state)
{
    enum { EVERY = 4 };
    static double all[D * D], some[D * D], single[D * D];
    const double psi[FAMILY_AUX_MAX] = {1.0, 1.0};
    double theta[D] = {0.1, 0.01, 0.2};
    struct fixture f;

    (void)state;
    set_up(&f, "bernoulli", NULL, true, PLAIN);
    struct rows_request request = {.want = ROWS_GRAM, .theta = theta, .psi = psi};
    struct rows_sums whole = {.gram = all}, part = {.gram = some}, coarse = {.gram = single};
    assert_int_equal(rows_sum(&whole, f.problem, &request, NULL), MXP_OK);
    request.every = EVERY;
    assert_int_equal(rows_sum(&part, f.problem, &request, NULL), MXP_OK);
    request.single = true;
    assert_int_equal(rows_sum(&coarse, f.problem, &request, NULL), MXP_OK);
    assert_true(whole.weight == f.problem->design->weight_sum);
    assert_close(part.weight, whole.weight / EVERY, 0.05, 0.0, "weight", 0.0);
    assert_true(coarse.value == part.value && coarse.weight == part.weight);
    const double ratio = whole.weight / part.weight;
    assert_close(ratio * part.value, whole.value, 0.03, 0.0, "value", 0.0);
    for (size_t j = 0; j < D; j++)
        for (size_t i = 0; i < D; i++) {
            const double size = sqrt(all[i * (D + 1)] * all[j * (D + 1)]);
            assert_close(ratio * some[i + j * D], all[i + j * D], 0.0, 0.06 * size, "Gram",
                         (double)i);
            assert_close(single[i + j * D], some[i + j * D], 0.0, 1e-6 * size, "single", (double)i);
        }
    tear_down(&f);
}

/* Years in order: the first rows are far from the mean; against sums in extended precision. */
static void test_moments(void **state)
{
    static double x[ROWS], w[ROWS];
    struct rng rng = rng_stream(2, 5);

    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        long double W = 0.0L, first = 0.0L, second = 0.0L;
        double mean, sd;
        for (size_t i = 0; i < ROWS; i++) {
            x[i] = kind == 0 ? 1950.0 + 0.001 * (double)i : 1e6 + rng_normal(&rng);
            if (kind == 2)
                x[i] = i < 2000 ? -1e8 : rng_normal(&rng);
            w[i] = kind == 1 ? (double)(i % 3) : 1.0;
            W += w[i];
            first += (long double)w[i] * x[i];
        }
        for (size_t i = 0; i < ROWS; i++)
            second += w[i] * (x[i] - first / W) * (x[i] - first / W);
        moments_take(&mean, &sd, x, NULL, kind == 1 ? w : NULL, (double)W, ROWS);
        assert_close(mean, (double)(first / W), 1e-15, 1e-14 * sd, "mean", kind);
        assert_close(sd, (double)sqrtl(second / W), 1e-13, 0.0, "sd", kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agreement),       cmocka_unit_test(test_threads),
        cmocka_unit_test(test_problem_threads), cmocka_unit_test(test_unseen),
        cmocka_unit_test(test_no_mode),         cmocka_unit_test(test_posterior),
        cmocka_unit_test(test_sample),          cmocka_unit_test(test_moments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
