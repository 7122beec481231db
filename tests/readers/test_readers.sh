#!/bin/bash
# Databases through the program, and a build without the optional libraries ($BUILD/bare/maxpost):
# what each says, where, and the exit code.  Prints `ok CASE` or `FAIL CASE: why`.
set -u
cd "$(dirname "$0")/../.." || exit 1
MAXPOST=$(realpath "${MAXPOST:-build/maxpost}")
bare=$(realpath "${BUILD:-build}/bare/maxpost")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

# An empty file is an empty database.
: >t.sqlite
: >t.db
: >t.dta
printf 'y,a\n1,2\n2.5,3\n2,5\n4,4\n' >t.csv
rows='SELECT 1 AS y, 2 AS a UNION ALL SELECT 2.5, 3 UNION ALL SELECT 2, 5 UNION ALL SELECT 4, 4'

# run DATA: a run on them.
run() {
    printf 'model: {response: y, predictors: [a], prior: {weights: "gaussian(0, 1)"}}\n'
    printf 'data: {%s}\n' "$1"
}

# expect NAME PROGRAM CODE TEXT ARGUMENT...: its output or complaint holds TEXT.
expect() {
    local name=$1 program=$2 code=$3 text=$4 got why=
    shift 4
    "$program" "$@" >said 2>&1 </dev/null
    got=$?
    [ "$got" -eq "$code" ] || why="exit code $got, not $code"
    grep -qF -- "$text" said || why="$why; no \"$text\""
    if [ -z "$why" ]; then
        echo "ok $name"
    else
        echo "FAIL $name: ${why#; }; it said: $(head -c 600 said)"
        failures=$((failures + 1))
    fi
}

run "file: t.csv" >csv.yaml
run "file: t.sqlite, sql: \"$rows\"" >base.yaml
"$MAXPOST" fit csv.yaml --json --out out/csv | grep -A 3 '"term"' >want
"$MAXPOST" fit base.yaml --json --out out/base | grep -A 3 '"term"' >got
if [ -s want ] && cmp -s want got; then
    echo "ok a query is fitted like its rows"
else
    echo "FAIL a query is fitted like its rows: $(diff want got | head -n 4)"
    failures=$((failures + 1))
fi
run "file: t.db, sql: SELECT y FROM t" >case.yaml
expect 'a fault in the query' "$MAXPOST" 78 \
    'case.yaml:2:25: data.sql: t.db: SQLite: no such table: t' fit case.yaml
expect 'a fault in the query, checked' "$MAXPOST" 78 'case.yaml:2:25: data.sql: ' check case.yaml
expect 'a fault in the query, by --set' "$MAXPOST" 64 \
    '--set data.sql=SELEKT:1:10: data.sql: t.db: SQLite: near' fit case.yaml --set data.sql=SELEKT
run "file: t.db" >case.yaml
expect 'a database without a query' "$MAXPOST" 78 \
    'case.yaml:2:14: data.file: t.db: a database needs a query (data.sql)' fit case.yaml
run "file: t.csv, sql: SELECT 1" >case.yaml
expect 'a query without a database' "$MAXPOST" 78 \
    'case.yaml:2:26: data.sql: t.csv: a query is for databases' fit case.yaml
run "file: t.csv, sql: SELECT 1" >case.yaml
expect 'text for a database' "$MAXPOST" 65 'text.db: SQLite: file is not a database' fit case.yaml \
    --set "data.file=$(for i in $(seq 200); do cat t.csv; done >text.db && echo text.db)"
expect 'no Stata file' "$MAXPOST" 65 't.dta: cannot be read: ' fit csv.yaml --set data.file=t.dta
expect 'no such database' "$MAXPOST" 66 'none.db: cannot be opened' fit base.yaml \
    --set data.file=none.db

# Sparse files kept in binary form.
printf '1 1:0.5 2:1\n-1 2:3\n1 1:2\n-1 3:1\n' >t.svm
printf 'model: {response: y, family: bernoulli, prior: {weights: "gaussian(0, 1)"}}\n' >sparse.yaml
printf 'data: {file: t.svm, cache: t.cache}\noutput: {directory: cached}\n' >>sparse.yaml
expect 'a cache is written' "$MAXPOST" 0 'x3' fit sparse.yaml
sed '/^Written/d' said >first
[ -s t.cache ] && expect 'and used, the same' "$MAXPOST" 0 "$(sed -n '/^Posterior/,$p' first | head -8)" \
    fit sparse.yaml
expect 'its text has a hash' grep 0 "$(sha256sum t.svm | cut -c1-64)" sha256 cached/fit.json
cp t.csv other
expect 'another file is no cache' "$MAXPOST" 78 \
    'data.cache: other is a file of another kind, and is left alone' fit sparse.yaml \
    --set data.cache=other
cmp -s t.csv other && echo 'ok and stays' || { echo 'FAIL and stays'; failures=$((failures + 1)); }
expect 'a cache that cannot be written' "$MAXPOST" 73 'data.cache: none/t.cache: cannot be created' \
    fit sparse.yaml --set data.cache=none/t.cache
run "file: t.csv, cache: c" >case.yaml
expect 'a cache of a text table' "$MAXPOST" 78 \
    'case.yaml:2:28: data.cache: t.csv: a cache is for sparse files (.svm, .mtx) alone' fit case.yaml

expect 'what is built in' "$MAXPOST" 0 'readstat yes, sqlite yes' --version
expect 'what is not built in' "$bare" 0 'readstat no, sqlite no' --version
expect 'not built in: readstat' "$bare" 69 \
    't.dta: this build cannot read .dta files: it lacks libreadstat (Debian: libreadstat-dev' \
    fit csv.yaml --set data.file=t.dta
expect 'not built in: sqlite' "$bare" 69 \
    't.sqlite: this build cannot read databases: it lacks libsqlite3 (Debian: libsqlite3-dev' \
    fit base.yaml
expect 'not built in: the rest works' "$bare" 0 'a' fit csv.yaml
exit $((failures > 0))
