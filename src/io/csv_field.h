/* One field of delimited text: where it ends, and its text without quotes and blanks. */
#ifndef MAXPOST_CSV_FIELD_H
#define MAXPOST_CSV_FIELD_H

#include "base/err.h"

#include <stdbool.h>

struct field {
    const char *text; /* without surrounding blanks and quotes; doubled quotes are still doubled */
    size_t length;
    const char *end; /* at the delimiter, the newline, or the end of the text */
    size_t newlines; /* inside quotes */
    bool quoted, doubled;
};

/* What may be wrong with a field. */
enum field_problem { FIELD_OK, FIELD_UNCLOSED, FIELD_AFTER_QUOTE, FIELD_NUL };

/* Scans the field at `at`, in text that ends at `end` (a readable byte).  On a problem, field->end
 * is where it shows and field->newlines counts those before it (for an unclosed quote: before the
 * opening one). */
enum field_problem field_scan(struct field *field, const char *at, const char *end, char delimiter);

/* Copies the text with doubled quotes made single, at most `room` bytes of it; returns how many. */
size_t field_copy(char *out, size_t room, const struct field *field);

#endif
