#include "app/init.h"
#include "base/mem.h"
#include "base/number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *init_reason_words(enum init_reason reason)
{
    static const char *const words[INIT_REASONS] = {
        [INIT_KEPT] = "",
        [INIT_NAME] = "the name is not UTF-8",
        [INIT_FAULT] = "not all numbers; data.na names the spellings of missing values",
        [INIT_EMPTY] = "all values are missing",
        [INIT_CONSTANT] = "constant",
        [INIT_ROW_NUMBER] = "counts the rows; a predictor if that is time",
        [INIT_IDENTIFIER] = "a text of its own in most rows, an identifier",
        [INIT_DATES] = "dates; a number made of them, days or a month, can be a predictor",
        [INIT_STARVING] = "so many values are missing that too few rows would be left",
        [INIT_NO_SPREAD] = "constant in the rows without missing values",
        [INIT_HUGE] = "too large to be standardised"};

    return words[reason];
}

bool init_missing(const struct init_guess *guess, size_t column, size_t row)
{
    const unsigned *codes = mxp_table_codes(guess->table, column);

    return codes ? codes[row] == MXP_NO_LEVEL : isnan(mxp_table_values(guess->table, column)[row]);
}

bool init_varies(const struct init_guess *guess, size_t column, const bool *rows)
{
    const unsigned *codes = mxp_table_codes(guess->table, column);
    const double *x = mxp_table_values(guess->table, column);
    size_t first = guess->rows;

    for (size_t i = 0; i < guess->rows; i++) {
        if ((rows && !rows[i]) || init_missing(guess, column, i))
            continue;
        if (first == guess->rows)
            first = i;
        else if (codes ? codes[i] != codes[first] : x[i] != x[first])
            return true;
    }
    return false;
}

mxp_status init_levels(size_t *count, const char **first, const struct init_guess *guess,
                       size_t column, mxp_error *error)
{
    const unsigned *codes = mxp_table_codes(guess->table, column);
    const char *least = NULL;
    bool *seen = NULL;
    size_t levels = 0;

    const mxp_status status = MEM_NEW(&seen, mxp_table_levels(guess->table, column), error);
    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < guess->rows; i++) {
        if (!guess->complete[i] || codes[i] == MXP_NO_LEVEL || seen[codes[i]])
            continue;
        const char *level = mxp_table_level(guess->table, column, codes[i]);
        seen[codes[i]] = true;
        levels++;
        if (!least || strcmp(level, least) < 0)
            least = level;
    }
    free(seen);
    *count = levels;
    if (first)
        *first = least;
    return MXP_OK;
}

static void leave_out(struct init_column *column, enum init_reason reason)
{
    column->predictor = false;
    column->reason = reason;
}

/* 2024-01-31, 31/1/24, 31.1.2024, 2024-01: groups of digits with the same sign between them, one of
 * four digits at most, the others of one or two; or that before a T or a blank.  A range of ages,
 * 20-29, is no date. */
static bool is_date(const char *text)
{
    const char *at = text;
    char between = 0;
    size_t groups = 0, years = 0;

    for (;;) {
        const size_t digits = strspn(at, "0123456789");
        if (digits == 0 || digits > 4 || digits == 3 || groups == 3)
            return false;
        at += digits;
        groups++;
        years += digits == 4;
        if (*at == '\0' || *at == 'T' || *at == ' ')
            return (groups == 3 && years <= 1) || (groups == 2 && years == 1);
        if (!strchr("-/.", *at) || (between && *at != between))
            return false;
        between = *at++;
    }
}

/* Texts that are all dates: of the first hundred levels. */
static bool are_dates(const mxp_table *table, size_t column)
{
    const char *level;

    for (size_t l = 0; l < 100 && (level = mxp_table_level(table, column, l)); l++)
        if (!is_date(level))
            return false;
    return true;
}

/* Completes the reason; the text is released. */
static mxp_status set_detail(struct init_column *column, struct str *text, mxp_error *error)
{
    const mxp_status status = str_check(text, error);

    if (status == MXP_OK)
        (void)snprintf(column->detail, INIT_DETAIL, "%s", text->text);
    str_free(text);
    return status;
}

static mxp_status look_at_texts(struct init_guess *guess, size_t j, mxp_error *error)
{
    struct init_column *column = &guess->column[j];
    const size_t levels = mxp_table_levels(guess->table, j);
    const size_t cells = guess->rows - table_missing(guess->table, j, NULL);
    struct str text = {0};

    column->factor = true;
    if (levels == 1) {
        leave_out(column, INIT_CONSTANT);
        return MXP_OK;
    }
    if (are_dates(guess->table, j)) {
        leave_out(column, INIT_DATES);
        init_write_quoted(&text, mxp_table_level(guess->table, j, 0));
    } else if (2 * levels > cells) {
        leave_out(column, INIT_IDENTIFIER);
        str_format(&text, "%zu texts in %zu rows", levels, cells);
    } else {
        return MXP_OK;
    }
    return set_detail(column, &text, error);
}

static mxp_status describe_fault(struct init_column *column, const struct column_fault *fault,
                                 mxp_error *error)
{
    struct str text = {0};

    if (fault->line)
        str_format(&text, "line %zu: ", fault->line);
    else
        str_format(&text, "row %zu: ", fault->row + 1);
    init_write_quoted(&text, fault->text);
    return set_detail(column, &text, error);
}

/* 0, 1, 2, ... or 1, 2, 3, ... in a table of some length. */
static bool is_row_number(const struct init_guess *guess, size_t column)
{
    const double *x = mxp_table_values(guess->table, column);

    if (guess->rows < 10 || (x[0] != 0.0 && x[0] != 1.0))
        return false;
    for (size_t i = 1; i < guess->rows; i++)
        if (x[i] != x[0] + (double)i)
            return false;
    return true;
}

/* Whole numbers of few values that come back: codes, perhaps.  0: no, or two values only. */
static size_t count_codes(const struct init_guess *guess, size_t column)
{
    const double *x = mxp_table_values(guess->table, column);
    double seen[INIT_FEW];
    size_t count = 0;

    for (size_t i = 0; i < guess->rows; i++) {
        size_t at = 0;
        if (isnan(x[i]))
            continue;
        while (at < count && seen[at] != x[i])
            at++;
        if (at < count)
            continue;
        if (count == INIT_FEW || x[i] != floor(x[i]))
            return 0;
        seen[count++] = x[i];
    }
    return count > 2 && 4 * count <= guess->rows ? count : 0;
}

static mxp_status look_at_numbers(struct init_guess *guess, size_t j, mxp_error *error)
{
    struct init_column *column = &guess->column[j];
    const struct column_fault *fault = table_fault(guess->table, j);

    if (fault) {
        leave_out(column, INIT_FAULT);
        return describe_fault(column, fault, error);
    }
    if (!init_varies(guess, j, NULL)) {
        leave_out(column, INIT_CONSTANT);
    } else if (is_row_number(guess, j)) {
        leave_out(column, INIT_ROW_NUMBER);
    } else {
        column->codes = count_codes(guess, j);
    }
    return MXP_OK;
}

/* Names that are numbers, half of them at least, and not 0, 1, 2, ... or 1, 2, 3, ... throughout. */
static bool is_headless(const mxp_table *table, size_t columns)
{
    size_t numbers = 0, in_order = 0;
    double first = 0.0, value;

    for (size_t j = 0; j < columns; j++) {
        if (number_read(&value, mxp_table_name(table, j)))
            continue;
        if (numbers++ == 0)
            first = value - (double)j;
        in_order += value == first + (double)j && (first == 0.0 || first == 1.0);
    }
    return 2 * numbers >= columns && numbers > 0 && in_order < numbers;
}

mxp_status init_look(struct init_guess *guess, mxp_error *error)
{
    mxp_status status = MEM_NEW(&guess->column, guess->columns, error);

    for (size_t j = 0; status == MXP_OK && j < guess->columns; j++) {
        guess->column[j].predictor = true;
        if (!init_can_write(mxp_table_name(guess->table, j)))
            leave_out(&guess->column[j], INIT_NAME);
        else if (table_missing(guess->table, j, NULL) == guess->rows)
            leave_out(&guess->column[j], INIT_EMPTY);
        else if (mxp_table_type(guess->table, j) == MXP_COLUMN_CATEGORICAL)
            status = look_at_texts(guess, j, error);
        else
            status = look_at_numbers(guess, j, error);
    }
    guess->headless = status == MXP_OK && is_headless(guess->table, guess->columns);
    return status;
}
