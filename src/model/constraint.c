#include "model/constraint.h"
#include "base/mem.h"
#include "base/number.h"
#include "model/arguments.h"
#include "model/linear.h"
#include "model/prior.h"

#include <math.h>
#include <string.h>

/* What stands where ~ or = should. */
static mxp_status fail_relation(const struct linear_reader *reader, mxp_error *error)
{
    const char *at = reader->at;

    if (*at && strchr("<>!", *at))
        return lexer_fail(&reader->lexer, at, error,
                          "inequalities are no constraints here: a prior has lower and upper");
    if (*at == '\0')
        return lexer_fail(&reader->lexer, at, error,
                          "\"~ gaussian(mean, sd)\" or \"= number\" is missing at the end");
    return lexer_fail(&reader->lexer, at, error, "unexpected \"%.20s\"%s", at,
                      linear_is_word(*at) || *at == '(' || *at == '`' ? ": * is missing before it?"
                                                                      : "");
}

/* The prior behind ~. */
static mxp_status read_prior(struct constraint *c, const struct linear_reader *reader,
                             mxp_error *error)
{
    const char *text = reader->lexer.text, *at = reader->at;
    struct prior prior = {0};
    const struct place place = arguments_place(c->place, text, (size_t)(at - text));
    mxp_status status = prior_parse(&prior, at, place, error);

    if (status == MXP_OK && (strcmp(prior.row->name, "gaussian") != 0 || prior.bounded))
        return lexer_fail(&reader->lexer, at, error,
                          "a soft constraint is written ~ gaussian(mean, sd), without bounds");
    if (status == MXP_OK)
        status = prior_refuse_selected(&prior, "a constraint", place, error);
    if (status != MXP_OK && !c->place.source)
        err_prefix(error, "\"%s\": ", text);
    if (status == MXP_OK) {
        c->mean = prior.a[0];
        c->sd = prior.a[1];
    }
    return status;
}

static mxp_status read_relation(struct linear *sum, struct constraint *c,
                                struct linear_reader *reader, mxp_error *error)
{
    struct linear right = {0};
    mxp_status status;

    TRY(status = linear_read(sum, reader, error));
    if (linear_take(reader, '~')) {
        status = read_prior(c, reader, error);
        goto out;
    }
    if (linear_peek(reader) != '=')
        return fail_relation(reader, error);
    if (*++reader->at == '=')
        return lexer_fail(&reader->lexer, reader->at, error, "an equality has one \"=\"");
    c->hard = true;
    TRY(status = linear_read(&right, reader, error));
    TRY(status = linear_add_scaled(sum, &right, -1.0, error));
    if (linear_peek(reader) == '=' || *reader->at == '~')
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
static mxp_status collect(struct constraint *c, struct linear *sum,
                          const struct linear_reader *reader, mxp_error *error)
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
    struct linear_reader reader = {
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

mxp_status constraint_check(const char *text, struct place place, mxp_error *error)
{
    struct linear_reader reader = {.lexer = {.text = text, .place = place}, .at = text};
    struct constraint c = {.place = place};
    struct linear sum = {0};
    const mxp_status status = read_relation(&sum, &c, &reader, error);

    free(sum.list);
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
        str_format(out, linear_is_plain(name) ? "%s" : "`%s`", name);
    }
    str_add(out, constraint->hard ? " = " : " ~ gaussian(");
    number_print(out, constraint->mean);
    if (constraint->hard)
        return;
    str_add(out, ", ");
    number_print(out, constraint->sd);
    str_add(out, ")");
}
