#include "app/report_terms.h"
#include "app/text_table.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 40, NAME_WIDEST = 40, CELLS = 9, HEADING = 24 };

/* A term and how far it is from 0, for sorting. */
struct ranked {
    size_t term;
    double size;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *const x = a, *const y = b;

    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return x->term < y->term ? -1 : x->term > y->term;
}

/* The intercepts and the auxiliary parameters are always shown. */
static double rank(const struct report *report, size_t j)
{
    const mxp_term *const term = &report->term[j];

    if (problem_is_intercept(report->problem, j) || term->auxiliary)
        return INFINITY;
    return isnan(term->sd) || !(term->sd > 0.0) ? 0.0 : fabs(term->estimate) / term->sd;
}

/* The terms to show, at most SHOWN coefficients: all in their order, or the largest, largest first,
 * between the intercepts and the auxiliary parameters. */
static mxp_status choose(size_t **chosen, size_t *count, const struct report *report,
                         mxp_error *error)
{
    struct ranked *ranked = NULL;
    size_t *list = NULL, fixed = 0, next = 0;
    mxp_status status;

    TRY(status = MEM_NEW(&ranked, report->count, error));
    TRY(status = MEM_NEW(&list, report->count, error));
    for (size_t j = 0; j < report->count; j++) {
        ranked[j] = (struct ranked){j, rank(report, j)};
        fixed += isinf(ranked[j].size) != 0;
    }
    const bool all = report->count - fixed <= SHOWN;
    if (!all)
        qsort(ranked, report->count, sizeof *ranked, compare_ranked);
    *count = all ? report->count : fixed + SHOWN;
    /* the intercepts rank first, in their order, then the auxiliary parameters, which go last */
    for (size_t i = 0; i < *count; i++)
        if (all || !report->term[ranked[i].term].auxiliary)
            list[next++] = ranked[i].term;
    for (size_t j = report->coefficients; !all && j < report->count; j++)
        list[next++] = j;
    *chosen = list;
    list = NULL;
out:
    free(list);
    free(ranked);
    return status;
}

/* "0.973"; what rounds to 0 or 1 says so. */
static void probability(char out[TEXT_NUMBER], double p)
{
    if (isnan(p))
        (void)snprintf(out, TEXT_NUMBER, "-");
    else if (p < 0.0005)
        (void)snprintf(out, TEXT_NUMBER, "<0.001");
    else if (p > 0.9995)
        (void)snprintf(out, TEXT_NUMBER, ">0.999");
    else
        (void)snprintf(out, TEXT_NUMBER, "%.3f", p);
}

static void note(char out[TEXT_NUMBER + 32], const struct report *report, size_t j)
{
    const mxp_term *const term = &report->term[j];
    char value[TEXT_NUMBER];

    out[0] = '\0';
    if (term->sd == 0.0)
        (void)snprintf(out, TEXT_NUMBER + 32, "set by constraints");
    if (term->at_bound)
        (void)snprintf(out, TEXT_NUMBER + 32, "at its %s bound", term->at_bound);
    if (!term->at_kink)
        return;
    text_short(value, term->auxiliary ? term->estimate : report_kink(report, j), 5);
    (void)snprintf(out, TEXT_NUMBER + 32, "exactly %s%s", value,
                   term->kink_slack < 0.05 ? ", barely" : "");
}

/* Digits of the sd that are shown; those behind the third are noise where draws made it. */
static int digits(const struct report *report)
{
    return report->draws ? 3 : 4;
}

/* The row's numbers share their decimals: those that show so many digits of the sd. */
static void add_row(struct text_table *table, const struct report *report, size_t j,
                    const char *name)
{
    const mxp_term *const term = &report->term[j];
    const bool standardized = report->model->standardize;
    const int decimals = !(term->sd > 0.0) ? text_decimals(term->estimate, 5)
                                           : text_decimals(term->sd, digits(report));
    char estimate[TEXT_NUMBER], mean[TEXT_NUMBER], sd[TEXT_NUMBER], lower[TEXT_NUMBER],
        upper[TEXT_NUMBER], p[TEXT_NUMBER], scaled[TEXT_NUMBER] = "", words[TEXT_NUMBER + 32];
    const char *cells[CELLS];
    size_t c = 0;

    text_fixed(estimate, term->estimate, decimals);
    if (term->at_kink || term->at_bound)
        text_short(estimate, term->estimate, 5);
    text_fixed(mean, term->mean, decimals);
    text_fixed(sd, term->sd, decimals);
    text_fixed(lower, term->lower, decimals);
    text_fixed(upper, term->upper, decimals);
    probability(p, term->auxiliary ? NAN : term->probability_positive);
    if (standardized && !term->auxiliary && !isnan(term->standardized_estimate))
        text_fixed(scaled, term->standardized_estimate,
                   term->at_kink ? 0 : text_decimals(term->standardized_estimate, 4));
    note(words, report, j);

    cells[c++] = name;
    cells[c++] = estimate;
    if (report->draws)
        cells[c++] = mean;
    cells[c++] = sd;
    cells[c++] = lower;
    cells[c++] = upper;
    cells[c++] = p;
    if (standardized)
        cells[c++] = scaled;
    cells[c++] = words;
    text_table_add(table, cells, term->at_kink != 0);
}

/* lower and upper: headings, which must outlive the table. */
static void set_columns(struct text_table *table, const struct report *report, const char *lower,
                        const char *upper)
{
    size_t c = 0;

    table->column[c++] = (struct text_column){"term", TEXT_LEFT};
    table->column[c++] = (struct text_column){"mode", TEXT_POINT};
    if (report->draws)
        table->column[c++] = (struct text_column){"mean", TEXT_POINT};
    table->column[c++] = (struct text_column){"sd", TEXT_POINT};
    table->column[c++] = (struct text_column){lower, TEXT_POINT};
    table->column[c++] = (struct text_column){upper, TEXT_POINT};
    table->column[c++] = (struct text_column){"P(>0)", TEXT_POINT};
    if (report->model->standardize)
        table->column[c++] = (struct text_column){"mode/std", TEXT_POINT};
    table->column[c++] = (struct text_column){"", TEXT_LEFT};
    table->columns = c;
}

/* What the columns are, in one sentence. */
static void heading(struct str *out, const struct report *report, size_t width)
{
    const char *const kinks = report->has_posterior ? report->posterior.at_kinks : "none";
    struct str text = {0};

    if (!report->has_posterior)
        str_add(&text, "Where the fit stopped; there is no posterior around it.");
    else if (report->posterior.sd_reason)
        str_add(&text, "mode: the MAP estimate.");
    else if (report->draws)
        str_format(&text,
                   "mode: the MAP estimate.  mean, sd and the %g%% interval belong to "
                   "the posterior, whose mean is not its mode: the interval surrounds the mean.",
                   100.0 * report->level);
    else if (strcmp(kinks, "active") == 0)
        str_format(&text,
                   "mode: the MAP estimate.  The sd and the %g%% interval surround the "
                   "mode, given that the terms marked \"exactly\" stay where they are.",
                   100.0 * report->level);
    else
        str_format(&text,
                   "mode: the MAP estimate.  The sd and the %g%% interval surround the "
                   "mode (Laplace approximation, whose mean it is).",
                   100.0 * report->level);
    for (size_t j = 0; j < report->count; j++)
        if (report->term[j].at_bound && report->has_posterior) {
            str_add(&text, "  All of it given that the terms at a bound stay there.");
            break;
        }
    if (report->model->standardize)
        str_add(&text, "  mode/std: on standardized columns, where the priors speak.");
    out->failed |= text.failed;
    if (!text.failed)
        text_wrap(out, "  ", text.text, width);
    str_free(&text);
}

static void put_left_out(struct str *out, const struct report *report, size_t shown)
{
    if (shown < report->count)
        str_format(out, "  the %d largest by |mode|/sd; %zu more in %s\n", SHOWN,
                   report->count - shown, report_writes(report, "csv") ? "terms.csv" : "fit.json");
}

mxp_status report_terms(struct str *out, const struct report *report, bool color, size_t width,
                        mxp_error *error)
{
    struct text_table table = {0};
    size_t *chosen = NULL, count = 0;
    char lower[HEADING], upper[HEADING];
    mxp_status status;

    TRY(status = choose(&chosen, &count, report, error));
    text_bold(out, "Posterior", color);
    str_add(out, "\n");
    heading(out, report, width);
    (void)snprintf(lower, sizeof lower, "lower %g%%", 100.0 * report->level);
    (void)snprintf(upper, sizeof upper, "upper %g%%", 100.0 * report->level);
    set_columns(&table, report, lower, upper);
    for (size_t i = 0; i < count; i++) {
        struct str name = {0};
        text_cut(&name, report->term[chosen[i]].name, (size_t)NAME_WIDEST);
        table.failed |= name.failed;
        if (!table.failed)
            add_row(&table, report, chosen[i], name.text ? name.text : "");
        str_free(&name);
    }
    text_table_print(out, &table, color);
    put_left_out(out, report, count);
    TRY(status = str_check(out, error));
out:
    text_table_free(&table);
    free(chosen);
    return status;
}
