#include "io/yaml.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "io/file.h"
#include "io/utf8.h"
#include "io/yaml_tree.h"

#include <string.h>

void yaml_source_free(struct yaml_source *source)
{
    if (!source)
        return;
    free(source->name);
    free(source->text);
    free(source);
}

mxp_status yaml_source_new(struct yaml_source **made, const char *name, const char *text,
                           size_t length, mxp_status override, mxp_error *error)
{
    mxp_status status;
    struct yaml_source *fresh = NULL;

    TRY(status = MEM_NEW(&fresh, 1, error));
    TRY(status = mem_text(&fresh->name, name, error));
    TRY(status = mem_text_n(&fresh->text, text, length, error));
    fresh->source = (struct source){fresh->name, fresh->text, override};
    *made = fresh;
    fresh = NULL;
out:
    yaml_source_free(fresh);
    return status;
}

mxp_status yaml_node_new(struct yaml_node **node, enum yaml_kind kind, struct place place,
                         mxp_error *error)
{
    struct yaml_node *fresh = NULL;
    const mxp_status status = MEM_NEW(&fresh, 1, error);

    if (status != MXP_OK)
        return status;
    fresh->kind = kind;
    fresh->place = place;
    *node = fresh;
    return MXP_OK;
}

void yaml_node_free(struct yaml_node *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->count; i++)
        yaml_node_free(node->child[i]);
    free(node->child);
    free(node->key);
    free(node->text);
    free(node);
}

mxp_status yaml_node_append(struct yaml_node *parent, struct yaml_node *child, mxp_error *error)
{
    const mxp_status status = mem_grow(&parent->child, &parent->capacity, parent->count + 1,
                                       sizeof *parent->child, error);
    if (status == MXP_OK)
        parent->child[parent->count++] = child;
    return status;
}

static int place_order(struct place a, struct place b)
{
    if (a.line != b.line)
        return a.line < b.line ? -1 : 1;
    return (a.column > b.column) - (a.column < b.column);
}

static int key_order(const void *a, const void *b)
{
    const struct yaml_node *x = *(const struct yaml_node *const *)a;
    const struct yaml_node *y = *(const struct yaml_node *const *)b;
    const int order = strcmp(x->key, y->key);

    return order ? order : place_order(x->key_place, y->key_place);
}

mxp_status yaml_check_keys(const struct yaml_node *mapping, mxp_error *error)
{
    const struct yaml_node **sorted, *first = NULL, *second = NULL;
    mxp_status status = MEM_NEW(&sorted, mapping->count, error);

    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < mapping->count; i++)
        sorted[i] = mapping->child[i];
    qsort(sorted, mapping->count, sizeof *sorted, key_order);
    for (size_t i = 1; i < mapping->count; i++) {
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0 &&
            (!second || place_order(sorted[i]->key_place, second->key_place) < 0)) {
            first = sorted[i - 1];
            second = sorted[i];
        }
    }
    if (second)
        status =
            FAIL_AT(error, second->key_place, MXP_CONFIG, "duplicate key \"%s\" (first in line %u)",
                    second->key, first->key_place.line);
    free(sorted);
    return status;
}

static bool is_allowed(uint32_t code)
{
    return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code <= 0x7E) ||
           (code >= 0xA0 && code != 0x2028 && code != 0x2029 && code != 0xFEFF && code != 0xFFFE &&
            code != 0xFFFF);
}

mxp_status yaml_check_text(const struct source *source, size_t length, mxp_error *error)
{
    /* Without the text: a line that is not clean is not repeated. */
    const struct source bare = {.name = source->name, .override = source->override};
    struct place place = {&bare, 1, 1};
    const char *text = source->text;

    for (size_t i = 0; i < length;) {
        uint32_t code = 0;
        const size_t bytes = utf8_decode(&code, text + i, length - i);
        if (bytes == 0)
            return FAIL_AT(error, place, MXP_CONFIG, "byte 0x%02X is not UTF-8",
                           (unsigned)(unsigned char)text[i]);
        if (!is_allowed(code))
            return FAIL_AT(error, place, MXP_CONFIG, "character U+%04X is not allowed",
                           (unsigned)code);
        if (code == '\r' && text[i + 1] != '\n')
            return FAIL_AT(error, place, MXP_CONFIG, "a carriage return without a line feed");
        place.column++;
        if (code == '\n') {
            place.line++;
            place.column = 1;
        }
        i += bytes;
    }
    return MXP_OK;
}

mxp_status yaml_read(struct yaml_document **document, const char *name, const char *text,
                     size_t length, mxp_error *error)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* a byte order mark is not part of the text */
    const size_t skip = length >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    mxp_status status;
    struct yaml_document *fresh = NULL;

    TRY(status = MEM_NEW(&fresh, 1, error));
    TRY(status = yaml_source_new(&fresh->sources, name, text + skip, length - skip, MXP_OK, error));
    TRY(status = yaml_check_text(&fresh->sources->source, length - skip, error));
    TRY(status = yaml_build(&fresh->root, &fresh->nodes, &fresh->sources->source, 0, 1, error));
    *document = fresh;
    fresh = NULL;
out:
    yaml_document_free(fresh);
    return status;
}

mxp_status yaml_load(struct yaml_document **document, const char *path, mxp_error *error)
{
    char *text = NULL;
    size_t length = 0;
    mxp_status status = file_read(&text, &length, path, error);

    if (status == MXP_OK)
        status = yaml_read(document, path, text, length, error);
    free(text);
    return status;
}

void yaml_document_free(struct yaml_document *document)
{
    if (!document)
        return;
    yaml_node_free(document->root);
    while (document->sources) {
        struct yaml_source *next = document->sources->next;
        yaml_source_free(document->sources);
        document->sources = next;
    }
    free(document);
}

const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key)
{
    if (!mapping || mapping->kind != YAML_MAPPING)
        return NULL;
    for (size_t i = 0; i < mapping->count; i++)
        if (strcmp(mapping->child[i]->key, key) == 0)
            return mapping->child[i];
    return NULL;
}

mxp_status yaml_expect(const struct yaml_node *node, enum yaml_kind kind, mxp_error *error)
{
    static const char *const words[] = {[YAML_SCALAR] = "a single value",
                                        [YAML_SEQUENCE] = "a list",
                                        [YAML_MAPPING] = "a mapping (key: value)"};
    const char *key = node->key ? node->key : "this", *quote = node->key ? "\"" : "";

    if (node->kind == kind)
        return MXP_OK;
    return FAIL_AT(error, node->place, MXP_CONFIG, "%s%s%s must be %s, not %s", quote, key, quote,
                   words[kind], words[node->kind]);
}

/* "KEY = TEXT WORDS"; a text in quotes that would do without them gets other words. */
static mxp_status refuse(const struct yaml_node *node, const char *words, mxp_error *error)
{
    const char *key = node->key ? node->key : "", *equals = node->key ? " = " : "";
    const char *quote = node->quoted ? "\"" : "";

    if (!words)
        words = "is text; write it without the quotes";
    return FAIL_AT(error, node->place, MXP_CONFIG, "%s%s%s%s%s %s", key, equals, quote, node->text,
                   quote, words);
}

mxp_status yaml_number(double *value, const struct yaml_node *node, mxp_error *error)
{
    double read = 0.0;
    mxp_status status = yaml_expect(node, YAML_SCALAR, error);

    if (status != MXP_OK)
        return status;
    const char *words = number_read(&read, node->text);
    if (words || node->quoted)
        return refuse(node, words, error);
    *value = read;
    return MXP_OK;
}

mxp_status yaml_integer(int64_t *value, const struct yaml_node *node, mxp_error *error)
{
    int64_t read = 0;
    mxp_status status = yaml_expect(node, YAML_SCALAR, error);

    if (status != MXP_OK)
        return status;
    const char *words = number_read_integer(&read, node->text);
    if (words || node->quoted)
        return refuse(node, words, error);
    *value = read;
    return MXP_OK;
}

mxp_status yaml_boolean(bool *value, const struct yaml_node *node, mxp_error *error)
{
    bool read = false;
    mxp_status status = yaml_expect(node, YAML_SCALAR, error);

    if (status != MXP_OK)
        return status;
    const char *words = number_read_boolean(&read, node->text);
    if (words || node->quoted)
        return refuse(node, words, error);
    *value = read;
    return MXP_OK;
}

mxp_status yaml_text(const char **text, const struct yaml_node *node, mxp_error *error)
{
    const mxp_status status = yaml_expect(node, YAML_SCALAR, error);

    if (status == MXP_OK)
        *text = node->text;
    return status;
}

/* The source's text at a place, or NULL. */
static const char *text_at(struct place place)
{
    const char *at = place.source ? place.source->text : NULL;

    for (unsigned line = 1; at && line < place.line; line++) {
        at = strchr(at, '\n');
        at += at != NULL;
    }
    for (unsigned column = 1; at && *at && column < place.column; column++)
        do
            at++;
        while (((unsigned char)*at & 0xC0u) == 0x80u);
    return at;
}

struct place yaml_place_in(const struct yaml_node *scalar, size_t byte)
{
    struct place place = scalar->place;
    const char *at = text_at(place);

    if (!at || scalar->kind != YAML_SCALAR)
        return place;
    const unsigned quote = scalar->quoted && (*at == '"' || *at == '\'');
    if (strncmp(at + quote, scalar->text, strlen(scalar->text)) == 0)
        place.column += quote + (unsigned)str_characters(scalar->text, byte);
    return place;
}
