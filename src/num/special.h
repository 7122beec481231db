/* Special functions, guarded and on the log scale.
 *
 * Every function is pure and thread-safe, takes any double and calls no error handler; outside a
 * domain the result is NAN, at a pole or past the largest double it is an infinity.  Accuracy is
 * relative, a few ulp, unless said otherwise. */
#ifndef MAXPOST_SPECIAL_H
#define MAXPOST_SPECIAL_H

/* log(2 pi)/2, log 2, sqrt(2 pi) */
#define SPECIAL_LOG_SQRT_2PI 0.91893853320467274178
#define SPECIAL_LOG_2 0.69314718055994530942
#define SPECIAL_SQRT_2PI 2.50662827463100050242

/* log(1 + exp(x)), without overflow. */
double special_log1pexp(double x);
/* log(1 - exp(x)) for x <= 0; -infinity at 0.  Maechler (2012), "Accurately computing
 * log(1 - exp(-|a|))". */
double special_log1mexp(double x);
/* m - log(1 + m) >= 0 for m > -1, without the cancellation near 0: half the unit deviance of
 * poisson and gamma. */
double special_log1p_excess(double m);
/* 1 / (1 + exp(-x)); its relative accuracy holds for x far below 0 too. */
double special_logistic(double x);
/* log(p / (1 - p)) for p in [0, 1]. */
double special_logit(double p);
/* log(exp(a) + exp(b)); either may be -infinity. */
double special_logsumexp(double a, double b);

/* exp(x^2) erfc(x).  Overflows to infinity below x = -26.6. */
double special_erfcx(double x);
/* log erfc(x); finite for every finite x whose square is finite. */
double special_log_erfc(double x);

/* log of the standard normal density. */
double special_log_normal_density(double x);
/* The standard normal distribution function: P(Z <= x). */
double special_normal_cdf(double x);
/* log P(Z <= x), accurate in both tails. */
double special_log_phi(double x);
/* The x with P(Z <= x) = p, for p in [0, 1].  Wichura (1988), AS 241 (from GSL). */
double special_normal_quantile(double p);
/* The x with log P(Z <= x) = log_p, for log_p <= 0: reaches tails whose p underflows. */
double special_normal_quantile_log(double log_p);

/* log Gamma(x) for x > 0. */
double special_lgamma(double x);
/* log n! for n = 0, 1, 2, ... (a table up to 63, no call to lgamma). */
double special_log_factorial(double n);
/* log Gamma(x + 1) - [x log x - x + log(2 pi x)/2], the remainder of Stirling's formula, for x > 0.
 * Accurate in absolute terms (1e-15).  NIST DLMF 5.11.1. */
double special_stirling_remainder(double x);
/* log Gamma(x + by) - log Gamma(x), x > 0, by >= 0, without the cancellation at large x; absolute
 * error a few 1e-16 times max(1, |terms|). */
double special_lgamma_rise(double x, double by);
/* log B(a, b) = log of Gamma(a) Gamma(b) / Gamma(a + b), a, b > 0. */
double special_log_beta(double a, double b);

/* psi, psi', psi'': the first three derivatives of log Gamma, for x > 0.  Recurrence to x >= 12 and
 * the asymptotic series, DLMF 5.5.2, 5.11.2, 5.15.8; digamma near its root 1.4616 by its Taylor
 * series there, so that the accuracy is relative everywhere. */
double special_digamma(double x);
double special_trigamma(double x);
double special_tetragamma(double x);
/* psi(x + by) - psi(x) and psi'(x + by) - psi'(x), x > 0, by >= 0, accurate where by / x is small
 * (the negative binomial near the poisson limit); relative 1e-14. */
double special_digamma_rise(double x, double by);
double special_trigamma_rise(double x, double by);

/* Q(a, x) = Gamma(a, x) / Gamma(a), the upper regularised incomplete gamma function, for a > 0,
 * x >= 0; P(a, x) = 1 - Q is accurate where it is small.  Relative accuracy about 1e-13 for
 * a <= 1e6, 1e-8 above; about 10 sqrt(a) steps.  DLMF 8.7.1 (series), 8.9.2 (continued
 * fraction), 8.12.4 (uniform expansion, large a). */
double special_gamma_q(double a, double x);
double special_gamma_p(double a, double x);

/* log I_x(a, b) and log(1 - I_x(a, b)), the regularised incomplete beta function, both accurate in
 * relative terms of their exponentials, for a, b > 0 and x in [0, 1] with y = 1 - x, which is given
 * too so that it may be small.  Relative accuracy 1e-13 for a, b <= 1e6, 1e-9 above; about
 * 3 sqrt(min(a, b)) steps.  Didonato and Morris (1992), eq. 9 (continued fraction); DLMF 8.18.9
 * where both are above 1e8. */
void special_log_beta_tails(double *log_lower, double *log_upper, double a, double b, double x,
                            double y);
/* I_x(a, b) and 1 - I_x(a, b). */
double special_beta_p(double a, double b, double x);
double special_beta_q(double a, double b, double x);
/* log P(T > t) and, for t >= 0, log P(0 <= T <= t), for Student's t with df > 0. */
double special_t_log_above(double df, double t);
double special_t_log_centre(double df, double t);

/* The smallest double t in [low, high] with f(t) >= target, by bisection over the doubles between
 * (at most 65 calls); f does not fall on [low, high], either end of which may be infinite; high
 * when there is none. */
double special_invert(double (*f)(double t, const void *context), const void *context,
                      double target, double low, double high);
/* The t with P(T <= t) = p for Student's t, and the x with I_x(a, b) = p; p in [0, 1]. */
double special_t_quantile(double df, double p);
double special_beta_quantile(double a, double b, double p);
/* The x with P(a, x) = p. */
double special_gamma_quantile(double a, double p);

#endif
