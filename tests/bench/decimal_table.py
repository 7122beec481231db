#!/usr/bin/env python3
"""Writes src/io/decimal_table.c, the powers of five behind decimal_scale, to standard output.

Row q holds the 128 leading bits of 5^q, cut off, but rounded up for -27 <= q < 0, where a halfway
case may be exact: Lemire (2021), section 5; Mushtak & Lemire (2023).  Integer arithmetic only; the result does not depend on the machine.

    python3 tests/bench/decimal_table.py > src/io/decimal_table.c
"""
LEAST, GREATEST = -342, 308


def leading(q):
    if q >= 0:
        power = 5**q
        shift = power.bit_length() - 128
        return power >> shift if shift > 0 else power << -shift
    power = 5**-q
    # the quotient 2^b / 5^-q has 128 bits, as 5^-q is no power of two
    return (1 << (power.bit_length() + 127)) // power + (q >= -27)


print("/* Written by tests/bench/decimal_table.py: the 128 leading bits of 5^-342 to 5^308. */")
print('#include "io/decimal.h"\n')
print("/* clang-format off */")
print("const uint64_t decimal_fives[DECIMAL_GREATEST - DECIMAL_LEAST + 1][2] = {")
cells = []
for q in range(LEAST, GREATEST + 1):
    bits = leading(q)
    assert bits >> 127 == 1, q
    cells.append("{0x%016x, 0x%016x}," % (bits >> 64, bits & (2**64 - 1)))
for i in range(0, len(cells), 2):
    print("    " + " ".join(cells[i:i + 2]))
print("};")
