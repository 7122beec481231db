/* y ~ Poisson(mu). */
#include "model/family_parts.h"
#include "num/rng.h"
#include "num/special.h"
#include "num/vector.h"

#include <math.h>

static const char *const links[] = {"log", "identity", "sqrt", NULL};
static const enum link kinds[] = {LINK_LOG, LINK_IDENTITY, LINK_SQRT};

/* From this count on the mass is written about its peak, as
 *     y (t - expm1(t)) + saturated(y),   t = eta - log y,
 * so that large counts do not cancel (Loader 2000); below it y eta - mu - log y! loses nothing. */
static const double large_count = 64.0;

static double variance(double mean_, const double *psi)
{
    (void)psi;
    return mean_;
}

static double saturated(double y, double trials, const double *psi)
{
    (void)trials;
    (void)psi;
    return parts_count_peak(y);
}

/* The log link, a count from large_count on. */
static void eval_large(struct family_out *out, size_t i, double y, double eta, double exp_eta,
                       unsigned want)
{
    const double log_y = log(y), t = eta - log_y, rise = expm1(t);
    const double mu = t > -1.0 ? y + y * rise : exp_eta; /* the sum cancels far below y */

    if (want & FAMILY_VALUE)
        out->value[i] = isinf(mu) ? -INFINITY
                                  : y * (t - rise) - 0.5 * log_y - SPECIAL_LOG_SQRT_2PI -
                                        special_stirling_remainder(y);
    if (want & FAMILY_D1)
        out->d1[i] = -y * rise;
    if (want & FAMILY_D2)
        out->d2[i] = -mu;
    if (want & FAMILY_D3)
        out->d3[i] = -mu;
}

static void eval_rows(struct family_out *out, size_t first, const double *y, const double *eta,
                      const double *mu, size_t count, unsigned want)
{
    for (size_t i = 0; i < count; i++) {
        const size_t at = first + i;
        if (y[i] >= large_count) {
            eval_large(out, at, y[i], eta[i], mu[i], want);
            continue;
        }
        if (want & FAMILY_VALUE)
            out->value[at] = isinf(mu[i]) ? -INFINITY
                             : y[i] > 0.0 ? y[i] * eta[i] - mu[i] - special_log_factorial(y[i])
                                          : -mu[i];
        if (want & FAMILY_D1)
            out->d1[at] = y[i] - mu[i];
        if (want & FAMILY_D2)
            out->d2[at] = -mu[i];
        if (want & FAMILY_D3)
            out->d3[at] = -mu[i];
    }
}

/* The log link. */
static void eval_log(struct family_out *out, const double *y, const double *eta, size_t m,
                     unsigned want)
{
    enum { AT_ONCE = 256 };
    double mu[AT_ONCE];

    for (size_t first = 0; first < m; first += AT_ONCE) {
        const size_t left = m - first, count = left < AT_ONCE ? left : AT_ONCE;
        vector_exp(mu, eta + first, count);
        eval_rows(out, first, y + first, eta + first, mu, count, want);
    }
}

/* By the log of the mean. */
static void row(struct parts_density *f, double y, const struct link_location *at,
                const double *psi, const void *known, unsigned want)
{
    const double mu = at->mean, rise = (mu - y) / y;

    (void)psi;
    (void)known;
    (void)want;
    if (y > 0.0 && fabs(rise) < 0.3)
        f->value = parts_count_peak(y) + y * parts_log_excess(rise);
    else
        f->value = (y > 0.0 ? y * at->at : 0.0) - mu - special_log_factorial(y);
    f->d1 = y - mu;
    f->d2 = f->d3 = -mu;
}

static mxp_status eval(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error)
{
    (void)error;
    if (kinds[link] == LINK_LOG)
        eval_log(out, response->y, eta, m, want);
    else
        parts_eval(out, link_log_mean, kinds[link], row, response->y, eta, m, psi, 0, NULL, want);
    return MXP_OK;
}

static bool concave(size_t link)
{
    (void)link;
    return true;
}

static double draw(struct rng *rng, size_t link, const double *eta, size_t q, bool symmetric,
                   double trials, const double *psi)
{
    (void)q;
    (void)symmetric;
    (void)trials;
    (void)psi;
    return rng_poisson(rng, link_inverse(kinds[link], eta[0]));
}

static double cdf(double y, double trials, size_t link, double eta, const double *psi)
{
    (void)trials;
    (void)psi;
    return y < 0.0 ? 0.0 : special_gamma_q(floor(y) + 1.0, link_inverse(kinds[link], eta));
}

static int recession(size_t link, double y, double trials, const double *direction, size_t q,
                     bool symmetric, double tolerance)
{
    (void)trials;
    (void)q;
    (void)symmetric;
    return parts_recession(kinds[link], y, direction[0], tolerance);
}

/* -log f = e^eta - y eta + log y!, conjugate v log v - v - log y! at the mean v = u + y. */
static double conjugate(double u, double y, double trials, const double *psi)
{
    (void)trials;
    const double v = u + y;
    (void)psi;
    if (v < 0.0)
        return INFINITY;
    return (v > 0.0 ? v * log(v) - v : 0.0) - special_log_factorial(y);
}

const struct family family_poisson = {
    .name = "poisson",
    .help = "response a count 0, 1, 2, ...",
    .links = links,
    .kinds = kinds,
    .eta_columns = 1,
    .phi = PHI_ONE,
    .concave = concave,
    .eval = eval,
    .check = parts_check_count,
    .variance = variance,
    .saturated = saturated,
    .recession = recession,
    .conjugate = conjugate,
    .draw = draw,
    .cdf = cdf,
};
