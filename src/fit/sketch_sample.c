#include "fit/sketch_sample.h"
#include "base/mem.h"
#include "model/rows.h"
#include "num/factor.h"

#include <math.h>
#include <string.h>

/* A sampled Hessian is used while its reciprocal condition is above this. */
static const double least_rcond = 1e-10, least_rcond_single = 1e-4;

void sample_free(struct sample *sample)
{
    free(sample->storage);
}

mxp_status sample_new(struct sample *sample, const struct mxp_problem *problem, size_t every,
                      int threads, mxp_error *error)
{
    const size_t k = problem->k;
    mxp_status status;

    *sample =
        (struct sample){.problem = problem, .every = every, .threads = threads, .single = true};
    TRY(status = mem_doubles(&sample->storage, k, k + 5, error));
    sample->H = sample->storage;
    double **parts[] = {&sample->theta, &sample->trial, &sample->gradient, &sample->diagonal,
                        &sample->step};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i] = sample->storage + (k + i) * k;
out:
    return status;
}

/* Adds the priors to the sums of the likelihood. */
static void add_priors(struct sample *sample, double likelihood)
{
    struct prior_sums prior = {.gradient = sample->gradient, .diagonal = sample->diagonal};
    const size_t k = sample->problem->k;

    memset(sample->diagonal, 0, k * sizeof *sample->diagonal);
    problem_prior(&prior, sample->problem, sample->theta);
    sample->objective = likelihood - prior.log_prior;
    sample->kkt = 0.0;
    for (size_t j = 0; j < k; j++) {
        double *h = &sample->H[j + j * k];
        *h += sample->diagonal[j];
        sample->kkt = fmax(sample->kkt, fabs(sample->gradient[j]) / (*h > 0.0 ? sqrt(*h) : 1.0));
    }
}

mxp_status sample_evaluate(struct sample *sample, mxp_error *error)
{
    const struct mxp_problem *problem = sample->problem;
    const size_t k = problem->k;
    double psi[FAMILY_AUX_MAX];
    struct rows_sums sums = {.gradient = sample->gradient, .gram = sample->H};
    mxp_status status;

    problem_psi(psi, problem, sample->theta);
    const struct rows_request request = {.want = ROWS_GRADIENT | ROWS_GRAM,
                                         .theta = sample->theta,
                                         .psi = psi,
                                         .threads = sample->threads,
                                         .single = sample->single,
                                         .every = sample->every};
    TRY(status = rows_sum(&sums, problem, &request, error));
    const double ratio = problem->design->weight_sum / sums.weight;
    sample->objective = INFINITY;
    if (!isfinite(ratio * sums.value))
        goto out;
    for (size_t j = 0; j < k; j++)
        sample->gradient[j] *= ratio;
    for (size_t i = 0; i < k * k; i++)
        sample->H[i] *= ratio;
    add_priors(sample, ratio * sums.value);
out:
    return status;
}

/* Of H, made again in double precision where its condition is too bad for less. */
static mxp_status factor(struct factor **factored, struct sample *sample, mxp_error *error)
{
    const size_t k = sample->problem->k;
    mxp_status status;

    TRY(status = factor_cholesky(factored, sample->H, k, k, error));
    if (!sample->single || (*factored)->rcond > least_rcond_single)
        goto out;
    factor_free(*factored);
    *factored = NULL;
    sample->single = false;
    TRY(status = sample_evaluate(sample, error));
    status = factor_cholesky(factored, sample->H, k, k, error);
out:
    return status;
}

mxp_status sample_step(struct sample *sample, bool check, bool *done, mxp_error *error)
{
    enum { HALVINGS = 20 };
    const size_t k = sample->problem->k;
    const double before = sample->objective;
    struct factor *factored = NULL;
    mxp_status status;

    *done = false;
    TRY(status = factor(&factored, sample, error));
    if (factored->rcond < least_rcond)
        goto out;
    memcpy(sample->step, sample->gradient, k * sizeof *sample->step);
    factor_solve(sample->step, factored);
    memcpy(sample->trial, sample->theta, k * sizeof *sample->trial);
    *done = !check;
    for (int n = 0; n < HALVINGS && (n == 0 || !*done); n++) {
        for (size_t j = 0; j < k; j++)
            sample->theta[j] = sample->trial[j] - ldexp(sample->step[j], -n);
        if (check)
            TRY(status = sample_evaluate(sample, error));
        *done = *done || sample->objective <= before + 1e-12 * fabs(before);
    }
out:
    factor_free(factored);
    return status;
}

mxp_status sample_fit(struct sample *sample, bool *found, mxp_error *error)
{
    enum { STEPS = 15 };
    static const double near = 0.05, shrinks = 0.2;
    mxp_status status;

    *found = false;
    TRY(status = sample_evaluate(sample, error));
    for (int n = 0; n < STEPS && isfinite(sample->objective); n++) {
        const double before = sample->kkt;
        bool done;
        TRY(status = sample_step(sample, true, &done, error));
        if (!done)
            break;
        *found = sample->kkt < near && sample->kkt < shrinks * before;
        if (*found)
            break;
    }
out:
    return status;
}
