/* Minima of log-concave posteriors with bounds and kinks by brute force: every way in which the
 * coordinates can sit on bounds, on kinks or on a side of a kink, each by Newton's method. */
#ifndef MAXPOST_TEST_FACES_H
#define MAXPOST_TEST_FACES_H

#include "oracle.h"

/* Where a coordinate may be. */
enum face { FACE_FREE, FACE_LOWER, FACE_UPPER, FACE_KINK, FACE_LEFT, FACE_COUNT };

static inline const struct belief *faces_belief(const struct specimen *s, size_t j)
{
    const size_t first = !s->no_intercept;
    return first && j == 0 ? &s->intercept : &s->prior[j - first];
}

static inline bool faces_kinked(const struct belief *b)
{
    return b->name && strcmp(b->name, "laplace") == 0;
}

static inline void faces_bounds(double *lower, double *upper, const struct belief *b)
{
    const bool uniform = b->name && strcmp(b->name, "uniform") == 0;
    *lower = uniform ? b->a[0] : belief_bounded(b) ? b->lower : -INFINITY;
    *upper = uniform ? b->a[1] : belief_bounded(b) ? b->upper : INFINITY;
}

/* Gradient and Hessian (d x d) of -l and the smooth priors at theta, and on the sides of kinks their
 * slope: gaussian with fixed noise, bernoulli with logit, poisson with log. */
static inline void faces_derivatives(double *g, double *H, const struct specimen *s,
                                     const double *theta, const enum face *face)
{
    const size_t first = !s->no_intercept, d = s->columns + first;
    const double phi = s->family[0] == 'g' ? s->fixed[0] * s->fixed[0] : 1.0;

    memset(g, 0, d * sizeof *g);
    memset(H, 0, d * d * sizeof *H);
    for (size_t i = 0; i < s->rows; i++) {
        double z[ORACLE_MAX] = {1.0}, eta = 0.0;
        for (size_t j = 0; j < s->columns; j++)
            z[first + j] = s->x[j][i];
        for (size_t j = 0; j < d; j++)
            eta += z[j] * theta[j];
        const double mu = oracle_mean(s->link, eta);
        const double h = s->family[0] == 'g' ? 1.0 : s->family[0] == 'b' ? mu * (1.0 - mu) : mu;
        for (size_t j = 0; j < d; j++) {
            g[j] += s->w[i] * (mu - s->y[i]) / phi * z[j];
            for (size_t k = 0; k < d; k++)
                H[k + j * d] += s->w[i] * h / phi * z[j] * z[k];
        }
    }
    for (size_t j = 0; j < d; j++) {
        const struct belief *b = faces_belief(s, j);
        if (b->name && strcmp(b->name, "gaussian") == 0) {
            g[j] += (theta[j] - b->a[0]) / (b->a[1] * b->a[1]);
            H[j + j * d] += 1.0 / (b->a[1] * b->a[1]);
        }
        if (faces_kinked(b))
            g[j] += face[j] == FACE_LEFT ? -1.0 / b->a[1] : 1.0 / b->a[1];
    }
}

/* The value that goes with the derivatives: kinks replaced by the slope of their side. */
static inline double faces_value(const struct specimen *s, const double *theta,
                                 const enum face *face)
{
    double J = oracle_objective(s, theta);
    for (size_t j = 0; j < s->columns + !s->no_intercept; j++) {
        const struct belief *b = faces_belief(s, j);
        const double away = faces_kinked(b) ? (theta[j] - b->a[0]) / b->a[1] : 0.0;
        if (faces_kinked(b))
            J += (face[j] == FACE_LEFT ? -away : away) - fabs(away);
    }
    return J;
}

/* Minimises over the coordinates that are not fixed by their face; false where that fails. */
static inline bool faces_newton(double *theta, const struct specimen *s, const enum face *face)
{
    const size_t d = s->columns + !s->no_intercept;
    double J = faces_value(s, theta, face);

    for (int step = 0; step < 100; step++) {
        double g[ORACLE_MAX], H[ORACLE_MAX * ORACLE_MAX], next[ORACLE_MAX], size = 0.0;
        faces_derivatives(g, H, s, theta, face);
        for (size_t j = 0; j < d; j++)
            if (face[j] != FACE_FREE && face[j] != FACE_LEFT) {
                for (size_t k = 0; k < d; k++)
                    H[j + k * d] = H[k + j * d] = j == k;
                g[j] = 0.0;
            }
        if (!oracle_solve(H, g, d, 1))
            return false;
        for (double share = 1.0;; share /= 2.0) {
            size = 0.0;
            for (size_t j = 0; j < d; j++) {
                next[j] = theta[j] - share * g[j];
                size = fmax(size, fabs(share * g[j]) / (1.0 + fabs(theta[j])));
            }
            const double fresh = faces_value(s, next, face);
            if (fresh <= J || size < 1e-13) {
                J = fresh;
                break;
            }
        }
        memcpy(theta, next, d * sizeof *next);
        if (size < 1e-13)
            return true;
    }
    return false;
}

/* Puts theta on its faces; false where such faces do not exist. */
static inline bool faces_start(double *theta, const struct specimen *s, const enum face *face)
{
    for (size_t j = 0; j < s->columns + !s->no_intercept; j++) {
        const struct belief *b = faces_belief(s, j);
        double lower, upper;
        faces_bounds(&lower, &upper, b);
        theta[j] = face[j] == FACE_LOWER   ? lower
                   : face[j] == FACE_UPPER ? upper
                   : face[j] == FACE_KINK  ? b->a[0]
                                           : 0.0;
        if (!isfinite(theta[j]) || (face[j] >= FACE_KINK && !faces_kinked(b)))
            return false;
    }
    return true;
}

static inline bool faces_inside(const double *theta, const struct specimen *s,
                                const enum face *face)
{
    for (size_t j = 0; j < s->columns + !s->no_intercept; j++) {
        const struct belief *b = faces_belief(s, j);
        double lower, upper;
        faces_bounds(&lower, &upper, b);
        if (theta[j] < lower || theta[j] > upper)
            return false;
        if (faces_kinked(b) && ((face[j] == FACE_FREE && theta[j] < b->a[0]) ||
                                (face[j] == FACE_LEFT && theta[j] > b->a[0])))
            return false;
    }
    return true;
}

/* The minimum over all faces, and the faces that it is on; INFINITY where there is none. */
static inline double faces_minimum(double *theta, enum face *face, const struct specimen *s)
{
    const size_t d = s->columns + !s->no_intercept;
    double best = INFINITY;
    size_t total = 1;

    for (size_t j = 0; j < d; j++)
        total *= FACE_COUNT;
    for (size_t c = 0; c < total; c++) {
        enum face at[ORACLE_MAX];
        double t[ORACLE_MAX];
        size_t rest = c;
        for (size_t j = 0; j < d; j++, rest /= FACE_COUNT)
            at[j] = (enum face)(rest % FACE_COUNT);
        if (!faces_start(t, s, at) || !faces_newton(t, s, at) || !faces_inside(t, s, at))
            continue;
        const double J = oracle_objective(s, t);
        if (J < best) {
            best = J;
            memcpy(theta, t, d * sizeof *t);
            memcpy(face, at, d * sizeof *at);
        }
    }
    return best;
}

#endif
