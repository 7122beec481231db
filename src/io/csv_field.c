#include "io/csv_field.h"

static bool is_blank(char c, char delimiter)
{
    return (c == ' ' || c == '\t') && c != delimiter;
}

/* Whether a carriage return at s belongs to the line's end. */
static bool ends_line(const char *s, const char *end)
{
    return *s == '\r' && (s + 1 >= end || s[1] == '\n');
}

static const char *skip_blanks(const char *s, const char *end, char delimiter)
{
    while (s < end && is_blank(*s, delimiter))
        s++;
    return s;
}

/* Narrows text and length by the blanks on both sides. */
static void strip(struct field *field, char delimiter)
{
    const char *from = field->text, *to = field->text + field->length;

    from = skip_blanks(from, to, delimiter);
    while (to > from && is_blank(to[-1], delimiter))
        to--;
    field->text = from;
    field->length = (size_t)(to - from);
}

static enum field_problem scan_quoted(struct field *field, const char *quote, const char *end,
                                      char delimiter)
{
    const char *s = quote + 1;
    size_t newlines = 0;

    field->quoted = true;
    field->text = s;
    for (;; s++) {
        if (s >= end) {
            field->end = quote;
            return FIELD_UNCLOSED;
        }
        if (*s == '"') {
            if (s + 1 >= end || s[1] != '"')
                break;
            field->doubled = true;
            s++;
        } else if (*s == '\n') {
            newlines++;
        } else if (*s == '\0') {
            field->end = s;
            field->newlines = newlines;
            return FIELD_NUL;
        }
    }
    field->newlines = newlines;
    field->length = (size_t)(s - field->text);
    strip(field, delimiter);
    s = skip_blanks(s + 1, end, delimiter);
    field->end = s;
    if (s < end && ends_line(s, end))
        field->end = s + 1;
    else if (s < end && *s != delimiter && *s != '\n')
        return *s ? FIELD_AFTER_QUOTE : FIELD_NUL;
    return FIELD_OK;
}

enum field_problem field_scan(struct field *field, const char *at, const char *end, char delimiter)
{
    *field = (struct field){0};
    const char *s = skip_blanks(at, end, delimiter);
    if (s < end && *s == '"')
        return scan_quoted(field, s, end, delimiter);
    field->text = s;
    for (; s < end && *s != delimiter && *s != '\n'; s++) {
        if (*s == '\0') {
            field->end = s;
            return FIELD_NUL;
        }
    }
    field->end = s;
    field->length = (size_t)(s - field->text);
    if (field->length && ends_line(s - 1, end))
        field->length--;
    strip(field, delimiter);
    return FIELD_OK;
}

size_t field_copy(char *out, size_t room, const struct field *field)
{
    size_t used = 0;

    for (size_t i = 0; i < field->length && used < room; i++) {
        out[used++] = field->text[i];
        if (field->doubled && field->text[i] == '"')
            i++;
    }
    return used;
}
