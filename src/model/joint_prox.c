#include "model/joint_prox.h"
#include "base/mem.h"
#include "num/la.h"
#include "num/twofold.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

struct joint_block {
    size_t k;
    double *H, *values, *vectors; /* vectors: columns; values: ascending, none below 0 */
};

enum { SECULAR_STEPS = 400, REFINEMENTS = 12 };

void joint_block_free(struct joint_block *block)
{
    if (!block)
        return;
    free(block->H);
    free(block->values);
    free(block->vectors);
    free(block);
}

mxp_status joint_block_new(struct joint_block **block, const double *H, size_t ld, size_t k,
                           mxp_error *error)
{
    struct joint_block *b = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&b, 1, error));
    b->k = k;
    TRY(status = mem_doubles(&b->H, k, k, error));
    TRY(status = mem_doubles(&b->vectors, k, k, error));
    TRY(status = mem_doubles(&b->values, k, 1, error));
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++) {
            if (!isfinite(H[i + j * ld])) {
                status = FAIL(error, MXP_NUMERIC, "the curvature of a group is not finite");
                goto out;
            }
            b->H[i + j * k] = H[i + j * ld];
        }
    memcpy(b->vectors, b->H, k * k * sizeof *b->H);
    TRY(status = la_eigen(b->values, b->vectors, k, k, error));
    const double rounding = (double)k * DBL_EPSILON * fmax(b->values[k - 1], 0.0);
    if (b->values[0] < -rounding) {
        status = FAIL(error, MXP_NUMERIC,
                      "the curvature of a group has the eigenvalue %.3g below 0", b->values[0]);
        goto out;
    }
    for (size_t i = 0; i < k; i++)
        b->values[i] = fmax(b->values[i], 0.0);
    *block = b;
    b = NULL;
out:
    joint_block_free(b);
    return status;
}

/* What one solution works with; arrays of k. */
struct work {
    const struct joint_block *block;
    const struct twofold *v;
    double b, weight;                /* weight: 1/b */
    double *w;                       /* v in the eigenvectors */
    double *x, *trial, *f, *rf, *ru; /* f: the residual; rf, ru: it and the direction, rotated */
    double *storage;
};

static double norm_of(const double *x, size_t k)
{
    double largest = 0.0, sum = 0.0;

    for (size_t i = 0; i < k; i++)
        largest = fmax(largest, fabs(x[i]));
    for (size_t i = 0; largest > 0.0 && i < k; i++)
        sum += (x[i] / largest) * (x[i] / largest);
    return largest * sqrt(sum);
}

/* ---- the norm of x ---- */

/* 1 / norm((r Lambda + weight)^-1 w) and its slope in r. */
static double reciprocal(double *slope, const struct work *work, double r)
{
    const double *lambda = work->block->values;
    const size_t k = work->block->k;
    double largest = 0.0, square = 0.0, change = 0.0;

    for (size_t i = 0; i < k; i++)
        largest = fmax(largest, fabs(work->w[i]) / (r * lambda[i] + work->weight));
    for (size_t i = 0; i < k; i++) {
        const double d = r * lambda[i] + work->weight, q = work->w[i] / d / largest;
        square += q * q;
        change += q * q * (lambda[i] / d);
    }
    const double norm = largest * sqrt(square);
    *slope = change / square / norm;
    return 1.0 / norm;
}

/* Whether the part of v where H has no curvature is above what the prior holds. */
static bool falls_for_ever(const struct work *work)
{
    size_t flat = 0;

    while (flat < work->block->k && work->block->values[flat] == 0.0)
        flat++;
    return !(norm_of(work->w, flat) < work->weight);
}

/* The root of reciprocal(r) = 1, from the left; gap = norm(v) - weight > 0. */
static double find_radius(const struct work *work, double gap)
{
    double r = gap / work->block->values[work->block->k - 1], slope;

    for (int step = 0; step < SECULAR_STEPS; step++) {
        const double next = r + (1.0 - reciprocal(&slope, work, r)) / slope;
        if (!(next > r * (1.0 + DBL_EPSILON)) || !isfinite(next))
            break;
        r = next;
    }
    return r;
}

/* x in the eigenvectors is r w / (r lambda + weight). */
static void start_at(const struct work *work, double r)
{
    const struct joint_block *block = work->block;
    const size_t k = block->k;

    for (size_t i = 0; i < k; i++)
        work->rf[i] = work->w[i] * (r / (r * block->values[i] + work->weight));
    memset(work->x, 0, k * sizeof *work->x);
    la_multiply_add(work->x, 1.0, block->vectors, k, k, k, work->rf);
}

/* ---- refinement ---- */

/* f = H x - v + x / (b norm(x)), rounded once; its norm. */
static double residual(const struct work *work, const double *x)
{
    const struct joint_block *block = work->block;
    const size_t k = block->k;
    const double scale = norm_of(x, k);
    struct twofold square = {0.0, 0.0};

    if (!(scale > 0.0) || !isfinite(scale))
        return INFINITY;
    for (size_t i = 0; i < k; i++) {
        const struct twofold share = twofold_over(twofold_of(x[i]), twofold_of(scale));
        square = twofold_add(square, twofold_times(share, share));
    }
    const struct twofold radius = twofold_times(twofold_root(square), twofold_of(scale));
    const struct twofold pull =
        twofold_over(twofold_of(1.0), twofold_times(radius, twofold_of(work->b)));
    for (size_t i = 0; i < k; i++) {
        struct twofold sum =
            twofold_add(twofold_times(pull, twofold_of(x[i])), twofold_negative(work->v[i]));
        for (size_t j = 0; j < k; j++)
            sum =
                twofold_add(sum, twofold_times(twofold_of(block->H[i + j * k]), twofold_of(x[j])));
        work->f[i] = sum.high;
    }
    return norm_of(work->f, k);
}

/* trial = x - step, step the solution of [H + c (I - uu')] step = f with u = x / norm(x) and
 * c = weight / norm(x): diagonal plus rank one in the eigenvectors, by Sherman and Morrison;
 * 1 - c u'(Lambda + c)^-1 u is written as a sum of what is above 0.  The length of the step. */
static double newton_step(const struct work *work)
{
    const struct joint_block *block = work->block;
    const size_t k = block->k;
    const double radius = norm_of(work->x, k), c = work->weight / radius;
    double along = 0.0, rest = 0.0;

    memset(work->rf, 0, k * sizeof *work->rf);
    memset(work->ru, 0, k * sizeof *work->ru);
    la_multiply_transposed_add(work->rf, 1.0, block->vectors, k, k, k, work->f);
    la_multiply_transposed_add(work->ru, 1.0 / radius, block->vectors, k, k, k, work->x);
    for (size_t i = 0; i < k; i++) {
        const double d = block->values[i] + c;
        along += c * work->ru[i] * work->rf[i] / d;
        rest += work->ru[i] * work->ru[i] * (block->values[i] / d);
    }
    for (size_t i = 0; i < k; i++)
        work->rf[i] = (work->rf[i] + work->ru[i] * along / rest) / (block->values[i] + c);
    memcpy(work->trial, work->x, k * sizeof *work->x);
    la_multiply_add(work->trial, -1.0, block->vectors, k, k, k, work->rf);
    return norm_of(work->rf, k);
}

/* Newton steps while they halve, or halve the residual: the rounding of x alone leaves a residual
 * of eps norm(H) norm(x), far above which an ill-conditioned start need not be. */
static void refine(struct work *work)
{
    const size_t k = work->block->k;
    double now = residual(work, work->x), last = norm_of(work->x, k);

    for (int step = 0; step < REFINEMENTS && now > 0.0; step++) {
        const double length = newton_step(work);
        const double then = residual(work, work->trial);
        if (!(length < 0.5 * last || then < 0.5 * now) || !isfinite(then))
            break;
        memcpy(work->x, work->trial, k * sizeof *work->x);
        if (length < 1e-3 * DBL_EPSILON * norm_of(work->x, k))
            break;
        last = length;
        now = then;
    }
}

/* ---- both ---- */

static mxp_status work_new(struct work *work, mxp_error *error)
{
    const size_t k = work->block->k;
    mxp_status status;

    TRY(status = mem_doubles(&work->storage, 6, k, error));
    double **parts[] = {&work->w, &work->x, &work->trial, &work->f, &work->rf, &work->ru};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i] = work->storage + i * k;
    for (size_t i = 0; i < k; i++)
        work->f[i] = work->v[i].high;
    la_multiply_transposed_add(work->w, 1.0, work->block->vectors, k, k, k, work->f);
out:
    return status;
}

static mxp_status solve(double *x, const struct joint_block *block, const struct twofold *v,
                        double b, mxp_error *error)
{
    const size_t k = block->k;
    struct work work = {.block = block, .v = v, .b = b, .weight = 1.0 / b};
    mxp_status status;

    TRY(status = work_new(&work, error));
    const double norm = norm_of(work.f, k);
    if (norm > work.weight * (1.0 + 4.0 * DBL_EPSILON)) {
        if (falls_for_ever(&work)) {
            status = FAIL(error, MXP_NUMERIC,
                          "a group has no optimum: its curvature is singular and the gradient is "
                          "above what its prior holds");
            goto out;
        }
        start_at(&work, find_radius(&work, norm - work.weight));
        refine(&work);
    }
    for (size_t i = 0; i < k; i++)
        if (!isfinite(work.x[i]) || !isfinite(v[i].high)) {
            status = FAIL(error, MXP_NUMERIC, "the optimum of a group is not finite");
            goto out;
        }
    memcpy(x, work.x, k * sizeof *x);
out:
    free(work.storage);
    return status;
}

mxp_status joint_block_solve(double *x, const struct joint_block *block, const double *v, double b,
                             mxp_error *error)
{
    struct twofold *exact = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&exact, block->k, error));
    for (size_t i = 0; i < block->k; i++)
        exact[i] = twofold_of(v[i]);
    status = solve(x, block, exact, b, error);
out:
    free(exact);
    return status;
}

mxp_status joint_prox(double *t, const double *H, size_t ld, size_t k, const double *u,
                      const double *m, double b, mxp_error *error)
{
    struct joint_block *block = NULL;
    struct twofold *v = NULL;
    double *x = NULL;
    mxp_status status;

    TRY(status = joint_block_new(&block, H, ld, k, error));
    TRY(status = MEM_NEW(&v, k, error));
    TRY(status = mem_doubles(&x, k, 1, error));
    for (size_t j = 0; j < k; j++) {
        const struct twofold off = twofold_difference(u[j], m[j]);
        for (size_t i = 0; i < k; i++)
            v[i] = twofold_add(v[i], twofold_times(twofold_of(H[i + j * ld]), off));
    }
    TRY(status = solve(x, block, v, b, error));
    for (size_t i = 0; i < k; i++)
        t[i] = m[i] + x[i];
out:
    free(x);
    free(v);
    joint_block_free(block);
    return status;
}
