#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *mxp_version(void)
{
    return MXP_VERSION;
}

/* Messages are one line: control characters that came in with user text become spaces. */
static void flatten(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = ' ';
}

mxp_status err_set(mxp_error *error, mxp_status status, const char *format, ...)
{
    if (error) {
        va_list args;
        error->status = status;
        error->excerpt[0] = '\0';
        va_start(args, format);
        (void)vsnprintf(error->message, sizeof error->message, format, args);
        va_end(args);
        flatten(error->message);
    }
    return status;
}

static const char *line_start(const char *text, unsigned line)
{
    for (unsigned at = 1; at < line; at++) {
        text = strchr(text, '\n');
        if (!text)
            return NULL;
        text++;
    }
    return text;
}

/* Bytes of the character at s, at least 1, never past a NUL. */
static size_t character_bytes(const char *s)
{
    size_t bytes = 1;
    while (((unsigned char)s[bytes] & 0xC0u) == 0x80u)
        bytes++;
    return bytes;
}

/* Copies the line and puts a caret under its column; tabs are kept so that the caret stays below.
 * Long lines are cut to a window around the column. */
static void write_excerpt(char *out, size_t size, const char *line, unsigned column)
{
    enum { WINDOW = 100, BEFORE = 60 };
    const char *s = line;
    unsigned first = 1;
    size_t used = 0;

    for (; column > BEFORE + first && *s && *s != '\n'; first++)
        s += character_bytes(s);
    const char *start = s;
    for (unsigned shown = 0; *s && *s != '\n' && *s != '\r' && shown < WINDOW; shown++) {
        const size_t bytes = character_bytes(s);
        if (used + bytes + 2 >= size / 2)
            break;
        memcpy(out + used, s, bytes);
        used += bytes;
        s += bytes;
    }
    out[used++] = '\n';
    s = start;
    for (unsigned at = first; at < column && used + 2 < size; at++) {
        out[used++] = *s == '\t' ? '\t' : ' ';
        if (*s && *s != '\n')
            s += character_bytes(s);
    }
    out[used++] = '^';
    out[used] = '\0';
}

mxp_status err_set_at(mxp_error *error, struct place place, mxp_status status, const char *format,
                      ...)
{
    if (place.source && place.source->override != MXP_OK)
        status = place.source->override;
    if (!error)
        return status;

    va_list args;
    int used = 0;
    error->status = status;
    error->excerpt[0] = '\0';
    if (place.source && place.line)
        used = snprintf(error->message, sizeof error->message, "%s:%u:%u: ", place.source->name,
                        place.line, place.column);
    else if (place.source)
        used = snprintf(error->message, sizeof error->message, "%s: ", place.source->name);
    if (used < 0 || (size_t)used >= sizeof error->message)
        used = 0;
    va_start(args, format);
    (void)vsnprintf(error->message + used, sizeof error->message - (size_t)used, format, args);
    va_end(args);
    flatten(error->message);
    if (place.source && place.source->text && place.line) {
        const char *line = line_start(place.source->text, place.line);
        if (line)
            write_excerpt(error->excerpt, sizeof error->excerpt, line, place.column);
    }
    return status;
}

void err_prefix(mxp_error *error, const char *format, ...)
{
    char head[sizeof error->message];
    va_list args;

    if (!error)
        return;
    va_start(args, format);
    int used = vsnprintf(head, sizeof head, format, args);
    va_end(args);
    if (used < 0 || (size_t)used >= sizeof head)
        return;
    (void)snprintf(head + used, sizeof head - (size_t)used, "%s", error->message);
    memcpy(error->message, head, sizeof head);
    flatten(error->message);
}
