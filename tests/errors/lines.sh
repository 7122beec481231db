# Bad --set and command lines; read by test_errors.sh.

assign 'an unknown key' 64 '--set fit.tolerence=1:1:5: unknown key of fit "tolerence"; did you mean tolerance?$' fit.tolerence=1
assign 'out of range' 64 '--set fit.tolerance=2:1:15: fit.tolerance = 2 is outside (0, 1)$' fit.tolerance=2
assign 'no value' 64 '--set fit.method=' fit.method=
assign 'no equals sign' 64 'expected key=value' fit.method
assign 'no key' 64 'a key is missing here' =3
assign 'through a text' 64 'there is no "a" to set' model.response.a=1
assign 'an unknown prior in the model' 64 'unknown prior "laplas"' 'model.prior.weights=laplas(0, 1)'
assign 'an unknown family in the model' 64 'unknown family "normal"' model.family=normal
assign 'no column' 64 'there is no column "v"' data.weights=v
assign 'not YAML' 64 '--set data={file:1:' 'data={file'
assign 'a model that is not there' 66 'nowhere.yaml' model=nowhere.yaml
assign 'data that are not there' 66 'nowhere.csv' data.file=nowhere.csv

line 'no command' 64 ''
line 'an unknown command' 64 'unknown command "fitt"; did you mean fit?' fitt good.yaml
line 'an unknown option' 64 '--jsn' fit good.yaml --jsn
line 'no run' 64 'maxpost fit needs a file' fit
line 'a word too many' 64 'one word too many' fit good.yaml model.yaml
line 'an option without its value' 64 '--set' fit good.yaml --set
line 'threads that are no number' 64 'many' fit good.yaml --threads many
line 'a run that is not there' 66 'nowhere.yaml' fit nowhere.yaml
line 'a directory for a run' 66 '' fit .
line 'convert without a prior' 64 '' convert
line 'convert with a bad prior' 64 'unknown prior "lasso"' convert --prior 'lasso(1)'
line 'init without numbers' 65 'no column is numeric and varies' init words.csv
line 'init over a file' 73 'good-run.yaml exists, and init does not overwrite' init good.csv
line 'init of nothing' 66 'nowhere.csv' init nowhere.csv
line 'init of standard input' 64 'init wants a file' init -
line 'an output that cannot be made' 73 '' fit good.yaml --out /dev/null/out
