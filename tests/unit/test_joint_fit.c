/* Fits and posteriors with priors on several coefficients and linear constraints, through the
 * public interface: against pins that were made apart from the program, against limits and
 * identities, and by their certificate. */
#include "chance.h"
#include "joint_pins.h"
#include "numeric.h"

#include "maxpost/maxpost.h"

#include <stdbool.h>
#include <stdio.h>
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

static void fitted_free(struct fitted *f)
{
    mxp_posterior_free(f->posterior);
    mxp_solution_free(f->solution);
    mxp_problem_free(f->problem);
    mxp_model_free(f->model);
    mxp_table_free(f->table);
}

static const char *const columns[COLUMNS] = {"x1", "x2", "x3", "x4", "x5", "x6", "x7"};

/* ---- the data of tests/reference/joint.py ---- */

static int integer(int i, int j)
{
    return (i * (2 * j + 3) * (j + 5) + 7 * j + i * i * (j + 1)) % 23 - 11;
}

static double response(const char *family, int i)
{
    const int a = integer(i, 0), b = integer(i, 1), c = integer(i, 2);
    const int e = (i * i * 13 + i * 5) % 29 - 14, sum = a - b + e + 20;

    if (strcmp(family, "bernoulli") == 0)
        return a - b + c + e > 0;
    if (strcmp(family, "poisson") == 0)
        return sum > 0 ? sum / 10 : 0;
    return (2 * a - 2 * b + c) / 10.0 + e / 10.0;
}

static void make_synthetic(mxp_table **table, const struct joint_case *c)
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

static void set_data(struct fitted *f, const struct joint_case *c)
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

static void set_joints(struct fitted *f, const struct joint_case *c)
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

static mxp_status case_problem(struct fitted *f, const struct joint_case *c)
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
static void case_fit(struct fitted *f, const struct joint_case *c)
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

/* ---- against the pins ---- */

static const struct joint_pin *find_pin(const char *name)
{
    for (size_t i = 0; i < sizeof joint_pins / sizeof *joint_pins; i++)
        if (strcmp(joint_pins[i].name, name) == 0)
            return &joint_pins[i];
    fail_msg("there is no pin %s", name);
    return NULL;
}

static void assert_pinned(const struct joint_case *c)
{
    const struct joint_pin *const pin = find_pin(c->pin);
    struct fitted f;

    case_fit(&f, c);
    assert_int_equal(mxp_posterior_terms(f.posterior), pin->count);
    assert_close(mxp_solution_info(f.solution).objective, pin->objective, 1e-11, 0.0, c->pin, 0.0);
    assert_true(mxp_solution_info(f.solution).kkt <= 1e-9);
    if (!isnan(pin->evidence))
        assert_close(mxp_posterior_get_info(f.posterior).log_evidence, pin->evidence, 1e-11, 0.0,
                     c->pin, 0.0);
    for (size_t j = 0; j < pin->count; j++) {
        const mxp_term term = mxp_posterior_term(f.posterior, j);
        const bool out = pin->estimate[j] == 0.0;
        assert_close(term.estimate, pin->estimate[j], 1e-8, 1e-9, c->pin, (double)j);
        assert_int_equal(term.at_kink != 0, out);
        if (!isnan(pin->sd[j]))
            assert_close(term.sd, pin->sd[j], 1e-8, 1e-12, c->pin, (double)j);
        if (out)
            assert_true(term.estimate == 0.0 && isnan(term.sd) && term.kink_slack >= 0.0);
    }
    fitted_free(&f);
}

static void test_gaussian_priors(void **state)
{
    static const double S[9] = {225, 30, 110.25, 30, 225, 157.5, 110.25, 157.5, 225};
    const struct joint_case cases[] = {
        {.pin = "ar1", .group = {{"sera", "ar1(0.7, 15)", {"s?"}}}},
        {.pin = "covariance",
         .intercept = "gaussian(150, 30)",
         .group = {{"sera", "gaussian", {"s1", "s2", "s3"}}},
         .matrix = S,
         .order = 3},
        {.pin = "rw1", .group = {{"sera", "rw1(3)", {"s?"}}}},
        {.pin = "rw2", .group = {{"sera", "rw2(3)", {"s1", "s2", "s3", "s4", "s5", "s6"}}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct joint_case c = cases[i];
        c.diabetes = true;
        c.noise = 54.0;
        c.weights = "gaussian(0, 20)";
        assert_pinned(&c);
    }
}

static void test_constraints(void **state)
{
    const struct joint_case cases[] = {
        {.pin = "soft",
         .intercept = "gaussian(150, 30)",
         .constraint = {"bmi - 2*bp ~ gaussian(0, 0.1)", "age + s5/2 - 3 ~ gaussian(0, 2)"}},
        {.pin = "hard", .constraint = {"bmi = 4*bp", "age + sex = 0.5"}},
        {.pin = "hard",
         .constraint = {"bmi = 4*bp", "age + sex = 0.5", "2*bmi - 8*bp + age + sex = 0.5"}},
        {.pin = "hard intercept", .constraint = {"intercept + 2*bmi = 10"}},
        {.pin = "hard intercept", .constraint = {"`(Intercept)`/2 + bmi = 5"}},
        {.pin = "hard standardized",
         .standardized = true,
         .constraint = {"intercept + 2*bmi = 190"}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct joint_case c = cases[i];
        c.diabetes = true;
        c.noise = 54.0;
        c.weights = "gaussian(0, 20)";
        assert_pinned(&c);
    }
}

static void test_group_laplace(void **state)
{
    struct joint_case c = {
        .pin = "group",
        .diabetes = true,
        .noise = 54.0,
        .weights = "gaussian(0, 20)",
        .group = {{"a", "group_laplace(0.8)", {"s1", "s2", "s3"}},
                  {"b", "group_laplace(0.05)", {"age", "sex"}}},
    };

    (void)state;
    assert_pinned(&c);
    c = (struct joint_case){
        .pin = "bernoulli",
        .family = "bernoulli",
        .noise = NAN,
        .prior = {{"x7", "laplace(0, 0.3)"}},
        .group = {{"a", "group_laplace(1)", {"x1", "x2", "x3"}},
                  {"b", "group_laplace(0.05)", {"x4", "x5", "x6"}}},
    };
    assert_pinned(&c);
    c.pin = c.family = "poisson";
    c.prior[0].prior = "laplace(0, 0.05)";
    c.group[0].prior = "group_laplace(0.3)";
    c.group[1].prior = "group_laplace(0.015)";
    assert_pinned(&c);
    c.pin = c.family = "gaussian"; /* with its noise estimated */
    c.prior[0].prior = "laplace(0, 0.1)";
    c.group[1].prior = "group_laplace(0.05)";
    assert_pinned(&c);
}

static void test_mixed(void **state)
{
    const struct joint_case mixed = {
        .pin = "mixed",
        .family = "bernoulli",
        .prior = {{"x5", "laplace(0, 0.5)"},
                  {"x6", "gaussian(0, 1, lower=-2)"},
                  {"x7", "gaussian(0, 1, lower=0.5)"}},
        .group = {{"a", "group_laplace(0.5)", {"x1", "x2"}},
                  {"b", "group_laplace(0.03)", {"x3", "x4"}}},
    };
    const struct joint_case classes = {
        .pin = "multinomial",
        .family = "multinomial",
        .prior = {{"x7", "gaussian(0, 1)"}},
        .group = {{"a", "group_laplace(0.3)", {"x1", "x2", "x3"}},
                  {"b", "group_laplace(0.08)", {"x4", "x4", "x5", "x6"}}}, /* x4 twice */
    };

    (void)state;
    assert_pinned(&mixed);
    assert_pinned(&classes);
}

/* A walk over the levels of a factor; its name is all of its columns. */
static void test_levels(void **state)
{
    struct joint_case c = {.pin = "levels rw1",
                           .family = "gaussian",
                           .noise = 1.5,
                           .factor = true,
                           .group = {{"walk", "rw1(0.5)", {"level"}}}};
    struct fitted f;

    (void)state;
    assert_pinned(&c);
    c.pin = "levels rw2";
    c.group[0].prior = "rw2(0.5)";
    c.group[0].term[0] = "level[*]";
    assert_pinned(&c);
    case_fit(&f, &c);
    assert_string_equal(mxp_posterior_term(f.posterior, 1).prior, "rw2(0.5) on walk");
    const mxp_posterior_info info = mxp_posterior_get_info(f.posterior);
    assert_true(isnan(info.log_evidence) && !isnan(info.log_evidence_relative));
    fitted_free(&f);
}

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
        cmocka_unit_test(test_gaussian_priors), cmocka_unit_test(test_constraints),
        cmocka_unit_test(test_group_laplace),   cmocka_unit_test(test_mixed),
        cmocka_unit_test(test_levels),          cmocka_unit_test(test_contradiction),
        cmocka_unit_test(test_limit),           cmocka_unit_test(test_subspace),
        cmocka_unit_test(test_determined),      cmocka_unit_test(test_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
