#include "model/product.h"
#include "base/hot.h"
#include "base/mem.h"
#include "model/product_sparse.h"
#include "num/la.h"

#include <string.h>

/* Rows of a stretch: a few columns of V stay in the first caches while the columns pass. */
enum { STRETCH = 1024, WIDE = 16, EIGHT = 8, FOUR = 4, PARALLEL_FROM = 1 << 18 };

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

/* s[k] += x'(column k of V), columns `ld` apart: sixteen, eight or four in one passage
 * of x. */
HOT static void dot16(double *s, const double *x, const double *v, size_t ld, size_t m)
{
    double a0 = 0.0, a1 = 0.0, a2 = 0.0, a3 = 0.0, b0 = 0.0, b1 = 0.0, b2 = 0.0, b3 = 0.0;
    double c0 = 0.0, c1 = 0.0, c2 = 0.0, c3 = 0.0, d0 = 0.0, d1 = 0.0, d2 = 0.0, d3 = 0.0;
    const double *w = v + 4 * ld, *y = w + 4 * ld, *z = y + 4 * ld;

#pragma omp simd reduction(+ : a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3)
    for (size_t i = 0; i < m; i++) {
        const double xi = x[i];
        a0 += xi * v[i];
        a1 += xi * v[i + ld];
        a2 += xi * v[i + 2 * ld];
        a3 += xi * v[i + 3 * ld];
        b0 += xi * w[i];
        b1 += xi * w[i + ld];
        b2 += xi * w[i + 2 * ld];
        b3 += xi * w[i + 3 * ld];
        c0 += xi * y[i];
        c1 += xi * y[i + ld];
        c2 += xi * y[i + 2 * ld];
        c3 += xi * y[i + 3 * ld];
        d0 += xi * z[i];
        d1 += xi * z[i + ld];
        d2 += xi * z[i + 2 * ld];
        d3 += xi * z[i + 3 * ld];
    }
    const double sums[WIDE] = {a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3};
    for (size_t k = 0; k < WIDE; k++)
        s[k] += sums[k];
}

HOT static void dot8(double *s, const double *x, const double *v, size_t ld, size_t m)
{
    double a = 0.0, b = 0.0, c = 0.0, d = 0.0, e = 0.0, f = 0.0, g = 0.0, h = 0.0;
    const double *w = v + 4 * ld;

#pragma omp simd reduction(+ : a, b, c, d, e, f, g, h)
    for (size_t i = 0; i < m; i++) {
        const double xi = x[i];
        a += xi * v[i];
        b += xi * v[i + ld];
        c += xi * v[i + 2 * ld];
        d += xi * v[i + 3 * ld];
        e += xi * w[i];
        f += xi * w[i + ld];
        g += xi * w[i + 2 * ld];
        h += xi * w[i + 3 * ld];
    }
    const double sums[EIGHT] = {a, b, c, d, e, f, g, h};
    for (size_t k = 0; k < EIGHT; k++)
        s[k] += sums[k];
}

HOT static void dot4(double *s, const double *x, const double *v, size_t ld, size_t m)
{
    double a = 0.0, b = 0.0, c = 0.0, d = 0.0;

#pragma omp simd reduction(+ : a, b, c, d)
    for (size_t i = 0; i < m; i++) {
        a += x[i] * v[i];
        b += x[i] * v[i + ld];
        c += x[i] * v[i + 2 * ld];
        d += x[i] * v[i + 3 * ld];
    }
    s[0] += a;
    s[1] += b;
    s[2] += c;
    s[3] += d;
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

/* x'V for `wide` columns of V: WIDE, EIGHT, FOUR or 1. */
static void column_dots(double *s, const double *x, const double *V, size_t n, size_t wide)
{
    memset(s, 0, wide * sizeof *s);
    for (size_t first = 0; first < n; first += STRETCH) {
        const size_t m = n - first < STRETCH ? n - first : STRETCH;
        if (wide == WIDE)
            dot16(s, x + first, V + first, n, m);
        else if (wide == EIGHT)
            dot8(s, x + first, V + first, n, m);
        else if (wide == FOUR)
            dot4(s, x + first, V + first, n, m);
        else
            s[0] += dot(x + first, V + first, m);
    }
}

static size_t width(size_t left)
{
    return left >= WIDE ? WIDE : left >= EIGHT ? EIGHT : left >= FOUR ? FOUR : 1;
}

void product_transposed(double *product, const struct mxp_problem *problem, const size_t *set,
                        size_t count, const double *V, size_t b, int threads)
{
    const size_t n = problem->n;

    if (problem->design->sparse) {
        product_sparse_transposed(product, problem, set, count, V, b, threads);
        return;
    }
    for (size_t v = 0, wide; v < b; v += wide) {
        const double *at = V + v * n;
        double sum[WIDE];
        wide = width(b - v);
        for (size_t w = 0; w < wide; w++)
            sum[w] = total(at + w * n, n);
#pragma omp parallel for num_threads(threads)                                                      \
    schedule(static) if (threads > 1 && is_large(problem, count, wide))
        for (size_t a = 0; a < count; a++) {
            const struct parameter *p = &problem->parameter[member(set, a)];
            const double *x = raw(problem, member(set, a));
            double s[WIDE];
            if (x)
                column_dots(s, x, at, n, wide);
            for (size_t w = 0; w < wide; w++)
                product[a + (v + w) * count] =
                    x ? p->sign * (s[w] - p->shift * sum[w]) / p->scale : sum[w];
        }
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
