#include "fit/descent.h"
#include "base/hot.h"
#include "base/mem.h"
#include "fit/quadratic.h"
#include "num/factor.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Residuals below this share of the tolerance are left alone; free coordinates are brought to that
 * share, so that the rest of the tolerance is for the others. */
static const double small_share = 0.25, free_share = 0.5;

/* A Newton step's flops run this much faster than a sweep's. */
enum { LEVEL3 = 3, LOOK_EVERY = 8, SWEEPS_MAX = 100000, IDLE_MAX = 50 };

HOT static void add_column(double *q, const double *column, double by, size_t c)
{
#pragma omp simd
    for (size_t a = 0; a < c; a++)
        q[a] += by * column[a];
}

HOT static void add_four(double *q, const double *const *column, const double *by, size_t c)
{
    const double *x = column[0], *y = column[1], *z = column[2], *w = column[3];
    const double s = by[0], t = by[1], u = by[2], v = by[3];

#pragma omp simd
    for (size_t a = 0; a < c; a++)
        q[a] += (s * x[a] + t * y[a]) + (u * z[a] + v * w[a]);
}

void descent_add_all(double *q, const double *G, size_t ld, const size_t *list, const double *by,
                     size_t count, size_t c)
{
    enum { FOUR = 4 };
    const double *column[FOUR];
    double share[FOUR];
    size_t held = 0;

    for (size_t i = 0; i < count; i++) {
        if (by[i] == 0.0)
            continue;
        column[held] = G + (list ? list[i] : i) * ld;
        share[held++] = by[i];
        if (held == FOUR) {
            add_four(q, column, share, c);
            held = 0;
        }
    }
    for (size_t i = 0; i < held; i++)
        add_column(q, column[i], share[i], c);
}

void descent_add(double *q, const double *column, double by, size_t c)
{
    add_column(q, column, by, c);
}

static double diagonal(const struct descent *d, size_t a)
{
    return d->G ? d->G[a + a * d->ld] : d->H[a];
}

double descent_curvature(const struct descent *d, size_t a)
{
    const double H = diagonal(d, a) + d->l2[a];
    return H > 0.0 ? H : 1.0;
}

/* Smooth part's derivative in coordinate a. */
static double slope(const struct descent *d, size_t a)
{
    return d->q[a] + (d->l2[a] > 0.0 ? d->l2[a] * (d->t[a] - d->m[a]) : 0.0);
}

bool descent_pinned(const struct descent *d, size_t a)
{
    return (d->l1[a] > 0.0 && d->t[a] == d->m[a]) || d->t[a] <= d->lower[a] ||
           d->t[a] >= d->upper[a];
}

double descent_target(const struct descent *d, size_t a)
{
    const double H = diagonal(d, a) + d->l2[a], l1 = d->l1[a], t = d->t[a];
    const double s = slope(d, a);
    double to;

    if (!(H > 0.0)) /* a column of zeros: only its prior speaks */
        to = l1 > 0.0 ? d->m[a] : t;
    else if (l1 > 0.0) {
        const double u = t - d->m[a] - s / H, by = l1 / H;
        to = u > by ? d->m[a] + (u - by) : u < -by ? d->m[a] + (u + by) : d->m[a];
    } else
        to = t - s / H;
    return fmin(fmax(to, d->lower[a]), d->upper[a]);
}

double descent_excess(const struct descent *d, size_t a)
{
    const double s = slope(d, a), l1 = d->l1[a], t = d->t[a];
    double r;

    if (l1 > 0.0 && t == d->m[a])
        r = s > l1 ? s - l1 : s < -l1 ? s + l1 : 0.0;
    else
        r = l1 > 0.0 ? s + (t > d->m[a] ? l1 : -l1) : s;
    if ((t <= d->lower[a] && r > 0.0) || (t >= d->upper[a] && r < 0.0))
        r = 0.0;
    return r;
}

double descent_residual_at(const struct descent *d, size_t a)
{
    return fabs(descent_excess(d, a)) / sqrt(descent_curvature(d, a));
}

double descent_residual(const struct descent *d)
{
    double most = 0.0;

    for (size_t a = 0; a < d->c; a++) {
        const double r = descent_residual_at(d, a);
        most = r > most || isnan(r) ? r : most;
    }
    return most;
}

static void move(struct descent *d, size_t a, double to)
{
    const double by = to - d->t[a];

    d->t[a] = to;
    descent_add(d->q, d->G + a * d->ld, by, d->c);
}

/* One update of each coordinate whose residual is not small beside the tolerance; whether any
 * moved. */
static bool sweep(struct descent *d, double tolerance)
{
    const double small = small_share * small_share * tolerance * tolerance;
    bool moved = false;

    for (size_t a = 0; a < d->c; a++) {
        const double r = descent_excess(d, a);
        if (r * r <= small * descent_curvature(d, a))
            continue;
        const double to = descent_target(d, a);
        if (to != d->t[a]) {
            move(d, a, to);
            moved = true;
        }
    }
    d->sweeps++;
    return moved;
}

static size_t list_free(struct descent *d)
{
    size_t count = 0;

    for (size_t a = 0; a < d->c; a++)
        if (!descent_pinned(d, a))
            d->list[count++] = a;
    return count;
}

enum { SUB_ARRAYS = 8 };

/* The subproblem of the listed coordinates, the others held: a copy without gaps. */
static mxp_status gather(struct descent *sub, const struct descent *d, size_t count,
                         mxp_error *error)
{
    const double *from[SUB_ARRAYS] = {d->l1, d->l2, d->m, d->lower, d->upper, d->t, d->q, NULL};
    double *to[SUB_ARRAYS], *G;
    struct descent_space *space = d->space;
    mxp_status status = MXP_OK;

    if (space->capacity < (count + SUB_ARRAYS) * count) {
        free(space->values);
        space->values = NULL;
        space->capacity = 2 * (count + SUB_ARRAYS) * count;
        status = mem_doubles(&space->values, space->capacity, 1, error);
    }
    if (status != MXP_OK) {
        space->capacity = 0;
        return status;
    }
    for (size_t k = 0; k < SUB_ARRAYS; k++) {
        to[k] = space->values + k * count;
        for (size_t i = 0; from[k] && i < count; i++)
            to[k][i] = from[k][d->list[i]];
    }
    G = space->values + SUB_ARRAYS * count;
    for (size_t i = 0; i < count; i++) {
        const double *column = d->G + d->list[i] * d->ld;
        for (size_t k = 0; k < count; k++)
            G[k + i * count] = column[d->list[k]];
    }
    *sub = (struct descent){.c = count,
                            .ld = count,
                            .G = G,
                            .l1 = to[0],
                            .l2 = to[1],
                            .m = to[2],
                            .lower = to[3],
                            .upper = to[4],
                            .t = to[5],
                            .q = to[6]};
    return MXP_OK;
}

/* What the subproblem came to. */
static void scatter(struct descent *d, const struct descent *sub)
{
    for (size_t i = 0; i < sub->c; i++)
        if (sub->t[i] != d->t[d->list[i]])
            move(d, d->list[i], sub->t[i]);
    d->sweeps += sub->sweeps;
}

static bool any_pinned(const struct descent *d)
{
    for (size_t a = 0; a < d->c; a++)
        if (descent_pinned(d, a))
            return true;
    return false;
}

/* Along the step up to the first kink or bound; -> the coordinate that stops it, or c. */
static size_t step_length(double *length, const struct descent *d, const double *step)
{
    size_t stops = d->c;

    *length = 1.0;
    for (size_t a = 0; a < d->c; a++) {
        const double t = d->t[a], by = step[a], room = by > 0.0 ? d->upper[a] - t : d->lower[a] - t;
        const double kink = d->m[a] - t;
        double most = fabs(room);
        if (d->l1[a] > 0.0 && kink * by > 0.0)
            most = fmin(most, fabs(kink));
        if (fabs(by) * *length > most) {
            *length = most / fabs(by);
            stops = a;
        }
    }
    return stops;
}

static double stop_value(const struct descent *d, size_t a, double by)
{
    const double kink = d->m[a] - d->t[a];
    const double bound = by > 0.0 ? d->upper[a] : d->lower[a];

    if (d->l1[a] > 0.0 && kink * by > 0.0 && fabs(kink) <= fabs(bound - d->t[a]))
        return d->m[a];
    return bound;
}

static void walk(struct descent *d, const double *step)
{
    double length;
    const size_t stops = step_length(&length, d, step);

    for (size_t a = 0; a < d->c; a++) {
        double to = a == stops ? stop_value(d, a, step[a]) : d->t[a] + length * step[a];
        to = fmin(fmax(to, d->lower[a]), d->upper[a]);
        if (to != d->t[a])
            move(d, a, to);
    }
}

/* A Newton step of coordinates that are all off their kinks and bounds; *done: it could be made. */
static mxp_status newton_step(bool *done, struct descent *d, mxp_error *error)
{
    const size_t c = d->c;
    struct factor *factor = NULL;
    double *H = NULL, *step;
    mxp_status status;

    *done = false;
    TRY(status = mem_doubles(&H, c + 1, c, error));
    step = H + c * c;
    memcpy(H, d->G, c * c * sizeof *H);
    for (size_t a = 0; a < c; a++) {
        H[a + a * c] += d->l2[a];
        step[a] = -slope(d, a) - (d->l1[a] == 0.0 ? 0.0 : d->t[a] > d->m[a] ? d->l1[a] : -d->l1[a]);
    }
    TRY(status = factor_cholesky(&factor, H, c, c, error));
    if (!(factor->rcond > 1e-10))
        goto out;
    factor_solve(step, factor);
    walk(d, step);
    *done = true;
out:
    factor_free(factor);
    free(H);
    return status;
}

/* Whether sweeps at this rate would cost more than a Newton step. */
static bool too_slow(const struct descent *d, double before, double now, double tolerance)
{
    const double c = (double)d->c, rate = log(before / now) / LOOK_EVERY;
    const double left = rate > 0.0 ? log(now / tolerance) / rate : INFINITY;

    return left > c / (3.0 * LEVEL3) + 4.0;
}

/* Descends on coordinates that start off their kinks and bounds; *singular: it is slow, and no Newton
 * step can be made, because their columns are dependent. */
static mxp_status descend_free(struct descent *d, bool *singular, double tolerance,
                               mxp_error *error)
{
    double before = descent_residual(d);
    bool moved = true, newton;
    mxp_status status = MXP_OK;

    *singular = false;
    while (before > tolerance && moved) {
        for (int n = 0; moved && n < LOOK_EVERY; n++)
            moved = sweep(d, tolerance);
        const double now = descent_residual(d);
        if (now <= tolerance || isnan(now))
            break;
        if (!any_pinned(d) && too_slow(d, before, now, tolerance)) {
            TRY(status = newton_step(&newton, d, error));
            *singular = !newton;
            break; /* somebody may have come to its kink */
        }
        if (any_pinned(d))
            break;
        before = now;
    }
out:
    return status;
}

/* The exact search over signs, which knows what to do where columns are dependent. */
static mxp_status search(struct descent *d, mxp_error *error)
{
    const size_t c = d->c;
    double *H = NULL, *g, *to;
    mxp_status status;

    TRY(status = mem_doubles(&H, c + 2, c, error));
    g = H + c * c;
    to = g + c;
    for (size_t a = 0; a < c; a++) {
        memcpy(H + a * c, d->G + a * d->ld, c * sizeof *H);
        H[a + a * c] += d->l2[a];
        g[a] = slope(d, a);
    }
    const struct quadratic q = {.c = c,
                                .H = H,
                                .g = g,
                                .t = d->t,
                                .l1 = d->l1,
                                .m = d->m,
                                .lower = d->lower,
                                .upper = d->upper};
    struct quadratic_answer answer = {.target = to};
    TRY(status = quadratic_solve(&answer, &q, error));
    for (size_t a = 0; a < c; a++)
        if (to[a] != d->t[a])
            move(d, a, to[a]);
out:
    free(H);
    return status;
}

mxp_status descent_run(struct descent *d, double tolerance, mxp_error *error)
{
    struct descent sub;
    double best = INFINITY;
    bool singular, searched = false;
    mxp_status status = MXP_OK;

    d->sweeps = 0;
    for (int idle = 0; idle < IDLE_MAX;) {
        double now = descent_residual(d);
        if (now <= tolerance)
            break;
        const bool moved = sweep(d, tolerance);
        now = descent_residual(d);
        if (isnan(now))
            return FAIL(error, MXP_NUMERIC, "a value that is not finite in coordinate descent");
        if (now <= tolerance || !moved || d->sweeps > SWEEPS_MAX)
            break;
        idle = now < 0.5 * best ? 0 : idle + 1;
        best = fmin(best, now);
        TRY(status = gather(&sub, d, list_free(d), error));
        if (sub.c == 0)
            continue;
        TRY(status = descend_free(&sub, &singular, free_share * tolerance, error));
        scatter(d, &sub);
        if (singular && !searched)
            TRY(status = search(d, error));
        searched = searched || singular;
    }
out:
    return status;
}
