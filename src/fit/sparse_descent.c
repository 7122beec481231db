#include "fit/sparse_descent.h"
#include "base/mem.h"
#include "data/sparse_product.h"
#include "data/sparse_rows.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* A round: a sweep over all members that may move, in the first round so many more over those off their
 * kinks, then conjugate gradients on these, which bring residuals below their share of the tolerance. */
enum { ROUNDS = 40, SWEEPS = 1, PRODUCTS = 60, LISTED_ARRAYS = 6 };
static const double listed_share = 0.3;
/* A member whose residual is below this share of the tolerance is not moved; one pinned whose gradient is
 * below 1 - near_kink of its kink's does not take part. */
static const double small_share = 0.1, near_kink = 0.4;

/* Member z = by (x - shift), of which x has the values start..end - 1; an intercept has none, and
 * shift -1. */
struct member {
    size_t start, end;
    double by, shift;
    double held; /* sum of h x */
};

struct sparse_descent {
    const struct mxp_problem *problem;
    struct member *member; /* capacity */
    const size_t *set;     /* the caller's */
    size_t count, capacity;
    double *gradient; /* capacity: g */
    size_t *active;   /* 2 x capacity */
    const double *h;  /* the caller's */
    double sum_h;

    /* The step so far as rows see it: v = Z (t - t0) = sum of by x (t - t0) + constant. */
    struct row {
        double h, w; /* w: h times the first part of v */
    } * row;
    double sum_w, constant;

    /* The members off their kinks by rows; kept from step to step while it holds most of them. */
    struct sparse_rows *rows;
    size_t *listed; /* coefficients */
    size_t listed_count;
    uint32_t *place; /* k: 1 + the member that a coefficient is; 0: none */
    double *storage; /* LISTED_ARRAYS x listed_count */
    double *along;   /* n */
};

void sparse_descent_free(struct sparse_descent *x)
{
    if (!x)
        return;
    free(x->member);
    free(x->gradient);
    free(x->active);
    free(x->row);
    free(x->listed);
    free(x->place);
    free(x->storage);
    free(x->along);
    sparse_rows_free(x->rows);
    free(x);
}

mxp_status sparse_descent_new(struct sparse_descent **columns, const struct mxp_problem *problem,
                              mxp_error *error)
{
    struct sparse_descent *x = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&x, 1, error));
    x->problem = problem;
    TRY(status = MEM_NEW(&x->row, problem->n, error));
    TRY(status = MEM_NEW(&x->place, problem->k, error));
    TRY(status = mem_doubles(&x->along, problem->n, 1, error));
    *columns = x;
    x = NULL;
out:
    sparse_descent_free(x);
    return status;
}

static mxp_status make_room(struct sparse_descent *x, size_t count, mxp_error *error)
{
    const size_t capacity = 2 * count;
    mxp_status status = MXP_OK;

    if (count <= x->capacity)
        return MXP_OK;
    free(x->member);
    free(x->gradient);
    free(x->active);
    x->member = NULL;
    x->gradient = NULL;
    x->active = NULL;
    x->capacity = 0;
    TRY(status = MEM_NEW(&x->member, capacity, error));
    TRY(status = mem_doubles(&x->gradient, capacity, 1, error));
    TRY(status = MEM_NEW(&x->active, 2 * capacity, error));
    x->capacity = capacity;
out:
    return status;
}

static struct member describe(const struct mxp_problem *problem, size_t j)
{
    const struct parameter *p = &problem->parameter[j];
    const struct sparse *sparse = problem->design->sparse;

    if (p->column == PROBLEM_INTERCEPT)
        return (struct member){.by = 1.0, .shift = -1.0};
    return (struct member){.start = sparse->start[p->column],
                           .end = sparse->start[p->column + 1],
                           .by = p->sign / p->scale,
                           .shift = p->shift};
}

mxp_status sparse_descent_load(double *H, struct sparse_descent *x, const size_t *set, size_t count,
                               const double *h, mxp_error *error)
{
    const struct sparse *const sparse = x->problem->design->sparse;
    mxp_status status;

    TRY(status = make_room(x, count, error));
    x->set = set;
    x->count = count;
    x->h = h;
    x->sum_h = 0.0;
    for (size_t i = 0; i < x->problem->n; i++)
        x->sum_h += h[i];
    for (size_t a = 0; a < count; a++) {
        struct member *m = &x->member[a];
        double square = 0.0, rest = x->sum_h;
        *m = describe(x->problem, set[a]);
        for (size_t i = m->start; i < m->end; i++) {
            const double hi = h[sparse->row[i]], z = sparse->value[i] - m->shift;
            m->held += hi * sparse->value[i];
            square += hi * z * z;
            rest -= hi;
        }
        H[a] = m->by * m->by * (square + m->shift * m->shift * fmax(rest, 0.0));
    }
out:
    return status;
}

/* Those in their place whose gradient is so far from their kink's that the largest residual of all would
 * not bring it there are left alone (as Yuan, Ho & Lin shrink); the caller sees whether they were right. */
static size_t list_active(size_t *active, const struct descent *d)
{
    double most = 0.0;
    size_t count = 0;

    for (size_t a = 0; a < d->c; a++)
        most = fmax(most, fabs(descent_excess(d, a)));
    for (size_t a = 0; a < d->c; a++)
        if (!descent_pinned(d, a) || fabs(d->q[a]) + fmin(most, near_kink * d->l1[a]) >= d->l1[a])
            active[count++] = a;
    return count;
}

static void begin(struct sparse_descent *x, const struct descent *d)
{
    for (size_t i = 0; i < x->problem->n; i++)
        x->row[i] = (struct row){x->h[i], 0.0};
    x->sum_w = x->constant = 0.0;
    memcpy(x->gradient, d->q, d->c * sizeof *x->gradient);
}

/* sum of x w over member m's column. */
static double dot(const struct sparse_descent *x, const struct member *m)
{
    const struct sparse *const sparse = x->problem->design->sparse;
    const double *const value = sparse->value;
    const uint32_t *const row = sparse->row;
    double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
    size_t i = m->start;

    for (; i + 4 <= m->end; i += 4) {
        a += value[i] * x->row[row[i]].w;
        b += value[i + 1] * x->row[row[i + 1]].w;
        c += value[i + 2] * x->row[row[i + 2]].w;
        d += value[i + 3] * x->row[row[i + 3]].w;
    }
    for (; i < m->end; i++)
        a += value[i] * x->row[row[i]].w;
    return (a + b) + (c + d);
}

/* The gradient of member a where the step is. */
static double gradient(const struct sparse_descent *x, size_t a)
{
    const struct member *m = &x->member[a];

    return x->gradient[a] + m->by * (dot(x, m) + x->constant * m->held -
                                     m->shift * (x->sum_w + x->constant * x->sum_h));
}

static void move(struct sparse_descent *x, struct descent *d, size_t a, double to)
{
    const struct sparse *const sparse = x->problem->design->sparse;
    const struct member *m = &x->member[a];
    const double by = m->by * (to - d->t[a]);

    for (size_t i = m->start; i < m->end; i++) {
        struct row *r = &x->row[sparse->row[i]];
        r->w += by * sparse->value[i] * r->h;
    }
    x->sum_w += by * m->held;
    x->constant -= by * m->shift;
    d->t[a] = to;
}

/* One update of each active member; those that stay at their kink or bound are active no more.  -> the
 * largest residual met. */
static double sweep(struct sparse_descent *x, struct descent *d, size_t *active, size_t *count,
                    double tolerance)
{
    double most = 0.0;
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++) {
        const size_t a = active[i];
        d->q[a] = gradient(x, a);
        const double r = descent_residual_at(d, a);
        most = r > most || isnan(r) ? r : most;
        if (r > small_share * tolerance) {
            const double to = descent_target(d, a);
            if (to != d->t[a])
                move(x, d, a, to);
        }
        if (!descent_pinned(d, a))
            active[kept++] = a;
    }
    *count = kept;
    d->sweeps++;
    return most;
}

/* The copy by rows of the members that are off their kinks now. */
static mxp_status list_members(struct sparse_descent *x, const struct descent *d, mxp_error *error)
{
    size_t *column = NULL, count = 0;
    mxp_status status;

    sparse_rows_free(x->rows);
    free(x->listed);
    free(x->storage);
    x->rows = NULL;
    x->listed = NULL;
    x->storage = NULL;
    x->listed_count = 0;
    for (size_t a = 0; a < d->c; a++)
        count += !descent_pinned(d, a);
    TRY(status = MEM_NEW(&x->listed, count, error));
    TRY(status = MEM_NEW(&column, count, error));
    TRY(status = mem_doubles(&x->storage, count, LISTED_ARRAYS, error));
    for (size_t a = 0; a < d->c; a++)
        if (!descent_pinned(d, a)) {
            column[x->listed_count] = x->problem->parameter[x->set[a]].column;
            x->listed[x->listed_count++] = x->set[a];
        }
    TRY(status = sparse_rows_new(&x->rows, x->problem->design->sparse, column, count, error));
out:
    free(column);
    return status;
}

/* Sees to it that the copy by rows holds most of the `off` members off their kinks; place is set. */
static mxp_status ready_rows(struct sparse_descent *x, const struct descent *d, size_t off,
                             mxp_error *error)
{
    size_t held = 0;

    for (size_t f = 0; f < x->listed_count; f++)
        held += x->place[x->listed[f]] && !descent_pinned(d, x->place[x->listed[f]] - 1);
    if (x->rows && held >= off - off / 32 && x->listed_count <= 2 * held)
        return MXP_OK;
    return list_members(x, d, error);
}

/* Conjugate gradients on the listed members; arrays of listed_count. */
struct gradients {
    double *step, *residual, *towards, *product, *in;
    double *inverse; /* 1 / H; 0: not one of them */
};

static void centre_in(double *constant, double *in, const struct sparse_descent *x, const double *v)
{
    *constant = 0.0;
    for (size_t f = 0; f < x->listed_count; f++) {
        const size_t a = x->place[x->listed[f]];
        in[f] = v[f] == 0.0 ? 0.0 : x->member[a - 1].by * v[f];
        *constant -= v[f] == 0.0 ? 0.0 : in[f] * x->member[a - 1].shift;
    }
}

/* product = (Z'hZ + l2) v of the listed members; x->along = Z v, and the constant in it. */
static double multiply(struct gradients *g, struct sparse_descent *x, const struct descent *d,
                       const double *v, int threads)
{
    double constant, total;

    centre_in(&constant, g->in, x, v);
    sparse_rows_curve(g->product, x->along, &total, x->rows, g->in, constant, x->h, threads);
    for (size_t f = 0; f < x->listed_count; f++) {
        const size_t a = x->place[x->listed[f]];
        const struct member *m = a ? &x->member[a - 1] : NULL;
        g->product[f] = m ? m->by * (g->product[f] - m->shift * total) + d->l2[a - 1] * v[f] : 0.0;
    }
    return constant;
}

/* -> the largest residual. */
static double start_gradients(struct gradients *g, struct sparse_descent *x,
                              const struct descent *d)
{
    double most = 0.0;

    for (size_t f = 0; f < x->listed_count; f++) {
        const size_t a = x->place[x->listed[f]] - 1; /* SIZE_MAX: none */
        g->step[f] = g->residual[f] = g->towards[f] = g->inverse[f] = 0.0;
        if (x->place[x->listed[f]] == 0 || descent_pinned(d, a))
            continue;
        d->q[a] = gradient(x, a);
        const double H = descent_curvature(d, a);
        g->residual[f] = -descent_excess(d, a);
        g->inverse[f] = 1.0 / H;
        g->towards[f] = g->residual[f] / H;
        most = fmax(most, fabs(g->residual[f]) / sqrt(H));
    }
    return most;
}

static void run_gradients(struct gradients *g, struct sparse_descent *x, const struct descent *d,
                          double most, double tolerance, int threads)
{
    const size_t count = x->listed_count;
    double rz = 0.0;

    for (size_t f = 0; f < count; f++)
        rz += g->residual[f] * g->towards[f];
    for (size_t n = 0; n < PRODUCTS && most > tolerance; n++) {
        double curved = 0.0, next = 0.0;
        multiply(g, x, d, g->towards, threads);
        for (size_t f = 0; f < count; f++)
            curved += g->inverse[f] > 0.0 ? g->towards[f] * g->product[f] : 0.0;
        if (!(curved > 0.0))
            break;
        const double length = rz / curved;
        most = 0.0;
        for (size_t f = 0; f < count; f++) {
            if (g->inverse[f] == 0.0)
                continue;
            g->step[f] += length * g->towards[f];
            g->residual[f] -= length * g->product[f];
            most = fmax(most, fabs(g->residual[f]) * sqrt(g->inverse[f]));
            next += g->residual[f] * g->residual[f] * g->inverse[f];
        }
        for (size_t f = 0; f < count; f++)
            g->towards[f] = g->residual[f] * g->inverse[f] + next / rz * g->towards[f];
        rz = next;
    }
}

/* How far along the step the first kink or bound is. */
static double first_stop(const struct gradients *g, const struct sparse_descent *x,
                         const struct descent *d)
{
    double length = 1.0;

    for (size_t f = 0; f < x->listed_count; f++) {
        if (g->step[f] == 0.0)
            continue;
        const size_t a = x->place[x->listed[f]] - 1;
        const double by = g->step[f], kink = d->m[a] - d->t[a];
        double room = by > 0.0 ? d->upper[a] - d->t[a] : d->lower[a] - d->t[a];
        if (d->l1[a] > 0.0 && kink * by > 0.0 && fabs(kink) < fabs(room))
            room = kink;
        length = fmin(length, fabs(room / by));
    }
    return length;
}

/* in: what `length` times the step comes to, which stops at kinks and bounds coordinate by coordinate;
 * to: where. */
static void clip(double *in, double *to, double length, const struct gradients *g,
                 const struct sparse_descent *x, const struct descent *d)
{
    for (size_t f = 0; f < x->listed_count; f++) {
        in[f] = to[f] = 0.0;
        if (g->step[f] == 0.0)
            continue;
        const size_t a = x->place[x->listed[f]] - 1;
        const double t = d->t[a], m = d->m[a], end = t + length * g->step[f];
        to[f] = d->l1[a] > 0.0 && (end - m) * (t - m) <= 0.0 ? m : end;
        to[f] = fmin(fmax(to[f], d->lower[a]), d->upper[a]);
        in[f] = to[f] - t;
    }
}

/* What a step, of which g->product is the product, does to the subproblem's objective on the faces
 * where it starts. */
static double change(const double *step, const struct gradients *g, const struct sparse_descent *x,
                     const struct descent *d)
{
    double sum = 0.0;

    for (size_t f = 0; f < x->listed_count; f++)
        if (step[f] != 0.0)
            sum += step[f] * (descent_excess(d, x->place[x->listed[f]] - 1) + 0.5 * g->product[f]);
    return sum;
}

static void take_step(const double *step, const double *to, struct sparse_descent *x,
                      struct descent *d, double constant)
{
    for (size_t f = 0; f < x->listed_count; f++)
        if (step[f] != 0.0)
            d->t[x->place[x->listed[f]] - 1] = to[f];
    x->sum_w = 0.0;
    for (size_t i = 0; i < x->problem->n; i++) {
        x->row[i].w += x->h[i] * (x->along[i] - constant);
        x->sum_w += x->row[i].w;
    }
    x->constant += constant;
}

/* A Newton step on the members off their kinks.  Where the whole of it, clipped, is no good, a part is,
 * and the part up to the first kink always. */
static mxp_status newton(struct sparse_descent *x, struct descent *d, size_t off, double tolerance,
                         int threads, mxp_error *error)
{
    mxp_status status;

    TRY(status = ready_rows(x, d, off, error));
    double *const at = x->storage;
    const size_t count = x->listed_count;
    struct gradients g = {
        at, at + count, at + 2 * count, at + 3 * count, at + 4 * count, at + 5 * count};
    double *const to = g.towards, *const step = g.residual;
    run_gradients(&g, x, d, start_gradients(&g, x, d), listed_share * tolerance, threads);
    const double lengths[] = {1.0, 0.3, first_stop(&g, x, d)};
    for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++) {
        clip(step, to, lengths[n], &g, x, d);
        const double constant = multiply(&g, x, d, step, threads);
        if (change(step, &g, x, d) < 0.0) {
            take_step(step, to, x, d, constant);
            break;
        }
    }
out:
    return status;
}

mxp_status sparse_descent_run(struct descent *d, struct sparse_descent *x, double tolerance,
                              int threads, mxp_error *error)
{
    mxp_status status = MXP_OK;

    d->sweeps = 0;
    begin(x, d);
    for (size_t a = 0; a < d->c; a++)
        x->place[x->set[a]] = (uint32_t)(a + 1);
    const size_t all = list_active(x->active, d);
    size_t *const active = x->active + x->capacity;
    for (int n = 0; n < ROUNDS; n++) {
        size_t count = all;
        double most;
        memcpy(active, x->active, all * sizeof *active);
        most = sweep(x, d, active, &count, tolerance);
        for (int s = 0; n == 0 && s < SWEEPS && most > tolerance; s++)
            most = sweep(x, d, active, &count, tolerance);
        if (isnan(most)) {
            status = FAIL(error, MXP_NUMERIC, "a value that is not finite in coordinate descent");
            goto out;
        }
        if (most <= tolerance)
            break;
        if (count > 0)
            TRY(status = newton(x, d, count, tolerance, threads, error));
    }
out:
    for (size_t a = 0; a < d->c; a++)
        x->place[x->set[a]] = 0;
    return status;
}
