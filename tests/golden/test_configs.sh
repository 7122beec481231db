#!/bin/bash
# Every run in configs/ fits, or follows its path and fits the chosen point, converges, and is interpreted in docs/examples*.md; every model in
# models/ has a run.  A new one is tested by being there.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
program=${MAXPOST:-$root/build/maxpost}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
ln -s "$root/configs" "$root/models" .
bad=0

for run in configs/*.yaml; do
    name=$(basename "$run" .yaml)
    why= verb=fit
    ! grep -q '^path:' "$run" || verb=path
    "$program" $verb "$run" --quiet --out "$name" >output 2>&1 </dev/null ||
        why="exit status $?: $(head -n 1 output)"
    [ -n "$why" ] || grep -q '"status": "converged"' "$name/fit.json" ||
        why='it did not converge'
    [ -n "$why" ] || grep -q "$verb $run" "$root"/docs/examples*.md ||
        why="no docs/examples*.md has $verb $run"
    if [ -z "$why" ]; then echo "ok $run"; else echo "FAIL $run: $why" && bad=1; fi
done
for model in models/*.yaml; do
    if grep -qF "../$model" configs/*.yaml; then
        echo "ok $model"
    else
        echo "FAIL $model: no run in configs/ names it" && bad=1
    fi
done
exit $bad
