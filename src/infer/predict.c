#include "infer/predict.h"
#include "base/mem.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

const char *predict_words(enum predict_reason reason)
{
    static const char *const words[PREDICT_REASONS] = {
        [PREDICT_KNOWN] = "",
        [PREDICT_CLASSES] = "the response is a class",
        [PREDICT_NO_CLASSES] = "the response is not a class",
        [PREDICT_NO_MEAN] = "the noise has no mean",
        [PREDICT_NO_VARIANCE] = "the noise has no variance",
        [PREDICT_NO_COVARIANCE] = "the posterior covariance is not known",
        [PREDICT_BAD_COVARIANCE] = "the covariance of eta is not positive semidefinite",
        [PREDICT_SEVERAL] = "there are several linear predictors",
        [PREDICT_POLE] = "the linear predictor may be on either side of 0, where 1/eta is infinite",
        [PREDICT_OUTSIDE] = "the linear predictor is or may well be outside the link's domain",
        [PREDICT_ORDER] = "the cutpoints are not in order",
        [PREDICT_OVERFLOW] = "the value overflows",
        [PREDICT_TRIALS] = "there are no trials",
        [PREDICT_SAMPLES] = "there are fewer than two draws",
        [PREDICT_INTEGRAL] = "the numerical integral did not settle",
    };
    return reason < PREDICT_REASONS ? words[reason] : "";
}

/* The link of that name; false for those of several eta columns. */
static bool kind_of(enum link *kind, const char *name)
{
    static const char *const names[] = {
        [LINK_IDENTITY] = "identity", [LINK_LOG] = "log",         [LINK_INVERSE] = "inverse",
        [LINK_SQRT] = "sqrt",         [LINK_LOGIT] = "logit",     [LINK_PROBIT] = "probit",
        [LINK_CLOGLOG] = "cloglog",   [LINK_CAUCHIT] = "cauchit",
    };

    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strcmp(names[k], name) == 0) {
            *kind = (enum link)k;
            return true;
        }
    return false;
}

/* A family whose responses are never negative needs a positive mean. */
static enum predict_domain domain_of(const struct family *family, enum link kind)
{
    const bool positive = family->check && family->check(-1.0, 1.0);

    if (kind == LINK_SQRT)
        return PREDICT_POSITIVE;
    if (kind != LINK_IDENTITY && kind != LINK_INVERSE)
        return PREDICT_ANY;
    return positive ? PREDICT_POSITIVE : kind == LINK_INVERSE ? PREDICT_NOT_ZERO : PREDICT_ANY;
}

static bool is_class(const struct family *family)
{
    return family->response == RESPONSE_CLASS || family->response == RESPONSE_ORDERED;
}

static mxp_status check(const struct family *family, size_t link, size_t q, const double *psi,
                        double level, mxp_error *error)
{
    size_t links = 0;

    while (family->links[links])
        links++;
    if (link >= links)
        return FAIL(error, MXP_USAGE, "link %zu is not among the %zu of %s", link, links,
                    family->name);
    if (q == 0 || (family->eta_columns && q != family->eta_columns))
        return FAIL(error, MXP_USAGE, "%zu linear predictors do not fit %s", q, family->name);
    if (!(level > 0.0 && level < 1.0))
        return FAIL(error, MXP_USAGE, "level %g is not between 0 and 1", level);
    for (size_t s = 0; s < family->auxiliary_count; s++)
        if (!(psi && psi[s] > 0.0 && isfinite(psi[s])))
            return FAIL(error, MXP_USAGE, "%s is not above 0", family->auxiliary[s].name);
    return MXP_OK;
}

mxp_status predict_new(struct predict **predict, const struct family *family, size_t link, size_t q,
                       bool symmetric, const double *psi, double level, size_t samples,
                       mxp_error *error)
{
    struct predict *p = NULL;
    mxp_status status;

    TRY(status = check(family, link, q, psi, level, error));
    TRY(status = MEM_NEW(&p, 1, error));
    p->family = family;
    p->link = link;
    p->q = q;
    p->symmetric = symmetric;
    p->level = level;
    p->samples = samples;
    for (size_t s = 0; s < family->auxiliary_count; s++)
        p->psi[s] = psi[s];
    if (is_class(family))
        p->classes = symmetric ? q : q + 1;
    else if (family == &family_bernoulli)
        p->classes = 2;
    if (kind_of(&p->kind, family->links[link]) && family->eta_columns == 1)
        p->domain = domain_of(family, p->kind);
    TRY(status = mem_doubles(&p->root, q, q, error));
    TRY(status = mem_doubles(&p->draw, q, 1, error));
    TRY(status = mem_doubles(&p->value, p->classes, 1, error));
    *predict = p;
    p = NULL;
out:
    predict_free(p);
    return status;
}

void predict_free(struct predict *predict)
{
    if (!predict)
        return;
    free(predict->root);
    free(predict->draw);
    free(predict->value);
    free(predict);
}

double predict_variance(enum predict_reason *reason, const struct predict *predict,
                        const struct predict_row *row)
{
    *reason = PREDICT_KNOWN;
    if (!row->covariance)
        *reason = PREDICT_NO_COVARIANCE;
    else if (predict->q > 1)
        *reason = PREDICT_SEVERAL;
    else if (!(row->covariance[0] >= 0.0) || isinf(row->covariance[0]))
        *reason = PREDICT_BAD_COVARIANCE;
    return *reason == PREDICT_KNOWN ? row->covariance[0] : NAN;
}

double predict_outside(const struct predict *predict, double m, double s)
{
    return predict->domain == PREDICT_POSITIVE ? special_normal_cdf(-m / s) : 0.0;
}

bool predict_inside(const struct predict *predict, double eta)
{
    return predict->domain == PREDICT_ANY        ? isfinite(eta)
           : predict->domain == PREDICT_POSITIVE ? eta > 0.0 && isfinite(eta)
                                                 : eta != 0.0 && isfinite(eta);
}

/* What is left of a variance after those before it: 0 within rounding. */
static enum predict_reason pivot_of(double *pivot, double left, double whole, size_t q)
{
    const double slack = 1e-12 * (double)q * whole;

    if (!isfinite(left) || !(whole >= 0.0) || left < -1e4 * slack)
        return PREDICT_BAD_COVARIANCE;
    *pivot = left > slack ? sqrt(left) : 0.0;
    return PREDICT_KNOWN;
}

enum predict_reason predict_root(struct predict *predict, const struct predict_row *row)
{
    const size_t q = predict->q;
    const double *const A = row->covariance;
    double *const L = predict->root;

    if (!A)
        return PREDICT_NO_COVARIANCE;
    for (size_t j = 0; j < q; j++) {
        double left = A[j + q * j], pivot;
        for (size_t k = 0; k < j; k++)
            left -= L[j + q * k] * L[j + q * k];
        const enum predict_reason reason = pivot_of(&pivot, left, A[j + q * j], q);
        if (reason != PREDICT_KNOWN)
            return reason;
        L[j + q * j] = pivot;
        for (size_t i = j + 1; i < q; i++) {
            double sum = A[i + q * j];
            for (size_t k = 0; k < j; k++)
                sum -= L[i + q * k] * L[j + q * k];
            const double most = pivot > 0.0 ? 1.001 * pivot : 1e-3 * sqrt(A[j + q * j]);
            if (!(fabs(sum) <= most * sqrt(A[i + q * i]))) /* a correlation beyond 1 */
                return PREDICT_BAD_COVARIANCE;
            L[i + q * j] = pivot > 0.0 ? sum / pivot : 0.0;
        }
    }
    return PREDICT_KNOWN;
}

void predict_draw(struct predict *predict, const struct predict_row *row, struct rng *rng)
{
    const size_t q = predict->q;

    memcpy(predict->draw, row->eta, q * sizeof *predict->draw);
    for (size_t k = 0; k < q; k++) {
        const double z = rng_normal(rng);
        for (size_t j = k; j < q; j++)
            predict->draw[j] += predict->root[j + q * k] * z;
    }
}
