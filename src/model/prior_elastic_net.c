/* elastic_net(mean, l1, l2): density exp(-l1 |t - mean| - l2 (t - mean)^2 / 2) / Z. */
#include "model/prior_rows.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

/* Z = sqrt(2 pi / l2) erfcx(l1 / sqrt(2 l2)); when l2 hardly matters that is 2/l1. */
static double log_z(double l1, double l2)
{
    const double ratio = l1 / sqrt(l2);
    if (ratio > 1e9)
        return SPECIAL_LOG_2 - log(l1);
    return SPECIAL_LOG_SQRT_2PI - 0.5 * log(l2) + log(special_erfcx(ratio * sqrt(0.5)));
}

static double log_density(const double *a, double t)
{
    const double off = fabs(t - a[0]);
    return -off * (a[1] + 0.5 * a[2] * off) - log_z(a[1], a[2]);
}

static void derivatives(const double *a, double t, double *d)
{
    d[0] = -a[2] * (t - a[0]);
    d[1] = -a[2];
    d[2] = 0.0;
}

static double kink_weight(const double *a)
{
    return a[1];
}

static double prox(const double *a, double v, double step)
{
    const double off = prior_shrink(v - a[0], 0.0, step * a[1]) / (1.0 + step * a[2]);
    return a[0] + off;
}

/* |t - mean| is normal(-l1/l2, 1/sqrt(l2)) restricted to positive values. */
static double draw(struct rng *rng, const double *a)
{
    const double size = rng_normal_between(rng, -a[1] / a[2], 1.0 / sqrt(a[2]), 0.0, INFINITY);
    return rng_bernoulli(rng, 0.5) > 0.0 ? a[0] + size : a[0] - size;
}

/* From Z at the shifted l1: the rest of the exponent is quadratic in off. */
static double log_tail(const double *a, double off)
{
    return log_z(a[1] + a[2] * off, a[2]) - log_z(a[1], a[2]) - SPECIAL_LOG_2 -
           off * (a[1] + 0.5 * a[2] * off);
}

static double log_mass(const double *a, double low, double high)
{
    static const struct prior_symmetric shape = {.log_tail = log_tail};
    return prior_symmetric_log_mass(&prior_elastic_net, &shape, a, low, high);
}

const struct prior_row prior_elastic_net = {
    .name = "elastic_net",
    .help = "laplace times gaussian; ties and shrinks (L1 + L2)",
    .arguments = {{"mean", PRIOR_ANY, 0.0},
                  {"l1", PRIOR_ABOVE_ZERO, NAN},
                  {"l2", PRIOR_ABOVE_ZERO, NAN}},
    .argument_count = 3,
    .flags = PRIOR_CONCAVE,
    .scale = -1,
    .log_density = log_density,
    .derivatives = derivatives,
    .kink_weight = kink_weight,
    .location = prior_at_first,
    .prox = prox,
    .draw = draw,
    .log_mass = log_mass,
    .order_at_zero = prior_at_zero,
};
