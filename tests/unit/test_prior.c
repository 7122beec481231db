/* Every row of the prior table, by quadrature, finite differences, brute force and sampling; the
 * parser. */
#include "model/arguments.h"
#include "model/prior.h"
#include "num/rng.h"
#include "numeric.h"
#include "priors.h"

#include <stdio.h>
#include <string.h>

/* A prior on the axis u = log |t - location|, on which every row is smooth and scale is a shift. */
struct axis {
    struct prior prior;
    double location, sides; /* two sides, or one for positive priors */
    double low, high, peak; /* of u: where the density of u is above exp(-40) of its peak */
    double sign;            /* the side that is looked at */
};

/* Log density of u on both sides together (both are alike). */
static double log_density(const struct axis *axis, double u)
{
    const double t = axis->location + axis->sign * exp(u);
    return axis->prior.row->log_density(axis->prior.a, t) + u + log(axis->sides);
}

static double edge(const struct axis *axis, double top, double step)
{
    double u = axis->peak;
    while (log_density(axis, u) > top - 40 && fabs(u) < 650)
        u += step;
    return u;
}

static struct axis make_axis(const struct prior *prior)
{
    struct axis axis = {.prior = *prior, .sides = 2, .sign = 1};
    double top = -INFINITY;
    if (prior->row->flags & PRIOR_POSITIVE)
        axis.sides = 1;
    axis.location = prior->row->location(prior->a);
    for (double u = -60; u < 60; u += 0.01)
        if (log_density(&axis, u) > top) {
            top = log_density(&axis, u);
            axis.peak = u;
        }
    axis.low = edge(&axis, top, -0.1);
    axis.high = edge(&axis, top, 0.1);
    return axis;
}

enum { CELLS = 20000 };

/* The density integrates to 1: the trapezoid rule on u converges exponentially. */
static void integral_of(struct prior prior)
{
    if (prior.row->flags & PRIOR_IMPROPER) {
        assert_true(prior.row->log_density(prior.a, 1.5) == 0);
        return;
    }
    if (prior.row->flags & PRIOR_BOUNDED) {
        const double low = prior_lower(&prior), high = prior_upper(&prior);
        assert_close(exp(prior_log_density(&prior, low)) * (high - low), 1, 1e-15, 0, "uniform", 0);
        assert_true(prior_log_density(&prior, low) == prior_log_density(&prior, high));
        assert_true(prior_log_density(&prior, high + 1e-9) == -INFINITY);
        return;
    }
    struct axis axis = make_axis(&prior);
    for (axis.sign = 1; axis.sign >= (axis.sides > 1 ? -1 : 1); axis.sign -= 2) {
        const double step = (axis.high - axis.low) / CELLS;
        double sum = 0;
        for (int i = 0; i <= CELLS; i++)
            sum += exp(log_density(&axis, axis.low + i * step)) * step;
        /* mean + offset is rounded to an ulp of the mean */
        const double rounding = axis.location == 0 ? 0 : 1e-15 / exp(axis.peak);
        assert_close(sum, 1, 0, 1e-10 + rounding, prior.row->name, prior.a[0]);
    }
    if (axis.sides == 1) {
        assert_true(prior.row->log_density(prior.a, -1e-9) == -INFINITY);
        assert_true(prior.row->log_density(prior.a, 0) == -INFINITY);
    }
}

static void test_integrals(void **state)
{
    (void)state;
    for_each(integral_of);
}

struct slope {
    const struct prior *prior;
    int order;
};

/* The smooth part or one of its derivatives. */
static double smooth(double t, const void *context)
{
    const struct slope *s = context;
    const struct prior_row *row = s->prior->row;
    const double *a = s->prior->a;
    double d[3];
    if (s->order == 0)
        return row->log_density(a, t) +
               (row->kink_weight ? row->kink_weight(a) * fabs(t - row->location(a)) : 0);
    row->derivatives(a, t, d);
    return d[s->order - 1];
}

static void derivatives_of(struct prior prior)
{
    static const double places[] = {-1.5, 0, 0.8};
    const struct axis axis = make_axis(&prior);
    for (size_t i = 0; i < 3; i++)
        for (double sign = 1; sign >= (axis.sides > 1 ? -1 : 1); sign -= 2) {
            const double t = axis.location + sign * exp(axis.peak + places[i]);
            const double off = t - axis.location, h = 0.01 * fabs(off);
            const double lost = 4 * DBL_EPSILON * fabs(axis.location) / h;
            double d[3];
            if (isinf(prior_log_density(&prior, t + sign * 2 * h)))
                continue;
            prior.row->derivatives(prior.a, t, d);
            for (int order = 0; order < 3; order++) {
                const struct slope slope = {&prior, order};
                const double size = fmax(1, fabs(smooth(t, &slope)) * pow(fabs(off), order));
                const double noise = 2e-14 * size / pow(fabs(off), order) / h;
                assert_close(d[order], numeric_slope(smooth, &slope, t, h), 1e-6 + 100 * lost,
                             noise, prior.row->name, t);
            }
            if (prior.row->flags & PRIOR_CONCAVE)
                assert_true(d[1] <= 0);
        }
}

static void test_derivatives(void **state)
{
    (void)state;
    for_each(derivatives_of);
}

/* No t does better than the proximal point: the kink, and a fine grid around. */
static void prox_of(struct prior prior)
{
    const struct prior_row *row = prior.row;
    if (!row->prox) {
        assert_null(row->kink_weight);
        return;
    }
    const double m = row->location(prior.a), width = exp(make_axis(&prior).peak);
    int ties = 0;
    for (double share = 0.1; share < 20; share *= 10)
        for (double place = -4; place <= 4; place += 0.5) {
            const double step = share * width * width, v = m + place * width;
            const double p = row->prox(prior.a, v, step);
            const double reach = 2 * (fabs(v - m) + width);
            const double at = (p - v) * (p - v) / (2 * step) - row->log_density(prior.a, p);
            for (int i = -2000; i <= 2000; i++) {
                const double t = m + reach * i / 2000;
                const double there = (t - v) * (t - v) / (2 * step) - row->log_density(prior.a, t);
                assert_true(at <= there + 1e-12 * fabs(there) + 1e-13 + 1e-14 * fabs(m) / width);
            }
            ties += p == m;
        }
    assert_true(ties >= 3); /* v = m at least; all of [m - step/b, m + step/b] */
}

static void test_prox(void **state)
{
    (void)state;
    for_each(prox_of);
}

/* The distribution function of u, tabulated. */
struct table {
    double low, step, cdf[CELLS + 1];
};

static double table_cdf(double u, const void *context)
{
    const struct table *table = context;
    const double at = (u - table->low) / table->step;
    if (at <= 0)
        return 0;
    if (at >= CELLS)
        return 1;
    const int i = (int)at;
    return table->cdf[i] + (at - i) * (table->cdf[i + 1] - table->cdf[i]);
}

enum { DRAWS = 8000 };

static void sampler_of(struct prior prior)
{
    static struct table table;
    static double sample[DRAWS];
    struct rng rng = rng_stream(21, 0);
    int right = 0;
    if (prior.row->flags & PRIOR_IMPROPER) {
        assert_null(prior.row->draw);
        return;
    }
    const struct axis axis = make_axis(&prior);
    if (axis.location != 0 && axis.peak < -8)
        return; /* mean + draw is rounded: the case with mean 0 shows the same */
    table.low = axis.low;
    table.step = (axis.high - axis.low) / CELLS;
    for (int i = 0; i < CELLS; i++) {
        const double u = axis.low + i * table.step;
        table.cdf[i + 1] = table.cdf[i] + 0.5 * table.step *
                                              (exp(log_density(&axis, u)) +
                                               exp(log_density(&axis, u + table.step)));
    }
    for (int i = 0; i < DRAWS; i++) {
        const double t = prior.row->draw(&rng, prior.a);
        right += t > axis.location;
        sample[i] = log(fabs(t - axis.location));
    }
    const double ks = numeric_ks(sample, DRAWS, table_cdf, &table);
    if (!(ks < 1.95))
        fail_msg("%s(%g, %g, %g): KS statistic %g", prior.row->name, prior.a[0], prior.a[1],
                 prior.a[2], ks);
    assert_close(right, axis.sides > 1 ? DRAWS / 2 : DRAWS, 0, axis.sides > 1 ? 200 : 0, "sides",
                 prior.a[0]);
}

static void test_samplers(void **state)
{
    (void)state;
    for_each(sampler_of);
}

/* The order with which the density vanishes at 0 is its slope on log-log axes. */
static void order_of(struct prior prior)
{
    const double order = prior.row->order_at_zero(prior.a);
    if (!(prior.row->flags & PRIOR_POSITIVE)) {
        assert_true(order == 0);
        return;
    }
    const struct axis axis = make_axis(&prior);
    const double u = axis.peak - (isinf(order) ? 250 : 40);
    const double slope = log_density(&axis, u + 1) - log_density(&axis, u) - 1;
    if (isinf(order))
        assert_true(slope > 5);
    else
        assert_close(slope, order, 0, 1e-6, prior.row->name, prior.a[0]);
}

static void test_orders(void **state)
{
    (void)state;
    for_each(order_of);
}

/* R 4 (dt, dcauchy, dnorm, dexp, dgamma, dlnorm); elastic net: mpmath, the textbook formula with
 * 40 digits. */
static void test_pins(void **state)
{
    static const struct {
        const char *text;
        double t, want;
    } pins[] = {
        {"half_student_t(4, 0.7)", 1.3, -1.4854638643929845},
        {"half_cauchy(0.7)", 1.3, -1.5875825260291849},
        {"half_normal(0.7)", 1.3, -1.5936062046243626},
        {"exponential(0.7)", 1.3, -1.2666749439387324},
        {"student_t(4, -1, 0.7)", 1.3, -3.894296798133388},
        {"student_t(0.3, 0, 2)", 1e6, -20.007442023054875},
        {"student_t(3e7, 0, 2)", 5, -4.737085500743819},
        {"half_student_t(1e7, 0.7)", 1.3, -1.5936061046868752},
        {"cauchy(-1, 0.7)", 1.3, -3.2558085124724188},
        {"uniform(-2, 3)", 1.3, -1.6094379124341003},
        {"gamma(1e8, 3e8)", 0.33333, 9.385024093322748},
        {"inverse_gamma(1e6, 3e6)", 3.001, 4.834340222532414},
        {"gamma(0.6, 3)", 1.3, -3.7440121906553658},
        {"inverse_gamma(0.6, 3)", 1.3, -2.4665416157086621},
        {"lognormal(-3, 0.7)", 1.3, -11.684852949727834},
        {"gaussian(-3, 0.7)", 1.3, -19.429610528041454},
        {"elastic_net(-3, 3, 0.7)", 1.3, -18.899523776961782},
        {"elastic_net(0, 1e8, 1e-8)", 1e-9, 17.6275335633924202},
        {"elastic_net(0, 1e-8, 1e8)", 2, -199999991.708598181},
        {"elastic_net(1, 300, 1)", 1.01, 2.0105964048987418},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        struct prior prior;
        assert_int_equal(prior_parse(&prior, pins[i].text, (struct place){0}, NULL), MXP_OK);
        assert_close(prior.row->log_density(prior.a, pins[i].t), pins[i].want, 1e-13, 0,
                     pins[i].text, pins[i].t);
    }
}

/* Means far out, scales tiny: no NaN. */
static void test_extremes(void **state)
{
    struct prior prior;
    (void)state;
    assert_int_equal(prior_parse(&prior, "elastic_net(0, 1e150, 1e-300)", (struct place){0}, NULL),
                     MXP_OK);
    assert_close(prior.row->log_density(prior.a, 0), log(0.5) + 150 * log(10), 1e-14, 0, "en", 0);
    assert_int_equal(prior_parse(&prior, "half_student_t(1e12, 1)", (struct place){0}, NULL), 0);
    assert_close(prior.row->log_density(prior.a, 1), log(2) - 0.5 - 0.918938533204672742, 1e-11, 0,
                 "t", 1);
    assert_int_equal(prior_parse(&prior, "half_cauchy(1e-300)", (struct place){0}, NULL), MXP_OK);
    assert_true(isfinite(prior.row->log_density(prior.a, 1e300)));
    assert_int_equal(prior_parse(&prior, "gaussian(1e8, 1e-8)", (struct place){0}, NULL), MXP_OK);
    assert_close(prior.row->log_density(prior.a, 1e8), 8 * log(10) - 0.918938533204672742, 1e-14, 0,
                 "gaussian", 1e8);
}

static void round_trip_of(struct prior prior)
{
    struct prior back;
    struct str text = {0};
    mxp_error error = {0};
    prior_format(&text, &prior);
    assert_int_equal(str_check(&text, &error), MXP_OK);
    assert_int_equal(prior_parse(&back, text.text, (struct place){0}, &error), MXP_OK);
    assert_ptr_equal(back.row, prior.row);
    for (size_t k = 0; k < prior.row->argument_count; k++)
        assert_true(back.a[k] == prior.a[k]);
    assert_true(prior_lower(&back) == prior_lower(&prior));
    assert_true(prior_upper(&back) == prior_upper(&prior));
    str_free(&text);
}

static void round_trips_of(struct prior prior)
{
    round_trip_of(prior);
    for (size_t k = 0; k < prior.row->argument_count; k++)
        prior.a[k] = prior.a[k] / 3 * 1.0000001;
    round_trip_of(settled(prior));
}

static void test_format(void **state)
{
    struct prior prior = {.row = prior_find("laplace"), .a = {0, 0.5}};
    struct str text = {0};
    (void)state;
    for_each(round_trips_of);
    prior_format(&text, &prior);
    assert_string_equal(text.text, "laplace(0, 0.5)");
    text.length = 0;
    prior_format(&text, &(struct prior){.row = prior_find("flat")});
    assert_string_equal(text.text, "flat");
    text.length = 0;
    prior_signature(&text, prior.row);
    assert_string_equal(text.text, "laplace(mean, scale)");
    str_free(&text);
}

static void check_reads(const char *text, const char *name, double a0, double a1, double a2)
{
    struct prior prior;
    mxp_error error = {0};
    if (prior_parse(&prior, text, (struct place){0}, &error) != MXP_OK)
        fail_msg("%s: %s", text, error.message);
    assert_string_equal(prior.row->name, name);
    assert_true(prior.a[0] == a0 && prior.a[1] == a1 && prior.a[2] == a2);
}

static void test_parse(void **state)
{
    (void)state;
    check_reads("flat", "flat", 0, 0, 0);
    check_reads(" flat ( ) ", "flat", 0, 0, 0);
    check_reads("gaussian(2)", "gaussian", 0, 2, 0);
    check_reads("normal(1, 2)", "gaussian", 1, 2, 0);
    check_reads("gaussian(sd=2)", "gaussian", 0, 2, 0);
    check_reads("gaussian(sd = 2e0 , mean = -1.5)", "gaussian", -1.5, 2, 0);
    check_reads("laplace(1, scale=.5)", "laplace", 1, 0.5, 0);
    check_reads("double_exponential(1e-9)", "laplace", 0, 1e-9, 0);
    check_reads("elastic_net(0, 1, 2)", "elastic_net", 0, 1, 2);
    check_reads("elastic_net(l2=2, l1=1)", "elastic_net", 0, 1, 2);
    check_reads("half_student_t(4, 0.7)", "half_student_t", 4, 0.7, 0);
    check_reads("lognormal(-1, 2)", "lognormal", -1, 2, 0);
}

/* The message after the place, and the column, counted from a prior that starts at column 10. */
static void check_fails(const char *text, unsigned column, const char *message)
{
    static const struct source source = {.name = "m.yaml"};
    const struct place place = {&source, 3, 10};
    struct prior prior = {.row = NULL};
    mxp_error error = {0};
    char want[1024];
    assert_int_equal(prior_parse(&prior, text, place, &error), MXP_CONFIG);
    (void)snprintf(want, sizeof want, "m.yaml:3:%u: %s", 10 + column, message);
    assert_string_equal(error.message, want);
    assert_null(prior.row);
}

static void test_parse_errors(void **state)
{
    (void)state;
    check_fails("", 0, "the name of a prior is missing");
    check_fails("gausian(1)", 0, "unknown prior \"gausian\"; did you mean gaussian?");
    check_fails("zzz", 0,
                "unknown prior \"zzz\"; known: flat, gaussian, normal, laplace, "
                "double_exponential, elastic_net, student_t, cauchy, uniform, half_normal, "
                "half_cauchy, half_student_t, exponential, gamma, inverse_gamma, lognormal");
    check_fails("laplace", 0,
                "laplace lacks its argument scale: it is written laplace(mean, scale)");
    check_fails("gamma(2)", 0, "gamma lacks its argument rate: it is written gamma(shape, rate)");
    check_fails("laplace(0, -2)", 11, "laplace: scale = -2 is not above 0");
    check_fails("laplace(0, 0)", 11, "laplace: scale = 0 is not above 0");
    check_fails("laplace(inf, 1)", 8, "laplace: mean = inf is not finite");
    check_fails("laplace(0, .inf)", 11, "laplace: scale = .inf is not finite");
    check_fails("laplace(0, x)", 11, "laplace: scale = x is not a number");
    check_fails("laplace(0, select(evidence))", 11,
                "laplace: scale = select(evidence) is not there yet; select(cv) chooses it by "
                "cross-validation");
    check_fails("laplace(0, select(bic))", 11,
                "laplace: scale = select(bic): it is written select(cv)");
    check_fails("laplace(select(cv), 1)", 8,
                "laplace: mean cannot be selected: a scale of laplace or gaussian can, and l1 and "
                "l2 of elastic_net");
    check_fails("half_normal(select(cv))", 12,
                "half_normal: sd cannot be selected: a scale of laplace or gaussian can, and l1 "
                "and l2 of elastic_net");
    check_fails("elastic_net(0, 1, select(cv))", 18,
                "elastic_net: l1 and l2 are selected together, elastic_net(0, select(cv), "
                "select(cv)); path.mix is the share of l1");
    check_fails("laplace(0, 1, 2)", 14,
                "laplace has no argument for 2: it is written laplace(mean, scale)");
    check_fails("laplace(scale=1, scale=2)", 17, "laplace: scale is given twice");
    check_fails("laplace(0, mean=2)", 11, "laplace: mean is given twice");
    check_fails("laplace(0, scal=2)", 11, "laplace has no argument \"scal\"; did you mean scale?");
    check_fails("gaussian(0, 1, low=0)", 15,
                "gaussian has no argument \"low\"; did you mean lower?");
    check_fails("gaussian(0, 1, floor=0)", 15,
                "gaussian has no argument \"floor\"; known: mean, sd, lower, upper");
    check_fails("laplace(scale=1, 2)", 17, "\"2\" needs a name: it comes after a named argument");
    check_fails(
        "laplace(0, 1", 7,
        "\"(\" is not closed (inside {...} a prior needs quotes: YAML splits it at commas)");
    check_fails("laplace(0, 1) + 2", 14, "unexpected \"+ 2\" after laplace");
    check_fails("laplace(0, 1))", 13, "unexpected \")\" after laplace");
    check_fails("laplace 0.5", 8, "unexpected \"0.5\" after laplace");
    check_fails("laplace(0,,1)", 10, "an argument is missing here");
    check_fails("laplace(0, )", 11, "an argument is missing here");
    check_fails("laplace(, 1)", 8, "an argument is missing here");
    check_fails("laplace(scale=)", 14, "a value is missing after scale");
    check_fails("laplace(=3)", 8, "a name is missing before \"=\"");
    check_fails("laplace(\xC3\xA9, \xC3\xA9)", 8, "laplace: mean = \xC3\xA9 is not a number");
    check_fails(
        "laplace(0, (1)", 7,
        "\"(\" is not closed (inside {...} a prior needs quotes: YAML splits it at commas)");
    check_fails("flat(1)", 5, "flat has no argument for 1: it is written flat");
    check_fails("gamma(1,2,3,4,5,6,7,8,9)", 22, "more than 8 arguments");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integrals), cmocka_unit_test(test_derivatives),
        cmocka_unit_test(test_prox),      cmocka_unit_test(test_samplers),
        cmocka_unit_test(test_orders),    cmocka_unit_test(test_pins),
        cmocka_unit_test(test_extremes),  cmocka_unit_test(test_format),
        cmocka_unit_test(test_parse),     cmocka_unit_test(test_parse_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
