"""One judge of accuracy for every program.

A judge of a workload takes a saved answer and gives a number that is 0 for the exact answer:
    gap       L1 paths: the worst duality gap over the path, over the objective of the empty model
    smooth    objective less the optimum, over the optimum, the optimum by Newton steps to rounding
    covariance  as smooth, and the covariance's largest error in units of sds (the worse of the two)
    curve     cross-validation: the largest relative error of the curve
    table     a table that was read: the largest error in units in the last place
    estimates a printed estimate or sd: the largest error, absolute"""
import os

import numpy as np


class Sparse:
    """Compressed columns with what the judge needs."""

    def __init__(self, data):
        self.data, self.rows, self.starts = (data.load("_csc_%s.npy" % s) for s in ("data", "indices", "indptr"))
        meta = data.meta()
        self.shape = meta["n"], meta["p"]
        self.columns = np.repeat(np.arange(self.shape[1]), np.diff(self.starts))

    def times(self, b):
        return np.bincount(self.rows, self.data * b[self.columns], minlength=self.shape[0])

    def transposed_times(self, r):
        return np.bincount(self.columns, self.data * r[self.rows], minlength=self.shape[1])


class Dense:
    def __init__(self, X):
        self.X, self.shape = X, X.shape

    def times(self, b):
        used = np.flatnonzero(b)
        return self.X[:, used] @ b[used] if len(used) < len(b) / 2 else self.X @ b

    def transposed_times(self, r):
        return self.X.T @ r


def design(data):
    return Sparse(data) if os.path.exists(data.path("_csc_data.npy")) else Dense(data.load("_X.npy"))


# ---- L1 -----------------------------------------------------------------------------------------

def entropy(q):
    """-(q log q + (1 - q) log(1 - q)) for 0 <= q < 1."""
    return -(np.where(q > 0, q * np.log(np.maximum(q, 1e-300)), 0) + (1 - q) * np.log1p(-q))


def gap(X, y, penalty, b, gaussian):
    """Duality gap of mean loss + penalty |b|_1 over the mean loss of b = 0.  The dual point is the
    residual, shrunk until no column's correlation with it is above the penalty."""
    n = len(y)
    eta = X.times(b)
    r = y - eta if gaussian else y / (1 + np.exp(y * eta))
    shrink = min(1.0, penalty * n / np.abs(X.transposed_times(r)).max())
    if gaussian:
        primal = r @ r / (2 * n)
        dual = (y @ y - (y - shrink * r) @ (y - shrink * r)) / (2 * n)
        null = y @ y / (2 * n)
    else:
        primal = np.logaddexp(0, -y * eta).mean()
        dual = entropy(np.abs(r) * shrink).mean()
        null = np.log(2)
    return (primal + penalty * np.abs(b).sum() - dual) / null


class Gap:
    def __init__(self, data, family, single=False):
        self.X, self.y, self.gaussian = design(data), data.load("_y.npy"), family == "gaussian"
        self.penalties = data.load("_lam.npy")[-1 if single else 0:]

    def __call__(self, answer):
        p, points = self.X.shape[1], len(self.penalties)
        if answer.size != p * points:
            return np.inf, dict(points=answer.size // p)
        B = answer.reshape((p, points), order="F")
        gaps = [gap(self.X, self.y, l, B[:, i], self.gaussian) for i, l in enumerate(self.penalties)]
        return float(max(gaps)), dict(nonzeros=int((B[:, -1] != 0).sum()))


# ---- smooth -------------------------------------------------------------------------------------

class Smooth:
    def __init__(self, data, family, covariance=False):
        self.X, self.y, self.family = design(data), data.load("_y.npy"), family
        self.tau, self.want_covariance = data.meta()["tau"], covariance
        self.best = self.newton()
        self.value = self.objective(self.best)[0]
        if covariance:
            self.covariance = np.linalg.inv(self.hessian(self.objective(self.best)[2]))

    def objective(self, b):
        """Value, gradient in eta, curvature in eta."""
        eta, y = self.X.times(b), self.y
        prior = 0.5 * self.tau * b @ b
        if self.family == "gaussian":
            return 0.5 * (y - eta) @ (y - eta) + prior, eta - y, np.ones(len(y))
        if self.family == "poisson":
            mean = np.exp(eta)
            return mean.sum() - y @ eta + prior, mean - y, mean
        chance = 1 / (1 + np.exp(-eta))
        return np.logaddexp(0, -y * eta).sum() + prior, chance - (y + 1) / 2, chance * (1 - chance)

    def hessian(self, curvature):
        """Over blocks of rows: no second copy of X."""
        p = self.X.shape[1]
        H = self.tau * np.eye(p)
        for i in range(0, len(curvature), 4096):
            block = self.X.X[i:i + 4096] * np.sqrt(curvature[i:i + 4096])[:, None]
            H += block.T @ block
        return H

    def step(self, gradient, curvature):
        if isinstance(self.X, Dense):
            return np.linalg.solve(self.hessian(curvature), -gradient)
        product = lambda v: self.X.transposed_times(curvature * self.X.times(v)) + self.tau * v
        return conjugate_gradient(product, -gradient)

    def newton(self):
        b, best, last = np.zeros(self.X.shape[1]), None, np.inf
        for _ in range(60):
            value, slope, curvature = self.objective(b)
            if not value < last - 1e-15 * abs(value):
                break
            best, last = b, value
            d = self.step(self.X.transposed_times(slope) + self.tau * b, curvature)
            length = 1.0
            while self.objective(b + length * d)[0] > value and length > 1e-4:
                length /= 2
            b = b + length * d
        return best

    def __call__(self, answer):
        p = len(self.best)
        if answer.size < p:
            return np.inf, {}
        worst = float((self.objective(answer[:p])[0] - self.value) / abs(self.value))
        if not self.want_covariance:
            return worst, {}
        if answer.size != p + p * p:
            return np.inf, {}
        sd = np.sqrt(np.diag(self.covariance))
        error = np.abs(answer[p:].reshape((p, p)) - self.covariance) / np.outer(sd, sd)
        return worst, dict(covariance_error=float(error.max()))


def conjugate_gradient(product, right, tolerance=1e-10):
    x, r = np.zeros_like(right), right.copy()
    d, rr = r.copy(), right @ right
    end = tolerance ** 2 * rr
    for _ in range(2000):
        if rr <= end:
            break
        Ad = product(d)
        a = rr / (d @ Ad)
        x, r = x + a * d, r - a * Ad
        rr, before = r @ r, rr
        d = r + rr / before * d
    return x


# ---- the rest -----------------------------------------------------------------------------------

class Curve:
    """Ten folds of neighbouring rows: the mean squared error of the rows left out, by penalty.  All
    penalties of a fold at once, by accelerated proximal steps in the Gram with restarts."""

    def __init__(self, data, folds=10):
        X, y, self.penalties = data.load("_X.npy"), data.load("_y.npy"), data.load("_lam.npy")
        part = np.arange(len(y)) * folds // len(y)
        loss = np.zeros(len(self.penalties))
        for f in range(folds):
            out = part == f
            B = lasso_all(X[~out], y[~out], self.penalties)
            loss += ((y[out][:, None] - X[out] @ B) ** 2).sum(axis=0)
        self.curve = loss / len(y)

    def __call__(self, answer):
        if answer.size != len(self.curve):
            return np.inf, {}
        return float(np.abs(answer / self.curve - 1).max()), dict(least=int(answer.argmin()))


def lasso_all(X, y, penalties):
    n, p = X.shape
    G, c = X.T @ X / n, (X.T @ y / n)[:, None]
    step = 1 / np.linalg.eigvalsh(G)[-1]
    B = Z = np.zeros((p, len(penalties)))
    t = 1.0
    for _ in range(20000):
        V = Z - step * (G @ Z - c)
        new = np.sign(V) * np.maximum(np.abs(V) - step * penalties, 0)
        if ((Z - new) * (new - B)).sum() > 0:
            t, Z = 1.0, B
            continue
        t, before = (1 + np.sqrt(1 + 4 * t * t)) / 2, t
        Z = new + (before - 1) / t * (new - B)
        moved = np.abs(new - B).max()
        B = new
        if moved < 1e-12:
            break
    return B


class Table:
    def __init__(self, data):
        self.values = np.fromfile(data.path(".raw"))

    def __call__(self, answer):
        if answer.size != self.values.size:
            return np.inf, {}
        off = np.flatnonzero(answer != self.values)
        if not len(off):
            return 0.0, dict(differ=0)
        ulps = np.abs(answer[off] - self.values[off]) / np.spacing(np.abs(self.values[off]))
        return float(ulps.max()), dict(differ=len(off))


class Estimates:
    """Logistic with gaussian(0, 2.5) on all four: estimates and sds."""

    def __init__(self, data):
        d = np.loadtxt(data.path(".csv"), delimiter=",", skiprows=1)
        X, b = np.c_[np.ones(len(d)), d[:, 1:]], np.zeros(4)
        for _ in range(30):
            chance = 1 / (1 + np.exp(-X @ b))
            H = (X.T * (chance * (1 - chance))) @ X + np.eye(4) / 6.25
            b = b + np.linalg.solve(H, X.T @ (d[:, 0] - chance) - b / 6.25)
        self.values = np.r_[b, np.sqrt(np.diag(np.linalg.inv(H)))]

    def __call__(self, answer):
        if answer.size != 8:
            return np.inf, {}
        return float(np.abs(answer - self.values).max()), {}
