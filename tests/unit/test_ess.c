#include "infer/ess.h"
#include "numeric.h"

#include "num/rng.h"

static struct ess_work *work_new(size_t chains, size_t length)
{
    struct ess_work *work = NULL;
    mxp_error error = {0};
    assert_int_equal(ess_new(&work, chains, length, &error), MXP_OK);
    return work;
}

/* The minimal standard generator, exact in double: the same numbers in tests/reference/ess.R. */
static double minimal_standard(double *state)
{
    *state = fmod(*state * 16807.0, 2147483647.0);
    return *state / 2147483647.0;
}

static void fill(double *x, double *state, size_t length, size_t chains, double phi, double step)
{
    for (size_t c = 0; c < chains; c++) {
        double value = 0.0;
        for (size_t i = 0; i < length; i++) {
            double noise = minimal_standard(state);
            for (int l = 0; l < 3; l++)
                noise += minimal_standard(state);
            value = phi * value + (noise - 2.0);
            x[i + c * length] = value + step * (double)c;
        }
    }
}

/* tests/reference/ess.R: R package posterior 1.4.0. */
static const struct reference {
    size_t length, chains;
    double phi, step, rounding;
    double bulk, tail, r_hat, mean, mean_error;
} references[] = {
    {250, 4, 0.7, 0.0, 0.0, 191.803628760677, 445.565849770775, 1.03002265896454, 191.954033868224,
     0.0585228527165521},
    {250, 4, -0.5, 0.0, 0.0, 3000.0, 937.519488157006, 0.999275094048486, 3000.0,
     0.0116751763889713},
    {250, 4, 0.3, 0.4, 0.0, 11.3832130322153, 153.587561172604, 1.28216247576769, 11.3900832689725,
     0.2246951041328},
    {101, 3, 0.5, 0.0, 4.0, 126.23459709111, 144.605498712215, 1.01168999773805, 126.759205961269,
     0.0579491214024058},
    {13, 2, 0.2, 0.0, 0.0, 33.1250698010785, 27.3417721518987, 0.965605570510474, 33.1250698010785,
     0.0930560458561526},
};

static void test_pinned(void **context)
{
    double x[1000], state = 20240229.0;
    (void)context;
    for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
        const struct reference *r = &references[i];
        struct ess_work *work = work_new(r->chains, r->length);
        fill(x, &state, r->length, r->chains, r->phi, r->step);
        for (size_t l = 0; l < r->length * r->chains && r->rounding > 0.0; l++)
            x[l] = nearbyint(x[l] * r->rounding) / r->rounding;
        const struct ess_summary s = ess_measure(work, x);
        assert_close(s.bulk, r->bulk, 1e-10, 0.0, "bulk", (double)i);
        assert_close(s.tail, r->tail, 1e-10, 0.0, "tail", (double)i);
        assert_close(s.r_hat, r->r_hat, 1e-10, 0.0, "r_hat", (double)i);
        assert_close(ess_mean(work, x), r->mean, 1e-10, 0.0, "mean", (double)i);
        assert_close(ess_mean_error(work, x), r->mean_error, 1e-10, 0.0, "error", (double)i);
        ess_free(work);
    }
}

/* The integrated autocorrelation time of AR(1) is (1 + phi) / (1 - phi). */
static void test_autoregression(void **context)
{
    enum { LENGTH = 5000, CHAINS = 4 };
    static const double phis[] = {0.0, 0.5, 0.9, -0.4};
    double *x = malloc(LENGTH * CHAINS * sizeof *x);
    struct ess_work *work = work_new(CHAINS, LENGTH);
    (void)context;
    for (size_t p = 0; p < 4; p++) {
        for (size_t c = 0; c < CHAINS; c++) {
            struct rng rng = rng_stream(11, c);
            double value = rng_normal(&rng) / sqrt(1.0 - phis[p] * phis[p]);
            for (size_t i = 0; i < LENGTH; i++) {
                value = phis[p] * value + rng_normal(&rng);
                x[i + c * LENGTH] = value;
            }
        }
        const double want = LENGTH * CHAINS * (1.0 - phis[p]) / (1.0 + phis[p]);
        const struct ess_summary s = ess_measure(work, x);
        assert_close(ess_mean(work, x), want, 0.12, 0.0, "ess of the mean", phis[p]);
        assert_close(s.bulk, want, 0.12, 0.0, "bulk ess", phis[p]);
        assert_true(s.r_hat > 0.999 && s.r_hat < 1.01);
        assert_true(phis[p] != 0.0 || (s.tail > 0.85 * want && s.tail < 1.15 * want));
    }
    ess_free(work);
    free(x);
}

/* Shifted chains, and chains of unlike spread, which only the folded R-hat sees. */
static void test_disagreement(void **context)
{
    enum { LENGTH = 250 };
    double x[4 * LENGTH], y[4 * LENGTH];
    struct ess_work *work = work_new(4, LENGTH);
    (void)context;
    for (size_t c = 0; c < 4; c++) {
        struct rng rng = rng_stream(5, c);
        for (size_t i = 0; i < LENGTH; i++) {
            x[i + c * LENGTH] = rng_normal(&rng) + (double)c;
            y[i + c * LENGTH] = rng_normal(&rng) * (1.0 + (double)c);
        }
    }
    assert_true(ess_measure(work, x).r_hat > 1.5);
    assert_true(ess_measure(work, x).bulk < 20.0);
    assert_true(ess_measure(work, y).r_hat > 1.1);
    ess_free(work);
}

static void test_degenerate(void **context)
{
    double x[44] = {0.0};
    struct ess_work *work = work_new(4, 11);
    (void)context;
    struct ess_summary s = ess_measure(work, x);
    assert_true(isnan(s.bulk) && isnan(s.tail) && isnan(s.r_hat));
    assert_true(ess_mean_error(work, x) == 0.0);
    for (size_t i = 0; i < 44; i++)
        x[i] = (double)i;
    s = ess_measure(work, x);
    assert_true(isnan(s.bulk) && isnan(ess_mean_error(work, x)));
    assert_true(ess_sorted(work)[43] == 43.0);
    ess_free(work);
    work = work_new(1, 1);
    s = ess_measure(work, x);
    assert_true(isnan(s.r_hat) && ess_sorted(work)[0] == 0.0);
    ess_free(work);
}

/* R: quantile(c(1, 2, 4, 8, 16), c(0, .1, .5, .9, 1)) is 1.0 1.4 4.0 12.8 16.0 */
static void test_quantile(void **context)
{
    static const double x[] = {1.0, 2.0, 4.0, 8.0, 16.0}, p[] = {0.0, 0.1, 0.5, 0.9, 1.0};
    static const double want[] = {1.0, 1.4, 4.0, 12.8, 16.0};
    (void)context;
    for (size_t i = 0; i < 5; i++)
        assert_close(ess_quantile(x, 5, p[i]), want[i], 1e-15, 0.0, "quantile", p[i]);
    assert_true(ess_quantile(x, 1, 0.3) == 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pinned),       cmocka_unit_test(test_autoregression),
        cmocka_unit_test(test_disagreement), cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_quantile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
