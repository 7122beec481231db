# Malformed runs and data; read by test_errors.sh.

run 'no model' 78 'case.yaml:1:1: the run has no model' <<'END'
data: {file: good.csv}
END
run 'no data' 78 'case.yaml:1:1: the run has no data' <<'END'
model: model.yaml
END
run 'no file' 78 'case.yaml:1:1: the run has no data.file' <<'END'
model: model.yaml
data: {missing: drop}
END
run 'a model that is not there' 66 'case.yaml:1:8: model: ' <<'END'
model: nowhere.yaml
data: {file: good.csv}
END
run 'a run for a model' 78 'good.yaml:1:1: unknown key "model"; it belongs to the run, a model names no file$' <<'END'
model: good.yaml
data: {file: good.csv}
END
run 'a fault in the model file' 78 'bad.yaml:2:9: unknown family "gaussien"; did you mean gaussian?$' <<'END'
model: bad.yaml
data: {file: good.csv}
END
run 'a key of the model' 78 'case.yaml:3:1: unknown key "response"; it belongs to the model: indent it under model:$' <<'END'
model: model.yaml
data: {file: good.csv}
response: y
END
run 'an unknown key' 78 'case.yaml:3:7: unknown key of fit "tolerence"; did you mean tolerance?$' <<'END'
model: model.yaml
data: {file: good.csv}
fit: {tolerence: 1e-6}
END
run 'a section that is a word' 78 'case.yaml:3:6: fit = fast: expected a mapping$' <<'END'
model: model.yaml
data: {file: good.csv}
fit: fast
END
run 'a tolerance out of range' 78 'case.yaml:3:18: fit.tolerance = -2 is outside (0, 1)$' <<'END'
model: model.yaml
data: {file: good.csv}
fit: {tolerance: -2}
END
run 'a number that is a word' 78 'case.yaml:3:18: fit.tolerance = small is not a number$' <<'END'
model: model.yaml
data: {file: good.csv}
fit: {tolerance: small}
END
run 'an integer with a fraction' 78 'case.yaml:3:23: fit.max_iterations = 1.5 is not ' <<'END'
model: model.yaml
data: {file: good.csv}
fit: {max_iterations: 1.5}
END
run 'an unknown method' 78 'case.yaml:3:15: fit.method = cholesy is not one of ' <<'END'
model: model.yaml
data: {file: good.csv}
fit: {method: cholesy}
END
run 'a level of 1' 78 'case.yaml:3:18: laplace.level = 1 is outside (0, 1)$' <<'END'
model: model.yaml
data: {file: good.csv}
laplace: {level: 1}
END
run 'an unknown format' 78 'case.yaml:3:26: unknown output format "xml"' <<'END'
model: model.yaml
data: {file: good.csv}
output: {formats: [json, xml]}
END
run 'a start value that is a word' 78 'case.yaml:3:18: ' <<'END'
model: model.yaml
data: {file: good.csv}
fit: {start: {a: high}}
END
run 'a start value of no parameter' 78 'case.yaml:3:15: fit.start: there is no parameter "aa"$' <<'END'
model: model.yaml
data: {file: good.csv}
fit: {start: {aa: 1}}
END
run 'a data file that is not there' 66 'case.yaml:2:14: data.file: ' <<'END'
model: model.yaml
data: {file: nowhere.csv}
END
run 'a data file that is a directory' 66 'case.yaml:2:14: data.file: ' <<'END'
model: model.yaml
data: {file: /}
END
run 'a response that is no column' 78 'case.yaml:1:19: ' <<'END'
model: {response: yy, predictors: [a]}
data: {file: good.csv}
END
run 'a predictor that is no column' 78 'case.yaml:1:41: predictor "c" is no column of good.csv$' <<'END'
model: {response: y, predictors: [a, b, c]}
data: {file: good.csv}
END
run 'a predictor twice' 78 'case.yaml:1:38: ' <<'END'
model: {response: y, predictors: [a, a]}
data: {file: good.csv}
END
run 'the response as a predictor' 78 'case.yaml:1:38: ' <<'END'
model: {response: y, predictors: [a, y]}
data: {file: good.csv}
END
run 'a selector that matches nothing' 78 'case.yaml:1:55: "z*" matches no coefficient of this model' <<'END'
model: {response: y, predictors: [a], prior: {terms: {"z*": flat}}}
data: {file: good.csv}
END
run 'weights that are no column' 78 'case.yaml:2:33: data.weights: there is no column "ww"$' <<'END'
model: model.yaml
data: {file: good.csv, weights: ww}
END
run 'a predictor of words' 65 'good.csv:2: column "text": "x" is not a number' <<'END'
model: {response: y, predictors: [text]}
data: {file: good.csv}
END
run 'a response outside the family' 65 'good.csv:6: column "k": 2 is not 0 or 1' <<'END'
model: {response: k, predictors: [a], family: bernoulli}
data: {file: good.csv}
END
run 'a model in place of a run' 78 'case.yaml is a model, and fit wants a run' <<'END'
response: y
predictors: [a]
END

data 'an empty file' 65 'case.csv' </dev/null
data 'a header alone' 65 'case.csv' <<'END'
y,a,b
END
data 'a row too short' 65 'case.csv:3: ' <<'END'
y,a,b
1,2,3
1,2
END
data 'a row too long' 65 'case.csv:2: ' <<'END'
y,a,b
1,2,3,4
END
data 'two columns of one name' 65 'case.csv:1: ' <<'END'
y,a,a
1,2,3
END
data 'a column without a name' 65 'case.csv:1: ' <<'END'
y,a,
1,2,3
END
data 'a quote that is never closed' 65 'case.csv:3: ' <<'END'
y,a,b
1,2,3
1,"2,3
END
data 'a missing value' 65 'case.csv:3: column "b": ' <<'END'
y,a,b
1,2,3
2,3,NA
3,5,1
END
data 'not a number' 65 'case.csv:3: column "a": "n/a" is not a number' <<'END'
y,a,b
1,2,3
2,n/a,4
END
data 'an infinite number' 65 'case.csv:3: column "a": ' <<'END'
y,a,b
1,2,3
2,inf,4
END
data 'a number too large' 65 'case.csv:3: column "a": ' <<'END'
y,a,b
1,2,3
2,1e999,4
END
