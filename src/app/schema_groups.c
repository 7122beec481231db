/* The schema of priors on several terms and of constraints. */
#include "app/schema_parts.h"

#include <math.h>

static void put_text(struct json *json, const char *name, const char *help)
{
    json_open_object(json, name);
    if (help)
        json_add_text(json, "description", help);
    json_add_text(json, "type", "string");
    json_close(json);
}

static void put_list(struct json *json, const char *name, const char *help)
{
    json_open_object(json, name);
    json_add_text(json, "description", help);
    json_add_text(json, "type", "array");
    json_add_integer(json, "minItems", 1);
    json_open_object(json, "items");
    schema_scalar_types(json);
    json_close(json);
    json_close(json);
}

static void put_argument(struct json *json, const struct joint_argument *argument)
{
    json_open_object(json, argument->name);
    json_add_text(json, "type", "number");
    if (argument->range == JOINT_ABOVE_ZERO)
        json_add_number(json, "exclusiveMinimum", 0.0, NULL);
    if (argument->range == JOINT_INSIDE_ONE) {
        json_add_number(json, "exclusiveMinimum", -1.0, NULL);
        json_add_number(json, "exclusiveMaximum", 1.0, NULL);
    }
    if (!isnan(argument->fallback))
        json_add_number(json, "default", argument->fallback, NULL);
    json_close(json);
}

/* {ar1: {phi: 0.8, sd: 1}}. */
static void put_mapping(struct json *json, const struct joint_row *row)
{
    const char *required[JOINT_ARGUMENTS];
    size_t count = 0;

    json_open_object(json, NULL);
    json_add_text(json, "description", row->help);
    json_add_text(json, "type", "object");
    json_open_object(json, "properties");
    json_open_object(json, row->name);
    json_add_text(json, "type", "object");
    json_open_object(json, "properties");
    for (size_t i = 0; i < row->argument_count; i++) {
        put_argument(json, &row->arguments[i]);
        if (isnan(row->arguments[i].fallback))
            required[count++] = row->arguments[i].name;
    }
    if (row->flags & JOINT_MATRIX) {
        put_text(json, "covariance", NULL);
        put_text(json, "precision", NULL);
    }
    json_close(json);
    json_add_texts(json, "required", required, count);
    json_add_boolean(json, "additionalProperties", false);
    json_close(json);
    json_close(json);
    json_add_texts(json, "required", &row->name, 1);
    json_add_boolean(json, "additionalProperties", false);
    json_close(json);
}

static void put_prior(struct json *json)
{
    struct str pattern = {0};

    for (size_t i = 0; joint_table[i]; i++)
        if (!(joint_table[i]->flags & JOINT_FACTOR))
            str_format(&pattern, "%s%s", pattern.length ? "|" : "^\\s*(", joint_table[i]->name);
    str_add(&pattern, ")\\s*(\\(.*\\))?\\s*$");
    json_open_object(json, "prior");
    json_open_array(json, "anyOf");
    json_open_object(json, NULL);
    json_add_text(json, "type", "string");
    json_add_text(json, "pattern", pattern.text);
    json_close(json);
    for (size_t i = 0; joint_table[i]; i++)
        if (!(joint_table[i]->flags & JOINT_FACTOR))
            put_mapping(json, joint_table[i]);
    json_close(json);
    json_close(json);
    json->out->failed |= pattern.failed;
    str_free(&pattern);
}

void schema_groups(struct json *json)
{
    static const char *const required[] = {"name", "terms", "prior"};

    json_add_text(json, "type", "array");
    json_open_object(json, "items");
    json_add_text(json, "type", "object");
    json_open_object(json, "properties");
    put_text(json, "name", "what reports call the group");
    put_list(json, "terms", "coefficients by name or glob; a factor's name is all of its columns");
    put_prior(json);
    put_text(json, "covariance", "file of a gaussian prior's covariance: .csv, .tsv or .npy");
    put_text(json, "precision", "file of its inverse");
    json_close(json);
    json_add_texts(json, "required", required, sizeof required / sizeof *required);
    json_add_boolean(json, "additionalProperties", false);
    json_close(json);
}

void schema_constraints(struct json *json)
{
    json_add_text(json, "type", "array");
    json_open_object(json, "items");
    json_add_text(json, "type", "string");
    json_add_text(json, "pattern", "[~=]");
    json_close(json);
}
