/* y = mean + noise_scale times double-exponential noise; derivatives in u = log noise_scale. */
#include "model/family_parts.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

static const char *const links[] = {"identity", "log", "inverse", NULL};
static const enum link kinds[] = {LINK_IDENTITY, LINK_LOG, LINK_INVERSE};

/* By the mean.  The curvature is 0 but at y itself; its expectation is 1 / scale^2. */
static void row(struct parts_density *f, double y, const struct link_location *at,
                const double *psi, const void *known, unsigned want)
{
    const double scale = psi[0], off = y - at->mean, size = fabs(off) / scale;
    const double slope = off > 0.0 ? 1.0 / scale : off < 0.0 ? -1.0 / scale : 0.0;
    const bool expected = want & FAMILY_EXPECTED;

    f->value = -SPECIAL_LOG_2 - *(const double *)known - size;
    f->d1 = slope;
    f->d2 = expected ? -1.0 / scale / scale : 0.0;
    f->dpsi[0] = size - 1.0;
    f->d2psi[0] = expected ? -1.0 : -size;
    f->mixed[0] = expected ? 0.0 : -slope;
}

static mxp_status eval(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error)
{
    const double log_scale = log(psi[0]);

    (void)error;
    parts_eval(out, link_mean, kinds[link], row, response->y, eta, m, psi, 1, &log_scale, want);
    return MXP_OK;
}

static bool concave(size_t link)
{
    return kinds[link] == LINK_IDENTITY;
}

static double variance(double mean_, const double *psi)
{
    (void)mean_;
    return 2.0 * psi[0] * psi[0];
}

static double saturated(double y, double trials, const double *psi)
{
    (void)trials;
    (void)y;
    return -SPECIAL_LOG_2 - log(psi[0]);
}

static double start(size_t s, double mean_, double sd)
{
    (void)s;
    (void)mean_;
    return 0.7 * sd;
}

static int recession(size_t link, double y, double trials, const double *direction, size_t q,
                     bool symmetric, double tolerance)
{
    (void)trials;
    (void)q;
    (void)symmetric;
    return parts_recession(kinds[link], y, direction[0], tolerance);
}

static double draw(struct rng *rng, size_t link, const double *eta, size_t q, bool symmetric,
                   double trials, const double *psi)
{
    (void)q;
    (void)symmetric;
    (void)trials;
    const double sign = rng_bernoulli(rng, 0.5) > 0.0 ? 1.0 : -1.0;
    return link_inverse(kinds[link], eta[0]) + sign * psi[0] * rng_exponential(rng);
}

static double cdf(double y, double trials, size_t link, double eta, const double *psi)
{
    (void)trials;
    const double z = (y - link_inverse(kinds[link], eta)) / psi[0], tail = 0.5 * exp(-fabs(z));
    return z < 0.0 ? tail : 1.0 - tail;
}

const struct family family_laplace = {
    .name = "laplace",
    .help = "real response, double-exponential noise: least absolute deviations",
    .links = links,
    .kinds = kinds,
    .eta_columns = 1,
    .auxiliary = {{"noise_scale", "mean absolute size of the noise", NAN, true, NULL}},
    .auxiliary_count = 1,
    .phi = PHI_NONE,
    .piecewise_linear = true,
    .concave = concave,
    .eval = eval,
    .check = parts_check_real,
    .variance = variance,
    .saturated = saturated,
    .start = start,
    .recession = recession,
    .draw = draw,
    .cdf = cdf,
};
