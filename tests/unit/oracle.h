/* The posterior of a specimen, written down from textbooks, apart from the library: densities, the
 * objective, its derivatives by differences. */
#ifndef MAXPOST_TEST_ORACLE_H
#define MAXPOST_TEST_ORACLE_H

#include "specimen.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>

enum { ORACLE_MAX = SPECIMEN_TERMS };

/* ---- densities -------------------------------------------------------------------------------- */

static inline double oracle_log_normal(double z)
{
    return -0.5 * z * z - 0.5 * log(2.0 * M_PI);
}

static inline double oracle_log_t(double z, double df)
{
    return lgamma(0.5 * (df + 1.0)) - lgamma(0.5 * df) - 0.5 * log(df * M_PI) -
           0.5 * (df + 1.0) * log1p(z * z / df);
}

/* log of the mass between the bounds. */
static inline double oracle_mass(const struct belief *b, double df)
{
    const bool t = df > 0.0;
    const double m = b->a[t && b->name[0] == 's'], s = b->a[t && b->name[0] == 's' ? 2 : 1];
    const double u = (b->upper - m) / s, l = (b->lower - m) / s;
    if (strcmp(b->name, "gaussian") == 0)
        return log(l > 0.0 ? gsl_cdf_ugaussian_Q(l) - gsl_cdf_ugaussian_Q(u)
                           : gsl_cdf_ugaussian_P(u) - gsl_cdf_ugaussian_P(l));
    if (strcmp(b->name, "laplace") == 0)
        return log(l > 0.0 ? gsl_cdf_laplace_Q(l, 1.0) - gsl_cdf_laplace_Q(u, 1.0)
                           : gsl_cdf_laplace_P(u, 1.0) - gsl_cdf_laplace_P(l, 1.0));
    return log(l > 0.0 ? gsl_cdf_tdist_Q(l, df) - gsl_cdf_tdist_Q(u, df)
                       : gsl_cdf_tdist_P(u, df) - gsl_cdf_tdist_P(l, df));
}

/* log density of a prior on a coefficient at t. */
static inline double oracle_coefficient(const struct belief *b, double t)
{
    const double *a = b->a;
    double value = 0.0, df = 0.0;

    if (!b->name || strcmp(b->name, "flat") == 0)
        return 0.0;
    if (strcmp(b->name, "uniform") == 0)
        return -log(a[1] - a[0]);
    if (strcmp(b->name, "gaussian") == 0)
        value = oracle_log_normal((t - a[0]) / a[1]) - log(a[1]);
    else if (strcmp(b->name, "laplace") == 0)
        value = -fabs(t - a[0]) / a[1] - log(2.0 * a[1]);
    else if (strcmp(b->name, "cauchy") == 0)
        value = oracle_log_t((t - a[0]) / a[1], df = 1.0) - log(a[1]);
    else if (strcmp(b->name, "student_t") == 0)
        value = oracle_log_t((t - a[1]) / a[2], df = a[0]) - log(a[2]);
    else
        fail_msg("no oracle for %s", b->name);
    return belief_bounded(b) ? value - oracle_mass(b, df) : value;
}

/* log density of a prior on a positive parameter at psi; flat: on log psi. */
static inline double oracle_positive(const struct belief *b, double psi)
{
    const double *a = b->a;

    if (strcmp(b->name, "half_normal") == 0)
        return log(2.0) + oracle_log_normal(psi / a[0]) - log(a[0]);
    if (strcmp(b->name, "half_cauchy") == 0)
        return log(2.0) + oracle_log_t(psi / a[0], 1.0) - log(a[0]);
    if (strcmp(b->name, "exponential") == 0)
        return log(a[0]) - a[0] * psi;
    if (strcmp(b->name, "gamma") == 0)
        return a[0] * log(a[1]) - lgamma(a[0]) + (a[0] - 1.0) * log(psi) - a[1] * psi;
    if (strcmp(b->name, "inverse_gamma") == 0)
        return a[0] * log(a[1]) - lgamma(a[0]) - (a[0] + 1.0) * log(psi) - a[1] / psi;
    if (strcmp(b->name, "lognormal") == 0)
        return oracle_log_normal((log(psi) - a[0]) / a[1]) - log(a[1]) - log(psi);
    fail_msg("no oracle for %s", b->name);
    return NAN;
}

static inline double oracle_mean(const char *link, double eta)
{
    if (strcmp(link, "identity") == 0)
        return eta;
    if (strcmp(link, "log") == 0)
        return exp(eta);
    if (strcmp(link, "inverse") == 0)
        return 1.0 / eta;
    if (strcmp(link, "sqrt") == 0)
        return eta * eta;
    if (strcmp(link, "logit") == 0)
        return 1.0 / (1.0 + exp(-eta));
    if (strcmp(link, "probit") == 0)
        return 0.5 * erfc(-eta / M_SQRT2);
    if (strcmp(link, "cloglog") == 0)
        return -expm1(-exp(eta));
    if (strcmp(link, "cauchit") == 0)
        return atan2(1.0, -eta) / M_PI;
    fail_msg("no oracle for link %s", link);
    return NAN;
}

/* log P(y = 0) of a binary response, without cancellation. */
static inline double oracle_log_zero(const char *link, double eta)
{
    if (strcmp(link, "cloglog") == 0)
        return -exp(eta);
    return log(oracle_mean(link, -eta));
}

/* log f(y | eta, psi), psi in the order of the specimen's names. */
static inline double oracle_density(const struct specimen *s, double y, double eta,
                                    const double *psi)
{
    const char *f = s->family;
    if (strcmp(f, "bernoulli") == 0)
        return y > 0.5 ? log(oracle_mean(s->link, eta)) : oracle_log_zero(s->link, eta);

    const double mu = oracle_mean(s->link, eta), k = psi[0];
    if (strcmp(f, "gaussian") == 0)
        return oracle_log_normal((y - mu) / k) - log(k);
    if (strcmp(f, "student_t") == 0)
        return oracle_log_t((y - mu) / psi[1], k) - log(psi[1]);
    if (strcmp(f, "poisson") == 0)
        return (y > 0.0 ? y * log(mu) : 0.0) - mu - lgamma(y + 1.0);
    if (strcmp(f, "negative_binomial") == 0)
        return lgamma(y + k) - lgamma(k) - lgamma(y + 1.0) - k * log1p(mu / k) +
               (y > 0.0 ? y * log(mu / (k + mu)) : 0.0);
    if (strcmp(f, "gamma") == 0)
        return k * log(k / mu) + (k - 1.0) * log(y) - k * y / mu - lgamma(k);
    if (strcmp(f, "beta") == 0)
        return lgamma(k) - lgamma(mu * k) - lgamma((1.0 - mu) * k) + (mu * k - 1.0) * log(y) +
               ((1.0 - mu) * k - 1.0) * log1p(-y);
    if (strcmp(f, "huber") == 0) {
        const double z = fabs(y - mu) / k, c = psi[1];
        const double total = sqrt(2.0 * M_PI) * erf(c / M_SQRT2) + 2.0 / c * exp(-0.5 * c * c);
        return -log(k * total) - (z <= c ? 0.5 * z * z : c * (z - 0.5 * c));
    }
    fail_msg("no oracle for %s", f);
    return NAN;
}

/* ---- the objective ---------------------------------------------------------------------------- */

/* Number of coordinates: intercept, columns, estimated auxiliary parameters. */
static inline size_t oracle_count(const struct specimen *s)
{
    size_t d = s->columns + !s->no_intercept;
    for (size_t k = 0; k < SPECIMEN_AUX && s->aux[k]; k++)
        d += !(s->fixed[k] > 0.0);
    return d;
}

/* psi, and minus the log prior of those that are estimated, with the Jacobian on the log scale. */
static inline double oracle_auxiliary(double *psi, const struct specimen *s, const double *theta)
{
    double J = 0.0;
    for (size_t k = 0; k < SPECIMEN_AUX && s->aux[k]; k++) {
        psi[k] = s->fixed[k];
        if (s->fixed[k] > 0.0)
            continue;
        psi[k] = s->natural ? *theta : exp(*theta);
        theta++;
        const struct belief *b = &s->aux_prior[k];
        if (b->name && strcmp(b->name, "flat") != 0)
            J -= oracle_positive(b, psi[k]) + (s->natural ? 0.0 : log(psi[k]));
    }
    return J;
}

/* -log posterior at theta (intercept, columns, psi on the scale of the mode), all constants kept. */
static inline double oracle_objective(const struct specimen *s, const double *theta)
{
    const size_t first = !s->no_intercept;
    double psi[SPECIMEN_AUX] = {0.0};
    double J = oracle_auxiliary(psi, s, theta + first + s->columns);

    if (first)
        J -= oracle_coefficient(&s->intercept, theta[0]);
    for (size_t j = 0; j < s->columns; j++)
        J -= oracle_coefficient(&s->prior[j], theta[first + j]);
    for (size_t i = 0; i < s->rows; i++) {
        double eta = first ? theta[0] : 0.0;
        for (size_t j = 0; j < s->columns; j++)
            eta += s->x[j][i] * theta[first + j];
        J -= s->w[i] * oracle_density(s, s->y[i], eta, psi);
    }
    return J;
}

/* The fit's mode in the oracle's coordinates. */
static inline void oracle_mode(double *theta, const struct specimen *s)
{
    const size_t d = oracle_count(s);
    assert_int_equal(mxp_posterior_terms(s->posterior), d);
    for (size_t j = 0; j < d; j++) {
        const mxp_term term = mxp_posterior_term(s->posterior, j);
        theta[j] = term.auxiliary && !s->natural ? log(term.estimate) : term.estimate;
    }
}

/* ---- derivatives by differences --------------------------------------------------------------- */

static inline double oracle_moved(const struct specimen *s, const double *theta, size_t j, double a,
                                  size_t k, double b)
{
    double t[ORACLE_MAX];
    memcpy(t, theta, oracle_count(s) * sizeof *t);
    t[j] += a;
    t[k] += b;
    return oracle_objective(s, t);
}

/* dJ/dtheta_j with step h, extrapolated. */
static inline double oracle_slope(const struct specimen *s, const double *theta, size_t j, double h)
{
    double d[2];
    for (int i = 0; i < 2; i++, h /= 2.0)
        d[i] = (oracle_moved(s, theta, j, h, j, 0.0) - oracle_moved(s, theta, j, -h, j, 0.0)) /
               (2.0 * h);
    return d[1] + (d[1] - d[0]) / 3.0;
}

/* d2J/dtheta_j dtheta_k with steps h_j, h_k, extrapolated. */
static inline double oracle_bend(const struct specimen *s, const double *theta, size_t j, double hj,
                                 size_t k, double hk)
{
    double d[2];
    for (int i = 0; i < 2; i++, hj /= 2.0, hk /= 2.0)
        d[i] = (oracle_moved(s, theta, j, hj, k, hk) - oracle_moved(s, theta, j, hj, k, -hk) -
                oracle_moved(s, theta, j, -hj, k, hk) + oracle_moved(s, theta, j, -hj, k, -hk)) /
               (4.0 * hj * hk);
    return d[1] + (d[1] - d[0]) / 3.0;
}

/* X = A^-1 B by Gauss-Jordan with pivots; A is n x n, B n x m, both column-major and overwritten;
 * false where A is singular.  On success B holds X. */
static inline bool oracle_solve(double *A, double *B, size_t n, size_t m)
{
    for (size_t c = 0; c < n; c++) {
        size_t p = c;
        for (size_t r = c; r < n; r++)
            if (fabs(A[r + c * n]) > fabs(A[p + c * n]))
                p = r;
        if (!(fabs(A[p + c * n]) > 0.0))
            return false;
        for (size_t k = 0; k < n + m; k++) {
            double *col = k < n ? A + k * n : B + (k - n) * n;
            const double swap = col[p];
            col[p] = col[c];
            col[c] = swap;
        }
        for (size_t r = 0; r < n; r++) {
            const double f = A[r + c * n] / A[c + c * n];
            for (size_t k = 0; r != c && k < n + m; k++) {
                double *col = k < n ? A + k * n : B + (k - n) * n;
                col[r] -= f * col[c];
            }
        }
    }
    for (size_t k = 0; k < m; k++)
        for (size_t r = 0; r < n; r++)
            B[r + k * n] /= A[r + r * n];
    return true;
}

#endif
