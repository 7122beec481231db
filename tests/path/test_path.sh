#!/bin/bash
# `maxpost path` as a user meets it: its files, what an interrupt and a failure leave behind, threads.
# Prints `ok CASE` or `FAIL CASE: why`.  MAXPOST names the program.
set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
MAXPOST=$(realpath "${MAXPOST:-build/maxpost}")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
ln -s "$root/configs" "$root/models" .
failures=0

# say NAME WHY: the case is good where WHY is empty.
say() {
    if [ -z "$2" ]; then
        echo "ok $1"
    else
        echo "FAIL $1: $2" && failures=$((failures + 1))
    fi
}

# call STATUS ARGUMENT...: runs the program into stdout and stderr; says what is wrong.
call() {
    local want=$1 status
    shift
    "$MAXPOST" "$@" >stdout 2>stderr </dev/null
    status=$?
    [ "$status" -eq "$want" ] || echo "exit status $status, not $want: $(head -c 400 stderr)"
}

# ---- files ----

why=$(call 0 path configs/diabetes-path.yaml --set path.held_out=true --quiet --threads 1 --out one)
[ -n "$why" ] || why=$(awk -F, '
    NR == 1 && $0 != "point,lambda,scale,noise_sd,objective,log_likelihood,log_prior,kkt,gap," \
        "deviance_explained,nonzeros,iterations,passes,status,cv_loss,cv_se,chosen" {
        print "header " $0; exit
    }
    NR > 1 && ($1 != NR - 1 || NF != 17 || $14 != "converged" || $8 > 1e-9 ||
        $4 + 0 <= 0 || $15 + 0 <= 0 || $16 + 0 <= 0) { print "row " $0; exit }
    NR > 2 && ($2 + 0 >= lambda || $3 + 0 <= scale) { print "the path does not fall at " $1; exit }
    NR > 1 { lambda = $2 + 0; scale = $3 + 0; marks = marks $17 }
    NR == 2 && $11 != 0 { print "the first point is not empty"; exit }
    END { if (NR != 101 || marks != "chosenmin") print NR " lines, marked " marks }' one/path.csv)
say 'path.csv has a row a point' "$why"

# Every coefficient has its curve and the ten of them their names; every point its loss.
why=
[ "$(grep -c '<polyline' one/path.svg)" -eq 10 ] || why='path.svg does not have ten curves'
for term in age sex bmi bp s1 s2 s3 s4 s5 s6 chosen min; do
    grep -q ">$term</text>" one/path.svg || why="path.svg does not name $term"
done
[ "$(grep -c '<circle' one/cv.svg)" -eq 100 ] || why='cv.svg does not have a hundred points'
for picture in one/path.svg one/cv.svg; do
    tail -n 1 "$picture" | grep -q '^</svg>$' || why="$picture is cut off"
done
say 'the pictures hold every curve and every point' "$why"

why=$(awk -F, '
    NR == FNR { nonzeros[$1] = $11; next }
    FNR == 1 { if ($0 != "point,lambda,scale,term,estimate") print "header " $0; next }
    $5 == 0 { print "a zero: " $0; exit }
    { count[$1]++ }
    END {
        for (i = 1; i <= 100; i++)
            if (count[i] != nonzeros[i] + 1) # the intercept is one of them
                print "point " i ": " count[i] " rows, " nonzeros[i] " nonzeros"
    }' one/path.csv one/path-coefficients.csv | head -n 1)
say 'path-coefficients.csv has the terms that are away' "$why"

# The chosen fit is the chosen point: both solve the same problem.
why=$(awk -F, '
    FILENAME ~ /path.csv/ { if ($17 == "chosen") chosen = $1; next }
    FILENAME ~ /coefficients/ { if ($1 == chosen) estimate[$4] = $5; next }
    FNR > 1 {
        off = $2 - estimate[$1]
        if (off * off > 1e-14 * $2 * $2) print $1 ": " $2 " in the fit, " estimate[$1] + 0 " on the path"
    }' one/path.csv one/path-coefficients.csv one/terms.csv | head -n 1)
say 'the fit is at the chosen point' "$why"

# mean (y - eta)^2 over held_out.csv is the loss of the chosen point.
why=$(awk -F, '
    FILENAME ~ /path.csv/ { if ($17 == "chosen") loss = $15; next }
    FILENAME ~ /diabetes/ {
        if (FNR == 1) for (i = 1; i <= NF; i++) { gsub(/"/, "", $i); if ($i == "progression") column = i }
        y[FNR - 1] = $column
        next
    }
    FNR == 1 { if ($0 != "row,fold,eta") print "header " $0; next }
    { sum += (y[$1] - $3) ^ 2; n++; folds[$2] = 1 }
    END {
        for (f in folds) many++
        if (many != 10) print many " folds"
        if (n != 442 || (sum / n / loss - 1) ^ 2 > 1e-20) print n " rows, " sum / n " is not " loss
    }' one/path.csv configs/data/diabetes.csv one/held_out.csv)
say 'held_out.csv has the loss of the chosen point' "$why"

# The same of classes: -2 log p.
cat >iris.yaml <<'YAML'
maxpost: 1
model: {name: iris, response: species, family: multinomial, standardize: true,
        prior: {weights: "laplace(0, select(cv))"}}
data: {file: configs/data/iris.csv}
path: {folds: 5, points: 30, held_out: true}
YAML
why=$(call 0 path iris.yaml --quiet)
[ -n "$why" ] || why=$(awk -F, '
    FILENAME ~ /path.csv/ { if ($17 == "chosen") loss = $15; next }
    FILENAME ~ /iris.csv/ { class[FNR - 1] = $NF; next }
    FNR == 1 {
        for (i = 3; i <= NF; i++) { gsub(/^eta\[|\]$/, "", $i); label[i] = $i }
        next
    }
    {
        sum = 1; at = 0; n++
        for (i = 3; i <= NF; i++) { sum += exp($i); if (label[i] == class[$1]) at = $i }
        deviance += -2 * (at - log(sum))
    }
    END { if (n != 150 || (deviance / n / loss - 1) ^ 2 > 1e-18) print deviance / n " is not " loss
    }' out/iris/path.csv configs/data/iris.csv out/iris/held_out.csv)
say 'held_out.csv of classes has the loss of the chosen point' "$why"

why=$(call 0 predict one configs/data/diabetes.csv)
[ -n "$why" ] || [ "$(wc -l <stdout)" -eq 443 ] || why='not 442 predictions'
say 'the chosen fit predicts' "$why"

# Numbers by hand: the lasso at these penalties by scikit-learn 1.2.1, Lasso(alpha = lambda/442,
# tol = 1e-15, max_iter = 10**6) on the standardised columns, coefficients of the columns as they are.
why=$(call 0 path configs/diabetes-lasso.yaml --set 'path.lambdas=[3000, 300]' --quiet --out few)
[ -n "$why" ] || why=$(awk -F, '
    BEGIN {
        want["1,bmi"] = 5.398459995085404; want["1,bp"] = 0.632439679576988
        want["1,s3"] = -0.39169051982058034; want["1,s5"] = 39.679205312073115
        want["2,s1"] = -0.1924192079664096; want["2,s4"] = 1.545345553595018
    }
    ($1 "," $4) in want {
        seen++
        if (($5 / want[$1 "," $4] - 1) ^ 2 > 1e-18) print $0 " is not " want[$1 "," $4]
    }
    END { if (seen != 6) print seen + 0 " terms" }' few/path-coefficients.csv)
say 'given penalties' "$why"
[ ! -e few/fit.json ] && why= || why='fit.json is there'
say 'without folds there is no fit' "$why"

# ---- threads ----

for run in configs/diabetes-path.yaml configs/breast-cancer-path.yaml iris.yaml; do
    why=$(call 0 path $run --set path.held_out=true --quiet --threads 1 --out one)
    [ -n "$why" ] || why=$(call 0 path $run --set path.held_out=true --quiet --threads 2 --out two)
    for file in path.csv path-coefficients.csv held_out.csv terms.csv; do
        [ -n "$why" ] || cmp -s one/$file two/$file || why="$file differs"
    done
    say "$run: the same on 1 and 2 threads" "$why"
done

# ---- select(cv) ----

why=$(call 0 fit configs/diabetes-path.yaml --quiet --out fitted)
[ -n "$why" ] || why=$(call 0 path configs/diabetes-path.yaml --quiet --out followed)
for file in path.csv path-coefficients.csv terms.csv; do
    [ -n "$why" ] || cmp -s fitted/$file followed/$file || why="$file differs"
done
say 'fit selects as path does' "$why"

# Rows of one group are in one fold.
awk -F, 'NR == 1 { print $0 ",clinic"; next } { print $0 ",c" NR % 37 }' configs/data/diabetes.csv >clinics.csv
cat >clinics.yaml <<'YAML'
maxpost: 1
model: {name: clinics, response: progression, predictors: [bmi, bp, s5], standardize: true,
        prior: {weights: "laplace(0, select(cv))"}}
data: {file: clinics.csv, groups: clinic}
path: {points: 20, held_out: true}
YAML
why=$(call 0 path clinics.yaml --quiet)
[ -n "$why" ] || why=$(awk -F, 'NR == FNR { clinic[FNR - 1] = $NF; next }
    FNR > 1 {
        group = clinic[$1]
        if (group in fold && fold[group] != $2) { print group " is in two folds"; exit }
        fold[group] = $2
    }' clinics.csv out/clinics/held_out.csv)
say 'groups stay together' "$why"

# ---- failures destroy nothing ----

# kept NAME STATUS ARGUMENT...: fails with the status, and one/ is as it was.
kept() {
    local name=$1 want=$2 before why
    shift 2
    before=$(cd one && cksum ./*)
    why=$(call "$want" "$@" --out one)
    [ -n "$why" ] || [ "$before" = "$(cd one && cksum ./*)" ] || why='its files have changed'
    say "$name" "$why"
}
printf 'y,x,z\n1,1,0\n2,2,1\n3,3,0\n4,4,2\n' >exact.csv
printf 'maxpost: 1\nmodel: {name: e, response: y, prior: {weights: "laplace(0, 1)"}}\n%s\n' \
    'data: {file: exact.csv}' >exact.yaml
kept 'no residuals left: nothing is written' 2 path exact.yaml --set 'path.lambdas=[1, 1e-300]'
kept 'a family without paths: nothing is written' 78 path configs/clotting-gamma.yaml
printf 'y,x\n1,a\n2,\n' >short.csv
kept 'bad data: nothing is written' 65 path exact.yaml --set data.file=short.csv
: >taken
why=$(call 73 path configs/diabetes-path.yaml --quiet --out taken/here)
say 'a directory that cannot be made' "$why"

# ---- points that did not converge ----

why=$(call 1 path configs/breast-cancer-path.yaml --set fit.max_iterations=1 --set path.points=10 --out short)
[ -n "$why" ] || grep -q 'did not converge' stderr || why="no word of it: $(cat stderr)"
[ -n "$why" ] || [ "$(cut -d, -f14 short/path.csv | grep -c stalled)" -ge 5 ] || why='no point is marked'
say 'a path that ends short exits with 1 and marks its points' "$why"

# ---- interrupts ----

awk 'BEGIN {
    srand(7)
    for (j = 1; j <= 500; j++) printf "x%d,", j
    print "y"
    for (i = 1; i <= 1500; i++) {
        eta = 0
        for (j = 1; j <= 500; j++) { x = rand() + rand() + rand() - 1.5; if (j < 40) eta += x; printf "%.4f,", x }
        print (eta + 4 * rand() - 2 > 0)
    }
}' >many.csv
cat >many.yaml <<'YAML'
maxpost: 1
model: {name: many, response: y, family: bernoulli, standardize: true,
        prior: {weights: "laplace(0, 1)"}}
data: {file: many.csv}
path: {folds: 40, points: 400}
YAML
# Ever later, until some points are there.
mkdir stopped && echo old >stopped/fit.json
why='no interrupt came in time'
for seconds in 0.05 0.1 0.2 0.3 0.5 0.7 1 1.5 2 3 5 8 13 21 34; do
    timeout -s INT $seconds "$MAXPOST" path many.yaml --out stopped --json >stdout 2>stderr </dev/null
    status=$?
    # timeout says 124 where it had to interrupt, whatever the program says
    [ $status -eq 124 ] || { why="exit status $status after $seconds s: $(head -c 200 stderr)" && break; }
    if [ -e stopped/path.csv ]; then
        why=
        break
    fi
    grep -q 'interrupted: nothing is written' stderr || [ ! -s stderr ] ||
        { why="at $seconds s: $(head -c 200 stderr)" && break; }
done
[ -n "$why" ] || grep -q '"interrupted": true' stdout || why='the document does not say so'
[ -n "$why" ] || grep -q 'points of the path that were finished are written' stderr ||
    why="no word of it: $(cat stderr)"
[ -n "$why" ] || [ "$(cat stopped/fit.json)" = old ] || why='fit.json was replaced'
[ -n "$why" ] || why=$(awk -F, '
    FNR == NR && FNR > 1 { if (NF != 17 || $14 != "converged" || $17 != "") print "row " $0; points = $1; next }
    FNR > 1 { if ($1 > points || NF != 5) { print "row " $0; exit } }
    END { if (points < 1) print "no points" }' stopped/path.csv stopped/path-coefficients.csv)
say 'an interrupted path leaves its points' "$why"

timeout -s INT --preserve-status "${seconds:-1}" "$MAXPOST" path many.yaml --quiet --out again \
    >stdout 2>stderr </dev/null
status=$?
[ $status -eq 130 ] && why= || why="exit status $status"
say 'an interrupted path exits with 130' "$why"

sed -e '/^path/d' -e 's/laplace(0, 1)/cauchy(0, 1)/' many.yaml >fit.yaml
why='no interrupt came in time'
for seconds in 0.3 0.25 0.2 0.15 0.1 0.07 0.05; do
    timeout -s INT --preserve-status $seconds "$MAXPOST" fit fit.yaml --quiet --out fits \
        >stdout 2>stderr </dev/null
    status=$?
    [ $status -ne 130 ] || { why= && break; }
    rm -rf fits
done
[ -n "$why" ] || grep -q 'interrupted: nothing is written' stderr || [ ! -s stderr ] ||
    why=$(cat stderr)
[ -n "$why" ] || [ ! -e fits ] || why='something was written'
say 'an interrupted fit writes nothing' "$why"

# ---- progress ----

if command -v script >/dev/null; then
    command="$MAXPOST path configs/diabetes-path.yaml --out shown >stdout"
    script -qec "$command" typescript >/dev/null 2>&1 </dev/null
    grep -q '10 of 10 folds' typescript && why= || why='no word of the folds'
    script -qec "$command --no-progress" typescript >/dev/null 2>&1 </dev/null
    ! grep -q 'folds' typescript || why='folds with --no-progress'
    say 'progress goes to a terminal alone' "$why"
fi
why=$(call 0 path configs/diabetes-path.yaml --out shown)
[ ! -s stderr ] || why="on standard error: $(cat stderr)"
say 'no progress where there is no terminal' "$why"

exit $((failures > 0))
