#include "base/hot.h"
#include "base/mem.h"
#include "model/product.h"
#include "model/product_sparse.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

enum { TILE = 192, CHUNK_VALUES = 1 << 20, ROWS_MIN = 128, ROWS_MAX = 4096 };

/* The chunk of rows in work: all columns of the set, scaled and times root h. */
struct gram {
    const struct mxp_problem *problem;
    const size_t *set;
    size_t from, count, capacity;
    const double *root; /* n */
    const size_t *row;  /* NULL: all of them, in their order */
    double *S;          /* capacity x count */
};

HOT static void fill(double *to, const double *x, double shift, double by, const double *root,
                     size_t m)
{
#pragma omp simd
    for (size_t i = 0; i < m; i++)
        to[i] = by * (x[i] - shift) * root[i];
}

static void gather(double *to, const double *x, double shift, double by, const double *root,
                   const size_t *row, size_t m)
{
    for (size_t i = 0; i < m; i++)
        to[i] = by * (x[row[i]] - shift) * root[row[i]];
}

static void fill_ones(double *to, const struct gram *g, size_t first, size_t m)
{
    for (size_t i = 0; i < m; i++)
        to[i] = g->root[g->row ? g->row[first + i] : first + i];
}

static void fill_column(const struct gram *g, size_t a, size_t first, size_t m)
{
    const struct parameter *p = &g->problem->parameter[g->set ? g->set[a] : a];
    double *to = g->S + a * g->capacity;

    if (p->column == PROBLEM_INTERCEPT)
        fill_ones(to, g, first, m);
    else if (g->row)
        gather(to, g->problem->design->column[p->column], p->shift, p->sign / p->scale, g->root,
               g->row + first, m);
    else
        fill(to, g->problem->design->column[p->column] + first, p->shift, p->sign / p->scale,
             g->root + first, m);
}

/* The columns of tile t: the rows above its diagonal block, and the lower triangle of that block. */
static void add_tile(double *G, size_t ld, const struct gram *g, size_t t, size_t m)
{
    const size_t begin = g->from + t * TILE;
    const size_t end = begin + TILE < g->count ? begin + TILE : g->count;
    const double *S = g->S + begin * g->capacity;

    if (begin)
        la_product_add(G + begin * ld, ld, g->S, g->capacity, S, g->capacity, begin, end - begin,
                       m);
    la_gram_add(G + begin + begin * ld, ld, S, g->capacity, m, end - begin);
}

/* Both triangles from what the tiles hold. */
static void mirror(double *G, size_t ld, size_t from, size_t count)
{
    for (size_t c = from; c < count; c++) {
        const size_t begin = from + (c - from) / TILE * TILE;
        for (size_t a = 0; a < begin; a++)
            G[c + a * ld] = G[a + c * ld];
        for (size_t a = begin; a < c; a++)
            G[a + c * ld] = G[c + a * ld];
    }
}

static void add_rows(double *G, size_t ld, const struct gram *g, size_t first, size_t m,
                     int threads)
{
    const size_t tiles = (g->count - g->from + TILE - 1) / TILE;

#pragma omp parallel num_threads(threads) if (threads > 1 && tiles > 1 && m * g->count > 65536)
    {
#pragma omp for schedule(static)
        for (size_t a = 0; a < g->count; a++)
            fill_column(g, a, first, m);
#pragma omp for schedule(dynamic)
        for (size_t t = tiles; t > 0; t--) /* the tallest first */
            add_tile(G, ld, g, t - 1, m);
    }
}

mxp_status product_gram(double *G, size_t ld, const struct mxp_problem *problem, const size_t *set,
                        size_t from, size_t count, const double *h, int threads, mxp_error *error)
{
    const struct product_rows all = {.count = problem->n};

    return product_gram_rows(G, ld, problem, set, from, count, h, &all, threads, error);
}

/* Sparse columns: rows that are not asked for have no weight. */
static mxp_status sparse_rows_gram(double *G, size_t ld, const struct mxp_problem *problem,
                                   const size_t *set, size_t from, size_t count, const double *h,
                                   const struct product_rows *rows, mxp_error *error)
{
    double *kept = NULL;
    mxp_status status;

    if (!rows->row)
        return product_sparse_gram(G, ld, problem, set, from, count, h, error);
    TRY(status = mem_doubles(&kept, problem->n, 1, error));
    for (size_t i = 0; i < rows->count; i++)
        kept[rows->row[i]] = h[rows->row[i]];
    status = product_sparse_gram(G, ld, problem, set, from, count, kept, error);
out:
    free(kept);
    return status;
}

mxp_status product_gram_rows(double *G, size_t ld, const struct mxp_problem *problem,
                             const size_t *set, size_t from, size_t count, const double *h,
                             const struct product_rows *rows, int threads, mxp_error *error)
{
    const size_t n = rows->count, even = CHUNK_VALUES / (count + 1);
    struct gram g = {
        .problem = problem, .set = set, .from = from, .count = count, .row = rows->row};
    if (problem->design->sparse)
        return sparse_rows_gram(G, ld, problem, set, from, count, h, rows, error);
    const int blas_threads = la_threads(1);
    double *root = NULL;
    mxp_status status;

    g.capacity = even < ROWS_MIN ? ROWS_MIN : even > ROWS_MAX ? ROWS_MAX : even;
    g.capacity = g.capacity < n ? g.capacity : n;
    TRY(status = mem_doubles(&g.S, g.capacity, count, error));
    TRY(status = mem_doubles(&root, problem->n, 1, error));
    for (size_t i = 0; i < problem->n; i++)
        root[i] = sqrt(h[i]);
    g.root = root;
    for (size_t c = from; c < count; c++)
        memset(G + c * ld, 0, count * sizeof *G);
    for (size_t first = 0; first < n; first += g.capacity)
        add_rows(G, ld, &g, first, n - first < g.capacity ? n - first : g.capacity, threads);
    mirror(G, ld, from, count);
out:
    (void)la_threads(blas_threads);
    free(root);
    free(g.S);
    return status;
}
