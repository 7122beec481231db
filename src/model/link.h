/* Links: how eta gives a mean, its logarithm, or the logarithms of a probability and of its
 * complement, with derivatives in eta to third order. */
#ifndef MAXPOST_LINK_H
#define MAXPOST_LINK_H

#include <stdbool.h>

enum link {
    LINK_IDENTITY,
    LINK_LOG,
    LINK_INVERSE,
    LINK_SQRT,
    LINK_LOGIT,
    LINK_PROBIT,
    LINK_CLOGLOG,
    LINK_CAUCHIT
};

/* The mean, and a location with its derivatives in eta: the mean itself, or its logarithm. */
struct link_location {
    double mean, at, d1, d2, d3;
};

/* The location is the mean; identity, log, inverse (any sign but 0) and sqrt (eta > 0).  False,
 * with nothing written, outside the domain or where the mean overflows. */
bool link_mean(struct link_location *location, enum link link, double eta);
/* The location is the logarithm of a positive mean; the same links, eta > 0 but for log.  With the
 * log link the mean may have overflowed to infinity or underflowed to 0; the location has not. */
bool link_log_mean(struct link_location *location, enum link link, double eta);

/* The mean at eta, of all links (0 < mean < 1 for logit, probit, cloglog, cauchit); no domain is
 * checked. */
double link_inverse(enum link link, double eta);
/* The eta of a mean in the open range of the link. */
double link_of(enum link link, double mean);

/* A log probability and its derivatives in eta. */
struct link_side {
    double value, d1, d2, d3;
};

/* log F(eta) and log(1 - F(eta)) of logit, probit, cloglog (F = 1 - exp(-exp(eta))) and cauchit;
 * relative accuracy near 1e-14 in both tails (d2 and d3 of probit: 1e-12).  Finite for finite eta
 * unless the value overflows. */
void link_sides(struct link_side *yes, struct link_side *no, enum link link, double eta);

/* log(F(b) - F(a)) and its derivatives, of logit, probit and cloglog. */
struct link_interval {
    double value, da, db, daa, dbb, dab;
};

/* For a < b, both finite; -infinity (and derivatives 0) where a >= b.  Differences are taken on
 * the log scale or avoided: accurate in both tails and for close a and b.  The second derivatives
 * are negative semidefinite. */
void link_interval(struct link_interval *interval, enum link link, double a, double b);

#endif
