/* y ~ Poisson(mu). */
#include "base/hot.h"
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

enum { AT_ONCE = 256 };

/* Rows at once. */
struct parts {
    double mu[AT_ONCE], log_factorial[AT_ONCE];
};

HOT static void put_value(double *value, const double *y, const double *eta,
                          const struct parts *parts, size_t m)
{
#pragma omp simd
    for (size_t i = 0; i < m; i++) {
        const double rise = y[i] > 0.0 ? y[i] * eta[i] - parts->log_factorial[i] : 0.0;
        value[i] = parts->mu[i] == INFINITY ? -INFINITY : rise - parts->mu[i];
    }
}

HOT static void put_d1(double *d1, const double *y, const struct parts *parts, size_t m)
{
#pragma omp simd
    for (size_t i = 0; i < m; i++)
        d1[i] = y[i] - parts->mu[i];
}

static void put_d2(double *d2, const struct parts *parts, size_t m)
{
    for (size_t i = 0; i < m; i++)
        d2[i] = -parts->mu[i];
}

/* The log link. */
static void eval_log(struct family_out *out, const double *y, const double *eta, size_t m,
                     unsigned want)
{
    struct parts parts;

    for (size_t first = 0; first < m; first += AT_ONCE) {
        const size_t left = m - first, count = left < AT_ONCE ? left : AT_ONCE;
        vector_exp(parts.mu, eta + first, count);
        if (want & FAMILY_VALUE) {
            for (size_t i = 0; i < count; i++)
                parts.log_factorial[i] = special_log_factorial(y[first + i]);
            put_value(out->value + first, y + first, eta + first, &parts, count);
        }
        if (want & FAMILY_D1)
            put_d1(out->d1 + first, y + first, &parts, count);
        if (want & FAMILY_D2)
            put_d2(out->d2 + first, &parts, count);
        if (want & FAMILY_D3)
            put_d2(out->d3 + first, &parts, count);
        for (size_t i = first; i < first + count; i++)
            if (y[i] >= large_count)
                eval_large(out, i, y[i], eta[i], parts.mu[i - first], want);
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
