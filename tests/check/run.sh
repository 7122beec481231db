#!/bin/bash
# The static checks, one line each: `ok NAME` or `FAIL NAME: what`.  `make check` calls it after a
# build; MAKE, CC and BUILD are in the environment.  Ends with `check: N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
export BUILD=${BUILD:-build} MAKE=${MAKE:-make} CC=${CC:-gcc}
mkdir -p "$BUILD/logs"
log=$BUILD/logs/check.log
: >"$log"

in_git() { git rev-parse --is-inside-work-tree >/dev/null 2>&1; }
in_git && git status --porcelain >"$BUILD/logs/tree-before"

for check in floors headers symbols size format lint; do
    tests/check/$check.sh 2>&1 </dev/null | tee -a "$log"
    # A check that dies without a verdict has failed too.
    [ "${PIPESTATUS[0]}" -eq 0 ] || echo "FAIL $check: the check itself stopped" | tee -a "$log"
done
in_git && tests/check/tree.sh "$BUILD/logs/tree-before" 2>&1 | tee -a "$log"

passed=$(grep -c '^ok ' "$log")
failed=$(grep -c '^FAIL ' "$log")
echo "check: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
