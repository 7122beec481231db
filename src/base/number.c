#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

size_t number_span(const char *text)
{
    const size_t whole = digits(text);
    size_t at = whole, fraction = 0;

    if (text[at] == '.') {
        fraction = digits(text + at + 1);
        at += 1 + fraction;
    }
    if (whole + fraction == 0)
        return 0;
    if (text[at] == 'e' || text[at] == 'E') {
        const size_t sign = text[at + 1] == '+' || text[at + 1] == '-';
        const size_t exponent = digits(text + at + 1 + sign);
        if (exponent)
            at += 1 + sign + exponent;
    }
    return at;
}

/* The thread's locale and the plain one, in which the decimal point is a point. */
struct locales {
    locale_t plain, old;
};

static struct locales enter_plain(void)
{
    struct locales locales = {.plain = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
    if (locales.plain != (locale_t)0)
        locales.old = uselocale(locales.plain);
    return locales;
}

static void leave_plain(struct locales locales)
{
    if (locales.plain == (locale_t)0)
        return;
    (void)uselocale(locales.old);
    freelocale(locales.plain);
}

static double convert(const char *text)
{
    const struct locales locales = enter_plain();
    const double value = strtod(text, NULL);
    leave_plain(locales);
    return value;
}

void number_print(struct str *out, double value)
{
    char printed[32] = "";

    if (!isfinite(value)) {
        str_add(out, isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
        return;
    }
    const struct locales locales = enter_plain();
    for (int digits_shown = 1; digits_shown <= 17; digits_shown++) {
        (void)snprintf(printed, sizeof printed, "%.*g", digits_shown, value);
        if (strtod(printed, NULL) == value)
            break;
    }
    if (strchr(printed, 'e') && value == trunc(value) && fabs(value) < 1e15)
        (void)snprintf(printed, sizeof printed, "%.0f", value); /* 20, not 2e+01 */
    leave_plain(locales);
    str_add(out, printed);
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

const char *number_read(double *value, const char *text)
{
    static const char *const infinite[] = {"inf", ".inf", ".Inf", ".INF", NULL};
    static const char *const nearly[] = {"Inf", "INF", "infinity", "Infinity", NULL};
    const char *unsigned_text = text + (*text == '-' || *text == '+');
    const size_t span = number_span(unsigned_text);

    if (is_one_of(unsigned_text, infinite)) {
        *value = *text == '-' ? -HUGE_VAL : HUGE_VAL;
        return NULL;
    }
    if (is_one_of(unsigned_text, nearly))
        return "is not a number (infinity is written inf)";
    if (span == 0 || unsigned_text[span] != '\0')
        return "is not a number";
    const double read = convert(text);
    if (isinf(read))
        return "is too large for a number (infinity is written inf)";
    if (read == 0.0 && strcspn(unsigned_text, "123456789") < strcspn(unsigned_text, "eE"))
        return "is too small for a number";
    *value = read;
    return NULL;
}

const char *number_read_integer(int64_t *value, const char *text)
{
    const bool negative = *text == '-';
    const char *at = text + (negative || *text == '+');
    int64_t sum = 0; /* minus the magnitude, which reaches further */

    if (*at == '\0' || at[digits(at)] != '\0')
        return "is not an integer";
    for (; *at; at++) {
        const int digit = *at - '0';
        if (sum < (INT64_MIN + digit) / 10)
            return "is too large for an integer";
        sum = sum * 10 - digit;
    }
    if (!negative && sum == INT64_MIN)
        return "is too large for an integer";
    *value = negative ? sum : -sum;
    return NULL;
}

const char *number_read_boolean(bool *value, const char *text)
{
    static const char *const yes[] = {"yes", "Yes", "YES", "y",    "Y",    "on", "On",
                                      "ON",  "1",   "t",   "True", "TRUE", NULL};
    static const char *const no[] = {"no",  "No", "NO", "n",     "N",     "off", "Off",
                                     "OFF", "0",  "f",  "False", "FALSE", NULL};

    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        *value = text[0] == 't';
        return NULL;
    }
    if (is_one_of(text, yes))
        return "is not true or false; write true";
    if (is_one_of(text, no))
        return "is not true or false; write false";
    return "is not true or false";
}
