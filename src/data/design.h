/* A design: the columns of a table that a model uses, checked, as plain arrays.
 * Raw columns; centring and scaling live in the parameter layout of the problem. */
#ifndef MAXPOST_DESIGN_H
#define MAXPOST_DESIGN_H

#include "base/err.h"
#include "maxpost/data.h"

#include <stdbool.h>

struct design_name {
    const char *name;
    struct place place;
};

struct design_request {
    struct design_name response;
    const struct design_name *predictors;
    size_t predictor_count; /* 0: all columns but response, weights and offset */
    struct design_name weights, offset; /* name NULL: none */
    bool drop_missing;
};

struct design {
    const mxp_table *table; /* borrowed */
    size_t rows, columns;
    size_t rows_read, rows_dropped;
    const double **column; /* columns pointers to rows values */
    const char **name;     /* borrowed from the table */
    const double *y;
    const double *weights; /* NULL: all 1 */
    const double *offset;  /* NULL: all 0 */
    const char *response_name;
    size_t *table_row; /* row of the table of each row; NULL: the same */
    double *storage;   /* compacted copies when rows were dropped; else NULL */
    double weight_sum;
    double *mean, *sd; /* columns; weighted, population (denominator weight_sum) */
    double y_mean, y_sd, y_offset_sd; /* of y, and of y - offset about its mean */
    double y_offset_rms;              /* root mean square of y - offset */
};

/* Errors: CONFIG at the name's place (no such column, a predictor named twice or equal to the
 * response), DATA as FILE:LINE: column "NAME": ... (not a number, missing, a negative weight, all
 * weights 0, no rows left). */
MXP_MUST_CHECK mxp_status design_new(struct design **design, const mxp_table *table,
                                     const struct design_request *request, mxp_error *error);
void design_free(struct design *design);
/* DATA error for a value of a row in a column: `FILE:LINE: column "NAME": VALUE words`. */
mxp_status design_fail(const struct design *design, size_t row, const char *column, double value,
                       const char *words, mxp_error *error);

#endif
