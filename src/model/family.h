/* Families: p(y | eta, psi), one row each.  A new family is one file family_NAME.c and one line
 * in family.c; parsing, help, the schema and the property tests follow from the row. */
#ifndef MAXPOST_FAMILY_H
#define MAXPOST_FAMILY_H

#include "base/err.h"

#include <stdbool.h>

struct rng;

enum { FAMILY_AUX_MAX = 2 };

/* What eval is asked for; the derivatives are those of the log density. */
enum family_want {
    FAMILY_VALUE = 1, /* value */
    FAMILY_D1 = 2,    /* d1 */
    FAMILY_D2 = 4,    /* d2 */
    FAMILY_D3 = 8,    /* d3, families with one eta column only */
    FAMILY_AUX = 16   /* dpsi, d2psi, deta_dpsi */
};

/* Results for m rows, column-major; entries that are not wanted may be NULL.
 *   value      m          log f(y_i | eta_i, psi), all constants kept; -infinity outside the support
 *   d1         m x q      derivative in each eta column
 *   d2         m x q x q  second derivatives, [i + m*(a + q*b)]
 *   d3         m          third derivative, q = 1
 *   dpsi       m x r      derivative in u = log psi (or in psi where the row says natural)
 *   d2psi      m x r x r
 *   deta_dpsi  m x q x r  mixed derivatives, [i + m*(a + q*s)] */
struct family_out {
    double *value, *d1, *d2, *d3, *dpsi, *d2psi, *deta_dpsi;
};

struct family_auxiliary {
    const char *name; /* "noise_sd" */
    const char *help; /* "sd of the noise" */
};

/* How a penalty's loss relates to -log likelihood (mathematics: phi). */
enum family_phi { PHI_ONE, PHI_NOISE_VARIANCE, PHI_NONE };

struct family {
    const char *name;
    const char *help;         /* one line for --help, the schema and the docs */
    const char *const *links; /* NULL-terminated; the first is the default */
    size_t eta_columns;       /* q */
    struct family_auxiliary auxiliary[FAMILY_AUX_MAX];
    size_t auxiliary_count; /* r */
    enum family_phi phi;
    bool concave;   /* log f concave in eta for each psi: -d2 >= 0 */
    bool quadratic; /* log f quadratic in eta: -d2 constant given psi */

    /* Batched over m rows.  link: index into links.  psi: r values, natural scale.
     * Never overflows to NaN: a value may be -infinity, derivatives stay finite where it is finite. */
    mxp_status (*eval)(struct family_out *out, size_t link, const double *y, const double *eta,
                       size_t m, const double *psi, unsigned want, mxp_error *error);
    /* NULL when y is in the support, else words that end "is ...": "is not 0 or 1". */
    const char *(*check)(double y);
    /* E(y | eta) and its inverse (the link of a mean inside the open support). */
    double (*mean)(size_t link, double eta);
    double (*link_of_mean)(size_t link, double mean);
    /* log f at the best eta for this y (the saturated model): deviance = 2 sum w (this - value). */
    double (*saturated)(double y, const double *psi);
    /* Where eta may run to infinity without log f ever falling: +1, -1, or 0 (nowhere).  NULL: 0 for
     * every y.  Two responses with both signs in reach are separated by a direction. */
    int (*recession)(double y);
    /* Convex conjugate of -log f in eta: sup over eta of u eta + log f(y | eta); INFINITY outside
     * its domain.  NULL where -log f is not convex. */
    double (*conjugate)(double u, double y, const double *psi);
    double (*draw)(struct rng *rng, size_t link, double eta, const double *psi);
    double (*cdf)(double y, size_t link, double eta, const double *psi);
};

extern const struct family family_gaussian, family_bernoulli, family_poisson;

/* The table: all rows, NULL-terminated. */
extern const struct family *const family_table[];
/* NULL when there is no such family (names are exact). */
const struct family *family_find(const char *name);
/* Index of the link, or -1. */
int family_link(const struct family *family, const char *link);

#endif
