#include "model/arguments.h"
#include "base/number.h"

#include <math.h>
#include <string.h>

static const char blank[] = " \t\r\n";

struct place arguments_place(struct place place, const char *text, size_t bytes)
{
    if (place.line)
        place.column += (unsigned)str_characters(text, bytes);
    return place;
}

/* Length of one piece: up to `stops` outside parentheses. */
static size_t piece_length(const char *s, const char *stops)
{
    size_t depth = 0, n = 0;
    for (; s[n]; n++) {
        if (depth == 0 && strchr(stops, s[n]))
            break;
        depth += s[n] == '(';
        depth -= s[n] == ')' && depth > 0;
    }
    return n;
}

/* Copies text[from, to) without blanks around it; *at is the index of its first character. */
static mxp_status copy_trimmed(char out[ARGUMENT_TEXT], size_t *at, const char *text, size_t from,
                               size_t to, struct place place, mxp_error *error)
{
    while (from < to && strchr(blank, text[from]))
        from++;
    while (to > from && strchr(blank, text[to - 1]))
        to--;
    *at = from;
    if (to - from >= ARGUMENT_TEXT)
        return FAIL_AT(error, arguments_place(place, text, from), MXP_CONFIG,
                       "an argument is longer than %d characters", ARGUMENT_TEXT - 1);
    memcpy(out, text + from, to - from);
    out[to - from] = '\0';
    return MXP_OK;
}

/* The argument text[from, to), which may have the form name=value. */
static mxp_status read_one(struct argument *out, const char *text, size_t from, size_t to,
                           struct place place, mxp_error *error)
{
    mxp_status status = MXP_OK;
    const size_t equals = from + piece_length(text + from, "=,)");
    const bool named = equals < to && text[equals] == '=';
    size_t at = from;

    if (named) {
        TRY(status = copy_trimmed(out->name, &at, text, from, equals, place, error));
        out->name_at = arguments_place(place, text, at);
        if (out->name[0] == '\0')
            return FAIL_AT(error, out->name_at, MXP_CONFIG, "a name is missing before \"=\"");
        from = equals + 1;
    }
    TRY(status = copy_trimmed(out->value, &at, text, from, to, place, error));
    out->value_at = arguments_place(place, text, at);
    if (out->value[0] == '\0')
        status = FAIL_AT(error, out->value_at, MXP_CONFIG, "%s%s",
                         named ? "a value is missing after " : "an argument is missing here",
                         named ? out->name : "");
out:
    return status;
}

mxp_status arguments_read(struct arguments *out, size_t *end, const char *text, size_t from,
                          struct place place, mxp_error *error)
{
    mxp_status status = MXP_OK;
    struct arguments read = {.count = 0};
    size_t at = from + strspn(text + from, blank);

    while (read.count > 0 || (text[at] != ')' && text[at] != '\0')) {
        const size_t to = at + piece_length(text + at, ",)");
        struct argument *one = &read.list[read.count];
        if (read.count == ARGUMENTS_MAX)
            return FAIL_AT(error, arguments_place(place, text, at), MXP_CONFIG,
                           "more than %d arguments", ARGUMENTS_MAX);
        TRY(status = read_one(one, text, at, to, place, error));
        if (read.count > 0 && one->name[0] == '\0' && one[-1].name[0] != '\0')
            return FAIL_AT(error, one->value_at, MXP_CONFIG,
                           "\"%s\" needs a name: it comes after a named argument", one->value);
        read.count++;
        at = to;
        if (text[at] != ',')
            break;
        at++;
    }
    *out = read;
    *end = at;
out:
    return status;
}

mxp_status arguments_add(struct arguments *out, const char *name, struct place name_at,
                         const char *value, struct place value_at, mxp_error *error)
{
    struct argument *one = &out->list[out->count];

    if (out->count == ARGUMENTS_MAX)
        return FAIL_AT(error, name_at, MXP_CONFIG, "more than %d arguments", ARGUMENTS_MAX);
    if (strlen(name) >= ARGUMENT_TEXT || strlen(value) >= ARGUMENT_TEXT)
        return FAIL_AT(error, name_at, MXP_CONFIG, "an argument is longer than %d characters",
                       ARGUMENT_TEXT - 1);
    memcpy(one->name, name, strlen(name) + 1);
    memcpy(one->value, value, strlen(value) + 1);
    one->name_at = name_at;
    one->value_at = value_at;
    out->count++;
    return MXP_OK;
}

mxp_status arguments_number(double *value, const char *owner, const char *name,
                            const struct argument *argument, mxp_error *error)
{
    double read = 0.0;
    const char *wrong = number_read(&read, argument->value);

    if (strncmp(argument->value, "select", 6) == 0)
        wrong = "is not in this version: give a number";
    else if (!wrong && !isfinite(read))
        wrong = "is not finite";
    if (wrong)
        return FAIL_AT(error, argument->value_at, MXP_CONFIG, "%s: %s = %s %s", owner, name,
                       argument->value, wrong);
    *value = read;
    return MXP_OK;
}

void arguments_hint(struct str *out, const char *name, const char *const *known, size_t count)
{
    const char *nearest = str_nearest(name, known, count);

    if (nearest) {
        str_format(out, "; did you mean %s?", nearest);
        return;
    }
    for (size_t i = 0; i < count; i++)
        str_format(out, "%s%s", i == 0 ? "; known: " : ", ", known[i]);
}
