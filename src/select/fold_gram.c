#include "select/fold_gram.h"
#include "base/mem.h"
#include "model/product.h"

#include <string.h>

/* The part of the rows held out, k x k, times the row weights. */
static mxp_status held_out(double *part, const struct mxp_problem *problem, const size_t *held,
                           size_t count, mxp_error *error)
{
    const struct product_rows rows = {.row = held, .count = count};
    const double *w = problem->design->weights;
    double *h = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&h, problem->n, 1, error));
    for (size_t i = 0; i < problem->n; i++)
        h[i] = w ? w[i] : 1.0;
    TRY(status =
            product_gram_rows(part, problem->k, problem, NULL, 0, problem->k, h, &rows, 1, error));
out:
    free(h);
    return status;
}

/* A column of the view is a times the problem's plus d. */
static void map_of(double *a, double *d, const struct mxp_problem *problem,
                   const struct mxp_problem *view, size_t j)
{
    const struct parameter *from = &problem->parameter[j], *to = &view->parameter[j];
    const bool ones = from->column == PROBLEM_INTERCEPT;

    *a = ones ? 1.0 : from->scale / to->scale;
    *d = ones ? 0.0 : to->sign * (from->shift - to->shift) / to->scale;
}

mxp_status fold_gram(double *G, const double *all, const struct mxp_problem *problem,
                     const struct mxp_problem *view, const size_t *held, size_t count,
                     mxp_error *error)
{
    const size_t k = problem->k;
    const double W = view->design->weight_sum;
    double *a = NULL, *d, *sum;
    mxp_status status;

    TRY(status = mem_doubles(&a, k, 3, error));
    d = a + k;
    sum = d + k;
    TRY(status = held_out(G, problem, held, count, error));
    product_transposed(sum, problem, NULL, k, view->design->weights, 1, 1);
    for (size_t j = 0; j < k; j++)
        map_of(&a[j], &d[j], problem, view, j);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i <= j; i++) {
            const double kept = all[i + j * k] - G[i + j * k];
            G[i + j * k] =
                a[i] * a[j] * kept + a[i] * d[j] * sum[i] + d[i] * a[j] * sum[j] + d[i] * d[j] * W;
            G[j + i * k] = G[i + j * k];
        }
out:
    free(a);
    return status;
}
