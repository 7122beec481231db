#include "app/report_encoding.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

const char *const report_responses[] = {"number", "binary", "trials", "class", NULL};
const char *const report_roles[] = {"intercept", "coefficient", "auxiliary", NULL};

/* ---- the recipe ---- */

static void put_expression(struct json *json, const char *name, const struct expression *expression)
{
    struct str text = {0};

    expression_print(&text, expression);
    json->out->failed |= text.failed;
    json_add_text(json, name, text.text ? text.text : "");
    str_free(&text);
}

static void put_variable(struct json *json, const struct encoding_variable *v)
{
    json_open_object(json, NULL);
    json_add_text(json, "name", v->name);
    json_add_text(json, "kind", encoding_kinds[v->kind]);
    if (v->expression)
        put_expression(json, "expression", v->expression);
    if (v->kind == ENCODING_POLY) {
        json_add_integer(json, "degree", (int64_t)v->degree);
        json_add_boolean(json, "raw", v->raw);
    }
    if (v->kind == ENCODING_POLY && !v->raw) {
        json_add_numbers(json, "alpha", v->alpha, v->degree);
        json_add_numbers(json, "norm2", v->norm2, v->degree + 2);
    }
    if (v->kind == ENCODING_FACTOR) {
        json_add_text(json, "contrast", contrast_names[v->contrast]);
        json_add_texts(json, "levels", (const char *const *)v->level, v->levels);
    }
    json_close(json);
}

/* full: the variables that are coded by all of their levels. */
static void put_term(struct json *json, const struct encoding_term *term)
{
    double *index = NULL;
    size_t full = 0;

    if (mem_doubles(&index, term->count, 1, NULL) != MXP_OK) {
        json->out->failed = true;
        return;
    }
    json_open_object(json, NULL);
    for (size_t i = 0; i < term->count; i++)
        index[i] = (double)term->variable[i];
    json_add_numbers(json, "variables", index, term->count);
    for (size_t i = 0; i < term->count; i++)
        if (term->full[i])
            index[full++] = (double)term->variable[i];
    json_add_numbers(json, "full", index, full);
    json_close(json);
    free(index);
}

void report_recipe(struct json *json, const struct encoding *encoding)
{
    json_add_boolean(json, "intercept", encoding->intercept);
    const bool many = encoding->variables > 1000;

    json_open_array(json, "variables");
    json->on_a_line = many;
    for (size_t i = 0; i < encoding->variables; i++)
        put_variable(json, &encoding->variable[i]);
    json_close(json);
    json_open_array(json, "terms");
    json->on_a_line = many;
    for (size_t i = 0; i < encoding->terms; i++)
        put_term(json, &encoding->term[i]);
    json_close(json);
    json->on_a_line = false;
    json_open_array(json, "offsets");
    for (size_t i = 0; i < encoding->offsets; i++)
        put_expression(json, NULL, encoding->offset[i]);
    json_close(json);
    json_add_texts(json, "columns", (const char *const *)encoding->name, encoding->columns);
}

/* ---- the response ---- */

static const char *response_kind(const struct report *report)
{
    const struct design *const design = report->design;

    if (design->label)
        return report_responses[3];
    if (design->trials)
        return report_responses[2];
    return report_responses[strcmp(report->problem->family->name, "bernoulli") == 0];
}

const char *report_reference(const struct report *report)
{
    const struct mxp_model *const model = report->model;

    if (report->problem->family->response != RESPONSE_CLASS || model->symmetric)
        return NULL;
    return model->reference.name ? model->reference.name : report->design->label[0];
}

static void put_response(struct json *json, const struct report *report)
{
    const struct design *const design = report->design;

    json_open_object(json, "response");
    json_add_text(json, "column", design->response_name);
    json_add_text(json, "kind", response_kind(report));
    json_add_text(json, "trials", design->trials_name);
    json_add_text(json, "failures", design->failures_name);
    json_add_texts(json, "classes", (const char *const *)design->label, design->classes);
    json_add_text(json, "reference", report_reference(report));
    json_close(json);
}

/* ---- the parameters ---- */

/* Where each parameter goes; NAN is written as null. */
struct slots {
    const char **name, **role, **class_name;
    double *column, *eta, *sign;
};

static void slots_free(struct slots *slots)
{
    free(slots->name);
    free(slots->role);
    free(slots->class_name);
    free(slots->column);
    free(slots->eta);
    free(slots->sign);
}

static mxp_status slots_new(struct slots *slots, size_t count)
{
    mxp_status status;

    *slots = (struct slots){0};
    TRY(status = mem_zeroed(&slots->name, count, sizeof *slots->name, NULL));
    TRY(status = mem_zeroed(&slots->role, count, sizeof *slots->role, NULL));
    TRY(status = mem_zeroed(&slots->class_name, count, sizeof *slots->class_name, NULL));
    TRY(status = mem_doubles(&slots->column, count, 1, NULL));
    TRY(status = mem_doubles(&slots->eta, count, 1, NULL));
    TRY(status = mem_doubles(&slots->sign, count, 1, NULL));
out:
    return status;
}

static void set_slot(struct slots *slots, const struct mxp_problem *problem, size_t j)
{
    const struct parameter *const p = &problem->parameter[j];
    const bool auxiliary = j >= problem->k, intercept = problem_is_intercept(problem, j);

    slots->name[j] = p->name;
    slots->role[j] = report_roles[auxiliary ? 2 : intercept ? 0 : 1];
    slots->class_name[j] = p->class_name;
    slots->column[j] = auxiliary || intercept ? NAN : (double)p->column;
    slots->eta[j] = auxiliary || p->slot >= problem->q ? NAN : (double)p->slot;
    slots->sign[j] = p->sign;
}

static void put_parameters(struct json *json, const struct report *report)
{
    const size_t count = report->count;
    struct slots slots;

    json_open_object(json, "parameters");
    if (slots_new(&slots, count) == MXP_OK) {
        for (size_t j = 0; j < count; j++)
            set_slot(&slots, report->problem, j);
        json_add_texts(json, "name", slots.name, count);
        json_add_texts(json, "role", slots.role, count);
        json_add_numbers(json, "column", slots.column, count);
        json_add_texts(json, "class", slots.class_name, count);
        json_add_numbers(json, "eta", slots.eta, count);
        json_add_numbers(json, "sign", slots.sign, count);
    } else {
        json->out->failed = true;
    }
    json_close(json);
    slots_free(&slots);
}

/* ---- the objects ---- */

void report_encoding(struct json *json, const struct report *report)
{
    const struct data_spec *const data = &report->run->spec.data;
    const struct design *const design = report->design;

    json_open_object(json, "encoding");
    put_response(json, report);
    json_add_text(json, "weights", design->weights_name);
    json_add_text(json, "offset", design->offset_name);
    json_add_text(json, "missing", data->missing == SPEC_MISSING_DROP ? "drop" : "error");
    json_add_texts(json, "na", (const char *const *)data->na.text, data->na.count);
    if (design->sparse)
        json_add_boolean(json, "sparse", true);
    report_recipe(json, design->encoding);
    json_add_integer(json, "eta_columns", (int64_t)report->problem->q);
    put_parameters(json, report);
    json_close(json);
}

void report_scaling(struct json *json, const struct report *report)
{
    const struct mxp_problem *const problem = report->problem;
    const size_t columns = report->design->columns;
    double *shift = NULL, *scale = NULL;

    json_open_object(json, "scaling");
    json_add_boolean(json, "standardize", report->model->standardize);
    json_add_numbers(json, "mean", report->design->mean, columns);
    json_add_numbers(json, "sd", report->design->sd, columns);
    if (mem_doubles(&shift, columns, 1, NULL) == MXP_OK &&
        mem_doubles(&scale, columns, 1, NULL) == MXP_OK) {
        for (size_t j = 0; j < problem->k; j++)
            if (!problem_is_intercept(problem, j)) {
                shift[problem->parameter[j].column] = problem->parameter[j].shift;
                scale[problem->parameter[j].column] = problem->parameter[j].scale;
            }
        json_add_numbers(json, "shift", shift, columns);
        json_add_numbers(json, "scale", scale, columns);
    } else {
        json->out->failed = true;
    }
    json_close(json);
    free(shift);
    free(scale);
}

void report_auxiliary(struct json *json, const struct report *report)
{
    const struct mxp_problem *const problem = report->problem;
    double psi[FAMILY_AUX_MAX];

    report_psi(psi, report);
    json_open_object(json, "auxiliary");
    for (size_t i = 0; i < problem->family->auxiliary_count; i++)
        json_add_number(json, problem->family->auxiliary[i].name, psi[i],
                        report->term ? NULL : "no point of the path was chosen and fitted");
    json_close(json);
}
