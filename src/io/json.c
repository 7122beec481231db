#include "io/json.h"
#include "io/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void indent(struct json *json)
{
    if (json->on_a_line) {
        str_add(json->out, " ");
        return;
    }
    str_add(json->out, "\n");
    for (unsigned i = 0; i < json->depth; i++)
        str_add(json->out, "  ");
}

/* A run of text that needs no escape, or one escape; returns the bytes consumed, at least 1. */
static size_t add_piece(struct str *out, const char *text, size_t length)
{
    static const char *const short_escape[] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    const unsigned char c = (unsigned char)text[0];
    uint32_t code = 0;
    size_t plain = 0;

    while (plain < length && text[plain] >= ' ' && text[plain] < 127 && text[plain] != '"' &&
           text[plain] != '\\')
        plain++;
    if (plain > 0) {
        str_add_n(out, text, plain);
        return plain;
    }
    if (c == '"' || c == '\\') {
        str_format(out, "\\%c", c);
        return 1;
    }
    if (c < sizeof short_escape / sizeof *short_escape && short_escape[c]) {
        str_add(out, short_escape[c]);
        return 1;
    }
    if (c < ' ' || c == 127) {
        str_format(out, "\\u%04x", c);
        return 1;
    }
    const size_t bytes = utf8_decode(&code, text, length);
    if (bytes == 0) {
        str_add(out, "\xEF\xBF\xBD");
        return 1;
    }
    str_add_n(out, text, bytes);
    return bytes;
}

static void add_quoted(struct str *out, const char *text, const char *suffix)
{
    const size_t length = strlen(text);

    str_add(out, "\"");
    for (size_t i = 0; i < length;)
        i += add_piece(out, text + i, length - i);
    str_add(out, suffix);
    str_add(out, "\"");
}

/* The comma, the line, and the member's name. */
static void begin_value(struct json *json, const char *name, const char *suffix)
{
    if (json->depth == 0) {
        assert(!name);
        return;
    }
    struct json_level *level = &json->level[json->depth - 1];
    assert((level->close == '}') == (name != NULL));
    if (level->filled)
        str_add(json->out, ",");
    level->filled = true;
    indent(json);
    if (name) {
        add_quoted(json->out, name, suffix);
        str_add(json->out, ": ");
    }
}

/* printf follows the locale; JSON's decimal point does not. */
static void add_double(struct str *out, double value)
{
    char printed[64];
    (void)snprintf(printed, sizeof printed, "%.17g", value);

    for (const char *at = printed; *at;) {
        const size_t plain = strspn(at, "0123456789+-e");
        str_add_n(out, at, plain);
        at += plain;
        if (*at) {
            str_add(out, ".");
            at += strcspn(at, "0123456789+-e");
        }
    }
}

void json_begin(struct json *json, struct str *out)
{
    *json = (struct json){.out = out};
}

mxp_status json_end(struct json *json, mxp_error *error)
{
    assert(json->depth == 0);
    str_add(json->out, "\n");
    return str_check(json->out, error);
}

static void open_level(struct json *json, const char *name, char open, char close)
{
    begin_value(json, name, "");
    str_add_n(json->out, &open, 1);
    assert(json->depth < JSON_DEPTH_MAX);
    json->level[json->depth++] = (struct json_level){.close = close};
}

void json_open_object(struct json *json, const char *name)
{
    open_level(json, name, '{', '}');
}

void json_open_array(struct json *json, const char *name)
{
    open_level(json, name, '[', ']');
}

void json_close(struct json *json)
{
    assert(json->depth > 0);
    const struct json_level level = json->level[--json->depth];
    if (level.filled && !json->on_a_line)
        indent(json);
    str_add_n(json->out, &level.close, 1);
}

void json_add_text(struct json *json, const char *name, const char *text)
{
    begin_value(json, name, "");
    if (text)
        add_quoted(json->out, text, "");
    else
        str_add(json->out, "null");
}

void json_add_null(struct json *json, const char *name, const char *reason)
{
    begin_value(json, name, "");
    str_add(json->out, "null");
    if (name && reason) {
        begin_value(json, name, "_reason");
        add_quoted(json->out, reason, "");
    }
}

void json_add_number(struct json *json, const char *name, double value, const char *reason)
{
    if (!isfinite(value)) {
        const char *words = isnan(value) ? "is not a number" : "is infinite";
        json_add_null(json, name, reason ? reason : words);
        return;
    }
    begin_value(json, name, "");
    add_double(json->out, value);
}

void json_add_integer(struct json *json, const char *name, int64_t value)
{
    begin_value(json, name, "");
    str_format(json->out, "%" PRId64, value);
}

void json_add_boolean(struct json *json, const char *name, bool value)
{
    begin_value(json, name, "");
    str_add(json->out, value ? "true" : "false");
}

void json_add_numbers(struct json *json, const char *name, const double *values, size_t count)
{
    begin_value(json, name, "");
    str_add(json->out, "[");
    for (size_t i = 0; i < count; i++) {
        if (i)
            str_add(json->out, ", ");
        if (isfinite(values[i]))
            add_double(json->out, values[i]);
        else
            str_add(json->out, "null");
    }
    str_add(json->out, "]");
}

void json_add_texts(struct json *json, const char *name, const char *const *texts, size_t count)
{
    begin_value(json, name, "");
    str_add(json->out, "[");
    for (size_t i = 0; i < count; i++) {
        if (i)
            str_add(json->out, ", ");
        if (texts[i])
            add_quoted(json->out, texts[i], "");
        else
            str_add(json->out, "null");
    }
    str_add(json->out, "]");
}
