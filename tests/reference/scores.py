"""Scores for tests/unit/test_scores.c, from scipy: at given coefficients, the deviance against the
best eta of each row, that against an intercept alone (by a search in one dimension), the Brier score
and the accuracy.  Python 3.11.2, scipy 1.10.1; 1e-7 relative, the accuracy of the searches.

    python3 tests/reference/scores.py
"""
import numpy as np
from scipy import optimize, special, stats

y = np.array([1.2, .4, 2.9, 3.1, .9, 1.7, 5.2, 2.2, .7, 1.1])
b = np.array([0, 1, 0, 1, 1, 0, 1, 0, 1, 0])
succ = np.array([3, 5, 1, 6, 2, 4, 7, 0, 3, 2])
tot = np.array([7, 8, 6, 6, 9, 5, 9, 4, 3, 8])
unit = np.array([.31, .62, .12, .81, .25, .55, .77, .09, .93, .36])
cls = np.array([0, 1, 0, 2, 1, 0, 2, 1, 2, 0])
cnt = np.array([2, 1, 4, 0, 3, 1, 7, 2, 0, 5])
x = np.array([.5, 1.5, -.3, .9, .1, -1.2, 2.1, -.8, 1.1, -.2])
w = np.array([1, 2, 1, 0.5, 1, 3, 1, 1, 2, 1])


def huber(v, eta, k=1.5, s=0.8):
    z = np.abs(v - eta) / s
    rho = np.where(z <= k, z * z / 2, k * z - k * k / 2)
    mass = np.sqrt(2 * np.pi) * (2 * stats.norm.cdf(k) - 1) + 2 / k * np.exp(-k * k / 2)
    return -rho - np.log(s * mass)


def beta(v, mu, p=4.0):
    return stats.beta.logpdf(v, mu * p, (1 - mu) * p)


families = {
    "huber": (y, huber, lambda e: e),
    "student_t": (y, lambda v, e: stats.t.logpdf(v, 3, e, .7), lambda e: e),
    "gamma": (y, lambda v, m: stats.gamma.logpdf(v, 2, scale=m / 2), np.exp),
    "beta": (unit, beta, special.expit),
    "beta cloglog": (unit, beta, lambda e: -np.expm1(-np.exp(e))),
    "negative_binomial": (cnt, lambda v, m: stats.nbinom.logpmf(v, 1.5, 1.5 / (1.5 + m)), np.exp),
    "poisson sqrt": (cnt, lambda v, m: stats.poisson.logpmf(v, m), lambda e: e * e),
    "bernoulli": (b, lambda v, m: stats.bernoulli.logpmf(v, m), lambda e: -np.expm1(-np.exp(e))),
    "binomial": (succ, lambda v, m: stats.binom.logpmf(v, tot, m), stats.norm.cdf),
}
eta = 0.6 + 0.25 * x
ends = {"huber": (-9, 9), "student_t": (-9, 9), "poisson sqrt": (1e-9, 9), "beta cloglog": (-6, 2),
        "negative_binomial": (-40, 12), "bernoulli": (-40, 5)}


def best(f, low, high):
    grid = np.linspace(low, high, 4001)
    at = grid[np.argmax([f(g) for g in grid])]
    step = grid[1] - grid[0]
    return -optimize.minimize_scalar(lambda t: -f(t), bounds=(at - step, at + step),
                                     method="bounded", options={"xatol": 1e-12}).fun


for name, (v, density, mean) in families.items():
    low, high = ends.get(name, (-12, 12))
    mine = np.sum(w * density(v, mean(eta)))
    with np.errstate(all="ignore"):
        sat = sum(w[i] * best(lambda t: density(v, mean(np.full(10, t)))[i], low, high)
                  for i in range(10))
        null = best(lambda t: np.sum(w * density(v, mean(np.full(10, t)))), low, high)
    m = mean(eta)
    print(f"{name}: deviance {2 * (sat - mine):.10g}, null {2 * (sat - null):.10g}", end=", ")
    if name == "bernoulli":
        print(f"brier {np.sum(w * (m - v) ** 2) / w.sum():.12g}, "
              f"accuracy {np.sum(w * ((m > .5) == (v == 1))) / w.sum():.12g}")
    elif name == "binomial":
        n = np.sum(w * tot)
        print(f"brier {np.sum(w * (v * (1 - m) ** 2 + (tot - v) * m ** 2)) / n:.12g}, "
              f"accuracy {np.sum(w * np.where(m > .5, v, tot - v)) / n:.12g}")
    else:
        print(f"rmse {np.sqrt(np.sum(w * (v - m) ** 2) / w.sum()):.12g}")

softmax = special.softmax(np.stack([0 * x, eta, -0.5 + x], axis=1), axis=1)
cut = stats.norm.cdf(np.stack([-0.2 - 0.25 * x, 0.7 - 0.25 * x], axis=1))
ordinal = np.stack([cut[:, 0], cut[:, 1] - cut[:, 0], 1 - cut[:, 1]], axis=1)
share = np.array([np.sum(w[cls == c]) for c in range(3)])
for name, p in (("multinomial", softmax), ("ordinal", ordinal)):
    own = p[np.arange(10), cls]
    print(f"{name}: deviance {-2 * np.sum(w * np.log(own)):.12g}, "
          f"null {-2 * np.sum(share * np.log(share / w.sum())):.12g}, "
          f"brier {np.sum(w * np.sum((p - np.eye(3)[cls]) ** 2, axis=1)) / w.sum():.12g}, "
          f"accuracy {np.sum(w * (p.argmax(1) == cls)) / w.sum():.12g}")
