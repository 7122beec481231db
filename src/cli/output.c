#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

void output_start(void)
{
    /* The wrong direction on purpose: what uses the stream gets EBADF, as if it were closed. */
    static const int wrong[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            (void)open("/dev/null", wrong[fd]);
    (void)signal(SIGPIPE, SIG_IGN);
}

/* A reader that has gone away (as head does) needs no complaint. */
static int write_failed(int reason)
{
    if (reason == EPIPE)
        return MXP_IO;
    return output_failure(MXP_IO, "cannot write to standard output: %s", strerror(reason));
}

int output_finish(int code)
{
    errno = 0;
    if (fclose(stdout) != 0 && code == 0)
        return write_failed(errno);
    return code;
}

static int flush(bool failed)
{
    if (failed || fflush(stdout) != 0)
        return write_failed(errno);
    return MXP_OK;
}

int output_text(const char *text)
{
    errno = 0;
    return flush(fputs(text, stdout) == EOF);
}

static void put_json_line(const char *line, size_t length)
{
    (void)putchar('"');
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)line[i];
        if (c == '"' || c == '\\')
            (void)printf("\\%c", c);
        else if (c < ' ')
            (void)printf("\\u%04x", c);
        else
            (void)putchar(c);
    }
    (void)putchar('"');
}

int output_lines_json(const char *command, const char *text)
{
    const char *separator = "\n    ";

    errno = 0;
    (void)printf("{\n  \"maxpost\": 1,\n  \"command\": \"%s\",\n  \"lines\": [", command);
    while (*text) {
        const size_t length = strcspn(text, "\n");
        (void)fputs(separator, stdout);
        put_json_line(text, length);
        separator = ",\n    ";
        text += length + (text[length] == '\n');
    }
    (void)fputs("\n  ]\n}\n", stdout);
    return flush(ferror(stdout) != 0);
}

void output_notes(const char *text)
{
    while (*text) {
        const size_t length = strcspn(text, "\n");
        (void)fprintf(stderr, "maxpost: %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

/* Whether the text begins with FILE:LINE:COLUMN: */
static bool begins_with_place(const char *text)
{
    for (; (text = strchr(text, ':')); text++) {
        unsigned line, column;
        int end = 0;
        if (sscanf(text, ":%u:%u:%n", &line, &column, &end) == 2 && end > 0)
            return true;
    }
    return false;
}

int output_error(const mxp_error *error)
{
    /* Errors with a place begin with it; those of data with FILE:LINE. */
    const bool placed = error->excerpt[0] || error->status == MXP_CONFIG ||
                        error->status == MXP_DATA || begins_with_place(error->message);
    (void)fprintf(stderr, "%s%s\n", placed ? "" : "maxpost: ", error->message);
    if (error->excerpt[0])
        (void)fprintf(stderr, "%s\n", error->excerpt);
    return (int)error->status;
}

int output_failure(int code, const char *format, ...)
{
    va_list args;

    (void)fputs("maxpost: ", stderr);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
    return code;
}

size_t output_width(void)
{
    enum { NARROWEST = 60, WIDEST = 100 };
    long width = WIDEST;

    if (isatty(STDOUT_FILENO)) {
        const char *columns = getenv("COLUMNS");
        struct winsize size;
        const long said = columns ? strtol(columns, NULL, 10) : 0;
        if (said > 0)
            width = said;
        else if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
            width = size.ws_col;
    }
    return (size_t)(width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : width);
}

bool output_color(void)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}
