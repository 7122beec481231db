#include "model/constraint.h"
#include "base/mem.h"
#include "base/number.h"
#include "data/expression.h"
#include "data/lexer.h"
#include "model/arguments.h"
#include "model/prior.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A sum of terms and a constant; the same term may come several times. */
struct linear {
    size_t count, capacity;
    struct weighted {
        size_t term;
        double coefficient;
    } * list;
    double constant;
};

struct reader {
    struct lexer lexer; /* for its text, its place and its words; the tokens are read here */
    const char *at;     /* the next character */
    const char *const *names;
    size_t count;
};

static const char blanks[] = " \t\r\n";

static char peek(struct reader *reader)
{
    reader->at += strspn(reader->at, blanks);
    return *reader->at;
}

/* Moves past the sign where it is the next character. */
static bool take(struct reader *reader, char sign)
{
    const bool there = peek(reader) == sign;

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

static mxp_status add_scaled(struct linear *sum, const struct linear *other, double scale,
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

static bool is_word(char c)
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
        if (!opens && !closes && depth == 0 && !is_word(s[n]) && s[n] != ':')
            break;
        depth = depth + opens - closes;
        if (depth == 0)
            end = n + 1;
    }
    return end;
}

/* Whether the name needs no backticks. */
static bool is_plain(const char *name)
{
    return (is_letter(name[0]) || name[0] == '.') && term_span(name) == strlen(name);
}

/* The longest known name that the text goes on with; its index or reader->count. */
static size_t longest(const struct reader *reader)
{
    size_t best = reader->count, best_length = 0;

    for (size_t i = 0; i < reader->count; i++) {
        const char *name = reader->names[i];
        const size_t length = strlen(name);
        if (length <= best_length || strncmp(reader->at, name, length) != 0 || !is_plain(name))
            continue;
        const char after = reader->at[length];
        if ((is_word(name[length - 1]) && is_word(after)) || after == '[' || after == ':')
            continue;
        best = i;
        best_length = length;
    }
    return best;
}

static mxp_status fail_unknown(const struct reader *reader, const char *at, size_t length,
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

static mxp_status read_quoted(size_t *term, struct reader *reader, mxp_error *error)
{
    const char *start = reader->at + 1, *end = strchr(start, '`');

    if (!end)
        return lexer_fail(&reader->lexer, reader->at, error, "a backtick that is never closed");
    const size_t length = (size_t)(end - start);
    for (size_t i = 0; i < reader->count; i++) {
        if (strlen(reader->names[i]) != length || strncmp(reader->names[i], start, length) != 0)
            continue;
        *term = i;
        reader->at = end + 1;
        return MXP_OK;
    }
    return fail_unknown(reader, start, length, error);
}

static mxp_status read_name(size_t *term, struct reader *reader, mxp_error *error)
{
    if (*reader->at == '`')
        return read_quoted(term, reader, error);
    *term = longest(reader);
    if (*term < reader->count) {
        reader->at += strlen(reader->names[*term]);
        return MXP_OK;
    }
    const size_t span = term_span(reader->at), length = span ? span : strcspn(reader->at, blanks);
    if (is_function(reader->at, length))
        return lexer_fail(&reader->lexer, reader->at, error,
                          "\"%.*s\" is not linear: a constraint is a sum of terms times numbers",
                          length < 60 ? (int)length : 60, reader->at);
    return fail_unknown(reader, reader->at, length, error);
}

/* ---- arithmetic ---- */

static mxp_status read_sum(struct linear *sum, struct reader *reader, mxp_error *error);

static mxp_status read_number(struct linear *form, struct reader *reader, mxp_error *error)
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

static mxp_status read_parentheses(struct linear *form, struct reader *reader, mxp_error *error)
{
    const char *open = reader->at;
    mxp_status status;

    if (reader->lexer.depth >= LEXER_DEPTH_MAX)
        return lexer_fail(&reader->lexer, open, error, "nested more than %d deep", LEXER_DEPTH_MAX);
    reader->lexer.depth++;
    reader->at++;
    TRY(status = read_sum(form, reader, error));
    reader->lexer.depth--;
    if (!take(reader, ')'))
        status = lexer_fail(&reader->lexer, open, error, "\"(\" is not closed");
out:
    return status;
}

/* What cannot begin a factor. */
static mxp_status fail_factor(const struct reader *reader, mxp_error *error)
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
static mxp_status read_factor(struct linear *form, struct reader *reader, mxp_error *error)
{
    bool negative = false;
    mxp_status status = MXP_OK;

    while (peek(reader) == '+' || *reader->at == '-')
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
    if (peek(reader) == '^')
        return lexer_fail(&reader->lexer, reader->at, error,
                          "powers are not linear: a constraint is a sum of terms times numbers");
    if (negative)
        multiply(form, -1.0);
out:
    return status;
}

/* form *= or /= factor, whichever of the two is a number. */
static mxp_status combine(struct linear *form, struct linear *factor, char sign, const char *at,
                          const struct reader *reader, mxp_error *error)
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

static mxp_status read_product(struct linear *form, struct reader *reader, mxp_error *error)
{
    struct linear factor = {0};
    mxp_status status;

    TRY(status = read_factor(form, reader, error));
    while (peek(reader) == '*' || *reader->at == '/') {
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

static mxp_status read_sum(struct linear *sum, struct reader *reader, mxp_error *error)
{
    struct linear product = {0};
    mxp_status status;

    for (double sign = 1.0;; sign = *reader->at++ == '-' ? -1.0 : 1.0) {
        product.count = 0;
        product.constant = 0.0;
        TRY(status = read_product(&product, reader, error));
        TRY(status = add_scaled(sum, &product, sign, error));
        if (peek(reader) != '+' && *reader->at != '-')
            break;
    }
out:
    free(product.list);
    return status;
}

/* ---- the whole ---- */

/* What stands where ~ or = should. */
static mxp_status fail_relation(const struct reader *reader, mxp_error *error)
{
    const char *at = reader->at;

    if (*at && strchr("<>!", *at))
        return lexer_fail(&reader->lexer, at, error,
                          "inequalities are no constraints here: a prior has lower and upper");
    if (*at == '\0')
        return lexer_fail(&reader->lexer, at, error,
                          "\"~ gaussian(mean, sd)\" or \"= number\" is missing at the end");
    return lexer_fail(&reader->lexer, at, error, "unexpected \"%.20s\"%s", at,
                      is_word(*at) || *at == '(' || *at == '`' ? ": * is missing before it?" : "");
}

/* The prior behind ~. */
static mxp_status read_prior(struct constraint *c, const struct reader *reader, mxp_error *error)
{
    const char *text = reader->lexer.text, *at = reader->at;
    struct prior prior = {0};
    const struct place place = arguments_place(c->place, text, (size_t)(at - text));
    mxp_status status = prior_parse(&prior, at, place, error);

    if (status == MXP_OK && (strcmp(prior.row->name, "gaussian") != 0 || prior.bounded))
        return lexer_fail(&reader->lexer, at, error,
                          "a soft constraint is written ~ gaussian(mean, sd), without bounds");
    if (status != MXP_OK && !c->place.source)
        err_prefix(error, "\"%s\": ", text);
    if (status == MXP_OK) {
        c->mean = prior.a[0];
        c->sd = prior.a[1];
    }
    return status;
}

static mxp_status read_relation(struct linear *sum, struct constraint *c, struct reader *reader,
                                mxp_error *error)
{
    struct linear right = {0};
    mxp_status status;

    TRY(status = read_sum(sum, reader, error));
    if (take(reader, '~')) {
        status = read_prior(c, reader, error);
        goto out;
    }
    if (peek(reader) != '=')
        return fail_relation(reader, error);
    if (*++reader->at == '=')
        return lexer_fail(&reader->lexer, reader->at, error, "an equality has one \"=\"");
    c->hard = true;
    TRY(status = read_sum(&right, reader, error));
    TRY(status = add_scaled(sum, &right, -1.0, error));
    if (peek(reader) == '=' || *reader->at == '~')
        status = lexer_fail(&reader->lexer, reader->at, error,
                            "a second \"%c\": a constraint has one", *reader->at);
    else if (*reader->at != '\0')
        status = fail_relation(reader, error);
out:
    free(right.list);
    return status;
}

static int by_term(const void *a, const void *b)
{
    const size_t x = ((const struct weighted *)a)->term, y = ((const struct weighted *)b)->term;
    return (x > y) - (x < y);
}

/* The sum's terms, each once, without those that cancel. */
static mxp_status collect(struct constraint *c, struct linear *sum, const struct reader *reader,
                          mxp_error *error)
{
    const char *text = reader->lexer.text;
    mxp_status status;

    TRY(status = MEM_NEW(&c->term, sum->count, error));
    TRY(status = mem_doubles(&c->coefficient, sum->count, 1, error));
    if (sum->count > 0)
        qsort(sum->list, sum->count, sizeof *sum->list, by_term);
    for (size_t i = 0; i < sum->count;) {
        const size_t term = sum->list[i].term;
        double total = 0.0;
        for (; i < sum->count && sum->list[i].term == term; i++)
            total += sum->list[i].coefficient;
        if (total == 0.0)
            continue;
        c->term[c->count] = term;
        c->coefficient[c->count++] = total;
        if (!isfinite(total))
            return lexer_fail(&reader->lexer, text, error,
                              "the coefficient of \"%s\" is not finite", reader->names[term]);
    }
    c->mean -= sum->constant;
    if (!isfinite(c->mean))
        return lexer_fail(&reader->lexer, text, error, "a constant that is not finite");
    if (c->count == 0)
        return lexer_fail(&reader->lexer, text, error, "no term is left: nothing is constrained");
out:
    return status;
}

mxp_status constraint_parse(struct constraint **constraint, const char *text,
                            const char *const *names, size_t count, struct place place,
                            mxp_error *error)
{
    struct reader reader = {
        .lexer = {.text = text, .place = place}, .at = text, .names = names, .count = count};
    struct linear sum = {0};
    struct constraint *c = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&c, 1, error));
    TRY(status = mem_text(&c->text, text, error));
    c->place = place;
    TRY(status = read_relation(&sum, c, &reader, error));
    TRY(status = collect(c, &sum, &reader, error));
    *constraint = c;
    c = NULL;
out:
    free(sum.list);
    constraint_free(c);
    return status;
}

void constraint_free(struct constraint *constraint)
{
    if (!constraint)
        return;
    free(constraint->text);
    free(constraint->term);
    free(constraint->coefficient);
    free(constraint);
}

void constraint_format(struct str *out, const struct constraint *constraint,
                       const char *const *names)
{
    for (size_t i = 0; i < constraint->count; i++) {
        const double c = constraint->coefficient[i];
        const char *name = names[constraint->term[i]];
        str_add(out, c < 0.0 ? (i == 0 ? "-" : " - ") : i == 0 ? "" : " + ");
        if (fabs(c) != 1.0) {
            number_print(out, fabs(c));
            str_add(out, " * ");
        }
        str_format(out, is_plain(name) ? "%s" : "`%s`", name);
    }
    str_add(out, constraint->hard ? " = " : " ~ gaussian(");
    number_print(out, constraint->mean);
    if (constraint->hard)
        return;
    str_add(out, ", ");
    number_print(out, constraint->sd);
    str_add(out, ")");
}
