/* student_t(df, loc, scale) and cauchy(loc, scale): heavy tails; a log penalty, not convex. */
#include "model/prior_rows.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

static const double log_pi = 1.14472988584940017414;

/* log(1 + (off/scale)^2/df), without overflow of ratio or square. */
static double log_tail_factor(double off, double scale, double df)
{
    const double r = off / scale / sqrt(df);
    return r < 1e100 ? log1p(r * r) : 2.0 * (log(off) - log(scale)) - log(df);
}

double prior_t_log_density(double df, double scale, double off)
{
    const double constant = special_lgamma_rise(0.5 * df, 0.5) - 0.5 * (log(df) + log_pi);
    return constant - log(scale) - 0.5 * (df + 1.0) * log_tail_factor(fabs(off), scale, df);
}

/* Of -(df + 1)/2 log(1 + z^2/df) with off = scale z: p = z/(df + z^2), r = 1/(df + z^2). */
void prior_t_derivatives(double df, double scale, double off, double *d)
{
    const double z = off / scale, r = 1.0 / (df + z * z), k = -(df + 1.0), s = df * r;
    const double p = fabs(z) > 1.0 ? 1.0 / (z * (1.0 + df / z / z)) : z * r;
    d[0] = k * p / scale;
    d[1] = k * (2.0 * s - 1.0) * r / scale / scale;
    d[2] = k * 2.0 * p * (1.0 - 4.0 * s) * r / scale / scale / scale;
}

double prior_t_draw(struct rng *rng, double df)
{
    const double z = rng_normal(rng);
    return z * sqrt(0.5 * df / rng_gamma(rng, 0.5 * df));
}

static double t_log_density(const double *a, double t)
{
    return prior_t_log_density(a[0], a[2], t - a[1]);
}

static void t_derivatives(const double *a, double t, double *d)
{
    prior_t_derivatives(a[0], a[2], t - a[1], d);
}

static double t_location(const double *a)
{
    return a[1];
}

static double t_draw(struct rng *rng, const double *a)
{
    return a[1] + a[2] * prior_t_draw(rng, a[0]);
}

static double t_log_tail(const double *a, double off)
{
    return special_t_log_above(a[0], off / a[2]);
}

static double t_log_centre(const double *a, double off)
{
    return special_t_log_centre(a[0], off / a[2]);
}

static double t_log_mass(const double *a, double low, double high)
{
    static const struct prior_symmetric shape = {t_log_tail, t_log_centre, 1};
    return prior_symmetric_log_mass(&prior_student_t, &shape, a, low, high);
}

const struct prior_row prior_student_t = {
    .name = "student_t",
    .help = "Student t; shrinks what is small, spares what is large",
    .arguments = {{"df", PRIOR_ABOVE_ZERO, NAN},
                  {"loc", PRIOR_ANY, 0.0},
                  {"scale", PRIOR_ABOVE_ZERO, NAN}},
    .argument_count = 3,
    .scale = -1,
    .log_density = t_log_density,
    .derivatives = t_derivatives,
    .location = t_location,
    .draw = t_draw,
    .log_mass = t_log_mass,
    .order_at_zero = prior_at_zero,
};

static double cauchy_log_density(const double *a, double t)
{
    const double off = fabs(t - a[0]);
    return -log_pi - log(a[1]) - log_tail_factor(off, a[1], 1.0);
}

static void cauchy_derivatives(const double *a, double t, double *d)
{
    prior_t_derivatives(1.0, a[1], t - a[0], d);
}

/* The ratio of two normals. */
static double cauchy_draw(struct rng *rng, const double *a)
{
    const double over = rng_normal(rng);
    return a[0] + a[1] * (over / rng_normal(rng));
}

static double cauchy_log_tail(const double *a, double off)
{
    return log(atan2(a[1], off)) - log_pi;
}

static double cauchy_log_centre(const double *a, double off)
{
    return log(atan2(off, a[1])) - log_pi;
}

static double cauchy_log_mass(const double *a, double low, double high)
{
    static const struct prior_symmetric shape = {cauchy_log_tail, cauchy_log_centre, 0};
    return prior_symmetric_log_mass(&prior_cauchy, &shape, a, low, high);
}

const struct prior_row prior_cauchy = {
    .name = "cauchy",
    .help = "Cauchy; student_t with df 1",
    .arguments = {{"loc", PRIOR_ANY, 0.0}, {"scale", PRIOR_ABOVE_ZERO, NAN}},
    .argument_count = 2,
    .flags = PRIOR_ONE_IS_SCALE,
    .scale = -1,
    .log_density = cauchy_log_density,
    .derivatives = cauchy_derivatives,
    .location = prior_at_first,
    .draw = cauchy_draw,
    .log_mass = cauchy_log_mass,
    .order_at_zero = prior_at_zero,
};
