/* The arguments of a prior or a penalty as text: "0, scale=0.5". */
#ifndef MAXPOST_ARGUMENTS_H
#define MAXPOST_ARGUMENTS_H

#include "base/err.h"
#include "base/str.h"

enum { ARGUMENTS_MAX = 8, ARGUMENT_TEXT = 64 };

/* One argument, trimmed; name is empty for a positional one. */
struct argument {
    char name[ARGUMENT_TEXT], value[ARGUMENT_TEXT];
    struct place name_at, value_at;
};

struct arguments {
    struct argument list[ARGUMENTS_MAX];
    size_t count;
};

/* The place of text + bytes when `place` is the place of text. */
struct place arguments_place(struct place place, const char *text, size_t bytes);

/* Splits text[from..] at commas up to a closing parenthesis that it did not open, or to its end;
 * *end is the index of that parenthesis or of the NUL.  place is the place of text.
 * Errors: CONFIG: an empty argument (nothing at all is no error), a positional one after a named
 * one, too many, too long. */
MXP_MUST_CHECK mxp_status arguments_read(struct arguments *out, size_t *end, const char *text,
                                         size_t from, struct place place, mxp_error *error);

/* Appends one argument that was not written in this syntax (a YAML mapping's entry); the texts are
 * copied.  Errors: CONFIG: too many, too long. */
MXP_MUST_CHECK mxp_status arguments_add(struct arguments *out, const char *name,
                                        struct place name_at, const char *value,
                                        struct place value_at, mxp_error *error);

/* A finite number; `owner` and `name` head the message: "laplace: scale = x is not a number".
 * select(...) is refused in words of its own. */
MXP_MUST_CHECK mxp_status arguments_number(double *value, const char *owner, const char *name,
                                           const struct argument *argument, mxp_error *error);

/* "; did you mean scale?", "; known: mean, scale" or nothing, for an unknown name. */
void arguments_hint(struct str *out, const char *name, const char *const *known, size_t count);

#endif
