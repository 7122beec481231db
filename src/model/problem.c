#include "model/problem.h"
#include "base/mem.h"
#include "base/str.h"

#include <math.h>
#include <string.h>

void mxp_problem_options_init(mxp_problem_options *options)
{
    *options = (mxp_problem_options){.size = sizeof *options};
}

void mxp_problem_free(mxp_problem *problem)
{
    if (!problem)
        return;
    design_free(problem->design);
    free(problem->parameter);
    free(problem);
}

size_t mxp_problem_rows(const mxp_problem *problem)
{
    return problem->n;
}

size_t mxp_problem_parameters(const mxp_problem *problem)
{
    return problem->d;
}

/* The noise sd at theta: estimated (the first auxiliary parameter) or fixed. */
static double noise_at(const struct mxp_problem *problem, const double *theta)
{
    return problem->r ? exp(theta[problem->k]) : problem->psi[0];
}

/* The prior's arguments, its scale multiplied by the noise sd where the model says so. */
static void arguments_at(double *a, const struct parameter *parameter, double noise)
{
    memcpy(a, parameter->prior.a, sizeof parameter->prior.a);
    if (parameter->scaled)
        a[parameter->prior.row->scale] *= noise;
}

void problem_kink_at(double *l1, double *location, const struct mxp_problem *problem, size_t j,
                     double noise)
{
    const struct parameter *parameter = &problem->parameter[j];
    double a[PRIOR_ARGUMENTS];

    *l1 = *location = 0.0;
    if (j >= problem->k || !parameter->prior.row->kink_weight)
        return;
    arguments_at(a, parameter, noise);
    *l1 = parameter->prior.row->kink_weight(a);
    *location = parameter->prior.row->location(a);
}

void problem_kink(double *l1, double *location, const struct mxp_problem *problem, size_t j,
                  const double *theta)
{
    problem_kink_at(l1, location, problem, j, noise_at(problem, theta));
}

/* d/du, d2/du2 and the cross derivative of log pi(t; s e^u) for a location-scale prior, from its
 * derivatives in t: with z = t - m they are -1 - z d1, z d1 + z^2 d2 and -d1 - z d2. */
static void add_scaled(struct prior_sums *sums, const struct mxp_problem *problem, size_t j,
                       double t, double location, double d1, double d2)
{
    const size_t u = problem->k;
    const double z = t - location;

    if (!problem->r)
        return;
    sums->gradient[u] -= -1.0 - z * d1;
    sums->diagonal[u] -= z * d1 + z * z * d2;
    if (sums->cross)
        sums->cross[j] -= -d1 - z * d2;
}

static void add_coefficient(struct prior_sums *sums, const struct mxp_problem *problem, size_t j,
                            double t, double noise, bool with_noise)
{
    const struct parameter *parameter = &problem->parameter[j];
    const struct prior_row *row = parameter->prior.row;
    struct prior at = parameter->prior;
    const double *a = at.a;
    double d[3], kink = 0.0;

    if ((row->flags & PRIOR_IMPROPER) && !at.bounded)
        return;
    arguments_at(at.a, parameter, noise);
    row->derivatives(a, t, d);
    sums->log_prior += prior_log_density(&at, t);
    sums->gradient[j] -= d[0];
    sums->diagonal[j] -= d[1];
    if (!parameter->scaled || !with_noise)
        return;
    const double location = row->location ? row->location(a) : a[0];
    if (row->kink_weight && t != location)
        kink = t > location ? -row->kink_weight(a) : row->kink_weight(a);
    add_scaled(sums, problem, j, t, location, d[0] + kink, d[1]);
}

void problem_prior_at(struct prior_sums *sums, const struct mxp_problem *problem,
                      const double *coefficients, double noise)
{
    for (size_t j = 0; j < problem->k; j++)
        add_coefficient(sums, problem, j, coefficients[j], noise, false);
}

/* A density on psi = e^u; on the log scale it carries its Jacobian. */
static void add_auxiliary(struct prior_sums *sums, const struct mxp_problem *problem, size_t j,
                          const double *theta)
{
    const struct prior *prior = &problem->parameter[j].prior;
    const double psi = exp(theta[j]), jacobian = problem->model->mode_natural ? 0.0 : 1.0;
    double d[3];

    if (prior->row->flags & PRIOR_IMPROPER)
        return;
    prior->row->derivatives(prior->a, psi, d);
    sums->log_prior += prior_log_density(prior, psi) + jacobian * theta[j];
    sums->gradient[j] -= psi * d[0] + jacobian;
    sums->diagonal[j] -= psi * d[0] + psi * psi * d[1];
}

void problem_prior(struct prior_sums *sums, const struct mxp_problem *problem, const double *theta)
{
    const double noise = noise_at(problem, theta);

    for (size_t j = 0; j < problem->k; j++)
        add_coefficient(sums, problem, j, theta[j], noise, true);
    for (size_t j = problem->k; j < problem->d; j++)
        add_auxiliary(sums, problem, j, theta);
}

void problem_psi(double *psi, const struct mxp_problem *problem, const double *theta)
{
    memcpy(psi, problem->psi, sizeof problem->psi);
    for (size_t s = 0; s < problem->r; s++)
        psi[problem->auxiliary[s]] = exp(theta[problem->k + s]);
}

void problem_to_data(double *beta, const struct mxp_problem *problem, const double *theta)
{
    long double shifted = 0.0L;

    for (size_t j = problem->first_column; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        beta[j] = theta[j] / p->scale;
        shifted += (long double)p->shift * theta[j] / p->scale;
    }
    if (problem->first_column)
        beta[0] = (double)(theta[0] - shifted);
}

void problem_from_data(double *theta, const struct mxp_problem *problem, const double *beta)
{
    long double shifted = 0.0L;

    for (size_t j = problem->first_column; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        theta[j] = beta[j] * p->scale;
        shifted += (long double)p->shift * beta[j];
    }
    if (problem->first_column)
        theta[0] = (double)(beta[0] + shifted);
}

void problem_map_covariance(double *cov, size_t ld, const struct mxp_problem *problem,
                            enum problem_scale which)
{
    const struct parameter *p = problem->parameter;
    const size_t k = problem->k;

    if (which == PROBLEM_PRIOR && !problem->centred)
        return;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++)
            cov[i + j * ld] /= p[i].scale * p[j].scale;
    if (!problem->first_column)
        return;
    for (size_t j = 0; j < k; j++) /* the intercept's row, then its column */
        for (size_t i = 1; i < k; i++)
            cov[0 + j * ld] -= p[i].shift * cov[i + j * ld];
    for (size_t i = 1; i < k; i++)
        cov[0] -= p[i].shift * cov[0 + i * ld];
    for (size_t j = 1; j < k; j++)
        cov[j] = cov[0 + j * ld];
}

bool problem_standardized(const struct mxp_problem *problem)
{
    return problem->model->standardize;
}

/* A gaussian penalty at noise sd sigma: laplace scale sigma^2 / lambda1, gaussian precision lambda2
 * / sigma^2. */
static void set_penalty_priors(struct mxp_problem *problem, double phi)
{
    for (size_t j = problem->first_column; j < problem->k; j++)
        penalty_prior(&problem->parameter[j].prior, problem->lambda1, problem->lambda2, phi);
}

void problem_plug_in(struct mxp_problem *problem, double noise_sd)
{
    problem->psi[0] = noise_sd;
    problem->plugged_in = true;
    set_penalty_priors(problem, noise_sd * noise_sd);
}

/* How well a rule's selector fits a name: 0 not at all, literal characters + 1 for a glob, more
 * than any glob for the exact name. */
static size_t rule_fit(const char *selector, const char *name)
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
            const size_t fit = rule_fit(rule->selector, problem->parameter[j].name);
            if (fit == 0 || (j < problem->first_column && fit != (size_t)-1))
                continue;
            matched = true;
            if (fit < best[j])
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

static void name_parameters(struct mxp_problem *problem)
{
    const struct mxp_model *model = problem->model;
    struct parameter *p = problem->parameter;

    for (size_t j = 0; j < problem->k; j++) {
        const bool intercept = j < problem->first_column;
        const struct stated_prior *stated =
            intercept ? &model->intercept_prior : &model->weights_prior;
        p[j] = (struct parameter){
            .name = intercept ? "(Intercept)" : problem->design->name[j - problem->first_column],
            .scale = 1.0,
            .prior = stated->prior,
            .stated = stated->stated};
    }
    for (size_t s = 0; s < problem->r; s++) {
        const size_t index = problem->auxiliary[s];
        p[problem->k + s] = (struct parameter){.name = model->family->auxiliary[index].name,
                                               .scale = 1.0,
                                               .prior = model->auxiliary_prior[index].prior,
                                               .stated = model->auxiliary_prior[index].stated};
    }
}

/* Shifts and scales of the columns; see problem.h. */
static void place_columns(struct mxp_problem *problem)
{
    const struct mxp_model *model = problem->model;
    const struct design *design = problem->design;
    const bool flat_intercept =
        problem->first_column && (problem->parameter[0].prior.row->flags & PRIOR_IMPROPER);

    problem->centred = !model->standardize && flat_intercept;
    for (size_t j = problem->first_column; j < problem->k; j++) {
        struct parameter *p = &problem->parameter[j];
        const size_t column = j - problem->first_column;
        const bool varies = design->sd[column] > 0.0;
        if (problem->centred || (model->standardize && problem->first_column && varies))
            p->shift = design->mean[column];
        if (model->standardize && varies)
            p->scale = design->sd[column];
    }
}

static mxp_status take_penalty(struct mxp_problem *problem, mxp_error *error)
{
    const struct mxp_model *model = problem->model;
    const struct design *design = problem->design;
    const struct penalty_facts facts = {.family = problem->family,
                                        .phi = NAN,
                                        .weight_sum = design->weight_sum,
                                        .response_sd = model->intercept ? design->y_offset_sd
                                                                        : design->y_offset_rms};
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
        set_penalty_priors(problem, noise * noise);
    }
out:
    return status;
}

/* What no method fits yet, refused in words. */
static mxp_status check_supported(const struct mxp_problem *problem, mxp_error *error)
{
    for (size_t j = 0; j < problem->k; j++)
        if (problem->parameter[j].prior.bounded)
            return FAIL(error, MXP_CONFIG,
                        "the prior of \"%s\" is bounded: bounds (lower, upper, uniform) can be "
                        "converted, but not fitted in this version",
                        problem->parameter[j].name);
    if (problem->heavy && problem->kinked)
        return FAIL(error, MXP_CONFIG,
                    "student_t and cauchy priors beside a laplace or elastic_net prior cannot be "
                    "fitted in this version");
    if (problem->heavy && problem->family->quadratic && problem->r)
        return FAIL(error, MXP_CONFIG,
                    "student_t and cauchy priors need a fixed %s in this version",
                    problem->parameter[problem->k].name);
    return MXP_OK;
}

static mxp_status lay_out(struct mxp_problem *problem, mxp_error *error)
{
    const struct mxp_model *model = problem->model;
    mxp_status status;

    problem->n = problem->design->rows;
    problem->first_column = model->intercept ? 1 : 0;
    problem->k = problem->design->columns + problem->first_column;
    for (size_t i = 0; i < model->family->auxiliary_count; i++) {
        problem->psi[i] = model->auxiliary[i];
        if (isnan(model->auxiliary[i]))
            problem->auxiliary[problem->r++] = i;
    }
    problem->d = problem->k + problem->r;
    if (problem->k == 0)
        return FAIL(error, MXP_CONFIG, "the model has neither an intercept nor a predictor");
    TRY(status = MEM_NEW(&problem->parameter, problem->d, error));
    name_parameters(problem);
    TRY(status = assign_rules(problem, error));
    if (model->has_penalty)
        TRY(status = take_penalty(problem, error));
    for (size_t j = 0; j < problem->k; j++) {
        const struct prior_row *row = problem->parameter[j].prior.row;
        problem->parameter[j].scaled =
            model->scale_by_noise && row->scale >= 0 && !(row->flags & PRIOR_IMPROPER);
        problem->kinked = problem->kinked || row->kink_weight;
        problem->heavy = problem->heavy || !(row->flags & (PRIOR_CONCAVE | PRIOR_IMPROPER));
    }
    TRY(status = check_supported(problem, error));
    place_columns(problem);
out:
    return status;
}

static mxp_status check_response(const struct mxp_problem *problem, mxp_error *error)
{
    for (size_t i = 0; i < problem->design->rows; i++) {
        const char *words = problem->family->check(problem->design->y[i]);
        if (words) {
            struct str text = {0};
            str_format(&text, "%s (family %s)", words, problem->family->name);
            const mxp_status status =
                design_fail(problem->design, i, problem->design->response_name,
                            problem->design->y[i], text.text ? text.text : words, error);
            str_free(&text);
            return status;
        }
    }
    return MXP_OK;
}

static mxp_status read_design(struct mxp_problem *problem, const mxp_table *table,
                              const mxp_problem_options *options, mxp_error *error)
{
    const struct mxp_model *model = problem->model;
    struct design_name *predictors = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&predictors, model->predictor_count, error));
    for (size_t i = 0; i < model->predictor_count; i++)
        predictors[i] = (struct design_name){model->predictors[i].name, model->predictors[i].place};
    const struct design_request request = {
        .response = {model->response.name, model->response.place},
        .predictors = predictors,
        .predictor_count = model->predictor_count,
        .weights = {options->weights, {NULL, 0, 0}},
        .offset = {options->offset, {NULL, 0, 0}},
        .drop_missing = options->drop_missing != 0,
        .no_intercept = !model->intercept};
    TRY(status = design_new(&problem->design, table, &request, error));
out:
    free(predictors);
    return status;
}

mxp_status mxp_problem_new(mxp_problem **problem, const mxp_model *model, const mxp_table *table,
                           const mxp_problem_options *options, mxp_error *error)
{
    mxp_problem_options defaults;
    struct mxp_problem *p = NULL;
    mxp_status status;

    mxp_problem_options_init(&defaults);
    TRY(status = model_check(model, error));
    TRY(status = MEM_NEW(&p, 1, error));
    p->model = model;
    p->family = model->family;
    p->link = model->link;
    TRY(status = read_design(p, table, options ? options : &defaults, error));
    TRY(status = check_response(p, error));
    TRY(status = lay_out(p, error));
    *problem = p;
    p = NULL;
out:
    mxp_problem_free(p);
    return status;
}

void problem_name_direction(struct str *out, const struct mxp_problem *problem,
                            const double *direction)
{
    enum { SHOWN = 3 };
    size_t named[SHOWN], count = 0, nonzero = 0;
    double largest = 0.0;

    for (size_t j = 0; j < problem->d; j++)
        largest = fmax(largest, fabs(direction[j]));
    for (size_t j = 0; j < problem->d; j++)
        nonzero += fabs(direction[j]) > 1e-6 * largest;
    while (count < SHOWN && count < nonzero) {
        size_t best = problem->d;
        for (size_t j = 0; j < problem->d; j++) {
            bool taken = false;
            for (size_t i = 0; i < count; i++)
                taken = taken || named[i] == j;
            if (!taken && (best == problem->d || fabs(direction[j]) > fabs(direction[best])))
                best = j;
        }
        named[count++] = best;
    }
    for (size_t i = 0; i < count; i++)
        str_format(out, "%s\"%s\"",
                   i == 0                               ? ""
                   : i + 1 == count && nonzero <= SHOWN ? " and "
                                                        : ", ",
                   problem->parameter[named[i]].name);
    if (nonzero > SHOWN)
        str_format(out, " and %zu more", nonzero - SHOWN);
}
