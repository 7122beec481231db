/* Scores of predictions against observed responses.  All are weighted by rows: `weights`, n values
 * not negative, or NULL for 1 each; rows of weight 0 do not count.  NAN where the weights sum to 0
 * or a prediction that counts is NAN. */
#ifndef MAXPOST_SCORES_H
#define MAXPOST_SCORES_H

#include "base/err.h"

/* Mean of x.  With log predictive densities the mean log score: Gneiting and Raftery (2007). */
double scores_mean(const double *x, const double *weights, size_t n);
/* Mean of (y - mean)^2: its root is the RMSE; with probabilities of 1 for 0/1 responses it is the
 * Brier score. */
double scores_mean_square(const double *y, const double *mean, const double *weights, size_t n);
/* Share of 0/1 responses on the same side of 1/2 as their probability; 1/2 itself says 0. */
double scores_accuracy(const double *y, const double *probability, const double *weights, size_t n);

/* The same of several classes.
 *   y  n, the class's column 0..classes-1
 *   p  n x classes, column-major
 * Brier: the sum over classes of (p - indicator)^2, between 0 and 2, as Brier (1950) has it; for two
 * classes twice the score above. */
double scores_brier_classes(const double *y, const double *p, size_t classes, const double *weights,
                            size_t n);
/* Share of the rows whose class has the largest probability; the first of equal ones is guessed. */
double scores_accuracy_classes(const double *y, const double *p, size_t classes,
                               const double *weights, size_t n);

/* Area under the ROC curve: P(score of a 1 > score of a 0) + P(equal)/2, pairs weighted by the
 * product of their weights.  NAN unless both classes are there.  Errors: MEMORY.  Cost: n log n.
 * Hanley and McNeil (1982). */
MXP_MUST_CHECK mxp_status scores_auc(double *auc, const double *y, const double *score,
                                     const double *weights, size_t n, mxp_error *error);

/* Rows whose probability is in [low, high), the last bin closed: how many, their weight, their mean
 * probability and the share of ones among them; both NAN in an empty bin. */
struct scores_bin {
    double low, high;
    size_t rows;
    double weight, probability, observed;
};

enum { SCORES_BINS = 10 };

/* A calibration table of 0/1 responses, bins of equal width.  Rows of weight 0 and probabilities
 * outside [0, 1] or NAN are left out.  DeGroot and Fienberg (1983). */
void scores_calibration(struct scores_bin bin[SCORES_BINS], const double *y,
                        const double *probability, const double *weights, size_t n);
/* The weighted mean of |observed - probability| over the bins. */
double scores_calibration_error(const struct scores_bin bin[SCORES_BINS]);

#endif
