/* Probabilities of classes averaged over eta: closed forms, quadrature, long Monte Carlo. */
#include "num/rng.h"
#include "num/special.h"
#include "predict_scene.h"

enum { Q = 3, CLASSES = Q + 1, DRAWS = 20000 };

struct result {
    double plug_in[CLASSES], averaged[CLASSES], sampled[CLASSES], error[CLASSES], outside;
    enum predict_average average;
    enum predict_reason plug_in_reason, averaged_reason, sampled_reason;
};

static struct predict *new_predict(const struct family *family, size_t link, size_t q,
                                   bool symmetric, size_t samples)
{
    struct predict *predict = NULL;
    assert_int_equal(predict_new(&predict, family, link, q, symmetric, NULL, 0.9, samples, NULL),
                     MXP_OK);
    return predict;
}

static struct result classes_of(struct predict *predict, const double *eta,
                                const double *covariance, uint64_t seed)
{
    struct result r = {.outside = 0};
    struct predict_classes out = {r.plug_in, r.averaged, r.sampled, r.error, 0, 0, 0, 0, 0};
    struct rng rng = rng_stream(seed, 0);
    const struct predict_row row = {eta, covariance, 1};
    predict_classes(&out, predict, &row, &rng);
    out.plug_in = r.plug_in;
    r.outside = out.outside;
    r.average = out.average;
    r.plug_in_reason = out.plug_in_reason;
    r.averaged_reason = out.averaged_reason;
    r.sampled_reason = out.monte_carlo_reason;
    return r;
}

static void check_sums(const struct predict *predict, const struct result *r)
{
    double plug_in = 0, averaged = 0, sampled = 0;
    for (size_t k = 0; k < predict->classes; k++) {
        assert_true(r->plug_in[k] >= 0 && r->averaged[k] >= 0 && r->sampled[k] >= 0);
        plug_in += r->plug_in[k];
        averaged += r->averaged[k];
        sampled += r->sampled[k];
    }
    assert_close(plug_in, 1, 0, 1e-12, predict->family->name, 0);
    assert_close(averaged, 1, 0, 1e-9, predict->family->name, 0);
    assert_close(sampled, 1, 0, 1e-12, predict->family->name, 0);
}

/* The Monte Carlo average is within 5 standard errors of what is exact, and within 0.02 more of
 * MacKay's. */
static void test_bernoulli(void **state)
{
    (void)state;
    for (size_t link = 0; family_bernoulli.links[link]; link++) {
        struct predict *predict = new_predict(&family_bernoulli, link, 1, false, DRAWS);
        const char *name = family_bernoulli.links[link];
        for (double m = -3; m <= 3; m += 1.5)
            for (double v = 0.01; v < 20; v *= 5) {
                const struct result r = classes_of(predict, &m, &v, 1);
                const bool mackay = strcmp(name, "logit") == 0;
                check_sums(predict, &r);
                assert_int_equal(r.average, mackay ? PREDICT_MACKAY : PREDICT_EXACT);
                assert_close(r.averaged[1], r.sampled[1], 0, 5 * r.error[1] + 0.02 * mackay, name,
                             m);
                const struct scene c = {&family_bernoulli, link, m, sqrt(v), 1, {0}};
                assert_close(r.sampled[1], scene_number(&c).expected, 0, 5 * r.error[1], name, m);
                assert_close(r.averaged[1], scene_number(&c).expected, mackay ? 0 : 1e-9,
                             0.02 * mackay, name, m);
                assert_close(r.error[0], r.error[1], 1e-6, 0, name, m);
            }
        predict_free(predict);
    }
}

/* MacKay's formula, digit by digit; the error it makes against the integral. */
static void test_mackay(void **state)
{
    const double pi = acos(-1), m = 1.7, v = 3.1;
    struct predict *bernoulli = new_predict(&family_bernoulli, 0, 1, false, 0);
    struct predict *two = new_predict(&family_multinomial, 0, 1, false, 0);
    struct predict *ordered = new_predict(&family_ordinal, 0, 1, false, 0);
    const double p = special_logistic(m / sqrt(1 + pi * v / 8));
    (void)state;
    assert_close(classes_of(bernoulli, &m, &v, 1).averaged[1], p, 1e-14, 0, "bernoulli", m);
    assert_close(classes_of(two, &m, &v, 1).averaged[0], p, 1e-14, 0, "two classes", m);
    assert_close(classes_of(ordered, &m, &v, 1).averaged[0], p, 1e-14, 0, "ordered", m);
    assert_true(isnan(classes_of(bernoulli, &m, &v, 1).sampled[0])); /* no draws asked for */
    assert_int_equal(classes_of(bernoulli, &m, &v, 1).sampled_reason, PREDICT_SAMPLES);
    predict_free(bernoulli);
    predict_free(two);
    predict_free(ordered);
}

/* A covariance of three etas, L L' with random L. */
static void covariance_of(double *A, double size, struct rng *rng)
{
    double L[Q * Q];
    for (size_t k = 0; k < Q * Q; k++)
        L[k] = size * rng_normal(rng);
    for (size_t i = 0; i < Q; i++)
        for (size_t j = 0; j < Q; j++) {
            A[i + Q * j] = 0;
            for (size_t k = 0; k < Q; k++)
                A[i + Q * j] += L[i + Q * k] * L[j + Q * k];
        }
}

/* The mean-field average is a rough one: over random models its worst error stays below 0.1 for gaps
 * of sd near 1 and below 0.25 for 5, and its mean error below 0.85 of the plug-in's. */
static void softmax_of(struct predict *predict, double size, double worst, struct rng *rng)
{
    double off = 0, plug_in_off = 0;
    for (uint64_t trial = 0; trial < 40; trial++) {
        double A[Q * Q], eta[Q];
        for (size_t a = 0; a < Q; a++)
            eta[a] = 1.5 * rng_normal(rng);
        covariance_of(A, size, rng);
        const struct result r = classes_of(predict, eta, A, trial);
        check_sums(predict, &r);
        assert_int_equal(r.average, PREDICT_MEAN_FIELD);
        for (size_t k = 0; k < predict->classes; k++) {
            assert_close(r.averaged[k], r.sampled[k], 0, worst, "mean field", size);
            off += fabs(r.averaged[k] - r.sampled[k]);
            plug_in_off += fabs(r.plug_in[k] - r.sampled[k]);
        }
    }
    assert_true(off < 0.85 * plug_in_off);
}

static void test_softmax(void **state)
{
    struct rng rng = rng_stream(21, 0);
    (void)state;
    for (int symmetric = 0; symmetric < 2; symmetric++) {
        struct predict *predict = new_predict(&family_multinomial, 0, Q, symmetric, DRAWS);
        softmax_of(predict, 0.4, 0.1, &rng);
        softmax_of(predict, 1.6, 0.25, &rng);
        predict_free(predict);
    }
}

/* With a reference or symmetric: the same class probabilities by both codings. */
static void test_codings(void **state)
{
    const double eta3[Q] = {0.5, -1, 0.8}, A3[Q * Q] = {2, 0.5, 0.3, 0.5, 1, 0.2, 0.3, 0.2, 1.5};
    const double eta2[2] = {0.5 - 0.8, -1 - 0.8}; /* less the third */
    const double A2[4] = {2 + 1.5 - 0.6, 0.5 - 0.2 - 0.3 + 1.5, 0.5 - 0.2 - 0.3 + 1.5,
                          1 + 1.5 - 0.4};
    struct predict *symmetric = new_predict(&family_multinomial, 0, 3, true, DRAWS);
    struct predict *reference = new_predict(&family_multinomial, 0, 2, false, DRAWS);
    const struct result a = classes_of(symmetric, eta3, A3, 1),
                        b = classes_of(reference, eta2, A2, 2);
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        assert_close(a.plug_in[k], b.plug_in[k], 1e-13, 0, "plug-in", (double)k);
        assert_close(a.averaged[k], b.averaged[k], 1e-13, 0, "averaged", (double)k);
        assert_close(a.sampled[k], b.sampled[k], 0, 5 * hypot(a.error[k], b.error[k]), "sampled",
                     (double)k);
    }
    predict_free(symmetric);
    predict_free(reference);
}

/* Cutpoints that move together, as one predictor moves them: the averages are those of each
 * cumulative probability. */
static void test_ordinal(void **state)
{
    const double eta[Q] = {-1, 0.5, 2};
    (void)state;
    for (size_t link = 0; family_ordinal.links[link]; link++) {
        struct predict *predict = new_predict(&family_ordinal, link, Q, false, DRAWS);
        const bool mackay = link == 0;
        for (double v = 0.01; v < 10; v *= 4) {
            double A[Q * Q];
            for (size_t k = 0; k < Q * Q; k++)
                A[k] = v;
            const struct result r = classes_of(predict, eta, A, 4);
            check_sums(predict, &r);
            assert_true(r.outside == 0);
            for (size_t k = 0; k <= Q; k++)
                assert_close(r.averaged[k], r.sampled[k], 0, 5 * r.error[k] + 0.03 * mackay,
                             family_ordinal.links[link], v);
            if (link == 1)
                for (size_t k = 1; k < Q; k++) {
                    const double s = sqrt(1 + v);
                    const double want =
                        special_normal_cdf(eta[k] / s) - special_normal_cdf(eta[k - 1] / s);
                    assert_close(r.averaged[k], want, 1e-12, 0, "probit", v);
                }
        }
        predict_free(predict);
    }
}

/* Draws out of order are left out and counted; averages out of order are none. */
static void test_order(void **state)
{
    const double eta[2] = {0, 0.5}, wide[4] = {1, 0, 0, 1}, odd[4] = {0.01, 0, 0, 400};
    const double swapped[2] = {1, 0}, far[2] = {2, 2.1};
    struct predict *predict = new_predict(&family_ordinal, 1, 2, false, DRAWS);
    struct result r = classes_of(predict, eta, wide, 1);
    (void)state;
    check_sums(predict, &r);
    const double out = special_normal_cdf(-0.5 / sqrt(2));
    assert_close(r.outside, out, 0, 5 * sqrt(out * (1 - out) / DRAWS), "outside", 0);
    r = classes_of(predict, far, odd, 1);
    assert_int_equal(r.averaged_reason, PREDICT_ORDER);
    assert_true(isnan(r.averaged[0]) && isnan(r.averaged[2]) && r.plug_in[0] > 0);
    r = classes_of(predict, swapped, wide, 1);
    assert_int_equal(r.plug_in_reason, PREDICT_ORDER);
    assert_true(isnan(r.plug_in[0]) && isnan(r.averaged[0]) && isnan(r.sampled[0]));
    predict_free(predict);
}

/* The same seed gives the same bits; no variance, the plug-in; rank-deficient covariances are
 * fine; broken ones are not. */
static void test_covariance(void **state)
{
    const double eta[Q] = {0.2, -1, 1}, zero[Q * Q] = {0}, one[Q * Q] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    const double bad[Q * Q] = {1, 2, 0, 2, 1, 0, 0, 0, 1},
                         hidden[Q * Q] = {0, 1, 0, 1, 1, 0, 0, 0, 1};
    const double missing[Q * Q] = {1, 0, 0, 0, NAN, 0, 0, 0, 1};
    const double *broken[] = {bad, hidden, missing};
    struct predict *predict = new_predict(&family_multinomial, 0, Q, false, 500);
    const struct result a = classes_of(predict, eta, one, 9), b = classes_of(predict, eta, one, 9);
    (void)state;
    assert_memory_equal(a.sampled, b.sampled, sizeof a.sampled);
    assert_memory_equal(a.error, b.error, sizeof a.error);
    const struct result none = classes_of(predict, eta, zero, 9);
    for (size_t k = 0; k <= Q; k++) {
        assert_close(none.averaged[k], none.plug_in[k], 1e-14, 0, "averaged", 0);
        assert_close(none.sampled[k], none.plug_in[k], 1e-13, 0, "sampled", 0);
        assert_close(none.error[k], 0, 0, 1e-15, "error", 0);
    }
    for (size_t i = 0; i < 3; i++) {
        const struct result r = classes_of(predict, eta, broken[i], 9);
        assert_int_equal(r.averaged_reason, PREDICT_BAD_COVARIANCE);
        assert_true(isnan(r.averaged[0]) && isnan(r.sampled[0]) && r.plug_in[0] > 0);
    }
    const struct result unknown = classes_of(predict, eta, NULL, 9);
    assert_int_equal(unknown.sampled_reason, PREDICT_NO_COVARIANCE);
    assert_true(isnan(unknown.averaged[3]) && unknown.plug_in[3] > 0);
    predict_free(predict);
}

/* The log predictive density of a class is the logarithm of its averaged probability. */
static void test_density(void **state)
{
    const double eta[Q] = {-0.5, 0.3, 1.2};
    double A[Q * Q] = {0.3, 0.1, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.3};
    static const struct family *const families[] = {&family_multinomial, &family_ordinal};
    (void)state;
    for (size_t f = 0; f < 2; f++)
        for (size_t q = 1; q <= Q; q += 2) {
            struct predict *predict = new_predict(families[f], 0, q, false, DRAWS);
            const struct result r = classes_of(predict, eta, A, 5);
            const struct predict_row row = {eta, A, 1};
            double total = 0;
            for (size_t y = 0; y <= q; y++) {
                struct predict_density d;
                struct rng rng = rng_stream(6, 0);
                predict_density(&d, predict, &row, (double)y, &rng);
                total += exp(d.expected);
                assert_close(d.plug_in, log(r.plug_in[y]), 0, 1e-12, "plug-in", (double)y);
                assert_close(exp(d.expected), r.sampled[y], 0, 6 * r.error[y], "log", (double)y);
                assert_true(q == 1 ? d.standard_error == 0 : d.standard_error > 0);
                if (q > 1)
                    assert_close(d.standard_error, r.error[y] / r.sampled[y], 0.1, 0, "se", 0);
            }
            assert_close(total, 1, 0, 1e-9, "total", (double)q);
            predict_free(predict);
        }
}

/* Numbers of class families have a reason each, and classes of numbers. */
static void test_other_kind(void **state)
{
    struct predict *several = new_predict(&family_multinomial, 0, Q, false, 0);
    struct predict *one = new_predict(&family_ordinal, 0, 1, false, 0);
    struct predict *count = new_predict(&family_poisson, 0, 1, false, 0);
    const double eta[Q] = {0}, A[Q * Q] = {4};
    const struct predict_row row = {eta, A, 1};
    struct predict_classes none = {NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0};
    struct predict_number n;
    (void)state;
    predict_number(&n, several, &row);
    assert_int_equal(n.mean_reason, PREDICT_CLASSES);
    assert_int_equal(n.eta_reason, PREDICT_SEVERAL);
    assert_true(isnan(n.mean) && isnan(n.sd_eta) && isnan(n.sd_predictive));
    predict_number(&n, one, &row);
    assert_true(isnan(n.mean) && n.sd_eta == 2);
    predict_classes(&none, count, &row, NULL);
    assert_int_equal(none.plug_in_reason, PREDICT_NO_CLASSES);
    predict_classes(&none, one, &row, NULL);
    assert_int_equal(none.plug_in_reason, PREDICT_KNOWN);
    predict_free(several);
    predict_free(one);
    predict_free(count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bernoulli),  cmocka_unit_test(test_mackay),
        cmocka_unit_test(test_softmax),    cmocka_unit_test(test_codings),
        cmocka_unit_test(test_ordinal),    cmocka_unit_test(test_order),
        cmocka_unit_test(test_covariance), cmocka_unit_test(test_density),
        cmocka_unit_test(test_other_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
