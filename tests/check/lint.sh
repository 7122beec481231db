#!/bin/bash
# clang-tidy on every source; .clang-tidy says what it looks for.
set -u
log=${BUILD:-build}/logs/lint.log
if "${MAKE:-make}" -k lint >"$log" 2>&1; then
    echo "ok lint"
else
    echo "FAIL lint: $(grep -c ' error: ' "$log") findings (whole text in $log)"
    grep ' error: ' "$log" | sort -u | head -n 40
fi
