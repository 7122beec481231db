#include "num/special.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

static const double sqrt_half = 0.70710678118654752440;
static const double pi = 3.14159265358979323846;
static const double inverse_sqrt_pi = 0.56418958354775628695;

double special_log1pexp(double x)
{
    if (x > 0.0)
        return x + log1p(exp(-x));
    return log1p(exp(x));
}

double special_log1mexp(double x)
{
    if (x > 0.0)
        return NAN;
    return x > -SPECIAL_LOG_2 ? log(-expm1(x)) : log1p(-exp(x));
}

double special_logistic(double x)
{
    const double e = exp(-fabs(x));
    return x < 0.0 ? e / (1.0 + e) : 1.0 / (1.0 + e);
}

double special_logit(double p)
{
    if (!(p >= 0.0 && p <= 1.0))
        return NAN;
    return log(p) - log1p(-p);
}

double special_logsumexp(double a, double b)
{
    const double high = a > b ? a : b, low = a > b ? b : a;
    if (isinf(high))
        return isnan(low) ? low : high;
    return high + log1p(exp(low - high));
}

double special_erfcx(double x)
{
    if (x >= 25.0) { /* the asymptotic series, DLMF 7.12.1: 7 terms leave 3e-17 */
        const double r = 0.5 / (x * x);
        double series = 1.0;
        for (int k = 11; k >= 1; k -= 2)
            series = 1.0 - k * r * series;
        return inverse_sqrt_pi / x * series;
    }
    if (x < -27.0)
        return INFINITY;
    const double square = x * x, lost = fma(x, x, -square);
    return exp(square) * erfc(x) * (1.0 + lost);
}

double special_log_erfc(double x)
{
    if (x > 0.5)
        return log(special_erfcx(x)) - x * x;
    return log1p(-erf(x));
}

double special_log_normal_density(double x)
{
    return -0.5 * x * x - SPECIAL_LOG_SQRT_2PI;
}

double special_normal_cdf(double x)
{
    return 0.5 * erfc(-x * sqrt_half);
}

double special_log_phi(double x)
{
    const double z = x * sqrt_half;

    if (x > 0.0)
        return log1p(-0.5 * erfc(z));
    if (x > -1.0)
        return log(0.5 * erfc(-z));
    if (x == -INFINITY)
        return -INFINITY;
    return log(0.5 * special_erfcx(-z)) - 0.5 * x * x;
}

double special_normal_quantile(double p)
{
    return p >= 0.0 && p <= 1.0 ? gsl_cdf_ugaussian_Pinv(p) : NAN;
}

/* Newton on log Phi(x) = log_p, which is concave in x: from the left of the root the first step
 * may pass it, later ones cannot diverge. */
static double quantile_far(double log_p)
{
    const double r = -2.0 * (log_p + SPECIAL_LOG_SQRT_2PI);
    double x = -sqrt(r - log(r));

    for (int step = 0; step < 8; step++) {
        const double cdf = special_log_phi(x);
        const double move = (log_p - cdf) * exp(cdf - special_log_normal_density(x));
        x += move;
        if (fabs(move) <= 2.0 * DBL_EPSILON * fabs(x))
            break;
    }
    return x;
}

double special_normal_quantile_log(double log_p)
{
    if (!(log_p <= 0.0))
        return NAN;
    if (log_p == -INFINITY)
        return -INFINITY;
    if (log_p < -300.0)
        return quantile_far(log_p);
    if (log_p > -SPECIAL_LOG_2)
        return -special_normal_quantile(-expm1(log_p));
    return special_normal_quantile(exp(log_p));
}

static const double stirling_from = 16.0;

/* The series from x = 16 on: the first omitted term is 691/(360360 x^11) = 1e-16. */
static double stirling_series(double x)
{
    const double r = 1.0 / x, s = r * r;
    const double inner = 1.0 / 1260.0 - s * (1.0 / 1680.0 - s / 1188.0);
    return r * (1.0 / 12.0 - s * (1.0 / 360.0 - s * inner));
}

double special_lgamma(double x)
{
    gsl_sf_result result;

    if (!(x > 0.0))
        return x == 0.0 ? INFINITY : NAN;
    if (x < 1e-290)
        return -log(x);
    if (x == INFINITY)
        return x;
    if (x >= stirling_from)
        return (x - 0.5) * log(x) - x + (SPECIAL_LOG_SQRT_2PI + stirling_series(x));
    return gsl_sf_lngamma_e(x, &result) == 0 ? result.val : NAN;
}

double special_stirling_remainder(double x)
{
    if (!(x > 0.0))
        return x == 0.0 ? INFINITY : NAN;
    if (x >= stirling_from)
        return stirling_series(x);
    return special_lgamma(x + 1.0) - ((x + 0.5) * log(x) - x + SPECIAL_LOG_SQRT_2PI);
}

/* log n!, n = 0..63, rounded from 40 digits. */
static const double log_factorials[] = {
    0.0,
    0.0,
    0.6931471805599453,
    1.791759469228055,
    3.1780538303479458,
    4.787491742782046,
    6.579251212010101,
    8.525161361065415,
    10.60460290274525,
    12.801827480081469,
    15.104412573075516,
    17.502307845873887,
    19.987214495661885,
    22.552163853123425,
    25.19122118273868,
    27.89927138384089,
    30.671860106080672,
    33.50507345013689,
    36.39544520803305,
    39.339884187199495,
    42.335616460753485,
    45.38013889847691,
    48.47118135183523,
    51.60667556776438,
    54.78472939811232,
    58.00360522298052,
    61.261701761002,
    64.55753862700634,
    67.88974313718154,
    71.25703896716801,
    74.65823634883016,
    78.0922235533153,
    81.55795945611504,
    85.05446701758152,
    88.58082754219768,
    92.1361756036871,
    95.7196945421432,
    99.33061245478743,
    102.96819861451381,
    106.63176026064346,
    110.32063971475739,
    114.0342117814617,
    117.77188139974507,
    121.53308151543864,
    125.3172711493569,
    129.12393363912722,
    132.95257503561632,
    136.80272263732635,
    140.67392364823425,
    144.5657439463449,
    148.47776695177302,
    152.40959258449735,
    156.3608363030788,
    160.3311282166309,
    164.32011226319517,
    168.32744544842765,
    172.3527971391628,
    176.39584840699735,
    180.45629141754378,
    184.53382886144948,
    188.6281734236716,
    192.7390472878449,
    196.86618167289,
    201.00931639928152,
};

double special_log_factorial(double n)
{
    if (!(n >= 0.0))
        return NAN;
    if (n < 64.0)
        return log_factorials[(int)n];
    return (n + 0.5) * log(n) - n + (SPECIAL_LOG_SQRT_2PI + stirling_series(n));
}

double special_log1p_excess(double m)
{
    if (fabs(m) > 0.1)
        return m - log1p(m);
    const double r = m / (2.0 + m), s = r * r; /* log1p(m) = 2 atanh(r), m = 2 r / (1 - r) */
    double series = 0.0;
    for (int k = 17; k >= 3; k -= 2)
        series = 1.0 / k + s * series;
    return r * (m - 2.0 * s * series);
}

/* log of x^a exp(-x) / Gamma(a + 1), relative to its peak at x = a: Loader (2000). */
static double log_gamma_front(double a, double x)
{
    if (a < stirling_from)
        return a * log(x) - x - special_lgamma(a + 1.0);
    return -a * special_log1p_excess((x - a) / a) - 0.5 * log(2.0 * pi * a) - stirling_series(a);
}

enum { GAMMA_STEPS = 100000 };

static double gamma_p_series(double a, double x)
{
    double term = 1.0, sum = 1.0;
    for (int n = 1; n < GAMMA_STEPS && term > DBL_EPSILON * sum; n++) {
        term *= x / (a + n);
        sum += term;
    }
    return sum * exp(log_gamma_front(a, x));
}

/* The continued fraction by the modified Lentz method, for x > a + 1. */
static double gamma_q_fraction(double a, double x)
{
    double b = x + 1.0 - a, c = 1.0 / DBL_MIN, d = 1.0 / b, h = d;
    for (int n = 1; n < GAMMA_STEPS; n++) {
        const double an = -n * (n - a);
        b += 2.0;
        d = 1.0 / (an * d + b);
        c = b + an / c;
        h *= d * c;
        if (fabs(d * c - 1.0) < DBL_EPSILON)
            break;
    }
    return h * exp(log_gamma_front(a, x) + log(a));
}

/* The uniform expansion with its first term; sign 1 gives Q, -1 gives P. */
static double gamma_uniform(double a, double x, double sign)
{
    const double m = (x - a) / a, half = special_log1p_excess(m);
    const double eta = copysign(sqrt(2.0 * half), m);
    const double c0 = fabs(eta) < 1e-2
                          ? -1.0 / 3.0 + eta * (1.0 / 12.0 - eta * (2.0 / 135.0 - eta / 864.0))
                          : 1.0 / m - 1.0 / eta;
    const double correction = exp(-a * half) / sqrt(2.0 * pi * a) * c0;
    return 0.5 * erfc(sign * eta * sqrt(0.5 * a)) + sign * correction;
}

static const double uniform_from = 1e6;

static double clamp01(double p)
{
    return p < 0.0 ? 0.0 : p > 1.0 ? 1.0 : p;
}

double special_gamma_q(double a, double x)
{
    if (!(a > 0.0 && x >= 0.0) || isinf(a))
        return NAN;
    if (x == 0.0)
        return 1.0;
    if (isinf(x))
        return 0.0;
    if (a > uniform_from)
        return clamp01(gamma_uniform(a, x, 1.0));
    return clamp01(x > a + 1.0 ? gamma_q_fraction(a, x) : 1.0 - gamma_p_series(a, x));
}

double special_gamma_p(double a, double x)
{
    if (!(a > 0.0 && x >= 0.0) || isinf(a))
        return NAN;
    if (x == 0.0)
        return 0.0;
    if (isinf(x))
        return 1.0;
    if (a > uniform_from)
        return clamp01(gamma_uniform(a, x, -1.0));
    return clamp01(x > a + 1.0 ? 1.0 - gamma_q_fraction(a, x) : gamma_p_series(a, x));
}
