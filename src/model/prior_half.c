/* Priors on a positive parameter that are halves of symmetric ones: density 2 f(t) on t > 0. */
#include "model/prior_rows.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

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

static double half_cauchy_log_density(const double *a, double t)
{
    return t > 0.0 ? SPECIAL_LOG_2 + prior_t_log_density(1.0, a[0], t) : -INFINITY;
}

static void half_cauchy_derivatives(const double *a, double t, double *d)
{
    prior_t_derivatives(1.0, a[0], t, d);
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

static double half_student_t_log_density(const double *a, double t)
{
    return t > 0.0 ? SPECIAL_LOG_2 + prior_t_log_density(a[0], a[1], t) : -INFINITY;
}

static void half_student_t_derivatives(const double *a, double t, double *d)
{
    prior_t_derivatives(a[0], a[1], t, d);
}

static double half_student_t_draw(struct rng *rng, const double *a)
{
    return a[1] * fabs(prior_t_draw(rng, a[0]));
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
