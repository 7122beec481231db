# awk -f prose.awk DOCUMENT: what is wrong with the numbers in its sentences, a line each, or
# nothing.
# A number with three decimals or more is in an output block of the same section or in a note, and
# the notes, `<!-- 2.98 = exp(1.09148); 13.02 = 11.8/0.907 -->`, are right to the digits they show.
function sum(    value) {
    value = product()
    while (match(text, /^[-+]/))
        value = take() == "-" ? value - product() : value + product()
    return value
}
function product(    value) {
    value = power()
    while (match(text, /^[*\/]/))
        value = take() == "*" ? value * power() : value / power()
    return value
}
function power(    value) {
    value = atom()
    if (match(text, /^\^/)) {
        take()
        value = value ^ atom()
    }
    return value
}
function atom(    name, value) {
    if (match(text, /^[0-9.]+/))
        return take() + 0
    if (match(text, /^-/)) {
        take()
        return -power()
    }
    match(text, /^[a-z]*\(/)
    name = take()
    value = sum()
    match(text, /^\)/)
    take()
    if (name == "exp(")
        return exp(value)
    if (name == "log(")
        return log(value)
    return name == "sqrt(" ? sqrt(value) : value
}
function take(    token) {
    token = substr(text, RSTART, RLENGTH)
    text = substr(text, RSTART + RLENGTH)
    return token
}
function note(line,    part, count, i, at, shown, value, decimals, off) {
    gsub(/<!--|-->| /, "", line)
    count = split(line, part, ";")
    for (i = 1; i <= count; i++) {
        at = index(part[i], "=")
        shown = substr(part[i], 1, at - 1)
        text = substr(part[i], at + 1)
        value = sum()
        decimals = index(shown, ".") ? length(shown) - index(shown, ".") : 0
        off = value - shown
        if (text != "" || off > 0.51 * 10 ^ -decimals || -off > 0.51 * 10 ^ -decimals)
            print FILENAME ":" FNR ": " part[i] ", but it is " value text
        remember(shown)
    }
}
function remember(number) {
    sub(/^[-+]/, "", number)
    known[number] = 1
}
function close_section(    i) {
    for (i = 1; i <= count; i++)
        if (!(said[i] in known))
            print where[i] ": " said[i] " is in no output of its section"
    count = 0
    split("", known)
}
/^```/ { block = !block; next }
/^## / { close_section() }
/^<!--/ { note($0); next }
{
    line = $0
    while (match(line, /[0-9]+[.]?[0-9]*/)) {
        number = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        sub(/[.]$/, "", number)
        if (block)
            remember(number)
        else if (number ~ /[.][0-9][0-9][0-9]/) {
            said[++count] = number
            where[count] = FILENAME ":" FNR
        }
    }
}
END { close_section() }
