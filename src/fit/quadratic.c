#include "fit/quadratic.h"
#include "base/mem.h"
#include "num/factor.h"
#include "num/la.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { SWEEPS_FIRST = 50, SWEEPS_LAST = 20000 };

/* State of the search: the current point x = t + delta and r = g + H delta. */
struct search {
    const struct quadratic *q;
    double *x, *r;
    size_t *set; /* coordinates off their kink, ascending */
    size_t set_count;
    size_t *slid;         /* how often each was put on its kink because its support was singular */
    double *block, *step; /* c x c and c: workspace */
    double *storage;
};

static void search_free(struct search *s)
{
    free(s->storage);
    free(s->set);
    free(s->slid);
}

static mxp_status search_new(struct search *s, const struct quadratic *q, mxp_error *error)
{
    const size_t c = q->c;
    mxp_status status;

    *s = (struct search){.q = q};
    TRY(status = mem_doubles(&s->storage, c + 3, c, error));
    TRY(status = MEM_NEW(&s->set, c, error));
    TRY(status = MEM_NEW(&s->slid, c, error));
    s->x = s->storage;
    s->r = s->storage + c;
    s->step = s->storage + 2 * c;
    s->block = s->storage + 3 * c;
    memcpy(s->x, q->t, c * sizeof *s->x);
    memcpy(s->r, q->g, c * sizeof *s->r);
out:
    return status;
}

static bool smooth(const struct quadratic *q, size_t j)
{
    return q->l1[j] == 0.0;
}

static double sign_of(const struct search *s, size_t j)
{
    return smooth(s->q, j) || s->x[j] == s->q->m[j] ? 0.0 : s->x[j] > s->q->m[j] ? 1.0 : -1.0;
}

static void move(struct search *s, size_t j, double to)
{
    const double by = to - s->x[j];
    const double *column = s->q->H + j * s->q->c;

    if (by == 0.0)
        return;
    s->x[j] = to;
    for (size_t i = 0; i < s->q->c; i++)
        s->r[i] += by * column[i];
}

/* One coordinate to its minimum; how far it moved in units of 1 / sqrt(H_jj). */
static double descend(struct search *s, size_t j)
{
    const struct quadratic *q = s->q;
    const double h = q->H[j + j * q->c];

    if (!(h > 0.0)) {
        if (!smooth(q, j) && fabs(s->r[j]) <= q->l1[j])
            move(s, j, q->m[j]);
        return 0.0;
    }
    const double free = s->x[j] - s->r[j] / h - q->m[j], limit = q->l1[j] / h;
    const double to = free > limit ? free - limit : free < -limit ? free + limit : 0.0;
    const double before = s->x[j];
    move(s, j, q->m[j] + to);
    return fabs(s->x[j] - before) * sqrt(h);
}

static void sweep(struct search *s, size_t most, double tolerance)
{
    for (size_t n = 0; n < most; n++) {
        double largest = 0.0;
        for (size_t j = 0; j < s->q->c; j++)
            largest = fmax(largest, descend(s, j));
        if (largest <= tolerance)
            return;
    }
}

static void collect(struct search *s)
{
    s->set_count = 0;
    for (size_t j = 0; j < s->q->c; j++)
        if (smooth(s->q, j) || s->x[j] != s->q->m[j])
            s->set[s->set_count++] = j;
}

/* The Newton step on the set with its signs held, in s->step; rcond 0 when its block is singular. */
static mxp_status solve_set(struct search *s, double *rcond, mxp_error *error)
{
    const struct quadratic *q = s->q;
    const size_t a = s->set_count;
    struct factor *factor = NULL;
    mxp_status status = MXP_OK;

    *rcond = 1.0;
    if (a == 0)
        return MXP_OK;
    for (size_t j = 0; j < a; j++)
        for (size_t i = j; i < a; i++)
            s->block[i + j * a] = q->H[s->set[i] + s->set[j] * q->c];
    TRY(status = factor_cholesky(&factor, s->block, a, a, error));
    *rcond = factor->rcond;
    if (!(factor->rcond > DBL_EPSILON)) {
        *rcond = 0.0;
        goto out;
    }
    for (size_t i = 0; i < a; i++)
        s->step[i] = -(s->r[s->set[i]] + q->l1[s->set[i]] * sign_of(s, s->set[i]));
    factor_solve(s->step, factor);
out:
    factor_free(factor);
    return status;
}

/* r afresh from delta: the running updates have rounded. */
static void refresh(struct search *s)
{
    const size_t c = s->q->c;

    for (size_t j = 0; j < c; j++)
        s->step[j] = s->x[j] - s->q->t[j];
    memcpy(s->r, s->q->g, c * sizeof *s->r);
    la_multiply_add(s->r, 1.0, s->q->H, c, c, c, s->step);
}

/* How far along the step the first kink is, and whose; `most` and c where there is none before. */
static double first_kink(const struct search *s, double most, size_t *first)
{
    const struct quadratic *q = s->q;

    *first = q->c;
    for (size_t i = 0; i < s->set_count; i++) {
        const size_t j = s->set[i];
        const double to_kink = q->m[j] - s->x[j];
        if (smooth(q, j) || to_kink * s->step[i] <= 0.0)
            continue;
        const double at = to_kink / s->step[i];
        if (at < most) {
            most = at;
            *first = j;
        }
    }
    return most;
}

/* Goes `alpha` steps; coordinate `first` is put on its kink, the others stay off theirs. */
static void go(struct search *s, double alpha, size_t first)
{
    const struct quadratic *q = s->q;

    for (size_t i = 0; i < s->set_count; i++) {
        const size_t j = s->set[i];
        if (j == first) {
            move(s, j, q->m[j]);
            continue;
        }
        const double to = s->x[j] + alpha * s->step[i];
        move(s, j, !smooth(q, j) && to == q->m[j] ? nextafter(to, s->x[j]) : to);
    }
}

/* Walks along the step to its end or to the first kink on the way (which that coordinate then
 * sits on).  True when the end was reached. */
static bool walk(struct search *s)
{
    size_t first;
    const double alpha = first_kink(s, 1.0, &first);

    go(s, alpha, first);
    return first == s->q->c;
}

/* s->step becomes the direction in which the set's singular block is flattest, downhill. */
static mxp_status take_null_direction(struct search *s, mxp_error *error)
{
    const struct quadratic *q = s->q;
    const size_t a = s->set_count;
    double *values = NULL, slope = 0.0;
    mxp_status status;

    TRY(status = mem_doubles(&values, a, 2, error));
    double *scale = values + a;
    for (size_t i = 0; i < a; i++) {
        const double h = q->H[s->set[i] + s->set[i] * q->c];
        scale[i] = h > 0.0 ? sqrt(h) : 1.0;
    }
    for (size_t j = 0; j < a; j++)
        for (size_t i = 0; i < a; i++)
            s->block[i + j * a] = q->H[s->set[i] + s->set[j] * q->c] / (scale[i] * scale[j]);
    TRY(status = la_eigen(values, s->block, a, a, error));
    for (size_t i = 0; i < a; i++) {
        const size_t j = s->set[i];
        s->step[i] = fabs(s->block[i]) > 1e-7 ? s->block[i] / scale[i] : 0.0;
        slope += s->step[i] * (s->r[j] + q->l1[j] * sign_of(s, j));
    }
    for (size_t i = 0; i < a && slope > 0.0; i++)
        s->step[i] = -s->step[i];
out:
    free(values);
    return status;
}

/* A singular support: along its null direction only the kinks count, so that the minimum is at
 * one of them.  *slid false: there is none. */
static mxp_status slide(struct search *s, bool *slid, mxp_error *error)
{
    size_t first;
    double alpha;
    mxp_status status;

    TRY(status = take_null_direction(s, error));
    alpha = first_kink(s, INFINITY, &first);
    if (first == s->q->c) { /* dependent to rounding: the other way is as good */
        for (size_t i = 0; i < s->set_count; i++)
            s->step[i] = -s->step[i];
        alpha = first_kink(s, INFINITY, &first);
    }
    *slid = first < s->q->c;
    if (*slid) {
        go(s, alpha, first);
        s->slid[first]++;
        refresh(s);
    }
out:
    return status;
}

/* The worst violator among coordinates on their kink leaves it by its one-coordinate step.  False
 * when there is none beyond rounding. */
static bool release(struct search *s)
{
    const struct quadratic *q = s->q;
    size_t best = q->c;
    double most = 0.0;

    for (size_t j = 0; j < q->c; j++) {
        const double h = q->H[j + j * q->c];
        if (smooth(q, j) || s->x[j] != q->m[j] || !(h > 0.0) || s->slid[j] > 1)
            continue;
        const double excess = fabs(s->r[j]) - q->l1[j];
        if (excess > 1e-14 * q->l1[j] && excess / sqrt(h) > most) {
            most = excess / sqrt(h);
            best = j;
        }
    }
    if (best == q->c)
        return false;
    (void)descend(s, best);
    return s->x[best] != q->m[best];
}

static mxp_status search_signs(struct search *s, struct quadratic_answer *answer, mxp_error *error)
{
    const size_t most = 20 * s->q->c + 100;
    mxp_status status;

    answer->exact = true;
    for (size_t n = 0; n < most; n++) {
        collect(s);
        TRY(status = solve_set(s, &answer->rcond, error));
        if (answer->rcond == 0.0) {
            bool slid;
            TRY(status = slide(s, &slid, error));
            if (!slid)
                break;
            continue;
        }
        if (!walk(s))
            continue;
        refresh(s);
        if (!release(s))
            return MXP_OK;
    }
    /* a dependent support, or a cycle by rounding: descent to rounding is as good as it gets */
    answer->exact = false;
    refresh(s);
    sweep(s, SWEEPS_LAST, 1e-14);
    status = MXP_OK;
out:
    return status;
}

mxp_status quadratic_solve(struct quadratic_answer *answer, const struct quadratic *problem,
                           mxp_error *error)
{
    struct search s;
    bool kinked = false;
    mxp_status status;

    TRY(status = search_new(&s, problem, error));
    for (size_t j = 0; j < problem->c; j++)
        kinked = kinked || !smooth(problem, j);
    answer->exact = true;
    if (kinked) {
        sweep(&s, SWEEPS_FIRST, 1e-6);
        TRY(status = search_signs(&s, answer, error));
    } else {
        collect(&s);
        TRY(status = solve_set(&s, &answer->rcond, error));
        for (size_t j = 0; j < problem->c && answer->rcond > 0.0; j++)
            s.x[j] += s.step[j];
    }
    memcpy(answer->target, s.x, problem->c * sizeof *answer->target);
out:
    search_free(&s);
    return status;
}
