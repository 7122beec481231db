#include "data/lexer.h"

#include "base/number.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A character of a name; what is not ASCII is a letter. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of the identifier at s: R's, a letter or a point, then letters, digits, points and
 * underscores; 0 where there is none. */
static size_t identifier(const char *s)
{
    size_t n = 0;

    if (!is_letter(s[0]) && !(s[0] == '.' && !is_digit(s[1])))
        return 0;
    while (is_letter(s[n]) || is_digit(s[n]) || s[n] == '.' || s[n] == '_')
        n++;
    return n;
}

struct place lexer_place(const struct lexer *lexer, const char *at)
{
    struct place place = lexer->place;

    place.column += (unsigned)str_characters(lexer->text, (size_t)(at - lexer->text));
    return place;
}

mxp_status lexer_fail(const struct lexer *lexer, const char *at, mxp_error *error,
                      const char *format, ...)
{
    char what[sizeof error->message];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (lexer->place.source)
        return FAIL_AT(error, lexer_place(lexer, at), MXP_CONFIG, "%s", what);
    return FAIL(error, MXP_CONFIG, "\"%s\", character %zu: %s", lexer->text,
                str_characters(lexer->text, (size_t)(at - lexer->text)) + 1, what);
}

mxp_status lexer_unexpected(const struct lexer *lexer, const char *what, mxp_error *error)
{
    const struct token *token = &lexer->token;

    if (token->kind == TOKEN_END)
        return lexer_fail(lexer, token->at, error, "%s is missing at the end", what);
    return lexer_fail(lexer, token->at, error, "%s is expected, not \"%.*s\"", what,
                      token->length < 60 ? (int)token->length : 60, token->text);
}

static mxp_status read_quoted(struct lexer *lexer, const char *at, mxp_error *error)
{
    struct token *token = &lexer->token;
    const char *end = strchr(at + 1, '`');

    if (!end)
        return lexer_fail(lexer, at, error, "a backtick that is never closed");
    if (end == at + 1)
        return lexer_fail(lexer, at, error, "a name in backticks that is empty");
    token->kind = TOKEN_NAME;
    token->quoted = true;
    token->text = at + 1;
    token->length = (size_t)(end - at - 1);
    lexer->next = end + 1;
    return MXP_OK;
}

static mxp_status read_number(struct lexer *lexer, const char *at, size_t length, mxp_error *error)
{
    char text[64];
    const char *words = "has too many digits";

    if (length < sizeof text) {
        memcpy(text, at, length);
        text[length] = '\0';
        words = number_read(&lexer->token.number, text);
    }
    if (words)
        return lexer_fail(lexer, at, error, "\"%.*s\" %s", length < 60 ? (int)length : 60, at,
                          words);
    lexer->token.kind = TOKEN_NUMBER;
    lexer->token.length = length;
    lexer->next = at + length;
    return MXP_OK;
}

/* Words for characters that a user of R may expect to mean something. */
static mxp_status refuse(const struct lexer *lexer, const char *at, mxp_error *error)
{
    if (*at == '|' || *at == '%')
        return lexer_fail(lexer, at, error,
                          "\"%c\" means nothing in a formula here (there are + - * : and I(...))",
                          *at);
    if (strchr("<>!&?", *at))
        return lexer_fail(lexer, at, error, "\"%c\": comparisons are not part of formulas", *at);
    if (*at == '"' || *at == '\'')
        return lexer_fail(lexer, at, error,
                          "a quote: names that are no identifiers go in backticks, `like this`");
    return lexer_fail(lexer, at, error, "the character \"%c\" means nothing in a formula", *at);
}

mxp_status lexer_advance(struct lexer *lexer, mxp_error *error)
{
    const char *at = lexer->next + strspn(lexer->next, " \t\r\n");
    const size_t number = number_span(at), name = identifier(at);

    lexer->token = (struct token){.kind = TOKEN_END, .text = at, .at = at};
    lexer->next = at;
    if (*at == '\0')
        return MXP_OK;
    if (*at == '`')
        return read_quoted(lexer, at, error);
    if (number)
        return read_number(lexer, at, number, error);
    if (!name && !strchr("+-*/^:(),=~", *at))
        return refuse(lexer, at, error);
    const bool dot = name == 1 && *at == '.';
    lexer->token.kind = dot ? TOKEN_DOT : name ? TOKEN_NAME : TOKEN_SIGN;
    lexer->token.sign = name ? '\0' : *at;
    lexer->token.length = name ? name : 1;
    lexer->next = at + lexer->token.length;
    return MXP_OK;
}

mxp_status lexer_start(struct lexer *lexer, const char *text, struct place place, mxp_error *error)
{
    *lexer = (struct lexer){.text = text, .place = place, .next = text};
    return lexer_advance(lexer, error);
}

bool lexer_is(const struct lexer *lexer, char sign)
{
    return lexer->token.kind == TOKEN_SIGN && lexer->token.sign == sign;
}

bool lexer_is_call(const struct lexer *lexer)
{
    return lexer->token.kind == TOKEN_NAME && !lexer->token.quoted &&
           lexer->next[strspn(lexer->next, " \t\r\n")] == '(';
}

mxp_status lexer_expect(struct lexer *lexer, char sign, const char *where, mxp_error *error)
{
    char what[100];

    if (lexer_is(lexer, sign))
        return lexer_advance(lexer, error);
    (void)snprintf(what, sizeof what, "\"%c\" %s", sign, where);
    return lexer_unexpected(lexer, what, error);
}

mxp_status lexer_enter(struct lexer *lexer, mxp_error *error)
{
    if (lexer->depth >= LEXER_DEPTH_MAX)
        return lexer_fail(lexer, lexer->token.at, error, "nested more than %d deep",
                          LEXER_DEPTH_MAX);
    lexer->depth++;
    return MXP_OK;
}

void lexer_print_name(struct str *out, const char *name)
{
    const bool plain = identifier(name) == strlen(name) && strcmp(name, ".") != 0;
    str_format(out, plain ? "%s" : "`%s`", name);
}
