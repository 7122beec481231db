/* The tokens of formulas and of arithmetic in them. */
#ifndef MAXPOST_LEXER_H
#define MAXPOST_LEXER_H

#include "base/str.h"
#include "data/name.h"

#include <stdbool.h>

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,   /* an identifier, or anything in backticks */
    TOKEN_NUMBER, /* without a sign */
    TOKEN_DOT,
    TOKEN_SIGN /* one of + - * / ^ : ( ) , = ~ */
};

struct token {
    enum token_kind kind;
    const char *text; /* without backticks */
    size_t length;
    const char *at; /* where it starts */
    bool quoted;    /* it was in backticks */
    char sign;      /* of a sign; else 0 */
    double number;
};

/* How deep calls, signs and parentheses may be nested. */
enum { LEXER_DEPTH_MAX = 100 };

struct lexer {
    const char *text;
    struct place place; /* of the first character */
    const char *next;   /* behind the token */
    struct token token; /* to be taken */
    size_t depth;
};

/* Starts at the first token.  Errors: CONFIG (a character that no token begins with), at it. */
MXP_MUST_CHECK mxp_status lexer_start(struct lexer *lexer, const char *text, struct place place,
                                      mxp_error *error);
/* Moves to the next token. */
MXP_MUST_CHECK mxp_status lexer_advance(struct lexer *lexer, mxp_error *error);
/* Whether the token is that sign, and whether the one behind it is. */
bool lexer_is(const struct lexer *lexer, char sign);
bool lexer_is_call(const struct lexer *lexer);
/* Moves past the sign, or says that `where` wants it. */
MXP_MUST_CHECK mxp_status lexer_expect(struct lexer *lexer, char sign, const char *where,
                                       mxp_error *error);
/* Goes a level deeper; the caller takes it back from lexer->depth. */
MXP_MUST_CHECK mxp_status lexer_enter(struct lexer *lexer, mxp_error *error);

/* Where a character of the text is. */
struct place lexer_place(const struct lexer *lexer, const char *at);
/* CONFIG at a character; without a place, the text and the number of the character are named. */
mxp_status lexer_fail(const struct lexer *lexer, const char *at, mxp_error *error,
                      const char *format, ...) ERR_PRINTF(4, 5);
/* WHAT is expected, but there is the token. */
mxp_status lexer_unexpected(const struct lexer *lexer, const char *what, mxp_error *error);

/* Adds a name, in backticks where it is no identifier. */
void lexer_print_name(struct str *out, const char *name);

#endif
