/* Weighted Grams of sparse columns by rows: a row adds the products of its values.  The columns of the
 * set are turned into rows first; shifts come in at the end. */
#include "base/mem.h"
#include "data/sparse_product.h"
#include "model/product_sparse.h"

#include <string.h>

/* The set's values by rows, members ascending in each. */
struct by_rows {
    size_t *start; /* rows + 1 */
    uint32_t *member;
    double *value;
};

static void by_rows_free(struct by_rows *r)
{
    free(r->start);
    free(r->member);
    free(r->value);
}

static size_t column_of(const struct mxp_problem *problem, const size_t *set, size_t a)
{
    return problem->parameter[set ? set[a] : a].column;
}

static mxp_status by_rows_new(struct by_rows *r, const struct mxp_problem *problem,
                              const size_t *set, size_t count, mxp_error *error)
{
    const struct sparse *sparse = problem->design->sparse;
    size_t total = 0;
    mxp_status status;

    TRY(status = MEM_NEW(&r->start, sparse->rows + 2, error));
    for (size_t a = 0; a < count; a++) {
        const size_t c = column_of(problem, set, a);
        for (size_t i = c == PROBLEM_INTERCEPT ? 0 : sparse->start[c];
             c != PROBLEM_INTERCEPT && i < sparse->start[c + 1]; i++)
            r->start[sparse->row[i] + 2]++;
    }
    for (size_t i = 2; i < sparse->rows + 2; i++)
        total += r->start[i];
    TRY(status = MEM_NEW(&r->member, total, error));
    TRY(status = MEM_NEW(&r->value, total, error));
    for (size_t i = 2; i < sparse->rows + 2; i++)
        r->start[i] += r->start[i - 1];
    for (size_t a = 0; a < count; a++) { /* start[row + 1] walks to where the next row starts */
        const size_t c = column_of(problem, set, a);
        if (c == PROBLEM_INTERCEPT)
            continue;
        for (size_t i = sparse->start[c]; i < sparse->start[c + 1]; i++) {
            const size_t at = r->start[sparse->row[i] + 1]++;
            r->member[at] = (uint32_t)a;
            r->value[at] = sparse->value[i];
        }
    }
out:
    return status;
}

/* Upper triangle of G, columns from `from` on, += h times the row's outer product. */
static void add_row(double *G, size_t ld, const uint32_t *member, const double *value, size_t m,
                    size_t from, double h)
{
    for (size_t b = m; b-- > 0 && member[b] >= from;) {
        double *to = G + member[b] * ld;
        const double by = h * value[b];
        for (size_t a = 0; a <= b; a++)
            to[member[a]] += by * value[a];
    }
}

/* Of the raw column: sum of h x, and of h x^2 about the shift. */
static void moments(double *sum, double *square, const struct mxp_problem *problem, size_t j,
                    const double *h, double total)
{
    const struct parameter *p = &problem->parameter[j];

    *sum =
        p->column == PROBLEM_INTERCEPT ? total : sparse_dot(problem->design->sparse, p->column, h);
    *square = p->column == PROBLEM_INTERCEPT
                  ? total
                  : sparse_centred_square(problem->design->sparse, p->column, p->shift, h, total);
}

/* Raw products become those of the solver columns.
 *   sum, square  of the members, see moments */
static void centre(double *G, size_t ld, const struct mxp_problem *problem, const size_t *set,
                   size_t from, size_t count, const double *sum, const double *square, double total)
{
    for (size_t b = from; b < count; b++) {
        const struct parameter *q = &problem->parameter[set ? set[b] : b];
        const bool q_ones = q->column == PROBLEM_INTERCEPT;
        for (size_t a = 0; a <= b; a++) {
            const struct parameter *p = &problem->parameter[set ? set[a] : a];
            const bool p_ones = p->column == PROBLEM_INTERCEPT;
            double raw = q_ones ? sum[a] : p_ones ? sum[b] : G[a + b * ld];
            raw -= (q_ones ? 0.0 : q->shift * (sum[a] - (p_ones ? 0.0 : p->shift * total))) +
                   (p_ones ? 0.0 : p->shift * sum[b]);
            if (a == b)
                raw = square[a];
            G[a + b * ld] =
                raw * (q_ones ? 1.0 : q->sign / q->scale) * (p_ones ? 1.0 : p->sign / p->scale);
            G[b + a * ld] = G[a + b * ld];
        }
    }
}

mxp_status product_sparse_gram(double *G, size_t ld, const struct mxp_problem *problem,
                               const size_t *set, size_t from, size_t count, const double *h,
                               mxp_error *error)
{
    const size_t n = problem->n;
    struct by_rows r = {0};
    double *sum = NULL, *square, total = 0.0;
    mxp_status status;

    TRY(status = by_rows_new(&r, problem, set, count, error));
    TRY(status = mem_doubles(&sum, count, 2, error));
    square = sum + count;
    for (size_t i = 0; i < n; i++)
        total += h[i];
    for (size_t a = 0; a < count; a++)
        moments(&sum[a], &square[a], problem, set ? set[a] : a, h, total);
    for (size_t b = from; b < count; b++)
        memset(G + b * ld, 0, count * sizeof *G);
    for (size_t i = 0; i < n; i++)
        if (h[i] != 0.0)
            add_row(G, ld, r.member + r.start[i], r.value + r.start[i], r.start[i + 1] - r.start[i],
                    from, h[i]);
    centre(G, ld, problem, set, from, count, sum, square, total);
out:
    free(sum);
    by_rows_free(&r);
    return status;
}
