/* What the reader of predictions should know, in words. */
#include "app/prediction.h"
#include "base/mem.h"
#include "base/str.h"

#include <math.h>
#include <string.h>

struct sink {
    void (*put)(void *context, const char *note);
    void *context;
};

/* Hands a note over, and empties the text. */
static void hand_over(const struct sink *sink, struct str *note)
{
    if (note->failed || note->length)
        sink->put(sink->context, note->failed ? NULL : note->text);
    str_free(note);
    *note = (struct str){0};
}

static void note_rows(const struct sink *sink, const mxp_prediction *p)
{
    const struct selection *const s = &p->encoded->selection;
    struct str note = {0};

    if (s->rows_read == s->rows)
        return;
    str_format(&note, "%zu of %zu rows are left out: missing values in", s->rows_read - s->rows,
               s->rows_read);
    for (size_t i = 0; i < s->missing_columns; i++)
        str_format(&note, "%s \"%s\" (%zu)", i ? "," : "",
                   mxp_table_name(p->table, s->missing[i].column), s->missing[i].count);
    hand_over(sink, &note);
}

/* How many coefficients are held: at kinks, or on bounds. */
static size_t held(const struct fit_file *fit, bool bounds)
{
    size_t count = 0;

    for (size_t j = 0; j < fit->coefficients; j++)
        count += bounds ? fit->parameter[j].at_bound
                        : fit->parameter[j].at_kink && fit->at_kinks == FIT_ACTIVE;
    return count;
}

static void note_posterior(const struct sink *sink, const mxp_prediction *p)
{
    const struct fit_file *const fit = p->fit;
    struct str note = {0};

    if (strcmp(fit->convergence, "converged") != 0)
        str_format(&note, "the fit is marked \"%s\", not converged", fit->convergence);
    hand_over(sink, &note);
    if (!fit->covariance) {
        str_add(&note,
                fit->has_posterior ? "the fit saved no covariance" : "the fit has no posterior");
        str_add(&note, ": sds, intervals and averages over the posterior are empty");
        hand_over(sink, &note);
        return;
    }
    if (fit->at_kinks == FIT_KINK)
        str_add(&note,
                "the posterior has kinks: mean is at the mode, intervals surround the mean of "
                "the posterior's draws, with their covariance");
    hand_over(sink, &note);
    if (held(fit, false))
        str_format(&note,
                   "coefficients at a kink are held there (%zu): sds and intervals leave "
                   "their uncertainty out",
                   held(fit, false));
    hand_over(sink, &note);
    if (held(fit, true))
        str_format(&note,
                   "coefficients on a bound are held there (%zu): sds and intervals leave "
                   "their uncertainty out",
                   held(fit, true));
    hand_over(sink, &note);
}

/* What goes without saying: the family has no such value, or the posterior was said to lack. */
static bool is_plain(enum predict_reason reason)
{
    return reason == PREDICT_KNOWN || reason == PREDICT_CLASSES || reason == PREDICT_NO_CLASSES ||
           reason == PREDICT_SEVERAL || reason == PREDICT_NO_COVARIANCE;
}

static void note_lacking(const struct sink *sink, const mxp_prediction *p)
{
    struct str note = {0};

    for (size_t c = 0; c <= PREDICTION_COLUMNS; c++)
        for (size_t r = 0; r < PREDICT_REASONS; r++) {
            const size_t rows = p->lacking[c][r];
            const char *const name =
                c < PREDICTION_COLUMNS ? p->column[c].name : "the probabilities";
            if (rows == 0 || is_plain((enum predict_reason)r))
                continue;
            if (r == PREDICT_TRIALS && p->observed.no_trials)
                continue;
            str_format(&note, "%s: none in %zu of %zu rows, because %s", name, rows, p->rows,
                       predict_words((enum predict_reason)r));
            hand_over(sink, &note);
        }
}

static void note_classes(const struct sink *sink, const mxp_prediction *p)
{
    struct str note = {0};
    double worst = 0.0;

    if (p->classes == 0)
        return;
    if (p->kind == PREDICTION_AVERAGED && p->fit->family->response == RESPONSE_CLASS)
        str_add(&note, "averaged probabilities of several classes are a rough formula; monte_carlo "
                       "has no such error");
    hand_over(sink, &note);
    if (p->kind != PREDICTION_MONTE_CARLO)
        return;
    for (size_t i = 0; i < p->rows * p->classes; i++)
        worst = fmax(worst, p->deviation[i]);
    str_format(&note, "Monte Carlo error of the probabilities: %.2g at most (%zu draws a row)",
               worst, p->model->samples);
    if (p->outside > 0.0)
        str_format(&note,
                   "; up to %.2g of a row's draws had cutpoints out of order and were left "
                   "out",
                   p->outside);
    hand_over(sink, &note);
}

static void note_observed(const struct sink *sink, const mxp_prediction *p)
{
    const struct fit_response *const response = &p->fit->response;
    const struct prediction_observed *const o = &p->observed;
    struct str note = {0};

    if (o->no_trials)
        str_format(&note,
                   "there is no column \"%s\": without trials there is no sd_predictive, and "
                   "nothing is scored",
                   response->failures ? response->failures : response->trials);
    hand_over(sink, &note);
    if (o->column && o->unweighted)
        str_format(&note, "there is no column \"%s\": the scores are not weighted",
                   p->fit->weights);
    hand_over(sink, &note);
}

static void put_score(struct str *note, const char *name, double value)
{
    if (!isnan(value))
        str_format(note, ", %s %.5g", name, value);
}

static void note_scores(const struct sink *sink, const mxp_prediction *p)
{
    const struct prediction_scores *const s = &p->scores;
    struct str note = {0};

    if (!p->observed.column)
        return;
    str_format(&note, "scores of %zu rows", p->observed.rows);
    if (isnan(s->log_predictive_density))
        str_format(&note, ": log-likelihood %.7g", s->log_likelihood);
    else
        str_format(&note, ": log predictive density %.7g (%.4g %s)", s->log_predictive_density,
                   s->log_predictive_density / s->weight,
                   s->weight == (double)p->observed.rows ? "a row" : "a unit of weight");
    put_score(&note, "RMSE", s->rmse);
    put_score(&note, "Brier", s->brier);
    put_score(&note, "accuracy", s->accuracy);
    put_score(&note, "AUC", s->auc);
    put_score(&note, "calibration error", s->calibration_error);
    hand_over(sink, &note);
}

void prediction_each_note(const mxp_prediction *prediction,
                          void (*put)(void *context, const char *note), void *context)
{
    const struct sink sink = {put, context};

    note_rows(&sink, prediction);
    note_posterior(&sink, prediction);
    note_lacking(&sink, prediction);
    note_classes(&sink, prediction);
    note_observed(&sink, prediction);
    note_scores(&sink, prediction);
}
