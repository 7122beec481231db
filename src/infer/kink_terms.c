/* The kink posterior of a problem: its target, and its terms on the scale of the data. */
#include "base/mem.h"
#include "infer/ess.h"
#include "infer/posterior.h"
#include "model/rows.h"

#include <math.h>
#include <string.h>

struct target_store {
    double *storage, *G;
    bool *unscaled;
};

static void target_free(struct target_store *store)
{
    free(store->storage);
    free(store->G);
    free(store->unscaled);
}

static mxp_status take_gram(struct target_store *store, const struct mxp_problem *problem,
                            const struct mxp_solution *solution, mxp_error *error)
{
    const size_t k = problem->k;
    double psi[FAMILY_AUX_MAX];
    mxp_status status;

    TRY(status = mem_doubles(&store->G, k, k, error));
    if (solution->gram) {
        memcpy(store->G, solution->gram, k * k * sizeof *store->G);
        goto out;
    }
    problem_psi(psi, problem, solution->point->theta);
    struct rows_sums sums = {.gram = store->G};
    const struct rows_request request = {
        .want = ROWS_GRAM, .theta = solution->point->theta, .psi = psi};
    TRY(status = rows_sum(&sums, problem, &request, error));
out:
    return status;
}

/* Precision, kink weight and location of coordinate j, in units of the noise where `unit` is. */
static void take_prior(struct kink_target *target, double *lambda, double *l1, double *m,
                       const struct mxp_problem *problem, const struct point *point, size_t j)
{
    const struct parameter *p = &problem->parameter[j];
    const double unit = p->scaled ? target->sigma : 1.0;

    problem_kink(l1, m, problem, j, point->theta);
    if (*l1 == 0.0)
        *m = p->prior.row->flags & PRIOR_IMPROPER ? 0.0 : p->prior.a[0];
    *lambda = point->prior_diagonal[j] * unit * unit;
    *l1 *= unit;
}

static mxp_status target_new(struct kink_target *target, struct target_store *store,
                             const struct mxp_problem *problem, const struct mxp_solution *solution,
                             mxp_error *error)
{
    const size_t k = problem->k;
    const struct point *point = solution->point;
    double psi[FAMILY_AUX_MAX];
    mxp_status status;

    *store = (struct target_store){NULL, NULL, NULL};
    problem_psi(psi, problem, point->theta);
    TRY(status = take_gram(store, problem, solution, error));
    TRY(status = mem_doubles(&store->storage, 4, k, error));
    TRY(status = MEM_NEW(&store->unscaled, k, error));
    double *g = store->storage, *lambda = g + k, *l1 = lambda + k, *m = l1 + k;
    const double sigma = problem->quadratic ? psi[0] : 1.0, variance = sigma * sigma;
    *target = (struct kink_target){.k = k,
                                   .G = store->G,
                                   .g = g,
                                   .t0 = point->theta,
                                   .lambda = lambda,
                                   .l1 = l1,
                                   .m = m,
                                   .sigma = sigma,
                                   .sigma_free = problem->quadratic && problem->r > 0,
                                   .scaled = problem->model->scale_by_noise,
                                   .unscaled = store->unscaled,
                                   .weight_sum = problem->design->weight_sum};
    for (size_t i = 0; i < k * k; i++)
        store->G[i] *= variance;
    for (size_t j = 0; j < k; j++) {
        g[j] = point->likelihood[j] * variance;
        store->unscaled[j] = !problem->parameter[j].scaled;
        take_prior(target, &lambda[j], &l1[j], &m[j], problem, point, j);
    }
    if (target->sigma_free) {
        const struct prior *prior = &problem->parameter[k].prior;
        target->rss = point_rss(point, problem);
        target->sigma_prior = prior->row->flags & PRIOR_IMPROPER ? NULL : prior;
    }
out:
    return status;
}

/* Divides by the column's scale; the summary of one coefficient other than a shifted intercept. */
static void set_term(mxp_term *term, const struct kink_summary *s, double scale)
{
    term->mean = s->mean / scale;
    term->sd = s->sd / scale;
    term->lower = s->lower / scale;
    term->upper = s->upper / scale;
    term->probability_positive = s->probability_positive;
    term->monte_carlo_error = s->mean_error / scale;
}

/* Draws of the coefficients to the scale of the data, in place, one by one. */
static mxp_status map_draws(struct kink_posterior *kink, const struct mxp_problem *problem,
                            mxp_error *error)
{
    const size_t S = kink->samples, k = problem->k;
    double *theta = NULL, *beta;
    mxp_status status;

    TRY(status = mem_doubles(&theta, 2, k, error));
    beta = theta + k;
    for (size_t i = 0; i < S; i++) {
        for (size_t j = 0; j < k; j++)
            theta[j] = kink->draws[i + j * S];
        problem_to_data(beta, problem, theta);
        for (size_t j = 0; j < k; j++)
            kink->draws[i + j * S] = beta[j];
    }
out:
    free(theta);
    return status;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* An intercept of the data's scale mixes all coefficients: its summary from the draws, its mean from
 * the other means (in `means`, k values, scale of the data). */
static mxp_status set_intercept(struct mxp_posterior *posterior, const struct kink_posterior *kink,
                                size_t j, const double *means, double level, mxp_error *error)
{
    const size_t S = kink->samples;
    mxp_term *term = &posterior->terms[j];
    double *sorted = NULL, square = 0.0, sum = 0.0, positive = 0.0;
    mxp_status status;

    TRY(status = mem_doubles(&sorted, S, 1, error));
    memcpy(sorted, kink->draws + j * S, S * sizeof *sorted);
    qsort(sorted, S, sizeof *sorted, compare);
    term->mean = means[j];
    for (size_t i = 0; i < S; i++) {
        sum += sorted[i] / (double)S;
        positive += sorted[i] > 0.0;
    }
    for (size_t i = 0; i < S; i++)
        square += (sorted[i] - sum) * (sorted[i] - sum);
    term->sd = sqrt(square / (double)(S > 1 ? S - 1 : 1));
    term->lower = ess_quantile(sorted, S, 0.5 - 0.5 * level);
    term->upper = ess_quantile(sorted, S, 0.5 + 0.5 * level);
    term->probability_positive = positive / (double)S;
    term->monte_carlo_error = term->sd / sqrt(fmin(kink->ess_min, (double)S));
out:
    free(sorted);
    return status;
}

static mxp_status set_intercepts(struct mxp_posterior *posterior, const struct kink_posterior *kink,
                                 double level, mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;
    double *theta = NULL, *beta;
    mxp_status status;

    TRY(status = mem_doubles(&theta, 2, problem->k, error));
    beta = theta + problem->k;
    for (size_t j = 0; j < problem->k; j++)
        theta[j] = kink->summary[j].mean;
    problem_to_data(beta, problem, theta);
    for (size_t j = 0; j < problem->k; j++)
        if (problem_is_intercept(problem, j))
            TRY(status = set_intercept(posterior, kink, j, beta, level, error));
out:
    free(theta);
    return status;
}

static mxp_status set_covariance(struct mxp_posterior *posterior, const struct kink_posterior *kink,
                                 mxp_error *error)
{
    const size_t d = posterior->count, S = kink->samples, columns = kink->columns;
    double *mean = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&posterior->covariance, d, d, error));
    TRY(status = mem_doubles(&mean, d, 1, error));
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < S; i++)
            mean[j] += kink->draws[i + j * S] / (double)S;
    for (size_t b = 0; b < columns; b++)
        for (size_t a = b; a < columns; a++) {
            double sum = 0.0;
            for (size_t i = 0; i < S; i++)
                sum += (kink->draws[i + a * S] - mean[a]) * (kink->draws[i + b * S] - mean[b]);
            posterior->covariance[a + b * d] = posterior->covariance[b + a * d] =
                sum / (double)(S > 1 ? S - 1 : 1);
        }
out:
    free(mean);
    return status;
}

mxp_status posterior_kink(struct mxp_posterior *posterior, const mxp_posterior_options *options,
                          mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;
    const struct kink_options kink_options = {options->samples, options->seed};
    struct kink_target target;
    struct target_store store;
    struct kink_posterior *kink = NULL;
    mxp_status status;

    TRY(status = target_new(&target, &store, problem, posterior->solution, error));
    TRY(status = kink_sample(&kink, &target, &kink_options, options->level, error));
    for (size_t j = 0; j < kink->columns; j++) {
        mxp_term *term = &posterior->terms[j];
        set_term(term, &kink->summary[j], j < problem->k ? problem->parameter[j].scale : 1.0);
        if (j < problem->k && problem_standardized(problem)) {
            term->standardized_mean = kink->summary[j].mean;
            term->standardized_sd = kink->summary[j].sd;
        }
    }
    if (problem->r && !target.sigma_free)
        posterior->info.auxiliary = "conditioned";
    TRY(status = map_draws(kink, problem, error));
    TRY(status = set_intercepts(posterior, kink, options->level, error));
    TRY(status = set_covariance(posterior, kink, error));
    posterior->info.ess = kink->ess_min;
    posterior->info.r_hat = kink->r_hat_max;
    posterior->info.samples = kink->samples;
out:
    kink_free(kink);
    target_free(&store);
    return status;
}
