/* Expectations over a normal variable against closed forms. */
#include "num/quadrature.h"
#include "num/special.h"
#include "numeric.h"

struct line {
    double slope, at, scale;
};

static double exponential(double x, const void *context)
{
    return ((const struct line *)context)->slope * x;
}

static double gaussian(double x, const void *context)
{
    const struct line *line = context;
    return special_log_normal_density((x - line->at) / line->scale) - log(line->scale);
}

static double probit(double x, const void *context)
{
    (void)context;
    return special_log_phi(x);
}

static double laplace(double x, const void *context)
{
    const struct line *line = context;
    return -fabs(x - line->at) / line->scale;
}

static double step(double x, const void *context)
{
    return x > ((const struct line *)context)->at ? 0.0 : -INFINITY;
}

static double twin(double x, const void *context)
{
    struct line far = *(const struct line *)context;
    const double near = gaussian(x, &far);
    far.at = -far.at;
    return special_logsumexp(near, gaussian(x, &far));
}

static double nowhere(double x, const void *context)
{
    (void)x;
    (void)context;
    return -INFINITY;
}

static void check(const char *what, quadrature_log f, const struct line *line, double mean,
                  double sd, double want)
{
    const double hints[] = {line->at, -line->at};
    double error;
    const double got = quadrature_normal(&error, f, line, mean, sd, hints, 2);
    const double rounding = isnan(line->at) ? 0 : 8 * DBL_EPSILON * fabs(line->at) / line->scale;
    assert_close(got, want, 0, 2e-10 + 1e-13 * fabs(want) + rounding, what, sd);
    assert_true(error <= 1e-9);
}

/* E exp(a x) = exp(a m + a^2 s^2 / 2): the peak is a s^2 away from the mean. */
static void test_exponential(void **state)
{
    (void)state;
    for (double sd = 1e-6; sd < 100; sd *= 3)
        for (double a = -3; a <= 3; a += 1.5)
            check("exponential", exponential, &(struct line){a, NAN, 1}, 0.7, sd,
                  0.7 * a + 0.5 * a * a * sd * sd);
}

/* Much narrower than the normal variable, much wider, and far away from it. */
static void test_gaussian(void **state)
{
    (void)state;
    for (double scale = 1e-6; scale < 1e4; scale *= 7)
        for (double at = -40; at <= 40; at += 8) {
            const double sd = hypot(scale, 2);
            check("gaussian", gaussian, &(struct line){0, at, scale}, 1, 2,
                  special_log_normal_density((at - 1) / sd) - log(sd));
        }
}

static void test_probit(void **state)
{
    (void)state;
    for (double m = -60; m <= 60; m += 7.5)
        for (double sd = 1e-3; sd < 1e7; sd *= 4)
            check("probit", probit, &(struct line){0, 0, 1}, m, sd,
                  special_log_phi(m / hypot(1, sd)));
}

/* A kink: E exp(-|x - a| / b) by two shifted normal tails. */
static void test_laplace(void **state)
{
    (void)state;
    for (double b = 1e-3; b < 100; b *= 3)
        for (double at = -6; at <= 6; at += 2) {
            const double d = 0.5 - at, s = 1.5, r = s / b;
            const double up = 0.5 * r * r - d / b + special_log_phi(d / s - r);
            const double down = 0.5 * r * r + d / b + special_log_phi(-d / s - r);
            check("laplace", laplace, &(struct line){0, at, b}, 0.5, s,
                  special_logsumexp(up, down));
        }
}

static void test_step(void **state)
{
    (void)state;
    for (double at = -8; at <= 20; at += 0.7)
        check("step", step, &(struct line){0, at, 1}, 0, 1, special_log_phi(-at));
}

/* Two narrow peaks at -30 and 30 of a variable with sd 10. */
static void test_twin(void **state)
{
    (void)state;
    for (double scale = 1e-5; scale < 1; scale *= 10) {
        const double sd = hypot(10, scale);
        const double far = special_log_normal_density(31 / sd) - log(sd);
        const double near = special_log_normal_density(29 / sd) - log(sd);
        check("twin", twin, &(struct line){0, 30, scale}, 1, 10, special_logsumexp(near, far));
    }
}

/* Where it says that it is good, it is; smooth functions are, jumps and narrow peaks are not. */
static void test_smooth(void **state)
{
    double error, good = 0, all = 0;
    (void)state;
    for (double m = -60; m <= 60; m += 1.25)
        for (double sd = 1e-3; sd < 1e4; sd *= 1.7, all++) {
            const double got = quadrature_smooth(&error, probit, NULL, m, sd);
            if (error <= 1e-10) {
                assert_close(got, special_log_phi(m / hypot(1, sd)), 0, 1e-9, "smooth", m);
                good++;
            }
        }
    assert_true(good > 0.4 * all);
    for (double at = -5; at <= 5; at += 0.125) {
        quadrature_smooth(&error, step, &(struct line){0, at, 1}, 0, 1);
        assert_true(error > 1e-9);
        quadrature_smooth(&error, gaussian, &(struct line){0, at, 0.05}, 0, 1);
        assert_true(error > 1e-9);
        quadrature_smooth(&error, laplace, &(struct line){0, at, 0.3}, 0, 1);
        assert_true(error > 1e-9);
    }
    assert_true(quadrature_smooth(&error, nowhere, NULL, 0, 1) == -INFINITY && error == INFINITY);
}

static void test_nowhere(void **state)
{
    double error;
    (void)state;
    assert_true(quadrature_normal(&error, nowhere, NULL, 0, 1, NULL, 0) == -INFINITY);
    assert_true(error == INFINITY);
    assert_true(quadrature_normal(NULL, nowhere, NULL, 0, 1, NULL, 0) == -INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exponential), cmocka_unit_test(test_gaussian),
        cmocka_unit_test(test_probit),      cmocka_unit_test(test_laplace),
        cmocka_unit_test(test_step),        cmocka_unit_test(test_twin),
        cmocka_unit_test(test_nowhere),     cmocka_unit_test(test_smooth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
