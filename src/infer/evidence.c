#include "base/mem.h"
#include "infer/posterior.h"

#include <math.h>

static const double half_log_2pi = 0.91893853320467274178;

/* The first parameter whose prior is improper, or count. */
static size_t first_improper(const struct mxp_problem *problem)
{
    size_t j = 0;
    while (j < problem->d && !prior_is_flat(&problem->parameter[j].prior))
        j++;
    return j;
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

static double effective_parameters(const struct mxp_posterior *posterior,
                                   const struct active *active)
{
    double sum = 0.0;

    if (!active->covariance)
        return active->coefficients == 0 ? 0.0 : NAN;
    for (size_t i = 0; i < active->coefficients; i++)
        sum += 1.0 - posterior->solution->point->prior_diagonal[active->set[i]] *
                         active->covariance[i + i * active->count];
    return sum;
}

static mxp_status kinked_evidence(struct mxp_posterior *posterior, mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;

    if (problem->d == 1 && problem->parameter[0].prior.row->kink_weight) {
        posterior->info.log_evidence = one_kink(posterior);
        posterior->info.log_evidence_relative = posterior->info.log_evidence;
        return MXP_OK;
    }
    return refuse(posterior, error, "", "",
                  "a prior with a kink on more than one parameter: the normaliser is not known in "
                  "closed form");
}

mxp_status posterior_evidence(struct mxp_posterior *posterior, const struct active *active,
                              mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;
    mxp_posterior_info *info = &posterior->info;
    const size_t improper = first_improper(problem);

    info->effective_parameters = effective_parameters(posterior, active);
    for (size_t j = 0; j < problem->k; j++)
        if (posterior->terms[j].at_bound)
            return refuse(posterior, error, "", posterior->terms[j].name,
                          " is on its bound, where Laplace's formula does not hold");
    if (problem->kinked)
        return kinked_evidence(posterior, error);
    info->log_det = factor_log_det(active->factor);
    info->log_evidence_relative = posterior->solution->point->log_likelihood +
                                  posterior->solution->point->log_prior +
                                  (double)problem->d * half_log_2pi - 0.5 * info->log_det;
    if (improper < problem->d)
        return refuse(posterior, error, "the prior of ", problem->parameter[improper].name,
                      " is flat, so the evidence is known up to a constant only");
    info->log_evidence = info->log_evidence_relative;
    return MXP_OK;
}
