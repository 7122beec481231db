#include "app/init.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double *values_of(const struct init_guess *guess, size_t column)
{
    return mxp_table_values(guess->table, column);
}

static bool is_used(const struct init_guess *guess, size_t column)
{
    return guess->column[column].predictor || column == guess->response;
}

/* Whether the column has two different values in the rows that are asked for (NULL: all). */
static bool varies(const struct init_guess *guess, size_t column, const bool *rows)
{
    const double *x = values_of(guess, column);
    double first = NAN;

    for (size_t i = 0; i < guess->rows; i++) {
        if (isnan(x[i]) || (rows && !rows[i]))
            continue;
        if (isnan(first))
            first = x[i];
        else if (x[i] != first)
            return true;
    }
    return false;
}

/* Mean and population sd over the complete rows. */
static void moments(double *mean, double *sd, const struct init_guess *guess, size_t column)
{
    const double *x = values_of(guess, column);
    double sum = 0.0, squares = 0.0;

    for (size_t i = 0; i < guess->rows; i++)
        sum += guess->complete[i] ? x[i] / (double)guess->complete_rows : 0.0;
    for (size_t i = 0; i < guess->rows; i++)
        if (guess->complete[i])
            squares += (x[i] - sum) * (x[i] - sum) / (double)guess->complete_rows;
    *mean = sum;
    *sd = sqrt(squares);
}

static void leave_out(struct init_guess *guess, size_t column, const char *why)
{
    guess->column[column].predictor = false;
    (void)snprintf(guess->column[column].why, INIT_WHY, "%s", why);
}

/* First look: which columns are numbers that vary. */
static void sort_out(struct init_guess *guess)
{
    for (size_t j = 0; j < guess->columns; j++) {
        const struct column_fault *fault = table_fault(guess->table, j);
        guess->column[j].predictor = true;
        if (!init_can_write(mxp_table_name(guess->table, j))) {
            leave_out(guess, j, "its name is not UTF-8");
        } else if (fault && fault->line) {
            struct str text = {0};
            str_format(&text, "line %zu: ", fault->line);
            init_write_quoted(&text, fault->text);
            str_format(&text, " %s", fault->why);
            leave_out(guess, j, text.text ? text.text : "not numeric");
            str_free(&text);
        } else if (fault) {
            leave_out(guess, j, "not numeric");
        } else if (table_missing(guess->table, j, NULL) == guess->rows) {
            leave_out(guess, j, "all values are missing");
        } else if (!varies(guess, j, NULL)) {
            leave_out(guess, j, "constant");
        }
    }
}

static void find_complete(struct init_guess *guess)
{
    guess->complete_rows = 0;
    for (size_t i = 0; i < guess->rows; i++)
        guess->complete[i] = true;
    for (size_t j = 0; j < guess->columns; j++) {
        const double *x = values_of(guess, j);
        if (!is_used(guess, j) || table_missing(guess->table, j, NULL) == 0)
            continue;
        for (size_t i = 0; i < guess->rows; i++)
            guess->complete[i] = guess->complete[i] && !isnan(x[i]);
    }
    for (size_t i = 0; i < guess->rows; i++)
        guess->complete_rows += guess->complete[i];
    guess->missing = guess->complete_rows < guess->rows;
}

/* The predictor with the most missing values, or MXP_NO_COLUMN when none has any. */
static size_t most_missing(const struct init_guess *guess)
{
    size_t worst = MXP_NO_COLUMN, most = 0;

    for (size_t j = 0; j < guess->columns; j++) {
        const size_t missing = table_missing(guess->table, j, NULL);
        if (guess->column[j].predictor && missing > most) {
            most = missing;
            worst = j;
        }
    }
    return worst;
}

/* Leaves out a predictor that is constant in the complete rows, or whose spread overflows. */
static bool drop_constant(struct init_guess *guess)
{
    double mean, sd;
    bool dropped = false;

    for (size_t j = 0; j < guess->columns; j++) {
        if (!guess->column[j].predictor)
            continue;
        moments(&mean, &sd, guess, j);
        if (varies(guess, j, guess->complete) && sd > 0.0 && isfinite(sd))
            continue;
        leave_out(guess, j,
                  isfinite(sd) ? "constant in the rows without missing values"
                               : "too large to be standardised");
        dropped = true;
    }
    return dropped;
}

/* Leaves out predictors until at least half of the rows that have a response are complete. */
static void settle(struct init_guess *guess)
{
    const size_t answered = guess->rows - table_missing(guess->table, guess->response, NULL);

    for (;;) {
        find_complete(guess);
        const size_t worst = most_missing(guess);
        const bool starved =
            2 * guess->complete_rows < answered || !varies(guess, guess->response, guess->complete);
        if (starved && worst != MXP_NO_COLUMN)
            leave_out(guess, worst, "so many values are missing that too few rows would be left");
        else if (!drop_constant(guess))
            return;
    }
}

/* Every complete value is 0 or 1; or a count, few on average, of more than two values. */
static const char *guess_family(const struct init_guess *guess, double mean)
{
    const double *y = values_of(guess, guess->response);
    bool binary = true, counts = true;

    for (size_t i = 0; i < guess->rows; i++) {
        if (!guess->complete[i])
            continue;
        binary = binary && (y[i] == 0.0 || y[i] == 1.0);
        counts = counts && y[i] >= 0.0 && y[i] == floor(y[i]);
    }
    if (binary)
        return "bernoulli";
    /* two values alone, 1 and 2, are classes in a coding of their own, not counts */
    double low = INFINITY, high = -INFINITY;
    bool between = false;
    for (size_t i = 0; i < guess->rows; i++) {
        if (guess->complete[i]) {
            low = fmin(low, y[i]);
            high = fmax(high, y[i]);
        }
    }
    for (size_t i = 0; i < guess->rows; i++)
        between = between || (guess->complete[i] && y[i] > low && y[i] < high);
    return counts && between && mean < 20.0 ? "poisson" : "gaussian";
}

static mxp_status choose_response(struct init_guess *guess, mxp_error *error)
{
    for (size_t j = guess->columns; j-- > 0;) {
        if (!guess->column[j].predictor)
            continue;
        guess->response = j;
        guess->column[j].predictor = false;
        return MXP_OK;
    }
    return FAIL(error, MXP_DATA,
                "%s: no column is numeric and varies, so there is nothing to explain; first "
                "column: %s",
                table_source_name(guess->table), guess->column[0].why);
}

static mxp_status finish(struct init_guess *guess, mxp_error *error)
{
    double mean;

    moments(&mean, &guess->response_sd, guess, guess->response);
    for (size_t j = 0; j < guess->columns; j++)
        guess->predictors += guess->column[j].predictor;
    if (guess->predictors == 0)
        return FAIL(error, MXP_DATA,
                    "%s: \"%s\" is the only numeric column that varies, so there is nothing to "
                    "explain it with",
                    table_source_name(guess->table), mxp_table_name(guess->table, guess->response));
    if (!isfinite(guess->response_sd) || !(guess->response_sd > 0.0))
        return FAIL(error, MXP_DATA, "%s: column \"%s\": its spread cannot be held in a double",
                    table_source_name(guess->table), mxp_table_name(guess->table, guess->response));
    guess->family = guess_family(guess, mean);
    return MXP_OK;
}

mxp_status init_guess(struct init_guess *guess, const mxp_table *table, mxp_error *error)
{
    mxp_status status;
    struct init_guess fresh = {.table = table,
                               .columns = mxp_table_columns(table),
                               .rows = mxp_table_rows(table),
                               .response = MXP_NO_COLUMN};

    TRY(status = MEM_NEW(&fresh.column, fresh.columns, error));
    TRY(status = MEM_NEW(&fresh.complete, fresh.rows, error));
    sort_out(&fresh);
    TRY(status = choose_response(&fresh, error));
    settle(&fresh);
    TRY(status = finish(&fresh, error));
    *guess = fresh;
    return MXP_OK;
out:
    init_guess_free(&fresh);
    return status;
}

void init_guess_free(struct init_guess *guess)
{
    free(guess->column);
    free(guess->complete);
    *guess = (struct init_guess){0};
}
