#include "data/moments.h"
#include "base/hot.h"

#include <math.h>

/* Rows whose mean is the provisional one. */
enum { FIRST_ROWS = 1024 };

/* Of how many variances the square of the provisional mean's error may be. */
static const double far_off = 16.0;

/* The sums of w (x - minus - centre) and of its square; their order is the compiler's. */
struct sums {
    double first, second;
};

HOT static struct sums sum_plain(const double *x, double centre, size_t n)
{
    double first = 0.0, second = 0.0;

#pragma omp simd reduction(+ : first, second)
    for (size_t i = 0; i < n; i++) {
        const double e = x[i] - centre;
        first += e;
        second += e * e;
    }
    return (struct sums){first, second};
}

HOT static struct sums sum_weighted(const double *x, const double *w, double centre, size_t n)
{
    double first = 0.0, second = 0.0;

#pragma omp simd reduction(+ : first, second)
    for (size_t i = 0; i < n; i++) {
        const double e = x[i] - centre;
        first += w[i] * e;
        second += w[i] * e * e;
    }
    return (struct sums){first, second};
}

static struct sums sum(const double *x, const double *minus, const double *w, double centre,
                       size_t n)
{
    struct sums sums = {0.0, 0.0};

    if (!minus)
        return w ? sum_weighted(x, w, centre, n) : sum_plain(x, centre, n);
    for (size_t i = 0; i < n; i++) {
        const double e = x[i] - minus[i] - centre, weight = w ? w[i] : 1.0;
        sums.first += weight * e;
        sums.second += weight * e * e;
    }
    return sums;
}

void moments_take(double *mean, double *sd, const double *x, const double *minus,
                  const double *weights, double weight_sum, size_t n)
{
    const size_t few = n < FIRST_ROWS ? n : FIRST_ROWS;
    double centre = sum(x, minus, NULL, 0.0, few).first / (double)few, rest, variance;

    for (int again = 0;; again++) {
        const struct sums sums = sum(x, minus, weights, centre, n);
        rest = sums.first / weight_sum;
        variance = sums.second / weight_sum - rest * rest;
        if (again == 2 || rest * rest <= far_off * variance)
            break;
        centre += rest;
    }
    *mean = centre + rest;
    *sd = variance > 0.0 ? sqrt(variance) : 0.0;
}
