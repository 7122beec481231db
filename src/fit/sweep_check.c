#include "base/mem.h"
#include "fit/descent.h"
#include "fit/sweep_parts.h"
#include "model/product.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { WIDE = 16, WORST_MAX = 16 };

void sweep_point_clear(struct sweep_point *point)
{
    free(point->index);
    free(point->theta);
    *point = (struct sweep_point){0};
}

static bool is_free(const struct sweep *s, size_t j)
{
    return s->l1[j] == 0.0 && s->l2[j] == 0.0;
}

static mxp_status list_coefficients(struct sweep_point *point, const struct sweep *s,
                                    mxp_error *error)
{
    size_t i = 0;
    mxp_status status;

    for (size_t j = 0; j < s->k; j++)
        point->count += s->theta[j] != s->centre[j] || is_free(s, j);
    TRY(status = MEM_NEW(&point->index, point->count, error));
    TRY(status = mem_doubles(&point->theta, point->count, 1, error));
    for (size_t j = 0; j < s->k; j++)
        if (s->theta[j] != s->centre[j] || is_free(s, j)) {
            point->index[i] = j;
            point->theta[i++] = s->theta[j];
            point->nonzeros += !is_free(s, j);
        }
out:
    return status;
}

/* The members with the largest residuals by the Gram's curvature, largest first; -> how many. */
static size_t list_worst(size_t *list, const struct sweep *s, const struct descent *d)
{
    double size[WORST_MAX];
    size_t count = 0;

    for (size_t a = 0; a < s->count; a++) {
        const double r = descent_residual_at(d, a);
        if (r == 0.0 || (count == WORST_MAX && r <= size[count - 1]))
            continue;
        size_t i = count < WORST_MAX ? count++ : count - 1;
        for (; i > 0 && size[i - 1] < r; i--) {
            size[i] = size[i - 1];
            list[i] = list[i - 1];
        }
        size[i] = r;
        list[i] = a;
    }
    return count;
}

/* The largest residual of the members with the curvature at the point in place of the Gram's, which
 * is some steps old: of the few that are largest by that. */
static void certify_members(struct sweep *s)
{
    const struct descent d = sweep_members(s);
    size_t list[WORST_MAX], set[WORST_MAX];
    double squares[WORST_MAX];

    if (s->quadratic || s->count == 0)
        return;
    const size_t count = list_worst(list, s, &d);
    for (size_t i = 0; i < count; i++)
        set[i] = s->set[list[i]];
    product_squares(squares, s->problem, set, count, s->h, s->options.threads);
    s->kkt = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double H = squares[i] + s->m_l2[list[i]];
        s->kkt = fmax(s->kkt, fabs(descent_excess(&d, list[i])) / sqrt(H > 0.0 ? H : 1.0));
    }
}

mxp_status sweep_keep(struct sweep_point *point, struct sweep *s, size_t b, mxp_error *error)
{
    mxp_status status;

    sweep_point_clear(point);
    point->scale = s->scale;
    point->loss = s->loss;
    point->penalty = sweep_penalty_at(s, s->m_t);
    point->converged = s->kkt <= sweep_threshold(s, s->scale);
    certify_members(s);
    point->kkt = s->kkt;
    point->iterations = s->iterations;
    point->passes = s->passes;
    s->iterations = s->passes = 0;
    for (size_t a = 0; a < s->count; a++)
        s->batch_gradient[s->set[a] + b * s->k] = s->m_q[a];
    if (!s->quadratic) {
        memcpy(s->batch_eta + b * s->n, s->eta, s->n * sizeof *s->eta);
        memcpy(s->batch_d1 + b * s->n, s->d1, s->n * sizeof *s->d1);
    }
    TRY(status = list_coefficients(point, s, error));
out:
    return status;
}

void sweep_load(struct sweep *s, const struct sweep_point *point)
{
    memcpy(s->theta, s->centre, s->k * sizeof *s->theta);
    for (size_t i = 0; i < point->count; i++)
        s->theta[point->index[i]] = point->theta[i];
}

/* Gaussian: the batch's residuals by rows, and its losses without cancellation. */
static mxp_status batch_rows(struct sweep_point *points, struct sweep *s, size_t count,
                             mxp_error *error)
{
    double *T = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&T, s->count, count, error));
    for (size_t b = 0; b < count; b++) {
        sweep_load(s, &points[b]);
        for (size_t a = 0; a < s->count; a++)
            T[a + b * s->count] = s->theta[s->set[a]] - s->m_centre[a];
        memcpy(s->batch_eta + b * s->n, s->base_eta, s->n * sizeof *s->base_eta);
    }
    TRY(status = product_predictor(s->batch_eta, s->problem, s->set, s->count, T, count,
                                   s->options.threads, error));
    for (size_t b = 0; b < count; b++)
        points[b].loss = sweep_half_squares(s->batch_d1 + b * s->n, s, s->batch_eta + b * s->n);
out:
    free(T);
    return status;
}

/* Z'd1 of the batch for the columns outside the working set. */
static mxp_status batch_gradients(struct sweep *s, size_t outside, size_t count, mxp_error *error)
{
    double *product = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&product, outside, WIDE, error));
    for (size_t b = 0; b < count; b += WIDE) {
        const size_t wide = count - b < WIDE ? count - b : WIDE;
        product_transposed(product, s->problem, s->outside, outside, s->batch_d1 + b * s->n, wide,
                           s->options.threads);
        for (size_t v = 0; v < wide; v++)
            for (size_t i = 0; i < outside; i++)
                s->batch_gradient[s->outside[i] + (b + v) * s->k] = product[i + v * outside];
    }
out:
    free(product);
    return status;
}

/* Whether coefficient j, at its centre, would leave it. */
static bool leaves(const struct sweep *s, size_t j, double g, double scale)
{
    const double l1 = scale * s->l1[j] * (1.0 + 64.0 * DBL_EPSILON);

    return (g > l1 && s->centre[j] > s->lower[j]) || (g < -l1 && s->centre[j] < s->upper[j]);
}

/* sup over t in the bounds of v t - l1 |t - m| - l2 (t - m)^2 / 2. */
static double conjugate(double v, double l1, double l2, double m, double lower, double upper)
{
    const double excess = fabs(v) <= l1 ? 0.0 : v > 0.0 ? v - l1 : v + l1;
    double t = l2 > 0.0 ? m + excess / l2 : excess > 0.0 ? upper : excess < 0.0 ? lower : m;

    t = fmin(fmax(t, lower), upper);
    return v * t - l1 * fabs(t - m) - 0.5 * l2 * (t - m) * (t - m);
}

/* The factor on the dual point that makes it feasible. */
static double feasible(const struct sweep *s, const double *g, double scale)
{
    double by = 1.0;

    for (size_t j = 0; j < s->k; j++) {
        const double l1 = scale * s->l1[j];
        const double bound = g[j] > 0.0 ? s->lower[j] : s->upper[j];
        if (l1 > 0.0 && scale * s->l2[j] + s->fixed[j] == 0.0 && isinf(bound) &&
            by * fabs(g[j]) > l1)
            by = l1 / fabs(g[j]);
    }
    return by;
}

/* P - D at the dual point by d1; s->theta is the point's. */
static double gap(const struct sweep *s, const struct sweep_point *point, const double *g,
                  const double *d1)
{
    const double by = feasible(s, g, point->scale);
    double sum = 0.0, along = 0.0;

    for (size_t j = 0; j < s->k; j++) {
        const double l1 = point->scale * s->l1[j], t = s->theta[j], m = s->centre[j];
        const double l2 = point->scale * s->l2[j] + s->fixed[j], v = -by * g[j];
        along += g[j] * t;
        if (l1 == 0.0 && l2 == 0.0 && isinf(s->lower[j]) && isinf(s->upper[j]))
            sum += fabs(v * t); /* v is 0 up to rounding */
        else if (t != m || m != 0.0 || l1 == 0.0 || fabs(v) > l1)
            sum += l1 * fabs(t - m) + 0.5 * l2 * (t - m) * (t - m) +
                   conjugate(v, l1, l2, m, s->lower[j], s->upper[j]);
    }
    if (s->quadratic)
        return point->loss * (1.0 - by) * (1.0 - by) + by * along + sum;
    return sweep_row_gap(s, point->loss, d1, by) + sum;
}

static size_t list_outside(struct sweep *s)
{
    size_t count = 0;

    for (size_t j = 0; j < s->k; j++)
        if (!s->is_in[j])
            s->outside[count++] = j;
    return count;
}

/* How many points of the batch, in order, nobody outside violates; the violators of the next one
 * join. */
static mxp_status admit(size_t *good, struct sweep *s, const struct sweep_point *points,
                        size_t outside, size_t count, mxp_error *error)
{
    for (size_t b = 0; b < count; b++) {
        const double *g = s->batch_gradient + b * s->k;
        for (size_t i = 0; i < outside; i++)
            if (leaves(s, s->outside[i], g[s->outside[i]], points[b].scale)) {
                *good = b;
                s->at_hand = g;
                return sweep_invite(s, g, NULL, 0.0, points[b].scale, error);
            }
    }
    *good = count;
    return MXP_OK;
}

mxp_status sweep_look(size_t *outside, struct sweep_point *points, struct sweep *s, size_t count,
                      mxp_error *error)
{
    mxp_status status = MXP_OK;

    *outside = list_outside(s);
    if (*outside == 0)
        return MXP_OK;
    if (s->quadratic)
        TRY(status = batch_rows(points, s, count, error));
    TRY(status = batch_gradients(s, *outside, count, error));
    points[0].passes++;
out:
    return status;
}

mxp_status sweep_meet(struct sweep *s, mxp_error *error)
{
    const double *const at_hand = s->at_hand;
    const size_t outside = list_outside(s);
    double *g = NULL, *product;
    mxp_status status;

    TRY(status = mem_doubles(&g, s->k, 2, error));
    product = g + s->k;
    product_transposed(product, s->problem, s->outside, outside, s->d1, 1, s->options.threads);
    for (size_t i = 0; i < outside; i++)
        g[s->outside[i]] = product[i];
    s->at_hand = g;
    s->passes++;
    TRY(status = sweep_invite(s, g, NULL, 0.0, s->scale, error));
out:
    s->at_hand = at_hand;
    free(g);
    return status;
}

/* The last certified gradient, and how it changes with the scale. */
static void take_gradient(struct sweep *s, const double *g, double scale)
{
    const double by = scale - s->certified;

    for (size_t j = 0; j < s->k; j++) {
        s->slope[j] = by != 0.0 ? (g[j] - s->gradient[j]) / by : 0.0;
        s->gradient[j] = g[j];
    }
    s->certified = scale;
}

mxp_status sweep_check(struct sweep_point *points, size_t *good, struct sweep *s, size_t count,
                       mxp_error *error)
{
    const double unit = fmax(s->null_loss - s->saturated, DBL_MIN);
    size_t outside;
    mxp_status status;

    TRY(status = sweep_look(&outside, points, s, count, error));
    TRY(status = admit(good, s, points, outside, count, error));
    for (size_t b = 0; b < *good; b++) {
        const double *g = s->batch_gradient + b * s->k;
        sweep_load(s, &points[b]);
        points[b].gap = gap(s, &points[b], g, s->batch_d1 + b * s->n) / unit;
        points[b].gap = isfinite(points[b].gap) ? fmax(points[b].gap, 0.0) : NAN;
    }
    if (*good)
        take_gradient(s, s->batch_gradient + (*good - 1) * s->k, points[*good - 1].scale);
out:
    return status;
}
