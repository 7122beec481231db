/* Priors on a positive parameter: exponential, gamma, inverse_gamma, lognormal. */
#include "model/prior_rows.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

static double vanishes_fast(const double *a)
{
    (void)a;
    return INFINITY;
}

static double exponential_log_density(const double *a, double t)
{
    return t > 0.0 ? log(a[0]) - a[0] * t : -INFINITY;
}

static void exponential_derivatives(const double *a, double t, double *d)
{
    (void)t;
    d[0] = -a[0];
    d[1] = d[2] = 0.0;
}

static double exponential_draw(struct rng *rng, const double *a)
{
    return rng_exponential(rng) / a[0];
}

const struct prior_row prior_exponential = {
    .name = "exponential",
    .help = "exponential with mean 1/rate",
    .arguments = {{"rate", PRIOR_ABOVE_ZERO, NAN}},
    .argument_count = 1,
    .flags = PRIOR_POSITIVE | PRIOR_CONCAVE,
    .scale = -1,
    .log_density = exponential_log_density,
    .derivatives = exponential_derivatives,
    .location = prior_at_zero,
    .draw = exponential_draw,
    .order_at_zero = prior_at_zero,
};

/* log of x^k exp(-x) / Gamma(k), from log x too, for x may be out of range; for large k from its
 * peak, where the terms do not cancel. */
static double log_gamma_term(double k, double x, double log_x)
{
    if (isinf(x))
        return -INFINITY;
    if (k < 16.0)
        return k * log_x - x - special_lgamma(k);
    const double m = (x - k) / k;
    const double off = m < -0.5 ? m - (log_x - log(k)) : special_log1p_excess(m);
    return 0.5 * log(k) - SPECIAL_LOG_SQRT_2PI - special_stirling_remainder(k) - k * off;
}

static double gamma_log_density(const double *a, double t)
{
    if (!(t > 0.0))
        return -INFINITY;
    const double log_t = log(t);
    return log_gamma_term(a[0], a[1] * t, log(a[1]) + log_t) - log_t;
}

static void gamma_derivatives(const double *a, double t, double *d)
{
    const double k = a[0] - 1.0;
    d[0] = k / t - a[1];
    d[1] = -k / t / t;
    d[2] = 2.0 * k / t / t / t;
}

static double gamma_draw(struct rng *rng, const double *a)
{
    return rng_gamma(rng, a[0]) / a[1];
}

static double gamma_order(const double *a)
{
    return a[0] - 1.0;
}

const struct prior_row prior_gamma = {
    .name = "gamma",
    .help = "gamma with mean shape/rate",
    .arguments = {{"shape", PRIOR_ABOVE_ZERO, NAN}, {"rate", PRIOR_ABOVE_ZERO, NAN}},
    .argument_count = 2,
    .flags = PRIOR_POSITIVE,
    .scale = -1,
    .log_density = gamma_log_density,
    .derivatives = gamma_derivatives,
    .location = prior_at_zero,
    .draw = gamma_draw,
    .order_at_zero = gamma_order,
};

static double inverse_gamma_log_density(const double *a, double t)
{
    if (!(t > 0.0))
        return -INFINITY;
    const double log_t = log(t);
    return log_gamma_term(a[0], a[1] / t, log(a[1]) - log_t) - log_t;
}

static void inverse_gamma_derivatives(const double *a, double t, double *d)
{
    const double k = a[0] + 1.0, u = a[1] / t;
    d[0] = (u - k) / t;
    d[1] = (k - 2.0 * u) / t / t;
    d[2] = (6.0 * u - 2.0 * k) / t / t / t;
}

static double inverse_gamma_draw(struct rng *rng, const double *a)
{
    return a[1] / rng_gamma(rng, a[0]);
}

const struct prior_row prior_inverse_gamma = {
    .name = "inverse_gamma",
    .help = "scale divided by a gamma(shape, 1)",
    .arguments = {{"shape", PRIOR_ABOVE_ZERO, NAN}, {"scale", PRIOR_ABOVE_ZERO, NAN}},
    .argument_count = 2,
    .flags = PRIOR_POSITIVE,
    .scale = 1,
    .log_density = inverse_gamma_log_density,
    .derivatives = inverse_gamma_derivatives,
    .location = prior_at_zero,
    .draw = inverse_gamma_draw,
    .order_at_zero = vanishes_fast,
};

static double lognormal_log_density(const double *a, double t)
{
    if (!(t > 0.0))
        return -INFINITY;
    const double log_t = log(t), z = (log_t - a[0]) / a[1];
    return -0.5 * z * z - log_t - log(a[1]) - SPECIAL_LOG_SQRT_2PI;
}

/* With q = (log t - mu)/sd^2 and w = 1/sd^2. */
static void lognormal_derivatives(const double *a, double t, double *d)
{
    const double w = 1.0 / a[1] / a[1], q = (log(t) - a[0]) / a[1] / a[1];
    d[0] = -(1.0 + q) / t;
    d[1] = (1.0 + q - w) / t / t;
    d[2] = (3.0 * w - 2.0 - 2.0 * q) / t / t / t;
}

static double lognormal_draw(struct rng *rng, const double *a)
{
    return exp(a[0] + a[1] * rng_normal(rng));
}

const struct prior_row prior_lognormal = {
    .name = "lognormal",
    .help = "normal(mu, sd) on the log",
    .arguments = {{"mu", PRIOR_ANY, NAN}, {"sd", PRIOR_ABOVE_ZERO, NAN}},
    .argument_count = 2,
    .flags = PRIOR_POSITIVE,
    .scale = -1,
    .log_density = lognormal_log_density,
    .derivatives = lognormal_derivatives,
    .location = prior_at_zero,
    .draw = lognormal_draw,
    .order_at_zero = vanishes_fast,
};
