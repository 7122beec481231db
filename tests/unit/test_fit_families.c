/* Fits of every family with every link, with and without priors, on both scales of the mode: the
 * objective, a gradient of 0, the covariance and the evidence of a posterior written down here. */
#include "kinds.h"

enum { D = 5 }; /* coordinates at most */

/* Proper priors on everything, those of the auxiliary parameters taken in turn; row weights. */
static void believe(struct specimen *s, size_t turn)
{
    static const struct belief positive[] = {
        {"half_normal", {2.0}, 0, 0},    {"gamma", {2.0, 0.5}, 0, 0},
        {"lognormal", {0.3, 0.8}, 0, 0}, {"inverse_gamma", {3.0, 2.0}, 0, 0},
        {"exponential", {0.7}, 0, 0},    {"half_cauchy", {1.5}, 0, 0},
    };
    static const struct belief heavy[] = {{"student_t", {4.0, 0.1, 0.8}, 0, 0},
                                          {"cauchy", {0.1, 0.6}, 0, 0},
                                          {"student_t", {1.5, -0.2, 1.5}, 0, 0}};
    struct chance c = {turn};
    s->intercept = (struct belief){"gaussian", {0.5, 2.0}, 0, 0};
    s->prior[0] = (struct belief){"gaussian", {0.2, 1.5}, 0, 0};
    s->prior[1] = heavy[turn % 3];
    for (size_t k = 0; k < 2 && s->aux[k]; k++)
        if (!(s->fixed[k] > 0.0))
            s->aux_prior[k] = positive[(turn + k) % 6];
    for (size_t i = 0; i < s->rows; i++)
        s->w[i] = i % 17 == 0 ? 0.0 : chance_between(&c, 0.3, 1.8);
}

/* The step of differences, in posterior sds: huber's curvature jumps where a residual is +-k. */
static double step_of(const struct specimen *s)
{
    return strcmp(s->family, "huber") == 0 ? 5e-4 : 0.02;
}

/* H by differences, steps in posterior sds; its log determinant by Cholesky. */
static double hessian(double *H, const struct specimen *s, const double *theta, const double *sd)
{
    const size_t d = oracle_count(s);
    const double h = step_of(s);
    double L[D * D], sum = 0.0;
    for (size_t k = 0; k < d; k++)
        for (size_t j = k; j < d; j++)
            H[j + k * d] = H[k + j * d] = oracle_bend(s, theta, j, h * sd[j], k, h * sd[k]);
    memcpy(L, H, d * d * sizeof *L);
    for (size_t c = 0; c < d; c++) {
        for (size_t k = 0; k < c; k++)
            for (size_t r = c; r < d; r++)
                L[r + c * d] -= L[r + k * d] * L[c + k * d];
        const double pivot = sqrt(L[c + c * d]);
        for (size_t r = c; r < d; r++)
            L[r + c * d] /= pivot;
        sum += 2.0 * log(pivot);
    }
    return sum;
}

static void check_covariance(const struct specimen *s, const double *theta, const double *unit,
                             const double *sd, const char *what)
{
    const size_t d = oracle_count(s);
    const double *C = mxp_posterior_covariance(s->posterior);
    const mxp_posterior_info info = mxp_posterior_get_info(s->posterior);
    double H[D * D], inverse[D * D] = {0};
    const double log_det = hessian(H, s, theta, sd);

    assert_string_equal(info.curvature, "hessian");
    assert_close(info.log_det, log_det, 1e-5, 1e-5, what, 0.0);
    for (size_t j = 0; j < d; j++)
        inverse[j + j * d] = 1.0;
    assert_true(oracle_solve(H, inverse, d, d));
    for (size_t k = 0; k < d; k++)
        for (size_t j = 0; j < d; j++)
            assert_close(C[j + k * d] / (unit[j] * unit[k]) / (sd[j] * sd[k]),
                         inverse[j + k * d] / (sd[j] * sd[k]), 2e-5, 2e-5, what,
                         (double)(j + k * d));
    if (s->intercept.name) {
        const double evidence =
            -oracle_objective(s, theta) + 0.5 * (double)d * log(2.0 * M_PI) - 0.5 * log_det;
        assert_close(info.log_evidence, evidence, 1e-6, 1e-5, what, 0.0);
    } else {
        assert_true(isnan(info.log_evidence));
        assert_non_null(info.log_evidence_reason);
    }
}

/* Objective, gradient, covariance and evidence of a fit that converged. */
static void check_fit(struct specimen *s, const char *what)
{
    const size_t d = oracle_count(s);
    double theta[D], unit[D], sd[D];

    specimen_converged(s, what);
    oracle_mode(theta, s);
    assert_close(mxp_solution_info(s->solution).objective, oracle_objective(s, theta), 1e-12, 1e-10,
                 what, -1.0);
    for (size_t j = 0; j < d; j++) {
        const mxp_term term = mxp_posterior_term(s->posterior, j);
        unit[j] = term.auxiliary && !s->natural ? term.estimate : 1.0;
        sd[j] = sqrt(mxp_posterior_covariance(s->posterior)[j + j * d]) / unit[j];
        assert_true(sd[j] > 0.0);
        const double slope = sd[j] * oracle_slope(s, theta, j, step_of(s) * sd[j]);
        assert_close(slope, 0.0, 0.0, 1e-6, what, (double)j);
    }
    check_covariance(s, theta, unit, sd, what);
    assert_string_equal(mxp_posterior_get_info(s->posterior).scale, d == 3       ? "none"
                                                                    : s->natural ? "natural"
                                                                                 : "log");
}

static void check_kind(size_t i, bool priors, bool natural, uint64_t seed)
{
    struct specimen s = of_kind(&kinds[i], seed);
    char what[128];
    s.natural = natural;
    if (priors)
        believe(&s, i + (size_t)seed);
    (void)snprintf(what, sizeof what, "%s %s kind %zu%s%s, seed %d", s.family, s.link, i,
                   priors ? ", priors" : "", natural ? ", natural" : "", (int)seed);
    check_fit(&s, what);
    specimen_free(&s);
}

static void test_maximum_likelihood(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++)
        for (uint64_t seed = 1; seed <= 3; seed++)
            check_kind(i, false, false, seed);
}

static void test_maximum_likelihood_natural(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++)
        check_kind(i, false, true, 1);
}

static void test_priors(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++)
        for (uint64_t seed = 1; seed <= 3; seed++)
            check_kind(i, true, false, seed);
}

static void test_priors_natural(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++)
        for (uint64_t seed = 1; seed <= 3; seed++)
            check_kind(i, true, true, seed);
}

/* Without an intercept eta is 0 at coefficients of 0, where these links have no mean. */
static void test_without_intercept(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct specimen s = of_kind(&kinds[i], 1);
        const char *link = kinds[i].link;
        if (strcmp(link, "identity") != 0 && strcmp(link, "sqrt") != 0 &&
            strcmp(link, "inverse") != 0)
            continue;
        for (size_t r = 0; r < s.rows; r++)
            s.x[0][r] = kinds[i].intercept + kinds[i].slope[0] * s.x[0][r];
        s.no_intercept = true;
        specimen_converged(&s, kinds[i].family);
        specimen_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_maximum_likelihood),
        cmocka_unit_test(test_maximum_likelihood_natural),
        cmocka_unit_test(test_priors),
        cmocka_unit_test(test_priors_natural),
        cmocka_unit_test(test_without_intercept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
