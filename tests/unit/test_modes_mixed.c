/* Several modes where heavy tails meet bounds, kinks, an estimated noise, other families and an
 * intercept: against coordinate searches from many starts. */
#include "chance.h"
#include "oracle.h"

enum { FOUND_MAX = 12, HUNTS = 120 };

struct found {
    size_t count;
    double at[FOUND_MAX][ORACLE_MAX], J[FOUND_MAX];
};

static double inside(const struct specimen *s, const double *t)
{
    const size_t first = !s->no_intercept;
    for (size_t j = 0; j < s->columns; j++)
        if (belief_bounded(&s->prior[j]) &&
            (t[first + j] < s->prior[j].lower || t[first + j] > s->prior[j].upper))
            return INFINITY;
    return oracle_objective(s, t);
}

/* Tries t with coordinate j elsewhere. */
static bool try(double *t, double *J, const struct specimen *s, size_t j, double value)
{
    const double old = t[j];
    t[j] = value;
    const double fresh = inside(s, t);
    if (fresh < *J) {
        *J = fresh;
        return true;
    }
    t[j] = old;
    return false;
}

/* Coordinate search with halved steps, and jumps to kinks and bounds, which lie along the axes. */
static double descend(double *t, const struct specimen *s)
{
    const size_t d = oracle_count(s), first = !s->no_intercept;
    double J = inside(s, t);
    for (double h = 0.1; h > 1e-10;) {
        bool moved = false;
        for (size_t j = 0; j < d; j++) {
            moved |= try(t, &J, s, j, t[j] + h) || try(t, &J, s, j, t[j] - h);
            if (j < first || j >= first + s->columns)
                continue;
            const struct belief *b = &s->prior[j - first];
            const double special[] = {b->name && b->name[0] == 'l' ? b->a[0] : t[j],
                                      belief_bounded(b) ? b->lower : t[j],
                                      belief_bounded(b) ? b->upper : t[j]};
            for (size_t k = 0; k < 3; k++)
                if (fabs(special[k] - t[j]) < 2.0 * h)
                    moved |= try(t, &J, s, j, special[k]);
        }
        h = moved ? h : 0.5 * h;
    }
    return J;
}

static void keep(struct found *f, const double *t, double J, size_t d)
{
    for (size_t i = 0; i < f->count; i++) {
        double far = 0.0;
        for (size_t j = 0; j < d; j++)
            far = fmax(far, fabs(f->at[i][j] - t[j]));
        if (far < 1e-3)
            return;
    }
    assert_true(f->count < FOUND_MAX);
    size_t i = f->count++;
    for (; i > 0 && f->J[i - 1] > J; i--) {
        f->J[i] = f->J[i - 1];
        memcpy(f->at[i], f->at[i - 1], sizeof f->at[i]);
    }
    f->J[i] = J;
    memcpy(f->at[i], t, d * sizeof *t);
}

static struct found hunt(const struct specimen *s)
{
    const size_t d = oracle_count(s), first = !s->no_intercept;
    struct found f = {0};
    struct chance c = {99};
    for (size_t n = 0; n < HUNTS; n++) {
        double t[ORACLE_MAX];
        for (size_t j = 0; j < d; j++) {
            t[j] = j < first + s->columns ? chance_between(&c, -7.0, 7.0)
                                          : chance_between(&c, -3.0, 2.0);
            if (j >= first + s->columns && s->natural)
                t[j] = exp(t[j]);
            if (j >= first && j < first + s->columns && belief_bounded(&s->prior[j - first]))
                t[j] = fmin(fmax(t[j], s->prior[j - first].lower), s->prior[j - first].upper);
        }
        const double J = descend(t, s);
        keep(&f, t, J, d);
    }
    return f;
}

static void check_all(const struct specimen *s, const struct found *found, const char *what)
{
    const struct found want = *found;
    const mxp_fit_info info = mxp_solution_info(s->solution);
    const size_t k = s->columns + !s->no_intercept;
    for (size_t w = 0; w < want.count; w++) {
        double nearest = INFINITY;
        for (size_t i = 0; i < info.modes; i++) {
            double far = 0.0;
            for (size_t j = 0; j < k; j++)
                far =
                    fmax(far, fabs(mxp_solution_mode_estimate(s->solution, i, j) - want.at[w][j]));
            nearest = fmin(nearest, far);
        }
        if (!(nearest < 1e-3))
            fail_msg("%s: mode %zu of %zu, %g %g %g, objective %.10g, is not among the %zu listed",
                     what, w, want.count, want.at[w][0], want.at[w][1], want.at[w][2], want.J[w],
                     info.modes);
    }
    if (info.modes != want.count)
        fail_msg("%s: %zu modes listed, %zu found", what, info.modes, want.count);
    double last = -INFINITY;
    for (size_t i = 0; i < info.modes; i++) {
        double objective, noise;
        mxp_solution_mode(&objective, &noise, s->solution, i);
        assert_true(objective >= last);
        assert_close(objective, want.J[i], 1e-8, 1e-8, what, (double)i);
        last = objective;
    }
}

/* The best mode, and where asked for the list of all. */
static void check(struct specimen *s, bool all, const char *what)
{
    const struct found want = hunt(s);
    s->starts = 60;
    specimen_converged(s, what);
    assert_close(mxp_solution_info(s->solution).objective, want.J[0], 1e-8, 1e-8, what, 0.0);
    if (all)
        check_all(s, &want, what);
    specimen_free(s);
}

/* Rows of a gaussian model, noise fixed at 1; column 1 carries `slope`. */
static struct specimen rows_of(size_t columns, double slope, uint64_t seed)
{
    struct specimen s = specimen_new("gaussian", 8, columns);
    struct chance c = {seed};
    s.link = "identity";
    s.aux[0] = "noise_sd";
    s.fixed[0] = 1.0;
    s.no_intercept = true;
    for (size_t i = 0; i < s.rows; i++) {
        s.x[0][i] = 0.5 * (i % 2 ? 1.0 : -1.0) + 0.05 * chance_normal(&c);
        s.x[1][i] = 0.6 * chance_normal(&c);
        s.y[i] = slope * s.x[0][i] + 0.4 * chance_normal(&c) + (columns > 1 ? s.x[1][i] : 0.0);
    }
    return s;
}

static void test_bounded(void **state)
{
    (void)state;
    static const double bounds[][2] = {{-INFINITY, 3.0}, {0.05, INFINITY}, {0.1, 2.0},
                                       {-1.0, 1.0},      {1.0, INFINITY},  {0.0, 6.0}};
    for (size_t k = 0; k < 6; k++)
        for (size_t p = 1; p < 3; p++) {
            struct specimen s = rows_of(p, 4.0, k);
            char what[64];
            (void)snprintf(what, sizeof what, "bounds %zu, %zu columns", k, p);
            s.prior[0] = (struct belief){"cauchy", {0.0, 0.1}, bounds[k][0], bounds[k][1]};
            s.prior[1] = (struct belief){"student_t", {3.0, 0.0, 0.2}, -0.5, 1.5};
            check(&s, true, what);
        }
}

static void test_beside_laplace(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct specimen s = rows_of(2, 3.5, seed);
        char what[64];
        (void)snprintf(what, sizeof what, "laplace, seed %d", (int)seed);
        s.prior[0] = (struct belief){"cauchy", {0.0, 0.1}, 0, 0};
        s.prior[1] = (struct belief){"laplace", {0.0, seed % 2 ? 0.2 : 1.0}, 0, 0};
        check(&s, true, what);
    }
}

/* Estimated noise, held away from 0 by its prior. */
static void test_noise(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct specimen s = rows_of(2, 3.5, seed);
        char what[64];
        (void)snprintf(what, sizeof what, "noise, seed %d", (int)seed);
        s.fixed[0] = 0.0;
        s.natural = seed % 2;
        s.aux_prior[0] =
            (struct belief){seed % 3 ? "inverse_gamma" : "lognormal", {0.5, 0.7}, 0, 0};
        s.prior[0] = (struct belief){"student_t", {1.0 + (double)(seed % 3), 0.0, 0.1}, 0, 0};
        s.prior[1] = seed < 4 ? (struct belief){"student_t", {2.0, 0.0, 0.05}, 0, 0}
                              : (struct belief){"laplace", {0.0, 0.3}, 0, 0};
        check(&s, true, what);
    }
}

static void test_families(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 8; seed++) {
        const bool poisson = seed % 2;
        struct specimen s = specimen_new(poisson ? "poisson" : "bernoulli", 24, 2);
        struct chance c = {seed};
        char what[64];
        (void)snprintf(what, sizeof what, "%s, seed %d", s.family, (int)seed);
        s.link = poisson ? "log" : "logit";
        for (size_t i = 0; i < s.rows; i++) {
            s.x[0][i] = i % 2 ? 1.0 : -1.0;
            s.x[1][i] = 0.4 * chance_normal(&c);
            const double mu = oracle_mean(s.link, 1.3 * s.x[0][i]);
            s.y[i] = poisson ? chance_poisson(&c, mu) : (double)(chance_uniform(&c) < mu);
        }
        s.intercept = (struct belief){"gaussian", {0.0, 1.0}, 0, 0};
        s.prior[0] = (struct belief){"cauchy", {0.0, 0.01}, 0, 0};
        s.prior[1] = (struct belief){"student_t", {3.0, 0.5, 0.05}, 0, 0};
        check(&s, true, what);
    }
}

/* Observations with heavy tails make modes as well: two clusters, one location. */
static void test_student_rows(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct specimen s = specimen_new("student_t", 9, 1);
        struct chance c = {seed};
        char what[64];
        (void)snprintf(what, sizeof what, "student rows, seed %d", (int)seed);
        s.link = "identity";
        s.aux[0] = "df";
        s.aux[1] = "noise_scale";
        s.fixed[0] = 2.0;
        s.fixed[1] = 0.3;
        s.no_intercept = true;
        for (size_t i = 0; i < 9; i++) {
            s.x[0][i] = 1.0;
            s.y[i] = (i < 5 ? -2.0 : 3.0) + 0.3 * chance_normal(&c);
        }
        s.prior[0] = (struct belief){"gaussian", {0.0, 4.0}, 0, 0};
        check(&s, true, what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounded),      cmocka_unit_test(test_beside_laplace),
        cmocka_unit_test(test_noise),        cmocka_unit_test(test_families),
        cmocka_unit_test(test_student_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
