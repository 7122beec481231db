/* How well new rows with a response are predicted. */
#include "app/prediction.h"

#include <math.h>

/* Sums of log densities over the rows. */
static void score_densities(mxp_prediction *p)
{
    const struct prediction_observed *const o = &p->observed;
    struct prediction_scores *const s = &p->scores;
    double square = 0.0;

    s->weight = 0.0;
    for (size_t i = 0; i < p->rows; i++) {
        s->weight += o->weight[i];
        square += o->weight[i] > 0.0 ? pow(o->weight[i] * o->se[i], 2.0) : 0.0;
    }
    s->log_likelihood = s->weight * scores_mean(o->plug_in, o->weight, p->rows);
    s->log_predictive_density = s->weight * scores_mean(o->expected, o->weight, p->rows);
    if (p->model->q > 1)
        s->log_predictive_density_error = sqrt(square);
}

/* Every trial as a 0 or a 1, as the scores of a fit have it. */
static void score_trials(mxp_prediction *p)
{
    const struct prediction_observed *const o = &p->observed;
    const double *const mean = p->column[PREDICTION_MEAN].values;
    double squares = 0.0, right = 0.0, weight = 0.0;

    for (size_t i = 0; i < p->rows; i++) {
        const double w = o->weight[i], y = o->y[i], trials = o->trials[i], m = mean[i];
        if (!(w > 0.0))
            continue;
        squares += w * (y * (1.0 - m) * (1.0 - m) + (trials - y) * m * m);
        right += w * (m > 0.5 ? y : trials - y);
        weight += w * trials;
    }
    p->scores.brier = squares / weight;
    p->scores.accuracy = right / weight;
}

static mxp_status score_binary(mxp_prediction *p, mxp_error *error)
{
    const struct prediction_observed *const o = &p->observed;
    struct prediction_scores *const s = &p->scores;
    const double *const one = p->p + p->rows;
    mxp_status status;

    s->binary = true;
    s->brier = scores_mean_square(o->y, one, o->weight, p->rows);
    s->accuracy = scores_accuracy(o->y, one, o->weight, p->rows);
    scores_calibration(s->bin, o->y, one, o->weight, p->rows);
    s->calibration_error = scores_calibration_error(s->bin);
    TRY(status = scores_auc(&s->auc, o->y, one, o->weight, p->rows, error));
out:
    return status;
}

mxp_status prediction_score(mxp_prediction *prediction, mxp_error *error)
{
    mxp_prediction *const p = prediction;
    const struct prediction_observed *const o = &p->observed;
    struct prediction_scores *const s = &p->scores;

    *s = (struct prediction_scores){.weight = NAN,
                                    .log_predictive_density = NAN,
                                    .log_predictive_density_error = NAN,
                                    .log_likelihood = NAN,
                                    .rmse = NAN,
                                    .brier = NAN,
                                    .accuracy = NAN,
                                    .auc = NAN,
                                    .calibration_error = NAN};
    if (!o->column)
        return MXP_OK;
    score_densities(p);
    if (p->fit->response.kind == FIT_TRIALS) {
        score_trials(p);
        return MXP_OK;
    }
    if (p->classes == 0) {
        s->rmse =
            sqrt(scores_mean_square(o->y, p->column[PREDICTION_MEAN].values, o->weight, p->rows));
        return MXP_OK;
    }
    if (p->fit->response.kind != FIT_CLASS)
        return score_binary(p, error);
    s->brier = scores_brier_classes(o->y, p->p, p->classes, o->weight, p->rows);
    s->accuracy = scores_accuracy_classes(o->y, p->p, p->classes, o->weight, p->rows);
    return MXP_OK;
}
