#include "num/vector.h"
#include "base/hot.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Added to |n| < 2^51 and taken away again it rounds to an integer, which the lowest bits of the
 * sum hold meanwhile. */
static const double to_integer = 0x1.8p52;

/* 2^n, n in -1022 .. 1023, from n + to_integer. */
static inline double power_of_two(double sum)
{
    uint64_t bits;
    double power;

    memcpy(&bits, &sum, sizeof bits);
    bits = (bits + 1023) << 52;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* x = n log 2 + r, |r| <= log(2)/2 (Cody & Waite: n times the high part of log 2 is exact), the
 * Taylor series of exp(r) to r^13 / 13! (what is left out is below 2^-57), 2^n in two factors so
 * that results below the normal range come out rounded once. */
static inline double exp_one(double x)
{
    static const double log2_e = 1.44269504088896340736, high = 6.93147180369123816490e-01,
                        low = 1.90821492927058770002e-10;
    const double at = x > 710.0 ? 710.0 : x < -746.0 ? -746.0 : x;
    const double n = (at * log2_e + to_integer) - to_integer;
    const double near = at - n * high, rest = n * low, r = near - rest, error = (near - r) - rest;
    double q = 1.0 / 6227020800.0;

    q = q * r + 1.0 / 479001600.0;
    q = q * r + 1.0 / 39916800.0;
    q = q * r + 1.0 / 3628800.0;
    q = q * r + 1.0 / 362880.0;
    q = q * r + 1.0 / 40320.0;
    q = q * r + 1.0 / 5040.0;
    q = q * r + 1.0 / 720.0;
    q = q * r + 1.0 / 120.0;
    q = q * r + 1.0 / 24.0;
    q = q * r + 1.0 / 6.0;
    q = q * r + 0.5;
    const double half = n * 0.5 + to_integer;
    const double other = (n - (half - to_integer)) + to_integer;
    return ((1.0 + (r + (error + r * r * q))) * power_of_two(half)) * power_of_two(other);
}

/* log(1 + e), e in [0, 1], given share = 1 / (1 + e): above sqrt(2) - 1 as log 2 + log((1 + e) / 2);
 * log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)), s = f / (2 + f), with the minimax polynomial R of
 * fdlibm (Sun Microsystems, 1993). */
static inline double log1p_one(double e, double share)
{
    static const double high = 6.93147180369123816490e-01, low = 1.90821492927058770002e-10;
    const int large = e > 0.41421356237309503;
    const double less = e - 1.0, lost = e - (less + 1.0); /* what rounding took from e - 1 */
    const double f = large ? 0.5 * less : e, s = f / (2.0 + f), z = s * s, square = 0.5 * f * f;
    double R = 1.479819860511658591e-01;

    R = R * z + 1.531383769920937332e-01;
    R = R * z + 1.818357216161805012e-01;
    R = R * z + 2.222219843214978396e-01;
    R = R * z + 2.857142874366239149e-01;
    R = R * z + 3.999999999940941908e-01;
    R = R * z + 6.666666666666735130e-01;
    const double correction = s * (square + R * z);
    const double small = f - (square - correction);
    const double big = high - ((square - (correction + (low + lost * share))) - f);
    return large ? big : small;
}

HOT static void exp_all(double *out, const double *x, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        out[i] = exp_one(x[i]);
}

void vector_exp(double *out, const double *x, size_t n)
{
    exp_all(out, x, n);
}

HOT static void logistic_all(double *e, double *share, double *log1p_e, const double *x, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        e[i] = exp_one(-fabs(x[i]));
        share[i] = 1.0 / (1.0 + e[i]);
        log1p_e[i] = log1p_one(e[i], share[i]);
    }
}

void vector_logistic(double *e, double *share, double *log1p_e, const double *x, size_t n)
{
    logistic_all(e, share, log1p_e, x, n);
}
