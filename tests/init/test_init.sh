#!/bin/bash
# What `maxpost init` writes for files of many kinds passes check and fits.
# Prints `ok CASE` or `FAIL CASE: why`.  MAXPOST names the program.
set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
MAXPOST=$(realpath "${MAXPOST:-build/maxpost}")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

# say NAME WHY: the case is good where WHY is empty.
say() {
    if [ -z "$2" ]; then
        echo "ok $1"
    else
        echo "FAIL $1: $2" && failures=$((failures + 1))
    fi
}

# fits NAME FILE TEXT [ARGUMENT...]: the pair for the file works, and holds TEXT; no line is long,
# and the model has fewer than 60.
fits() {
    local name=$1 file=$2 text=$3 stem=${2##*/} why=
    stem=${stem%.csv}
    shift 3
    "$MAXPOST" init "$file" "$@" >init.log 2>&1 || why="init: $(cat init.log)"
    if [ -z "$why" ]; then
        "$MAXPOST" check "$stem-run.yaml" >log 2>&1 || why="check: $(head -c 400 log)"
    fi
    if [ -z "$why" ]; then
        "$MAXPOST" fit "$stem-run.yaml" >log 2>&1 || why="fit: $(head -c 400 log)"
    fi
    if [ -z "$why" ]; then
        cat "$stem-model.yaml" "$stem-run.yaml" init.log >all
        grep -qF -- "$text" all || why="no \"$text\" in $(cat "$stem-model.yaml")"
        [ "$(wc -l <"$stem-model.yaml")" -lt 60 ] || why="the model has 60 lines"
        awk 'length > 120 { exit 1 }' all || why="long lines"
    fi
    say "$name" "$why"
    rm -rf "$stem-model.yaml" "$stem-run.yaml" out
}

# table NAME ROWS HEADER EXPRESSION: a row for each i from 1; u() is uniform, z() normal.
table() {
    awk -v n="$2" -v header="$3" '
        function u() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
        function z() { return sqrt(-2 * log(u())) * cos(6.283185307179586 * u()) }
        function gap(p, value) { return u() < p ? "" : value }
        function pick(words,   w) { return w[1 + int(u() * split(words, w, "|"))] }
        BEGIN { seed = 4711; OFS = ","; if (header != "") print header
                for (i = 1; i <= n; i++) { x = z(); '"$4"' } }' >"$1.csv"
}

for file in "$root"/configs/data/*.csv; do
    fits "$(basename "$file")" "$file" 'maxpost: 1'
done

table plain 60 x,z,y 'w = z(); print x, w, x + w + z()'
fits 'a plain file' plain.csv 'family: gaussian'
fits 'another response' plain.csv 'response: x' --response x
table binary 60 x,y 'print x, (u() < 1 / (1 + exp(-x)))'
fits '0 and 1' binary.csv 'family: bernoulli'
table separated 40 x,y 'print x, (x > 0)'
fits 'separated classes' separated.csv 'family: bernoulli'
table counts 90 x,y 'k = 0; for (t = -log(u()); t < exp(0.3 + 0.3 * x); t -= log(u())) k++; print x, k'
fits 'counts' counts.csv 'family: poisson'
table spread 90 x,y 'print x, int(exp(0.2 + 0.3 * x + 1.2 * z()))'
fits 'counts that spread' spread.csv 'times their mean'
table grades 60 x,quality 'print x, int(6 + 0.8 * x + 0.5 * z())'
fits 'grades' grades.csv 'Few whole numbers'
table share 60 x,p 'print x, 1 / (1 + exp(-x - 0.5 * z()))'
fits 'shares' share.csv 'response: p'
table cost 90 x,cost 'print x, exp(3 + 0.3 * x + 1.2 * z())'
fits 'positive and skewed' cost.csv 'response: cost'
table tails 90 x,y 'print x, x + z() / (0.05 + u())'
fits 'heavy tails' tails.csv 'response: "y"'
table perfect 30 x,y 'k = i % 7; print k, 3.5 - 2 * k'
fits 'a perfect fit' perfect.csv 'noise_sd: inverse_gamma'
table factors 80 site,age,x,y 'print pick("north|south|east"), pick("20-29|30-39"), x, x + z()'
fits 'factors' factors.csv 'site (3, east), age (2, "20-29")'
table texts 80 site,sex,y 'print pick("north|south|east"), pick("f|m"), z()'
fits 'predictors of text alone' texts.csv 'predictors: [site, sex]'
table messy 80 row,id,when,site,few,most,note,same,cyl,y 'print i, "id" i,
    sprintf("2024-%02d-%02d", 1 + i % 12, 1 + i % 28), gap(0.05, pick("a|b")), gap(0.1, x),
    gap(0.9, x), (i == 9 ? "n/a" : x), 7, pick("4|6|8"), x + z()'
fits 'a messy file' messy.csv '  # types: {cyl: categorical}'
fits 'a missing value that is spelt otherwise' messy.csv '  na: ["", NA, "NaN", "nan", "n/a"]'
table spelt 60 a,b,c,y 'print (i % 9 ? x : "."), (i % 11 ? x : "?"), (i == 4 ? "12 kg" : i), z()'
fits 'two such spellings, and a fault' spelt.csv 'c (line 5: "12 kg")'
fits 'spellings of two columns' spelt.csv '  na: ["", NA, "NaN", "nan", ".", "?"]'
fits 'an identifier' messy.csv 'id (80 texts in 80 rows)'
fits 'missing values' messy.csv '  missing: drop'
table wide 260 "$(seq -s , -f v%g 200)" 'line = x; for (j = 2; j <= 200; j++) line = line "," z(); print line'
fits '200 columns' wide.csv 'family: gaussian'
table fat 30 "$(seq -s , -f v%g 60)" 'line = x; for (j = 2; j <= 60; j++) line = line "," z(); print line'
fits 'more columns than rows' fat.csv 'noise_sd: inverse_gamma'
table names 40 $'a b,it\'s,gr\xc3\xb6\xc3\x9fe,1st,null,#,y: z' 'print x, z(), z(), z(), z(), z(), z()'
fits 'odd names' names.csv 'response: "y: z"'
table headless 60 '' 'print x, z(), x + z()'
fits 'no header' headless.csv 'Caution: the column names of headless.csv look like data'
printf 'x,y\n1,3\n2,5\n' >tiny.csv
fits 'two rows' tiny.csv 'response: "y"'
cp plain.csv $'it\'s a file.csv'
fits 'an odd name of the file' $'it\'s a file.csv' 'maxpost fit '"'it'\\''s a file-run.yaml'"

# Classes fit where the program has a family for them.
table classes 90 x,species 'print x, pick("setosa|versicolor|virginica")'
table coded 60 x,y 'print x, 1 + (u() < 0.5)'
echo '{model: {response: species, family: multinomial}, data: {file: classes.csv}}' >known.yaml
if "$MAXPOST" fit known.yaml >log 2>&1; then
    fits 'three classes' classes.csv 'compared with setosa' --response species
    fits 'two classes of text' texts.csv 'of two, logistic regression' --response sex
    fits 'classes 1 and 2' coded.csv 'the odds of 2 against 1'
fi
exit $((failures > 0))
