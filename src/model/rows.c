#include "model/rows.h"
#include "base/mem.h"
#include "model/chunk_sparse.h"
#include "model/rows_gram.h"
#include "num/la.h"

#include <float.h>
#include <math.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

enum { BLOCKS = 64, GROUPS = 8, BLOCK_ROWS_MIN = 256, BLOCK_ROWS_UNIT = 16, SAMPLE_RUN = 64 };

/* The rows of a block, all of them where columns are sparse; fixed by the shape alone. */
static size_t block_rows(const struct mxp_problem *problem)
{
    const size_t n = problem->n;
    if (problem->design->sparse)
        return n;
    const size_t even = (n + BLOCKS - 1) / BLOCKS;
    const size_t round = (even + BLOCK_ROWS_UNIT - 1) / BLOCK_ROWS_UNIT * BLOCK_ROWS_UNIT;
    return round < BLOCK_ROWS_MIN ? BLOCK_ROWS_MIN : round;
}

static void add_predictor_all(double *eta, const struct mxp_problem *problem, const double *theta)
{
    const size_t most = problem->design->sparse ? problem->n : 512;

    for (size_t first = 0; first < problem->n;) {
        const size_t left = problem->n - first, m = left < most ? left : most;
        chunk_add_predictor(eta + first, problem->n, problem, theta, first, m);
        first += m;
    }
}

void rows_predictor(double *eta, const struct mxp_problem *problem, const double *theta)
{
    chunk_start_predictor(eta, problem->n, problem, 0, problem->n);
    add_predictor_all(eta, problem, theta);
}

void rows_direction(double *eta, const struct mxp_problem *problem, const double *direction)
{
    memset(eta, 0, problem->q * problem->n * sizeof *eta);
    add_predictor_all(eta, problem, direction);
}

void rows_transposed(double *product, const struct mxp_problem *problem, const double *v)
{
    const size_t n = problem->n;

    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        const double *x = problem->design->sparse ? NULL : chunk_raw(problem, j, 0);
        double sum = 0.0;
        for (size_t c = 0; c < problem->q; c++) {
            if (p->slot != c && p->slot != problem->q)
                continue;
            if (problem->design->sparse) {
                sum += chunk_sparse_dot(problem, j, v + c * n);
                continue;
            }
            for (size_t i = 0; i < n; i++)
                sum += (x ? x[i] - p->shift : 1.0) * v[i + c * n];
        }
        product[j] = p->sign * sum / p->scale;
    }
}

/* Where the sums of a group lie in its storage. */
struct layout {
    size_t d, c, r, k;
    size_t weight, gradient, diagonal, floor, cross, own, gram, count;
};

static struct layout lay_out(const struct mxp_problem *problem, const struct rows_request *request)
{
    struct layout at = {.d = problem->k + problem->r, .r = problem->r, .k = problem->k};
    at.c = request->want & ROWS_GRAM ? request->column_count : 0;
    at.weight = 1;
    at.gradient = 2;
    at.diagonal = at.gradient + at.d;
    at.floor = at.diagonal + at.d;
    at.cross = at.floor + at.d;
    at.own = at.cross + at.k * at.r;
    at.gram = at.own + at.r * at.r;
    at.count = at.gram + at.c * at.c;
    return at;
}

/* Sums over a chunk of the columns before `end`, at most DENSE_SUM of one slot: gradient and, where
 * wanted, diagonal.  The first of them. */
static size_t add_columns(double *s, const struct layout *at, size_t end, unsigned want,
                          const struct chunk *chunk)
{
    const struct parameter *p = chunk->problem->parameter;
    const size_t slot = p[end - 1].slot;
    const double *d1 = chunk_first(chunk, slot), *h = NULL;
    double gradient[DENSE_SUM], diagonal[DENSE_SUM] = {0.0};
    struct dense held[DENSE_SUM];
    size_t first = end;

    if (want & ROWS_DIAGONAL)
        h = chunk_curvature(chunk, slot, slot);
    while (first > 0 && end - first < DENSE_SUM && p[first - 1].slot == slot &&
           p[first - 1].column != PROBLEM_INTERCEPT) {
        first--;
        held[DENSE_SUM - (end - first)] = chunk_dense(chunk->problem, first, chunk->first);
    }
    if (first == end) {
        first--;
        gradient[0] = dense_total(d1, chunk->m);
        diagonal[0] = h ? dense_total(h, chunk->m) : 0.0;
    } else {
        dense_sums(gradient, diagonal, held + DENSE_SUM - (end - first), end - first, d1, h,
                   chunk->m);
    }
    for (size_t j = first; j < end; j++) {
        s[at->gradient + j] += p[j].sign * gradient[j - first] / p[j].scale;
        s[at->diagonal + j] += diagonal[j - first] / (p[j].scale * p[j].scale);
    }
    return first;
}

/* From the last column on, which the cache holds still. */
static void add_all_columns(double *s, const struct layout *at, unsigned want,
                            const struct chunk *chunk)
{
    if (chunk->problem->design->sparse) {
        chunk_sparse_sums(s + at->gradient, s + at->diagonal, chunk, want & ROWS_DIAGONAL);
        return;
    }
    for (size_t end = at->k; end > 0;)
        end = add_columns(s, at, end, want, chunk);
}

/* What rounding may do to an entry of the gradient, before the column: m values. */
static void put_floor(double *floor, const struct chunk *chunk, size_t slot)
{
    const size_t q = chunk->problem->q, m = chunk->m;

    for (size_t i = 0; i < m; i++) {
        floor[i] = 0.0;
        for (size_t c = 0; c < q; c++)
            if (slot == c || slot == q)
                floor[i] += fabs(chunk->d1[i + c * m]) +
                            fabs(chunk->d2[i + (c + q * c) * m] * chunk->eta[i + c * m]);
    }
}

/* The sum of |x - shift| floor over the rows. */
static double sum_sizes(const struct chunk *chunk, size_t j, const double *floor)
{
    if (chunk->problem->design->sparse)
        return chunk_sparse_absolute(chunk, j, floor);
    const struct dense column = chunk_dense(chunk->problem, j, chunk->first);
    return column.x ? dense_absolute(&column, floor, chunk->m) : dense_total(floor, chunk->m);
}

/* The sum of (x - shift) d over the rows. */
static double sum_product(const struct chunk *chunk, size_t j, const double *d)
{
    double sum;

    if (chunk->problem->design->sparse)
        return chunk_sparse_dot(chunk->problem, j, d);
    const struct dense column = chunk_dense(chunk->problem, j, chunk->first);
    if (!column.x)
        return dense_total(d, chunk->m);
    dense_sums(&sum, NULL, &column, 1, d, NULL, chunk->m);
    return sum;
}

static void add_floor(double *s, const struct layout *at, const struct chunk *chunk)
{
    double *floor = chunk->scratch;

    for (size_t j = 0; j < at->k; j++) {
        const struct parameter *p = &chunk->problem->parameter[j];
        if (j == 0 || p->slot != p[-1].slot)
            put_floor(floor, chunk, p->slot);
        s[at->floor + j] += DBL_EPSILON * sum_sizes(chunk, j, floor) / p->scale;
    }
}

/* What the rounding of eta does to the derivative in auxiliary parameter `own` at row i. */
static double mixed_floor(const struct chunk *chunk, size_t own, size_t i)
{
    const size_t q = chunk->problem->q, m = chunk->m;
    double sum = 0.0;

    for (size_t c = 0; c < q; c++)
        sum += fabs(chunk->mixed[i + (c + q * own) * m] * chunk->eta[i + c * m]);
    return sum;
}

/* The mixed derivatives of the estimated auxiliary parameter s, and its own with the others. */
static void add_mixed(double *sums, const struct layout *at, size_t s, const struct chunk *chunk)
{
    const struct mxp_problem *problem = chunk->problem;
    const size_t m = chunk->m, own = problem->auxiliary[s], R = problem->family->auxiliary_count;
    double *mixed = chunk->scratch;

    for (size_t t = 0; t < at->r; t++)
        sums[at->own + s + t * at->r] -=
            dense_product(chunk->weight, chunk->d2psi + (own + R * problem->auxiliary[t]) * m, m);
    for (size_t i = 0; i < m; i++)
        mixed[i] = chunk->weight[i] * chunk->mixed[i + own * m];
    for (size_t j = 0; j < at->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        sums[at->cross + j + s * at->k] -= p->sign * sum_product(chunk, j, mixed) / p->scale;
    }
}

/* The estimated auxiliary parameter s: its own derivatives and the mixed ones. */
static void add_auxiliary(double *sums, const struct layout *at, size_t s, unsigned want,
                          const struct chunk *chunk)
{
    const struct mxp_problem *problem = chunk->problem;
    const size_t m = chunk->m, own = problem->auxiliary[s], R = problem->family->auxiliary_count;
    const double *dpsi = chunk->dpsi + own * m, *second = chunk->d2psi + (own + R * own) * m;
    const double *w = chunk->weight;

    sums[at->gradient + at->k + s] -= dense_product(w, dpsi, m);
    sums[at->diagonal + at->k + s] -= dense_product(w, second, m);
    for (size_t i = 0; (want & ROWS_FLOOR) && i < m; i++)
        sums[at->floor + at->k + s] +=
            DBL_EPSILON * w[i] * (fabs(dpsi[i]) + fabs(second[i]) + mixed_floor(chunk, own, i));
    if (want & ROWS_GRAM)
        add_mixed(sums, at, s, chunk);
}

/* A group of blocks being summed. */
struct group {
    const struct layout *at;
    const struct rows_request *request;
    double *sums;
    struct chunk chunk;
    struct gram gram;
};

static mxp_status add_chunk(struct group *group, size_t first, size_t m, mxp_error *error)
{
    const struct layout *at = group->at;
    const struct rows_request *request = group->request;
    struct chunk *chunk = &group->chunk;
    const mxp_status status =
        chunk_evaluate(chunk, first, m, request->theta, request->psi, request->want, error);

    if (status != MXP_OK)
        return status;
    group->sums[0] -= dense_product(chunk->weight, chunk->value, m);
    group->sums[at->weight] += dense_total(chunk->weight, m);
    if (!isfinite(group->sums[0]))
        return MXP_OK; /* a step too long: nothing else is used */
    if (request->want & (ROWS_GRADIENT | ROWS_DIAGONAL | ROWS_FLOOR))
        add_all_columns(group->sums, at, request->want, chunk);
    if (request->want & ROWS_FLOOR)
        add_floor(group->sums, at, chunk);
    for (size_t s = 0; s < at->r; s++)
        add_auxiliary(group->sums, at, s, request->want, chunk);
    if ((request->want & ROWS_GRAM) && chunk->problem->design->sparse)
        return chunk_sparse_gram(group->sums + at->gram, request, chunk, error);
    if (request->want & ROWS_GRAM)
        gram_add(&group->gram, chunk);
    return MXP_OK;
}

/* Rows first..last-1 in chunks of nearly one size. */
static mxp_status add_rows(struct group *group, size_t first, size_t last, mxp_error *error)
{
    const size_t rows = last - first, most = group->chunk.capacity;
    const size_t chunks = (rows + most - 1) / most, even = (rows + chunks - 1) / chunks;
    const size_t m = (even + 7) / 8 * 8;
    mxp_status status = MXP_OK;

    for (size_t row = first; row < last; row += m)
        TRY(status = add_chunk(group, row, last - row < m ? last - row : m, error));
out:
    return status;
}

/* Of the runs of rows of a block one in `every`; which one moves on from block to block. */
static mxp_status add_sample(struct group *group, size_t block, size_t first, size_t last,
                             mxp_error *error)
{
    const size_t every = group->request->every;
    mxp_status status = MXP_OK;

    for (size_t run = 5 * block % every;; run += every) {
        const size_t row = first + run * SAMPLE_RUN;
        if (row >= last)
            break;
        TRY(status =
                add_chunk(group, row, last - row < SAMPLE_RUN ? last - row : SAMPLE_RUN, error));
    }
out:
    return status;
}

/* All blocks of a group, in order. */
static mxp_status add_group(double *sums, size_t g, size_t groups, const struct layout *at,
                            const struct mxp_problem *problem, const struct rows_request *request,
                            mxp_error *error)
{
    const size_t rows = block_rows(problem), per_group = BLOCKS / groups;
    struct group group = {.at = at, .request = request, .sums = sums};
    mxp_status status;

    TRY(status = chunk_new(&group.chunk, problem, error));
    if (!problem->design->sparse)
        TRY(status = gram_new(&group.gram, sums + at->gram, at->c, problem, request, error));
    for (size_t block = g * per_group; block < (g + 1) * per_group; block++) {
        const size_t first = block * rows;
        const size_t last = first + rows < problem->n ? first + rows : problem->n;
        if (first >= last)
            break;
        TRY(status = request->every > 1 ? add_sample(&group, block, first, last, error)
                                        : add_rows(&group, first, last, error));
    }
    if (!problem->design->sparse)
        gram_finish(&group.gram, problem);
out:
    gram_free(&group.gram);
    chunk_free(&group.chunk);
    return status;
}

/* Sums of the groups one by one or by threads; each group's bits are its own. */
static mxp_status add_groups(double *storage, size_t groups, const struct layout *at,
                             const struct mxp_problem *problem, const struct rows_request *request,
                             mxp_error *error)
{
    mxp_status statuses[GROUPS] = {MXP_OK};
    mxp_error errors[GROUPS];
    const int blas_threads = la_threads(1);

#ifdef _OPENMP
    const int threads = request->threads > 0 ? request->threads : omp_get_max_threads();
    const bool large = (double)problem->n * (double)problem->k > 2e5;
#pragma omp parallel for num_threads(threads)                                                      \
    schedule(dynamic) if (large && groups > 1 && threads > 1)
#endif
    for (size_t g = 0; g < groups; g++)
        statuses[g] =
            add_group(storage + g * at->count, g, groups, at, problem, request, &errors[g]);
    (void)la_threads(blas_threads);
    for (size_t g = 0; g < groups; g++)
        if (statuses[g] != MXP_OK) {
            if (error)
                *error = errors[g];
            return statuses[g];
        }
    return MXP_OK;
}

/* One group where rows are few (the rest would be empty); fewer where the Gram is so large that
 * eight copies would take more than 64 MB.  Both known from the shape alone. */
static size_t group_count(const struct mxp_problem *problem, const struct layout *at)
{
    const double most = 8.0 * 1024.0 * 1024.0;
    size_t groups = GROUPS;

    if (problem->n <= block_rows(problem) * (BLOCKS / GROUPS))
        return 1; /* and so are sparse columns */
    while (groups > 1 && (double)groups * (double)at->c * (double)at->c > most)
        groups /= 2;
    return groups;
}

static void give(double *to, const double *from, size_t count)
{
    if (to)
        memcpy(to, from, count * sizeof *to);
}

mxp_status rows_sum(struct rows_sums *sums, const struct mxp_problem *problem,
                    const struct rows_request *request, mxp_error *error)
{
    struct rows_request full = *request;
    double *storage = NULL;
    mxp_status status;

    if (!full.columns)
        full.column_count = problem->k;
    const struct layout at = lay_out(problem, &full);
    const size_t groups = group_count(problem, &at);
    TRY(status = mem_doubles(&storage, groups, at.count, error));
    TRY(status = add_groups(storage, groups, &at, problem, &full, error));
    for (size_t width = 1; width < groups; width *= 2)
        for (size_t g = 0; g + width < groups; g += 2 * width)
            for (size_t i = 0; i < at.count; i++)
                storage[g * at.count + i] += storage[(g + width) * at.count + i];
    sums->value = storage[0];
    sums->weight = storage[at.weight];
    give(sums->gradient, storage + at.gradient, at.d);
    give(sums->diagonal, storage + at.diagonal, at.d);
    give(sums->floor, storage + at.floor, at.d);
    if (full.want & ROWS_GRAM) {
        give(sums->cross, storage + at.cross, at.k * at.r);
        give(sums->own, storage + at.own, at.r * at.r);
        if (!problem->design->sparse)
            gram_scale(storage + at.gram, at.c, problem, &full);
        give(sums->gram, storage + at.gram, at.c * at.c);
    }
out:
    free(storage);
    return status;
}
