/* Predictions of numbers and log predictive densities: closed forms, pinned integrals, long Monte
 * Carlo, and every family and link of the tables. */
#include "num/rng.h"
#include "num/special.h"
#include "predict_pins.h"
#include "predict_scene.h"

#include <stdio.h>

static void test_pins(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        struct scene c = {.family = family_find(pins[i].family),
                          .m = pins[i].m,
                          .s = pins[i].s,
                          .trials = pins[i].trials,
                          .psi = {pins[i].psi[0], pins[i].psi[1]}};
        char what[100];
        snprintf(what, sizeof what, "%s %s y %g", pins[i].family, pins[i].link, pins[i].y);
        c.link = (size_t)family_link(c.family, pins[i].link);
        if (isnan(pins[i].y)) {
            const struct predict_number n = scene_number(&c);
            assert_close(n.expected, pins[i].first, 1e-9, 0, what, c.m);
            assert_close(n.sd_predictive, pins[i].second, 1e-9, 0, what, c.m);
        } else {
            const struct predict_density d = scene_density(&c, pins[i].y);
            assert_close(d.expected, pins[i].first, 1e-9, 1e-9, what, c.m);
            assert_true(d.standard_error == 0);
        }
    }
}

static struct scene named(const char *family, const char *link, double m, double s, double psi)
{
    const struct family *row = family_find(family);
    return (struct scene){row, (size_t)family_link(row, link), m, s, 1, {psi, psi}};
}

/* sd^2 of y = noise^2 + v, and the log link's lognormal moments. */
static void test_gaussian(void **state)
{
    (void)state;
    for (double s = 1e-3; s < 3; s *= 2.1) {
        const struct scene identity = named("gaussian", "identity", -1.3, s, 0.8);
        const struct scene logged = named("gaussian", "log", -1.3, s, 0.8);
        const struct predict_number a = scene_number(&identity), b = scene_number(&logged);
        const double z = special_normal_quantile(0.975), mean = exp(-1.3 + 0.5 * s * s);
        assert_close(a.sd_predictive, hypot(0.8, s), 1e-14, 0, "sd", s);
        assert_true(a.mean == -1.3 && a.expected == -1.3 && a.sd_eta == sqrt(s * s));
        assert_close(a.lower, -1.3 - z * s, 1e-14, 0, "lower", s);
        assert_close(a.upper, -1.3 + z * s, 1e-14, 0, "upper", s);
        assert_close(b.expected, mean, 1e-14, 0, "lognormal mean", s);
        assert_close(b.sd_predictive, hypot(0.8, mean * sqrt(expm1(s * s))), 1e-14, 0,
                     "lognormal sd", s);
        assert_close(b.mean, exp(-1.3), 1e-14, 0, "plug-in", s);
        assert_close(b.lower, exp(-1.3 - z * s), 1e-14, 0, "lower", s);
    }
}

/* Counts through the log and the square root, gamma's constant relative variance. */
static void test_positive(void **state)
{
    (void)state;
    for (double s = 1e-3; s < 2; s *= 2.3) {
        const double v = s * s, mean = exp(0.7 + 0.5 * v), second = mean * mean * exp(v);
        const struct scene poisson = named("poisson", "log", 0.7, s, 1);
        const struct scene negative = named("negative_binomial", "log", 0.7, s, 2.5);
        const struct scene gamma = named("gamma", "log", 0.7, s, 2.5);
        const double spread = mean * mean * expm1(v);
        assert_close(scene_number(&poisson).sd_predictive, sqrt(mean + spread), 1e-9, 0, "log", s);
        assert_close(scene_number(&negative).sd_predictive, sqrt(mean + second / 2.5 + spread),
                     1e-9, 0, "size", s);
        assert_close(scene_number(&gamma).sd_predictive, sqrt(second / 2.5 + spread), 1e-9, 0,
                     "shape", s);
    }
    const struct scene root = named("poisson", "sqrt", 6, 0.5, 1);
    const struct predict_number n = scene_number(&root);
    assert_close(n.expected, 36.25, 1e-14, 0, "sqrt", 6);
    assert_close(n.sd_predictive, sqrt(36.25 + 2 * 0.0625 + 4 * 36 * 0.25), 1e-9, 0, "sqrt", 6);
}

/* Bernoulli: the average probability is all there is, far into both tails. */
static void test_shares(void **state)
{
    (void)state;
    for (double m = -30; m <= 30; m += 3.3)
        for (double s = 0.01; s < 20; s *= 3) {
            const struct scene c = named("bernoulli", "probit", m, s, 1);
            const struct predict_number n = scene_number(&c);
            const double z = m / hypot(1, s);
            const double yes = special_normal_cdf(z), no = special_normal_cdf(-z);
            assert_close(n.expected, yes, 1e-13, 1e-300, "probit", m);
            assert_close(n.sd_predictive, sqrt(yes * no), 1e-8, 1e-150, "sd", m);
            assert_close(scene_density(&c, 1).expected, special_log_phi(z), 1e-13, 1e-9, "log", m);
            assert_close(scene_density(&c, 0).expected, special_log_phi(-z), 1e-13, 1e-9, "log", m);
        }
}

/* Families of shares have the same variance at a mean and at its complement, and every variance is
 * positive inside the support: what the averages rely on. */
static void variances_of(struct scene c)
{
    const char *link = c.family->links[c.link];
    const double here = c.family->variance(0.3, c.psi), there = c.family->variance(0.7, c.psi);
    assert_true(here > 0);
    if (!strcmp(link, "logit") || !strcmp(link, "probit") || !strcmp(link, "cloglog") ||
        !strcmp(link, "cauchit"))
        assert_close(here, there, 1e-14, 0, c.family->name, 0.3);
}

static void test_variances(void **state)
{
    (void)state;
    scene_each(variances_of);
}

/* Finite unless a reason says why not; intervals hold the mode; noise only adds. */
static void numbers_of(struct scene c)
{
    const bool inverse = strcmp(c.family->links[c.link], "inverse") == 0;
    for (double s = 0; s < 1; s += 0.19) {
        c.s = s;
        const struct predict_number n = scene_number(&c);
        if (!(n.lower <= n.location && n.location <= n.upper) || n.mean != n.location)
            fail_msg("%s %s: %g is not inside %g, %g", c.family->name, c.family->links[c.link],
                     n.location, n.lower, n.upper);
        assert_true(isfinite(n.lower) && isfinite(n.upper) && n.interval_reason == PREDICT_KNOWN);
        assert_true(s == 0 ? n.lower == n.upper : n.lower < n.upper);
        assert_close(n.sd_eta, s, 1e-15, 0, "sd_eta", s);
        if (inverse && s > 0) {
            assert_true(isnan(n.expected) && n.expected_reason == PREDICT_POLE);
            assert_true(isnan(n.sd_predictive) && n.predictive_reason == PREDICT_POLE);
            continue;
        }
        const double noise = c.family->variance(n.location, c.psi) / c.trials;
        assert_true(n.expected_reason == PREDICT_KNOWN && n.predictive_reason == PREDICT_KNOWN);
        assert_true(isfinite(n.expected) && isfinite(n.sd_predictive) && n.sd_predictive > 0);
        if (s == 0)
            assert_close(n.sd_predictive, sqrt(noise), 1e-14, 0, c.family->name, c.m);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    scene_each(numbers_of);
}

/* The mean and variance of draws of y over draws of eta, within 5 standard errors. */
static void draws_of(struct scene c)
{
    enum { DRAWS = 100000 };
    const struct predict_number n = scene_number(&c);
    struct rng rng = rng_stream(17, c.link);
    double first = 0, second = 0, fourth = 0;
    if (strcmp(c.family->links[c.link], "inverse") == 0)
        return;
    for (size_t i = 0; i < DRAWS; i++) {
        const double eta = c.m + c.s * rng_normal(&rng);
        const double y =
            c.family->draw(&rng, c.link, &eta, 1, false, c.trials, c.psi) / c.trials - n.expected;
        first += y / DRAWS;
        second += y * y / DRAWS;
        fourth += y * y * y * y / DRAWS;
    }
    const double variance = n.sd_predictive * n.sd_predictive;
    assert_close(first, 0, 0, 5 * sqrt(second / DRAWS), c.family->name, c.m);
    assert_close(second, variance, 0, 5 * sqrt((fourth - second * second) / DRAWS) + 1e-9,
                 c.family->name, c.m);
}

static void test_draws(void **state)
{
    (void)state;
    scene_each(draws_of);
}

/* The predictive masses of counts sum to 1, and have the mean that was predicted. */
static void masses_of(struct scene c)
{
    const double most = c.family->response == RESPONSE_TRIALS ? c.trials
                        : c.family == &family_bernoulli       ? 1
                                                              : 400;
    double total = 0, mean = 0;
    if (c.family->check(0.5, c.trials) == NULL || c.family->check(-1, c.trials) == NULL)
        return; /* continuous */
    for (double y = 0; y <= most; y++) {
        if (c.family->check(y, c.trials))
            continue;
        const double mass = exp(scene_density(&c, y).expected);
        total += mass;
        mean += mass * y / c.trials;
    }
    if (total < 0.5)
        return; /* a continuous positive response */
    assert_close(total, 1, 0, 1e-8, c.family->name, c.m);
    assert_close(mean, scene_number(&c).expected, 1e-7, 0, c.family->name, c.m);
}

static void test_masses(void **state)
{
    (void)state;
    scene_each(masses_of);
    struct scene wide = named("poisson", "identity", 2, 1.2, 1); /* 4.8 % of eta is below 0 */
    double total = 0;
    for (double y = 0; y < 60; y++)
        total += exp(scene_density(&wide, y).expected);
    assert_close(total, 1, 0, 1e-8, "conditional", 2);
}

/* Without variance both densities agree; the density tends there as the variance falls. */
static void densities_of(struct scene c)
{
    const double y = c.family->check(2, c.trials) ? c.family->check(1, c.trials) ? 0.3 : 1 : 2;
    const double plug_in = scene_density(&c, y).plug_in;
    c.s = 0;
    assert_true(scene_density(&c, y).expected == plug_in && isfinite(plug_in));
    c.s = 1e-5;
    assert_close(scene_density(&c, y).expected, plug_in, 0, 1e-7, c.family->name, c.m);
    c.s = NAN;
    assert_true(isnan(scene_density(&c, y).expected));
    assert_int_equal(scene_density(&c, y).expected_reason, PREDICT_NO_COVARIANCE);
}

static void test_densities(void **state)
{
    (void)state;
    scene_each(densities_of);
}

/* y without a mean or a variance. */
static void test_student(void **state)
{
    struct scene c = named("student_t", "identity", 2, 0.5, 1);
    (void)state;
    struct predict_number n = scene_number(&c); /* df 1 */
    assert_true(isnan(n.mean) && n.mean_reason == PREDICT_NO_MEAN && n.location == 2);
    assert_true(isnan(n.expected) && n.expected_reason == PREDICT_NO_MEAN);
    assert_true(isnan(n.sd_predictive) && n.predictive_reason == PREDICT_NO_VARIANCE);
    assert_true(n.lower < 2 && n.upper > 2);
    c.psi[0] = 2;
    n = scene_number(&c);
    assert_true(n.mean == 2 && n.expected == 2 && isnan(n.sd_predictive));
    assert_int_equal(n.predictive_reason, PREDICT_NO_VARIANCE);
    c.psi[0] = 3;
    assert_close(scene_number(&c).sd_predictive, sqrt(3 + 0.25), 1e-14, 0, "df 3", 3);
    c.psi[0] = 1;
    c.link = (size_t)family_link(c.family, "log");
    assert_true(isnan(scene_number(&c).mean) && scene_number(&c).location == exp(2));
}

/* Falling and restricted links: the interval turns round, ends at the domain, or is none. */
static void test_domains(void **state)
{
    struct scene c = named("gamma", "inverse", 0.5, 0.1, 3);
    const double z = special_normal_quantile(0.975);
    struct predict_number n = scene_number(&c);
    (void)state;
    assert_close(n.lower, 1 / (0.5 + z * 0.1), 1e-14, 0, "lower", 0.5);
    assert_close(n.upper, 1 / (0.5 - z * 0.1), 1e-14, 0, "upper", 0.5);
    c.s = 0.3;
    n = scene_number(&c);
    assert_true(n.upper == INFINITY && n.interval_reason == PREDICT_POLE && n.lower > 0);
    c.m = -0.5;
    n = scene_number(&c);
    assert_true(isnan(n.mean) && n.mean_reason == PREDICT_OUTSIDE && isnan(n.sd_predictive));
    assert_true(isnan(n.upper) && n.interval_reason == PREDICT_OUTSIDE);
    c = named("gaussian", "inverse", -0.5, 0.1, 3);
    n = scene_number(&c);
    assert_true(n.mean == -2 && n.lower < -2 && n.upper > -2 && n.upper < 0);
    c.s = 0.5;
    n = scene_number(&c);
    assert_true(n.mean == -2 && isnan(n.lower) && n.interval_reason == PREDICT_POLE);
    c = named("poisson", "identity", 0.5, 1, 3);
    n = scene_number(&c);
    assert_true(n.lower == 0 && n.mean == 0.5 && isnan(n.expected));
    assert_int_equal(n.expected_reason, PREDICT_OUTSIDE);
    c = named("poisson", "log", 800, 0.1, 3);
    assert_int_equal(scene_number(&c).mean_reason, PREDICT_OVERFLOW);
    c = named("poisson", "log", 1, 30, 3);
    n = scene_number(&c);
    assert_true(isnan(n.expected) && n.expected_reason == PREDICT_OVERFLOW && isfinite(n.upper));
    c = named("binomial", "logit", 0, 0.5, 3);
    c.trials = 0;
    n = scene_number(&c);
    assert_true(n.expected > 0 && n.predictive_reason == PREDICT_TRIALS && isnan(n.sd_predictive));
}

static void test_covariance(void **state)
{
    struct scene c = named("gaussian", "identity", 1, NAN, 1);
    struct predict *predict = scene_predict(&c, 0);
    struct predict_number n = scene_number(&c);
    const double bad[] = {-1, NAN, INFINITY};
    (void)state;
    assert_true(n.mean == 1 && isnan(n.sd_eta) && isnan(n.lower) && isnan(n.sd_predictive));
    assert_int_equal(n.predictive_reason, PREDICT_NO_COVARIANCE);
    for (size_t i = 0; i < 3; i++) {
        const struct predict_row row = {&c.m, &bad[i], 1};
        predict_number(&n, predict, &row);
        assert_true(n.mean == 1 && isnan(n.sd_eta) && isnan(n.upper));
        assert_int_equal(n.eta_reason, PREDICT_BAD_COVARIANCE);
    }
    predict_free(predict);
    predict_free(NULL);
    for (int reason = 0; reason < PREDICT_REASONS; reason++)
        assert_true((predict_words((enum predict_reason)reason)[0] == '\0') == (reason == 0));
}

static void test_usage(void **state)
{
    const double psi[] = {0, 1};
    struct predict *p = NULL;
    mxp_error error = {0};
    (void)state;
    assert_int_equal(predict_new(&p, &family_poisson, 9, 1, false, NULL, 0.9, 0, &error),
                     MXP_USAGE);
    assert_int_equal(predict_new(&p, &family_poisson, 0, 2, false, NULL, 0.9, 0, &error),
                     MXP_USAGE);
    assert_int_equal(predict_new(&p, &family_poisson, 0, 1, false, NULL, 1, 0, &error), MXP_USAGE);
    assert_int_equal(predict_new(&p, &family_gamma, 0, 1, false, NULL, 0.9, 0, &error), MXP_USAGE);
    assert_int_equal(predict_new(&p, &family_gamma, 0, 1, false, psi, 0.9, 0, &error), MXP_USAGE);
    assert_int_equal(predict_new(&p, &family_multinomial, 0, 0, false, NULL, 0.9, 0, &error),
                     MXP_USAGE);
    assert_null(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pins),      cmocka_unit_test(test_gaussian),
        cmocka_unit_test(test_positive),  cmocka_unit_test(test_shares),
        cmocka_unit_test(test_variances), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_draws),     cmocka_unit_test(test_masses),
        cmocka_unit_test(test_densities), cmocka_unit_test(test_student),
        cmocka_unit_test(test_domains),   cmocka_unit_test(test_covariance),
        cmocka_unit_test(test_usage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
