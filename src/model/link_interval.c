/* log(F(b) - F(a)), a < b. */
#include "model/link.h"
#include "num/special.h"

#include <float.h>
#include <math.h>

static const double sqrt_half = 0.70710678118654752440;
static const double sqrt_half_pi = 1.25331413731550025121;

/* F(b) - F(a) = F(b) (1 - F(a)) (1 - exp(a - b)). */
static void logit_interval(struct link_interval *to, double a, double b)
{
    struct link_side below[2], above[2];
    const double gap = b - a, odds = 1.0 / expm1(gap);
    const double bend = odds * (1.0 + odds); /* e^gap / (e^gap - 1)^2 */

    link_sides(&below[0], &above[0], LINK_LOGIT, a);
    link_sides(&below[1], &above[1], LINK_LOGIT, b);
    to->value = below[1].value + above[0].value + special_log1mexp(-gap);
    to->db = below[1].d1 + odds;
    to->da = above[0].d1 - odds;
    to->dbb = below[1].d2 - bend;
    to->daa = above[0].d2 - bend;
    to->dab = bend;
}

/* F(b) - F(a) = exp(-e^a) (1 - exp(-m)), m = e^a (exp(b - a) - 1).  The derivatives are written
 * with the bounded h = m / (exp(m) - 1), and e^a / m and e^b / m from b - a alone. */
static void cloglog_interval(struct link_interval *to, double a, double b)
{
    struct link_side yes, no;
    const double ea = exp(a), gap = b - a, growth = expm1(gap);
    const double below = 1.0 / growth; /* e^a / m; e^b / m is one more */
    const bool close = gap < 1.0;
    const double m = close ? ea * growth : exp(b) - ea;
    const double log_m = close ? a + log(growth) : b + log1p(-exp(-gap));

    link_sides(&yes, &no, LINK_CLOGLOG, log_m); /* yes: log(1 - exp(-m)) in log m */
    to->value = -ea + yes.value;
    const double h = yes.d1, above = 1.0 + below;
    const double steep = h > 0.0 ? (m + h) * h : 0.0;
    to->db = h * above;
    to->da = -ea - h * below;
    to->dbb = (yes.d2 - steep * below) * above;
    to->daa = -ea - steep * below * below - h * below;
    to->dab = steep * above * below;
}

/* Gauss-Legendre nodes and weights on (-1, 1), 10 points, the positive half (DLMF 3.5, table). */
static const double node[] = {0.14887433898163121089, 0.43339539412924719080,
                              0.67940956829902440623, 0.86506336668898451073,
                              0.97390652851717172008};
static const double weight[] = {0.29552422471475287017, 0.26926671930999635509,
                                0.21908636251598204400, 0.14945134915058059315,
                                0.06667134430868813759};

/* (Phi(b) - Phi(b - gap)) / phi(b) = integral from 0 to gap of exp(b t - t^2 / 2). */
static double probit_close(double b, double gap)
{
    const double half = 0.5 * gap;
    double sum = 0.0;

    for (int i = 0; i < 5; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const double t = half * (1.0 + sign * node[i]);
            sum += weight[i] * exp(t * (b - 0.5 * t));
        }
    return half * sum;
}

/* Value and first derivatives for a + b <= 0. */
static void probit_first(struct link_interval *to, double a, double b)
{
    const double gap = b - a, fall = exp(0.5 * gap * (a + b)); /* phi(a) / phi(b) */
    const bool close = gap < 1.0 && gap * -a < 2.0;
    double ratio;

    if (b > 0.0 && !close) {
        const double outside = special_normal_cdf(a) + special_normal_cdf(-b);
        const double inside = 0.5 * (erf(b * sqrt_half) + erf(-a * sqrt_half));
        to->value = outside < 0.5 ? log1p(-outside) : log(inside);
        to->db = exp(-0.5 * b * b) / SPECIAL_SQRT_2PI / inside;
        to->da = -exp(-0.5 * a * a) / SPECIAL_SQRT_2PI / inside;
        return;
    }
    ratio = close ? probit_close(b, gap)
                  : sqrt_half_pi *
                        (special_erfcx(-b * sqrt_half) - special_erfcx(-a * sqrt_half) * fall);
    to->value = special_log_normal_density(b) + log(ratio);
    to->db = 1.0 / ratio;
    to->da = -fall / ratio;
}

static void probit_interval(struct link_interval *to, double a, double b)
{
    if (a + b > 0.0) { /* mirrored */
        struct link_interval other;
        probit_interval(&other, -b, -a);
        *to = (struct link_interval){other.value, -other.db, -other.da,
                                     other.dbb,   other.daa, other.dab};
        return;
    }
    probit_first(to, a, b);
    /* dbb + dab = -db (b - E(Z | a < Z < b)) <= 0, and daa + dab likewise, whatever rounding says */
    to->dab = -to->da * to->db;
    to->dbb = fmin(-to->db * (b + to->db), -to->dab);
    to->daa = fmin(-to->da * (a + to->da), -to->dab);
}

void link_interval(struct link_interval *interval, enum link link, double a, double b)
{
    *interval = (struct link_interval){.value = -INFINITY};
    if (!(a < b) || isinf(a) || isinf(b))
        return;
    struct link_interval found = {0};
    if (link == LINK_LOGIT)
        logit_interval(&found, a, b);
    else if (link == LINK_CLOGLOG)
        cloglog_interval(&found, a, b);
    else
        probit_interval(&found, a, b);
    if (isfinite(found.value))
        *interval = found;
}
