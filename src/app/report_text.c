/* The summary of a fit on the terminal. */
#include "app/report.h"
#include "app/report_penalty.h"
#include "app/report_terms.h"
#include "app/text_table.h"
#include "io/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NARROWEST = 60, WIDEST = 100, NAMED = 8, PRIORS_SHOWN = 8 };

/* Where a report is written, and how. */
struct page {
    struct str *out;
    const struct report *report;
    bool color;
    size_t width;
};

/* A label in its own column, then text, wrapped. */
static void put_fact(const struct page *page, const char *label, struct str *text)
{
    char first[32];

    (void)snprintf(first, sizeof first, "  %-12s ", label);
    page->out->failed |= text->failed;
    if (!text->failed && text->length)
        text_wrap(page->out, first, text->text, page->width);
    str_free(text);
}

static void put_title(const struct page *page, const char *title)
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

static void put_response(const struct page *page)
{
    const struct design *const design = page->report->design;
    char mean[TEXT_NUMBER], sd[TEXT_NUMBER];
    struct str text = {0};

    text_short(mean, design->y_mean, 5);
    text_short(sd, design->y_sd, 5);
    if (page->report->problem->family == &family_bernoulli)
        str_format(&text, "%s, share of 1s %s", design->response_name, mean);
    else
        str_format(&text, "%s, mean %s, sd %s", design->response_name, mean, sd);
    put_fact(page, "response", &text);
}

static void put_model(const struct page *page)
{
    const struct report *const report = page->report;
    const size_t predictors = report->design->columns;
    struct str text = {0};

    str_format(&text, "%s, %s link; %zu predictor%s%s%s", report->problem->family->name,
               report->problem->family->links[report->problem->link], predictors,
               plural(predictors), report->model->intercept ? " and an intercept" : "",
               report->model->standardize ? "; columns standardized" : "");
    if (report->design->offset)
        str_format(&text, "; offset %s", report->run->spec.data.offset);
    put_fact(page, "model", &text);
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
    put_fact(page, "rows", &text);
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
    put_fact(page, "penalty", &text);
}

/* One prior and the terms from `first` on that have it. */
static void put_prior_line(const struct page *page, size_t first, bool *done)
{
    const struct report *const report = page->report;
    const struct prior *const prior =
        first < report->problem->d ? &report->problem->parameter[first].prior : NULL;
    struct str label = {0}, name = {0}, text = {0};

    if (prior)
        report_put_prior(&name, prior);
    else
        str_add(&name, report->term[first].prior);
    str_format(&label, "  %-22s ", name.text ? name.text : "");
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
    put_title(page, report->model->standardize ? "Priors, on standardized columns" : "Priors");
    put_declared_penalty(page);
    put_prior_lines(page, done);
    if (report->model->scale_by_noise)
        str_add(page->out, "  scales of gaussian and laplace are multiples of the noise sd\n");
    free(done);
}

/* The shared prior of the coefficients, where tools have a penalty that equals it: all shrink
 * towards 0. */
static bool shared_penalty(struct prior *prior, struct penalty_facts *facts,
                           const struct report *report)
{
    return report_weights_prior(prior, facts, report) && facts->phi > 0.0 &&
           prior->row->location(prior->a) == 0.0;
}

static void put_penalties(const struct page *page)
{
    const struct report *const report = page->report;
    struct penalty_facts facts;
    struct prior prior;
    struct str title = {0}, name = {0};

    if (!shared_penalty(&prior, &facts, report))
        return;
    report_put_prior(&name, &prior);
    str_format(&title, "Penalties that equal %s", name.text ? name.text : "");
    if (report->problem->family->phi == PHI_NOISE_VARIANCE)
        str_format(&title, " at noise sd %.5g", report->scores.noise_sd);
    if (report->model->standardize)
        str_add(&title, ", columns standardized");
    page->out->failed |= title.failed || name.failed;
    if (!page->out->failed) {
        put_title(page, title.text);
        report_penalty_text(page->out, &prior, &facts, false, page->width);
    }
    str_free(&title);
    str_free(&name);
}

/* ---- numbers of the fit ---- */

/* A line of the table of numbers: label, value, words. */
static void add_number(struct text_table *table, const char *label, double value, int decimals,
                       const char *words)
{
    char number[TEXT_NUMBER];
    const char *cells[3] = {label, number, words};

    text_fixed(number, value, decimals);
    text_table_add(table, cells, false);
}

static void put_numbers(const struct page *page, struct text_table *table, const char *title)
{
    put_title(page, title);
    text_table_print(page->out, table, page->color);
    text_table_free(table);
}

static void put_posterior(const struct page *page)
{
    const mxp_fit_info *const fit = &page->report->fit;
    const mxp_posterior_info *const posterior = &page->report->posterior;
    struct text_table table = {.columns = 3,
                               .column = {{"", TEXT_LEFT}, {"", TEXT_POINT}, {"", TEXT_LEFT}}};

    add_number(&table, "log-likelihood", fit->log_likelihood, 4, "");
    add_number(&table, "log-prior", fit->log_prior, 4, "");
    add_number(&table, "their sum", fit->log_likelihood + fit->log_prior, 4,
               "unnormalised log posterior at the mode");
    if (page->report->has_posterior && !isnan(posterior->log_evidence))
        add_number(&table, "log evidence", posterior->log_evidence, 4,
                   fit->status == MXP_CONVERGED ? "Laplace approximation"
                                                : "of no meaning where the fit is not at a mode");
    else if (page->report->has_posterior && !isnan(posterior->log_evidence_relative))
        add_number(&table, "evidence", posterior->log_evidence_relative, 4,
                   "log, to compare models with the same flat priors");
    put_numbers(page, &table, "Log posterior");
    if (page->report->has_posterior && isnan(posterior->log_evidence))
        text_wrap(page->out, "  log evidence    none: ",
                  posterior->log_evidence_reason ? posterior->log_evidence_reason : "not known",
                  page->width);
}

static void put_fit(const struct page *page)
{
    const struct report *const report = page->report;
    const struct report_scores *const s = &report->scores;
    const char *const noise = report->problem->plugged_in ? "from the residuals of this fit"
                              : report->coefficients < report->count ? "estimated"
                                                                     : "fixed";
    struct text_table table = {.columns = 3,
                               .column = {{"", TEXT_LEFT}, {"", TEXT_POINT}, {"", TEXT_LEFT}}};
    char words[160];

    if (!isnan(s->r_squared))
        add_number(&table, "R^2", s->r_squared, 4,
                   report->model->intercept ? "" : "about 0, as there is no intercept");
    if (!isnan(s->noise_sd))
        add_number(&table, "noise sd", s->noise_sd, text_decimals(s->noise_sd, 5), noise);
    if (!isnan(s->deviance_explained)) {
        (void)snprintf(words, sizeof words, "deviance %.6g, of %s alone %.6g", s->deviance,
                       report->model->intercept ? "an intercept" : "the offset", s->null_deviance);
        add_number(&table, "explained", s->deviance_explained, 4, words);
    }
    if (!isnan(s->brier)) {
        add_number(&table, "Brier score", s->brier, 4, "on these rows");
        add_number(&table, "accuracy", s->accuracy, 4, "on these rows, cut at 0.5");
    }
    if (!isnan(s->rmse))
        add_number(&table, "RMSE", s->rmse, text_decimals(s->rmse, 5), "on these rows");
    if (!isnan(s->aic)) {
        (void)snprintf(
            words, sizeof words, "-2 log-likelihood + 2 x %.4g effective parameters%s",
            s->parameters,
            isnan(s->noise_sd) || strcmp(noise, "fixed") == 0 ? "" : ", the noise sd among them");
        add_number(&table, "AIC", s->aic, 2, words);
    }
    put_numbers(page, &table, "Fit to the data");
}

/* ---- certificate, warnings, files, what next ---- */

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
    put_fact(page, "certificate", &text);

    str_format(&text, "%s", fit->method);
    if (fit->method_reason && *fit->method_reason)
        str_format(&text, " (%s)", fit->method_reason);
    str_format(&text, "; %zu iteration%s, %zu pass%s over the data", fit->iterations,
               plural(fit->iterations), fit->passes, fit->passes == 1 ? "" : "es");
    put_fact(page, "method", &text);
}

static void put_approximation(const struct page *page)
{
    const mxp_posterior_info *const posterior = &page->report->posterior;
    struct str text = {0};

    if (!page->report->has_posterior)
        return;
    str_format(&text, "Laplace, %s %s", posterior->structure, posterior->curvature);
    if (page->report->draws)
        str_format(&text,
                   "; kinked priors kept exact by %zu draws (effective %.0f, R-hat %.3f at the "
                   "worst)",
                   posterior->samples, posterior->ess, posterior->r_hat);
    else if (strcmp(posterior->at_kinks, "active") == 0)
        str_add(&text, "; conditional on the terms at their kink");
    if (strcmp(posterior->auxiliary, "none") != 0 && strcmp(posterior->auxiliary, "fixed") != 0)
        str_format(&text, "; noise sd %s",
                   strcmp(posterior->auxiliary, "plugged_in") == 0
                       ? "from the residuals, its uncertainty left out"
                       : posterior->auxiliary);
    if (strcmp(posterior->scale, "none") != 0)
        str_format(&text, "; mode taken on the %s scale", posterior->scale);
    put_fact(page, "posterior", &text);
}

static void put_warnings(const struct page *page)
{
    const struct report *const report = page->report;
    bool titled = false;

    for (size_t i = 0; i < report->warnings; i++) {
        if (report->warning[i].aside)
            continue;
        if (!titled)
            put_title(page, "Warnings");
        titled = true;
        text_wrap(page->out, "  ! ", report->warning[i].message, page->width);
    }
}

static void put_files(const struct page *page)
{
    const struct report *const report = page->report;

    if (!report->run->written)
        return;
    str_format(page->out, "\nWritten to %s:", report->run->output_directory);
    if (report_writes(report, "json"))
        str_add(page->out, " fit.json");
    if (report_writes(report, "csv"))
        str_add(page->out, " terms.csv");
    if (report_writes(report, "json") && report->run->posterior &&
        mxp_posterior_covariance(report->run->posterior))
        str_add(page->out, " covariance.npy");
    str_add(page->out, "\n");
}

static bool has_warning(const struct report *report, const char *code)
{
    for (size_t i = 0; i < report->warnings; i++)
        if (strcmp(report->warning[i].code, code) == 0)
            return true;
    return false;
}

static void put_conversion(const struct page *page)
{
    struct penalty_facts facts;
    struct prior prior;

    if (!shared_penalty(&prior, &facts, page->report))
        return;
    str_add(page->out,
            "  this prior in glmnet, sklearn and others\n      maxpost convert --prior '");
    prior_format(page->out, &prior);
    str_format(page->out, "' --rows %.10g", facts.weight_sum);
    if (facts.family->phi == PHI_NOISE_VARIANCE)
        str_format(page->out, " --noise-sd %.6g", sqrt(facts.phi));
    else
        str_format(page->out, " --family %s", facts.family->name);
    str_add(page->out, "\n");
}

static void put_next(const struct page *page)
{
    const struct report *const report = page->report;
    const char *const path = report->run->path;

    put_title(page, "Next");
    if (report->fit.status == MXP_ITERATION_LIMIT)
        str_format(page->out,
                   "  more iterations\n      maxpost fit %s --set fit.max_iterations=%zu\n", path,
                   10 * (report->fit.iterations + 100));
    if (has_warning(report, "scale-mismatch"))
        str_format(page->out,
                   "  the same prior on columns of sd 1\n      maxpost fit %s --set "
                   "model.standardize=true\n",
                   path);
    if (report->draws && report->at_kink)
        str_format(page->out,
                   "  intervals given that the others stay where they are\n      maxpost fit %s "
                   "--set laplace.at_kinks=active\n",
                   path);
    put_conversion(page);
    str_format(page->out, "  the result as a document\n      maxpost fit %s --json\n", path);
}

static mxp_status write_page(const struct page *page, mxp_error *error)
{
    mxp_status status;

    text_bold(page->out, page->report->model->name, page->color);
    str_add(page->out, "\n");
    put_response(page);
    put_model(page);
    put_rows(page);
    put_certificate(page);
    put_approximation(page);
    put_priors(page);
    str_add(page->out, "\n");
    TRY(status = report_terms(page->out, page->report, page->color, page->width, error));
    put_posterior(page);
    put_fit(page);
    put_penalties(page);
    put_warnings(page);
    put_files(page);
    put_next(page);
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
