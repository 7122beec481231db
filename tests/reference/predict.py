#!/usr/bin/env python3
"""Writes tests/unit/predict_pins.h: moments and log predictive densities over a normal eta.

Composite Gauss-Legendre quadrature (10 points a panel, panels cut at kinks and far finer than every
peak) of densities from scipy.stats; run with numpy 1.24 and scipy 1.10.  Relative accuracy 1e-10, as
twice the number of panels shows (the script asserts it).

    python3 tests/reference/predict.py > tests/unit/predict_pins.h
"""
import numpy as np
from scipy import special, stats

NODE, WEIGHT = np.polynomial.legendre.leggauss(10)

MEAN = {
    "identity": lambda e: e,
    "log": np.exp,
    "inverse": lambda e: 1 / e,
    "sqrt": lambda e: e * e,
    "logit": special.expit,
    "probit": special.ndtr,
    "cloglog": lambda e: -np.expm1(-np.exp(e)),
    "cauchit": lambda e: 0.5 + np.arctan(e) / np.pi,
}


def huber(y, mu, psi):
    scale, k = psi
    z = np.abs(y - mu) / scale
    norm = np.sqrt(2 * np.pi) * special.erf(k / np.sqrt(2)) + 2 / k * np.exp(-k * k / 2)
    return -np.where(z < k, z * z / 2, k * z - k * k / 2) - np.log(scale * norm)


LOG_DENSITY = {
    "gaussian": lambda y, n, mu, p: stats.norm.logpdf(y, mu, p[0]),
    "bernoulli": lambda y, n, mu, p: stats.bernoulli.logpmf(y, mu),
    "binomial": lambda y, n, mu, p: stats.binom.logpmf(y, n, mu),
    "poisson": lambda y, n, mu, p: stats.poisson.logpmf(y, mu),
    "negative_binomial": lambda y, n, mu, p: stats.nbinom.logpmf(y, p[0], p[0] / (p[0] + mu)),
    "gamma": lambda y, n, mu, p: stats.gamma.logpdf(y, p[0], scale=mu / p[0]),
    "beta": lambda y, n, mu, p: stats.beta.logpdf(y, p[0] * mu, p[0] * (1 - mu)),
    "student_t": lambda y, n, mu, p: stats.t.logpdf((y - mu) / p[1], p[0]) - np.log(p[1]),
    "laplace": lambda y, n, mu, p: stats.laplace.logpdf(y, mu, p[0]),
    "huber": lambda y, n, mu, p: huber(y, mu, p),
}

VARIANCE = {
    "bernoulli": lambda mu, p: mu * (1 - mu),
    "binomial": lambda mu, p: mu * (1 - mu),
    "poisson": lambda mu, p: mu,
    "negative_binomial": lambda mu, p: mu + mu * mu / p[0],
    "gamma": lambda mu, p: mu * mu / p[0],
    "beta": lambda mu, p: mu * (1 - mu) / (1 + p[0]),
}


def panels(f, low, high, cuts, count):
    """Integral of f over [low, high]."""
    total = 0.0
    edges = [low] + sorted(c for c in cuts if low < c < high) + [high]
    for a, b in zip(edges, edges[1:]):
        grid = np.linspace(a, b, count + 1)
        half = (grid[1:] - grid[:-1]) / 2
        x = ((grid[1:] + grid[:-1]) / 2)[:, None] + half[:, None] * NODE
        total += np.sum(half[:, None] * WEIGHT * f(x))
    return total


def integral(f, m, s, positive, cuts=(), far=12.0):
    """E f(eta), conditional on eta > 0 where positive."""
    low = max(m - far * s, 0.0) if positive else m - far * s
    values = [panels(lambda x: f(x) * np.exp(-((x - m) / s) ** 2 / 2), low, m + far * s, cuts, count)
              for count in (100000, 200000)]
    assert abs(values[1] - values[0]) <= 1e-10 * abs(values[1]), values
    inside = special.ndtr(m / s) if positive else 1.0
    return values[1] / s / np.sqrt(2 * np.pi) / inside


def is_positive(family, link):
    return link == "sqrt" or (link in ("identity", "inverse") and family in
                              ("poisson", "negative_binomial", "gamma"))


def density(family, link, m, s, psi, y, trials=1, cuts=(), far=12.0):
    f = lambda x: LOG_DENSITY[family](y, trials, MEAN[link](x), psi)
    with np.errstate(all="ignore"):
        value = np.log(integral(lambda x: np.exp(np.nan_to_num(f(x), nan=-np.inf)), m, s,
                                is_positive(family, link), cuts, far))
    row(family, link, m, s, psi, y, trials, value, np.nan)


def moments(family, link, m, s, psi, trials=1):
    positive = is_positive(family, link)
    mean = integral(MEAN[link], m, s, positive)
    spread = integral(lambda x: (MEAN[link](x) - mean) ** 2, m, s, positive)
    noise = integral(lambda x: VARIANCE[family](MEAN[link](x), psi), m, s, positive)
    row(family, link, m, s, psi, np.nan, trials, mean, np.sqrt(noise / trials + spread))


def row(family, link, m, s, psi, y, trials, first, second):
    number = lambda x: "NAN" if np.isnan(x) else repr(float(x))
    pair = ", ".join(number(v) for v in (list(psi) + [0.0, 0.0])[:2])
    print(f'    {{"{family}", "{link}", {number(m)}, {number(s)}, {{{pair}}}, {number(y)}, '
          f'{number(trials)},\n     {number(first)}, {number(second)}}},')


print("""/* Written by tests/reference/predict.py (numpy, scipy): relative accuracy 1e-10.
 * With y: the log predictive density.  Without: the mean and the predictive sd. */
#include <math.h>

/* clang-format off */
static const struct pin {
    const char *family, *link;
    double m, s, psi[2], y, trials, first, second;
} pins[] = {""")
moments("bernoulli", "logit", 0.7, 1.3, [])
moments("bernoulli", "logit", -6, 2.5, [])
moments("bernoulli", "logit", 3, 40, [])
moments("bernoulli", "logit", -20, 5, [])
moments("bernoulli", "probit", -1.5, 0.8, [])
moments("bernoulli", "cloglog", -2, 1.5, [])
moments("bernoulli", "cauchit", 1, 2, [])
moments("bernoulli", "cauchit", -30, 10, [])
moments("binomial", "logit", 0.4, 0.6, [], 12)
moments("binomial", "cloglog", 0.2, 0.5, [], 5)
moments("beta", "logit", 1.2, 0.7, [8.0])
moments("beta", "probit", 0.3, 1.1, [3.0])
moments("beta", "cloglog", -0.5, 0.4, [20.0])
moments("poisson", "log", 1.5, 0.4, [])
moments("poisson", "identity", 3, 1.2, [])
moments("poisson", "sqrt", 2, 0.3, [])
moments("poisson", "sqrt", 2, 0.8, [])
moments("negative_binomial", "log", 2, 0.9, [1.7])
moments("negative_binomial", "identity", 5, 0.6, [4.0])
moments("negative_binomial", "sqrt", 3, 0.5, [0.8])
moments("gamma", "log", -1, 1.5, [2.5])
moments("gamma", "identity", 4, 1.6, [3.0])
density("gaussian", "identity", 1, 2, [0.3], -4, 1)
density("gaussian", "log", 0.5, 0.4, [0.2], 3.0)
density("gaussian", "log", 0.5, 0.4, [0.2], -1.0)
density("gaussian", "inverse", 0.5, 0.2, [0.7], 1.5, 1, [0.0])
density("student_t", "identity", 0, 2, [4.0, 0.5], 10, 1)
density("student_t", "identity", 0, 2, [1.5, 0.001], 12, 1, [12.0], 14.0)
density("student_t", "log", 1, 0.5, [3.0, 0.4], 1.0)
density("laplace", "identity", 1, 0.8, [0.3], 2.5, 1, [2.5])
density("laplace", "log", 1, 0.8, [0.01], 2.5, 1, [np.log(2.5)])
density("huber", "identity", 0, 1.5, [0.4, 1.345], 3, 1, [3 - 0.538, 3 + 0.538])
density("bernoulli", "logit", -3, 2, [], 1)
density("bernoulli", "cloglog", 2, 1.5, [], 0)
density("bernoulli", "cauchit", -1000, 300, [], 1, 1, [0.0])
density("binomial", "logit", 1, 0.5, [], 3, 40)
density("binomial", "probit", 0, 3, [], 0, 25)
density("binomial", "cauchit", 0.3, 1, [], 500, 900)
density("poisson", "log", 8, 0.7, [], 10000)
density("poisson", "log", -1, 3, [], 0)
density("poisson", "identity", 3, 1, [], 2)
density("poisson", "identity", 1, 1.5, [], 0)
density("poisson", "sqrt", 2, 0.4, [], 9)
density("negative_binomial", "log", 2, 1, [1.3], 70)
density("negative_binomial", "sqrt", 4, 0.7, [5.0], 3)
density("gamma", "log", 0, 0.7, [30.0], 5.0)
density("gamma", "inverse", 0.5, 0.1, [2.0], 1.0)
density("gamma", "identity", 2, 0.9, [4.0], 0.3)
density("beta", "logit", -1, 0.8, [12.0], 0.9)
density("beta", "cloglog", 0.1, 0.3, [2.0], 0.02)
print("};\n/* clang-format on */")
