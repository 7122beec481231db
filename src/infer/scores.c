#include "infer/scores.h"
#include "base/mem.h"

#include <math.h>

static double weight(const double *weights, size_t i)
{
    return weights ? weights[i] : 1.0;
}

/* A weighted mean that is built row by row. */
struct mean {
    double sum, weight;
};

static void add(struct mean *mean, double value, double w)
{
    if (w == 0.0)
        return;
    mean->sum += w * value;
    mean->weight += w;
}

static double mean_of(const struct mean *mean)
{
    return mean->weight > 0.0 ? mean->sum / mean->weight : NAN;
}

double scores_mean(const double *x, const double *weights, size_t n)
{
    struct mean mean = {0.0, 0.0};

    for (size_t i = 0; i < n; i++)
        add(&mean, x[i], weight(weights, i));
    return mean_of(&mean);
}

double scores_mean_square(const double *y, const double *mean, const double *weights, size_t n)
{
    struct mean squares = {0.0, 0.0};

    for (size_t i = 0; i < n; i++)
        add(&squares, (y[i] - mean[i]) * (y[i] - mean[i]), weight(weights, i));
    return mean_of(&squares);
}

double scores_accuracy(const double *y, const double *probability, const double *weights, size_t n)
{
    struct mean right = {0.0, 0.0};

    for (size_t i = 0; i < n; i++) {
        const double hit = (probability[i] > 0.5) == (y[i] > 0.5);
        add(&right, isnan(probability[i]) ? NAN : hit, weight(weights, i));
    }
    return mean_of(&right);
}

double scores_brier_classes(const double *y, const double *p, size_t classes, const double *weights,
                            size_t n)
{
    struct mean mean = {0.0, 0.0};

    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (size_t k = 0; k < classes; k++) {
            const double off = p[i + n * k] - ((size_t)y[i] == k ? 1.0 : 0.0);
            sum += off * off;
        }
        add(&mean, sum, weight(weights, i));
    }
    return mean_of(&mean);
}

double scores_accuracy_classes(const double *y, const double *p, size_t classes,
                               const double *weights, size_t n)
{
    struct mean right = {0.0, 0.0};

    for (size_t i = 0; i < n; i++) {
        size_t best = 0;
        double hit = NAN;
        for (size_t k = 1; k < classes; k++)
            if (p[i + n * k] > p[i + n * best])
                best = k;
        if (!isnan(p[i + n * best]))
            hit = (size_t)y[i] == best;
        add(&right, hit, weight(weights, i));
    }
    return mean_of(&right);
}

struct ranked {
    double score, one, zero; /* weight among the ones, among the zeros */
    size_t row;
};

static int by_score(const void *a, const void *b)
{
    const struct ranked *const x = a, *const y = b;

    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Of sorted rows: each group of equal scores meets the zeros below it, and half of its own. */
static double area(const struct ranked *ranked, size_t count)
{
    double ones = 0.0, zeros = 0.0, wins = 0.0;

    for (size_t i = 0; i < count;) {
        const double score = ranked[i].score;
        double one = 0.0, zero = 0.0;
        for (; i < count && ranked[i].score == score; i++) {
            one += ranked[i].one;
            zero += ranked[i].zero;
        }
        wins += one * (zeros + 0.5 * zero);
        ones += one;
        zeros += zero;
    }
    return ones > 0.0 && zeros > 0.0 ? wins / ones / zeros : NAN;
}

mxp_status scores_auc(double *auc, const double *y, const double *score, const double *weights,
                      size_t n, mxp_error *error)
{
    struct ranked *ranked = NULL;
    size_t count = 0, missing = 0;
    mxp_status status;

    TRY(status = MEM_NEW(&ranked, n, error));
    for (size_t i = 0; i < n; i++) {
        const double w = weight(weights, i), one = y[i] > 0.5;
        if (w == 0.0)
            continue;
        missing += isnan(score[i]) ? 1 : 0;
        ranked[count++] = (struct ranked){score[i], w * one, w * (1.0 - one), i};
    }
    if (missing == 0)
        qsort(ranked, count, sizeof *ranked, by_score);
    *auc = missing == 0 ? area(ranked, count) : NAN;
out:
    free(ranked);
    return status;
}

void scores_calibration(struct scores_bin bin[SCORES_BINS], const double *y,
                        const double *probability, const double *weights, size_t n)
{
    for (size_t k = 0; k < SCORES_BINS; k++)
        bin[k] = (struct scores_bin){.low = (double)k / SCORES_BINS,
                                     .high = (double)(k + 1) / SCORES_BINS};
    for (size_t i = 0; i < n; i++) {
        const double p = probability[i], w = weight(weights, i);
        if (!(p >= 0.0 && p <= 1.0) || w == 0.0)
            continue;
        size_t k = SCORES_BINS - 1;
        while (k > 0 && p < bin[k].low)
            k--;
        bin[k].rows++;
        bin[k].weight += w;
        bin[k].probability += w * p;
        bin[k].observed += w * (y[i] > 0.5);
    }
    for (size_t k = 0; k < SCORES_BINS; k++) {
        bin[k].probability = bin[k].rows ? bin[k].probability / bin[k].weight : NAN;
        bin[k].observed = bin[k].rows ? bin[k].observed / bin[k].weight : NAN;
    }
}

double scores_calibration_error(const struct scores_bin bin[SCORES_BINS])
{
    struct mean mean = {0.0, 0.0};

    for (size_t k = 0; k < SCORES_BINS; k++)
        if (bin[k].rows)
            add(&mean, fabs(bin[k].observed - bin[k].probability), bin[k].weight);
    return mean_of(&mean);
}
