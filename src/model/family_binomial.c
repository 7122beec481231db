/* y successes out of trials, each with probability p; log choose(trials, y) is part of log f. */
#include "model/family_binary.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

static mxp_status eval(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error)
{
    (void)psi;
    (void)error;
    for (size_t i = 0; i < m; i++)
        binary_put(out, i, binary_kinds[link], response->y[i],
                   response->trials ? response->trials[i] : 1.0, eta[i], want);
    return MXP_OK;
}

static const char *check(double y, double trials)
{
    if (!parts_is_count(trials))
        return "is out of trials that are not a count 0, 1, 2, ...";
    return parts_is_count(y) && y <= trials ? NULL
                                            : "is not a count of successes out of its trials";
}

static double saturated(double y, double trials, const double *psi)
{
    (void)psi;
    return binary_peak(y, trials);
}

static double draw(struct rng *rng, size_t link, const double *eta, size_t q, bool symmetric,
                   double trials, const double *psi)
{
    (void)q;
    (void)symmetric;
    (void)psi;
    return parts_draw_binomial(rng, trials, link_inverse(binary_kinds[link], eta[0]));
}

/* P(Y <= y) = I_{1-p}(n - y, y + 1). */
static double cdf(double y, double trials, size_t link, double eta, const double *psi)
{
    struct link_side yes, no;
    const double s = floor(y);

    (void)psi;
    if (s < 0.0 || s >= trials)
        return s < 0.0 ? 0.0 : 1.0;
    link_sides(&yes, &no, binary_kinds[link], eta);
    return no.value < yes.value ? parts_beta_p(exp(no.value), trials - s, s + 1.0)
                                : parts_beta_q(exp(yes.value), s + 1.0, trials - s);
}

/* -log f = n log(1 + e^eta) - y eta - log choose(n, y): with the share p = (u + y) / n its
 * conjugate is n (p log p + (1-p) log(1-p)) + log choose(n, y). */
static double conjugate(double u, double y, double trials, const double *psi)
{
    const double v = u + y, left = trials - v;

    (void)psi;
    if (v < 0.0 || left < 0.0)
        return INFINITY;
    const double choose =
        special_lgamma(trials + 1.0) - special_lgamma(y + 1.0) - special_lgamma(trials - y + 1.0);
    return (v > 0.0 ? v * log(v / trials) : 0.0) + (left > 0.0 ? left * log(left / trials) : 0.0) +
           choose;
}

const struct family family_binomial = {
    .name = "binomial",
    .help = "response a number of successes out of trials",
    .links = binary_links,
    .kinds = binary_kinds,
    .response = RESPONSE_TRIALS,
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
