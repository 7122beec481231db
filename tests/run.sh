#!/bin/bash
# Runs every test and counts:  BUILD=build tests/run.sh [NAME...]
#
# Programs: tests/unit/test_NAME.c, built as $BUILD/tests/unit/test_NAME (cmocka).
# Scripts:  tests/*/test_NAME.sh, which print `ok CASE` or `FAIL CASE: why` lines.
# With NAMEs (as in `tests/run.sh num cli`) only test_NAME programs and scripts.
#
# The scripts find BUILD and MAXPOST (the program) in the environment, and run from the root of
# the repository.  A failing test's output is shown, a passing one's stays in $BUILD/logs.
# WRAP is put before each unit program.  The last line is `N passed, N failed`; exit 1 if any failed.
set -u
cd "$(dirname "$0")/.." || exit 1
export BUILD=${BUILD:-build}
export MAXPOST=${MAXPOST:-$PWD/$BUILD/maxpost}
limit=${TEST_TIMEOUT:-600}
logs=$BUILD/logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0

count() { grep -c "$1" "$2"; }

# record NAME STATUS PASSED FAILED SKIPPED LOG SECONDS: one line a program, its output if it failed.
record() {
    local name=$1 status=$2 good=$3 bad=$4 skip=$5 log=$6 seconds=$7 why=
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1 why=" (exit status $status)"
        [ "$status" -eq 124 ] && why=" (stopped after $limit seconds)"
    elif [ $((good + bad + skip)) -eq 0 ]; then
        bad=1 why=" (ran no test)"
    fi
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + skip))
    if [ "$bad" -ne 0 ]; then
        echo "FAIL  $name: $good passed, $bad failed$why; its output:"
        tail -n 200 "$log" | sed 's/^/    /'
    else
        printf 'ok    %s: %d%s' "$name" "$good" "${skip:+$([ "$skip" -eq 0 ] || echo ", $skip skipped")}"
        [ "$seconds" -lt 2 ] || printf ' (%d s)' "$seconds"
        echo
    fi
}

run_program() {
    local name=$1 log=$logs/$1.log start=$SECONDS status good skip bad
    timeout "$limit" ${WRAP:-} "$BUILD/tests/unit/$name" >"$log" 2>&1 </dev/null
    status=$?
    good=$(count '^\[       OK \]' "$log")
    skip=$(count '^\[  SKIPPED \] [^0-9 ][^ ]*$' "$log")
    # cmocka names a skipped test twice: when it runs and in the list at the end.
    skip=$((skip / 2))
    bad=$(($(count '^\[ RUN      \]' "$log") - good - skip))
    record "$name" "$status" "$good" "$((bad < 0 ? 0 : bad))" "$skip" "$log" $((SECONDS - start))
}

run_script() {
    local name=${1#tests/} log start=$SECONDS status
    name=${name%.sh}
    log=$logs/${name//\//-}.log
    timeout "$limit" "$1" >"$log" 2>&1 </dev/null
    status=$?
    record "$name" "$status" "$(count '^ok ' "$log")" "$(count '^FAIL ' "$log")" 0 "$log" \
        $((SECONDS - start))
}

# wanted NAME: is it among the arguments (or are there none)?
wanted() {
    local one
    [ ${#names[@]} -eq 0 ] && return 0
    for one in "${names[@]}"; do
        [ "$1" = "test_$one" ] && return 0
    done
    return 1
}

names=("$@")
shopt -s nullglob
for source in tests/unit/test_*.c; do
    name=$(basename "$source" .c)
    wanted "$name" && run_program "$name"
done
for script in tests/*/test_*.sh; do
    wanted "$(basename "$script" .sh)" && run_script "$script"
done

[ "$skipped" -eq 0 ] && echo "$passed passed, $failed failed" ||
    echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
