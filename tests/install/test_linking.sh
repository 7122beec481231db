#!/bin/bash
# OpenBLAS answers the BLAS calls, in the shared library and in the program: it is named in the
# file itself, or inside it, and GSL's slow reference CBLAS is not.
set -u
build=${BUILD:-build}
for file in "$build/libmaxpost.so.0" "$build/maxpost"; do
    name=$(basename "$file")
    if ! needed=$(readelf -d "$file" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); then
        echo "FAIL linking $name: cannot be read"
    elif ! grep -q '^libopenblas' <<<"$needed" && ! nm "$file" | grep -q ' gotoblas$'; then
        echo "FAIL linking $name: does not need libopenblas, but" $needed
    elif grep -q '^libgslcblas' <<<"$needed"; then
        echo "FAIL linking $name: needs libgslcblas"
    else
        echo "ok linking $name"
    fi
done

soname=$(readelf -d "$build/libmaxpost.so.0" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
if [ "$soname" = libmaxpost.so.0 ]; then
    echo "ok linking soname"
else
    echo "FAIL linking soname: is '$soname'"
fi
