/* The log predictive density of an observed response. */
#include "infer/predict.h"
#include "num/quadrature.h"
#include "num/special.h"

#include <math.h>

struct observed {
    const struct predict *predict;
    double y, trials;
};

/* log f(y | eta) of one row; -infinity outside the domain. */
static double log_density(const struct observed *observed, const double *eta)
{
    const struct predict *const p = observed->predict;
    const struct response response = {
        .y = &observed->y, .trials = &observed->trials, .q = p->q, .symmetric = p->symmetric};
    double value = -INFINITY;
    struct family_out out = {.value = &value};

    for (size_t a = 0; a < p->q; a++)
        if (!isfinite(eta[a]))
            return -INFINITY;
    if (p->q == 1 && !predict_inside(p, eta[0]))
        return -INFINITY;
    if (p->family->eval(&out, p->link, &response, eta, 1, p->psi, FAMILY_VALUE, NULL) != MXP_OK)
        return NAN;
    return value;
}

static double log_density_at(double eta, const void *context)
{
    return log_density(context, &eta);
}

/* The eta at which the response is most likely, where it is finite. */
static double best_eta(const struct observed *observed)
{
    const struct family *const family = observed->predict->family;
    double mean = observed->y;

    if (!family->kinds)
        return NAN;
    if (family->response == RESPONSE_TRIALS)
        mean /= observed->trials;
    return family_link_of_mean(family, observed->predict->link, mean);
}

static void put_integral(struct predict_density *density, const struct observed *observed, double m,
                         double variance)
{
    const struct predict *const p = observed->predict;
    const double hints[] = {0.0, best_eta(observed)}, s = sqrt(variance);
    double error;

    if (p->family == &family_gaussian && p->kind == LINK_IDENTITY) {
        const double sd = hypot(p->psi[0], s);
        density->expected = special_log_normal_density((observed->y - m) / sd) - log(sd);
        return;
    }
    /* heavy tails may hide a narrow peak from a fixed grid */
    double value = quadrature_smooth(&error, log_density_at, observed, m, s);
    if (!(error <= 1e-10) || p->family == &family_student_t)
        value = quadrature_normal(&error, log_density_at, observed, m, s, hints, 2);
    const double inside = log1p(-predict_outside(p, m, s));
    if (value == -INFINITY || error <= 1e-6)
        density->expected = value - inside;
    else
        density->expected_reason = PREDICT_INTEGRAL;
}

static bool in_domain(const struct predict *predict)
{
    if (predict->family->response != RESPONSE_ORDERED)
        return true;
    for (size_t c = 1; c < predict->q; c++)
        if (!(predict->draw[c - 1] < predict->draw[c]))
            return false;
    return true;
}

/* Sums of f and f^2 in units of the largest f so far. */
struct sums {
    double top, first, second, count;
};

static void add(struct sums *sums, double log_f)
{
    if (log_f > sums->top) {
        const double shrink = exp(sums->top - log_f); /* 0 at first */
        sums->first *= shrink;
        sums->second *= shrink * shrink;
        sums->top = log_f;
    }
    const double f = sums->top > -INFINITY ? exp(log_f - sums->top) : 0.0;
    sums->first += f;
    sums->second += f * f;
    sums->count += 1.0;
}

static void put_samples(struct predict_density *density, const struct observed *observed,
                        struct predict *predict, const struct predict_row *row, struct rng *rng)
{
    struct sums sums = {-INFINITY, 0.0, 0.0, 0.0};

    for (size_t s = 0; s < predict->samples; s++) {
        predict_draw(predict, row, rng);
        if (in_domain(predict))
            add(&sums, log_density(observed, predict->draw));
    }
    if (!(sums.count >= 2.0)) {
        density->expected_reason = PREDICT_SAMPLES;
        return;
    }
    const double mean = sums.first / sums.count;
    const double spread = fmax(sums.second / sums.count - mean * mean, 0.0);
    density->expected = sums.top > -INFINITY ? sums.top + log(mean) : -INFINITY;
    density->standard_error = mean > 0.0 ? sqrt(spread / (sums.count - 1.0)) / mean : NAN;
}

void predict_density(struct predict_density *density, struct predict *predict,
                     const struct predict_row *row, double y, struct rng *rng)
{
    const struct observed observed = {predict, y, row->trials};
    struct predict_density out = {.expected = NAN};

    out.plug_in = log_density(&observed, row->eta);
    if (predict->q == 1) {
        const double variance = predict_variance(&out.expected_reason, predict, row);
        if (variance > 0.0)
            put_integral(&out, &observed, row->eta[0], variance);
        else if (variance == 0.0)
            out.expected = out.plug_in;
    } else {
        out.expected_reason = predict_root(predict, row);
        if (out.expected_reason == PREDICT_KNOWN)
            put_samples(&out, &observed, predict, row, rng);
        else
            out.standard_error = NAN;
    }
    *density = out;
}
