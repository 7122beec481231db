/* flat: no preference; improper, contributes 0. */
#include "model/prior_rows.h"

static double log_density(const double *a, double t)
{
    (void)a;
    (void)t;
    return 0.0;
}

static void derivatives(const double *a, double t, double *d)
{
    (void)a;
    (void)t;
    d[0] = d[1] = d[2] = 0.0;
}

const struct prior_row prior_flat = {
    .name = "flat",
    .help = "no preference (improper; maximum likelihood)",
    .flags = PRIOR_IMPROPER | PRIOR_CONCAVE,
    .scale = -1,
    .log_density = log_density,
    .derivatives = derivatives,
    .location = prior_at_zero,
    .order_at_zero = prior_at_zero,
};
