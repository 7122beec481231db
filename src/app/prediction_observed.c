/* The response of new rows, where the table has it: read and checked as a fit would. */
#include "app/prediction.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/levels.h"

#include <math.h>
#include <string.h>

void prediction_observed_free(struct prediction_observed *observed)
{
    free(observed->y);
    free(observed->weight);
    free(observed->trials);
    free(observed->plug_in);
    free(observed->expected);
    free(observed->se);
}

static size_t table_row(const mxp_prediction *p, size_t i)
{
    return selection_row(&p->encoded->selection, i);
}

/* The column of that name, or MXP_NO_COLUMN where the name is NULL or not there. */
static size_t find(const mxp_prediction *p, const char *name)
{
    return name ? mxp_table_find(p->table, name) : MXP_NO_COLUMN;
}

static mxp_status refuse(const mxp_prediction *p, size_t column, size_t row, const char *words,
                         mxp_error *error)
{
    return table_fail(error, p->table, column, row, "%.10g %s",
                      mxp_table_values(p->table, column)[row], words);
}

/* ---- numbers ---- */

/* Copies a column of numbers; NAN where a cell is missing. */
static mxp_status take_numbers(double *values, const mxp_prediction *p, size_t column,
                               mxp_error *error)
{
    mxp_status status;

    TRY(status = table_check_number(p->table, column, error));
    for (size_t i = 0; i < p->rows; i++)
        values[i] = mxp_table_values(p->table, column)[table_row(p, i)];
out:
    return status;
}

/* ---- classes ---- */

/* The rows that have a response, as a selection of the table's. */
static mxp_status select_present(struct selection *selection, size_t **of, const mxp_prediction *p,
                                 size_t column, mxp_error *error)
{
    const struct column_text *const texts = table_texts(p->table, column);
    const double *const values = mxp_table_values(p->table, column);
    mxp_status status;

    selection->rows_read = mxp_table_rows(p->table);
    TRY(status = MEM_NEW(&selection->table_row, p->rows, error));
    TRY(status = MEM_NEW(of, p->rows, error));
    for (size_t i = 0; i < p->rows; i++) {
        const size_t row = table_row(p, i);
        if (texts ? texts->code[row] == COLUMN_TEXT_NONE : isnan(values[row]))
            continue;
        (*of)[selection->rows] = i;
        selection->table_row[selection->rows++] = row;
    }
out:
    return status;
}

static mxp_status copy_labels(char ***labels, const struct fit_response *response, mxp_error *error)
{
    char **copy = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&copy, response->classes, error));
    for (size_t c = 0; c < response->classes; c++)
        TRY(status = mem_text(&copy[c], response->label[c], error));
    *labels = copy;
    copy = NULL;
out:
    levels_free(copy, copy ? response->classes : 0);
    return status;
}

/* From labels to the family's order: without the reference, which is last. */
static size_t class_of_label(const struct fit_response *response, size_t label)
{
    if (response->reference == SIZE_MAX)
        return label;
    if (label == response->reference)
        return response->classes - 1;
    return label > response->reference ? label - 1 : label;
}

/* The classes of the rows that have one; NAN in the others. */
static mxp_status take_classes(double *y, const mxp_prediction *p, size_t column, mxp_error *error)
{
    const struct fit_response *const response = &p->fit->response;
    struct selection present = {0};
    size_t *of = NULL;
    char **labels = NULL;
    uint32_t *code = NULL;
    mxp_status status;

    for (size_t i = 0; i < p->rows; i++)
        y[i] = NAN;
    TRY(status = copy_labels(&labels, response, error));
    TRY(status = select_present(&present, &of, p, column, error));
    TRY(status = levels_code(&code, p->table, column, &present, labels, response->classes,
                             "is a class that the fit has not seen", error));
    for (size_t i = 0; i < present.rows; i++)
        y[of[i]] = (double)class_of_label(response, code[i]);
out:
    selection_free(&present);
    levels_free(labels, response->classes);
    free(of);
    free(code);
    return status;
}

/* ---- trials and weights ---- */

/* Trials, or successes and failures together; NAN where they are not known. */
static mxp_status take_trials(mxp_prediction *p, mxp_error *error)
{
    const struct fit_response *const response = &p->fit->response;
    struct prediction_observed *const o = &p->observed;
    const bool failures = response->failures != NULL;
    const size_t column = find(p, failures ? response->failures : response->trials);
    const size_t successes = find(p, response->column);
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < p->rows; i++)
        o->trials[i] = response->kind == FIT_TRIALS ? NAN : 1.0;
    if (response->kind != FIT_TRIALS)
        return MXP_OK;
    o->no_trials = column == MXP_NO_COLUMN || (failures && successes == MXP_NO_COLUMN);
    if (o->no_trials)
        return MXP_OK;
    TRY(status = take_numbers(o->trials, p, column, error));
    if (failures)
        TRY(status = table_check_number(p->table, successes, error));
    for (size_t i = 0; i < p->rows; i++) {
        if (o->trials[i] < 0.0 || o->trials[i] != floor(o->trials[i])) {
            if (isnan(o->trials[i]))
                continue;
            status = refuse(p, column, table_row(p, i), "is not a count (0, 1, 2, ...)", error);
            goto out;
        }
        if (failures)
            o->trials[i] += mxp_table_values(p->table, successes)[table_row(p, i)];
    }
out:
    return status;
}

/* 1 each where there are none; NAN where a weight is missing. */
static mxp_status take_weights(mxp_prediction *p, mxp_error *error)
{
    struct prediction_observed *const o = &p->observed;
    const size_t column = find(p, p->fit->weights);
    mxp_status status = MXP_OK;

    o->unweighted = p->fit->weights && column == MXP_NO_COLUMN;
    for (size_t i = 0; i < p->rows; i++)
        o->weight[i] = 1.0;
    if (column == MXP_NO_COLUMN)
        return MXP_OK;
    TRY(status = take_numbers(o->weight, p, column, error));
    for (size_t i = 0; i < p->rows; i++)
        if (o->weight[i] < 0.0) {
            status = refuse(p, column, table_row(p, i), "is not a weight (a number >= 0)", error);
            goto out;
        }
out:
    return status;
}

/* ---- the whole ---- */

/* Rows that can be scored keep their weight, others get 0. */
static mxp_status check_rows(mxp_prediction *p, size_t column, mxp_error *error)
{
    const struct family *const family = p->fit->family;
    struct prediction_observed *const o = &p->observed;

    for (size_t i = 0; i < p->rows; i++) {
        if (isnan(o->y[i]) || isnan(o->trials[i]) || isnan(o->weight[i])) {
            o->y[i] = o->weight[i] = 0.0;
            continue;
        }
        const char *const words = family->check ? family->check(o->y[i], o->trials[i]) : NULL;
        if (words) {
            struct str text = {0};
            str_format(&text, "%s (family %s)", words, family->name);
            const mxp_status status =
                refuse(p, column, table_row(p, i), text.text ? text.text : words, error);
            str_free(&text);
            return status;
        }
        if (o->trials[i] == 0.0)
            o->weight[i] = 0.0;
        o->rows += o->weight[i] > 0.0;
    }
    return MXP_OK;
}

mxp_status prediction_observe(mxp_prediction *prediction, mxp_error *error)
{
    mxp_prediction *const p = prediction;
    struct prediction_observed *const o = &p->observed;
    const size_t column = find(p, p->fit->response.column);
    mxp_status status;

    TRY(status = mem_doubles(&o->y, p->rows, 1, error));
    TRY(status = mem_doubles(&o->weight, p->rows, 1, error));
    TRY(status = mem_doubles(&o->trials, p->rows, 1, error));
    TRY(status = mem_doubles(&o->plug_in, p->rows, 1, error));
    TRY(status = mem_doubles(&o->expected, p->rows, 1, error));
    TRY(status = mem_doubles(&o->se, p->rows, 1, error));
    TRY(status = take_trials(p, error));
    if (column == MXP_NO_COLUMN)
        return MXP_OK;
    if (p->fit->response.kind == FIT_CLASS)
        TRY(status = take_classes(o->y, p, column, error));
    else
        TRY(status = take_numbers(o->y, p, column, error));
    TRY(status = take_weights(p, error));
    TRY(status = check_rows(p, column, error));
    if (o->rows)
        o->column = p->fit->response.column;
out:
    return status;
}
