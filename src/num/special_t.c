/* Student's t distribution, and quantiles by bisection. */
#include "num/special.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* log P(|T| > t) and log P(|T| <= t), t >= 0. */
static void two_sided(double *log_outside, double *log_inside, double df, double t)
{
    const double scale = sqrt(df), z = t / scale;

    if (z > 1e100) { /* the first term of the series in 1/z^2; 1/(a B(a, 1/2)) stays finite */
        const double log_z = isinf(z) ? log(t) - 0.5 * log(df) : log(z), a = 0.5 * df;
        const double rest = special_lgamma_rise(0.5, a) - special_lgamma(a + 1.0);
        *log_outside = fmin(rest - df * log_z, 0.0);
        *log_inside = special_log1mexp(*log_outside);
        return;
    }
    if (z < 1e-100) { /* the density at 0, times 2 t */
        *log_inside = SPECIAL_LOG_2 + log(z) - special_log_beta(0.5, 0.5 * df);
        *log_outside = special_log1mexp(fmin(*log_inside, 0.0));
        return;
    }
    const double square = z * z, x = 1.0 / (1.0 + square), y = square / (1.0 + square);
    special_log_beta_tails(log_outside, log_inside, 0.5 * df, 0.5, x, y);
}

double special_t_log_above(double df, double t)
{
    double outside, inside;

    if (!(df > 0.0) || isnan(t))
        return NAN;
    if (isinf(t))
        return t > 0.0 ? -INFINITY : 0.0;
    two_sided(&outside, &inside, df, fabs(t));
    return t >= 0.0 ? outside - SPECIAL_LOG_2 : log1p(-0.5 * exp(outside));
}

double special_t_log_centre(double df, double t)
{
    double outside, inside;

    if (!(df > 0.0 && t >= 0.0))
        return NAN;
    if (isinf(t))
        return -SPECIAL_LOG_2;
    two_sided(&outside, &inside, df, t);
    return inside - SPECIAL_LOG_2;
}

/* The doubles in order as integers. */
static int64_t rank_of(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static double of_rank(int64_t rank)
{
    const int64_t bits = rank < 0 ? INT64_MIN - rank : rank;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

double special_invert(double (*f)(double t, const void *context), const void *context,
                      double target, double low, double high)
{
    int64_t below = rank_of(low), above = rank_of(high);

    if (isnan(target) || !(low <= high))
        return NAN;
    if (f(low, context) >= target)
        return low;
    while (below + 1 < above) {
        /* floor of the mean, without overflow */
        const int64_t middle = (below >> 1) + (above >> 1) + (below & above & 1);
        if (f(of_rank(middle), context) >= target)
            above = middle;
        else
            below = middle;
    }
    return of_rank(above);
}

static double t_log_below(double t, const void *df)
{
    return special_t_log_above(*(const double *)df, -t);
}

double special_t_quantile(double df, double p)
{
    if (!(df > 0.0 && p >= 0.0 && p <= 1.0))
        return NAN;
    if (p > 0.5)
        return -special_t_quantile(df, 1.0 - p);
    if (p == 0.5)
        return 0.0;
    return special_invert(t_log_below, &df, log(p), -INFINITY, 0.0);
}

/* A distribution function with two parameters, and whether its complement is looked at. */
struct two {
    double a, b;
    bool upper;
};

static double beta_log_tail(double x, const void *context)
{
    const struct two *two = context;
    double lower, upper;
    special_log_beta_tails(&lower, &upper, two->a, two->b, x, 1.0 - x);
    return two->upper ? -upper : lower;
}

double special_beta_quantile(double a, double b, double p)
{
    const struct two two = {a, b, p > 0.5};

    if (!(a > 0.0 && b > 0.0 && p >= 0.0 && p <= 1.0))
        return NAN;
    return special_invert(beta_log_tail, &two, two.upper ? -log1p(-p) : log(p), 0.0, 1.0);
}

static double gamma_tail(double x, const void *context)
{
    const struct two *two = context;
    return two->upper ? -special_gamma_q(two->a, x) : special_gamma_p(two->a, x);
}

double special_gamma_quantile(double a, double p)
{
    const struct two two = {.a = a, .upper = p > 0.5};

    if (!(a > 0.0 && p >= 0.0 && p <= 1.0) || isinf(a))
        return NAN;
    return special_invert(gamma_tail, &two, two.upper ? p - 1.0 : p, 0.0, INFINITY);
}
