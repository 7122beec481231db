#include "model/product.h"
#include "base/hot.h"
#include "base/mem.h"
#include "model/product_sparse.h"
#include "num/la.h"

#include <string.h>

/* Rows of a stretch: four columns, and four of V, stay in the first caches. */
enum { STRETCH = 512, WIDE = 16, FOUR = 4, PARALLEL_FROM = 1 << 18 };

static size_t member(const size_t *set, size_t a)
{
    return set ? set[a] : a;
}

static bool is_large(const struct mxp_problem *problem, size_t count, size_t b)
{
    return (double)problem->n * (double)count * (double)b > PARALLEL_FROM;
}

static const double *raw(const struct mxp_problem *problem, size_t j)
{
    const size_t column = problem->parameter[j].column;
    return column == PROBLEM_INTERCEPT ? NULL : problem->design->column[column];
}

/* s[j, k] += x_j'(column k of V), four by four, j WIDE apart: eight loads serve sixteen products. */
HOT static void dot4x4(double *s, const double *const *x, const double *v, size_t ld, size_t m)
{
    double a0 = 0.0, a1 = 0.0, a2 = 0.0, a3 = 0.0, b0 = 0.0, b1 = 0.0, b2 = 0.0, b3 = 0.0;
    double c0 = 0.0, c1 = 0.0, c2 = 0.0, c3 = 0.0, d0 = 0.0, d1 = 0.0, d2 = 0.0, d3 = 0.0;
    const double *w = v + ld, *y = w + ld, *z = y + ld;
    const double *a = x[0], *b = x[1], *c = x[2], *d = x[3];

#pragma omp simd reduction(+ : a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3)
    for (size_t i = 0; i < m; i++) {
        a0 += a[i] * v[i];
        a1 += a[i] * w[i];
        a2 += a[i] * y[i];
        a3 += a[i] * z[i];
        b0 += b[i] * v[i];
        b1 += b[i] * w[i];
        b2 += b[i] * y[i];
        b3 += b[i] * z[i];
        c0 += c[i] * v[i];
        c1 += c[i] * w[i];
        c2 += c[i] * y[i];
        c3 += c[i] * z[i];
        d0 += d[i] * v[i];
        d1 += d[i] * w[i];
        d2 += d[i] * y[i];
        d3 += d[i] * z[i];
    }
    const double sums[FOUR][FOUR] = {
        {a0, a1, a2, a3}, {b0, b1, b2, b3}, {c0, c1, c2, c3}, {d0, d1, d2, d3}};
    for (size_t j = 0; j < FOUR; j++)
        for (size_t k = 0; k < FOUR; k++)
            s[k + j * WIDE] += sums[j][k];
}

HOT static double dot(const double *x, const double *v, size_t m)
{
    double a = 0.0;

#pragma omp simd reduction(+ : a)
    for (size_t i = 0; i < m; i++)
        a += x[i] * v[i];
    return a;
}

HOT static double total(const double *v, size_t m)
{
    double a = 0.0;

#pragma omp simd reduction(+ : a)
    for (size_t i = 0; i < m; i++)
        a += v[i];
    return a;
}

/* s[j, k] = x_j'(column k of V) for four columns x and `wide` ones of V, four by four where they are. */
static void four_dots(double *s, const double *const *x, const double *V, size_t n, size_t wide)
{
    memset(s, 0, FOUR * WIDE * sizeof *s);
    for (size_t first = 0; first < n; first += STRETCH) {
        const size_t m = n - first < STRETCH ? n - first : STRETCH;
        const double *at[FOUR];
        size_t k = 0;
        for (size_t j = 0; j < FOUR; j++)
            at[j] = x[j] + first;
        for (; k + FOUR <= wide; k += FOUR)
            dot4x4(s + k, at, V + first + k * n, n, m);
        for (; k < wide; k++)
            for (size_t j = 0; j < FOUR; j++)
                s[k + j * WIDE] += dot(at[j], V + first + k * n, m);
    }
}

static void one_dots(double *s, const double *x, const double *V, size_t n, size_t wide)
{
    for (size_t k = 0; k < wide; k++)
        s[k] = dot(x, V + k * n, n);
}

/* Coefficients a..a + many - 1 of the set, at most four: product from x'V and the sums of V. */
static void transposed_few(double *product, const struct mxp_problem *problem, const size_t *set,
                           size_t count, size_t a, const double *V, const double *sum, size_t wide)
{
    const size_t many = count - a < FOUR ? count - a : FOUR;
    const double *x[FOUR] = {NULL};
    double s[FOUR * WIDE];

    for (size_t j = 0; j < many; j++)
        x[j] = raw(problem, member(set, a + j));
    if (x[0] && x[1] && x[2] && x[3])
        four_dots(s, x, V, problem->n, wide);
    else
        for (size_t j = 0; j < many; j++)
            if (x[j])
                one_dots(s + j * WIDE, x[j], V, problem->n, wide);
    for (size_t j = 0; j < many; j++) {
        const struct parameter *p = &problem->parameter[member(set, a + j)];
        for (size_t k = 0; k < wide; k++)
            product[a + j + k * count] =
                x[j] ? p->sign * (s[k + j * WIDE] - p->shift * sum[k]) / p->scale : sum[k];
    }
}

void product_transposed(double *product, const struct mxp_problem *problem, const size_t *set,
                        size_t count, const double *V, size_t b, int threads)
{
    const size_t n = problem->n;

    if (problem->design->sparse) {
        product_sparse_transposed(product, problem, set, count, V, b, threads);
        return;
    }
    for (size_t v = 0; v < b; v += WIDE) {
        const size_t wide = b - v < WIDE ? b - v : WIDE;
        double sum[WIDE];
        for (size_t w = 0; w < wide; w++)
            sum[w] = total(V + (v + w) * n, n);
#pragma omp parallel for num_threads(threads)                                                      \
    schedule(static) if (threads > 1 && is_large(problem, count, wide))
        for (size_t a = 0; a < count; a += FOUR)
            transposed_few(product + v * count, problem, set, count, a, V + v * n, sum, wide);
    }
}

/* What a column adds to eta. */
struct addend {
    const double *x;
    double by;
};

HOT static void add4(double *eta, const struct addend *from, size_t first, size_t m)
{
    const double *a = from[0].x + first, *b = from[1].x + first, *c = from[2].x + first,
                 *d = from[3].x + first;
    const double s = from[0].by, t = from[1].by, u = from[2].by, v = from[3].by;

#pragma omp simd
    for (size_t i = 0; i < m; i++)
        eta[i] += (s * a[i] + t * b[i]) + (u * c[i] + v * d[i]);
}

HOT static void add1(double *eta, const struct addend *from, size_t first, size_t m)
{
    const double *a = from->x + first, s = from->by;

#pragma omp simd
    for (size_t i = 0; i < m; i++)
        eta[i] += s * a[i];
}

/* The columns that count and the constant that they leave; -> how many. */
static size_t collect(struct addend *list, double *constant, const struct mxp_problem *problem,
                      const size_t *set, size_t count, const double *t)
{
    size_t used = 0;

    *constant = 0.0;
    for (size_t a = 0; a < count; a++) {
        const struct parameter *p = &problem->parameter[member(set, a)];
        const double *x = raw(problem, member(set, a)), by = p->sign * t[a] / p->scale;
        if (t[a] == 0.0)
            continue;
        *constant += x ? -by * p->shift : t[a];
        if (x)
            list[used++] = (struct addend){x, by};
    }
    return used;
}

static void add_stretch(double *eta, const struct addend *list, size_t used, double constant,
                        size_t first, size_t m)
{
    size_t a = 0;

    for (size_t i = 0; i < m; i++)
        eta[i] += constant;
    for (; a + FOUR <= used; a += FOUR)
        add4(eta, list + a, first, m);
    for (; a < used; a++)
        add1(eta, list + a, first, m);
}

mxp_status product_predictor(double *eta, const struct mxp_problem *problem, const size_t *set,
                             size_t count, const double *T, size_t b, int threads, mxp_error *error)
{
    const size_t n = problem->n, stretches = (n + STRETCH - 1) / STRETCH;
    struct addend *list = NULL;

    if (problem->design->sparse)
        return product_sparse_predictor(eta, problem, set, count, T, b, threads, error);
    mxp_status status = MEM_NEW(&list, count, error);

    for (size_t v = 0; status == MXP_OK && v < b; v++) {
        double constant;
        const size_t used = collect(list, &constant, problem, set, count, T + v * count);
#pragma omp parallel for num_threads(threads)                                                      \
    schedule(static) if (threads > 1 && is_large(problem, used, 1))
        for (size_t s = 0; s < stretches; s++) {
            const size_t first = s * STRETCH, m = n - first < STRETCH ? n - first : STRETCH;
            add_stretch(eta + v * n + first, list, used, constant, first, m);
        }
    }
    free(list);
    return status;
}

HOT static double squares(const double *x, double shift, const double *h, size_t m)
{
    double s = 0.0;

#pragma omp simd reduction(+ : s)
    for (size_t i = 0; i < m; i++) {
        const double z = x[i] - shift;
        s += z * z * h[i];
    }
    return s;
}

void product_squares(double *out, const struct mxp_problem *problem, const size_t *set,
                     size_t count, const double *h, int threads)
{
    const size_t n = problem->n;

    if (problem->design->sparse) {
        product_sparse_squares(out, problem, set, count, h, threads);
        return;
    }
#pragma omp parallel for num_threads(threads)                                                      \
    schedule(static) if (threads > 1 && is_large(problem, count, 1))
    for (size_t a = 0; a < count; a++) {
        const struct parameter *p = &problem->parameter[member(set, a)];
        const double *x = raw(problem, member(set, a));
        out[a] = x ? squares(x, p->shift, h, n) / (p->scale * p->scale) : total(h, n);
    }
}
