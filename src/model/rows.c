#include "model/rows.h"
#include "base/mem.h"
#include "model/chunk.h"
#include "num/la.h"

#include <float.h>
#include <math.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

enum { BLOCKS = 64, GROUPS = 8, BLOCK_ROWS_MIN = 256 };

/* The rows first..last-1 of a block of rows; fixed by the number of rows alone. */
static size_t block_rows(size_t n)
{
    const size_t even = (n + BLOCKS - 1) / BLOCKS;
    return even < BLOCK_ROWS_MIN ? BLOCK_ROWS_MIN : even;
}

static void add_predictor_all(double *eta, const struct mxp_problem *problem, const double *theta)
{
    for (size_t first = 0; first < problem->n;) {
        const size_t left = problem->n - first, m = left < 512 ? left : 512;
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
        const double *x = chunk_raw(problem, j, 0);
        double sum = 0.0;
        for (size_t c = 0; c < problem->q; c++) {
            if (p->slot != c && p->slot != problem->q)
                continue;
            for (size_t i = 0; i < n; i++)
                sum += (x ? x[i] - p->shift : 1.0) * v[i + c * n];
        }
        product[j] = p->sign * sum / p->scale;
    }
}

/* The solver column of parameter j, its sign apart, times `by` where given. */
static void fill_column(double *z, const struct mxp_problem *problem, size_t j, size_t first,
                        size_t m, const double *by)
{
    const double *x = chunk_raw(problem, j, first);
    const struct parameter *p = &problem->parameter[j];
    const double shift = p->shift, scale = p->scale;

    for (size_t i = 0; i < m; i++)
        z[i] = x ? (x[i] - shift) : 1.0;
    if (scale != 1.0)
        for (size_t i = 0; i < m; i++)
            z[i] /= scale;
    if (by)
        for (size_t i = 0; i < m; i++)
            z[i] *= by[i];
}

void rows_fill(double *Z, const struct mxp_problem *problem, size_t first, size_t m)
{
    for (size_t j = 0; j < problem->k; j++)
        fill_column(Z + j * m, problem, j, first, m, NULL);
}

void rows_fill_set(double *Z, const struct mxp_problem *problem, const size_t *set, size_t count,
                   size_t first, size_t m)
{
    for (size_t a = 0; a < count; a++)
        fill_column(Z + a * m, problem, set[a], first, m, NULL);
}

/* Where the sums of a group lie in its storage. */
struct layout {
    size_t d, c, r, k;
    size_t gradient, diagonal, floor, cross, own, gram, count;
};

static struct layout lay_out(const struct mxp_problem *problem, const struct rows_request *request)
{
    struct layout at = {.d = problem->k + problem->r, .r = problem->r, .k = problem->k};
    at.c = request->want & ROWS_GRAM ? request->column_count : 0;
    at.gradient = 1;
    at.diagonal = at.gradient + at.d;
    at.floor = at.diagonal + at.d;
    at.cross = at.floor + at.d;
    at.own = at.cross + at.k * at.r;
    at.gram = at.own + at.r * at.r;
    at.count = at.gram + at.c * at.c;
    return at;
}

/* What rounding may do to an entry of the gradient, before the column. */
static double floor_of(const struct chunk *chunk, size_t slot, size_t i)
{
    const size_t q = chunk->problem->q, m = chunk->m;
    double sum = 0.0;

    for (size_t c = 0; c < q; c++)
        if (slot == c || slot == q)
            sum += fabs(chunk->d1[i + c * m]) +
                   fabs(chunk->d2[i + (c + q * c) * m] * chunk->eta[i + c * m]);
    return sum;
}

/* Column sums over a chunk: gradient, diagonal, floor.  The order of each sum is the compiler's
 * (reassociated locally, for vector units). */
static void add_column(double *s, const struct layout *at, size_t j, unsigned want,
                       const struct chunk *chunk)
{
    const struct parameter *p = &chunk->problem->parameter[j];
    const double *x = chunk_raw(chunk->problem, j, chunk->first);
    const double *d1 = chunk_first(chunk, p->slot), shift = p->shift;
    const double *h = chunk_curvature(chunk, p->slot, p->slot);
    const size_t m = chunk->m;
    double gradient = 0.0, diagonal = 0.0, floor = 0.0;

    for (size_t i = 0; (want & ROWS_FLOOR) && i < m; i++)
        floor += fabs(x ? x[i] - shift : 1.0) * floor_of(chunk, p->slot, i);
    if (!x) {
        for (size_t i = 0; i < m; i++) {
            gradient += d1[i];
            diagonal += h[i];
        }
    } else if (want & ROWS_DIAGONAL) {
#pragma omp simd reduction(+ : gradient, diagonal)
        for (size_t i = 0; i < m; i++) {
            const double z = x[i] - shift;
            gradient += z * d1[i];
            diagonal += z * z * h[i];
        }
    } else {
#pragma omp simd reduction(+ : gradient)
        for (size_t i = 0; i < m; i++)
            gradient += (x[i] - shift) * d1[i];
    }
    s[at->gradient + j] += p->sign * gradient / p->scale;
    s[at->diagonal + j] += diagonal / (p->scale * p->scale);
    s[at->floor + j] += DBL_EPSILON * floor / p->scale;
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

/* The estimated auxiliary parameter s: its own derivatives and the mixed ones. */
static void add_auxiliary(double *sums, const struct layout *at, size_t s, unsigned want,
                          const struct chunk *chunk)
{
    const struct mxp_problem *problem = chunk->problem;
    const size_t m = chunk->m, own = problem->auxiliary[s], R = problem->family->auxiliary_count;
    const double *dpsi = chunk->dpsi + own * m, *mixed = chunk->mixed + own * m;
    const double *w = chunk->weight;

    for (size_t i = 0; i < m; i++) {
        const double second = chunk->d2psi[i + (own + R * own) * m];
        sums[at->gradient + at->k + s] -= w[i] * dpsi[i];
        sums[at->diagonal + at->k + s] -= w[i] * second;
        if (want & ROWS_FLOOR)
            sums[at->floor + at->k + s] +=
                DBL_EPSILON * w[i] * (fabs(dpsi[i]) + fabs(second) + mixed_floor(chunk, own, i));
    }
    if (!(want & ROWS_GRAM))
        return;
    for (size_t t = 0; t < at->r; t++)
        for (size_t i = 0; i < m; i++)
            sums[at->own + s + t * at->r] -=
                w[i] * chunk->d2psi[i + (own + R * problem->auxiliary[t]) * m];
    for (size_t j = 0; j < at->k; j++) {
        const double *x = chunk_raw(problem, j, chunk->first);
        const struct parameter *p = &problem->parameter[j];
        double sum = 0.0;
        for (size_t i = 0; i < m; i++)
            sum += w[i] * mixed[i] * (x ? x[i] - p->shift : 1.0);
        sums[at->cross + j + s * at->k] -= p->sign * sum / p->scale;
    }
}

/* One eta column, curvature >= 0: columns times the root of the curvature, one symmetric product. */
static void add_gram_concave(double *G, size_t c, const struct rows_request *request,
                             struct chunk *chunk)
{
    const size_t m = chunk->m;

    for (size_t i = 0; i < m; i++)
        chunk->scratch[i] = sqrt(fmax(chunk->d2[i], 0.0));
    for (size_t a = 0; a < c; a++)
        fill_column(chunk->Z + a * m, chunk->problem, request->columns ? request->columns[a] : a,
                    chunk->first, m, chunk->scratch);
    la_gram_add(G, c, chunk->Z, m, m, c);
}

static const struct parameter *requested(const struct rows_request *request,
                                         const struct chunk *chunk, size_t a)
{
    return &chunk->problem->parameter[request->columns ? request->columns[a] : a];
}

/* The end of the run of requested parameters that share the slot of the one at a. */
static size_t slot_end(const struct rows_request *request, const struct chunk *chunk, size_t a,
                       size_t c)
{
    const size_t slot = requested(request, chunk, a)->slot;
    size_t end = a + 1;

    while (end < c && requested(request, chunk, end)->slot == slot)
        end++;
    return end;
}

/* Any curvature: for each pair of slots Z_a' (h_ab Z_b); the lower triangle of blocks. */
static void add_gram_general(double *G, size_t c, const struct rows_request *request,
                             struct chunk *chunk)
{
    const size_t m = chunk->m;

    for (size_t a = 0; a < c; a++) {
        double *z = chunk->Z + a * m;
        fill_column(z, chunk->problem, request->columns ? request->columns[a] : a, chunk->first, m,
                    NULL);
        if (requested(request, chunk, a)->sign < 0.0)
            for (size_t i = 0; i < m; i++)
                z[i] = -z[i];
    }
    for (size_t b = 0, b_end; b < c; b = b_end) {
        b_end = slot_end(request, chunk, b, c);
        for (size_t a = b, a_end; a < c; a = a_end) {
            a_end = slot_end(request, chunk, a, c);
            const double *h = chunk_curvature(chunk, requested(request, chunk, a)->slot,
                                              requested(request, chunk, b)->slot);
            for (size_t j = b; j < b_end; j++)
                for (size_t i = 0; i < m; i++)
                    chunk->W[i + j * m] = h[i] * chunk->Z[i + j * m];
            la_product_add(G + a + b * c, c, chunk->Z + a * m, m, chunk->W + b * m, m, a_end - a,
                           b_end - b, m);
        }
    }
}

static mxp_status add_chunk(double *sums, const struct layout *at,
                            const struct rows_request *request, struct chunk *chunk, size_t first,
                            size_t m, mxp_error *error)
{
    const mxp_status status =
        chunk_evaluate(chunk, first, m, request->theta, request->psi, request->want, error);

    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < m; i++)
        sums[0] -= chunk->weight[i] * chunk->value[i];
    if (!isfinite(sums[0]))
        return MXP_OK; /* a step too long: nothing else is used */
    if (request->want & (ROWS_GRADIENT | ROWS_DIAGONAL | ROWS_FLOOR))
        for (size_t j = 0; j < at->k; j++)
            add_column(sums, at, j, request->want, chunk);
    for (size_t s = 0; s < at->r; s++)
        add_auxiliary(sums, at, s, request->want, chunk);
    if (request->want & ROWS_GRAM)
        (chunk->W ? add_gram_general : add_gram_concave)(sums + at->gram, at->c, request, chunk);
    return MXP_OK;
}

/* All blocks of a group, in order. */
static mxp_status add_group(double *sums, size_t group, size_t groups, const struct layout *at,
                            const struct mxp_problem *problem, const struct rows_request *request,
                            mxp_error *error)
{
    const size_t rows = block_rows(problem->n), per_group = BLOCKS / groups;
    struct chunk chunk;
    mxp_status status;

    TRY(status = chunk_new(&chunk, problem, at->c, error));
    for (size_t block = group * per_group; block < (group + 1) * per_group; block++) {
        const size_t first = block * rows;
        const size_t last = first + rows < problem->n ? first + rows : problem->n;
        for (size_t row = first; row < last; row += chunk.m) {
            const size_t m = last - row < chunk.capacity ? last - row : chunk.capacity;
            TRY(status = add_chunk(sums, at, request, &chunk, row, m, error));
        }
    }
out:
    chunk_free(&chunk);
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

/* One group where rows are few (the rest would be empty) or the Gram is so large that eight
 * copies would not fit; both known from the shape alone. */
static size_t group_count(const struct mxp_problem *problem, const struct layout *at)
{
    if (problem->n <= block_rows(problem->n) * (BLOCKS / GROUPS) || at->c > 1024)
        return 1;
    return GROUPS;
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
    give(sums->gradient, storage + at.gradient, at.d);
    give(sums->diagonal, storage + at.diagonal, at.d);
    give(sums->floor, storage + at.floor, at.d);
    if (full.want & ROWS_GRAM) {
        give(sums->cross, storage + at.cross, at.k * at.r);
        give(sums->own, storage + at.own, at.r * at.r);
        la_mirror(storage + at.gram, at.c, at.c);
        give(sums->gram, storage + at.gram, at.c * at.c);
    }
out:
    free(storage);
    return status;
}

/* Below R (k + 1 columns: the last is the right-hand side) put a chunk of rows sqrt(w h) z, with
 * the working residual, and triangularise; R stays on top. */
static mxp_status stack_chunk(double *A, size_t lda, struct chunk *chunk, mxp_error *error)
{
    const size_t k = chunk->problem->k, m = chunk->m;

    for (size_t i = 0; i < m; i++)
        chunk->scratch[i] = sqrt(fmax(chunk->d2[i], 0.0));
    for (size_t j = 0; j < k; j++)
        fill_column(A + k + 1 + j * lda, chunk->problem, j, chunk->first, m, chunk->scratch);
    for (size_t i = 0; i < m; i++)
        A[k + 1 + i + k * lda] = chunk->scratch[i] > 0.0 ? -chunk->d1[i] / chunk->scratch[i] : 0.0;
    return la_triangularise(A, lda, k + 1 + m, k + 1, error);
}

static void start_triangle(double *A, size_t lda, size_t k, const double *precision,
                           const double *prior_rhs)
{
    for (size_t j = 0; j < k; j++) {
        const double root = precision && precision[j] > 0.0 ? sqrt(precision[j]) : 0.0;
        A[j + j * lda] = root;
        A[j + k * lda] = root > 0.0 && prior_rhs ? prior_rhs[j] / root : 0.0;
    }
}

static void take_triangle(double *R, const double *A, size_t lda, size_t k)
{
    for (size_t j = 0; j < k; j++) {
        memset(R + j * k, 0, k * sizeof *R);
        memcpy(R + j * k, A + j * lda, (j + 1) * sizeof *R);
    }
}

mxp_status rows_triangle(double *R, double *rhs, const struct mxp_problem *problem,
                         const double *theta, const double *psi, const double *precision,
                         const double *prior_rhs, mxp_error *error)
{
    const size_t k = problem->k;
    struct chunk chunk = {0};
    double *A = NULL;
    mxp_status status;

    TRY(status = chunk_new(&chunk, problem, 0, error));
    const size_t lda = k + 1 + chunk.capacity;
    TRY(status = mem_doubles(&A, lda, k + 1, error));
    start_triangle(A, lda, k, precision, prior_rhs);
    for (size_t first = 0; first < problem->n; first += chunk.m) {
        const size_t left = problem->n - first;
        TRY(status = chunk_evaluate(&chunk, first, left < chunk.capacity ? left : chunk.capacity,
                                    theta, psi, ROWS_GRADIENT | ROWS_DIAGONAL, error));
        TRY(status = stack_chunk(A, lda, &chunk, error));
    }
    take_triangle(R, A, lda, k);
    for (size_t j = 0; rhs && j < k; j++)
        rhs[j] = A[j + k * lda];
out:
    free(A);
    chunk_free(&chunk);
    return status;
}

mxp_status rows_columns_triangle(double *R, const struct mxp_problem *problem, const size_t *set,
                                 size_t f, mxp_error *error)
{
    const size_t rows = chunk_rows(f), lda = f + rows;
    const double *w = problem->design->weights;
    double *A = NULL, *root = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&A, lda, f, error));
    TRY(status = mem_doubles(&root, rows, 1, error));
    for (size_t first = 0, m; first < problem->n; first += m) {
        m = problem->n - first < rows ? problem->n - first : rows;
        for (size_t i = 0; i < m; i++)
            root[i] = w ? sqrt(w[first + i]) : 1.0;
        for (size_t a = 0; a < f; a++)
            fill_column(A + f + a * lda, problem, set[a], first, m, root);
        TRY(status = la_triangularise(A, lda, f + m, f, error));
    }
    take_triangle(R, A, lda, f);
out:
    free(root);
    free(A);
    return status;
}
