#include "data/sparse_product.h"
#include "base/mem.h"

#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

/* From LARGE stored values on a product is shared out; sums over columns in GROUPS ranges. */
enum { LARGE = 1 << 18, GROUPS = 4, PIECE = 2048 };

static int thread_count(const struct sparse *sparse, int threads)
{
    if (sparse->count < LARGE)
        return 1;
#ifdef _OPENMP
    return threads > 0 ? threads : omp_get_max_threads();
#else
    return threads > 0 ? threads : 1;
#endif
}

static void dots_of(double *dots, const struct sparse *sparse, const double *v, size_t from,
                    size_t to)
{
    for (size_t j = from; j < to; j++)
        dots[j] = sparse_dot(sparse, j, v);
}

static void squares_of(double *squares, const struct sparse *sparse, const double *v, size_t from,
                       size_t to)
{
    const double *const x = sparse->value;
    const uint32_t *const row = sparse->row;

    for (size_t j = from; j < to; j++) {
        const size_t end = sparse->start[j + 1];
        double a = 0.0, b = 0.0;
        size_t i = sparse->start[j];
        for (; i + 2 <= end; i += 2) {
            a += x[i] * x[i] * v[row[i]];
            b += x[i + 1] * x[i + 1] * v[row[i + 1]];
        }
        for (; i < end; i++)
            a += x[i] * x[i] * v[row[i]];
        squares[j] = a + b;
    }
}

static void both_of(double *dots, double *squares, const struct sparse *sparse, const double *v,
                    const double *w, size_t from, size_t to)
{
    const double *const x = sparse->value;
    const uint32_t *const row = sparse->row;

    for (size_t j = from; j < to; j++) {
        const size_t end = sparse->start[j + 1];
        double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
        size_t i = sparse->start[j];
        for (; i + 2 <= end; i += 2) {
            a += x[i] * v[row[i]];
            b += x[i + 1] * v[row[i + 1]];
            c += x[i] * x[i] * w[row[i]];
            d += x[i + 1] * x[i + 1] * w[row[i + 1]];
        }
        for (; i < end; i++) {
            a += x[i] * v[row[i]];
            c += x[i] * x[i] * w[row[i]];
        }
        dots[j] = a + b;
        squares[j] = c + d;
    }
}

void sparse_both_dots(double *dots, double *squares, const struct sparse *sparse, const double *v,
                      const double *w, int threads)
{
    const size_t columns = sparse->columns;

    const int team = thread_count(sparse, threads);

    (void)team;
#ifdef _OPENMP
#pragma omp parallel for num_threads(team) schedule(dynamic) if (team > 1)
#endif
    for (size_t from = 0; from < columns; from += PIECE)
        both_of(dots, squares, sparse, v, w, from, columns - from < PIECE ? columns : from + PIECE);
}

/* Every column's sum is one thread's. */
static void over_pieces(double *dots, const struct sparse *sparse, const double *v, int threads,
                        void (*piece)(double *, const struct sparse *, const double *, size_t,
                                      size_t))
{
    const size_t columns = sparse->columns;

    const int team = thread_count(sparse, threads);

    (void)team;
#ifdef _OPENMP
#pragma omp parallel for num_threads(team) schedule(dynamic) if (team > 1)
#endif
    for (size_t from = 0; from < columns; from += PIECE)
        piece(dots, sparse, v, from, columns - from < PIECE ? columns : from + PIECE);
}

void sparse_dots(double *dots, const struct sparse *sparse, const double *v, int threads)
{
    over_pieces(dots, sparse, v, threads, dots_of);
}

void sparse_square_dots(double *dots, const struct sparse *sparse, const double *v, int threads)
{
    over_pieces(dots, sparse, v, threads, squares_of);
}

static void add_columns(double *sums, const struct sparse *sparse, const double *t, size_t from,
                        size_t to)
{
    const double *const x = sparse->value;
    const uint32_t *const row = sparse->row;

    for (size_t j = from; j < to; j++) {
        const double by = t[j];
        if (by == 0.0)
            continue;
        for (size_t i = sparse->start[j], end = sparse->start[j + 1]; i < end; i++)
            sums[row[i]] += by * x[i];
    }
}

/* The first column of group g: groups hold about as many values each. */
static size_t group_start(const struct sparse *sparse, size_t g)
{
    const size_t want = sparse->count / GROUPS * g;
    size_t low = 0, high = sparse->columns;

    if (g == GROUPS)
        return sparse->columns;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (sparse->start[middle] < want)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

mxp_status sparse_combine(double *sums, const struct sparse *sparse, const double *t, int threads,
                          mxp_error *error)
{
    const size_t n = sparse->rows;
    double *parts = NULL;
    mxp_status status;

    if (sparse->count < LARGE) {
        add_columns(sums, sparse, t, 0, sparse->columns);
        return MXP_OK;
    }
    TRY(status = mem_doubles(&parts, n, GROUPS - 1, error));
    const int team = thread_count(sparse, threads);

    (void)team;
#ifdef _OPENMP
#pragma omp parallel for num_threads(team) schedule(dynamic) if (team > 1)
#endif
    for (size_t g = 0; g < GROUPS; g++)
        add_columns(g ? parts + (g - 1) * n : sums, sparse, t, group_start(sparse, g),
                    group_start(sparse, g + 1));
    for (size_t i = 0; i < n; i++)
        for (size_t g = 0; g + 1 < GROUPS; g++)
            sums[i] += parts[i + g * n];
out:
    free(parts);
    return status;
}
