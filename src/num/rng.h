/* Seeded random streams: xoshiro256++ (Blackman and Vigna 2021), passed in, never global.
 * The same seed and stream give the same numbers on every machine. */
#ifndef MAXPOST_RNG_H
#define MAXPOST_RNG_H

#include <stdbool.h>
#include <stdint.h>

/* A stream, by value: a copy repeats what the original will draw. */
struct rng {
    uint64_t state[4];
    double spare; /* the second normal of a pair */
    bool has_spare;
};

/* The stream numbered `stream` of a seed; one for each chain or thread.  Streams start at points
 * of the 2^256 - 1 cycle that splitmix64 picks, so that overlaps are out of reach. */
struct rng rng_stream(uint64_t seed, uint64_t stream);

/* 64 random bits. */
uint64_t rng_bits(struct rng *rng);
/* Uniform on 0..count-1, exactly (Lemire 2019); count > 0. */
uint64_t rng_below(struct rng *rng, uint64_t count);
/* Uniform on the open interval (0, 1): the midpoints of 2^52 cells. */
double rng_uniform(struct rng *rng);
/* Standard normal; Marsaglia's polar method, exact. */
double rng_normal(struct rng *rng);
/* Exponential with mean 1. */
double rng_exponential(struct rng *rng);
/* Gamma with density proportional to t^(shape-1) exp(-t), shape > 0; Marsaglia and Tsang (2000).
 * Below shape 0.01 the result may underflow to 0. */
double rng_gamma(struct rng *rng, double shape);
/* Inverse Gaussian with mean > 0 (may be infinite: the Levy distribution) and shape > 0;
 * variance mean^3 / shape.  Michael, Schucany and Haas (1976), with the root that does not cancel. */
double rng_inverse_gaussian(struct rng *rng, double mean, double shape);
/* Normal(mean, sd) restricted to [lower, upper], either of which may be infinite; sd > 0 and
 * lower <= upper.  Accurate however far the interval lies in a tail: the distance from the nearer
 * bound is what is drawn.  Robert (1995), "Simulation of truncated normal variables". */
double rng_normal_between(struct rng *rng, double mean, double sd, double lower, double upper);
/* 1 with probability p, else 0. */
double rng_bernoulli(struct rng *rng, double p);
/* Poisson; mean >= 0.  Multiplication below 10, Hoermann (1993) PTRS above, exact; from 1e15 on,
 * where neighbouring counts are about one ulp apart, a rounded normal; infinity for infinity. */
double rng_poisson(struct rng *rng, double mean);

#endif
