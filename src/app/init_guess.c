#include "app/init.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

static bool is_used(const struct init_guess *guess, size_t column)
{
    return guess->column[column].predictor || column == guess->response;
}

static void leave_out(struct init_guess *guess, size_t column, enum init_reason reason)
{
    guess->column[column].predictor = false;
    guess->column[column].reason = reason;
}

static void find_complete(struct init_guess *guess)
{
    guess->complete_rows = 0;
    for (size_t i = 0; i < guess->rows; i++)
        guess->complete[i] = true;
    for (size_t j = 0; j < guess->columns; j++) {
        if (!is_used(guess, j) || table_missing(guess->table, j, NULL) == 0)
            continue;
        for (size_t i = 0; i < guess->rows; i++)
            guess->complete[i] = guess->complete[i] && !init_missing(guess, j, i);
    }
    for (size_t i = 0; i < guess->rows; i++)
        guess->complete_rows += guess->complete[i];
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
    bool dropped = false;

    for (size_t j = 0; j < guess->columns; j++) {
        double mean, sd = 1.0;
        if (!guess->column[j].predictor)
            continue;
        if (!guess->column[j].factor)
            init_moments(&mean, &sd, guess, j);
        if (init_varies(guess, j, guess->complete) && sd > 0.0 && isfinite(sd))
            continue;
        leave_out(guess, j, isfinite(sd) ? INIT_NO_SPREAD : INIT_HUGE);
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
        const bool starved = 2 * guess->complete_rows < answered ||
                             !init_varies(guess, guess->response, guess->complete);
        if (starved && worst != MXP_NO_COLUMN)
            leave_out(guess, worst, INIT_STARVING);
        else if (!drop_constant(guess))
            return;
    }
}

/* The column that the user named. */
static mxp_status take_response(struct init_guess *guess, const char *name, mxp_error *error)
{
    const size_t j = mxp_table_find(guess->table, name);

    if (j == MXP_NO_COLUMN) {
        const char **names = NULL;
        const mxp_status status = MEM_NEW(&names, guess->columns, error);
        if (status != MXP_OK)
            return status;
        for (size_t i = 0; i < guess->columns; i++)
            names[i] = mxp_table_name(guess->table, i);
        const char *near = str_nearest(name, names, guess->columns);
        free(names);
        return FAIL(error, MXP_USAGE, "--response: %s has no column \"%s\"%s%s%s",
                    table_source_name(guess->table), name, near ? "; did you mean \"" : "",
                    near ? near : "", near ? "\"?" : "");
    }
    const struct init_column *column = &guess->column[j];
    if (column->reason != INIT_KEPT && column->reason != INIT_ROW_NUMBER)
        return FAIL(error, MXP_DATA, "%s: column \"%s\" cannot be the response: %s%s%s%s",
                    table_source_name(guess->table), name, init_reason_words(column->reason),
                    *column->detail ? " (" : "", column->detail, *column->detail ? ")" : "");
    guess->response = j;
    guess->named = true;
    return MXP_OK;
}

/* The last column of numbers, else the last of texts, that can be used. */
static mxp_status choose_response(struct init_guess *guess, mxp_error *error)
{
    const struct init_column *first = &guess->column[0];

    for (int factor = 0; factor < 2; factor++) {
        for (size_t j = guess->columns; j-- > 0;) {
            if (guess->column[j].predictor && guess->column[j].factor == (factor == 1)) {
                guess->response = j;
                return MXP_OK;
            }
        }
    }
    return FAIL(error, MXP_DATA,
                "%s: no column is numeric and varies, so there is nothing to explain; first "
                "column: %s%s%s%s",
                table_source_name(guess->table), init_reason_words(first->reason),
                *first->detail ? " (" : "", first->detail, *first->detail ? ")" : "");
}

/* How many predictors there are, and how many coefficients they get. */
static mxp_status count_predictors(struct init_guess *guess, mxp_error *error)
{
    for (size_t j = 0; j < guess->columns; j++) {
        size_t levels = 2;
        if (!guess->column[j].predictor)
            continue;
        if (guess->column[j].factor) {
            const mxp_status status = init_levels(&levels, NULL, guess, j, error);
            if (status != MXP_OK)
                return status;
        }
        guess->predictors++;
        guess->coefficients += levels - 1;
    }
    if (guess->predictors == 0)
        return FAIL(error, MXP_DATA,
                    "%s: \"%s\" is the only column that can be used, so there is nothing to "
                    "explain it with",
                    table_source_name(guess->table), mxp_table_name(guess->table, guess->response));
    return MXP_OK;
}

mxp_status init_guess(struct init_guess *guess, const mxp_table *table, const char *response,
                      mxp_error *error)
{
    mxp_status status;
    struct init_guess fresh = {.table = table,
                               .columns = mxp_table_columns(table),
                               .rows = mxp_table_rows(table),
                               .response = MXP_NO_COLUMN};

    TRY(status = MEM_NEW(&fresh.complete, fresh.rows, error));
    TRY(status = init_look(&fresh, error));
    TRY(status =
            response ? take_response(&fresh, response, error) : choose_response(&fresh, error));
    fresh.column[fresh.response].predictor = false;
    fresh.column[fresh.response].reason = INIT_KEPT;
    settle(&fresh);
    TRY(status = count_predictors(&fresh, error));
    TRY(status = init_answer(&fresh, error));
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
