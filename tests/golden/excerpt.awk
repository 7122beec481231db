# awk -f excerpt.awk EXPECTED GOT: the lines of GOT that EXPECTED shows.  EXPECTED is made of pieces
# with `...` between them; a piece begins at the first line of GOT, after the piece before, that is
# the piece's first but for numbers and blanks after its first word.  A piece that is nowhere is an
# empty line.
function shape(line,    word) {
    word = line
    sub(/^[ \t]+/, "", word)
    sub(/[ \t].*/, "", word)
    gsub(/[-+]?[0-9]+[.]?[0-9]*([eE][-+]?[0-9]+)?/, "", line)
    gsub(/[ \t]+/, "", line)
    return word " " line
}
FILENAME == ARGV[1] { want[++wanted] = $0; next }
{ got[++count] = $0 }
END {
    at = 1
    fresh = 1
    for (i = 1; i <= wanted; i++) {
        if (want[i] == "...") {
            fresh = 1
            print "..."
            continue
        }
        for (; fresh && at <= count && shape(got[at]) != shape(want[i]); at++)
            ;
        fresh = 0
        print got[at++]
    }
}
