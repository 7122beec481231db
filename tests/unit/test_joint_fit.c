/* Fits and posteriors with priors on several coefficients and linear constraints against pins that
 * were made apart from the program. */
#include "joint_case.h"
#include "joint_pins.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_gaussian_priors),
                                       cmocka_unit_test(test_constraints),
                                       cmocka_unit_test(test_group_laplace),
                                       cmocka_unit_test(test_mixed), cmocka_unit_test(test_levels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
