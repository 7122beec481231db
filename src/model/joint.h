/* Priors on several coefficients at once, one row each: a correlated gaussian, ar1, rw1, rw2,
 * group_laplace, and the factor of a soft linear constraint.
 *
 * A joint prior acts on k coordinates theta[index[0]], ..., theta[index[k-1]] of the parameter
 * vector, with offsets off_j = theta[index[j]] - mean[j].  Everything is about -log density, which
 * is what J = -log posterior adds; constants are kept.
 *
 *   gaussian       off'Q off/2 - log det(Q)/2 + k log(2 pi)/2, from a covariance or its inverse Q
 *   ar1(phi, sd)   the same with covariance sd^2 phi^|i-j|: sd is that of each coefficient, as in
 *                  R-INLA, nlme and glmmTMB (the innovations have sd sqrt(1 - phi^2))
 *   rw1(sd)        first differences are independent gaussian(0, sd); improper, rank k - 1
 *   rw2(sd)        second differences are; improper, rank k - 2.  Both take the pseudo-determinant
 *                  and rank log(2 pi)/2.  Rue & Held (2005), sections 3.3.1 and 3.4.1
 *   group_laplace(scale, mean)
 *                  norm(off)/b + k log b + log(2 pi^(k/2) Gamma(k) / Gamma(k/2)); a kink at its mean
 *   constraint     (c'theta - m)^2/(2 s^2) + log s + log(2 pi)/2: a density of c'theta, improper as
 *                  one of theta */
#ifndef MAXPOST_JOINT_H
#define MAXPOST_JOINT_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

struct arguments;
struct rng;
struct joint;

enum { JOINT_ARGUMENTS = 2 };

enum joint_flag {
    JOINT_IMPROPER = 1, /* no density of the k coordinates; no sampler */
    JOINT_KINK = 2,     /* not differentiable at its mean; else quadratic */
    JOINT_MATRIX = 4,   /* needs a covariance or a precision */
    JOINT_FACTOR = 8    /* made by joint_new_constraint only; not a prior that is written by name */
};

enum joint_range { JOINT_ANY, JOINT_ABOVE_ZERO, JOINT_INSIDE_ONE /* -1 < a < 1 */ };

struct joint_argument {
    const char *name;
    enum joint_range range;
    double fallback; /* NAN: must be given */
};

/* Part of a row of W, the matrix with W'W = Q: entries first, ..., first + count - 1. */
struct joint_band {
    size_t first, count;
    double entry[3];      /* where values is NULL */
    const double *values; /* count, or NULL */
};

struct joint_row {
    const char *name, *help;
    struct joint_argument arguments[JOINT_ARGUMENTS];
    size_t argument_count;
    unsigned flags;
    int mean;     /* index of the argument that is the mean of every coordinate, or -1: 0 */
    size_t least; /* coordinates that it takes at least */
    size_t lost;  /* rank = k - lost, where improper; constraint: rank 1 */

    double (*log_normaliser)(const struct joint *joint); /* what is added to the rest */
    double (*value)(const struct joint *joint, const double *theta);
    void (*gradient)(double *gradient, const struct joint *joint, const double *theta);
    void (*curvature)(double *H, size_t ld, const struct joint *joint, const double *theta,
                      const size_t *place);
    void (*diagonal)(double *diagonal, const struct joint *joint, const double *theta);
    void (*draw)(double *theta, struct rng *rng, const struct joint *joint); /* NULL: improper */
    struct joint_band (*root)(const struct joint *joint, size_t i); /* NULL: group_laplace */
};

struct joint {
    const struct joint_row *row;
    double a[JOINT_ARGUMENTS];
    size_t k, rank; /* rank: of Q; k for group_laplace */
    size_t *index;  /* k */
    double *mean;   /* k */
    double log_normaliser;
    bool proper;
    /* gaussian: W, k x k, row-major, triangular, and Q; constraint: W is c / s, 1 x k, Q NULL */
    double *W, *Q;
    bool upper; /* W is an upper triangle, else a lower one */
};

/* A row and its arguments, as they are written. */
struct joint_spec {
    const struct joint_row *row;
    double a[JOINT_ARGUMENTS];
};

/* What a gaussian needs. */
struct joint_matrix {
    const double *values; /* k x k, symmetric */
    bool precision;       /* the inverse of the covariance */
};

extern const struct joint_row *const joint_table[]; /* NULL-terminated */
/* By name, NULL when there is none. */
const struct joint_row *joint_find(const char *name);

/* Reads `name(arguments)`, positional or name=value, and checks the ranges; place: of text.
 * Errors: CONFIG at the token, with the nearest known name. */
MXP_MUST_CHECK mxp_status joint_parse(struct joint_spec *spec, const char *text, struct place place,
                                      mxp_error *error);
/* The same of arguments that have been split already; name_at: of the prior's name. */
MXP_MUST_CHECK mxp_status joint_fill(struct joint_spec *spec, const struct joint_row *row,
                                     const struct arguments *written, struct place name_at,
                                     mxp_error *error);
/* Names the row's arguments in words: "ar1(phi, sd)". */
void joint_signature(struct str *out, const struct joint_row *row);
/* Writes the prior as it is read: "ar1(0.8, 1)"; shortest digits that read back, without arguments
 * at the end that are what they would be if left out. */
void joint_spec_format(struct str *out, const struct joint_spec *spec);
void joint_format(struct str *out, const struct joint *joint);

/* A prior on k coordinates, which are distinct; arrays are copied.
 *   mean    k values; NULL: the mean that spec states, or 0
 *   matrix  of a gaussian; NULL for the others.  Its two triangles may differ by 1e-8 of the root
 *           of the diagonal entries, the mean of the two is taken
 * Errors at place: CONFIG (too few coordinates; a matrix that is missing, not symmetric, not
 * positive definite to rounding), MEMORY.  Cost: a gaussian k^3, else k. */
MXP_MUST_CHECK mxp_status joint_new(struct joint **joint, const struct joint_spec *spec, size_t k,
                                    const size_t *index, const double *mean,
                                    const struct joint_matrix *matrix, struct place place,
                                    mxp_error *error);
/* The factor c'theta ~ gaussian(m, s); finite c, not all 0, s > 0. */
MXP_MUST_CHECK mxp_status joint_new_constraint(struct joint **joint, size_t k, const size_t *index,
                                               const double *c, double m, double s,
                                               struct place place, mxp_error *error);
void joint_free(struct joint *joint);

/* -log density.  Cost: as many flops as W has entries. */
double joint_value(const struct joint *joint, const double *theta);
/* The constant in it: joint_value minus this is 0 where nothing is penalised. */
double joint_log_normaliser(const struct joint *joint);
bool joint_proper(const struct joint *joint);
bool joint_kinked(const struct joint *joint);

/* gradient[index[j]] += the derivative; at a kink nothing is added. */
void joint_add_gradient(double *gradient, const struct joint *joint, const double *theta);
/* H[place[index[a]] + ld place[index[b]]] += the second derivatives, both triangles; at a kink
 * nothing.  place: the row of H of each slot of theta, SIZE_MAX where it has none; NULL: the slot
 * itself.  Cost: k^2, gaussian rows without a matrix k. */
void joint_add_curvature(double *H, size_t ld, const struct joint *joint, const double *theta,
                         const size_t *place);
/* diagonal[index[j]] += the diagonal of the same. */
void joint_add_diagonal(double *diagonal, const struct joint *joint, const double *theta);

/* Whether the prior has a kink and all coordinates equal its mean, exactly. */
bool joint_at_kink(const struct joint *joint, const double *theta);
/* The residual of the stationarity condition of a prior with a kink.
 *   gradient, diagonal  of the smooth part of J, without this prior, by slots of theta
 * The vector g + off/(b norm(off)) off the kink, g (1 - 1/(b norm(g))) or 0 on it, each entry
 * divided by sqrt(|H_jj|) (1 where that is 0); its norm. */
double joint_residual(const struct joint *joint, const double *theta, const double *gradient,
                      const double *diagonal);

/* theta[index[j]] <- a draw; the prior is proper. */
void joint_draw(double *theta, struct rng *rng, const struct joint *joint);

#endif
