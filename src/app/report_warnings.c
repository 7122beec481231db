/* What the reader of a fit should know, in words. */
#include "app/report.h"
#include "app/report_groups.h"
#include "app/text_table.h"
#include "base/mem.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NAMED = 4 }; /* terms that a message names */

#define SLACK_LIMIT 0.05 /* of a kink, in units of its weight */
#define SCALE_RATIO 10.0 /* of column sds under one prior */
#define CONDITION_LIMIT 1e10
#define R_HAT_LIMIT 1.01
#define ESS_LIMIT 400.0

/* A warning that is being written. */
struct draft {
    struct report *report;
    mxp_error *error;
    mxp_status status;
};

/* Adds a warning about the terms for which wanted[j] is set (NULL: none); takes the message. */
static void add(struct draft *draft, const char *code, struct str *message, const bool *wanted)
{
    struct report *const report = draft->report;
    struct report_warning warning = {.code = code};

    if (draft->status == MXP_OK)
        draft->status = str_check(message, draft->error);
    if (draft->status == MXP_OK)
        draft->status = mem_grow(&report->warning, &report->warning_capacity, report->warnings + 1,
                                 sizeof warning, draft->error);
    if (draft->status == MXP_OK && wanted) {
        draft->status = MEM_NEW(&warning.terms, report->count, draft->error);
        for (size_t j = 0; draft->status == MXP_OK && j < report->count; j++)
            if (wanted[j])
                warning.terms[warning.count++] = j;
    }
    if (draft->status != MXP_OK) {
        str_free(message);
        return;
    }
    warning.message = message->text;
    report->warning[report->warnings++] = warning;
}

/* Names of the wanted terms: "a, b, c, d and 6 more". */
static void put_names(struct str *out, const struct report *report, const bool *wanted)
{
    size_t count = 0, named = 0;

    for (size_t j = 0; j < report->count; j++)
        count += wanted[j];
    const size_t most = count > NAMED + 1 ? NAMED : count;
    for (size_t j = 0; j < report->count && named < most; j++) {
        if (!wanted[j])
            continue;
        const bool last = named + 1 == count && named > 0;
        str_format(out, "%s%s", named == 0 ? "" : last ? " and " : ", ", report->term[j].name);
        named++;
    }
    if (named < count)
        str_format(out, " and %zu more", count - named);
}

static void warn_convergence(struct draft *draft)
{
    const mxp_fit_info *const fit = &draft->report->fit;
    const mxp_run *const run = draft->report->run;
    char tolerance[TEXT_NUMBER];
    struct str text = {0};

    if (fit->status == MXP_CONVERGED || fit->status == MXP_EVALUATED)
        return;
    text_short(tolerance, run->spec.fit.tolerance, 3);
    str_format(&text,
               "the fit did not converge (%s): its largest residual is %.3g posterior sds, the "
               "tolerance %s; do not use these numbers as a mode",
               fit->status_text, fit->kkt, tolerance);
    if (fit->status == MXP_ITERATION_LIMIT)
        str_format(&text, "; fit.max_iterations is %zu", (size_t)run->spec.fit.max_iterations);
    add(draft, "not-converged", &text, NULL);
}

/* The coefficient in which the best two modes differ most, in posterior sds where there are any. */
static size_t most_different(const struct report *report)
{
    size_t most = 0;
    double furthest = -1.0;

    for (size_t j = 0; j < report->count; j++) {
        const double a = mxp_solution_mode_estimate(report->run->solution, 0, j);
        const double b = mxp_solution_mode_estimate(report->run->solution, 1, j);
        const double sd = report->term[j].sd;
        const double apart = fabs(a - b) / (sd > 0.0 ? sd : fmax(fabs(a) + fabs(b), 1e-300));
        if (apart > furthest) {
            furthest = apart;
            most = j;
        }
    }
    return most;
}

/* Modes of coefficients: heavy tails of priors or of the family. */
static void describe_modes(struct str *text, const struct report *report, size_t shown)
{
    const size_t j = most_different(report);

    str_format(text, "the posterior has %zu modes, at %s", report->fit.modes, report->term[j].name);
    for (size_t i = 0; i < report->fit.modes && i < shown; i++) {
        double objective, noise_sd;
        mxp_solution_mode(&objective, &noise_sd, report->run->solution, i);
        str_format(text, "%s %.4g (objective %.8g)", i ? "," : "",
                   mxp_solution_mode_estimate(report->run->solution, i, j), objective);
    }
    str_add(text, "; the best is reported, and its sds know nothing of the others");
}

static void warn_modes(struct draft *draft)
{
    enum { SHOWN = 4 };
    const struct report *const report = draft->report;
    struct str text = {0};

    if (report->fit.modes < 2)
        return;
    const struct mxp_problem *const problem = report->problem;
    if (problem->heavy || !(problem->quadratic || problem->family->piecewise_linear)) {
        describe_modes(&text, report, SHOWN);
        add(draft, "several-modes", &text, NULL);
        return;
    }
    const char *const noise = problem->r ? problem->parameter[problem->k].name : "noise_sd";
    const bool sd = problem->family->phi == PHI_NOISE_VARIANCE;
    str_format(&text, "the posterior has %zu modes, at noise %s", report->fit.modes,
               sd ? "sd" : "scale");
    for (size_t i = 0; i < report->fit.modes && i < SHOWN; i++) {
        double objective, noise_sd;
        mxp_solution_mode(&objective, &noise_sd, report->run->solution, i);
        str_format(&text, "%s %.4g (objective %.8g)", i ? "," : "", noise_sd, objective);
    }
    str_format(&text, "; the best is reported.  Fix %s, or give it a prior, to choose", noise);
    add(draft, "several-modes", &text, NULL);
}

static void warn_unique(struct draft *draft)
{
    struct str text = {0};

    if (!draft->report->fit.not_unique)
        return;
    str_add(&text, "the mode is not unique: other coefficients have exactly the same posterior "
                   "density, as any point between the two middle values is a median; one of them "
                   "is reported");
    add(draft, "not-unique", &text, NULL);
}

static void warn_rows(struct draft *draft)
{
    const struct design *const design = draft->report->design;
    const struct selection *const missing = &design->encoded->selection;
    struct str text = {0};

    if (design->rows_dropped == 0)
        return;
    str_format(&text, "%zu of %zu rows were dropped for missing values (", design->rows_dropped,
               design->rows_read);
    for (size_t i = 0; i < missing->missing_columns && i < NAMED; i++)
        str_format(&text, "%s%s %zu", i ? ", " : "",
                   mxp_table_name(design->table, missing->missing[i].column),
                   missing->missing[i].count);
    if (missing->missing_columns > NAMED)
        str_format(&text, " and %zu more columns", missing->missing_columns - NAMED);
    str_add(&text, "); if missingness depends on the response, the estimates are biased");
    add(draft, "rows-dropped", &text, NULL);
}

/* The sd of the coefficient's column; NAN for intercepts and auxiliary parameters. */
static double column_sd(const struct report *report, size_t j)
{
    const struct mxp_problem *const problem = report->problem;

    return j >= problem->k || problem_is_intercept(problem, j)
               ? NAN
               : report->design->sd[problem->parameter[j].column];
}

static void warn_constant(struct draft *draft, bool *wanted)
{
    const struct report *const report = draft->report;
    struct str text = {0};
    size_t count = 0;

    for (size_t j = 0; j < report->count; j++) {
        wanted[j] = column_sd(report, j) == 0.0;
        count += wanted[j];
    }
    if (count == 0)
        return;
    str_add(&text, "constant in these rows: ");
    put_names(&text, report, wanted);
    str_format(&text, "; the data say nothing about %s apart from the intercept",
               count == 1 ? "its coefficient" : "their coefficients");
    add(draft, "constant-column", &text, wanted);
}

/* One zero-mean prior over the columns of very different sds that it was stated for at once. */
static bool mismatch(struct draft *draft, const struct prior *prior, bool *wanted)
{
    const struct report *const report = draft->report;
    const struct mxp_problem *const problem = report->problem;
    size_t small = SIZE_MAX, large = SIZE_MAX;
    struct str text = {0};

    if ((prior->row->flags & PRIOR_IMPROPER) || prior->row->location(prior->a) != 0.0)
        return false;
    memset(wanted, 0, report->count * sizeof *wanted);
    for (size_t j = 0; j < problem->k; j++) {
        const double sd = column_sd(report, j);
        if (!(sd > 0.0) || !report_same_prior(&problem->parameter[j].prior, prior))
            continue;
        wanted[j] = true;
        if (small == SIZE_MAX || sd < column_sd(report, small))
            small = j;
        if (large == SIZE_MAX || sd > column_sd(report, large))
            large = j;
    }
    if (small == SIZE_MAX || column_sd(report, large) <= SCALE_RATIO * column_sd(report, small))
        return false;
    str_add(&text, "one prior, ");
    report_put_prior(&text, prior);
    str_format(&text,
               ", covers columns of very different spread (sd of %s %.3g, of %s %.3g): it shrinks "
               "the coefficients of the narrow ones much more.  standardize: true makes it speak "
               "about columns of sd 1",
               report->term[small].name, column_sd(report, small), report->term[large].name,
               column_sd(report, large));
    add(draft, "scale-mismatch", &text, wanted);
    return true;
}

static void warn_scales(struct draft *draft, bool *wanted)
{
    const struct report *const report = draft->report;
    const struct mxp_model *const model = report->model;
    const struct mxp_problem *const problem = report->problem;

    if (model->standardize)
        return;
    for (size_t j = 0; model->has_penalty && j < problem->k; j++)
        if (!problem_is_intercept(problem, j)) {
            (void)mismatch(draft, &problem->parameter[j].prior, wanted);
            break;
        }
    if (model->has_penalty)
        return;
    if (model->weights_prior.stated && mismatch(draft, &model->weights_prior.prior, wanted))
        return;
    for (size_t i = 0; i < model->rule_count; i++)
        if (str_has_wildcard(model->rules[i].selector) &&
            mismatch(draft, &model->rules[i].prior, wanted))
            return;
}

static void warn_zero(struct draft *draft, bool *wanted)
{
    const struct report *const report = draft->report;
    struct str text = {0};
    size_t example = SIZE_MAX, count = 0;

    for (size_t j = 0; j < report->count; j++) {
        wanted[j] = report->term[j].at_kink && report->term[j].estimate == 0.0;
        count += wanted[j];
        if (wanted[j] && !isnan(report->term[j].lower) &&
            (example == SIZE_MAX || report->term[j].sd > report->term[example].sd))
            example = j;
    }
    if (count == 0)
        return;
    str_format(&text, "a mode of exactly 0 does not mean \"no effect\": ");
    put_names(&text, report, wanted);
    if (example != SIZE_MAX)
        str_format(&text, ".  The %g%% interval of %s, for one, is %.4g to %.4g",
                   100.0 * report->level, report->term[example].name, report->term[example].lower,
                   report->term[example].upper);
    else
        str_format(&text, ".  Here they are held at 0, so that they have no interval%s",
                   report->problem->grouped ? "" : " (laplace.at_kinks: kink gives one)");
    add(draft, "zero-mode", &text, wanted);
}

static void warn_unstable(struct draft *draft, bool *wanted)
{
    const struct report *const report = draft->report;
    struct str text = {0};
    size_t count = 0;

    for (size_t j = 0; j < report->count; j++) {
        wanted[j] = report->term[j].at_kink && report->term[j].kink_slack < SLACK_LIMIT;
        count += wanted[j];
    }
    if (count == 0)
        return;
    str_add(&text, "unstable selection: ");
    put_names(&text, report, wanted);
    str_format(&text, " %s within %g%% of leaving %s kink, so a few other rows could select %s",
               count == 1 ? "is" : "are", 100.0 * SLACK_LIMIT, count == 1 ? "its" : "their",
               count == 1 ? "it" : "them");
    add(draft, "unstable-selection", &text, wanted);
}

/* Intervals that reach beyond their prior's bounds: a normal distribution knows none. */
static void warn_beyond(struct draft *draft, bool *wanted)
{
    const struct report *const report = draft->report;
    const struct mxp_problem *const problem = report->problem;
    struct str text = {0};
    size_t count = 0;

    for (size_t j = 0; j < report->count; j++) {
        const bool skipped = j >= problem->k || !problem->parameter[j].prior.bounded ||
                             (problem_is_intercept(problem, j) && report->model->standardize);
        const double scale = skipped ? 1.0 : problem->parameter[j].scale;
        wanted[j] = !skipped && (report->term[j].lower * scale < problem_lower(problem, j) ||
                                 report->term[j].upper * scale > problem_upper(problem, j));
        count += wanted[j];
    }
    if (count == 0)
        return;
    str_format(&text, "the interval%s of ", count == 1 ? "" : "s");
    put_names(&text, report, wanted);
    str_format(&text,
               " reach%s beyond the bounds of the prior, of which a normal distribution knows "
               "nothing: only the part inside counts",
               count == 1 ? "es" : "");
    add(draft, "beyond-bounds", &text, wanted);
}

/* Priors along a factor follow the order of its levels, which is that of the alphabet by default. */
static void warn_order(struct draft *draft)
{
    const char *const factor = report_unordered(draft->report);
    struct str text = {0};

    if (!factor)
        return;
    str_format(
        &text,
        "the prior along %s takes its levels in the order of the alphabet, because the model "
        "states none; if that is not their order, add  levels: {%s: [...]}",
        factor, factor);
    add(draft, "alphabetical-order", &text, NULL);
}

static void warn_improper(struct draft *draft, bool *wanted)
{
    const struct report *const report = draft->report;
    struct str text = {0};
    size_t count = 0;

    for (size_t j = 0; j < report->count; j++) {
        wanted[j] = j < report->problem->d &&
                    report->problem->parameter[j].group == PROBLEM_ALONE &&
                    problem_is_flat(report->problem, j);
        count += wanted[j];
    }
    const char *const why = report->problem->not_normalised;
    if ((count == 0 && !why) || !report->has_posterior)
        return;
    str_format(&text, "no log evidence: %s", count ? "the prior is improper (flat) for " : why);
    if (count)
        put_names(&text, report, wanted);
    const size_t before = report->warnings;
    add(draft, "improper-prior", &text, wanted);
    if (report->warnings > before)
        report->warning[before].aside = true;
}

static void warn_numerics(struct draft *draft)
{
    const struct report *const report = draft->report;
    const mxp_posterior_info *const posterior = &report->posterior;
    struct str text = {0}, sampling = {0};

    if (report->fit.condition > CONDITION_LIMIT) {
        str_format(&text,
                   "nearly dependent columns: the scaled Hessian has condition number %.1e, so "
                   "that single coefficients are poorly determined",
                   report->fit.condition);
        add(draft, "ill-conditioned", &text, NULL);
    }
    if (report->draws && (posterior->r_hat > R_HAT_LIMIT || posterior->ess < ESS_LIMIT)) {
        str_format(&sampling,
                   "the draws behind means, sds and intervals are few: effective sample size "
                   "%.0f, R-hat %.3f at the worst.  Raise laplace.samples (now %zu)",
                   posterior->ess, posterior->r_hat, posterior->samples);
        add(draft, "few-draws", &sampling, NULL);
    }
    if (!report->has_posterior) {
        struct str none = {0};
        str_add(&none, "no posterior: the Hessian where the fit stopped is not positive definite");
        add(draft, "no-posterior", &none, NULL);
    }
}

mxp_status report_add_warning(struct report *report, const char *code, struct str *message,
                              mxp_error *error)
{
    struct draft draft = {report, error, MXP_OK};

    add(&draft, code, message, NULL);
    return draft.status;
}

mxp_status report_warn(struct report *report, mxp_error *error)
{
    struct draft draft = {report, error, MXP_OK};
    bool *wanted = NULL;

    mxp_status status = MEM_NEW(&wanted, report->count, error);
    if (status != MXP_OK)
        return status;
    warn_convergence(&draft);
    warn_numerics(&draft);
    warn_modes(&draft);
    warn_unique(&draft);
    warn_rows(&draft);
    warn_constant(&draft, wanted);
    warn_scales(&draft, wanted);
    warn_zero(&draft, wanted);
    warn_unstable(&draft, wanted);
    warn_beyond(&draft, wanted);
    warn_order(&draft);
    warn_improper(&draft, wanted);
    free(wanted);
    return draft.status;
}
