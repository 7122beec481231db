/* uniform(low, high): hard bounds and no preference between them. */
#include "model/prior_rows.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

static double log_width(double low, double high)
{
    return log(0.5 * high - 0.5 * low) + SPECIAL_LOG_2; /* the width itself may overflow */
}

static double log_density(const double *a, double t)
{
    return t >= a[0] && t <= a[1] ? -log_width(a[0], a[1]) : -INFINITY;
}

static void derivatives(const double *a, double t, double *d)
{
    (void)a;
    (void)t;
    d[0] = d[1] = d[2] = 0.0;
}

static double location(const double *a)
{
    return 0.5 * a[0] + 0.5 * a[1];
}

static double draw(struct rng *rng, const double *a)
{
    const double share = rng_uniform(rng);
    return a[0] * (1.0 - share) + a[1] * share;
}

static double log_mass(const double *a, double low, double high)
{
    const double left = fmax(low, a[0]), right = fmin(high, a[1]);
    return left < right ? log_width(left, right) - log_width(a[0], a[1]) : -INFINITY;
}

const struct prior_row prior_uniform = {
    .name = "uniform",
    .help = "uniform; hard bounds, no preference between them",
    .arguments = {{"low", PRIOR_ANY, NAN}, {"high", PRIOR_ANY, NAN}},
    .argument_count = 2,
    .flags = PRIOR_BOUNDED | PRIOR_CONCAVE,
    .scale = -1,
    .log_density = log_density,
    .derivatives = derivatives,
    .location = location,
    .draw = draw,
    .log_mass = log_mass,
    .order_at_zero = prior_at_zero,
};
