/* fit.json: the result as a document.  Members that are not known are null. */
#include "app/report.h"
#include "app/report_encoding.h"
#include "app/report_groups.h"
#include "app/report_path.h"
#include "app/report_penalty.h"
#include "base/mem.h"
#include "io/json.h"
#include "num/versions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The used columns that miss cells, and how many. */
static void put_missing(struct json *json, const struct design *design)
{
    const struct selection *const selection = &design->encoded->selection;

    json_open_array(json, "missing");
    for (size_t i = 0; i < selection->missing_columns; i++) {
        json_open_object(json, NULL);
        json_add_text(json, "column", mxp_table_name(design->table, selection->missing[i].column));
        json_add_integer(json, "cells", (int64_t)selection->missing[i].count);
        json_close(json);
    }
    json_close(json);
}

static void put_model(struct json *json, const struct report *report)
{
    const struct design *const design = report->design;
    const struct mxp_problem *const problem = report->problem;
    const char *const classes = "the response is a class";

    json_open_object(json, "model");
    json_add_text(json, "name", report->model->name);
    json_add_text(json, "family", problem->family->name);
    json_add_text(json, "link", problem->family->links[problem->link]);
    json_add_integer(json, "rows", (int64_t)design->rows);
    json_add_integer(json, "columns", (int64_t)design->columns);
    json_add_integer(json, "parameters", (int64_t)report->count);
    json_add_integer(json, "rows_read", (int64_t)design->rows_read);
    json_add_integer(json, "rows_dropped", (int64_t)design->rows_dropped);
    put_missing(json, design);
    json_add_number(json, "weight_sum", design->weight_sum, NULL);
    json_add_text(json, "response", design->response_name);
    json_add_text(json, "formula", report->model->formula ? report->model->formula->text : NULL);
    json_add_number(json, "response_mean", design->label ? NAN : design->y_mean, classes);
    json_add_number(json, "response_sd", design->label ? NAN : design->y_sd, classes);
    json_add_boolean(json, "intercept", report->model->intercept);
    json_add_boolean(json, "standardize", report->model->standardize);
    json_add_text(json, "mode_on", report->model->mode_natural ? "natural" : "log");
    json_add_boolean(json, "scale_by_noise", report->model->scale_by_noise);
    report_auxiliary(json, report);
    json_close(json);
}

static void put_warnings(struct json *json, const struct report *report)
{
    json_open_array(json, "warnings");
    for (size_t i = 0; i < report->warnings; i++) {
        const struct report_warning *const warning = &report->warning[i];
        json_open_object(json, NULL);
        json_add_text(json, "code", warning->code);
        json_add_text(json, "message", warning->message);
        json_open_array(json, "terms");
        for (size_t t = 0; t < warning->count; t++)
            json_add_text(json, NULL, report->term[warning->terms[t]].name);
        json_close(json);
        json_close(json);
    }
    json_close(json);
}

static void put_objective(struct json *json, const struct report *report)
{
    const mxp_fit_info *const fit = &report->fit;

    json_open_object(json, "objective");
    json_add_number(json, "value", fit->objective, NULL);
    json_add_number(json, "log_likelihood", fit->log_likelihood, NULL);
    json_add_number(json, "log_prior", fit->log_prior, NULL);
    json_close(json);
}

static void put_modes(struct json *json, const struct report *report)
{
    json_open_array(json, "modes");
    for (size_t i = 0; i < report->fit.modes; i++) {
        double objective = NAN, noise_sd = NAN;
        mxp_solution_mode(&objective, &noise_sd, report->run->solution, i);
        json_open_object(json, NULL);
        json_add_number(json, "objective", objective, NULL);
        json_add_number(json, "noise_sd", noise_sd, "the family has no noise sd");
        if (report->fit.modes > 1) {
            json_open_array(json, "estimates"); /* terms, then auxiliary */
            for (size_t j = 0; j < report->count; j++)
                json_add_number(json, NULL, mxp_solution_mode_estimate(report->run->solution, i, j),
                                NULL);
            json_close(json);
        }
        json_close(json);
    }
    json_close(json);
}

static void put_convergence(struct json *json, const struct report *report)
{
    const mxp_fit_info *const fit = &report->fit;

    json_open_object(json, "convergence");
    json_add_text(json, "status", fit->status_text);
    json_add_number(json, "kkt", fit->kkt, NULL);
    json_add_number(json, "kkt_floor", fit->kkt_floor, "not computed");
    json_add_number(json, "tolerance", report->run->spec.fit.tolerance, NULL);
    json_add_number(json, "gradient_norm", fit->gradient_norm, NULL);
    json_add_number(json, "duality_gap", fit->duality_gap,
                    report->problem->kinked
                        ? "the problem is not convex, or not dual in closed form"
                        : "no prior has a kink");
    json_add_number(json, "condition", fit->condition, "no factor was made");
    json_add_integer(json, "iterations", (int64_t)fit->iterations);
    json_add_integer(json, "passes", (int64_t)fit->passes);
    json_add_number(json, "seconds", fit->seconds, NULL);
    json_add_text(json, "method", fit->method);
    json_add_text(json, "method_reason", fit->method_reason);
    put_modes(json, report);
    json_close(json);
}

/* Why a term has no sd and no interval. */
static const char *no_spread(const struct report *report, const mxp_term *term)
{
    if (!report->has_posterior)
        return "there is no posterior around an unconverged fit";
    if (term->auxiliary && report->problem->plugged_in)
        return "taken from the residuals of the penalised fit and held there";
    if (term->auxiliary && !isnan(term->lower))
        return "hardly identified: on the log scale its sd is above 3, so only the quantiles mean "
               "something";
    if (term->at_bound)
        return "the mode is on its bound, where a normal distribution does not describe it";
    if (term->at_kink)
        return "held at its kink (laplace.at_kinks: active)";
    return report->posterior.sd_reason ? report->posterior.sd_reason : "not known";
}

static void put_standardized(struct json *json, const struct report *report, const mxp_term *term)
{
    if (!report->model->standardize || term->auxiliary || isnan(term->standardized_estimate)) {
        json_add_null(json, "standardized", NULL);
        return;
    }
    json_open_object(json, "standardized");
    json_add_number(json, "estimate", term->standardized_estimate, NULL);
    json_add_number(json, "mean", term->standardized_mean, no_spread(report, term));
    json_add_number(json, "sd", term->standardized_sd, no_spread(report, term));
    json_close(json);
}

/* Up to this many terms are written with all their members. */
enum { TERMS_LONG = 10000 };

static void put_known(struct json *json, const char *name, double value)
{
    if (isnan(value))
        json_add_null(json, name, NULL);
    else
        json_add_number(json, name, value, NULL);
}

/* One of very many: on a line, without what is null for all or says nothing. */
static void put_short_term(struct json *json, const struct report *report, const mxp_term *term,
                           const char *class_name)
{
    json_open_object(json, NULL);
    json->on_a_line = true;
    json_add_text(json, "term", term->name);
    if (class_name)
        json_add_text(json, "class", class_name);
    json_add_text(json, "prior", term->prior);
    put_known(json, "estimate", term->estimate);
    put_known(json, "mean", term->mean);
    put_known(json, "sd", term->sd);
    put_known(json, "lower", term->lower);
    put_known(json, "upper", term->upper);
    put_known(json, "probability_positive", term->probability_positive);
    json_add_boolean(json, "at_kink", term->at_kink != 0);
    if (!isnan(term->monte_carlo_error))
        put_known(json, "monte_carlo_error", term->monte_carlo_error);
    if (term->at_bound)
        json_add_text(json, "at_bound", term->at_bound);
    if (!isnan(term->kink_slack))
        put_known(json, "kink_slack", term->kink_slack);
    if (report->model->standardize && !isnan(term->standardized_estimate)) {
        json_open_object(json, "standardized");
        put_known(json, "estimate", term->standardized_estimate);
        put_known(json, "mean", term->standardized_mean);
        put_known(json, "sd", term->standardized_sd);
        json_close(json);
    }
    json_close(json);
    json->on_a_line = false;
}

/* class_name: NULL where the term belongs to no class. */
static void put_term(struct json *json, const struct report *report, const mxp_term *term,
                     const char *class_name)
{
    static const char *const unknown[] = {"mean_corrected", "sd_corrected", "skewness", "k_hat",
                                          "probability_near_zero"};
    const char *const why = no_spread(report, term);

    json_open_object(json, NULL);
    json_add_text(json, "term", term->name);
    if (class_name)
        json_add_text(json, "class", class_name);
    json_add_text(json, "prior", term->prior);
    json_add_number(json, "estimate", term->estimate, NULL);
    json_add_number(json, "mean", term->mean, why);
    json_add_number(json, "sd", term->sd, why);
    json_add_number(json, "lower", term->lower, why);
    json_add_number(json, "upper", term->upper, why);
    json_add_number(json, "probability_positive", term->probability_positive, why);
    json_add_number(json, "monte_carlo_error", term->monte_carlo_error, "no draws are behind it");
    json_add_boolean(json, "at_kink", term->at_kink != 0);
    if (term->at_bound)
        json_add_text(json, "at_bound", term->at_bound);
    else
        json_add_null(json, "at_bound", NULL);
    json_add_number(json, "kink_slack", term->kink_slack, "not at a kink");
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        json_add_null(json, unknown[i], NULL);
    put_standardized(json, report, term);
    json_close(json);
}

/* The noise of a penalised fit: taken from its residuals and held, so it has no spread. */
static void put_plugged_in(struct json *json, const struct report *report)
{
    const struct family *family = report->problem->family;
    struct str prior = {0};

    prior_format(&prior, &report->model->auxiliary_prior[0].prior);
    const mxp_term term = {.name = family->auxiliary[0].name,
                           .prior = prior.text ? prior.text : "",
                           .estimate = report->problem->psi[0],
                           .mean = NAN,
                           .sd = NAN,
                           .lower = NAN,
                           .upper = NAN,
                           .probability_positive = NAN,
                           .monte_carlo_error = NAN,
                           .kink_slack = NAN,
                           .auxiliary = 1,
                           .standardized_estimate = NAN};

    put_term(json, report, &term, NULL);
    str_free(&prior);
}

static void put_terms(struct json *json, const struct report *report)
{
    json_open_array(json, "terms");
    for (size_t j = 0; j < report->coefficients; j++)
        (report->coefficients > TERMS_LONG ? put_short_term : put_term)(
            json, report, &report->term[j], report->problem->parameter[j].class_name);
    json_close(json);
    json_open_array(json, "auxiliary");
    for (size_t j = report->coefficients; j < report->count; j++)
        put_term(json, report, &report->term[j], NULL);
    if (report->problem->plugged_in)
        put_plugged_in(json, report);
    json_close(json);
}

static void put_penalties(struct json *json, const struct report *report)
{
    struct penalty_facts facts;
    struct prior prior;

    if (report_weights_prior(&prior, &facts, report)) {
        report_penalty_json(json, "penalty", &prior, &facts);
        return;
    }
    json_open_array(json, "penalty");
    json_close(json);
    if (report_no_penalty(report))
        json_add_text(json, "penalty_reason", report_no_penalty(report));
}

/* The covariance of the terms that were asked for. */
static void put_chosen(struct json *json, const struct report *report)
{
    size_t count;
    const size_t *terms;

    if (!mxp_posterior_chosen(&count, &terms, report->run->posterior) ||
        !report_writes(report, "json"))
        return;
    json_open_object(json, "covariance_terms");
    json_add_text(json, "file", "covariance-terms.npy");
    json_open_array(json, "terms");
    for (size_t i = 0; i < count; i++)
        json_add_text(json, NULL, report->term[terms[i]].name);
    json_close(json);
    json_close(json);
}

static void put_laplace(struct json *json, const struct report *report)
{
    static const char *const unknown[] = {"k_hat", "verdict"};
    const mxp_posterior_info *const p = &report->posterior;
    const char *const no_draws = "no draws are behind it";

    if (!report->has_posterior) {
        json_add_null(json, "laplace",
                      "the Hessian where the fit stopped is not positive definite");
        return;
    }
    json_open_object(json, "laplace");
    json_add_text(json, "structure", p->structure);
    json_add_text(json, "curvature", p->curvature);
    json_add_text(json, "at_kinks", p->at_kinks);
    json_add_text(json, "scale", p->scale);
    json_add_number(json, "level", report->level, NULL);
    json_add_number(json, "log_evidence", p->log_evidence, p->log_evidence_reason);
    if (!isnan(p->log_evidence))
        json_add_null(json, "log_evidence_reason", NULL);
    json_add_number(json, "log_evidence_relative", p->log_evidence_relative,
                    p->log_evidence_reason);
    json_add_number(json, "log_det", p->log_det, p->log_evidence_reason);
    json_add_number(json, "effective_parameters", p->effective_parameters, p->sd_reason);
    json_add_number(json, "ess", p->ess, no_draws);
    json_add_number(json, "r_hat", p->r_hat, no_draws);
    json_add_integer(json, "samples", (int64_t)p->samples);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        json_add_null(json, unknown[i], NULL);
    json_add_text(json, "repair", "none");
    json_add_text(json, "auxiliary", p->auxiliary);
    if (mxp_posterior_covariance(report->run->posterior) && report_writes(report, "json"))
        json_add_text(json, "covariance", "covariance.npy");
    else
        json_add_null(json, "covariance",
                      p->covariance_reason ? p->covariance_reason : "none was written");
    put_chosen(json, report);
    json_close(json);
}

static void put_scores(struct json *json, const struct report *report)
{
    const struct report_scores *const s = &report->scores;
    const char *const other = "does not apply to this family";

    json_open_object(json, "scores");
    json_open_object(json, "train");
    json_add_number(json, "log_predictive_density", report->fit.log_likelihood, NULL);
    json_add_number(json, "noise_sd", s->noise_sd, other);
    json_add_number(json, "rmse", s->rmse, other);
    json_add_number(json, "r_squared", s->r_squared, other);
    json_add_number(json, "brier", s->brier, other);
    json_add_number(json, "accuracy", s->accuracy, other);
    json_add_number(json, "deviance", s->deviance, other);
    json_add_number(json, "null_deviance", s->null_deviance,
                    s->null_reason ? s->null_reason : other);
    json_add_number(json, "deviance_explained", s->deviance_explained,
                    s->null_reason ? s->null_reason : other);
    json_add_number(json, "aic", s->aic, "there is no posterior");
    json_add_number(json, "aic_parameters", s->parameters, "there is no posterior");
    json_close(json);
    json_add_null(json, "test", NULL);
    json_close(json);
}

static void put_inputs(struct json *json, const struct mxp_run *run)
{
    json_open_array(json, "inputs");
    for (size_t i = 0; i < run->input_count; i++) {
        const struct run_input *const input = &run->inputs[i];
        json_open_object(json, NULL);
        json_add_text(json, "role", input->role);
        json_add_text(json, "path", input->path);
        if (input->sha256[0])
            json_add_text(json, "sha256", input->sha256);
        else
            json_add_null(json, "sha256", input->reason);
        json_close(json);
    }
    json_close(json);
}

static void put_reproduce(struct json *json, const struct mxp_run *run)
{
    json_open_object(json, "reproduce");
    put_inputs(json, run);
    json_add_integer(json, "seed", run->spec.fit.seed);
    json_add_integer(json, "threads", run->spec.fit.threads);
    json_open_object(json, "versions");
    json_add_text(json, "maxpost", mxp_version());
    json_add_text(json, "gsl", versions_gsl());
    json_add_text(json, "blas", versions_blas());
    json_close(json);
    json_add_text(json, "command", run->command);
    json_open_array(json, "set");
    for (size_t i = 0; i < run->override_count; i++)
        json_add_text(json, NULL, run->overrides[i]);
    json_close(json);
    json_close(json);
}

static void put_fit(struct json *json, const struct report *report)
{
    put_objective(json, report);
    put_convergence(json, report);
    put_terms(json, report);
    report_groups_json(json, report);
    put_penalties(json, report);
    put_laplace(json, report);
    put_scores(json, report);
    report_encoding(json, report);
    report_scaling(json, report);
}

static mxp_status write_document(struct str *out, const struct report *report, mxp_error *error)
{
    struct json json;
    mxp_status status;

    json_begin(&json, out);
    json_open_object(&json, NULL);
    json_add_integer(&json, "maxpost", REPORT_FORMAT);
    json_add_text(&json, "program", "maxpost " MXP_VERSION);
    put_model(&json, report);
    put_warnings(&json, report);
    if (report->term)
        put_fit(&json, report);
    TRY(status = report_path_json(&json, report, error));
    put_reproduce(&json, report->run);
    json_close(&json);
    TRY(status = json_end(&json, error));
out:
    return status;
}

mxp_status mxp_run_json(char **text, const mxp_run *run, mxp_error *error)
{
    const struct report *report = NULL;
    struct str out = {0};
    mxp_status status;

    TRY(status = report_of(&report, run, error));
    TRY(status = write_document(&out, report, error));
    *text = out.text;
    out = (struct str){0};
out:
    str_free(&out);
    return status;
}
