#!/bin/bash
# `maxpost predict` and `maxpost draws` as a user meets them: what goes where, exit codes, messages.
# Prints `ok CASE` or `FAIL CASE: why`.  MAXPOST names the program.
set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
MAXPOST=$(realpath "${MAXPOST:-build/maxpost}")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
ln -s "$root/configs" .
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

# refused NAME STATUS TEXT ARGUMENT...: TEXT on standard error, nothing on standard output.
refused() {
    local name=$1 want=$2 text=$3 why
    shift 3
    why=$(call "$want" "$@")
    [ -n "$why" ] || grep -qF -- "$text" stderr || why="no \"$text\" in: $(head -c 400 stderr)"
    [ -n "$why" ] || [ ! -s stdout ] || why="something on standard output"
    say "$name" "$why"
}

# fit NAME DATA MODEL: writes out/NAME.
fit() {
    printf 'maxpost: 1\nmodel: {name: %s, %s}\ndata: {file: %s%s}\n' "$1" "$3" "$2" "${4-}" >"$1.yaml"
    "$MAXPOST" fit "$1.yaml" --quiet || say "fit $1" "does not fit"
}

fit cars configs/data/cars.csv 'response: dist, predictors: [speed],
    family: {name: gaussian, noise_sd: 15.379586748819907}'
fit noise configs/data/cars.csv 'response: dist, predictors: [speed]'
fit lasso configs/data/diabetes.csv 'response: progression, predictors: all, standardize: true,
    prior: {weights: "laplace(0, 8)"}'
printf 'y,x,site,n\n1,1,b,3\n2,2,a,4\n4,3.5,c,5\n3,4,b,4\n5,6,a,6\n2,5,c,2\n7,7,b,9\n3,6,c,4\n' >site.csv
fit site site.csv 'response: y, predictors: [x, site]' ', missing: drop'

# predict(lm(dist ~ speed, cars), se.fit = TRUE) of R 4.2.2, whose residual standard error is the
# noise here; the sd of a new response adds it.
printf 'speed\n4\n21\n30\n' >new.csv
why=$(call 0 predict out/cars new.csv)
[ -n "$why" ] || why=$(awk -F, '
    function near(got, want) { return got - want < 1e-8 * 15 && want - got < 1e-8 * 15 }
    BEGIN { s = 15.379586748819907; z = 1.9599639845400545
            split("-1.8494598540146008 65.0014890510948931 100.3931678832116745", fit, " "); split("5.2123258263540500 3.1851161639942918 6.4446018264522262", se, " ") }
    NR == 1 { if ($0 != "row,mean,sd_eta,lower,upper,sd_predictive") print "header " $0; next }
    { i = NR - 1
      if ($1 != i || !near($2, fit[i]) || !near($3, se[i]) || !near($4, fit[i] - z * se[i]) ||
          !near($5, fit[i] + z * se[i]) || !near($6, sqrt(s * s + se[i] * se[i]))) print "row " $0 }
    END { if (NR != 4) print NR " lines" }' stdout)
[ -n "$why" ] || [ ! -s stderr ] || why="standard error: $(cat stderr)"
say "as R's predict.lm" "$why"

why=$(call 0 predict out/cars/fit.json new.csv --level 0.5)
[ -n "$why" ] || why=$(awk -F, '
    NR == 2 { if (($5 - $4) / (2 * $3) < 0.67448 || ($5 - $4) / (2 * $3) > 0.6745) print $0 }' stdout)
say "another level" "$why"

# Where the response is there, scores; with --json in the document alone, with --quiet nowhere.
why=$(call 0 predict out/cars configs/data/cars.csv)
[ -n "$why" ] || grep -q '^maxpost: scores of 50 rows: log predictive density -20' stderr || why=$(cat stderr)
say "scores" "$why"
why=$(call 0 predict out/cars configs/data/cars.csv --quiet)
[ -n "$why" ] || [ ! -s stderr ] || why="standard error: $(cat stderr)"
say "scores are quiet" "$why"
why=$(call 0 predict out/cars configs/data/cars.csv --json --out p.csv)
[ -n "$why" ] || [ ! -s stderr ] || why="standard error: $(cat stderr)"
[ -n "$why" ] || grep -q '"rmse": 15.0688559' stdout || why="no RMSE in the document"
[ -n "$why" ] || [ "$(wc -l <p.csv)" -eq 51 ] || why="p.csv has $(wc -l <p.csv) lines"
say "document and file" "$why"
why=$(call 0 predict out/cars configs/data/cars.csv --out p.csv)
[ -n "$why" ] || [ ! -s stdout ] || why="standard output beside --out"
say "file" "$why"

why=$("$MAXPOST" predict out/cars - <new.csv 2>&1 >stdout)
[ -n "$why" ] || [ "$(wc -l <stdout)" -eq 4 ] || why=$(cat stdout)
say "standard input" "$why"

# Every kind of model on the rows it was fitted to: the log-likelihood of the fit comes back.
awk 'BEGIN { print "y,c,t,w,off,x,z,k"
    for (i = 1; i <= 30; i++) { c = i * i % 7
        printf "%.4f,%d,%d,%d,%.3f,%.4f,%.4f,%s\n", 2 + sin(1.7 * i) + 0.1 * i, c, c + i % 3, 1 + i % 3,
            0.1 * (i % 5), 10 + cos(2.3 * i), sin(0.9 * i * i),
            i * 3 % 7 < 2 ? "low" : i * 3 % 7 < 5 ? "mid" : "high" } }' >rows.csv
# comes_back NAME DATA MODEL [PRIOR]
comes_back() {
    local why
    fit "$1" rows.csv "$3, prior: {${4-}weights: \"gaussian(0, 2)\"}" "$2"
    why=$(call 0 predict "out/$1" rows.csv --json)
    [ -n "$why" ] || why=$(awk '/"log_likelihood":/ { gsub(/[",:]/, ""); v[++n] = $2 }
        END { if (n != 2 || v[1] - v[2] > 1e-9 || v[2] - v[1] > 1e-9) print n ": " v[1] ", " v[2] }' \
        "out/$1/fit.json" stdout)
    say "rows of $1" "$why"
}
comes_back formula '' 'formula: "y ~ poly(x, 2) * k + log(w) + offset(off)", family: gaussian'
comes_back helmert '' 'formula: "y ~ x + k:z - 1 + I(z^2)", contrasts: {k: helmert}'
comes_back weighted ', weights: w, offset: off' 'response: c, predictors: [x, z], family: poisson'
comes_back trials '' 'response: c, predictors: [x, k], family: {name: binomial, trials: t}'
comes_back symmetric '' 'response: k, predictors: [x, z], family: {name: multinomial, coding: symmetric}' \
    'intercept: "gaussian(0, 5)", '
comes_back reference '' 'response: k, predictors: [x, z], family: {name: multinomial, reference: low}'
comes_back ordinal '' 'response: k, predictors: [x, z], family: ordinal, levels: {k: [low, mid, high]}'
comes_back robust '' 'response: y, predictors: [x, z], family: {name: student_t, df: 4}'
why=$(call 0 predict out/ordinal rows.csv)
[ -n "$why" ] || why=$(awk -F, '
    NR == 1 && $0 !~ /,p\[low\],p\[mid\],p\[high\]$/ { print "header " $0 }
    NR > 1 { s = $7 + $8 + $9 - 1; if (s > 1e-12 || s < -1e-12) print "row " $0 }' stdout)
say "probabilities sum to 1" "$why"

# Factors by their levels, rows by their numbers.
printf 'site,x\nc,1\nNA,2\na,3\nb,1\n' >sites.csv
why=$(call 0 predict out/site sites.csv)
[ -n "$why" ] || [ "$(cut -d, -f1 stdout | xargs)" = 'row 1 3 4' ] || why=$(cat stdout)
[ -n "$why" ] || grep -q '^maxpost: 1 of 4 rows are left out: missing values in "site" (1)$' stderr ||
    why=$(cat stderr)
say "dropped rows" "$why"
printf 'site,x\na,1\nd,2\n' >unseen.csv
refused "unseen level" 65 'unseen.csv:3: column "site": "d" is a level that the fit has not seen' \
    predict out/site unseen.csv
refused "missing column" 65 'new.csv: there is no column "x"' predict out/site new.csv
printf 'speed\n4\nNA\n' >gap.csv
refused "missing cell" 65 'gap.csv:3: column "speed": missing value' predict out/cars gap.csv
printf 'speed,dist\n4,far\n' >far.csv
refused "response of text" 65 'far.csv:2: column "dist": "far" is not a number' predict out/cars far.csv

refused "one file" 64 'maxpost predict needs two files' predict out/cars
refused "level 2" 64 'level 2: not between 0 and 1' predict out/cars new.csv --level 2
refused "unknown average" 64 'not plug_in, averaged or monte_carlo' \
    predict out/cars new.csv --probabilities mean
refused "no fit" 66 'cannot be opened' predict out/none new.csv
refused "no data" 66 'cannot be opened' predict out/cars none.csv
refused "no directory" 73 'none/p.csv' predict out/cars new.csv --out none/p.csv
mkdir damaged && head -c 900 out/cars/fit.json >damaged/fit.json
refused "damaged fit" 65 'damaged/fit.json' predict damaged new.csv
refused "damaged fit, draws" 65 'damaged/fit.json' draws damaged

# More coefficients than rows: no covariance.npy, that of chosen terms, predictions without sds, and a
# file whose terms take a line each.
awk 'BEGIN { srand(7); n = 12; k = 2100
    printf "y"; for (j = 1; j <= k; j++) printf ",v%d", j; print ""
    for (i = 1; i <= n; i++) { printf "%d", i % 3 == 0
        for (j = 1; j <= k; j++) printf ",%.4f", rand() - 0.5; print "" } }' >wide.csv
fit wide wide.csv 'response: y, family: bernoulli, prior: {weights: "gaussian(0, 0.3)"}' '}
laplace: {covariance_terms: ["v20*", (Intercept)]'
why=
[ ! -e out/wide/covariance.npy ] || why="covariance.npy was written"
[ -e out/wide/covariance-terms.npy ] || why="no covariance-terms.npy"
grep -q '"covariance_reason": "there are more parameters' out/wide/fit.json || why="no reason"
grep -q '"method": "dual"' out/wide/fit.json || why="another method than dual"
say wide-files "$why"
# 111 + 1 terms: v20, v200-v209, v2000-v2099 and the intercept
size=$(wc -c <out/wide/covariance-terms.npy)
say wide-chosen "$([ "$size" -eq $((128 + 112 * 112 * 8)) ] || echo "$size bytes")"
why=$(call 0 predict out/wide wide.csv)
[ -n "$why" ] || why=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
    NR > 1 { rows++; if ($(at["sd_eta"]) != "" || !($(at["mean"]) > 0 && $(at["mean"]) < 1)) bad++ }
    END { if (rows != 12 || bad) print rows " rows, " bad " bad ones" }' stdout)
[ -n "$why" ] || grep -q 'saved no covariance' stderr || why="no note of it"
say wide-predict "$why"
refused wide-draws 65 'saved no covariance' draws out/wide

# Draws.
why=$(call 0 draws out/noise --draws 25 --out d.csv)
[ -n "$why" ] || [ ! -s stdout ] || why="standard output beside --out"
[ -n "$why" ] || [ "$(grep -vc '^#' d.csv)" -eq 26 ] || why="$(grep -vc '^#' d.csv) lines"
[ -n "$why" ] || grep -qx 'log_p__,log_q__,b.1,b.2,noise_sd' d.csv || why=$(grep -v '^#' d.csv | head -n 1)
[ -n "$why" ] || grep -qx '# b.2 = speed' d.csv || why="no name of b.2"
say "draws" "$why"
"$MAXPOST" draws out/noise --draws 25 --seed 1 >again.csv
say "draws again" "$(cmp d.csv again.csv 2>&1)"
refused "draws at a kink" 69 'a prior has a kink at or near the mode' draws out/lasso
refused "0 draws" 64 '0 draws' draws out/noise --draws 0
refused "an option of predict" 64 'takes no --level' draws out/noise --level 0.9
exit $((failures > 0))
