/* y ~ beta with mean mu and precision phi: shapes mu phi and (1 - mu) phi; derivatives in
 * log phi. */
#include "model/family_parts.h"
#include "num/rng.h"
#include "num/special.h"

#include <float.h>
#include <math.h>

static const char *const links[] = {"logit", "probit", "cloglog", NULL};
static const enum link kinds[] = {LINK_LOGIT, LINK_PROBIT, LINK_CLOGLOG};

/* One of the two shapes: a = phi exp(A), A = log mu or log(1 - mu), which is what the link gives
 * with derivatives.  log f is, but for terms in y or phi alone, the sum over both shapes of
 *     a (r + 1) - [log Gamma(a) - a log a + a],   r = log y - A or log(1 - y) - A. */
struct half {
    struct link_side side;
    struct parts_stirling stirling;
    double a, r, term; /* term: a times (r + a multiple of y - mu that cancels in the sum) */
};

static void halves(struct half *one, struct half *other, enum link kind, double y, double eta,
                   double phi)
{
    link_sides(&one->side, &other->side, kind, eta);
    const double mu = exp(one->side.value), rest = exp(other->side.value);
    const double off = mu < 0.5 ? y - mu : rest - (1.0 - y);

    one->a = phi * mu;
    other->a = phi * rest;
    one->stirling = parts_stirling(one->a);
    other->stirling = parts_stirling(other->a);
    if (fabs(off) < 0.3 * fmin(mu, rest)) {
        one->r = log1p(off / mu);
        other->r = log1p(-off / rest);
        one->term = one->a * parts_log_excess(off / mu);
        other->term = other->a * parts_log_excess(-off / rest);
    } else {
        one->r = log(y) - one->side.value;
        other->r = log1p(-y) - other->side.value;
        one->term = one->a * one->r;
        other->term = other->a * other->r;
    }
}

/* Adds the half's derivatives in eta by the chain rule. */
static void add_half(struct parts_density *f, const struct half *half, bool expected)
{
    const double a = half->a, at_data = a * half->r;
    const double s1 = half->stirling.d1 - 0.5, s2 = half->stirling.d2, s3 = half->stirling.d3;
    const double g1 = at_data - s1, g2 = at_data - a - s2, g3 = at_data - 2.0 * a - s3;
    const double t1 = half->side.d1, t2 = half->side.d2, t3 = half->side.d3;

    f->d1 += g1 * t1;
    f->d2 += expected ? (s1 - a - s2) * t1 * t1 : g2 * t1 * t1 + g1 * t2;
    f->d3 += g3 * t1 * t1 * t1 + 3.0 * g2 * t1 * t2 + g1 * t3;
    f->mixed[0] += expected ? (s1 - s2) * t1 : (at_data - s2) * t1;
}

static void density(struct parts_density *f, enum link kind, double y, double eta, double phi,
                    const struct parts_stirling *sum, bool expected)
{
    struct half one, other;

    halves(&one, &other, kind, y, eta, phi);
    const double e1 = sum->d1 - one.stirling.d1 - other.stirling.d1;
    const double e2 = sum->d2 - one.stirling.d2 - other.stirling.d2;
    const double terms = one.term + other.term;
    f->value = (sum->value - one.stirling.value - other.stirling.value) + 0.5 * log(phi) +
               0.5 * (one.side.value + other.side.value) - SPECIAL_LOG_SQRT_2PI + terms - log(y) -
               log1p(-y);
    f->dpsi[0] = 0.5 + e1 + terms;
    f->d2psi[0] = expected ? e2 - e1 - 0.5 : e2 + terms;
    add_half(f, &one, expected);
    add_half(f, &other, expected);
}

static mxp_status eval(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error)
{
    static const struct link_location identity = {.d1 = 1.0}; /* the chain rule is done already */
    const struct parts_stirling sum = parts_stirling(psi[0]);

    (void)error;
    for (size_t i = 0; i < m; i++) {
        struct parts_density f = {0};
        density(&f, kinds[link], response->y[i], eta[i], psi[0], &sum, want & FAMILY_EXPECTED);
        parts_put(out, i, m, 1, &f, &identity, want);
    }
    return MXP_OK;
}

static bool concave(size_t link)
{
    (void)link;
    return false;
}

static const char *check(double y, double trials)
{
    (void)trials;
    return y > 0.0 && y < 1.0 ? NULL : "is not between 0 and 1";
}

static double variance(double mean_, const double *psi)
{
    return mean_ * (1.0 - mean_) / (1.0 + psi[0]);
}

/* The best mean is not y: Fisher scoring in the logit between bounds that close in on the root of
 * the score, which the mean passes once. */
static double saturated(double y, double trials, const double *psi)
{
    const struct parts_stirling sum = parts_stirling(psi[0]);
    double low = -700.0, high = 700.0, eta = fmin(fmax(special_logit(y), -690.0), 690.0);
    double best = -INFINITY;

    (void)trials;
    for (int step = 0; step < 100; step++) {
        struct parts_density f = {0};
        density(&f, LINK_LOGIT, y, eta, psi[0], &sum, true);
        best = fmax(best, f.value);
        *(f.d1 > 0.0 ? &low : &high) = eta;
        const double next = eta - f.d1 / f.d2;
        if (fabs(next - eta) <= 1e-9 * (1.0 + fabs(eta)) || high - low < 1e-9)
            break;
        eta = next > low && next < high ? next : 0.5 * (low + high);
    }
    return best;
}

/* By moments. */
static double start(size_t s, double mean_, double sd)
{
    const double phi = mean_ * (1.0 - mean_) / (sd * sd) - 1.0;
    (void)s;
    return phi > 0.0 ? fmin(fmax(phi, 0.01), 1e4) : 1.0;
}

static double draw(struct rng *rng, size_t link, const double *eta, size_t q, bool symmetric,
                   double trials, const double *psi)
{
    struct link_side yes, no;

    (void)q;
    (void)symmetric;
    (void)trials;
    link_sides(&yes, &no, kinds[link], eta[0]);
    return parts_draw_beta(rng, fmax(psi[0] * exp(yes.value), DBL_MIN),
                           fmax(psi[0] * exp(no.value), DBL_MIN));
}

static double cdf(double y, double trials, size_t link, double eta, const double *psi)
{
    struct link_side yes, no;

    (void)trials;
    link_sides(&yes, &no, kinds[link], eta);
    return parts_beta_p(y, psi[0] * exp(yes.value), psi[0] * exp(no.value));
}

const struct family family_beta = {
    .name = "beta",
    .help = "response between 0 and 1, variance mu (1 - mu) / (1 + precision)",
    .links = links,
    .kinds = kinds,
    .eta_columns = 1,
    .auxiliary = {{"precision", "the sum of the two shapes", NAN, true, "an exact fit"}},
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
