#include "model/joint.h"
#include "base/mem.h"
#include "base/number.h"
#include "model/arguments.h"
#include "model/joint_rows.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

const struct joint_row *const joint_table[] = {
    &joint_gaussian,      &joint_ar1,        &joint_rw1, &joint_rw2,
    &joint_group_laplace, &joint_constraint, NULL,
};

enum { ROWS = sizeof joint_table / sizeof *joint_table };

const struct joint_row *joint_find(const char *name)
{
    for (const struct joint_row *const *row = joint_table; *row; row++)
        if (strcmp((*row)->name, name) == 0 && !((*row)->flags & JOINT_FACTOR))
            return *row;
    return NULL;
}

/* ---- text ---- */

void joint_signature(struct str *out, const struct joint_row *row)
{
    str_add(out, row->name);
    for (size_t i = 0; i < row->argument_count; i++)
        str_format(out, "%s%s", i == 0 ? "(" : ", ", row->arguments[i].name);
    if (row->argument_count > 0)
        str_add(out, ")");
}

void joint_spec_format(struct str *out, const struct joint_spec *spec)
{
    size_t count = spec->row->argument_count;

    while (count > 0 && spec->a[count - 1] == spec->row->arguments[count - 1].fallback)
        count--;
    str_add(out, spec->row->name);
    for (size_t i = 0; i < count; i++) {
        str_add(out, i == 0 ? "(" : ", ");
        number_print(out, spec->a[i]);
    }
    if (count > 0)
        str_add(out, ")");
}

void joint_format(struct str *out, const struct joint *joint)
{
    struct joint_spec spec = {.row = joint->row};

    memcpy(spec.a, joint->a, sizeof spec.a);
    joint_spec_format(out, &spec);
}

static mxp_status fail_unknown(const char *name, struct place place, mxp_error *error)
{
    const char *known[ROWS];
    size_t count = 0;
    struct str hint = {0};

    for (const struct joint_row *const *row = joint_table; *row; row++)
        if (!((*row)->flags & JOINT_FACTOR))
            known[count++] = (*row)->name;
    arguments_hint(&hint, name, known, count);
    const mxp_status status =
        FAIL_AT(error, place, MXP_CONFIG, "\"%s\" is no prior on several terms%s", name,
                hint.text ? hint.text : "");
    str_free(&hint);
    return status;
}

/* Fails with a message that ends in the row's signature. */
static mxp_status fail_signature(const struct joint_row *row, struct place place, const char *words,
                                 const char *name, mxp_error *error)
{
    struct str signature = {0};

    joint_signature(&signature, row);
    const mxp_status status =
        FAIL_AT(error, place, MXP_CONFIG, "%s %s%s: it is written %s", row->name, words, name,
                signature.text ? signature.text : row->name);
    str_free(&signature);
    return status;
}

static mxp_status check_range(const struct joint_row *row, size_t i, double value,
                              struct place place, mxp_error *error)
{
    const struct joint_argument *rule = &row->arguments[i];
    const char *wrong = NULL;

    if (!isfinite(value))
        wrong = "not finite";
    else if (rule->range == JOINT_ABOVE_ZERO && value <= 0.0)
        wrong = "not above 0";
    else if (rule->range == JOINT_INSIDE_ONE && fabs(value) >= 1.0)
        wrong = "not between -1 and 1";
    if (wrong)
        return FAIL_AT(error, place, MXP_CONFIG, "%s: %s = %.15g is %s", row->name, rule->name,
                       value, wrong);
    return MXP_OK;
}

/* The argument that the i-th written one means. */
static mxp_status match(size_t *slot, const struct joint_row *row, const struct arguments *written,
                        size_t i, mxp_error *error)
{
    const struct argument *one = &written->list[i];

    *slot = i;
    if (one->name[0] == '\0')
        return i < row->argument_count
                   ? MXP_OK
                   : fail_signature(row, one->value_at, "has no argument for ", one->value, error);
    for (*slot = 0; *slot < row->argument_count; ++*slot)
        if (strcmp(row->arguments[*slot].name, one->name) == 0)
            return MXP_OK;
    return fail_signature(row, one->name_at, "has no argument ", one->name, error);
}

mxp_status joint_fill(struct joint_spec *spec, const struct joint_row *row,
                      const struct arguments *written, struct place name_at, mxp_error *error)
{
    bool given[JOINT_ARGUMENTS] = {false};
    mxp_status status = MXP_OK;

    spec->row = row;
    for (size_t i = 0; i < written->count; i++) {
        const struct argument *one = &written->list[i];
        size_t slot = 0;
        TRY(status = match(&slot, row, written, i, error));
        if (given[slot])
            return FAIL_AT(error, one->name[0] ? one->name_at : one->value_at, MXP_CONFIG,
                           "%s: %s is given twice", row->name, row->arguments[slot].name);
        given[slot] = true;
        TRY(status =
                arguments_number(&spec->a[slot], row->name, row->arguments[slot].name, one, error));
        TRY(status = check_range(row, slot, spec->a[slot], one->value_at, error));
    }
    for (size_t slot = 0; slot < row->argument_count; slot++) {
        if (given[slot])
            continue;
        if (isnan(row->arguments[slot].fallback))
            return fail_signature(row, name_at, "lacks its argument ", row->arguments[slot].name,
                                  error);
        spec->a[slot] = row->arguments[slot].fallback;
    }
out:
    return status;
}

mxp_status joint_parse(struct joint_spec *spec, const char *text, struct place place,
                       mxp_error *error)
{
    const size_t start = strspn(text, " \t\r\n");
    const size_t length = strcspn(text + start, "() \t\r\n,=");
    const struct place name_at = arguments_place(place, text, start);
    struct arguments written = {.count = 0};
    struct joint_spec read = {0};
    char name[ARGUMENT_TEXT] = "";
    size_t at = start + length;
    mxp_status status = MXP_OK;

    if (length == 0)
        return FAIL_AT(error, name_at, MXP_CONFIG, "the name of a prior is missing");
    memcpy(name, text + start, length < sizeof name ? length : sizeof name - 1);
    read.row = joint_find(name);
    if (!read.row)
        return fail_unknown(name, name_at, error);
    at += strspn(text + at, " \t\r\n");
    if (text[at] == '(') {
        const struct place open = arguments_place(place, text, at);
        TRY(status = arguments_read(&written, &at, text, at + 1, place, error));
        if (text[at] != ')')
            return FAIL_AT(error, open, MXP_CONFIG, "\"(\" is not closed");
        at++;
    }
    at += strspn(text + at, " \t\r\n");
    if (text[at] != '\0')
        return FAIL_AT(error, arguments_place(place, text, at), MXP_CONFIG,
                       "unexpected \"%s\" after %s", text + at, name);
    TRY(status = joint_fill(&read, read.row, &written, name_at, error));
    *spec = read;
out:
    return status;
}

/* ---- making one ---- */

void joint_free(struct joint *joint)
{
    if (!joint)
        return;
    free(joint->index);
    free(joint->mean);
    free(joint->W);
    free(joint->Q);
    free(joint);
}

static mxp_status bare(struct joint **joint, const struct joint_row *row, const double *a, size_t k,
                       const size_t *index, mxp_error *error)
{
    struct joint *j = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&j, 1, error));
    j->row = row;
    memcpy(j->a, a, sizeof j->a);
    j->k = k;
    j->rank = k - row->lost;
    j->proper = !(row->flags & JOINT_IMPROPER);
    TRY(status = MEM_NEW(&j->index, k, error));
    memcpy(j->index, index, k * sizeof *index);
    TRY(status = mem_doubles(&j->mean, k, 1, error));
    *joint = j;
    j = NULL;
out:
    joint_free(j);
    return status;
}

mxp_status joint_new(struct joint **joint, const struct joint_spec *spec, size_t k,
                     const size_t *index, const double *mean, const struct joint_matrix *matrix,
                     struct place place, mxp_error *error)
{
    const struct joint_row *row = spec->row;
    struct joint *j = NULL;
    mxp_status status;

    if (k < row->least)
        return FAIL_AT(error, place, MXP_CONFIG, "%s is a prior on %zu terms or more, not on %zu",
                       row->name, row->least, k);
    if (!matrix != !(row->flags & JOINT_MATRIX))
        return FAIL_AT(error, place, MXP_CONFIG, "%s %s", row->name,
                       matrix ? "takes no matrix"
                              : "on several terms needs a covariance or a precision");
    TRY(status = bare(&j, row, spec->a, k, index, error));
    for (size_t i = 0; i < k; i++)
        j->mean[i] = mean ? mean[i] : row->mean >= 0 ? spec->a[row->mean] : 0.0;
    if (matrix)
        TRY(status = joint_take_matrix(j, matrix, place, error));
    else
        j->log_normaliser = row->log_normaliser(j);
    *joint = j;
    j = NULL;
out:
    joint_free(j);
    return status;
}

mxp_status joint_new_constraint(struct joint **joint, size_t k, const size_t *index,
                                const double *c, double m, double s, struct place place,
                                mxp_error *error)
{
    const double a[JOINT_ARGUMENTS] = {m, s};
    struct joint *j = NULL;
    bool some = false;
    mxp_status status;

    TRY(status = check_range(&joint_constraint, 0, m, place, error));
    TRY(status = check_range(&joint_constraint, 1, s, place, error));
    for (size_t i = 0; i < k; i++) {
        if (!isfinite(c[i] / s))
            return FAIL_AT(error, place, MXP_CONFIG,
                           "a coefficient of the constraint is not finite: %.15g", c[i] / s);
        some = some || c[i] != 0.0;
    }
    if (!some)
        return FAIL_AT(error, place, MXP_CONFIG, "the constraint has no coefficient but 0");
    TRY(status = bare(&j, &joint_constraint, a, k, index, error));
    j->rank = 1;
    TRY(status = mem_doubles(&j->W, k, 1, error));
    for (size_t i = 0; i < k; i++)
        j->W[i] = c[i] / s;
    j->log_normaliser = j->row->log_normaliser(j);
    *joint = j;
    j = NULL;
out:
    joint_free(j);
    return status;
}

/* ---- what it says at a point ---- */

double joint_value(const struct joint *joint, const double *theta)
{
    return joint->row->value(joint, theta) + joint->log_normaliser;
}

double joint_log_normaliser(const struct joint *joint)
{
    return joint->log_normaliser;
}

bool joint_proper(const struct joint *joint)
{
    return joint->proper;
}

bool joint_kinked(const struct joint *joint)
{
    return joint->row->flags & JOINT_KINK;
}

void joint_add_gradient(double *gradient, const struct joint *joint, const double *theta)
{
    joint->row->gradient(gradient, joint, theta);
}

void joint_add_entry(double *H, size_t ld, const struct joint *joint, const size_t *place, size_t a,
                     size_t b, double value)
{
    const size_t row = place ? place[joint->index[a]] : joint->index[a];
    const size_t column = place ? place[joint->index[b]] : joint->index[b];

    if (row == SIZE_MAX || column == SIZE_MAX)
        return;
    H[row + column * ld] += value;
    if (a != b)
        H[column + row * ld] += value;
}

void joint_add_curvature(double *H, size_t ld, const struct joint *joint, const double *theta,
                         const size_t *place)
{
    joint->row->curvature(H, ld, joint, theta, place);
}

void joint_add_diagonal(double *diagonal, const struct joint *joint, const double *theta)
{
    joint->row->diagonal(diagonal, joint, theta);
}

void joint_draw(double *theta, struct rng *rng, const struct joint *joint)
{
    joint->row->draw(theta, rng, joint);
}

bool joint_at_kink(const struct joint *joint, const double *theta)
{
    if (!joint_kinked(joint))
        return false;
    for (size_t j = 0; j < joint->k; j++)
        if (theta[joint->index[j]] != joint->mean[j])
            return false;
    return true;
}
