/* One error discipline: a status is returned, its text goes to the caller's mxp_error.
 *
 * FAIL(error, status, format, ...)            records the text, evaluates to status
 * FAIL_AT(error, place, status, format, ...)  the same with file:line:column and an excerpt
 * TRY(status = call(...))                     goes to the function's label `out` on failure */
#ifndef MAXPOST_ERR_H
#define MAXPOST_ERR_H

#include "maxpost/base.h"

#if defined(__GNUC__)
#define ERR_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define ERR_PRINTF(text, first)
#endif

/* A text that errors can point into: a YAML file, or one --set argument. */
struct source {
    const char *name;    /* as the user named it */
    const char *text;    /* NUL-terminated, the whole text; may be NULL: no excerpt then */
    mxp_status override; /* replaces the status of every error that points here; MXP_OK: none */
};

/* 1-based line and column, in characters; line 0: the source as a whole; source NULL: nowhere. */
struct place {
    const struct source *source;
    unsigned line, column;
};

mxp_status err_set(mxp_error *error, mxp_status status, const char *format, ...) ERR_PRINTF(3, 4);
mxp_status err_set_at(mxp_error *error, struct place place, mxp_status status, const char *format,
                      ...) ERR_PRINTF(4, 5);
/* Puts text before the message; the status stays. */
void err_prefix(mxp_error *error, const char *format, ...) ERR_PRINTF(2, 3);

#ifndef __clang_analyzer__
#define FAIL(error, status, ...) err_set((error), (status), __VA_ARGS__)
#define FAIL_AT(error, place, status, ...) err_set_at((error), (place), (status), __VA_ARGS__)
#else /* the analyzer is told that a failure is none of MXP_OK */
#define FAIL(error, status, ...) (err_set((error), (status), __VA_ARGS__), (status))
#define FAIL_AT(error, place, status, ...)                                                         \
    (err_set_at((error), (place), (status), __VA_ARGS__), (status))
#endif
#define TRY(expression)                                                                            \
    do {                                                                                           \
        if ((expression) != MXP_OK)                                                                \
            goto out;                                                                              \
    } while (0)

#endif
