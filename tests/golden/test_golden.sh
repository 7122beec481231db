#!/bin/bash
# Golden output of the program: each line `NAME ARGUMENTS` of tests/golden/cases is run in a fresh
# directory that sees configs/, models/ and data/ of this folder; what it prints is compared with
# tests/golden/NAME.txt: numbers with a tolerance (compare.awk), the rest as it is.
#
#   tests/golden/test_golden.sh            prints `ok NAME` or `FAIL NAME: why`
#   tests/golden/test_golden.sh --update   writes the expected files anew; read the difference
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/golden
program=${MAXPOST:-$root/build/maxpost}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# What differs from run to run: residuals and other numbers near rounding, times, versions.
settle() {
    sed -E -e 's/(KKT residual|rounding floor|duality gap) [-+.e0-9]+/\1 #/g' \
        -e 's/"(kkt|kkt_floor|gradient_norm|duality_gap|seconds|ess|r_hat)": [-+.e0-9]+/"\1": "#"/' \
        -e 's/": -?[.0-9]+e-(1[3-9]|[2-9][0-9])/": 0/' \
        -e 's/"(gsl|blas|command)": ".*"/"\1": "#"/'
}

# transcript ARGUMENTS: the command, what it printed, and how it ended.
transcript() {
    local status
    printf '$ maxpost %s\n' "$1"
    eval "\"$program\" $1" >"$work/stdout" 2>"$work/stderr" </dev/null
    status=$?
    settle <"$work/stdout"
    [ ! -s "$work/stderr" ] || { echo '[standard error]' && cat "$work/stderr"; }
    echo "[exit $status]"
}

while read -r name arguments; do
    case $name in '' | '#'*) continue ;; esac
    mkdir "$work/$name" && cd "$work/$name" || exit 1
    ln -s "$root/configs" "$root/models" "$here/data" .
    transcript "$arguments" >"$work/got"
    if [ "${1-}" = --update ]; then
        cp "$work/got" "$here/$name.txt"
    elif [ ! -f "$here/$name.txt" ]; then
        echo "FAIL $name: there is no tests/golden/$name.txt (--update writes it)" && bad=1
    else
        why=$(awk -f "$here/compare.awk" "$here/$name.txt" "$work/got")
        if [ -z "$why" ]; then
            echo "ok $name"
        else
            echo "FAIL $name: $why" && bad=1
        fi
    fi
done <"$here/cases"
exit $bad
