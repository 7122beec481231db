#include "fit/grouped.h"
#include "base/mem.h"
#include "model/joint_prox.h"
#include "num/factor.h"
#include "num/la.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { ROUNDS = 200, SWEEPS = 10, POLISHES = 20 };

static const double sweep_tolerance = 1e-14;

struct block {
    const struct joint *joint;
    size_t *place; /* k: coordinates of the working set */
    struct joint_block *factor;
};

/* The current point x = t + delta and r = g + H delta. */
struct descent {
    const struct quadratic *q;
    struct block *block;
    size_t blocks;
    bool *in_block;                          /* c */
    size_t *set;                             /* c: coordinates off kinks and bounds */
    double *x, *r, *step, *v, *trial, *kept; /* c */
    double *H;                               /* c x c: workspace */
    double *storage;
};

static void descent_free(struct descent *s)
{
    for (size_t b = 0; b < s->blocks; b++) {
        free(s->block[b].place);
        joint_block_free(s->block[b].factor);
    }
    free(s->block);
    free(s->in_block);
    free(s->set);
    free(s->storage);
}

static mxp_status add_block(struct descent *s, const struct joint *joint, const size_t *columns,
                            mxp_error *error)
{
    const size_t c = s->q->c, k = joint->k;
    double *H = s->H;
    bool here = false;
    mxp_status status;

    for (size_t a = 0; a < c; a++)
        here = here || columns[a] == joint->index[0];
    if (!here)
        return MXP_OK;
    struct block *block = &s->block[s->blocks++];
    block->joint = joint;
    TRY(status = MEM_NEW(&block->place, k, error));
    for (size_t i = 0; i < k; i++)
        for (size_t a = 0; a < c; a++)
            if (columns[a] == joint->index[i]) {
                block->place[i] = a;
                s->in_block[a] = true;
            }
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++)
            H[i + j * k] = s->q->H[block->place[i] + block->place[j] * c];
    TRY(status = joint_block_new(&block->factor, H, k, k, error));
out:
    return status;
}

static mxp_status descent_new(struct descent *s, const struct quadratic *q, const size_t *columns,
                              const struct mxp_problem *problem, mxp_error *error)
{
    const size_t c = q->c;
    mxp_status status;

    *s = (struct descent){.q = q};
    TRY(status = MEM_NEW(&s->block, problem->joints, error));
    TRY(status = MEM_NEW(&s->in_block, c, error));
    TRY(status = MEM_NEW(&s->set, c, error));
    TRY(status = mem_doubles(&s->storage, c + 6, c, error));
    double **parts[] = {&s->x, &s->r, &s->step, &s->v, &s->trial, &s->kept};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i] = s->storage + i * c;
    s->H = s->storage + 6 * c;
    memcpy(s->x, q->t, c * sizeof *s->x);
    memcpy(s->r, q->g, c * sizeof *s->r);
    for (size_t i = 0; i < problem->joints; i++)
        if (joint_kinked(problem->joint[i]))
            TRY(status = add_block(s, problem->joint[i], columns, error));
out:
    return status;
}

static void move(struct descent *s, size_t j, double to)
{
    const double by = to - s->x[j];

    s->x[j] = to;
    for (size_t i = 0; i < s->q->c && by != 0.0; i++)
        s->r[i] += by * s->q->H[i + j * s->q->c];
}

/* r afresh: the running updates have rounded. */
static void refresh(struct descent *s)
{
    const size_t c = s->q->c;

    for (size_t j = 0; j < c; j++)
        s->v[j] = s->x[j] - s->q->t[j];
    memcpy(s->r, s->q->g, c * sizeof *s->r);
    la_multiply_add(s->r, 1.0, s->q->H, c, c, c, s->v);
}

static double bound(const struct quadratic *q, size_t j, double x)
{
    return q->lower ? fmin(fmax(x, q->lower[j]), q->upper[j]) : x;
}

/* One coordinate outside the groups to its minimum; how far, in units of 1 / sqrt(H_jj). */
static double descend(struct descent *s, size_t j)
{
    const struct quadratic *q = s->q;
    const double h = q->H[j + j * q->c], before = s->x[j];

    if (!(h > 0.0))
        return 0.0;
    const double free = s->x[j] - s->r[j] / h - q->m[j], limit = q->l1[j] / h;
    const double to = free > limit ? free - limit : free < -limit ? free + limit : 0.0;
    move(s, j, bound(q, j, q->m[j] + to));
    return fabs(s->x[j] - before) * sqrt(h);
}

/* A group to its minimum, the others held. */
static mxp_status descend_block(double *furthest, struct descent *s, const struct block *block,
                                mxp_error *error)
{
    const struct joint *joint = block->joint;
    const size_t k = joint->k, c = s->q->c;
    double *v = s->v, *x = s->step;
    mxp_status status;

    for (size_t i = 0; i < k; i++) {
        v[i] = -s->r[block->place[i]];
        for (size_t j = 0; j < k; j++)
            v[i] += s->q->H[block->place[i] + block->place[j] * c] *
                    (s->x[block->place[j]] - joint->mean[j]);
    }
    TRY(status = joint_block_solve(x, block->factor, v, joint->a[0], error));
    for (size_t i = 0; i < k; i++) {
        const size_t j = block->place[i];
        const double to = joint->mean[i] + x[i];
        *furthest = fmax(*furthest, fabs(to - s->x[j]) * sqrt(fabs(s->q->H[j + j * c])));
        move(s, j, to);
    }
out:
    return status;
}

static mxp_status sweep(double *furthest, struct descent *s, mxp_error *error)
{
    mxp_status status = MXP_OK;

    *furthest = 0.0;
    for (size_t b = 0; b < s->blocks; b++)
        TRY(status = descend_block(furthest, s, &s->block[b], error));
    for (size_t j = 0; j < s->q->c; j++)
        if (!s->in_block[j])
            *furthest = fmax(*furthest, descend(s, j));
out:
    return status;
}

static bool block_at_kink(const struct descent *s, const struct block *block)
{
    for (size_t i = 0; i < block->joint->k; i++)
        if (s->x[block->place[i]] != block->joint->mean[i])
            return false;
    return true;
}

/* Free coordinates, ascending; their number. */
static size_t collect(struct descent *s)
{
    const struct quadratic *q = s->q;
    size_t count = 0;

    for (size_t b = 0; b < s->blocks; b++) {
        const bool held = block_at_kink(s, &s->block[b]);
        for (size_t i = 0; i < s->block[b].joint->k; i++)
            s->trial[s->block[b].place[i]] = held;
    }
    for (size_t j = 0; j < q->c; j++) {
        const bool kink = q->l1[j] > 0.0 && s->x[j] == q->m[j];
        const bool bounded = q->lower && (s->x[j] <= q->lower[j] || s->x[j] >= q->upper[j]);
        if (s->in_block[j] ? s->trial[j] == 0.0 : !kink && !bounded)
            s->set[count++] = j;
    }
    return count;
}

/* Adds a group off its kink; trial holds where its coordinates are among the free ones. */
static void expand_block(struct descent *s, const struct block *block, size_t f)
{
    const struct joint *joint = block->joint;
    const double b = joint->a[0];
    double norm = 0.0;

    for (size_t i = 0; i < joint->k; i++)
        norm = hypot(norm, s->x[block->place[i]] - joint->mean[i]);
    for (size_t i = 0; i < joint->k; i++) {
        const size_t at = (size_t)s->trial[block->place[i]];
        const double u = (s->x[block->place[i]] - joint->mean[i]) / norm;
        s->v[at] += u / b;
        s->H[at + at * f] += 1.0 / (b * norm);
        for (size_t j = 0; j < joint->k; j++) {
            const double w = (s->x[block->place[j]] - joint->mean[j]) / norm;
            s->H[at + (size_t)s->trial[block->place[j]] * f] -= u * w / (b * norm);
        }
    }
}

/* Gradient (in v) and Hessian (in H, f x f) of the model on the free coordinates. */
static void expand(struct descent *s, size_t f)
{
    const struct quadratic *q = s->q;

    for (size_t a = 0; a < f; a++) {
        const size_t j = s->set[a];
        s->v[a] = s->r[j] + (s->x[j] > q->m[j] ? q->l1[j] : -q->l1[j]);
        s->trial[j] = (double)a; /* where it is, for the groups */
        for (size_t b = 0; b < f; b++)
            s->H[b + a * f] = q->H[s->set[b] + j * q->c];
    }
    for (size_t b = 0; b < s->blocks; b++)
        if (!block_at_kink(s, &s->block[b]))
            expand_block(s, &s->block[b], f);
}

/* How far along the step the free coordinates may go before a kink, a bound or the middle of a
 * group is reached. */
static double room(const struct descent *s, size_t f)
{
    const struct quadratic *q = s->q;
    double most = 1.0;

    for (size_t a = 0; a < f; a++) {
        const size_t j = s->set[a];
        const double step = s->step[a];
        if (q->l1[j] > 0.0 && (q->m[j] - s->x[j]) * step > 0.0)
            most = fmin(most, 0.9 * (q->m[j] - s->x[j]) / step);
        if (q->lower && step != 0.0)
            most = fmin(most, 0.9 * ((step > 0.0 ? q->upper[j] : q->lower[j]) - s->x[j]) / step);
    }
    return most;
}

/* The value of the model, without its constant. */
static double model_value(const struct descent *s)
{
    const struct quadratic *q = s->q;
    double sum = 0.0;

    for (size_t j = 0; j < q->c; j++)
        sum += 0.5 * (q->g[j] + s->r[j]) * (s->x[j] - q->t[j]) + q->l1[j] * fabs(s->x[j] - q->m[j]);
    for (size_t b = 0; b < s->blocks; b++) {
        const struct joint *joint = s->block[b].joint;
        double norm = 0.0;
        for (size_t i = 0; i < joint->k; i++)
            norm = hypot(norm, s->x[s->block[b].place[i]] - joint->mean[i]);
        sum += norm / joint->a[0];
    }
    return sum;
}

/* Newton steps on the free coordinates until they are down to rounding; *rcond of the last. */
static mxp_status polish(double *rcond, struct descent *s, mxp_error *error)
{
    struct factor *factor = NULL;
    mxp_status status = MXP_OK;

    for (int n = 0; n < POLISHES; n++) {
        double furthest = 0.0;
        const size_t f = collect(s);
        *rcond = 1.0;
        if (f == 0)
            break;
        expand(s, f);
        TRY(status = factor_cholesky(&factor, s->H, f, f, error));
        *rcond = factor->rcond > DBL_EPSILON ? factor->rcond : 0.0;
        if (*rcond == 0.0)
            break;
        for (size_t a = 0; a < f; a++)
            s->step[a] = -s->v[a];
        factor_solve(s->step, factor);
        factor_free(factor);
        factor = NULL;
        const double alpha = room(s, f), value = model_value(s);
        memcpy(s->kept, s->x, s->q->c * sizeof *s->kept);
        for (size_t a = 0; a < f; a++) {
            const size_t j = s->set[a];
            furthest = fmax(furthest, fabs(s->step[a]) * sqrt(fabs(s->q->H[j + j * s->q->c])));
            s->x[j] += alpha * s->step[a];
        }
        refresh(s);
        if (model_value(s) > value + 1e-12 * fabs(value)) { /* a norm is no quadratic */
            memcpy(s->x, s->kept, s->q->c * sizeof *s->x);
            refresh(s);
            break;
        }
        if (furthest <= sweep_tolerance || alpha < 1.0)
            break;
    }
out:
    factor_free(factor);
    return status;
}

mxp_status grouped_solve(struct quadratic_answer *answer, const struct quadratic *q,
                         const size_t *columns, const struct mxp_problem *problem, mxp_error *error)
{
    struct descent s;
    double furthest = INFINITY, before;
    mxp_status status;

    TRY(status = descent_new(&s, q, columns, problem, error));
    answer->rcond = 1.0;
    for (int n = 0; n < ROUNDS; n++) {
        before = furthest;
        for (int i = 0; i < SWEEPS; i++)
            TRY(status = sweep(&furthest, &s, error));
        refresh(&s);
        if (furthest <= sweep_tolerance || (n > 5 && furthest < 1e-12 && furthest >= before))
            break;
        TRY(status = polish(&answer->rcond, &s, error));
    }
    if (answer->rcond == 0.0)
        goto out;
    answer->exact = furthest < 1e-10;
    memcpy(answer->target, s.x, q->c * sizeof *answer->target);
out:
    descent_free(&s);
    return status;
}
