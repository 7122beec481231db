/* Fits at the edge of what doubles can do, against closed forms and equivalent problems. */
#include "scene.h"

/* Every coefficient on its kink and the noise free: sigma^2 = RSS/n, and u = log sigma has the
 * curvature 2n. */
static void test_noise_alone(void **state)
{
    (void)state;
    struct scene s = scene("gaussian", 6, 1);
    double rss = 0.0;
    for (size_t i = 0; i < 6; i++) {
        s.x[0][i] = (double)i - 2.5;
        s.y[i] = (i % 2 ? 1.0 : -1.0) + 0.01 * (double)i;
        rss += s.y[i] * s.y[i];
    }
    s.no_intercept = true;
    s.prior[0] = "laplace(0, 0.001)";
    assert_converged(&s);
    const double sigma = sqrt(rss / 6.0), v = 1.0 / 12.0;
    const mxp_term noise = mxp_posterior_term(s.posterior, 1);
    assert_true(estimate(&s, "x1") == 0.0);
    assert_close(noise.estimate, sigma, 1e-12, 0.0, "noise_sd", 0.0);
    assert_close(noise.sd, sigma * exp(0.5 * v) * sqrt(expm1(v)), 1e-12, 0.0, "its sd", 0.0);
    scene_free(&s);
}

/* -log posterior of one slope, a laplace prior at m. */
struct slope {
    const struct scene *scene;
    double m, b;
};

static double slope_objective(double t, const void *context)
{
    const struct slope *slope = context;
    const struct scene *s = slope->scene;
    double sum = fabs(t - slope->m) / slope->b;
    for (size_t i = 0; i < s->rows; i++) {
        const double eta = s->x[0][i] * t;
        sum += strcmp(s->family, "poisson") == 0
                   ? exp(eta) - s->y[i] * eta
                   : fmax(eta, 0.0) + log1p(exp(-fabs(eta))) - s->y[i] * eta;
    }
    return sum;
}

/* A kink where exp overflows, or where every probability is 0 or 1, is no start. */
static void test_kink_far_away(void **state)
{
    (void)state;
    static const char *const families[] = {"poisson", "bernoulli"};
    for (size_t f = 0; f < 2; f++) {
        struct scene s = scene(families[f], 8, 1);
        for (size_t i = 0; i < 8; i++) {
            s.x[0][i] = 1000.0 * ((double)i - 3.0);
            s.y[i] = i == 1 || i >= 5;
        }
        s.no_intercept = true;
        s.prior[0] = "laplace(1.7, 0.4)";
        assert_converged(&s);
        const struct slope slope = {&s, 1.7, 0.4};
        const double want = numeric_argmin(slope_objective, &slope, -0.01, 0.01);
        assert_close(estimate(&s, "x1"), want, 0.0, 1e-10, families[f], 0.0);
        scene_free(&s);
    }
}

/* Two equal columns with equal laplace priors: their sum is the soft-thresholded solution of one,
 * and one of them rests on its kink, so that the active set has a Hessian. */
static void test_equal_columns(void **state)
{
    (void)state;
    struct scene s = scene("gaussian", 10, 2);
    double xx = 0.0, xy = 0.0;
    for (size_t i = 0; i < 10; i++) {
        s.x[0][i] = s.x[1][i] = sin(1.0 + (double)i);
        s.y[i] = 2.0 * s.x[0][i] + 0.3 * cos(5.0 * (double)i);
        xx += s.x[0][i] * s.x[0][i];
        xy += s.x[0][i] * s.y[i];
    }
    s.no_intercept = true;
    s.noise = 1.0;
    s.tolerance = 1e-12;
    s.prior[0] = s.prior[1] = "laplace(0, 0.5)";
    assert_converged(&s);
    const double a = estimate(&s, "x1"), b = estimate(&s, "x2");
    assert_close(a + b, (xy - 2.0) / xx, 1e-12, 0.0, "the sum", 0.0);
    assert_true(a == 0.0 || b == 0.0);
    assert_close(mxp_posterior_term(s.posterior, a == 0.0).sd, 1.0 / sqrt(xx), 1e-12, 0.0, "sd",
                 0.0);
    scene_free(&s);
}

/* The gradient vanishes at the start, yet the flat columns are dependent. */
static void test_dependent_at_start(void **state)
{
    (void)state;
    struct scene s = scene("bernoulli", 4, 2);
    const double y[] = {0, 1, 1, 0}, x[] = {-1, -1, 1, 1};
    memcpy(s.y, y, sizeof y);
    memcpy(s.x[0], x, sizeof x);
    memcpy(s.x[1], x, sizeof x);
    assert_no_mode(&s, "linearly dependent");
    scene_free(&s);
    s = scene("poisson", 4, 1); /* 0 wherever the weight is not */
    memcpy(s.y, y, sizeof y);
    s.x[0][2] = 1.0;
    s.w[2] = 0.0;
    s.no_intercept = true;
    assert_no_mode(&s, "is constant");
    scene_free(&s);
}

/* A perfect fit whatever the units of the columns. */
static void test_noise_units(void **state)
{
    (void)state;
    struct scene s = scene("gaussian", 4, 5);
    for (size_t j = 0; j < 5; j++) {
        s.prior[j] = "elastic_net(0, 3, 2)";
        for (size_t i = 0; i < 4; i++)
            s.x[j][i] = sin((double)(1 + i + 7 * j * j)) * pow(1e5, (double)j - 2.0);
    }
    for (size_t i = 0; i < 4; i++)
        s.y[i] = cos((double)i);
    s.no_intercept = true;
    assert_no_mode(&s, "runs to 0");
    scene_free(&s);
}

/* Constant responses and a laplace prior in units of the noise: J = (W + 1) u - (shape) u + ...,
 * so that a gamma prior of shape 3.5 holds the noise of 3 rows, but not that of 3 rows and a
 * prior. */
static void test_noise_scaled(void **state)
{
    (void)state;
    struct scene s = scene("gaussian", 3, 1);
    for (size_t i = 0; i < 3; i++) {
        s.y[i] = 2.0;
        s.x[0][i] = (double)(i * i);
    }
    s.scaled = true;
    s.prior[0] = "laplace(0, 1)";
    s.noise_prior = "gamma(3.5, 1)";
    assert_no_mode(&s, "runs to 0");
    scene_free(&s);
    s.noise_prior = "gamma(4.5, 1)";
    s.table = NULL, s.model = NULL, s.problem = NULL;
    assert_converged(&s);
    assert_close(estimate(&s, "noise_sd"), 0.5, 1e-9, 0.0, "noise_sd", 0.0);
    scene_free(&s);
}

/* Nearly equal columns under flat priors, against their mean and difference, which are not. */
static void test_nearly_equal_columns(void **state)
{
    (void)state;
    struct scene s = scene("poisson", 60, 2), t = scene("poisson", 60, 2);
    const double apart = 0x1p-22;
    for (size_t i = 0; i < 60; i++) {
        const double a = round(1024.0 * sin(1.7 * (double)i)) / 1024.0;
        const double d = round(1024.0 * cos(2.9 * (double)i)) / 1024.0;
        s.x[0][i] = t.x[0][i] = a;
        s.x[1][i] = a + apart * d; /* exact */
        t.x[1][i] = d;
        s.y[i] = t.y[i] = floor(exp(3.0 + a + 0.5 * d) + 2.0 * sin((double)i) + 2.0);
    }
    s.tolerance = t.tolerance = 1e-12;
    assert_converged(&s);
    assert_converged(&t);
    const double sd = mxp_posterior_term(t.posterior, 2).sd;
    assert_close(estimate(&s, "x2") * apart, estimate(&t, "x2"), 0.0, 1e-6 * sd, "x2", 0.0);
    assert_close(estimate(&s, "x1") + estimate(&s, "x2"), estimate(&t, "x1"), 0.0, 1e-6 * sd, "x1",
                 0.0);
    assert_close(mxp_posterior_term(s.posterior, 2).sd * apart, sd, 1e-5, 0.0, "sd", 0.0);
    scene_free(&t);
    scene_free(&s);
}

/* A response far from 0 with large weights: the noise's residual cannot be better than what the
 * predictor's rounding leaves.  x is balanced, so that the mode is the mean and RSS/W. */
static void test_noise_floor(void **state)
{
    (void)state;
    struct scene s = scene("gaussian", 40, 1);
    double mean = 0.0, square = 0.0;
    for (size_t i = 0; i < 40; i++) {
        s.x[0][i] = i % 2 ? 1.0 : -1.0;
        s.y[i] = 121196.0 + (double)((i / 2 * 7) % 20) / 60.0;
        s.w[i] = 90000.0;
        mean += (s.y[i] - 121196.0) / 40.0;
    }
    for (size_t i = 0; i < 40; i++)
        square += pow(s.y[i] - 121196.0 - mean, 2.0) / 40.0;
    s.prior[0] = "laplace(0, 0.4)";
    s.tolerance = 1e-12;
    assert_converged(&s);
    assert_true(estimate(&s, "x1") == 0.0);
    assert_close(estimate(&s, "noise_sd"), sqrt(square), 1e-9, 0.0, "noise_sd", 0.0);
    scene_free(&s);
}

/* Rows that a flat column separates while another coefficient is still on its way, and rows that the
 * start fits perfectly: no mode, as for the flat columns alone. */
static void test_separated_beside(void **state)
{
    (void)state;
    struct scene s = scene("poisson", 3, 3);
    const double y[] = {21, 0, 0};
    memcpy(s.y, y, sizeof y);
    for (size_t i = 0; i < 3; i++) {
        s.x[0][i] = 89.97 + 0.4 * (double)(i * i) - 1.2 * (double)i;
        s.x[1][i] = 3547.7 + (double)i - 0.6 * (double)(i * i);
        s.x[2][i] = 1858.9 - 0.4 * (double)i;
    }
    s.intercept = "gaussian(0, 71)";
    s.prior[0] = "gaussian(0, 2)";
    assert_no_mode(&s, "separated");
    scene_free(&s);
    s = scene("bernoulli", 3, 2);
    for (size_t i = 0; i < 3; i++) {
        s.y[i] = 1.0;
        s.x[0][i] = 14.0 - (double)(i / 2);
        s.x[1][i] = 357.0 + (double)(i * i);
    }
    s.intercept = "elastic_net(0, 0.5, 0.3)";
    s.prior[1] = "laplace(0.5, 1.3)";
    assert_no_mode(&s, "separated");
    scene_free(&s);
}

/* A gaussian prior so wide that the n x n system loses the answer, against ridge in closed form. */
static void test_dual_falls_back(void **state)
{
    (void)state;
    struct scene s = scene("gaussian", 8, 2);
    double xx = 0.0, xy = 0.0;
    for (size_t i = 0; i < 8; i++) {
        s.x[0][i] = 1e6 * ((double)i - 3.5);
        s.x[1][i] = i % 2 ? 1.0 : -1.0;
        s.y[i] = sin((double)i);
        s.w[i] = 1e3;
        xx += 1e3 * s.x[0][i] * s.x[0][i];
        xy += 1e3 * s.x[0][i] * s.y[i];
    }
    s.no_intercept = true;
    s.noise = 0.01;
    s.method = "dual";
    s.prior[0] = s.prior[1] = "gaussian(0, 1000)";
    assert_converged(&s);
    /* 2 x 2, since the columns are not orthogonal */
    double xz = 0.0, zz = 0.0, zy = 0.0;
    for (size_t i = 0; i < 8; i++) {
        xz += 1e3 * s.x[0][i] * s.x[1][i];
        zz += 1e3;
        zy += 1e3 * s.x[1][i] * s.y[i];
    }
    const double ridge = 1e-4 / 1e6, a = xx + ridge, d = zz + ridge, det = a * d - xz * xz;
    assert_close(estimate(&s, "x1"), (d * xy - xz * zy) / det, 1e-9, 0.0, "x1", 0.0);
    assert_close(estimate(&s, "x2"), (a * zy - xz * xy) / det, 1e-9, 0.0, "x2", 0.0);
    scene_free(&s);
}

/* J as a function of u = log sigma with the slope at its best: one column of +-1, laplace(0, b). */
static double profile(double u, const void *context)
{
    const struct slope *slope = context;
    const struct scene *s = slope->scene;
    const double variance = exp(2.0 * u), n = (double)s->rows;
    double xy = 0.0, rss = 0.0;
    for (size_t i = 0; i < s->rows; i++)
        xy += s->x[0][i] * s->y[i];
    const double t = fmax(0.0, xy - variance / slope->b) / n;
    for (size_t i = 0; i < s->rows; i++)
        rss += pow(s->y[i] - t * s->x[0][i], 2.0);
    return n * (u + 0.5 * log(2.0 * 3.14159265358979323846)) + 0.5 * rss / variance + t / slope->b +
           log(2.0 * slope->b);
}

/* A slope that is not there with a large noise, and one that is with a small: both are reported, the
 * better first, whichever that is. */
static void test_both_modes(void **state)
{
    (void)state;
    static const char *const priors[] = {"laplace(0, 0.5)", "laplace(0, 0.2)"};
    static const double b[] = {0.5, 0.2};
    for (size_t c = 0; c < 2; c++) {
        struct scene s = scene("gaussian", 6, 1);
        for (size_t i = 0; i < 6; i++) {
            s.x[0][i] = i % 2 ? 1.0 : -1.0;
            s.y[i] = 5.0 * s.x[0][i] + (i < 2 ? 0.5 : i < 4 ? -0.5 : 0.0);
        }
        s.no_intercept = true;
        s.prior[0] = priors[c];
        assert_converged(&s);
        const struct slope slope = {&s, 0.0, b[c]};
        const double u[2] = {numeric_argmin(profile, &slope, log(0.01), log(1.0)),
                             numeric_argmin(profile, &slope, log(4.0), log(20.0))};
        const size_t best = profile(u[1], &slope) < profile(u[0], &slope);
        assert_int_equal(mxp_solution_info(s.solution).modes, 2);
        for (size_t i = 0; i < 2; i++) {
            double objective, noise;
            mxp_solution_mode(&objective, &noise, s.solution, i);
            const double at = u[i == 0 ? best : 1 - best];
            assert_close(objective, profile(at, &slope), 1e-12, 0.0, "objective", (double)i);
            assert_close(noise, exp(at), 1e-6, 0.0, "noise", (double)i);
        }
        assert_close(estimate(&s, "noise_sd"), exp(u[best]), 1e-6, 0.0, "noise_sd", 0.0);
        scene_free(&s);
    }
}

/* scale_by_noise concerns gaussian and laplace priors: beside an elastic net alone it changes
 * nothing, to the last bit of the draws. */
static void test_elastic_net_unscaled(void **state)
{
    (void)state;
    mxp_term terms[2][2];
    for (size_t c = 0; c < 2; c++) {
        struct scene s = scene("gaussian", 9, 1);
        for (size_t i = 0; i < 9; i++) {
            s.x[0][i] = cos(2.0 * (double)i);
            s.y[i] = 0.4 * s.x[0][i] + 3.0 * sin(7.0 * (double)i);
        }
        s.no_intercept = true;
        s.scaled = c == 1;
        s.at_kinks = "kink";
        s.prior[0] = "elastic_net(0.1, 1.5, 0.7)";
        assert_converged(&s);
        terms[c][0] = mxp_posterior_term(s.posterior, 0);
        terms[c][1] = mxp_posterior_term(s.posterior, 1);
        scene_free(&s);
    }
    for (size_t j = 0; j < 2; j++) {
        assert_close(terms[1][j].mean, terms[0][j].mean, 0.0, 0.0, "mean", (double)j);
        assert_close(terms[1][j].sd, terms[0][j].sd, 0.0, 0.0, "sd", (double)j);
    }
}

/* One laplace coefficient in units of a fixed noise: the evidence is that of the prior spelt out. */
static void test_scaled_evidence(void **state)
{
    (void)state;
    double evidence[2];
    for (size_t c = 0; c < 2; c++) {
        struct scene s = scene("gaussian", 5, 1);
        for (size_t i = 0; i < 5; i++) {
            s.x[0][i] = (double)i - 1.0;
            s.y[i] = 0.3 * s.x[0][i] + cos(3.0 * (double)i);
        }
        s.no_intercept = true;
        s.noise = 0.5;
        s.scaled = c == 1;
        s.prior[0] = c == 1 ? "laplace(0.1, 1.5)" : "laplace(0.1, 0.75)";
        assert_converged(&s);
        evidence[c] = mxp_posterior_get_info(s.posterior).log_evidence;
        scene_free(&s);
    }
    assert_close(evidence[1], evidence[0], 1e-14, 0.0, "log evidence", 0.0);
}

/* A start at which every probability is 0 or 1 is left, not the end. */
static void test_lost_start(void **state)
{
    (void)state;
    double want = 0.0;
    for (size_t c = 0; c < 3; c++) {
        struct scene s = scene("bernoulli", 30, 1);
        for (size_t i = 0; i < 30; i++) {
            s.x[0][i] = 0.5 + sin((double)i);
            s.y[i] = cos(3.0 * (double)i) + s.x[0][i] > 0.5;
        }
        s.tolerance = 1e-12;
        s.start = c == 0 ? 0.0 : c == 1 ? 500.0 : -1e4;
        assert_converged(&s);
        if (c == 0)
            want = estimate(&s, "x1");
        assert_close(estimate(&s, "x1"), want, 1e-11, 0.0, "x1 from", s.start);
        scene_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise_alone),          cmocka_unit_test(test_kink_far_away),
        cmocka_unit_test(test_equal_columns),        cmocka_unit_test(test_dependent_at_start),
        cmocka_unit_test(test_noise_units),          cmocka_unit_test(test_noise_scaled),
        cmocka_unit_test(test_nearly_equal_columns), cmocka_unit_test(test_noise_floor),
        cmocka_unit_test(test_separated_beside),     cmocka_unit_test(test_dual_falls_back),
        cmocka_unit_test(test_both_modes),           cmocka_unit_test(test_lost_start),
        cmocka_unit_test(test_elastic_net_unscaled), cmocka_unit_test(test_scaled_evidence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
