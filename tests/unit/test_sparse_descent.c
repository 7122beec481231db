/* The subproblem of many sparse members without its Gram: residuals are computed here from the Gram
 * itself, and the answer is that of coordinate descent in it (fit/descent.h) to 1e-9.  A sweep that goes
 * by columns ends where the one over the same columns written out does, to 1e-8, certified below 1e-11. */
#include "sparse_scene.h"

#include "fit/sweep_parts.h"
#include "model/product.h"

#include <string.h>

enum { N = 60, K = 81 };

struct subproblem {
    double G[K * K], H[K], g[K], h[N], l1[K], l2[K], m[K], lower[K], upper[K], t[K], q[K];
    size_t set[K], list[K];
    struct descent_space space;
};

static void make_subproblem(struct subproblem *s, mxp_problem *problem)
{
    double r[N];

    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < N; i++) {
        s->h[i] = 0.05 + 0.2 * uniform();
        r[i] = uniform() - 0.6;
    }
    product_transposed(s->g, problem, NULL, K, r, 1, 1);
    assert_int_equal(product_gram(s->G, K, problem, NULL, 0, K, s->h, 1, NULL), MXP_OK);
    for (size_t j = 0; j < K; j++) {
        s->set[j] = j;
        s->l1[j] = j == 0 ? 0.0 : 0.4 + 0.2 * uniform();
        s->l2[j] = j % 4 == 3 ? 0.3 : 0.0;
        s->m[j] = j % 7 == 6 ? 0.1 : 0.0;
        s->lower[j] = j % 5 == 1 ? s->m[j] : -INFINITY;
        s->upper[j] = j % 6 == 5 ? s->m[j] + 0.1 : INFINITY;
        s->t[j] = s->m[j];
    }
    memcpy(s->q, s->g, sizeof s->q);
}

static struct descent descent_of(struct subproblem *s, bool gram)
{
    return (struct descent){.c = K,
                            .ld = K,
                            .G = gram ? s->G : NULL,
                            .H = s->H,
                            .l1 = s->l1,
                            .l2 = s->l2,
                            .m = s->m,
                            .lower = s->lower,
                            .upper = s->upper,
                            .t = s->t,
                            .q = s->q,
                            .list = s->list,
                            .space = &s->space};
}

/* q = g + G (t - m), and the largest residual of it. */
static double residual(struct subproblem *s)
{
    memcpy(s->q, s->g, sizeof s->q);
    for (size_t j = 0; j < K; j++)
        descent_add(s->q, s->G + j * K, s->t[j] - s->m[j], K);
    const struct descent d = descent_of(s, true);
    return descent_residual(&d);
}

static void test_subproblem(void **state)
{
    (void)state;
    struct both b = make_varied(N, K - 1);
    struct sparse_descent *columns;
    struct subproblem *s = test_malloc(sizeof *s);
    double expected[K];
    size_t off = 0;
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem = problem_of(&b, "bernoulli", "gaussian(0, 0.5)", &table, &model);

    make_subproblem(s, problem);
    struct descent in_gram = descent_of(s, true), by_columns = descent_of(s, false);
    assert_int_equal(descent_run(&in_gram, 1e-12, NULL), MXP_OK);
    memcpy(expected, s->t, sizeof expected);
    for (size_t j = 0; j < K; j++)
        off += expected[j] != s->m[j];
    assert_true(off > 10 && off < K - 10);
    memcpy(s->t, s->m, sizeof s->t);

    problem->design->sparse = &b.sparse;
    assert_int_equal(sparse_descent_new(&columns, problem, NULL), MXP_OK);
    assert_int_equal(sparse_descent_load(s->H, columns, s->set, K, s->h, NULL), MXP_OK);
    for (size_t j = 0; j < K; j++)
        assert_close(s->H[j], s->G[j + j * K], 1e-12, 0.0, "diagonal", (double)j);
    double before = residual(s);
    for (int n = 0; n < 20 && before > 1e-11;
         n++) { /* as Newton's steps do, from exact gradients */
        assert_int_equal(sparse_descent_run(&by_columns, columns, 0.03 * before, 2, NULL), MXP_OK);
        const double after = residual(s);
        assert_true(after <= 0.2 * before);
        before = after;
    }
    for (size_t j = 0; j < K; j++)
        assert_close(s->t[j], expected[j], 0.0, 1e-9, "coefficient", (double)j);
    sparse_descent_free(columns);
    problem->design->sparse = NULL;
    free(s->space.values);
    test_free(s);
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    both_free(&b);
}

/* The point at a scale far below the empty model's, and two nearer ones on the way on. */
static void solve(struct sweep_point *points, bool *by_columns, mxp_problem *problem,
                  const struct sweep_penalty *penalty, int threads)
{
    const struct sweep_options options = {
        .tolerance = 1e-11, .threads = threads, .max_iterations = 200};
    struct sweep *sweep;
    size_t done;

    assert_int_equal(sweep_new(&sweep, problem, penalty, &options, NULL), MXP_OK);
    const double largest = sweep_largest(sweep);
    const double scale[] = {0.2 * largest, 0.18 * largest, 0.05 * largest};
    assert_int_equal(sweep_solve(points, &done, sweep, scale, 3, NULL, NULL), MXP_OK);
    assert_int_equal(done, 3);
    *by_columns = sweep->by_columns;
    sweep_free(sweep);
}

static void compare(const struct sweep_point *a, const struct sweep_point *b, double tolerance)
{
    assert_int_equal(a->count, b->count);
    assert_true(a->converged && b->converged && b->kkt < 1e-10);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->index[i], b->index[i]);
        assert_close(b->theta[i], a->theta[i], 0.0, tolerance, "coefficient", (double)i);
    }
    assert_close(b->loss, a->loss, 1e-11, 0.0, "loss", 0.0);
}

/* An elastic net of more members than rows, so that a Gram does not pay. */
static void check_sweep(const char *family)
{
    enum { ROWS = 150, COLUMNS = 900 };
    struct both b = make_varied(ROWS, COLUMNS);
    struct sweep_point points[3][3] = {0};
    double l1[COLUMNS + 1], l2[COLUMNS + 1], zero[COLUMNS + 1] = {0};
    const struct sweep_penalty penalty = {.l1 = l1, .l2 = l2, .centre = zero};
    bool by_columns;
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem = problem_of(&b, family, "laplace(0, 1)", &table, &model);

    for (size_t j = 0; j <= COLUMNS; j++) {
        l1[j] = j > 0 ? 1.0 + 0.5 * (double)(j % 3) : 0.0;
        l2[j] = j > 0 ? 4.0 : 0.0;
    }
    solve(points[0], &by_columns, problem, &penalty, 1);
    assert_false(by_columns);
    problem->design->sparse = &b.sparse;
    solve(points[1], &by_columns, problem, &penalty, 1);
    assert_true(by_columns);
    solve(points[2], &by_columns, problem, &penalty, 2);
    for (size_t i = 0; i < 3; i++) {
        compare(&points[0][i], &points[1][i], 1e-8);
        compare(&points[1][i], &points[2][i], 0.0); /* whatever the threads, the same bits */
        for (size_t way = 0; way < 3; way++)
            sweep_point_clear(&points[way][i]);
    }
    problem->design->sparse = NULL;
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    both_free(&b);
}

static void test_sweep(void **state)
{
    (void)state;
    check_sweep("bernoulli");
    check_sweep("gaussian");
}

/* Sums over many rows carry more rounding than the last steps gain: the empty model is found all the
 * same, at 30 numbers of rows, and is the mean. */
static void test_empty_model(void **state)
{
    (void)state;
    for (size_t n = 1000; n <= 30000; n += 1000) {
        struct both b = make_varied(n, 1);
        struct sweep_point point = {0};
        struct sweep *sweep;
        const double one[] = {0.0, 1.0}, zero[2] = {0.0};
        const struct sweep_penalty penalty = {.l1 = one, .l2 = zero, .centre = zero};
        const struct sweep_options options = {
            .tolerance = 1e-10, .threads = 1, .max_iterations = 200};
        size_t done;
        mxp_table *table;
        mxp_model *model;
        mxp_problem *problem = problem_of(&b, "bernoulli", "laplace(0, 1)", &table, &model);
        double mean = 0.0;

        for (size_t i = 0; i < n; i++)
            mean += problem->y[i] / (double)n;
        assert_int_equal(sweep_new(&sweep, problem, &penalty, &options, NULL), MXP_OK);
        const double scale = 1.01 * sweep_largest(sweep);
        assert_int_equal(sweep_solve(&point, &done, sweep, &scale, 1, NULL, NULL), MXP_OK);
        assert_true(point.converged);
        assert_int_equal(point.count, 1);
        assert_close(point.theta[0], log(mean / (1.0 - mean)), 1e-10, 1e-11, "intercept",
                     (double)n);
        sweep_point_clear(&point);
        sweep_free(sweep);
        mxp_problem_free(problem);
        mxp_model_free(model);
        mxp_table_free(table);
        both_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_subproblem),
                                       cmocka_unit_test(test_sweep),
                                       cmocka_unit_test(test_empty_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
