/* Coefficients with bounds: fits against brute force over all sets of active bounds, and the ways
 * in which bounds can be awkward. */
#include "chance.h"
#include "faces.h"

/* A random problem of one of three families; the truths are about as large as their errors. */
static struct specimen random_problem(struct chance *c, size_t f, size_t columns)
{
    static const char *const families[] = {"gaussian", "bernoulli", "poisson"};
    static const char *const links[] = {"identity", "logit", "log"};
    struct specimen s = specimen_new(families[f], 40, columns);
    double slope[SPECIMEN_COLUMNS];

    s.link = links[f];
    if (f == 0) {
        s.aux[0] = "noise_sd";
        s.fixed[0] = 0.9;
    }
    for (size_t j = 0; j < columns; j++)
        slope[j] = 0.6 * chance_normal(c);
    for (size_t i = 0; i < s.rows; i++) {
        const double shared = chance_normal(c);
        double eta = 0.2;
        for (size_t j = 0; j < columns; j++) {
            s.x[j][i] = 0.5 * (chance_normal(c) + shared);
            eta += slope[j] * s.x[j][i];
        }
        const double mu = oracle_mean(s.link, eta);
        s.y[i] = f == 0   ? mu + 0.9 * chance_normal(c)
                 : f == 1 ? (double)(chance_uniform(c) < mu)
                          : chance_poisson(c, mu);
    }
    return s;
}

/* Random bounds: one-sided or two-sided, near where the optimum may be. */
static struct belief random_belief(struct chance *c, bool kinks)
{
    static const char *const names[] = {"gaussian", "flat", "uniform", "laplace"};
    struct belief b = {.name = names[(size_t)chance_between(c, 0.0, kinks ? 5.0 : 3.0) % 4]};
    if (kinks && chance_uniform(c) < 0.4)
        b.name = "laplace";
    b.lower = 0.5 * chance_normal(c);
    b.upper = b.lower + chance_between(c, 0.05, 1.0);
    b.a[0] = 0.4 * chance_normal(c);
    b.a[1] = chance_between(c, 0.1, 2.0);
    if (strcmp(b.name, "uniform") == 0) {
        b.a[0] = b.lower;
        b.a[1] = b.upper;
        b.lower = b.upper = 0.0;
    } else if (strcmp(b.name, "laplace") == 0 && chance_uniform(c) < 0.5) {
        b.a[0] = chance_uniform(c) < 0.3 ? b.lower : 0.0;
        b.a[1] = chance_between(c, 0.05, 0.4);
    }
    const double which = chance_uniform(c);
    if (strcmp(b.name, "uniform") != 0 && which < 0.3)
        b.lower = -INFINITY;
    else if (strcmp(b.name, "uniform") != 0 && which < 0.6)
        b.upper = INFINITY;
    return b;
}

/* One coefficient of a fit against the minimum by brute force. */
static void check_term(const struct specimen *s, size_t j, double want, enum face face,
                       const char *what)
{
    const mxp_term term = mxp_posterior_term(s->posterior, j);
    double lower, upper;

    faces_bounds(&lower, &upper, faces_belief(s, j));
    assert_true(term.estimate >= lower && term.estimate <= upper);
    if (face == FACE_FREE || face == FACE_LEFT)
        assert_close(term.estimate, want, 1e-7, 1e-7, what, (double)j);
    else if (term.estimate != want)
        fail_msg("%s: coefficient %zu is %.17g, not exactly %.17g", what, j, term.estimate, want);
    if (term.estimate == lower || term.estimate == upper) {
        if (!term.at_bound || strcmp(term.at_bound, term.estimate == lower ? "lower" : "upper"))
            fail_msg("%s: coefficient %zu: at_bound is %s", what, j,
                     term.at_bound ? term.at_bound : "null");
        assert_true(isnan(term.sd));
    } else {
        assert_null(term.at_bound);
        assert_true(term.sd > 0.0 || term.at_kink);
    }
}

static void check_problem(struct specimen *s, const char *what)
{
    double theta[ORACLE_MAX];
    enum face face[ORACLE_MAX];
    const double best = faces_minimum(theta, face, s);

    assert_true(isfinite(best));
    specimen_converged(s, what);
    assert_close(mxp_solution_info(s->solution).objective, best, 1e-11, 1e-10, what, -1.0);
    for (size_t j = 0; j < s->columns + !s->no_intercept; j++)
        check_term(s, j, theta[j], face[j], what);
}

static void check_random(size_t f, bool kinks, int problems)
{
    struct chance c = {f + 10};
    for (int i = 0; i < problems; i++) {
        struct specimen s = random_problem(&c, f, kinks ? 3 : 4);
        char what[64];
        (void)snprintf(what, sizeof what, "%s %sproblem %d", s.family, kinks ? "kinked " : "", i);
        for (size_t j = 0; j < s.columns; j++)
            if (chance_uniform(&c) < 0.9)
                s.prior[j] = random_belief(&c, kinks);
        if (chance_uniform(&c) < 0.3)
            s.intercept = random_belief(&c, false);
        s.no_intercept = chance_uniform(&c) < 0.3;
        if (s.no_intercept)
            s.intercept.name = NULL;
        check_problem(&s, what);
        specimen_free(&s);
    }
}

static void test_gaussian(void **state)
{
    (void)state;
    check_random(0, false, 200);
}

static void test_bernoulli(void **state)
{
    (void)state;
    check_random(1, false, 200);
}

static void test_poisson(void **state)
{
    (void)state;
    check_random(2, false, 200);
}

static void test_kinks(void **state)
{
    (void)state;
    for (size_t f = 0; f < 3; f++)
        check_random(f, true, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gaussian),
        cmocka_unit_test(test_bernoulli),
        cmocka_unit_test(test_poisson),
        cmocka_unit_test(test_kinks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
