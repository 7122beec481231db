/* Bounds beside estimated auxiliary parameters: every family's fit satisfies the conditions of an
 * optimum of a posterior written down apart. */
#include "kinds.h"

/* Bounds that shut the truth out, or in, or do not matter. */
static void bound(struct specimen *s, const struct kind *kind, struct chance *c)
{
    for (size_t j = 0; j < 2; j++) {
        const double truth = kind->slope[j], room = 0.5 * fabs(truth);
        const double lower = truth + room * chance_between(c, -2.0, 0.9);
        struct belief b = {"flat", {0.0}, lower, lower + room * chance_between(c, 0.1, 3.0)};
        const double which = chance_uniform(c);
        if (which < 0.3)
            b.lower = -INFINITY;
        else if (which < 0.6)
            b.upper = INFINITY;
        if (chance_uniform(c) < 0.5) {
            b.name = "gaussian";
            b.a[0] = 0.5 * truth;
            b.a[1] = 1.0;
        }
        s->prior[j] = b;
    }
}

/* At a bound the gradient may only push outwards; elsewhere it is 0. */
static void check_conditions(const struct specimen *s, const char *what)
{
    const size_t d = oracle_count(s);
    double theta[ORACLE_MAX];

    oracle_mode(theta, s);
    assert_close(mxp_solution_info(s->solution).objective, oracle_objective(s, theta), 1e-12, 1e-10,
                 what, -1.0);
    for (size_t j = 0; j < d; j++) {
        const mxp_term term = mxp_posterior_term(s->posterior, j);
        const bool scaled = term.auxiliary && s->natural;
        const double h = 0.01 * fmin(scaled ? term.estimate : 0.3, term.sd > 0.0 ? term.sd : 1.0);
        const double slope = oracle_slope(s, theta, j, h);
        if (j == 1 || j == 2) {
            const struct belief *b = &s->prior[j - 1];
            assert_true(term.estimate >= b->lower && term.estimate <= b->upper);
            const bool lower = term.estimate == b->lower, upper = term.estimate == b->upper;
            assert_int_equal(term.at_bound != NULL, lower || upper);
            if (lower || upper) {
                if (lower ? slope < -1e-6 : slope > 1e-6)
                    fail_msg("%s: coefficient %zu leaves its bound: slope %g", what, j, slope);
                continue;
            }
        }
        const double unit = term.auxiliary && !s->natural ? term.estimate : 1.0;
        const double sd = sqrt(mxp_posterior_covariance(s->posterior)[j + j * d]) / unit;
        /* huber's curvature jumps where a row passes k: differences are good to O(h) there */
        const double within = strcmp(s->family, "huber") == 0 ? 1e-4 : 1e-5;
        assert_close(sd * slope, 0.0, 0.0, within, what, (double)j);
    }
}

static void check_kind(size_t i, uint64_t seed)
{
    struct specimen s = of_kind(&kinds[i], seed);
    struct chance c = {seed};
    char what[128];

    s.natural = seed % 3 == 0;
    bound(&s, &kinds[i], &c);
    (void)snprintf(what, sizeof what, "%s %s kind %zu, seed %d", s.family, s.link, i, (int)seed);
    specimen_converged(&s, what);
    check_conditions(&s, what);
    specimen_free(&s);
}

static void test_every_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++)
        for (uint64_t seed = 1; seed <= 16; seed++)
            check_kind(i, seed);
}

/* Non-negative least squares with the noise estimated. */
static void test_nonnegative(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        const size_t rows = 5 + (size_t)(seed % 8);
        struct specimen s = specimen_new("gaussian", rows, 4);
        struct chance c = {seed};
        s.link = "identity";
        s.aux[0] = "noise_sd";
        s.no_intercept = true;
        for (size_t i = 0; i < rows; i++) {
            s.y[i] = chance_normal(&c);
            for (size_t j = 0; j < 4; j++) {
                s.x[j][i] = chance_normal(&c);
                s.y[i] += j == 2 ? -s.x[j][i] : s.x[j][i];
            }
        }
        for (size_t j = 0; j < 4; j++)
            s.prior[j] = (struct belief){"flat", {0.0}, 0.0, INFINITY};
        specimen_converged(&s, "non-negative");
        specimen_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_nonnegative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
