/* Priors on several coefficients and linear constraints: limits and identities, and the certificate
 * of random problems. */
#include "chance.h"
#include "joint_case.h"

#include <stdio.h>

/* ---- constraints: limits and identities ---- */

static void test_contradiction(void **state)
{
    const struct joint_case c = {
        .family = "gaussian", .noise = 1.5, .constraint = {"x1 + x2 = 1", "x1 = x2", "x1 = 0.4"}};
    struct fitted f;

    (void)state;
    assert_int_equal(case_problem(&f, &c), MXP_CONFIG);
    assert_non_null(strstr(f.error.message, "contradict"));
    fitted_free(&f);
}

/* A hard constraint is what a soft one tends to as its sd falls to 0. */
static void test_limit(void **state)
{
    static const char *const families[] = {"gaussian", "bernoulli", "poisson"};
    struct joint_case hard = {.weights = "gaussian(0, 1)", .constraint = {"x1 + x2 - x3 = 0.2"}};
    struct joint_case soft = hard;
    struct fitted h, s;

    (void)state;
    soft.constraint[0] = "x1 + x2 - x3 ~ gaussian(0.2, 1e-5)";
    for (size_t i = 0; i < 3; i++) {
        hard.family = soft.family = families[i];
        hard.noise = soft.noise = i == 0 ? 1.5 : NAN;
        case_fit(&h, &hard);
        case_fit(&s, &soft);
        for (size_t j = 0; j < mxp_posterior_terms(h.posterior); j++) {
            const mxp_term a = mxp_posterior_term(h.posterior, j);
            const mxp_term b = mxp_posterior_term(s.posterior, j);
            assert_close(b.estimate, a.estimate, 0.0, 1e-6, families[i], (double)j);
            assert_close(b.sd, a.sd, 1e-6, 0.0, families[i], (double)j);
        }
        fitted_free(&h);
        fitted_free(&s);
    }
}

/* The mode satisfies A theta = b and the covariance A C = 0, on the scale of the data, with the
 * noise estimated, columns standardised, and other families. */
static void assert_on_subspace(const struct joint_case *c, const double *a, double b)
{
    struct fitted f;
    double sum = -b, size = fabs(b);

    case_fit(&f, c);
    const size_t d = mxp_posterior_terms(f.posterior);
    const double *C = mxp_posterior_covariance(f.posterior);
    for (size_t j = 0; j < d; j++) {
        const double term = a[j] * mxp_posterior_term(f.posterior, j).estimate;
        sum += term;
        size += fabs(term);
    }
    assert_true(fabs(sum) <= 1e-13 * size);
    for (size_t i = 0; i < d; i++) {
        double product = 0.0;
        size = 0.0;
        for (size_t j = 0; j < d; j++) {
            product += C[i + j * d] * a[j];
            size += fabs(C[i + j * d] * a[j]);
        }
        if (!(fabs(product) <= 1e-11 * size))
            fail_msg("row %zu of A C: %.3g of %.3g", i, product, size);
        const mxp_term term = mxp_posterior_term(f.posterior, i);
        if (!term.auxiliary)
            assert_close(term.sd, sqrt(C[i + i * d]), 1e-7, 1e-9, "sd", (double)i);
    }
    fitted_free(&f);
}

static void test_subspace(void **state)
{
    const double bmi[] = {0, 0, 0, 1, -4, 0, 0, 0, 0, 0, 0, 0};
    const double level[] = {1, 40, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0};
    const double x[] = {0.5, 1, -2, 0, 0, 0, 0, 1};
    struct joint_case c = {.diabetes = true,
                           .noise = NAN,
                           .weights = "gaussian(0, 20)",
                           .constraint = {"bmi - 4*bp = 0.25"}};

    (void)state;
    assert_on_subspace(&c, bmi, 0.25);
    c.constraint[0] = "intercept + 40*age + 2*bmi = 3";
    assert_on_subspace(&c, level, 3.0);
    c = (struct joint_case){.family = "poisson",
                            .weights = "gaussian(0, 1)",
                            .constraint = {"intercept/2 + x1 - 2*x2 + x7 = 1"}};
    assert_on_subspace(&c, x, 1.0);
    c.family = "bernoulli";
    assert_on_subspace(&c, x, 1.0);
}

/* What constraints leave no freedom has sd 0, exactly. */
static void test_determined(void **state)
{
    const struct joint_case c = {.diabetes = true,
                                 .noise = NAN,
                                 .weights = "gaussian(0, 20)",
                                 .constraint = {"intercept = 100", "s1 + s2 = 1", "s1 - s2 = 0.2"}};
    struct fitted f;

    (void)state;
    case_fit(&f, &c);
    for (size_t j = 0; j < mxp_posterior_terms(f.posterior); j++) {
        const mxp_term term = mxp_posterior_term(f.posterior, j);
        const bool set = j == 0 || strcmp(term.name, "s1") == 0 || strcmp(term.name, "s2") == 0;
        assert_int_equal(term.sd == 0.0, set);
    }
    assert_close(mxp_posterior_term(f.posterior, 0).estimate, 100.0, 1e-14, 0.0, "intercept", 0.0);
    fitted_free(&f);
}

/* ---- any group problem ---- */

static void add_random_data(struct fitted *f, struct chance *chance, const char *family)
{
    double x[COLUMNS][ROWS], y[ROWS], slope[COLUMNS];

    assert_int_equal(mxp_table_new(&f->table, ROWS, NULL), MXP_OK);
    for (size_t j = 0; j < COLUMNS; j++)
        slope[j] = chance_uniform(chance) < 0.5 ? 0.0 : 0.7 * chance_normal(chance);
    for (size_t i = 0; i < ROWS; i++) {
        const double shared = chance_normal(chance);
        double eta = 0.3;
        for (size_t j = 0; j < COLUMNS; j++) {
            x[j][i] = 0.6 * (chance_normal(chance) + shared);
            eta += slope[j] * x[j][i];
        }
        y[i] = strcmp(family, "bernoulli") == 0
                   ? (double)(chance_uniform(chance) < 1.0 / (1.0 + exp(-eta)))
               : strcmp(family, "poisson") == 0 ? chance_poisson(chance, exp(fmin(eta, 4.0)))
                                                : eta + chance_normal(chance);
    }
    for (size_t j = 0; j < COLUMNS; j++)
        assert_int_equal(mxp_table_add(f->table, columns[j], x[j], NULL), MXP_OK);
    assert_int_equal(mxp_table_add(f->table, "y", y, NULL), MXP_OK);
}

/* Each column joins one of three groups or stays alone with a prior of some kind. */
static void add_random_priors(struct fitted *f, struct chance *chance)
{
    static const char *const own[] = {"laplace(0, 0.4)", "gaussian(0, 2)", "laplace(0.2, 0.2)"};
    const char *member[3][COLUMNS];
    size_t count[3] = {0};
    char text[64];

    for (size_t j = 0; j < COLUMNS; j++) {
        const size_t g = (size_t)chance_between(chance, 0.0, 4.0);
        if (g < 3)
            member[g][count[g]++] = columns[j];
        else
            assert_int_equal(mxp_model_set_prior(f->model, columns[j],
                                                 own[(size_t)chance_between(chance, 0.0, 3.0)],
                                                 NULL),
                             MXP_OK);
    }
    for (size_t g = 0; g < 3; g++) {
        if (count[g] == 0)
            continue;
        const double scale = exp(chance_between(chance, -5.0, 1.0));
        (void)snprintf(text, sizeof text, "group_laplace(%.3g, %.2g)", scale,
                       chance_uniform(chance) < 0.3 ? chance_normal(chance) : 0.0);
        const bool walk = count[g] > 1 && chance_uniform(chance) < 0.2;
        assert_int_equal(mxp_model_add_group(f->model,
                                             g == 0   ? "a"
                                             : g == 1 ? "b"
                                                      : "c",
                                             member[g], count[g], walk ? "ar1(0.6, 1)" : text,
                                             NULL),
                         MXP_OK);
    }
    if (chance_uniform(chance) < 0.3)
        assert_int_equal(
            mxp_model_add_constraint(f->model, "x1 - x2 + 2*x3 ~ gaussian(0.1, 0.2)", NULL),
            MXP_OK);
}

static void test_certificates(void **state)
{
    static const char *const families[] = {"gaussian", "bernoulli", "poisson"};
    struct chance chance = {20240607};
    size_t out = 0;

    (void)state;
    for (size_t round = 0; round < 200; round++) {
        const char *family = families[round % 3];
        struct fitted f = {0};
        add_random_data(&f, &chance, family);
        assert_int_equal(mxp_model_new(&f.model, "y", NULL), MXP_OK);
        assert_int_equal(mxp_model_set_family(f.model, family, NULL), MXP_OK);
        mxp_model_set_standardize(f.model, chance_uniform(&chance) < 0.5);
        add_random_priors(&f, &chance);
        mxp_status status = mxp_problem_new(&f.problem, f.model, f.table, NULL, &f.error);
        if (status == MXP_OK)
            status = mxp_fit(&f.solution, f.problem, NULL, &f.error);
        if (status == MXP_OK)
            status = mxp_posterior_new(&f.posterior, f.problem, f.solution, NULL, &f.error);
        if (status != MXP_OK)
            fail_msg("round %zu, %s: %s", round, family, f.error.message);
        const mxp_fit_info info = mxp_solution_info(f.solution);
        if (info.status != MXP_CONVERGED || !(info.kkt <= 1e-9))
            fail_msg("round %zu, %s: %s, residual %.3g", round, family, info.status_text, info.kkt);
        for (size_t j = 0; j < mxp_posterior_terms(f.posterior); j++)
            out += mxp_posterior_term(f.posterior, j).at_kink != 0;
        fitted_free(&f);
    }
    assert_true(out > 100 && out < 200 * COLUMNS); /* both sides of the kinks were seen */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contradiction), cmocka_unit_test(test_limit),
        cmocka_unit_test(test_subspace), cmocka_unit_test(test_determined),
        cmocka_unit_test(test_certificates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
