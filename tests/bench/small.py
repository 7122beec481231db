"""W13: one small logistic fit as a user meets it, from the start of the process to printed estimates
and sds.  Every peer prints the four estimates and the four sds on its last line."""
import csv
import os
import subprocess
import sys

import numpy as np

from runner import Absent, Process, Failed

NUMPY = """
import numpy as np
d = np.loadtxt({file!r}, delimiter=',', skiprows=1)
X, b = np.c_[np.ones(len(d)), d[:, 1:]], np.zeros(4)
for _ in range(30):
    p = 1 / (1 + np.exp(-X @ b))
    H = (X.T * (p * (1 - p))) @ X + np.eye(4) / 6.25
    s = np.linalg.solve(H, X.T @ (d[:, 0] - p) - b / 6.25)
    b += s
    if abs(s).max() < 1e-9: break
print(*b, *np.sqrt(np.diag(np.linalg.inv(H))))
"""
SKLEARN = """
import numpy as np
from sklearn.linear_model import LogisticRegression
d = np.loadtxt({file!r}, delimiter=',', skiprows=1)
X = np.c_[np.ones(len(d)), d[:, 1:]]
b = LogisticRegression(C=6.25, fit_intercept=False, solver='newton-cholesky', tol=1e-10).fit(X, d[:, 0]).coef_[0]
p = 1 / (1 + np.exp(-X @ b))
print(*b, *np.sqrt(np.diag(np.linalg.inv((X.T * (p * (1 - p))) @ X + np.eye(4) / 6.25))))
"""
R_NEWTON = """
d <- read.csv('{file}'); X <- cbind(1, as.matrix(d[, -1])); b <- rep(0, 4)
for (i in 1:30) {{
  p <- drop(1 / (1 + exp(-X %*% b))); H <- crossprod(X, X * (p * (1 - p))) + diag(4) / 6.25
  s <- drop(solve(H, crossprod(X, d$y - p) - b / 6.25)); b <- b + s
  if (max(abs(s)) < 1e-9) break
}}
cat(format(c(b, sqrt(diag(solve(H)))), digits = 15))
"""
R_BAYESGLM = """
if (!suppressMessages(require(arm, quietly = TRUE))) quit('no', 69)
d <- read.csv('{file}')
f <- bayesglm(y ~ x1 + x2 + x3, binomial, d, prior.scale = 2.5, prior.df = Inf, prior.scale.for.intercept = 2.5,
              prior.df.for.intercept = Inf, scaled = FALSE)
cat(format(c(coef(f), sqrt(diag(vcov(f)))), digits = 15))
"""
STAN_MODEL = """
data {{ int n; matrix[n, 4] X; int y[n]; }} parameters {{ vector[4] b; }}
model {{ b ~ normal(0, 2.5); y ~ bernoulli_logit(X * b); }}
"""
R_STAN_COMPILE = """
if (!suppressMessages(require(rstan, quietly = TRUE))) quit('no', 69)
saveRDS(stan_model(model_code = "{model}", save_dso = TRUE,
                   boost_lib = if (dir.exists('/usr/include/boost')) '/usr/include'), '{compiled}')
"""
R_STAN = """
suppressMessages(library(rstan)); d <- read.csv('{file}'); m <- readRDS('{compiled}')
f <- optimizing(m, list(n = nrow(d), X = cbind(1, as.matrix(d[, -1])), y = d$y), hessian = TRUE, tol_rel_grad = 1)
cat('\\n', format(c(f$par[1:4], sqrt(diag(solve(-f$hessian)))), digits = 15))
"""
RUN = """maxpost: 1
model:
  response: y
  family: bernoulli
  prior: {{weights: "gaussian(0, 2.5)", intercept: "gaussian(0, 2.5)"}}
data: {{file: "{file}"}}
output: {{directory: "{out}"}}
"""


def last_line(text):
    return np.array([float(v) for v in text.strip().splitlines()[-1].split()[-8:]])


def version_of(command, what):
    try:
        asked = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except FileNotFoundError as e:
        raise Absent(os.path.basename(e.filename))
    if asked.returncode:
        raise Absent(what)
    return asked.stdout.strip().splitlines()[-1]


def ours(data, threads, build):
    directory, run = data.path("_out"), data.path(".yaml")
    with open(run, "w") as f:
        f.write(RUN.format(file=os.path.abspath(data.path(".csv")), out=os.path.abspath(directory)))

    def read(_text):
        with open(os.path.join(directory, "terms.csv")) as f:
            terms = list(csv.DictReader(f))
        return np.array([float(t[k]) for k in ("estimate", "std_error") for t in terms])
    return Process([os.path.join(build, "maxpost"), "fit", run, "--quiet"], threads, read)


def python(package):
    return version_of([sys.executable, "-c", "import %s; print(%s.__version__)" % (package, package)], package)


def r(package):
    return version_of(["Rscript", "-e", "cat('%s', format(packageVersion('%s')))" % (package, package)],
                      "R package " + package)


def start(data, name, threads, build):
    if name == "maxpost":
        return ours(data, threads, build)
    places = dict(file=os.path.abspath(data.path(".csv")), compiled=os.path.abspath(data.path("_stan.rds")))
    script, version = {
        "python_numpy": (NUMPY, lambda: "numpy " + python("numpy")),
        "python_sklearn": (SKLEARN, lambda: "scikit-learn " + python("sklearn")),
        "r_newton": (R_NEWTON, lambda: version_of(["Rscript", "-e", "cat('R', format(getRversion()))"], "R")),
        "r_bayesglm": (R_BAYESGLM, lambda: r("arm")),
        "r_stan_compiled": (R_STAN, lambda: r("rstan")),
    }[name]
    said = version()
    if name == "r_stan_compiled" and not os.path.exists(places["compiled"]):
        code = R_STAN_COMPILE.format(model=STAN_MODEL.format().replace("\n", " "), **places)
        if subprocess.run(["Rscript", "--vanilla", "-e", code], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode:
            raise Failed("the model does not compile")
    language = [sys.executable, "-c"] if name.startswith("python") else ["Rscript", "--vanilla", "-e"]
    return Process(language + [script.format(**places)], threads, last_line, said)
