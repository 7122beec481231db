/* How a problem is laid out: which parameters there are, their names and priors, the shifts and
 * scales of their columns. */
#include "base/mem.h"
#include "base/str.h"
#include "model/problem.h"

#include <math.h>
#include <string.h>

/* How well a rule's selector fits a name: 0 not at all, literal characters + 1 for a glob, more
 * than any glob for the exact name. */
static size_t name_fit(const char *selector, const char *name)
{
    if (strcmp(selector, name) == 0)
        return (size_t)-1;
    if (!str_has_wildcard(selector) || !str_glob(selector, name))
        return 0;
    size_t literal = 1;
    for (; *selector; selector++)
        literal += *selector != '*' && *selector != '?';
    return literal;
}

static mxp_status unmatched(const struct mxp_problem *problem, const struct stated_prior *rule,
                            mxp_error *error)
{
    const char *near = str_nearest(rule->selector, problem->design->name, problem->design->columns);
    return FAIL_AT(error, rule->selector_place, MXP_CONFIG,
                   "\"%s\" matches no coefficient of this model%s%s%s", rule->selector,
                   near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* Whether a column is one of the factor alone: "site[B]" of "site", not "site[B]:size[2]". */
static bool is_level_of(const char *factor, const struct encoding *encoding, size_t column)
{
    size_t t = 0;

    while (column >= encoding->term[t].first + encoding->term[t].columns)
        t++;
    const struct encoding_variable *variable = &encoding->variable[encoding->term[t].variable[0]];
    return encoding->term[t].count == 1 && variable->kind == ENCODING_FACTOR &&
           strcmp(variable->name, factor) == 0;
}

/* A term of a class family goes by its own name, for all classes, or with one class. */
size_t problem_selector_fit(const char *selector, const struct mxp_problem *problem, size_t j)
{
    const struct parameter *p = &problem->parameter[j];
    const bool intercept = p->column == PROBLEM_INTERCEPT;
    size_t fit = name_fit(selector, p->name);

    if (fit == 0 && p->class_name)
        fit = name_fit(selector, intercept ? "(Intercept)" : problem->design->name[p->column]);
    if (fit == 0 && !intercept && is_level_of(selector, problem->design->encoding, p->column))
        fit = strlen(selector) + 2;                  /* a factor is named for all of its columns */
    return intercept && fit != (size_t)-1 ? 0 : fit; /* globs are over the weights */
}

/* Gives every coefficient the prior of its best rule: an exact name beats a glob, a longer literal
 * part a shorter one, the later of equals the earlier. */
static mxp_status assign_rules(struct mxp_problem *problem, mxp_error *error)
{
    const struct mxp_model *model = problem->model;
    size_t *best = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&best, problem->k, error));
    for (size_t i = 0; i < model->rule_count; i++) {
        const struct stated_prior *rule = &model->rules[i];
        bool matched = false;
        for (size_t j = 0; j < problem->k; j++) {
            const size_t fit = problem_selector_fit(rule->selector, problem, j);
            matched = matched || fit > 0;
            if (fit == 0 || fit < best[j])
                continue;
            best[j] = fit;
            problem->parameter[j].prior = rule->prior;
            problem->parameter[j].stated = true;
        }
        if (!matched) {
            status = unmatched(problem, rule, error);
            goto out;
        }
    }
out:
    free(best);
    return status;
}

/* "bmi[class]"; the intercept of a class is "intercept[class]". */
static mxp_status class_name(struct mxp_problem *problem, size_t j, const char *label,
                             mxp_error *error)
{
    struct parameter *p = &problem->parameter[j];
    const char *term =
        p->column == PROBLEM_INTERCEPT ? "intercept" : problem->design->name[p->column];
    struct str text = {0};
    mxp_status status;

    str_format(&text, "%s[%s]", term, label);
    TRY(status = str_check(&text, error));
    problem->names[j] = text.text;
    p->name = text.text;
    p->class_name = label;
    return MXP_OK;
out:
    str_free(&text);
    return status;
}

/* "cutpoint[low|medium]". */
static mxp_status cutpoint_name(struct mxp_problem *problem, size_t j, char *const *labels,
                                mxp_error *error)
{
    struct str text = {0};
    mxp_status status;

    str_format(&text, "cutpoint[%s|%s]", labels[j], labels[j + 1]);
    TRY(status = str_check(&text, error));
    problem->names[j] = text.text;
    problem->parameter[j].name = text.text;
    return MXP_OK;
out:
    str_free(&text);
    return status;
}

static void set_parameter(struct mxp_problem *problem, size_t j, size_t column, size_t slot,
                          double sign)
{
    const struct mxp_model *model = problem->model;
    const bool intercept = column == PROBLEM_INTERCEPT;
    const struct stated_prior *stated = intercept ? &model->intercept_prior : &model->weights_prior;

    problem->parameter[j] =
        (struct parameter){.name = intercept ? "(Intercept)" : problem->design->name[column],
                           .column = column,
                           .slot = slot,
                           .sign = sign,
                           .scale = 1.0,
                           .prior = stated->prior,
                           .stated = stated->stated,
                           .group = PROBLEM_ALONE};
}

/* One block of coefficients an eta column. */
static mxp_status set_blocks(struct mxp_problem *problem, const char *const *labels,
                             mxp_error *error)
{
    size_t j = 0;
    mxp_status status = MXP_OK;

    for (size_t c = 0; c < problem->q; c++) {
        if (problem->model->intercept)
            set_parameter(problem, j++, PROBLEM_INTERCEPT, c, 1.0);
        for (size_t column = 0; column < problem->design->columns; column++)
            set_parameter(problem, j++, column, c, 1.0);
    }
    for (size_t i = 0; labels && i < problem->k; i++)
        TRY(status = class_name(problem, i, labels[problem->parameter[i].slot], error));
out:
    return status;
}

/* Cutpoints, then slopes that enter every eta column with sign -1. */
static mxp_status set_ordinal(struct mxp_problem *problem, mxp_error *error)
{
    const size_t q = problem->q;
    mxp_status status = MXP_OK;

    for (size_t c = 0; c < q; c++) {
        set_parameter(problem, c, PROBLEM_INTERCEPT, c, 1.0);
        TRY(status = cutpoint_name(problem, c, problem->design->label, error));
    }
    for (size_t column = 0; column < problem->design->columns; column++)
        set_parameter(problem, q + column, column, q, -1.0);
out:
    return status;
}

static void set_auxiliary(struct mxp_problem *problem)
{
    const struct mxp_model *model = problem->model;

    for (size_t s = 0; s < problem->r; s++) {
        const size_t index = problem->auxiliary[s];
        problem->parameter[problem->k + s] =
            (struct parameter){.name = model->family->auxiliary[index].name,
                               .column = PROBLEM_INTERCEPT,
                               .sign = 1.0,
                               .scale = 1.0,
                               .prior = model->auxiliary_prior[index].prior,
                               .stated = model->auxiliary_prior[index].stated,
                               .group = PROBLEM_ALONE};
    }
}

void problem_place_columns(struct mxp_problem *problem)
{
    const struct mxp_model *model = problem->model;
    const struct design *design = problem->design;
    const bool ordered = model->family->response == RESPONSE_ORDERED;
    bool flat = model->intercept || ordered;

    for (size_t j = 0; j < problem->k; j++)
        if (problem_is_intercept(problem, j))
            flat = flat && prior_is_flat(&problem->parameter[j].prior);
    problem->centred = !model->standardize && flat;
    for (size_t j = 0; j < problem->k; j++) {
        struct parameter *p = &problem->parameter[j];
        if (problem_is_intercept(problem, j))
            continue;
        p->shift = 0.0;
        p->scale = 1.0;
        const bool varies = design->sd[p->column] > 0.0;
        if (problem->centred || (model->standardize && (model->intercept || ordered) && varies))
            p->shift = design->mean[p->column];
        if (model->standardize && varies)
            p->scale = design->sd[p->column];
    }
}

static mxp_status take_penalty(struct mxp_problem *problem, mxp_error *error)
{
    const struct mxp_model *model = problem->model;
    const struct penalty_facts facts = problem_penalty_facts(problem);
    mxp_status status;

    TRY(status =
            penalty_weights(&problem->lambda1, &problem->lambda2, &model->penalty, &facts, error));
    if (problem->family->phi == PHI_NOISE_VARIANCE && isnan(problem->psi[0])) {
        /* solved at noise 1; problem_plug_in comes when the residuals are known */
        problem->r = 0;
        problem->d = problem->k;
        problem_plug_in(problem, 1.0);
    } else {
        const double noise = problem->family->phi == PHI_NOISE_VARIANCE ? problem->psi[0] : 1.0;
        problem_set_penalty(problem, noise * noise);
    }
out:
    return status;
}

static const char *nearest_label(const char *name, const struct design *design)
{
    const char **labels = NULL, *near = NULL;

    if (mem_zeroed(&labels, design->classes, sizeof *labels, NULL) == MXP_OK) {
        for (size_t c = 0; c < design->classes; c++)
            labels[c] = design->label[c];
        near = str_nearest(name, labels, design->classes);
    }
    free(labels);
    return near;
}

/* The class without coefficients: the one that is named, or the first. */
static mxp_status find_reference(size_t *reference, const struct mxp_problem *problem,
                                 mxp_error *error)
{
    const struct named *wanted = &problem->model->reference;
    const struct design *design = problem->design;

    *reference = 0;
    if (!wanted->name)
        return MXP_OK;
    for (size_t c = 0; c < design->classes; c++)
        if (strcmp(design->label[c], wanted->name) == 0) {
            *reference = c;
            return MXP_OK;
        }
    const char *near = nearest_label(wanted->name, design);
    return FAIL_AT(error, wanted->place, MXP_CONFIG, "reference \"%s\" is no class of \"%s\"%s%s%s",
                   wanted->name, design->response_name, near ? "; did you mean \"" : "",
                   near ? near : "", near ? "\"?" : "");
}

/* The responses as eta columns; labels (classes of them) in the order of the columns. */
static mxp_status code_classes(struct mxp_problem *problem, const char **labels, mxp_error *error)
{
    const struct design *design = problem->design;
    size_t reference = design->classes;
    mxp_status status = MXP_OK;

    if (!problem->model->symmetric)
        TRY(status = find_reference(&reference, problem, error));
    TRY(status = mem_doubles(&problem->class_y, problem->n, 1, error));
    for (size_t i = 0; i < problem->n; i++) {
        const size_t c = (size_t)design->y[i];
        problem->class_y[i] =
            c == reference ? (double)problem->q : (double)(c > reference ? c - 1 : c);
    }
    problem->y = problem->class_y;
    for (size_t c = 0, next = 0; c < design->classes; c++)
        if (c != reference)
            labels[next++] = design->label[c];
out:
    return status;
}

static void count_parameters(struct mxp_problem *problem)
{
    const struct mxp_model *model = problem->model;
    const enum family_response response = model->family->response;
    const size_t classes = problem->design->classes;

    problem->n = problem->design->rows;
    problem->y = problem->design->y;
    problem->q = response == RESPONSE_ORDERED || (response == RESPONSE_CLASS && !model->symmetric)
                     ? classes - 1
                 : response == RESPONSE_CLASS ? classes
                                              : 1;
    const size_t intercept = model->intercept ? 1 : 0;
    problem->k = response == RESPONSE_ORDERED ? problem->q + problem->design->columns
                                              : problem->q * (problem->design->columns + intercept);
    problem->first_column = response == RESPONSE_ORDERED ? problem->q
                            : problem->q == 1            ? intercept
                                                         : 0;
    for (size_t i = 0; i < model->family->auxiliary_count; i++) {
        problem->psi[i] = model->auxiliary[i];
        if (isnan(model->auxiliary[i]))
            problem->auxiliary[problem->r++] = i;
    }
    problem->d = problem->k + problem->r;
    problem->quadratic = model->family->quadratic && problem->link == 0;
}

static mxp_status set_parameters(struct mxp_problem *problem, mxp_error *error)
{
    const enum family_response response = problem->family->response;
    const char **labels = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&problem->parameter, problem->d, error));
    if (response == RESPONSE_CLASS || response == RESPONSE_ORDERED)
        TRY(status = MEM_NEW(&problem->names, problem->k, error));
    if (response == RESPONSE_ORDERED) {
        TRY(status = set_ordinal(problem, error));
    } else if (response == RESPONSE_CLASS) {
        TRY(status = mem_zeroed(&labels, problem->design->classes, sizeof *labels, error));
        TRY(status = code_classes(problem, labels, error));
        TRY(status = set_blocks(problem, labels, error));
    } else {
        TRY(status = set_blocks(problem, NULL, error));
    }
    set_auxiliary(problem);
out:
    free(labels);
    return status;
}

void problem_note_priors(struct mxp_problem *problem)
{
    problem->kinked = problem->bounded = problem->heavy = false;
    for (size_t j = 0; j < problem->k; j++) {
        const struct prior_row *row = problem->parameter[j].prior.row;
        problem->parameter[j].scaled =
            problem->model->scale_by_noise && row->scale >= 0 && !(row->flags & PRIOR_IMPROPER);
        problem->kinked = problem->kinked || row->kink_weight;
        problem->bounded = problem->bounded || problem->parameter[j].prior.bounded;
        problem->heavy = problem->heavy || !(row->flags & (PRIOR_CONCAVE | PRIOR_IMPROPER));
    }
    problem->concave =
        problem->family->concave(problem->link) && problem->r == 0 && !problem->heavy;
}

mxp_status problem_lay_out(struct mxp_problem *problem, mxp_error *error)
{
    mxp_status status;

    count_parameters(problem);
    if (problem->k == 0)
        return FAIL(error, MXP_CONFIG, "the model has neither an intercept nor a predictor");
    TRY(status = set_parameters(problem, error));
    TRY(status = assign_rules(problem, error));
    if (problem->model->has_penalty)
        TRY(status = take_penalty(problem, error));
    problem_place_columns(problem);
    TRY(status = problem_join(problem, error));
    TRY(status = problem_check_symmetric(problem, error));
    problem_note_priors(problem);
out:
    return status;
}
