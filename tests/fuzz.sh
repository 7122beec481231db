#!/bin/bash
# Runs each fuzzer given for FUZZ_SECONDS; `make fuzz` calls it.  Seeds: tests/fuzz/seeds/NAME/.
# What it finds and keeps goes below $BUILD/fuzz-corpus; a crash is saved there and fails the run.
set -u
bad=0
for program in "$@"; do
    name=$(basename "$program")
    corpus=$BUILD/fuzz-corpus/$name
    mkdir -p "$corpus"
    seeds=tests/fuzz/seeds/${name#fuzz_}
    [ -d "$seeds" ] || seeds=
    echo "== $name, $FUZZ_SECONDS s"
    # shellcheck disable=SC2086
    if "$program" -max_total_time="$FUZZ_SECONDS" -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
        -print_final_stats=1 -artifact_prefix="$corpus/" "$corpus" $seeds; then
        echo "ok $name"
    else
        echo "FAIL $name: the input is in $corpus"
        bad=1
    fi
done
exit $bad
