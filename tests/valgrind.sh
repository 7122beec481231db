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
for config in configs/*-path.yaml; do
    run path "$config" --out "$work/out" --set path.points=20
done

# Small ones of what grows: more columns than rows, and sparse columns with their cache.
awk 'BEGIN { srand(3); for (i = 0; i <= 20; i++) for (j = 0; j <= 300; j++)
    printf "%s%s", i ? sprintf("%.3f", rand()) : "x" j, j < 300 ? "," : "\n" }' >"$work/wide.csv"
awk 'BEGIN { srand(4); for (i = 0; i < 60; i++) { printf "%d", i % 2; for (j = 1; j <= 500; j++)
    if (rand() < 0.1) printf " %d:%.3f", j, rand(); print "" } }' >"$work/sparse.svm"
wide="model: {response: x0, prior: {weights: \"laplace(0, 0.1)\"}, family: {name: gaussian, noise_sd: 1}}"
sparse='model: {response: y, family: bernoulli, prior: {weights: "laplace(0, 1)"}}'
printf '%s\ndata: {file: wide.csv}\n' "$wide" >"$work/wide.yaml"
printf '%s\ndata: {file: sparse.svm, cache: sparse.cache}\n' "$sparse" >"$work/sparse.yaml"
for model in wide sparse; do
    for command in fit path fit; do
        run "$command" "$work/$model.yaml" --out "$work/out" --set path.folds=3
    done
done
run fit "$work/wide.yaml" --out "$work/out" --set 'model.prior.weights=gaussian(0, 0.1)'
run fit "$work/sparse.yaml" --out "$work/out" --set 'model.prior.weights=gaussian(0, 1)'
exit $bad
