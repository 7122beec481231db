/* num/vector against the same functions in extended precision. */
#include "numeric.h"

#include "num/rng.h"
#include "num/vector.h"

#include <float.h>
#include <stdbool.h>

enum { COUNT = 40013 };

/* The error in units of the last place of the exact value. */
static double ulps(double value, long double exact)
{
    const double near = fabs((double)exact), ulp = nextafter(near, INFINITY) - near;

    return (double)(fabsl((long double)value - exact) / ulp);
}

static bool is_extended(void)
{
    return LDBL_MANT_DIG >= 64;
}

static void fill(double *x, double span)
{
    struct rng rng = rng_stream(4, (unsigned long long)span);

    for (size_t i = 0; i < COUNT; i++)
        x[i] = span * (2.0 * rng_uniform(&rng) - 1.0);
}

static void test_exp(void **state)
{
    static const double spans[] = {1e-9, 0.4, 3.0, 50.0, 708.0, 760.0};
    static double x[COUNT], out[COUNT];

    (void)state;
    if (!is_extended())
        skip();
    for (size_t s = 0; s < sizeof spans / sizeof *spans; s++) {
        fill(x, spans[s]);
        vector_exp(out, x, COUNT);
        for (size_t i = 0; i < COUNT; i++) {
            if (x[i] > 709.78)
                continue;
            if (!(ulps(out[i], expl((long double)x[i])) < 1.0))
                fail_msg("exp(%.17g) = %.17g", x[i], out[i]);
        }
    }
}

static void test_exp_ends(void **state)
{
    const double x[] = {0.0, -0.0, 709.79, INFINITY, -746.0, -INFINITY, NAN, 1.0};
    double out[8];

    (void)state;
    vector_exp(out, x, 8);
    assert_true(out[0] == 1.0 && out[1] == 1.0);
    assert_true(isinf(out[2]) && isinf(out[3]));
    assert_true(out[4] == 0.0 && out[5] == 0.0);
    assert_true(isnan(out[6]));
    assert_close(out[7], 2.71828182845904523536, DBL_EPSILON, 0.0, "e", 1.0);
    vector_exp(out, out, 0); /* nothing */
    assert_true(out[0] == 1.0);
}

static void test_logistic(void **state)
{
    static const double spans[] = {1e-9, 0.4, 1.0, 5.0, 40.0, 800.0};
    static double x[COUNT], e[COUNT], share[COUNT], log1p_e[COUNT];

    (void)state;
    if (!is_extended())
        skip();
    for (size_t s = 0; s < sizeof spans / sizeof *spans; s++) {
        fill(x, spans[s]);
        vector_logistic(e, share, log1p_e, x, COUNT);
        for (size_t i = 0; i < COUNT; i++) {
            const long double exact = expl(-fabsl((long double)x[i]));
            if (!(ulps(e[i], exact) < 1.0 && ulps(share[i], 1.0L / (1.0L + exact)) < 1.6 &&
                  ulps(log1p_e[i], log1pl((long double)e[i])) < 1.0))
                fail_msg("at %.17g: %.17g %.17g %.17g", x[i], e[i], share[i], log1p_e[i]);
        }
    }
}

/* A value does not depend on its place: whole vectors, what is left over, or alone. */
static void test_places(void **state)
{
    static double x[COUNT], out[COUNT], e[COUNT], share[COUNT], log1p_e[COUNT];

    (void)state;
    fill(x, 30.0);
    vector_exp(out, x, COUNT);
    vector_logistic(e, share, log1p_e, x, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        double one[4];
        vector_exp(one, x + i, 1);
        vector_logistic(one + 1, one + 2, one + 3, x + i, 1);
        assert_true(one[0] == out[i] && one[1] == e[i] && one[2] == share[i] &&
                    one[3] == log1p_e[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exp), cmocka_unit_test(test_exp_ends),
                                       cmocka_unit_test(test_logistic),
                                       cmocka_unit_test(test_places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
