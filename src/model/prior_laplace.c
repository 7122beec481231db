/* laplace(mean, scale): the L1 penalty with weight 1/scale. */
#include "model/prior_rows.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

static double log_density(const double *a, double t)
{
    return -fabs(t - a[0]) / a[1] - log(a[1]) - SPECIAL_LOG_2;
}

static void derivatives(const double *a, double t, double *d)
{
    (void)a;
    (void)t;
    d[0] = d[1] = d[2] = 0.0;
}

static double kink_weight(const double *a)
{
    return 1.0 / a[1];
}

static double prox(const double *a, double v, double step)
{
    return prior_shrink(v, a[0], step / a[1]);
}

static double draw(struct rng *rng, const double *a)
{
    const double size = a[1] * rng_exponential(rng);
    return rng_bernoulli(rng, 0.5) > 0.0 ? a[0] + size : a[0] - size;
}

static double log_tail(const double *a, double off)
{
    return -off / a[1] - SPECIAL_LOG_2;
}

static double log_mass(const double *a, double low, double high)
{
    static const struct prior_symmetric shape = {.log_tail = log_tail};
    return prior_symmetric_log_mass(&prior_laplace, &shape, a, low, high);
}

const struct prior_row prior_laplace = {
    .name = "laplace",
    .alias = "double_exponential",
    .help = "double exponential; ties exactly with its mean (L1, lasso)",
    .arguments = {{"mean", PRIOR_ANY, 0.0}, {"scale", PRIOR_ABOVE_ZERO, NAN}},
    .argument_count = 2,
    .flags = PRIOR_ONE_IS_SCALE | PRIOR_CONCAVE,
    .scale = 1,
    .log_density = log_density,
    .derivatives = derivatives,
    .kink_weight = kink_weight,
    .location = prior_at_first,
    .prox = prox,
    .draw = draw,
    .log_mass = log_mass,
    .order_at_zero = prior_at_zero,
};
