/* Options as data: one row gives an option's default, its check, its place in the schema and its
 * line in the manual.
 *
 *     struct fit_options { double tolerance; int64_t max_iterations; int method; };
 *     static const struct option rows[] = {
 *         {.key = "fit.tolerance", .kind = OPTION_NUMBER, .low = 0, .high = 1, .open = OPTION_OPEN,
 *          .offset = offsetof(struct fit_options, tolerance), .standard = "1e-9",
 *          .help = "largest KKT residual, in posterior sds"}, ...
 *
 * Errors are CONFIG at the place that is handed in (whose source may turn them into USAGE). */
#ifndef MAXPOST_OPTION_H
#define MAXPOST_OPTION_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum option_kind {
    OPTION_BOOLEAN, /* bool */
    OPTION_INTEGER, /* int64_t */
    OPTION_NUMBER,  /* double */
    OPTION_CHOICE,  /* int: index into choices */
    OPTION_TEXT,    /* char *, owned; NULL: not given */
    OPTION_TEXTS    /* struct option_texts, owned */
};

/* Which ends of the range are excluded. */
enum option_open { OPTION_CLOSED = 0, OPTION_OPEN_LOW = 1, OPTION_OPEN_HIGH = 2, OPTION_OPEN = 3 };

struct option_texts {
    char **text;
    size_t count;
};

struct option {
    const char *key; /* the whole path, "fit.tolerance" */
    enum option_kind kind;
    size_t offset;        /* of the member in the struct that the rows fill */
    const char *standard; /* the default as a file would write it; NULL: zero, or no text.
                           * OPTION_TEXTS: items separated by commas, blanks around them dropped */
    double low, high;     /* INTEGER and NUMBER; low == high: unlimited */
    enum option_open open;
    const char *const *choices; /* OPTION_CHOICE, NULL-terminated */
    const char *help;           /* one line, no full stop */
};

/* A value as the user wrote it. */
struct option_value {
    const char *text;
    bool quoted; /* quoted text is never a number or a truth value */
    struct place place;
};

/* Every default, into a struct that holds nothing yet.  On failure nothing is left to free. */
MXP_MUST_CHECK mxp_status option_defaults(void *target, const struct option *rows, size_t count,
                                          mxp_error *error);
/* Frees the texts and zeroes them. */
void option_clear(void *target, const struct option *rows, size_t count);

/* The row of a key, or NULL. */
const struct option *option_find(const struct option *rows, size_t count, const char *key);
/* The known key nearest to one that is not known, or NULL; borrowed from the rows. */
const char *option_nearest(const struct option *rows, size_t count, const char *key);

/* Checks the value and stores it; the old one is freed.  OPTION_TEXTS: a list of one.
 * The target keeps its old value on failure. */
MXP_MUST_CHECK mxp_status option_set(void *target, const struct option *row,
                                     struct option_value value, mxp_error *error);
/* OPTION_TEXTS alone: the whole list. */
MXP_MUST_CHECK mxp_status option_set_texts(void *target, const struct option *row,
                                           const char *const *texts, size_t count,
                                           mxp_error *error);

/* "(0, 1)", "[1, inf)", or nothing when the row has no range. */
void option_range(struct str *out, const struct option *row);
/* "number", "integer", "true or false", "one of auto, qr", "text", "list of texts". */
void option_type(struct str *out, const struct option *row);
/* The value in the target, as a file would write it. */
void option_print(struct str *out, const void *target, const struct option *row);

#endif
