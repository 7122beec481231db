/* Posteriors with several modes, made by heavy-tailed priors: all of them found, listed and ordered,
 * against dense grids. */
#include "chance.h"
#include "oracle.h"

enum { GRID_MODES = 16 };

/* Local minima on a grid, each made exact by Newton's method. */
struct minima {
    size_t count;
    double at[GRID_MODES][2], J[GRID_MODES];
};

static void polish(double *t, const struct specimen *s)
{
    const size_t d = oracle_count(s);
    for (int step = 0; step < 50; step++) {
        double g[ORACLE_MAX], H[ORACLE_MAX * ORACLE_MAX];
        for (size_t j = 0; j < d; j++) {
            g[j] = oracle_slope(s, t, j, 1e-3);
            for (size_t k = 0; k < d; k++)
                H[k + j * d] = oracle_bend(s, t, j, 1e-3, k, 1e-3);
        }
        assert_true(oracle_solve(H, g, d, 1));
        for (size_t j = 0; j < d; j++)
            t[j] -= g[j];
    }
}

static void keep(struct minima *m, const struct specimen *s, double *t)
{
    const size_t d = oracle_count(s);
    polish(t, s);
    for (size_t i = 0; i < m->count; i++)
        if (fabs(m->at[i][0] - t[0]) + (d > 1 ? fabs(m->at[i][1] - t[1]) : 0.0) < 1e-5)
            return;
    assert_true(m->count < GRID_MODES);
    size_t i = m->count++;
    const double J = oracle_objective(s, t);
    for (; i > 0 && m->J[i - 1] > J; i--) {
        m->J[i] = m->J[i - 1];
        memcpy(m->at[i], m->at[i - 1], sizeof m->at[i]);
    }
    m->J[i] = J;
    memcpy(m->at[i], t, d * sizeof *t);
}

/* All local minima with |t_j| <= 10, best first. */
static struct minima scan(const struct specimen *s, size_t points)
{
    const size_t d = oracle_count(s), rows = d > 1 ? points : 1;
    double *J = malloc(points * rows * sizeof *J), t[ORACLE_MAX] = {0.0};
    struct minima m = {0};

    assert_non_null(J);
    for (size_t c = 0; c < points * rows; c++) {
        t[0] = 20.0 * (double)(c % points) / (double)(points - 1) - 10.0;
        t[1] = 20.0 * (double)(c / points) / (double)(points - 1) - 10.0;
        J[c] = oracle_objective(s, t);
    }
    for (size_t c = 0; c < points * rows; c++) {
        const size_t a = c % points, b = c / points;
        bool lowest = a > 0 && a < points - 1 && (d == 1 || (b > 0 && b < points - 1));
        for (size_t k = 0; lowest && k < 9; k++) {
            const size_t other = d == 1 ? c + k % 3 - 1 : c + k % 3 - 1 + (k / 3) * points - points;
            lowest = J[other] >= J[c];
        }
        if (!lowest)
            continue;
        t[0] = 20.0 * (double)a / (double)(points - 1) - 10.0;
        t[1] = 20.0 * (double)b / (double)(points - 1) - 10.0;
        keep(&m, s, t);
    }
    free(J);
    return m;
}

/* A gaussian model without intercept, noise 1, columns nearly orthogonal or correlated. */
static struct specimen crossroads(size_t columns, double correlation, const double *slope)
{
    struct specimen s = specimen_new("gaussian", 8, columns);
    s.link = "identity";
    s.aux[0] = "noise_sd";
    s.fixed[0] = 1.0;
    s.no_intercept = true;
    for (size_t i = 0; i < s.rows; i++) {
        const double wave = 0.5 * (i % 2 ? 1.0 : -1.0), other = 0.5 * (i / 2 % 2 ? 1.0 : -1.0);
        s.x[0][i] = wave;
        s.x[1][i] = correlation * wave + sqrt(1.0 - correlation * correlation) * other;
        s.y[i] = 0.1 * sin(3.0 * (double)i);
        for (size_t j = 0; j < columns; j++)
            s.y[i] += slope[j] * s.x[j][i];
    }
    return s;
}

/* Every mode of the grid is listed, best first, and nothing else is. */
static void check_modes(struct specimen *s, const struct minima *want, const char *what)
{
    specimen_converged(s, what);
    const mxp_fit_info info = mxp_solution_info(s->solution);
    if (info.modes != want->count)
        fail_msg("%s: %zu modes, not %zu", what, info.modes, want->count);
    assert_close(info.objective, want->J[0], 1e-10, 1e-10, what, 0.0);
    for (size_t i = 0; i < info.modes; i++) {
        double objective, noise;
        mxp_solution_mode(&objective, &noise, s->solution, i);
        assert_close(objective, want->J[i], 1e-10, 1e-10, what, (double)i);
        assert_true(noise == 1.0 || isnan(noise));
        for (size_t j = 0; j < s->columns; j++) {
            const double t = mxp_solution_mode_estimate(s->solution, i, j);
            assert_close(t, want->at[i][j], 1e-6, 1e-6, what, (double)i);
            if (i == 0)
                assert_close(t, specimen_estimate(s, column_names[j]), 1e-8, 1e-8, what, -1.0);
        }
    }
    assert_true(isnan(mxp_solution_mode_estimate(s->solution, info.modes, 0)));
}

/* One coefficient: the data say 5, the prior says 0, in a whisper or out loud. */
static void test_one(void **state)
{
    (void)state;
    static const struct belief beliefs[] = {
        {"cauchy", {0.0, 0.1}, 0, 0},          {"cauchy", {-1.0, 0.02}, 0, 0},
        {"student_t", {3.0, 0.0, 0.15}, 0, 0}, {"student_t", {0.5, 1.0, 0.01}, 0, 0},
        {"cauchy", {0.0, 3.0}, 0, 0},
    };
    size_t several = 0;
    for (size_t k = 0; k < sizeof beliefs / sizeof *beliefs; k++)
        for (size_t f = 0; f < 6; f++) {
            const double slope[] = {1.0 + (double)f};
            struct specimen s = crossroads(1, 0.0, slope);
            char what[64];
            (void)snprintf(what, sizeof what, "%s %zu, slope %g", beliefs[k].name, k, slope[0]);
            s.prior[0] = beliefs[k];
            const struct minima want = scan(&s, 20001);
            several += want.count > 1;
            check_modes(&s, &want, what);
            specimen_free(&s);
        }
    assert_true(several >= 8);
}

/* Two coefficients: up to four modes. */
static void test_two(void **state)
{
    (void)state;
    static const double correlations[] = {0.0, 0.5, -0.8, 0.95};
    size_t most = 0;
    for (size_t r = 0; r < 4; r++)
        for (size_t k = 0; k < 3; k++) {
            const double slope[] = {4.0, k == 1 ? -3.0 : 3.5};
            struct specimen s = crossroads(2, correlations[r], slope);
            char what[64];
            (void)snprintf(what, sizeof what, "correlation %g, case %zu", correlations[r], k);
            s.prior[0] = (struct belief){"cauchy", {0.0, 0.1}, 0, 0};
            s.prior[1] = k == 2 ? (struct belief){"student_t", {2.0, -1.0, 0.1}, 0, 0}
                                : (struct belief){"cauchy", {0.0, 0.12}, 0, 0};
            s.starts = 40;
            const struct minima want = scan(&s, 401);
            most = want.count > most ? want.count : most;
            check_modes(&s, &want, what);
            specimen_free(&s);
        }
    assert_int_equal(most, 4);
}

/* Whatever the seed, the same best mode and the same list. */
static void test_seeds(void **state)
{
    (void)state;
    const double slope[] = {4.0, 3.5};
    struct specimen base = crossroads(2, 0.5, slope);
    base.prior[0] = (struct belief){"cauchy", {0.0, 0.1}, 0, 0};
    base.prior[1] = (struct belief){"cauchy", {0.0, 0.12}, 0, 0};
    const struct minima want = scan(&base, 401);
    for (size_t seed = 1; seed <= 20; seed++) {
        struct specimen s = base;
        char what[32];
        (void)snprintf(what, sizeof what, "seed %zu", seed);
        s.seed = seed;
        s.starts = 30;
        check_modes(&s, &want, what);
        specimen_free(&s);
    }
}

/* With the defaults, the best of two far modes, from both sides. */
static void test_best_by_default(void **state)
{
    (void)state;
    for (size_t seed = 1; seed <= 20; seed++) {
        struct chance c = {seed};
        const double slope[] = {chance_between(&c, -6.0, 6.0), chance_between(&c, -6.0, 6.0)};
        struct specimen s = crossroads(2, chance_between(&c, -0.9, 0.9), slope);
        char what[32];
        (void)snprintf(what, sizeof what, "problem %zu", seed);
        s.prior[0] = (struct belief){"cauchy", {0.0, chance_between(&c, 0.05, 0.3)}, 0, 0};
        s.prior[1] = (struct belief){"cauchy", {0.0, chance_between(&c, 0.05, 0.3)}, 0, 0};
        const struct minima want = scan(&s, 401);
        specimen_converged(&s, what);
        assert_close(mxp_solution_info(s.solution).objective, want.J[0], 1e-10, 1e-10, what, 0.0);
        specimen_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one),
        cmocka_unit_test(test_two),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_best_by_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
