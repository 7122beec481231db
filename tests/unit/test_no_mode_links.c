/* Separation, for every binary link and for the log link of counts: refused where it is, and only
 * there.  Small integers, so that a cone of directions can be searched exactly through its rays. */
#include "chance.h"
#include "oracle.h"

/* s_i z_i'd >= 0 in every row that counts, > 0 in one; counts: = 0 where y > 0, <= 0 elsewhere. */
static bool separates(const struct specimen *s, const double *d)
{
    bool strict = false;
    for (size_t i = 0; i < s->rows; i++) {
        const double side = d[0] + s->x[0][i] * d[1] + s->x[1][i] * d[2];
        if (s->w[i] == 0.0)
            continue;
        const bool poisson = s->family[0] == 'p';
        const double along = poisson ? -side : s->y[i] > 0.5 ? side : -side;
        if (along < 0.0 || (poisson && s->y[i] > 0.0 && side != 0.0))
            return false;
        strict |= along > 0.0;
    }
    return strict;
}

/* Whether a direction of separation exists.  The rays of the cone are orthogonal to two rows where
 * all three coefficients are flat, to one where that of x1 has a proper prior. */
static bool separated(const struct specimen *s)
{
    for (size_t i = 0; i < s->rows; i++)
        for (size_t j = 0; j < s->rows; j++) {
            const double a[] = {1.0, s->x[0][i], s->x[1][i]}, b[] = {1.0, s->x[0][j], s->x[1][j]};
            double d[] = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2],
                          a[0] * b[1] - a[1] * b[0]};
            if (s->w[i] == 0.0 || s->w[j] == 0.0)
                continue;
            if (s->prior[0].name) {
                d[0] = -a[2];
                d[1] = 0.0;
                d[2] = 1.0;
            }
            for (int sign = 0; sign < 2; sign++) {
                if (separates(s, d))
                    return true;
                for (size_t k = 0; k < 3; k++)
                    d[k] = -d[k];
            }
        }
    return false;
}

/* Whether the flat columns, weighted rows only, are independent. */
static bool independent(const struct specimen *s)
{
    double G[9] = {0.0};
    for (size_t i = 0; i < s->rows; i++) {
        const double z[] = {1.0, s->prior[0].name ? 0.0 : s->x[0][i], s->x[1][i]};
        for (size_t k = 0; k < 9; k++)
            G[k] += s->w[i] > 0.0 ? z[k / 3] * z[k % 3] : 0.0;
    }
    if (s->prior[0].name)
        return G[0] * G[8] - G[2] * G[2] > 0.5;
    return G[0] * (G[4] * G[8] - G[5] * G[5]) - G[1] * (G[1] * G[8] - G[2] * G[5]) +
               G[2] * (G[1] * G[5] - G[2] * G[4]) >
           0.5;
}

static struct specimen small(struct chance *c, const char *family, const char *link)
{
    struct specimen s = specimen_new(family, 5 + (size_t)chance_between(c, 0.0, 8.0), 2);
    const double slope = chance_between(c, 0.0, 2.0), share = chance_between(c, -1.0, 1.0);
    s.link = link;
    for (size_t i = 0; i < s.rows; i++) {
        s.x[0][i] = floor(chance_between(c, -3.0, 4.0));
        s.x[1][i] = floor(chance_between(c, -2.0, 3.0));
        const double eta = share + slope * s.x[0][i] + 0.5 * s.x[1][i];
        s.y[i] = family[0] == 'p' ? chance_poisson(c, exp(0.5 * fmin(eta, 4.0) - 1.0))
                                  : (double)(chance_uniform(c) < oracle_mean("logit", eta));
        s.w[i] = chance_uniform(c) < 0.1 ? 0.0 : 1.0;
    }
    return s;
}

static void check_problem(struct specimen *s, const char *what, size_t counts[2])
{
    const bool want = separated(s);
    if (!independent(s))
        return;
    counts[want]++;
    const mxp_status status = specimen_fit(s);
    if (want && status != MXP_NO_MODE)
        fail_msg("%s is separated: status %d, %s", what, (int)status, s->error.message);
    if (want && !strstr(s->error.message, "separated"))
        fail_msg("%s: no separation in: %s", what, s->error.message);
    if (!want && status != MXP_OK)
        fail_msg("%s is not separated: status %d, %s", what, (int)status, s->error.message);
    if (!want && mxp_solution_info(s->solution).status != MXP_CONVERGED)
        fail_msg("%s: %s", what, mxp_solution_info(s->solution).status_text);
}

static void check_link(const char *family, const char *link, bool prior)
{
    struct chance c = {42};
    size_t counts[2] = {0};
    for (int i = 0; i < 500; i++) {
        struct specimen s = small(&c, family, link);
        char what[64];
        (void)snprintf(what, sizeof what, "%s %s %sproblem %d", family, link,
                       prior ? "with a prior, " : "", i);
        if (prior)
            s.prior[0] = (struct belief){i % 2 ? "gaussian" : "laplace", {0.0, 1.0}, 0, 0};
        check_problem(&s, what, counts);
        specimen_free(&s);
    }
    assert_true(counts[0] > 40 && counts[1] > 40);
}

static void test_logit(void **state)
{
    (void)state;
    check_link("bernoulli", "logit", false);
}

static void test_probit(void **state)
{
    (void)state;
    check_link("bernoulli", "probit", false);
}

static void test_cloglog(void **state)
{
    (void)state;
    check_link("bernoulli", "cloglog", false);
}

static void test_cauchit(void **state)
{
    (void)state;
    check_link("bernoulli", "cauchit", false);
}

static void test_counts(void **state)
{
    (void)state;
    check_link("poisson", "log", false);
}

static void test_one_prior(void **state)
{
    (void)state;
    check_link("bernoulli", "logit", true);
    check_link("bernoulli", "probit", true);
    check_link("poisson", "log", true);
}

/* One class only; nothing but zeros. */
static void test_one_class(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"bernoulli", "logit"},
                                           {"bernoulli", "probit"},
                                           {"bernoulli", "cloglog"},
                                           {"bernoulli", "cauchit"},
                                           {"poisson", "log"}};
    for (size_t k = 0; k < 5; k++)
        for (int y = 0; y < (k < 4 ? 2 : 1); y++) {
            struct specimen s = specimen_new(cases[k][0], 8, 1);
            s.link = cases[k][1];
            for (size_t i = 0; i < 8; i++) {
                s.x[0][i] = (double)(i * i % 5);
                s.y[i] = y;
            }
            specimen_no_mode(&s, "(Intercept)", s.link);
            specimen_free(&s);
        }
}

/* Proper priors, however weak or heavy, hold what separates. */
static void test_held(void **state)
{
    (void)state;
    static const char *const links[] = {"logit", "probit", "cloglog", "cauchit"};
    static const struct belief beliefs[] = {{"gaussian", {0.0, 100.0}, 0, 0},
                                            {"cauchy", {0.0, 2.5}, 0, 0},
                                            {"student_t", {3.0, 0.0, 10.0}, 0, 0},
                                            {"laplace", {0.0, 5.0}, 0, 0}};
    for (size_t l = 0; l < 4; l++)
        for (size_t b = 0; b < 4; b++) {
            struct specimen s = specimen_new("bernoulli", 10, 1);
            s.link = links[l];
            s.no_intercept = true;
            for (size_t i = 0; i < 10; i++) {
                s.x[0][i] = (double)i - 4.5;
                s.y[i] = i >= 5;
            }
            s.prior[0] = beliefs[b];
            specimen_converged(&s, links[l]);
            const double t = specimen_estimate(&s, "x1"), h = 1e-3 * t;
            assert_true(t > 0.0);
            assert_close(oracle_slope(&s, &t, 0, h), 0.0, 0.0, 1e-6, links[l], (double)b);
            specimen_free(&s);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logit),     cmocka_unit_test(test_probit),
        cmocka_unit_test(test_cloglog),   cmocka_unit_test(test_cauchit),
        cmocka_unit_test(test_counts),    cmocka_unit_test(test_one_prior),
        cmocka_unit_test(test_one_class), cmocka_unit_test(test_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
