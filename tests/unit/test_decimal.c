/* decimal_parse against the C library's strtod: bits and end of every number. */
#include "io/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LONGEST = 2000 };

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* text may be up to LONGEST long; strtod must not see hexadecimal, inf or nan. */
static void compare(const char *text)
{
    char padded[LONGEST + DECIMAL_SLACK] = "";
    char *end;
    double value;

    assert_true(strlen(text) < LONGEST);
    memcpy(padded, text, strlen(text));
    const char *stop = decimal_parse(&value, padded);
    const double expected = strtod(padded, &end);
    if (memcmp(&value, &expected, sizeof value) != 0 || stop != end)
        fail_msg("\"%s\": %a up to %td, strtod %a up to %td", text, value, stop - padded, expected,
                 end - padded);
}

static void random_decimals(void **state)
{
    uint64_t s = 88172645463325252u;
    char text[400];

    (void)state;
    for (int i = 0; i < 70000; i++) {
        const uint64_t a = next(&s), b = next(&s), c = next(&s);
        const char *sign = c & 1 ? "-" : c & 2 ? "+" : "";
        const unsigned kind = (unsigned)(i % 7);
        if (kind == 0) /* any double, as 17 digits */
            snprintf(text, sizeof text, "%s%.17g", sign, from_bits(a & ~(UINT64_C(1) << 62)));
        else if (kind == 1) /* digits and exponents of all lengths, in and out of range */
            snprintf(text, sizeof text, "%s%llu.%llue%d", sign, (unsigned long long)(a >> (c % 64)),
                     (unsigned long long)(b >> (c / 64 % 64)), (int)(c >> 20) % 400);
        else if (kind == 2) /* what data files hold */
            snprintf(text, sizeof text, "%s%.*f", sign, (int)(b % 10), (double)(a >> 11) * 1e-13);
        else if (kind == 3) /* subnormals, of any number of digits */
            snprintf(text, sizeof text, "%.*e", (int)(b % 60), from_bits(a >> (12 + c % 50)));
        else if (kind == 4) /* 19 digits at the ends of the range */
            snprintf(text, sizeof text, "%llue%d", (unsigned long long)a,
                     c & 1 ? 280 + (int)(b % 20) : -330 - (int)(b % 20));
        else if (kind == 5) /* the largest doubles and beyond */
            snprintf(text, sizeof text, "%s1.%lluE+%d", sign, (unsigned long long)a,
                     300 + (int)(b % 12));
        else /* integers and integers with a fraction of zeros */
            snprintf(text, sizeof text, "%s%llu%s", sign, (unsigned long long)(a >> (b % 64)),
                     c & 4   ? "."
                     : c & 8 ? ".000"
                             : "");
        compare(text);
    }
}

/* The decimal expansion of the number halfway between a double and the next is finite: a double
 * with one bit more.  glibc prints long double exactly. */
static void halfway_cases(void **state)
{
    uint64_t s = 1234567;
    char text[LONGEST];

    (void)state;
#if LDBL_MANT_DIG >= 64
    for (int i = 0; i < 10000; i++) {
        const int exponent = (int)(next(&s) % 600) - 300;
        const uint64_t odd = (next(&s) >> 10) | 1 | UINT64_C(1) << 53; /* 54 bits */
        const long double halfway = ldexpl((long double)odd, exponent - 53);
        int length = snprintf(text, sizeof text, "%.800Lg", halfway);
        compare(text);
        if (strchr(text, 'e') || !strchr(text, '.'))
            continue;
        text[length] = '1'; /* a hair above */
        text[length + 1] = '\0';
        compare(text);
        text[length] = '\0';
        text[length - 1]--; /* below */
        compare(text);
    }
#endif
    for (int i = 0; i < 10000; i++) { /* integers halfway: 2^53 + odd, and their neighbours */
        const uint64_t odd = (next(&s) >> 10) | 1 | UINT64_C(1) << 53;
        snprintf(text, sizeof text, "%llu", (unsigned long long)odd + next(&s) % 3 - 1);
        compare(text);
        snprintf(text, sizeof text, "%llu%s", (unsigned long long)odd,
                 i % 2 ? ".000000000000000000000000000001" : "0000000000");
        compare(text);
    }
}

static void long_digit_strings(void **state)
{
    uint64_t s = 42;
    char text[LONGEST];

    (void)state;
    for (int i = 0; i < 10000; i++) {
        const size_t length = 20 + next(&s) % 1000;
        for (size_t k = 0; k < length; k++)
            text[k] = (char)('0' + next(&s) % 10);
        if (i % 3)
            text[next(&s) % length] = '.';
        if (i % 5 == 0)
            memset(text, '0', length / 2); /* leading zeros */
        if (i % 5 == 1)
            memset(text + 20, '0', length - 20); /* zeros behind 19 digits and one */
        snprintf(text + length, 32, "e%d", (int)(next(&s) % 1400) - 1000);
        compare(text);
    }
}

static const char *const hard[] = {
    "0",
    "-0",
    "0.0",
    "-0.0e5",
    "0e999999999999999999999",
    "1e-400",
    "1e400",
    "-1e400",
    "1e309",
    /* the ends of the range, and halfway beyond them */
    "1.7976931348623157e308",
    "1.7976931348623158e308",
    "1.7976931348623159e308",
    "179769313486231580793728971405301e276",
    "4.9406564584124654e-324",
    "2.4703282292062327e-324",
    "2.4703282292062328e-324",
    "2.2250738585072014e-308",
    "2.2250738585072011e-308", /* once an endless loop in PHP and Java */
    "2.2250738585072012e-308",
    /* from the test sets of David Gay's and Paxson's papers */
    "9007199254740993",
    "9007199254740992.999999999999999999999",
    "5e-324",
    "8.41e21",
    "9.5367431640625e-07",
    "6.631236846766476e-316",
    "2.1934e-318",
    "1e23",
    "8.5e22",
    "0.000000000000000000000000000000000000000000000000001",
    "7.2057594037927933e16",
    "9007199254740991e22",
    "9007199254740993e22",
    "123456789012345678e-300",
    "1448997445238699",
    "3.2378839133029012895883524125015321748630094830812e-319",
    "1000000000000000000000000000000000000000e-39",
    "0.1e1000000000000000000000000",
    "0.1e-1000000000000000000000000",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999",
    "12345678",
    "1234567812345678",
    "0.12345678",
    "100000000000000016777215",
    "100000000000000016777216",
    /* where a number ends */
    "1e",
    "1e+",
    "1e-",
    "1.e5",
    ".5",
    ".",
    "-",
    "+",
    "-.",
    "+.5e1x",
    "1..2",
    "1.5,2",
    "e5",
    "",
    "--1",
    "+-1",
    "12a",
    "1 2",
    "0.5E-3;",
    "1e5.5",
    "12345678:",
    "/",
    ":",
    "1\x80",
    "\xff"
    "1",
};

static void known_hard_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
        compare(hard[i]);
}

static void powers_of_ten(void **state)
{
    char text[64];

    (void)state;
    for (int e = -400; e <= 400; e++) {
        for (int m = 1; m <= 9; m++) {
            snprintf(text, sizeof text, "%de%d", m, e);
            compare(text);
        }
        snprintf(text, sizeof text, "9999999999999999999e%d", e);
        compare(text);
        snprintf(text, sizeof text, "99999999999999999999999999999e%d", e);
        compare(text);
    }
}

/* Neither hexadecimal nor the names of special values, which strtod would take. */
static void not_numbers(void **state)
{
    static const char *const texts[] = {"inf", "nan", "Infinity", "-inf", "NAN(1)"};
    double value;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char padded[32] = "";
        strcpy(padded, texts[i]);
        assert_ptr_equal(decimal_parse(&value, padded), padded);
    }
    char hexadecimal[32] = "0x10";
    assert_ptr_equal(decimal_parse(&value, hexadecimal), hexadecimal + 1);
}

/* A comma as the locale's point changes nothing; skipped where no such locale is installed. */
static void locale_is_ignored(void **state)
{
    const char *names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8"};
    /* halfway between two doubles and a bit: needs all digits */
    char text[96] = "9007199254740993.00000000000000000000000000000000000001";
    double value;
    bool found = false;

    (void)state;
    for (size_t i = 0; i < 4 && !found; i++)
        found = setlocale(LC_NUMERIC, names[i]) != NULL;
    if (!found)
        skip();
    const char *end = decimal_parse(&value, text);
    setlocale(LC_NUMERIC, "C");
    assert_int_equal(*end, '\0');
    assert_true(value == 9007199254740994.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_decimals),    cmocka_unit_test(halfway_cases),
        cmocka_unit_test(long_digit_strings), cmocka_unit_test(known_hard_ones),
        cmocka_unit_test(powers_of_ten),      cmocka_unit_test(not_numbers),
        cmocka_unit_test(locale_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
