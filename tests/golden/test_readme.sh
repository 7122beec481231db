#!/bin/bash
# The README's own words: its files are written and its commands run, and what they print is
# compared with what the README shows (numbers with a tolerance, as in test_golden.sh).
#   ```yaml     a file, named in its first line: `# cars.yaml: ...`
#   ```console  commands behind `$ `, each followed by its output; a line `...` ends the comparison
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
program=${MAXPOST:-$root/build/maxpost}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/here/build" && cd "$work/here" || exit 1
ln -s "$program" build/maxpost
cp -R "$root/configs" "$root/models" "$root/docs" .
bad=0 count=0

# Residuals near rounding differ from machine to machine.
settle() { sed -E 's/(KKT residual|rounding floor|duality gap) [-+.e0-9]+/\1 #/g' "$1"; }

# Files $work/N.command, $work/N.expected and the YAML files, from the README.
awk -v work="$work" '
    /^```/ { kind = $0 == "```yaml" ? "yaml" : $0 == "```console" ? "console" : ""; name = ""; next }
    kind == "yaml" && name == "" { name = $2; sub(/:$/, "", name) }
    kind == "yaml" { print > name }
    kind == "console" && /^\$ / {
        name = work "/" sprintf("%02d", ++n)
        print substr($0, 3) > (name ".command")
        printf "" > (name ".expected")
        next
    }
    kind == "console" { print > (name ".expected") }
' "$root/README.md"

for command in "$work"/*.command; do
    what=$(cat "$command")
    expected=${command%.command}.expected
    count=$((count + 1))
    case $what in
    'make demo') # what it does behind the preparation and the build
        what='build/maxpost fit configs/diabetes-lasso.yaml && true'
        sed -i '/^build\/maxpost fit /d' "$expected" ;;
    make*) continue ;;
    esac
    eval "$what" >"$work/output" 2>&1 </dev/null
    if grep -qx -- '\.\.\.' "$expected"; then
        sed -i '/^\.\.\.$/,$d' "$expected"
        head -n "$(wc -l <"$expected")" "$work/output" >"$work/part" && mv "$work/part" "$work/output"
    fi
    settle "$work/output" >"$work/got"
    settle "$expected" >"$work/want"
    if why=$(awk -f "$root/tests/golden/compare.awk" "$work/want" "$work/got") && [ -z "$why" ]; then
        echo "ok readme: $(cat "$command")"
    else
        echo "FAIL readme: $(cat "$command"): $why" && bad=1
    fi
done
[ "$count" -gt 0 ] || { echo "FAIL readme: it has no commands" && bad=1; }
exit $bad
