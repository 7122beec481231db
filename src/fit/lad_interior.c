#include "base/mem.h"
#include "fit/lad_solve.h"
#include "num/factor.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

/* r = up - down, both >= 0; over = c - a, under = c + a; up over = down under = mu on the path. */
struct path {
    const struct lad *lad;
    size_t n, k, N;
    double *d, *a; /* of the answer */
    double *up, *down, *over, *under;
    double *weight;                              /* of the rows in the normal equations */
    double *rho, *d_a, *d_up, *d_down, *r, *d_d; /* right-hand side and direction */
    double *dual, *M, *rows;                     /* k: dual residual; k x k; ROWS x k */
    struct factor *factor;
    double *storage;
};

enum { ROWS = 512, STEPS = 100 };

void lad_residuals(double *r, const struct lad *lad, const double *d)
{
    memcpy(r, lad->y, (lad->n + lad->kinks) * sizeof *r);
    la_multiply_add(r, -1.0, lad->A, lad->n, lad->n, lad->k, d);
    for (size_t e = 0; e < lad->kinks; e++)
        r[lad->n + e] -= d[lad->kink[e]];
}

void lad_transposed_add(double *v, const struct lad *lad, const double *a)
{
    la_multiply_transposed_add(v, 1.0, lad->A, lad->n, lad->n, lad->k, a);
    for (size_t e = 0; e < lad->kinks; e++)
        v[lad->kink[e]] += a[lad->n + e];
}

static void path_free(struct path *path)
{
    free(path->storage);
    factor_free(path->factor);
}

static mxp_status path_new(struct path *path, struct lad_answer *answer, const struct lad *lad,
                           mxp_error *error)
{
    const size_t k = lad->k, N = lad->n + lad->kinks;
    mxp_status status;

    *path = (struct path){
        .lad = lad, .n = lad->n, .k = k, .N = N, .d = answer->d, .a = answer->a, .r = answer->r};
    double **parts[] = {&path->up,  &path->down, &path->over, &path->under, &path->weight,
                        &path->rho, &path->d_a,  &path->d_up, &path->d_down};
    const size_t count = sizeof parts / sizeof *parts;
    TRY(status = mem_doubles(&path->storage, count * N + (k + 2 + ROWS) * k, 1, error));
    for (size_t i = 0; i < count; i++)
        *parts[i] = path->storage + i * N;
    path->dual = path->storage + count * N;
    path->d_d = path->dual + k;
    path->M = path->d_d + k;
    path->rows = path->M + k * k;
out:
    return status;
}

/* M = A'WA + lambda, and its factor; rcond 0: singular. */
static mxp_status factor_normal(struct path *path, mxp_error *error)
{
    const struct lad *lad = path->lad;
    const size_t k = path->k;
    mxp_status status;

    memset(path->M, 0, k * k * sizeof *path->M);
    for (size_t first = 0, m; first < path->n; first += m) {
        m = path->n - first < ROWS ? path->n - first : ROWS;
        for (size_t j = 0; j < k; j++)
            for (size_t i = 0; i < m; i++)
                path->rows[i + j * m] =
                    sqrt(path->weight[first + i]) * lad->A[first + i + j * path->n];
        la_gram_add(path->M, k, path->rows, m, m, k);
    }
    for (size_t j = 0; j < k; j++)
        path->M[j + j * k] += lad->lambda[j];
    for (size_t e = 0; e < lad->kinks; e++)
        path->M[lad->kink[e] * (k + 1)] += path->weight[path->n + e];
    factor_free(path->factor);
    path->factor = NULL;
    TRY(status = factor_cholesky(&path->factor, path->M, k, k, error));
out:
    return status;
}

/* dual = A'a - g - lambda d. */
static void dual_residual(struct path *path)
{
    const struct lad *lad = path->lad;

    for (size_t j = 0; j < path->k; j++)
        path->dual[j] = -lad->g[j] - lad->lambda[j] * path->d[j];
    lad_transposed_add(path->dual, lad, path->a);
}

/* The direction to complementarity `mu`, with the second-order terms of the last one. */
static void take_direction(struct path *path, double mu, bool corrected)
{
    const struct lad *lad = path->lad;
    double *up = path->d_up, *down = path->d_down;

    for (size_t i = 0; i < path->N; i++) {
        const double second = corrected ? path->d_a[i] : 0.0;
        up[i] = mu - path->up[i] * path->over[i] + second * up[i];
        down[i] = mu - path->down[i] * path->under[i] - second * down[i];
        path->rho[i] = path->r[i] - path->up[i] + path->down[i] - up[i] / path->over[i] +
                       down[i] / path->under[i];
        path->d_a[i] = path->weight[i] * path->rho[i];
    }
    memcpy(path->d_d, path->dual, path->k * sizeof *path->d_d);
    lad_transposed_add(path->d_d, lad, path->d_a);
    factor_solve(path->d_d, path->factor);
    la_multiply_add(path->rho, -1.0, lad->A, path->n, path->n, path->k, path->d_d);
    for (size_t e = 0; e < lad->kinks; e++)
        path->rho[path->n + e] -= path->d_d[lad->kink[e]];
    for (size_t i = 0; i < path->N; i++) {
        path->d_a[i] = path->weight[i] * path->rho[i];
        up[i] = (up[i] + path->up[i] * path->d_a[i]) / path->over[i];
        down[i] = (down[i] - path->down[i] * path->d_a[i]) / path->under[i];
    }
}

/* The longest step up to 1 that keeps everything above 0. */
static double longest(const struct path *path)
{
    double ratio = 1.0; /* of a decrease and what there is */

    for (size_t i = 0; i < path->N; i++) {
        ratio = fmax(ratio, -path->d_up[i] / path->up[i]);
        ratio = fmax(ratio, -path->d_down[i] / path->down[i]);
        ratio =
            fmax(ratio, fabs(path->d_a[i]) / (path->d_a[i] > 0.0 ? path->over[i] : path->under[i]));
    }
    return 1.0 / ratio;
}

/* The sum of products after a step. */
static double gap_after(const struct path *path, double step)
{
    double sum = 0.0;

    for (size_t i = 0; i < path->N; i++)
        sum += (path->up[i] + step * path->d_up[i]) * (path->over[i] - step * path->d_a[i]) +
               (path->down[i] + step * path->d_down[i]) * (path->under[i] + step * path->d_a[i]);
    return sum;
}

static void go(struct path *path, double step)
{
    for (size_t j = 0; j < path->k; j++)
        path->d[j] += step * path->d_d[j];
    for (size_t i = 0; i < path->N; i++) {
        path->up[i] += step * path->d_up[i];
        path->down[i] += step * path->d_down[i];
        path->a[i] += step * path->d_a[i];
        path->over[i] -= step * path->d_a[i];
        path->under[i] += step * path->d_a[i];
    }
    lad_residuals(path->r, path->lad, path->d);
}

/* Weighted sum and mean of the sizes of N values. */
static double size_of(double *mean, const struct path *path, const double *values)
{
    double sum = 0.0, weights = 0.0;

    for (size_t i = 0; i < path->N; i++) {
        sum += path->lad->c[i] * fabs(values[i]);
        weights += path->lad->c[i];
    }
    *mean = weights > 0.0 ? sum / weights : 0.0;
    return sum;
}

/* Least squares, and the dual at 0; the residuals split with room on both sides. */
static mxp_status start(struct path *path, mxp_error *error)
{
    const struct lad *lad = path->lad;
    double room, size;
    mxp_status status;

    for (size_t i = 0; i < path->N; i++) {
        path->weight[i] = i < path->n ? lad->c[i] : 1.0;
        path->over[i] = path->under[i] = lad->c[i];
        path->a[i] = path->weight[i] * lad->y[i];
    }
    TRY(status = factor_normal(path, error));
    memset(path->d, 0, path->k * sizeof *path->d);
    if (path->factor->rcond > 0.0) {
        lad_transposed_add(path->d, lad, path->a);
        factor_solve(path->d, path->factor);
    }
    memset(path->a, 0, path->N * sizeof *path->a);
    lad_residuals(path->r, lad, path->d);
    size_of(&room, path, path->r);
    size_of(&size, path, lad->y);
    room = fmax(room, 1e-6 * size);
    room = room > 0.0 ? room : 1.0;
    for (size_t i = 0; i < path->N; i++) {
        path->up[i] = fmax(path->r[i], 0.0) + 0.1 * room;
        path->down[i] = fmax(-path->r[i], 0.0) + 0.1 * room;
    }
out:
    return status;
}

/* One step of predictor and corrector; false where the normal equations are singular. */
static mxp_status one_step(bool *moved, struct path *path, mxp_error *error)
{
    const double count = 2.0 * (double)path->N, gap = gap_after(path, 0.0);
    mxp_status status;

    *moved = false;
    for (size_t i = 0; i < path->N; i++)
        path->weight[i] = 1.0 / (path->up[i] / path->over[i] + path->down[i] / path->under[i]);
    TRY(status = factor_normal(path, error));
    if (path->factor->rcond == 0.0)
        return MXP_OK;
    dual_residual(path);
    take_direction(path, 0.0, false);
    const double ratio = gap_after(path, longest(path)) / gap;
    take_direction(path, ratio * ratio * ratio * gap / count, true);
    const double step = fmin(1.0, 0.9995 * longest(path));
    if (!isfinite(step) || step < 1e-8)
        return MXP_OK;
    *moved = true;
    go(path, step);
out:
    return status;
}

/* Along the path a residual or its dual's distance from the bound (relative: slack) goes to 0,
 * their product being mu / c.  A row is at 0 where its residual is the smaller one, in units that
 * lie between mu / c and the residuals of the others. */
static void guess(struct lad_answer *answer, const struct path *path, double gap)
{
    const double mu = gap / (2.0 * (double)path->N);
    double mean;

    size_of(&mean, path, path->r);
    for (size_t i = 0; i < path->N; i++) {
        const double slack = fmin(path->over[i], path->under[i]) / path->lad->c[i];
        const double size = fmax(path->up[i], path->down[i]);
        const double unit = sqrt(mu / path->lad->c[i] * mean);
        const bool zero = size < slack * unit || size <= path->lad->rounding[i];
        answer->side[i] = zero ? 0 : path->up[i] > path->down[i] ? 1 : -1;
    }
}

mxp_status lad_interior(struct lad_answer *answer, const struct lad *lad, mxp_error *error)
{
    struct path path;
    double gap, mean;
    bool moved = true;
    mxp_status status;

    TRY(status = path_new(&path, answer, lad, error));
    TRY(status = start(&path, error));
    const double first = gap = gap_after(&path, 0.0);
    for (int n = 0; n < STEPS && moved; n++) {
        const double before = gap;
        if (gap <= 1e-25 * first ||
            gap <= 1e-15 * size_of(&mean, &path, path.r) + size_of(&mean, &path, lad->rounding))
            break;
        TRY(status = one_step(&moved, &path, error));
        gap = gap_after(&path, 0.0);
        if (n > 5 && gap > 0.9 * before)
            break;
    }
    guess(answer, &path, gap);
out:
    path_free(&path);
    return status;
}
