/* Probabilities of intervals under priors that are symmetric around their location. */
#include "model/prior_rows.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

/* Gauss-Legendre with 16 points on [-1, 1], both signs of each node.  Abramowitz and Stegun (1964),
 * table 25.4. */
static const double node[] = {0.0950125098376374402, 0.281603550779258913, 0.458016777657227386,
                              0.617876244402643748,  0.755404408355003034, 0.865631202387831744,
                              0.944575023073232576,  0.989400934991649933};
static const double weight[] = {0.189450610455068496,  0.182603415044923589, 0.169156519395002538,
                                0.149595988816576732,  0.124628971255533872, 0.0951585116824927848,
                                0.0622535239386478929, 0.0271524594117540949};

/* An axis t - location, on its right half. */
struct half {
    const struct prior_row *row;
    const struct prior_symmetric *shape;
    double a[PRIOR_ARGUMENTS]; /* with location 0 */
};

static double log_centre(const struct half *half, double off)
{
    if (half->shape->log_centre)
        return half->shape->log_centre(half->a, off);
    return special_log1mexp(half->shape->log_tail(half->a, off) + SPECIAL_LOG_2) - SPECIAL_LOG_2;
}

/* log of the integral over [low, high], on which the log density hardly changes: no difference of
 * distribution functions, so nothing cancels however short the interval. */
static double log_integral(const struct half *half, double low, double high, double at_low)
{
    const double middle = 0.5 * low + 0.5 * high, reach = 0.5 * (high - low);
    double sum = 0.0;

    for (size_t i = 0; i < sizeof node / sizeof *node; i++) {
        const double left = half->row->log_density(half->a, middle - reach * node[i]);
        const double right = half->row->log_density(half->a, middle + reach * node[i]);
        sum += weight[i] * (exp(left - at_low) + exp(right - at_low));
    }
    return at_low + log(sum) + log(reach);
}

/* log P(low <= |T - m| <= high, T > m), 0 <= low < high. */
static double log_one_side(const struct half *half, double low, double high)
{
    const double at_low = half->row->log_density(half->a, low);
    const struct prior_symmetric *shape = half->shape;

    if (at_low - half->row->log_density(half->a, high) <= 0.5)
        return log_integral(half, low, high, at_low);
    if (isinf(high))
        return shape->log_tail(half->a, low);
    const double to_high = log_centre(half, high), from_low = shape->log_tail(half->a, low);
    if (to_high < from_low)
        return to_high + special_log1mexp(fmin(log_centre(half, low) - to_high, 0.0));
    return from_low + special_log1mexp(fmin(shape->log_tail(half->a, high) - from_low, 0.0));
}

double prior_symmetric_log_mass(const struct prior_row *row, const struct prior_symmetric *shape,
                                const double *a, double low, double high)
{
    struct half half = {.row = row, .shape = shape};
    const double left = low - a[shape->location], right = high - a[shape->location];

    if (!(left < right))
        return -INFINITY;
    if (isinf(left) && isinf(right))
        return 0.0;
    memcpy(half.a, a, sizeof half.a);
    half.a[shape->location] = 0.0;
    if (left >= 0.0)
        return log_one_side(&half, left, right);
    if (right <= 0.0)
        return log_one_side(&half, -right, -left);
    return fmin(special_logsumexp(log_one_side(&half, 0.0, -left), log_one_side(&half, 0.0, right)),
                0.0);
}
