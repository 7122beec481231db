#include "fit/support.h"
#include "base/mem.h"
#include "num/factor.h"
#include "num/la.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { ROUNDS_MAX = 60, JOIN_MAX = 32 };
/* A pivot below this share of its diagonal entry is not trusted. */
static const double least_pivot = 1e-9;

void support_free(struct support *support)
{
    free(support->member);
    free(support->place);
    free(support->R);
    free(support->l2);
    free(support->work);
    *support = (struct support){0};
}

void support_forget(struct support *support)
{
    for (size_t i = 0; i < support->count; i++)
        support->place[support->member[i]] = 0;
    support->count = 0;
}

mxp_status support_reserve(struct support *support, size_t c, mxp_error *error)
{
    struct support fresh = {.capacity = c};
    mxp_status status;

    if (c <= support->capacity)
        return MXP_OK;
    TRY(status = MEM_NEW(&fresh.member, c, error));
    TRY(status = MEM_NEW(&fresh.place, c, error));
    TRY(status = mem_doubles(&fresh.R, c, c, error));
    TRY(status = mem_doubles(&fresh.l2, c, 1, error));
    TRY(status = mem_doubles(&fresh.work, c, 3, error));
    for (size_t i = 0; i < support->count; i++) {
        fresh.member[i] = support->member[i];
        fresh.place[fresh.member[i]] = i + 1;
        fresh.l2[fresh.member[i]] = support->l2[fresh.member[i]];
        memcpy(fresh.R + i * c, support->R + i * support->capacity, (i + 1) * sizeof *fresh.R);
    }
    fresh.count = support->count;
    const struct support old = *support;
    *support = fresh;
    fresh = old;
out:
    support_free(&fresh);
    return status;
}

/* Row and column i of the factored block are taken away; rotations make R a triangle again, column by
 * column. */
static void remove_at(struct support *s, size_t i)
{
    const size_t ld = s->capacity;
    double *cosine = s->work, *sine = s->work + ld;

    s->place[s->member[i]] = 0;
    for (size_t c = i; c + 1 < s->count; c++) {
        double *to = s->R + c * ld;
        s->member[c] = s->member[c + 1];
        s->place[s->member[c]] = c + 1;
        memcpy(to, s->R + (c + 1) * ld, (c + 2) * sizeof *to);
        for (size_t r = i; r < c; r++) {
            const double a = to[r], b = to[r + 1];
            to[r] = cosine[r] * a + sine[r] * b;
            to[r + 1] = cosine[r] * b - sine[r] * a;
        }
        const double a = to[c], b = to[c + 1], h = hypot(a, b);
        cosine[c] = h > 0.0 ? a / h : 1.0;
        sine[c] = h > 0.0 ? b / h : 0.0;
        to[c] = h;
    }
    s->count--;
}

/* The coordinate joins at the end; false: its column depends on those that are there. */
static bool join(struct support *s, const struct descent *d, size_t a)
{
    const double *column = d->G + a * d->ld;
    const double H = column[a] + d->l2[a];
    double *r = s->R + s->count * s->capacity, square = 0.0;

    for (size_t i = 0; i < s->count; i++)
        r[i] = column[s->member[i]];
    if (s->count)
        la_triangle_solve(r, s->R, s->capacity, s->count, true);
    for (size_t i = 0; i < s->count; i++)
        square += r[i] * r[i];
    if (!(H - square > least_pivot * H))
        return false;
    r[s->count] = sqrt(H - square);
    s->member[s->count] = a;
    s->l2[a] = d->l2[a];
    s->place[a] = ++s->count;
    return true;
}

/* All of them at once; false: the block is not definite. */
static mxp_status factor_all(bool *done, struct support *s, const struct descent *d,
                             mxp_error *error)
{
    const size_t n = s->count;
    struct factor *factor = NULL;
    double *H = NULL;
    mxp_status status;

    *done = n == 0;
    if (n == 0)
        return MXP_OK;
    TRY(status = mem_doubles(&H, n, n, error));
    for (size_t i = 0; i < n; i++) {
        const double *column = d->G + s->member[i] * d->ld;
        for (size_t k = i; k < n; k++)
            H[k + i * n] = column[s->member[k]];
        H[i + i * n] += d->l2[s->member[i]];
        s->l2[s->member[i]] = d->l2[s->member[i]];
    }
    TRY(status = factor_cholesky(&factor, H, n, n, error));
    *done = factor->rcond > least_pivot;
    for (size_t c = 0; *done && c < n; c++)
        for (size_t r = 0; r <= c; r++)
            s->R[r + c * s->capacity] = factor->R[r + c * n] * factor->scale[c];
out:
    factor_free(factor);
    free(H);
    return status;
}

static bool is_pinned(const struct descent *d, size_t a)
{
    return (d->l1[a] > 0.0 && d->t[a] == d->m[a]) || d->t[a] <= d->lower[a] ||
           d->t[a] >= d->upper[a];
}

/* The support becomes what is off its kinks and bounds; *good false: it cannot be factored. */
static mxp_status synchronise(bool *good, struct support *s, const struct descent *d,
                              mxp_error *error)
{
    size_t off = 0, new = 0;
    bool same = true;

    for (size_t i = 0; i < s->count; i++)
        same = same && s->l2[s->member[i]] == d->l2[s->member[i]];
    for (size_t a = 0; a < d->c; a++) {
        off += !is_pinned(d, a);
        new += !is_pinned(d, a) && !s->place[a];
    }
    *good = true;
    if (!same || 4 * new > off) {
        support_forget(s);
        for (size_t a = 0; a < d->c; a++)
            if (!is_pinned(d, a)) {
                s->member[s->count] = a;
                s->place[a] = ++s->count;
            }
        const mxp_status status = factor_all(good, s, d, error);
        if (status != MXP_OK || !*good)
            support_forget(s);
        return status;
    }
    for (size_t i = s->count; i > 0; i--)
        if (is_pinned(d, s->member[i - 1]))
            remove_at(s, i - 1);
    for (size_t a = 0; a < d->c && *good; a++)
        if (!is_pinned(d, a) && !s->place[a])
            *good = join(s, d, a);
    return MXP_OK;
}

void support_renumber(struct support *support, const size_t *new_of)
{
    for (size_t i = support->count; i > 0; i--)
        if (new_of[support->member[i - 1]] == SIZE_MAX)
            remove_at(support, i - 1);
    double *l2 = support->work;
    for (size_t i = 0; i < support->count; i++)
        l2[i] = support->l2[support->member[i]];
    memset(support->place, 0, support->capacity * sizeof *support->place);
    for (size_t i = 0; i < support->count; i++) {
        support->member[i] = new_of[support->member[i]];
        support->place[support->member[i]] = i + 1;
        support->l2[support->member[i]] = l2[i];
    }
}

/* The sign with which a coordinate's kink counts: the side where it is, or to which it leaves. */
static double side(const struct descent *d, size_t a)
{
    if (d->l1[a] == 0.0)
        return 0.0;
    if (d->t[a] != d->m[a])
        return d->t[a] > d->m[a] ? 1.0 : -1.0;
    return descent_excess(d, a) > 0.0 ? -1.0 : 1.0;
}

/* The largest residual on the support; step is the Newton step to its end. */
static double newton(double *step, const struct support *s, const struct descent *d)
{
    double most = 0.0;

    for (size_t i = 0; i < s->count; i++) {
        const size_t a = s->member[i];
        const double H = d->G[a + a * d->ld] + d->l2[a];
        const double g = d->q[a] + (d->l2[a] > 0.0 ? d->l2[a] * (d->t[a] - d->m[a]) : 0.0) +
                         side(d, a) * d->l1[a];
        most = fmax(most, fabs(g) / sqrt(H));
        step[i] = -g;
    }
    if (s->count) {
        la_triangle_solve(step, s->R, s->capacity, s->count, true);
        la_triangle_solve(step, s->R, s->capacity, s->count, false);
    }
    return most;
}

/* How far coordinate a can go along `by` before its kink or bound, and what it is there. */
static double room(double *end, const struct descent *d, size_t a, double by)
{
    const double t = d->t[a], kink = d->m[a];
    double most = by > 0.0 ? d->upper[a] - t : t - d->lower[a];

    *end = by > 0.0 ? d->upper[a] : d->lower[a];
    if (d->l1[a] > 0.0 && t != kink && (kink - t) * by > 0.0 && fabs(kink - t) <= most) {
        most = fabs(kink - t);
        *end = kink;
    }
    if (d->l1[a] > 0.0 && t == kink && side(d, a) * by < 0.0) { /* not where it wanted to go */
        most = 0.0;
        *end = kink;
    }
    return most;
}

/* Along the step up to the first kink or bound; who comes to it leaves.  Whether all went.  step is used
 * up. */
static bool walk(struct support *s, struct descent *d, double *step)
{
    double length = 1.0, end = 0.0, at;
    size_t stops = s->count;

    for (size_t i = 0; i < s->count; i++) {
        const double most = room(&at, d, s->member[i], step[i]);
        if (fabs(step[i]) * length > most) {
            length = most / fabs(step[i]);
            stops = i;
            end = at;
        }
    }
    for (size_t i = 0; i < s->count; i++) {
        const size_t a = s->member[i];
        const double to = i == stops ? end : d->t[a] + length * step[i];
        step[i] = to - d->t[a];
        d->t[a] = to;
    }
    descent_add_all(d->q, d->G, d->ld, s->member, step, s->count, d->c);
    if (stops < s->count)
        remove_at(s, stops);
    return stops == s->count && length == 1.0;
}

/* The worst violators outside join, at most JOIN_MAX; *worst: the largest residual among them. */
static bool invite(double *worst, struct support *s, const struct descent *d, double tolerance)
{
    size_t list[JOIN_MAX], count = 0;
    double size[JOIN_MAX];

    *worst = 0.0;
    for (size_t a = 0; a < d->c; a++) {
        if (s->place[a])
            continue;
        const double H = d->G[a + a * d->ld] + d->l2[a];
        const double r = fabs(descent_excess(d, a)) / sqrt(H > 0.0 ? H : 1.0);
        *worst = fmax(*worst, r);
        if (r <= tolerance || !(H > 0.0) || (count == JOIN_MAX && r <= size[count - 1]))
            continue;
        size_t i = count < JOIN_MAX ? count++ : count - 1;
        for (; i > 0 && size[i - 1] < r; i--) {
            size[i] = size[i - 1];
            list[i] = list[i - 1];
        }
        size[i] = r;
        list[i] = a;
    }
    for (size_t i = 0; i < count; i++)
        if (!join(s, d, list[i]))
            return false;
    return true;
}

/* Whether few coordinates change sides: many are brought in cheaper by descent. */
static bool is_near(const struct support *s, const struct descent *d, double tolerance)
{
    size_t count = 0;

    for (size_t a = 0; a < d->c; a++)
        count += !s->place[a] && descent_residual_at(d, a) > tolerance;
    return count <= 2 * JOIN_MAX + s->count / 8;
}

mxp_status support_run(struct support *s, struct descent *d, double tolerance, mxp_error *error)
{
    bool good;
    double *step, worst;
    mxp_status status;

    TRY(status = support_reserve(s, d->c, error));
    TRY(status = synchronise(&good, s, d, error));
    step = s->work + 2 * s->capacity;
    good = good && is_near(s, d, tolerance);
    for (int n = 0; good && n < ROUNDS_MAX; n++) {
        const double residual = newton(step, s, d);
        d->sweeps++;
        if (isnan(residual))
            break;
        if (residual > 0.5 * tolerance && !walk(s, d, step))
            continue;
        good = invite(&worst, s, d, tolerance);
        if (worst <= tolerance && residual <= 0.5 * tolerance)
            break;
    }
out:
    return status;
}
