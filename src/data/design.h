/* A design: the columns of a table that a model uses, checked, as plain arrays.
 * Raw columns; centring and scaling live in the parameter layout of the problem. */
#ifndef MAXPOST_DESIGN_H
#define MAXPOST_DESIGN_H

#include "data/encode.h"
#include "data/formula.h"
#include "io/sparse.h"

/* The order of a column's levels; naming a numeric column here makes it a factor. */
struct design_levels {
    struct design_name column;
    const struct design_name *level;
    size_t levels;
};

struct design_contrast {
    struct design_name column;
    enum contrast contrast;
};

/* What a design is made of.  Either a formula, or a response and predictors: there a column of text
 * (or one declared categorical) becomes a factor, as in a formula. */
struct design_request {
    struct design_name response; /* ignored where there is a formula */
    const struct design_name *predictors;
    size_t predictor_count;             /* 0: all columns but those with another role */
    bool no_predictors;                 /* none, whatever the two above say */
    struct design_name weights, offset; /* name NULL: none */
    struct design_name groups; /* of rows that folds keep together: no predictor unless listed */
    bool drop_missing;
    const struct formula *formula; /* NULL: none; must outlive the design */
    bool no_intercept;             /* the model has none: the first factor gets all its levels */
    bool classes;                  /* the response is a class: y holds 0, 1, ... */
    struct design_name trials, failures; /* binomial: one of them, or neither */
    const struct design_levels *levels;  /* else numbers as numbers, texts by bytes */
    size_t level_count;
    const struct design_contrast *contrasts; /* else treatment */
    size_t contrast_count;
    int threads; /* over the columns; 0: all */
};

struct design {
    const mxp_table *table; /* borrowed */
    size_t rows, columns;
    size_t rows_read, rows_dropped;
    const double **column;       /* columns pointers to rows values */
    const struct sparse *sparse; /* the columns where they are sparse; NULL: dense, in column */
    struct sparse own_sparse;    /* where not all columns of the table are used */
    const char **name;     /* age, site[B], a:site[B], poly(x, 2)1; borrowed from the encoding */
    const double *y;       /* numbers, successes, or the index of a class */
    const double *weights; /* NULL: all 1 */
    const double *offset;  /* NULL: all 0; data.offset and the formula's offset(...) together */
    const double *trials;  /* NULL: none; from trials, or successes + failures */
    const char *response_name;
    const char *weights_name, *offset_name, *trials_name, *failures_name; /* columns; NULL: none */
    bool intercept; /* no_intercept, or the formula's - 1 */
    char **label;   /* of the classes; NULL: the response is a number */
    size_t classes;
    const size_t *table_row;   /* row of the table of each row; NULL: the same */
    struct encoding *encoding; /* the recipe, owned */
    struct encoded *encoded;   /* what it made of the table: selection.missing has the counts */
    double *own_y, *own_weights, *own_trials; /* copies, or NULL */
    double weight_sum;
    double *mean, *sd;                /* columns; weighted, population (denominator weight_sum) */
    double y_mean, y_sd, y_offset_sd; /* of y, and of y - offset about its mean */
    double y_offset_rms;              /* root mean square of y - offset */
};

/* Errors: CONFIG at the name's place (no such column, a predictor named twice or equal to the
 * response, levels or contrasts for a column that is no factor), DATA as FILE:LINE: column "NAME":
 * ... (not a number, missing, a level that is not listed, more successes than trials, a negative
 * weight, all weights 0, no rows left, a factor of one level). */
MXP_MUST_CHECK mxp_status design_new(struct design **design, const mxp_table *table,
                                     const struct design_request *request, mxp_error *error);
void design_free(struct design *design);
/* Means and sds of columns and response with the weights that the design has, into new arrays.
 * Errors: MEMORY.  Cost: three passes over the columns. */
MXP_MUST_CHECK mxp_status design_take_moments(struct design *design, int threads, mxp_error *error);
/* DATA error for a value of a row in a column: `FILE:LINE: column "NAME": VALUE words`. */
mxp_status design_fail(const struct design *design, size_t row, const char *column, double value,
                       const char *words, mxp_error *error);

#endif
