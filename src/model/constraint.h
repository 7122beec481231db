/* Linear constraints on terms, as text: "bmi - bp ~ gaussian(0, 0.1)" (soft), "a + b = 1" (hard).
 *
 *   constraint  sum ~ gaussian(mean, sd) | sum = sum
 *   sum         of products with + and -; product: of numbers, terms and (sum) with * and /, at
 *               most one factor not a number, and no division but by a number
 *
 * A term is a known name, the longest that fits: site[b], age:sex, poly(x, 2)1; what is in its
 * brackets has to be written as the name has it, blanks too.  Names that do not start with a letter
 * or a point, or that have a blank or one of + - * / ^ = ~ outside their brackets, go in backticks;
 * any name may. */
#ifndef MAXPOST_CONSTRAINT_H
#define MAXPOST_CONSTRAINT_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

struct constraint {
    char *text; /* as it was written */
    struct place place;
    bool hard;           /* sum = mean, else sum ~ gaussian(mean, sd) */
    size_t count;        /* terms, at least 1 */
    size_t *term;        /* count: indices of names, ascending */
    double *coefficient; /* count: finite, not 0 */
    double mean, sd;     /* constants of the text are in mean; sd: 0 when hard */
};

/* Reads a text; place: of its first character, where it has one (errors then name the column in the
 * file, else they quote the text and count characters from 1).
 *   names  of the terms, all different
 * Errors: CONFIG at the token (an unknown term, with the nearest known one; what is not linear, or
 * no constraint; no term left; a soft constraint that is not gaussian), MEMORY. */
MXP_MUST_CHECK mxp_status constraint_parse(struct constraint **constraint, const char *text,
                                           const char *const *names, size_t count,
                                           struct place place, mxp_error *error);
/* Reads a text whose terms are not known yet: whatever they are, it is a constraint.
 * Errors: CONFIG at the token, MEMORY. */
MXP_MUST_CHECK mxp_status constraint_check(const char *text, struct place place, mxp_error *error);
void constraint_free(struct constraint *constraint);

/* The constraint with its terms in the order of names and every constant on the right:
 * "bmi - 2 * `odd name` ~ gaussian(0, 0.1)". */
void constraint_format(struct str *out, const struct constraint *constraint,
                       const char *const *names);

#endif
