#!/usr/bin/env python3
"""Makes the badly conditioned designs of this folder and their exact answers.

usage: tests/reference/hilbert/make.py        (needs Rscript; writes hilbert_*/ and powers_*/ here)

The columns and the response are doubles; the least-squares problem that they pose is solved in
rational arithmetic, so each answer is right to the last digit of a double.  R's lm() answers the
same file; its digits are stored beside the exact ones, as the mark to reach.
"""
import json
import math
import os
import subprocess
from decimal import Decimal, getcontext
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))
getcontext().prec = 60
ROWS = 24
LM = """
d <- read.csv("%s", colClasses = "numeric")
f <- summary(lm(y ~ ., d, tol = 0), correlation = FALSE)
cat(R.version$major, ".", R.version$minor, "\\n", sep = "")
cat(sprintf("%%.17g %%.17g\\n", f$coefficients[, 1], f$coefficients[, 2] / f$sigma), sep = "")
"""


def inverse(a):
    """Gauss-Jordan in fractions."""
    k = len(a)
    rows = [list(row) + [Fraction(i == j) for j in range(k)] for i, row in enumerate(a)]
    for j in range(k):
        pivot = next(i for i in range(j, k) if rows[i][j] != 0)
        rows[j], rows[pivot] = rows[pivot], rows[j]
        head = rows[j][j]
        rows[j] = [v / head for v in rows[j]]
        for i in range(k):
            if i != j and rows[i][j] != 0:
                f = rows[i][j]
                rows[i] = [u - f * v for u, v in zip(rows[i], rows[j])]
    return [row[k:] for row in rows]


def root(x):
    return float((Decimal(x.numerator) / Decimal(x.denominator)).sqrt())


def solve(columns, y):
    X = [[Fraction(1)] * len(y)] + [[Fraction(v) for v in c] for c in columns]
    Y = [Fraction(v) for v in y]
    gram = [[sum(u * v for u, v in zip(a, b)) for b in X] for a in X]
    inv = inverse(gram)
    rhs = [sum(u * v for u, v in zip(a, Y)) for a in X]
    beta = [sum(u * v for u, v in zip(row, rhs)) for row in inv]
    fitted = [sum(b * a[i] for a, b in zip(X, beta)) for i in range(len(Y))]
    rss = sum((u - v) ** 2 for u, v in zip(Y, fitted))
    k = len(X)
    size = max(sum(abs(float(gram[i][j])) / math.sqrt(gram[i][i] * gram[j][j]) for j in range(k))
               for i in range(k))
    back = max(sum(abs(float(inv[i][j])) * math.sqrt(gram[i][i] * gram[j][j]) for j in range(k))
               for i in range(k))
    return ([float(b) for b in beta], [root(inv[j][j]) for j in range(k)], float(rss),
            math.sqrt(size * back))


def lre(got, want):
    return 15.0 if got == want else min(15.0, -math.log10(abs(got - want) / abs(want)))


def noise(count):
    """A fixed pseudo-random sequence in (-1/2, 1/2): the doubles need only be the same everywhere."""
    state = 1
    for _ in range(count):
        state = state * 48271 % 2147483647
        yield state / 2147483647 - 0.5


def write(name, columns):
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    names = ["x%d" % (j + 1) for j in range(len(columns))]
    y = [1.0 + sum(c[i] for c in columns) + e for i, e in enumerate(noise(ROWS))]
    data = os.path.join(folder, "data.csv")
    with open(data, "w") as f:
        print(",".join(names + ["y"]), file=f)
        for i in range(ROWS):
            print(",".join(repr(c[i]) for c in columns + [y]), file=f)
    beta, sd, rss, condition = solve(columns, y)
    said = subprocess.run(["Rscript", "-e", LM % data], capture_output=True, text=True, check=True)
    lines = said.stdout.split("\n")
    r = [[float(v) for v in line.split()] for line in lines[1:] if line]
    terms = ["intercept"] + names
    log_likelihood = -0.5 * ROWS * math.log(2 * math.pi) - 0.5 * rss
    with open(os.path.join(folder, "expected.json"), "w") as f:
        json.dump({
            "case": name,
            "model": {"family": "gaussian", "response": "y", "predictors": names,
                      "fixed": {"sigma": 1.0}, "priors": {t: {"type": "flat"} for t in terms}},
            "coefficients": dict(zip(terms, beta)),
            "posterior_sd": dict(zip(terms, sd)),
            "log_joint": log_likelihood,
            "condition_number_scaled_columns": condition,
            "tolerances": {"lre_required": 12},
            "lm": {"version": "R " + lines[0],
                   "worst_lre": min(lre(g[0], b) for g, b in zip(r, beta)),
                   "worst_lre_sd": min(lre(g[1], s) for g, s in zip(r, sd))},
        }, f, indent=1)
        f.write("\n")
    print("%s: condition %.1e, lm %.1f digits" % (name, condition,
                                                  min(lre(g[0], b) for g, b in zip(r, beta))))


for p in (5, 7, 9):
    write("hilbert_%d" % p, [[1.0 / (i + j + 1) for i in range(ROWS)] for j in range(p)])
for p in (5, 7, 9):
    write("powers_%d" % p, [[(1.0 + i / 16) ** (j + 1) for i in range(ROWS)] for j in range(p)])
