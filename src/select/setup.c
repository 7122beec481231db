#include "select/setup.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

void setup_free(struct setup *setup)
{
    if (!setup)
        return;
    free(setup->l1);
    free(setup->l2);
    free(setup->centre);
    free(setup->fixed);
    free(setup->run);
    free(setup);
}

/* l1 and l2 of a prior at phi = 1. */
static struct relative penalty_of(const struct prior *prior)
{
    const double *a = prior->a;

    switch (setup_kind_of(prior)) {
    case SETUP_L1:
        return (struct relative){1.0 / a[1], 0.0};
    case SETUP_L2:
        return (struct relative){0.0, 1.0 / a[1] / a[1]};
    case SETUP_BOTH:
        return (struct relative){a[1], a[2]};
    default:
        return (struct relative){0.0, 0.0};
    }
}

/* The penalties of the coefficients that move, at any common factor; *unit: of the one whose relative
 * scale is 1, l1 and l2 added up. */
static void take_penalties(struct setup *setup, double *unit, enum setup_kind kind,
                           const struct mxp_problem *problem, const mxp_path_options *options)
{
    const struct mxp_model *model = problem->model;
    const bool replace = options->penalty && model->has_penalty;
    double mix = kind == SETUP_L2 ? 0.0 : options->mix;
    const struct relative weights = penalty_of(&model->weights_prior.prior);

    *unit = !model->has_penalty && setup_kind_of(&model->weights_prior.prior) == kind
                ? weights.l1 + weights.l2
                : 0.0;
    for (size_t j = 0; j < setup->k; j++) {
        const struct prior *prior = &problem->parameter[j].prior;
        const bool open = replace || (options->penalty && setup_kind_of(prior) == SETUP_OPEN &&
                                      !setup_is_named(problem, j));
        if (kind == SETUP_OPEN || problem_is_intercept(problem, j) ||
            (!open && setup_kind_of(prior) != kind))
            continue;
        struct relative r = open ? (struct relative){1.0, 0.0} : penalty_of(prior);
        const double both = r.l1 + r.l2;
        *unit = *unit > 0.0 ? *unit : both;
        if (open || (kind == SETUP_BOTH && !isnan(mix))) {
            const double share = kind == SETUP_L1 ? 1.0 : mix;
            r = (struct relative){share * both, (1.0 - share) * both};
        }
        setup->l1[j] = r.l1;
        setup->l2[j] = r.l2;
        setup->moving++;
    }
}

/* Divides by the unit, and finds the mix of a coefficient whose relative scale is 1. */
static void normalise(struct setup *setup, double unit)
{
    double nearest = INFINITY;

    for (size_t j = 0; j < setup->k; j++) {
        setup->l1[j] /= unit;
        setup->l2[j] /= unit;
        const double both = setup->l1[j] + setup->l2[j];
        if (both > 0.0 && fabs(both - 1.0) < nearest) {
            nearest = fabs(both - 1.0);
            setup->mix1 = setup->l1[j] / both;
            setup->mix2 = setup->l2[j] / both;
        }
    }
}

static mxp_status check_moving(const struct setup *setup, enum setup_kind kind,
                               const mxp_path_options *options, mxp_error *error)
{
    for (size_t j = 0; j < setup->k; j++)
        if (isnan(setup->l1[j]))
            return FAIL(error, MXP_USAGE,
                        "path.penalty elastic_net needs path.mix, the share of l1");
    if (setup->moving)
        return MXP_OK;
    if (kind == SETUP_OPEN)
        return FAIL(error, MXP_CONFIG,
                    "a path has nothing to penalise: every prior on the weights is flat; give them "
                    "a laplace, gaussian or elastic_net prior, or say path.penalty: l1, l2 or "
                    "elastic_net");
    return FAIL(error, MXP_CONFIG, "a path has nothing to penalise: no weight%s%s",
                options->penalty ? " has a prior of the kind of path.penalty: " : "",
                options->penalty ? options->penalty : "");
}

/* Centres, and the priors that stay; phi is known where there are any. */
static mxp_status take_others(struct setup *setup, const struct mxp_problem *problem,
                              mxp_error *error)
{
    const double phi = setup->noise * setup->noise;
    mxp_status status = MXP_OK;

    setup->centred_at_0 = true;
    for (size_t j = 0; j < setup->k; j++) {
        const struct prior *prior = &problem->parameter[j].prior;
        const bool moves = setup->l1[j] > 0.0 || setup->l2[j] > 0.0;
        const double location = prior->row->location(prior->a);
        setup->centre[j] = fmin(fmax(location, prior_lower(prior)), prior_upper(prior));
        setup->centred_at_0 = setup->centred_at_0 && setup->centre[j] == 0.0;
        if (moves || setup_kind_of(prior) == SETUP_OPEN)
            continue;
        setup->fixed_kinks = setup->fixed_kinks || prior->row->kink_weight;
        if (!setup->fixed)
            TRY(status = mem_doubles(&setup->fixed, setup->k, 1, error));
        setup->fixed[j] = phi * penalty_of(prior).l2;
        setup->centre[j] = location;
    }
out:
    return status;
}

static bool same(const struct setup *setup, const struct mxp_problem *problem, size_t a, size_t b)
{
    const struct prior *p = &problem->parameter[a].prior, *q = &problem->parameter[b].prior;

    return setup->l1[a] == setup->l1[b] && setup->l2[a] == setup->l2[b] &&
           prior_lower(p) == prior_lower(q) && prior_upper(p) == prior_upper(q) &&
           p->row->location(p->a) == q->row->location(q->a);
}

static mxp_status find_runs(struct setup *setup, const struct mxp_problem *problem,
                            mxp_error *error)
{
    size_t capacity = 0;
    mxp_status status = MXP_OK;

    for (size_t j = 0; j < setup->k; j++) {
        struct setup_run *last = setup->runs ? &setup->run[setup->runs - 1] : NULL;
        if (setup->l1[j] == 0.0 && setup->l2[j] == 0.0)
            continue;
        if (last && same(setup, problem, last->first, j)) {
            last->count++;
            continue;
        }
        TRY(status = mem_grow(&setup->run, &capacity, setup->runs + 1, sizeof *setup->run, error));
        setup->run[setup->runs++] = (struct setup_run){j, 1};
    }
out:
    return status;
}

mxp_status setup_new(struct setup **setup, const struct mxp_problem *problem,
                     const mxp_path_options *options, mxp_error *error)
{
    const bool noise = problem->family->phi == PHI_NOISE_VARIANCE;
    struct setup *s = NULL;
    enum setup_kind kind;
    double unit;
    mxp_status status;

    TRY(status = setup_check(&kind, problem, options, error));
    TRY(status = MEM_NEW(&s, 1, error));
    s->k = problem->k;
    s->estimated = noise && (problem->r > 0 || problem->plugged_in);
    s->noise = s->estimated ? NAN : noise ? problem->psi[0] : 1.0;
    TRY(status = mem_doubles(&s->l1, s->k, 1, error));
    TRY(status = mem_doubles(&s->l2, s->k, 1, error));
    TRY(status = mem_doubles(&s->centre, s->k, 1, error));
    take_penalties(s, &unit, kind, problem, options);
    TRY(status = check_moving(s, kind, options, error));
    normalise(s, unit);
    TRY(status = take_others(s, problem, error));
    TRY(status = find_runs(s, problem, error));
    *setup = s;
    s = NULL;
out:
    setup_free(s);
    return status;
}

mxp_status setup_apply(struct mxp_problem *problem, const struct setup *setup, double lambda,
                       double phi, mxp_error *error)
{
    mxp_status status = MXP_OK;

    if (!problem->relative)
        TRY(status = MEM_NEW(&problem->relative, setup->k, error));
    for (size_t j = 0; j < setup->k; j++) {
        const bool moves = setup->l1[j] > 0.0 || setup->l2[j] > 0.0;
        problem->relative[j] =
            (struct relative){setup->mix1 > 0.0 ? setup->l1[j] / setup->mix1 : 0.0,
                              setup->mix2 > 0.0 ? setup->l2[j] / setup->mix2 : 0.0};
        problem->parameter[j].stated = problem->parameter[j].stated || moves;
    }
    problem->lambda1 = lambda * setup->mix1;
    problem->lambda2 = lambda * setup->mix2;
    if (setup->estimated) {
        problem->r = 0;
        problem->d = problem->k;
        problem_plug_in(problem, sqrt(phi));
    } else {
        problem_set_penalty(problem, phi);
    }
    problem_note_priors(problem);
out:
    return status;
}

/* The prior of a moving coefficient. */
static struct prior prior_at(const struct setup *setup, const struct mxp_problem *problem, size_t j,
                             double lambda, double phi)
{
    struct prior prior = problem->parameter[j].prior;

    problem_penalise(&prior, lambda * setup->l1[j], lambda * setup->l2[j], phi);
    return prior;
}

double setup_log_prior(const struct setup *setup, const struct mxp_problem *problem,
                       const struct sweep_point *point, double phi)
{
    const double lambda = point->scale;
    double sum = 0.0;

    for (size_t r = 0; r < setup->runs; r++) {
        const size_t j = setup->run[r].first;
        const struct prior prior = prior_at(setup, problem, j, lambda, phi);
        sum += (double)setup->run[r].count * prior_log_density(&prior, setup->centre[j]);
    }
    for (size_t i = 0; i < point->count; i++) {
        const size_t j = point->index[i];
        if (setup->l1[j] == 0.0 && setup->l2[j] == 0.0) {
            sum += prior_log_density(&problem->parameter[j].prior, point->theta[i]);
            continue;
        }
        const struct prior prior = prior_at(setup, problem, j, lambda, phi);
        sum += prior_log_density(&prior, point->theta[i]) -
               prior_log_density(&prior, setup->centre[j]);
    }
    return sum;
}

double setup_scale(const struct setup *setup, double lambda, double phi)
{
    return setup->mix1 > 0.0 ? phi / (lambda * setup->mix1) : sqrt(phi / (lambda * setup->mix2));
}

void setup_theta(double *theta, const struct setup *setup, const struct sweep_point *point)
{
    memcpy(theta, setup->centre, setup->k * sizeof *theta);
    for (size_t i = 0; i < point->count; i++)
        theta[point->index[i]] = point->theta[i];
}
