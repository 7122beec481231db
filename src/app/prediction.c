#include "app/prediction.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"
#include "num/rng.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

const char *const prediction_kinds[] = {"plug_in", "averaged", "monte_carlo", NULL};

void mxp_predict_options_init(mxp_predict_options *options)
{
    *options = (mxp_predict_options){.size = sizeof *options,
                                     .level = NAN,
                                     .probabilities = prediction_kinds[PREDICTION_PLUG_IN],
                                     .draws = 1000};
}

void mxp_prediction_free(mxp_prediction *prediction)
{
    mxp_prediction *const p = prediction;

    if (!p)
        return;
    for (size_t c = 0; p->column && c < p->columns; c++) {
        free(p->column[c].name);
        if (c < PREDICTION_COLUMNS)
            free(p->column[c].values);
    }
    free(p->column);
    free(p->p);
    free(p->deviation);
    prediction_observed_free(&p->observed);
    predict_free(p->model);
    encoded_free(p->encoded);
    mxp_table_free(p->table);
    fit_file_free(p->fit);
    free(p->data);
    free(p);
}

/* ---- reading ---- */

mxp_status prediction_read_fit(struct fit_file **fit, const char *path, mxp_error *error)
{
    struct stat entry;
    struct str file = {0};
    mxp_status status;

    str_add(&file, path);
    if (stat(path, &entry) == 0 && S_ISDIR(entry.st_mode))
        str_add(&file, file.length && path[file.length - 1] == '/' ? "fit.json" : "/fit.json");
    TRY(status = str_check(&file, error));
    TRY(status = fit_file_read(fit, file.text, error));
out:
    str_free(&file);
    return status;
}

static mxp_status read_rows(mxp_prediction *p, const char *sql, mxp_error *error)
{
    mxp_read_options options;
    mxp_status status;

    mxp_read_options_init(&options);
    options.na = p->fit->na;
    options.na_count = p->fit->na_count;
    options.sql = sql;
    TRY(status = mxp_table_read(&p->table, p->data, &options, error));
    TRY(status =
            encoding_apply(&p->encoded, p->fit->encoding, p->table, p->fit->drop_missing, error));
    p->rows = p->encoded->selection.rows;
out:
    /* The query comes from the command line. */
    if (status == MXP_CONFIG && error)
        status = error->status = MXP_USAGE;
    return status;
}

static mxp_status take_options(mxp_prediction *p, const mxp_predict_options *options,
                               mxp_error *error)
{
    const char *const kind = options->probabilities;
    size_t k = 0;

    while (prediction_kinds[k] && (!kind || strcmp(kind, prediction_kinds[k]) != 0))
        k++;
    if (!prediction_kinds[k])
        return FAIL(error, MXP_USAGE, "probabilities %s: not plug_in, averaged or monte_carlo",
                    kind ? kind : "NULL");
    p->kind = (enum prediction_kind)k;
    p->level = options->level;
    if (isnan(p->level))
        p->level = p->fit->has_posterior ? p->fit->level : 0.95;
    if (!(p->level > 0.0 && p->level < 1.0))
        return FAIL(error, MXP_USAGE, "level %g: not between 0 and 1", p->level);
    if (options->draws < 2)
        return FAIL(error, MXP_USAGE, "%zu draws: at least 2 are needed", options->draws);
    p->seed = options->seed ? options->seed : p->fit->seed;
    const bool symmetric =
        p->fit->family->response == RESPONSE_CLASS && p->fit->response.reference == SIZE_MAX;
    return predict_new(&p->model, p->fit->family, p->fit->link, p->fit->eta_columns, symmetric,
                       p->fit->psi, p->level, options->draws, error);
}

/* ---- columns ---- */

size_t prediction_label(const mxp_prediction *prediction, size_t c)
{
    const struct fit_response *const response = &prediction->fit->response;

    if (response->kind != FIT_CLASS || response->reference == SIZE_MAX)
        return c;
    if (c + 1 == response->classes)
        return response->reference;
    return c >= response->reference ? c + 1 : c;
}

static mxp_status name_class(struct prediction_column *column, const mxp_prediction *p,
                             size_t label, mxp_error *error)
{
    static const char *const binary[] = {"0", "1"};
    const bool classes = p->fit->response.kind == FIT_CLASS;
    struct str name = {0};
    mxp_status status;

    str_format(&name, "p[%s]", classes ? p->fit->response.label[label] : binary[label]);
    TRY(status = str_check(&name, error));
    column->name = name.text;
    name = (struct str){0};
out:
    str_free(&name);
    return status;
}

static mxp_status make_columns(mxp_prediction *p, mxp_error *error)
{
    static const char *const names[PREDICTION_COLUMNS] = {"row",   "mean",  "sd_eta",
                                                          "lower", "upper", "sd_predictive"};
    mxp_status status;

    p->classes = p->model->classes;
    TRY(status = mem_doubles(&p->p, p->rows, p->classes, error));
    if (p->kind == PREDICTION_MONTE_CARLO)
        TRY(status = mem_doubles(&p->deviation, p->rows, p->classes, error));
    TRY(status = MEM_NEW(&p->column, PREDICTION_COLUMNS + p->classes, error));
    p->columns = PREDICTION_COLUMNS + p->classes;
    for (size_t c = 0; c < PREDICTION_COLUMNS; c++) {
        TRY(status = mem_text(&p->column[c].name, names[c], error));
        TRY(status = mem_doubles(&p->column[c].values, p->rows, 1, error));
    }
    for (size_t c = 0; c < p->classes; c++) {
        const size_t label = prediction_label(p, c);
        struct prediction_column *const column = &p->column[PREDICTION_COLUMNS + label];
        TRY(status = name_class(column, p, label, error));
        column->values = p->p + c * p->rows;
    }
out:
    return status;
}

/* ---- rows ---- */

static void put_value(mxp_prediction *p, enum prediction_columns column, size_t i, double value,
                      enum predict_reason reason)
{
    p->column[column].values[i] = value;
    if (reason != PREDICT_KNOWN)
        p->lacking[column][reason]++;
}

/* The mean belongs to the mode, all else to the posterior. */
static void put_number(mxp_prediction *p, size_t i, const struct predict_row *mode,
                       const struct predict_row *posterior)
{
    struct predict_number at, around;

    predict_number(&at, p->model, mode);
    around = at;
    if (posterior->eta[0] != mode->eta[0])
        predict_number(&around, p->model, posterior);
    put_value(p, PREDICTION_MEAN, i, at.mean, at.mean_reason);
    put_value(p, PREDICTION_SD_ETA, i, around.sd_eta, around.eta_reason);
    put_value(p, PREDICTION_LOWER, i, around.lower, around.interval_reason);
    put_value(p, PREDICTION_UPPER, i, around.upper, around.interval_reason);
    put_value(p, PREDICTION_SD_PREDICTIVE, i, around.sd_predictive, around.predictive_reason);
}

/* values: plug_in, averaged and monte_carlo of the row, and the standard errors of the last. */
static void put_classes(mxp_prediction *p, double *values, size_t i, const struct predict_row *mode,
                        const struct predict_row *posterior)
{
    const size_t k = p->classes;
    const double *const kept = values + (size_t)p->kind * k;
    struct rng rng = rng_stream(p->seed, 2 * (uint64_t)i);
    struct predict_classes out = {.plug_in = values};
    enum predict_reason reason;

    if (k == 0)
        return;
    if (p->kind == PREDICTION_AVERAGED)
        out = (struct predict_classes){.averaged = values + k};
    if (p->kind == PREDICTION_MONTE_CARLO)
        out = (struct predict_classes){.monte_carlo = values + 2 * k,
                                       .standard_error = values + 3 * k};
    predict_classes(&out, p->model, p->kind == PREDICTION_PLUG_IN ? mode : posterior, &rng);
    reason = p->kind == PREDICTION_PLUG_IN    ? out.plug_in_reason
             : p->kind == PREDICTION_AVERAGED ? out.averaged_reason
                                              : out.monte_carlo_reason;
    if (reason != PREDICT_KNOWN)
        p->lacking[PREDICTION_COLUMNS][reason]++;
    for (size_t c = 0; c < k; c++)
        p->p[i + c * p->rows] = kept[c];
    for (size_t c = 0; p->deviation && c < k; c++)
        p->deviation[i + c * p->rows] = values[3 * k + c];
    p->outside = fmax(p->outside, out.outside);
}

static void put_density(mxp_prediction *p, size_t i, const struct predict_row *mode,
                        const struct predict_row *posterior)
{
    struct prediction_observed *const o = &p->observed;
    struct rng rng = rng_stream(p->seed, 2 * (uint64_t)i + 1);
    struct predict_density at, around;

    if (!o->column || !(o->weight[i] > 0.0))
        return;
    predict_density(&at, p->model, posterior, o->y[i], &rng);
    o->expected[i] = at.expected;
    o->se[i] = at.standard_error;
    o->plug_in[i] = at.plug_in;
    if (posterior->eta != mode->eta) {
        const struct predict_row alone = {.eta = mode->eta, .trials = mode->trials};
        predict_density(&around, p->model, &alone, o->y[i], &rng);
        o->plug_in[i] = around.plug_in;
    }
}

static mxp_status predict_rows(mxp_prediction *p, mxp_error *error)
{
    struct prediction_eta eta = {0};
    double *values = NULL;
    mxp_status status;

    TRY(status = prediction_eta_new(&eta, p->fit, p->encoded, error));
    TRY(status = mem_doubles(&values, p->classes, 4, error));
    for (size_t i = 0; i < p->rows; i++) {
        prediction_eta_row(&eta, i);
        const struct predict_row mode = {eta.mode, eta.covariance, p->observed.trials[i]};
        const struct predict_row posterior = {p->fit->at_kinks == FIT_KINK ? eta.mean : eta.mode,
                                              eta.covariance, p->observed.trials[i]};
        p->column[PREDICTION_ROW].values[i] =
            (double)(selection_row(&p->encoded->selection, i) + 1);
        put_number(p, i, &mode, &posterior);
        put_classes(p, values, i, &mode, &posterior);
        put_density(p, i, &mode, &posterior);
    }
out:
    prediction_eta_free(&eta);
    free(values);
    return status;
}

/* ---- the public part ---- */

mxp_status mxp_predict(mxp_prediction **prediction, const char *fit, const char *data,
                       const mxp_predict_options *options, mxp_error *error)
{
    mxp_predict_options standard;
    mxp_prediction *p = NULL;
    mxp_status status;

    mxp_predict_options_init(&standard);
    if (!options)
        options = &standard;
    TRY(status = MEM_NEW(&p, 1, error));
    TRY(status = mem_text(&p->data, data, error));
    TRY(status = prediction_read_fit(&p->fit, fit, error));
    TRY(status = take_options(p, options, error));
    TRY(status = read_rows(p, options->sql, error));
    TRY(status = prediction_observe(p, error));
    TRY(status = make_columns(p, error));
    TRY(status = predict_rows(p, error));
    TRY(status = prediction_score(p, error));
    *prediction = p;
    p = NULL;
out:
    mxp_prediction_free(p);
    return status;
}

size_t mxp_prediction_rows(const mxp_prediction *prediction)
{
    return prediction->rows;
}

const double *mxp_prediction_column(const mxp_prediction *prediction, const char *name)
{
    for (size_t c = 0; c < prediction->columns; c++)
        if (strcmp(prediction->column[c].name, name) == 0)
            return prediction->column[c].values;
    return NULL;
}

mxp_status mxp_text_write(const char *path, const char *text, mxp_error *error)
{
    return file_write(path, text, strlen(text), error);
}
