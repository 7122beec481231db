/* A starting model for a table: what is explained by what, and its texts in YAML. */
#ifndef MAXPOST_INIT_H
#define MAXPOST_INIT_H

#include "base/str.h"
#include "data/table.h"

#include <stdbool.h>

enum { INIT_WHY = 200 };

/* A column, and why it is left out; why is empty for the response and the predictors. */
struct init_column {
    bool predictor;
    char why[INIT_WHY];
};

struct init_guess {
    const mxp_table *table;     /* borrowed */
    struct init_column *column; /* owned; one a column of the table */
    bool *complete;             /* owned; rows without a missing value in a used column */
    size_t columns, rows, complete_rows, predictors;
    size_t response;
    const char *family;
    bool missing;       /* some rows are not complete */
    double response_sd; /* of the complete rows */
};

/* The response is the last numeric column that varies, the predictors are the others.
 * Errors: DATA (nothing to explain, or nothing to explain it with), MEMORY. */
MXP_MUST_CHECK mxp_status init_guess(struct init_guess *guess, const mxp_table *table,
                                     mxp_error *error);
void init_guess_free(struct init_guess *guess);

/* Whether YAML can hold the name: it is UTF-8. */
bool init_can_write(const char *name);
/* The name as YAML reads it back, quoted where it must be. */
void init_write_name(struct str *out, const char *name);
/* The same, always in double quotes. */
void init_write_quoted(struct str *out, const char *name);
void init_write_model(struct str *out, const struct init_guess *guess, const char *name);
void init_write_run(struct str *out, const struct init_guess *guess, const char *model_file,
                    const char *data_file);

#endif
