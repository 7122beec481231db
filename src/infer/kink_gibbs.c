#include "infer/kink_gibbs.h"

#include "infer/kink_piece.h"

#include <assert.h>
#include <math.h>

/* r is summed anew after this many sweeps, so that rounding does not build up. */
enum { REFRESH = 16 };

bool kink_scaled(const struct kink_target *target, size_t j)
{
    return target->scaled && !(target->unscaled && target->unscaled[j]);
}

double kink_lambda(const struct kink_target *target, size_t j, double sigma)
{
    return kink_scaled(target, j) ? target->lambda[j] / (sigma * sigma) : target->lambda[j];
}

double kink_weight(const struct kink_target *target, size_t j, double sigma)
{
    return kink_scaled(target, j) ? target->l1[j] / sigma : target->l1[j];
}

static void add_column(double *restrict r, const double *restrict column, size_t k, double by)
{
    for (size_t i = 0; i < k; i++)
        r[i] += by * column[i];
}

static void refresh(struct kink_chain *chain)
{
    const struct kink_target *target = chain->plan->target;
    const size_t k = target->k;
    for (size_t i = 0; i < k; i++)
        chain->r[i] = target->g[i];
    for (size_t j = 0; j < k; j++)
        add_column(chain->r, target->G + j * k, k, chain->d[j]);
}

/* The conditional of one coordinate about its present value: slope and curvature of the smooth
 * part, distance from the kink. */
struct conditional {
    double slope, precision, weight, off;
};

static struct conditional conditional_of(const struct kink_chain *chain, size_t j)
{
    const struct kink_target *target = chain->plan->target;
    const double per = 1.0 / (chain->sigma * chain->sigma);
    const double lambda = kink_lambda(target, j, chain->sigma);
    const double off = target->t0[j] - target->m[j] + chain->d[j];

    return (struct conditional){
        .slope = -per * chain->r[j] - lambda * off,
        .precision = per * target->G[j + j * target->k] + lambda,
        .weight = kink_weight(target, j, chain->sigma),
        .off = off,
    };
}

static void record(struct kink_chain *chain, size_t j, double mean, double variance)
{
    chain->mean[j] = mean;
    chain->second[j] = variance + mean * mean;
}

/* Each draws t_j - m_j. */
static double draw_smooth(struct kink_chain *chain, size_t j, struct conditional at)
{
    const double move = at.slope / at.precision;
    record(chain, j, chain->d[j] + move, 1.0 / at.precision);
    return at.off + move + rng_normal(&chain->rng) / sqrt(at.precision);
}

static double draw_kinked(struct kink_chain *chain, size_t j, struct conditional at)
{
    const double s = 1.0 / sqrt(at.precision);
    const struct kink_piece piece = kink_piece_normal(at.off / s + at.slope * s, at.weight * s);
    const double from_mode = chain->d[j] - at.off; /* m - t0 */

    record(chain, j, from_mode + s * piece.mean, s * s * piece.variance);
    return s * kink_piece_draw(&piece, &chain->rng);
}

static double draw_flat(struct kink_chain *chain, size_t j, struct conditional at)
{
    const struct kink_piece piece = kink_piece_laplace(at.slope, at.weight);
    record(chain, j, chain->d[j] - at.off + piece.mean, piece.variance);
    return kink_piece_laplace_draw(&piece, at.slope, at.weight, &chain->rng);
}

static mxp_status move_single(struct kink_chain *chain, size_t j, mxp_error *error)
{
    const struct kink_target *target = chain->plan->target;
    const struct conditional at = conditional_of(chain, j);
    double off;

    if (at.precision > 0.0)
        off = at.weight > 0.0 ? draw_kinked(chain, j, at) : draw_smooth(chain, j, at);
    else if (at.precision == 0.0 && at.weight > fabs(at.slope))
        off = draw_flat(chain, j, at);
    else
        return FAIL(error, MXP_NUMERIC,
                    "coordinate %zu: precision %g, slope %g and kink weight %g leave its posterior "
                    "improper",
                    j + 1, at.precision, at.slope, at.weight);
    if (!isfinite(off))
        return FAIL(error, MXP_NUMERIC, "coordinate %zu: the draw is not finite", j + 1);
    const double by = off - at.off;
    chain->d[j] += by;
    add_column(chain->r, target->G + j * target->k, target->k, by);
    return MXP_OK;
}

mxp_status kink_sweep(struct kink_chain *chain, mxp_error *error)
{
    const struct kink_plan *plan = chain->plan;
    mxp_status status = MXP_OK;

    if (chain->sweeps % REFRESH == 0)
        refresh(chain);
    if (plan->smooth_count > 0)
        TRY(status = kink_move_smooth(chain, error));
    for (size_t i = 0; i < plan->single_count; i++)
        TRY(status = move_single(chain, plan->single[i], error));
    if (plan->target->sigma_free)
        TRY(status = kink_move_sigma(chain, error));
    if (plan->mixture_every && chain->sweeps % plan->mixture_every == 0) {
        kink_move_mixture(chain);
        refresh(chain);
    }
    chain->sweeps++;
out:
    return status;
}
