/* y = 1 with probability p, else 0. */
#include "base/hot.h"
#include "model/family_binary.h"
#include "num/rng.h"
#include "num/special.h"
#include "num/vector.h"

#include <math.h>

enum { AT_ONCE = 256 };

/* Rows at once: the probability of the less likely outcome is e / (1 + e), e = exp(-|eta|), so that
 * nothing overflows and no small probability comes from a difference. */
struct parts {
    double e[AT_ONCE], share[AT_ONCE], log1p_e[AT_ONCE];
};

HOT static void put_value(double *value, const double *y, const double *eta,
                          const struct parts *parts, size_t m)
{
#pragma omp simd
    for (size_t i = 0; i < m; i++) {
        const double toward = y[i] > 0.5 ? eta[i] : -eta[i];
        value[i] = (toward < 0.0 ? toward : 0.0) - parts->log1p_e[i];
    }
}

HOT static void put_d1(double *d1, const double *y, const double *eta, const struct parts *parts,
                       size_t m)
{
#pragma omp simd
    for (size_t i = 0; i < m; i++) {
        const double toward = y[i] > 0.5 ? eta[i] : -eta[i];
        const double size = (toward > 0.0 ? parts->e[i] : 1.0) * parts->share[i];
        d1[i] = y[i] > 0.5 ? size : -size;
    }
}

HOT static void put_d2(double *d2, const struct parts *parts, size_t m)
{
#pragma omp simd
    for (size_t i = 0; i < m; i++)
        d2[i] = -(parts->e[i] * parts->share[i] * parts->share[i]);
}

static void put_d3(double *d3, const double *eta, const struct parts *parts, size_t m)
{
    for (size_t i = 0; i < m; i++) {
        const double e = parts->e[i], share = parts->share[i];
        d3[i] = copysign(e * share * share * (1.0 - e) * share, eta[i]);
    }
}

static void eval_logit(struct family_out *out, const double *y, const double *eta, size_t m,
                       unsigned want)
{
    struct parts parts;

    for (size_t first = 0; first < m; first += AT_ONCE) {
        const size_t left = m - first, count = left < AT_ONCE ? left : AT_ONCE;
        vector_logistic(parts.e, parts.share, parts.log1p_e, eta + first, count);
        if (want & FAMILY_VALUE)
            put_value(out->value + first, y + first, eta + first, &parts, count);
        if (want & FAMILY_D1)
            put_d1(out->d1 + first, y + first, eta + first, &parts, count);
        if (want & FAMILY_D2)
            put_d2(out->d2 + first, &parts, count);
        if (want & FAMILY_D3)
            put_d3(out->d3 + first, eta + first, &parts, count);
    }
}

static mxp_status eval(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error)
{
    (void)psi;
    (void)error;
    if (binary_kinds[link] == LINK_LOGIT)
        eval_logit(out, response->y, eta, m, want);
    else
        for (size_t i = 0; i < m; i++)
            binary_put(out, i, binary_kinds[link], response->y[i], 1.0, eta[i], want);
    return MXP_OK;
}

static const char *check(double y, double trials)
{
    (void)trials;
    return y == 0.0 || y == 1.0 ? NULL : "is not 0 or 1";
}

static double saturated(double y, double trials, const double *psi)
{
    (void)trials;
    (void)y;
    (void)psi;
    return 0.0;
}

static double draw(struct rng *rng, size_t link, const double *eta, size_t q, bool symmetric,
                   double trials, const double *psi)
{
    (void)q;
    (void)symmetric;
    (void)trials;
    (void)psi;
    return rng_bernoulli(rng, link_inverse(binary_kinds[link], eta[0]));
}

static double cdf(double y, double trials, size_t link, double eta, const double *psi)
{
    struct link_side yes, no;
    (void)trials;
    (void)psi;
    link_sides(&yes, &no, binary_kinds[link], eta);
    if (y < 0.0)
        return 0.0;
    return y < 1.0 ? exp(no.value) : 1.0;
}

/* p log p, 0 at 0. */
static double entropy_term(double p)
{
    return p > 0.0 ? p * log(p) : 0.0;
}

/* -log f = log(1 + e^eta) - y eta: the negative entropy of the mean u + y. */
static double conjugate(double u, double y, double trials, const double *psi)
{
    (void)trials;
    const double p = u + y;
    (void)psi;
    if (p < 0.0 || p > 1.0)
        return INFINITY;
    return entropy_term(p) + entropy_term(1.0 - p);
}

const struct family family_bernoulli = {
    .name = "bernoulli",
    .help = "response 0 or 1",
    .links = binary_links,
    .kinds = binary_kinds,
    .response = RESPONSE_NUMBER,
    .eta_columns = 1,
    .phi = PHI_ONE,
    .concave = binary_concave,
    .eval = eval,
    .check = check,
    .variance = binary_variance,
    .saturated = saturated,
    .recession = binary_recession,
    .conjugate = conjugate,
    .draw = draw,
    .cdf = cdf,
};
