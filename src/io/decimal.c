#include "io/decimal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const double decimal_powers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

struct product {
    uint64_t high, low;
};

#if defined(__SIZEOF_INT128__)

__extension__ typedef unsigned __int128 wide;

static inline struct product multiply(uint64_t a, uint64_t b)
{
    const wide p = (wide)a * b;
    return (struct product){(uint64_t)(p >> 64), (uint64_t)p};
}

#else

static struct product multiply(uint64_t a, uint64_t b)
{
    const uint64_t a0 = a & 0xFFFFFFFFu, a1 = a >> 32, b0 = b & 0xFFFFFFFFu, b1 = b >> 32;
    const uint64_t low = a0 * b0, cross = a1 * b0 + (low >> 32);
    const uint64_t middle = a0 * b1 + (cross & 0xFFFFFFFFu);
    return (struct product){a1 * b1 + (cross >> 32) + (middle >> 32),
                            (middle << 32) | (low & 0xFFFFFFFFu)};
}

#endif

/* The upper 128 bits, near enough, of w * 5^q; the second word of the power only where the first
 * leaves the 55 bits that are needed in doubt. */
static inline struct product scale_by_five(uint64_t w, int64_t q)
{
    const uint64_t *five = decimal_fives[q - DECIMAL_LEAST];
    struct product first = multiply(w, five[0]);

    if ((first.high & 0x1FF) == 0x1FF) {
        const struct product second = multiply(w, five[1]);
        first.low += second.high;
        first.high += second.high > first.low;
    }
    return first;
}

static double from_bits(uint64_t mantissa, int64_t biased_exponent)
{
    const uint64_t bits = mantissa | (uint64_t)biased_exponent << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double decimal_scale(uint64_t w, int64_t q)
{
    const uint64_t hidden = UINT64_C(1) << 52;

    if (w == 0 || q < DECIMAL_LEAST)
        return 0.0;
    if (q > DECIMAL_GREATEST)
        return HUGE_VAL;
    const int zeros = __builtin_clzll(w);
    const struct product p = scale_by_five(w << zeros, q);
    const int upper = (int)(p.high >> 63);
    uint64_t mantissa = p.high >> (upper + 9); /* 54 bits: one more than a double has */
    /* floor(log2(10^q)) + 63, by a product; the bias; all but the 53 bits' own scale */
    const int64_t floor_log = ((INT64_C(217706) * q) - ((INT64_C(217706) * q) & 0xFFFF)) / 65536;
    int64_t exponent = floor_log + 63 + upper - zeros + 1023;

    if (exponent <= 0) { /* subnormal, or the least normal number after rounding up */
        if (exponent <= -63)
            return 0.0;
        mantissa >>= 1 - exponent;
        mantissa = (mantissa + (mantissa & 1)) >> 1;
        return from_bits(mantissa, 0); /* a carry into bit 52 is the exponent 1 */
    }
    /* exactly halfway, which only small powers of five allow: to even */
    if (p.low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 &&
        mantissa << (upper + 9) == p.high)
        mantissa &= ~UINT64_C(1);
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >= 2 * hidden) {
        mantissa = hidden;
        exponent++;
    }
    return exponent >= 2047 ? HUGE_VAL : from_bits(mantissa & ~hidden, exponent);
}

/* Digits that decide a double: the longest halfway case has 767; a last one stands for the rest. */
enum { DECIDING = 768 };

/* strtod on the digits as an integer and an exponent, so that no locale's point matters. */
static double by_strtod(const char *digits, const char *end, int64_t exponent)
{
    const int64_t limit = 100000; /* beyond any double's, with as many digits as are kept */
    char text[DECIDING + 32];
    size_t count = 0;
    bool rest = false;

    for (; digits < end; digits++) {
        if (*digits == '.' || (count == 0 && *digits == '0'))
            continue;
        if (count < DECIDING) {
            text[count++] = *digits;
        } else {
            rest = rest || *digits != '0';
            exponent++;
        }
    }
    if (rest) {
        text[count++] = '1';
        exponent--;
    }
    exponent = exponent > limit ? limit : exponent < -limit ? -limit : exponent;
    (void)snprintf(text + count, sizeof text - count, "e%" PRId64, exponent);
    return strtod(text, NULL);
}

double decimal_long(const char *digits, const char *end, int64_t exponent)
{
    const int64_t last = exponent;
    uint64_t w = 0;
    unsigned count = 0;
    bool exact = true;

    for (const char *s = digits; s < end; s++) {
        if (*s == '.' || (count == 0 && *s == '0'))
            continue;
        if (count < 19) {
            w = w * 10 + (uint64_t)(*s - '0');
            count++;
        } else {
            exact = exact && *s == '0';
            exponent++;
        }
    }
    /* the number lies between w and w + 1 */
    const double below = decimal_scale(w, exponent);
    if (exact || below == decimal_scale(w + 1, exponent))
        return below;
    return by_strtod(digits, end, last);
}
