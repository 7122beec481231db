/* Priors restricted to an interval: masses by quadrature, samplers, pinned tails, the parser. */
#include "base/str.h"
#include "num/rng.h"
#include "num/special.h"
#include "priors.h"

#include <stdio.h>

/* A typical distance from the location: where the density of log |t - location| peaks. */
static double width_of(const struct prior *prior)
{
    const double m = prior->row->location(prior->a);
    double best = -INFINITY, at = 0;
    for (double u = -60; u < 60; u += 0.02) {
        const double value = prior->row->log_density(prior->a, m + exp(u)) + u;
        if (value > best) {
            best = value;
            at = u;
        }
    }
    return exp(at);
}

enum { PANELS = 20000 };

/* log of the integral of the density over off in [low, high], 0 <= low < high, to the right or left
 * of the location: Simpson's rule in log off, from a start below which there is nothing. */
static double log_quadrature(const struct prior *prior, double sign, double low, double high,
                             double width)
{
    const double m = prior->row->location(prior->a);
    const double from = low > 0 ? log(low) : log(width) - 40;
    double to = from, sum = 0;
    const double top =
        prior->row->log_density(prior->a, m + sign * exp(from)) + (low > 0 ? from : log(width));
    while (to < (isinf(high) ? 650 : log(high)) &&
           prior->row->log_density(prior->a, m + sign * exp(to)) + to > top - 45 - 40 * (low == 0))
        to += 0.01;
    to = fmin(to, log(high));
    const double step = (to - from) / PANELS;
    for (int i = 0; i <= PANELS; i++) {
        const double u = from + i * step;
        const double f = exp(prior->row->log_density(prior->a, m + sign * exp(u)) + u - top);
        sum += f * (i == 0 || i == PANELS ? 1 : i % 2 ? 4 : 2);
    }
    return top + log(sum * step / 3);
}

static void masses_of(struct prior prior)
{
    /* in widths from the location */
    static const double intervals[][2] = {
        {0, INFINITY}, {0, 1},        {0, 1e-6}, {0.3, 0.4},   {1, 1.000001}, {0.5, 3},
        {2, INFINITY}, {8, INFINITY}, {8, 9},    {8, 8.00001}, {3, 1000},
    };
    const struct prior_row *row = prior.row;
    if (!row->log_mass || (row->flags & PRIOR_BOUNDED))
        return;
    const double m = row->location(prior.a), w = width_of(&prior);
    if (m != 0 && w < 1e-3)
        return; /* m + off is rounded: the case with m = 0 shows the same */
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++)
        for (int side = 1; side >= -1; side -= 2) {
            const double low = intervals[i][0] * w, high = intervals[i][1] * w;
            const double want = log_quadrature(&prior, side, low, high, w);
            const double got = row->log_mass(prior.a, side > 0 ? m + low : m - high,
                                             side > 0 ? m + high : m - low);
            /* the ends are rounded */
            const double rounding = 1e-15 * (fabs(m) + low) / fmin(high - low, w);
            assert_close(got, want, 0, 2e-10 + 2 * rounding, row->name, intervals[i][0]);
        }
    const double right = row->log_mass(prior.a, m, m + 2 * w);
    const double left = row->log_mass(prior.a, m - w, m);
    assert_close(row->log_mass(prior.a, m - w, m + 2 * w), log(exp(right) + exp(left)), 0, 1e-14,
                 "both sides", m);
    assert_true(row->log_mass(prior.a, -INFINITY, INFINITY) == 0);
    assert_true(row->log_mass(prior.a, m, m) == -INFINITY);
    assert_true(row->log_mass(prior.a, m + w, m) == -INFINITY);
    assert_close(row->log_mass(prior.a, m, INFINITY), -log(2), 1e-15, 0, "half", m);
}

static void test_masses(void **state)
{
    (void)state;
    for_each(masses_of);
}

static struct prior read_prior(const char *text)
{
    struct prior prior;
    mxp_error error = {0};
    if (prior_parse(&prior, text, (struct place){0}, &error) != MXP_OK)
        fail_msg("%s: %s", text, error.message);
    return prior;
}

static const char *const bounded[] = {
    "gaussian(1, 2, lower=0)",
    "gaussian(1, 2, upper=-1)",
    "gaussian(0, 1, lower=8)",
    "gaussian(0, 1, upper=-8)",
    "gaussian(0, 1, lower=-30, upper=-29.5)",
    "gaussian(2, lower=0.3, upper=0.3001)",
    "laplace(0, 0.5, lower=0)",
    "laplace(0, 0.5, lower=-1, upper=3)",
    "laplace(-3, 0.1, lower=2)",
    "laplace(5, 1, lower=-1, upper=2)",
    "elastic_net(0, 1, 2, lower=0)",
    "elastic_net(1, 1, 2, lower=6)",
    "elastic_net(0, 3, 0.1, lower=-0.2, upper=4)",
    "student_t(3, 0, 2, lower=0)",
    "student_t(3, 0, 2, upper=-40)",
    "student_t(0.5, 1, 2, lower=2, upper=1e6)",
    "student_t(30, 0, 1, lower=9)",
    "cauchy(2.5, lower=0)",
    "cauchy(0, 1, lower=1e6)",
    "cauchy(1, 1, lower=-5, upper=2)",
    "uniform(-1, 2)",
    "uniform(1e6, 1000001)",
};
enum { BOUNDED = sizeof bounded / sizeof *bounded };

/* The density between the bounds in a variable s in [0, 1] that covers an infinite interval. */
static double integral(const struct prior *prior)
{
    const double low = prior_lower(prior), high = prior_upper(prior);
    const double kink = prior->row->location(prior->a);
    /* from the finite end, or from the nearest point to the kink, outwards in log distance */
    double sum = 0;
    const double edges[] = {low, fmin(fmax(kink, low), high), high};
    for (int part = 0; part < 2; part++) {
        const double a = edges[part], b = edges[part + 1];
        const double anchor = part == 0 ? b : a, away = part == 0 ? -1 : 1, length = b - a;
        if (!(length > 0))
            continue;
        const double from = -60, to = isinf(length) ? 90 : log(length), step = (to - from) / PANELS;
        for (int i = 0; i <= PANELS; i++) {
            const double u = from + i * step, t = anchor + away * exp(u);
            const double inside = fmin(fmax(t, a), b);
            sum += exp(prior_log_density(prior, inside) + u) * step / 3 *
                   (i == 0 || i == PANELS ? 1
                    : i % 2               ? 4
                                          : 2);
        }
    }
    return sum;
}

static void test_densities(void **state)
{
    (void)state;
    for (size_t i = 0; i < BOUNDED; i++) {
        const struct prior prior = read_prior(bounded[i]);
        const double low = prior_lower(&prior), high = prior_upper(&prior);
        assert_true(prior.bounded);
        assert_close(integral(&prior), 1, 0, 1e-8, bounded[i], 0);
        assert_close(prior_log_mass(&prior, -INFINITY, INFINITY), 0, 0, 1e-13, bounded[i], 0);
        if (isfinite(low)) {
            assert_true(isfinite(prior_log_density(&prior, low)));
            assert_true(prior_log_density(&prior, nextafter(low, -INFINITY)) == -INFINITY);
        }
        if (isfinite(high)) {
            assert_true(isfinite(prior_log_density(&prior, high)));
            assert_true(prior_log_density(&prior, nextafter(high, INFINITY)) == -INFINITY);
        }
        assert_true(prior_log_density(&prior, NAN) == -INFINITY);
    }
}

/* R 4.2.2: dnorm, dt, dcauchy, dexp less the log of their tails. */
static void test_pins(void **state)
{
    static const struct {
        const char *text;
        double t, want;
    } pins[] = {
        {"gaussian(0, 1, lower=8)", 8.0999999999999996, 1.2894986267098787},
        {"gaussian(0, 1, lower=40)", 40.009999999999998, 3.2894534805491276},
        {"gaussian(1, 2, lower=0)", 0.5, -1.2743892984759615},
        {"gaussian(1, 2, lower=-1, upper=2)", 0.5, -1.0137400812117543},
        {"gaussian(1, 2, upper=-15)", -16, -2.7236485538500688},
        {"student_t(4, -1, 2, lower=8)", 9, -1.4072096092688406},
        {"student_t(4, 0, 1, lower=-1, upper=3)", 0, -0.7489962233135109},
        {"student_t(3, 0, 1, upper=-1e6)", -2000000, -15.489486991533859},
        {"cauchy(1, 2, lower=0)", 3, -2.0965168924515627},
        {"cauchy(1, lower=1e8)", 200000000, -19.806975105072258},
        {"laplace(1, 2, lower=0)", 3, -2.0249437463111315},
        {"laplace(0, 1, lower=50, upper=51)", 50.5, -0.041324854612918072},
        {"laplace(0, 1, upper=-700)", -701, -1},
        {"elastic_net(0, 1, 2, lower=3)", 3.5, -1.766780360216579},
        {"uniform(-1, 3)", 0, -1.3862943611198906},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        const struct prior prior = read_prior(pins[i].text);
        assert_close(prior_log_density(&prior, pins[i].t), pins[i].want, 1e-12, 1e-13, pins[i].text,
                     pins[i].t);
    }
    /* flat: 0 inside, no renormalisation */
    const struct prior flat = read_prior("flat(lower=0, upper=4)");
    assert_true(flat.bounded && flat.log_mass == 0);
    assert_true(prior_log_density(&flat, 0) == 0 && prior_log_density(&flat, 4) == 0);
    assert_true(prior_log_density(&flat, -1e-300) == -INFINITY);
    assert_true(prior_log_density(&flat, 4.1) == -INFINITY);
}

enum { DRAWS = 8000 };

static double cdf(double t, const void *prior)
{
    return exp(prior_log_mass(prior, -INFINITY, t));
}

static void test_samplers(void **state)
{
    static double sample[DRAWS];
    (void)state;
    for (size_t i = 0; i < BOUNDED; i++) {
        const struct prior prior = read_prior(bounded[i]);
        struct rng rng = rng_stream(5, i);
        for (int k = 0; k < DRAWS; k++) {
            sample[k] = prior_draw(&rng, &prior);
            assert_true(sample[k] >= prior_lower(&prior) && sample[k] <= prior_upper(&prior));
        }
        const double ks = numeric_ks(sample, DRAWS, cdf, &prior);
        if (!(ks < 1.95))
            fail_msg("%s: KS statistic %g", bounded[i], ks);
    }
    const struct prior free = read_prior("gaussian(3, 1e-3)");
    struct rng rng = rng_stream(5, 0);
    assert_close(prior_draw(&rng, &free), 3, 0, 6e-3, "without bounds", 3);
}

static void test_format(void **state)
{
    static const char *const extra[] = {
        "flat",
        "flat(lower=0)",
        "flat(lower=-1e-300, upper=0.1)",
        "flat(upper=1e+300)",
        "gaussian(0, 0.1, lower=-0.30000000000000004)",
    };
    static const struct {
        const char *text, *want;
    } written[] = {
        {"gaussian(2, lower=0)", "gaussian(0, 2, lower=0)"},
        {"normal ( upper = 1e0 , sd = 2 )", "gaussian(0, 2, upper=1)"},
        {"cauchy(2.5, lower=0, upper=inf)", "cauchy(0, 2.5, lower=0)"},
        {"laplace(1, lower=-.inf)", "laplace(0, 1)"},
        {"laplace(1, 2, upper=5, lower=-1)", "laplace(1, 2, lower=-1, upper=5)"},
        {"student_t(df=4, scale=2, lower=0)", "student_t(4, 0, 2, lower=0)"},
        {"uniform(high=1, low=-1)", "uniform(-1, 1)"},
        {"gaussian(mean=1, sd=2, lower=0)", "gaussian(1, 2, lower=0)"},
        {"flat(lower=0, upper=.inf)", "flat(lower=0)"},
    };
    struct str text = {0};
    (void)state;
    for (size_t i = 0; i < BOUNDED + sizeof extra / sizeof *extra; i++) {
        const struct prior prior = read_prior(i < BOUNDED ? bounded[i] : extra[i - BOUNDED]);
        text.length = 0;
        prior_format(&text, &prior);
        const struct prior back = read_prior(text.text);
        assert_true(back.row == prior.row && back.bounded == prior.bounded);
        assert_true(prior_lower(&back) == prior_lower(&prior));
        assert_true(prior_upper(&back) == prior_upper(&prior));
        assert_true(back.log_mass == prior.log_mass);
        for (size_t k = 0; k < prior.row->argument_count; k++)
            assert_true(back.a[k] == prior.a[k]);
    }
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        const struct prior prior = read_prior(written[i].text);
        text.length = 0;
        prior_format(&text, &prior);
        assert_string_equal(text.text, written[i].want);
    }
    str_free(&text);
}

/* The message after the place, and the column. */
static void check_fails(const char *text, unsigned column, const char *message)
{
    static const struct source source = {.name = "m.yaml"};
    const struct place place = {&source, 3, 1};
    struct prior prior = {.row = NULL};
    mxp_error error = {0};
    char want[1024];
    assert_int_equal(prior_parse(&prior, text, place, &error), MXP_CONFIG);
    (void)snprintf(want, sizeof want, "m.yaml:3:%u: %s", column, message);
    assert_string_equal(error.message, want);
    assert_null(prior.row);
}

static void test_errors(void **state)
{
    (void)state;
    check_fails("gaussian(0, 1, lower=2, upper=1)", 31,
                "gaussian: lower = 2 is not below upper = 1");
    check_fails("gaussian(0, 1, lower=2, upper=2)", 31,
                "gaussian: lower = 2 is not below upper = 2");
    check_fails("gaussian(0, 1, lower=inf)", 22, "gaussian: lower = inf leaves no value");
    check_fails("gaussian(0, 1, upper=-.inf)", 22, "gaussian: upper = -inf leaves no value");
    check_fails("gaussian(0, 1, lower=nan)", 22, "gaussian: lower = nan is not a number");
    check_fails("gaussian(0, 1, lower=x)", 22, "gaussian: lower = x is not a number");
    check_fails("gaussian(0, 1, lower=)", 22, "a value is missing after lower");
    check_fails("gaussian(0, 1, lower=0, lower=1)", 25, "gaussian: lower is given twice");
    check_fails("gaussian(0, 1, lowr=0)", 16,
                "gaussian has no argument \"lowr\"; did you mean lower?");
    check_fails("gaussian(0, 1, lower=0, 4)", 25,
                "\"4\" needs a name: it comes after a named argument");
    check_fails("gaussian(0, 1, 0, 4)", 16,
                "gaussian has no argument for 0: it is written gaussian(mean, sd)");
    check_fails("gaussian(lower=0)", 1,
                "gaussian lacks its argument sd: it is written gaussian(mean, sd)");
    check_fails("gaussian(0, -1, lower=0)", 13, "gaussian: sd = -1 is not above 0");
    check_fails("gaussian(0, 1, lower=1e200)", 22,
                "gaussian: the bounds are so far out that no probability is left between them");
    check_fails("gaussian(0, 1, lower=select(cv))", 22,
                "gaussian: lower = select(cv) is not in this version: give a number");
    check_fails("flat(lower=1, upper=0)", 21, "flat: lower = 1 is not below upper = 0");
    check_fails("flat(floor=1)", 6, "flat has no argument \"floor\"; known: lower, upper");
    check_fails("flat(0)", 6, "flat has no argument for 0: it is written flat");
    check_fails("uniform(2, 1)", 12, "uniform: low = 2 is not below high = 1");
    check_fails("uniform(1, 1)", 12, "uniform: low = 1 is not below high = 1");
    check_fails("uniform(1)", 1,
                "uniform lacks its argument high: it is written uniform(low, high)");
    check_fails("uniform(0, inf)", 12, "uniform: high = inf is not finite");
    check_fails("uniform(0, 1, lower=0)", 15,
                "uniform takes no lower or upper: its arguments low and high are its bounds");
    check_fails("half_normal(1, lower=0)", 16,
                "half_normal is a prior for positive parameters: it takes no lower or upper");
    check_fails("gamma(1, 2, upper=9)", 13,
                "gamma is a prior for positive parameters: it takes no lower or upper");
    check_fails("student_t(4, 2.5)", 1,
                "student_t lacks its argument scale: it is written student_t(df, loc, scale)");
    check_fails("student_t(0, 0, 1)", 11, "student_t: df = 0 is not above 0");
    check_fails("cauchy(0, 1, 2)", 14,
                "cauchy has no argument for 2: it is written cauchy(loc, scale)");
}

/* No NaN for any arguments, and densities that stay finite where doubles allow it. */
static void sweep(const struct prior_row *row, const double *values, size_t count)
{
    size_t combinations = 1;
    for (size_t k = 0; k < row->argument_count; k++)
        combinations *= count;
    for (size_t c = 0; c < combinations; c++) {
        struct prior prior = {.row = row};
        size_t rest = c;
        for (size_t k = 0; k < row->argument_count; k++) {
            prior.a[k] = values[rest % count];
            rest /= count;
        }
        if ((row->flags & PRIOR_BOUNDED) && !(prior.a[0] < prior.a[1]))
            continue;
        prior = settled(prior);
        for (size_t i = 0; i < count; i++) {
            const double t = values[i], value = prior_log_density(&prior, t);
            double d[3];
            if (isnan(value) || value == INFINITY)
                fail_msg("%s(%g, %g, %g) at %g: %g", row->name, prior.a[0], prior.a[1], prior.a[2],
                         t, value);
            row->derivatives(prior.a, t, d);
            if (isnan(d[0]) || isnan(d[1]) || isnan(d[2]))
                fail_msg("%s(%g, %g, %g) at %g: derivatives %g %g %g", row->name, prior.a[0],
                         prior.a[1], prior.a[2], t, d[0], d[1], d[2]);
            if (row->log_mass && isnan(row->log_mass(prior.a, -t, 2 * t)))
                fail_msg("%s(%g, %g, %g): mass up to %g", row->name, prior.a[0], prior.a[1],
                         prior.a[2], 2 * t);
        }
    }
}

static void test_extremes(void **state)
{
    static const double values[] = {1e-100, 1e-30, 1e-8, 0.3, 1, 40, 1e8, 1e30, 1e100};
    (void)state;
    for (const struct prior_row *const *row = prior_table; *row; row++)
        sweep(*row, values, sizeof values / sizeof *values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_masses),   cmocka_unit_test(test_densities),
        cmocka_unit_test(test_pins),     cmocka_unit_test(test_samplers),
        cmocka_unit_test(test_format),   cmocka_unit_test(test_errors),
        cmocka_unit_test(test_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
