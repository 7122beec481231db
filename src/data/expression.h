/* Arithmetic on columns, as in I(a / b^2) and log(x + 1): read, printed as R prints it, evaluated.
 * Numbers, names (in backticks where they are no identifiers), + - * / ^, parentheses, and the
 * functions of expression_functions. */
#ifndef MAXPOST_EXPRESSION_H
#define MAXPOST_EXPRESSION_H

#include "base/str.h"
#include "data/name.h"

struct lexer;
struct expression;

/* Names of the functions, NULL-terminated: log, sqrt, exp, abs, ... */
extern const char *const expression_functions[];

/* Reads a whole text; place: of its first character.
 * Errors: CONFIG at the token, MEMORY. */
MXP_MUST_CHECK mxp_status expression_new(struct expression **expression, const char *text,
                                         struct place place, mxp_error *error);
/* Reads as far as an expression goes. */
MXP_MUST_CHECK mxp_status expression_read(struct expression **expression, struct lexer *lexer,
                                          mxp_error *error);
/* Just a column. */
MXP_MUST_CHECK mxp_status expression_of_column(struct expression **expression,
                                               const struct design_name *column, mxp_error *error);
void expression_free(struct expression *expression);

/* With R's blanks: I(x^2), a/b, a * b + 1; reads back as the same expression. */
void expression_print(struct str *out, const struct expression *expression);
/* The name of the column that the expression is, or NULL when there is more to it. */
const char *expression_is_column(const struct expression *expression);

/* The columns in it, each once, in the order of their first appearance. */
size_t expression_columns(const struct expression *expression);
struct design_name expression_column(const struct expression *expression, size_t i);

/* The value for a row; x: a value for each of the columns.  NaN outside the domain. */
double expression_value(const struct expression *expression, const double *x);

#endif
