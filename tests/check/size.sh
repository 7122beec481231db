#!/bin/bash
# No function over 60 lines, no source file over 500.  A function runs from a "{" to a "}" that
# each stand alone in column 1, as clang-format leaves them.
set -u
list=$(find src include tests -name '*.[ch]' | sort)
# shellcheck disable=SC2086
long=$(wc -l $list | awk '$2 != "total" && $1 > 500 { printf "%s: %d lines\n", $2, $1 }')
if [ -z "$long" ]; then
    echo "ok size of files"
else
    echo "FAIL size of files: over 500 lines:"
    echo "$long"
fi

# shellcheck disable=SC2086
lengths=$(awk '
    /^[A-Za-z].*\(/ { name = $0; sub(/ *\(.*/, "", name); sub(/^.*[ *]/, "", name) }
    /^\{/ { start = FNR }
    /^\}/ && start { print FNR - start + 1, FILENAME ":" start, name; start = 0 }' $list)
over=$(echo "$lengths" | awk '$1 > 60 { printf "%s: %s is %d lines\n", $2, $3, $1 }')
median=$(echo "$lengths" | grep -v ' tests/' | sort -n |
    awk '{ n[NR] = $1 } END { if (NR) print n[int((NR + 1) / 2)] }')
if [ -z "$over" ]; then
    echo "ok size of functions (median of src: $median lines)"
else
    echo "FAIL size of functions: over 60 lines:"
    echo "$over"
fi
