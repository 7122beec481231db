/* R^2, RMSE, Brier score, accuracy and AIC at the mode. */
#include "app/report_parts.h"
#include "model/rows.h"

#include <math.h>

/* Of the gaussian family, fixed, estimated, or plugged in; NAN for others. */
static double noise_sd(const struct report *report)
{
    double psi[FAMILY_AUX_MAX];

    report_psi(psi, report);
    return report->problem->family == &family_gaussian ? psi[0] : NAN;
}

/* The linear predictor at the mode, n x q values.  One pass over the data. */
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

/* Weighted sums over the rows, or over their trials. */
struct tally {
    double squares, right, weight;
};

/* A number: its distance from the mean.  Trials: every one as a 0 or a 1. */
static void tally_number(struct tally *tally, const struct mxp_problem *problem, size_t i,
                         double eta)
{
    const struct design *const design = problem->design;
    const double w = report_weight(design, i), y = design->y[i];
    const double mean = family_mean(problem->family, problem->link, eta);
    const double trials = design->trials ? design->trials[i] : 1.0;

    if (w == 0.0)
        return;
    tally->weight += w * trials;
    tally->squares += design->trials
                          ? w * (y * (1.0 - mean) * (1.0 - mean) + (trials - y) * mean * mean)
                          : w * (y - mean) * (y - mean);
    tally->right += w * (mean > 0.5 ? y : trials - y);
}

/* A class: squares over all classes, and whether the likeliest is right.  p in the order of the eta
 * columns, as problem->y counts. */
static void tally_class(struct tally *tally, const struct mxp_problem *problem, size_t i,
                        const double *p)
{
    const struct design *const design = problem->design;
    const double w = report_weight(design, i);
    const size_t truth = (size_t)problem->y[i];
    size_t best = 0;
    double squares = 0.0;

    for (size_t c = 0; c < design->classes; c++) {
        const double off = p[c] - (c == truth ? 1.0 : 0.0);
        squares += off * off;
        if (p[c] > p[best])
            best = c;
    }
    tally->weight += w;
    tally->squares += w * squares;
    tally->right += best == truth ? w : 0.0;
}

static mxp_status tally_classes(struct tally *tally, const struct mxp_problem *problem,
                                const double *eta, mxp_error *error)
{
    const size_t q = problem->q, n = problem->n;
    double *row = NULL, *p = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&row, q, 1, error));
    TRY(status = mem_doubles(&p, problem->design->classes, 1, error));
    for (size_t i = 0; i < n; i++) {
        for (size_t c = 0; c < q; c++)
            row[c] = eta[i + n * c];
        problem->family->probabilities(p, problem->link, row, q, problem->model->symmetric);
        tally_class(tally, problem, i, p);
    }
out:
    free(row);
    free(p);
    return status;
}

/* One pass over the rows. */
static mxp_status score_rows(struct report_scores *scores, const struct report *report,
                             mxp_error *error)
{
    const struct mxp_problem *const problem = report->problem;
    struct tally tally = {0};
    double *eta = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&eta, problem->n, problem->q, error));
    TRY(status = predict(eta, report, error));
    if (report->design->label)
        TRY(status = tally_classes(&tally, problem, eta, error));
    else
        for (size_t i = 0; i < problem->n; i++)
            tally_number(&tally, problem, i, eta[i]);
    tally.squares /= tally.weight;
    if (report_is_binary(report) || report->design->label) {
        scores->brier = tally.squares;
        scores->accuracy = tally.right / tally.weight;
    } else {
        scores->rmse = sqrt(tally.squares);
    }
out:
    free(eta);
    return status;
}

/* About the mean of the response; about 0 where there is neither an intercept nor another link. */
static double total_spread(const struct report *report)
{
    const struct design *const design = report->design;

    if (report->problem->link == 0)
        return report->model->intercept ? design->y_offset_sd : design->y_offset_rms;
    return report->model->intercept && !design->offset ? design->y_sd : NAN;
}

/* The residual mean square is inside the log-likelihood, -W/2 log(2 pi s^2) - RSS/(2 s^2), with no
 * pass over the data, unless cancellation leaves too little of it. */
static mxp_status score_gaussian(struct report_scores *scores, const struct report *report,
                                 mxp_error *error)
{
    const double sd = scores->noise_sd, w = report->design->weight_sum;
    const double constant = w * (log(2.0 * acos(-1.0)) + 2.0 * log(sd));
    const double scaled = -2.0 * report->fit.log_likelihood - constant; /* RSS / sd^2 */
    mxp_status status = MXP_OK;

    if (scaled > 1e-4 * (fabs(constant) + w))
        scores->rmse = sd * sqrt(scaled / w);
    else
        TRY(status = score_rows(scores, report, error));
    const double total = total_spread(report);
    if (total > 0.0)
        scores->r_squared = 1.0 - scores->rmse * scores->rmse / total / total;
out:
    return status;
}

bool report_is_binary(const struct report *report)
{
    return report->problem->family == &family_bernoulli || report->design->trials;
}

mxp_status report_class_weights(double **sums, const struct design *design, mxp_error *error)
{
    double *w = NULL;
    const mxp_status status = mem_doubles(&w, design->classes, 1, error);

    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < design->rows; i++)
        w[(size_t)design->y[i]] += report_weight(design, i);
    *sums = w;
    return MXP_OK;
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
    if (report->problem->family == &family_gaussian) {
        TRY(status = score_gaussian(scores, report, error));
    } else {
        TRY(status = report_deviance(scores, report, error));
        TRY(status = score_rows(scores, report, error));
    }
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
