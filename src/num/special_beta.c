/* The beta function, the incomplete beta function and distributions that are one. */
#include "num/special.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

static const double pi = 3.14159265358979323846;
static const double stirling_from = 16.0;

/* log Gamma(x + by) - log Gamma(x) by Stirling's formula. */
static double rise_far(double x, double by)
{
    const double remainder = special_stirling_remainder(x + by) - special_stirling_remainder(x);
    return (x - 0.5) * log1p(by / x) + by * (log(x + by) - 1.0) + remainder;
}

double special_lgamma_rise(double x, double by)
{
    if (!(x > 0.0 && by >= 0.0))
        return NAN;
    if (by == 0.0)
        return 0.0;
    if (x >= stirling_from)
        return isinf(x) ? x : rise_far(x, by);
    if (by >= 0.5)
        return special_lgamma(x + by) - special_lgamma(x);
    const int steps = (int)ceil(stirling_from - x);
    double sum = rise_far(x + steps, by);
    for (int k = steps - 1; k >= 0; k--)
        sum -= log1p(by / (x + k));
    return sum;
}

/* log(a B(a, b)): finite as a goes to 0. */
static double log_a_beta(double a, double b)
{
    if (a < stirling_from)
        return special_lgamma(a + 1.0) - special_lgamma_rise(b, a);
    if (b < stirling_from)
        return special_lgamma(b) - special_lgamma_rise(a, b) + log(a);
    const double remainder = special_stirling_remainder(a) + special_stirling_remainder(b) -
                             special_stirling_remainder(a + b);
    return SPECIAL_LOG_SQRT_2PI + remainder + (a + 0.5) * log(a / (a + b)) +
           (b - 0.5) * log1p(-a / (a + b)) + 0.5 * log(a + b);
}

double special_log_beta(double a, double b)
{
    const double low = a < b ? a : b, high = a < b ? b : a;

    if (!(low > 0.0))
        return low == 0.0 ? INFINITY : NAN;
    if (isinf(high))
        return -INFINITY;
    if (low < stirling_from)
        return special_lgamma(low) - special_lgamma_rise(high, low);
    return log_a_beta(low, high) - log(low);
}

/* -a log(ratio) + a (ratio - 1), with ratio = 1 + m. */
static double deviance(double a, double ratio, double m)
{
    return a * (m < -0.5 ? m - log(ratio) : special_log1p_excess(m));
}

static double log_power(double x, double y)
{
    return x < 0.5 ? log(x) : log1p(-y);
}

/* log of x^a y^b / (a B(a, b)); for large a, b from the peak, as Loader (2000) does for the
 * binomial. */
static double log_front(double a, double b, double x, double y)
{
    const double n = a + b;

    if (a < stirling_from || b < stirling_from)
        return a * log_power(x, y) + b * log_power(y, x) - log_a_beta(a, b);
    const double off = x * b - y * a; /* x n - a */
    const double remainder = special_stirling_remainder(a) + special_stirling_remainder(b) -
                             special_stirling_remainder(n);
    return 0.5 * log(b / n / a) - SPECIAL_LOG_SQRT_2PI - remainder -
           deviance(a, x / a * n, off / a) - deviance(b, y / b * n, -off / b);
}

enum { FRACTION_STEPS = 200000 };

/* a B(a, b) I_x(a, b) / (x^a y^b), for x below the mean or not far above.  Didonato and Morris
 * (1992), "Algorithm 708", eq. 9: the even part of the continued fraction, in
 * lambda = a - (a + b) x, which does not cancel. */
static double fraction(double a, double b, double x, double y)
{
    const double lambda = a > b ? (a + b) * y - b : a - (a + b) * x;
    const double c = 1.0 + lambda, c0 = b / a, c1 = 1.0 + 1.0 / a;
    double before = 0.0, now = 1.0, before_below = 1.0, now_below = c / c1, r = c1 / c;

    for (int n = 1; n < FRACTION_STEPS; n++) {
        const double s = a + 2.0 * n - 1.0, t = n / a, p = 1.0 + (n - 1) / a, e = a / s;
        const double w = n * (b - n) * x, grow = (1.0 + t) / (c1 + t + t);
        const double alpha = p * (p + c0) * e * e * (w * x);
        const double beta = n + w / s + grow * (c + n * (y + 1.0));
        const double above = alpha * before + beta * now;
        const double below = alpha * before_below + beta * now_below;
        const double last = r;
        r = above / below;
        if (fabs(r - last) <= 0.5 * DBL_EPSILON * fabs(r))
            break;
        before = now / below;
        before_below = now_below / below;
        now = r;
        now_below = 1.0;
    }
    return r * a;
}

static const double uniform_from = 1e8;

/* The smaller tail and which it is: the uniform expansion with its first term. */
static void tails_uniform(double *log_small, bool *is_lower, double a, double b, double x, double y)
{
    const double n = a + b, off = x * b - y * a;
    const double half = deviance(a, x / a * n, off / a) + deviance(b, y / b * n, -off / b);
    const double eta = sqrt(2.0 * half / n), spread = sqrt(a / n * (b / n));
    const double limit = (b - a) / n / (3.0 * spread);
    const double c0 =
        eta < 1e-5 ? (off < 0.0 ? -limit : limit) : 1.0 / eta - spread / (fabs(off) / n);

    *is_lower = off < 0.0;
    *log_small = -half + log(0.5 * special_erfcx(sqrt(half)) - c0 / sqrt(2.0 * pi * n));
}

void special_log_beta_tails(double *log_lower, double *log_upper, double a, double b, double x,
                            double y)
{
    bool lower = false;
    double small = NAN;

    *log_lower = *log_upper = NAN;
    if (!(a > 0.0 && b > 0.0 && x >= 0.0 && y >= 0.0) || isinf(a) || isinf(b))
        return;
    if (x == 0.0 || y == 0.0) {
        *log_lower = x == 0.0 ? -INFINITY : 0.0;
        *log_upper = x == 0.0 ? 0.0 : -INFINITY;
        return;
    }
    if (a > uniform_from && b > uniform_from) {
        tails_uniform(&small, &lower, a, b, x, y);
    } else {
        const double lambda = a > b ? (a + b) * y - b : a - (a + b) * x;
        lower = lambda + 1.0 > 2.0 * x;
        small = lower ? log_front(a, b, x, y) + log(fraction(a, b, x, y))
                      : log_front(b, a, y, x) + log(fraction(b, a, y, x));
    }
    small = small < 0.0 ? small : 0.0;
    *log_lower = lower ? small : special_log1mexp(small);
    *log_upper = lower ? special_log1mexp(small) : small;
}

double special_beta_p(double a, double b, double x)
{
    double lower, upper;
    special_log_beta_tails(&lower, &upper, a, b, x, 1.0 - x);
    return exp(lower);
}

double special_beta_q(double a, double b, double x)
{
    double lower, upper;
    special_log_beta_tails(&lower, &upper, a, b, x, 1.0 - x);
    return exp(upper);
}
