#include "model/dense.h"
#include "base/hot.h"

#include <math.h>
#include <string.h>

HOT static void add_eight(double *eta, const struct dense *c, size_t m)
{
    const double *x0 = c[0].x, *x1 = c[1].x, *x2 = c[2].x, *x3 = c[3].x;
    const double *x4 = c[4].x, *x5 = c[5].x, *x6 = c[6].x, *x7 = c[7].x;
    const double s0 = c[0].shift, s1 = c[1].shift, s2 = c[2].shift, s3 = c[3].shift;
    const double s4 = c[4].shift, s5 = c[5].shift, s6 = c[6].shift, s7 = c[7].shift;
    const double t0 = c[0].t, t1 = c[1].t, t2 = c[2].t, t3 = c[3].t;
    const double t4 = c[4].t, t5 = c[5].t, t6 = c[6].t, t7 = c[7].t;

#pragma omp simd
    for (size_t i = 0; i < m; i++)
        eta[i] +=
            ((t0 * (x0[i] - s0) + t1 * (x1[i] - s1)) + (t2 * (x2[i] - s2) + t3 * (x3[i] - s3))) +
            ((t4 * (x4[i] - s4) + t5 * (x5[i] - s5)) + (t6 * (x6[i] - s6) + t7 * (x7[i] - s7)));
}

HOT static void add_four(double *eta, const struct dense *c, size_t m)
{
    const double *x0 = c[0].x, *x1 = c[1].x, *x2 = c[2].x, *x3 = c[3].x;
    const double s0 = c[0].shift, s1 = c[1].shift, s2 = c[2].shift, s3 = c[3].shift;
    const double t0 = c[0].t, t1 = c[1].t, t2 = c[2].t, t3 = c[3].t;

#pragma omp simd
    for (size_t i = 0; i < m; i++)
        eta[i] += (t0 * (x0[i] - s0) + t1 * (x1[i] - s1)) + (t2 * (x2[i] - s2) + t3 * (x3[i] - s3));
}

HOT static void add_one(double *eta, const struct dense *c, size_t m)
{
    const double *x = c->x, shift = c->shift, t = c->t;

#pragma omp simd
    for (size_t i = 0; i < m; i++)
        eta[i] += t * (x[i] - shift);
}

void dense_add(double *eta, const struct dense *column, size_t count, size_t m)
{
    size_t a = 0;

    if (count == DENSE_ADD) {
        add_eight(eta, column, m);
        return;
    }
    for (; a + 4 <= count; a += 4)
        add_four(eta, column + a, m);
    for (; a < count; a++)
        add_one(eta, column + a, m);
}

HOT static void sum_eight(double *gradient, double *diagonal, const struct dense *c,
                          const double *d, const double *h, size_t m)
{
    const double *x0 = c[0].x, *x1 = c[1].x, *x2 = c[2].x, *x3 = c[3].x;
    const double *x4 = c[4].x, *x5 = c[5].x, *x6 = c[6].x, *x7 = c[7].x;
    const double s0 = c[0].shift, s1 = c[1].shift, s2 = c[2].shift, s3 = c[3].shift;
    const double s4 = c[4].shift, s5 = c[5].shift, s6 = c[6].shift, s7 = c[7].shift;
    double g0 = 0.0, g1 = 0.0, g2 = 0.0, g3 = 0.0, g4 = 0.0, g5 = 0.0, g6 = 0.0, g7 = 0.0;
    double h0 = 0.0, h1 = 0.0, h2 = 0.0, h3 = 0.0, h4 = 0.0, h5 = 0.0, h6 = 0.0, h7 = 0.0;

#pragma omp simd reduction(+ : g0, g1, g2, g3, g4, g5, g6, g7, h0, h1, h2, h3, h4, h5, h6, h7)
    for (size_t i = 0; i < m; i++) {
        const double z0 = x0[i] - s0, z1 = x1[i] - s1, z2 = x2[i] - s2, z3 = x3[i] - s3;
        const double z4 = x4[i] - s4, z5 = x5[i] - s5, z6 = x6[i] - s6, z7 = x7[i] - s7;
        g0 += z0 * d[i];
        g1 += z1 * d[i];
        g2 += z2 * d[i];
        g3 += z3 * d[i];
        g4 += z4 * d[i];
        g5 += z5 * d[i];
        g6 += z6 * d[i];
        g7 += z7 * d[i];
        h0 += z0 * z0 * h[i];
        h1 += z1 * z1 * h[i];
        h2 += z2 * z2 * h[i];
        h3 += z3 * z3 * h[i];
        h4 += z4 * z4 * h[i];
        h5 += z5 * z5 * h[i];
        h6 += z6 * z6 * h[i];
        h7 += z7 * z7 * h[i];
    }
    const double g[] = {g0, g1, g2, g3, g4, g5, g6, g7}, s[] = {h0, h1, h2, h3, h4, h5, h6, h7};
    memcpy(gradient, g, sizeof g);
    memcpy(diagonal, s, sizeof s);
}

HOT static void sum_four(double *gradient, double *diagonal, const struct dense *c, const double *d,
                         const double *h, size_t m)
{
    const double *x0 = c[0].x, *x1 = c[1].x, *x2 = c[2].x, *x3 = c[3].x;
    const double s0 = c[0].shift, s1 = c[1].shift, s2 = c[2].shift, s3 = c[3].shift;
    double g0 = 0.0, g1 = 0.0, g2 = 0.0, g3 = 0.0, h0 = 0.0, h1 = 0.0, h2 = 0.0, h3 = 0.0;

#pragma omp simd reduction(+ : g0, g1, g2, g3, h0, h1, h2, h3)
    for (size_t i = 0; i < m; i++) {
        const double z0 = x0[i] - s0, z1 = x1[i] - s1, z2 = x2[i] - s2, z3 = x3[i] - s3;
        g0 += z0 * d[i];
        g1 += z1 * d[i];
        g2 += z2 * d[i];
        g3 += z3 * d[i];
        h0 += z0 * z0 * h[i];
        h1 += z1 * z1 * h[i];
        h2 += z2 * z2 * h[i];
        h3 += z3 * z3 * h[i];
    }
    gradient[0] = g0, gradient[1] = g1, gradient[2] = g2, gradient[3] = g3;
    diagonal[0] = h0, diagonal[1] = h1, diagonal[2] = h2, diagonal[3] = h3;
}

HOT static void gradient_four(double *gradient, const struct dense *c, const double *d, size_t m)
{
    const double *x0 = c[0].x, *x1 = c[1].x, *x2 = c[2].x, *x3 = c[3].x;
    const double s0 = c[0].shift, s1 = c[1].shift, s2 = c[2].shift, s3 = c[3].shift;
    double g0 = 0.0, g1 = 0.0, g2 = 0.0, g3 = 0.0;

#pragma omp simd reduction(+ : g0, g1, g2, g3)
    for (size_t i = 0; i < m; i++) {
        g0 += (x0[i] - s0) * d[i];
        g1 += (x1[i] - s1) * d[i];
        g2 += (x2[i] - s2) * d[i];
        g3 += (x3[i] - s3) * d[i];
    }
    gradient[0] = g0, gradient[1] = g1, gradient[2] = g2, gradient[3] = g3;
}

HOT static void sum_one(double *gradient, double *diagonal, const struct dense *c, const double *d,
                        const double *h, size_t m)
{
    const double *x = c->x, shift = c->shift;
    double g = 0.0, s = 0.0;

#pragma omp simd reduction(+ : g, s)
    for (size_t i = 0; i < m; i++) {
        const double z = x[i] - shift;
        g += z * d[i];
        s += z * z * h[i];
    }
    *gradient = g;
    *diagonal = s;
}

HOT static double gradient_one(const struct dense *c, const double *d, size_t m)
{
    const double *x = c->x, shift = c->shift;
    double g = 0.0;

#pragma omp simd reduction(+ : g)
    for (size_t i = 0; i < m; i++)
        g += (x[i] - shift) * d[i];
    return g;
}

void dense_sums(double *gradient, double *diagonal, const struct dense *column, size_t count,
                const double *d, const double *h, size_t m)
{
    size_t a = 0;

    if (count == DENSE_SUM && h) {
        sum_eight(gradient, diagonal, column, d, h, m);
        return;
    }
    for (; a + 4 <= count; a += 4)
        if (h)
            sum_four(gradient + a, diagonal + a, column + a, d, h, m);
        else
            gradient_four(gradient + a, column + a, d, m);
    for (; a < count; a++)
        if (h)
            sum_one(gradient + a, diagonal + a, column + a, d, h, m);
        else
            gradient[a] = gradient_one(column + a, d, m);
}

HOT static double absolute(const struct dense *column, const double *d, size_t m)
{
    const double *x = column->x, shift = column->shift;
    double sum = 0.0;

#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < m; i++)
        sum += fabs(x[i] - shift) * d[i];
    return sum;
}

double dense_absolute(const struct dense *column, const double *d, size_t m)
{
    return absolute(column, d, m);
}

HOT static void add_absolute(double *eta, const struct dense *column, size_t m)
{
    const double *x = column->x, shift = column->shift, t = column->t;

#pragma omp simd
    for (size_t i = 0; i < m; i++)
        eta[i] += fabs(t * (x[i] - shift));
}

void dense_add_absolute(double *eta, const struct dense *column, size_t m)
{
    add_absolute(eta, column, m);
}

HOT static void scale(double *z, const struct dense *column, const double *by, size_t m)
{
    const double *x = column->x, shift = column->shift;

#pragma omp simd
    for (size_t i = 0; i < m; i++)
        z[i] = (x[i] - shift) * by[i];
}

void dense_scale(double *z, const struct dense *column, const double *by, size_t m)
{
    scale(z, column, by, m);
}

HOT static void scale_single(float *z, const struct dense *column, const double *by, size_t m)
{
    const double *x = column->x, shift = column->shift, t = column->t;

#pragma omp simd
    for (size_t i = 0; i < m; i++)
        z[i] = (float)((x[i] - shift) * t * by[i]);
}

void dense_scale_single(float *z, const struct dense *column, const double *by, size_t m)
{
    scale_single(z, column, by, m);
}

HOT static double total(const double *d, size_t m)
{
    double sum = 0.0;

#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < m; i++)
        sum += d[i];
    return sum;
}

double dense_total(const double *d, size_t m)
{
    return total(d, m);
}

HOT static double product(const double *a, const double *b, size_t m)
{
    double sum = 0.0;

#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < m; i++)
        sum += a[i] * b[i];
    return sum;
}

double dense_product(const double *a, const double *b, size_t m)
{
    return product(a, b, m);
}
