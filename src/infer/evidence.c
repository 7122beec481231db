#include "base/mem.h"
#include "infer/posterior.h"
#include "num/special.h"

#include <math.h>

static const double half_log_2pi = 0.91893853320467274178;

/* The first parameter whose prior is improper, or count. */
static size_t first_improper(const struct mxp_problem *problem)
{
    size_t j = 0;
    while (j < problem->d && !problem_is_flat(problem, j))
        j++;
    return j;
}

/* The first coefficient of whose normal approximation a share lies beyond its bounds, or k. */
static size_t first_beyond(const struct mxp_posterior *posterior, const struct active *active)
{
    static const double share = 0.01;
    const struct mxp_problem *problem = posterior->problem;

    for (size_t i = 0; i < active->coefficients; i++) {
        const size_t j = active->set[i];
        const double t = posterior->solution->point->theta[j];
        const double sd = sqrt(active->covariance[i + i * active->count]);
        if (special_normal_cdf((problem_lower(problem, j) - t) / sd) +
                special_normal_cdf((t - problem_upper(problem, j)) / sd) >
            share)
            return j;
    }
    return problem->k;
}

static mxp_status refuse(struct mxp_posterior *posterior, mxp_error *error, const char *before,
                         const char *name, const char *after)
{
    struct str text = {0};
    mxp_status status;

    str_format(&text, "%s%s%s", before, name, after);
    TRY(status = str_check(&text, error));
    posterior->reason = text.text;
    posterior->info.log_evidence_reason = text.text;
    return MXP_OK;
out:
    str_free(&text);
    return status;
}

/* One coefficient and nothing else: the normaliser of the kink posterior in closed form. */
static double one_kink(const struct mxp_posterior *posterior)
{
    const struct mxp_problem *problem = posterior->problem;
    const struct point *point = posterior->solution->point;
    const struct prior *prior = &problem->parameter[0].prior;
    const double t = point->theta[0];
    double l1, m, log_z, mean, sd;

    problem_kink(&l1, &m, problem, 0, point->theta);
    const double lambda = point->prior_diagonal[0], H = point->diagonal[0];
    /* minus the smooth exponent at t and its slope; the gaussian part of the prior is inside */
    const double slope = point->likelihood[0] + lambda * (t - m);
    const double at_t = 0.5 * lambda * (t - m) * (t - m);
    /* a density whose scale is multiplied by the noise is divided by it */
    const double unit = problem->parameter[0].scaled ? log(problem->psi[0]) : 0.0;
    kink_one(&log_z, &mean, &sd, t - slope / H, 1.0 / sqrt(H), m, 1.0 / l1);
    return point->log_likelihood - at_t + 0.5 * slope * slope / H + log_z +
           prior_log_density(prior, m) - unit;
}

/* tr(P C): the priors' curvature against the covariance, over the active coefficients. */
static mxp_status prior_share(double *share, const struct mxp_posterior *posterior,
                              const struct active *active, mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;
    const struct point *point = posterior->solution->point;
    const size_t a = active->coefficients;
    double *P = NULL;
    mxp_status status = MXP_OK;

    *share = 0.0;
    for (size_t i = 0; i < a; i++)
        *share += point->prior_diagonal[active->set[i]] * active->covariance[i + i * active->count];
    if (problem->joints == 0)
        return MXP_OK;
    TRY(status = mem_doubles(&P, a, a, error));
    TRY(status = problem_joint_curvature(P, a, problem, point->theta, active->set, a, true, error));
    for (size_t j = 0; j < a; j++)
        for (size_t i = 0; i < a; i++)
            *share += P[i + j * a] * active->covariance[i + j * active->count];
out:
    free(P);
    return status;
}

/* tr(H^-1 H_likelihood) over the free coefficients: their number less the priors' share. */
static mxp_status effective_parameters(double *effective, const struct mxp_posterior *posterior,
                                       const struct active *active, mxp_error *error)
{
    const struct equality *equality = posterior->problem->equality;
    double share;
    mxp_status status = MXP_OK;

    *effective = active->coefficients == 0 ? 0.0 : NAN;
    if (!active->covariance)
        return MXP_OK;
    TRY(status = prior_share(&share, posterior, active, error));
    *effective = (double)active->coefficients - share;
    if (equality)
        *effective -= (double)(equality->d - equality->free);
out:
    return status;
}

static mxp_status kinked_evidence(struct mxp_posterior *posterior, mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;

    if (problem->d == 1 && problem_plain(problem)) {
        posterior->info.log_evidence = one_kink(posterior);
        posterior->info.log_evidence_relative = posterior->info.log_evidence;
        return MXP_OK;
    }
    return refuse(
        posterior, error, "", "",
        problem->d == 1
            ? "a prior with a kink beside bounds, constraints or groups: the normaliser is "
              "not known in closed form"
            : "a prior with a kink on more than one parameter: the normaliser is not known "
              "in closed form");
}

mxp_status posterior_smooth_evidence(struct mxp_posterior *posterior, double log_det, size_t count,
                                     mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;
    const struct point *point = posterior->solution->point;
    mxp_posterior_info *info = &posterior->info;
    const size_t improper = first_improper(problem);

    info->log_det = log_det;
    info->log_evidence_relative = point->log_likelihood + point->log_prior +
                                  (double)count * half_log_2pi - 0.5 * info->log_det;
    if (improper < problem->d && problem->parameter[improper].group == PROBLEM_ALONE)
        return refuse(posterior, error, "the prior of ", problem->parameter[improper].name,
                      " is flat, so the evidence is known up to a constant only");
    if (problem->not_normalised)
        return refuse(posterior, error, "", "", problem->not_normalised);
    info->log_evidence = info->log_evidence_relative;
    return MXP_OK;
}

mxp_status posterior_evidence(struct mxp_posterior *posterior, const struct active *active,
                              mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;
    mxp_posterior_info *info = &posterior->info;
    mxp_status status;

    TRY(status = effective_parameters(&info->effective_parameters, posterior, active, error));
    for (size_t j = 0; j < problem->k; j++)
        if (posterior->terms[j].at_bound)
            return refuse(posterior, error, "", posterior->terms[j].name,
                          " is on its bound, where Laplace's formula does not hold");
    if (problem->kinked || problem->grouped)
        return kinked_evidence(posterior, error);
    const size_t beyond = first_beyond(posterior, active);
    if (beyond < problem->k)
        return refuse(posterior, error, "more than 1% of the normal approximation to ",
                      posterior->terms[beyond].name, " is beyond its bounds");
    status = posterior_smooth_evidence(posterior, factor_log_det(active->factor), active->factor->k,
                                       error);
out:
    return status;
}
