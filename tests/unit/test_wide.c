/* More coefficients than rows: the n x n methods and posteriors against the k x k ones, and against a
 * sum in closed form. */
#include "numeric.h"

#include "maxpost/maxpost.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 30, COLUMNS = 80 };

struct wide {
    const char *family, *link, *y, *aux; /* aux: fixed at 0.7 where a name */
    const char *noise_prior;             /* of noise_sd, estimated; or NULL */
    bool standardize, scaled, trials, proper, natural;
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem;
    mxp_solution *solution;
    mxp_posterior *posterior;
    mxp_error error;
};

static char column_names[COLUMNS][8];

/* Numbers without a pattern, the same in every run. */
static double noise(size_t i, size_t j)
{
    const double v = sin(12.9898 * (double)(i + 1) + 78.233 * (double)(j + 1)) * 43758.5453;
    return 2.0 * (v - floor(v)) - 1.0;
}

static void make_table(struct wide *w)
{
    double values[ROWS];
    assert_int_equal(mxp_table_new(&w->table, ROWS, NULL), MXP_OK);
    for (size_t j = 0; j < COLUMNS; j++) {
        snprintf(column_names[j], sizeof column_names[j], "x%zu", j);
        for (size_t i = 0; i < ROWS; i++) /* levels and spreads of their own */
            values[i] = 0.1 * (double)(j % 7) + (1.0 + 0.05 * (double)(j % 11)) * noise(i, j);
        assert_int_equal(mxp_table_add(w->table, column_names[j], values, NULL), MXP_OK);
    }
    static const char *const more[] = {"w", "offset", "trials", "real", "count", "share", "binary"};
    for (size_t c = 0; c < sizeof more / sizeof *more; c++) {
        for (size_t i = 0; i < ROWS; i++) {
            const double u = noise(i, 200 + c);
            const double each[] = {1.5 + u,
                                   0.2 * u,
                                   (double)(3 + i % 4),
                                   2.0 + noise(i, 0) + u,
                                   (double)((i * 7) % 5),
                                   (double)(i % 4),
                                   (double)((i * 5) % 3 == 0)};
            values[i] = each[c];
        }
        values[3] = c == 0 ? 0.0 : values[3]; /* a row without weight */
        assert_int_equal(mxp_table_add(w->table, more[c], values, NULL), MXP_OK);
    }
}

static void make_model(struct wide *w)
{
    const char *names[COLUMNS];
    for (size_t j = 0; j < COLUMNS; j++)
        names[j] = column_names[j];
    assert_int_equal(mxp_model_new(&w->model, w->y, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_family(w->model, w->family, NULL), MXP_OK);
    if (w->link)
        assert_int_equal(mxp_model_set_link(w->model, w->link, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_predictors(w->model, names, COLUMNS, NULL), MXP_OK);
    if (w->trials)
        assert_int_equal(mxp_model_set_trials(w->model, "trials", NULL), MXP_OK);
    mxp_model_set_standardize(w->model, w->standardize);
    mxp_model_set_scale_by_noise(w->model, w->scaled);
    mxp_model_set_mode_natural(w->model, w->natural);
    if (w->aux)
        assert_int_equal(mxp_model_fix_auxiliary(w->model, w->aux, 0.7, NULL), MXP_OK);
    if (w->noise_prior)
        assert_int_equal(mxp_model_set_prior(w->model, "noise_sd", w->noise_prior, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_prior(w->model, "weights", "gaussian(0, 0.3)", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_prior(w->model, "x1*", "gaussian(0.1, 0.2)", NULL), MXP_OK);
    assert_int_equal(
        mxp_model_set_prior(w->model, "intercept", w->proper ? "gaussian(0, 2)" : "flat", NULL),
        MXP_OK);
    if (!w->proper && !w->scaled)
        assert_int_equal(mxp_model_set_prior(w->model, "x5", "flat", NULL), MXP_OK);
}

static mxp_status fit(struct wide *w, const char *method, size_t limit, double tolerance)
{
    static const char *const chosen[] = {"x2*", "(Intercept)", "x5", "noise_sd"};
    mxp_problem_options columns;
    mxp_fit_options how;
    mxp_posterior_options around;

    mxp_problem_options_init(&columns);
    columns.weights = "w";
    columns.offset = "offset";
    mxp_fit_options_init(&how);
    how.method = method;
    how.tolerance = tolerance;
    mxp_posterior_options_init(&around);
    around.covariance_limit = limit;
    around.covariance_terms = chosen;
    around.covariance_term_count = w->noise_prior ? 4 : 3;
    make_table(w);
    make_model(w);
    assert_int_equal(mxp_problem_new(&w->problem, w->model, w->table, &columns, &w->error), MXP_OK);
    mxp_status status = mxp_fit(&w->solution, w->problem, &how, &w->error);
    if (status == MXP_OK)
        status = mxp_posterior_new(&w->posterior, w->problem, w->solution, &around, &w->error);
    return status;
}

static void wide_free(struct wide *w)
{
    mxp_posterior_free(w->posterior);
    mxp_solution_free(w->solution);
    mxp_problem_free(w->problem);
    mxp_model_free(w->model);
    mxp_table_free(w->table);
}

static void assert_fit(struct wide *w, const char *method, size_t limit)
{
    const mxp_status status = fit(w, method, limit, 1e-11);
    if (status != MXP_OK)
        fail_msg("%s by %s: %s", w->family, method, w->error.message);
    assert_string_equal(mxp_solution_info(w->solution).status_text, "converged");
}

static void assert_same_chosen(const struct wide *a, const struct wide *b, const char *what)
{
    size_t count, other;
    const size_t *terms, *others;
    const double *C = mxp_posterior_chosen(&count, &terms, a->posterior);
    const double *D = mxp_posterior_chosen(&other, &others, b->posterior);

    assert_non_null(C);
    assert_non_null(D);
    assert_int_equal(count, other);
    assert_true(count >= 12);
    for (size_t j = 0; j < count; j++) {
        assert_int_equal(terms[j], others[j]);
        for (size_t i = 0; i < count; i++)
            assert_close(C[i + j * count], D[i + j * count], 0.0,
                         1e-10 * sqrt(D[i * (count + 1)] * D[j * (count + 1)]), what, (double)i);
    }
}

/* Modes, sds, evidence, effective parameters, covariances. */
static void assert_same(const struct wide *a, const struct wide *b, const char *what)
{
    const mxp_posterior_info p = mxp_posterior_get_info(a->posterior),
                             q = mxp_posterior_get_info(b->posterior);
    assert_int_equal(mxp_posterior_terms(a->posterior), mxp_posterior_terms(b->posterior));
    for (size_t j = 0; j < mxp_posterior_terms(a->posterior); j++) {
        const mxp_term s = mxp_posterior_term(a->posterior, j),
                       t = mxp_posterior_term(b->posterior, j);
        assert_close(s.estimate, t.estimate, 1e-10, 1e-9 * t.sd, what, (double)j);
        assert_close(s.sd, t.sd, 1e-10, 0.0, what, (double)j);
        assert_close(s.mean, t.mean, 1e-10, 1e-9 * t.sd, what, (double)j);
        assert_close(s.lower, t.lower, 1e-9, 1e-9 * t.sd, what, (double)j);
        if (!isnan(t.standardized_sd))
            assert_close(s.standardized_sd, t.standardized_sd, 1e-10, 0.0, what, (double)j);
    }
    assert_close(p.log_det, q.log_det, 1e-11, 1e-9, what, 0.0);
    assert_close(p.effective_parameters, q.effective_parameters, 1e-9, 0.0, what, 0.0);
    assert_close(p.log_evidence_relative, q.log_evidence_relative, 1e-10, 1e-9, what, 0.0);
    if (isnan(p.log_evidence) != isnan(q.log_evidence))
        fail_msg("%s: one evidence alone", what);
    assert_same_chosen(a, b, what);
}

static const struct wide cases[] = {
    {.family = "gaussian", .y = "real", .aux = "noise_sd"},
    {.family = "gaussian", .y = "real", .aux = "noise_sd", .standardize = true, .proper = true},
    {.family = "bernoulli", .y = "binary"},
    {.family = "bernoulli", .y = "binary", .link = "probit", .standardize = true},
    {.family = "bernoulli", .y = "binary", .link = "cloglog", .proper = true},
    {.family = "binomial", .y = "share", .trials = true},
    {.family = "poisson", .y = "count", .standardize = true},
    {.family = "poisson", .y = "count", .proper = true},
};

static void test_dual(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wide dense = cases[i], dual = cases[i], cg = cases[i];
        const bool gaussian = strcmp(dense.family, "gaussian") == 0;
        assert_fit(&dense, gaussian ? "cholesky" : "newton", 1000);
        assert_fit(&dual, "dual", 10);
        assert_fit(&cg, "newton_cg", 10);
        assert_non_null(mxp_posterior_covariance(dense.posterior));
        assert_null(mxp_posterior_covariance(dual.posterior));
        assert_non_null(mxp_posterior_get_info(dual.posterior).covariance_reason);
        assert_same(&dual, &dense, dense.family);
        assert_same(&cg, &dense, dense.family);
        assert_string_equal(mxp_solution_info(dual.solution).method, "dual");
        assert_string_equal(mxp_solution_info(cg.solution).method, "newton_cg");
        wide_free(&dense);
        wide_free(&dual);
        wide_free(&cg);
    }
}

/* The noise estimated beside the coefficients. */
static void test_noise(void **state)
{
    (void)state;
    static const struct wide noises[] = {
        {.family = "gaussian", .y = "real", .noise_prior = "inverse_gamma(3, 1)"},
        {.family = "gaussian", .y = "real", .noise_prior = "inverse_gamma(3, 1)", .natural = true},
        {.family = "gaussian", .y = "real", .noise_prior = "half_cauchy(1)", .scaled = true},
        {.family = "gaussian",
         .y = "real",
         .noise_prior = "flat",
         .scaled = true,
         .standardize = true},
    };
    for (size_t i = 0; i < sizeof noises / sizeof *noises; i++) {
        struct wide dense = noises[i], dual = noises[i];
        assert_fit(&dense, "cholesky", 1000);
        assert_fit(&dual, "dual", 10);
        assert_same(&dual, &dense, noises[i].noise_prior);
        assert_int_equal(mxp_solution_info(dual.solution).modes,
                         mxp_solution_info(dense.solution).modes);
        wide_free(&dense);
        wide_free(&dual);
    }
}

/* auto picks the dual method from some width on, and says so; a flat coefficient twice is refused as
 * it is elsewhere. */
static void test_refusals(void **state)
{
    (void)state;
    struct wide w = {.family = "bernoulli", .y = "binary"};
    double copy[ROWS];
    make_table(&w);
    make_model(&w);
    assert_int_equal(mxp_model_set_prior(w.model, "x6", "flat", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_prior(w.model, "x7", "flat", NULL), MXP_OK);
    mxp_table_free(w.table);
    make_table(&w);
    memcpy(copy, mxp_table_values(w.table, mxp_table_find(w.table, "x6")), sizeof copy);
    memcpy((double *)(uintptr_t)mxp_table_values(w.table, mxp_table_find(w.table, "x7")), copy,
           sizeof copy);
    mxp_fit_options how;
    mxp_fit_options_init(&how);
    how.method = "dual";
    assert_int_equal(mxp_problem_new(&w.problem, w.model, w.table, NULL, &w.error), MXP_OK);
    assert_int_equal(mxp_fit(&w.solution, w.problem, &how, &w.error), MXP_NO_MODE);
    assert_non_null(strstr(w.error.message, "linearly dependent"));
    wide_free(&w);

    struct wide laplace = {.family = "bernoulli", .y = "binary"};
    make_table(&laplace);
    make_model(&laplace);
    assert_int_equal(mxp_model_set_prior(laplace.model, "x9", "laplace(0, 1)", NULL), MXP_OK);
    assert_int_equal(mxp_problem_new(&laplace.problem, laplace.model, laplace.table, NULL, NULL),
                     MXP_OK);
    assert_int_equal(mxp_fit(&laplace.solution, laplace.problem, &how, &laplace.error), MXP_USAGE);
    assert_non_null(strstr(laplace.error.message, "without a kink"));
    how.method = "newton_cg";
    assert_int_equal(mxp_fit(&laplace.solution, laplace.problem, &how, &laplace.error), MXP_USAGE);
    wide_free(&laplace);

    struct wide noise_free = {.family = "gaussian", .y = "real", .noise_prior = "flat"};
    assert_int_equal(fit(&noise_free, "dual", 10, 1e-9), MXP_NO_MODE);
    assert_non_null(strstr(noise_free.error.message, "runs to 0"));
    wide_free(&noise_free);
}

/* Responses that a flat column tells apart. */
static void test_separated(void **state)
{
    (void)state;
    static const char *const methods[] = {"dual", "newton_cg"};
    for (size_t m = 0; m < 2; m++) {
        struct wide w = {.family = "bernoulli", .y = "binary"};
        mxp_fit_options how;
        mxp_fit_options_init(&how);
        how.method = methods[m];
        make_table(&w);
        double *y =
            (double *)(uintptr_t)mxp_table_values(w.table, mxp_table_find(w.table, "binary"));
        const double *x = mxp_table_values(w.table, mxp_table_find(w.table, "x5"));
        for (size_t i = 0; i < ROWS; i++)
            y[i] = x[i] > 0.4;
        make_model(&w);
        assert_int_equal(mxp_problem_new(&w.problem, w.model, w.table, NULL, &w.error), MXP_OK);
        const mxp_status status = mxp_fit(&w.solution, w.problem, &how, &w.error);
        if (status != MXP_NO_MODE || !strstr(w.error.message, "separated"))
            fail_msg("%s: status %d: %s", methods[m], (int)status,
                     status ? w.error.message : "a mode");
        wide_free(&w);
    }
}

/* Conditioned on kinks, the support's covariance alone. */
static void test_narrow(void **state)
{
    (void)state;
    struct wide two[2] = {{.family = "poisson", .y = "count", .standardize = true},
                          {.family = "poisson", .y = "count", .standardize = true}};
    static const char *const chosen[] = {"x*", "(Intercept)"};
    for (size_t i = 0; i < 2; i++) {
        struct wide *w = &two[i];
        mxp_posterior_options around;
        mxp_posterior_options_init(&around);
        around.at_kinks = "active";
        around.covariance_limit = i ? 10 : 1000;
        around.covariance_terms = chosen;
        around.covariance_term_count = 2;
        make_table(w);
        make_model(w);
        assert_int_equal(mxp_model_set_prior(w->model, "weights", "laplace(0, 0.1)", NULL), MXP_OK);
        assert_int_equal(mxp_model_set_prior(w->model, "x1*", "laplace(0, 0.1)", NULL), MXP_OK);
        assert_int_equal(mxp_problem_new(&w->problem, w->model, w->table, NULL, NULL), MXP_OK);
        assert_int_equal(mxp_fit(&w->solution, w->problem, NULL, &w->error), MXP_OK);
        assert_int_equal(
            mxp_posterior_new(&w->posterior, w->problem, w->solution, &around, &w->error), MXP_OK);
    }
    assert_null(mxp_posterior_covariance(two[1].posterior));
    size_t free_terms = 0;
    for (size_t j = 0; j < mxp_posterior_terms(two[0].posterior); j++) {
        const mxp_term s = mxp_posterior_term(two[0].posterior, j),
                       t = mxp_posterior_term(two[1].posterior, j);
        assert_int_equal(s.at_kink, t.at_kink);
        assert_int_equal(isnan(s.sd), isnan(t.sd));
        if (!isnan(s.sd)) {
            assert_close(t.sd, s.sd, 1e-12, 0.0, s.name, 0.0);
            assert_close(t.standardized_sd, s.standardized_sd, 1e-12, 0.0, s.name, 0.0);
            free_terms++;
        }
    }
    assert_true(free_terms > 3 && free_terms < 40);
    size_t count, other;
    const size_t *terms, *others;
    const double *C = mxp_posterior_chosen(&count, &terms, two[0].posterior);
    const double *D = mxp_posterior_chosen(&other, &others, two[1].posterior);
    assert_int_equal(count, COLUMNS + 1);
    assert_int_equal(other, count);
    for (size_t i = 0; i < count * count; i++)
        assert_close(D[i], C[i], 1e-10, 1e-12, "covariance", (double)i);
    wide_free(&two[0]);
    wide_free(&two[1]);
}

/* Rows that are all alike in the sum of squares: y = x_j for orthogonal columns has the ridge in closed
 * form: each coefficient's posterior is that of one observation. */
static void test_closed_form(void **state)
{
    (void)state;
    enum { N = 4, K = 12 };
    char names[K][8];
    const char *pointers[K];
    double y[N] = {1.0, -2.0, 0.5, 3.0}, x[N];
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem;
    mxp_solution *solution;
    mxp_posterior *posterior;
    mxp_fit_options how;
    mxp_posterior_options around;
    assert_int_equal(mxp_table_new(&table, N, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "y", y, NULL), MXP_OK);
    for (size_t j = 0; j < K; j++) { /* column j: 1 + j / 4 in row j mod 4 */
        for (size_t i = 0; i < N; i++)
            x[i] = i == j % N ? 1.0 + (double)(j / N) : 0.0;
        snprintf(names[j], sizeof names[j], "x%zu", j);
        pointers[j] = names[j];
        assert_int_equal(mxp_table_add(table, names[j], x, NULL), MXP_OK);
    }
    assert_int_equal(mxp_model_new(&model, "y", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_predictors(model, pointers, K, NULL), MXP_OK);
    assert_int_equal(mxp_model_fix_auxiliary(model, "noise_sd", 0.5, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_prior(model, "weights", "gaussian(0, 2)", NULL), MXP_OK);
    mxp_model_set_intercept(model, 0);
    assert_int_equal(mxp_problem_new(&problem, model, table, NULL, NULL), MXP_OK);
    mxp_fit_options_init(&how);
    mxp_posterior_options_init(&around);
    around.covariance_limit = 4;
    assert_int_equal(mxp_fit(&solution, problem, &how, NULL), MXP_OK);
    assert_string_equal(mxp_solution_info(solution).method, "dual");
    assert_int_equal(mxp_posterior_new(&posterior, problem, solution, &around, NULL), MXP_OK);
    for (size_t j = 0; j < K; j++) {
        /* row i has the design (1, 2, 3): y ~ normal(0, 0.25 + 4 (1 + 4 + 9)) */
        const double a = 1.0 + (double)(j / N), total = 0.25 + 4.0 * 14.0;
        const mxp_term t = mxp_posterior_term(posterior, j);
        assert_close(t.estimate, 4.0 * a * y[j % N] / total, 1e-14, 0.0, t.name, 0.0);
        assert_close(t.sd, sqrt(4.0 - 16.0 * a * a / total), 1e-13, 0.0, t.name, 0.0);
    }
    double evidence = 0.0;
    for (size_t i = 0; i < N; i++)
        evidence -= 0.5 * (y[i] * y[i] / 56.25 + log(2.0 * 3.14159265358979323846 * 56.25));
    assert_close(mxp_posterior_get_info(posterior).log_evidence, evidence, 1e-13, 0.0, "evidence",
                 0.0);
    mxp_posterior_free(posterior);
    mxp_solution_free(solution);
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
}

/* More rows than the kernel takes in one piece, and the same bits whatever the threads. */
static void test_tiles(void **state)
{
    (void)state;
    enum { MANY = 1100, K = 150 };
    static char names[K][8];
    const char *pointers[K];
    double *values = malloc(MANY * sizeof *values), slopes[3][K + 1];
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem;
    assert_int_equal(mxp_table_new(&table, MANY, NULL), MXP_OK);
    for (size_t i = 0; i < MANY; i++)
        values[i] = noise(i, 1000) + noise(i, 3) > 0.0;
    assert_int_equal(mxp_table_add(table, "y", values, NULL), MXP_OK);
    for (size_t j = 0; j < K; j++) {
        for (size_t i = 0; i < MANY; i++)
            values[i] = noise(i, j);
        snprintf(names[j], sizeof names[j], "x%zu", j);
        pointers[j] = names[j];
        assert_int_equal(mxp_table_add(table, names[j], values, NULL), MXP_OK);
    }
    assert_int_equal(mxp_model_new(&model, "y", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_family(model, "bernoulli", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_predictors(model, pointers, K, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_prior(model, "weights", "gaussian(0, 0.5)", NULL), MXP_OK);
    assert_int_equal(mxp_problem_new(&problem, model, table, NULL, NULL), MXP_OK);
    for (size_t way = 0; way < 3; way++) {
        mxp_solution *solution;
        mxp_fit_options how;
        mxp_fit_options_init(&how);
        how.method = way == 2 ? "newton" : "dual";
        how.threads = way == 1 ? 3 : 1;
        assert_int_equal(mxp_fit(&solution, problem, &how, NULL), MXP_OK);
        assert_string_equal(mxp_solution_info(solution).status_text, "converged");
        for (size_t j = 0; j <= K; j++)
            assert_int_equal(mxp_solution_estimate(&slopes[way][j], solution,
                                                   j < K ? names[j] : "(Intercept)", NULL),
                             MXP_OK);
        mxp_solution_free(solution);
    }
    assert_memory_equal(slopes[0], slopes[1], sizeof slopes[0]);
    for (size_t j = 0; j <= K; j++)
        assert_close(slopes[0][j], slopes[2][j], 1e-9, 1e-10, "slope", (double)j);
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dual),     cmocka_unit_test(test_noise),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_separated),
        cmocka_unit_test(test_narrow),   cmocka_unit_test(test_closed_form),
        cmocka_unit_test(test_tiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
