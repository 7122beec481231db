/* The subproblem of a working set: coordinate descent and the active-set method with a kept factor.
 * Both must satisfy the optimality conditions, computed here from G itself, and reach the objective
 * that the exact search over signs (fit/quadratic.h) finds, within 1e-11 of it. */
#include "numeric.h"

#include "fit/quadratic.h"
#include "fit/support.h"

#include <stdbool.h>
#include <string.h>

enum { C = 40 };

struct problem {
    double G[C * C], g[C], l1[C], l2[C], m[C], lower[C], upper[C], t[C], q[C];
    size_t list[C];
};

static unsigned long long seed = 88172645463325252ULL;

static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) / 9007199254740992.0 - 0.5;
}

/* Rows of correlated columns; the last ones may be a copy, a constant 0, and badly scaled. */
static void make(struct problem *p, size_t rows, bool awkward, bool bounded)
{
    double X[64][C], y[64];

    memset(p, 0, sizeof *p);
    for (size_t i = 0; i < rows; i++)
        for (size_t a = 0; a < C; a++)
            X[i][a] = a == 0 ? uniform() : 0.6 * X[i][a - 1] + uniform();
    for (size_t i = 0; i < rows; i++)
        y[i] = X[i][2] - 2.0 * X[i][7] + X[i][20] + uniform();
    for (size_t i = 0; awkward && i < rows; i++) {
        X[i][C - 1] = X[i][3];
        X[i][C - 2] = 0.0;
        X[i][C - 3] *= 1e6;
    }
    for (size_t a = 0; a < C; a++) {
        for (size_t b = 0; b < C; b++)
            for (size_t i = 0; i < rows; i++)
                p->G[a + b * C] += X[i][a] * X[i][b];
        for (size_t i = 0; i < rows; i++)
            p->g[a] -= X[i][a] * y[i];
        p->l1[a] = a == 0 ? 0.0 : 0.3 * (1.0 + uniform());
        p->l2[a] = a % 5 == 4 ? 0.2 : 0.0;
        p->m[a] = a % 7 == 6 ? 0.1 : 0.0;
        p->lower[a] = bounded && a % 3 == 1 ? p->m[a] : -INFINITY;
        p->upper[a] = bounded && a % 4 == 3 ? p->m[a] + 0.2 : INFINITY;
        p->t[a] = p->m[a];
    }
    memcpy(p->q, p->g, sizeof p->q);
}

static struct descent descent_of(struct problem *p, struct descent_space *space)
{
    return (struct descent){.c = C,
                            .ld = C,
                            .G = p->G,
                            .l1 = p->l1,
                            .l2 = p->l2,
                            .m = p->m,
                            .lower = p->lower,
                            .upper = p->upper,
                            .t = p->t,
                            .q = p->q,
                            .list = p->list,
                            .space = space};
}

/* J at t, from the start of make. */
static double objective(const struct problem *p, const double *t)
{
    double sum = 0.0;

    for (size_t a = 0; a < C; a++) {
        const double d = t[a] - p->m[a];
        sum += p->g[a] * d + p->l1[a] * fabs(d) + 0.5 * p->l2[a] * d * d;
        for (size_t b = 0; b < C; b++)
            sum += 0.5 * d * p->G[a + b * C] * (t[b] - p->m[b]);
    }
    return sum;
}

static double best(const struct problem *p)
{
    double H[C * C], t[C];
    struct quadratic_answer answer = {.target = t};
    const struct quadratic q = {.c = C,
                                .H = H,
                                .g = p->g,
                                .t = p->m,
                                .l1 = p->l1,
                                .m = p->m,
                                .lower = p->lower,
                                .upper = p->upper};

    memcpy(H, p->G, sizeof H);
    for (size_t a = 0; a < C; a++)
        H[a + a * C] += p->l2[a];
    assert_int_equal(quadratic_solve(&answer, &q, NULL), MXP_OK);
    return objective(p, t);
}

/* The largest violation of the conditions over the root of the curvature, q made afresh. */
static double violation(const struct problem *p)
{
    double most = 0.0;

    for (size_t a = 0; a < C; a++) {
        const double t = p->t[a], d = t - p->m[a], H = p->G[a + a * C] + p->l2[a];
        double s = p->g[a] + p->l2[a] * d, low, high;
        for (size_t b = 0; b < C; b++)
            s += p->G[a + b * C] * (p->t[b] - p->m[b]);
        low = s + (d > 0.0 ? p->l1[a] : -p->l1[a]); /* subgradients: between these */
        high = s + (d < 0.0 ? -p->l1[a] : p->l1[a]);
        assert_true(t >= p->lower[a] && t <= p->upper[a]);
        if (low > 0.0 && t > p->lower[a])
            most = fmax(most, low / sqrt(H > 0.0 ? H : 1.0));
        if (high < 0.0 && t < p->upper[a])
            most = fmax(most, -high / sqrt(H > 0.0 ? H : 1.0));
    }
    return most;
}

enum way { DESCENT, SUPPORT };

static void check(size_t rows, bool awkward, bool bounded, enum way way)
{
    const double tolerance = 1e-10;
    struct descent_space space = {0};
    struct support support = {0};
    struct problem *p = malloc(sizeof *p);

    assert_non_null(p);
    for (int n = 0; n < 20; n++) {
        make(p, rows, awkward, bounded);
        struct descent d = descent_of(p, &space);
        support_forget(&support);
        if (way == SUPPORT)
            assert_int_equal(support_run(&support, &d, tolerance, NULL), MXP_OK);
        if (way == DESCENT || descent_residual(&d) > tolerance)
            assert_int_equal(descent_run(&d, tolerance, NULL), MXP_OK);
        assert_true(descent_residual(&d) <= tolerance);
        assert_true(violation(p) <= 2.0 * tolerance);
        assert_close(objective(p, p->t), best(p), 1e-11, 1e-11, "objective", (double)n);
    }
    support_free(&support);
    free(space.values);
    free(p);
}

static void plain(void **state)
{
    (void)state;
    check(64, false, false, DESCENT);
    check(64, false, false, SUPPORT);
}

static void fewer_rows(void **state)
{
    (void)state;
    check(20, false, false, DESCENT);
    check(20, false, false, SUPPORT);
}

static void awkward_columns(void **state)
{
    (void)state;
    check(50, true, false, DESCENT);
    check(50, true, false, SUPPORT);
}

static void bounds(void **state)
{
    (void)state;
    check(50, false, true, DESCENT);
    check(50, false, true, SUPPORT);
    check(50, true, true, SUPPORT);
}

/* The support alone ends plain problems; down a path its factor is kept, and when members are
 * renumbered it follows. */
static void follows_a_path(void **state)
{
    struct descent_space space = {0};
    struct support support = {0};
    struct problem *p = malloc(sizeof *p);
    size_t same[C];

    (void)state;
    assert_non_null(p);
    make(p, 64, false, false);
    for (size_t a = 0; a < C; a++)
        same[a] = a;
    for (int n = 0; n < 60; n++) {
        struct descent d = descent_of(p, &space);
        assert_int_equal(support_run(&support, &d, 1e-10, NULL), MXP_OK);
        assert_true(descent_residual(&d) <= 1e-10);
        assert_true(violation(p) <= 2e-10);
        if (n % 10 == 9)
            support_renumber(&support, same);
        for (size_t a = 0; a < C; a++)
            p->l1[a] *= n < 40 ? 0.93 : 1.2; /* down, and up again: they come and go */
    }
    support_free(&support);
    free(space.values);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),           cmocka_unit_test(fewer_rows),
        cmocka_unit_test(awkward_columns), cmocka_unit_test(bounds),
        cmocka_unit_test(follows_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
