/* Expectations over a normal variable, on the log scale, by adaptive quadrature. */
#ifndef MAXPOST_QUADRATURE_H
#define MAXPOST_QUADRATURE_H

/* The logarithm of a function that is not negative: -infinity where it is 0.  A NaN or +infinity
 * counts as 0. */
typedef double (*quadrature_log)(double x, const void *context);

/* log E exp(f(x)), x ~ normal(mean, sd), sd > 0.
 *   hints  points where f may peak, have a kink or jump; those that are not finite are left out
 * The integrand is followed uphill from the mean, from one sd on either side and from each hint,
 * and then integrated between points about the peaks and hints and beyond them to where it is
 * exp(-45) of the largest one, by Gauss-Kronrod rules (7, 15) whose worst interval is halved until
 * the estimated error is below 1e-10 of the whole.  A peak narrower than 1e-3 sd needs a hint at or near it.
 *   *error  estimated relative error (infinite where the function is 0 wherever it was looked for);
 *           may be NULL
 * At most 8000 values of f, usually 600 to 1000; at most 5 hints.
 * Piessens et al. (1983), QUADPACK, QAGP; centring at the peaks: Naylor and Smith (1982). */
double quadrature_normal(double *error, quadrature_log f, const void *context, double mean,
                         double sd, const double *hints, unsigned hint_count);

/* The same for functions that are smooth on the scale of sd, by 81 values of f: the trapezoidal
 * rule, whose error falls geometrically there.  *error: the relative difference from every other
 * point, or what lies at the ends if that is more; where it is not small, quadrature_normal is the
 * function to call.  Trefethen and Weideman (2014), "The exponentially convergent trapezoidal
 * rule". */
double quadrature_smooth(double *error, quadrature_log f, const void *context, double mean,
                         double sd);

#endif
