/* mxp_schema: a JSON Schema (draft 2020-12) of runs and models, from the tables that read them. */
#include "app/schema_parts.h"
#include "base/number.h"
#include "maxpost/run.h"

#include <string.h>

static void put_reference(struct json *json, const char *name, const char *definition)
{
    json_open_object(json, name);
    json_add_text(json, "$ref", definition);
    json_close(json);
}

static void put_type(struct json *json, const char *type)
{
    json_open_object(json, NULL);
    json_add_text(json, "type", type);
    json_close(json);
}

/* The bounds of a row, as the schema says them. */
static void put_range(struct json *json, const struct option *row)
{
    if (!(row->low < row->high))
        return;
    json_add_number(json, row->open & OPTION_OPEN_LOW ? "exclusiveMinimum" : "minimum", row->low,
                    NULL);
    json_add_number(json, row->open & OPTION_OPEN_HIGH ? "exclusiveMaximum" : "maximum", row->high,
                    NULL);
}

static void put_choices(struct json *json, const char *const *choices)
{
    json_open_array(json, "enum");
    for (size_t i = 0; choices[i]; i++)
        json_add_text(json, NULL, choices[i]);
    json_close(json);
}

/* A list of texts, or one of them. */
static void put_texts(struct json *json, const struct option *row)
{
    json_open_array(json, "anyOf");
    for (int list = 0; list < 2; list++) {
        json_open_object(json, NULL);
        if (list) {
            json_add_text(json, "type", "array");
            json_open_object(json, "items");
        }
        if (row->choices)
            put_choices(json, row->choices);
        else
            json_add_text(json, "type", "string");
        if (list)
            json_close(json);
        json_close(json);
    }
    json_close(json);
}

static void put_default(struct json *json, const struct option *row)
{
    bool truth = false;
    int64_t integer = 0;
    double number = 0.0;

    if (!row->standard || row->kind == OPTION_TEXTS)
        return;
    if (row->kind == OPTION_BOOLEAN && !number_read_boolean(&truth, row->standard))
        json_add_boolean(json, "default", truth);
    else if (row->kind == OPTION_INTEGER && !number_read_integer(&integer, row->standard))
        json_add_integer(json, "default", integer);
    else if (row->kind == OPTION_NUMBER && !number_read(&number, row->standard))
        json_add_number(json, "default", number, NULL);
    else
        json_add_text(json, "default", row->standard);
}

static void put_option(struct json *json, const struct option *row)
{
    static const char *const types[] = {
        [OPTION_BOOLEAN] = "boolean", [OPTION_INTEGER] = "integer", [OPTION_NUMBER] = "number"};

    if (row->kind == OPTION_TEXT)
        schema_scalar_types(json);
    else if (row->kind == OPTION_CHOICE)
        put_choices(json, row->choices);
    else if (row->kind == OPTION_TEXTS)
        put_texts(json, row);
    else
        json_add_text(json, "type", types[row->kind]);
    put_range(json, row);
    put_default(json, row);
}

/* A mapping whose keys are the user's own. */
static void put_map(struct json *json, const char *definition)
{
    json_add_text(json, "type", "object");
    json_open_object(json, "additionalProperties");
    if (definition)
        json_add_text(json, "$ref", definition);
    else
        json_add_text(json, "type", "number");
    json_close(json);
}

static void put_predictors(struct json *json)
{
    json_open_array(json, "anyOf");
    json_open_object(json, NULL);
    json_add_text(json, "const", "all");
    json_close(json);
    json_open_object(json, NULL);
    json_add_text(json, "type", "array");
    json_add_integer(json, "minItems", 1);
    json_open_object(json, "items");
    schema_scalar_types(json);
    json_close(json);
    json_close(json);
    json_close(json);
}

static void put_formula(struct json *json)
{
    json_add_text(json, "type", "string");
    json_add_text(json, "pattern", "~");
}

/* Levels by column. */
static void put_levels(struct json *json)
{
    json_add_text(json, "type", "object");
    json_open_object(json, "additionalProperties");
    json_add_text(json, "type", "array");
    json_add_integer(json, "minItems", 2);
    json_add_boolean(json, "uniqueItems", true);
    json_open_object(json, "items");
    schema_scalar_types(json);
    json_close(json);
    json_close(json);
}

/* A choice by column. */
static void put_choice_map(struct json *json, const char *const *choices)
{
    json_add_text(json, "type", "object");
    json_open_object(json, "additionalProperties");
    put_choices(json, choices);
    json_close(json);
}

/* Falling numbers above 0. */
static void put_lambdas(struct json *json)
{
    json_add_text(json, "type", "array");
    json_add_integer(json, "minItems", 1);
    json_open_object(json, "items");
    json_add_text(json, "type", "number");
    json_add_integer(json, "exclusiveMinimum", 0);
    json_close(json);
}

static void put_model(struct json *json)
{
    json_open_array(json, "anyOf");
    put_type(json, "string");
    put_reference(json, NULL, "#/$defs/model");
    json_close(json);
}

/* Shapes that only runs have, and options. */
static void put_of_run(struct json *json, const struct spec_key *key)
{
    if (key->shape == SPEC_START)
        put_map(json, NULL);
    else if (key->shape == SPEC_LAMBDAS)
        put_lambdas(json);
    else
        put_option(json, &key->option);
}

static void put_section(struct json *json, const struct spec_table *table, const char *section);

static void put_value(struct json *json, const struct spec_table *table, const struct spec_key *key)
{
    switch (key->shape) {
    case SPEC_SECTION:
        put_section(json, table, key->option.key);
        break;
    case SPEC_LANGUAGE:
        json_add_integer(json, "const", SPEC_VERSION);
        break;
    case SPEC_RESPONSE:
        schema_scalar_types(json);
        break;
    case SPEC_PREDICTORS:
        put_predictors(json);
        break;
    case SPEC_FORMULA:
        put_formula(json);
        break;
    case SPEC_LEVELS:
        put_levels(json);
        break;
    case SPEC_CONTRASTS:
        put_choice_map(json, contrast_names);
        break;
    case SPEC_TYPES:
        put_choice_map(json, spec_types);
        break;
    case SPEC_FAMILY:
        json_add_text(json, "$ref", "#/$defs/family");
        break;
    case SPEC_LINK:
        schema_links(json);
        break;
    case SPEC_COEFFICIENT:
        json_add_text(json, "$ref", "#/$defs/prior");
        break;
    case SPEC_AUXILIARY:
        json_add_text(json, "$ref", "#/$defs/positive_prior");
        break;
    case SPEC_TERMS:
        put_map(json, "#/$defs/prior");
        break;
    case SPEC_GROUPS:
        schema_groups(json);
        break;
    case SPEC_CONSTRAINTS:
        schema_constraints(json);
        break;
    case SPEC_PENALTY:
        json_add_text(json, "$ref", "#/$defs/penalty");
        break;
    case SPEC_MODEL:
        put_model(json);
        break;
    default:
        put_of_run(json, key);
    }
}

static void put_required(struct json *json, const struct spec_table *table, const char *section)
{
    json_open_array(json, "required");
    for (size_t i = 0; i < table->count; i++) {
        const char *name = spec_inside(table->keys[i].option.key, section);
        if (name && table->keys[i].required)
            json_add_text(json, NULL, name);
    }
    json_close(json);
}

/* The keys directly in a section; "" is the whole document. */
static void put_section(struct json *json, const struct spec_table *table, const char *section)
{
    json_add_text(json, "type", "object");
    json_open_object(json, "properties");
    for (size_t i = 0; i < table->count; i++) {
        const struct spec_key *key = &table->keys[i];
        const char *name = spec_inside(key->option.key, section);
        if (!name)
            continue;
        json_open_object(json, name);
        json_add_text(json, "description", key->option.help);
        put_value(json, table, key);
        json_close(json);
    }
    json_close(json);
    put_required(json, table, section);
    json_add_boolean(json, "additionalProperties", false);
}

/* A model has a formula, or a response and perhaps predictors. */
static void put_alternatives(struct json *json)
{
    static const char *const response[] = {"response"}, *const formula[] = {"formula"};

    json_open_array(json, "oneOf");
    json_open_object(json, NULL);
    json_add_texts(json, "required", response, 1);
    json_close(json);
    json_open_object(json, NULL);
    json_add_texts(json, "required", formula, 1);
    json_open_object(json, "properties");
    json_add_boolean(json, "predictors", false);
    json_close(json);
    json_close(json);
    json_close(json);
}

static void put_document(struct json *json, const struct spec_table *table)
{
    json_open_object(json, table->what);
    put_section(json, table, "");
    if (table == &spec_model_table)
        put_alternatives(json);
    json_close(json);
}

static void put_all(struct json *json)
{
    json_open_object(json, NULL);
    json_add_text(json, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_add_text(json, "title", "maxpost: runs and models, version 1 of the language");
    json_open_array(json, "anyOf");
    put_reference(json, NULL, "#/$defs/run");
    put_reference(json, NULL, "#/$defs/model");
    json_close(json);
    json_open_object(json, "$defs");
    put_document(json, &spec_run_table);
    put_document(json, &spec_model_table);
    schema_family(json, "family");
    schema_prior(json, "prior", false);
    schema_prior(json, "positive_prior", true);
    schema_penalty(json, "penalty");
    json_close(json);
    json_close(json);
}

mxp_status mxp_schema(char **text, mxp_error *error)
{
    struct str out = {0};
    struct json json;

    json_begin(&json, &out);
    put_all(&json);
    const mxp_status status = json_end(&json, error);
    if (status == MXP_OK)
        *text = out.text;
    else
        str_free(&out);
    return status;
}
