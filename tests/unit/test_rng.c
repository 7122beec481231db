/* Random streams: fixed outputs, moments, Kolmogorov-Smirnov statistics. */
#include "num/rng.h"
#include "num/special.h"
#include "numeric.h"

enum { DRAWS = 40000 };

static double sample[DRAWS];

/* Mean and variance of the sample against theirs, within 5 standard errors. */
static void check_moments(double mean, double variance, double kurtosis, const char *what)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < DRAWS; i++)
        sum += sample[i];
    const double got = sum / DRAWS;
    for (int i = 0; i < DRAWS; i++)
        squares += (sample[i] - got) * (sample[i] - got);
    assert_close(got, mean, 0, 5 * sqrt(variance / DRAWS), what, 1);
    assert_close(squares / DRAWS, variance, 5 * sqrt((kurtosis - 1) / DRAWS), 0, what, 2);
}

static void check_ks(numeric_function cdf, const void *context, const char *what)
{
    const double ks = numeric_ks(sample, DRAWS, cdf, context);
    if (!(ks < 1.95))
        fail_msg("%s: KS statistic %g", what, ks);
}

/* The generator's first numbers from the state 1, 2, 3, 4: the reference implementation's
 * (xoshiro256plusplus.c, Blackman and Vigna), as quoted in the tests of rand_xoshiro. */
static void test_reference(void **state)
{
    static const uint64_t want[] = {41943041u,
                                    58720359u,
                                    3588806011781223u,
                                    3591011842654386u,
                                    9228616714210784205u,
                                    9973669472204895162u,
                                    14011001112246962877u};
    struct rng rng = {.state = {1, 2, 3, 4}};
    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_true(rng_bits(&rng) == want[i]);
}

static void test_streams(void **state)
{
    struct rng a = rng_stream(1, 0), b = rng_stream(1, 1), c = rng_stream(2, 0),
               again = rng_stream(1, 0);
    double product = 0;
    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        const double x = rng_normal(&a);
        assert_true(x == rng_normal(&again));
        product += x * rng_normal(&b) + x * rng_normal(&c);
    }
    assert_close(product / DRAWS, 0, 0, 5 * sqrt(2.0 / DRAWS), "correlation of streams", 0);
    for (uint64_t i = 0; i < 1000; i++) {
        struct rng one = rng_stream(0, i), other = rng_stream(i + 1, 0);
        assert_true(rng_bits(&one) != rng_bits(&other));
    }
}

static double uniform_cdf(double x, const void *context)
{
    (void)context;
    return x;
}

static double normal_cdf(double x, const void *context)
{
    (void)context;
    return special_normal_cdf(x);
}

static double gamma_cdf(double x, const void *context)
{
    return special_gamma_p(*(const double *)context, x);
}

static void test_basic(void **state)
{
    struct rng rng = rng_stream(3, 0);
    int counts[7] = {0};
    const double one = 1;
    (void)state;
    for (int i = 0; i < DRAWS; i++)
        sample[i] = rng_uniform(&rng);
    check_moments(0.5, 1.0 / 12, 1.8, "uniform");
    check_ks(uniform_cdf, NULL, "uniform");
    for (int i = 0; i < DRAWS; i++)
        sample[i] = rng_normal(&rng);
    check_moments(0, 1, 3, "normal");
    check_ks(normal_cdf, NULL, "normal");
    for (int i = 0; i < DRAWS; i++)
        sample[i] = rng_exponential(&rng);
    check_moments(1, 1, 9, "exponential");
    check_ks(gamma_cdf, &one, "exponential");
    for (int i = 0; i < 70000; i++)
        counts[rng_below(&rng, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_close(counts[i], 10000, 0, 500, "rng_below", i);
}

static void test_gamma(void **state)
{
    static const double shapes[] = {0.05, 0.5, 1, 3.7, 1000};
    struct rng rng = rng_stream(4, 0);
    (void)state;
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        for (int i = 0; i < DRAWS; i++)
            sample[i] = rng_gamma(&rng, shapes[k]);
        check_moments(shapes[k], shapes[k], 3 + 6 / shapes[k], "gamma");
        check_ks(gamma_cdf, &shapes[k], "gamma");
    }
}

/* Chhikara and Folks (1989): the distribution function, mean a[0], shape a[1]. */
static double inverse_gaussian_cdf(double x, const void *context)
{
    const double *a = context, root = sqrt(a[1] / x);
    return special_normal_cdf(root * (x / a[0] - 1)) +
           exp(2 * a[1] / a[0] + special_log_phi(-root * (x / a[0] + 1)));
}

static double levy_cdf(double x, const void *context)
{
    (void)context;
    return 2 * special_normal_cdf(-1 / sqrt(x));
}

static void test_inverse_gaussian(void **state)
{
    static const double cases[][2] = {{1, 1}, {2, 0.01}, {0.3, 50}, {1e6, 1}, {1e-8, 1e-8}};
    struct rng rng = rng_stream(5, 0);
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        for (int i = 0; i < DRAWS; i++)
            sample[i] = rng_inverse_gaussian(&rng, cases[k][0], cases[k][1]);
        check_ks(inverse_gaussian_cdf, cases[k], "inverse gaussian");
    }
    for (int i = 0; i < DRAWS; i++)
        sample[i] = rng_inverse_gaussian(&rng, INFINITY, 1);
    check_ks(levy_cdf, NULL, "Levy");
    for (int i = 0; i < 1000; i++) {
        const double x = rng_inverse_gaussian(&rng, 1e300, 1e-300);
        assert_true(x >= 0 && !isnan(x));
    }
}

struct between {
    double mean, sd, lower, upper;
};

/* P(lower < X < x) / P(lower < X < upper), each from the tail in which it is small. */
static double between_cdf(double x, const void *context)
{
    const struct between *c = context;
    double low = (c->lower - c->mean) / c->sd, at = (x - c->mean) / c->sd;
    double high = (c->upper - c->mean) / c->sd;
    const int mirror = low > 0;
    if (mirror) {
        const double swap = -low;
        low = -high;
        high = swap;
        at = -at;
    }
    const double log_low = special_log_phi(low), log_high = special_log_phi(high);
    const double log_at = special_log_phi(at);
    const double share = exp(log_at - log_high) * -expm1(log_low - log_at);
    const double p = share / -expm1(log_low - log_high);
    return mirror ? 1 - p : p;
}

static void test_normal_between(void **state)
{
    static const struct between cases[] = {
        {0, 1, -INFINITY, INFINITY},
        {0, 1, 0, INFINITY},
        {0, 1, -0.3, INFINITY},
        {0, 1, 0.7, INFINITY},
        {0, 1, 8, INFINITY},
        {0, 1, 38, INFINITY},
        {2, 3, -INFINITY, -40},
        {0, 1, -1, 0.5},
        {0, 1, -4, 3},
        {0, 1, 1, 1.2},
        {0, 1, 5, 5.3},
        {0, 1, 5, 9},
        {5, 1e-2, 4, 4.9},
        {-1e-8, 1e-8, 0, 1e-8},
        {0, 1e8, 3e8, INFINITY},
        {0, 1, 0, 1.2},
        {0, 1, -0.1, 1e6},
    };
    struct rng rng = rng_stream(6, 0);
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const struct between *c = &cases[k];
        for (int i = 0; i < DRAWS; i++) {
            sample[i] = rng_normal_between(&rng, c->mean, c->sd, c->lower, c->upper);
            assert_true(sample[i] >= c->lower && sample[i] <= c->upper);
        }
        const double ks = numeric_ks(sample, DRAWS, between_cdf, c);
        if (!(ks < 1.95))
            fail_msg("normal on [%g, %g]: KS statistic %g", c->lower, c->upper, ks);
    }
}

/* 1e8 sds out the distance from the bound is exponential with mean sd / 1e8. */
static void test_far_tail(void **state)
{
    struct rng rng = rng_stream(7, 0);
    const double one = 1;
    (void)state;
    for (int i = 0; i < DRAWS; i++)
        sample[i] = rng_normal_between(&rng, -1e8, 1, 0, INFINITY) * 1e8;
    check_ks(gamma_cdf, &one, "far tail");
    assert_true(rng_normal_between(&rng, 0, 1, 2, 2) == 2);
}

static void test_counts(void **state)
{
    static const double means[] = {0, 0.01, 1, 9.9, 10.1, 50, 1e4, 1e9, 1e16};
    struct rng rng = rng_stream(8, 0);
    (void)state;
    for (size_t k = 0; k < sizeof means / sizeof *means; k++) {
        const double mean = means[k];
        for (int i = 0; i < DRAWS; i++) {
            sample[i] = rng_poisson(&rng, mean);
            assert_true(sample[i] >= 0 && sample[i] == floor(sample[i]));
        }
        if (mean > 0 && mean < 1e15)
            check_moments(mean, mean, 3 + 1 / mean, "poisson");
        for (double z = -2; z < 2.5 && mean < 1e9; z++) {
            const double at = floor(mean + z * sqrt(mean));
            double below = 0;
            for (int i = 0; i < DRAWS; i++)
                below += sample[i] <= at;
            const double p = at < 0 ? 0 : special_gamma_q(at + 1, mean);
            assert_close(below / DRAWS, p, 0, 5 * sqrt(p * (1 - p) / DRAWS) + 1e-12, "poisson cdf",
                         mean);
        }
    }
    assert_true(rng_poisson(&rng, INFINITY) == INFINITY);
    for (int i = 0; i < DRAWS; i++)
        sample[i] = rng_bernoulli(&rng, 0.3);
    check_moments(0.3, 0.21, 1 / 0.21 - 3, "bernoulli");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_basic),
        cmocka_unit_test(test_gamma),
        cmocka_unit_test(test_inverse_gaussian),
        cmocka_unit_test(test_normal_between),
        cmocka_unit_test(test_far_tail),
        cmocka_unit_test(test_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
