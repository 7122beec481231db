/* Text: a growing buffer, the nearest known name, globs. */
#ifndef MAXPOST_STR_H
#define MAXPOST_STR_H

#include "base/err.h"

#include <stdbool.h>

/* A buffer that grows; start from {0}, release with str_free.  A failed append is remembered in
 * `failed` and later appends do nothing, so that a writer checks once, at its end. */
struct str {
    char *text; /* NUL-terminated once anything was added */
    size_t length, capacity;
    bool failed;
};

void str_add(struct str *s, const char *text);
void str_add_n(struct str *s, const char *text, size_t length);
void str_format(struct str *s, const char *format, ...) ERR_PRINTF(2, 3);
/* MXP_MEMORY when an append failed. */
MXP_MUST_CHECK mxp_status str_check(const struct str *s, mxp_error *error);
void str_free(struct str *s);

/* The nearest of count names to `name` within a third of its length (optimal string alignment
 * distance, case folded), or NULL. */
const char *str_nearest(const char *name, const char *const *names, size_t count);

/* Whether name matches the glob; only * and ? are wildcards. */
bool str_glob(const char *glob, const char *name);
bool str_has_wildcard(const char *glob);

/* Characters (not bytes) of a UTF-8 text, and of its first `bytes` bytes. */
size_t str_characters(const char *text, size_t bytes);

#endif
