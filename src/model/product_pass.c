#include "base/hot.h"
#include "base/mem.h"
#include "model/product.h"

#include <string.h>

/* Rows are cut into GROUPS, whose sums are added in order, and walked in blocks whose columns fit the
 * second-level cache. */
enum {
    GROUPS = 8,
    FOUR = 4,
    CACHE_VALUES = 1 << 18,
    ROWS_MIN = 64,
    ROWS_MAX = 4096,
    SPARSE_ROWS = 4096
};

struct stream {
    const double *x; /* NULL: ones */
    double by, shift;
};

struct pass {
    const struct product_pass *request;
    const struct stream *column;
    size_t n, count, block;
    double *sums; /* GROUPS x (count + 1): x'r, and the sum of r */
};

HOT static void add4(double *v, const struct stream *c, const double *t, size_t first, size_t m)
{
    const double *x = c[0].x + first, *y = c[1].x + first, *z = c[2].x + first, *w = c[3].x + first;
    const double a = t[0] * c[0].by, b = t[1] * c[1].by, d = t[2] * c[2].by, e = t[3] * c[3].by;

#pragma omp simd
    for (size_t i = 0; i < m; i++)
        v[i] += (a * x[i] + b * y[i]) + (d * z[i] + e * w[i]);
}

HOT static void add1(double *v, const double *x, double by, size_t m)
{
#pragma omp simd
    for (size_t i = 0; i < m; i++)
        v[i] += by * x[i];
}

HOT static void dots4(double *s, const struct stream *c, const double *r, size_t first, size_t m)
{
    const double *x = c[0].x + first, *y = c[1].x + first, *z = c[2].x + first, *w = c[3].x + first;
    double a = 0.0, b = 0.0, d = 0.0, e = 0.0;

#pragma omp simd reduction(+ : a, b, d, e)
    for (size_t i = 0; i < m; i++) {
        a += x[i] * r[i];
        b += y[i] * r[i];
        d += z[i] * r[i];
        e += w[i] * r[i];
    }
    s[0] += a;
    s[1] += b;
    s[2] += d;
    s[3] += e;
}

HOT static double dot(const double *x, const double *r, size_t m)
{
    double a = 0.0;

#pragma omp simd reduction(+ : a)
    for (size_t i = 0; i < m; i++)
        a += x[i] * r[i];
    return a;
}

HOT static double total(const double *r, size_t m)
{
    double a = 0.0;

#pragma omp simd reduction(+ : a)
    for (size_t i = 0; i < m; i++)
        a += r[i];
    return a;
}

static bool four_columns(const struct pass *p, size_t a)
{
    return a + FOUR <= p->count && p->column[a].x && p->column[a + 1].x && p->column[a + 2].x &&
           p->column[a + 3].x;
}

static void add_block(const struct pass *p, double constant, size_t first, size_t m)
{
    const double *t = p->request->t;
    double *v = p->request->v + first;

    for (size_t i = 0; i < m; i++)
        v[i] += constant;
    for (size_t a = 0; a < p->count;)
        if (four_columns(p, a)) {
            if (t[a] != 0.0 || t[a + 1] != 0.0 || t[a + 2] != 0.0 || t[a + 3] != 0.0)
                add4(v, p->column + a, t + a, first, m);
            a += FOUR;
        } else {
            if (p->column[a].x && t[a] != 0.0)
                add1(v, p->column[a].x + first, t[a] * p->column[a].by, m);
            a++;
        }
}

static void sum_block(double *sums, const struct pass *p, size_t first, size_t m)
{
    const double *r = p->request->r + first;

    for (size_t a = 0; a < p->count;)
        if (four_columns(p, a)) {
            dots4(sums + a, p->column + a, r, first, m);
            a += FOUR;
        } else {
            if (p->column[a].x)
                sums[a] += dot(p->column[a].x + first, r, m);
            a++;
        }
    sums[p->count] += total(r, m);
}

static mxp_status add_group(const struct pass *p, double constant, size_t g, mxp_error *error)
{
    const size_t each = (p->n + GROUPS - 1) / GROUPS, begin = g * each;
    const size_t end = begin + each < p->n ? begin + each : p->n;
    mxp_status status = MXP_OK;

    for (size_t first = begin, m; status == MXP_OK && first < end; first += m) {
        m = end - first < p->block ? end - first : p->block;
        add_block(p, constant, first, m);
        status = p->request->rows(p->request->user, first, m, error);
        sum_block(p->sums + g * (p->count + 1), p, first, m);
    }
    return status;
}

static double list_columns(struct stream *column, const struct mxp_problem *problem,
                           const size_t *set, size_t count, const double *t)
{
    double constant = 0.0;

    for (size_t a = 0; a < count; a++) {
        const struct parameter *q = &problem->parameter[set ? set[a] : a];
        const bool ones = q->column == PROBLEM_INTERCEPT;
        column[a].x = ones ? NULL : problem->design->column[q->column];
        column[a].by = ones ? 1.0 : q->sign / q->scale;
        column[a].shift = ones ? 0.0 : q->shift;
        constant += ones ? t[a] : -t[a] * column[a].by * q->shift;
    }
    return constant;
}

static void finish(double *product, const struct pass *p)
{
    for (size_t g = 1; g < GROUPS; g++)
        for (size_t a = 0; a <= p->count; a++)
            p->sums[a] += p->sums[a + g * (p->count + 1)];
    for (size_t a = 0; a < p->count; a++) {
        const struct stream *c = &p->column[a];
        product[a] = c->x ? c->by * (p->sums[a] - c->shift * p->sums[p->count]) : p->sums[p->count];
    }
}

/* Sparse columns: the three parts one after the other. */
static mxp_status pass_sparse(double *product, const struct mxp_problem *problem, const size_t *set,
                              size_t count, const struct product_pass *pass, int threads,
                              mxp_error *error)
{
    const size_t n = problem->n;
    mxp_status status;

    TRY(status = product_predictor(pass->v, problem, set, count, pass->t, 1, threads, error));
    for (size_t first = 0; first < n; first += SPARSE_ROWS)
        TRY(status = pass->rows(pass->user, first,
                                n - first < SPARSE_ROWS ? n - first : SPARSE_ROWS, error));
    product_transposed(product, problem, set, count, pass->r, 1, threads);
out:
    return status;
}

mxp_status product_pass(double *product, const struct mxp_problem *problem, const size_t *set,
                        size_t count, const struct product_pass *pass, int threads,
                        mxp_error *error)
{
    mxp_status statuses[GROUPS] = {MXP_OK}, status;
    mxp_error errors[GROUPS];
    struct stream *column = NULL;
    struct pass p = {.request = pass, .n = problem->n, .count = count};
    const size_t even = CACHE_VALUES / (count + 1) / 8 * 8;

    if (problem->design->sparse)
        return pass_sparse(product, problem, set, count, pass, threads, error);

    p.block = even < ROWS_MIN ? ROWS_MIN : even > ROWS_MAX ? ROWS_MAX : even;
    TRY(status = MEM_NEW(&column, count, error));
    TRY(status = mem_doubles(&p.sums, GROUPS, count + 1, error));
    p.column = column;
    const double constant = list_columns(column, problem, set, count, pass->t);
#pragma omp parallel for num_threads(threads)                                                      \
    schedule(dynamic) if (threads > 1 && p.n * (count + 8) > 32768)
    for (size_t g = 0; g < GROUPS; g++)
        statuses[g] = add_group(&p, constant, g, &errors[g]);
    for (size_t g = 0; g < GROUPS; g++)
        if (statuses[g] != MXP_OK) {
            if (error)
                *error = errors[g];
            status = statuses[g];
            goto out;
        }
    finish(product, &p);
out:
    free(p.sums);
    free(column);
    return status;
}
