/* gaussian(mean, sd): the L2 penalty with weight 1/(2 sd^2). */
#include "model/prior_rows.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

static double log_density(const double *a, double t)
{
    const double z = (t - a[0]) / a[1];
    return -0.5 * z * z - log(a[1]) - SPECIAL_LOG_SQRT_2PI;
}

static void derivatives(const double *a, double t, double *d)
{
    d[0] = -(t - a[0]) / a[1] / a[1];
    d[1] = -1.0 / a[1] / a[1];
    d[2] = 0.0;
}

static double draw(struct rng *rng, const double *a)
{
    return a[0] + a[1] * rng_normal(rng);
}

static double log_tail(const double *a, double off)
{
    return special_log_phi(-off / a[1]);
}

static double log_mass(const double *a, double low, double high)
{
    static const struct prior_symmetric shape = {.log_tail = log_tail};
    return prior_symmetric_log_mass(&prior_gaussian, &shape, a, low, high);
}

const struct prior_row prior_gaussian = {
    .name = "gaussian",
    .alias = "normal",
    .help = "normal; shrinks towards its mean (L2, ridge)",
    .arguments = {{"mean", PRIOR_ANY, 0.0}, {"sd", PRIOR_ABOVE_ZERO, NAN}},
    .argument_count = 2,
    .flags = PRIOR_ONE_IS_SCALE | PRIOR_CONCAVE,
    .scale = 1,
    .log_density = log_density,
    .derivatives = derivatives,
    .location = prior_at_first,
    .draw = draw,
    .log_mass = log_mass,
    .order_at_zero = prior_at_zero,
};
