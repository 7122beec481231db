#include "infer/kink_gibbs.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* A = L L' in place, lower triangle, column-major; false where a pivot is lost in rounding.
 * For the small orders at hand a plain loop is as fast as a library call. */
static bool factor(double *A, size_t n)
{
    const double rounding = (double)n * DBL_EPSILON;
    for (size_t j = 0; j < n; j++) {
        double *restrict to = A + j * n;
        const double diagonal = to[j];
        for (size_t l = 0; l < j; l++) {
            const double *restrict from = A + l * n, by = from[j];
            for (size_t i = j; i < n; i++)
                to[i] -= by * from[i];
        }
        if (!(to[j] > rounding * diagonal))
            return false;
        const double root = sqrt(to[j]);
        for (size_t i = j; i < n; i++)
            to[i] /= root;
    }
    return true;
}

/* x = L^-1 x */
static void solve_lower(const double *L, size_t n, double *restrict x)
{
    for (size_t j = 0; j < n; j++) {
        const double *restrict column = L + j * n;
        x[j] /= column[j];
        for (size_t i = j + 1; i < n; i++)
            x[i] -= x[j] * column[i];
    }
}

/* x = L^-T x */
static void solve_upper(const double *L, size_t n, double *restrict x)
{
    for (size_t j = n; j-- > 0;) {
        const double *restrict column = L + j * n;
        double sum = x[j];
        for (size_t i = j + 1; i < n; i++)
            sum -= column[i] * x[i];
        x[j] = sum / column[j];
    }
}

/* diag (L L')^-1: the squared norms of the columns of L^-1. */
static void inverse_diagonal(const double *L, size_t n, double *diagonal, double *x)
{
    for (size_t j = 0; j < n; j++) {
        const size_t rest = n - j;
        memset(x, 0, rest * sizeof *x);
        x[0] = 1.0;
        diagonal[j] = 0.0;
        for (size_t c = 0; c < rest; c++) {
            const double *restrict column = L + (j + c) * n + j;
            x[c] /= column[c];
            for (size_t i = c + 1; i < rest; i++)
                x[i] -= x[c] * column[i];
            diagonal[j] += x[c] * x[c];
        }
    }
}

/* Factors the block at the present sigma; a constant block once, at sigma = 1. */
static mxp_status factor_smooth(struct kink_chain *chain, mxp_error *error)
{
    const struct kink_plan *plan = chain->plan;
    const struct kink_target *target = plan->target;
    const size_t n = plan->smooth_count;
    const double sigma = plan->smooth_constant ? 1.0 : chain->sigma, per = 1.0 / (sigma * sigma);

    if (chain->factor_sigma == sigma)
        return MXP_OK;
    for (size_t b = 0; b < n; b++) {
        const size_t j = plan->smooth[b];
        for (size_t a = b; a < n; a++)
            chain->factor[a + b * n] = per * target->G[plan->smooth[a] + j * target->k];
        chain->factor[b + b * n] += kink_lambda(target, j, sigma);
    }
    if (!factor(chain->factor, n))
        return FAIL(error, MXP_NUMERIC,
                    "the coordinates without a kink are not determined by data and prior: the "
                    "precision of their %zu coefficients is singular",
                    n);
    inverse_diagonal(chain->factor, n, chain->inverse, chain->work);
    chain->factor_sigma = sigma;
    return MXP_OK;
}

/* Adds G (step in the smooth coordinates) to r. */
static void apply_smooth(struct kink_chain *chain, const double *step)
{
    const struct kink_plan *plan = chain->plan;
    const size_t k = plan->target->k;
    for (size_t a = 0; a < plan->smooth_count; a++) {
        const size_t j = plan->smooth[a];
        const double *restrict column = plan->target->G + j * k;
        double *restrict r = chain->r;
        chain->d[j] += step[a];
        for (size_t i = 0; i < k; i++)
            r[i] += step[a] * column[i];
    }
}

mxp_status kink_move_smooth(struct kink_chain *chain, mxp_error *error)
{
    const struct kink_plan *plan = chain->plan;
    const struct kink_target *target = plan->target;
    const size_t n = plan->smooth_count;
    const double per = 1.0 / (chain->sigma * chain->sigma);
    const double unit = plan->smooth_constant ? chain->sigma : 1.0; /* sd of the factor's unit */
    double *step = chain->work, *noise = chain->work + n;
    mxp_status status = MXP_OK;

    TRY(status = factor_smooth(chain, error));
    for (size_t a = 0; a < n; a++) {
        const size_t j = plan->smooth[a];
        const double off = target->t0[j] - target->m[j] + chain->d[j];
        const double lambda = kink_lambda(target, j, chain->sigma);
        step[a] = -unit * unit * (per * chain->r[j] + (lambda > 0.0 ? lambda * off : 0.0));
        noise[a] = unit * rng_normal(&chain->rng);
    }
    solve_lower(chain->factor, n, step);
    solve_upper(chain->factor, n, step);
    solve_upper(chain->factor, n, noise);
    for (size_t a = 0; a < n; a++) {
        const size_t j = plan->smooth[a];
        const double mean = chain->d[j] + step[a];
        chain->mean[j] = mean;
        chain->second[j] = unit * unit * chain->inverse[a] + mean * mean;
        step[a] += noise[a];
    }
    apply_smooth(chain, step);
out:
    return status;
}

/* 1/tau_j given t_j: inverse Gaussian with mean weight / |t_j - m_j| and shape weight^2. */
static void draw_scales(struct kink_chain *chain)
{
    const struct kink_target *target = chain->plan->target;
    for (size_t j = 0; j < target->k; j++) {
        const double weight = kink_weight(target, j, chain->sigma);
        const double off = fabs(target->t0[j] - target->m[j] + chain->d[j]);
        chain->scale[j] = 0.0;
        if (weight > 0.0)
            chain->scale[j] = rng_inverse_gaussian(&chain->rng, weight / off, weight * weight);
    }
}

void kink_move_mixture(struct kink_chain *chain)
{
    const struct kink_target *target = chain->plan->target;
    const size_t k = target->k;
    const double per = 1.0 / (chain->sigma * chain->sigma);
    double *step = chain->work, *noise = chain->work + k, *restrict A = chain->matrix;

    draw_scales(chain);
    for (size_t j = 0; j < k; j++) {
        const double ridge = kink_lambda(target, j, chain->sigma) + chain->scale[j];
        const double off = target->t0[j] - target->m[j] + chain->d[j];
        for (size_t i = j; i < k; i++)
            A[i + j * k] = per * target->G[i + j * k];
        A[j + j * k] += ridge;
        step[j] = -per * chain->r[j] - (ridge > 0.0 ? ridge * off : 0.0);
        noise[j] = rng_normal(&chain->rng);
    }
    if (!factor(A, k))
        return;
    solve_lower(A, k, step);
    for (size_t j = 0; j < k; j++)
        step[j] += noise[j];
    solve_upper(A, k, step);
    for (size_t j = 0; j < k; j++)
        chain->d[j] += step[j];
}
