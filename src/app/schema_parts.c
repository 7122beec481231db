#include "app/schema_parts.h"

#include <math.h>
#include <string.h>

void schema_scalar_types(struct json *json)
{
    static const char *const types[] = {"string", "number", "boolean"};
    json_add_texts(json, "type", types, sizeof types / sizeof *types);
}

/* Whether an earlier family, or an earlier link of this one, has the link. */
static bool seen(size_t family, size_t link)
{
    for (size_t f = 0; f <= family; f++)
        for (size_t l = 0; family_table[f]->links[l] && !(f == family && l == link); l++)
            if (strcmp(family_table[f]->links[l], family_table[family]->links[link]) == 0)
                return true;
    return false;
}

void schema_links(struct json *json)
{
    json_open_array(json, "enum");
    for (size_t f = 0; family_table[f]; f++)
        for (size_t l = 0; family_table[f]->links[l]; l++)
            if (!seen(f, l))
                json_add_text(json, NULL, family_table[f]->links[l]);
    json_close(json);
}

static void put_const(struct json *json, const char *name, const char *value)
{
    json_open_object(json, name);
    json_add_text(json, "const", value);
    json_close(json);
}

/* A fixed value above 0, or the word estimate. */
static void put_auxiliary(struct json *json, const struct family_auxiliary *auxiliary)
{
    json_open_object(json, auxiliary->name);
    json_add_text(json, "description", auxiliary->help);
    json_open_array(json, "anyOf");
    json_open_object(json, NULL);
    json_add_text(json, "type", "number");
    json_add_number(json, "exclusiveMinimum", 0.0, NULL);
    json_close(json);
    if (auxiliary->estimable)
        put_const(json, NULL, "estimate");
    json_close(json);
    if (!isnan(auxiliary->fallback))
        json_add_number(json, "default", auxiliary->fallback, NULL);
    json_close(json);
}

/* One of the two keys. */
static void put_either(struct json *json, const char *one, const char *other)
{
    json_open_array(json, "oneOf");
    for (size_t i = 0; i < 2; i++) {
        json_open_object(json, NULL);
        json_add_texts(json, "required", i ? &other : &one, 1);
        json_close(json);
    }
    json_close(json);
}

static void put_name(struct json *json, const char *name, const char *help)
{
    json_open_object(json, name);
    json_add_text(json, "description", help);
    schema_scalar_types(json);
    json_close(json);
}

/* What families of this kind of response take beside their auxiliary parameters. */
static void put_own(struct json *json, enum family_response response)
{
    if (response == RESPONSE_TRIALS) {
        put_name(json, "trials", "column of the numbers of trials");
        put_name(json, "failures", "column of the failures, beside the successes of the response");
    }
    if (response == RESPONSE_CLASS) {
        json_open_object(json, "coding");
        json_add_text(json, "description",
                      "reference: one class without coefficients; symmetric: all have them");
        json_open_array(json, "enum");
        for (size_t i = 0; spec_codings[i]; i++)
            json_add_text(json, NULL, spec_codings[i]);
        json_close(json);
        json_close(json);
        put_name(json, "reference", "the class without coefficients; the first when left out");
    }
}

static void put_family(struct json *json, const struct family *family)
{
    static const char *const required[] = {"name"};

    json_open_object(json, NULL);
    json_add_text(json, "description", family->help);
    json_add_text(json, "type", "object");
    json_open_object(json, "properties");
    put_const(json, "name", family->name);
    for (size_t i = 0; i < family->auxiliary_count; i++)
        put_auxiliary(json, &family->auxiliary[i]);
    put_own(json, family->response);
    json_close(json);
    json_add_texts(json, "required", required, 1);
    if (family->response == RESPONSE_TRIALS)
        put_either(json, "trials", "failures");
    json_add_boolean(json, "additionalProperties", false);
    json_close(json);
}

void schema_family(struct json *json, const char *name)
{
    json_open_object(json, name);
    json_open_array(json, "anyOf");
    json_open_object(json, NULL);
    json_open_array(json, "enum");
    for (size_t f = 0; family_table[f]; f++)
        if (family_table[f]->response != RESPONSE_TRIALS) /* needs a mapping */
            json_add_text(json, NULL, family_table[f]->name);
    json_close(json);
    json_close(json);
    for (size_t f = 0; family_table[f]; f++)
        put_family(json, family_table[f]);
    json_close(json);
    json_close(json);
}

/* Whether a prior may stand on parameters of that kind; flat may on both. */
static bool suits(const struct prior_row *row, bool positive)
{
    return (row->flags & PRIOR_IMPROPER) || ((row->flags & PRIOR_POSITIVE) != 0) == positive;
}

static void put_prior_text(struct json *json, bool positive)
{
    struct str pattern = {0};

    for (size_t i = 0; prior_table[i]; i++) {
        const struct prior_row *row = prior_table[i];
        if (!suits(row, positive))
            continue;
        str_add(&pattern, pattern.length ? "|" : "^\\s*(");
        str_add(&pattern, row->name);
        if (row->alias)
            str_format(&pattern, "|%s", row->alias);
    }
    str_add(&pattern, ")\\s*(\\(.*\\))?\\s*$");
    json_open_object(json, NULL);
    json_add_text(json, "type", "string");
    json_add_text(json, "pattern", pattern.text);
    json_close(json);
    json->out->failed |= pattern.failed;
    str_free(&pattern);
}

/* A number, or select(cv) where the argument can be selected. */
static void put_argument(struct json *json, const struct prior_row *row, size_t i)
{
    const struct prior_argument *const argument = &row->arguments[i];
    const bool selects = prior_can_select(row, i);

    if (selects) {
        json_open_array(json, "anyOf");
        json_open_object(json, NULL);
    }
    json_add_text(json, "type", "number");
    if (argument->range == PRIOR_ABOVE_ZERO)
        json_add_number(json, "exclusiveMinimum", 0.0, NULL);
    if (selects) {
        json_close(json);
        json_open_object(json, NULL);
        json_add_text(json, "const", "select(cv)");
        json_close(json);
        json_close(json);
    }
}

static void put_prior_arguments(struct json *json, const struct prior_row *row, bool positive)
{
    const char *required[PRIOR_ARGUMENTS];
    size_t count = 0;

    json_add_text(json, "type", "object");
    json_open_object(json, "properties");
    for (size_t i = 0; i < row->argument_count; i++) {
        const struct prior_argument *argument = &row->arguments[i];
        json_open_object(json, argument->name);
        put_argument(json, row, i);
        if (isnan(argument->fallback))
            required[count++] = argument->name;
        else
            json_add_number(json, "default", argument->fallback, NULL);
        json_close(json);
    }
    for (size_t i = 0; i < PRIOR_BOUNDS && !positive && prior_takes_bounds(row); i++) {
        json_open_object(json, prior_bound_names[i]);
        json_add_text(json, "type", "number");
        json_close(json);
    }
    json_close(json);
    json_add_texts(json, "required", required, count);
    json_add_boolean(json, "additionalProperties", false);
}

/* The long form of one name of a prior. */
static void put_prior_mapping(struct json *json, const struct prior_row *row, const char *name,
                              bool positive)
{
    json_open_object(json, NULL);
    json_add_text(json, "description", row->help);
    json_add_text(json, "type", "object");
    json_open_object(json, "properties");
    json_open_object(json, name);
    put_prior_arguments(json, row, positive);
    json_close(json);
    json_close(json);
    json_add_texts(json, "required", &name, 1);
    json_add_boolean(json, "additionalProperties", false);
    json_close(json);
}

void schema_prior(struct json *json, const char *name, bool positive)
{
    json_open_object(json, name);
    json_open_array(json, "anyOf");
    put_prior_text(json, positive);
    for (size_t i = 0; prior_table[i]; i++) {
        const struct prior_row *row = prior_table[i];
        if (!suits(row, positive))
            continue;
        put_prior_mapping(json, row, row->name, positive);
        if (row->alias)
            put_prior_mapping(json, row, row->alias, positive);
    }
    json_close(json);
    json_close(json);
}

static void put_penalty_parameter(struct json *json, const struct penalty_parameter *parameter)
{
    json_open_object(json, parameter->name);
    json_add_text(json, "type", "number");
    json_add_number(json,
                    parameter->range == PENALTY_ANY_ABOVE_ZERO ? "exclusiveMinimum" : "minimum",
                    0.0, NULL);
    if (parameter->range == PENALTY_SHARE)
        json_add_number(json, "maximum", 1.0, NULL);
    if (!isnan(parameter->fallback))
        json_add_number(json, "default", parameter->fallback, NULL);
    json_close(json);
}

static void put_penalty(struct json *json, const struct penalty_row *row)
{
    const char *required[PENALTY_PARAMETERS + 2] = {"convention"};
    size_t count = 1;

    json_open_object(json, NULL);
    json_add_text(json, "description", row->help);
    json_add_text(json, "type", "object");
    json_open_object(json, "properties");
    put_const(json, "convention", row->convention);
    if (row->key)
        put_const(json, row->key, row->kind);
    if (row->key && !row->fallback)
        required[count++] = row->key;
    for (size_t i = 0; i < row->parameter_count; i++) {
        put_penalty_parameter(json, &row->parameters[i]);
        if (isnan(row->parameters[i].fallback))
            required[count++] = row->parameters[i].name;
    }
    json_close(json);
    json_add_texts(json, "required", required, count);
    json_add_boolean(json, "additionalProperties", false);
    json_close(json);
}

void schema_penalty(struct json *json, const char *name)
{
    json_open_object(json, name);
    json_open_array(json, "anyOf");
    for (const struct penalty_row *row = penalty_table; row->convention; row++)
        put_penalty(json, row);
    json_close(json);
    json_close(json);
}
