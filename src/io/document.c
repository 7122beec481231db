#include "io/document.h"

#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* ---- reading ---- */

static mxp_status fail_parse(const char *path, const char *text, const json_error_t *why,
                             mxp_error *error)
{
    const struct source source = {.name = path, .text = text, .override = MXP_OK};
    const unsigned line = why->line > 0 ? (unsigned)why->line : 1;
    const unsigned column = why->column > 0 ? (unsigned)why->column : 1;

    if (json_error_code(why) == json_error_out_of_memory)
        return FAIL(error, MXP_MEMORY, "%s: not enough memory to read it", path);
    return FAIL_AT(error, ((struct place){&source, line, column}), MXP_DATA,
                   "damaged, or not JSON: %s", why->text);
}

mxp_status document_read(struct document **document, const char *path, mxp_error *error)
{
    struct document *d = NULL;
    char *text = NULL;
    size_t length = 0;
    json_error_t why;
    mxp_status status;

    TRY(status = file_read(&text, &length, path, error));
    TRY(status = MEM_NEW(&d, 1, error));
    TRY(status = mem_text(&d->file, path, error));
    d->root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
    if (!d->root) {
        status = fail_parse(path, text, &why, error);
        goto out;
    }
    d->node = (struct document_node){.value = d->root, .file = d->file};
    if (!json_is_object(d->root)) {
        status = FAIL(error, MXP_DATA, "%s: holds a list, not an object", path);
        goto out;
    }
    *document = d;
    d = NULL;
out:
    free(text);
    document_free(d);
    return status;
}

void document_free(struct document *document)
{
    if (!document)
        return;
    json_decref(document->root);
    free(document->file);
    free(document);
}

/* ---- faults ---- */

static void put_path(struct str *out, const struct document_node *node)
{
    if (!node->parent)
        return;
    put_path(out, node->parent);
    if (node->key)
        str_format(out, "%s%s", node->parent->parent ? "." : "", node->key);
    else
        str_format(out, "[%zu]", node->index);
}

mxp_status document_fail(const struct document_node *node, mxp_error *error, const char *format,
                         ...)
{
    struct str path = {0};
    char words[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(words, sizeof words, format, args);
    va_end(args);
    put_path(&path, node);
    const mxp_status status = FAIL(error, MXP_DATA, "%s: %s%s%s", node->file,
                                   path.text ? path.text : "", path.text ? ": " : "", words);
    str_free(&path);
    return status;
}

/* ---- values ---- */

static unsigned kind_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return DOCUMENT_OBJECT;
    case JSON_ARRAY:
        return DOCUMENT_ARRAY;
    case JSON_STRING:
        return DOCUMENT_TEXT;
    case JSON_INTEGER:
    case JSON_REAL:
        return DOCUMENT_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return DOCUMENT_BOOLEAN;
    default:
        return DOCUMENT_NULL;
    }
}

static mxp_status check_kind(const struct document_node *node, unsigned kinds, mxp_error *error)
{
    static const char *const words[] = {"an object", "a list",        "a text",
                                        "a number",  "true or false", "null"};
    const unsigned kind = kind_of(node->value);
    struct str wanted = {0};
    size_t is = 0;

    if (kind & kinds)
        return MXP_OK;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (kinds & 1U << i)
            str_format(&wanted, "%s%s", wanted.text ? " or " : "", words[i]);
        if (kind & 1U << i)
            is = i;
    }
    const mxp_status status = document_fail(node, error, "is %s, not %s", words[is],
                                            wanted.text ? wanted.text : "what is needed");
    str_free(&wanted);
    return status;
}

mxp_status document_member(struct document_node *member, const struct document_node *object,
                           const char *key, unsigned kinds, mxp_error *error)
{
    const json_t *const value = json_object_get(object->value, key);

    if (!value)
        return document_fail(object, error, "there is no \"%s\"", key);
    *member =
        (struct document_node){.value = value, .parent = object, .key = key, .file = object->file};
    return check_kind(member, kinds, error);
}

mxp_status document_item(struct document_node *item, const struct document_node *array,
                         size_t index, unsigned kinds, mxp_error *error)
{
    const json_t *const value = json_array_get(array->value, index);

    if (!value)
        return document_fail(array, error, "has %zu items, too few", document_size(array));
    *item = (struct document_node){
        .value = value, .parent = array, .index = index, .file = array->file};
    return check_kind(item, kinds, error);
}

bool document_has(const struct document_node *object, const char *key)
{
    return json_object_get(object->value, key) != NULL;
}

bool document_is_null(const struct document_node *node)
{
    return json_is_null(node->value);
}

size_t document_size(const struct document_node *node)
{
    return json_is_array(node->value) ? json_array_size(node->value)
                                      : json_object_size(node->value);
}

/* The number of a node, NAN of a null.  The reader refuses what a double cannot hold. */
static double number_of(const struct document_node *node)
{
    return json_is_null(node->value) ? NAN : json_number_value(node->value);
}

static mxp_status index_of(size_t *index, const struct document_node *node, size_t below,
                           mxp_error *error)
{
    const json_int_t value = json_integer_value(node->value);

    if (!json_is_integer(node->value))
        return document_fail(node, error, "is not a whole number");
    if (value < 0 || (unsigned long long)value >= below)
        return document_fail(node, error, "%lld is not between 0 and %zu", (long long)value,
                             below ? below - 1 : 0);
    *index = (size_t)value;
    return MXP_OK;
}

static unsigned with_null(unsigned kind, bool or_null)
{
    return kind | (or_null ? (unsigned)DOCUMENT_NULL : 0U);
}

/* ---- members ---- */

mxp_status document_text(const char **text, const struct document_node *object, const char *key,
                         bool or_null, mxp_error *error)
{
    struct document_node node = {0};
    mxp_status status;

    TRY(status = document_member(&node, object, key, with_null(DOCUMENT_TEXT, or_null), error));
    *text = json_string_value(node.value);
out:
    return status;
}

mxp_status document_number(double *value, const struct document_node *object, const char *key,
                           bool or_null, mxp_error *error)
{
    struct document_node node = {0};
    mxp_status status;

    TRY(status = document_member(&node, object, key, with_null(DOCUMENT_NUMBER, or_null), error));
    *value = number_of(&node);
out:
    return status;
}

mxp_status document_boolean(bool *value, const struct document_node *object, const char *key,
                            mxp_error *error)
{
    struct document_node node = {0};
    mxp_status status;

    TRY(status = document_member(&node, object, key, DOCUMENT_BOOLEAN, error));
    *value = json_is_true(node.value);
out:
    return status;
}

mxp_status document_count(size_t *value, const struct document_node *object, const char *key,
                          size_t most, mxp_error *error)
{
    struct document_node node = {0};
    mxp_status status;

    TRY(status = document_member(&node, object, key, DOCUMENT_NUMBER, error));
    status = index_of(value, &node, most < SIZE_MAX ? most + 1 : most, error);
out:
    return status;
}

mxp_status document_choice(size_t *index, const struct document_node *object, const char *key,
                           const char *const *names, mxp_error *error)
{
    struct document_node node = {0};
    mxp_status status;

    TRY(status = document_member(&node, object, key, DOCUMENT_TEXT, error));
    const char *const text = json_string_value(node.value);
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], text) == 0) {
            *index = i;
            return MXP_OK;
        }
    status = document_fail(&node, error, "\"%.80s\" is not known to this version", text);
out:
    return status;
}

/* ---- arrays ---- */

mxp_status document_numbers(double **values, const struct document_node *object, const char *key,
                            size_t count, bool or_null, mxp_error *error)
{
    struct document_node array = {0}, item = {0};
    double *out = NULL;
    mxp_status status;

    TRY(status = document_member(&array, object, key, DOCUMENT_ARRAY, error));
    if (document_size(&array) != count) {
        status =
            document_fail(&array, error, "has %zu numbers, not %zu", document_size(&array), count);
        goto out;
    }
    TRY(status = mem_doubles(&out, count, 1, error));
    for (size_t i = 0; i < count; i++) {
        TRY(status = document_item(&item, &array, i, with_null(DOCUMENT_NUMBER, or_null), error));
        out[i] = number_of(&item);
    }
    *values = out;
    out = NULL;
out:
    free(out);
    return status;
}

mxp_status document_indices(size_t **values, size_t *count, const struct document_node *object,
                            const char *key, size_t below, bool or_null, mxp_error *error)
{
    struct document_node array = {0}, item = {0};
    size_t *out = NULL;
    mxp_status status;

    TRY(status = document_member(&array, object, key, DOCUMENT_ARRAY, error));
    TRY(status = MEM_NEW(&out, document_size(&array), error));
    for (size_t i = 0; i < document_size(&array); i++) {
        TRY(status = document_item(&item, &array, i, with_null(DOCUMENT_NUMBER, or_null), error));
        out[i] = SIZE_MAX;
        if (!document_is_null(&item))
            TRY(status = index_of(&out[i], &item, below, error));
    }
    *count = document_size(&array);
    *values = out;
    out = NULL;
out:
    free(out);
    return status;
}

mxp_status document_texts(const char ***texts, size_t *count, const struct document_node *object,
                          const char *key, bool or_null, mxp_error *error)
{
    struct document_node array = {0}, item = {0};
    const char **out = NULL;
    mxp_status status;

    TRY(status = document_member(&array, object, key, DOCUMENT_ARRAY, error));
    TRY(status = mem_zeroed(&out, document_size(&array), sizeof *out, error));
    for (size_t i = 0; i < document_size(&array); i++) {
        TRY(status = document_item(&item, &array, i, with_null(DOCUMENT_TEXT, or_null), error));
        out[i] = json_string_value(item.value);
    }
    *count = document_size(&array);
    *texts = out;
    out = NULL;
out:
    free(out);
    return status;
}
