#!/bin/bash
# The unit tests and some runs of the program under valgrind; nothing of ours is suppressed.
# `make valgrind` calls it.  Definite and indirect leaks and all wrong accesses are errors.
set -u
cd "$(dirname "$0")/.." || exit 1
export BUILD=${BUILD:-build} OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
export TEST_TIMEOUT=${TEST_TIMEOUT:-1800}
tool="valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect"
tool="$tool --show-leak-kinds=definite,indirect"
bad=0

names=()
for source in tests/unit/test_*.c; do
    name=$(basename "$source" .c)
    names+=("${name#test_}")
done
WRAP=$tool tests/run.sh "${names[@]}" || bad=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# run ARGUMENT...: any status but valgrind's own 99 will do: wrong input is tried as well.
run() {
    timeout "$TEST_TIMEOUT" $tool "$BUILD/maxpost" "$@" >"$work/log" 2>&1 </dev/null
    if [ $? -eq 99 ]; then
        echo "FAIL maxpost $*: its output:"
        sed 's/^/    /' "$work/log"
        bad=1
    else
        echo "ok maxpost $*"
    fi
}
run --help
run --version
run fit "$work/absent.yaml"
printf 'model: [1, 2\n' >"$work/broken.yaml"
run check "$work/broken.yaml"
for config in configs/*.yaml; do
    [ -e "$config" ] && run fit "$config" --out "$work/out"
done
exit $bad
