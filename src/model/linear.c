#include "model/linear.h"
#include "base/mem.h"
#include "base/number.h"
#include "data/expression.h"

#include <string.h>

static const char blanks[] = " \t\r\n";

char linear_peek(struct linear_reader *reader)
{
    reader->at += strspn(reader->at, blanks);
    return *reader->at;
}

bool linear_take(struct linear_reader *reader, char sign)
{
    const bool there = linear_peek(reader) == sign;

    reader->at += there;
    return there;
}

/* ---- linear forms ---- */

static mxp_status add_term(struct linear *sum, size_t term, double coefficient, mxp_error *error)
{
    const mxp_status status =
        mem_grow(&sum->list, &sum->capacity, sum->count + 1, sizeof *sum->list, error);

    if (status == MXP_OK)
        sum->list[sum->count++] = (struct weighted){term, coefficient};
    return status;
}

mxp_status linear_add_scaled(struct linear *sum, const struct linear *other, double scale,
                             mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < other->count; i++)
        TRY(status = add_term(sum, other->list[i].term, scale * other->list[i].coefficient, error));
    sum->constant += scale * other->constant;
out:
    return status;
}

static void multiply(struct linear *form, double by)
{
    for (size_t i = 0; i < form->count; i++)
        form->list[i].coefficient *= by;
    form->constant *= by;
}

static void swap(struct linear *a, struct linear *b)
{
    const struct linear keep = *a;
    *a = *b;
    *b = keep;
}

/* ---- names ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

bool linear_is_word(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_';
}

/* Bytes of what looks like a term: words, colons, and whatever is in brackets. */
static size_t term_span(const char *s)
{
    size_t n = 0, depth = 0, end = 0;

    for (; s[n]; n++) {
        const bool opens = s[n] == '(' || s[n] == '[', closes = s[n] == ')' || s[n] == ']';
        if (closes && depth == 0)
            break;
        if (!opens && !closes && depth == 0 && !linear_is_word(s[n]) && s[n] != ':')
            break;
        depth = depth + opens - closes;
        if (depth == 0)
            end = n + 1;
    }
    return end;
}

bool linear_is_plain(const char *name)
{
    return (is_letter(name[0]) || name[0] == '.') && term_span(name) == strlen(name);
}

/* The longest known name that the text goes on with; its index or reader->count. */
static size_t longest(const struct linear_reader *reader)
{
    size_t best = reader->count, best_length = 0;

    for (size_t i = 0; i < reader->count; i++) {
        const char *name = reader->names[i];
        const size_t length = strlen(name);
        if (length <= best_length || strncmp(reader->at, name, length) != 0 ||
            !linear_is_plain(name))
            continue;
        const char after = reader->at[length];
        if ((linear_is_word(name[length - 1]) && linear_is_word(after)) || after == '[' ||
            after == ':')
            continue;
        best = i;
        best_length = length;
    }
    return best;
}

static mxp_status fail_unknown(const struct linear_reader *reader, const char *at, size_t length,
                               mxp_error *error)
{
    struct str name = {0};
    mxp_status status;

    str_add_n(&name, at, length);
    TRY(status = str_check(&name, error));
    const char *near = str_nearest(name.text, reader->names, reader->count);
    status = lexer_fail(&reader->lexer, reader->at, error,
                        "there is no term \"%.200s\" in the model%s%s%s", name.text,
                        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
out:
    str_free(&name);
    return status;
}

/* Whether the text goes on with a call of a function of formulas. */
static bool is_function(const char *at, size_t length)
{
    const size_t word = strcspn(at, "(");

    for (const char *const *f = expression_functions; word < length && *f; f++)
        if (strlen(*f) == word && strncmp(*f, at, word) == 0)
            return true;
    return false;
}

static mxp_status read_quoted(size_t *term, struct linear_reader *reader, mxp_error *error)
{
    const char *start = reader->at + 1, *end = strchr(start, '`');

    if (!end)
        return lexer_fail(&reader->lexer, reader->at, error, "a backtick that is never closed");
    const size_t length = (size_t)(end - start);
    if (!reader->names) {
        reader->at = end + 1;
        return MXP_OK;
    }
    for (size_t i = 0; i < reader->count; i++) {
        if (strlen(reader->names[i]) != length || strncmp(reader->names[i], start, length) != 0)
            continue;
        *term = i;
        reader->at = end + 1;
        return MXP_OK;
    }
    return fail_unknown(reader, start, length, error);
}

static mxp_status read_name(size_t *term, struct linear_reader *reader, mxp_error *error)
{
    if (*reader->at == '`')
        return read_quoted(term, reader, error);
    *term = longest(reader);
    if (*term < reader->count) {
        reader->at += strlen(reader->names[*term]);
        return MXP_OK;
    }
    const size_t span = term_span(reader->at), length = span ? span : strcspn(reader->at, blanks);
    if (!reader->names && span) {
        *term = 0;
        reader->at += span;
        return MXP_OK;
    }
    if (is_function(reader->at, length))
        return lexer_fail(&reader->lexer, reader->at, error,
                          "\"%.*s\" is not linear: a constraint is a sum of terms times numbers",
                          length < 60 ? (int)length : 60, reader->at);
    return fail_unknown(reader, reader->at, length, error);
}

/* ---- arithmetic ---- */

static mxp_status read_number(struct linear *form, struct linear_reader *reader, mxp_error *error)
{
    const size_t length = number_span(reader->at);
    char text[64];
    const char *wrong = "has too many digits";

    if (length < sizeof text) {
        memcpy(text, reader->at, length);
        text[length] = '\0';
        wrong = number_read(&form->constant, text);
    }
    if (wrong)
        return lexer_fail(&reader->lexer, reader->at, error, "\"%.*s\" %s",
                          length < 60 ? (int)length : 60, reader->at, wrong);
    reader->at += length;
    return MXP_OK;
}

static mxp_status read_parentheses(struct linear *form, struct linear_reader *reader,
                                   mxp_error *error)
{
    const char *open = reader->at;
    mxp_status status;

    if (reader->lexer.depth >= LEXER_DEPTH_MAX)
        return lexer_fail(&reader->lexer, open, error, "nested more than %d deep", LEXER_DEPTH_MAX);
    reader->lexer.depth++;
    reader->at++;
    TRY(status = linear_read(form, reader, error));
    reader->lexer.depth--;
    if (!linear_take(reader, ')'))
        status = lexer_fail(&reader->lexer, open, error, "\"(\" is not closed");
out:
    return status;
}

/* What cannot begin a factor. */
static mxp_status fail_factor(const struct linear_reader *reader, mxp_error *error)
{
    if (*reader->at == '\0')
        return lexer_fail(&reader->lexer, reader->at, error,
                          "a term or a number is missing at the end");
    return lexer_fail(&reader->lexer, reader->at, error,
                      "a term or a number is expected, not "
                      "\"%.20s\"",
                      reader->at);
}

/* A number, a term, or a sum in parentheses, with signs before it. */
static mxp_status read_factor(struct linear *form, struct linear_reader *reader, mxp_error *error)
{
    bool negative = false;
    mxp_status status = MXP_OK;

    while (linear_peek(reader) == '+' || *reader->at == '-')
        negative ^= *reader->at++ == '-';
    if (*reader->at == '(') {
        TRY(status = read_parentheses(form, reader, error));
    } else if (number_span(reader->at) > 0) {
        TRY(status = read_number(form, reader, error));
    } else if (is_letter(*reader->at) || *reader->at == '.' || *reader->at == '_' ||
               *reader->at == '`') {
        size_t term = 0;
        TRY(status = read_name(&term, reader, error));
        TRY(status = add_term(form, term, 1.0, error));
    } else {
        return fail_factor(reader, error);
    }
    if (linear_peek(reader) == '^')
        return lexer_fail(&reader->lexer, reader->at, error,
                          "powers are not linear: a constraint is a sum of terms times numbers");
    if (negative)
        multiply(form, -1.0);
out:
    return status;
}

/* form *= or /= factor, whichever of the two is a number. */
static mxp_status combine(struct linear *form, struct linear *factor, char sign, const char *at,
                          const struct linear_reader *reader, mxp_error *error)
{
    if (sign == '*') {
        if (factor->count > 0 && form->count > 0)
            return lexer_fail(&reader->lexer, at, error,
                              "terms are multiplied: a constraint is a sum of terms times numbers");
        if (factor->count > 0)
            swap(form, factor);
        multiply(form, factor->constant);
        return MXP_OK;
    }
    if (factor->count > 0)
        return lexer_fail(&reader->lexer, at, error,
                          "division by a term: a constraint is a sum of terms times numbers");
    if (factor->constant == 0.0)
        return lexer_fail(&reader->lexer, at, error, "division by 0");
    for (size_t i = 0; i < form->count; i++)
        form->list[i].coefficient /= factor->constant;
    form->constant /= factor->constant;
    return MXP_OK;
}

static mxp_status read_product(struct linear *form, struct linear_reader *reader, mxp_error *error)
{
    struct linear factor = {0};
    mxp_status status;

    TRY(status = read_factor(form, reader, error));
    while (linear_peek(reader) == '*' || *reader->at == '/') {
        const char *at = reader->at++;
        factor.count = 0;
        factor.constant = 0.0;
        TRY(status = read_factor(&factor, reader, error));
        TRY(status = combine(form, &factor, *at, at, reader, error));
    }
out:
    free(factor.list);
    return status;
}

mxp_status linear_read(struct linear *sum, struct linear_reader *reader, mxp_error *error)
{
    struct linear product = {0};
    mxp_status status;

    for (double sign = 1.0;; sign = *reader->at++ == '-' ? -1.0 : 1.0) {
        product.count = 0;
        product.constant = 0.0;
        TRY(status = read_product(&product, reader, error));
        TRY(status = linear_add_scaled(sum, &product, sign, error));
        if (linear_peek(reader) != '+' && *reader->at != '-')
            break;
    }
out:
    free(product.list);
    return status;
}
