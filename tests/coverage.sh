#!/bin/bash
# tests/coverage.sh BUILD SOURCE...: the share of each source's lines that the tests ran (gcov).
set -u
build=$1
shift
for source in "$@"; do
    gcov -n -o "$build/${source%.c}.o" "$source" 2>/dev/null | awk -v want="$source" '
        /^File / { file = substr($2, 2, length($2) - 2); if (file !~ /^src\//) sub(/^.*\/src\//, "src/", file) }
        /^Lines executed:/ && file == want {
            split($0, part, /[:% ]+/)
            printf "%s %s %s\n", want, part[3], part[5]
            file = ""
        }'
done | awk '
    { printf "%6.1f%%  of %5d  %s\n", $2, $3, $1; all += $3; run += $2 * $3 / 100 }
    END { if (all) printf "%6.1f%%  of %5d  all\n", 100 * run / all, all }'
