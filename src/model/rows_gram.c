#include "model/rows_gram.h"
#include "base/mem.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

/* Rows of one product: enough for its speed, few enough for the caches. */
enum { GRAM_ROWS = 256 };

static size_t column_of(const struct rows_request *request, size_t a)
{
    return request->columns ? request->columns[a] : a;
}

void gram_free(struct gram *gram)
{
    free(gram->Z);
    free(gram->W);
    free(gram->single);
    free(gram->S);
}

mxp_status gram_new(struct gram *gram, double *G, size_t c, const struct mxp_problem *problem,
                    const struct rows_request *request, mxp_error *error)
{
    mxp_status status = MXP_OK;

    *gram = (struct gram){.request = request, .c = c, .G = G, .rows = GRAM_ROWS};
    if (c == 0)
        return MXP_OK;
    const bool concave = problem->q == 1 && problem->family->concave(problem->link);
    if (request->single && concave) {
        TRY(status = MEM_NEW(&gram->single, c * c, error));
        TRY(status = MEM_NEW(&gram->S, gram->rows * c, error));
        goto out;
    }
    TRY(status = mem_doubles(&gram->Z, gram->rows, c, error));
    if (!concave)
        TRY(status = mem_doubles(&gram->W, gram->rows, c, error));
out:
    return status;
}

/* z = (x - shift) by, from row `from` of the chunk on. */
static void fill(double *z, const struct chunk *chunk, size_t j, size_t from, size_t m,
                 const double *by)
{
    const struct dense column = chunk_dense(chunk->problem, j, chunk->first + from);

    if (column.x)
        dense_scale(z, &column, by, m);
    else
        memcpy(z, by, m * sizeof *z);
}

/* What brings a column near 1, whatever its units: floats have a narrow range. */
static double unit_of(const struct mxp_problem *problem, size_t j)
{
    const struct parameter *p = &problem->parameter[j];

    if (problem_is_intercept(problem, j))
        return 1.0;
    const double sd = problem->design->sd[p->column];
    const double size = hypot(sd, problem->design->mean[p->column] - p->shift);
    return size > 0.0 ? 1.0 / size : 1.0;
}

static void fill_single(float *z, const struct chunk *chunk, size_t j, size_t from, size_t m,
                        const double *by)
{
    struct dense column = chunk_dense(chunk->problem, j, chunk->first + from);

    column.t = unit_of(chunk->problem, j);
    if (column.x)
        dense_scale_single(z, &column, by, m);
    else
        for (size_t i = 0; i < m; i++)
            z[i] = (float)by[i];
}

static void multiply(struct gram *gram)
{
    if (gram->filled == 0)
        return;
    if (gram->S)
        la_gram_add_single(gram->single, gram->c, gram->S, gram->rows, gram->filled, gram->c);
    else
        la_gram_add(gram->G, gram->c, gram->Z, gram->rows, gram->filled, gram->c);
    gram->filled = 0;
}

void gram_finish(struct gram *gram, const struct mxp_problem *problem)
{
    const size_t c = gram->c;

    multiply(gram);
    for (size_t b = 0; gram->S && b < c; b++) {
        const double unit = unit_of(problem, column_of(gram->request, b));
        for (size_t a = b; a < c; a++)
            gram->G[a + b * c] += (double)gram->single[a + b * c] /
                                  (unit * unit_of(problem, column_of(gram->request, a)));
    }
}

/* One eta column, curvature >= 0: columns times the root of the curvature, one symmetric product of
 * as many rows as there is room for. */
static void add_concave(struct gram *gram, const struct chunk *chunk)
{
    double *root = chunk->scratch;

    for (size_t i = 0; i < chunk->m; i++)
        root[i] = sqrt(fmax(chunk->d2[i], 0.0));
    for (size_t from = 0, m; from < chunk->m; from += m) {
        m = chunk->m - from;
        if (m > gram->rows - gram->filled)
            m = gram->rows - gram->filled;
        for (size_t a = 0; a < gram->c; a++) {
            const size_t at = gram->filled + a * gram->rows, j = column_of(gram->request, a);
            if (gram->S)
                fill_single(gram->S + at, chunk, j, from, m, root + from);
            else
                fill(gram->Z + at, chunk, j, from, m, root + from);
        }
        gram->filled += m;
        if (gram->filled == gram->rows)
            multiply(gram);
    }
}

static size_t slot_of(const struct gram *gram, const struct chunk *chunk, size_t a)
{
    return chunk->problem->parameter[column_of(gram->request, a)].slot;
}

/* The end of the run of columns that share the slot of the one at a. */
static size_t slot_end(const struct gram *gram, const struct chunk *chunk, size_t a)
{
    size_t end = a + 1;

    while (end < gram->c && slot_of(gram, chunk, end) == slot_of(gram, chunk, a))
        end++;
    return end;
}

/* Any curvature: for each pair of slots Z_a' (h_ab Z_b); the lower triangle of blocks. */
static void add_products(struct gram *gram, const struct chunk *chunk, size_t from, size_t m)
{
    const size_t c = gram->c, ld = gram->rows;

    for (size_t b = 0, b_end; b < c; b = b_end) {
        b_end = slot_end(gram, chunk, b);
        for (size_t a = b, a_end; a < c; a = a_end) {
            a_end = slot_end(gram, chunk, a);
            const double *h =
                chunk_curvature(chunk, slot_of(gram, chunk, a), slot_of(gram, chunk, b)) + from;
            for (size_t j = b; j < b_end; j++)
                for (size_t i = 0; i < m; i++)
                    gram->W[i + j * ld] = h[i] * gram->Z[i + j * ld];
            la_product_add(gram->G + a + b * c, c, gram->Z + a * ld, ld, gram->W + b * ld, ld,
                           a_end - a, b_end - b, m);
        }
    }
}

static void add_general(struct gram *gram, const struct chunk *chunk)
{
    double *ones = chunk->scratch;

    for (size_t i = 0; i < chunk->m; i++)
        ones[i] = 1.0;
    for (size_t from = 0, m; from < chunk->m; from += m) {
        m = chunk->m - from < gram->rows ? chunk->m - from : gram->rows;
        for (size_t a = 0; a < gram->c; a++)
            fill(gram->Z + a * gram->rows, chunk, column_of(gram->request, a), from, m, ones);
        add_products(gram, chunk, from, m);
    }
}

void gram_add(struct gram *gram, const struct chunk *chunk)
{
    if (gram->W)
        add_general(gram, chunk);
    else
        add_concave(gram, chunk);
}

void gram_scale(double *G, size_t c, const struct mxp_problem *problem,
                const struct rows_request *request)
{
    for (size_t b = 0; b < c; b++) {
        const struct parameter *p = &problem->parameter[column_of(request, b)];
        for (size_t a = b; a < c; a++) {
            const struct parameter *o = &problem->parameter[column_of(request, a)];
            G[a + b * c] *= p->sign * o->sign / (p->scale * o->scale);
        }
    }
    la_mirror(G, c, c);
}
