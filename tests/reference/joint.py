"""Fits with priors on several coefficients and linear constraints: tests/unit/joint_pins.h.

    python3 tests/reference/joint.py >tests/unit/joint_pins.h      (written with numpy 1.24)

The models are written down here apart from the program: gaussian ones in closed form, those with
group_laplace by proximal gradient steps (Yuan & Lin 2006 for the shrinkage of a group) and then
Newton steps on the coordinates off their kink, until the optimality residual is below 1e-10
posterior sds.Estimates and sds are on the scale of the data; objectives hold all constants.  The sds of a model
with group_laplace are those of the curvature off the kinks, the groups on theirs held.
"""
import csv
import os
from math import erf, lgamma, log, pi, sqrt

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
LOG2PI = log(2 * pi)


def diabetes():
    with open(os.path.join(HERE, "../../configs/data/diabetes.csv")) as f:
        rows = list(csv.reader(f))
    names = [n for n in rows[0] if n != "progression"]
    A = np.array(rows[1:], float)
    return (names, np.array([A[:, rows[0].index(n)] for n in names]).T,
            A[:, rows[0].index("progression")])


def synthetic():
    """Sixty rows from integers: the doubles are the same in C."""
    n, p = 60, 7
    K = np.array([[(i * (2 * j + 3) * (j + 5) + 7 * j + i * i * (j + 1)) % 23 - 11
                   for j in range(p)] for i in range(n)])
    e = [(i * i * 13 + i * 5) % 29 - 14 for i in range(n)]
    gauss = np.array([(2 * K[i, 0] - 2 * K[i, 1] + K[i, 2]) / 10.0 + e[i] / 10.0 for i in range(n)])
    binary = np.array([float(K[i, 0] - K[i, 1] + K[i, 2] // 1 + e[i] > 0) for i in range(n)])
    count = np.array([float(max(0, (K[i, 0] - K[i, 1] + e[i] + 20) // 10)) for i in range(n)])
    cls = np.array([0 if K[i, 0] + e[i] < -6 else 1 if K[i, 1] + e[i] < 2 else 2 for i in range(n)])
    level = np.array([(i * i + i // 6) % 6 for i in range(n)])
    return K / 5.0, gauss, binary, count, cls, level


# ---- losses: value, gradient, Hessian in the coefficients (a matrix, a column a linear predictor)

def gaussian_loss(y, sd):
    def f(eta):
        r = eta[:, 0] - y
        n = len(y)
        return (r @ r / (2 * sd * sd) + n * log(sd) + n * LOG2PI / 2, (r / sd**2)[:, None],
                np.full((n, 1, 1), 1 / sd**2))
    return f


def bernoulli_loss(y):
    def f(eta):
        t = eta[:, 0]
        mu = 1 / (1 + np.exp(-t))
        return (np.logaddexp(0, t).sum() - y @ t, (mu - y)[:, None], (mu * (1 - mu))[:, None, None])
    return f


def poisson_loss(y):
    const = sum(lgamma(v + 1) for v in y)

    def f(eta):
        mu = np.exp(eta[:, 0])
        return mu.sum() - y @ eta[:, 0] + const, (mu - y)[:, None], mu[:, None, None]
    return f


def softmax_loss(c):
    def f(eta):
        full = np.c_[np.zeros(len(c)), eta]
        full = full - full.max(1)[:, None]
        P = np.exp(full) / np.exp(full).sum(1)[:, None]
        Y = np.eye(full.shape[1])[c]
        H = np.array([np.diag(p) - np.outer(p, p) for p in P])
        return -np.log(P[Y > 0]).sum(), (P - Y)[:, 1:], H[:, 1:, 1:]
    return f


# ---- group_laplace, laplace, bounds

class Kinked:
    """loss(D theta) + theta'Q theta/2 + sum of norms/b + sum |t|/b, lower bounds; theta by class."""

    def __init__(self, loss, D, q):
        self.loss, self.D, self.q = loss, D, q
        self.k = D.shape[1] * q
        self.Q = np.zeros((self.k, self.k))
        self.groups, self.lower, self.constant = [], np.full(self.k, -np.inf), 0.0

    def gaussian(self, index, sd):
        for i in index:
            self.Q[i, i] += 1 / sd**2
            self.constant += log(sd) + LOG2PI / 2

    def group(self, index, b):
        k = len(index)
        self.groups.append((list(index), b))
        self.constant += k * log(b) + log(2) + k / 2 * log(pi) + lgamma(k) - lgamma(k / 2)

    def laplace(self, i, b):  # a group of one: the constant is log(2 b)
        self.group([i], b)

    def smooth(self, t, hessian=False):
        T = t.reshape(self.q, -1).T
        value, g, H = self.loss(self.D @ T)
        value += t @ self.Q @ t / 2
        gradient = (self.D.T @ g).T.ravel() + self.Q @ t
        if not hessian:
            return value, gradient
        m = self.D.shape[1]
        full = np.zeros((self.k, self.k))
        for a in range(self.q):
            for b in range(self.q):
                full[a * m:a * m + m, b * m:b * m + m] = self.D.T @ (H[:, a, b][:, None] * self.D)
        return value, gradient, full + self.Q

    def prox(self, u, step):
        u = np.maximum(u, self.lower)
        for index, b in self.groups:
            norm = np.linalg.norm(u[index])
            u[index] *= max(0.0, 1 - step / (b * norm)) if norm > 0 else 0.0
        return u

    def penalty(self, t):
        return sum(np.linalg.norm(t[index]) / b for index, b in self.groups)

    def residual(self, t):
        _, g = self.smooth(t)
        worst = 0.0
        grouped = set()
        for index, b in self.groups:
            grouped.update(index)
            norm = np.linalg.norm(t[index])
            r = (max(0.0, np.linalg.norm(g[index]) - 1 / b) if norm == 0
                 else np.linalg.norm(g[index] + t[index] / (b * norm)))
            worst = max(worst, r)
        for i in set(range(self.k)) - grouped:
            worst = max(worst, -min(0.0, g[i]) if t[i] <= self.lower[i] else abs(g[i]))
        return worst

    def free(self, t):
        on = np.ones(self.k, bool)
        for index, _ in self.groups:
            if not t[index].any():
                on[index] = False
        return np.where(on & (t > self.lower))[0]

    def curvature(self, t):
        H = self.smooth(t, True)[2]
        for index, b in self.groups:
            norm = np.linalg.norm(t[index])
            if norm > 0:
                u = t[index] / norm
                H[np.ix_(index, index)] += (np.eye(len(index)) - np.outer(u, u)) / (b * norm)
        return H

    def solve(self, start=None):
        t = np.maximum(np.zeros(self.k) if start is None else start.copy(), self.lower)
        step = 1.0
        for _ in range(20000):
            value, g = self.smooth(t)
            while True:
                new = self.prox(t - step * g, step)
                d = new - t
                if self.smooth(new)[0] <= value + g @ d + d @ d / (2 * step) + 1e-13:
                    break
                step /= 2
            t = new
            if np.abs(d).max() < 1e-9:
                break
            step *= 1.1
        for _ in range(30):
            on = self.free(t)
            g = self.smooth(t)[1]
            for index, b in self.groups:
                norm = np.linalg.norm(t[index])
                if norm > 0:
                    g[index] += t[index] / (b * norm)
            t[on] -= np.linalg.solve(self.curvature(t)[np.ix_(on, on)], g[on])
        scaled = self.residual(t) / sqrt(np.diag(self.smooth(t, True)[2]).min())
        assert scaled < 1e-10, scaled
        return t

    def objective(self, t):
        return self.smooth(t)[0] + self.penalty(t) + self.constant

    def sds(self, t):
        on = self.free(t)
        sd = np.full(self.k, np.nan)
        sd[on] = np.sqrt(np.diag(np.linalg.inv(self.curvature(t)[np.ix_(on, on)])))
        return sd


# ---- the header

NUMBER = "{:.15g}".format
PINS = []


def pin(name, objective, estimate, sd=None, evidence=np.nan):
    PINS.append((name, objective, evidence, estimate,
                 np.full(len(estimate), np.nan) if sd is None else sd))


def write():
    text = lambda v: "NAN" if np.isnan(v) else NUMBER(v)
    print("/* Written by tests/reference/joint.py, which says how. */")
    print("#ifndef MAXPOST_TEST_JOINT_PINS_H\n#define MAXPOST_TEST_JOINT_PINS_H\n")
    print("#include <math.h>\n#include <stddef.h>\n")
    print("enum { PIN_MAX = 20 };\n")
    print("/* NAN: not pinned. */")
    print("struct joint_pin {\n    const char *name;\n    double objective, evidence;\n"
          "    size_t count;\n    double estimate[PIN_MAX], sd[PIN_MAX];\n};\n")
    print("/* clang-format off */")
    print("static const struct joint_pin joint_pins[] = {")
    for name, objective, evidence, estimate, sd in PINS:
        print('    {"%s", %s, %s, %d,\n     {%s},\n     {%s}},' % (
            name, text(objective), text(evidence), len(estimate),
            ",\n      ".join(text(v) for v in estimate), ",\n      ".join(text(v) for v in sd)))
    print("};\n/* clang-format on */\n\n#endif")


# ---- gaussian models with gaussian priors, in closed form

class Gaussian:
    """y ~ N(D theta, noise^2); theta has the intercept first.  P, r: prior precision times theta."""

    def __init__(self, D, y, noise):
        self.D, self.y, self.noise = D, y, noise
        k = D.shape[1]
        self.P, self.r, self.constant = np.zeros((k, k)), np.zeros(k), 0.0

    def prior(self, index, Q, mean=None, log_det=None, rank=None):
        m = np.zeros(len(index)) if mean is None else mean
        self.P[np.ix_(index, index)] += Q
        self.r[index] += Q @ m
        rank = len(index) if rank is None else rank
        log_det = np.linalg.slogdet(Q)[1] if log_det is None else log_det
        self.constant += m @ Q @ m / 2 - log_det / 2 + rank * LOG2PI / 2

    def factor(self, c, m, s):
        self.P += np.outer(c, c) / s**2
        self.r += c * m / s**2
        self.constant += m * m / (2 * s * s) + log(s) + LOG2PI / 2

    def solve(self, A=None, b=None):
        H = self.D.T @ self.D / self.noise**2 + self.P
        g = self.D.T @ self.y / self.noise**2 + self.r
        k = len(g)
        if A is None:
            return np.linalg.solve(H, g), np.linalg.inv(H)
        m = len(b)
        K = np.block([[H, A.T], [A, np.zeros((m, m))]])
        return np.linalg.solve(K, np.r_[g, b])[:k], np.linalg.inv(K)[:k, :k]

    def objective(self, t):
        r = self.y - self.D @ t
        n = len(r)
        return (r @ r / (2 * self.noise**2) + n * log(self.noise) + n * LOG2PI / 2 +
                t @ self.P @ t / 2 - self.r @ t + self.constant)

    def marginal(self):
        """log density of y under the normalised prior, from the n x n covariance."""
        V = np.linalg.inv(self.P)
        mean, S = self.D @ V @ self.r, self.D @ V @ self.D.T
        S = S + self.noise**2 * np.eye(len(self.y))
        d = self.y - mean
        return -(d @ np.linalg.solve(S, d) + np.linalg.slogdet(S)[1] + len(d) * LOG2PI) / 2


def differences(k, order):
    return np.diff(np.eye(k), order, axis=0)


def pseudo_log_det(Q, rank):
    return np.log(np.linalg.eigvalsh(Q)[-rank:]).sum()


def on_diabetes():
    names, X, y = diabetes()
    mu, sd = X.mean(0), X.std(0)
    n, p = X.shape
    D = np.c_[np.ones(n), (X - mu) / sd]
    T = np.diag(np.r_[1, 1 / sd])  # to the scale of the data
    T[0, 1:] = -mu / sd
    at = lambda *which: [1 + names.index(w) for w in which]
    sera = at("s1", "s2", "s3", "s4", "s5", "s6")
    row = lambda **c: sum((v * T[at(w)[0]] for w, v in c.items()), np.zeros(p + 1))

    def base(*groups, intercept=None):
        model = Gaussian(D, y, 54.0)
        taken = {i for g in groups for i in g}
        for i in range(1, p + 1):
            if i not in taken:
                model.prior([i], np.array([[1 / 400]]))
        if intercept:
            model.prior([0], np.array([[1 / intercept[1]**2]]), np.array([intercept[0]]))
        return model

    def put(name, model, t, C, evidence=np.nan, extra=0.0):
        pin(name, model.objective(t) + extra, T @ t, np.sqrt(np.diag(T @ C @ T.T).clip(0)), evidence)

    model = base(sera)
    S = 225 * 0.7**np.abs(np.subtract.outer(range(6), range(6)))
    model.prior(sera, np.linalg.inv(S))
    put("ar1", model, *model.solve())

    three = at("s1", "s2", "s3")
    S = np.array([[225, 30, 110.25], [30, 225, 157.5], [110.25, 157.5, 225.0]])
    model = base(three, intercept=(150, 30))
    model.prior(three, np.linalg.inv(S))
    put("covariance", model, *model.solve(), model.marginal())

    for order in (1, 2):
        model = base(sera)
        d = differences(6, order)
        model.prior(sera, d.T @ d / 9, log_det=pseudo_log_det(d.T @ d / 9, 6 - order), rank=6 - order)
        put("rw%d" % order, model, *model.solve())

    model = base(intercept=(150, 30))
    c, e = row(bmi=1, bp=-2), row(age=1, s5=0.5)
    V = np.linalg.inv(model.P)
    C = np.array([c, e])
    prior_mean = C @ (V @ model.r)
    S = np.diag([0.01, 4.0]) + C @ V @ C.T
    off = np.array([0.0, 3.0]) - prior_mean
    log_z = -(off @ np.linalg.solve(S, off) + np.linalg.slogdet(S)[1] + 2 * LOG2PI) / 2
    model.factor(c, 0.0, 0.1)
    model.factor(e, 3.0, 2.0)
    put("soft", model, *model.solve(), model.marginal(), log_z)

    model = base()
    A, b = np.array([row(bmi=1, bp=-4), row(age=1, sex=1)]), np.array([0, 0.5])
    put("hard", model, *model.solve(A, b))

    model = base()
    A, b = np.array([T[0] + 2 * T[at("bmi")[0]]]), np.array([10.0])
    put("hard intercept", model, *model.solve(A, b))
    model = base()
    unit = np.eye(p + 1)
    A, b = np.array([unit[0] + 2 * unit[at("bmi")[0]]]), np.array([190.0])
    put("hard standardized", model, *model.solve(A, b))

    kinked = Kinked(gaussian_loss(y, 54.0), D, 1)
    a, c = at("s1", "s2", "s3"), at("age", "sex")
    kinked.gaussian(sorted(set(range(1, p + 1)) - set(a) - set(c)), 20.0)
    kinked.group(a, 0.8)
    kinked.group(c, 0.05)
    t = kinked.solve()
    assert t[a].all() and not t[c].any()
    sd_t = kinked.sds(t)
    sd_t[1:] /= sd
    sd_t[0] = np.nan
    pin("group", kinked.objective(t), T @ t, sd_t)


def on_synthetic():
    X, gauss, binary, count, cls, level = synthetic()
    n, p = X.shape
    mean = X.mean(0)
    D = np.c_[np.ones(n), X]

    def build(loss, q=1, b=(1.0, 0.05, 0.3)):
        k = Kinked(loss, D, q)
        for c in range(q):
            at = c * (p + 1)
            k.group([at + 1, at + 2, at + 3], b[0])
            k.group([at + 4, at + 5, at + 6], b[1])
            k.laplace(at + 7, b[2])
        return k

    def put(name, k, t):
        assert t[1:4].all() and not t[4:7].any(), t
        pin(name, k.objective(t), t, k.sds(t))

    for name, loss, b in (("bernoulli", bernoulli_loss(binary), (1.0, 0.05, 0.3)),
                          ("poisson", poisson_loss(count), (0.3, 0.015, 0.05))):
        k = build(loss, b=b)
        put(name, k, k.solve())

    def estimated(start):
        sd = start
        for _ in range(500):
            k = build(gaussian_loss(gauss, sd), b=(0.3, 0.05, 0.1))
            t = k.solve()
            r = gauss - D @ t
            sd, last = sqrt(r @ r / n), sd
            if abs(sd - last) < 1e-15 * sd:
                break
        k = build(gaussian_loss(gauss, sd), b=(0.3, 0.05, 0.1))
        t = k.solve()
        return k.objective(t), np.r_[t, sd]

    low, high = estimated(0.01), estimated(5.0)
    assert abs(low[0] - high[0]) < 1e-8
    pin("gaussian", *high)

    # groups, laplace, a bound that holds (x7), one that does not (x6)
    k = Kinked(bernoulli_loss(binary), D, 1)
    k.group([1, 2], 0.5)
    k.group([3, 4], 0.03)
    k.laplace(5, 0.5)
    normal = lambda z: (1 + erf(z / sqrt(2))) / 2
    k.gaussian([6, 7], 1.0)
    k.lower[6], k.lower[7] = -2.0, 0.5
    k.constant += log(1 - normal(-2.0)) + log(1 - normal(0.5))
    t = k.solve()
    assert t[7] == 0.5 and t[6] > -2 and not t[[3, 4]].any() and t[[1, 2]].all()
    pin("mixed", k.objective(t), t)

    k = Kinked(softmax_loss(cls), D, 2)
    for c in (0, 8):
        k.group([c + 1, c + 2, c + 3], 0.3)
        k.group([c + 4, c + 5, c + 6], 0.08)
        k.gaussian([c + 7], 1.0)
    t = k.solve()
    pin("multinomial", k.objective(t), t, k.sds(t))

    # a factor of six levels, treatment contrasts, and a covariate
    F = np.c_[np.ones(n), np.eye(6)[level][:, 1:], X[:, 0]]
    for order in (1, 2):
        model = Gaussian(F, gauss, 1.5)
        d = differences(5, order)
        Q = d.T @ d / 0.25
        model.prior(list(range(1, 6)), Q, log_det=pseudo_log_det(Q, 5 - order), rank=5 - order)
        t, C = model.solve()
        pin("levels rw%d" % order, model.objective(t), t, np.sqrt(np.diag(C)))


on_diabetes()
on_synthetic()
write()
