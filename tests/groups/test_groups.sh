#!/bin/bash
# Priors on several terms and constraints through the program: matrices in every kind of file, what
# check, the summary and the files say.  Prints `ok CASE` or `FAIL CASE: why`.  MAXPOST names the
# program.
set -u
cd "$(dirname "$0")/../.." || exit 1
data=$PWD/configs/data/diabetes.csv
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

# holds NAME FILE TEXT...: every TEXT is in the file, blanks apart.
holds() {
    local name=$1 file=$2 text why=
    shift 2
    for text in "$@"; do
        tr -s ' ' <"$file" | grep -qF -- "$text" || why="$why; no \"$text\""
    done
    say "$name" "${why#; }"
}

# ---- matrices: the same one in six files, also in another order of its rows ----

mkdir matrices
cat >matrices/plain.csv <<'END'
225,30,110.25
30,225,157.5
110.25,157.5,225
END
tr ',' '\t' <matrices/plain.csv >matrices/plain.tsv
gzip -c matrices/plain.csv >matrices/plain.csv.gz
cat >matrices/named.csv <<'END'
s3,s1,s2
225,110.25,157.5
110.25,225,30
157.5,30,225
END
cat >matrices/rows.csv <<'END'
"","s3","s1","s2"
"s3",225,110.25,157.5
"s1",110.25,225,30
"s2",157.5,30,225
END
# A .npy header is 118 bytes after its first 10; the doubles are little-endian.
{
    printf '\x93NUMPY\x01\x00\x76\x00'
    printf '%-117s\n' "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2), }"
    printf '\x04\x00\x01\x00\x01\x00\x03\x00'
} >matrices/two.npy

# fit_matrix GROUP-KEYS: the estimates of the model that has this group.
fit_matrix() {
    cat >run.yaml <<END
model: {response: progression, standardize: true, prior: {weights: "gaussian(0, 20)", groups: [$1]}}
data: {file: $data}
END
    "$MAXPOST" fit run.yaml --quiet --out out 2>log >log || { head -c 400 log && return 1; }
    cut -d, -f1-5 out/terms.csv
}
want=$(fit_matrix '{name: sera, terms: [s1, s2, s3], prior: gaussian, covariance: matrices/plain.csv}')
for file in plain.tsv plain.csv.gz named.csv rows.csv; do
    got=$(fit_matrix "{name: sera, terms: [s1, s2, s3], prior: {gaussian: {covariance: matrices/$file}}}")
    [ "$got" = "$want" ] && say "matrix $file" '' || say "matrix $file" "$(head -c 400 <<<"$got")"
done
printf '4,1\n1,3\n' >two.csv
want=$(fit_matrix '{name: g, terms: [s1, s2], prior: gaussian, precision: two.csv}')
got=$(fit_matrix '{name: g, terms: [s1, s2], prior: gaussian, precision: matrices/two.npy}')
[ -n "$want" ] && [ "$got" = "$want" ] && say 'matrix two.npy' '' || say 'matrix two.npy' "$got"
holds 'the matrix is an input' out/fit.json '"role": "matrix"' '"path": "matrices/two.npy"'

# A file named in a model is beside the model.
mkdir models
printf 'response: progression\nprior: {weights: "gaussian(0, 20)", groups: [{name: g, terms: [s1, s2], prior: gaussian, covariance: ../two.csv}]}\n' >models/m.yaml
printf 'model: models/m.yaml\ndata: {file: %s}\n' "$data" >run.yaml
"$MAXPOST" check run.yaml >log 2>&1 && say 'a path relative to the model' '' ||
    say 'a path relative to the model' "$(head -c 400 log)"

# ---- a group on its kink, one off it, soft constraints ----

cat >kinks.yaml <<END
model:
  response: progression
  family: {name: gaussian, noise_sd: 54}
  standardize: true
  prior:
    weights: gaussian(0, 20)
    groups:
      - {name: sera, terms: [s1, s2, s3], prior: "group_laplace(0.8)"}
      - {name: person, terms: [age, sex], prior: {group_laplace: {scale: 0.05}}}
  constraints: ["bmi - 2*bp ~ gaussian(0, 0.1)"]
data: {file: $data}
END
"$MAXPOST" check kinks.yaml >log 2>&1
holds 'check' log 's1 group_laplace(0.8) on sera' 'group person: group_laplace(0.05) on age, sex' \
    'constraints bmi - 2*bp ~ gaussian(0, 0.1)' 'about coefficients of the columns as they are'
"$MAXPOST" fit kinks.yaml --out out >log 2>&1
holds 'summary' log 'sera 3 terms in: norm ' 'person 2 terms out: all of it exactly at its mean' \
    'bmi - 2*bp ~ gaussian(0, 0.1) is ' ' sds above its mean' 'group_laplace(0.8) on sera'
holds 'terms.csv' out/terms.csv 'group_laplace(0.05) on person'
holds 'fit.json' out/fit.json '"name": "person"' '"at_kink": true' '"kind": "soft"' \
    '"constraints_on": "original"' '"residual_sds": '

# ---- hard constraints ----

cat >hard.yaml <<END
model:
  response: progression
  standardize: true
  prior:
    weights: gaussian(0, 20)
    groups: [{name: walk, terms: ["s?"], prior: rw1(3)}]
  constraints: [bmi = 4*bp, age + sex = 0.5, 2*bmi - 8*bp = 0]
  constraints_on: original
data: {file: $data}
END
"$MAXPOST" fit hard.yaml --out out >log 2>&1
holds 'hard constraints' log 'bmi = 4*bp holds to ' \
    '2*bmi - 8*bp = 0 holds to ' 'it follows from those above' 'walk 6 terms squared distance'
holds 'hard constraints in fit.json' out/fit.json '"kind": "hard"' '"redundant": true' '"rank": 5'
"$MAXPOST" fit hard.yaml --out out --set 'model.constraints=["bmi + bp = 10"]' \
    --set model.constraints_on=standardized >log 2>&1
holds 'constraints on standardized columns' log 'Constraints, on standardized columns' \
    'bmi + bp = 10 holds to '
printf 'response: y\nconstraints: [a = 2*`b c`]\nprior: {groups: [{name: g, terms: [a, "b*"], prior: "ar1(0.5, 1)"}]}\n' >m.yaml
"$MAXPOST" check m.yaml >log 2>&1
holds 'a model alone' log 'group g: ar1(0.5, 1) on a, b*' 'constraints a = 2*`b c`'
exit $((failures > 0))
