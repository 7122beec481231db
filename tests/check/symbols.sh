#!/bin/bash
# The shared library exports what include/maxpost declares with MXP_API, and nothing else.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# MXP_API expands to a visibility attribute; the first name before "(" in its declaration is it.
for header in include/maxpost/*.h; do
    echo "#include \"${header#include/}\""
done | ${CC:-gcc} -std=c11 -E -P -Iinclude -x c - | tr '\n' ' ' | tr ';{}' '\n\n\n' |
    sed -n 's/__attribute__ *((warn_unused_result))//g; s/^.*visibility("default")))//p' |
    sed 's/__attribute__.*$//' | grep -o '[A-Za-z_][A-Za-z0-9_]* *\((\|$\|\[\)' |
    sed 's/[ ([].*$//' >"$work/all"
grep '^mxp_' "$work/all" | sort -u >"$work/declared"
nm -D --defined-only "${BUILD:-build}/libmaxpost.so.0" |
    awk '$2 ~ /^[TDBRVWi]$/ { print $3 }' | sed 's/@.*//' | grep -v '^_\(init\|fini\)$' |
    sort -u >"$work/exported"

missing=$(comm -23 "$work/declared" "$work/exported")
extra=$(comm -13 "$work/declared" "$work/exported")
[ -z "$missing" ] || echo "FAIL symbols: declared, not exported:" $missing
[ -z "$extra" ] || echo "FAIL symbols: exported, not declared:" $extra
[ -n "$missing$extra" ] || echo "ok symbols ($(wc -l <"$work/declared") exported)"
