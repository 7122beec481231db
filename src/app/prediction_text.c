/* Predictions as texts: a table, a document, notes. */
#include "app/prediction.h"
#include "app/report.h"
#include "app/text_csv.h"
#include "base/str.h"
#include "io/json.h"

#include <math.h>

/* Gives a finished text away. */
static mxp_status give(char **text, struct str *out, mxp_error *error)
{
    const mxp_status status = str_check(out, error);

    if (status == MXP_OK) {
        *text = out->text;
        *out = (struct str){0};
    }
    str_free(out);
    return status;
}

mxp_status mxp_prediction_csv(char **text, const mxp_prediction *prediction, mxp_error *error)
{
    const mxp_prediction *const p = prediction;
    struct str out = {0};

    for (size_t c = 0; c < p->columns; c++) {
        str_add(&out, c ? "," : "");
        text_csv_field(&out, p->column[c].name);
    }
    str_add(&out, "\n");
    for (size_t i = 0; i < p->rows; i++) {
        for (size_t c = 0; c < p->columns; c++) {
            str_add(&out, c ? "," : "");
            text_csv_number(&out, p->column[c].values[i]);
        }
        str_add(&out, "\n");
    }
    return give(text, &out, error);
}

static void put_note_line(void *context, const char *note)
{
    struct str *const out = context;

    if (note)
        str_format(out, "%s\n", note);
    else
        out->failed = true;
}

mxp_status mxp_prediction_notes(char **text, const mxp_prediction *prediction, mxp_error *error)
{
    struct str out = {0};

    str_add(&out, "");
    prediction_each_note(prediction, put_note_line, &out);
    return give(text, &out, error);
}

/* ---- the document ---- */

static void put_note(void *context, const char *note)
{
    struct json *const json = context;

    json_add_text(json, NULL, note);
    json->out->failed |= note == NULL;
}

static void put_head(struct json *json, const mxp_prediction *p)
{
    const struct selection *const selection = &p->encoded->selection;

    json_add_integer(json, "maxpost", REPORT_FORMAT);
    json_add_text(json, "program", "maxpost " MXP_VERSION);
    json_add_text(json, "fit", p->fit->path);
    json_add_text(json, "model", p->fit->model);
    json_add_text(json, "family", p->fit->family->name);
    json_add_text(json, "link", p->fit->family->links[p->fit->link]);
    json_add_text(json, "data", p->data);
    json_add_text(json, "response", p->fit->response.column);
    json_add_integer(json, "rows", (int64_t)p->rows);
    json_add_integer(json, "rows_read", (int64_t)selection->rows_read);
    json_add_integer(json, "rows_dropped", (int64_t)(selection->rows_read - selection->rows));
    json_add_number(json, "level", p->level, NULL);
    if (p->classes)
        json_add_text(json, "probabilities", prediction_kinds[p->kind]);
    else
        json_add_null(json, "probabilities", "the response is not a class");
    json_open_array(json, "notes");
    prediction_each_note(p, put_note, json);
    json_close(json);
}

/* Arrays, one a column of the table. */
static void put_table(struct json *json, const mxp_prediction *p)
{
    json_open_object(json, "predictions");
    for (size_t c = 0; c < p->columns; c++)
        json_add_numbers(json, p->column[c].name, p->column[c].values, p->rows);
    json_close(json);
    if (!p->deviation)
        return;
    json_open_object(json, "monte_carlo_error");
    for (size_t c = 0; c < p->classes; c++)
        json_add_numbers(json, p->column[PREDICTION_COLUMNS + prediction_label(p, c)].name,
                         p->deviation + c * p->rows, p->rows);
    json_close(json);
}

static void put_calibration(struct json *json, const struct prediction_scores *s)
{
    const char *const none = "does not apply to this family";

    json_add_number(json, "calibration_error", s->calibration_error, none);
    if (!s->binary) {
        json_add_null(json, "calibration", none);
        return;
    }
    json_open_array(json, "calibration");
    for (size_t b = 0; b < SCORES_BINS; b++) {
        const struct scores_bin *const bin = &s->bin[b];
        json_open_object(json, NULL);
        json_add_number(json, "low", bin->low, NULL);
        json_add_number(json, "high", bin->high, NULL);
        json_add_integer(json, "rows", (int64_t)bin->rows);
        json_add_number(json, "weight", bin->weight, NULL);
        json_add_number(json, "probability", bin->probability, "no row is in the bin");
        json_add_number(json, "observed", bin->observed, "no row is in the bin");
        json_close(json);
    }
    json_close(json);
}

static void put_scores(struct json *json, const mxp_prediction *p)
{
    const struct prediction_scores *const s = &p->scores;
    const char *const none = "does not apply to this family, or a prediction is missing";
    const double density = s->log_predictive_density;
    const char *const no_density =
        isinf(density) ? "is infinite" : "not averaged: see the notes on the posterior";

    if (!p->observed.column) {
        json_add_null(json, "scores", "the data do not have the response");
        return;
    }
    json_open_object(json, "scores");
    json_add_integer(json, "rows", (int64_t)p->observed.rows);
    json_add_number(json, "weight", s->weight, NULL);
    json_add_number(json, "log_predictive_density", density, no_density);
    json_add_number(json, "log_predictive_density_mean", density / s->weight, no_density);
    json_add_number(json, "log_predictive_density_error", s->log_predictive_density_error,
                    "no draws are behind it");
    json_add_number(json, "log_likelihood", s->log_likelihood, NULL);
    json_add_number(json, "rmse", s->rmse, none);
    json_add_number(json, "brier", s->brier, none);
    json_add_number(json, "accuracy", s->accuracy, none);
    json_add_number(json, "auc", s->auc, none);
    put_calibration(json, s);
    json_close(json);
}

mxp_status mxp_prediction_json(char **text, const mxp_prediction *prediction, mxp_error *error)
{
    struct str out = {0};
    struct json json;

    json_begin(&json, &out);
    json_open_object(&json, NULL);
    put_head(&json, prediction);
    put_table(&json, prediction);
    put_scores(&json, prediction);
    json_close(&json);
    if (json_end(&json, error) != MXP_OK) {
        str_free(&out);
        return MXP_MEMORY;
    }
    return give(text, &out, error);
}
