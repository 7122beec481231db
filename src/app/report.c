#include "app/report_path.h"
#include "app/text_table.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

/* The terms as the fit left them, where there is no posterior. */
static mxp_status take_estimates(struct report *report, mxp_error *error)
{
    const struct mxp_problem *const problem = report->problem;
    mxp_status status;

    TRY(status = MEM_NEW(&report->prior_text, report->count, error));
    for (size_t j = 0; j < report->count; j++) {
        const struct parameter *const p = &problem->parameter[j];
        struct str text = {0};
        double estimate = NAN;
        TRY(status = mxp_solution_estimate(&estimate, report->run->solution, p->name, error));
        problem_put_prior(&text, problem, j);
        TRY(status = str_check(&text, error));
        report->prior_text[j] = text.text;
        report->term[j] = (mxp_term){.name = p->name,
                                     .prior = text.text,
                                     .estimate = estimate,
                                     .mean = NAN,
                                     .sd = NAN,
                                     .lower = NAN,
                                     .upper = NAN,
                                     .probability_positive = NAN,
                                     .monte_carlo_error = NAN,
                                     .kink_slack = NAN,
                                     .auxiliary = j >= problem->k,
                                     .standardized_estimate = NAN,
                                     .standardized_mean = NAN,
                                     .standardized_sd = NAN};
    }
out:
    return status;
}

static mxp_status take_terms(struct report *report, mxp_error *error)
{
    const mxp_posterior *const posterior = report->run->posterior;
    mxp_status status;

    report->coefficients = 0;
    report->count = posterior ? mxp_posterior_terms(posterior) : report->problem->d;
    TRY(status = MEM_NEW(&report->term, report->count, error));
    if (posterior)
        for (size_t j = 0; j < report->count; j++)
            report->term[j] = mxp_posterior_term(posterior, j);
    else
        TRY(status = take_estimates(report, error));
    for (size_t j = 0; j < report->count; j++) {
        report->coefficients += !report->term[j].auxiliary;
        report->at_kink += report->term[j].at_kink != 0;
    }
out:
    return status;
}

static mxp_status take_fit(struct report *r, mxp_error *error)
{
    const mxp_run *const run = r->run;
    mxp_status status;

    r->fit = mxp_solution_info(run->solution);
    if (run->posterior) {
        r->posterior = mxp_posterior_get_info(run->posterior);
        r->draws = strcmp(r->posterior.at_kinks, "kink") == 0;
    }
    TRY(status = take_terms(r, error));
    TRY(status = report_score(&r->scores, r, error));
    TRY(status = report_warn(r, error));
out:
    return status;
}

mxp_status report_new(struct report **report, const struct mxp_run *run, mxp_error *error)
{
    struct report *r = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&r, 1, error));
    r->run = run;
    r->problem = run->problem;
    r->design = run->problem->design;
    r->model = run->problem->model;
    r->count = run->problem->d;
    r->coefficients = run->problem->k;
    r->level = run->spec.laplace.level;
    r->has_posterior = run->posterior != NULL;
    if (run->solution)
        TRY(status = take_fit(r, error));
    TRY(status = report_path_warn(r, error));
    *report = r;
    r = NULL;
out:
    report_free(r);
    return status;
}

mxp_status report_of(const struct report **report, const struct mxp_run *run, mxp_error *error)
{
    if (!run->report)
        return FAIL(error, MXP_USAGE, "this run has not been fitted");
    *report = run->report;
    return MXP_OK;
}

void report_free(struct report *report)
{
    if (!report)
        return;
    for (size_t i = 0; i < report->warnings; i++) {
        free(report->warning[i].message);
        free(report->warning[i].terms);
    }
    for (size_t j = 0; report->prior_text && j < report->count; j++)
        free(report->prior_text[j]);
    free(report->prior_text);
    free(report->warning);
    free(report->term);
    free(report);
}

bool report_same_prior(const struct prior *a, const struct prior *b)
{
    bool same =
        a->row == b->row && prior_lower(a) == prior_lower(b) && prior_upper(a) == prior_upper(b);

    for (size_t i = 0; same && i < a->row->argument_count; i++)
        same = a->a[i] == b->a[i];
    return same;
}

/* The weight whose prior most of them have, of the first 64 priors. */
static const struct parameter *shared_prior(const struct mxp_problem *problem)
{
    enum { LOOKED_AT = 64 };
    const struct parameter *shared = NULL;
    size_t most = 0, seen = 0;

    for (size_t j = 0; j < problem->k && most < problem->k - j && seen < LOOKED_AT; j++) {
        const struct parameter *const p = &problem->parameter[j];
        size_t same = 0;
        if (problem_is_intercept(problem, j) ||
            (shared && report_same_prior(&shared->prior, &p->prior)))
            continue;
        seen++;
        for (size_t i = j; i < problem->k; i++)
            same += !problem_is_intercept(problem, i) &&
                    report_same_prior(&problem->parameter[i].prior, &p->prior);
        if (same > most) {
            most = same;
            shared = p;
        }
    }
    return shared;
}

const char *report_no_penalty(const struct report *report)
{
    return report->problem->family->phi == PHI_NONE
               ? "does not fit this family: no tool here has its log-likelihood as a loss"
               : NULL;
}

void report_psi(double psi[FAMILY_AUX_MAX], const struct report *report)
{
    const struct mxp_problem *const problem = report->problem;

    memcpy(psi, problem->psi, sizeof problem->psi);
    for (size_t s = 0; s < problem->r; s++)
        psi[problem->auxiliary[s]] = report->term ? report->term[problem->k + s].estimate : NAN;
}

bool report_weights_prior(struct prior *prior, struct penalty_facts *facts,
                          const struct report *report)
{
    const struct mxp_problem *const problem = report->problem;
    const struct parameter *const shared = shared_prior(problem);

    if (!report->term || report_no_penalty(report) || !shared ||
        (shared->prior.row->flags & PRIOR_IMPROPER))
        return false;
    *prior = shared->prior;
    /* A scale in units of the noise becomes a scale. */
    if (shared->scaled && shared->prior.row->scale >= 0)
        prior->a[shared->prior.row->scale] *= report->scores.noise_sd;
    const double noise = report->scores.noise_sd;
    *facts = problem_penalty_facts(problem);
    facts->phi = problem->family->phi == PHI_NOISE_VARIANCE ? noise * noise : 1.0;
    return true;
}

static void put_short(struct str *out, double value)
{
    char number[TEXT_NUMBER];

    text_short(number, value, 6);
    str_add(out, number);
}

void report_put_prior(struct str *out, const struct prior *prior)
{
    prior_format_as(out, prior, put_short);
}

bool report_writes(const struct report *report, const char *format)
{
    const struct output_spec *const output = &report->run->spec.output;
    return strcmp(format, "json") == 0 ? output->json : output->csv;
}

double report_kink(const struct report *report, size_t term)
{
    const struct parameter *const p = &report->problem->parameter[term];
    const struct joint *const joint = problem_group(report->problem, term);

    for (size_t i = 0; joint && i < joint->k; i++)
        if (joint->index[i] == term)
            return joint->mean[i];
    return p->prior.row->location(p->prior.a);
}
