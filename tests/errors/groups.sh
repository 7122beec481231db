# Malformed priors on several terms and constraints; read by test_errors.sh.

printf '2,0.5\n0.5,2\n' >cov.csv
printf '2,0.5\n0.4,2\n' >skew.csv
printf '1,2\n2,1\n' >indefinite.csv
printf '1,0.5\n0.5,0\n' >zero.csv
printf '1,0\n0,x\n' >letters.csv
printf '1,\n0,1\n' >hole.csv
printf '1,0,0\n0,1,0\n' >wide.csv
printf '1,0\n0,1\n0,0\n' >tall.csv
printf '1,0\n0,1,3\n' >ragged.csv
printf 'a,c\n1,0\n0,1\n' >named.csv
printf 'a,a\n1,0\n0,1\n' >twice.csv
printf ',a,b\na,1,0\nc,0,1\n' >rows.csv
printf '1,"0\n0,1\n' >quote.csv
printf '1,inf\ninf,1\n' >infinite.csv
: >empty.csv
printf 'not numpy' >broken.npy
printf '1,0,0\n0,1,0\n0,0,1\n' >three.csv

# One group of good.yaml's model:  NAME CODE TEXT GROUP
group() {
    run "$1" "$2" "$3" <<END
model:
  response: y
  predictors: [a, b]
  prior:
    weights: "gaussian(0, 1)"
    groups:
      - $4
data: {file: good.csv}
END
}
# A constraint, after a prior on the weights:  NAME CODE TEXT CONSTRAINT [WEIGHTS]
constraint() {
    run "$1" "$2" "$3" <<END
model:
  response: y
  predictors: [a, b]
  prior: {weights: "${5:-gaussian(0, 1)}"}
  constraints:
    - $4
data: {file: good.csv}
END
}

model 'groups that are no list' 'case.yaml:3:11: prior.groups: expected a list of groups, each {name, terms, prior}, found a mapping$' <<'END'
response: y
prior:
  groups: {name: g}
END
model 'a group that is no mapping' 'case.yaml:3:12: prior.groups = g: expected a mapping such as' <<'END'
response: y
prior:
  groups: [g]
END
group 'an unknown key of a group' 78 'case.yaml:7:19: unknown key of a group "term"; did you mean terms?$' '{name: g, term: [a], prior: rw1(1)}'
group 'a group without terms' 78 'case.yaml:7:9: the group has no terms; expected' '{name: g, prior: rw1(1)}'
group 'a group without a name' 78 'the group has no name' '{terms: [a, b], prior: rw1(1)}'
group 'terms that are no list' 78 'terms = a: expected a list of names or globs' '{name: g, terms: a, prior: rw1(1)}'
group 'no terms' 78 'terms is an empty list' '{name: g, terms: [], prior: rw1(1)}'
group 'an unknown prior' 78 'case.yaml:7:42: "group_lapace" is no prior on several terms; did you mean group_laplace?$' '{name: g, terms: [a, b], prior: "group_lapace(1)"}'
group 'an unknown prior, long' 78 'case.yaml:7:42: unknown prior on several terms "ar2"; did you mean ar1?$' '{name: g, terms: [a, b], prior: {ar2: {sd: 1}}}'
group 'an argument out of range' 78 'case.yaml:7:46: ar1: phi = 1.5 is not between -1 and 1$' '{name: g, terms: [a, b], prior: "ar1(1.5, 1)"}'
group 'an argument out of range, long' 78 'case.yaml:7:65: group_laplace: scale = -1 is not above 0$' '{name: g, terms: [a, b], prior: {group_laplace: {scale: -1}}}'
group 'a missing argument, long' 78 'ar1 lacks its argument sd: it is written ar1(phi, sd)' '{name: g, terms: [a, b], prior: {ar1: {phi: 0.5}}}'
group 'terms that match nothing' 78 'case.yaml:7:27: "c*" matches no coefficient of this model$' '{name: g, terms: ["c*"], prior: "group_laplace(1)"}'
group 'too few terms' 78 'case.yaml:7:16: rw2 is a prior on 3 terms or more, not on 2$' '{name: g, terms: [a, b], prior: rw2(1)}'
group 'a term in two groups' 78 'case.yaml:8:16: "b" is in the groups g and h$' '{name: g, terms: [a, b], prior: rw1(1)}
      - {name: h, terms: [b], prior: "group_laplace(1)"}'
group 'two groups of one name' 78 'case.yaml:8:16: a second group named "g"$' '{name: g, terms: [a], prior: "group_laplace(1)"}
      - {name: g, terms: [b], prior: "group_laplace(1)"}'
run 'a term with a prior of its own' 78 'case.yaml:1:58: "a" has a prior of its own and one in the group g$' <<'END'
model: {response: y, predictors: [a, b], prior: {terms: {a: flat}, groups: [{name: g, terms: [a, b], prior: rw1(1)}]}}
data: {file: good.csv}
END
model 'a group beside a penalty' 'case.yaml:2:25: a model has a penalty, or priors and constraints on its weights; this one has a penalty and groups$' <<'END'
response: y
prior: {groups: [{name: g, terms: [a, b], prior: rw1(1)}]}
penalty: {convention: sum, l1: 0, l2: 1}
END
model 'constraints beside a penalty' 'case.yaml:2:15: a model has a penalty, or priors and constraints on its weights; this one has a penalty and constraints$' <<'END'
response: y
constraints: [a = b]
penalty: {convention: sum, l1: 0, l2: 1}
END
model 'a group with scale_by_noise' 'case.yaml:2:47: scale_by_noise knows priors on single coefficients only, not groups$' <<'END'
response: y
prior: {scale_by_noise: true, groups: [{name: g, terms: [a, b], prior: rw1(1)}]}
END
model 'constraints with scale_by_noise' 'case.yaml:3:15: scale_by_noise knows priors on single coefficients only, not constraints$' <<'END'
response: y
prior: {weights: "gaussian(0, 1)", scale_by_noise: true}
constraints: [a = b]
END

group 'a gaussian without its matrix' 78 'case.yaml:7:41: gaussian on several terms needs covariance: FILE or precision: FILE beside it$' '{name: g, terms: [a, b], prior: gaussian}'
group 'two matrices' 78 'case.yaml:7:72: precision beside covariance: a gaussian prior has one matrix$' '{name: g, terms: [a, b], prior: gaussian, covariance: cov.csv, precision: cov.csv}'
group 'a matrix for another prior' 78 'case.yaml:7:49: covariance: only a gaussian prior takes a matrix, not rw1$' '{name: g, terms: [a, b], prior: rw1(1), covariance: cov.csv}'
group 'a matrix that is not there' 66 'covariance: nowhere.csv: cannot be opened' '{name: g, terms: [a, b], prior: gaussian, covariance: nowhere.csv}'
group 'a matrix of another order' 78 'case.yaml:7:16: the matrix of group g has order 3, but 2 coefficients belong to it$' '{name: g, terms: [a, b], prior: gaussian, covariance: three.csv}'
# NAME TEXT FILE
matrix() { group "a matrix $1" 65 "$2" "{name: g, terms: [a, b], prior: gaussian, covariance: $3}"; }
matrix 'that is not symmetric' 'skew.csv: not symmetric: row 2, column 1 is 0.4, but row 1, column 2 is 0.5$' skew.csv
matrix 'that is not positive definite' 'indefinite.csv: covariance: not positive definite' indefinite.csv
matrix 'with 0 on its diagonal' 'zero.csv: entry 2 of the diagonal is 0, not above 0$' zero.csv
matrix 'with a cell that is no number' 'letters.csv:2: column 2: "x" is not a number$' letters.csv
matrix 'with a missing cell' 'hole.csv:1: column 2: "" is missing$' hole.csv
matrix 'with an infinite cell' 'infinite.csv:1: column 2: "inf" is not finite$' infinite.csv
matrix 'with a row too few' 'wide.csv: 2 rows of 3 columns, the matrix is not square$' wide.csv
matrix 'with a row too many' 'tall.csv:3: a row too many, the matrix has 2 columns$' tall.csv
matrix 'with a longer row' 'ragged.csv:2: 3 cells, the first line has 2$' ragged.csv
matrix 'with another name' 'named.csv: no row is named "b", which is a coefficient of group g' named.csv
matrix 'with a name twice' 'twice.csv:1: columns 1 and 2 are both named "a"$' twice.csv
matrix 'with rows in another order' 'rows.csv:3: the row is named "c", column 2 "b": rows and columns are in one order$' rows.csv
matrix 'with an open quote' 'quote.csv:1: column 2: a quote that is never closed$' quote.csv
matrix 'that is empty' 'empty.csv: the file is empty$' empty.csv
matrix 'that is no .npy' 'broken.npy: ' broken.npy

model 'constraints that are no list' 'constraints = a = b: expected a list such as' <<'END'
response: y
constraints: a = b
END
model 'a constraint that YAML splits' 'case.yaml:2:15: quote the prior: "a - b ~ gaussian(0, 1)"' <<'END'
response: y
constraints: [a - b ~ gaussian(0, 1)]
END
model 'an inequality' 'case.yaml:3:8: inequalities are no constraints here: a prior has lower and upper$' <<'END'
response: y
constraints:
  - "a < b"
END
model 'a sum alone' 'case.yaml:2:21: "~ gaussian(mean, sd)" or "= number" is missing at the end$' <<'END'
response: y
constraints: ["a + b"]
END
model 'another scale of constraints' 'case.yaml:3:17: constraints_on = raw' <<'END'
response: y
constraints: [a = b]
constraints_on: raw
END
constraint 'a product of terms' 78 'case.yaml:6:10: terms are multiplied: a constraint is a sum of terms times numbers$' '"a * b = 1"'
constraint 'a constraint on an unknown term' 78 'there is no term "c" in the model' '"a + c = 1"'
constraint 'a soft constraint that is not gaussian' 78 'case.yaml:6:15: a soft constraint is written ~ gaussian(mean, sd), without bounds$' '"a - b ~ laplace(0, 1)"'
constraint 'a soft constraint of sd 0' 78 'case.yaml:6:28: gaussian: sd = 0 is not above 0$' '"a - b ~ gaussian(0, 0)"'
constraint 'a constraint on nothing' 78 'case.yaml:6:8: no term is left: nothing is constrained$' '"a = a"'
constraint 'a hard constraint and a kink' 78 'a hard constraint needs smooth priors without bounds, but that of "a" has a kink' '"a = b"' 'laplace(0, 1)'
constraint 'a hard constraint and bounds' 78 'but that of "a" has bounds' '"a = b"' 'gaussian(0, 1, lower=0)'
constraint 'constraints that contradict one another' 78 'case.yaml:7:8: ' 'a + b = 1
    - "2 * a + 2 * b = 3"'
