/* Probabilities of classes: at the mode, averaged over eta, and by Monte Carlo. */
#include "infer/predict.h"
#include "num/quadrature.h"
#include "num/special.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

static bool is_ordinal(const struct predict *predict)
{
    return predict->family->response == RESPONSE_ORDERED;
}

static bool in_order(const double *eta, size_t q)
{
    for (size_t c = 0; c < q; c++)
        if (!isfinite(eta[c]) || (c > 0 && !(eta[c - 1] < eta[c])))
            return false;
    return true;
}

static bool all_finite(const double *eta, size_t q)
{
    for (size_t c = 0; c < q; c++)
        if (!isfinite(eta[c]))
            return false;
    return true;
}

/* The probabilities of the classes; false, with nothing written, outside the domain. */
static bool probabilities(double *p, const struct predict *predict, const double *eta)
{
    struct link_side yes, no;

    if (!all_finite(eta, predict->q) || (is_ordinal(predict) && !in_order(eta, predict->q)))
        return false;
    if (predict->family->probabilities) {
        predict->family->probabilities(p, predict->link, eta, predict->q, predict->symmetric);
        return true;
    }
    link_sides(&yes, &no, predict->kind, eta[0]);
    p[0] = exp(no.value);
    p[1] = exp(yes.value);
    return true;
}

struct side {
    enum link kind;
    bool yes;
};

static double log_side(double eta, const void *context)
{
    const struct side *const side = context;
    struct link_side yes, no;

    link_sides(&yes, &no, side->kind, eta);
    return side->yes ? yes.value : no.value;
}

/* log E F(eta), or log E (1 - F(eta)); NAN where the integral does not settle. */
static double average_side(enum link kind, bool yes, double m, double s)
{
    const struct side side = {kind, yes};
    const double origin = 0.0;
    double error, value = quadrature_smooth(&error, log_side, &side, m, s);

    if (!(error <= 1e-10))
        value = quadrature_normal(&error, log_side, &side, m, s, &origin, 1);
    return error <= 1e-6 ? value : NAN;
}

static bool sides_of(double *yes, double *no, enum link kind, double m, double s)
{
    *yes = average_side(kind, true, m, s);
    *no = average_side(kind, false, m, s);
    return !isnan(*yes) && !isnan(*no);
}

/* The eta whose F is the average of F(eta) over eta ~ normal(m, v). */
static bool effective(double *eta, enum link kind, double m, double v)
{
    double yes, no;

    if (kind == LINK_PROBIT)
        *eta = m / sqrt(1.0 + v);
    else if (kind == LINK_LOGIT)
        *eta = m / sqrt(1.0 + pi * v / 8.0);
    else if (!(v > 0.0))
        *eta = m;
    else { /* cloglog: log(-log(1 - F)), from the smaller side */
        if (!sides_of(&yes, &no, kind, m, sqrt(v)))
            return false;
        *eta = log(yes < no ? -log1p(-exp(yes)) : -no);
    }
    return true;
}

static enum predict_reason average_bernoulli(double *p, const struct predict *predict, double m,
                                             double v)
{
    double eta = m;

    if ((predict->kind == LINK_CAUCHIT || predict->kind == LINK_CLOGLOG) && v > 0.0) {
        double yes, no;
        if (!sides_of(&yes, &no, predict->kind, m, sqrt(v)))
            return PREDICT_INTEGRAL;
        p[0] = exp(no);
        p[1] = exp(yes);
        return PREDICT_KNOWN;
    }
    effective(&eta, predict->kind, m, v);
    return probabilities(p, predict, &eta) ? PREDICT_KNOWN : PREDICT_OUTSIDE;
}

static enum predict_reason average_ordinal(double *p, struct predict *predict,
                                           const struct predict_row *row)
{
    const size_t q = predict->q;

    for (size_t c = 0; c < q; c++)
        if (!effective(&predict->draw[c], predict->kind, row->eta[c], row->covariance[c + q * c]))
            return PREDICT_INTEGRAL;
    return probabilities(p, predict, predict->draw) ? PREDICT_KNOWN : PREDICT_ORDER;
}

/* The variance of eta_k - eta_i; the reference, number q, is 0. */
static double gap_variance(const double *A, size_t q, size_t k, size_t i)
{
    const double kk = k < q ? A[k + q * k] : 0.0, ii = i < q ? A[i + q * i] : 0.0;
    const double ki = k < q && i < q ? A[k + q * i] : 0.0;
    return fmax(kk + ii - 2.0 * ki, 0.0);
}

/* From E 1/(1 + sum over i != k of exp(-(eta_k - eta_i))): each logistic function of a gap that the
 * sum is made of is replaced by MacKay's average of it. */
static enum predict_reason average_softmax(double *p, const struct predict *predict,
                                           const struct predict_row *row)
{
    const size_t q = predict->q, classes = predict->classes;
    double total = 0.0;

    if (!all_finite(row->eta, q))
        return PREDICT_OUTSIDE;
    for (size_t k = 0; k < classes; k++) {
        const double own = k < q ? row->eta[k] : 0.0;
        double sum = 0.0; /* log of the sum, which has 1 for class k itself */
        for (size_t i = 0; i < classes; i++) {
            if (i == k)
                continue;
            const double gap = own - (i < q ? row->eta[i] : 0.0);
            const double v = gap_variance(row->covariance, q, k, i);
            sum = special_logsumexp(sum, -gap / sqrt(1.0 + pi * v / 8.0));
        }
        p[k] = exp(-sum);
        total += p[k];
    }
    for (size_t k = 0; k < classes; k++)
        p[k] /= total;
    return PREDICT_KNOWN;
}

static enum predict_average kind_of_average(const struct predict *predict)
{
    if (predict->family->response == RESPONSE_CLASS)
        return PREDICT_MEAN_FIELD;
    return predict->kind == LINK_LOGIT ? PREDICT_MACKAY : PREDICT_EXACT;
}

static void fill(double *x, size_t count, double value)
{
    for (size_t k = 0; x && k < count; k++)
        x[k] = value;
}

static void put_average(struct predict_classes *out, struct predict *predict,
                        const struct predict_row *row)
{
    if (predict->family->response == RESPONSE_CLASS)
        out->averaged_reason = average_softmax(out->averaged, predict, row);
    else if (is_ordinal(predict))
        out->averaged_reason = average_ordinal(out->averaged, predict, row);
    else
        out->averaged_reason =
            average_bernoulli(out->averaged, predict, row->eta[0], row->covariance[0]);
    if (out->averaged_reason != PREDICT_KNOWN)
        fill(out->averaged, predict->classes, NAN);
}

/* Means and squared deviations as they come in (Welford 1962), then standard errors. */
static void put_samples(struct predict_classes *out, struct predict *predict,
                        const struct predict_row *row, struct rng *rng)
{
    double *const mean = out->monte_carlo, *const square = out->standard_error;
    double *const p = predict->value;
    double count = 0.0;

    fill(mean, predict->classes, 0.0);
    fill(square, predict->classes, 0.0);
    for (size_t s = 0; s < predict->samples; s++) {
        predict_draw(predict, row, rng);
        if (!probabilities(p, predict, predict->draw))
            continue;
        count += 1.0;
        for (size_t k = 0; k < predict->classes; k++) {
            const double off = p[k] - mean[k];
            mean[k] += off / count;
            if (square)
                square[k] += off * (p[k] - mean[k]);
        }
    }
    out->outside = predict->samples ? 1.0 - count / (double)predict->samples : 0.0;
    if (!(count >= 2.0)) {
        out->monte_carlo_reason = PREDICT_SAMPLES;
        fill(mean, predict->classes, NAN);
        fill(square, predict->classes, NAN);
    }
    for (size_t k = 0; square && k < predict->classes && count >= 2.0; k++)
        square[k] = sqrt(square[k] / (count - 1.0) / count);
}

/* All that needs the covariance is not known. */
static void give_up(struct predict_classes *out, size_t classes, enum predict_reason reason)
{
    fill(out->averaged, classes, NAN);
    fill(out->monte_carlo, classes, NAN);
    fill(out->standard_error, classes, NAN);
    out->averaged_reason = out->monte_carlo_reason = reason;
}

void predict_classes(struct predict_classes *classes, struct predict *predict,
                     const struct predict_row *row, struct rng *rng)
{
    struct predict_classes *const out = classes;
    enum predict_reason reason;

    out->outside = 0.0;
    out->average = kind_of_average(predict);
    out->plug_in_reason = out->averaged_reason = out->monte_carlo_reason = PREDICT_KNOWN;
    if (predict->classes == 0) {
        out->plug_in_reason = PREDICT_NO_CLASSES;
        give_up(out, 0, PREDICT_NO_CLASSES);
        return;
    }
    if (!probabilities(predict->value, predict, row->eta))
        out->plug_in_reason = all_finite(row->eta, predict->q) ? PREDICT_ORDER : PREDICT_OUTSIDE;
    for (size_t k = 0; out->plug_in && k < predict->classes; k++)
        out->plug_in[k] = out->plug_in_reason == PREDICT_KNOWN ? predict->value[k] : NAN;
    reason = out->plug_in_reason;
    if (reason == PREDICT_KNOWN)
        reason = predict_root(predict, row);
    if (reason != PREDICT_KNOWN) {
        give_up(out, predict->classes, reason);
        return;
    }
    if (out->averaged)
        put_average(out, predict, row);
    if (out->monte_carlo)
        put_samples(out, predict, row, rng);
}
