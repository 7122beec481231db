/* y ~ normal(mean, noise_sd); derivatives in u = log noise_sd. */
#include "base/hot.h"
#include "model/family_parts.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

static const char *const links[] = {"identity", "log", "inverse", NULL};
static const enum link kinds[] = {LINK_IDENTITY, LINK_LOG, LINK_INVERSE};

/* The derivatives in u, with z the standardised residual; E z = 0, E z^2 = 1. */
static void eval_auxiliary(struct family_out *out, const double *y, const double *eta, size_t m,
                           double sd, bool expected)
{
    for (size_t i = 0; i < m; i++) {
        const double z = (y[i] - eta[i]) / sd;
        out->dpsi[i] = z * z - 1.0;
        out->d2psi[i] = expected ? -2.0 : -2.0 * z * z;
        out->deta_dpsi[i] = expected ? 0.0 : -2.0 * z / sd;
    }
}

static void fill(double *x, size_t m, double value)
{
    for (size_t i = 0; i < m; i++)
        x[i] = value;
}

HOT static void put_value(double *value, const double *y, const double *eta, size_t m, double sd)
{
    const double constant = -log(sd) - SPECIAL_LOG_SQRT_2PI;

#pragma omp simd
    for (size_t i = 0; i < m; i++) {
        const double z = (y[i] - eta[i]) / sd;
        value[i] = constant - 0.5 * z * z;
    }
}

HOT static void put_d1(double *d1, const double *y, const double *eta, size_t m, double sd)
{
#pragma omp simd
    for (size_t i = 0; i < m; i++)
        d1[i] = (y[i] - eta[i]) / sd / sd;
}

static void eval_identity(struct family_out *out, const double *y, const double *eta, size_t m,
                          double sd, unsigned want)
{
    if (want & FAMILY_VALUE)
        put_value(out->value, y, eta, m, sd);
    if (want & FAMILY_D1)
        put_d1(out->d1, y, eta, m, sd);
    if (want & FAMILY_D2)
        fill(out->d2, m, -1.0 / sd / sd);
    if (want & FAMILY_D3)
        fill(out->d3, m, 0.0);
    if (want & FAMILY_AUX)
        eval_auxiliary(out, y, eta, m, sd, want & FAMILY_EXPECTED);
}

/* By the mean. */
static void row(struct parts_density *f, double y, const struct link_location *at,
                const double *psi, const void *known, unsigned want)
{
    const double sd = psi[0], z = (y - at->mean) / sd;
    const double log_sd = *(const double *)known;
    const bool expected = want & FAMILY_EXPECTED;

    f->value = -log_sd - SPECIAL_LOG_SQRT_2PI - 0.5 * z * z;
    f->d1 = z / sd;
    f->d2 = -1.0 / sd / sd;
    f->dpsi[0] = z * z - 1.0;
    f->d2psi[0] = expected ? -2.0 : -2.0 * z * z;
    f->mixed[0] = expected ? 0.0 : -2.0 * z / sd;
}

static mxp_status eval(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error)
{
    const double log_sd = log(psi[0]);

    (void)error;
    if (kinds[link] == LINK_IDENTITY)
        eval_identity(out, response->y, eta, m, psi[0], want);
    else
        parts_eval(out, link_mean, kinds[link], row, response->y, eta, m, psi, 1, &log_sd, want);
    return MXP_OK;
}

static double variance(double mean_, const double *psi)
{
    (void)mean_;
    return psi[0] * psi[0];
}

static double saturated(double y, double trials, const double *psi)
{
    (void)trials;
    (void)y;
    return -log(psi[0]) - SPECIAL_LOG_SQRT_2PI;
}

static double start(size_t s, double mean_, double sd)
{
    (void)s;
    (void)mean_;
    return sd;
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
    return link_inverse(kinds[link], eta[0]) + psi[0] * rng_normal(rng);
}

static double cdf(double y, double trials, size_t link, double eta, const double *psi)
{
    (void)trials;
    return special_normal_cdf((y - link_inverse(kinds[link], eta)) / psi[0]);
}

/* -log f = (eta - y)^2 / (2 s^2) + log s + log(2 pi)/2. */
static double conjugate(double u, double y, double trials, const double *psi)
{
    (void)trials;
    return u * y + 0.5 * psi[0] * psi[0] * u * u - log(psi[0]) - SPECIAL_LOG_SQRT_2PI;
}

static bool concave(size_t link)
{
    return link == 0;
}

const struct family family_gaussian = {
    .name = "gaussian",
    .help = "real response, normal noise with sd noise_sd",
    .links = links,
    .kinds = kinds,
    .eta_columns = 1,
    .auxiliary = {{"noise_sd", "sd of the noise", NAN, true, NULL}},
    .auxiliary_count = 1,
    .phi = PHI_NOISE_VARIANCE,
    .concave = concave,
    .quadratic = true,
    .eval = eval,
    .check = parts_check_real,
    .variance = variance,
    .saturated = saturated,
    .start = start,
    .recession = recession,
    .conjugate = conjugate,
    .draw = draw,
    .cdf = cdf,
};
