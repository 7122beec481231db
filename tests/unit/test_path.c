/* Paths against glmnet (tests/reference/path/path.R), against fits at single points, and what they
 * refuse. */
#include "path_scene.h"

#include "base/mem.h"
#include "select/engine.h"

#include <stdlib.h>

enum { COEFFICIENTS = 128 };

#define REFERENCE "tests/reference/path/"

/* ---- against glmnet --------------------------------------------------------------------------- */

struct pinned {
    const char *name;
    struct path_case c;
};

static const struct pinned cases[] = {
    {"diabetes",
     {.file = "configs/data/diabetes.csv",
      .response = "progression",
      .family = "gaussian",
      .penalty = "l1"}},
    {"diabetes-ridge",
     {.file = "configs/data/diabetes.csv",
      .response = "progression",
      .family = "gaussian",
      .penalty = "l2"}},
    {"prostate",
     {.file = "configs/data/prostate.csv",
      .response = "lpsa",
      .family = "gaussian",
      .penalty = "elastic_net",
      .mix = 0.5}},
    {"birthweight",
     {.file = "configs/data/birthweight.csv",
      .response = "low",
      .family = "bernoulli",
      .predictors = "age weight smoke earlier hypertension irritability visits",
      .raw = true,
      .penalty = "l1"}},
    {"breast-cancer",
     {.file = "configs/data/breast-cancer.csv",
      .response = "benign",
      .family = "bernoulli",
      .penalty = "elastic_net",
      .mix = 0.3}},
    {"articles",
     {.file = "configs/data/articles.csv",
      .response = "articles",
      .family = "poisson",
      .penalty = "l1"}},
    {"weighted",
     {.file = REFERENCE "weighted.csv",
      .response = "y",
      .family = "gaussian",
      .weights = "w",
      .raw = true,
      .prior = {"weights", "laplace(0, 1, lower=0)", "x1", "flat", "x4", "laplace(0, 0.5, lower=0)",
                "x5", "laplace(0, 2, lower=0)"}}},
    {"trials",
     {.file = REFERENCE "trials.csv",
      .response = "y",
      .family = "binomial",
      .trials = "m",
      .raw = true,
      .penalty = "l1"}},
    {"exposure",
     {.file = REFERENCE "exposure.csv",
      .response = "y",
      .family = "poisson",
      .offset = "e",
      .weights = "w",
      .prior = {"weights", "elastic_net(0, 7, 3)"}}},
    {"wide",
     {.file = REFERENCE "wide.csv", .response = "y", .family = "gaussian", .penalty = "l1"}},
    {"twins",
     {.file = REFERENCE "twins.csv",
      .response = "y",
      .family = "gaussian",
      .raw = true,
      .penalty = "elastic_net",
      .mix = 0.8}},
    {"limits",
     {.file = REFERENCE "limits.csv",
      .response = "y",
      .family = "bernoulli",
      .offset = "e",
      .raw = true,
      .no_intercept = true,
      .penalty = "l1",
      .prior = {"x1", "laplace(0, 1, lower=0, upper=0.7)", "x2", "laplace(0, 1, lower=-0.5)", "x3",
                "laplace(0, 1, lower=0)", "*", "laplace(0, 1, lower=-1, upper=1)"}}},
    {"iris",
     {.file = "configs/data/iris.csv",
      .response = "species",
      .family = "multinomial",
      .symmetric = true,
      .prior = {"weights", "laplace(0, 1)", "intercept", "gaussian(0, 1e7)"}}},
};

/* Adding the same to all intercepts of classes changes nothing. */
static void centre_intercepts(double *beta, const mxp_table *table, size_t skip, size_t k)
{
    double sum = 0.0, count = 0.0;

    for (size_t j = 0; j < k; j++)
        if (strncmp(mxp_table_name(table, skip + j), "intercept[", 10) == 0) {
            sum += beta[j];
            count += 1.0;
        }
    for (size_t j = 0; j < k; j++)
        if (strncmp(mxp_table_name(table, skip + j), "intercept[", 10) == 0)
            beta[j] -= sum / count;
}

/* The pinned columns: lambda, dev, then coefficients; without an intercept glmnet shows a 0. */
static void compare(double *beta, const struct pinned *pinned, const mxp_table *table, size_t i)
{
    const size_t skip = pinned->c.no_intercept ? 3 : 2, k = mxp_table_columns(table) - skip;

    centre_intercepts(beta, table, skip, k);
    for (size_t j = 0; j < k; j++) {
        const double want = mxp_table_values(table, skip + j)[i];
        const char *name = mxp_table_name(table, skip + j);
        const bool intercept = strstr(name, "ntercept") != NULL;
        if (!(fabs(beta[j] - want) <= 1e-7 * fmax(1.0, fabs(want))) ||
            (!intercept && (beta[j] == 0.0) != (want == 0.0)))
            fail_msg("%s, point %zu, %s: %.17g, not %.17g", pinned->name, i, name, beta[j], want);
    }
}

static mxp_table *expected(struct path_scene *s, const struct pinned *pinned)
{
    mxp_table *table;
    char file[128];

    snprintf(file, sizeof file, REFERENCE "%s-path.csv", pinned->name);
    good(s, mxp_table_read(&table, file, NULL, &s->error));
    s->options.lambdas = mxp_table_values(table, 0);
    s->options.lambda_count = mxp_table_rows(table);
    return table;
}

static void agrees_with_glmnet(void **state)
{
    const struct pinned *pinned = *state;
    struct path_scene s = path_scene(&pinned->c);
    mxp_table *table = expected(&s, pinned);
    double beta[COEFFICIENTS];

    path_scene_run(&s);
    assert_int_equal(mxp_path_points(s.path), s.options.lambda_count);
    for (size_t i = 0; i < s.options.lambda_count; i++) {
        const mxp_path_point point = mxp_path_at(s.path, i);
        mxp_path_estimates(beta, s.path, i);
        compare(beta, pinned, table, i);
        if (!(fabs(point.deviance_explained - mxp_table_values(table, 1)[i]) < 1e-9))
            fail_msg("%s, point %zu: deviance explained %.17g, not %.17g", pinned->name, i,
                     point.deviance_explained, mxp_table_values(table, 1)[i]);
        assert_int_equal(point.status, MXP_CONVERGED);
        assert_true(point.kkt < 1e-9);
    }
    mxp_table_free(table);
    path_scene_free(&s);
}

/* The generic engine, where the path itself takes the sweep. */
static void generic_agrees_with_glmnet(void **state)
{
    const struct pinned *pinned = *state;
    struct path_scene s = path_scene(&pinned->c);
    mxp_table *table = expected(&s, pinned);
    const struct engine_options options = {
        .tolerance = 1e-10, .max_iterations = 1000, .threads = 1};
    const size_t count = s.options.lambda_count;
    double beta[COEFFICIENTS];
    struct setup *setup;
    struct sweep_point *point;
    void *engine;
    size_t done;

    good(&s, setup_new(&setup, s.problem, &s.options, &s.error));
    good(&s, MEM_NEW(&point, count, &s.error));
    good(&s, engine_generic.start(&engine, s.problem, setup, &options, &s.error));
    good(&s, engine_generic.solve(point, &done, engine, s.options.lambdas, count, NULL, &s.error));
    assert_int_equal(done, count);
    for (size_t i = 0; i < count; i++) {
        setup_theta(beta, setup, &point[i]);
        problem_to_data(beta, s.problem, beta);
        compare(beta, pinned, table, i);
        sweep_point_clear(&point[i]);
    }
    engine_generic.free(engine);
    free(point);
    setup_free(setup);
    mxp_table_free(table);
    path_scene_free(&s);
}

/* ---- against fits at single points ------------------------------------------------------------ */

static const struct pinned fitted[] = {
    {"l1, noise estimated",
     {.file = "configs/data/prostate.csv",
      .response = "lpsa",
      .family = "gaussian",
      .prior = {"weights", "laplace(0, 0.3)", "age", "laplace(0.1, 0.6)", "svi", "flat", "noise_sd",
                "half_normal(1)"}}},
    {"l2, noise fixed, others stay",
     {.file = "configs/data/prostate.csv",
      .response = "lpsa",
      .family = "gaussian",
      .noise = 0.5,
      .prior = {"weights", "gaussian(0, 0.3)", "intercept", "gaussian(2, 1)", "age",
                "laplace(0, 0.2)", "svi", "elastic_net(0, 2, 2)"}}},
    {"l1, a gaussian term stays",
     {.file = "configs/data/birthweight.csv",
      .response = "low",
      .family = "bernoulli",
      .predictors = "age weight smoke earlier hypertension irritability visits",
      .prior = {"weights", "laplace(0, 1)", "intercept", "gaussian(0, 5)", "smoke",
                "gaussian(1, 0.5)"}}},
    {"elastic net of two mixes, bounds",
     {.file = "configs/data/articles.csv",
      .response = "articles",
      .family = "poisson",
      .prior = {"weights", "elastic_net(0, 3, 4)", "women", "elastic_net(0, 1, 5, upper=0)"}}},
    {"classes",
     {.file = "configs/data/iris.csv",
      .response = "species",
      .family = "multinomial",
      .prior = {"weights", "elastic_net(0, 1, 0.2)"}}},
};

static void points_are_fits(void **state)
{
    const struct pinned *pinned = *state;
    struct path_scene s = path_scene(&pinned->c);
    double beta[COEFFICIENTS];

    s.options.points = 9;
    path_scene_run(&s);
    assert_int_equal(mxp_path_at(s.path, 0).nonzeros, strncmp(pinned->name, "l2", 2) == 0 ? 6 : 0);
    for (size_t i = 0; i < 9; i += 2) {
        const mxp_path_point point = mxp_path_at(s.path, i);
        mxp_solution *solution;
        good(&s, mxp_path_apply(s.problem, s.path, i, &s.error));
        good(&s, mxp_fit(&solution, s.problem, NULL, &s.error));
        const mxp_fit_info info = mxp_solution_info(solution);
        const double scale = 1e-9 * fmax(1.0, fabs(point.objective));
        if (!(fabs(point.objective - info.objective) < scale &&
              fabs(point.log_likelihood - info.log_likelihood) < 1e3 * scale &&
              fabs(point.log_prior - info.log_prior) < 1e3 * scale))
            fail_msg("%s, point %zu: %.17g %.17g %.17g, fitted %.17g %.17g %.17g", pinned->name, i,
                     point.objective, point.log_likelihood, point.log_prior, info.objective,
                     info.log_likelihood, info.log_prior);
        mxp_path_estimates(beta, s.path, i);
        for (size_t j = 0; j < mxp_problem_parameters(s.problem); j++) {
            double value;
            good(&s,
                 mxp_solution_estimate(&value, solution, s.problem->parameter[j].name, &s.error));
            if (!(fabs(value - beta[j]) < 1e-6 * fmax(1.0, fabs(value))))
                fail_msg("%s, point %zu, %s: %.17g, fitted %.17g", pinned->name, i,
                         s.problem->parameter[j].name, beta[j], value);
        }
        mxp_solution_free(solution);
    }
    path_scene_free(&s);
}

/* ---- grids, awkward columns, stopping --------------------------------------------------------- */

static void grid_falls_evenly(void **state)
{
    struct path_scene s = path_scene(&cases[0].c);
    (void)state;

    s.options.ratio = 1e-3;
    s.options.points = 31;
    path_scene_run(&s);
    const double first = mxp_path_at(s.path, 0).lambda;
    /* the largest |z'(y - mean)| of the standardised columns: 442 times glmnet's lambda[1] */
    assert_true(fabs(first / 19960.733269044606 - 1.0) < 1e-12);
    assert_int_equal(mxp_path_at(s.path, 0).nonzeros, 0);
    assert_true(mxp_path_at(s.path, 1).nonzeros > 0);
    for (size_t i = 0; i < 31; i++) {
        const mxp_path_point p = mxp_path_at(s.path, i);
        assert_true(fabs(p.lambda / first - pow(1e-3, (double)i / 30.0)) < 1e-14);
        assert_true(fabs(p.scale - p.noise_sd * p.noise_sd / p.lambda) < 1e-12 * p.scale);
        assert_true(p.gap < 1e-12 && p.kkt < 1e-9 && isnan(p.cv_loss));
    }
    assert_int_equal(mxp_path_min(s.path), 31);
    assert_int_equal(mxp_path_chosen(s.path), 31);
    assert_null(mxp_path_held_out(s.path));
    path_scene_free(&s);
}

/* Columns that are constant, the same, dependent, and of sizes 1e-8 and 1e9. */
static void awkward_columns(void **state)
{
    enum { N = 40 };
    static const char *const names[] = {"y", "one", "a", "b", "sum", "small", "large"};
    const char *const penalties[] = {"l1", "elastic_net", "l2"};
    double x[7][N];
    (void)state;

    for (size_t i = 0; i < N; i++) {
        const double t = (double)i;
        x[1][i] = 3.7;
        x[2][i] = sin(1.3 * t);
        x[3][i] = x[2][i];
        x[5][i] = 1e-8 * cos(2.1 * t);
        x[6][i] = 1e9 * sin(0.7 * t) + 3e9;
        x[4][i] = x[2][i] + 1e8 * x[5][i];
        x[0][i] = 2.0 * x[2][i] - 1e8 * x[5][i] + 0.3 * cos(5.0 * t);
    }
    for (int raw = 0; raw < 2; raw++)
        for (size_t p = 0; p < 3; p++) {
            const struct path_case c = {.response = "y",
                                        .family = "gaussian",
                                        .penalty = penalties[p],
                                        .mix = p == 1 ? 0.5 : 0.0,
                                        .raw = raw};
            struct path_scene s = {0};
            good(&s, mxp_table_new(&s.table, N, &s.error));
            for (size_t j = 0; j < 7; j++)
                good(&s, mxp_table_add(s.table, names[j], x[j], &s.error));
            path_scene_problem(&s, &c);
            path_scene_run(&s);
            assert_int_equal(mxp_path_points(s.path), 100);
            for (size_t i = 0; i < 100; i++) {
                const mxp_path_point point = mxp_path_at(s.path, i);
                if (!(point.kkt < 1e-9 && point.status == MXP_CONVERGED && point.gap < 1e-9))
                    fail_msg("%s, raw %d, point %zu: kkt %g, gap %g", penalties[p], raw, i,
                             point.kkt, point.gap);
            }
            path_scene_free(&s);
        }
}

static void stops(void **state)
{
    const volatile int stop = 1;
    struct path_scene s = path_scene(&cases[5].c);
    (void)state;

    s.options.stop = &stop;
    s.options.folds = 5;
    path_scene_run(&s);
    assert_true(mxp_path_stopped(s.path));
    assert_int_equal(mxp_path_points(s.path), 0);
    assert_int_equal(mxp_path_chosen(s.path), 0);
    path_scene_free(&s);
}

/* ---- refusals --------------------------------------------------------------------------------- */

struct refused {
    const char *words;
    struct path_case c;
    mxp_status status;
    const char *constraint;
    size_t points;
};

#define PROSTATE .file = "configs/data/prostate.csv", .response = "lpsa", .family = "gaussian"
static const struct refused refusals[] = {
    {"nothing to penalise", {PROSTATE}, MXP_CONFIG, NULL, 0},
    {"nothing to penalise",
     {PROSTATE, .penalty = "l1", .prior = {"*", "flat"}},
     MXP_CONFIG,
     NULL,
     0},
    {"only laplace, gaussian, elastic_net",
     {PROSTATE, .prior = {"weights", "laplace(0, 1)", "age", "cauchy(0, 1)"}},
     MXP_CONFIG,
     NULL,
     0},
    {"only laplace, gaussian, elastic_net",
     {PROSTATE, .prior = {"weights", "uniform(-1, 1)"}},
     MXP_CONFIG,
     NULL,
     0},
    {"beside an estimated noise sd",
     {PROSTATE, .prior = {"weights", "laplace(0, 1)", "age", "gaussian(0, 1)"}},
     MXP_CONFIG,
     NULL,
     0},
    {"does not move",
     {PROSTATE, .penalty = "l1", .prior = {"weights", "gaussian(0, 1)"}},
     MXP_CONFIG,
     NULL,
     0},
    {"say which of them moves",
     {PROSTATE, .prior = {"age", "gaussian(0, 1)", "svi", "laplace(0, 1)"}, .noise = 1.0},
     MXP_CONFIG,
     NULL,
     0},
    {"constraints yet", {PROSTATE, .penalty = "l1"}, MXP_CONFIG, "age = svi", 0},
    {"for family student_t yet",
     {.file = "configs/data/prostate.csv",
      .response = "lpsa",
      .family = "student_t",
      .penalty = "l1"},
     MXP_CONFIG,
     NULL,
     0},
    {"path.penalty = lasso", {PROSTATE, .penalty = "lasso"}, MXP_USAGE, NULL, 0},
    {"needs path.mix", {PROSTATE, .penalty = "elastic_net"}, MXP_USAGE, NULL, 0},
    {"take elastic_net", {PROSTATE, .penalty = "l1", .mix = 0.5}, MXP_USAGE, NULL, 0},
    {"outside (0, 1]", {PROSTATE, .penalty = "elastic_net", .mix = 2.0}, MXP_USAGE, NULL, 0},
};

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct path_scene s = {0};
        good(&s, mxp_table_read(&s.table, refusals[i].c.file, NULL, &s.error));
        s.constraint = refusals[i].constraint;
        path_scene_problem(&s, &refusals[i].c);
        assert_int_equal(mxp_path_new(&s.path, s.problem, &s.options, &s.error),
                         refusals[i].status);
        if (!strstr(s.error.message, refusals[i].words))
            fail_msg("\"%s\" is not in: %s", refusals[i].words, s.error.message);
        path_scene_free(&s);
    }
}

static void refuses_options(void **state)
{
    const double rising[] = {1.0, 2.0};
    struct path_scene s = path_scene(&cases[0].c);
    (void)state;

    s.options.lambdas = rising;
    s.options.lambda_count = 2;
    assert_int_equal(mxp_path_new(&s.path, s.problem, &s.options, &s.error), MXP_USAGE);
    assert_non_null(strstr(s.error.message, "have to fall"));
    s.options.lambdas = NULL;
    s.options.points = 0;
    assert_int_equal(mxp_path_new(&s.path, s.problem, &s.options, &s.error), MXP_USAGE);
    s.options.points = 5;
    s.options.rule = "2se";
    assert_int_equal(mxp_path_new(&s.path, s.problem, &s.options, &s.error), MXP_USAGE);
    s.options.rule = "1se";
    path_scene_run(&s);
    assert_int_equal(mxp_path_apply(s.problem, s.path, 5, &s.error), MXP_USAGE);
    path_scene_free(&s);
}

static struct CMUnitTest row_test(const struct pinned *row, CMUnitTestFunction test)
{
    union {
        const void *in;
        void *out;
    } data = {row};
    return (struct CMUnitTest){row->name, test, NULL, NULL, data.out};
}

int main(void)
{
    enum {
        CASES = sizeof cases / sizeof *cases,
        FITTED = sizeof fitted / sizeof *fitted,
        ROWS = 2 * CASES + FITTED
    };
    const struct CMUnitTest others[] = {
        cmocka_unit_test(grid_falls_evenly), cmocka_unit_test(awkward_columns),
        cmocka_unit_test(stops), cmocka_unit_test(refuses), cmocka_unit_test(refuses_options)};
    struct CMUnitTest rows[ROWS];

    for (size_t i = 0; i < CASES; i++) {
        rows[i] = row_test(&cases[i], agrees_with_glmnet);
        rows[CASES + i] = row_test(&cases[i], generic_agrees_with_glmnet);
    }
    for (size_t i = 0; i < FITTED; i++)
        rows[2 * CASES + i] = row_test(&fitted[i], points_are_fits);
    return cmocka_run_group_tests(rows, NULL, NULL) + cmocka_run_group_tests(others, NULL, NULL);
}
