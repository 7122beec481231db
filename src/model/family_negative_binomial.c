/* y ~ negative binomial with mean mu and size k: variance mu + mu^2 / k; derivatives in log k. */
#include "model/family_parts.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

static const char *const links[] = {"log", "identity", "sqrt", NULL};
static const enum link kinds[] = {LINK_LOG, LINK_IDENTITY, LINK_SQRT};

/* p = mu / (k + mu), q = k / (k + mu) and their logarithms; mu may be 0 or infinite. */
struct share {
    double p, q, log_p, log_q;
};

static struct share share_of(const struct link_location *at, double k)
{
    const double odds = at->mean / k;

    if (odds <= 1.0) {
        const double q = 1.0 / (1.0 + odds);
        return (struct share){odds * q, q, at->at - log(k) - log1p(odds), -log1p(odds)};
    }
    const double log_odds = at->at - log(k), inverse = exp(-log_odds), p = 1.0 / (1.0 + inverse);
    return (struct share){p, inverse * p, -log1p(inverse), -log_odds - log1p(inverse)};
}

/* The log mass below its peak at mu = y: y log(p / p0) + k log(q / q0), where p0 and q0 are p and
 * q at mu = y.  Near the peak in terms whose linear parts have cancelled on paper. */
static double below_peak(double y, double k, double mu, const struct share *at)
{
    const double off = mu - y;

    if (y > 0.0 && fabs(off) < 0.3 * y)
        return y * parts_log_excess(off * at->q / y) - k * parts_log_excess(off / (y + k)) -
               off * at->q * (off / (y + k));
    const double log_q0 = -parts_log_ratio(y, k);
    return (y > 0.0 ? y * (at->log_p + parts_log_ratio(k, y)) : 0.0) + k * (at->log_q - log_q0);
}

/* The log mass at mu = y.  What log Gamma(y + k) - log Gamma(k) leaves for large k is the
 * difference of two Stirling remainders. */
static double peak(double y, double k, const struct parts_stirling *sum,
                   const struct parts_stirling *size)
{
    if (y == 0.0)
        return 0.0;
    return sum->value - size->value - 0.5 * parts_log_ratio(y, k) + parts_count_peak(y);
}

/* log(1 + w) - w, w = (y - mu) / (k + mu). */
static double size_excess(double y, double k, double w, const struct share *at)
{
    return w > -0.5 ? parts_log_excess(w) : at->log_q + parts_log_ratio(y, k) - w;
}

/* (y - mu) / (k + mu) = y q / k - p. */
static double relative_off(double y, double k, double mu, const struct share *at)
{
    return mu < 1e300 ? (y - mu) / (k + mu) : -at->p;
}

static void size_derivatives(struct parts_density *f, double y, double k,
                             const struct parts_stirling *sum, const struct parts_stirling *size,
                             double w, double excess)
{
    const double c = k / (y + k), d = y / (y + k); /* d log(y + k) / d log k, and 1 - c */

    f->dpsi[0] = 0.5 * d + (c * sum->d1 - size->d1) + k * excess;
    f->d2psi[0] =
        -0.5 * c * d + c * (d * sum->d1 + c * sum->d2) - size->d2 + k * (excess + c * w * w);
}

/* By the log of the mean; the second derivative in log k is the exact one. */
static void row_exact(struct parts_density *f, double y, const struct link_location *at, double k,
                      const struct parts_stirling *size, unsigned want)
{
    const double mu = at->mean;
    const struct share share = share_of(at, k);
    const double w = relative_off(y, k, mu, &share), excess = size_excess(y, k, w, &share);

    struct parts_stirling sum = {0};
    if (want & FAMILY_AUX)
        sum = parts_stirling(y + k);
    else
        sum.value = special_stirling_remainder(y + k);
    f->value = peak(y, k, &sum, size) + below_peak(y, k, mu, &share);
    if (want & FAMILY_AUX)
        size_derivatives(f, y, k, &sum, size, w, excess);
    f->d1 = k * w;
    f->d2 = -(y + k) * share.p * share.q;
    f->d3 = f->d2 * (share.q - share.p);
    f->mixed[0] = k * w * share.p;
}

/* The expectation over y of d2psi, by summation: one by one at first, then in strides of 1/256 of
 * the distance from the first term, which is 12 sds below the mean or 0.  Relative accuracy 1e-5;
 * some hundred to some thousand terms. */
static double expected_size_curvature(const struct link_location *at, double k,
                                      const struct parts_stirling *size)
{
    const double mu = at->mean, tail = 1.0 + mu / k, sd = sqrt(mu) * sqrt(tail);
    const double first = floor(fmax(0.0, mu - 12.0 * sd));
    const double last = mu + 12.0 * sd + 40.0 * tail;
    double total = 0.0, sum = 0.0;

    for (double low = first; low <= last;) {
        const double stride = fmax(1.0, floor((low - first) / 256.0));
        struct parts_density f = {0};
        row_exact(&f, low + 0.5 * (stride - 1.0), at, k, size, FAMILY_AUX);
        const double mass = stride * exp(f.value);
        total += mass;
        sum += mass * f.d2psi[0];
        low += stride;
    }
    return total > 0.0 ? fmin(sum / total, 0.0) : 0.0;
}

static void row(struct parts_density *f, double y, const struct link_location *at,
                const double *psi, const void *known, unsigned want)
{
    const double k = psi[0];

    row_exact(f, y, at, k, known, want);
    if (!(want & FAMILY_EXPECTED))
        return;
    f->d2 = -k * share_of(at, k).p;
    f->mixed[0] = 0.0;
    if (want & FAMILY_AUX)
        f->d2psi[0] = expected_size_curvature(at, k, known);
}

static mxp_status eval(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error)
{
    const struct parts_stirling size = parts_stirling(psi[0]);

    (void)error;
    parts_eval(out, link_log_mean, kinds[link], row, response->y, eta, m, psi, 1, &size, want);
    return MXP_OK;
}

static bool concave(size_t link)
{
    return kinds[link] == LINK_LOG;
}

static double variance(double mean_, const double *psi)
{
    return mean_ * (1.0 + mean_ / psi[0]);
}

static double saturated(double y, double trials, const double *psi)
{
    (void)trials;
    const struct parts_stirling sum = parts_stirling(y + psi[0]), size = parts_stirling(psi[0]);
    return peak(y, psi[0], &sum, &size);
}

/* By moments; 10 where the counts vary no more than Poisson ones. */
static double start(size_t s, double mean_, double sd)
{
    const double extra = sd * sd - mean_;
    (void)s;
    return extra > 0.0 && mean_ > 0.0 ? fmin(fmax(mean_ * mean_ / extra, 0.01), 1e4) : 10.0;
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
    const double mu = link_inverse(kinds[link], eta[0]);
    return rng_poisson(rng, rng_gamma(rng, psi[0]) / psi[0] * mu);
}

/* I_q(k, y + 1). */
static double cdf(double y, double trials, size_t link, double eta, const double *psi)
{
    (void)trials;
    const double k = psi[0], odds = link_inverse(kinds[link], eta) / k, q = 1.0 / (1.0 + odds);
    if (y < 0.0)
        return 0.0;
    return q < 0.5 ? parts_beta_p(q, k, floor(y) + 1.0) : parts_beta_q(odds * q, floor(y) + 1.0, k);
}

const struct family family_negative_binomial = {
    .name = "negative_binomial",
    .help = "response a count 0, 1, 2, ..., variance mu + mu^2 / size",
    .links = links,
    .kinds = kinds,
    .eta_columns = 1,
    .auxiliary = {{"size", "size: infinite size is the poisson family", NAN, true,
                   "the poisson family"}},
    .auxiliary_count = 1,
    .phi = PHI_ONE,
    .concave = concave,
    .eval = eval,
    .check = parts_check_count,
    .variance = variance,
    .saturated = saturated,
    .start = start,
    .recession = recession,
    .draw = draw,
    .cdf = cdf,
};
