#include "infer/kink_gibbs.h"

#include "num/special.h"

#include <math.h>

/* What sigma sees of t: log density of u = log sigma is
 * -power u - squares / (2 sigma^2) - absolute / sigma + log prior. */
struct sums {
    double power, squares, absolute;
};

static struct sums sums_of(const struct kink_chain *chain)
{
    const struct kink_target *target = chain->plan->target;
    struct sums s = {.power = 2.0 * chain->plan->sigma_shape, .squares = target->rss};

    for (size_t j = 0; j < target->k; j++) {
        s.squares += chain->d[j] * (target->g[j] + chain->r[j]);
        if (!kink_scaled(target, j) || !(target->lambda[j] > 0.0 || target->l1[j] > 0.0))
            continue;
        const double off = target->t0[j] - target->m[j] + chain->d[j];
        s.squares += target->lambda[j] > 0.0 ? target->lambda[j] * off * off : 0.0;
        s.absolute += target->l1[j] * fabs(off);
    }
    if (s.squares < 0.0) /* by rounding */
        s.squares = 0.0;
    return s;
}

/* Gamma(x - 1/2) / Gamma(x) for x > 3/2, accurate for large x too. */
static double gamma_ratio(double x)
{
    const double y = x - 1.0, low = y - 0.5, shift = log1p(-0.5 / y);
    return exp((y + 0.5) * shift + 0.5 - 0.5 * log(low) + special_stirling_remainder(low) -
               special_stirling_remainder(y));
}

mxp_status kink_plan_sigma(struct kink_plan *plan, mxp_error *error)
{
    const struct kink_target *target = plan->target;
    size_t flat = 0, kinks = 0, scaled = 0;

    for (size_t j = 0; j < target->k; j++) {
        const bool informed = target->lambda[j] > 0.0 || target->l1[j] > 0.0;
        flat += !informed;
        kinks += target->l1[j] > 0.0 && kink_scaled(target, j);
        scaled += informed && kink_scaled(target, j);
    }
    const double power = target->weight_sum + (double)scaled;
    if (!target->sigma_prior && !(target->weight_sum > (double)flat))
        return FAIL(error, MXP_NUMERIC,
                    "a total weight of %g does not determine the noise beside %zu flat "
                    "coefficients (give the noise a prior, or fix it)",
                    target->weight_sum, flat);
    plan->sigma_shape = 0.5 * power;
    plan->conjugate = !target->sigma_prior && kinks == 0;
    plan->sigma_ratio = power > 4.0 ? gamma_ratio(0.5 * power) : NAN;
    plan->sigma_width = 4.0 / sqrt(2.0 * fmax(power, 0.5));
    return MXP_OK;
}

static void record(struct kink_chain *chain, double mean, double variance)
{
    const size_t k = chain->plan->target->k;
    const double off = mean - chain->plan->target->sigma;
    chain->mean[k] = off;
    chain->second[k] = variance + off * off;
}

static double draw_conjugate(struct kink_chain *chain, double squares)
{
    const double shape = chain->plan->sigma_shape, ratio = chain->plan->sigma_ratio;
    const double sigma = sqrt(0.5 * squares / rng_gamma(&chain->rng, shape));

    if (isnan(ratio))
        record(chain, sigma, 0.0);
    else
        record(chain, sqrt(0.5 * squares) * ratio,
               0.5 * squares * (1.0 / (shape - 1.0) - ratio * ratio));
    return sigma;
}

static double log_density(const struct kink_target *target, struct sums s, double u)
{
    const double inverse = exp(-u);
    double value = -s.power * u - inverse * (0.5 * s.squares * inverse + s.absolute);
    if (target->sigma_prior)
        value += prior_log_density(target->sigma_prior, exp(u)) + u;
    return value;
}

enum { STEPS = 64 };

/* Neal (2003), "Slice sampling", figures 3 and 5: stepping out, then shrinking. */
static double draw_slice(struct kink_chain *chain, struct sums s)
{
    const struct kink_target *target = chain->plan->target;
    const double width = chain->plan->sigma_width, u = log(chain->sigma);
    const double level = log_density(target, s, u) - rng_exponential(&chain->rng);
    double left = u - width * rng_uniform(&chain->rng), right = left + width;
    const int to_left = (int)rng_below(&chain->rng, STEPS), to_right = STEPS - 1 - to_left;

    for (int i = 0; i < to_left && log_density(target, s, left) > level; i++)
        left -= width;
    for (int i = 0; i < to_right && log_density(target, s, right) > level; i++)
        right += width;
    for (;;) {
        const double next = left + (right - left) * rng_uniform(&chain->rng);
        if (log_density(target, s, next) >= level)
            return exp(next);
        if (next == u)
            return chain->sigma;
        if (next < u)
            left = next;
        else
            right = next;
    }
}

mxp_status kink_move_sigma(struct kink_chain *chain, mxp_error *error)
{
    const struct sums s = sums_of(chain);

    if (!(s.squares > 0.0) && !chain->plan->target->sigma_prior)
        return FAIL(error, MXP_NUMERIC,
                    "the residual sum of squares is %g: the noise is not determined", s.squares);
    if (chain->plan->conjugate) {
        chain->sigma = draw_conjugate(chain, s.squares);
    } else {
        chain->sigma = draw_slice(chain, s);
        record(chain, chain->sigma, 0.0);
    }
    if (!(chain->sigma > 0.0 && isfinite(chain->sigma)))
        return FAIL(error, MXP_NUMERIC, "a draw of the noise is %g", chain->sigma);
    return MXP_OK;
}
