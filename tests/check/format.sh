#!/bin/bash
# The sources are as clang-format 14 writes them (another version has other habits: it only warns).
set -u
list=$(find src include tests docs/examples -name '*.[ch]' 2>/dev/null | sort)
version=$(clang-format --version | sed -n 's/.*version \([0-9]*\).*/\1/p')
# shellcheck disable=SC2086
wrong=$(clang-format --dry-run -Werror $list 2>&1 | sed -n 's/:[0-9]*:[0-9]*: error:.*//p' | uniq -c)
if [ -z "$wrong" ]; then
    echo "ok format ($(echo "$list" | wc -l) files)"
elif [ "$version" != 14 ]; then
    echo "ok format (not judged: clang-format here is $version, the style is that of 14)"
else
    echo "FAIL format: \`make format\` rewrites these (places, file):"
    echo "$wrong"
fi
