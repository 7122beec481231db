/* Priors on a positive parameter that are halves of symmetric ones: density 2 f(t) on t > 0. */
#include "model/prior_rows.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

static const double log_pi = 1.14472988584940017414;

static double half_normal_log_density(const double *a, double t)
{
    const double z = t / a[0];
    return t > 0.0 ? SPECIAL_LOG_2 - 0.5 * z * z - log(a[0]) - SPECIAL_LOG_SQRT_2PI : -INFINITY;
}

static void half_normal_derivatives(const double *a, double t, double *d)
{
    d[0] = -t / a[0] / a[0];
    d[1] = -1.0 / a[0] / a[0];
    d[2] = 0.0;
}

static double half_normal_draw(struct rng *rng, const double *a)
{
    return a[0] * fabs(rng_normal(rng));
}

const struct prior_row prior_half_normal = {
    .name = "half_normal",
    .help = "positive half of a normal around 0",
    .arguments = {{"sd", PRIOR_ABOVE_ZERO, NAN}},
    .argument_count = 1,
    .flags = PRIOR_POSITIVE | PRIOR_CONCAVE,
    .scale = 0,
    .log_density = half_normal_log_density,
    .derivatives = half_normal_derivatives,
    .location = prior_at_zero,
    .draw = half_normal_draw,
    .order_at_zero = prior_at_zero,
};

/* log(1 + (t/scale)^2/df), without overflow of ratio or square. */
static double log_tail(double t, double scale, double df)
{
    const double z = t / scale;
    return z < 1e100 ? log1p(z * z / df) : 2.0 * (log(t) - log(scale)) - log(df);
}

/* Derivatives of -(df + 1)/2 log(1 + z^2/df) in t = scale z, with r = 1/(df + z^2). */
static void t_derivatives(double df, double scale, double t, double *d)
{
    const double z = t / scale, r = 1.0 / (df + z * z), k = -(df + 1.0), s = df * r;
    d[0] = k * z * r / scale;
    d[1] = k * (2.0 * s - 1.0) * r / scale / scale;
    d[2] = k * 2.0 * z * r * (1.0 - 4.0 * s) * r / scale / scale / scale;
}

static double half_cauchy_log_density(const double *a, double t)
{
    return t > 0.0 ? SPECIAL_LOG_2 - log_pi - log(a[0]) - log_tail(t, a[0], 1.0) : -INFINITY;
}

static void half_cauchy_derivatives(const double *a, double t, double *d)
{
    t_derivatives(1.0, a[0], t, d);
}

/* The ratio of two half normals. */
static double half_cauchy_draw(struct rng *rng, const double *a)
{
    const double over = fabs(rng_normal(rng));
    return a[0] * (over / fabs(rng_normal(rng)));
}

const struct prior_row prior_half_cauchy = {
    .name = "half_cauchy",
    .help = "positive half of a Cauchy around 0",
    .arguments = {{"scale", PRIOR_ABOVE_ZERO, NAN}},
    .argument_count = 1,
    .flags = PRIOR_POSITIVE,
    .scale = 0,
    .log_density = half_cauchy_log_density,
    .derivatives = half_cauchy_derivatives,
    .location = prior_at_zero,
    .draw = half_cauchy_draw,
    .order_at_zero = prior_at_zero,
};

/* log Gamma((df + 1)/2) - log Gamma(df/2) - log(df pi)/2; from df = 1e8 on the normal limit, whose
 * error is 1/(4 df). */
static double t_constant(double df)
{
    if (df > 1e8)
        return -SPECIAL_LOG_SQRT_2PI - 0.25 / df;
    return special_lgamma(0.5 * df + 0.5) - special_lgamma(0.5 * df) - 0.5 * (log(df) + log_pi);
}

static double half_student_t_log_density(const double *a, double t)
{
    if (!(t > 0.0))
        return -INFINITY;
    return SPECIAL_LOG_2 + t_constant(a[0]) - log(a[1]) -
           0.5 * (a[0] + 1.0) * log_tail(t, a[1], a[0]);
}

static void half_student_t_derivatives(const double *a, double t, double *d)
{
    t_derivatives(a[0], a[1], t, d);
}

static double half_student_t_draw(struct rng *rng, const double *a)
{
    const double z = fabs(rng_normal(rng));
    return a[1] * z * sqrt(0.5 * a[0] / rng_gamma(rng, 0.5 * a[0]));
}

const struct prior_row prior_half_student_t = {
    .name = "half_student_t",
    .help = "positive half of a Student t around 0",
    .arguments = {{"df", PRIOR_ABOVE_ZERO, NAN}, {"scale", PRIOR_ABOVE_ZERO, NAN}},
    .argument_count = 2,
    .flags = PRIOR_POSITIVE,
    .scale = 1,
    .log_density = half_student_t_log_density,
    .derivatives = half_student_t_derivatives,
    .location = prior_at_zero,
    .draw = half_student_t_draw,
    .order_at_zero = prior_at_zero,
};
