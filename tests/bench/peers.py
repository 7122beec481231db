"""Peers in Python.     peers.py WORKLOAD DIRECTORY PEER THREADS [TOLERANCE]

Loads the data and prints a line {"ready": 1, "version": ...}, or {"absent": module}.  Then it serves:
"fit" is one fit, answered by its times and memory; "save PATH" writes the answer of the last as doubles."""
import gc
import importlib
import json
import sys
import time
import warnings

import numpy as np

from data import Set
import workloads

warnings.filterwarnings("ignore")
PEERS = {}


class Context:
    """The data of the workload as one peer wants them."""

    def __init__(self, workload, directory, threads, tolerance):
        self.name = workload.split("-")[0]
        self.data = Set(directory, workloads.find(workload).data)
        self.threads, self.tolerance, self.version = threads, tolerance, ""

    def use(self, *modules):
        found = [importlib.import_module(m) for m in modules]
        top = sys.modules[modules[0].split(".")[0]]
        self.version = "%s %s" % (modules[0].split(".")[0].replace("sklearn", "scikit-learn"),
                                  getattr(top, "__version__", ""))
        return found if len(found) > 1 else found[0]

    def load(self, order="F"):
        y, self.meta = self.data.load("_y.npy"), self.data.meta()
        if "nnz" in self.meta:
            sparse = importlib.import_module("scipy.sparse")
            parts = tuple(self.data.load("_csc_%s.npy" % s) for s in ("data", "indices", "indptr"))
            X = sparse.csc_matrix(parts, shape=(self.meta["n"], self.meta["p"]))
            return (X if order == "F" else X.tocsr()), y
        X = self.data.load("_X.npy")
        return (X if order == "F" else np.ascontiguousarray(X)), y

    def penalties(self):
        lam = self.data.load("_lam.npy")
        return lam[-1:] if self.name in ("w6s", "w7s") else lam


def peer(names, *peers):
    """fit(context, peer) makes the function that is timed; answer(result) the array to judge."""
    def add(make):
        for w in names.split():
            for p in peers:
                PEERS[w, p] = make
        return make
    return add


def coefficients(result):
    return np.asarray(result, dtype=float)


# ---- smooth -------------------------------------------------------------------------------------

@peer("w1", "numpy_normal")
def numpy_normal(c, _):
    c.version = "numpy " + np.__version__
    linalg = importlib.import_module("scipy.linalg")
    X, y = c.load()

    def fit():
        G = X.T @ X
        G.flat[::len(G) + 1] += c.meta["tau"]
        return linalg.solve(G, X.T @ y, assume_a="pos")
    return fit, coefficients


@peer("w1", "torch_f32")
def torch_f32(c, _):
    torch = c.use("torch")
    X, y = (torch.from_numpy(a).float() for a in c.load("C"))

    def fit():
        G = X.T @ X
        G.diagonal().add_(c.meta["tau"])
        return torch.cholesky_solve((X.T @ y)[:, None], torch.linalg.cholesky(G))[:, 0].double().numpy()
    return fit, coefficients


@peer("w1", "sklearn_cholesky", "sklearn_lsqr")
def sklearn_ridge(c, name):
    linear = c.use("sklearn.linear_model")
    X, y = c.load()
    return lambda: linear.Ridge(alpha=c.meta["tau"], fit_intercept=False, solver=name.split("_")[1],
                                tol=c.tolerance or 1e-4).fit(X, y).coef_, coefficients


@peer("w4 w4c w8", "numpy_newton")
def numpy_newton(c, _):
    """Newton steps as one writes them: a scaled copy, one symmetric product, one factor a step."""
    c.version = "numpy " + np.__version__
    linalg = importlib.import_module("scipy.linalg")
    X, y = c.load()
    n, p = X.shape
    poisson = c.name == "w8"

    def fit():
        b = np.zeros(p)
        for _ in range(50):
            eta = X @ b
            mean = np.exp(eta) if poisson else 1 / (1 + np.exp(-eta))
            g = X.T @ ((y if poisson else (y + 1) / 2) - mean) - c.meta["tau"] * b
            S = X * np.sqrt(mean if poisson else mean * (1 - mean))[:, None]
            H = S.T @ S
            H.flat[::p + 1] += c.meta["tau"]
            factor = linalg.cho_factor(H, lower=True)
            b = b + linalg.cho_solve(factor, g)
            if np.abs(g).max() < 1e-8 * n:
                break
        return (b, linalg.cho_solve(factor, np.eye(p))) if c.name == "w4c" else b
    return fit, both if c.name == "w4c" else coefficients


def both(result):
    return np.concatenate([result[0], result[1].ravel()])


@peer("w4 w7r", "sklearn_lbfgs", "sklearn_newton_cholesky", "sklearn_newton_cg", "sklearn_liblinear")
@peer("w6s w7s", "sklearn_liblinear")
def sklearn_logistic(c, name):
    linear = c.use("sklearn.linear_model")
    X, y = c.load("C")
    l1 = c.name.endswith("s")
    C = 1 / (len(y) * c.penalties()[0]) if l1 else 1 / c.meta["tau"]
    return lambda: linear.LogisticRegression(
        penalty="l1" if l1 else "l2", C=C, solver=name[8:].replace("_", "-"), fit_intercept=False,
        tol=c.tolerance or 1e-4, max_iter=10000, random_state=0).fit(X, y).coef_.ravel(), coefficients


@peer("w4c", "sklearn_lbfgs")
def sklearn_covariance(c, _):
    linear = c.use("sklearn.linear_model")
    linalg = importlib.import_module("scipy.linalg")
    X, y = c.load("C")

    def fit():
        b = linear.LogisticRegression(C=1 / c.meta["tau"], fit_intercept=False, tol=c.tolerance,
                                      max_iter=1000).fit(X, y).coef_.ravel()
        chance = 1 / (1 + np.exp(-X @ b))
        S = X * np.sqrt(chance * (1 - chance))[:, None]
        H = S.T @ S
        H.flat[::len(b) + 1] += c.meta["tau"]
        return b, linalg.inv(H)
    return fit, both


@peer("w8", "sklearn_lbfgs", "sklearn_newton_cholesky")
def sklearn_poisson(c, name):
    linear = c.use("sklearn.linear_model")
    X, y = c.load("C")
    return lambda: linear.PoissonRegressor(
        alpha=c.meta["tau"] / len(y), fit_intercept=False, solver=name[8:].replace("_", "-"),
        tol=c.tolerance, max_iter=1000).fit(X, y).coef_, coefficients


# ---- L1 -----------------------------------------------------------------------------------------

@peer("w2 w3", "sklearn")
def sklearn_lasso(c, _):
    linear = c.use("sklearn.linear_model")
    X, y = c.load()
    lam = c.penalties()
    return lambda: linear.lasso_path(X, y, alphas=lam, tol=c.tolerance, max_iter=100000)[1], coefficients


@peer("w2 w3 w5 w6 w6s w7s", "celer")
def celer_path(c, _):
    celer = c.use("celer")
    X, y = c.load()
    linear = c.name in ("w2", "w3")
    lam = c.penalties() * (1 if linear else len(y))
    more = {} if linear else {"use_PN": True}
    return lambda: celer.celer_path(X, y, pb="lasso" if linear else "logreg", alphas=lam, tol=c.tolerance,
                                    prune=True, max_iter=100, **more)[1], coefficients


@peer("w2 w3 w5 w6 w6s w7s", "skglm")
def skglm_path(c, _):
    c.use("skglm")
    fits, penalties, solvers, compiled = (importlib.import_module("skglm." + m) for m in (
        "datafits", "penalties", "solvers", "utils.jit_compilation"))
    X, y = c.load()
    lam = c.penalties()
    linear = c.name in ("w2", "w3")

    def fit():
        kind = solvers.AndersonCD if linear else solvers.ProxNewton
        solver = kind(tol=c.tolerance, fit_intercept=False, max_iter=200, warm_start=True)
        loss = compiled.compiled_clone(fits.Quadratic() if linear else fits.Logistic())
        penalty = compiled.compiled_clone(penalties.L1(1.0))
        if linear:
            return solver.path(X, y, loss, penalty, alphas=lam)[1]
        loss.initialize_sparse(X.data, X.indptr, X.indices, y) if "nnz" in c.meta else loss.initialize(X, y)
        b, eta, path = np.zeros(X.shape[1]), np.zeros(len(y)), []
        for l in lam:
            penalty.alpha = l
            b = solver.solve(X, y, loss, penalty, w_init=b.copy(), Xw_init=eta, run_checks=False)[0]
            eta = X @ b
            path.append(b)
        return np.array(path).T
    fit()  # compiles; not counted
    return fit, coefficients


def adelie_state(c, ad, X, y, lam):
    linear = c.name in ("w2", "w3", "w10")
    make = ad.matrix.sparse if "nnz" in c.meta else ad.matrix.dense
    more = {} if linear else {"irls_tol": c.tolerance, "ddev_tol": 0}
    return ad.grpnet(make(X, method="naive", n_threads=c.threads),
                     ad.glm.gaussian(y) if linear else ad.glm.binomial((y + 1) / 2), lmda_path=lam, alpha=1,
                     intercept=False, tol=c.tolerance, adev_tol=1.0, early_exit=False, n_threads=c.threads,
                     progress_bar=False, **more)


@peer("w2 w3 w5 w6 w6s w7s", "adelie")
def adelie_path(c, _):
    ad = c.use("adelie")
    X, y = c.load()
    lam = c.penalties()
    return lambda: adelie_state(c, ad, X, y, lam), lambda s: np.asarray(s.betas.todense()).T


@peer("w2", "adelie_covariance")
def adelie_covariance(c, _):
    ad = c.use("adelie")
    X, y = c.load()
    lam = c.penalties()
    return lambda: ad.gaussian_cov(A=X.T @ X / len(y), v=X.T @ y / len(y), lmda_path=lam, alpha=1, tol=c.tolerance,
                                   early_exit=False, rdev_tol=0, n_threads=c.threads, progress_bar=False
                                   ), lambda s: np.asarray(s.betas.todense()).T


@peer("w10", "sklearn_cv", "celer_cv")
def lasso_cv(c, name):
    module = c.use("celer" if name == "celer_cv" else "sklearn.linear_model")
    folds = importlib.import_module("sklearn.model_selection").KFold(10)
    X, y = c.load()
    lam = c.penalties()
    more = {} if name == "celer_cv" else {"max_iter": 100000}
    return lambda: module.LassoCV(alphas=lam, cv=folds, fit_intercept=False, tol=c.tolerance, n_jobs=c.threads,
                                  **more).fit(X, y), lambda r: r.mse_path_.mean(axis=1)


@peer("w10", "adelie_cv")
def adelie_cv(c, _):
    ad = c.use("adelie")
    X, y = c.load()
    lam, part = c.penalties(), np.arange(len(y)) * 10 // len(y)

    def fit():
        loss = 0.0
        for f in range(10):
            out = part == f
            B = np.asarray(adelie_state(c, ad, np.asfortranarray(X[~out]), y[~out], lam).betas.todense())
            loss = loss + ((y[out][:, None] - X[out] @ B.T) ** 2).sum(axis=0)
        adelie_state(c, ad, X, y, lam)
        return loss / len(y)
    return fit, coefficients


# ---- reading ------------------------------------------------------------------------------------

@peer("w11 w11full", "pandas", "pandas_round_trip")
def pandas_read(c, name):
    pandas = c.use("pandas")
    more = {"float_precision": "round_trip"} if name.endswith("trip") else {}
    return lambda: pandas.read_csv(c.data.path(".csv"), engine="c", **more), lambda r: r.to_numpy()


@peer("w11 w11full", "polars")
def polars_read(c, _):
    polars = c.use("polars")
    return lambda: polars.read_csv(c.data.path(".csv")), lambda r: r.to_numpy()


@peer("w11 w11full", "pyarrow")
def pyarrow_read(c, _):
    arrow = c.use("pyarrow.csv")
    options = arrow.ReadOptions(use_threads=c.threads > 1)
    return lambda: arrow.read_csv(c.data.path(".csv"), read_options=options), lambda r: np.array(
        [column.to_numpy() for column in r.columns]).T


@peer("w11 w11full", "numpy_loadtxt")
def numpy_read(c, _):
    c.version = "numpy " + np.__version__
    return lambda: np.loadtxt(c.data.path(".csv"), delimiter=",", skiprows=1), coefficients


# ---- serving ------------------------------------------------------------------------------------

def memory(key):
    with open("/proc/self/status") as f:
        return next((int(line.split()[1]) / 1024 for line in f if line.startswith(key)), 0.0)


def timed(fit):
    gc.collect()
    before = memory("VmRSS")
    with open("/proc/self/clear_refs", "w") as f:
        f.write("5")
    wall, cpu = time.perf_counter(), time.process_time()
    result = fit()
    times = time.perf_counter() - wall, time.process_time() - cpu
    return result, dict(wall=times[0], cpu=times[1], peak_mb=memory("VmHWM"), before_mb=before)


def say(**line):
    print(json.dumps(line), flush=True)


def main(workload, directory, name, threads, tolerance=None):
    context = Context(workload, directory, int(threads), float(tolerance) if tolerance else None)
    try:
        fit, answer = PEERS[context.name, name](context, name)
    except ImportError as e:
        return say(absent=e.name or str(e))
    say(ready=1, version=context.version)
    result = None
    for line in sys.stdin:
        word, _, path = line.strip().partition(" ")
        try:
            if word == "fit":
                result = None
                result, record = timed(fit)
                say(**record)
            elif word == "save":
                np.asarray(answer(result), dtype=float).ravel(order="F").tofile(path)
                say(saved=1)
        except Exception as e:  # a peer that fails is a row that says so
            say(error="%s: %s" % (type(e).__name__, str(e)[:200]))


if __name__ == "__main__":
    main(*sys.argv[1:])
