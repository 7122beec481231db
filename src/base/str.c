#include "base/str.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void str_add_n(struct str *s, const char *text, size_t length)
{
    if (s->failed)
        return;
    if (length > SIZE_MAX - s->length - 1 ||
        mem_grow(&s->text, &s->capacity, s->length + length + 1, 1, NULL) != MXP_OK) {
        s->failed = true;
        return;
    }
    memcpy(s->text + s->length, text, length);
    s->length += length;
    s->text[s->length] = '\0';
}

void str_add(struct str *s, const char *text)
{
    str_add_n(s, text, strlen(text));
}

void str_format(struct str *s, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (s->failed || length < 0 ||
        mem_grow(&s->text, &s->capacity, s->length + (size_t)length + 1, 1, NULL) != MXP_OK) {
        s->failed = true;
    } else {
        (void)vsnprintf(s->text + s->length, (size_t)length + 1, format, again);
        s->length += (size_t)length;
    }
    va_end(again);
}

mxp_status str_check(const struct str *s, mxp_error *error)
{
    return s->failed ? FAIL(error, MXP_MEMORY, "out of memory while writing text") : MXP_OK;
}

void str_free(struct str *s)
{
    free(s->text);
    *s = (struct str){0};
}

enum { NAME_LIMIT = 64 };

static unsigned lower3(unsigned a, unsigned b, unsigned c)
{
    const unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Edits (insert, delete, replace, swap neighbours) that turn a into b; both under NAME_LIMIT. */
static unsigned edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
    unsigned d[3][NAME_LIMIT + 1];

    for (size_t j = 0; j <= nb; j++)
        d[0][j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        unsigned *row = d[i % 3];
        const unsigned *above = d[(i + 2) % 3], *above2 = d[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            const int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
            row[j] = lower3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                tolower((unsigned char)a[i - 2]) == y && above2[j - 2] + 1 < row[j])
                row[j] = above2[j - 2] + 1;
        }
    }
    return d[na % 3][nb];
}

const char *str_nearest(const char *name, const char *const *names, size_t count)
{
    const size_t length = strlen(name);
    const char *best = NULL;

    if (length == 0 || length > NAME_LIMIT)
        return NULL;
    unsigned limit = (unsigned)(length / 3 + 1);
    for (size_t i = 0; i < count; i++) {
        const size_t other = strlen(names[i]);
        if (other > NAME_LIMIT)
            continue;
        const unsigned distance = edit_distance(name, length, names[i], other);
        if (distance <= limit && distance < other) {
            best = names[i];
            if (distance == 0)
                break;
            limit = distance - 1;
        }
    }
    return best;
}

bool str_glob(const char *glob, const char *name)
{
    const char *star = NULL, *resume = NULL;

    while (*name) {
        if (*glob == '*') {
            star = glob++;
            resume = name;
        } else if (*glob == '?' || *glob == *name) {
            glob++;
            name++;
        } else if (star) {
            glob = star + 1;
            name = ++resume;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}

bool str_has_wildcard(const char *glob)
{
    return strpbrk(glob, "*?") != NULL;
}

size_t str_characters(const char *text, size_t bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes && text[i]; i++)
        count += ((unsigned char)text[i] & 0xC0u) != 0x80u;
    return count;
}
