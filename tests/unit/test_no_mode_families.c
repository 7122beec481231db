/* Sizes, degrees of freedom and shapes that run to infinity, noise scales that run to 0: refused
 * with the limiting model, and only where they do. */
#include "kinds.h"

/* A mean alone: x1 is 1 in every row. */
static struct specimen location(const char *family, const char *link, const char *aux, size_t rows)
{
    struct specimen s = specimen_new(family, rows, 1);
    s.link = link;
    s.aux[0] = aux;
    s.no_intercept = true;
    for (size_t i = 0; i < rows; i++)
        s.x[0][i] = 1.0;
    return s;
}

/* sum (y - mean)^2 - y: with a mean alone, the size has a finite maximum, and one only, exactly
 * where this is positive (Levin and Reeds, 1977). */
static double overdispersion(const struct specimen *s)
{
    double mean = 0.0, sum = 0.0;
    for (size_t i = 0; i < s->rows; i++)
        mean += s->y[i] / (double)s->rows;
    for (size_t i = 0; i < s->rows; i++)
        sum += (s->y[i] - mean) * (s->y[i] - mean) - s->y[i];
    return sum;
}

static void test_size(void **state)
{
    (void)state;
    static const char *const links[] = {"log", "identity", "sqrt"};
    size_t counts[2] = {0};
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct specimen s = location("negative_binomial", links[seed % 3], "size", 25);
        struct chance c = {seed};
        const double start = 2.0;
        char what[64];
        s.start = &start;
        (void)snprintf(what, sizeof what, "%s, seed %d", s.link, (int)seed);
        for (size_t i = 0; i < 25; i++)
            s.y[i] = chance_poisson(&c, 3.0 * (seed % 2 ? chance_gamma(&c, 8.0) / 8.0 : 1.0));
        const double excess = overdispersion(&s);
        counts[excess > 0.0]++;
        if (excess > 0.5)
            specimen_converged(&s, what);
        else if (excess < -0.5)
            specimen_no_mode(&s, "poisson", what);
        specimen_free(&s);
    }
    assert_true(counts[0] > 40 && counts[1] > 40);
}

/* Counts that hardly vary about a trend; a prior on the size gives a mode. */
static void test_size_trend(void **state)
{
    (void)state;
    static const char *const links[] = {"log", "identity", "sqrt"};
    for (size_t l = 0; l < 3; l++)
        for (int prior = 0; prior < 2; prior++) {
            struct specimen s = specimen_new("negative_binomial", 20, 1);
            s.link = links[l];
            s.aux[0] = "size";
            for (size_t i = 0; i < 20; i++) {
                s.x[0][i] = (double)i;
                s.y[i] = 5.0 + floor(0.5 * (double)i);
            }
            s.aux_prior[0] = (struct belief){prior ? "gamma" : NULL, {2.0, 0.1}, 0, 0};
            if (prior)
                specimen_converged(&s, s.link);
            else
                specimen_no_mode(&s, "poisson", s.link);
            if (!prior)
                assert_non_null(strstr(s.error.message, "size"));
            specimen_free(&s);
        }
}

/* The likelihood of 1/df rises from 0 where sum z^4 > 3 n at the gaussian fit: then a finite df is
 * better than none, and infinity is no answer.  Elsewhere a mode that is reported must be one. */
static void test_df(void **state)
{
    (void)state;
    size_t counts[2] = {0};
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct specimen s = location("student_t", "identity", "df", 40);
        struct chance c = {seed};
        double mean = 0.0, square = 0.0, fourth = 0.0;
        char what[64];
        (void)snprintf(what, sizeof what, "df, seed %d", (int)seed);
        s.aux[1] = "noise_scale";
        for (size_t i = 0; i < 40; i++) {
            s.y[i] = 2.0 + chance_student(&c, 7.0);
            mean += s.y[i] / 40.0;
        }
        for (size_t i = 0; i < 40; i++) {
            square += pow(s.y[i] - mean, 2.0) / 40.0;
            fourth += pow(s.y[i] - mean, 4.0) / 40.0;
        }
        const double kurtosis = fourth / (square * square);
        counts[kurtosis > 3.0]++;
        const mxp_status status = specimen_fit(&s);
        if (kurtosis > 3.05 && status != MXP_OK)
            fail_msg("%s: kurtosis %g, yet %s", what, kurtosis, s.error.message);
        if (status != MXP_OK) {
            assert_int_equal(status, MXP_NO_MODE);
            assert_non_null(strstr(s.error.message, "gaussian"));
        } else {
            double theta[ORACLE_MAX];
            oracle_mode(theta, &s);
            for (size_t j = 0; j < 3; j++)
                assert_close(oracle_slope(&s, theta, j, 1e-3), 0.0, 0.0, 1e-5, what, kurtosis);
        }
        specimen_free(&s);
    }
    assert_true(counts[0] > 40 && counts[1] > 40);
}

/* Light tails. */
static void test_df_light(void **state)
{
    (void)state;
    static const char *const links[] = {"identity", "log", "inverse"};
    for (size_t l = 0; l < 3; l++)
        for (int prior = 0; prior < 2; prior++) {
            struct specimen s = specimen_new("student_t", 40, 1);
            s.link = links[l];
            s.aux[0] = "df";
            s.aux[1] = "noise_scale";
            for (size_t i = 0; i < 40; i++) {
                s.x[0][i] = (double)(i * 7 % 40) / 40.0;
                s.y[i] = oracle_mean(s.link, 1.0 + 0.5 * s.x[0][i]) + (double)i / 60.0 - 0.3;
            }
            s.aux_prior[0] = (struct belief){prior ? "gamma" : NULL, {2.0, 0.1}, 0, 0};
            if (prior)
                specimen_converged(&s, s.link);
            else
                specimen_no_mode(&s, "gaussian", s.link);
            specimen_free(&s);
        }
}

/* Responses that lie on their means exactly, in every family with a scale, shape or precision. */
static struct specimen perfect(const char *family, const char *link, const char *aux)
{
    struct specimen s = specimen_new(family, 12, 1);
    s.link = link;
    s.aux[0] = aux;
    for (size_t i = 0; i < 12; i++) {
        s.x[0][i] = (double)(i * 5 % 12) / 12.0;
        s.y[i] = oracle_mean(link, 0.5 + 0.25 * s.x[0][i]);
    }
    return s;
}

static void test_perfect(void **state)
{
    (void)state;
    static const char *const cases[][3] = {{"gamma", "log", "shape"},
                                           {"gamma", "inverse", "shape"},
                                           {"gamma", "identity", "shape"},
                                           {"beta", "logit", "precision"},
                                           {"beta", "probit", "precision"},
                                           {"beta", "cloglog", "precision"},
                                           {"gaussian", "identity", "noise_sd"},
                                           {"gaussian", "log", "noise_sd"},
                                           {"gaussian", "inverse", "noise_sd"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct specimen s = perfect(cases[k][0], cases[k][1], cases[k][2]);
        char what[64];
        (void)snprintf(what, sizeof what, "%s %s", s.family, s.link);
        specimen_no_mode(&s, s.aux[0], what);
        specimen_free(&s);
    }
}

static void test_perfect_student(void **state)
{
    (void)state;
    static const char *const links[] = {"identity", "log", "inverse"};
    for (size_t l = 0; l < 3; l++)
        for (int df = 0; df < 2; df++) {
            struct specimen s = perfect("student_t", links[l], "df");
            s.aux[1] = "noise_scale";
            s.fixed[0] = df ? 4.0 : 0.0;
            specimen_no_mode(&s, df ? "noise_scale" : "no mode", links[l]);
            specimen_free(&s);
        }
    struct specimen s = perfect("huber", "identity", "noise_scale");
    s.aux[1] = "k";
    s.fixed[1] = 1.345;
    specimen_no_mode(&s, "noise_scale", "huber");
    specimen_free(&s);
}

/* A prior that vanishes fast enough at infinity, or at 0, gives a mode to a perfect fit. */
static void test_perfect_held(void **state)
{
    (void)state;
    static const char *const cases[][3] = {{"gamma", "log", "shape"},
                                           {"beta", "logit", "precision"},
                                           {"gaussian", "log", "noise_sd"},
                                           {"gaussian", "identity", "noise_sd"}};
    for (size_t k = 0; k < 4; k++) {
        struct specimen s = perfect(cases[k][0], cases[k][1], cases[k][2]);
        double theta[ORACLE_MAX];
        s.aux_prior[0] = (struct belief){k < 2 ? "gamma" : "inverse_gamma", {3.0, 0.5}, 0, 0};
        specimen_converged(&s, s.family);
        oracle_mode(theta, &s);
        for (size_t j = 0; j < 3; j++) {
            const double sd = mxp_posterior_term(s.posterior, j).sd;
            const double unit = j == 2 ? specimen_estimate(&s, s.aux[0]) : 1.0;
            const double slope = oracle_slope(&s, theta, j, 0.01 * sd / unit) * sd / unit;
            assert_close(slope, 0.0, 0.0, 1e-5, s.family, (double)j);
        }
        specimen_free(&s);
    }
}

/* Five of eight rows are equal: with df below 5/3 the density grows without bound as the scale
 * falls to 0 at their value. */
static void test_ties(void **state)
{
    (void)state;
    static const double y[] = {1, 1, 1, 1, 1, 2, 3, 0};
    struct specimen s = location("student_t", "identity", "df", 8);
    s.aux[1] = "noise_scale";
    s.fixed[0] = 1.0;
    memcpy(s.y, y, sizeof y);
    specimen_no_mode(&s, "noise_scale", "ties");
    specimen_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),         cmocka_unit_test(test_size_trend),
        cmocka_unit_test(test_df),           cmocka_unit_test(test_df_light),
        cmocka_unit_test(test_perfect),      cmocka_unit_test(test_perfect_student),
        cmocka_unit_test(test_perfect_held), cmocka_unit_test(test_ties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
