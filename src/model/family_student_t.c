/* y = mean + noise_scale times Student t noise with df degrees of freedom; derivatives in log df
 * and log noise_scale. */
#include "model/family_parts.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

#include <float.h>
#include <gsl/gsl_cdf.h>

static const char *const links[] = {"identity", "log", "inverse", NULL};
static const enum link kinds[] = {LINK_IDENTITY, LINK_LOG, LINK_INVERSE};
enum { DF, SCALE };

/* log Gamma((v + 1) / 2) - log Gamma(v / 2) - log(v / 2) / 2 and derivatives in log v; about
 * -1 / (4 v) for large v, without cancellation: with x = v / 2 it is
 *     x (log(1 + s) - s) + remainder(x + 1/2) - remainder(x),   s = 1 / (2 x). */
struct constant {
    double value, d1, d2;
};

static struct constant constant_of(double v)
{
    const double s = 1.0 / v, c = v / (v + 1.0), part = 0.5 * v * parts_log_excess(s);
    const struct parts_stirling up = parts_stirling(0.5 * v + 0.5), at = parts_stirling(0.5 * v);

    return (struct constant){
        .value = part + up.value - at.value,
        .d1 = part + 0.5 / (v + 1.0) + c * up.d1 - at.d1,
        .d2 = part + 0.5 / (v + 1.0) / (v + 1.0) + c * c * up.d2 + c * (1.0 - c) * up.d1 - at.d2,
    };
}

/* log(1 + t) - t / (1 + t) and log(1 + t), with t = z^2 / v and b = t / (1 + t). */
static void log_terms(double *excess, double *log_term, double z, double v)
{
    const double root = z / sqrt(v), t = root * root, b = isinf(t) ? 1.0 : t / (1.0 + t);

    *log_term = fabs(root) > 1e8 ? 2.0 * log(fabs(z)) - log(v) : log1p(t);
    if (b > 0.1) {
        *excess = *log_term - b;
        return;
    }
    double series = 0.0; /* -log(1 - b) - b */
    for (int k = 17; k >= 2; k--)
        series = b * (1.0 / k + series);
    *excess = b * series;
}

/* Fisher information: Lange, Little and Taylor (1989), in log df and log noise_scale. */
static void expected(struct parts_density *f, double v, double scale,
                     const struct constant *constant)
{
    const double cross = 2.0 * v / (v + 1.0) / (v + 3.0);
    const double beyond =
        v > 300.0 ? (0.5 - 1.5 / v / v) / v / v / v : constant->d2 - constant->d1 + 0.5 / v;

    f->d2 = -(v + 1.0) / (v + 3.0) / scale / scale;
    f->d2psi[DF + 2 * DF] = beyond - (7.0 * v + 3.0) / (2.0 * v) / (v + 1.0) / (v + 3.0);
    f->d2psi[DF + 2 * SCALE] = f->d2psi[SCALE + 2 * DF] = cross;
    f->d2psi[SCALE + 2 * SCALE] = -2.0 * v / (v + 3.0);
    f->mixed[DF] = f->mixed[SCALE] = 0.0;
}

/* By the mean; b = z^2 / (v + z^2), q = 1 - b. */
static void row(struct parts_density *f, double y, const struct link_location *at,
                const double *psi, const void *known, unsigned want)
{
    const double v = psi[DF], scale = psi[SCALE], z = (y - at->mean) / scale;
    const double t = z / v * z, q = 1.0 / (1.0 + t), b = isinf(t) ? 1.0 : t * q;
    const double more = 1.0 + 1.0 / v; /* (v + 1) / v */
    const struct constant *constant = known;
    double excess, log_term;

    log_terms(&excess, &log_term, z, v);
    f->value = constant->value - SPECIAL_LOG_SQRT_2PI - log(scale) - 0.5 * (v + 1.0) * log_term;
    f->d1 = more * z * q / scale;
    f->d2 = -more * q * (1.0 - 2.0 * b) / scale / scale;
    f->d3 = 2.0 * more * (z * q) * (q / v) * (b - 3.0 * q) / scale / scale / scale;
    f->dpsi[DF] = constant->d1 - 0.5 * v * excess + 0.5 * b;
    f->dpsi[SCALE] = (v + 1.0) * b - 1.0;
    f->d2psi[DF + 2 * DF] = constant->d2 - 0.5 * v * (excess - b * b) - 0.5 * b * q;
    f->d2psi[DF + 2 * SCALE] = f->d2psi[SCALE + 2 * DF] = b * ((v + 1.0) * b - 1.0);
    f->d2psi[SCALE + 2 * SCALE] = -2.0 * (v + 1.0) * b * q;
    f->mixed[DF] = z * q * (b - q / v) / scale;
    f->mixed[SCALE] = -2.0 * more * z * q * q / scale;
    if (want & FAMILY_EXPECTED)
        expected(f, v, scale, constant);
}

static mxp_status eval(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error)
{
    const struct constant constant = constant_of(psi[DF]);

    (void)error;
    parts_eval(out, link_mean, kinds[link], row, response->y, eta, m, psi, 2, &constant, want);
    return MXP_OK;
}

static bool concave(size_t link)
{
    (void)link;
    return false;
}

static double variance(double mean_, const double *psi)
{
    (void)mean_;
    return psi[DF] > 2.0 ? psi[SCALE] * psi[SCALE] * (psi[DF] / (psi[DF] - 2.0)) : INFINITY;
}

static double saturated(double y, double trials, const double *psi)
{
    (void)trials;
    (void)y;
    return constant_of(psi[DF]).value - SPECIAL_LOG_SQRT_2PI - log(psi[SCALE]);
}

/* 5 degrees of freedom, and the scale at which they have that sd. */
static double start(size_t s, double mean_, double sd)
{
    (void)mean_;
    return s == DF ? 5.0 : 0.77 * sd;
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
    const double v = psi[DF], chi = 2.0 * rng_gamma(rng, 0.5 * v) / v;
    const double y = link_inverse(kinds[link], eta[0]) + psi[SCALE] * rng_normal(rng) / sqrt(chi);
    return fmin(fmax(y, -DBL_MAX), DBL_MAX); /* overflow, at small df */
}

static double cdf(double y, double trials, size_t link, double eta, const double *psi)
{
    (void)trials;
    return gsl_cdf_tdist_P((y - link_inverse(kinds[link], eta)) / psi[SCALE], psi[DF]);
}

const struct family family_student_t = {
    .name = "student_t",
    .help = "real response, Student t noise: robust against outliers",
    .links = links,
    .kinds = kinds,
    .eta_columns = 1,
    .auxiliary = {{"df", "degrees of freedom: infinite df is the gaussian family", NAN, true,
                   "the gaussian family"},
                  {"noise_scale", "scale of the noise", NAN, true, NULL}},
    .auxiliary_count = 2,
    .phi = PHI_NONE,
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
