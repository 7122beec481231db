#!/bin/bash
# `make install` into an empty DESTDIR; then a C program of a user, docs/examples/fit_in_memory.c,
# finds the library through pkg-config alone, shared and static; then `make uninstall`.
set -u
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
build=${BUILD:-build}
example=docs/examples/fit_in_memory.c
unset MAKEFLAGS MFLAGS MAKELEVEL
flags=${CFLAGS:--O2 -g}
# A library with sanitizers or coverage wants a program with them.
case $flags in
*-fsanitize* | *--coverage*) example_flags=$flags ;;
*) example_flags= ;;
esac

# verdict NAME COMMAND...: ok when the command succeeds, otherwise its last lines.
verdict() {
    local name=$1
    shift
    if "$@" >"$root/log" 2>&1; then
        echo "ok install $name"
    else
        echo "FAIL install $name: $* (exit status $?)"
        tail -n 12 "$root/log"
    fi
}

# What is built is installed; a build directory of other flags is left as it is.
install_with() {
    make "$1" BUILD="$build" DESTDIR="$root/dest" PREFIX=/opt/maxpost CFLAGS="$flags"
}
prefix=$root/dest/opt/maxpost
verdict install install_with install
for file in bin/maxpost lib/libmaxpost.a lib/libmaxpost.so lib/libmaxpost.so.0 \
    lib/pkgconfig/maxpost.pc include/maxpost/base.h share/maxpost/configs share/maxpost/models; do
    verdict "$file" test -e "$prefix/$file"
done
verdict program "$prefix/bin/maxpost" --version

# Only the installed copy is in reach: its own .pc file, moved to where it lies now.
cp "$example" "$root/example.c" 2>/dev/null
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
pc() { pkg-config --define-variable=prefix="$prefix" "$@" maxpost; }
cd "$root" || exit 1
verdict pkg-config pc --exists --print-errors
verdict version test "$(pc --modversion)" = "$("$prefix/bin/maxpost" --version | grep -o '[0-9]*\.[0-9]*\.[0-9]*' | head -n 1)"
if [ ! -e example.c ]; then
    echo "FAIL install example: there is no $example"
else
    # shellcheck disable=SC2046
    verdict "compile shared" ${CC:-gcc} -std=c11 -Wall -Wextra -Werror $example_flags \
        $(pc --cflags) -o shared example.c $(pc --libs) -lm
    verdict "run shared" env LD_LIBRARY_PATH="$prefix/lib" ./shared
    # shellcheck disable=SC2046
    verdict "compile static" ${CC:-gcc} -std=c11 -Wall -Wextra -Werror $example_flags \
        $(pc --cflags) -o static example.c -Wl,-Bstatic $(pc --libs) -Wl,-Bdynamic \
        $(pc --static --libs-only-l | sed 's/-lmaxpost//') $(pc --static --libs-only-other)
    verdict "run static" ./static
fi
cd - >/dev/null || exit 1

verdict uninstall install_with uninstall
left=$(find "$prefix" -type f -o -type l)
if [ -z "$left" ]; then
    echo "ok install nothing is left"
else
    echo "FAIL install nothing is left:" $left
fi
