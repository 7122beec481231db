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
/* Q(a, x) = Gamma(a, x) / Gamma(a), the upper regularised incomplete gamma function, for a > 0,
 * x >= 0; P(a, x) = 1 - Q is accurate where it is small.  Relative accuracy about 1e-13 for
 * a <= 1e6, 1e-8 above; about 10 sqrt(a) steps.  DLMF 8.7.1 (series), 8.9.2 (continued
 * fraction), 8.12.4 (uniform expansion, large a). */
double special_gamma_q(double a, double x);
double special_gamma_p(double a, double x);

#endif
