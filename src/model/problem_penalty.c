/* A problem and its priors as penalties. */
#include "model/problem.h"

#include <math.h>

struct penalty_facts problem_penalty_facts(const struct mxp_problem *problem)
{
    const struct mxp_model *const model = problem->model;
    const struct design *const design = problem->design;
    double rows = design->trials ? 0.0 : design->weight_sum;

    for (size_t i = 0; design->trials && i < design->rows; i++)
        rows += (design->weights ? design->weights[i] : 1.0) * design->trials[i];
    return (struct penalty_facts){
        .family = problem->family,
        .link = problem->link,
        .reference = problem->family->response == RESPONSE_CLASS && !model->symmetric,
        .phi = NAN,
        .weight_sum = rows,
        .response_sd = model->intercept ? design->y_offset_sd : design->y_offset_rms};
}

mxp_status problem_check_symmetric(const struct mxp_problem *problem, mxp_error *error)
{
    if (!problem->model->symmetric || problem->model->constraint_count)
        return MXP_OK;
    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *const p = &problem->parameter[j];
        if (problem_is_flat(problem, j))
            return FAIL_AT(error, problem->model->symmetric_place, MXP_CONFIG,
                           "coding: symmetric needs proper priors, and that of \"%s\" is flat: "
                           "adding the same to every class changes nothing; give it one, or take "
                           "coding: reference",
                           p->name);
    }
    return MXP_OK;
}

void problem_penalise(struct prior *prior, double lambda1, double lambda2, double phi)
{
    const double location = prior->row->location(prior->a);
    const double lower = prior_lower(prior), upper = prior_upper(prior);

    penalty_prior(prior, lambda1, lambda2, phi);
    prior->a[0] = location;
    if (isinf(lower) && isinf(upper))
        return;
    prior->bounded = true;
    prior->lower = lower;
    prior->upper = upper;
    prior->log_mass = prior->row->log_mass ? prior->row->log_mass(prior->a, lower, upper) : 0.0;
}

void problem_set_penalty(struct mxp_problem *problem, double phi)
{
    const double l1 = problem->lambda1, l2 = problem->lambda2;

    for (size_t j = 0; j < problem->k; j++) {
        struct prior *prior = &problem->parameter[j].prior;
        const struct relative *by = problem->relative ? &problem->relative[j] : NULL;
        if (!by && !problem_is_intercept(problem, j))
            penalty_prior(prior, l1, l2, phi);
        else if (by && (by->l1 > 0.0 || by->l2 > 0.0))
            problem_penalise(prior, l1 * by->l1, l2 * by->l2, phi);
    }
}
