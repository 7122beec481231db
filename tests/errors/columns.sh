# Malformed formulas, levels, contrasts, types of columns, and settings of families; read by
# test_errors.sh.

model 'a formula and a response' 'case.yaml:2:1: a model has a formula or response, not both; the formula names the response and the predictors$' <<'END'
formula: y ~ a
response: y
END
model 'a formula and predictors' 'case.yaml:1:1: a model has a formula or predictors, not both; the formula names the response and the predictors$' <<'END'
predictors: [a]
formula: y ~ a
END
model 'a formula without a tilde' 'case.yaml:1:11: "~" after the response is missing at the end$' <<'END'
formula: y
END
model 'a formula without a response' 'case.yaml:1:11: a response is missing before "~"$' <<'END'
formula: "~ a"
END
model 'a formula with a transformed response' 'case.yaml:1:10: the response is transformed; make it a column of the data, or choose a link$' <<'END'
formula: log(y) ~ a
END
model 'a formula that ends early' 'case.yaml:1:17: a term is missing at the end$' <<'END'
formula: y ~ a +
END
model 'a formula with a hole' 'case.yaml:1:18: a term is expected, not "*"$' <<'END'
formula: y ~ a + * b
END
model 'a formula with an unknown function' 'case.yaml:1:14: unknown function "lgo"; did you mean "log"?$' <<'END'
formula: y ~ lgo(a)
END
model 'a formula with a bracket too few' 'case.yaml:1:20: ")" after the terms in parentheses is missing at the end$' <<'END'
formula: y ~ (a + b
END
model 'a formula that is a list' 'case.yaml:1:10: formula: expected a formula such as y ~ a + b, found a list$' <<'END'
formula: [y, a]
END
model 'an empty formula' 'case.yaml:1:10: formula is empty$' <<'END'
formula: ""
END
model 'a formula in quotes, the place inside' 'case.yaml:1:19: unknown function "lgo"; did you mean "log"?$' <<'END'
formula: "y ~ a + lgo(b)"
END
model 'a poly without a degree' 'case.yaml:1:20: "," and the degree, as in poly(x, 2), is expected, not ")"$' <<'END'
formula: y ~ poly(a)
END
model 'the response on both sides' 'case.yaml:1:18: column "y" is already the response$' <<'END'
formula: y ~ a + y
END
model 'an intercept that the formula takes away' 'case.yaml:2:12: the formula takes the intercept away (- 1, or 0), and this asks for it$' <<'END'
formula: y ~ a - 1
intercept: true
END
model 'a prior on the intercept that the formula takes away' 'case.yaml:2:20: the formula takes away the intercept that this prior is for$' <<'END'
formula: y ~ a - 1
prior: {intercept: "gaussian(0, 1)"}
END
model 'levels that are a list' 'case.yaml:2:9: levels: expected a mapping of columns to lists, as in {site: [A, B, C]}, found a list$' <<'END'
response: y
levels: [a, b]
END
model 'levels of a column that are no list' 'case.yaml:2:16: text = x: expected a list of levels such as [low, high]$' <<'END'
response: y
levels: {text: x}
END
model 'levels, only one' 'case.yaml:2:16: levels of text: expected two levels or more, found 1$' <<'END'
response: y
levels: {text: [x]}
END
model 'levels, one twice' 'case.yaml:2:23: levels of text: "x" is listed twice$' <<'END'
response: y
levels: {text: [x, y, x]}
END
model 'levels in lists' 'case.yaml:2:20: a level: expected a name, found a list$' <<'END'
response: y
levels: {text: [x, [y]]}
END
model 'levels of a column twice' 'case.yaml:2:24: duplicate key "text" (first in line 2)$' <<'END'
response: y
levels: {text: [x, y], text: [y, x]}
END
model 'contrasts that are a word' 'case.yaml:2:12: contrasts = sum: expected a mapping of columns to contrasts, as in {site: sum}$' <<'END'
response: y
contrasts: sum
END
model 'a misspelt contrast' 'case.yaml:2:19: unknown contrast "helmet"; did you mean helmert?$' <<'END'
response: y
contrasts: {text: helmet}
END
model 'a contrast that is a list' 'case.yaml:2:19: text: expected treatment, sum or helmert, found a list$' <<'END'
response: y
contrasts: {text: [sum]}
END
model 'trials of a gaussian' 'case.yaml:2:26: trials belongs to the family binomial; gaussian takes none$' <<'END'
response: y
family: {name: gaussian, trials: k}
END
model 'failures of a bernoulli' 'case.yaml:2:27: failures belongs to the family binomial; bernoulli takes none$' <<'END'
response: y
family: {name: bernoulli, failures: k}
END
model 'a binomial without trials' 'case.yaml:2:9: the family binomial needs the column of its trials, or that of its failures: family: {name: binomial, trials: COLUMN}$' <<'END'
response: k
family: binomial
END
model 'a binomial with trials and failures' 'case.yaml:2:47: trials and failures are two ways to say the same; give one of them$' <<'END'
response: k
family: {name: binomial, trials: a, failures: b}
END
model 'trials that are a list' 'case.yaml:2:34: trials: expected a name, found a list$' <<'END'
response: k
family: {name: binomial, trials: [a]}
END
model 'a coding of a poisson' 'case.yaml:2:25: coding belongs to the family multinomial; poisson takes none$' <<'END'
response: k
family: {name: poisson, coding: symmetric}
END
model 'a reference of an ordinal' 'case.yaml:2:25: reference belongs to the family multinomial; ordinal takes none$' <<'END'
response: k
family: {name: ordinal, reference: 1}
END
model 'a misspelt coding' 'case.yaml:2:37: unknown coding "symetric"; did you mean symmetric?$' <<'END'
response: k
family: {name: multinomial, coding: symetric}
END
model 'a reference of the symmetric coding' 'case.yaml:2:59: the symmetric coding has no reference; coding: reference has one$' <<'END'
response: k
family: {name: multinomial, coding: symmetric, reference: 1}
prior: {intercept: "gaussian(0, 1)", weights: "gaussian(0, 1)"}
END
model 'the symmetric coding with a flat intercept' 'case.yaml:2:37: coding: symmetric needs a proper prior on the intercept (prior.intercept), as adding the same to every class changes nothing; or coding: reference$' <<'END'
response: k
family: {name: multinomial, coding: symmetric}
prior: {weights: "gaussian(0, 1)"}
END
model 'the symmetric coding with flat weights' 'case.yaml:3:47: coding: symmetric needs proper priors on the weights (prior.weights), as adding the same to every class changes nothing; or coding: reference$' <<'END'
response: k
family: {name: multinomial, coding: symmetric}
prior: {intercept: "gaussian(0, 1)", weights: flat}
END
model 'the symmetric coding with a penalty and an intercept' 'case.yaml:2:37: coding: symmetric beside a penalty leaves the intercepts free, as adding the same to every class changes nothing; take coding: reference, or intercept: false$' <<'END'
response: k
family: {name: multinomial, coding: symmetric}
penalty: {convention: glmnet, lambda: 0.1, alpha: 0}
END
model 'glmnet beside a reference' 'case.yaml:3:10: penalty glmnet string has coefficients for every class and needs coding: symmetric in the family multinomial$' <<'END'
response: k
family: multinomial
penalty: {convention: glmnet, lambda: 0.1, alpha: 0}
END
model 'logistic regression of scikit-learn with another link' 'case.yaml:4:10: penalty sklearn logistic_l2 knows nothing but the first link of the family bernoulli$' <<'END'
response: k
family: bernoulli
link: probit
penalty: {convention: sklearn, kind: logistic_l2, C: 1}
END
model 'the k of huber estimated' 'case.yaml:2:26: k = estimate: expected a number; it is not estimated$' <<'END'
response: y
family: {name: huber, k: estimate}
END
model 'a df of 0' 'case.yaml:2:31: df = 0 is outside (0, inf)$' <<'END'
response: y
family: {name: student_t, df: 0}
END
model 'an auxiliary parameter of another family' 'case.yaml:2:25: unknown key of family "noise_sd"; known: name, noise_scale$' <<'END'
response: y
family: {name: laplace, noise_sd: 2}
END
model 'a misspelt auxiliary parameter' 'case.yaml:2:27: unknown key of family "noise_scal"; did you mean noise_scale?$' <<'END'
response: y
family: {name: student_t, noise_scal: 2}
END
model 'an auxiliary parameter that is a list' 'case.yaml:2:31: df: expected a number or estimate, found a list$' <<'END'
response: y
family: {name: student_t, df: [4]}
END
model 'a prior on a fixed df' 'case.yaml:3:13: df is fixed at 4: a prior on it has nothing to say$' <<'END'
response: y
family: {name: student_t, df: 4}
prior: {df: "gamma(2, 0.1)"}
END
model 'a prior on a size that the family has none of' 'case.yaml:2:9: a prior on size, but the family gaussian has no such parameter$' <<'END'
response: y
prior: {size: "gamma(2, 0.1)"}
END
model 'a link of another family' 'case.yaml:3:7: unknown link of multinomial "logit"; known: softmax$' <<'END'
response: k
family: multinomial
link: logit
END
model 'an ordinal without cutpoints' 'case.yaml:3:12: the family ordinal has cutpoints in place of an intercept, and cannot do without them$' <<'END'
response: k
family: ordinal
intercept: false
END
model 'an ordinal whose formula takes the cutpoints away' 'case.yaml:2:9: the family ordinal has cutpoints in place of an intercept, and cannot do without them$' <<'END'
formula: k ~ a - 1
family: ordinal
END

run 'a formula with an unknown column' 78 'case.yaml:1:26: predictor "bb" is no column of good.csv$' <<'END'
model: {formula: y ~ a + bb}
data: {file: good.csv}
END
run 'a formula with arithmetic on texts' 78 'case.yaml:1:26: column "text" is categorical, and arithmetic takes numbers$' <<'END'
model: {formula: y ~ log(text)}
data: {file: good.csv}
END
run 'levels of an unknown column' 78 'case.yaml:1:54: levels: "txt" is no column of good.csv; did you mean "text"?$' <<'END'
model: {response: y, predictors: [a, text], levels: {txt: [x, y, z]}}
data: {file: good.csv}
END
run 'levels of a column that is no predictor' 78 'case.yaml:1:48: column "text" is no categorical predictor of this model$' <<'END'
model: {response: y, predictors: [a], levels: {text: [x, y, z]}}
data: {file: good.csv}
END
run 'levels that leave one out' 65 'good.csv:4: column "text": "z" is not one of the levels that are listed (levels: x, y)$' <<'END'
model: {response: y, predictors: [a, text], levels: {text: [x, y]}}
data: {file: good.csv}
END
run 'contrasts of the response' 78 'case.yaml:1:57: column "y" is no categorical predictor of this model$' <<'END'
model: {response: y, predictors: [a, text], contrasts: {y: sum}}
data: {file: good.csv}
END
run 'trials in an unknown column' 78 'case.yaml:1:72: trials column "bb" is no column of good.csv$' <<'END'
model: {response: k, predictors: [a], family: {name: binomial, trials: bb}}
data: {file: good.csv}
END
run 'trials that are a predictor too' 78 'case.yaml:1:38: column "b" is already the number of trials$' <<'END'
model: {response: k, predictors: [a, b], family: {name: binomial, trials: b}}
data: {file: good.csv}
END
run 'more successes than trials' 65 'good.csv:6: column "k": 2 is more than the 1 trials of its row$' <<'END'
model: {response: k, predictors: [a], family: {name: binomial, trials: w}}
data: {file: good.csv}
END
run 'a reference that is no class' 78 'case.yaml:1:81: reference "q" is no class of "text"$' <<'END'
model: {response: text, predictors: [a], family: {name: multinomial, reference: q}}
data: {file: good.csv}
END
run 'a class that is not among its levels' 65 'good.csv:4: column "text": "z" is not one of the levels that are listed (levels: x, y)$' <<'END'
model: {response: text, predictors: [a], family: ordinal, levels: {text: [x, y]}}
data: {file: good.csv}
END
run 'the symmetric coding with one flat weight' 78 'case.yaml:3:39: coding: symmetric needs proper priors, and that of "b[x]" is flat: adding the same to every class changes nothing; give it one, or take coding: reference$' <<'END'
model:
  response: text
  family: {name: multinomial, coding: symmetric}
  predictors: [a, b]
  prior: {intercept: "gaussian(0, 1)", terms: {a: "gaussian(0, 1)"}}
data: {file: good.csv}
END
run 'types that are a list' 78 'case.yaml:2:31: data.types: expected a mapping of columns to types, as in {site: categorical}, found a list$' <<'END'
model: {response: y, predictors: [a]}
data: {file: good.csv, types: [a]}
END
run 'a misspelt type' 78 'case.yaml:2:35: unknown type "categoric"; did you mean categorical?$' <<'END'
model: {response: y, predictors: [a]}
data: {file: good.csv, types: {a: categoric}}
END
run 'a type of an unknown column' 78 'case.yaml:2:32: data.types: there is no column "aa"$' <<'END'
model: {response: y, predictors: [a]}
data: {file: good.csv, types: {aa: categorical}}
END
run 'texts declared numeric' 65 'good.csv:2: column "text": "x" is not a number$' <<'END'
model: {response: y, predictors: [text]}
data: {file: good.csv, types: {text: numeric}}
END
run 'a gamma response of 0' 65 'good.csv:2: column "k": 0 is not above 0 (family gamma)$' <<'END'
model: {response: k, predictors: [a], family: gamma}
data: {file: good.csv}
END
run 'a beta response above 1' 65 'good.csv:2: column "y": 1.5 is not between 0 and 1 (family beta)$' <<'END'
model: {response: y, predictors: [a], family: beta}
data: {file: good.csv}
END
run 'a start for a class that is none' 78 'case.yaml:3:15: fit.start: there is no parameter "a[q]" (did you mean "a[y]"?)$' <<'END'
model: {response: text, predictors: [a], family: multinomial, prior: {weights: "gaussian(0, 1)"}}
data: {file: good.csv}
fit: {start: {"a[q]": 1}}
END
run 'the intercept of classes as a start' 78 'case.yaml:3:15: fit.start: there is no parameter "intercept" (did you mean "intercept[y]"?)$' <<'END'
model: {response: text, predictors: [a], family: multinomial, prior: {weights: "gaussian(0, 1)"}}
data: {file: good.csv}
fit: {start: {intercept: 1}}
END
assign 'a formula beside a response' 64 '--set model.formula=y ~ a:1:7: a model has a formula or response, not both; the formula names the response and the predictors$' 'model.formula=y ~ a'
assign 'a formula with a hole' 64 '--set model={formula: y ~ a + }:1:24: a term is missing at the end$' 'model={formula: y ~ a + }'
assign 'an unknown coding' 64 '--set model.family={name: multinomial, coding: both}:1:42: unknown coding "both"; known: reference, symmetric$' 'model.family={name: multinomial, coding: both}'
assign 'levels with one' 64 '--set model.levels={text: [x]}:1:21: levels of text: expected two levels or more, found 1$' 'model.levels={text: [x]}'
assign 'a type that is none' 64 '--set data.types={a: number}:1:16: unknown type "number"; did you mean numeric?$' 'data.types={a: number}'
