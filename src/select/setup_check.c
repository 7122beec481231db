/* What paths do, and what they say about the rest. */
#include "base/str.h"
#include "model/prior_rows.h"
#include "select/setup.h"

#include <math.h>
#include <string.h>

static const char *const kind_words[] = {"l1", "l2", "elastic_net"};
static const char *const kind_priors[] = {"laplace", "gaussian", "elastic_net"};

enum setup_kind setup_kind_of(const struct prior *prior)
{
    return prior->row == &prior_laplace       ? SETUP_L1
           : prior->row == &prior_gaussian    ? SETUP_L2
           : prior->row == &prior_elastic_net ? SETUP_BOTH
                                              : SETUP_OPEN;
}

bool setup_is_named(const struct mxp_problem *problem, size_t j)
{
    const struct mxp_model *model = problem->model;

    for (size_t i = 0; i < model->rule_count; i++)
        if (problem_selector_fit(model->rules[i].selector, problem, j) > 0)
            return true;
    return false;
}

/* Families with a canonical link, which is their first. */
static mxp_status check_family(const struct mxp_problem *problem, mxp_error *error)
{
    const struct family *const able[] = {&family_gaussian, &family_bernoulli, &family_binomial,
                                         &family_poisson, &family_multinomial};
    const struct place place = problem->model->family_place;

    for (size_t i = 0; i < sizeof able / sizeof *able; i++)
        if (problem->family == able[i]) {
            if (problem->link == 0)
                return MXP_OK;
            return FAIL_AT(error, place, MXP_CONFIG,
                           "paths are not done with link %s yet: only with %s, the first of family "
                           "%s",
                           problem->family->links[problem->link], problem->family->links[0],
                           problem->family->name);
        }
    return FAIL_AT(error, place, MXP_CONFIG,
                   "paths are not done for family %s yet: only for gaussian, bernoulli, binomial, "
                   "poisson and multinomial",
                   problem->family->name);
}

static mxp_status check_structure(const struct mxp_problem *problem, mxp_error *error)
{
    const struct mxp_model *model = problem->model;

    if (model->group_count)
        return FAIL_AT(error, model->groups[0].place, MXP_CONFIG,
                       "paths do not do priors of groups yet");
    if (model->constraint_count)
        return FAIL_AT(error, model->constraints[0].place, MXP_CONFIG,
                       "paths do not do constraints yet");
    if (model->scale_by_noise && problem->family->phi == PHI_NOISE_VARIANCE)
        return FAIL_AT(
            error, model->scale_by_noise_place, MXP_CONFIG,
            "paths do not do scale_by_noise yet: leave it out, the penalty of a path has "
            "no noise in it anyway");
    return MXP_OK;
}

static mxp_status check_numbers(const mxp_path_options *options, mxp_error *error)
{
    if (!isnan(options->mix) && !(options->mix > 0.0 && options->mix <= 1.0))
        return FAIL(error, MXP_USAGE, "path.mix = %g is outside (0, 1]", options->mix);
    if (!isnan(options->ratio) && !(options->ratio > 0.0 && options->ratio < 1.0))
        return FAIL(error, MXP_USAGE, "path.ratio = %g is outside (0, 1)", options->ratio);
    if (!(options->tolerance > 0.0))
        return FAIL(error, MXP_USAGE, "path.tolerance = %g is not above 0", options->tolerance);
    if (options->max_iterations == 0)
        return FAIL(error, MXP_USAGE, "fit.max_iterations = 0: a path takes steps");
    if (!options->lambdas && options->points == 0)
        return FAIL(error, MXP_USAGE, "path.points = 0: a path has at least one point");
    if (options->lambdas && options->lambda_count == 0)
        return FAIL(error, MXP_USAGE, "path.lambdas has no number");
    for (size_t i = 0; options->lambdas && i < options->lambda_count; i++) {
        const double l = options->lambdas[i];
        if (!(l > 0.0) || isinf(l))
            return FAIL(error, MXP_USAGE, "path.lambdas: %g is not a number above 0", l);
        if (i > 0 && l >= options->lambdas[i - 1])
            return FAIL(error, MXP_USAGE, "path.lambdas: %g after %g: penalties have to fall", l,
                        options->lambdas[i - 1]);
    }
    if (strcmp(options->rule, "1se") != 0 && strcmp(options->rule, "min") != 0)
        return FAIL(error, MXP_USAGE, "path.rule = %s: known are 1se and min", options->rule);
    return MXP_OK;
}

/* options->penalty, and whether its mix goes with it. */
static mxp_status read_penalty(enum setup_kind *kind, const mxp_path_options *options,
                               mxp_error *error)
{
    const double mix = options->mix;

    *kind = SETUP_OPEN;
    for (int i = 0; options->penalty && i < SETUP_OPEN; i++)
        if (strcmp(options->penalty, kind_words[i]) == 0)
            *kind = (enum setup_kind)i;
    if (options->penalty && *kind == SETUP_OPEN) {
        const char *near = str_nearest(options->penalty, kind_words, 3);
        return FAIL(error, MXP_USAGE, "path.penalty = %s: known are l1, l2 and elastic_net%s%s%s",
                    options->penalty, near ? "; did you mean " : "", near ? near : "",
                    near ? "?" : "");
    }
    if (*kind == SETUP_L1 && mix < 1.0)
        return FAIL(error, MXP_USAGE,
                    "path.mix = %g does not go with path.penalty l1: take elastic_net", mix);
    if (*kind == SETUP_L2 && !isnan(mix))
        return FAIL(error, MXP_USAGE,
                    "path.mix = %g does not go with path.penalty l2: take elastic_net", mix);
    return MXP_OK;
}

/* A prior that paths can do nothing with. */
static mxp_status refuse_prior(const struct mxp_problem *problem, size_t j, mxp_error *error)
{
    const struct parameter *p = &problem->parameter[j];
    struct str text = {0};

    prior_format(&text, &p->prior);
    const mxp_status status = FAIL(
        error, MXP_CONFIG,
        "paths do not do the prior of \"%s\", %s: only laplace, gaussian, elastic_net and flat "
        "ones, of which those of the penalty's kind move",
        p->name, text.text ? text.text : p->prior.row->name);
    str_free(&text);
    return status;
}

/* A prior that is to be selected, and does not move. */
static mxp_status refuse_selected(const struct mxp_problem *problem, size_t j, enum setup_kind kind,
                                  mxp_error *error)
{
    const struct parameter *p = &problem->parameter[j];
    struct str text = {0};

    prior_format(&text, &p->prior);
    const mxp_status status = FAIL(
        error, MXP_CONFIG,
        "the prior of \"%s\", %s, is to be selected, but the path moves %s priors only", p->name,
        text.text ? text.text : p->prior.row->name, kind == SETUP_OPEN ? "no" : kind_priors[kind]);
    str_free(&text);
    return status;
}

/* The kind of the weights' own prior, else of the terms'. */
static mxp_status find_kind(enum setup_kind *kind, const struct mxp_problem *problem,
                            mxp_error *error)
{
    const struct mxp_model *model = problem->model;
    const struct prior *weights = &model->weights_prior.prior;
    bool used = false;

    for (size_t j = 0; j < problem->k && !problem->relative; j++)
        used = used || (!problem_is_intercept(problem, j) && !setup_is_named(problem, j));
    if (used && !model->has_penalty && setup_kind_of(weights) != SETUP_OPEN) {
        *kind = setup_kind_of(weights);
        return MXP_OK;
    }
    for (size_t j = 0; j < problem->k; j++) {
        const enum setup_kind own = setup_kind_of(&problem->parameter[j].prior);
        if (problem_is_intercept(problem, j) || own == SETUP_OPEN)
            continue;
        if (*kind != SETUP_OPEN && own != *kind)
            return FAIL(
                error, MXP_CONFIG,
                "the priors on the weights are of kind %s and of kind %s: say which of them "
                "moves, path.penalty: %s or %s",
                kind_priors[*kind], kind_priors[own], kind_words[*kind], kind_words[own]);
        *kind = own;
    }
    return MXP_OK;
}

/* The weights' own prior and path.penalty have to agree. */
static mxp_status check_weights_prior(enum setup_kind kind, const struct mxp_problem *problem,
                                      mxp_error *error)
{
    const struct mxp_model *model = problem->model;
    const struct stated_prior *weights = &model->weights_prior;
    struct str text = {0};

    if (model->has_penalty || prior_is_flat(&weights->prior) ||
        (weights->prior.row->flags & PRIOR_IMPROPER) || setup_kind_of(&weights->prior) == kind)
        return MXP_OK;
    prior_format(&text, &weights->prior);
    const mxp_status status = FAIL_AT(
        error, weights->place, MXP_CONFIG,
        "the weights' prior is %s, which path.penalty: %s does not move: give them a %s prior, or "
        "none, or leave path.penalty out",
        text.text ? text.text : weights->prior.row->name, kind_words[kind], kind_priors[kind]);
    str_free(&text);
    return status;
}

/* Priors that stay as they are, where the noise is known; the intercepts' among them. */
static mxp_status check_priors(enum setup_kind kind, const struct mxp_problem *problem,
                               mxp_error *error)
{
    const bool noise =
        problem->family->phi == PHI_NOISE_VARIANCE && (problem->r > 0 || problem->plugged_in);

    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        const enum setup_kind own = setup_kind_of(&p->prior);
        if (own == SETUP_OPEN && !(p->prior.row->flags & PRIOR_IMPROPER))
            return refuse_prior(problem, j, error);
        if (p->prior.selected && (own != kind || problem_is_intercept(problem, j)))
            return refuse_selected(problem, j, kind, error);
        if (own == SETUP_OPEN || (own == kind && !problem_is_intercept(problem, j)) || !noise ||
            problem->model->has_penalty)
            continue;
        struct str text = {0};
        prior_format(&text, &p->prior);
        const mxp_status status = FAIL(
            error, MXP_CONFIG,
            "the prior of \"%s\", %s, does not move with the path, and beside an estimated "
            "noise sd that is not done yet: fix noise_sd, make the prior flat or of the path's "
            "kind",
            p->name, text.text ? text.text : p->prior.row->name);
        str_free(&text);
        return status;
    }
    return MXP_OK;
}

mxp_status setup_check(enum setup_kind *kind, const struct mxp_problem *problem,
                       const mxp_path_options *options, mxp_error *error)
{
    mxp_status status;

    TRY(status = check_numbers(options, error));
    TRY(status = read_penalty(kind, options, error));
    TRY(status = check_family(problem, error));
    TRY(status = check_structure(problem, error));
    if (*kind == SETUP_OPEN)
        TRY(status = find_kind(kind, problem, error));
    else
        TRY(status = check_weights_prior(*kind, problem, error));
    TRY(status = check_priors(*kind, problem, error));
out:
    return status;
}
