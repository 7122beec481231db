#include "model/family_parts.h"
#include "num/rng.h"
#include "num/special.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

static double bounded(double x)
{
    return isnan(x) ? 0.0 : x > DBL_MAX ? DBL_MAX : x < -DBL_MAX ? -DBL_MAX : x;
}

static void put_auxiliary(struct family_out *out, size_t i, size_t m, size_t r,
                          const struct parts_density *f, double slope)
{
    for (size_t s = 0; s < r; s++) {
        out->dpsi[i + m * s] = bounded(f->dpsi[s]);
        out->deta_dpsi[i + m * s] = bounded(f->mixed[s] * slope);
        for (size_t t = 0; t < r; t++)
            out->d2psi[i + m * (s + r * t)] = bounded(f->d2psi[s + r * t]);
    }
}

void parts_put(struct family_out *out, size_t i, size_t m, size_t r, const struct parts_density *f,
               const struct link_location *location, unsigned want)
{
    static const struct parts_density nothing = {.value = -INFINITY};
    static const struct link_location nowhere = {0};

    if (!location || !isfinite(f->value)) {
        f = &nothing;
        location = &nowhere;
    }
    const double t1 = location->d1, t2 = location->d2, t3 = location->d3;
    if (want & FAMILY_VALUE)
        out->value[i] = f->value;
    if (want & FAMILY_D1)
        out->d1[i] = bounded(f->d1 * t1);
    if (want & FAMILY_D2)
        out->d2[i] = bounded(f->d2 * (t1 * t1) + (want & FAMILY_EXPECTED ? 0.0 : f->d1 * t2));
    if (want & FAMILY_D3)
        out->d3[i] = bounded(f->d3 * (t1 * t1 * t1) + 3.0 * f->d2 * t1 * t2 + f->d1 * t3);
    if (want & FAMILY_AUX)
        put_auxiliary(out, i, m, r, f, t1);
}

void parts_eval(struct family_out *out, bool (*locate)(struct link_location *, enum link, double),
                enum link link, parts_row row, const double *y, const double *eta, size_t m,
                const double *psi, size_t r, const void *known, unsigned want)
{
    for (size_t i = 0; i < m; i++) {
        struct parts_density f = {0};
        struct link_location location;
        const bool inside = locate(&location, link, eta[i]);
        if (inside)
            row(&f, y[i], &location, psi, known, want);
        parts_put(out, i, m, r, &f, inside ? &location : NULL, want);
    }
}

double parts_log_excess(double x)
{
    if (!(fabs(x) <= 0.1))
        return log1p(x) - x;
    const double r = x / (2.0 + x), s = r * r; /* log1p(x) = 2 atanh(r), x = 2 r / (1 - r) */
    double series = 0.0;
    for (int k = 17; k >= 3; k -= 2)
        series = 1.0 / k + s * series;
    return r * (2.0 * s * series - x);
}

double parts_log_ratio(double a, double b)
{
    const double ratio = a / b;
    return ratio > 1e17 ? log(a) - log(b) : log1p(ratio);
}

/* psi, psi', psi'' at x >= 1 by the recurrence up to 16 and the asymptotic series (NIST DLMF
 * 5.5.2, 5.11.2, 5.15.8); the coefficients are Bernoulli numbers. */
static void polygamma(double psi[3], double x)
{
    static const double b[] = {1.0 / 6.0,  -1.0 / 30.0,     1.0 / 42.0, -1.0 / 30.0,
                               5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0};
    double shift[3] = {0.0, 0.0, 0.0}, sums[3] = {0.0, 0.0, 0.0};

    for (; x < 16.0; x += 1.0) {
        const double r = 1.0 / x;
        shift[0] -= r;
        shift[1] += r * r;
        shift[2] -= 2.0 * r * r * r;
    }
    const double r = 1.0 / x, s = r * r;
    for (int k = 6; k >= 0; k--) {
        const double n = 2.0 * (k + 1);
        sums[0] = b[k] / n + s * sums[0];
        sums[1] = b[k] + s * sums[1];
        sums[2] = (n + 1.0) * b[k] + s * sums[2];
    }
    psi[0] = shift[0] + log(x) - 0.5 * r - s * sums[0];
    psi[1] = shift[1] + r + 0.5 * s + s * r * sums[1];
    psi[2] = shift[2] - s - s * r - s * s * sums[2];
}

static struct parts_stirling stirling_series(double a)
{
    static const double c[] = {1.0 / 12.0,   -1.0 / 360.0,      1.0 / 1260.0, -1.0 / 1680.0,
                               1.0 / 1188.0, -691.0 / 360360.0, 1.0 / 156.0};
    const double r = 1.0 / a, s = r * r;
    struct parts_stirling sum = {0.0, 0.0, 0.0, 0.0};

    for (int k = 6; k >= 0; k--) {
        const double n = -1.0 - 2.0 * k; /* the power of a */
        sum.value = c[k] + s * sum.value;
        sum.d1 = n * c[k] + s * sum.d1;
        sum.d2 = n * n * c[k] + s * sum.d2;
        sum.d3 = n * n * n * c[k] + s * sum.d3;
    }
    return (struct parts_stirling){r * sum.value, r * sum.d1, r * sum.d2, r * sum.d3};
}

/* Below 16 from log Gamma(a) = log Gamma(1 + a) - log a: nothing overflows as a goes to 0. */
struct parts_stirling parts_stirling(double a)
{
    double psi[3];

    if (a >= 16.0)
        return stirling_series(a);
    if (!(a > 0.0))
        return (struct parts_stirling){INFINITY, -0.5, 0.0, 0.0};
    polygamma(psi, 1.0 + a);
    const double log_a = log(a), p0 = a * psi[0], p1 = a * a * psi[1], p2 = a * a * a * psi[2];
    return (struct parts_stirling){
        .value = special_lgamma(1.0 + a) - (a + 0.5) * log_a + a - SPECIAL_LOG_SQRT_2PI,
        .d1 = p0 - a * log_a - 0.5,
        .d2 = p0 + p1 - a * log_a - a,
        .d3 = p0 + 3.0 * p1 + p2 - a * log_a - 2.0 * a,
    };
}

bool parts_is_count(double y)
{
    return y >= 0.0 && isfinite(y) && y == floor(y);
}

const char *parts_check_real(double y, double trials)
{
    (void)trials;
    return isfinite(y) ? NULL : "is not finite";
}

const char *parts_check_count(double y, double trials)
{
    (void)trials;
    return parts_is_count(y) ? NULL : "is not a count 0, 1, 2, ...";
}

int parts_recession(enum link link, double y, double direction, double tolerance)
{
    if (fabs(direction) <= tolerance)
        return 0;
    return link == LINK_LOG && y <= 0.0 && direction < 0.0 ? 1 : -1;
}

double parts_count_peak(double y)
{
    if (y >= 64.0)
        return -0.5 * log(y) - SPECIAL_LOG_SQRT_2PI - special_stirling_remainder(y);
    return y > 0.0 ? y * log(y) - y - special_log_factorial(y) : 0.0;
}

double parts_draw_beta(struct rng *rng, double a, double b)
{
    const double x = rng_gamma(rng, a), y = rng_gamma(rng, b);
    /* both have underflowed: the one with the larger logarithm is 1, and the odds are a to b */
    const double share = x + y > 0.0 ? x / (x + y) : rng_bernoulli(rng, a / (a + b));
    return fmin(fmax(share, DBL_MIN), 1.0 - 0.5 * DBL_EPSILON);
}

double parts_draw_binomial(struct rng *rng, double trials, double p)
{
    double count = 0.0;

    if (p <= 0.0 || p >= 1.0)
        return p >= 1.0 ? trials : 0.0;
    while (trials > 32.0) { /* the middle one of as many uniforms: below p, or not */
        const double middle = floor(0.5 * trials) + 1.0;
        const double x = parts_draw_beta(rng, middle, trials + 1.0 - middle);
        if (x <= p) {
            count += middle;
            trials -= middle;
            p = (p - x) / (1.0 - x);
        } else {
            trials = middle - 1.0;
            p = p / x;
        }
    }
    for (; trials > 0.0; trials -= 1.0)
        count += rng_bernoulli(rng, p);
    return count;
}

double parts_beta_p(double x, double a, double b)
{
    return x <= 0.0 ? 0.0 : x >= 1.0 ? 1.0 : gsl_cdf_beta_P(x, a, b);
}

double parts_beta_q(double x, double a, double b)
{
    return x <= 0.0 ? 1.0 : x >= 1.0 ? 0.0 : gsl_cdf_beta_Q(x, a, b);
}
