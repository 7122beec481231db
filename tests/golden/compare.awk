# awk -f compare.awk EXPECTED GOT: the first line that differs, or nothing.  Runs of blanks count as
# one; numbers may differ by 1e-6 of their size or by one in the last digit that EXPECTED shows.
function blanks(line) {
    gsub(/[ \t]+/, " ", line)
    sub(/ $/, "", line)
    return line
}
# The value of one in the last place of a number as written.
function last_place(text,    mantissa, exponent, at) {
    exponent = 0
    mantissa = tolower(text)
    at = index(mantissa, "e")
    if (at) {
        exponent = substr(mantissa, at + 1) + 0
        mantissa = substr(mantissa, 1, at - 1)
    }
    at = index(mantissa, ".")
    return 10 ^ (exponent - (at ? length(mantissa) - at : 0))
}
function close_enough(want, got,    slack, off) {
    off = want - got
    slack = (want + 0) * 1e-6
    if (slack < 0)
        slack = -slack
    if (want ~ /[.eE]/ && last_place(want) * 1.01 > slack)
        slack = last_place(want) * 1.01
    return off <= slack && -off <= slack
}
function same(want, got,    number, w, g) {
    number = "[-+]?[0-9]+[.]?[0-9]*([eE][-+]?[0-9]+)?"
    while (match(want, number)) {
        w = substr(want, RSTART, RLENGTH)
        if (RSTART > 1 && substr(want, 1, RSTART - 1) != substr(got, 1, RSTART - 1))
            return 0
        got = substr(got, RSTART)
        want = substr(want, RSTART + RLENGTH)
        if (match(got, number) != 1)
            return 0
        g = substr(got, 1, RLENGTH)
        got = substr(got, RLENGTH + 1)
        if (w != g && !close_enough(w, g))
            return 0
    }
    return want == got
}
FILENAME == ARGV[1] { expected[++count] = $0; next }
{
    line++
    if (!same(blanks(expected[line]), blanks($0))) {
        printf "line %d: \"%s\" where \"%s\" was expected\n", line, $0, expected[line]
        wrong = 1
        exit
    }
}
END { if (!wrong && line != count) printf "%d lines where %d were expected\n", line, count }
