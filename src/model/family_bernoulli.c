/* y = 1 with probability p, else 0. */
#include "model/family_binary.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

/* The probability of the less likely outcome is e / (1 + e), e = exp(-|eta|): nothing overflows,
 * and no small probability comes from a difference. */
static void eval_derivatives(struct family_out *out, const double *y, const double *eta, size_t m,
                             unsigned want)
{
    for (size_t i = 0; i < m; i++) {
        const double e = exp(-fabs(eta[i])), share = 1.0 / (1.0 + e);
        const bool one = y[i] > 0.5, likely = (eta[i] > 0.0) == one;
        const double variance = e * share * share;
        if (want & FAMILY_D1)
            out->d1[i] = (one ? 1.0 : -1.0) * (likely ? e : 1.0) * share;
        if (want & FAMILY_D2)
            out->d2[i] = -variance;
        if (want & FAMILY_D3)
            out->d3[i] = copysign(variance * (1.0 - e) * share, eta[i]);
    }
}

static void eval_logit(struct family_out *out, const double *y, const double *eta, size_t m,
                       unsigned want)
{
    if (want & FAMILY_VALUE)
        for (size_t i = 0; i < m; i++) {
            const double toward = y[i] > 0.5 ? eta[i] : -eta[i];
            out->value[i] = fmin(toward, 0.0) - log1p(exp(-fabs(eta[i])));
        }
    if (want & (FAMILY_D1 | FAMILY_D2 | FAMILY_D3))
        eval_derivatives(out, y, eta, m, want);
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
