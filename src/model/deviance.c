#include "model/deviance.h"
#include "base/mem.h"

#include <math.h>

static double weight_of(const struct design *design, size_t i)
{
    return design->weights ? design->weights[i] : 1.0;
}

/* Sums over the rows at a linear predictor of offset + b: log density, and its two derivatives. */
struct null_sums {
    double value, d1, d2;
};

static mxp_status sum_null(struct null_sums *sums, const struct mxp_problem *problem,
                           const double *psi, double b, mxp_error *error)
{
    enum { CHUNK = 256 };
    const struct design *const design = problem->design;
    double eta[CHUNK], v[CHUNK], first[CHUNK], second[CHUNK];
    struct family_out out = {.value = v, .d1 = first, .d2 = second};

    *sums = (struct null_sums){0};
    for (size_t start = 0; start < problem->n; start += CHUNK) {
        const size_t m = problem->n - start < CHUNK ? problem->n - start : CHUNK;
        for (size_t i = 0; i < m; i++)
            eta[i] = (design->offset ? design->offset[start + i] : 0.0) + b;
        const struct response response = problem_response(problem, start);
        const mxp_status status =
            problem->family->eval(&out, problem->link, &response, eta, m, psi,
                                  FAMILY_VALUE | FAMILY_D1 | FAMILY_D2, error);
        if (status != MXP_OK)
            return status;
        for (size_t i = 0; i < m; i++) {
            const double w = weight_of(design, start + i);
            if (w == 0.0)
                continue;
            sums->value += w * v[i];
            sums->d1 += w * first[i];
            sums->d2 += w * second[i];
        }
    }
    return MXP_OK;
}

/* Where d1 changes its sign: Newton's steps kept inside what is known to hold it. */
struct bracket {
    double low, high, step;
};

static double next(struct bracket *in, double b, const struct null_sums *at)
{
    const double newton = at->d2 < 0.0 ? b - at->d1 / at->d2 : NAN;

    if (at->d1 > 0.0)
        in->low = b;
    else
        in->high = b;
    if (isfinite(in->low) && isfinite(in->high))
        return newton > in->low && newton < in->high ? newton : 0.5 * (in->low + in->high);
    if (fabs(newton - b) <= in->step)
        return newton;
    const double far = at->d1 > 0.0 ? b + in->step : b - in->step;
    in->step *= 2.0;
    return far;
}

/* The largest log-likelihood over b, from a start; *value stays NAN where the start is outside the
 * domain of the link. */
static mxp_status maximise(double *value, const struct mxp_problem *problem, const double *psi,
                           double b, mxp_error *error)
{
    enum { STEPS = 300 };
    struct bracket in = {-INFINITY, INFINITY, 1.0};
    struct null_sums at;
    double good = b;
    mxp_status status;

    TRY(status = sum_null(&at, problem, psi, b, error));
    for (int step = 0; step < STEPS && isfinite(at.value); step++) {
        *value = step == 0 ? at.value : fmax(*value, at.value);
        good = b;
        if (at.d1 == 0.0)
            break;
        b = next(&in, good, &at);
        if (fabs(b - good) <= 1e-10 * (1.0 + fabs(b)))
            break;
        TRY(status = sum_null(&at, problem, psi, b, error));
        for (int halving = 0; halving < STEPS && !isfinite(at.value) && b != good; halving++) {
            b = 0.5 * (b + good);
            TRY(status = sum_null(&at, problem, psi, b, error));
        }
    }
out:
    return status;
}

/* The weighted mean of the responses is the best constant mean. */
static bool mean_is_best(const struct family *family)
{
    return family == &family_bernoulli || family == &family_binomial || family == &family_poisson ||
           family == &family_negative_binomial || family == &family_gamma;
}

/* Mean of a trial, or of a row. */
static double response_mean(const struct design *design)
{
    double trials = 0.0;

    for (size_t i = 0; design->trials && i < design->rows; i++)
        trials += weight_of(design, i) * design->trials[i];
    return design->trials ? design->y_mean * design->weight_sum / trials : design->y_mean;
}

/* Families with one linear predictor. */
static mxp_status null_number(double *value, const char **why, const struct mxp_problem *problem,
                              const double *psi, mxp_error *error)
{
    const struct family *const family = problem->family;
    const bool offset = problem->design->offset != NULL;
    struct null_sums at = {.value = NAN};
    double b = 0.0;
    mxp_status status = MXP_OK;

    if (problem->model->intercept)
        b = family_link_of_mean(family, problem->link, response_mean(problem->design));
    if (!isfinite(b)) {
        *why = "an intercept alone has no mode";
        return MXP_OK;
    }
    if (!problem->model->intercept || (mean_is_best(family) && !offset)) {
        TRY(status = sum_null(&at, problem, psi, b, error));
        if (isfinite(at.value))
            *value = at.value;
    } else if (family->concave(problem->link) || (family == &family_beta && !offset)) {
        /* one mode: of beta in the mean, of which eta is a monotone function */
        TRY(status = maximise(value, problem, psi, b, error));
    } else {
        *why = "an intercept alone may have several modes in this family";
        goto out;
    }
    if (isnan(*value))
        *why = "an intercept alone is outside the domain of the link";
out:
    return status;
}

/* Classes: an intercept an eta column gives every class its share; nothing at all, all the same. */
static mxp_status null_classes(double *value, const char **why, const struct mxp_problem *problem,
                               mxp_error *error)
{
    const struct design *const design = problem->design;
    double *share = NULL;
    mxp_status status;

    if (design->offset) {
        *why = "not computed for classes with an offset";
        return MXP_OK;
    }
    if (!problem->model->intercept) {
        *value = -design->weight_sum * log((double)design->classes);
        return MXP_OK;
    }
    TRY(status = mem_doubles(&share, design->classes, 1, error));
    for (size_t i = 0; i < design->rows; i++)
        share[(size_t)design->y[i]] += weight_of(design, i);
    *value = 0.0;
    for (size_t c = 0; c < design->classes; c++)
        if (share[c] > 0.0)
            *value += share[c] * log(share[c] / design->weight_sum);
    free(share);
out:
    return status;
}

double deviance_saturated(const struct mxp_problem *problem, const double *psi)
{
    const struct design *const design = problem->design;
    double sum = 0.0;

    for (size_t i = 0; i < problem->n; i++)
        if (weight_of(design, i) > 0.0)
            sum += weight_of(design, i) *
                   problem->family->saturated(design->y[i],
                                              design->trials ? design->trials[i] : 1.0, psi);
    return sum;
}

mxp_status deviance_null(double *value, const char **why, const struct mxp_problem *problem,
                         const double *psi, mxp_error *error)
{
    *value = NAN;
    *why = NULL;
    return problem->design->label ? null_classes(value, why, problem, error)
                                  : null_number(value, why, problem, psi, error);
}
