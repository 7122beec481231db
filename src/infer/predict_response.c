/* Means, intervals and predictive sds of a response that is a number. */
#include "infer/predict.h"
#include "num/quadrature.h"
#include "num/special.h"

#include <math.h>

/* More of eta's density than this outside the link's domain: the approximation says nothing. */
static const double outside_most = 0.01;
/* Less than this: the closed forms over the whole line stand. */
static const double outside_least = 1e-14;
/* Estimated relative error above which an integral is not believed. */
static const double integral_slack = 1e-6;

/* What is averaged over eta, on the log scale.  `small`: of links into (0, 1) with the mean above
 * 1/2, the complement stands for the mean, so that nothing near 1 is rounded. */
struct average {
    const struct predict *predict;
    double centre;
    bool small;
};

static bool is_share(enum link kind)
{
    return kind == LINK_LOGIT || kind == LINK_PROBIT || kind == LINK_CLOGLOG ||
           kind == LINK_CAUCHIT;
}

/* log of the mean, or of its complement; -infinity outside the domain. */
static double log_mean(double eta, const void *context)
{
    const struct average *const a = context;
    struct link_side yes, no;

    if (!predict_inside(a->predict, eta))
        return -INFINITY;
    if (!is_share(a->predict->kind))
        return a->predict->kind == LINK_LOG ? eta : log(link_inverse(a->predict->kind, eta));
    link_sides(&yes, &no, a->predict->kind, eta);
    return a->small ? no.value : yes.value;
}

static double log_square(double eta, const void *context)
{
    const struct average *const a = context;

    if (!predict_inside(a->predict, eta))
        return -INFINITY;
    return 2.0 * log(fabs(exp(log_mean(eta, context)) - a->centre));
}

/* The variance of a share is the same for its complement (a test loops over the table). */
static double log_variance(double eta, const void *context)
{
    struct average a = *(const struct average *)context;
    double mean;

    if (!predict_inside(a.predict, eta))
        return -INFINITY;
    mean = link_inverse(a.predict->kind, eta);
    if (is_share(a.predict->kind)) {
        a.small = mean > 0.5;
        mean = exp(log_mean(eta, &a));
    }
    return log(a.predict->family->variance(mean, a.predict->psi));
}

/* E f over eta ~ normal(m, s) inside the domain. */
static double integral(enum predict_reason *reason, quadrature_log f, const struct average *a,
                       double m, double s)
{
    const double hints[] = {0.0, link_of(a->predict->kind, a->small ? 1.0 - a->centre : a->centre)};
    const double inside = 1.0 - predict_outside(a->predict, m, s);
    double error, value = quadrature_smooth(&error, f, a, m, s);

    if (!(error <= 1e-10))
        value = quadrature_normal(&error, f, a, m, s, hints, 2);
    if (value == -INFINITY) /* underflow */
        return 0.0;
    if (!(error <= integral_slack))
        *reason = PREDICT_INTEGRAL;
    return exp(value) / inside;
}

/* E mu and Var mu by quadrature; of bernoulli the whole variance of y, which E mu says. */
static void moments_integral(double *mean, double *variance, enum predict_reason *reason,
                             const struct predict *predict, double m, double s)
{
    const double at = link_inverse(predict->kind, m);
    struct average a = {predict, NAN, is_share(predict->kind) && at > 0.5};

    a.centre = a.small ? 1.0 - at : at;
    a.centre = integral(reason, log_mean, &a, m, s);
    if (predict->kind == LINK_PROBIT)
        a.centre = special_normal_cdf((a.small ? -m : m) / sqrt(1.0 + s * s));
    *mean = a.small ? 1.0 - a.centre : a.centre;
    if (predict->family == &family_bernoulli)
        *variance = a.centre * (1.0 - a.centre);
    else
        *variance = integral(reason, log_square, &a, m, s);
}

/* E mu and Var mu over eta ~ normal(m, s). */
static void moments(double *mean, double *variance, enum predict_reason *reason,
                    const struct predict *predict, double m, double s)
{
    const double v = s * s, outside = predict_outside(predict, m, s);

    if (predict->kind == LINK_INVERSE)
        *reason = PREDICT_POLE;
    else if (predict->kind == LINK_LOG && !(m + 2.0 * v + 12.0 * s < 350.0))
        *reason = PREDICT_OVERFLOW;
    else if (outside > outside_most)
        *reason = PREDICT_OUTSIDE;
    if (*reason != PREDICT_KNOWN)
        return;
    if (is_share(predict->kind) || outside > outside_least) {
        moments_integral(mean, variance, reason, predict, m, s);
    } else if (predict->kind == LINK_LOG) {
        *mean = exp(m + 0.5 * v);
        *variance = *mean * *mean * expm1(v);
    } else if (predict->kind == LINK_SQRT) {
        *mean = m * m + v;
        *variance = 2.0 * v * (v + 2.0 * m * m);
    } else {
        *mean = m;
        *variance = v;
    }
}

/* E Var(y | eta); constant variances as they are, and none where the moments have it. */
static double noise(enum predict_reason *reason, const struct predict *predict, double m, double s)
{
    const double mean = link_inverse(predict->kind, m);
    const double here = predict->family->variance(mean, predict->psi);
    const struct average a = {predict, mean, false};

    if (predict->family == &family_bernoulli && s > 0.0)
        return 0.0;
    if (!isfinite(here))
        *reason = predict->family == &family_student_t ? PREDICT_NO_VARIANCE : PREDICT_OVERFLOW;
    else if (s > 0.0 && predict->family->variance(2.0 * mean + 1.0, predict->psi) != here)
        return integral(reason, log_variance, &a, m, s);
    else if (is_share(predict->kind))
        return exp(log_variance(m, &a));
    return here;
}

static void put_interval(struct predict_number *n, const struct predict *predict, double m,
                         double s)
{
    const double z = special_normal_quantile(0.5 + 0.5 * predict->level);
    double low = m - z * s, high = m + z * s;

    if (predict->domain == PREDICT_NOT_ZERO && low <= 0.0 && high >= 0.0) {
        n->interval_reason = PREDICT_POLE;
        return;
    }
    if (predict->domain == PREDICT_POSITIVE)
        low = fmax(low, 0.0);
    const double a = link_inverse(predict->kind, low), b = link_inverse(predict->kind, high);
    n->lower = fmin(a, b);
    n->upper = fmax(a, b);
    if (isinf(n->lower) || isinf(n->upper))
        n->interval_reason = predict->kind == LINK_INVERSE ? PREDICT_POLE : PREDICT_OVERFLOW;
}

static bool has_mean(const struct predict *predict)
{
    return predict->family != &family_student_t || predict->psi[0] > 1.0;
}

static void put_location(struct predict_number *n, const struct predict *predict, double m)
{
    if (!predict_inside(predict, m)) {
        n->location_reason =
            predict->domain == PREDICT_NOT_ZERO && m == 0.0 ? PREDICT_POLE : PREDICT_OUTSIDE;
        return;
    }
    const double at = link_inverse(predict->kind, m);
    if (isfinite(at))
        n->location = at;
    else
        n->location_reason = PREDICT_OVERFLOW;
}

/* The moments over eta and noise. */
static void put_moments(struct predict_number *n, const struct predict *predict, double m, double s,
                        double trials)
{
    double mean = n->location, variance = 0.0, own = NAN;

    if (s > 0.0)
        moments(&mean, &variance, &n->expected_reason, predict, m, s);
    n->predictive_reason = n->expected_reason;
    if (!has_mean(predict))
        n->expected_reason = PREDICT_NO_MEAN;
    if (n->expected_reason == PREDICT_KNOWN)
        n->expected = mean;
    if (predict->family->response == RESPONSE_TRIALS && !(trials > 0.0))
        n->predictive_reason = PREDICT_TRIALS;
    if (n->predictive_reason == PREDICT_KNOWN)
        own = noise(&n->predictive_reason, predict, m, s);
    if (predict->family->response == RESPONSE_TRIALS)
        own /= trials;
    if (n->predictive_reason == PREDICT_KNOWN && isinf(own + variance))
        n->predictive_reason = PREDICT_OVERFLOW;
    if (n->predictive_reason == PREDICT_KNOWN)
        n->sd_predictive = sqrt(own + variance);
}

static void give_all(struct predict_number *n, enum predict_reason reason)
{
    n->interval_reason = n->expected_reason = n->predictive_reason = reason;
}

void predict_number(struct predict_number *number, const struct predict *predict,
                    const struct predict_row *row)
{
    struct predict_number n = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0, 0, 0, 0, 0, 0};
    const double variance = predict_variance(&n.eta_reason, predict, row);

    n.sd_eta = sqrt(variance);
    if (!predict->family->kinds) {
        n.location_reason = n.mean_reason = PREDICT_CLASSES;
        give_all(&n, PREDICT_CLASSES);
        *number = n;
        return;
    }
    put_location(&n, predict, row->eta[0]);
    n.mean_reason = has_mean(predict) ? n.location_reason : PREDICT_NO_MEAN;
    if (n.mean_reason == PREDICT_KNOWN)
        n.mean = n.location;
    if (n.location_reason != PREDICT_KNOWN) {
        give_all(&n, n.location_reason);
    } else if (n.eta_reason != PREDICT_KNOWN) {
        give_all(&n, n.eta_reason);
    } else {
        put_interval(&n, predict, row->eta[0], n.sd_eta);
        put_moments(&n, predict, row->eta[0], n.sd_eta, row->trials);
    }
    *number = n;
}
