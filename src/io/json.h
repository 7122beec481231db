/* A JSON writer (RFC 8259) onto a text: commas, indentation by two spaces, escapes.
 *
 * Named apart from libjansson, whose functions a program may hold beside these.
 *
 * `name` is the member's name inside an object and NULL inside an array or at the top.  Text that
 * is not UTF-8 gets U+FFFD in place of each bad byte.  Failures of memory are kept in the text and
 * reported by json_end.  A misuse of nesting is a broken contract (assert). */
#ifndef MAXPOST_JSON_H
#define MAXPOST_JSON_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { JSON_DEPTH_MAX = 32 };

struct json {
    struct str *out;
    unsigned depth;
    bool on_a_line; /* what is opened next stays on one line, with all in it */
    struct json_level {
        char close;  /* '}' or ']' */
        bool filled; /* something was written in it */
    } level[JSON_DEPTH_MAX];
};

/* Starts a document at the end of out, which the caller owns. */
void json_begin(struct json *json, struct str *out);
/* Ends it with a line feed.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status json_end(struct json *json, mxp_error *error);

void json_open_object(struct json *json, const char *name);
void json_open_array(struct json *json, const char *name);
/* Closes the innermost object or array. */
void json_close(struct json *json);

/* NULL is written as null. */
void json_add_text(struct json *json, const char *name, const char *text);
/* 17 significant digits.  NaN and infinities are null, beside them in an object a member
 * NAME_reason: the reason, or when it is NULL "is not a number" or "is infinite". */
void json_add_number(struct json *json, const char *name, double value, const char *reason);
void json_add_integer(struct json *json, const char *name, int64_t value);
void json_add_boolean(struct json *json, const char *name, bool value);
/* null, and NAME_reason unless the reason is NULL. */
void json_add_null(struct json *json, const char *name, const char *reason);
/* An array of numbers on one line; what is not finite is null. */
void json_add_numbers(struct json *json, const char *name, const double *values, size_t count);
/* An array of texts on one line; NULL is written as null. */
void json_add_texts(struct json *json, const char *name, const char *const *texts, size_t count);

#endif
