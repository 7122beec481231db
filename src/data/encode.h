/* The recipe from a table's columns to a design's: learnt from the training data, written into
 * fit.json, applied again where a fit predicts.  All of it is open, for writers; readers build it
 * with encoding_new, encoding_add_* and encoding_finish, as the design does. */
#ifndef MAXPOST_ENCODE_H
#define MAXPOST_ENCODE_H

#include "data/expression.h"
#include "data/selection.h"

/* How a factor of l levels becomes l - 1 columns (R's contr.treatment with the first level as the
 * base, contr.sum, contr.helmert); `full`, l columns of 0 and 1, is per term. */
enum { ENCODING_COLUMNS_MAX = 1000000 };

enum contrast { CONTRAST_TREATMENT, CONTRAST_SUM, CONTRAST_HELMERT };
extern const char *const contrast_names[]; /* NULL-terminated, indexed by enum contrast */

enum encoding_kind {
    ENCODING_NUMERIC,    /* a column as it is */
    ENCODING_EXPRESSION, /* arithmetic on columns */
    ENCODING_POLY,       /* poly(expression, degree): degree columns */
    ENCODING_FACTOR      /* a column of levels */
};
extern const char *const encoding_kinds[]; /* numeric, expression, poly, factor; NULL-terminated */

struct encoding_variable {
    enum encoding_kind kind;
    char *name;                    /* the column, or the call as R prints it */
    struct expression *expression; /* EXPRESSION, and the argument of POLY; else NULL */
    size_t degree;                 /* POLY */
    bool raw;
    double *alpha, *norm2;  /* POLY, not raw: degree and degree + 2 of them, as R's poly gives */
    enum contrast contrast; /* FACTOR */
    char **level;
    size_t levels;
};

/* A product of variables.  full[i]: the i-th is a factor coded by all of its levels.  The columns
 * of the first variable vary fastest. */
struct encoding_term {
    size_t *variable;
    bool *full;
    size_t count;
    size_t first, columns; /* which columns of the design it makes */
};

struct encoding {
    bool intercept; /* the model has one; it is no column of the design */
    struct encoding_variable *variable;
    size_t variables, variable_capacity;
    struct encoding_term *term;
    size_t terms, term_capacity;
    struct expression **offset; /* added up; none: 0 */
    size_t offsets, offset_capacity;
    char **name; /* of the columns: age, site[B], a:site[B], poly(x, 2)1 */
    size_t columns;
};

MXP_MUST_CHECK mxp_status encoding_new(struct encoding **encoding, bool intercept,
                                       mxp_error *error);
void encoding_free(struct encoding *encoding);

/* Adds a variable: numeric, an expression or the argument of a poly (its text is read), a factor.
 * Everything is copied.  Errors: CONFIG (the text of an expression), DATA (fewer than two
 * levels, a degree that is not 1 to FORMULA_DEGREE_MAX), MEMORY. */
MXP_MUST_CHECK mxp_status encoding_add_numeric(struct encoding *encoding, const char *column,
                                               mxp_error *error);
MXP_MUST_CHECK mxp_status encoding_add_expression(struct encoding *encoding, const char *name,
                                                  const char *text, mxp_error *error);
/*   alpha, norm2  NULL: raw */
MXP_MUST_CHECK mxp_status encoding_add_poly(struct encoding *encoding, const char *name,
                                            const char *text, size_t degree, const double *alpha,
                                            const double *norm2, mxp_error *error);
MXP_MUST_CHECK mxp_status encoding_add_factor(struct encoding *encoding, const char *column,
                                              enum contrast contrast, const char *const *level,
                                              size_t levels, mxp_error *error);
MXP_MUST_CHECK mxp_status encoding_add_offset(struct encoding *encoding, const char *text,
                                              mxp_error *error);
/* Adds a product of `count` variables by index; full: NULL: decided by encoding_finish as R decides
 * it (a factor is coded by contrasts where an earlier term holds the rest of the product). */
MXP_MUST_CHECK mxp_status encoding_add_term(struct encoding *encoding, const size_t *variable,
                                            const bool *full, size_t count, mxp_error *error);
/* Counts and names the columns; nothing is added afterwards.  Errors: CONFIG (two of one name, more
 * than ENCODING_COLUMNS_MAX), MEMORY. */
MXP_MUST_CHECK mxp_status encoding_finish(struct encoding *encoding, mxp_error *error);

/* The columns of the design for a table's rows. */
struct encoded {
    struct selection selection; /* the rows; see selection.h */
    const double **column;      /* encoding->columns arrays of selection.rows values */
    const double *offset;       /* NULL: all 0 */
    double **block;             /* what is owned of them */
    size_t blocks, block_capacity;
};

/* Notes what the recipe uses a table's columns as, in flags of enum selection_use.
 * Errors: DATA (FILE: there is no column "NAME"). */
MXP_MUST_CHECK mxp_status encoding_uses(unsigned char *use, const struct encoding *encoding,
                                        const mxp_table *table, mxp_error *error);
/* Makes the columns for new data.
 *   drop_missing  rows with a missing cell in a column of the recipe are left out; else an error
 * Errors: DATA as FILE:LINE: column "NAME": ... (a level that the fit has not seen, a missing cell,
 * not a number, a value outside the domain of a function), or FILE: there is no column "NAME";
 * MEMORY.  Cost: rows times columns. */
MXP_MUST_CHECK mxp_status encoding_apply(struct encoded **encoded, const struct encoding *encoding,
                                         const mxp_table *table, bool drop_missing,
                                         mxp_error *error);
/* The same for rows that have been selected already; takes the selection over. */
MXP_MUST_CHECK mxp_status encoding_apply_to(struct encoded **encoded,
                                            const struct encoding *encoding, const mxp_table *table,
                                            struct selection *selection, mxp_error *error);
void encoded_free(struct encoded *encoded);

#endif
