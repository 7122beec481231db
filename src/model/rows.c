#include "model/rows.h"
#include "base/mem.h"
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

/* Rows of a chunk: it fits the second-level cache with all its columns. */
static size_t chunk_rows(size_t columns)
{
    const size_t rows = 32768 / (columns + 8);
    return rows < 64 ? 64 : rows > 512 ? 512 : rows;
}

/* What one thread needs for a chunk of m rows. */
struct chunk {
    size_t first, m, capacity;
    double *eta, *value, *d1, *d2, *dpsi, *d2psi, *mixed, *weight, *Z;
    double *storage;
};

static void chunk_free(struct chunk *chunk)
{
    free(chunk->storage);
    free(chunk->Z);
}

static mxp_status chunk_new(struct chunk *chunk, const struct mxp_problem *problem,
                            const struct rows_request *request, mxp_error *error)
{
    const size_t r = problem->r, m = chunk_rows(problem->k);
    mxp_status status;

    *chunk = (struct chunk){.capacity = m};
    TRY(status = mem_doubles(&chunk->storage, m, 5 + 2 * r + r * r, error));
    double **parts[] = {&chunk->eta, &chunk->value, &chunk->d1, &chunk->d2, &chunk->weight};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i] = chunk->storage + i * m;
    chunk->dpsi = chunk->storage + 5 * m;
    chunk->mixed = chunk->dpsi + r * m;
    chunk->d2psi = chunk->mixed + r * m;
    if (request->want & ROWS_GRAM)
        TRY(status = mem_doubles(&chunk->Z, m, request->column_count, error));
out:
    return status;
}

/* The raw column of parameter j at row `first`, or NULL for the intercept. */
static const double *raw_column(const struct mxp_problem *problem, size_t j, size_t first)
{
    return j < problem->first_column ? NULL
                                     : problem->design->column[j - problem->first_column] + first;
}

static void add_predictor(double *eta, const struct mxp_problem *problem, const double *theta,
                          size_t first, size_t m)
{
    for (size_t j = 0; j < problem->k; j++) {
        const double *x = raw_column(problem, j, first);
        const double t = theta[j] / problem->parameter[j].scale;
        const double shift = problem->parameter[j].shift;
        if (theta[j] == 0.0)
            continue;
        if (!x) {
            for (size_t i = 0; i < m; i++)
                eta[i] += t;
        } else {
            for (size_t i = 0; i < m; i++)
                eta[i] += t * (x[i] - shift);
        }
    }
}

static void start_predictor(double *eta, const struct mxp_problem *problem, size_t first, size_t m)
{
    if (problem->design->offset)
        memcpy(eta, problem->design->offset + first, m * sizeof *eta);
    else
        memset(eta, 0, m * sizeof *eta);
}

static void add_predictor_all(double *eta, const struct mxp_problem *problem, const double *theta)
{
    for (size_t first = 0; first < problem->n;) {
        const size_t left = problem->n - first, m = left < 512 ? left : 512;
        add_predictor(eta + first, problem, theta, first, m);
        first += m;
    }
}

void rows_predictor(double *eta, const struct mxp_problem *problem, const double *theta)
{
    start_predictor(eta, problem, 0, problem->n);
    add_predictor_all(eta, problem, theta);
}

void rows_direction(double *eta, const struct mxp_problem *problem, const double *direction)
{
    memset(eta, 0, problem->n * sizeof *eta);
    add_predictor_all(eta, problem, direction);
}

void rows_transposed(double *product, const struct mxp_problem *problem, const double *v)
{
    for (size_t j = 0; j < problem->k; j++) {
        const double *x = raw_column(problem, j, 0);
        const double shift = problem->parameter[j].shift;
        double sum = 0.0;
        for (size_t i = 0; i < problem->n; i++)
            sum += (x ? x[i] - shift : 1.0) * v[i];
        product[j] = sum / problem->parameter[j].scale;
    }
}

void rows_fill(double *Z, const struct mxp_problem *problem, size_t first, size_t m)
{
    for (size_t j = 0; j < problem->k; j++) {
        const double *x = raw_column(problem, j, first);
        const struct parameter *p = &problem->parameter[j];
        double *z = Z + j * m;
        for (size_t i = 0; i < m; i++)
            z[i] = x ? (x[i] - p->shift) / p->scale : 1.0;
    }
}

/* The sizes of what eta is a sum of, in its place: eta is rounded at that level. */
static void measure_predictor(double *eta, const struct mxp_problem *problem, const double *theta,
                              size_t first, size_t m)
{
    start_predictor(eta, problem, first, m);
    for (size_t i = 0; i < m; i++)
        eta[i] = fabs(eta[i]);
    for (size_t j = 0; j < problem->k; j++) {
        const double *x = raw_column(problem, j, first);
        const double t = fabs(theta[j] / problem->parameter[j].scale);
        const double shift = problem->parameter[j].shift;
        for (size_t i = 0; i < m; i++)
            eta[i] += t * (x ? fabs(x[i] - shift) : 1.0);
    }
}

/* The families' rows of a chunk, and w d1, w h in place: afterwards d1 and d2 are the weighted
 * derivatives of -log f. */
static mxp_status evaluate_chunk(struct chunk *chunk, const struct mxp_problem *problem,
                                 const struct rows_request *request, mxp_error *error)
{
    const size_t m = chunk->m, first = chunk->first;
    const double *w = problem->design->weights;
    unsigned want = FAMILY_VALUE;

    if (request->want & (ROWS_GRADIENT | ROWS_FLOOR))
        want |= FAMILY_D1;
    if (request->want & (ROWS_DIAGONAL | ROWS_GRAM | ROWS_FLOOR))
        want |= FAMILY_D2;
    if (problem->r)
        want |= FAMILY_AUX;
    start_predictor(chunk->eta, problem, first, m);
    add_predictor(chunk->eta, problem, request->theta, first, m);
    struct family_out out = {.value = chunk->value,
                             .d1 = chunk->d1,
                             .d2 = chunk->d2,
                             .dpsi = chunk->dpsi,
                             .d2psi = chunk->d2psi,
                             .deta_dpsi = chunk->mixed};
    const mxp_status status = problem->family->eval(&out, problem->link, problem->design->y + first,
                                                    chunk->eta, m, request->psi, want, error);
    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < m; i++) {
        const double weight = w ? w[first + i] : 1.0;
        chunk->weight[i] = weight;
        if (weight == 0.0) /* they may be infinite */
            chunk->value[i] = chunk->d1[i] = chunk->d2[i] = 0.0;
        chunk->d1[i] *= -weight;
        chunk->d2[i] *= -weight;
    }
    if (request->want & ROWS_FLOOR)
        measure_predictor(chunk->eta, problem, request->theta, first, m);
    return MXP_OK;
}

/* The sums of one group of blocks; arrays are slices of one block of storage. */
struct partial {
    double *sums; /* value, gradient, diagonal, floor, cross, gram */
    size_t count;
};

struct layout {
    size_t d, c, r, k;
    size_t gradient, diagonal, floor, cross, gram, count;
};

static struct layout lay_out(const struct mxp_problem *problem, const struct rows_request *request)
{
    struct layout at = {.d = problem->k + problem->r, .r = problem->r, .k = problem->k};
    at.c = request->want & ROWS_GRAM ? request->column_count : 0;
    at.gradient = 1;
    at.diagonal = at.gradient + at.d;
    at.floor = at.diagonal + at.d;
    at.cross = at.floor + at.d;
    at.gram = at.cross + at.k * at.r;
    at.count = at.gram + at.c * at.c;
    return at;
}

/* Column sums over a chunk: gradient, diagonal, floor.  The order of each sum is the compiler's
 * (reassociated locally, for vector units). */
static void add_column(double *s, const struct layout *at, size_t j, unsigned want,
                       const struct parameter *p, const double *x, const struct chunk *chunk)
{
    const size_t m = chunk->m;
    const double *d1 = chunk->d1, *h = chunk->d2, *eta = chunk->eta;
    double gradient = 0.0, diagonal = 0.0, floor = 0.0;

    if (want & ROWS_FLOOR) {
        for (size_t i = 0; i < m; i++) {
            const double z = x ? (x[i] - p->shift) / p->scale : 1.0;
            floor += fabs(z) * (fabs(d1[i]) + fabs(h[i] * eta[i]));
        }
        s[at->floor + j] += DBL_EPSILON * floor;
    }
    if (!x) {
        for (size_t i = 0; i < m; i++) {
            gradient += d1[i];
            diagonal += h[i];
        }
    } else if (want & ROWS_DIAGONAL) {
#pragma omp simd reduction(+ : gradient, diagonal)
        for (size_t i = 0; i < m; i++) {
            const double z = x[i] - p->shift;
            gradient += z * d1[i];
            diagonal += z * z * h[i];
        }
    } else {
#pragma omp simd reduction(+ : gradient)
        for (size_t i = 0; i < m; i++)
            gradient += (x[i] - p->shift) * d1[i];
    }
    s[at->gradient + j] += gradient / p->scale;
    s[at->diagonal + j] += diagonal / (p->scale * p->scale);
}

/* The auxiliary parameter s: its own derivatives and the mixed ones with each coefficient. */
static void add_auxiliary(double *sums, const struct layout *at, size_t s,
                          const struct mxp_problem *problem, unsigned want,
                          const struct chunk *chunk)
{
    const size_t m = chunk->m, own = problem->auxiliary[s];
    const size_t r = problem->family->auxiliary_count;
    const double *dpsi = chunk->dpsi + own * m, *mixed = chunk->mixed + own * m;
    const double *d2psi = chunk->d2psi + (own + r * own) * m;

    for (size_t i = 0; i < m; i++) {
        sums[at->gradient + at->k + s] -= chunk->weight[i] * dpsi[i];
        sums[at->diagonal + at->k + s] -= chunk->weight[i] * d2psi[i];
        sums[at->floor + at->k + s] +=
            DBL_EPSILON * chunk->weight[i] *
            (fabs(dpsi[i]) + fabs(d2psi[i]) + fabs(mixed[i] * chunk->eta[i]));
    }
    if (!(want & ROWS_GRAM))
        return;
    for (size_t j = 0; j < at->k; j++) {
        const double *x = raw_column(problem, j, chunk->first);
        const struct parameter *p = &problem->parameter[j];
        double sum = 0.0;
        for (size_t i = 0; i < m; i++)
            sum += chunk->weight[i] * mixed[i] * (x ? x[i] - p->shift : 1.0);
        sums[at->cross + j + s * at->k] -= sum / p->scale;
    }
}

static void add_gram(double *G, size_t c, const struct mxp_problem *problem,
                     const struct rows_request *request, struct chunk *chunk)
{
    const size_t m = chunk->m;
    double *root = chunk->value; /* summed already: free for the roots of the weights */

    for (size_t i = 0; i < m; i++)
        root[i] = sqrt(fmax(chunk->d2[i], 0.0));
    for (size_t a = 0; a < c; a++) {
        const size_t j = request->columns ? request->columns[a] : a;
        const double *x = raw_column(problem, j, chunk->first);
        const double shift = problem->parameter[j].shift;
        double *z = chunk->Z + a * m;
        if (!x) {
            memcpy(z, root, m * sizeof *z);
        } else if (problem->parameter[j].scale == 1.0) {
            for (size_t i = 0; i < m; i++)
                z[i] = root[i] * (x[i] - shift);
        } else {
            const double scale = problem->parameter[j].scale;
            for (size_t i = 0; i < m; i++)
                z[i] = root[i] * (x[i] - shift) / scale;
        }
    }
    la_gram_add(G, c, chunk->Z, m, m, c);
}

static mxp_status add_chunk(double *sums, const struct layout *at,
                            const struct mxp_problem *problem, const struct rows_request *request,
                            struct chunk *chunk, mxp_error *error)
{
    const mxp_status status = evaluate_chunk(chunk, problem, request, error);

    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < chunk->m; i++)
        sums[0] -= chunk->weight[i] * chunk->value[i];
    if (!isfinite(sums[0]))
        return MXP_OK; /* a step too long: nothing else is used */
    if (request->want & (ROWS_GRADIENT | ROWS_DIAGONAL | ROWS_FLOOR))
        for (size_t j = 0; j < at->k; j++)
            add_column(sums, at, j, request->want, &problem->parameter[j],
                       raw_column(problem, j, chunk->first), chunk);
    for (size_t s = 0; s < at->r; s++)
        add_auxiliary(sums, at, s, problem, request->want, chunk);
    if (request->want & ROWS_GRAM)
        add_gram(sums + at->gram, at->c, problem, request, chunk);
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

    TRY(status = chunk_new(&chunk, problem, request, error));
    for (size_t block = group * per_group; block < (group + 1) * per_group; block++) {
        const size_t first = block * rows;
        const size_t last = first + rows < problem->n ? first + rows : problem->n;
        for (size_t row = first; row < last; row += chunk.m) {
            chunk.first = row;
            chunk.m = last - row < chunk.capacity ? last - row : chunk.capacity;
            TRY(status = add_chunk(sums, at, problem, request, &chunk, error));
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
        la_mirror(storage + at.gram, at.c, at.c);
        give(sums->gram, storage + at.gram, at.c * at.c);
    }
out:
    free(storage);
    return status;
}

/* Below R (k + 1 columns: the last is the right-hand side) put a chunk of rows sqrt(w h) z, with
 * the working residual, and triangularise; R stays on top. */
static mxp_status stack_chunk(double *A, size_t lda, const struct mxp_problem *problem,
                              const struct chunk *chunk, mxp_error *error)
{
    const size_t k = problem->k;

    for (size_t i = 0; i < chunk->m; i++) {
        const double root = sqrt(fmax(chunk->d2[i], 0.0));
        for (size_t j = 0; j < k; j++) {
            const double *x = raw_column(problem, j, chunk->first);
            const struct parameter *p = &problem->parameter[j];
            A[k + 1 + i + j * lda] = x ? root * (x[i] - p->shift) / p->scale : root;
        }
        A[k + 1 + i + k * lda] = root > 0.0 ? -chunk->d1[i] / root : 0.0;
    }
    return la_triangularise(A, lda, k + 1 + chunk->m, k + 1, error);
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

mxp_status rows_triangle(double *R, double *rhs, const struct mxp_problem *problem,
                         const double *theta, const double *psi, const double *precision,
                         const double *prior_rhs, mxp_error *error)
{
    const struct rows_request request = {
        .want = ROWS_GRADIENT | ROWS_DIAGONAL, .theta = theta, .psi = psi};
    const size_t k = problem->k;
    struct chunk chunk = {0};
    double *A = NULL;
    mxp_status status;

    TRY(status = chunk_new(&chunk, problem, &request, error));
    const size_t lda = k + 1 + chunk.capacity;
    TRY(status = mem_doubles(&A, lda, k + 1, error));
    start_triangle(A, lda, k, precision, prior_rhs);
    for (chunk.first = 0; chunk.first < problem->n; chunk.first += chunk.m) {
        const size_t left = problem->n - chunk.first;
        chunk.m = left < chunk.capacity ? left : chunk.capacity;
        TRY(status = evaluate_chunk(&chunk, problem, &request, error));
        TRY(status = stack_chunk(A, lda, problem, &chunk, error));
    }
    for (size_t j = 0; j < k; j++) {
        memset(R + j * k, 0, k * sizeof *R);
        memcpy(R + j * k, A + j * lda, (j + 1) * sizeof *R);
        if (rhs)
            rhs[j] = A[j + k * lda];
    }
out:
    free(A);
    chunk_free(&chunk);
    return status;
}
