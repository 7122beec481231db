#!/bin/bash
# Malformed models, runs, data, --set and command lines: what is said, where, and the exit code.
# Prints `ok CASE` or `FAIL CASE: why`.  MAXPOST names the program.
set -u
cd "$(dirname "$0")/../.." || exit 1
MAXPOST=$(realpath "${MAXPOST:-build/maxpost}")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

cat >good.csv <<'END'
y,a,b,w,k,text
1.5,2,3,1,0,x
2.5,3,1,1,1,y
3.0,5,4,1,1,z
4.5,4,1,1,0,x
5.0,8,5,1,2,y
5.5,7,9,1,0,z
END
cat >good.yaml <<'END'
model: {response: y, predictors: [a, b], prior: {weights: "gaussian(0, 1)"}}
data: {file: good.csv}
END
cat >model.yaml <<'END'
response: y
predictors: [a]
END

printf 'response: y\nfamily: gaussien\n' >bad.yaml
printf 'a,b\nx,y\nz,u\n' >words.csv
: >good-run.yaml

# expect NAME CODE TEXT ARGUMENT...: the program's complaint holds TEXT (a whole line of it when
# TEXT ends in "$"), nothing is on standard output, and no result is left behind.
expect() {
    local name=$1 code=$2 text=$3 got why=
    shift 3
    "$MAXPOST" "$@" >stdout 2>stderr </dev/null
    got=$?
    [ "$got" -eq "$code" ] || why="exit code $got, not $code"
    case $text in
    *\$) grep -qxF -- "${text%\$}" stderr || why="$why; no line \"${text%\$}\"" ;;
    *) grep -qF -- "$text" stderr || why="$why; no \"$text\"" ;;
    esac
    [ ! -s stdout ] || why="$why; text on standard output"
    [ ! -e out ] || why="$why; files were written"
    case $text in
    case.yaml:[0-9]*) grep -q '^[[:space:]]*^$' stderr || why="$why; no caret" ;;
    esac
    if [ -z "$why" ]; then
        echo "ok $name"
    else
        echo "FAIL $name: ${why#; }; it said: $(head -c 600 stderr)"
        failures=$((failures + 1))
    fi
    rm -rf out stdout stderr
}

# Each reads a file from standard input:  NAME [CODE] TEXT
model() { cat >case.yaml && expect "model: $1" 78 "$2" check case.yaml; }
run() { cat >case.yaml && expect "run: $1" "$2" "$3" fit case.yaml; }
data() { cat >case.csv && expect "data: $1" "$2" "$3" fit good.yaml --set data.file=case.csv; }
# NAME CODE TEXT ASSIGNMENT
assign() { expect "set: $1" "$2" "$3" fit good.yaml --set "$4"; }
# NAME CODE TEXT ARGUMENT...
line() { local name=$1; shift; expect "line: $name" "$@"; }

. "$OLDPWD/tests/errors/models.sh"
. "$OLDPWD/tests/errors/runs.sh"
. "$OLDPWD/tests/errors/groups.sh"
. "$OLDPWD/tests/errors/columns.sh"
. "$OLDPWD/tests/errors/lines.sh"
exit $((failures > 0))
