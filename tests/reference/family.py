"""Log densities of the families and their derivatives, to 60 digits: tests/unit/family_pins.h.

    python3 tests/reference/family.py >tests/unit/family_pins.h        (written with mpmath 1.3.0)

Everything is evaluated at the doubles that the tests pass; derivatives are mpmath's.
"""
from mpmath import (mp, mpf, exp, log, sqrt, pi, loggamma, erfc, atan2, diff, nstr, expm1,
                    log1p)

mp.dps = 120


def positive_mean(link, eta):
    return {"log": exp, "identity": lambda x: x, "inverse": lambda x: 1 / x,
            "sqrt": lambda x: x * x}[link](eta)


def F(link, x):
    if link == "logit":
        return 1 / (1 + exp(-x))
    if link == "probit":
        return erfc(-x / sqrt(mpf(2))) / 2
    if link == "cloglog":
        return -expm1(-exp(x))
    return atan2(1, -x) / pi


def upper(link, x):
    return exp(-exp(x)) if link == "cloglog" else F(link, -x)


def gaussian(link, y, n, eta, psi):
    return -(y - positive_mean(link, eta))**2 / (2 * psi[0]**2) - log(psi[0]) - log(2 * pi) / 2


def binary(link, y, n, eta, psi):
    choose = loggamma(n + 1) - loggamma(y + 1) - loggamma(n - y + 1)
    return choose + (y * log(F(link, eta)) if y else 0) + \
        ((n - y) * log(upper(link, eta)) if n - y else 0)


def poisson(link, y, n, eta, psi):
    mu = positive_mean(link, eta)
    return (y * log(mu) if y else 0) - mu - loggamma(y + 1)


def negative_binomial(link, y, n, eta, psi):
    k, mu = psi[0], positive_mean(link, eta)
    return (loggamma(y + k) - loggamma(k) - loggamma(y + 1) + k * log(k / (k + mu)) +
            y * log(mu / (k + mu)))


def gamma(link, y, n, eta, psi):
    a, mu = psi[0], positive_mean(link, eta)
    return a * log(a / mu) - loggamma(a) + (a - 1) * log(y) - a * y / mu


def beta(link, y, n, eta, psi):
    a, b = psi[0] * F(link, eta), psi[0] * upper(link, eta)
    return (loggamma(a + b) - loggamma(a) - loggamma(b) + (a - 1) * log(y) +
            (b - 1) * log(1 - y))


def student_t(link, y, n, eta, psi):
    v, s = psi
    z = (y - positive_mean(link, eta)) / s
    return (loggamma((v + 1) / 2) - loggamma(v / 2) - log(pi * v) / 2 - log(s) -
            (v + 1) / 2 * log(1 + z * z / v))


def laplace(link, y, n, eta, psi):
    return -log(2 * psi[0]) - abs(y - positive_mean(link, eta)) / psi[0]


def huber(link, y, n, eta, psi):
    s, k = psi
    z = abs(y - eta) / s
    total = sqrt(2 * pi) * (1 - erfc(k / sqrt(mpf(2)))) + 2 / k * exp(-k * k / 2)
    return -log(s) - log(total) - (z * z / 2 if z <= k else k * (z - k / 2))


FAMILIES = {"gaussian": (gaussian, 1), "bernoulli": (binary, 0), "binomial": (binary, 0),
            "poisson": (poisson, 0), "negative_binomial": (negative_binomial, 1),
            "gamma": (gamma, 1), "beta": (beta, 1), "student_t": (student_t, 2),
            "laplace": (laplace, 1), "huber": (huber, 2)}

# family, link, y, trials, eta, psi
POINTS = [
    ("gaussian", "log", 1.3, 1, 0.2, (0.7,)), ("gaussian", "inverse", 1.3, 1, -0.4, (0.7,)),
    ("gaussian", "identity", 3, 1, -1e-8, (1e-8,)),
    ("poisson", "log", 3, 1, 1.5, ()), ("poisson", "log", 64, 1, 4.2, ()),
    ("poisson", "identity", 3, 1, 2.2, ()), ("poisson", "identity", 1e8, 1, 100010000, ()),
    ("poisson", "sqrt", 0, 1, 1.1, ()), ("poisson", "sqrt", 1000, 1, 31, ()),
    ("bernoulli", "logit", 1, 1, 40, ()), ("bernoulli", "cauchit", 1, 1, 3e5, ()),
    ("bernoulli", "probit", 0, 1, -9, ()), ("bernoulli", "cloglog", 1, 1, 2.9, ()),
    ("binomial", "logit", 3, 10, -0.8, ()), ("binomial", "logit", 0, 7, 1.3, ()),
    ("binomial", "logit", 40000, 100000, -0.4, ()),
    ("binomial", "logit", 40000000, 100000000, -0.4055, ()),
    ("binomial", "probit", 3, 10, -7, ()), ("binomial", "cloglog", 1, 100, -5, ()),
    ("binomial", "cloglog", 99, 100, 1.5, ()), ("binomial", "cauchit", 3, 10, 25, ()),
    ("negative_binomial", "log", 3, 1, 0.9, (1.5,)),
    ("negative_binomial", "log", 0, 1, 1.6, (0.01,)),
    ("negative_binomial", "log", 3, 1, 20, (0.01,)),
    ("negative_binomial", "log", 7, 1, 1.6, (1e8,)),
    ("negative_binomial", "log", 100000, 1, 11.5, (1e8,)),
    ("negative_binomial", "log", 120, 1, 4.6, (30,)),
    ("negative_binomial", "log", 5, 1, -30, (1e-3,)),
    ("negative_binomial", "log", 1000000, 1, 13.8, (0.01,)),
    ("negative_binomial", "identity", 3, 1, 2.2, (1.5,)),
    ("negative_binomial", "sqrt", 0, 1, 2.2, (1.5,)),
    ("gamma", "log", 2.5, 1, 1.1, (1.7,)), ("gamma", "log", 0.03, 1, 0.7, (0.2,)),
    ("gamma", "log", 3.001, 1, 1.0986, (1e8,)), ("gamma", "log", 3.001, 1, 9.5, (1e-8,)),
    ("gamma", "inverse", 2.5, 1, 0.3, (1.7,)), ("gamma", "identity", 2.5, 1, 4.1, (12,)),
    ("gamma", "log", 1e-200, 1, 3, (0.3,)),
    ("beta", "logit", 0.3, 1, -0.4, (5,)), ("beta", "logit", 0.999, 1, -1.4, (0.5,)),
    ("beta", "logit", 0.401, 1, -0.4055, (1e8,)), ("beta", "probit", 0.75, 1, 2.5, (3.5,)),
    ("beta", "cloglog", 0.05, 1, 0.8, (20,)), ("beta", "logit", 1e-12, 1, -25, (1e-3,)),
    ("beta", "probit", 0.5, 1, -9, (40,)),
    ("student_t", "identity", 1.3, 1, 0.2, (4, 0.7)),
    ("student_t", "identity", 30, 1, 0.2, (1, 0.7)),
    ("student_t", "identity", 1.3, 1, 0.2, (1e8, 0.7)),
    ("student_t", "identity", 1e12, 1, 0.2, (0.3, 0.01)),
    ("student_t", "identity", 2.5, 1, 0.2, (40, 0.7)),
    ("student_t", "log", 1.3, 1, -0.2, (3.2, 0.7)),
    ("student_t", "inverse", 1.3, 1, 2.2, (3.2, 0.7)),
    ("laplace", "identity", 1.3, 1, 0.2, (0.7,)), ("laplace", "log", 1.3, 1, 1.2, (0.7,)),
    ("laplace", "inverse", 1.3, 1, 1.2, (0.7,)),
    ("huber", "identity", 0.9, 1, 0.2, (0.7, 1.345)),
    ("huber", "identity", -3, 1, 0.2, (0.7, 1.345)),
    ("huber", "identity", 3, 1, 0.2, (0.7, 0.01)), ("huber", "identity", 3, 1, 0.2, (0.7, 5)),
]


def number(x):
    return nstr(x, 18, min_fixed=0, max_fixed=0) if abs(x) > 1e-300 else "0"


def pin(name, link, y, n, eta, psi):
    f, r = FAMILIES[name]
    at = [mpf(eta)] + [log(mpf(p)) for p in psi]
    y, n = mpf(y), mpf(n)

    def g(eta, *u):
        return f(link, y, n, eta, [exp(x) for x in u])

    def d(*orders):
        return diff(g, tuple(at), tuple(orders), h=mpf(10)**-15)

    none = (0,) * r
    values = [g(*at)] + [d(k, *none) for k in (1, 2, 3)]
    unit = [tuple(1 if s == t else 0 for t in range(r)) for s in range(r)]
    add = lambda a, b: tuple(x + y for x, y in zip(a, b))
    values += [d(0, *unit[s]) if s < r else mpf(0) for s in range(2)]
    values += [d(0, *add(unit[s], unit[t])) if s < r and t < r else mpf(0)
               for s, t in ((0, 0), (0, 1), (1, 1))]
    values += [d(1, *unit[s]) if s < r else mpf(0) for s in range(2)]
    psi = list(psi) + [1] * (2 - len(psi))
    print('    {"%s", "%s", %.17g, %.17g, %.17g, {%.17g, %.17g},' %
          (name, link, y, n, eta, psi[0], psi[1]))
    print("     {" + ", ".join(number(v) for v in values) + "}},")


print("/* Written by tests/reference/family.py: value, d1, d2, d3, dpsi (2), d2psi (00, 01, 11),")
print(" * deta_dpsi (2). */")
print("/* clang-format off */")
print("static const struct pin pins[] = {")
for point in POINTS:
    pin(*point)
print("};")
print("""
/* log F and log(1 - F) of the binary links: value, d1, d2, d3 of each. */
static const struct side_pin side_pins[] = {""")
for link in ("logit", "probit", "cloglog", "cauchit"):
    for eta in (-1e4, -700, -40, -6, -5, -4.9, -1.3, -0.2, 0, 0.4, 2.2, 3.6, 8, 30):
        if link in ("probit", "logit") and eta == -1e4:
            continue
        values = []
        for side, other in ((F, upper), (upper, F)):
            g = lambda x: log(side(link, x)) if side(link, x) < 0.5 else log1p(-other(link, x))
            values += [diff(g, mpf(eta), k, h=mpf(10)**-15) for k in range(4)]
        print('    {"%s", %.17g, {%s}},' % (link, eta, ", ".join(number(v) for v in values)))
print("};")
print("""
/* log(F(b) - F(a)): value, da, db, daa, dbb, dab. */
static const struct interval_pin interval_pins[] = {""")
for link in ("logit", "probit", "cloglog"):
    for a, b in ((-1, 0.5), (-0.1, 0.2), (1, 1.0078125), (-30, -29.5), (-30, -20), (-30, 3),
                 (-9, -8.875), (3, 3.25), (8, 8.5), (2, 12), (-3, 0.25), (-0.5, 7)):
        g = lambda a, b: log((upper(link, a) - upper(link, b)) if a + b > 0 else
                             (F(link, b) - F(link, a)))
        if link == "cloglog" and b > 3:
            continue
        values = [diff(g, (mpf(a), mpf(b)), o, h=mpf(10)**-15)
                  for o in ((0, 0), (1, 0), (0, 1), (2, 0), (0, 2), (1, 1))]
        print('    {"%s", %.17g, %.17g, {%s}},' % (link, a, b, ", ".join(number(v) for v in values)))
print("};")
