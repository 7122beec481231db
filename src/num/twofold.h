/* Doubled precision: an unevaluated sum of two doubles, about 106 bits.
 * Dekker (1971); Knuth (1998), section 4.2.2; products by fma. */
#ifndef MAXPOST_TWOFOLD_H
#define MAXPOST_TWOFOLD_H

#include <math.h>

struct twofold {
    double high, low;
};

static inline struct twofold twofold_normal(double high, double low)
{
    const double sum = high + low;
    return (struct twofold){sum, low - (sum - high)};
}

/* a + b and a - b of doubles, exactly. */
static inline struct twofold twofold_sum(double a, double b)
{
    const double sum = a + b, part = sum - a;
    return (struct twofold){sum, (a - (sum - part)) + (b - part)};
}

static inline struct twofold twofold_difference(double a, double b)
{
    return twofold_sum(a, -b);
}

static inline struct twofold twofold_add(struct twofold a, struct twofold b)
{
    const struct twofold high = twofold_sum(a.high, b.high), low = twofold_sum(a.low, b.low);
    const struct twofold sum = twofold_normal(high.high, high.low + low.high);
    return twofold_normal(sum.high, sum.low + low.low);
}

static inline struct twofold twofold_negative(struct twofold a)
{
    return (struct twofold){-a.high, -a.low};
}

static inline struct twofold twofold_times(struct twofold a, struct twofold b)
{
    const double product = a.high * b.high;
    return twofold_normal(product,
                          fma(a.high, b.high, -product) + (a.high * b.low + a.low * b.high));
}

static inline struct twofold twofold_of(double a)
{
    return (struct twofold){a, 0.0};
}

static inline struct twofold twofold_over(struct twofold a, struct twofold b)
{
    const double first = a.high / b.high;
    const struct twofold rest =
        twofold_add(a, twofold_negative(twofold_times(b, twofold_of(first))));
    const double second = rest.high / b.high;
    const struct twofold rest2 =
        twofold_add(rest, twofold_negative(twofold_times(b, twofold_of(second))));
    const struct twofold quotient = twofold_normal(first, second);
    return twofold_add(quotient, twofold_of(rest2.high / b.high));
}

/* Square root of a > 0 by one Newton step on the double's. */
static inline struct twofold twofold_root(struct twofold a)
{
    const double first = sqrt(a.high);
    const struct twofold square = twofold_times(twofold_of(first), twofold_of(first));
    const struct twofold rest = twofold_add(a, twofold_negative(square));
    return twofold_normal(first, rest.high / (2.0 * first));
}

#endif
