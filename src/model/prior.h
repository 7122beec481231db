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

struct argument;
struct arguments;
struct rng;

enum { PRIOR_ARGUMENTS = 3 };
enum { PRIOR_LOWER, PRIOR_UPPER, PRIOR_BOUNDS };

enum prior_flag {
    PRIOR_IMPROPER = 1,     /* contributes 0; no sampler */
    PRIOR_POSITIVE = 2,     /* a density on t > 0, for auxiliary parameters */
    PRIOR_ONE_IS_SCALE = 4, /* a single positional argument is the scale, the mean is 0 */
    PRIOR_CONCAVE = 8,      /* log density concave for every argument */
    PRIOR_BOUNDED = 16      /* the first two arguments are the bounds */
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

    /* The normalised log density of the unrestricted prior; -infinity outside its support.  Ask
     * prior_log_density, which knows the bounds. */
    double (*log_density)(const double *a, double t);
    /* d[0..2]: first, second and third derivative of smooth(t). */
    void (*derivatives)(const double *a, double t, double *d);
    /* NULL for smooth priors. */
    double (*kink_weight)(const double *a);
    /* Never NULL: 0 for flat and for positive priors. */
    double (*location)(const double *a);
    /* argmin_t (t - v)^2 / (2 step) - log density; NULL when the prior has no kink. */
    double (*prox)(const double *a, double v, double step);
    /* NULL when improper; without bounds (prior_draw knows them). */
    double (*draw)(struct rng *rng, const double *a);
    /* log P(low <= t <= high), either of which may be infinite, without bounds; accurate in
     * relative terms in both tails and for short intervals.  -infinity unless low < high.  NULL
     * when improper and for positive priors. */
    double (*log_mass)(const double *a, double low, double high);
    /* positive priors: the order k with which the density vanishes as t^k at 0 (INFINITY: faster
     * than any power); 0 for the others. */
    double (*order_at_zero)(const double *a);
};

/* A prior with its arguments, and the interval it is restricted to.  All zero behind `a` means no
 * bounds; prior_bound keeps the four in step. */
struct prior {
    const struct prior_row *row;
    double a[PRIOR_ARGUMENTS];
    bool bounded;        /* lower and upper mean something; uniform: low and high */
    double lower, upper; /* lower < upper; either may be infinite, not both */
    double log_mass;     /* log of the row's probability of [lower, upper]; 0 for flat, uniform */
    unsigned selected;   /* bit i: argument i, here 1, is a factor of what is to be selected */
};

static inline bool prior_is_flat(const struct prior *prior)
{
    return (prior->row->flags & PRIOR_IMPROPER) && !prior->bounded;
}

extern const struct prior_row *const prior_table[]; /* NULL-terminated */
/* By name or alias, NULL when there is none. */
const struct prior_row *prior_find(const char *name);

/* log of the density restricted to the bounds and renormalised there; -infinity outside, 0 inside
 * for flat. */
double prior_log_density(const struct prior *prior, double t);
/* log P(low <= t <= high) of a proper prior that is not a positive one, within its bounds. */
double prior_log_mass(const struct prior *prior, double low, double high);
/* A draw between the bounds; the prior is proper. */
double prior_draw(struct rng *rng, const struct prior *prior);
/* The bounds; infinite where there is none. */
double prior_lower(const struct prior *prior);
double prior_upper(const struct prior *prior);

/* "lower", "upper". */
extern const char *const prior_bound_names[PRIOR_BOUNDS];
/* Whether the row may be restricted: neither the positive priors nor uniform. */
bool prior_takes_bounds(const struct prior_row *row);
/* Fails with the reason why the row takes none. */
MXP_MUST_CHECK mxp_status prior_refuse_bounds(const struct prior_row *row, struct place place,
                                              mxp_error *error);
/* Restricts a prior whose arguments are in place to [lower, upper] (infinite: no bound there), and
 * gives uniform its own.  To be called for every prior that was read.  Errors at place: CONFIG: a
 * row that takes no bounds, lower not below upper, low not below high, no mass between. */
MXP_MUST_CHECK mxp_status prior_bound(struct prior *prior, double lower, double upper,
                                      struct place place, mxp_error *error);
/* A bound that leaves no value (NaN, lower = inf, upper = -inf).  Errors: CONFIG. */
MXP_MUST_CHECK mxp_status prior_check_bound(const struct prior_row *row, size_t which, double value,
                                            struct place place, mxp_error *error);

/* Reads `name(arguments)`: positional or name=value, numbers as 1e-9, inf, .inf; a bare name is a
 * prior without arguments (flat); lower=
 * and upper= after the arguments restrict it.  place is where text starts: errors name the token's column
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
/* Whether the text of an argument leaves it to be selected: "select(cv)". */
bool prior_asks_selection(const char *text);
/* Whether the argument moves on a path: the scale of laplace and gaussian, both weights of
 * elastic_net. */
bool prior_can_select(const struct prior_row *row, size_t argument);
/* Leaves an argument to be selected: a scale of laplace or gaussian, l1 and l2 of elastic_net.
 * Errors: CONFIG (another argument, another way than by cross-validation). */
MXP_MUST_CHECK mxp_status prior_select(struct prior *prior, size_t argument, const char *text,
                                       struct place place, mxp_error *error);
/* l1 and l2 of elastic_net are selected together.  Errors: CONFIG. */
MXP_MUST_CHECK mxp_status prior_check_selected(const struct prior *prior, struct place place,
                                               mxp_error *error);
/* For priors that nobody selects: fails where the prior has an argument to be selected; what: on
 * whom it is. */
MXP_MUST_CHECK mxp_status prior_refuse_selected(const struct prior *prior, const char *what,
                                                struct place place, mxp_error *error);
/* Names the row's arguments in words: "laplace(mean, scale)". */
void prior_signature(struct str *out, const struct prior_row *row);
/* Writes the prior as the language reads it: "laplace(0, 0.5, lower=0)"; shortest digits that read back. */
void prior_format(struct str *out, const struct prior *prior);
/* The same with another way to print numbers. */
void prior_format_as(struct str *out, const struct prior *prior,
                     void (*print)(struct str *out, double value));

#endif
