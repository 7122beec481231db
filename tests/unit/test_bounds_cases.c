/* The ways in which bounds can be awkward: degenerate optima, starts outside, dependent columns,
 * standardised columns, separation held by a bound, auxiliary parameters beside. */
#include "chance.h"
#include "faces.h"

static struct belief between(double lower, double upper)
{
    return (struct belief){"flat", {0}, lower, upper};
}

/* Gaussian responses with noise 1 and no intercept. */
static struct specimen straight(size_t rows, size_t columns)
{
    struct specimen s = specimen_new("gaussian", rows, columns);
    s.link = "identity";
    s.aux[0] = "noise_sd";
    s.fixed[0] = 1.0;
    s.no_intercept = true;
    return s;
}

static void check_on(const struct specimen *s, const char *name, const char *bound, double value)
{
    for (size_t j = 0; j < mxp_posterior_terms(s->posterior); j++) {
        const mxp_term term = mxp_posterior_term(s->posterior, j);
        if (strcmp(term.name, name) != 0)
            continue;
        if (term.estimate != value)
            fail_msg("%s is %.17g, not %.17g", name, term.estimate, value);
        assert_non_null(term.at_bound);
        assert_string_equal(term.at_bound, bound);
        assert_true(isnan(term.sd));
        return;
    }
    fail_msg("no term %s", name);
}

/* Against brute force, where the optimum is unique. */
static void check_faces(struct specimen *s, const char *what)
{
    double theta[ORACLE_MAX];
    enum face face[ORACLE_MAX];
    const double best = faces_minimum(theta, face, s);

    specimen_converged(s, what);
    assert_close(mxp_solution_info(s->solution).objective, best, 1e-12, 1e-11, what, -1.0);
    for (size_t j = 0; j < s->columns; j++)
        assert_close(specimen_estimate(s, column_names[j]), theta[j + !s->no_intercept], 1e-8, 1e-8,
                     what, (double)j);
    specimen_free(s);
}

/* Lawson and Hanson's problem; scipy.optimize.nnls (SciPy 1.10.1) gives these, to 1e-13. */
static void test_nnls(void **state)
{
    (void)state;
    static const double truth[] = {1.0, -0.5, 0.3, -0.8, 0.2};
    static const double want[] = {0.9712561281155005, 0.0, 0.2535780654656755, 0.0,
                                  0.16611818747308352};
    struct specimen s = straight(20, 5);
    for (size_t i = 0; i < 20; i++) {
        s.y[i] = 0.3 * cos(3.1 * (double)i);
        for (size_t j = 0; j < 5; j++) {
            s.x[j][i] = sin(1.0 + 1.7 * (double)(i * (j + 1)) + (double)(j * j));
            s.y[i] += truth[j] * s.x[j][i];
        }
    }
    for (size_t j = 0; j < 5; j++)
        s.prior[j] = between(0.0, INFINITY);
    specimen_converged(&s, "nnls");
    for (size_t j = 0; j < 5; j++)
        assert_close(specimen_estimate(&s, column_names[j]), want[j], 0.0, 1e-12, "nnls",
                     (double)j);
    check_on(&s, "x2", "lower", 0.0);
    check_on(&s, "x4", "lower", 0.0);
    const mxp_fit_info info = mxp_solution_info(s.solution);
    const double rnorm = 3.288756576600814;
    assert_close(info.objective, 0.5 * rnorm * rnorm + 10.0 * log(2.0 * M_PI), 1e-13, 0.0, "J",
                 0.0);
    specimen_free(&s);
}

/* The unbounded optimum is exactly the bound: the gradient there is 0. */
static void test_degenerate(void **state)
{
    (void)state;
    static const double x[] = {1, 1, -1, -1, 2, -2}, wave[] = {1, -1, 1, -1, 0, 0};
    for (int bound = 0; bound < 3; bound++) {
        struct specimen s = straight(6, 1);
        for (size_t i = 0; i < 6; i++) {
            s.x[0][i] = x[i];
            s.y[i] = 0.5 * x[i] + wave[i];
        }
        s.prior[0] = bound == 0   ? between(0.5, INFINITY)
                     : bound == 1 ? between(-INFINITY, 0.5)
                                  : between(0.5, 1.0);
        specimen_converged(&s, "degenerate");
        assert_close(specimen_estimate(&s, "x1"), 0.5, 0.0, 1e-15, "degenerate", bound);
        const mxp_term term = mxp_posterior_term(s.posterior, 0);
        assert_int_equal(term.at_bound != NULL, term.estimate == 0.5);
        specimen_free(&s);
    }
    struct specimen s = specimen_new("bernoulli", 4, 1);
    s.link = "logit";
    s.no_intercept = true;
    s.x[0][0] = s.x[0][1] = 1.0;
    s.x[0][2] = s.x[0][3] = -2.0;
    s.y[0] = s.y[2] = 1.0;
    s.prior[0] = between(0.0, INFINITY);
    specimen_converged(&s, "degenerate logistic");
    assert_close(specimen_estimate(&s, "x1"), 0.0, 0.0, 1e-14, "degenerate logistic", 0.0);
    specimen_free(&s);
}

/* Bounds one unit in the last place apart, far away, and tiny. */
static void test_odd_numbers(void **state)
{
    (void)state;
    static const double bounds[][2] = {{1.0, 1.0 + 0x1p-52}, {0.1, 0.1 + 1e-12}, {1e-300, 2e-300},
                                       {1e5, 1e6},           {-1e-8, 1e-8},      {-1e6, -1e5}};
    for (size_t k = 0; k < 6; k++) {
        struct specimen s = straight(8, 2);
        for (size_t i = 0; i < 8; i++) {
            s.x[0][i] = sin((double)i);
            s.x[1][i] = cos(2.0 * (double)i);
            s.y[i] = 0.7 * s.x[0][i] - s.x[1][i] + 0.1 * sin(5.0 * (double)i);
        }
        s.prior[0] = between(bounds[k][0], bounds[k][1]);
        specimen_converged(&s, "odd");
        const bool upper = bounds[k][1] < 0.7;
        check_on(&s, "x1", upper ? "upper" : "lower", bounds[k][upper]);
        specimen_free(&s);
    }
}

/* A start outside of the bounds either counts as one inside, or is refused in words. */
static void test_start_outside(void **state)
{
    (void)state;
    static const double starts[][2] = {{-5.0, 3.0}, {-1e6, 0.0}, {0.0, 1.0}, {100.0, -100.0}};
    for (size_t f = 0; f < 2; f++)
        for (size_t k = 0; k < 4; k++) {
            struct chance c = {3};
            struct specimen s = specimen_new(f ? "poisson" : "bernoulli", 30, 2);
            s.link = f ? "log" : "logit";
            for (size_t i = 0; i < 30; i++) {
                s.x[0][i] = chance_normal(&c);
                s.x[1][i] = chance_normal(&c);
                s.y[i] = chance_uniform(&c) < 0.5;
            }
            s.prior[0] = between(0.0, INFINITY);
            s.prior[1] = between(-0.5, 0.2);
            s.start = starts[k];
            check_faces(&s, "start outside");
        }
}

/* With standardize the bounds speak about the standardised coefficients: the same fit as that of
 * columns standardised by hand. */
static void test_standardized(void **state)
{
    (void)state;
    struct chance c = {5};
    struct specimen raw = specimen_new("bernoulli", 60, 2), made;
    raw.link = "logit";
    for (size_t i = 0; i < 60; i++) {
        raw.w[i] = chance_between(&c, 0.5, 2.0);
        raw.x[0][i] = 30.0 + 5.0 * chance_normal(&c);
        raw.x[1][i] = -2.0 + 0.01 * chance_normal(&c);
        raw.y[i] = chance_uniform(&c) < 1.0 / (1.0 + exp(-0.2 * (raw.x[0][i] - 30.0)));
    }
    raw.prior[0] = (struct belief){"gaussian", {0.0, 1.0}, -INFINITY, 0.5};
    raw.prior[1] = between(0.25, INFINITY);
    made = raw;
    raw.standardize = true;
    for (size_t j = 0; j < 2; j++) {
        double total = 0.0, mean = 0.0, square = 0.0;
        for (size_t i = 0; i < 60; i++) {
            total += raw.w[i];
            mean += raw.w[i] * raw.x[j][i];
        }
        mean /= total;
        for (size_t i = 0; i < 60; i++)
            square += raw.w[i] * pow(raw.x[j][i] - mean, 2.0) / total;
        for (size_t i = 0; i < 60; i++)
            made.x[j][i] = (raw.x[j][i] - mean) / sqrt(square);
    }
    specimen_converged(&raw, "raw");
    specimen_converged(&made, "by hand");
    check_on(&made, "x1", "upper", 0.5);
    check_on(&made, "x2", "lower", 0.25);
    assert_close(mxp_solution_info(raw.solution).objective,
                 mxp_solution_info(made.solution).objective, 1e-12, 0.0, "objective", 0.0);
    for (size_t j = 1; j < 3; j++) {
        const mxp_term a = mxp_posterior_term(raw.posterior, j);
        const mxp_term b = mxp_posterior_term(made.posterior, j);
        assert_true(a.standardized_estimate == b.estimate);
        assert_non_null(a.at_bound);
        assert_string_equal(a.at_bound, b.at_bound);
        assert_true(isnan(a.sd) && isnan(a.standardized_sd));
    }
    specimen_free(&raw);
    specimen_free(&made);
}

/* Bounds on the intercept, whose columns may then not be centred behind its back. */
static void test_intercept(void **state)
{
    (void)state;
    for (size_t f = 0; f < 3; f++) {
        struct chance c = {f};
        struct specimen s = specimen_new(f == 0   ? "gaussian"
                                         : f == 1 ? "bernoulli"
                                                  : "poisson",
                                         40, 1);
        s.link = f == 0 ? "identity" : f == 1 ? "logit" : "log";
        s.aux[0] = f == 0 ? "noise_sd" : NULL;
        s.fixed[0] = f == 0;
        for (size_t i = 0; i < 40; i++) {
            s.x[0][i] = 3.0 + chance_normal(&c);
            const double mu = oracle_mean(s.link, 1.0 - 0.5 * s.x[0][i]);
            s.y[i] = f == 0   ? mu + chance_normal(&c)
                     : f == 1 ? (double)(chance_uniform(&c) < mu)
                              : chance_poisson(&c, mu);
        }
        s.intercept = between(-INFINITY, -0.25);
        struct specimen copy = s;
        specimen_converged(&s, "intercept");
        check_on(&s, "(Intercept)", "upper", -0.25);
        specimen_free(&s);
        check_faces(&copy, "intercept");
    }
}

/* Two equal columns.  Flat, the optimum is unique only where both are driven onto a bound. */
static void test_equal_columns(void **state)
{
    (void)state;
    struct specimen s = straight(10, 2);
    for (size_t i = 0; i < 10; i++) {
        s.x[0][i] = s.x[1][i] = sin(1.0 + (double)i);
        s.y[i] = 2.0 * s.x[0][i] + 0.3 * cos(5.0 * (double)i);
    }
    s.prior[0] = (struct belief){"gaussian", {0.0, 1.0}, 0.0, INFINITY};
    s.prior[1] = between(0.0, 0.5);
    struct specimen both = s, one = s;
    check_faces(&s, "gaussian beside flat");
    both.prior[0] = both.prior[1] = between(0.0, 0.5);
    specimen_converged(&both, "both on their bounds");
    check_on(&both, "x1", "upper", 0.5);
    check_on(&both, "x2", "upper", 0.5);
    specimen_free(&both);
    one.prior[0] = (struct belief){"gaussian", {0.0, 1.0}, -INFINITY, 0.1};
    one.prior[1] = between(-INFINITY, INFINITY);
    check_faces(&one, "flat beside a gaussian with a bound");
}

/* A direction of separation that a bound closes is no reason to refuse. */
static void test_separation(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        struct specimen s = specimen_new("bernoulli", 10, 1);
        s.link = "logit";
        for (size_t i = 0; i < 10; i++) {
            s.x[0][i] = (double)i - 4.5;
            s.y[i] = i >= 5;
        }
        s.no_intercept = true;
        s.prior[0] = k == 0   ? between(-INFINITY, 3.0)
                     : k == 1 ? between(-2.0, 2.0)
                              : (struct belief){"uniform", {-1.0, 4.0}, 0, 0};
        specimen_converged(&s, "separation held by a bound");
        check_on(&s, "x1", "upper", k == 0 ? 3.0 : k == 1 ? 2.0 : 4.0);
        specimen_free(&s);
    }
}

/* A direction of separation that bounds leave open is refused like any other. */
static void test_open_separation(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        struct specimen s = specimen_new(k < 3 ? "bernoulli" : "poisson", 10, 1);
        s.link = k < 3 ? "logit" : "log";
        for (size_t i = 0; i < 10; i++) {
            s.x[0][i] = k < 3 ? (double)i - 4.5 : (double)(i < 5);
            s.y[i] = i >= 5;
        }
        s.no_intercept = k == 1;
        s.prior[0] = k == 2   ? between(-10.0, INFINITY)
                     : k == 3 ? between(-INFINITY, 0.0)
                              : between(0.0, INFINITY);
        specimen_no_mode(&s, "x1", "separation beyond a bound");
        specimen_free(&s);
    }
}

/* Flat columns that depend on each other: where a whole segment of optima lies inside the bounds,
 * none of its points is the mode. */
static void test_dependent(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        struct specimen s = straight(10, 2);
        for (size_t i = 0; i < 10; i++) {
            s.x[0][i] = sin(1.0 + (double)i);
            s.x[1][i] = k == 1 ? -s.x[0][i] : k == 2 ? 0.0 : s.x[0][i];
            s.y[i] = 0.8 * s.x[0][i] + 0.3 * cos(5.0 * (double)i);
        }
        s.prior[1] = k == 3 ? (struct belief){"uniform", {0.0, 1.0}, 0, 0} : between(0.0, 1.0);
        if (k != 2)
            s.prior[0] = k == 3 ? s.prior[1] : between(0.0, INFINITY);
        specimen_no_mode(&s, "x2", "dependent flat columns");
        specimen_free(&s);
    }
}

/* Noise estimated beside bounds: with x1 on its bound the rest is least squares, sigma^2 RSS/n. */
static void test_noise(void **state)
{
    (void)state;
    struct specimen s = straight(12, 1);
    double rss = 0.0;
    for (size_t i = 0; i < 12; i++) {
        s.x[0][i] = sin(1.0 + (double)i);
        s.y[i] = 2.0 * s.x[0][i] + cos(5.0 * (double)i);
        rss += pow(s.y[i] - 0.75 * s.x[0][i], 2.0);
    }
    s.fixed[0] = 0.0;
    s.prior[0] = (struct belief){"uniform", {-0.5, 0.75}, 0, 0};
    specimen_converged(&s, "noise");
    check_on(&s, "x1", "upper", 0.75);
    assert_close(specimen_estimate(&s, "noise_sd"), sqrt(rss / 12.0), 1e-10, 0.0, "noise_sd", 0.0);
    const double v = 1.0 / 24.0; /* of log sigma */
    assert_close(mxp_posterior_term(s.posterior, 1).sd,
                 sqrt(rss / 12.0) * exp(0.5 * v) * sqrt(expm1(v)), 1e-8, 0.0, "its sd", 0.0);
    specimen_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nnls),          cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_odd_numbers),   cmocka_unit_test(test_start_outside),
        cmocka_unit_test(test_standardized),  cmocka_unit_test(test_intercept),
        cmocka_unit_test(test_equal_columns), cmocka_unit_test(test_separation),
        cmocka_unit_test(test_noise),         cmocka_unit_test(test_open_separation),
        cmocka_unit_test(test_dependent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
