/* Scores against brute force and by hand. */
#include "infer/scores.h"
#include "num/rng.h"
#include "numeric.h"

enum { N = 200 };

/* P(score of a 1 > score of a 0) + P(equal)/2 over all pairs. */
static double pairs(const double *y, const double *score, const double *w, size_t n)
{
    double wins = 0, all = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (y[i] > y[j]) {
                const double weight = w ? w[i] * w[j] : 1;
                all += weight;
                wins += weight * (score[i] > score[j] ? 1.0 : score[i] == score[j] ? 0.5 : 0.0);
            }
    return wins / all;
}

/* Few different scores, so that there are ties; some weights are 0. */
static void test_auc(void **state)
{
    struct rng rng = rng_stream(11, 0);
    double y[N], score[N], w[N], auc;
    (void)state;
    for (size_t levels = 1; levels < 5000; levels *= 4) {
        for (size_t i = 0; i < N; i++) {
            score[i] = (double)rng_below(&rng, levels) / (double)levels;
            y[i] = rng_bernoulli(&rng, 0.2 + 0.5 * score[i]);
            w[i] = i % 7 ? rng_exponential(&rng) : 0;
        }
        assert_int_equal(scores_auc(&auc, y, score, NULL, N, NULL), MXP_OK);
        assert_close(auc, pairs(y, score, NULL, N), 1e-13, 0, "auc", (double)levels);
        assert_int_equal(scores_auc(&auc, y, score, w, N, NULL), MXP_OK);
        assert_close(auc, pairs(y, score, w, N), 1e-12, 0, "weighted auc", (double)levels);
    }
}

static void test_auc_edges(void **state)
{
    const double ones[] = {1, 1}, mixed[] = {0, 1}, score[] = {0.2, 0.9}, bad[] = {NAN, 0.5};
    const double first[] = {1, 0}, none[] = {0, 0};
    double auc;
    (void)state;
    assert_int_equal(scores_auc(&auc, ones, score, NULL, 2, NULL), MXP_OK);
    assert_true(isnan(auc));
    assert_int_equal(scores_auc(&auc, mixed, score, NULL, 2, NULL), MXP_OK);
    assert_true(auc == 1);
    assert_int_equal(scores_auc(&auc, mixed, bad, NULL, 2, NULL), MXP_OK);
    assert_true(isnan(auc));
    assert_int_equal(scores_auc(&auc, mixed, score, first, 2, NULL), MXP_OK);
    assert_true(isnan(auc));
    assert_int_equal(scores_auc(&auc, mixed, score, NULL, 0, NULL), MXP_OK);
    assert_true(isnan(auc));
    assert_true(isnan(scores_mean(score, none, 2)));
    assert_true(scores_mean(bad, (const double[]){0, 2}, 2) == 0.5);
    assert_true(isnan(scores_mean(bad, NULL, 2)) && isnan(scores_accuracy(mixed, bad, NULL, 2)));
}

static void test_means(void **state)
{
    const double y[] = {0, 1, 1, 0}, p[] = {0.25, 0.5, 0.75, 1}, w[] = {1, 2, 3, 4};
    (void)state;
    assert_close(scores_mean_square(y, p, NULL, 4), (0.0625 + 0.25 + 0.0625 + 1) / 4, 1e-15, 0,
                 "brier", 0);
    assert_close(scores_mean_square(y, p, w, 4), (0.0625 + 0.5 + 0.1875 + 4) / 10, 1e-15, 0,
                 "weighted brier", 0);
    assert_true(scores_accuracy(y, p, NULL, 4) == 0.5);
    assert_close(scores_accuracy(y, p, w, 4), 0.4, 1e-15, 0, "accuracy", 0);
    assert_close(scores_mean(p, w, 4), (0.25 + 1 + 2.25 + 4) / 10, 1e-15, 0, "mean", 0);
}

/* Two classes: twice Brier's score of a probability, the same accuracy but for ties. */
static void test_classes(void **state)
{
    const double y[] = {0, 2, 1}, p[] = {0.5, 0.2, 0.4, 0.3, 0.2, 0.4, 0.2, 0.6, 0.2};
    const double brier = (0.25 + 0.09 + 0.04 + 0.04 + 0.04 + 0.16 + 0.16 + 0.36 + 0.04) / 3;
    double two[2 * N], ones[N], w[N];
    struct rng rng = rng_stream(3, 0);
    (void)state;
    assert_close(scores_brier_classes(y, p, 3, NULL, 3), brier, 1e-14, 0, "brier", 0);
    assert_close(scores_accuracy_classes(y, p, 3, NULL, 3), 2.0 / 3, 1e-15, 0, "accuracy", 0);
    for (size_t i = 0; i < N; i++) {
        two[i + N] = rng_uniform(&rng);
        two[i] = 1 - two[i + N];
        ones[i] = rng_bernoulli(&rng, 0.4);
        w[i] = rng_uniform(&rng);
    }
    assert_close(scores_brier_classes(ones, two, 2, w, N),
                 2 * scores_mean_square(ones, two + N, w, N), 1e-13, 0, "brier", 0);
    assert_close(scores_accuracy_classes(ones, two, 2, w, N), scores_accuracy(ones, two + N, w, N),
                 1e-13, 0, "accuracy", 0);
}

static void test_calibration(void **state)
{
    const double y[] = {0, 1, 1, 0, 1, 1, 0}, p[] = {0, 0.05, 1, 0.3, 0.35, 0.999, NAN};
    const double w[] = {1, 3, 1, 2, 2, 0, 1};
    struct scores_bin bin[SCORES_BINS];
    size_t rows = 0;
    (void)state;
    scores_calibration(bin, y, p, w, 7);
    for (size_t k = 0; k < SCORES_BINS; k++)
        rows += bin[k].rows;
    assert_int_equal(rows, 5);
    assert_int_equal(bin[0].rows, 2);
    assert_true(bin[0].low == 0 && bin[9].high == 1 && bin[0].weight == 4);
    assert_close(bin[0].probability, 0.0375, 1e-14, 0, "probability", 0);
    assert_close(bin[0].observed, 0.75, 1e-14, 0, "observed", 0);
    assert_int_equal(bin[3].rows, 2); /* 0.3 begins it */
    assert_true(bin[9].rows == 1 && bin[9].observed == 1 && bin[9].probability == 1);
    assert_true(bin[5].rows == 0 && isnan(bin[5].observed) && isnan(bin[5].probability));
    assert_close(scores_calibration_error(bin), (4 * 0.7125 + 4 * (0.5 - 0.325)) / 9, 1e-13, 0,
                 "calibration error", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_auc),         cmocka_unit_test(test_auc_edges),
        cmocka_unit_test(test_means),       cmocka_unit_test(test_classes),
        cmocka_unit_test(test_calibration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
