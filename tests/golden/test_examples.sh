#!/bin/bash
# docs/examples*.md against the program: the commands of their console blocks are run, and what they
# print is compared with what the documents show (numbers with a tolerance, as in test_golden.sh;
# `...` stands for lines that are left out).  The numbers in the sentences come from there, too:
# prose.awk.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/golden
program=${MAXPOST:-$root/build/maxpost}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/here/build" && cd "$work/here" || exit 1
ln -s "$program" build/maxpost
ln -s "$root/configs" "$root/models" "$root/docs" .
bad=0 count=0

# Residuals near rounding differ from machine to machine, and so may the steps that lead there.
settle() {
    sed -E -e 's/(KKT residual|rounding floor|duality gap|holds to) [-+.e0-9]+/\1 #/g' \
        -e 's/[0-9]+ iterations?, [0-9]+ pass(es)?/# iterations, # passes/' "$1"
}

# Files $work/NNN.command, $work/NNN.expected.
awk -v work="$work" '
    /^```/ { console = $0 == "```console"; next }
    console && /^\$ / {
        name = work "/" sprintf("%03d", ++n)
        print substr($0, 3) > (name ".command")
        printf "" > (name ".expected")
        next
    }
    console { print > (name ".expected") }
' docs/examples*.md

for command in "$work"/*.command; do
    count=$((count + 1))
    eval "$(cat "$command")" >"$work/output" 2>&1 </dev/null
    settle "${command%.command}.expected" >"$work/want"
    settle "$work/output" >"$work/all"
    awk -f "$here/excerpt.awk" "$work/want" "$work/all" >"$work/got"
    if why=$(awk -f "$here/compare.awk" "$work/want" "$work/got") && [ -z "$why" ]; then
        echo "ok examples: $(cat "$command")"
    else
        echo "FAIL examples: $(cat "$command"): $why" && bad=1
    fi
done
for document in docs/examples*.md; do
    if why=$(awk -f "$here/prose.awk" "$document") && [ -z "$why" ]; then
        echo "ok $document: its numbers"
    else
        echo "FAIL $document: $why" && bad=1
    fi
done
[ "$count" -gt 0 ] || { echo "FAIL examples: they have no commands" && bad=1; }
exit $bad
