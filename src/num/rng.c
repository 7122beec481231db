#include "num/rng.h"
#include "num/special.h"

#include <assert.h>
#include <math.h>

/* splitmix64: Steele, Lea and Flood (2014). */
static uint64_t split_mix(uint64_t *x)
{
    uint64_t z = *x += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t rotate_left(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

struct rng rng_stream(uint64_t seed, uint64_t stream)
{
    struct rng rng = {.spare = 0.0, .has_spare = false};
    uint64_t from_seed = seed, from_stream = ~stream;
    uint64_t x = split_mix(&from_seed) ^ rotate_left(split_mix(&from_stream), 32);

    for (int i = 0; i < 4; i++)
        rng.state[i] = split_mix(&x);
    return rng;
}

uint64_t rng_bits(struct rng *rng)
{
    uint64_t *s = rng->state;
    const uint64_t result = rotate_left(s[0] + s[3], 23) + s[0], t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t rng_below(struct rng *rng, uint64_t count)
{
    assert(count > 0);
    const uint64_t reject = (0 - count) % count; /* 2^64 mod count */
    uint64_t bits;
    do
        bits = rng_bits(rng);
    while (bits < reject);
    return bits % count;
}

double rng_uniform(struct rng *rng)
{
    return ((double)(rng_bits(rng) >> 12) + 0.5) * 0x1p-52;
}

double rng_normal(struct rng *rng)
{
    double u, v, s;

    if (rng->has_spare) {
        rng->has_spare = false;
        return rng->spare;
    }
    do {
        u = 2.0 * rng_uniform(rng) - 1.0;
        v = 2.0 * rng_uniform(rng) - 1.0;
        s = u * u + v * v;
    } while (s >= 1.0);
    const double factor = sqrt(-2.0 * log(s) / s);
    rng->spare = v * factor;
    rng->has_spare = true;
    return u * factor;
}

double rng_exponential(struct rng *rng)
{
    return -log(rng_uniform(rng));
}

double rng_gamma(struct rng *rng, double shape)
{
    assert(shape > 0.0);
    if (shape < 1.0) {
        const double larger = rng_gamma(rng, shape + 1.0);
        return larger * exp(-rng_exponential(rng) / shape);
    }
    const double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        const double x = rng_normal(rng), root = 1.0 + c * x;
        if (root <= 0.0)
            continue;
        const double v = root * root * root;
        if (log(rng_uniform(rng)) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

double rng_inverse_gaussian(struct rng *rng, double mean, double shape)
{
    assert(mean > 0.0 && shape > 0.0);
    const double z = rng_normal(rng), y = z * z;
    if (isinf(mean))
        return shape / y;
    const double w = 0.5 * mean / shape * y;
    const double root = 1.0 + w + sqrt(w) * sqrt(w + 2.0);
    const double small = isinf(root) ? 0.5 * shape / y : mean / root;
    if (rng_uniform(rng) * (mean + small) <= mean)
        return small;
    return mean * root;
}

/* Distance from a of a standard normal restricted to z > a > 0: exponential proposals with the
 * rate r that solves r (r - a) = 1. */
static double excess_exponential(struct rng *rng, double a)
{
    const double rate = 0.5 * (a + sqrt(a * a + 4.0));
    for (;;) {
        const double e = rng_exponential(rng) / rate, off = e - 1.0 / rate;
        if (rng_exponential(rng) >= 0.5 * off * off)
            return e;
    }
}

/* The same restricted to a < z < a + width, a >= 0, by uniform proposals. */
static double excess_uniform(struct rng *rng, double a, double width)
{
    for (;;) {
        const double e = width * rng_uniform(rng);
        if (rng_exponential(rng) >= e * (a + 0.5 * e))
            return e;
    }
}

/* The better of the two for a >= 0 and any width, which may be infinite. */
static double excess_tail(struct rng *rng, double a, double width)
{
    const double rate = 0.5 * (a + sqrt(a * a + 4.0));
    if (width * rate < 2.0)
        return excess_uniform(rng, a, width);
    for (;;) {
        const double e = excess_exponential(rng, a);
        if (e <= width)
            return e;
    }
}

/* Standard normal on [a, b] with a < 0 < b. */
static double normal_around(struct rng *rng, double a, double b)
{
    double z;
    if (b - a < SPECIAL_SQRT_2PI) {
        do
            z = a + (b - a) * rng_uniform(rng);
        while (rng_exponential(rng) < 0.5 * z * z);
    } else {
        do
            z = rng_normal(rng);
        while (z < a || z > b);
    }
    return z;
}

static double clamp(double x, double lower, double upper)
{
    return x < lower ? lower : x > upper ? upper : x;
}

double rng_normal_between(struct rng *rng, double mean, double sd, double lower, double upper)
{
    assert(sd > 0.0 && lower <= upper);
    const double a = (lower - mean) / sd, b = (upper - mean) / sd;
    double x;

    if (lower == upper)
        return lower;
    if (a >= 0.0)
        x = lower + sd * excess_tail(rng, a, (upper - lower) / sd);
    else if (b <= 0.0)
        x = upper - sd * excess_tail(rng, -b, (upper - lower) / sd);
    else
        x = mean + sd * normal_around(rng, a, b);
    return clamp(x, lower, upper);
}

double rng_bernoulli(struct rng *rng, double p)
{
    return rng_uniform(rng) < p ? 1.0 : 0.0;
}

static double poisson_product(struct rng *rng, double mean)
{
    const double limit = exp(-mean);
    double count = 0.0;
    for (double product = rng_uniform(rng); product > limit; product *= rng_uniform(rng))
        count += 1.0;
    return count;
}

static double poisson_rejection(struct rng *rng, double mean)
{
    const double log_mean = log(mean), b = 0.931 + 2.53 * sqrt(mean);
    const double a = -0.059 + 0.02483 * b, inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    const double squeeze = 0.9277 - 3.6224 / (b - 2.0);

    for (;;) {
        const double u = rng_uniform(rng) - 0.5, v = rng_uniform(rng), us = 0.5 - fabs(u);
        const double k = floor((2.0 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= squeeze)
            return k;
        if (k < 0.0 || (us < 0.013 && v > us))
            continue;
        if (log(v * inverse_alpha / (a / (us * us) + b)) <=
            k * log_mean - mean - special_log_factorial(k))
            return k;
    }
}

double rng_poisson(struct rng *rng, double mean)
{
    assert(mean >= 0.0);
    if (mean < 10.0)
        return poisson_product(rng, mean);
    if (mean < 1e15)
        return poisson_rejection(rng, mean);
    return isinf(mean) ? mean : round(mean + sqrt(mean) * rng_normal(rng));
}
