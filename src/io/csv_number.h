/* Plain numbers in cells whose ends are known: [+-]digits[.digits], up to 19 digits that count, with
 * the bits that decimal_parse gives.  The length alone decides how much is done, so that a column of
 * similar numbers takes no branch that cannot be foreseen. */
#ifndef MAXPOST_CSV_NUMBER_H
#define MAXPOST_CSV_NUMBER_H

#include "io/decimal.h"

/* Eight bytes, digits as their values, the first one lowest. */
DECIMAL_INLINE uint64_t csv_eight(const char *s)
{
    uint64_t v;

    memcpy(&v, s, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v ^ UINT64_C(0x3030303030303030);
}

/* The high bit of a byte: no digit; right up to the first such byte, and beyond it where that is a
 * point. */
DECIMAL_INLINE uint64_t csv_no_digits(uint64_t v)
{
    return ((v + UINT64_C(0x7676767676767676)) | v) & UINT64_C(0x8080808080808080);
}

/* The last `count` < 8 of eight bytes' room, zeros before them: the first `count` of v. */
DECIMAL_INLINE uint64_t csv_leading(uint64_t v, size_t count)
{
    return v << 8 * (7 - count) << 8;
}

/* The number that eight digits make. */
DECIMAL_INLINE uint64_t csv_join(uint64_t v)
{
    v = v * 10 + (v >> 8);
    return (((v & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064) +
             ((v >> 16) & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001)) >>
            32) &
           UINT64_C(0xFFFFFFFF);
}

enum { CSV_POINT = '.' ^ '0' };

/* One to eight bytes, the point among them. */
DECIMAL_INLINE bool csv_short(double *value, const char *s, size_t length)
{
    uint64_t v = csv_eight(s) << (64 - 8 * length);
    const uint64_t other = csv_no_digits(v);

    if (!other) {
        *value = (double)csv_join(v);
        return true;
    }
    const int bit = __builtin_ctzll(other) - 7; /* where its byte starts */
    const uint64_t before = (UINT64_C(1) << bit) - 1;
    if ((other & (other - 1)) || (v >> bit & 0xFF) != CSV_POINT || length == 1)
        return false;
    v = (v & before) << 8 | (v & ~before << 8); /* the digits before the point, moved over it */
    *value = (double)csv_join(v) / decimal_powers[7 - bit / 8];
    return true;
}

/* More than eight bytes, up to seven digits before the point. */
DECIMAL_INLINE bool csv_long(double *value, const char *s, size_t length)
{
    static const uint64_t power[8] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    uint64_t v = csv_eight(s);
    uint64_t other = csv_no_digits(v);

    if (!other)
        return false;
    const size_t whole = (size_t)__builtin_ctzll(other) / 8, places = length - whole - 1;
    if ((v >> 8 * whole & 0xFF) != CSV_POINT)
        return false;
    uint64_t mantissa = csv_join(csv_leading(v, whole));
    if (places > 19 || (places + whole > 19 && mantissa))
        return false;
    s += whole + 1;
    other = 0;
    size_t left = places;
    for (; left >= 8; left -= 8, s += 8) {
        v = csv_eight(s);
        other |= csv_no_digits(v);
        mantissa = mantissa * UINT64_C(100000000) + csv_join(v);
    }
    v = csv_leading(csv_eight(s), left);
    other |= csv_no_digits(v);
    mantissa = mantissa * power[left] + csv_join(v);
    if (other)
        return false;
    if (FLT_EVAL_METHOD == 0 && mantissa <= UINT64_C(1) << 53)
        *value = (double)mantissa / decimal_powers[places];
    else
        *value = decimal_scale(mantissa, -(int64_t)places);
    return true;
}

/* Whether the text from s to e is a plain number; DECIMAL_SLACK bytes behind it are readable. */
DECIMAL_INLINE bool csv_number(double *value, const char *s, const char *e)
{
    const bool negative = *s == '-';
    double magnitude;
    uint64_t bits;

    s += negative || *s == '+';
    const size_t length = (size_t)(e - s); /* huge where a sign is all there is beyond e */
    if (FLT_EVAL_METHOD == 0 && length - 1 < 8) {
        if (!csv_short(&magnitude, s, length))
            return false;
    } else if (length - 1 >= 32 || !csv_long(&magnitude, s, length)) {
        return false;
    }
    memcpy(&bits, &magnitude, sizeof bits);
    bits |= (uint64_t)negative << 63; /* signs come at random: no branch */
    memcpy(value, &bits, sizeof bits);
    return true;
}

#endif
