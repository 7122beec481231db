/* y ~ normal(eta, noise_sd); derivatives in u = log noise_sd. */
#include "model/family.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

static const char *const links[] = {"identity", NULL};

/* The derivatives in u, with z the standardised residual. */
static void eval_auxiliary(struct family_out *out, const double *y, const double *eta, size_t m,
                           double sd)
{
    for (size_t i = 0; i < m; i++) {
        const double z = (y[i] - eta[i]) / sd;
        out->dpsi[i] = z * z - 1.0;
        out->d2psi[i] = -2.0 * z * z;
        out->deta_dpsi[i] = -2.0 * z / sd;
    }
}

static void fill(double *x, size_t m, double value)
{
    for (size_t i = 0; i < m; i++)
        x[i] = value;
}

static mxp_status eval(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error)
{
    const double *y = response->y;
    const double sd = psi[0], constant = -log(sd) - SPECIAL_LOG_SQRT_2PI;

    (void)link;
    (void)error;
    if (want & FAMILY_VALUE)
        for (size_t i = 0; i < m; i++) {
            const double z = (y[i] - eta[i]) / sd;
            out->value[i] = constant - 0.5 * z * z;
        }
    if (want & FAMILY_D1)
        for (size_t i = 0; i < m; i++)
            out->d1[i] = (y[i] - eta[i]) / sd / sd;
    if (want & FAMILY_D2)
        fill(out->d2, m, -1.0 / sd / sd);
    if (want & FAMILY_D3)
        fill(out->d3, m, 0.0);
    if (want & FAMILY_AUX)
        eval_auxiliary(out, y, eta, m, sd);
    return MXP_OK;
}

static const char *check(double y, double trials)
{
    (void)trials;
    return isfinite(y) ? NULL : "is not finite";
}

static double mean(size_t link, double eta)
{
    (void)link;
    return eta;
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

static double draw(struct rng *rng, size_t link, const double *eta, size_t q, bool symmetric,
                   double trials, const double *psi)
{
    (void)q;
    (void)symmetric;
    (void)trials;
    (void)link;
    return eta[0] + psi[0] * rng_normal(rng);
}

static double cdf(double y, double trials, size_t link, double eta, const double *psi)
{
    (void)trials;
    (void)link;
    return special_normal_cdf((y - eta) / psi[0]);
}

/* -log f = (eta - y)^2 / (2 s^2) + log s + log(2 pi)/2. */
static double conjugate(double u, double y, double trials, const double *psi)
{
    (void)trials;
    return u * y + 0.5 * psi[0] * psi[0] * u * u - log(psi[0]) - 0.91893853320467274178;
}

static bool concave(size_t link)
{
    return link == 0;
}

const struct family family_gaussian = {
    .name = "gaussian",
    .help = "real response, normal noise with sd noise_sd",
    .links = links,
    .eta_columns = 1,
    .auxiliary = {{"noise_sd", "sd of the noise", NAN, true}},
    .auxiliary_count = 1,
    .phi = PHI_NOISE_VARIANCE,
    .concave = concave,
    .quadratic = true,
    .eval = eval,
    .check = check,
    .mean = mean,
    .link_of_mean = mean,
    .variance = variance,
    .saturated = saturated,
    .start = start,
    .conjugate = conjugate,
    .draw = draw,
    .cdf = cdf,
};
