/* Decimal text to the nearest double: the bits that strtod gives in the C locale, several times
 * faster and in any locale.
 *
 * The common case is inlined here.  Up to 19 digits are gathered into an integer, eight at a time;
 * integers up to 2^53 times or over an exact power of ten need one rounding (Clinger 1990, How to
 * read floating point numbers accurately); the rest is left to decimal_scale and decimal_long. */
#ifndef MAXPOST_DECIMAL_H
#define MAXPOST_DECIMAL_H

#include <float.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* In the loop over the cells of a file, the call is worth 4% of the time. */
#if defined(__GNUC__)
#define DECIMAL_INLINE static inline __attribute__((always_inline))
#else
#define DECIMAL_INLINE static inline
#endif

/* Bytes that must be readable after the last character of a number. */
enum { DECIMAL_SLACK = 16 };

/* 10^0 to 10^22, all exact doubles; 5^-342 to 5^308 as 128-bit mantissas, high word first. */
extern const double decimal_powers[23];
enum { DECIMAL_LEAST = -342, DECIMAL_GREATEST = 308 };
extern const uint64_t decimal_fives[DECIMAL_GREATEST - DECIMAL_LEAST + 1][2];

/* The double nearest to mantissa * 10^exponent, ties to even; infinity when too large.  Exact for
 * every argument.  Lemire (2021), Number parsing at a gigabyte per second; Mushtak & Lemire (2023),
 * Fast number parsing without fallback. */
double decimal_scale(uint64_t mantissa, int64_t exponent);

/* The number whose digits (with or without a point) start at `digits` and end before `end`, times
 * 10^exponent; for numbers of more than 19 digits. */
double decimal_long(const char *digits, const char *end, int64_t exponent);

/* Parses [+-]digits[.digits][e[+-]digits] at text; digits may be missing on one side of the point.
 * Returns the end of the number, or text itself (and value 0) where there is none.  Not NUL- but
 * byte-bounded: DECIMAL_SLACK bytes after the number must be readable. */
DECIMAL_INLINE const char *decimal_parse(double *value, const char *text);

/* Digits at s as an integer: appends up to eight of them, returns how many there were. */
static inline unsigned decimal_eight(uint64_t *mantissa, const char *s)
{
    static const uint64_t power[9] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    uint64_t v;
    unsigned count = 8;

    memcpy(&v, s, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    v ^= UINT64_C(0x3030303030303030);
    /* the high bit of a byte: not a digit (right up to the first such byte) */
    const uint64_t stop = ((v + UINT64_C(0x7676767676767676)) | v) & UINT64_C(0x8080808080808080);
    if (stop) {
        count = (unsigned)__builtin_ctzll(stop) >> 3;
        if (count == 0)
            return 0;
        v <<= 64 - 8 * count; /* leading zeros */
    }
    v = v * 10 + (v >> 8);
    v = ((v & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064) +
         ((v >> 16) & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001)) >>
        32;
    *mantissa = *mantissa * power[count] + (v & UINT64_C(0xFFFFFFFF));
    return count;
}

static inline const char *decimal_digits(uint64_t *mantissa, const char *s)
{
    unsigned count;
    do {
        count = decimal_eight(mantissa, s);
        s += count;
    } while (count == 8);
    return s;
}

/* The exponent after an e at s; *exponent is added to.  Returns s where no digits follow. */
static inline const char *decimal_exponent(int64_t *exponent, const char *s)
{
    const char *at = s + 1;
    const bool negative = *at == '-';
    int64_t e = 0;

    at += *at == '-' || *at == '+';
    if ((unsigned)(*at - '0') > 9)
        return s;
    for (; (unsigned)(*at - '0') <= 9; at++)
        if (e < INT64_C(100000000000000000))
            e = e * 10 + (*at - '0');
    *exponent += negative ? -e : e;
    return at;
}

DECIMAL_INLINE const char *decimal_parse(double *value, const char *text)
{
    const char *s = text;
    const bool negative = *s == '-';
    uint64_t mantissa = 0;
    int64_t exponent = 0;
    double magnitude;

    s += *s == '-' || *s == '+';
    const char *const digits = s;
    s = decimal_digits(&mantissa, s);
    int64_t count = s - digits;
    if (*s == '.') {
        const char *const fraction = s + 1;
        s = decimal_digits(&mantissa, fraction);
        exponent = fraction - s;
        count -= exponent;
    }
    if (count == 0) {
        *value = 0.0;
        return text;
    }
    const char *const end = s;
    if ((*s | 0x20) == 'e')
        s = decimal_exponent(&exponent, s);

    if (count > 19)
        magnitude = decimal_long(digits, end, exponent);
    else if (FLT_EVAL_METHOD == 0 && mantissa <= UINT64_C(1) << 53 && exponent <= 22 &&
             exponent >= -22)
        magnitude = exponent < 0 ? (double)mantissa / decimal_powers[-exponent]
                                 : (double)mantissa * decimal_powers[exponent];
    else
        magnitude = decimal_scale(mantissa, exponent);
    *value = negative ? -magnitude : magnitude;
    return s;
}

#endif
