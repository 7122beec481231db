/* y = mean + noise_scale times noise whose density is normal up to k and exponential beyond: -log f
 * is Huber's loss.  Derivatives in log noise_scale and log k. */
#include "model/family_parts.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

static const char *const links[] = {"identity", NULL};
static const enum link kinds[] = {LINK_IDENTITY};
enum { SCALE, BEND };

/* Of the standard density exp(-rho(z)) / Z: log Z with derivatives in log k; the mass and the
 * second moment of the middle; the mass of one tail. */
struct shape {
    double log_z, d1, d2, middle, square, tail;
};

static struct shape shape_of(double k)
{
    const double at_bend = exp(-0.5 * k * k), normal = SPECIAL_SQRT_2PI * erf(k * sqrt(0.5));
    const double tails = 2.0 / k * at_bend, z = normal + tails;
    /* dZ/dk = -2 exp(-k^2 / 2) / k^2 */
    const double d1 = -tails / z;
    return (struct shape){
        .log_z = log(z),
        .d1 = d1,
        .d2 = -d1 * (1.0 + k * k) - d1 * d1,
        .middle = normal / z,
        .square = k < 0.02 ? 2.0 * k * k * k * (1.0 / 3.0 - k * k * (0.1 - k * k / 56.0)) / z
                           : (normal - 2.0 * k * at_bend) / z,
        .tail = 0.5 * tails / z,
    };
}

static void expected(struct parts_density *f, double k, double scale, const struct shape *shape)
{
    const double outside = 2.0 * shape->tail, beyond = outside * (k + 1.0 / k); /* E |z| there */

    f->d2 = -shape->middle / scale / scale;
    f->d2psi[SCALE + 2 * SCALE] = -1.0 - shape->square;
    f->d2psi[SCALE + 2 * BEND] = f->d2psi[BEND + 2 * SCALE] = k * beyond;
    f->d2psi[BEND + 2 * BEND] = -k * beyond + 2.0 * k * k * outside - shape->d2;
    f->mixed[SCALE] = f->mixed[BEND] = 0.0;
}

static void row(struct parts_density *f, double y, const struct link_location *at,
                const double *psi, const void *known, unsigned want)
{
    const double scale = psi[SCALE], k = psi[BEND], z = (y - at->mean) / scale, size = fabs(z);
    const bool outside = size > k;
    const double slope = outside ? copysign(k, z) : z, past = outside ? size - k : 0.0;
    const struct shape *shape = known;

    f->value = -log(scale) - shape->log_z - (outside ? k * (size - 0.5 * k) : 0.5 * z * z);
    f->d1 = slope / scale;
    f->d2 = outside ? 0.0 : -1.0 / scale / scale;
    f->dpsi[SCALE] = z * slope - 1.0;
    f->dpsi[BEND] = -k * past - shape->d1;
    f->d2psi[SCALE + 2 * SCALE] = outside ? -k * size : -2.0 * z * z;
    f->d2psi[SCALE + 2 * BEND] = f->d2psi[BEND + 2 * SCALE] = outside ? k * size : 0.0;
    f->d2psi[BEND + 2 * BEND] = (outside ? k * (k - past) : 0.0) - shape->d2;
    f->mixed[SCALE] = outside ? -slope / scale : -2.0 * z / scale;
    f->mixed[BEND] = outside ? slope / scale : 0.0;
    if (want & FAMILY_EXPECTED)
        expected(f, k, scale, shape);
}

static mxp_status eval(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error)
{
    const struct shape shape = shape_of(psi[BEND]);

    (void)error;
    parts_eval(out, link_mean, kinds[link], row, response->y, eta, m, psi, 2, &shape, want);
    return MXP_OK;
}

static bool concave(size_t link)
{
    return kinds[link] == LINK_IDENTITY;
}

/* The middle's second moment, and twice the tail's: of k + e, e exponential with mean 1 / k. */
static double variance(double mean_, const double *psi)
{
    const double k = psi[BEND];
    const struct shape shape = shape_of(k);
    (void)mean_;
    return psi[SCALE] * psi[SCALE] *
           (shape.square + 2.0 * shape.tail * (k * k + 2.0 + 2.0 / (k * k)));
}

static double saturated(double y, double trials, const double *psi)
{
    (void)trials;
    (void)y;
    return -log(psi[SCALE]) - shape_of(psi[BEND]).log_z;
}

static double start(size_t s, double mean_, double sd)
{
    (void)mean_;
    return s == SCALE ? 0.8 * sd : 1.345;
}

static double draw(struct rng *rng, size_t link, const double *eta, size_t q, bool symmetric,
                   double trials, const double *psi)
{
    (void)q;
    (void)symmetric;
    (void)trials;
    const double k = psi[BEND];
    const struct shape shape = shape_of(k);
    double z;
    if (rng_bernoulli(rng, shape.middle) > 0.0)
        z = rng_normal_between(rng, 0.0, 1.0, -k, k);
    else
        z = (rng_bernoulli(rng, 0.5) > 0.0 ? 1.0 : -1.0) * (k + rng_exponential(rng) / k);
    return link_inverse(kinds[link], eta[0]) + psi[SCALE] * z;
}

static double cdf(double y, double trials, size_t link, double eta, const double *psi)
{
    (void)trials;
    const double z = (y - link_inverse(kinds[link], eta)) / psi[SCALE], k = psi[BEND],
                 size = fabs(z);
    const struct shape shape = shape_of(k);
    const double at_z = erf(size * sqrt(0.5)), at_k = erf(k * sqrt(0.5));
    const double below =
        size > k ? shape.tail * exp(-k * (size - k)) : 0.5 * (1.0 - shape.middle * (at_z / at_k));
    return z < 0.0 ? below : 1.0 - below;
}

const struct family family_huber = {
    .name = "huber",
    .help = "real response, noise normal up to k scales and exponential beyond: Huber's loss",
    .links = links,
    .kinds = kinds,
    .eta_columns = 1,
    .auxiliary = {{"noise_scale", "sd of the normal middle of the noise", NAN, true, NULL},
                  {"k", "where the tails begin, in noise scales", 1.345, false, NULL}},
    .auxiliary_count = 2,
    .phi = PHI_NONE,
    .concave = concave,
    .eval = eval,
    .check = parts_check_real,
    .variance = variance,
    .saturated = saturated,
    .start = start,
    .draw = draw,
    .cdf = cdf,
};
