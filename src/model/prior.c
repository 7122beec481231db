#include "model/prior.h"
#include "base/number.h"
#include "model/arguments.h"
#include "model/prior_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct prior_row *const prior_table[] = {
    &prior_flat,           &prior_gaussian,    &prior_laplace,
    &prior_elastic_net,    &prior_student_t,   &prior_cauchy,
    &prior_uniform,        &prior_half_normal, &prior_half_cauchy,
    &prior_half_student_t, &prior_exponential, &prior_gamma,
    &prior_inverse_gamma,  &prior_lognormal,   NULL,
};

enum { NAMES_MAX = 2 * sizeof prior_table / sizeof *prior_table };

double prior_at_first(const double *a)
{
    return a[0];
}

double prior_at_zero(const double *a)
{
    (void)a;
    return 0.0;
}

double prior_shrink(double v, double m, double by)
{
    const double off = v - m;
    if (fabs(off) <= by)
        return m;
    return m + (off > 0.0 ? off - by : off + by);
}

const struct prior_row *prior_find(const char *name)
{
    for (const struct prior_row *const *row = prior_table; *row; row++)
        if (strcmp((*row)->name, name) == 0 || ((*row)->alias && strcmp((*row)->alias, name) == 0))
            return *row;
    return NULL;
}

void prior_signature(struct str *out, const struct prior_row *row)
{
    str_add(out, row->name);
    for (size_t i = 0; i < row->argument_count; i++)
        str_format(out, "%s%s", i == 0 ? "(" : ", ", row->arguments[i].name);
    if (row->argument_count > 0)
        str_add(out, ")");
}

void prior_format(struct str *out, const struct prior *prior)
{
    prior_format_as(out, prior, number_print);
}

void prior_format_as(struct str *out, const struct prior *prior,
                     void (*print)(struct str *out, double value))
{
    const struct prior_row *row = prior->row;
    const double bounds[] = {prior_lower(prior), prior_upper(prior)};
    const char *before = "(";

    str_add(out, row->name);
    for (size_t i = 0; i < row->argument_count; i++) {
        str_add(out, before);
        if (prior->selected >> i & 1)
            str_add(out, "select(cv)");
        else
            print(out, prior->a[i]);
        before = ", ";
    }
    for (size_t i = 0; i < PRIOR_BOUNDS && prior_takes_bounds(row); i++) {
        if (isinf(bounds[i]))
            continue;
        str_format(out, "%s%s=", before, prior_bound_names[i]);
        print(out, bounds[i]);
        before = ", ";
    }
    if (before[0] == ',')
        str_add(out, ")");
}

mxp_status prior_check_argument(const struct prior_row *row, size_t argument, double value,
                                struct place place, mxp_error *error)
{
    const struct prior_argument *rule = &row->arguments[argument];
    const char *wrong = NULL;

    if (!isfinite(value))
        wrong = "not finite";
    else if (rule->range == PRIOR_ABOVE_ZERO && value <= 0.0)
        wrong = "not above 0";
    if (wrong)
        return FAIL_AT(error, place, MXP_CONFIG, "%s: %s = %.15g is %s", row->name, rule->name,
                       value, wrong);
    return MXP_OK;
}

static mxp_status fail_unknown(const char *name, struct place place, mxp_error *error)
{
    const char *known[NAMES_MAX];
    size_t count = 0;
    struct str hint = {0};

    for (const struct prior_row *const *row = prior_table; *row; row++) {
        known[count++] = (*row)->name;
        if ((*row)->alias)
            known[count++] = (*row)->alias;
    }
    arguments_hint(&hint, name, known, count);
    const mxp_status status = FAIL_AT(error, place, MXP_CONFIG, "unknown prior \"%s\"%s", name,
                                      hint.text ? hint.text : "");
    str_free(&hint);
    return status;
}

/* Fails with a message that ends in the row's signature. */
static mxp_status fail_signature(const struct prior_row *row, struct place place, const char *words,
                                 const char *name, mxp_error *error)
{
    struct str signature = {0};

    prior_signature(&signature, row);
    const mxp_status status =
        FAIL_AT(error, place, MXP_CONFIG, "%s %s%s: it is written %s", row->name, words, name,
                signature.text ? signature.text : row->name);
    str_free(&signature);
    return status;
}

/* Slots: the row's arguments, then the bounds. */
enum { SLOTS = PRIOR_ARGUMENTS + PRIOR_BOUNDS };

static const char *slot_name(const struct prior_row *row, size_t slot)
{
    return slot < row->argument_count ? row->arguments[slot].name
                                      : prior_bound_names[slot - row->argument_count];
}

/* The slot of a named argument. */
static mxp_status match_name(size_t *slot, const struct prior_row *row, const struct argument *one,
                             mxp_error *error)
{
    const size_t count = row->argument_count + PRIOR_BOUNDS;
    const char *known[SLOTS];
    struct str hint = {0};

    for (size_t k = 0; k < count; k++) {
        known[k] = slot_name(row, k);
        if (strcmp(known[k], one->name) != 0)
            continue;
        if (k >= row->argument_count && !prior_takes_bounds(row))
            return prior_refuse_bounds(row, one->name_at, error);
        *slot = k;
        return MXP_OK;
    }
    arguments_hint(&hint, one->name, known, prior_takes_bounds(row) ? count : row->argument_count);
    const mxp_status status =
        FAIL_AT(error, one->name_at, MXP_CONFIG, "%s has no argument \"%s\"%s", row->name,
                one->name, hint.text ? hint.text : "");
    str_free(&hint);
    return status;
}

/* Whether the first argument is the only one but for bounds: gaussian(2, lower=0). */
static bool stands_alone(const struct arguments *written)
{
    for (size_t i = 1; i < written->count; i++)
        if (strcmp(written->list[i].name, prior_bound_names[PRIOR_LOWER]) != 0 &&
            strcmp(written->list[i].name, prior_bound_names[PRIOR_UPPER]) != 0)
            return false;
    return true;
}

/* The slot of the i-th written argument. */
static mxp_status match_argument(size_t *slot, const struct prior_row *row,
                                 const struct arguments *written, size_t i, mxp_error *error)
{
    const struct argument *one = &written->list[i];

    if (one->name[0] != '\0')
        return match_name(slot, row, one, error);
    if (i >= row->argument_count)
        return fail_signature(row, one->value_at, "has no argument for ", one->value, error);
    *slot =
        (row->flags & PRIOR_ONE_IS_SCALE) && stands_alone(written) ? row->argument_count - 1 : i;
    return MXP_OK;
}

/* Reads the i-th written argument into its slot. */
static mxp_status fill_one(struct prior *prior, double *bounds, bool *given,
                           const struct arguments *written, size_t i, mxp_error *error)
{
    mxp_status status;
    const struct prior_row *row = prior->row;
    const struct argument *one = &written->list[i];
    size_t k = 0;

    TRY(status = match_argument(&k, row, written, i, error));
    if (given[k])
        return FAIL_AT(error, one->name[0] ? one->name_at : one->value_at, MXP_CONFIG,
                       "%s: %s is given twice", row->name, slot_name(row, k));
    given[k] = true;
    if (k >= row->argument_count) {
        k -= row->argument_count;
        return prior_read_bound(&bounds[k], row, k, one, error);
    }
    if (prior_asks_selection(one->value))
        return prior_select(prior, k, one->value, one->value_at, error);
    TRY(status = arguments_number(&prior->a[k], row->name, row->arguments[k].name, one, error));
    TRY(status = prior_check_argument(row, k, prior->a[k], one->value_at, error));
out:
    return status;
}

/* The fallbacks of arguments that were not given. */
static mxp_status complete(struct prior *prior, const bool *given, struct place name_at,
                           mxp_error *error)
{
    for (size_t k = 0; k < prior->row->argument_count; k++) {
        const struct prior_argument *rule = &prior->row->arguments[k];
        if (given[k])
            continue;
        if (isnan(rule->fallback))
            return fail_signature(prior->row, name_at, "lacks its argument ", rule->name, error);
        prior->a[k] = rule->fallback;
    }
    return MXP_OK;
}

mxp_status prior_fill(struct prior *prior, const char *name, struct place name_at,
                      const struct arguments *written, mxp_error *error)
{
    mxp_status status = MXP_OK;
    struct prior read = {.row = prior_find(name)};
    double bounds[PRIOR_BOUNDS] = {-INFINITY, INFINITY};
    bool given[SLOTS] = {false};

    if (!read.row)
        return fail_unknown(name, name_at, error);
    for (size_t i = 0; i < written->count; i++)
        TRY(status = fill_one(&read, bounds, given, written, i, error));
    TRY(status = complete(&read, given, name_at, error));
    const struct place last = written->count ? written->list[written->count - 1].value_at : name_at;
    TRY(status = prior_check_selected(&read, last, error));
    TRY(status = prior_bound(&read, bounds[PRIOR_LOWER], bounds[PRIOR_UPPER], last, error));
    *prior = read;
out:
    return status;
}

static size_t skip_blank(const char *text, size_t at)
{
    return at + strspn(text + at, " \t\r\n");
}

/* The parenthesised part that starts at *at; *at becomes the index after it. */
static mxp_status read_parentheses(struct arguments *written, size_t *at, const char *text,
                                   struct place place, mxp_error *error)
{
    const size_t open = *at;
    mxp_status status;

    TRY(status = arguments_read(written, at, text, open + 1, place, error));
    if (text[*at] != ')')
        return FAIL_AT(error, arguments_place(place, text, open), MXP_CONFIG,
                       "\"(\" is not closed (inside {...} a prior needs quotes: YAML splits it at "
                       "commas)");
    ++*at;
out:
    return status;
}

mxp_status prior_parse(struct prior *prior, const char *text, struct place place, mxp_error *error)
{
    mxp_status status = MXP_OK;
    const size_t start = skip_blank(text, 0), length = strcspn(text + start, "() \t\r\n,=");
    const struct place name_at = arguments_place(place, text, start);
    char name[ARGUMENT_TEXT];
    struct arguments written = {.count = 0};

    if (length == 0)
        return FAIL_AT(error, name_at, MXP_CONFIG, "the name of a prior is missing");
    (void)snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name),
                   text + start);
    if (!prior_find(name))
        return fail_unknown(name, name_at, error);
    size_t at = skip_blank(text, start + length);
    if (text[at] == '(')
        TRY(status = read_parentheses(&written, &at, text, place, error));
    at = skip_blank(text, at);
    if (text[at] != '\0')
        return FAIL_AT(error, arguments_place(place, text, at), MXP_CONFIG,
                       "unexpected \"%s\" after %s", text + at, name);
    TRY(status = prior_fill(prior, name, name_at, &written, error));
out:
    return status;
}
