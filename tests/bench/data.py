"""The data of the benchmark: recipes with fixed seeds, and the files they fill.

A set NAME has NAME_X.npy (float64, column-major), NAME_y.npy, NAME_meta.json and, for an L1 penalty,
NAME_lam.npy: falling penalties beside the mean loss.  Sparse sets have compressed columns
(NAME_csc_data, _indices, _indptr) and NAME.svm instead of X.  Columns are an autoregressive chain with
correlation rho between neighbours; those of the L1 sets are centred and have variance 1."""
import json
import os
import subprocess

import numpy as np

DECIMALS = {"w11": 6, "w11full": 0}


class Set:
    """Where the files of one set are."""

    def __init__(self, directory, name):
        self.directory, self.name = directory, name

    def path(self, ending):
        return os.path.join(self.directory, self.name + ending)

    def save(self, ending, array):
        np.save(self.path(ending), np.asfortranarray(array) if array.ndim == 2 else array)

    def load(self, ending):
        return np.load(self.path(ending))

    def describe(self, **facts):
        with open(self.path("_meta.json"), "w") as f:
            json.dump(facts, f)

    def meta(self):
        with open(self.path("_meta.json")) as f:
            return json.load(f)


def chain(rng, n, p, rho):
    X = np.empty((n, p), order="F")
    X[:, 0] = rng.standard_normal(n)
    for j in range(1, p):
        X[:, j] = rho * X[:, j - 1] + np.sqrt(1 - rho * rho) * rng.standard_normal(n)
    return X


def standardised(X):
    X -= X.mean(axis=0)
    X /= np.sqrt((X * X).mean(axis=0))
    return X


def few(rng, p, k, scale=1.0):
    """k coefficients of p, the others 0."""
    b = np.zeros(p)
    where = rng.choice(p, k, replace=False)
    b[where] = scale * rng.choice([-1.0, 1.0], k) * (0.5 + rng.random(k))
    return b


def signs(rng, eta):
    return np.where(rng.random(len(eta)) < 1 / (1 + np.exp(-eta)), 1.0, -1.0)


def evened(sd, rho):
    """The sd of coefficients that gives sums over a chain the same spread for every rho (sd at 0.5)."""
    return sd * np.sqrt(3 * (1 - rho) / (1 + rho))


def smooth(out, seed, n, p, rho, tau, family, sd):
    rng = np.random.default_rng(seed)
    X = chain(rng, n, p, rho)
    eta = X @ (rng.standard_normal(p) * evened(sd, rho))
    if family == "gaussian":
        y = eta + 3 * rng.standard_normal(n)
    elif family == "bernoulli":
        y = signs(rng, eta)
    else:
        y = rng.poisson(np.exp(eta)).astype(float)
    out.save("_X.npy", X)
    out.save("_y.npy", y)
    out.describe(n=n, p=p, tau=tau, rho=rho)


def falling(out, top, ratio, points):
    out.save("_lam.npy", top * np.logspace(0, np.log10(ratio), points))


def lasso(out, seed, n, p, rho, k, snr, ratio, points=100):
    rng = np.random.default_rng(seed)
    X = standardised(chain(rng, n, p, rho))
    eta = X @ few(rng, p, k)
    y = eta + rng.standard_normal(n) * np.sqrt(eta.var() / snr)
    y -= y.mean()
    top = np.abs(X.T @ y).max() / n
    out.save("_X.npy", X)
    out.save("_y.npy", y)
    falling(out, top, ratio, points)
    out.describe(n=n, p=p, rho=rho, lmax=top)


def lasso_logistic(out, seed, n, p, rho, k, ratio, points=100):
    rng = np.random.default_rng(seed)
    X = standardised(chain(rng, n, p, rho))
    y = signs(rng, X @ few(rng, p, k, 0.5))
    top = np.abs(X.T @ y).max() / (2 * n)
    out.save("_X.npy", X)
    out.save("_y.npy", y)
    falling(out, top, ratio, points)
    out.describe(n=n, p=p, rho=rho, lmax=top)


def words(out, seed, n, p, per_row, tau):
    """Documents: columns as popular as Zipf's law says, weights like term frequencies, rows of norm 1."""
    rng = np.random.default_rng(seed)
    popular = np.cumsum(1.0 / np.arange(1, p + 1) ** 0.9)
    drawn = np.minimum(np.searchsorted(popular / popular[-1], rng.random((n, 2 * per_row))), p - 1)
    rows = []
    for i in range(n):
        one = np.unique(drawn[i])
        rows.append(rng.choice(one, per_row, replace=False) if len(one) > per_row else one)
    row = np.repeat(np.arange(n), [len(r) for r in rows])
    column = np.concatenate(rows)
    rare = np.log(n / (1.0 + np.bincount(column, minlength=p))).clip(0.1)
    value = (1 + rng.exponential(0.5, len(column))) * rare[column]
    value /= np.sqrt(np.bincount(row, value * value, minlength=n))[row]
    b = np.zeros(p)
    used = rng.choice(p // 10, p // 100, replace=False)
    b[used] = rng.standard_normal(p // 100) * 8
    y = signs(rng, np.bincount(row, value * b[column], minlength=n))
    store_sparse(out, row, column, value, y, (n, p), tau)


def store_sparse(out, row, column, value, y, shape, tau):
    n, p = shape
    by_column, by_row = np.lexsort((row, column)), np.lexsort((column, row))
    out.save("_y.npy", y)
    out.save("_csc_data.npy", value[by_column])
    out.save("_csc_indices.npy", row[by_column].astype(np.int32))
    out.save("_csc_indptr.npy",
             np.concatenate([[0], np.cumsum(np.bincount(column, minlength=p))]).astype(np.int32))
    cells = ["%d:%.9g" % c for c in zip(column[by_row] + 1, value[by_row])]
    ends = np.cumsum(np.bincount(row, minlength=n))
    with open(out.path(".svm"), "w") as f:
        for i in range(n):
            start = ends[i - 1] if i else 0
            f.write("%d %s\n" % (y[i], " ".join(cells[start:ends[i]])))
    top = np.abs(np.bincount(column, value * y[row], minlength=p)).max() / (2 * n)
    falling(out, top, 1 / 50, 20)
    out.describe(n=n, p=p, nnz=len(value), tau=tau, lmax=top)


def table(out, seed, n, p, writer):
    rng = np.random.default_rng(seed)
    decimals = DECIMALS[out.name]
    X = rng.standard_normal((n, p))
    (np.round(X, decimals) if decimals else X).T.tofile(out.path(".raw"))
    subprocess.check_call([writer, out.path(".raw"), str(n), str(p), str(decimals), out.path(".csv")])
    out.describe(n=n, p=p, bytes=os.path.getsize(out.path(".csv")))


def small(out, seed, n):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 3))
    y = rng.random(n) < 1 / (1 + np.exp(-(0.3 + X @ [1.0, -0.5, 0.25])))
    with open(out.path(".csv"), "w") as f:
        f.write("y,x1,x2,x3\n")
        for i in range(n):
            f.write("%d,%.6f,%.6f,%.6f\n" % (y[i], *X[i]))
    out.describe(n=n, p=4)


# Name: recipe and what it is given.
MAIN = {
    "w1": (smooth, dict(seed=1, n=200_000, p=500, rho=0.5, tau=100.0, family="gaussian", sd=0.2)),
    "w2": (lasso, dict(seed=2, n=10_000, p=1_000, rho=0.5, k=50, snr=3.0, ratio=1e-3)),
    "w3": (lasso, dict(seed=3, n=500, p=20_000, rho=0.5, k=25, snr=5.0, ratio=1e-2)),
    "w4": (smooth, dict(seed=4, n=200_000, p=200, rho=0.5, tau=1.0, family="bernoulli", sd=0.15)),
    "w5": (lasso_logistic, dict(seed=5, n=20_000, p=500, rho=0.5, k=30, ratio=1e-3)),
    "w6": (lasso_logistic, dict(seed=6, n=1_000, p=10_000, rho=0.5, k=20, ratio=5e-2)),
    "w7": (words, dict(seed=7, n=100_000, p=200_000, per_row=50, tau=1.0)),
    "w8": (smooth, dict(seed=8, n=200_000, p=100, rho=0.5, tau=10.0, family="poisson", sd=0.06)),
    "w10": (lasso, dict(seed=10, n=5_000, p=500, rho=0.5, k=30, snr=3.0, ratio=1e-3)),
    "w11": (table, dict(seed=11, n=1_000_000, p=50)),
    "w11full": (table, dict(seed=12, n=200_000, p=50)),
    "w13": (small, dict(seed=13, n=200)),
}

# The same recipes with other sizes and seeds, for every correlation.
OTHER = {
    "w1": dict(seed=101, n=100_000, p=300), "w2": dict(seed=102, n=5_000, p=600, k=30),
    "w3": dict(seed=103, n=300, p=10_000, k=15), "w4": dict(seed=104, n=100_000, p=100),
    "w5": dict(seed=105, n=10_000, p=300, k=20), "w6": dict(seed=106, n=600, p=5_000, k=15),
    "w8": dict(seed=108, n=100_000, p=60), "w10": dict(seed=110, n=3_000, p=300, k=20),
}
CORRELATIONS = (0.0, 0.5, 0.95)

# One size grows, the others stand: (set, what grows, its values).
COSTS = {
    "n": [("w2", dict(p=300), [1_000, 4_000, 16_000, 64_000]),
          ("w4", dict(p=100), [5_000, 20_000, 80_000, 320_000]),
          ("w5", dict(p=200), [1_000, 4_000, 16_000, 64_000])],
    "p": [("w2", dict(n=10_000), [100, 200, 400, 800]),
          ("w3", dict(n=300), [1_000, 4_000, 16_000, 64_000]),
          ("w4", dict(n=50_000), [25, 50, 100, 200, 400]),
          ("w6", dict(n=600), [1_000, 4_000, 16_000])],
    "k": [("w3", dict(n=1_000, p=10_000), [5, 20, 80, 200]),
          ("w6", dict(n=1_000, p=10_000), [5, 20, 80])],
    "rows": [("w7", dict(p=100_000), [12_500, 25_000, 50_000, 100_000])],
}


def varied(base, changes):
    recipe, given = MAIN[base]
    return recipe, {**given, **changes}


def second():
    return {"%s-r%02d" % (w, 100 * rho): varied(w, {**changes, "rho": rho})
            for w, changes in OTHER.items() for rho in CORRELATIONS}


def costs():
    """Name: recipe; the name says what grows, e.g. w2-n4000."""
    sets = {}
    for what, series in COSTS.items():
        for base, fixed, values in series:
            for v in values:
                size = {"n" if what == "rows" else what: v}
                if what != "k" and "k" in MAIN[base][1]:
                    size["k"] = min(MAIN[base][1]["k"], {**MAIN[base][1], **fixed, **size}["p"] // 10)
                sets["%s-%s%d" % (base, what, v)] = varied(base, {**fixed, **size, "seed": 200})
    return sets


def make(directory, name, writer):
    """Makes a set unless it is there, and returns it."""
    out = Set(directory, name)
    if not os.path.exists(out.path("_meta.json")) and not (name == "w13" and os.path.exists(out.path(".csv"))):
        recipe, given = {**MAIN, **second(), **costs()}[name]
        print("making", name, given, flush=True)
        recipe(out, writer=writer, **given) if recipe is table else recipe(out, **given)
    return out
