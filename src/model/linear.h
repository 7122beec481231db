/* Sums of terms times numbers, as text: 2*a + b/3 - `odd name`.  For constraints; how terms are
 * written is said there. */
#ifndef MAXPOST_LINEAR_H
#define MAXPOST_LINEAR_H

#include "data/lexer.h"

/* A sum of terms and a constant; the same term may come several times.  Starts from {0}; the list
 * is released with free(). */
struct linear {
    size_t count, capacity;
    struct weighted {
        size_t term;
        double coefficient;
    } * list;
    double constant;
};

struct linear_reader {
    struct lexer lexer;       /* for its text, place, depth and words only */
    const char *at;           /* the next character */
    const char *const *names; /* NULL: not known yet, any will do */
    size_t count;             /* of names */
};

/* Adds what the text goes on with, as far as it is a sum.  Errors: CONFIG at the token (what is not
 * linear, an unknown term), MEMORY. */
MXP_MUST_CHECK mxp_status linear_read(struct linear *sum, struct linear_reader *reader,
                                      mxp_error *error);
/* sum += scale other.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status linear_add_scaled(struct linear *sum, const struct linear *other,
                                            double scale, mxp_error *error);

/* The next character that is no blank, and moving past it where it is the sign. */
char linear_peek(struct linear_reader *reader);
bool linear_take(struct linear_reader *reader, char sign);
/* A character of a name; whether a name needs no backticks. */
bool linear_is_word(char c);
bool linear_is_plain(const char *name);

#endif
