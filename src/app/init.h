/* A starting model for a table: what is explained by what, and its texts in YAML. */
#ifndef MAXPOST_INIT_H
#define MAXPOST_INIT_H

#include "base/str.h"
#include "data/table.h"

#include <stdbool.h>

enum { INIT_DETAIL = 100, INIT_FAMILIES = 3, INIT_FEW = 10 };
enum { INIT_SPELLINGS = 14, INIT_NA = INIT_SPELLINGS + 8 };

/* Spellings of a missing value: the standard ones, and behind them those that were found. */
struct init_na {
    const char *text[INIT_NA];
    size_t count, standard;
};

/* Why a column is left out. */
enum init_reason {
    INIT_KEPT,
    INIT_NAME,       /* the name is not UTF-8 */
    INIT_FAULT,      /* numbers, and something else */
    INIT_EMPTY,      /* all cells are missing */
    INIT_CONSTANT,   /* one value, or one text */
    INIT_ROW_NUMBER, /* 0, 1, 2, ... or 1, 2, 3, ... */
    INIT_IDENTIFIER, /* more different texts than half of the cells */
    INIT_DATES,      /* dates, or times of a day */
    INIT_STARVING,   /* too many cells are missing */
    INIT_NO_SPREAD,  /* constant in the complete rows */
    INIT_HUGE,       /* its sd is no double */
    INIT_REASONS
};

/* A column.  detail completes the reason, "" where there is nothing to add. */
struct init_column {
    bool predictor, factor; /* factor: a column of texts */
    enum init_reason reason;
    char detail[INIT_DETAIL];
    size_t codes; /* whole numbers of 3 to INIT_FEW different values: how many, else 0 */
};

/* What kind of values the response has. */
enum init_answer {
    INIT_REAL,
    INIT_ZERO_ONE, /* 0 and 1 */
    INIT_TWO,      /* two other numbers */
    INIT_COUNTS,
    INIT_SHARES,   /* inside (0, 1) */
    INIT_POSITIVE, /* above 0, strongly skewed */
    INIT_CLASSES   /* texts */
};

/* Of the response, in the complete rows; of texts only the number of classes. */
struct init_summary {
    double mean, sd, low, high;
    double skewness, kurtosis; /* of the normal distribution: 0 and 3 */
    double dispersion;         /* sample variance over mean */
    bool whole;                /* whole numbers, none below 0 */
    size_t distinct;           /* different values, at most INIT_FEW + 1; classes: all */
};

struct init_guess {
    const mxp_table *table;     /* borrowed */
    struct init_column *column; /* owned; one a column of the table */
    bool *complete;             /* owned; rows without a missing value in a used column */
    size_t columns, rows, complete_rows;
    size_t predictors, coefficients; /* columns, and what they become with their levels */
    size_t response;
    bool named;    /* the user named the response */
    bool headless; /* the header looks like data */
    enum init_answer answer;
    struct init_summary y;
    const char *families[INIT_FAMILIES]; /* that would do, best first; NULL behind the last */
    const char *family;                  /* one of them */
    bool firm; /* gaussian: the prior of noise_sd has to keep it away from 0 */
};

/* The table of a file, read again with the spellings of a missing value that are found in columns of
 * numbers ("n/a", "."), until no more are.  Errors: those of mxp_table_read. */
MXP_MUST_CHECK mxp_status init_read(mxp_table **table, struct init_na *na, const char *file,
                                    mxp_error *error);

/* What each column is, which one is explained, by which others; not yet the family.
 *   response  the column to explain; NULL: the last numeric one that varies, or the last of texts
 * The predictors are the other columns but those that are left out for a reason.
 * Errors: USAGE (no such column), DATA (nothing to explain, or nothing to explain it with), MEMORY.
 */
MXP_MUST_CHECK mxp_status init_guess(struct init_guess *guess, const mxp_table *table,
                                     const char *response, mxp_error *error);
void init_guess_free(struct init_guess *guess);

/* Looks at every column: reason, detail, factor, codes, and whether it can be a predictor.
 * Errors: MEMORY. */
MXP_MUST_CHECK mxp_status init_look(struct init_guess *guess, mxp_error *error);
/* The words for a reason. */
const char *init_reason_words(enum init_reason reason);
/* Whether the cell is missing, of either kind of column. */
bool init_missing(const struct init_guess *guess, size_t column, size_t row);
/* Whether the column has two different values in the rows that are asked for (NULL: all). */
bool init_varies(const struct init_guess *guess, size_t column, const bool *rows);
/* Levels of a column of texts in the complete rows, and the first of them by bytes (may be NULL).
 * Errors: MEMORY. */
MXP_MUST_CHECK mxp_status init_levels(size_t *count, const char **first,
                                      const struct init_guess *guess, size_t column,
                                      mxp_error *error);

/* Mean and population sd of a numeric column over the complete rows. */
void init_moments(double *mean, double *sd, const struct init_guess *guess, size_t column);
/* Summary of the response, the kind of its values, and the families that would do.
 * Errors: DATA (its spread is no double), MEMORY. */
MXP_MUST_CHECK mxp_status init_answer(struct init_guess *guess, mxp_error *error);

/* Takes the first of the families whose model, as it would be written, makes a problem of the table;
 * one with auxiliary parameters or several classes is also fitted.
 * Errors: those of the last family, where none will do; MEMORY.  Cost: one fit. */
MXP_MUST_CHECK mxp_status init_try(struct init_guess *guess, const char *name, mxp_error *error);

/* Whether YAML can hold the name: it is UTF-8. */
bool init_can_write(const char *name);
/* The name as YAML reads it back, quoted where it must be. */
void init_write_name(struct str *out, const char *name);
/* The same, always in double quotes. */
void init_write_quoted(struct str *out, const char *name);
/* The number with so many digits, in its shortest form. */
void init_write_number(struct str *out, double value, int digits);

/* A list that is broken into lines: items separated by commas. */
struct init_list {
    struct str *out;
    const char *indent; /* what the following lines begin with */
    size_t line;        /* where the line began */
    size_t items;
};

/* Writes the lead ("predictors: ["), which begins a line. */
struct init_list init_list_begin(struct str *out, const char *lead, const char *indent);
/* The name, and what follows it, "" or " (3 levels)". */
void init_list_add(struct init_list *list, const char *name, const char *more);

void init_write_model(struct str *out, const struct init_guess *guess, const char *name,
                      const char *data_file);
/* The names of the files that the run is, and names. */
struct init_files {
    const char *model, *run, *data;
};
void init_write_run(struct str *out, const struct init_guess *guess, const struct init_na *na,
                    const struct init_files *files);

#endif
