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
    for (size_t j = 0; problem->names && j < problem->k; j++)
        free(problem->names[j]);
    free(problem->names);
    free(problem->class_y);
    for (size_t i = 0; i < problem->joints; i++) {
        joint_free(problem->joint[i]);
        free(problem->joint_name[i]);
    }
    free(problem->joint);
    free(problem->joint_name);
    for (size_t i = 0; i < problem->constraints; i++)
        constraint_free(problem->constraint[i]);
    free(problem->constraint);
    equality_free(problem->equality);
    free(problem->relative);
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
    sums->log_prior -= problem->log_renormaliser;
    for (size_t i = 0; i < problem->joints; i++) {
        sums->log_prior -= joint_value(problem->joint[i], theta);
        if (!joint_kinked(problem->joint[i]))
            joint_add_gradient(sums->gradient, problem->joint[i], theta);
    }
}

void problem_psi(double *psi, const struct mxp_problem *problem, const double *theta)
{
    memcpy(psi, problem->psi, sizeof problem->psi);
    for (size_t s = 0; s < problem->r; s++)
        psi[problem->auxiliary[s]] = exp(theta[problem->k + s]);
}

/* Whether a weight enters the eta column of an intercept. */
static bool meets(const struct parameter *intercept, const struct parameter *weight, size_t q)
{
    return weight->column != PROBLEM_INTERCEPT &&
           (weight->slot == q || weight->slot == intercept->slot);
}

double problem_share(const struct mxp_problem *problem, size_t term, size_t j)
{
    const struct parameter *p = &problem->parameter[j];

    if (j == term)
        return 1.0 / p->scale;
    return problem_is_intercept(problem, term) && meets(&problem->parameter[term], p, problem->q)
               ? -p->sign * p->shift / p->scale
               : 0.0;
}

/* What the shifts of the weights add to an intercept: sum of sign shift t / scale. */
static long double shifted(const struct mxp_problem *problem, size_t i, const double *t,
                           bool divided)
{
    long double sum = 0.0L;

    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        if (meets(&problem->parameter[i], p, problem->q))
            sum += (long double)p->sign * p->shift * t[j] / (divided ? p->scale : 1.0);
    }
    return sum;
}

void problem_to_data(double *beta, const struct mxp_problem *problem, const double *theta)
{
    for (size_t j = 0; j < problem->k; j++)
        beta[j] = problem_is_intercept(problem, j)
                      ? (double)(theta[j] - shifted(problem, j, theta, true))
                      : theta[j] / problem->parameter[j].scale;
}

void problem_from_data(double *theta, const struct mxp_problem *problem, const double *beta)
{
    for (size_t j = 0; j < problem->k; j++)
        theta[j] = problem_is_intercept(problem, j)
                       ? (double)(beta[j] + shifted(problem, j, beta, false))
                       : beta[j] * problem->parameter[j].scale;
}

/* Line i of cov (count entries `along` apart, lines `across` apart: a row or a column) -= sum over
 * the weights that meet intercept i of sign shift times their lines. */
static void shift_line(double *cov, size_t along, size_t across, size_t count,
                       const struct mxp_problem *problem, size_t i)
{
    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        if (!meets(&problem->parameter[i], p, problem->q) || p->shift == 0.0)
            continue;
        for (size_t c = 0; c < count; c++)
            cov[i * across + c * along] -= p->sign * p->shift * cov[j * across + c * along];
    }
}

void problem_map_covariance(double *cov, size_t ld, size_t count, const struct mxp_problem *problem,
                            enum problem_scale which)
{
    const struct parameter *p = problem->parameter;
    const size_t k = problem->k;

    if (which == PROBLEM_PRIOR && !problem->centred)
        return;
    for (size_t j = 0; j < count; j++)
        for (size_t i = 0; i < count; i++)
            cov[i + j * ld] /= p[i].scale * p[j].scale;
    for (size_t i = 0; i < k; i++)
        if (problem_is_intercept(problem, i))
            shift_line(cov, ld, 1, count, problem, i);
    for (size_t i = 0; i < k; i++)
        if (problem_is_intercept(problem, i))
            shift_line(cov, 1, ld, count, problem, i);
}

bool problem_standardized(const struct mxp_problem *problem)
{
    return problem->model->standardize;
}

struct response problem_response(const struct mxp_problem *problem, size_t first)
{
    const struct design *design = problem->design;
    return (struct response){.y = problem->y + first,
                             .trials = design->trials ? design->trials + first : NULL,
                             .q = problem->q,
                             .symmetric = problem->model->symmetric};
}

void problem_plug_in(struct mxp_problem *problem, double noise_sd)
{
    problem->psi[0] = noise_sd;
    problem->plugged_in = true;
    problem_set_penalty(problem, noise_sd * noise_sd);
}

static mxp_status check_response(const struct mxp_problem *problem, mxp_error *error)
{
    const struct design *design = problem->design;

    for (size_t i = 0; problem->family->check && i < design->rows; i++) {
        const char *words =
            problem->family->check(design->y[i], design->trials ? design->trials[i] : 1.0);
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

static struct design_name name_of(const struct named *named)
{
    return (struct design_name){named->name, named->place};
}

/* The model's level orders as the design reads them; all names of levels in one array. */
static mxp_status borrow_levels(struct design_levels **levels, struct design_name **level,
                                const struct mxp_model *model, mxp_error *error)
{
    size_t total = 0, next = 0;
    mxp_status status;

    for (size_t i = 0; i < model->level_count; i++)
        total += model->levels[i].count;
    TRY(status = MEM_NEW(levels, model->level_count, error));
    TRY(status = MEM_NEW(level, total, error));
    for (size_t i = 0; i < model->level_count; i++) {
        (*levels)[i] = (struct design_levels){.column = name_of(&model->levels[i].column),
                                              .level = *level + next,
                                              .levels = model->levels[i].count};
        for (size_t l = 0; l < model->levels[i].count; l++)
            (*level)[next++] = name_of(&model->levels[i].level[l]);
    }
out:
    return status;
}

static mxp_status read_design(struct mxp_problem *problem, const mxp_table *table,
                              const mxp_problem_options *options, mxp_error *error)
{
    const struct mxp_model *model = problem->model;
    const enum family_response kind = model->family->response;
    struct design_name *predictors = NULL, *level = NULL;
    struct design_levels *levels = NULL;
    struct design_contrast *contrasts = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&predictors, model->predictor_count, error));
    for (size_t i = 0; i < model->predictor_count; i++)
        predictors[i] = name_of(&model->predictors[i]);
    TRY(status = borrow_levels(&levels, &level, model, error));
    TRY(status = MEM_NEW(&contrasts, model->contrast_count, error));
    for (size_t i = 0; i < model->contrast_count; i++)
        contrasts[i] = (struct design_contrast){name_of(&model->contrasts[i].column),
                                                model->contrasts[i].contrast};
    const struct design_request request = {.response = name_of(&model->response),
                                           .predictors = predictors,
                                           .predictor_count = model->predictor_count,
                                           .weights = {options->weights, {NULL, 0, 0}},
                                           .offset = {options->offset, {NULL, 0, 0}},
                                           .groups = {options->groups, {NULL, 0, 0}},
                                           .drop_missing = options->drop_missing != 0,
                                           .formula = model->formula,
                                           .no_intercept = !model->intercept,
                                           .classes =
                                               kind == RESPONSE_CLASS || kind == RESPONSE_ORDERED,
                                           .trials = name_of(&model->trials),
                                           .failures = name_of(&model->failures),
                                           .levels = levels,
                                           .level_count = model->level_count,
                                           .contrasts = contrasts,
                                           .contrast_count = model->contrast_count,
                                           .threads = options->threads};
    TRY(status = design_new(&problem->design, table, &request, error));
out:
    free(contrasts);
    free(level);
    free(levels);
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
    TRY(status = problem_lay_out(p, error));
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
