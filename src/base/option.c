#include "base/option.h"
#include "base/mem.h"
#include "base/number.h"

#include <string.h>

static void *member(void *target, const struct option *row)
{
    return (char *)target + row->offset;
}

static const void *const_member(const void *target, const struct option *row)
{
    return (const char *)target + row->offset;
}

static void free_texts(struct option_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->text[i]);
    free(texts->text);
    *texts = (struct option_texts){0};
}

void option_clear(void *target, const struct option *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind == OPTION_TEXT) {
            char **text = member(target, &rows[i]);
            free(*text);
            *text = NULL;
        } else if (rows[i].kind == OPTION_TEXTS) {
            free_texts(member(target, &rows[i]));
        }
    }
}

const struct option *option_find(const struct option *rows, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].key, key) == 0)
            return &rows[i];
    return NULL;
}

const char *option_nearest(const struct option *rows, size_t count, const char *key)
{
    const char **names, *nearest;

    if (MEM_NEW(&names, count, NULL) != MXP_OK)
        return NULL;
    for (size_t i = 0; i < count; i++)
        names[i] = rows[i].key;
    nearest = str_nearest(key, names, count);
    free(names);
    return nearest;
}

static bool has_range(const struct option *row)
{
    return row->low < row->high;
}

static bool inside(const struct option *row, double x)
{
    return !has_range(row) || ((row->open & OPTION_OPEN_LOW ? x > row->low : x >= row->low) &&
                               (row->open & OPTION_OPEN_HIGH ? x < row->high : x <= row->high));
}

void option_range(struct str *out, const struct option *row)
{
    const bool endless = row->kind == OPTION_INTEGER; /* no integer is infinite */

    if (!has_range(row))
        return;
    str_add(out, row->open & OPTION_OPEN_LOW || (endless && row->low < -1e300) ? "(" : "[");
    number_print(out, row->low);
    str_add(out, ", ");
    number_print(out, row->high);
    str_add(out, row->open & OPTION_OPEN_HIGH || (endless && row->high > 1e300) ? ")" : "]");
}

static void add_choices(struct str *out, const struct option *row)
{
    for (size_t i = 0; row->choices[i]; i++) {
        str_add(out, i ? ", " : "");
        str_add(out, row->choices[i]);
    }
}

void option_type(struct str *out, const struct option *row)
{
    static const char *const words[] = {[OPTION_BOOLEAN] = "true or false",
                                        [OPTION_INTEGER] = "integer",
                                        [OPTION_NUMBER] = "number",
                                        [OPTION_CHOICE] = "one of ",
                                        [OPTION_TEXT] = "text",
                                        [OPTION_TEXTS] = "list of texts"};

    str_add(out, words[row->kind]);
    if (row->kind == OPTION_CHOICE)
        add_choices(out, row);
}

/* "KEY = VALUE WORDS". */
static mxp_status refuse(const struct option *row, struct option_value value, const char *words,
                         mxp_error *error)
{
    const char *quote = value.quoted ? "\"" : "";
    return FAIL_AT(error, value.place, MXP_CONFIG, "%s = %s%s%s %s", row->key, quote, value.text,
                   quote, words);
}

static mxp_status refuse_range(const struct option *row, struct option_value value,
                               mxp_error *error)
{
    struct str words = {0};

    str_add(&words, "is outside ");
    option_range(&words, row);
    mxp_status status = str_check(&words, error);
    if (status == MXP_OK)
        status = refuse(row, value, words.text, error);
    str_free(&words);
    return status;
}

/* What a scalar of three kinds may be; the words of a complaint, or NULL. */
static const char *read_scalar(struct option_value value, enum option_kind kind, bool *truth,
                               int64_t *integer, double *number)
{
    const char *words = kind == OPTION_BOOLEAN   ? number_read_boolean(truth, value.text)
                        : kind == OPTION_INTEGER ? number_read_integer(integer, value.text)
                                                 : number_read(number, value.text);
    if (!words && value.quoted)
        return "is text; write it without the quotes";
    return words;
}

static mxp_status set_scalar(void *target, const struct option *row, struct option_value value,
                             mxp_error *error)
{
    bool truth = false;
    int64_t integer = 0;
    double number = 0.0;
    const char *words = read_scalar(value, row->kind, &truth, &integer, &number);

    if (words)
        return refuse(row, value, words, error);
    if (row->kind == OPTION_BOOLEAN) {
        *(bool *)member(target, row) = truth;
        return MXP_OK;
    }
    if (!inside(row, row->kind == OPTION_INTEGER ? (double)integer : number))
        return refuse_range(row, value, error);
    if (row->kind == OPTION_INTEGER)
        *(int64_t *)member(target, row) = integer;
    else
        *(double *)member(target, row) = number;
    return MXP_OK;
}

static mxp_status set_choice(void *target, const struct option *row, struct option_value value,
                             mxp_error *error)
{
    struct str words = {0};
    int count = 0;

    for (; row->choices[count]; count++) {
        if (strcmp(row->choices[count], value.text) == 0) {
            *(int *)member(target, row) = count;
            return MXP_OK;
        }
    }
    const char *nearest = str_nearest(value.text, row->choices, (size_t)count);
    str_add(&words, "is not one of ");
    add_choices(&words, row);
    if (nearest)
        str_format(&words, "; did you mean %s?", nearest);
    mxp_status status = str_check(&words, error);
    if (status == MXP_OK)
        status = refuse(row, value, words.text, error);
    str_free(&words);
    return status;
}

static mxp_status set_text(void *target, const struct option *row, const char *text,
                           mxp_error *error)
{
    char **held = member(target, row), *copy = NULL;
    const mxp_status status = mem_text(&copy, text, error);

    if (status != MXP_OK)
        return status;
    free(*held);
    *held = copy;
    return MXP_OK;
}

mxp_status option_set_texts(void *target, const struct option *row, const char *const *texts,
                            size_t count, mxp_error *error)
{
    mxp_status status;
    struct option_texts fresh = {0}, *held = member(target, row);

    TRY(status = MEM_NEW(&fresh.text, count, error));
    for (; fresh.count < count; fresh.count++)
        TRY(status = mem_text(&fresh.text[fresh.count], texts[fresh.count], error));
    free_texts(held);
    *held = fresh;
    return MXP_OK;
out:
    free_texts(&fresh);
    return status;
}

mxp_status option_set(void *target, const struct option *row, struct option_value value,
                      mxp_error *error)
{
    switch (row->kind) {
    case OPTION_CHOICE:
        return set_choice(target, row, value, error);
    case OPTION_TEXT:
        return set_text(target, row, value.text, error);
    case OPTION_TEXTS:
        return option_set_texts(target, row, &value.text, 1, error);
    default:
        return set_scalar(target, row, value, error);
    }
}

/* Cuts a list at its commas, in place, dropping the blanks around the items. */
static mxp_status set_list(void *target, const struct option *row, char *list, mxp_error *error)
{
    mxp_status status;
    const char **items = NULL;
    size_t count = 0;

    TRY(status = MEM_NEW(&items, strlen(list) + 1, error));
    for (char *at = list; at;) {
        char *comma = strchr(at, ',');
        if (comma)
            *comma++ = '\0';
        at += strspn(at, " ");
        for (char *end = at + strlen(at); end > at && end[-1] == ' ';)
            *--end = '\0';
        items[count++] = at;
        at = comma;
    }
    status = option_set_texts(target, row, items, count, error);
out:
    free(items);
    return status;
}

static void zero(void *target, const struct option *row)
{
    static const size_t size[] = {
        [OPTION_BOOLEAN] = sizeof(bool),  [OPTION_INTEGER] = sizeof(int64_t),
        [OPTION_NUMBER] = sizeof(double), [OPTION_CHOICE] = sizeof(int),
        [OPTION_TEXT] = sizeof(char *),   [OPTION_TEXTS] = sizeof(struct option_texts)};
    memset(member(target, row), 0, size[row->kind]);
}

static mxp_status set_standard(void *target, const struct option *row, mxp_error *error)
{
    const struct option_value value = {.text = row->standard};
    char *list = NULL;

    if (!row->standard)
        return MXP_OK;
    if (row->kind != OPTION_TEXTS)
        return option_set(target, row, value, error);
    mxp_status status = mem_text(&list, row->standard, error);
    if (status == MXP_OK)
        status = set_list(target, row, list, error);
    free(list);
    return status;
}

mxp_status option_defaults(void *target, const struct option *rows, size_t count, mxp_error *error)
{
    for (size_t i = 0; i < count; i++)
        zero(target, &rows[i]);
    for (size_t i = 0; i < count; i++) {
        const mxp_status status = set_standard(target, &rows[i], error);
        if (status != MXP_OK) {
            option_clear(target, rows, count);
            return status;
        }
    }
    return MXP_OK;
}

static void add_quoted(struct str *out, const char *text)
{
    str_add(out, "\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            str_add(out, "\\");
        str_add_n(out, text, 1);
    }
    str_add(out, "\"");
}

static void print_texts(struct str *out, const struct option_texts *texts)
{
    str_add(out, "[");
    for (size_t i = 0; i < texts->count; i++) {
        str_add(out, i ? ", " : "");
        add_quoted(out, texts->text[i]);
    }
    str_add(out, "]");
}

void option_print(struct str *out, const void *target, const struct option *row)
{
    const void *value = const_member(target, row);

    switch (row->kind) {
    case OPTION_BOOLEAN:
        str_add(out, *(const bool *)value ? "true" : "false");
        break;
    case OPTION_INTEGER:
        str_format(out, "%lld", (long long)*(const int64_t *)value);
        break;
    case OPTION_NUMBER:
        number_print(out, *(const double *)value);
        break;
    case OPTION_CHOICE:
        str_add(out, row->choices[*(const int *)value]);
        break;
    case OPTION_TEXT:
        if (*(char *const *)value)
            add_quoted(out, *(char *const *)value);
        break;
    case OPTION_TEXTS:
        print_texts(out, value);
        break;
    }
}
