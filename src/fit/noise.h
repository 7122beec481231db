/* The noise sd of a gaussian model given its residuals. */
#ifndef MAXPOST_NOISE_H
#define MAXPOST_NOISE_H

#include "model/problem.h"

/* J as a function of u = log sigma alone:
 *   count u + square e^(-2u) / 2 + absolute e^(-u) - log prior(e^u) - jacobian u. */
struct noise_terms {
    double count;    /* W, plus one for each prior whose scale is a multiple of the noise */
    double square;   /* rss, plus ((t - m)/s)^2 of those that are gaussian */
    double absolute; /* |t - m|/b of those that are laplace */
    const struct prior *prior; /* row flat: none */
    double jacobian;
};

/* Terms at coefficients theta (k values) and this residual sum of squares. */
struct noise_terms noise_terms(const struct mxp_problem *problem, const double *theta, double rss);
/* The minimiser u; every prior of the table is log-concave in u, so it is unique.  -infinity when
 * square and absolute are 0 and nothing else holds it.  Newton's method, safeguarded. */
double noise_mode(const struct noise_terms *terms);

#endif
