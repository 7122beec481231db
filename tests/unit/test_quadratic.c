/* fit/quadratic against brute force over sign patterns; fit/noise against a golden section. */
#include "numeric.h"

#include "fit/noise.h"
#include "fit/quadratic.h"
#include "num/factor.h"
#include "num/rng.h"

#include <string.h>

enum { C_MAX = 5, PATTERNS = 243 /* 3^5 */ };

static double objective(const struct quadratic *q, const double *x)
{
    double sum = 0.0;
    for (size_t i = 0; i < q->c; i++) {
        const double di = x[i] - q->t[i];
        sum += q->g[i] * di + (q->l1[i] > 0.0 ? q->l1[i] * fabs(x[i] - q->m[i]) : 0.0);
        for (size_t j = 0; j < q->c; j++)
            sum += 0.5 * di * q->H[i + j * q->c] * (x[j] - q->t[j]);
    }
    return sum;
}

/* The minimum with signs held (0: on the kink, or free where smooth): a linear system. */
static void solve_pattern(double *x, const struct quadratic *q, const int *sign)
{
    double block[C_MAX * C_MAX], rhs[C_MAX];
    size_t set[C_MAX], a = 0;
    struct factor *factor = NULL;

    memcpy(x, q->m, q->c * sizeof *x);
    for (size_t j = 0; j < q->c; j++)
        if (sign[j] != 0 || q->l1[j] == 0.0)
            set[a++] = j;
    if (a == 0)
        return;
    for (size_t i = 0; i < a; i++) {
        rhs[i] = -q->g[set[i]] - q->l1[set[i]] * sign[set[i]];
        for (size_t j = 0; j < q->c; j++)
            rhs[i] += q->H[set[i] + j * q->c] * q->t[j];
        for (size_t j = 0; j < q->c; j++)
            if (q->l1[j] > 0.0 && sign[j] == 0)
                rhs[i] -= q->H[set[i] + j * q->c] * q->m[j];
        for (size_t j = 0; j < a; j++)
            block[i + j * a] = q->H[set[i] + set[j] * q->c];
    }
    assert_int_equal(factor_cholesky(&factor, block, a, a, NULL), MXP_OK);
    factor_solve(rhs, factor);
    factor_free(factor);
    for (size_t i = 0; i < a; i++)
        x[set[i]] = rhs[i];
}

/* The least objective over all patterns; each candidate is a feasible point, so none is below. */
static double brute_force(double *best, const struct quadratic *q)
{
    double least = INFINITY, x[C_MAX];

    for (int code = 0; code < PATTERNS; code++) {
        int sign[C_MAX], rest = code;
        for (size_t j = 0; j < C_MAX; j++, rest /= 3)
            sign[j] = rest % 3 - 1;
        solve_pattern(x, q, sign);
        const double value = objective(q, x);
        if (value < least) {
            least = value;
            memcpy(best, x, q->c * sizeof *best);
        }
    }
    return least;
}

static void test_brute_force(void **state)
{
    struct rng rng = rng_stream(3, 0);
    size_t kinks = 0;

    (void)state;
    for (int n = 0; n < 300; n++) {
        const size_t c = 1 + (size_t)n % C_MAX;
        double S[8 * C_MAX], H[C_MAX * C_MAX], g[C_MAX], t[C_MAX], l1[C_MAX], m[C_MAX];
        double target[C_MAX], best[C_MAX];
        for (size_t i = 0; i < 8 * c; i++)
            S[i] = rng_normal(&rng) + (i % 8 == 0 ? 3.0 : 0.0); /* correlated columns */
        for (size_t j = 0; j < c; j++) {
            for (size_t i = 0; i < c; i++) {
                H[i + j * c] = 0.0;
                for (size_t p = 0; p < 8; p++)
                    H[i + j * c] += S[p + i * 8] * S[p + j * 8];
            }
            g[j] = 5.0 * rng_normal(&rng);
            m[j] = n % 3 ? 0.0 : rng_normal(&rng);
            t[j] = n % 2 ? m[j] : rng_normal(&rng);
            l1[j] = rng_below(&rng, 4) ? 5.0 * rng_uniform(&rng) : 0.0;
        }
        const struct quadratic q = {.c = c, .H = H, .g = g, .t = t, .l1 = l1, .m = m};
        struct quadratic_answer answer = {.target = target};
        assert_int_equal(quadratic_solve(&answer, &q, NULL), MXP_OK);
        const double least = brute_force(best, &q);
        assert_true(answer.exact);
        assert_close(objective(&q, target), least, 1e-11, 1e-11, "objective", n);
        for (size_t j = 0; j < c; j++) {
            assert_close(target[j], best[j], 1e-9, 1e-9, "coordinate", n);
            if (l1[j] > 0.0 && fabs(best[j] - m[j]) < 1e-12)
                assert_true(target[j] == m[j]);
            kinks += l1[j] > 0.0 && target[j] == m[j];
        }
    }
    assert_true(kinks > 100);
}

static void test_singular(void **state)
{
    const double H[] = {1.0, 1.0, 1.0, 1.0}, g[] = {-2.0, -2.0}, zero[2] = {0};
    const double l1[] = {0.5, 0.5};
    double target[2];
    struct quadratic_answer answer = {.target = target};

    (void)state;
    /* smooth and singular: an outcome, the point stays */
    struct quadratic q = {.c = 2, .H = H, .g = g, .t = zero, .l1 = zero, .m = zero};
    assert_int_equal(quadratic_solve(&answer, &q, NULL), MXP_OK);
    assert_true(answer.rcond == 0.0);
    assert_true(target[0] == 0.0 && target[1] == 0.0);
    /* equal columns under a kink: any split of the sum 1.5 is a minimum */
    q.l1 = l1;
    assert_int_equal(quadratic_solve(&answer, &q, NULL), MXP_OK);
    assert_close(target[0] + target[1], 1.5, 1e-12, 0.0, "sum", 0.0);
    assert_true(target[0] >= 0.0 && target[1] >= 0.0);
}

/* ---- noise ------------------------------------------------------------------------------------ */

/* J in u = log sigma as its header states it, from the prior's density. */
static double noise_objective(double u, const void *context)
{
    const struct noise_terms *t = context;
    const double log_prior = t->prior->row->flags & PRIOR_IMPROPER
                                 ? 0.0
                                 : t->prior->row->log_density(t->prior->a, exp(u));
    return t->count * u + 0.5 * t->square * exp(-2.0 * u) + t->absolute * exp(-u) - log_prior -
           t->jacobian * u;
}

static void test_noise(void **state)
{
    static const char *const priors[] = {"flat",           "half_normal(2)", "half_cauchy(0.5)",
                                         "exponential(3)", "gamma(2, 1)",    "inverse_gamma(3, 2)",
                                         "lognormal(0, 1)"};
    static const double squares[] = {1e-6, 0.3, 40.0, 1e7}, absolutes[] = {0.0, 5.0};

    (void)state;
    for (size_t i = 0; i < sizeof priors / sizeof *priors; i++) {
        struct prior prior;
        assert_int_equal(prior_parse(&prior, priors[i], (struct place){0}, NULL), MXP_OK);
        for (size_t s = 0; s < 4; s++)
            for (size_t a = 0; a < 2; a++) {
                const struct noise_terms terms = {.count = 12.5,
                                                  .square = squares[s],
                                                  .absolute = absolutes[a],
                                                  .prior = &prior,
                                                  .jacobian = i ? 1.0 : 0.0};
                const double mode = noise_mode(&terms);
                /* a golden section knows the place of a minimum to the root of rounding */
                assert_close(mode, numeric_argmin(noise_objective, &terms, -20.0, 20.0), 0.0, 2e-6,
                             priors[i], squares[s]);
                assert_close(numeric_slope(noise_objective, &terms, mode, 1e-3), 0.0, 0.0, 1e-5,
                             priors[i], squares[s]);
            }
    }
}

static void test_noise_closed(void **state)
{
    struct prior flat;

    (void)state;
    assert_int_equal(prior_parse(&flat, "flat", (struct place){0}, NULL), MXP_OK);
    struct noise_terms terms = {.count = 20.0, .square = 5.0, .prior = &flat};
    assert_close(noise_mode(&terms), 0.5 * log(5.0 / 20.0), 1e-15, 0.0, "rss / n", 0.0);
    terms.square = 0.0;
    terms.absolute = 3.0;
    assert_close(noise_mode(&terms), log(3.0 / 20.0), 1e-14, 0.0, "absolute / n", 0.0);
    terms.absolute = 0.0;
    assert_true(noise_mode(&terms) == -INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_brute_force),
        cmocka_unit_test(test_singular),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_noise_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
