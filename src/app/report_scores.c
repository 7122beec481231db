/* R^2, deviance, RMSE, Brier score, accuracy and AIC at the mode. */
#include "app/report.h"
#include "base/mem.h"
#include "infer/scores.h"
#include "model/rows.h"

#include <math.h>

static double weight(const struct design *design, size_t i)
{
    return design->weights ? design->weights[i] : 1.0;
}

static double offset(const struct design *design, size_t i)
{
    return design->offset ? design->offset[i] : 0.0;
}

/* Fixed, estimated, or plugged in; NAN for families without. */
static double noise_sd(const struct report *report)
{
    const struct mxp_problem *const problem = report->problem;

    if (problem->family->auxiliary_count == 0)
        return NAN;
    for (size_t j = report->coefficients; j < report->count; j++)
        return report->term[j].estimate;
    return problem->psi[0];
}

/* The linear predictor at the mode, n values.  One pass over the data. */
static mxp_status predict(double *eta, const struct report *report, mxp_error *error)
{
    const struct mxp_problem *const problem = report->problem;
    double *beta = NULL, *theta = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&beta, problem->d, 1, error));
    TRY(status = mem_doubles(&theta, problem->d, 1, error));
    for (size_t j = 0; j < problem->k; j++)
        beta[j] = report->term[j].estimate;
    problem_from_data(theta, problem, beta);
    rows_predictor(eta, problem, theta);
out:
    free(beta);
    free(theta);
    return status;
}

/* Weighted mean squares of response - mean, and for 0/1 responses the share of right guesses. */
static mxp_status score_rows(struct report_scores *scores, const struct report *report,
                             mxp_error *error)
{
    const struct mxp_problem *const problem = report->problem;
    const struct design *const design = report->design;
    const bool classes = problem->family == &family_bernoulli;
    double *mean = NULL; /* eta first */
    mxp_status status;

    TRY(status = mem_doubles(&mean, problem->n, 1, error));
    TRY(status = predict(mean, report, error));
    for (size_t i = 0; i < problem->n; i++)
        mean[i] = problem->family->mean(problem->link, mean[i]);
    const double squares = scores_mean_square(design->y, mean, design->weights, problem->n);
    if (classes) {
        scores->brier = squares;
        scores->accuracy = scores_accuracy(design->y, mean, design->weights, problem->n);
    } else {
        scores->rmse = sqrt(squares);
    }
out:
    free(mean);
    return status;
}

/* The residual mean square is inside the log-likelihood, -W/2 log(2 pi s^2) - RSS/(2 s^2), with no
 * pass over the data, unless cancellation leaves too little of it. */
static mxp_status score_gaussian(struct report_scores *scores, const struct report *report,
                                 mxp_error *error)
{
    const struct design *const design = report->design;
    const double sd = scores->noise_sd, w = design->weight_sum;
    const double constant = w * (log(2.0 * acos(-1.0)) + 2.0 * log(sd));
    const double scaled = -2.0 * report->fit.log_likelihood - constant; /* RSS / sd^2 */
    mxp_status status = MXP_OK;

    if (scaled > 1e-4 * (fabs(constant) + w))
        scores->rmse = sd * sqrt(scaled / w);
    else
        TRY(status = score_rows(scores, report, error));
    const double total = report->model->intercept ? design->y_offset_sd : design->y_offset_rms;
    if (total > 0.0)
        scores->r_squared = 1.0 - scores->rmse * scores->rmse / total / total;
out:
    return status;
}

/* Sums over the rows at a linear predictor of offset + b: log density, and its two derivatives. */
static mxp_status null_sums(double *value, double *d1, double *d2, const struct report *report,
                            double b, mxp_error *error)
{
    enum { CHUNK = 256 };
    const struct mxp_problem *const problem = report->problem;
    const struct design *const design = report->design;
    double eta[CHUNK], v[CHUNK], first[CHUNK], second[CHUNK];
    struct family_out out = {.value = v, .d1 = first, .d2 = second};

    *value = *d1 = *d2 = 0.0;
    for (size_t start = 0; start < problem->n; start += CHUNK) {
        const size_t m = problem->n - start < CHUNK ? problem->n - start : CHUNK;
        for (size_t i = 0; i < m; i++)
            eta[i] = offset(design, start + i) + b;
        const struct response response = problem_response(problem, start);
        const mxp_status status =
            problem->family->eval(&out, problem->link, &response, eta, m, problem->psi,
                                  FAMILY_VALUE | FAMILY_D1 | FAMILY_D2, error);
        if (status != MXP_OK)
            return status;
        for (size_t i = 0; i < m; i++) {
            *value += weight(design, start + i) * v[i];
            *d1 += weight(design, start + i) * first[i];
            *d2 += weight(design, start + i) * second[i];
        }
    }
    return MXP_OK;
}

/* The largest log-likelihood of an intercept alone (of the offset alone in a model without one);
 * NAN where it has none, as when all responses are 0. */
static mxp_status null_likelihood(double *value, const struct report *report, mxp_error *error)
{
    enum { STEPS = 50 };
    const struct mxp_problem *const problem = report->problem;
    double d1, d2, b = 0.0;
    mxp_status status = MXP_OK;

    if (report->model->intercept)
        b = problem->family->link_of_mean(problem->link, report->design->y_mean);
    if (!isfinite(b)) {
        *value = NAN;
        return MXP_OK;
    }
    for (int step = 0; step < STEPS; step++) {
        TRY(status = null_sums(value, &d1, &d2, report, b, error));
        const double move = d2 < 0.0 ? -d1 / d2 : 0.0;
        if (!report->model->intercept || !report->design->offset ||
            fabs(move) <= 1e-10 * (1.0 + fabs(b)))
            break;
        b += fmax(-2.0, fmin(2.0, move));
    }
out:
    return status;
}

static mxp_status score_deviance(struct report_scores *scores, const struct report *report,
                                 mxp_error *error)
{
    const struct design *const design = report->design;
    double best = 0.0, null_value = NAN;
    mxp_status status;

    for (size_t i = 0; i < report->problem->n; i++)
        best += weight(design, i) *
                report->problem->family->saturated(
                    design->y[i], design->trials ? design->trials[i] : 1.0, report->problem->psi);
    scores->deviance = 2.0 * (best - report->fit.log_likelihood);
    TRY(status = null_likelihood(&null_value, report, error));
    scores->null_deviance = 2.0 * (best - null_value);
    if (scores->null_deviance > 0.0)
        scores->deviance_explained = 1.0 - scores->deviance / scores->null_deviance;
    TRY(status = score_rows(scores, report, error));
out:
    return status;
}

mxp_status report_score(struct report_scores *scores, const struct report *report, mxp_error *error)
{
    mxp_status status;

    *scores = (struct report_scores){.noise_sd = noise_sd(report),
                                     .rmse = NAN,
                                     .brier = NAN,
                                     .accuracy = NAN,
                                     .r_squared = NAN,
                                     .deviance = NAN,
                                     .null_deviance = NAN,
                                     .deviance_explained = NAN,
                                     .parameters = NAN,
                                     .aic = NAN};
    if (report->problem->family == &family_gaussian)
        TRY(status = score_gaussian(scores, report, error));
    else
        TRY(status = score_deviance(scores, report, error));
    if (report->has_posterior) {
        const bool plugged_in = report->problem->plugged_in;
        scores->parameters = report->posterior.effective_parameters +
                             (double)(report->count - report->coefficients) +
                             (plugged_in ? 1.0 : 0.0);
        scores->aic = -2.0 * report->fit.log_likelihood + 2.0 * scores->parameters;
    }
out:
    return status;
}
