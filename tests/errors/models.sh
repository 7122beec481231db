# Malformed models; read by test_errors.sh.

model 'not YAML' 'case.yaml:2:11: a "," or "]" is expected here$' <<'END'
response: [y
predictors: all
END
model 'an empty file' 'case.yaml' </dev/null
model 'a list' 'case.yaml:1:1: ' <<'END'
- response
END
model 'no response' 'case.yaml:1:1: the model has no response; add response: COLUMN, or a formula$' <<'END'
family: gaussian
END
model 'an unknown key' 'case.yaml:2:1: unknown key "predictor"; did you mean predictors?$' <<'END'
response: y
predictor: [a]
END
model 'an unknown key that resembles none' 'case.yaml:2:1: unknown key "colour"' <<'END'
response: y
colour: red
END
model 'a key of a later version' 'case.yaml:2:1: unknown key "network"' <<'END'
response: y
network: {layers: []}
END
model 'a key of another section' 'case.yaml:2:1: unknown key "weights"; prior.weights is a key of a model$' <<'END'
response: y
weights: laplace(0, 1)
END
model 'a key of the section that is missing there' 'case.yaml:3:3: unknown key "standardize" under prior; standardize is a key of a model$' <<'END'
response: y
prior:
  standardize: true
END
model 'a duplicate key' 'case.yaml:3:1: duplicate key "response" (first in line 1)$' <<'END'
response: y
predictors: all
response: a
END
model 'a key without a value' 'case.yaml:2:1: "family" has no value$' <<'END'
response: y
family:
END
model 'a tab' 'case.yaml:3:1: a tab in the indentation; use spaces$' <<'END'
response: y
prior:
	weights: flat
END
model 'a tag' 'case.yaml:1:11: tags are not supported$' <<'END'
response: !!str y
END
model 'a merge key' 'case.yaml:2:1: merge keys (<<) are not supported$' <<'END'
response: y
<<: {family: gaussian}
END
model 'an alias without its anchor' 'case.yaml:1:11: alias *y: no anchor &y above' <<'END'
response: *y
END
model 'a bomb of aliases' 'values, aliases expanded' <<'END'
a: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
END
{ printf 'response: '; printf '[%.0s' $(seq 70); printf ']%.0s' $(seq 70); } |
    model 'too deep' 'case.yaml:1:74: nested more than 64 deep$'
model 'two documents' 'case.yaml:2:1: ' <<'END'
response: y
---
response: a
END
model 'another version of the language' 'case.yaml:1:10: maxpost = 2: this program reads version 1 of the language$' <<'END'
maxpost: 2
response: y
END
model 'a response that is a list' 'case.yaml:1:11: response: expected a name, found a list$' <<'END'
response: [y]
END
model 'predictors that are one word' 'case.yaml:2:13: predictors = a: expected all, or a list of columns such as [age, bmi]$' <<'END'
response: y
predictors: a
END
model 'no predictors' 'case.yaml:2:13: predictors is an empty list' <<'END'
response: y
predictors: []
END
model 'a truth value that is none' 'case.yaml:2:12: intercept = yes ' <<'END'
response: y
intercept: yes
END
model 'a truth value in quotes' 'case.yaml:2:14: standardize = "true" is text; write it without the quotes$' <<'END'
response: y
standardize: "true"
END
model 'an unknown family' 'case.yaml:2:9: unknown family "gausian"; did you mean gaussian?$' <<'END'
response: y
family: gausian
END
model 'a family without a name' 'case.yaml:2:9: family has no name' <<'END'
response: y
family: {noise_sd: 1}
END
model 'an unknown parameter of the family' 'case.yaml:2:26: unknown key of family "sd"' <<'END'
response: y
family: {name: gaussian, sd: 1}
END
model 'a noise sd of 0' 'case.yaml:2:36: noise_sd = 0 is outside (0, inf)$' <<'END'
response: y
family: {name: gaussian, noise_sd: 0}
END
model 'a noise sd that is a word' 'case.yaml:2:36: noise_sd = free: expected a number or estimate$' <<'END'
response: y
family: {name: gaussian, noise_sd: free}
END
model 'a link of another family' 'case.yaml:3:7: unknown link of poisson "logit"' <<'END'
response: y
family: poisson
link: logit
END
model 'an unknown choice' 'case.yaml:2:10: mode_on = logs is not one of log, natural; did you mean log?$' <<'END'
response: y
mode_on: logs
END
model 'an unknown prior' 'case.yaml:3:12: unknown prior "laplce"' <<'END'
response: y
prior:
  weights: laplce(0, 1)
END
model 'a prior of a later version' 'case.yaml:3:12: unknown prior "horseshoe"' <<'END'
response: y
prior:
  weights: horseshoe(1)
END
model 'a negative scale' 'case.yaml:3:23: laplace: scale = -2 is not above 0$' <<'END'
response: y
prior:
  weights: laplace(0, -2)
END
model 'a scale that is no number' 'case.yaml:3:23: ' <<'END'
response: y
prior:
  weights: laplace(0, big)
END
model 'an unknown argument' 'case.yaml:3:23: laplace has no argument "sd"' <<'END'
response: y
prior:
  weights: laplace(0, sd=2)
END
model 'an argument too many' 'case.yaml:3:26: ' <<'END'
response: y
prior:
  weights: laplace(0, 1, 2)
END
model 'an argument twice' 'case.yaml:3:32: laplace: scale is given twice$' <<'END'
response: y
prior:
  weights: laplace(0, scale=1, scale=2)
END
model 'a prior without its parenthesis' 'case.yaml:3:' <<'END'
response: y
prior:
  weights: laplace(0, 1
END
model 'a prior cut by a flow mapping' 'case.yaml:2:18: quote the prior: "laplace(0, 1)"' <<'END'
response: y
prior: {weights: laplace(0, 1)}
END
model 'the long form with an unknown argument' 'case.yaml:3:23: unknown argument "sd"' <<'END'
response: y
prior:
  weights: {laplace: {sd: 1}}
END
model 'the long form with a bad argument' 'case.yaml:3:30: laplace: scale = -1 is not above 0$' <<'END'
response: y
prior:
  weights: {laplace: {scale: -1}}
END
model 'the long form without its scale' 'case.yaml:3:13: laplace: scale is missing' <<'END'
response: y
prior:
  weights: {laplace: {mean: 1}}
END
model 'a bound of the long form that is misspelt' 'case.yaml:3:31: unknown argument "lowr"; did you mean lower?' <<'END'
response: y
prior:
  weights: {gaussian: {sd: 1, lowr: 0}}
END
model 'bounds of the long form in the wrong order' 'case.yaml:3:48: gaussian: lower = 1 is not below upper = 0$' <<'END'
response: y
prior:
  weights: {gaussian: {sd: 1, lower: 1, upper: 0}}
END
model 'a bound of the long form that is no number' 'case.yaml:3:27: ' <<'END'
response: y
prior:
  weights: {flat: {lower: low}}
END
model 'the long form of uniform' 'case.yaml:3:37: uniform: low = 1 is not below high = 0$' <<'END'
response: y
prior:
  weights: {uniform: {low: 1, high: 0}}
END
model 'the long form of uniform with a bound' 'case.yaml:3:40: uniform takes no lower or upper' <<'END'
response: y
prior:
  weights: {uniform: {low: 0, high: 1, lower: 0}}
END
model 'bounds of a prior on the noise' 'case.yaml:3:13: noise_sd is positive and takes no lower or upper$' <<'END'
response: y
prior:
  noise_sd: flat(lower=1)
END
model 'bounds of a prior in units of the noise' 'case.yaml:3:12: gaussian has bounds, which scale_by_noise cannot hold' <<'END'
response: y
prior:
  weights: gaussian(1, lower=0)
  scale_by_noise: true
END
model 'the long form with two names' 'case.yaml:3:12: a prior is one name' <<'END'
response: y
prior:
  weights: {laplace: {scale: 1}, flat: {}}
END
model 'a list for a prior' 'case.yaml:3:12: expected a prior such as laplace(0, 0.5), found a list$' <<'END'
response: y
prior:
  weights: [0, 1]
END
model 'terms that are no mapping' 'case.yaml:3:10: ' <<'END'
response: y
prior:
  terms: laplace(0, 1)
END
model 'a prior on an unknown parameter' 'case.yaml:4:3: a prior on noise_sd, but the family poisson has no such parameter$' <<'END'
response: y
family: poisson
prior:
  noise_sd: half_normal(1)
END
model 'a prior on a fixed parameter' 'case.yaml:4:13: ' <<'END'
response: y
family: {name: gaussian, noise_sd: 1}
prior:
  noise_sd: half_normal(1)
END
model 'a positive prior on a coefficient' 'case.yaml:3:12: ' <<'END'
response: y
prior:
  weights: half_normal(1)
END
model "a coefficient's prior on the noise" 'case.yaml:3:13: ' <<'END'
response: y
prior:
  noise_sd: laplace(0, 1)
END
model 'a prior on an intercept that is not there' 'case.yaml:4:14: ' <<'END'
response: y
intercept: false
prior:
  intercept: gaussian(0, 1)
END
model 'a penalty and a prior' 'case.yaml:4:12: ' <<'END'
response: y
penalty: {convention: sum, l1: 1}
prior:
  weights: laplace(0, 1)
END
model 'a penalty without a convention' 'case.yaml:2:10: penalty has no convention' <<'END'
response: y
penalty: {lambda: 1}
END
model 'an unknown convention' 'case.yaml:2:23: ' <<'END'
response: y
penalty: {convention: glment, lambda: 1}
END
model 'an unknown key of a penalty' 'case.yaml:2:31: ' <<'END'
response: y
penalty: {convention: glmnet, lamda: 1}
END
model 'a penalty out of range' 'case.yaml:2:49: ' <<'END'
response: y
penalty: {convention: glmnet, lambda: 1, alpha: 1.5}
END
model 'a penalty of another family' 'case.yaml:3:10: ' <<'END'
response: y
family: poisson
penalty: {convention: sklearn, kind: lasso, alpha: 1}
END
