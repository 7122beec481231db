/* The table of a path, what is said about it, and its warnings. */
#include "app/report_path.h"
#include "app/path.h"
#include "app/text_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 13, NUMBERS = 7 }; /* SHOWN: evenly spread points, beside the chosen and the best */

const char *report_path_mark(const mxp_path *path, size_t i)
{
    return i == mxp_path_chosen(path) ? "chosen" : i == mxp_path_min(path) ? "min" : "";
}

const char *report_path_loss(const struct report *report)
{
    return report->problem->quadratic ? "squared error" : "deviance";
}

static bool is_chosen(const mxp_path *path)
{
    return mxp_path_chosen(path) < mxp_path_points(path);
}

/* ---- warnings ---- */

static mxp_status warn_points(struct report *report, const mxp_path *path, mxp_error *error)
{
    const size_t points = mxp_path_points(path);
    size_t failed = 0, first = 0;
    struct str text = {0};

    for (size_t i = points; i-- > 0;)
        if (mxp_path_at(path, i).status != MXP_CONVERGED) {
            failed++;
            first = i;
        }
    if (!failed)
        return MXP_OK;
    str_format(&text, "%zu of %zu points did not converge, the first of them point %zu", failed,
               points, first + 1);
    return report_add_warning(report, "path-not-converged", &text, error);
}

static mxp_status warn_ends(struct report *report, const mxp_path *path, mxp_error *error)
{
    const size_t last = mxp_path_points(path) - 1, chosen = mxp_path_chosen(path);
    struct str text = {0};

    if (!is_chosen(path) || last == 0)
        return MXP_OK;
    if (chosen == 0) {
        str_format(&text,
                   "the first point of the path is chosen, at which what is penalised sits at the "
                   "centre of its prior: out of the folds, no point does clearly better than none "
                   "of these predictors");
        return report_add_warning(report, "path-start", &text, error);
    }
    if (mxp_path_min(path) < last)
        return MXP_OK;
    str_format(&text,
               "the out-of-fold %s is smallest at the last point of the path%s: a smaller penalty "
               "may do better; go on to it by path.ratio",
               report_path_loss(report), chosen == last ? ", which is chosen" : "");
    return report_add_warning(report, "path-end", &text, error);
}

mxp_status report_path_warn(struct report *report, mxp_error *error)
{
    const mxp_path *const path = report->run->followed;

    if (!path || mxp_path_points(path) == 0)
        return MXP_OK;
    const mxp_status status = warn_points(report, path, error);
    return status == MXP_OK ? warn_ends(report, path, error) : status;
}

/* ---- the table ---- */

/* Whether the table has point i: spread evenly, the chosen and the best. */
static bool is_shown(const mxp_path *path, size_t i)
{
    const size_t points = mxp_path_points(path);

    if (points <= SHOWN + 2 || i == mxp_path_chosen(path) || i == mxp_path_min(path))
        return true;
    for (size_t s = 0; s < SHOWN; s++)
        if ((s * (points - 1) + (SHOWN - 1) / 2) / (SHOWN - 1) == i)
            return true;
    return false;
}

static void add_point(struct text_table *table, const mxp_path *path, size_t i)
{
    const mxp_path_point point = mxp_path_at(path, i);
    char number[NUMBERS][TEXT_NUMBER];
    const char *cells[NUMBERS + 1], *mark = report_path_mark(path, i);
    size_t count = 0;

    (void)snprintf(number[0], sizeof number[0], "%zu", i + 1);
    text_significant(number[1], point.lambda, 4);
    text_significant(number[2], point.scale, 4);
    (void)snprintf(number[3], sizeof number[3], "%zu", point.nonzeros);
    text_fixed(number[4], point.deviance_explained, 4);
    text_significant(number[5], point.cv_loss, 5);
    text_significant(number[6], point.cv_se, 3);
    for (; count < table->columns - 1; count++)
        cells[count] = number[count];
    cells[count] = point.status == MXP_CONVERGED ? mark : *mark ? mark : "not converged";
    text_table_add(table, cells, false);
}

static void put_table(const struct page *page, const mxp_path *path)
{
    const bool chosen = is_chosen(path);
    struct text_table table = {.columns = chosen ? 8 : 6,
                               .column = {{"point", TEXT_POINT},
                                          {"lambda", TEXT_POINT},
                                          {"scale", TEXT_POINT},
                                          {"away", TEXT_POINT},
                                          {"explained", TEXT_POINT},
                                          {report_path_loss(page->report), TEXT_POINT},
                                          {"se", TEXT_POINT},
                                          {"", TEXT_LEFT}}};

    if (!chosen)
        table.column[5] = (struct text_column){"", TEXT_LEFT};
    for (size_t i = 0; i < mxp_path_points(path); i++)
        if (is_shown(path, i))
            add_point(&table, path, i);
    text_table_print(page->out, &table, page->color);
    text_table_free(&table);
}

/* ---- facts ---- */

static void put_prior(const struct page *page, const mxp_path *path)
{
    const size_t moving = path->setup->moving;
    const double mix = path->setup->mix1;
    struct str text = {0};

    str_format(&text, "%s on %zu coefficient%s", path_penalty(path), moving,
               moving == 1 ? "" : "s");
    if (mix > 0.0 && mix < 1.0)
        str_format(&text, ", mix %.4g", mix);
    str_add(&text, ": ");
    const struct prior first = path_prior(path, 0);
    report_put_prior(&text, &first);
    if (mxp_path_points(path) > 1) {
        const struct prior last = path_prior(path, mxp_path_points(path) - 1);
        str_add(&text, " to ");
        report_put_prior(&text, &last);
    }
    page_fact(page, "penalty", &text);
}

static void put_certificate(const struct page *page, const mxp_path *path)
{
    const size_t points = mxp_path_points(path);
    size_t converged = 0;
    double kkt = 0.0, gap = NAN;
    char number[TEXT_NUMBER];
    struct str text = {0};

    for (size_t i = 0; i < points; i++) {
        const mxp_path_point point = mxp_path_at(path, i);
        converged += point.status == MXP_CONVERGED;
        kkt = fmax(kkt, point.kkt);
        gap = fmax(gap, point.gap); /* of those that have one */
    }
    text_short(number, kkt, 2);
    str_format(&text, "%zu of %zu points converged: KKT residual %s posterior sds at the worst",
               converged, points, number);
    page_fact(page, "certificate", &text);
    if (isnan(gap))
        return;
    text_short(number, gap, 2);
    str_format(&text, "duality gap %s at the worst, of the loss of the empty model", number);
    page_fact(page, "", &text);
}

static void put_stopped(const struct page *page, const mxp_path *path)
{
    struct str text = {0};

    if (!page->report->run->interrupted)
        return;
    if (mxp_path_points(path) < path->asked)
        str_format(&text, "after %zu of %zu points", mxp_path_points(path), path->asked);
    else
        str_add(&text,
                is_chosen(path) ? "while the chosen point was fitted" : "during cross-validation");
    str_add(&text, "; what was finished is below, and there is no fit");
    page_fact(page, "interrupted", &text);
}

static void put_folds(const struct page *page, const mxp_path *path)
{
    const struct mxp_run *const run = page->report->run;
    const size_t folds = path_folds(run);
    struct str text = {0};

    if (!is_chosen(path))
        return;
    str_format(&text, "%zu", folds);
    if (run->spec.data.groups)
        str_format(&text, ", rows of the same %s together", run->spec.data.groups);
    str_format(&text, "; loss: %s out of the folds, mean over the %s, with its standard error",
               report_path_loss(page->report), page->report->design->trials ? "trials" : "rows");
    page_fact(page, "folds", &text);
}

static void put_choice(const struct page *page, const mxp_path *path)
{
    const size_t chosen = mxp_path_chosen(path), least = mxp_path_min(path);
    const char *const loss = report_path_loss(page->report);
    struct str text = {0};

    if (!is_chosen(path))
        return;
    const mxp_path_point at = mxp_path_at(path, chosen), best = mxp_path_at(path, least);
    const struct prior prior = path_prior(path, chosen);
    str_format(&text, "point %zu, ", chosen + 1);
    report_put_prior(&text, &prior);
    if (page->report->run->spec.path.rule != 0)
        str_format(&text, ": the smallest out-of-fold %s, %.5g", loss, at.cv_loss);
    else if (chosen == least)
        str_format(&text,
                   ": the smallest out-of-fold %s, %.5g; at no larger penalty is it within one "
                   "standard error of that",
                   loss, at.cv_loss);
    else
        str_format(&text,
                   ": the largest penalty whose out-of-fold %s, %.5g, is within one standard error "
                   "of the best, %.5g + %.3g at point %zu",
                   loss, at.cv_loss, best.cv_loss, best.cv_se, least + 1);
    page_fact(page, "chosen", &text);
}

void report_path_text(const struct page *page)
{
    const mxp_path *const path = page->report->run->followed;

    if (!path)
        return;
    page_title(page, "Path");
    put_stopped(page, path);
    put_prior(page, path);
    put_certificate(page, path);
    put_folds(page, path);
    put_choice(page, path);
    str_add(page->out, "\n");
    put_table(page, path);
}
