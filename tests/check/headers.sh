#!/bin/bash
# Every header compiles alone: as C11, the public ones as C++17 too.
set -u
c="${CC:-gcc} -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror"
cxx="g++ -std=c++17 -Wall -Wextra -Wpedantic -Werror"
libraries=$(pkg-config --cflags openblas lapacke gsl yaml-0.1 jansson zlib)
bad=0 count=0

# alone HEADER COMMAND...: the header as the whole translation unit, included twice; the declaration
# is for those that hold macros alone.
alone() {
    local header=$1 output
    shift
    count=$((count + 1))
    if ! output=$(printf '#include "%s"\n#include "%s"\nextern int alone;\n' "$header" "$header" |
        "$@" -fsyntax-only - 2>&1); then
        bad=$((bad + 1))
        echo "FAIL header $header ($1): does not compile alone"
        echo "$output" | head -n 8
    fi
}
# shellcheck disable=SC2086
for path in $(find include -name '*.h' | sort); do
    alone "${path#include/}" $c -Iinclude -x c
    alone "${path#include/}" $cxx -Iinclude -x c++
done
# shellcheck disable=SC2086
for path in $(find src -name '*.h' | sort); do
    case $path in
    src/cli/*) alone "${path#src/cli/}" $c -Iinclude -Isrc/cli -x c ;;
    *) alone "${path#src/}" $c -Iinclude -Isrc $libraries -x c ;;
    esac
done
[ "$bad" -gt 0 ] || echo "ok headers ($count compilations)"
