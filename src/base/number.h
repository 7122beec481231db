/* Numbers, integers and truth values as users write them; strict, and the same in every locale.
 *
 * The readers return NULL and write the value, or return words that complete a sentence after the
 * text: "is not a number". */
#ifndef MAXPOST_NUMBER_H
#define MAXPOST_NUMBER_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the unsigned decimal number that text begins with: 1, 1.5, .5, 5., each with an
 * exponent; 0 when there is none. */
size_t number_span(const char *text);

/* A decimal number with an optional sign, inf, or .inf, the whole text; nearest double. NaN is not
 * a number; neither is what overflows, or underflows to zero. */
const char *number_read(double *value, const char *text);

/* Decimal digits with an optional sign, the whole text. */
const char *number_read_integer(int64_t *value, const char *text);

/* true or false. */
const char *number_read_boolean(bool *value, const char *text);

/* The shortest decimal that reads back as the same double; inf, -inf, nan. */
void number_print(struct str *out, double value);

#endif
