/* What several families share: the chain rule from a location to eta, differences of log gamma
 * functions without cancellation, counts. */
#ifndef MAXPOST_FAMILY_PARTS_H
#define MAXPOST_FAMILY_PARTS_H

#include "model/family.h"
#include "model/link.h"

/* The log density of one response by its location (the mean, or the log of a positive mean).
 * With FAMILY_EXPECTED d2, d2psi and mixed are expectations.  Not all are needed each time. */
struct parts_density {
    double value, d1, d2, d3;
    double dpsi[FAMILY_AUX_MAX], d2psi[FAMILY_AUX_MAX * FAMILY_AUX_MAX], mixed[FAMILY_AUX_MAX];
};

/* One response; what want names and the value must be written, the rest is 0 before.
 *   known  what depends on psi alone, computed once a batch */
typedef void (*parts_row)(struct parts_density *f, double y, const struct link_location *location,
                          const double *psi, const void *known, unsigned want);

/* eval of a family with one eta column: row by row, with the chain rule.  Rows outside the domain
 * of the link, and rows whose density underflows, get -infinity and derivatives 0.
 *   locate  link_mean or link_log_mean
 *   r       auxiliary parameters */
void parts_eval(struct family_out *out, bool (*locate)(struct link_location *, enum link, double),
                enum link link, parts_row row, const double *y, const double *eta, size_t m,
                const double *psi, size_t r, const void *known, unsigned want);
/* Writes row i of m; location NULL: outside the domain. */
void parts_put(struct family_out *out, size_t i, size_t m, size_t r, const struct parts_density *f,
               const struct link_location *location, unsigned want);

/* log(1 + x) - x for x > -1, without cancellation near 0. */
double parts_log_excess(double x);
/* log(1 + a/b) for a >= 0, b > 0, also where a/b overflows. */
double parts_log_ratio(double a, double b);

/* The remainder of Stirling's formula for log Gamma and its derivatives in log a:
 *     log Gamma(a) = (a - 1/2) log a - a + log(2 pi)/2 + value
 * Absolute accuracy 1e-14 (relative from a = 16 on): what is left of differences of log gamma
 * functions of large arguments. */
struct parts_stirling {
    double value, d1, d2, d3;
};
struct parts_stirling parts_stirling(double a);

/* check of families of real responses: finite. */
const char *parts_check_real(double y, double trials);
/* check of families of counts without trials. */
const char *parts_check_count(double y, double trials);
/* recession of families that fall on both sides of the mean y: with the log link a response of 0 or
 * less draws eta to -infinity; no other direction is free of a fall. */
int parts_recession(enum link link, double y, double direction, double tolerance);

bool parts_is_count(double y);
/* y log y - y - log y!, for counts: the Poisson log mass at its peak. */
double parts_count_peak(double y);
/* Binomial count; exact.  Order statistics halve large numbers of trials (Relles 1972). */
double parts_draw_binomial(struct rng *rng, double trials, double p);
/* Beta(a, b) inside (0, 1), a and b > 0. */
double parts_draw_beta(struct rng *rng, double a, double b);
/* P(B <= x) for B ~ Beta(a, b), and its complement. */
double parts_beta_p(double x, double a, double b);
double parts_beta_q(double x, double a, double b);

#endif
