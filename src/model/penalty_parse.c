/* Reading a penalty: convention, kind, parameters. */
#include "model/penalty.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Fails with `unknown WHAT "NAME"` and what is known. */
static mxp_status fail_unknown(const char *what, const char *name, const char *const *known,
                               size_t count, struct place place, mxp_error *error)
{
    struct str hint = {0};

    arguments_hint(&hint, name, known, count);
    const mxp_status status = FAIL_AT(error, place, MXP_CONFIG, "unknown %s \"%s\"%s", what, name,
                                      hint.text ? hint.text : "");
    str_free(&hint);
    return status;
}

/* The first row of the convention. */
static mxp_status find_convention(const struct penalty_row **first, const char *name,
                                  struct place place, mxp_error *error)
{
    const char *known[PENALTY_ROWS_MAX];
    size_t count = 0;

    for (const struct penalty_row *row = penalty_table; row->convention; row++) {
        if (strcmp(row->convention, name) == 0) {
            *first = row;
            return MXP_OK;
        }
        if (count == 0 || strcmp(known[count - 1], row->convention) != 0)
            known[count++] = row->convention;
    }
    return fail_unknown("penalty convention", name, known, count, place, error);
}

static bool same_convention(const struct penalty_row *row, const struct penalty_row *first)
{
    return row->convention && strcmp(row->convention, first->convention) == 0;
}

static const struct argument *find_setting(const struct arguments *settings, const char *name)
{
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->list[i].name, name) == 0)
            return &settings->list[i];
    return NULL;
}

/* The row among those of one convention that the key's setting means. */
static mxp_status find_kind(const struct penalty_row **found, const struct penalty_row *first,
                            struct place place, const struct arguments *settings, mxp_error *error)
{
    const struct argument *given = first->key ? find_setting(settings, first->key) : NULL;
    const char *known[PENALTY_ROWS_MAX];
    size_t count = 0;
    struct str hint = {0};

    for (const struct penalty_row *row = first; same_convention(row, first); row++) {
        if (!row->key || (given ? strcmp(row->kind, given->value) == 0 : row->fallback)) {
            *found = row;
            return MXP_OK;
        }
        known[count++] = row->kind;
    }
    if (given)
        return fail_unknown(first->key, given->value, known, count, given->value_at, error);
    arguments_hint(&hint, "", known, count);
    const mxp_status status = FAIL_AT(error, place, MXP_CONFIG, "penalty %s lacks its %s%s",
                                      first->convention, first->key, hint.text ? hint.text : "");
    str_free(&hint);
    return status;
}

static mxp_status check_range(const struct penalty_row *row, size_t i, double value,
                              struct place place, mxp_error *error)
{
    const struct penalty_parameter *rule = &row->parameters[i];
    const char *wrong = NULL;

    if (rule->range == PENALTY_ANY_ABOVE_ZERO && value <= 0.0)
        wrong = "not above 0";
    else if (rule->range == PENALTY_NOT_NEGATIVE && value < 0.0)
        wrong = "below 0";
    else if (rule->range == PENALTY_SHARE && (value < 0.0 || value > 1.0))
        wrong = "outside [0, 1]";
    if (wrong)
        return FAIL_AT(error, place, MXP_CONFIG, "penalty %s: %s = %.15g is %s", row->convention,
                       rule->name, value, wrong);
    return MXP_OK;
}

/* Index of the parameter that a setting names; parameter_count for the key. */
static mxp_status match_setting(size_t *index, const struct penalty_row *row,
                                const struct argument *one, mxp_error *error)
{
    const char *known[PENALTY_PARAMETERS + 1];
    size_t count = 0;
    char what[80];

    if (one->name[0] == '\0')
        return FAIL_AT(error, one->value_at, MXP_CONFIG, "\"%s\" needs a name: name=value",
                       one->value);
    for (; count < row->parameter_count; count++)
        known[count] = row->parameters[count].name;
    if (row->key)
        known[count++] = row->key;
    for (size_t i = 0; i < count; i++)
        if (strcmp(known[i], one->name) == 0) {
            *index = i;
            return MXP_OK;
        }
    (void)snprintf(what, sizeof what, "setting of penalty %s%s%s", row->convention,
                   row->kind && !row->fallback ? " " : "",
                   row->kind && !row->fallback ? row->kind : "");
    return fail_unknown(what, one->name, known, count, one->name_at, error);
}

/* Reads one setting into its slot. */
static mxp_status fill_one(struct penalty *penalty, bool *given, const struct argument *one,
                           mxp_error *error)
{
    mxp_status status;
    const struct penalty_row *row = penalty->row;
    size_t i = 0;

    TRY(status = match_setting(&i, row, one, error));
    if (given[i])
        return FAIL_AT(error, one->name_at, MXP_CONFIG, "%s is given twice", one->name);
    given[i] = true;
    if (i == row->parameter_count)
        return MXP_OK;
    TRY(status = arguments_number(&penalty->value[i], row->convention, one->name, one, error));
    TRY(status = check_range(row, i, penalty->value[i], one->value_at, error));
out:
    return status;
}

mxp_status penalty_fill(struct penalty *penalty, const char *convention, struct place convention_at,
                        const struct arguments *settings, mxp_error *error)
{
    mxp_status status;
    const struct penalty_row *first = NULL;
    struct penalty read = {.row = NULL};
    bool given[PENALTY_PARAMETERS + 1] = {false};

    TRY(status = find_convention(&first, convention, convention_at, error));
    assert(first);
    TRY(status = find_kind(&read.row, first, convention_at, settings, error));
    assert(read.row);
    for (size_t i = 0; i < settings->count; i++)
        TRY(status = fill_one(&read, given, &settings->list[i], error));
    for (size_t i = 0; i < read.row->parameter_count; i++) {
        const struct penalty_parameter *rule = &read.row->parameters[i];
        if (given[i])
            continue;
        if (isnan(rule->fallback))
            return FAIL_AT(error, convention_at, MXP_CONFIG, "penalty %s%s%s lacks %s", convention,
                           read.row->kind ? " " : "", read.row->kind ? read.row->kind : "",
                           rule->name);
        read.value[i] = rule->fallback;
    }
    *penalty = read;
out:
    return status;
}

mxp_status penalty_parse(struct penalty *penalty, const char *convention, const char *settings,
                         struct place place, mxp_error *error)
{
    mxp_status status;
    struct arguments read = {.count = 0};
    size_t end = 0;

    TRY(status = arguments_read(&read, &end, settings, 0, place, error));
    if (settings[end] != '\0')
        return FAIL_AT(error, arguments_place(place, settings, end), MXP_CONFIG,
                       "unexpected \"%s\" in the settings of a penalty", settings + end);
    TRY(status = penalty_fill(penalty, convention, place, &read, error));
out:
    return status;
}
