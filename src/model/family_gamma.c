/* y ~ gamma with mean mu and shape a: variance mu^2 / a; derivatives in log a. */
#include "model/family_parts.h"
#include "num/rng.h"
#include "num/special.h"

#include <float.h>
#include <math.h>

static const char *const links[] = {"log", "inverse", "identity", NULL};
static const enum link kinds[] = {LINK_LOG, LINK_INVERSE, LINK_IDENTITY};

/* log f at mu = y: a log a - a - log Gamma(a) - log y. */
static double peak(double y, double a, const struct parts_stirling *shape)
{
    return 0.5 * log(a) - SPECIAL_LOG_SQRT_2PI - shape->value - log(y);
}

/* By the log of the mean: log f is its value at mu = y, plus a times log(y / mu) - (y / mu - 1). */
static void row(struct parts_density *f, double y, const struct link_location *at,
                const double *psi, const void *known, unsigned want)
{
    const double a = psi[0],
                 ratio = at->at < -700.0 || at->at > 700.0 ? exp(log(y) - at->at) : y / at->mean;
    const double off =
        isfinite(at->mean) && at->mean > 0.0 ? (y - at->mean) / at->mean : ratio - 1.0;
    const double excess = fabs(off) < 0.5 ? parts_log_excess(off) : log(y) - at->at - off;
    const struct parts_stirling *shape = known;
    const bool expected = want & FAMILY_EXPECTED;

    f->value = peak(y, a, shape) + a * excess;
    f->dpsi[0] = 0.5 - shape->d1 + a * excess;
    f->d2psi[0] = expected ? shape->d1 - 0.5 - shape->d2 : a * excess - shape->d2;
    f->d1 = a * off;
    f->d2 = expected ? -a : -a * ratio;
    f->d3 = a * ratio;
    f->mixed[0] = expected ? 0.0 : a * off;
}

static mxp_status eval(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error)
{
    const struct parts_stirling shape = parts_stirling(psi[0]);

    (void)error;
    parts_eval(out, link_log_mean, kinds[link], row, response->y, eta, m, psi, 1, &shape, want);
    return MXP_OK;
}

static bool concave(size_t link)
{
    return kinds[link] != LINK_IDENTITY;
}

static const char *check(double y, double trials)
{
    (void)trials;
    return y > 0.0 && isfinite(y) ? NULL : "is not above 0";
}

static double variance(double mean_, const double *psi)
{
    return mean_ * mean_ / psi[0];
}

static double saturated(double y, double trials, const double *psi)
{
    (void)trials;
    const struct parts_stirling shape = parts_stirling(psi[0]);
    return peak(y, psi[0], &shape);
}

static double start(size_t s, double mean_, double sd)
{
    const double relative = sd / mean_;
    (void)s;
    return relative > 0.0 ? fmin(fmax(1.0 / (relative * relative), 0.01), 1e4) : 1.0;
}

static double draw(struct rng *rng, size_t link, const double *eta, size_t q, bool symmetric,
                   double trials, const double *psi)
{
    (void)q;
    (void)symmetric;
    (void)trials;
    const double y = rng_gamma(rng, psi[0]) / psi[0] * link_inverse(kinds[link], eta[0]);
    return y > 0.0 ? y : DBL_TRUE_MIN; /* underflow, at small shapes */
}

static double cdf(double y, double trials, size_t link, double eta, const double *psi)
{
    (void)trials;
    return y > 0.0 ? special_gamma_p(psi[0], psi[0] * (y / link_inverse(kinds[link], eta))) : 0.0;
}

const struct family family_gamma = {
    .name = "gamma",
    .help = "response above 0, variance mu^2 / shape",
    .links = links,
    .kinds = kinds,
    .eta_columns = 1,
    .auxiliary = {{"shape", "shape: 1 is the exponential distribution", NAN, true, "an exact fit"}},
    .auxiliary_count = 1,
    .phi = PHI_NONE,
    .concave = concave,
    .eval = eval,
    .check = check,
    .variance = variance,
    .saturated = saturated,
    .start = start,
    .draw = draw,
    .cdf = cdf,
};
