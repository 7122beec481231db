/* Families: p(y | eta, psi), one row each.  A new family is one file family_NAME.c and one line
 * in family.c; parsing, help, the schema and the property tests follow from the row. */
#ifndef MAXPOST_FAMILY_H
#define MAXPOST_FAMILY_H

#include "base/err.h"
#include "model/link.h"

#include <stdbool.h>

struct rng;

enum { FAMILY_AUX_MAX = 2 };

/* What eval is asked for; the derivatives are those of the log density. */
enum family_want {
    FAMILY_VALUE = 1,    /* value */
    FAMILY_D1 = 2,       /* d1 */
    FAMILY_D2 = 4,       /* d2 */
    FAMILY_D3 = 8,       /* d3, families with one eta column only */
    FAMILY_AUX = 16,     /* dpsi, d2psi, deta_dpsi */
    FAMILY_EXPECTED = 32 /* d2, d2psi, deta_dpsi are expectations over y (Fisher information):
                          * -d2 is then positive semidefinite; families that are not concave */
};

/* Results for m rows, column-major; entries that are not wanted may be NULL.
 *   value      m          log f(y_i | eta_i, psi), all constants kept; -infinity outside the support
 *   d1         m x q      derivative in each eta column
 *   d2         m x q x q  second derivatives, [i + m*(a + q*b)]
 *   d3         m          third derivative, q = 1
 *   dpsi       m x r      derivative in u = log psi
 *   d2psi      m x r x r
 *   deta_dpsi  m x q x r  mixed derivatives, [i + m*(a + q*s)] */
struct family_out {
    double *value, *d1, *d2, *d3, *dpsi, *d2psi, *deta_dpsi;
};

/* The responses of m rows.
 *   y       a number; a count; of class families the class's eta column, or q for the reference
 *   trials  number of trials; NULL: 1 each
 *   q       eta columns
 *   symmetric  class families: every class has an eta column, none is the reference */
struct response {
    const double *y, *trials;
    size_t q;
    bool symmetric;
};

/* What a response is: a number, successes out of trials, or a class. */
enum family_response { RESPONSE_NUMBER, RESPONSE_TRIALS, RESPONSE_CLASS, RESPONSE_ORDERED };

struct family_auxiliary {
    const char *name; /* "noise_sd" */
    const char *help; /* "sd of the noise" */
    double fallback;  /* NAN: estimated unless the model says otherwise; else fixed at this value */
    bool estimable;   /* may be estimated */
    /* What the model becomes as the parameter goes to infinity, in words, where the likelihood may
     * rise all the way; NULL: it does not. */
    const char *limit;
};

/* How a penalty's loss relates to -log likelihood (mathematics: phi). */
enum family_phi { PHI_ONE, PHI_NOISE_VARIANCE, PHI_NONE };

struct family {
    const char *name;
    const char *help;         /* one line for --help, the schema and the docs */
    const char *const *links; /* NULL-terminated; the first is the default */
    const enum link *kinds;   /* what each is, one eta column; NULL for class families */
    enum family_response response;
    size_t eta_columns; /* q; 0: as many as the classes need */
    struct family_auxiliary auxiliary[FAMILY_AUX_MAX];
    size_t auxiliary_count; /* r */
    enum family_phi phi;
    /* log f is concave in all of eta, for every y and psi: -d2 >= 0. */
    bool (*concave)(size_t link);
    bool quadratic; /* with the first link log f is quadratic in eta: -d2 constant given psi */
    /* With the first link log f is piecewise linear in eta: curvature is its expectation, always. */
    bool piecewise_linear;

    /* Batched over m rows.  link: index into links.  eta: m x q.  psi: r values, natural scale.
     * Never overflows to NaN: a value is -infinity where eta is outside the link's domain or the
     * density underflows; derivatives are finite where the value is. */
    mxp_status (*eval)(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error);
    /* NULL when y (out of trials, 1 where there are none) is in the support, else words that end
     * "is ...": "is not 0 or 1".  Class families: NULL. */
    const char *(*check)(double y, double trials);
    /* Class families: probabilities of the classes (q columns first, the reference last; ordinal:
     * in order), q or q + 1 values.  NULL otherwise. */
    void (*probabilities)(double *p, size_t link, const double *eta, size_t q, bool symmetric);
    /* Variance of y (of the mean's unit, one trial) at a mean; for predictive sds. */
    double (*variance)(double mean, const double *psi);
    /* log f at the best eta for this y (the saturated model): deviance = 2 sum w (this - value). */
    double (*saturated)(double y, double trials, const double *psi);
    /* A fair start for auxiliary parameter s from the response's mean and sd. */
    double (*start)(size_t s, double mean, double sd);
    /* What moving eta along direction (q values) for ever does to log f: -1 it falls somewhere, +1
     * it never falls and rises, 0 it does not change; entries within tolerance are 0.  NULL: -1
     * unless the direction is 0. */
    int (*recession)(size_t link, double y, double trials, const double *direction, size_t q,
                     bool symmetric, double tolerance);
    /* With the first link: convex conjugate of -log f in eta, sup over eta of
     * u eta + log f(y | eta); INFINITY outside its domain.  NULL where -log f is not convex or
     * nobody asks for it. */
    double (*conjugate)(double u, double y, double trials, const double *psi);
    /* Class families give the class as in `response`. */
    double (*draw)(struct rng *rng, size_t link, const double *eta, size_t q, bool symmetric,
                   double trials, const double *psi);
    /* One eta column: P(Y <= y). */
    double (*cdf)(double y, double trials, size_t link, double eta, const double *psi);
};

extern const struct family family_gaussian, family_bernoulli, family_binomial, family_poisson,
    family_negative_binomial, family_gamma, family_beta, family_student_t, family_laplace,
    family_huber, family_multinomial, family_ordinal;

/* The table: all rows, NULL-terminated. */
extern const struct family *const family_table[];
/* NULL when there is no such family (names are exact). */
const struct family *family_find(const char *name);
/* Index of the link, or -1. */
int family_link(const struct family *family, const char *link);
/* One eta column: E(y | eta) of one trial (the location where it has none), and its inverse for a
 * mean inside the open support. */
double family_mean(const struct family *family, size_t link, double eta);
double family_link_of_mean(const struct family *family, size_t link, double mean);

#endif
