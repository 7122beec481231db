/* The second half of the summary: results, warnings, files, what next. */
#include "app/report_page.h"
#include "app/report_penalty.h"
#include "app/text_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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
        page_title(page, title.text);
        report_penalty_text(page->out, &prior, &facts, false, page->width);
    }
    str_free(&title);
    str_free(&name);
}

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
    page_title(page, title);
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
                   page->report->problem->equality
                       ? "log, to compare models with the same flat priors and constraints"
                       : "log, to compare models with the same flat priors");
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
    if (isnan(s->deviance_explained) && !isnan(s->deviance))
        add_number(&table, "deviance", s->deviance, 4, "");
    if (!isnan(s->deviance_explained)) {
        (void)snprintf(words, sizeof words, "deviance %.6g, of %s %.6g", s->deviance,
                       report->model->intercept ? "an intercept alone"
                       : report->design->offset ? "the offset alone"
                                                : "no predictor",
                       s->null_deviance);
        add_number(&table, "explained", s->deviance_explained, 4, words);
    }
    if (!isnan(s->brier)) {
        add_number(&table, "Brier score", s->brier, 4,
                   report->design->label    ? "on these rows, summed over the classes"
                   : report->design->trials ? "on these rows, of a trial"
                                            : "on these rows");
        add_number(&table, "accuracy", s->accuracy, 4,
                   report->design->label ? "on these rows, of the likeliest class"
                                         : "on these rows, cut at 0.5");
    }
    if (!isnan(s->rmse))
        add_number(&table, "RMSE", s->rmse, text_decimals(s->rmse, 5), "on these rows");
    if (!isnan(s->aic)) {
        (void)snprintf(words, sizeof words, "-2 log-likelihood + 2 x %.4g effective parameters%s",
                       s->parameters,
                       strcmp(noise, "fixed") == 0 ? ""
                       : isnan(s->noise_sd)        ? ", the auxiliary ones among them"
                                                   : ", the noise sd among them");
        add_number(&table, "AIC", s->aic, 2, words);
    }
    put_numbers(page, &table, "Fit to the data");
}

static void put_warnings(const struct page *page)
{
    const struct report *const report = page->report;
    bool titled = false;

    for (size_t i = 0; i < report->warnings; i++) {
        if (report->warning[i].aside)
            continue;
        if (!titled)
            page_title(page, "Warnings");
        titled = true;
        text_wrap(page->out, "  ! ", report->warning[i].message, page->width);
    }
}

/* The files of the fit. */
static void put_fit_files(const struct page *page)
{
    const struct report *const report = page->report;
    size_t count = 0;
    const size_t *terms;

    if (report_writes(report, "json"))
        str_add(page->out, " fit.json");
    if (report_writes(report, "csv"))
        str_add(page->out, " terms.csv");
    if (!report_writes(report, "json") || !report->run->posterior)
        return;
    if (mxp_posterior_covariance(report->run->posterior))
        str_add(page->out, " covariance.npy");
    if (mxp_posterior_chosen(&count, &terms, report->run->posterior))
        str_add(page->out, " covariance-terms.npy");
}

static void put_files(const struct page *page)
{
    const struct mxp_run *const run = page->report->run;

    if (!run->written)
        return;
    str_format(page->out, "\nWritten to %s:", run->output_directory);
    if (page->report->term)
        put_fit_files(page);
    if (run->followed)
        str_add(page->out, " path.csv path-coefficients.csv path.svg");
    if (run->followed && mxp_path_min(run->followed) < mxp_path_points(run->followed))
        str_add(page->out, " cv.svg");
    if (run->followed && run->spec.path.held_out && mxp_path_held_out(run->followed))
        str_add(page->out, " held_out.csv");
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

enum { FURTHER = 100 };

/* What to do with a path. */
static void put_next_of_path(const struct page *page, const char *path)
{
    const struct mxp_run *const run = page->report->run;
    const double first = mxp_path_at(run->followed, 0).lambda;
    const double last = mxp_path_at(run->followed, mxp_run_points(run) - 1).lambda;

    if (has_warning(page->report, "path-end") && !run->spec.path.lambdas)
        str_format(page->out, "  further on\n      maxpost path %s --set path.ratio=%.1g\n", path,
                   last / first / FURTHER);
    if (!page->report->term && !run->interrupted)
        str_format(page->out,
                   "  choose a point by cross-validation, and fit it\n      maxpost path %s --set "
                   "path.folds=10\n",
                   path);
}

static void put_next(const struct page *page)
{
    const struct report *const report = page->report;
    const char *const path = report->run->path;
    const char *const command = report->run->follows ? "path" : "fit";

    page_title(page, "Next");
    if (report->run->followed)
        put_next_of_path(page, path);
    if (report->fit.status == MXP_ITERATION_LIMIT)
        str_format(page->out,
                   "  more iterations\n      maxpost %s %s --set fit.max_iterations=%zu\n", command,
                   path, 10 * (report->fit.iterations + 100));
    if (has_warning(report, "scale-mismatch"))
        str_format(page->out,
                   "  the same prior on columns of sd 1\n      maxpost %s %s --set "
                   "model.standardize=true\n",
                   command, path);
    if (report->draws && report->at_kink)
        str_format(page->out,
                   "  intervals given that the others stay where they are\n      maxpost %s %s "
                   "--set laplace.at_kinks=active\n",
                   command, path);
    put_conversion(page);
    str_format(page->out, "  the result as a document\n      maxpost %s %s --json\n", command,
               path);
}

void page_results(const struct page *page)
{
    put_posterior(page);
    put_fit(page);
    put_penalties(page);
}

void page_end(const struct page *page)
{
    put_warnings(page);
    put_files(page);
    put_next(page);
}
