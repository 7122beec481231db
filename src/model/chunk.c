#include "model/chunk.h"
#include "base/hot.h"
#include "base/mem.h"
#include "model/chunk_sparse.h"

#include <math.h>
#include <string.h>

size_t chunk_rows(size_t columns)
{
    enum { VALUES = 1 << 18, LEAST = 64, MOST = 1024 };
    const size_t rows = VALUES / (columns + 8) / 8 * 8;
    return rows < LEAST ? LEAST : rows > MOST ? MOST : rows;
}

void chunk_free(struct chunk *chunk)
{
    free(chunk->storage);
}

mxp_status chunk_new(struct chunk *chunk, const struct mxp_problem *problem, mxp_error *error)
{
    const size_t q = problem->q, r = problem->family->auxiliary_count;
    const size_t m =
        problem->design->sparse ? problem->n : chunk_rows(problem->design->columns + q * q);
    mxp_status status;

    *chunk = (struct chunk){.problem = problem, .capacity = m};
    const struct {
        double **part;
        size_t columns;
    } parts[] = {{&chunk->eta, q},       {&chunk->value, 1},      {&chunk->d1, q + 1},
                 {&chunk->d2, q * q},    {&chunk->shared, q + 1}, {&chunk->dpsi, r},
                 {&chunk->d2psi, r * r}, {&chunk->mixed, q * r},  {&chunk->weight, 1},
                 {&chunk->scratch, 1}};
    const size_t count = sizeof parts / sizeof *parts;
    size_t columns = 0;
    for (size_t i = 0; i < count; i++)
        columns += parts[i].columns;
    TRY(status = mem_doubles(&chunk->storage, m, columns, error));
    for (size_t i = 0, at = 0; i < count; at += parts[i++].columns)
        *parts[i].part = chunk->storage + at * m;
out:
    return status;
}

const double *chunk_raw(const struct mxp_problem *problem, size_t j, size_t first)
{
    const size_t column = problem->parameter[j].column;
    return column == PROBLEM_INTERCEPT ? NULL : problem->design->column[column] + first;
}

struct dense chunk_dense(const struct mxp_problem *problem, size_t j, size_t first)
{
    return (struct dense){.x = chunk_raw(problem, j, first), .shift = problem->parameter[j].shift};
}

static void add_constant(double *eta, double t, size_t m)
{
    for (size_t i = 0; i < m; i++)
        eta[i] += t;
}

/* One eta column. */
static void add_slot(double *eta, size_t slot, const struct mxp_problem *problem,
                     const double *theta, size_t first, size_t m)
{
    struct dense held[DENSE_ADD];
    size_t count = 0;

    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        if (theta[j] == 0.0 || (p->slot != slot && p->slot != problem->q))
            continue;
        struct dense column = chunk_dense(problem, j, first);
        column.t = p->sign * theta[j] / p->scale;
        if (!column.x) {
            add_constant(eta, column.t, m);
            continue;
        }
        held[count++] = column;
        if (count == DENSE_ADD) {
            dense_add(eta, held, count, m);
            count = 0;
        }
    }
    dense_add(eta, held, count, m);
}

void chunk_add_predictor(double *eta, size_t ld, const struct mxp_problem *problem,
                         const double *theta, size_t first, size_t m)
{
    for (size_t c = 0; c < problem->q; c++)
        if (problem->design->sparse)
            chunk_sparse_predictor(eta + c * ld, c, problem, theta);
        else
            add_slot(eta + c * ld, c, problem, theta, first, m);
}

void chunk_start_predictor(double *eta, size_t ld, const struct mxp_problem *problem, size_t first,
                           size_t m)
{
    const double *offset = problem->design->offset;
    const double sign = problem->family->response == RESPONSE_ORDERED ? -1.0 : 1.0;

    for (size_t c = 0; c < problem->q; c++)
        if (offset)
            for (size_t i = 0; i < m; i++)
                eta[i + c * ld] = sign * offset[first + i];
        else
            memset(eta + c * ld, 0, m * sizeof *eta);
}

/* Sums over eta columns for the slots that are all of them. */
static void share(struct chunk *chunk)
{
    const size_t q = chunk->problem->q, m = chunk->m;
    double *total = chunk->d1 + q * m, *both = chunk->shared + q * m;

    memset(total, 0, m * sizeof *total);
    memset(chunk->shared, 0, (q + 1) * m * sizeof *total);
    for (size_t c = 0; c < q; c++) {
        double *row = chunk->shared + c * m;
        for (size_t i = 0; i < m; i++)
            total[i] += chunk->d1[i + c * m];
        for (size_t b = 0; b < q; b++)
            for (size_t i = 0; i < m; i++)
                row[i] += chunk->d2[i + (b + q * c) * m];
        for (size_t i = 0; i < m; i++)
            both[i] += row[i];
    }
}

/* Times -w; what has no weight may be infinite. */
HOT static void scale_rows(double *values, const double *weight, size_t m)
{
#pragma omp simd
    for (size_t i = 0; i < m; i++)
        values[i] = weight[i] == 0.0 ? 0.0 : -weight[i] * values[i];
}

static void weigh(struct chunk *chunk)
{
    const size_t q = chunk->problem->q, m = chunk->m;
    const double *w = chunk->problem->design->weights;

    if (w)
        memcpy(chunk->weight, w + chunk->first, m * sizeof *w);
    for (size_t i = 0; !w && i < m; i++)
        chunk->weight[i] = 1.0;
    for (size_t i = 0; w && i < m; i++)
        if (chunk->weight[i] == 0.0)
            chunk->value[i] = 0.0;
    for (size_t c = 0; c < q; c++)
        scale_rows(chunk->d1 + c * m, chunk->weight, m);
    for (size_t c = 0; c < q * q; c++)
        scale_rows(chunk->d2 + c * m, chunk->weight, m);
}

/* The sizes of what eta is a sum of, in its place: eta is rounded at that level. */
static void measure(struct chunk *chunk, const double *theta)
{
    const struct mxp_problem *problem = chunk->problem;
    const size_t m = chunk->m;

    chunk_start_predictor(chunk->eta, m, problem, chunk->first, m);
    for (size_t i = 0; i < m * problem->q; i++)
        chunk->eta[i] = fabs(chunk->eta[i]);
    if (problem->design->sparse) {
        for (size_t c = 0; c < problem->q; c++)
            chunk_sparse_sizes(chunk->eta + c * m, c, problem, theta);
        return;
    }
    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        struct dense column = chunk_dense(problem, j, chunk->first);
        column.t = theta[j] / p->scale;
        for (size_t c = 0; c < problem->q; c++)
            if ((p->slot == c || p->slot == problem->q) && column.x)
                dense_add_absolute(chunk->eta + c * m, &column, m);
            else if (p->slot == c || p->slot == problem->q)
                add_constant(chunk->eta + c * m, fabs(column.t), m);
    }
}

mxp_status chunk_evaluate(struct chunk *chunk, size_t first, size_t m, const double *theta,
                          const double *psi, unsigned want, mxp_error *error)
{
    const struct mxp_problem *problem = chunk->problem;
    const struct response response = problem_response(problem, first);
    unsigned family_want = FAMILY_VALUE | FAMILY_D1;
    mxp_status status;

    chunk->first = first;
    chunk->m = m;
    if (want & (ROWS_DIAGONAL | ROWS_GRAM | ROWS_FLOOR))
        family_want |= FAMILY_D2;
    if ((want & ROWS_EXPECTED) || problem->family->piecewise_linear)
        family_want |= FAMILY_EXPECTED;
    if (problem->r)
        family_want |= FAMILY_AUX;
    chunk_start_predictor(chunk->eta, m, problem, first, m);
    chunk_add_predictor(chunk->eta, m, problem, theta, first, m);
    struct family_out out = {.value = chunk->value,
                             .d1 = chunk->d1,
                             .d2 = chunk->d2,
                             .dpsi = chunk->dpsi,
                             .d2psi = chunk->d2psi,
                             .deta_dpsi = chunk->mixed};
    TRY(status = problem->family->eval(&out, problem->link, &response, chunk->eta, m, psi,
                                       family_want, error));
    weigh(chunk);
    if (problem->q > 1)
        share(chunk);
    if (want & ROWS_FLOOR)
        measure(chunk, theta);
out:
    return status;
}

const double *chunk_first(const struct chunk *chunk, size_t slot)
{
    return chunk->d1 + slot * chunk->m;
}

const double *chunk_curvature(const struct chunk *chunk, size_t a, size_t b)
{
    const size_t q = chunk->problem->q, m = chunk->m;

    if (a == q)
        return chunk->shared + b * m;
    if (b == q)
        return chunk->shared + a * m;
    return chunk->d2 + (a + q * b) * m;
}
