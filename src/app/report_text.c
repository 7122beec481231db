/* The summary of a fit on the terminal. */
#include "app/report_encoding.h"
#include "app/report_groups.h"
#include "app/report_page.h"
#include "app/report_parts.h"
#include "app/report_path.h"
#include "app/report_terms.h"
#include "app/text_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NARROWEST = 60, WIDEST = 100, NAMED = 8, PRIORS_SHOWN = 8 };

void page_fact(const struct page *page, const char *label, struct str *text)
{
    char first[32];

    (void)snprintf(first, sizeof first, "  %-12s ", label);
    page->out->failed |= text->failed;
    if (!text->failed && text->length)
        text_wrap(page->out, first, text->text, page->width);
    str_free(text);
}

void page_title(const struct page *page, const char *title)
{
    str_add(page->out, "\n");
    text_bold(page->out, title, page->color);
    str_add(page->out, "\n");
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- the model and its data ---- */

/* Classes and their weights: "species, 3 classes: a 50, b 50, c 50". */
static void put_classes(struct str *text, const struct page *page)
{
    const struct design *const design = page->report->design;
    double *weight = NULL;

    if (report_class_weights(&weight, design, NULL) != MXP_OK) {
        text->failed = true;
        return;
    }
    str_format(text, "%s, %zu classes:", design->response_name, design->classes);
    for (size_t c = 0; c < design->classes && c < NAMED; c++)
        str_format(text, "%s %s %.6g", c ? "," : "", design->label[c], weight[c]);
    if (design->classes > NAMED)
        str_format(text, " and %zu more", design->classes - NAMED);
    free(weight);
}

static void put_response(const struct page *page)
{
    const struct design *const design = page->report->design;
    char mean[TEXT_NUMBER], sd[TEXT_NUMBER];
    struct str text = {0};

    text_short(mean, design->y_mean, 5);
    text_short(sd, design->y_sd, 5);
    if (design->label)
        put_classes(&text, page);
    else if (design->trials)
        str_format(&text, "%s, successes among %s %s", design->response_name,
                   design->failures_name ? "them and" : "the trials",
                   design->failures_name ? design->failures_name : design->trials_name);
    else if (page->report->problem->family == &family_bernoulli)
        str_format(&text, "%s, share of 1s %s", design->response_name, mean);
    else
        str_format(&text, "%s, mean %s, sd %s", design->response_name, mean, sd);
    page_fact(page, "response", &text);
}

/* What the family holds fixed, and how classes are coded. */
static void put_settings(struct str *text, const struct report *report)
{
    const struct family *const family = report->problem->family;
    double psi[FAMILY_AUX_MAX];

    report_psi(psi, report);
    for (size_t i = 0; i < family->auxiliary_count; i++)
        if (family != &family_gaussian && !isnan(report->model->auxiliary[i]))
            str_format(text, "%s = %.6g; ", family->auxiliary[i].name, psi[i]);
    if (family->response == RESPONSE_CLASS && report->model->symmetric)
        str_add(text, "symmetric coding; ");
    else if (family->response == RESPONSE_CLASS)
        str_format(text, "reference %s; ", report_reference(report));
}

static void put_model(const struct page *page)
{
    const struct report *const report = page->report;
    const size_t predictors = report->design->columns;
    struct str text = {0};

    str_format(&text, "%s, %s link; ", report->problem->family->name,
               report->problem->family->links[report->problem->link]);
    put_settings(&text, report);
    str_format(&text, "%zu predictor%s", predictors, plural(predictors));
    if (report->problem->family->response == RESPONSE_ORDERED)
        str_format(&text, " and %zu cutpoint%s", report->problem->q, plural(report->problem->q));
    else if (report->model->intercept)
        str_format(&text, " and an intercept%s", report->problem->q > 1 ? " for each class" : "");
    if (report->model->standardize)
        str_add(&text, "; columns standardized");
    if (report->design->offset)
        str_format(&text, "; offset %s",
                   report->design->offset_name ? report->design->offset_name : "of the formula");
    page_fact(page, "model", &text);
}

static void put_rows(const struct page *page)
{
    const struct design *const design = page->report->design;
    struct str text = {0};

    str_format(&text, "%zu used, %zu dropped", design->rows, design->rows_dropped);
    if (design->rows_dropped)
        str_add(&text, " (missing values)");
    if (design->weights)
        str_format(&text, "; weights %s, their sum %.6g", page->report->run->spec.data.weights,
                   design->weight_sum);
    page_fact(page, "rows", &text);
}

/* ---- priors ---- */

/* Names of the terms from `first` on that have the same prior; marks them. */
static void put_prior(struct str *out, const struct report *report, size_t first, bool *done)
{
    size_t count = 0;

    for (size_t j = first; j < report->count; j++) {
        if (done[j] || strcmp(report->term[j].prior, report->term[first].prior) != 0 ||
            report->term[j].auxiliary != report->term[first].auxiliary)
            continue;
        done[j] = true;
        if (count++ < NAMED)
            str_format(out, "%s%s", count == 1 ? "" : ", ", report->term[j].name);
    }
    if (count > NAMED)
        str_format(out, ", ... (%zu terms)", count);
}

static void put_declared_penalty(const struct page *page)
{
    const struct report *const report = page->report;
    struct str text = {0};

    if (!report->model->has_penalty)
        return;
    penalty_format(&text, &report->model->penalty, report->problem->family);
    if (report->problem->plugged_in)
        str_format(&text, "; at the noise sd of this fit, %.5g, it is the prior below",
                   report->scores.noise_sd);
    page_fact(page, "penalty", &text);
}

/* One prior and the terms from `first` on that have it. */
static void put_prior_line(const struct page *page, size_t first, bool *done)
{
    const struct report *const report = page->report;
    const struct prior *const prior =
        first < report->problem->d ? &report->problem->parameter[first].prior : NULL;
    struct str label = {0}, name = {0}, text = {0};

    if (prior && report->problem->parameter[first].group == PROBLEM_ALONE)
        report_put_prior(&name, prior);
    else
        str_add(&name, report->term[first].prior);
    str_format(&label, "  %-26s ", name.text ? name.text : "");
    put_prior(&text, report, first, done);
    if (report->term[first].auxiliary && prior && (prior->row->flags & PRIOR_IMPROPER))
        str_add(&text, report->model->mode_natural ? "" : " (on its log)");
    page->out->failed |= name.failed || label.failed || text.failed;
    if (!page->out->failed)
        text_wrap(page->out, label.text, text.text, page->width);
    str_free(&name);
    str_free(&label);
    str_free(&text);
}

static void put_prior_lines(const struct page *page, bool *done)
{
    const struct report *const report = page->report;
    size_t lines = 0, left = 0;

    for (size_t j = 0; j < report->count; j++) {
        if (done[j])
            continue;
        if (lines >= PRIORS_SHOWN) {
            left++;
            continue;
        }
        put_prior_line(page, j, done);
        lines++;
    }
    if (left)
        str_format(page->out, "  and the priors of %zu more terms, in fit.json\n", left);
}

static void put_priors(const struct page *page)
{
    const struct report *const report = page->report;
    bool *const done = calloc(report->count, sizeof *done);

    if (!done) {
        page->out->failed = true;
        return;
    }
    page_title(page, report->model->standardize ? "Priors, on standardized columns" : "Priors");
    put_declared_penalty(page);
    put_prior_lines(page, done);
    if (report->model->scale_by_noise)
        str_add(page->out, "  scales of gaussian and laplace are multiples of the noise sd\n");
    free(done);
}

/* ---- certificate ---- */

/* A label and a number, two digits. */
static void put_small(struct str *out, const char *label, double value)
{
    char number[TEXT_NUMBER];

    text_short(number, value, 2);
    str_format(out, "%s %s", label, number);
}

static void put_certificate(const struct page *page)
{
    const mxp_fit_info *const fit = &page->report->fit;
    const double tolerance = page->report->run->spec.fit.tolerance;
    struct str text = {0};

    str_format(&text, "%s: ", fit->status_text);
    put_small(&text, "KKT residual", fit->kkt);
    put_small(&text, " posterior sds, tolerance", tolerance);
    if (fit->kkt > tolerance && fit->status == MXP_CONVERGED)
        put_small(&text, ", rounding floor", fit->kkt_floor);
    if (!isnan(fit->duality_gap))
        put_small(&text, "; duality gap", fit->duality_gap);
    page_fact(page, "certificate", &text);

    str_format(&text, "%s", fit->method);
    if (fit->method_reason && *fit->method_reason)
        str_format(&text, " (%s)", fit->method_reason);
    str_format(&text, "; %zu iteration%s", fit->iterations, plural(fit->iterations));
    if (fit->starts > 1)
        str_format(&text, " from %zu starts", fit->starts);
    str_format(&text, ", %zu pass%s over the data", fit->passes, fit->passes == 1 ? "" : "es");
    page_fact(page, "method", &text);
}

/* "noise sd", or what the parameters beside the coefficients are called. */
static const char *auxiliary_names(const struct report *report)
{
    const struct mxp_problem *const problem = report->problem;

    if (problem->family == &family_gaussian)
        return "noise sd";
    return problem->r == 1 ? problem->parameter[problem->k].name : "auxiliary parameters";
}

static void put_approximation(const struct page *page)
{
    const mxp_posterior_info *const posterior = &page->report->posterior;
    struct str text = {0};

    if (!page->report->has_posterior)
        return;
    if (posterior->sd_reason) {
        str_format(&text, "none, the mode alone: %s", posterior->sd_reason);
        page_fact(page, "posterior", &text);
        return;
    }
    str_format(&text, "Laplace, %s %s", posterior->structure, posterior->curvature);
    if (page->report->draws)
        str_format(&text,
                   "; kinked priors kept exact by %zu draws (effective %.0f, R-hat %.3f at the "
                   "worst)",
                   posterior->samples, posterior->ess, posterior->r_hat);
    else if (strcmp(posterior->at_kinks, "active") == 0)
        str_add(&text, "; conditional on the terms at their kink");
    if (strcmp(posterior->auxiliary, "none") != 0 && strcmp(posterior->auxiliary, "fixed") != 0)
        str_format(&text, "; %s %s", auxiliary_names(page->report),
                   strcmp(posterior->auxiliary, "plugged_in") == 0
                       ? "from the residuals, its uncertainty left out"
                       : posterior->auxiliary);
    if (strcmp(posterior->scale, "none") != 0)
        str_format(&text, "; mode taken on the %s scale", posterior->scale);
    page_fact(page, "posterior", &text);
}

static mxp_status put_fit(const struct page *page, mxp_error *error)
{
    mxp_status status;

    if (page->report->run->followed)
        page_title(page, "Fit at the chosen point");
    put_certificate(page);
    put_approximation(page);
    put_priors(page);
    report_groups_text(page);
    str_add(page->out, "\n");
    TRY(status = report_terms(page->out, page->report, page->color, page->width, error));
    page_results(page);
out:
    return status;
}

static mxp_status write_page(const struct page *page, mxp_error *error)
{
    mxp_status status = MXP_OK;

    text_bold(page->out, page->report->model->name, page->color);
    str_add(page->out, "\n");
    put_response(page);
    put_model(page);
    put_rows(page);
    report_path_text(page);
    if (page->report->term)
        TRY(status = put_fit(page, error));
    page_end(page);
out:
    return status;
}

mxp_status mxp_run_summary(char **text, const mxp_run *run, int color, size_t width,
                           mxp_error *error)
{
    const struct report *report = NULL;
    struct str out = {0};
    mxp_status status;

    TRY(status = report_of(&report, run, error));
    const struct page page = {.out = &out,
                              .report = report,
                              .color = color != 0,
                              .width = width < NARROWEST ? NARROWEST
                                       : width > WIDEST  ? WIDEST
                                                         : width};
    TRY(status = write_page(&page, error));
    TRY(status = str_check(&out, error));
    *text = out.text;
    out = (struct str){0};
out:
    str_free(&out);
    return status;
}

void mxp_text_free(char *text)
{
    free(text);
}
