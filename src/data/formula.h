/* R's formulas, response ~ terms: + : * - 1 0 . parentheses, columns (in backticks where they are no
 * identifiers), I(expr), log(x) and its like, poly(x, k), poly(x, k, raw = TRUE), offset(expr).
 *
 * Reading needs no data; the terms are worked out when the columns that `.` stands for are known.
 * Source: R's terms.formula (Chambers & Hastie, Statistical Models in S, 1992, section 2.3). */
#ifndef MAXPOST_FORMULA_H
#define MAXPOST_FORMULA_H

#include "data/expression.h"

#include <stdbool.h>

enum formula_kind { FORMULA_COLUMN, FORMULA_EXPRESSION, FORMULA_POLY };

struct formula_variable {
    enum formula_kind kind;
    char *name; /* the column, without backticks; else the call as R prints it */
    struct place place;
    struct expression *expression; /* the column, the expression, or the argument of poly */
    size_t degree;                 /* of poly, 1 to FORMULA_DEGREE_MAX */
    bool raw;                      /* poly: powers, not orthogonal */
};

enum { FORMULA_DEGREE_MAX = 20 };

struct formula {
    char *text;
    struct place place;          /* of the first character of the text */
    struct design_name response; /* a column */
    bool intercept;
    bool dot;                          /* there is a `.` */
    struct formula_variable *variable; /* as they appear, each once */
    size_t variables, variable_capacity;
    struct expression **offset; /* of offset(...) */
    size_t offsets, offset_capacity;
    struct formula_node *node; /* of the tree of operators; the last is the root */
    size_t nodes, node_capacity;
};

/* Reads a formula.  place: of its first character; line 0 where there is none.
 * Errors: CONFIG at the token (syntax, an unknown function, a transformed response), MEMORY. */
MXP_MUST_CHECK mxp_status formula_new(struct formula **formula, const char *text,
                                      struct place place, mxp_error *error);
void formula_free(struct formula *formula);

/* A product of variables: their indices, ascending. */
struct formula_term {
    size_t *variable;
    size_t count;
};

/* Terms in R's order: by the number of their variables, then as they appear.  Variables in the
 * order in which they appear, those of `.` at its first place; the response is none of them. */
struct formula_terms {
    const struct formula_variable **variable; /* borrowed from the formula, or of `dot` */
    size_t variables;
    struct formula_variable *dot; /* the columns of `.` */
    size_t dots;
    struct formula_term *term;
    size_t terms;
};

enum { FORMULA_TERMS_MAX = 1000000 };

/* Works out the terms.
 *   dot  the columns that `.` stands for, dots of them
 * Errors: CONFIG (the response among the terms, more than FORMULA_TERMS_MAX terms), MEMORY. */
MXP_MUST_CHECK mxp_status formula_expand(struct formula_terms *terms, const struct formula *formula,
                                         const char *const *dot, size_t dots, mxp_error *error);
void formula_terms_free(struct formula_terms *terms);

#endif
