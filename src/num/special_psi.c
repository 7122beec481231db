/* Derivatives of log Gamma, and their differences. */
#include "num/special.h"

#include <math.h>
#include <stddef.h>

static const double series_from = 12.0;

/* Bernoulli numbers B_2, B_4, ..., B_18. */
static const double bernoulli[] = {1.0 / 6.0,   -1.0 / 30.0,     1.0 / 42.0,
                                   -1.0 / 30.0, 5.0 / 66.0,      -691.0 / 2730.0,
                                   7.0 / 6.0,   -3617.0 / 510.0, 43867.0 / 798.0};
enum { TERMS = sizeof bernoulli / sizeof *bernoulli };

/* The terms k = from..TERMS of sum B_2k c_k / x^2k for derivative `order` (0, 1 or 2) of psi, with
 * c_k = 1/(2k), 1 and 2k + 1. */
static double series(double x, int order, int from)
{
    const double s = 1.0 / (x * x);
    double sum = 0.0;

    for (int k = TERMS; k >= 1; k--) {
        const double c = order == 0 ? 0.5 / k : order == 1 ? 1.0 : 2.0 * k + 1.0;
        sum = s * (k < from ? sum : sum + bernoulli[k - 1] * c);
    }
    return sum;
}

static const double root = 1.4616321449683622;
static const double root_rest = 9.5499954299656977e-17;

/* psi^(k)(root) / k!, k = 1..22; mpmath 1.3. */
static const double around_root[] = {
    0.9676722454476212,     -0.4427631689835921,     0.258499760955651,    -0.16394270544240652,
    0.10782405069126237,    -0.07219956125645471,    0.04880428816414311,  -0.03316112647484736,
    0.022597648232218104,   -0.01542476590494896,    0.010538791616612175, -0.007204534386356869,
    0.004926781395729853,   -0.003369801655439328,   0.002305126326734928, -0.0015769367714301972,
    0.0010788252019162967,  -0.0007380709389960052,  0.000504953265834602, -0.0003454680251063077,
    0.00023635601564027053, -0.00016170622091974803,
};

static double digamma_near_root(double x)
{
    const double d = (x - root) - root_rest;
    double sum = 0.0;

    for (size_t k = sizeof around_root / sizeof *around_root; k-- > 0;)
        sum = d * (around_root[k] + sum);
    return sum;
}

/* How often 1 must be added until the series holds. */
static int steps_to_series(double x)
{
    return x < series_from ? (int)ceil(series_from - x) : 0;
}

double special_digamma(double x)
{
    if (!(x > 0.0))
        return x == 0.0 ? -INFINITY : NAN;
    if (fabs(x - root) < 0.25)
        return digamma_near_root(x);
    const int steps = steps_to_series(x);
    const double far = x + steps;
    double sum = log(far) - 0.5 / far - series(far, 0, 1);
    for (int k = steps - 1; k >= 0; k--)
        sum -= 1.0 / (x + k);
    return sum;
}

double special_trigamma(double x)
{
    if (!(x > 0.0))
        return x == 0.0 ? INFINITY : NAN;
    if (isinf(x))
        return 0.0;
    const int steps = steps_to_series(x);
    const double r = 1.0 / (x + steps);
    double sum = r * (1.0 + 0.5 * r + series(x + steps, 1, 1));
    for (int k = steps - 1; k >= 0; k--)
        sum += 1.0 / (x + k) / (x + k);
    return sum;
}

double special_tetragamma(double x)
{
    if (!(x > 0.0))
        return x == 0.0 ? -INFINITY : NAN;
    if (isinf(x))
        return 0.0;
    const int steps = steps_to_series(x);
    const double r = 1.0 / (x + steps);
    double sum = -r * r * (1.0 + r + series(x + steps, 2, 1));
    for (int k = steps - 1; k >= 0; k--)
        sum -= 2.0 / (x + k) / (x + k) / (x + k);
    return sum;
}

/* In r = 1/x, q = 1/(x + by): every leading term is a multiple of r - q = by r q. */
double special_digamma_rise(double x, double by)
{
    if (!(x > 0.0 && by >= 0.0))
        return NAN;
    if (isinf(x))
        return 0.0;
    const int steps = steps_to_series(x);
    const double far = x + steps, r = 1.0 / far, q = 1.0 / (far + by);
    const double fall = by / far * q;
    double sum = log1p(by / far) + fall * (0.5 + (r + q) / 12.0) -
                 (series(far + by, 0, 2) - series(far, 0, 2));
    for (int k = steps - 1; k >= 0; k--)
        sum += by / (x + k + by) / (x + k);
    return sum;
}

double special_trigamma_rise(double x, double by)
{
    if (!(x > 0.0 && by >= 0.0))
        return NAN;
    if (isinf(x))
        return 0.0;
    const int steps = steps_to_series(x);
    const double far = x + steps, r = 1.0 / far, q = 1.0 / (far + by);
    const double fall = by / far * q;
    double sum = fall * (1.0 + 0.5 * (r + q) + (r * r + r * q + q * q) / 6.0) +
                 (r * series(far, 1, 2) - q * series(far + by, 1, 2));
    for (int k = steps - 1; k >= 0; k--) {
        const double low = x + k, high = low + by;
        sum += by / high / low * (1.0 / low + 1.0 / high);
    }
    return -sum;
}
