#include "model/chunk.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

size_t chunk_rows(size_t columns)
{
    const size_t rows = 32768 / (columns + 8);
    return rows < 64 ? 64 : rows > 512 ? 512 : rows;
}

void chunk_free(struct chunk *chunk)
{
    free(chunk->storage);
    free(chunk->Z);
    free(chunk->W);
}

mxp_status chunk_new(struct chunk *chunk, const struct mxp_problem *problem, size_t gram_columns,
                     mxp_error *error)
{
    const size_t q = problem->q, r = problem->family->auxiliary_count;
    const size_t m = chunk_rows(problem->k);
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
    if (gram_columns)
        TRY(status = mem_doubles(&chunk->Z, m, gram_columns, error));
    if (gram_columns && !(q == 1 && problem->family->concave(problem->link)))
        TRY(status = mem_doubles(&chunk->W, m, gram_columns, error));
out:
    return status;
}

const double *chunk_raw(const struct mxp_problem *problem, size_t j, size_t first)
{
    const size_t column = problem->parameter[j].column;
    return column == PROBLEM_INTERCEPT ? NULL : problem->design->column[column] + first;
}

/* eta += t (x - shift), or t where there is no column. */
static void add_column(double *eta, const double *x, double t, double shift, size_t m)
{
    if (!x) {
        for (size_t i = 0; i < m; i++)
            eta[i] += t;
    } else {
        for (size_t i = 0; i < m; i++)
            eta[i] += t * (x[i] - shift);
    }
}

void chunk_add_predictor(double *eta, size_t ld, const struct mxp_problem *problem,
                         const double *theta, size_t first, size_t m)
{
    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        const double t = p->sign * theta[j] / p->scale;
        if (theta[j] == 0.0)
            continue;
        for (size_t c = 0; c < problem->q; c++)
            if (p->slot == c || p->slot == problem->q)
                add_column(eta + c * ld, chunk_raw(problem, j, first), t, p->shift, m);
    }
}

void chunk_start_predictor(double *eta, size_t ld, const struct mxp_problem *problem, size_t first,
                           size_t m)
{
    const double *offset = problem->design->offset;
    const double sign = problem->family->response == RESPONSE_ORDERED ? -1.0 : 1.0;

    for (size_t c = 0; c < problem->q; c++)
        for (size_t i = 0; i < m; i++)
            eta[i + c * ld] = offset ? sign * offset[first + i] : 0.0;
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
static void scale_rows(double *values, const double *weight, size_t m)
{
    for (size_t i = 0; i < m; i++)
        values[i] = weight[i] == 0.0 ? 0.0 : -weight[i] * values[i];
}

static void weigh(struct chunk *chunk)
{
    const size_t q = chunk->problem->q, m = chunk->m;
    const double *w = chunk->problem->design->weights;

    for (size_t i = 0; i < m; i++) {
        chunk->weight[i] = w ? w[chunk->first + i] : 1.0;
        if (chunk->weight[i] == 0.0)
            chunk->value[i] = 0.0;
    }
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
    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        const double *x = chunk_raw(problem, j, chunk->first), t = fabs(theta[j] / p->scale);
        for (size_t c = 0; c < problem->q; c++)
            if (p->slot == c || p->slot == problem->q)
                for (size_t i = 0; i < m; i++)
                    chunk->eta[i + c * m] += t * (x ? fabs(x[i] - p->shift) : 1.0);
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
