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
    size_t *set; /* coordinates off their kink and bounds, ascending */
    size_t set_count;
    size_t *slid;         /* how often each was pinned because its support was singular */
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

static double lower(const struct quadratic *q, size_t j)
{
    return q->lower ? q->lower[j] : -INFINITY;
}

static double upper(const struct quadratic *q, size_t j)
{
    return q->upper ? q->upper[j] : INFINITY;
}

/* On its kink or a bound. */
static bool pinned(const struct search *s, size_t j)
{
    const struct quadratic *q = s->q;
    return (!smooth(q, j) && s->x[j] == q->m[j]) || s->x[j] <= lower(q, j) ||
           s->x[j] >= upper(q, j);
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
    move(s, j, fmin(fmax(q->m[j] + to, lower(q, j)), upper(q, j)));
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
        if (!pinned(s, j))
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

/* Where along the step a coordinate is pinned first. */
struct event {
    double alpha; /* steps until then */
    size_t first; /* whose; c: none before */
    double where; /* its kink or bound */
};

static void note_event(struct event *event, size_t j, double x, double step, double where)
{
    const double alpha = (where - x) / step;

    if ((where - x) * step > 0.0 && alpha < event->alpha)
        *event = (struct event){alpha, j, where};
}

static struct event first_event(const struct search *s, double most)
{
    const struct quadratic *q = s->q;
    struct event event = {most, q->c, NAN};

    for (size_t i = 0; i < s->set_count; i++) {
        const size_t j = s->set[i];
        if (!smooth(q, j))
            note_event(&event, j, s->x[j], s->step[i], q->m[j]);
        if (q->lower)
            note_event(&event, j, s->x[j], s->step[i],
                       s->step[i] > 0.0 ? upper(q, j) : lower(q, j));
    }
    return event;
}

/* Goes along the step; the coordinate of the event is pinned, the others stay off their kinks. */
static void go(struct search *s, const struct event *event)
{
    const struct quadratic *q = s->q;

    for (size_t i = 0; i < s->set_count; i++) {
        const size_t j = s->set[i];
        double to = s->x[j] + event->alpha * s->step[i];
        if (j == event->first)
            to = event->where;
        else if (!smooth(q, j) && to == q->m[j])
            to = nextafter(to, s->x[j]);
        move(s, j, fmin(fmax(to, lower(q, j)), upper(q, j)));
    }
}

/* Walks along the step to its end or to the first kink or bound on the way (where that coordinate
 * then sits).  True when the end was reached. */
static bool walk(struct search *s)
{
    const struct event event = first_event(s, 1.0);

    go(s, &event);
    return event.first == s->q->c;
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

/* A singular support: along its null direction only kinks and bounds count, so that the minimum is
 * at one of them.  *slid false: there is none. */
static mxp_status slide(struct search *s, bool *slid, mxp_error *error)
{
    mxp_status status;

    TRY(status = take_null_direction(s, error));
    struct event event = first_event(s, INFINITY);
    if (event.first == s->q->c) { /* dependent to rounding: the other way is as good */
        for (size_t i = 0; i < s->set_count; i++)
            s->step[i] = -s->step[i];
        event = first_event(s, INFINITY);
    }
    *slid = event.first < s->q->c;
    if (*slid) {
        go(s, &event);
        s->slid[event.first]++;
        refresh(s);
    }
out:
    return status;
}

/* How fast the objective falls where a pinned coordinate leaves; not above 0: it does not. */
static double pull(const struct search *s, size_t j)
{
    const struct quadratic *q = s->q;
    const double x = s->x[j], l1 = q->l1[j];
    const double right = x < upper(q, j) ? -(s->r[j] + (x >= q->m[j] ? l1 : -l1)) : -INFINITY;
    const double left = x > lower(q, j) ? s->r[j] + (x <= q->m[j] ? -l1 : l1) : -INFINITY;

    return fmax(right, left);
}

/* The worst violator among the pinned coordinates leaves by its one-coordinate step.  False when
 * there is none beyond rounding. */
static bool release(struct search *s)
{
    const struct quadratic *q = s->q;
    size_t best = q->c;
    double most = 0.0;

    for (size_t j = 0; j < q->c; j++) {
        const double h = q->H[j + j * q->c];
        if (!pinned(s, j) || !(h > 0.0) || s->slid[j] > 1)
            continue;
        const double excess = pull(s, j);
        const double rounding = 1e-14 * (smooth(q, j) ? fabs(q->g[j]) : q->l1[j]);
        if (excess > rounding && excess / sqrt(h) > most) {
            most = excess / sqrt(h);
            best = j;
        }
    }
    if (best == q->c)
        return false;
    const double before = s->x[best];
    (void)descend(s, best);
    return s->x[best] != before;
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
    bool kinked = problem->lower || problem->upper;
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
