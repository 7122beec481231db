/* The binary links: log F and log(1 - F).  logit, probit and cauchit are symmetric, so that
 * log(1 - F(eta)) = log F(-eta). */
#include "model/link.h"
#include "num/special.h"

#include <math.h>

static const double pi = 3.14159265358979323846;
static const double sqrt_half = 0.70710678118654752440;
static const double sqrt_2_over_pi = 0.79788456080286535588;

/* With e = exp(-|eta|) the smaller probability is e / (1 + e): nothing overflows, and no small
 * probability comes from a difference. */
static void logit_sides(struct link_side *yes, struct link_side *no, double eta)
{
    const double e = exp(-fabs(eta)), share = 1.0 / (1.0 + e), small = e * share;
    const double near = -log1p(e), far = -fabs(eta) + near;
    const double p = eta > 0.0 ? share : small, q = eta > 0.0 ? small : share;
    const double d2 = -small * share, d3 = copysign(small * share * (1.0 - e) * share, eta);

    *yes = (struct link_side){eta > 0.0 ? near : far, q, d2, d3};
    *no = (struct link_side){eta > 0.0 ? far : near, -p, d2, d3};
}

/* Far in the lower tail, t = -x: density over distribution function is t + c1 with the continued
 * fraction c1 = 1/(t + c2), c2 = 2/(t + c3), ... (DLMF 7.9.1), and the combinations of the second
 * and third derivative come without cancellation. */
static void probit_far(struct link_side *side, double x)
{
    const double t = -x;
    double c = 0.0, c1, c2, c3;

    for (int k = 60; k > 3; k--)
        c = k / (t + c);
    c3 = 3.0 / (t + c);
    c2 = 2.0 / (t + c3);
    c1 = 1.0 / (t + c2);
    const double ratio = t + c1, slope = ratio * c1;
    side->d1 = ratio;
    side->d2 = -slope;
    side->d3 = slope * c1 * c2 * (c3 - c2);
}

static void probit_side(struct link_side *side, double x)
{
    side->value = special_log_phi(x);
    if (x < -5.0) {
        probit_far(side, x);
        return;
    }
    const double z = x * sqrt_half;
    const double ratio = x < 0.0 ? sqrt_2_over_pi / special_erfcx(-z)
                                 : exp(-0.5 * x * x) / SPECIAL_SQRT_2PI / special_normal_cdf(x);
    const double sum = x + ratio;
    side->d1 = ratio;
    side->d2 = -ratio * sum;
    side->d3 = ratio > 0.0 ? ratio * (sum * sum - 1.0 + ratio * sum) : 0.0;
}

static void cauchit_side(struct link_side *side, double x)
{
    const double F = atan2(1.0, -x) / pi, width = 1.0 + x * x;
    const double slope = 1.0 / (pi * width * F); /* f / F */
    const double turn = -2.0 * x / width;        /* f' / f */
    const double bend = (6.0 * x * x - 2.0) / width / width;

    side->value = x > 1.0 ? log1p(-atan2(1.0, x) / pi) : log(F);
    if (!isfinite(width)) {
        side->d1 = side->d2 = side->d3 = 0.0;
        return;
    }
    side->d1 = slope;
    side->d2 = slope * (turn - slope);
    side->d3 = slope * (bend - 3.0 * turn * slope + 2.0 * slope * slope);
}

static void mirror(struct link_side *side)
{
    side->d1 = -side->d1;
    side->d3 = -side->d3;
}

/* 1 - m - h, h = m / (exp(m) - 1), as minus the series of Bernoulli numbers near 0. */
static double cloglog_bend(double m, double h)
{
    if (m > 0.5)
        return 1.0 - m - h;
    const double s = m * m;
    const double series =
        1.0 / 12.0 -
        s * (1.0 / 720.0 -
             s * (1.0 / 30240.0 -
                  s * (1.0 / 1209600.0 - s * (1.0 / 47900160.0 - s * (691.0 / 1307674368000.0)))));
    return -(0.5 * m + s * series);
}

static void cloglog_sides(struct link_side *yes, struct link_side *no, double eta)
{
    const double m = exp(eta);

    *no = (struct link_side){-m, -m, -m, -m};
    if (m > 740.0) {
        *yes = (struct link_side){0.0, 0.0, 0.0, 0.0};
        return;
    }
    const double h = m > 0.0 ? m / expm1(m) : 1.0, bend = cloglog_bend(m, h);
    yes->value = eta < -17.0 ? eta - 0.5 * m : special_log1mexp(-m);
    yes->d1 = h;
    yes->d2 = h * bend;
    yes->d3 = h * (bend * bend - m - h * bend);
}

void link_sides(struct link_side *yes, struct link_side *no, enum link link, double eta)
{
    void (*const side)(struct link_side *, double) =
        link == LINK_PROBIT ? probit_side : cauchit_side;

    switch (link) {
    case LINK_LOGIT:
        logit_sides(yes, no, eta);
        break;
    case LINK_CLOGLOG:
        cloglog_sides(yes, no, eta);
        break;
    default:
        side(yes, eta);
        side(no, -eta);
        mirror(no);
        break;
    }
}
