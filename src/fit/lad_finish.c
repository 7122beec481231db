#include "base/mem.h"
#include "fit/lad_held.h"
#include "num/la.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const double flat_slope = 1e-9, bound_slack = 1e-10;

/* How far rounding may leave the residual of row i from 0. */
static double zero_size(const struct held *x, size_t i)
{
    double size = fabs(x->lad->y[i]);

    for (size_t j = 0; i < x->n && j < x->k; j++)
        size += fabs(x->lad->A[i + j * x->n]) * fmax(fabs(x->answer->d[j]), x->reach);
    return 1e3 * (x->lad->rounding[i] + DBL_EPSILON * size);
}

/* Signs after the held rows have moved; a held row that depends on others and is not at 0 with
 * them is let go.  Whether one was. */
static bool take_sides(struct held *x)
{
    struct lad_answer *answer = x->answer;
    bool let_go = false;

    lad_residuals(answer->r, x->lad, answer->d);
    for (size_t i = 0; i < x->N; i++) {
        if (answer->side[i] == 0 && i >= x->n)
            continue;
        if (fabs(answer->r[i]) <= zero_size(x, i))
            continue;
        let_go = let_go || answer->side[i] == 0;
        answer->side[i] = answer->r[i] > 0.0 ? 1 : -1;
    }
    for (size_t i = 0; i < x->N; i++)
        if (answer->side[i] != 0)
            answer->a[i] = x->lad->c[i] * answer->side[i];
    return let_go;
}

/* slope = g + lambda d less the rows that are not held. */
static void take_slope(struct held *x)
{
    const struct lad *lad = x->lad;

    for (size_t i = 0; i < x->N; i++)
        x->when[i] = x->answer->side[i] == 0 ? 0.0 : -x->answer->a[i];
    for (size_t j = 0; j < x->k; j++)
        x->slope[j] = lad->g[j] + lad->lambda[j] * x->answer->d[j];
    lad_transposed_add(x->slope, lad, x->when);
}

/* step = Q w, w of the f - m coordinates of Q2, in all coordinates. */
static void spread(struct held *x, const double *w)
{
    memset(x->step, 0, x->k * sizeof *x->step);
    for (size_t c = x->m; c < x->f; c++)
        for (size_t a = 0; a < x->f; a++)
            x->step[x->free[a]] += x->Q[a + c * x->f] * w[c - x->m];
}

/* What the rows change along the step; the sum of their weighted sizes. */
static double take_along(struct held *x)
{
    const struct lad *lad = x->lad;
    double size = 0.0;

    memset(x->along, 0, x->N * sizeof *x->along);
    la_multiply_add(x->along, 1.0, lad->A, x->n, x->n, x->k, x->step);
    for (size_t e = 0; e < lad->kinks; e++)
        x->along[x->n + e] = x->step[lad->kink[e]];
    for (size_t i = 0; i < x->N; i++)
        size += x->answer->side[i] == 0 ? 0.0 : lad->c[i] * fabs(x->along[i]);
    return size;
}

/* The next row to cross 0 along the step after `from`; N: none.  Held rows do not. */
static size_t next_crossing(const struct held *x, double from)
{
    size_t next = x->N;

    for (size_t i = 0; i < x->N; i++)
        if (x->when[i] >= from && (next == x->N || x->when[i] < x->when[next]))
            next = i;
    return next;
}

static void list_crossings(struct held *x, double largest)
{
    for (size_t i = 0; i < x->N; i++) {
        const int side = x->answer->side[i];
        const bool towards = side * x->along[i] > 1e-13 * largest;
        x->when[i] = side == 0 || !towards ? -1.0 : fmax(0.0, x->answer->r[i] / x->along[i]);
    }
}

static void move(struct held *x, double by)
{
    struct lad_answer *answer = x->answer;

    for (size_t j = 0; j < x->k; j++)
        answer->d[j] += by * x->step[j];
    lad_residuals(answer->r, x->lad, answer->d);
}

/* Holds row i and those that have met 0 with it. */
static void hold_met(struct held *x, size_t i)
{
    struct lad_answer *answer = x->answer;

    answer->side[i] = 0;
    for (size_t b = 0; b < x->N; b++)
        if (fabs(x->along[b]) > 0.0 && fabs(answer->r[b]) <= zero_size(x, b))
            answer->side[b] = 0;
}

enum walked { WALKED_OFF, WALKED_WHOLE, WALKED_CHANGED };

/* From the slope down along the step to the minimum, at most `most` steps: rows that are crossed
 * change sides, the one that stops it is held.  WALKED_OFF: nothing stops it, nothing is moved;
 * WALKED_WHOLE: all of `most`, and no row was met. */
static enum walked walk(struct held *x, double slope, double bend, double most)
{
    double at = 0.0, largest = 0.0;
    bool crossed = false;

    for (size_t i = 0; i < x->N; i++)
        largest = fmax(largest, fabs(x->along[i]));
    list_crossings(x, largest);
    for (;;) {
        const size_t i = next_crossing(x, 0.0);
        const double to = i < x->N ? fmin(x->when[i], most) : most;
        if (!isfinite(to))
            return WALKED_OFF;
        slope += bend * (to - at);
        at = to;
        if (i == x->N || x->when[i] >= most) {
            move(x, at);
            return crossed ? WALKED_CHANGED : WALKED_WHOLE;
        }
        slope += 2.0 * x->lad->c[i] * fabs(x->along[i]);
        x->when[i] = -1.0;
        if (slope >= 0.0) {
            move(x, at);
            hold_met(x, i);
            return WALKED_CHANGED;
        }
        crossed = true;
        x->answer->side[i] = -x->answer->side[i];
    }
}

/* S = Q2' lambda Q2, its eigenvectors in its place and its eigenvalues; *least: what counts as 0
 * among them. */
static mxp_status bend_of(double *least, struct held *x, mxp_error *error)
{
    const size_t f = x->f, s = f - x->m;
    const double *Q2 = x->Q + x->m * f;
    double largest = 0.0, *bent = NULL;
    mxp_status status = MXP_OK;

    for (size_t a = 0; a < f; a++)
        largest = fmax(largest, x->lad->lambda[x->free[a]]);
    *least = 1e-12 * largest;
    if (largest == 0.0) {
        memset(x->S, 0, s * s * sizeof *x->S);
        memset(x->values, 0, s * sizeof *x->values);
        for (size_t b = 0; b < s; b++)
            x->S[b + b * s] = 1.0;
        return MXP_OK;
    }
    TRY(status = mem_doubles(&bent, f, s, error));
    for (size_t b = 0; b < s; b++)
        for (size_t a = 0; a < f; a++)
            bent[a + b * f] = Q2[a + b * f] * x->lad->lambda[x->free[a]];
    la_matmul(x->S, s, Q2, f, true, bent, f, false, s, s, f);
    TRY(status = la_eigen(x->values, x->S, s, s, error));
out:
    free(bent);
    return status;
}

/* The slope along the eigenvectors of S, s values. */
static void slope_along(double *along, struct held *x)
{
    const size_t f = x->f, s = f - x->m;
    double *here = x->v, *there = x->step; /* free until a step is taken */

    for (size_t a = 0; a < f; a++)
        here[a] = x->slope[x->free[a]];
    memset(there, 0, s * sizeof *there);
    memset(along, 0, s * sizeof *along);
    la_multiply_transposed_add(there, 1.0, x->Q + x->m * f, f, f, s, here);
    la_multiply_transposed_add(along, 1.0, x->S, s, s, s, there);
}

static void turn_round(struct held *x)
{
    for (size_t j = 0; j < x->k; j++)
        x->step[j] = -x->step[j];
    for (size_t i = 0; i < x->N; i++)
        x->along[i] = -x->along[i];
}

/* Along one eigenvector without bend: down, or where it is level (the minimum is not unique) to
 * the nearest row either way. */
static enum walked leave_flat(struct held *x, double slope, const double *vector)
{
    spread(x, vector);
    const double size = take_along(x);
    const bool level = fabs(slope) <= flat_slope * size;

    x->answer->unique = x->answer->unique && !level;
    if (slope > 0.0)
        turn_round(x);
    const enum walked walked = walk(x, level ? 0.0 : -fabs(slope), 0.0, INFINITY);
    if (walked != WALKED_OFF || !level)
        return walked;
    turn_round(x);
    return walk(x, 0.0, 0.0, INFINITY);
}

/* Newton's step along the eigenvectors that bend; slopes along all of them are given. */
static enum walked leave_bent(struct held *x, const double *slopes, double least)
{
    const size_t s = x->f - x->m;
    double *w = x->v, slope = 0.0, bend = 0.0;

    memset(w, 0, s * sizeof *w);
    for (size_t e = 0; e < s; e++) {
        if (!(x->values[e] > least))
            continue;
        const double by = -slopes[e] / x->values[e];
        slope += by * slopes[e];
        bend += by * by * x->values[e];
        for (size_t c = 0; c < s; c++)
            w[c] += by * x->S[c + e * s];
    }
    if (bend == 0.0)
        return WALKED_WHOLE;
    spread(x, w);
    (void)take_along(x);
    return walk(x, slope, bend, 1.0);
}

/* Moves in what the held rows leave free. */
static mxp_status move_free(enum walked *walked, struct held *x, mxp_error *error)
{
    const size_t s = x->f - x->m;
    double least, *slopes = NULL;
    mxp_status status;

    *walked = WALKED_WHOLE;
    TRY(status = mem_doubles(&slopes, s, 1, error));
    TRY(status = bend_of(&least, x, error));
    slope_along(slopes, x);
    *walked = leave_bent(x, slopes, least);
    if (*walked == WALKED_WHOLE && !(x->values[0] > least))
        *walked = leave_flat(x, slopes[0], x->S);
out:
    free(slopes);
    return status;
}

/* Lets go of the row whose dual is farthest outside; false: all are inside. */
static bool release(struct held *x)
{
    const double *c = x->lad->c;
    double *a = x->answer->a, worst = 1.0 + bound_slack;
    size_t row = x->N;

    for (size_t i = 0; i < x->N; i++) {
        if (x->answer->side[i] != 0)
            continue;
        if (fabs(a[i]) > worst * c[i]) {
            worst = fabs(a[i]) / c[i];
            row = i;
        }
    }
    for (size_t i = 0; i < x->N; i++)
        a[i] = fmax(-c[i], fmin(c[i], a[i]));
    if (row == x->N)
        return false;
    x->answer->side[row] = a[row] > 0.0 ? 1 : -1;
    x->answer->unique = true;
    return true;
}

/* One round; *done: the dual closes within its bounds.  *lost: nothing stops a descent. */
static mxp_status one_round(bool *done, bool *lost, struct held *x, mxp_error *error)
{
    enum walked walked = WALKED_WHOLE;
    mxp_status status;

    TRY(status = held_collect(x, error));
    held_basis(x);
    held_put(x);
    if (take_sides(x))
        return MXP_OK;
    if (x->f > x->m) {
        held_complete(x);
        take_slope(x);
        TRY(status = move_free(&walked, x, error));
    }
    *lost = walked == WALKED_OFF;
    if (walked != WALKED_WHOLE)
        return MXP_OK;
    take_slope(x);
    TRY(status = held_dual(x, error));
    held_kink_dual(x);
    *done = !release(x);
out:
    return status;
}

mxp_status lad_finish(struct lad_answer *answer, const struct lad *lad, size_t rounds,
                      mxp_error *error)
{
    struct held x;
    bool done = false, lost = false;
    mxp_status status;

    TRY(status = held_new(&x, answer, lad, error));
    answer->unique = true;
    for (size_t n = 0; n < rounds && !done && !lost; n++)
        TRY(status = one_round(&done, &lost, &x, error));
    answer->exact = done;
    lad_residuals(answer->r, lad, answer->d);
out:
    held_free(&x);
    return status;
}
