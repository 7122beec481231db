#include "app/init.h"

#include <float.h>
#include <math.h>
#include <string.h>

void init_moments(double *mean, double *sd, const struct init_guess *guess, size_t column)
{
    const double *x = mxp_table_values(guess->table, column);
    const double n = (double)guess->complete_rows;
    double sum = 0.0, squares = 0.0;

    for (size_t i = 0; i < guess->rows; i++)
        sum += guess->complete[i] ? x[i] / n : 0.0;
    for (size_t i = 0; i < guess->rows; i++)
        if (guess->complete[i])
            squares += (x[i] - sum) * (x[i] - sum) / n;
    *mean = sum;
    *sd = sqrt(squares);
}

/* Different values, up to INIT_FEW + 1. */
static size_t count_distinct(const double *y, const struct init_guess *guess)
{
    double seen[INIT_FEW];
    size_t count = 0;

    for (size_t i = 0; i < guess->rows; i++) {
        size_t at = 0;
        if (!guess->complete[i])
            continue;
        while (at < count && seen[at] != y[i])
            at++;
        if (at < count)
            continue;
        if (count == INIT_FEW)
            return INIT_FEW + 1;
        seen[count++] = y[i];
    }
    return count;
}

static void summarise(struct init_summary *s, const struct init_guess *guess)
{
    const double *y = mxp_table_values(guess->table, guess->response);
    const double n = (double)guess->complete_rows;

    init_moments(&s->mean, &s->sd, guess, guess->response);
    s->low = INFINITY;
    s->high = -INFINITY;
    s->whole = true;
    for (size_t i = 0; i < guess->rows; i++) {
        if (!guess->complete[i])
            continue;
        const double z = (y[i] - s->mean) / s->sd;
        s->skewness += z * z * z / n;
        s->kurtosis += z * z * z * z / n;
        s->low = fmin(s->low, y[i]);
        s->high = fmax(s->high, y[i]);
        s->whole = s->whole && y[i] >= 0.0 && y[i] == floor(y[i]);
    }
    s->dispersion = n > 1.0 ? s->sd * s->sd / s->mean * (n / (n - 1.0)) : NAN;
    s->distinct = count_distinct(y, guess);
}

/* Whole numbers around a small mean that spread like counts do.  Grades (3 to 9, around 6) spread
 * far less than poisson counts of the same mean, and have no zeros. */
static bool are_counts(const struct init_summary *y)
{
    return y->whole && y->mean < 20.0 && (y->low == 0.0 || y->dispersion > 0.5);
}

/* A skewness of 2 is that of the exponential distribution, whose sd is its mean: from there on a
 * constant sd cannot be right for small and for large means. */
static enum init_answer judge(const struct init_summary *y, size_t rows)
{
    if (y->distinct == 2 && rows >= 5)
        return y->low == 0.0 && y->high == 1.0 ? INIT_ZERO_ONE : INIT_TWO;
    if (y->distinct > 2 && are_counts(y))
        return INIT_COUNTS;
    if (y->distinct > 2 && y->low > 0.0 && y->high < 1.0)
        return INIT_SHARES;
    return y->low > 0.0 && y->skewness > 2.0 ? INIT_POSITIVE : INIT_REAL;
}

/* More spread than chance gives to poisson counts, whose ratio has the sd sqrt(2/(n - 1)). */
static bool is_overdispersed(const struct init_guess *guess)
{
    const double chance = sqrt(2.0 / fmax((double)guess->complete_rows - 1.0, 1.0));
    return guess->y.dispersion > fmax(1.5, 1.0 + 3.0 * chance);
}

static void name_families(struct init_guess *guess)
{
    static const char *const of_answer[][INIT_FAMILIES] = {
        [INIT_REAL] = {"gaussian"},
        [INIT_ZERO_ONE] = {"bernoulli"},
        [INIT_TWO] = {"bernoulli", "multinomial", "gaussian"},
        [INIT_COUNTS] = {"poisson"},
        [INIT_SHARES] = {"beta", "gaussian"},
        [INIT_POSITIVE] = {"gamma", "gaussian"},
        [INIT_CLASSES] = {"bernoulli", "multinomial"}};
    static const char *const spread[INIT_FAMILIES] = {"negative_binomial", "poisson"};
    static const char *const many[INIT_FAMILIES] = {"multinomial"};
    const char *const *families = of_answer[guess->answer];

    if (guess->answer == INIT_COUNTS && is_overdispersed(guess))
        families = spread;
    if (guess->answer == INIT_CLASSES && guess->y.distinct > 2)
        families = many;
    memcpy(guess->families, families, sizeof guess->families);
}

mxp_status init_answer(struct init_guess *guess, mxp_error *error)
{
    const char *name = mxp_table_name(guess->table, guess->response);
    struct init_summary *y = &guess->y;

    if (guess->column[guess->response].factor) {
        const mxp_status status = init_levels(&y->distinct, NULL, guess, guess->response, error);
        if (status != MXP_OK)
            return status;
        if (y->distinct < 2)
            return FAIL(error, MXP_DATA,
                        "%s: column \"%s\" has one level in the rows without missing values",
                        table_source_name(guess->table), name);
        guess->answer = INIT_CLASSES;
    } else {
        summarise(y, guess);
        if (!isfinite(2.5 * y->sd) || !(y->sd > 0.0))
            return FAIL(error, MXP_DATA, "%s: column \"%s\": its spread cannot be held in a double",
                        table_source_name(guess->table), name);
        guess->answer = judge(y, guess->complete_rows);
    }
    name_families(guess);
    return MXP_OK;
}
