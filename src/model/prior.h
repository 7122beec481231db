/* Priors on one parameter, one row each.  A new prior is one file prior_NAME.c and one line in
 * prior.c; parsing, help, the schema and the property tests follow from the row.
 *
 * Every row is  log density = smooth(t) - kink_weight * |t - location|,  with a normalising
 * constant inside smooth; kink_weight is 0 for smooth priors. */
#ifndef MAXPOST_PRIOR_H
#define MAXPOST_PRIOR_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

struct arguments;
struct rng;

enum { PRIOR_ARGUMENTS = 3 };

enum prior_flag {
    PRIOR_IMPROPER = 1,     /* contributes 0; no sampler */
    PRIOR_POSITIVE = 2,     /* a density on t > 0, for auxiliary parameters */
    PRIOR_ONE_IS_SCALE = 4, /* a single positional argument is the scale, the mean is 0 */
    PRIOR_CONCAVE = 8       /* log density concave for every argument */
};

enum prior_range { PRIOR_ANY, PRIOR_ABOVE_ZERO };

struct prior_argument {
    const char *name;
    enum prior_range range;
    double fallback; /* NAN: must be given */
};

struct prior_row {
    const char *name, *alias; /* alias may be NULL */
    const char *help;
    struct prior_argument arguments[PRIOR_ARGUMENTS];
    size_t argument_count;
    unsigned flags;
    int scale; /* index of the argument that is a scale of t (laplace, gaussian), or -1 */

    /* The normalised log density; -infinity outside the support. */
    double (*log_density)(const double *a, double t);
    /* d[0..2]: first, second and third derivative of smooth(t). */
    void (*derivatives)(const double *a, double t, double *d);
    /* NULL for smooth priors. */
    double (*kink_weight)(const double *a);
    /* Never NULL: 0 for flat and for positive priors. */
    double (*location)(const double *a);
    /* argmin_t (t - v)^2 / (2 step) - log density; NULL when the prior has no kink. */
    double (*prox)(const double *a, double v, double step);
    /* NULL when improper. */
    double (*draw)(struct rng *rng, const double *a);
    /* positive priors: the order k with which the density vanishes as t^k at 0 (INFINITY: faster
     * than any power); 0 for the others. */
    double (*order_at_zero)(const double *a);
};

/* A prior with its arguments. */
struct prior {
    const struct prior_row *row;
    double a[PRIOR_ARGUMENTS];
};

extern const struct prior_row *const prior_table[]; /* NULL-terminated */
/* By name or alias, NULL when there is none. */
const struct prior_row *prior_find(const char *name);

/* Reads `name(arguments)`: positional or name=value, numbers as 1e-9, inf, .inf; a bare name is a
 * prior without arguments (flat).  place is where text starts: errors name the token's column
 * (column of place + characters before the token).  All arguments are range-checked.
 * Errors: CONFIG, with the nearest known name. */
MXP_MUST_CHECK mxp_status prior_parse(struct prior *prior, const char *text, struct place place,
                                      mxp_error *error);
/* The prior called name (at name_at) with arguments that are split already; names the place of the
 * argument that is wrong.  Errors: as prior_parse. */
MXP_MUST_CHECK mxp_status prior_fill(struct prior *prior, const char *name, struct place name_at,
                                     const struct arguments *written, mxp_error *error);
/* Checks one argument's value against its row; the message says which, e.g.
 * "laplace: scale = -2 is not above 0". */
MXP_MUST_CHECK mxp_status prior_check_argument(const struct prior_row *row, size_t argument,
                                               double value, struct place place, mxp_error *error);
/* Names the row's arguments in words: "laplace(mean, scale)". */
void prior_signature(struct str *out, const struct prior_row *row);
/* Writes the prior as the language reads it: "laplace(0, 0.5)"; shortest digits that read back. */
void prior_format(struct str *out, const struct prior *prior);

#endif
