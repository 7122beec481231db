/* Numerical checks shared by the unit tests: closeness, finite differences, minimisation, the
 * Kolmogorov-Smirnov statistic. */
#ifndef TESTS_NUMERIC_H
#define TESTS_NUMERIC_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

typedef double (*numeric_function)(double x, const void *context);

/* |got - want| <= relative |want| + absolute; infinities must be equal. */
static inline void assert_close(double got, double want, double relative, double absolute,
                                const char *what, double at)
{
    if (got == want)
        return;
    if (!(fabs(got - want) <= relative * fabs(want) + absolute))
        fail_msg("%s at %.17g: got %.17g, want %.17g (off by %.3g)", what, at, got, want,
                 got - want);
}

/* The derivative by central differences of step h and h/2, extrapolated: error of order h^4. */
static inline double numeric_slope(numeric_function f, const void *context, double x, double h)
{
    double d[2];
    for (int i = 0; i < 2; i++, h /= 2.0) {
        const double up = x + h, down = x - h;
        d[i] = (f(up, context) - f(down, context)) / (up - down);
    }
    return d[1] + (d[1] - d[0]) / 3.0;
}

/* argmin over [low, high] of a unimodal function: golden section. */
static inline double numeric_argmin(numeric_function f, const void *context, double low,
                                    double high)
{
    const double share = 0.5 * (sqrt(5.0) - 1.0);
    double a = high - share * (high - low), b = low + share * (high - low);
    double fa = f(a, context), fb = f(b, context);
    for (int i = 0; i < 200; i++) {
        if (fa < fb) {
            high = b;
            b = a;
            fb = fa;
            a = high - share * (high - low);
            fa = f(a, context);
        } else {
            low = a;
            a = b;
            fa = fb;
            b = low + share * (high - low);
            fb = f(b, context);
        }
    }
    return 0.5 * (low + high);
}

static inline int numeric_order(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* sqrt(n) times the largest distance between the sample's distribution function and cdf; above
 * 1.95 with probability 0.001.  Sorts the sample. */
static inline double numeric_ks(double *sample, size_t n, numeric_function cdf, const void *context)
{
    double worst = 0.0;
    qsort(sample, n, sizeof *sample, numeric_order);
    for (size_t i = 0; i < n; i++) {
        const double p = cdf(sample[i], context);
        const double above = (double)(i + 1) / (double)n - p, below = p - (double)i / (double)n;
        worst = fmax(worst, fmax(above, below));
    }
    return worst * sqrt((double)n);
}

#endif
