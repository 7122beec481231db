#include "model/product_sparse.h"
#include "base/mem.h"
#include "data/sparse_product.h"

#include <string.h>

static size_t member(const size_t *set, size_t a)
{
    return set ? set[a] : a;
}

static double total(const double *v, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum;
}

void product_sparse_transposed(double *product, const struct mxp_problem *problem,
                               const size_t *set, size_t count, const double *V, size_t b,
                               int threads)
{
    const struct sparse *const sparse = problem->design->sparse;
    const size_t n = problem->n;

    for (size_t v = 0; v < b; v++) {
        const double *const at = V + v * n;
        const double sum = total(at, n);
        double *const to = product + v * count;
#ifdef _OPENMP
#pragma omp parallel for num_threads(threads)                                                      \
    schedule(dynamic, 1024) if (threads > 1 && count > 4096)
#endif
        for (size_t a = 0; a < count; a++) {
            const struct parameter *p = &problem->parameter[member(set, a)];
            to[a] = p->column == PROBLEM_INTERCEPT
                        ? sum
                        : p->sign * (sparse_dot(sparse, p->column, at) - p->shift * sum) / p->scale;
        }
    }
    (void)threads;
}

void product_sparse_squares(double *squares, const struct mxp_problem *problem, const size_t *set,
                            size_t count, const double *h, int threads)
{
    const struct sparse *const sparse = problem->design->sparse;
    const double sum = total(h, problem->n);

#ifdef _OPENMP
#pragma omp parallel for num_threads(threads)                                                      \
    schedule(dynamic, 1024) if (threads > 1 && count > 4096)
#endif
    for (size_t a = 0; a < count; a++) {
        const struct parameter *p = &problem->parameter[member(set, a)];
        squares[a] = p->column == PROBLEM_INTERCEPT
                         ? sum
                         : sparse_centred_square(sparse, p->column, p->shift, h, sum) /
                               (p->scale * p->scale);
    }
    (void)threads;
}

/* by (columns) from t; the constant that shifts and intercepts leave. */
static double spread(double *by, const struct mxp_problem *problem, const size_t *set, size_t count,
                     const double *t)
{
    double constant = 0.0;

    for (size_t a = 0; a < count; a++) {
        const struct parameter *p = &problem->parameter[member(set, a)];
        if (p->column == PROBLEM_INTERCEPT) {
            constant += t[a];
            continue;
        }
        const double share = p->sign * t[a] / p->scale;
        by[p->column] += share;
        constant -= share * p->shift;
    }
    return constant;
}

mxp_status product_sparse_predictor(double *eta, const struct mxp_problem *problem,
                                    const size_t *set, size_t count, const double *T, size_t b,
                                    int threads, mxp_error *error)
{
    const struct sparse *const sparse = problem->design->sparse;
    const size_t n = problem->n;
    double *by = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&by, sparse->columns, 1, error));
    for (size_t v = 0; v < b; v++) {
        memset(by, 0, sparse->columns * sizeof *by);
        const double constant = spread(by, problem, set, count, T + v * count);
        for (size_t i = 0; i < n; i++)
            eta[i + v * n] += constant;
        TRY(status = sparse_combine(eta + v * n, sparse, by, threads, error));
    }
out:
    free(by);
    return status;
}

void product_map_free(struct product_map *map)
{
    if (!map)
        return;
    sparse_rows_free(map->rows);
    free(map->factor);
    free(map);
}

/* Whether coefficient j is column j - first. */
static bool in_order(const struct mxp_problem *problem, size_t first)
{
    for (size_t j = 0; j < problem->k; j++) {
        const size_t column = problem->parameter[j].column;
        if (j < first ? column != PROBLEM_INTERCEPT : column != j - first)
            return false;
    }
    return problem->k == problem->design->sparse->columns + first;
}

mxp_status product_map_new(struct product_map **map, const struct mxp_problem *problem, size_t most,
                           mxp_error *error)
{
    const struct sparse *const sparse = problem->design->sparse;
    struct product_map *x = NULL;
    mxp_status status;

    if (!sparse || sparse->count > most || !in_order(problem, problem->first_column))
        return MXP_OK;
    TRY(status = MEM_NEW(&x, 1, error));
    x->first = problem->first_column;
    x->columns = sparse->columns;
    TRY(status = mem_doubles(&x->factor, x->columns, 4, error));
    x->shift = x->factor + x->columns;
    x->by = x->shift + x->columns;
    x->dots = x->by + x->columns;
    for (size_t c = 0; c < x->columns; c++) {
        const struct parameter *p = &problem->parameter[c + x->first];
        x->factor[c] = p->sign / p->scale;
        x->shift[c] = p->shift;
    }
    TRY(status = sparse_rows_new(&x->rows, sparse, NULL, sparse->columns, error));
    *map = x;
    x = NULL;
out:
    product_map_free(x);
    return status;
}

/* product from the sums over the raw columns; sum: of what they were summed with. */
static void centre(double *product, const struct product_map *map, double sum)
{
    for (size_t j = 0; j < map->first; j++)
        product[j] = sum;
    for (size_t c = 0; c < map->columns; c++)
        product[c + map->first] = map->factor[c] * (map->dots[c] - map->shift[c] * sum);
}

void product_map_curve(double *product, double *along, struct product_map *map, const double *t,
                       const double *h, int threads)
{
    double constant = 0.0, sum;

    for (size_t j = 0; j < map->first; j++)
        constant += t[j];
    for (size_t c = 0; c < map->columns; c++) {
        map->by[c] = map->factor[c] * t[c + map->first];
        constant -= map->by[c] * map->shift[c];
    }
    sparse_rows_curve(map->dots, along, &sum, map->rows, map->by, constant, h, threads);
    centre(product, map, sum);
}

void product_map_transposed(double *product, struct product_map *map,
                            const struct mxp_problem *problem, const double *v, int threads)
{
    sparse_dots(map->dots, problem->design->sparse, v, threads);
    centre(product, map, total(v, problem->n));
}
