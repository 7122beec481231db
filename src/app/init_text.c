#include "app/init.h"
#include "base/number.h"
#include "io/utf8.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LINE = 96 };

bool init_can_write(const char *name)
{
    size_t left = strlen(name);
    uint32_t code;

    while (left > 0) {
        const size_t bytes = utf8_decode(&code, name, left);
        if (bytes == 0)
            return false;
        name += bytes;
        left -= bytes;
    }
    return true;
}

/* A word that no reader of YAML takes for something else. */
static bool is_plain(const char *name)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no",  "on",
                                        "off",  "y",    "n",     "nan", "inf", "all"};

    if (!isalpha((unsigned char)name[0]) && name[0] != '_')
        return false;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("_.-", *at))
            return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i], name) == 0)
            return false;
    return true;
}

static bool must_escape(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
           code == 0xFEFF || code == 0xFFFE || code == 0xFFFF;
}

void init_write_name(struct str *out, const char *name)
{
    if (is_plain(name))
        str_add(out, name);
    else
        init_write_quoted(out, name);
}

void init_write_quoted(struct str *out, const char *name)
{
    size_t left = strlen(name);
    uint32_t code;

    str_add(out, "\"");
    while (left > 0) {
        size_t bytes = utf8_decode(&code, name, left);
        if (bytes == 0)
            bytes = 1, code = 0xFFFD;
        if (code == '"' || code == '\\')
            str_format(out, "\\%c", (int)code);
        else if (must_escape(code))
            str_format(out, "\\u%04X", (unsigned)code);
        else if (code == 0xFFFD)
            str_add(out, "\xEF\xBF\xBD");
        else
            str_add_n(out, name, bytes);
        name += bytes;
        left -= bytes;
    }
    str_add(out, "\"");
}

void init_write_number(struct str *out, double value, int digits)
{
    char text[64];
    double rounded;

    (void)snprintf(text, sizeof text, "%.*g", digits, value);
    number_print(out, number_read(&rounded, text) ? value : rounded);
}

struct init_list init_list_begin(struct str *out, const char *lead, const char *indent)
{
    const struct init_list list = {out, indent, out->length, 0};

    str_add(out, lead);
    return list;
}

void init_list_add(struct init_list *list, const char *name, const char *more)
{
    struct str *out = list->out, item = {0};

    init_write_name(&item, name);
    str_add(&item, more);
    out->failed |= item.failed;
    if (!out->failed) {
        str_add(out, list->items++ ? "," : "");
        if (out->length - list->line + item.length > LINE) {
            str_add(out, "\n");
            list->line = out->length;
            str_add(out, list->indent);
        } else if (list->items > 1) {
            str_add(out, " ");
        }
        str_add_n(out, item.text, item.length);
    }
    str_free(&item);
}
