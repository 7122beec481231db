"""What is measured: the workloads, their judges and the accuracy asked of them, their peers.

A peer is (program, name, tolerances, threads): program "py" (peers.py), "R" (peers.R), "liblinear" or
"process"; threads, whether it can use two.  All tolerances are tried; the fastest run that is accurate
enough is the one that counts."""
import judge

# Accuracy asked of maxpost and of a peer, by the kind of the judge.
LIMITS = {"gap": (1e-4, 2e-4), "smooth": (1e-8, 1e-8), "covariance": (1e-8, 1e-8), "curve": (1e-4, 1e-4),
          "table": (1.0, 1.0), "estimates": (1e-6, 1e-6)}
# Of a covariance beside its mode, in sds.
COVARIANCE = 1e-4
UNITS = {"gap": "gap", "smooth": "suboptimality", "covariance": "suboptimality", "curve": "curve error",
         "table": "ulps", "estimates": "error"}


class Workload:
    def __init__(self, name, title, data, kind, judged, bound, bound_text, peers, ours=(None,)):
        self.name, self.title, self.data, self.kind = name, title, data, kind
        self.judge, self.bound, self.bound_text, self.peers, self.ours = judged, bound, bound_text, peers, ours


def gauss(d):
    return judge.Gap(d, "gaussian")


def logit(d):
    return judge.Gap(d, "bernoulli")


def logit_one(d):
    return judge.Gap(d, "bernoulli", single=True)


def size(m):
    return 8.0 * m["n"] * m["p"] if "nnz" not in m else 12.0 * m["nnz"]


def passes(count):
    """Bytes of so many readings of the data, no arithmetic."""
    return lambda m: (0.0, count * size(m))


TIGHT = [1e-4, 5e-5, 1e-6]
GLMNET = [1e-7, 1e-10, 1e-13]
# The default and looser bounds on the residual, in posterior sds.
OURS_L1 = (None, 3e-4, 1e-3, 3e-3, 1e-2)
OURS_SMOOTH = (None, 1e-4, 1e-3)
LOGISTIC_L1 = [("R", "glmnet_binomial", [1e-7, 1e-10], False), ("py", "celer", TIGHT, False),
               ("py", "skglm", TIGHT, False), ("py", "adelie", [1e-7, 1e-10], True)]
LINEAR_L1 = [("py", "sklearn", TIGHT, True), ("R", "glmnet_gaussian", GLMNET, False),
             ("py", "celer", TIGHT, False), ("py", "skglm", TIGHT, False), ("py", "adelie", [1e-7, 1e-12], True)]
ONE_L1 = [("R", "glmnet_one", [1e-7, 1e-10], False), ("py", "sklearn_liblinear", [1e-3, 1e-4, 1e-5, 1e-6], False),
          ("py", "celer", TIGHT, False), ("py", "skglm", TIGHT, False), ("py", "adelie", [1e-7, 1e-10], True)]

ALL = [
    Workload("w1", "ridge", "w1", "smooth", lambda d: judge.Smooth(d, "gaussian"),
             lambda m: (m["n"] * m["p"] ** 2, size(m)), "the flops of one Gram",
             [("py", "numpy_normal", [None], True), ("py", "torch_f32", [None], True),
              ("py", "sklearn_cholesky", [None], True), ("py", "sklearn_lsqr", [1e-6], False),
              ("R", "crossprod_chol", [None], True), ("R", "glmnet_ridge", [1e-7, 1e-14], False)], OURS_SMOOTH),
    Workload("w2", "lasso path", "w2", "gap", gauss, lambda m: (m["n"] * m["p"] ** 2, size(m)),
             "the flops of one Gram", LINEAR_L1 + [("R", "glmnet_covariance", [1e-10], False),
                                                   ("py", "adelie_covariance", [1e-7, 1e-12], False)], OURS_L1),
    Workload("w3", "lasso path, wide", "w3", "gap", gauss, passes(20), "20 passes", LINEAR_L1, OURS_L1),
    Workload("w4", "L2 logistic", "w4", "smooth", lambda d: judge.Smooth(d, "bernoulli"), passes(8), "8 passes",
             [("py", "sklearn_lbfgs", [1e-4, 1e-7], True), ("py", "numpy_newton", [None], True),
              ("py", "sklearn_newton_cholesky", [1e-6], True), ("py", "sklearn_newton_cg", [1e-6], False),
              ("py", "sklearn_liblinear", [1e-4], False), ("R", "glmnet_logistic_l2", [1e-7, 1e-12], False),
              ("R", "bayesglm", [None], False)], OURS_SMOOTH),
    Workload("w4c", "L2 logistic and its covariance", "w4", "covariance",
             lambda d: judge.Smooth(d, "bernoulli", covariance=True),
             lambda m: (m["n"] * m["p"] ** 2, 8 * size(m)), "8 passes and a weighted Gram",
             [("py", "sklearn_lbfgs", [1e-4, 1e-7], True), ("py", "numpy_newton", [None], True)], OURS_SMOOTH),
    Workload("w5", "L1 logistic path", "w5", "gap", logit, passes(180),
             "100 times one pass and two of its active 40 %", LOGISTIC_L1, OURS_L1),
    Workload("w6s", "L1 logistic, wide, one scale", "w6", "gap", logit_one, passes(15), "15 passes", ONE_L1, OURS_L1),
    Workload("w6", "L1 logistic path, wide", "w6", "gap", logit, passes(50), "50 passes", LOGISTIC_L1, OURS_L1),
    Workload("w7s", "L1 logistic, sparse", "w7", "gap", logit_one, passes(20), "20 passes",
             [("liblinear", "liblinear_6", [1e-3, 1e-4, 3e-5], False)] + ONE_L1, OURS_L1),
    Workload("w7r", "L2 logistic, sparse", "w7", "smooth", lambda d: judge.Smooth(d, "bernoulli"), passes(20),
             "20 passes",
             [("liblinear", "liblinear_0", [1e-2, 1e-3, 1e-4], False), ("liblinear", "liblinear_7", [1.0, 1e-1, 1e-2], False),
              ("py", "sklearn_lbfgs", [1e-4, 1e-7], False), ("py", "sklearn_newton_cg", [1e-6], False),
              ("py", "sklearn_liblinear", [1e-4, 1e-6], False)], OURS_SMOOTH),
    Workload("w8", "L2 Poisson", "w8", "smooth", lambda d: judge.Smooth(d, "poisson"),
             lambda m: (m["n"] * m["p"] ** 2, 6 * size(m)), "6 passes and a weighted Gram",
             [("py", "numpy_newton", [None], True), ("py", "sklearn_lbfgs", [1e-4, 1e-7], True),
              ("py", "sklearn_newton_cholesky", [1e-6], True), ("R", "glmnet_poisson", [1e-7, 1e-12], False)],
             OURS_SMOOTH),
    Workload("w10", "lasso, 10-fold cross-validation", "w10", "curve", judge.Curve,
             lambda m: (2 * m["n"] * m["p"] ** 2 + 4400 * m["p"] ** 2, 0.0),
             "the flops of all Grams and two sweeps a point",
             [("py", "sklearn_cv", [1e-4, 1e-6], True), ("R", "cv_glmnet", [1e-7, 1e-10], False),
              ("py", "celer_cv", [1e-4], True), ("py", "adelie_cv", [1e-7, 1e-10], True)], OURS_L1),
    Workload("w11", "CSV, 6 decimals", "w11", "table", judge.Table, lambda m: (0.0, m["bytes"] + size(m)),
             "reading the file and writing the numbers once",
             [("R", "fread", [None], True), ("py", "polars", [None], True), ("py", "pyarrow", [None], True),
              ("py", "pandas", [None], False), ("py", "pandas_round_trip", [None], False),
              ("py", "numpy_loadtxt", [None], False)]),
    Workload("w13", "small logistic fit, the whole process", "w13", "estimates", judge.Estimates, lambda m: (0.0, 0.0),
             "the start of a process that copies the file",
             [("process", "python_numpy", [None], False), ("process", "python_sklearn", [None], False),
              ("process", "r_newton", [None], False), ("process", "r_bayesglm", [None], False),
              ("process", "r_stan_compiled", [None], False)]),
]
W11FULL = next(w for w in ALL if w.name == "w11")
ALL.insert(-1, Workload("w11full", "CSV, 17 digits", "w11full", "table", W11FULL.judge, W11FULL.bound,
                        W11FULL.bound_text, W11FULL.peers))


def find(name):
    """w2, or w2-r95 for w2 on other data."""
    base = name.split("-")[0]
    for w in ALL:
        if w.name == base:
            return Workload(name, w.title, w.data + name[len(base):], w.kind, w.judge, w.bound, w.bound_text,
                            w.peers, w.ours)
    raise KeyError(name)


def accurate(workload, accuracy, facts, ours):
    if not accuracy <= LIMITS[workload.kind][0 if ours else 1]:
        return False
    return facts.get("covariance_error", 0.0) <= COVARIANCE
