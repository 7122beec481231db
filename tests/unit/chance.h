/* Random data for tests: a generator of the tests' own, the same on every machine. */
#ifndef MAXPOST_TEST_CHANCE_H
#define MAXPOST_TEST_CHANCE_H

#include <math.h>
#include <stdint.h>

/* Splitmix64 (Steele, Lea and Flood, 2014); any state is a seed. */
struct chance {
    uint64_t state;
};

static inline double chance_uniform(struct chance *c)
{
    uint64_t z = c->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static inline double chance_between(struct chance *c, double low, double high)
{
    return low + (high - low) * chance_uniform(c);
}

static inline double chance_normal(struct chance *c)
{
    const double radius = sqrt(-2.0 * log(chance_uniform(c)));
    return radius * cos(6.283185307179586 * chance_uniform(c));
}

/* Marsaglia and Tsang (2000), rate 1. */
static inline double chance_gamma(struct chance *c, double shape)
{
    if (shape < 1.0)
        return chance_gamma(c, shape + 1.0) * pow(chance_uniform(c), 1.0 / shape);
    const double d = shape - 1.0 / 3.0;
    for (;;) {
        const double x = chance_normal(c), v = pow(1.0 + x / (3.0 * sqrt(d)), 3.0);
        if (v > 0.0 && log(chance_uniform(c)) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

static inline double chance_poisson(struct chance *c, double mean)
{
    double product = chance_uniform(c), k = 0.0;
    for (const double end = exp(-mean); product > end; k += 1.0)
        product *= chance_uniform(c);
    return k;
}

static inline double chance_student(struct chance *c, double df)
{
    return chance_normal(c) / sqrt(2.0 * chance_gamma(c, 0.5 * df) / df);
}

static inline double chance_beta(struct chance *c, double a, double b)
{
    const double x = chance_gamma(c, a);
    return x / (x + chance_gamma(c, b));
}

#endif
