#include "model/chunk_sparse.h"
#include "base/mem.h"
#include "data/sparse_product.h"
#include "model/product_sparse.h"

#include <math.h>
#include <string.h>

static bool in_slot(const struct mxp_problem *problem, size_t j, size_t slot)
{
    return problem->parameter[j].slot == slot || problem->parameter[j].slot == problem->q;
}

void chunk_sparse_predictor(double *eta, size_t slot, const struct mxp_problem *problem,
                            const double *theta)
{
    const struct sparse *x = problem->design->sparse;
    double constant = 0.0;

    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        const double t = p->sign * theta[j] / p->scale;
        if (t == 0.0 || !in_slot(problem, j, slot))
            continue;
        constant += p->column == PROBLEM_INTERCEPT ? t : -t * p->shift;
        if (p->column == PROBLEM_INTERCEPT)
            continue;
        for (size_t i = x->start[p->column]; i < x->start[p->column + 1]; i++)
            eta[x->row[i]] += t * x->value[i];
    }
    for (size_t i = 0; i < problem->n; i++)
        eta[i] += constant;
}

void chunk_sparse_sizes(double *eta, size_t slot, const struct mxp_problem *problem,
                        const double *theta)
{
    const struct sparse *x = problem->design->sparse;
    double constant = 0.0;

    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        const double t = fabs(theta[j] / p->scale), s = p->shift;
        if (t == 0.0 || !in_slot(problem, j, slot))
            continue;
        constant += p->column == PROBLEM_INTERCEPT ? t : t * fabs(s);
        if (p->column == PROBLEM_INTERCEPT)
            continue;
        for (size_t i = x->start[p->column]; i < x->start[p->column + 1]; i++)
            eta[x->row[i]] += t * (fabs(x->value[i] - s) - fabs(s));
    }
    for (size_t i = 0; i < problem->n; i++)
        eta[i] += constant;
}

/* sum h (x - shift)^2, h of any sign; total: of h. */
static double square(const struct sparse *x, const struct parameter *p, const double *h,
                     double total)
{
    double sum = 0.0, held = 0.0;

    for (size_t i = x->start[p->column]; i < x->start[p->column + 1]; i++) {
        const double z = x->value[i] - p->shift, w = h[x->row[i]];
        sum += w * z * z;
        held += w;
    }
    return sum + p->shift * p->shift * (total - held);
}

void chunk_sparse_sums(double *gradient, double *diagonal, const struct chunk *chunk, bool curved)
{
    const struct mxp_problem *problem = chunk->problem;
    const struct sparse *x = problem->design->sparse;
    const double *d1 = NULL, *h = NULL;
    double first = 0.0, second = 0.0;

    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        const bool ones = p->column == PROBLEM_INTERCEPT;
        if (j == 0 || p->slot != p[-1].slot) {
            d1 = chunk_first(chunk, p->slot);
            first = dense_total(d1, chunk->m);
            h = curved ? chunk_curvature(chunk, p->slot, p->slot) : NULL;
            second = h ? dense_total(h, chunk->m) : 0.0;
        }
        gradient[j] +=
            p->sign * (ones ? first : sparse_dot(x, p->column, d1) - p->shift * first) / p->scale;
        if (h)
            diagonal[j] += (ones ? second : square(x, p, h, second)) / (p->scale * p->scale);
    }
}

double chunk_sparse_absolute(const struct chunk *chunk, size_t j, const double *floor)
{
    const struct sparse *x = chunk->problem->design->sparse;
    const struct parameter *p = &chunk->problem->parameter[j];
    const bool ones = p->column == PROBLEM_INTERCEPT;
    double sum = 0.0, held = 0.0;

    if (!ones && p->shift == 0.0) {
        for (size_t i = x->start[p->column]; i < x->start[p->column + 1]; i++)
            sum += fabs(x->value[i]) * floor[x->row[i]];
        return sum;
    }
    const double total = dense_total(floor, chunk->m);
    for (size_t i = ones ? 0 : x->start[p->column]; !ones && i < x->start[p->column + 1]; i++) {
        sum += fabs(x->value[i] - p->shift) * floor[x->row[i]];
        held += floor[x->row[i]];
    }
    return ones ? total : sum + fabs(p->shift) * (total - held);
}

double chunk_sparse_dot(const struct mxp_problem *problem, size_t j, const double *d)
{
    const struct parameter *p = &problem->parameter[j];
    const double total = dense_total(d, problem->n);

    if (p->column == PROBLEM_INTERCEPT)
        return total;
    return sparse_dot(problem->design->sparse, p->column, d) - p->shift * total;
}

/* The requested members of a slot: their places, and what they are. */
static size_t list_slot(size_t *place, size_t *set, size_t slot, const struct rows_request *request,
                        const struct mxp_problem *problem)
{
    size_t count = 0;

    for (size_t a = 0; a < request->column_count; a++) {
        const size_t j = request->columns ? request->columns[a] : a;
        if (problem->parameter[j].slot != slot)
            continue;
        place[count] = a;
        set[count++] = j;
    }
    return count;
}

/* The block of slots a and b, by the Gram of both with the curvature between them. */
static mxp_status add_block(double *G, size_t a, size_t b, const struct rows_request *request,
                            const struct chunk *chunk, mxp_error *error)
{
    const size_t c = request->column_count;
    const struct mxp_problem *problem = chunk->problem;
    size_t *place = NULL, *set, mine, all;
    double *T = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&place, 4 * c, error));
    set = place + 2 * c;
    mine = list_slot(place, set, a, request, problem);
    all = mine + (a == b ? 0 : list_slot(place + mine, set + mine, b, request, problem));
    TRY(status = mem_doubles(&T, all, all, error));
    TRY(status =
            product_sparse_gram(T, all, problem, set, 0, all, chunk_curvature(chunk, a, b), error));
    for (size_t v = a == b ? 0 : mine; v < all; v++)
        for (size_t u = 0; u < mine; u++) {
            G[place[u] + place[v] * c] = T[u + v * all];
            G[place[v] + place[u] * c] = T[u + v * all];
        }
out:
    free(T);
    free(place);
    return status;
}

mxp_status chunk_sparse_gram(double *G, const struct rows_request *request,
                             const struct chunk *chunk, mxp_error *error)
{
    const size_t slots = chunk->problem->q > 1 ? chunk->problem->q + 1 : 1;
    mxp_status status = MXP_OK;

    for (size_t b = 0; b < slots; b++)
        for (size_t a = 0; a <= b; a++)
            TRY(status = add_block(G, a, b, request, chunk, error));
out:
    return status;
}

void chunk_sparse_fill(double *z, const struct mxp_problem *problem, size_t j, size_t first,
                       size_t m)
{
    const struct sparse *x = problem->design->sparse;
    const size_t column = problem->parameter[j].column;
    size_t low = x->start[column], high = x->start[column + 1];

    memset(z, 0, m * sizeof *z);
    while (low < high) { /* the first value at or behind row `first` */
        const size_t middle = low + (high - low) / 2;
        if (x->row[middle] < first)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < x->start[column + 1] && x->row[low] < first + m; low++)
        z[x->row[low] - first] = x->value[low];
}

void chunk_sparse_pick(double *z, const struct mxp_problem *problem, size_t j, const size_t *row,
                       size_t count)
{
    const struct sparse *x = problem->design->sparse;
    const size_t column = problem->parameter[j].column, end = x->start[column + 1];
    size_t at = x->start[column];

    for (size_t i = 0; i < count; i++) {
        while (at < end && x->row[at] < row[i])
            at++;
        z[i] = at < end && x->row[at] == row[i] ? x->value[at] : 0.0;
    }
}
