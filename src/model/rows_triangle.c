/* Triangles of the data, without a Gram: its condition is not squared. */
#include "base/mem.h"
#include "model/chunk_sparse.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

/* The solver column of parameter j, its sign apart, times `by` where given. */
static void fill_column(double *z, const struct mxp_problem *problem, size_t j, size_t first,
                        size_t m, const double *by)
{
    const struct parameter *p = &problem->parameter[j];
    const bool ones = p->column == PROBLEM_INTERCEPT;
    const double scale = p->scale;

    if (ones)
        for (size_t i = 0; i < m; i++)
            z[i] = 1.0;
    else if (problem->design->sparse)
        chunk_sparse_fill(z, problem, j, first, m);
    else
        memcpy(z, chunk_raw(problem, j, first), m * sizeof *z);
    for (size_t i = 0; !ones && i < m; i++)
        z[i] -= p->shift;
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

    TRY(status = chunk_new(&chunk, problem, error));
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
