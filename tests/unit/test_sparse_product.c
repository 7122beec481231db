/* Products with sparse columns against the same sums over dense ones, on one thread and on several. */
#include "sparse_scene.h"

#include "data/sparse_product.h"
#include "model/product.h"
#include "model/product_sparse.h"

#include <string.h>

static void check(size_t rows, size_t columns)
{
    struct both b = make(rows, columns);
    const size_t n = rows, k = columns;
    double *v = NULL, *w, *t, *out[8];

    assert_int_equal(mem_doubles(&v, 2 * n + k + 8 * (n + 2 * k), 1, NULL), MXP_OK);
    w = v + n;
    t = w + n;
    for (size_t i = 0; i < 8; i++)
        out[i] = t + k + i * (n + 2 * k);
    for (size_t i = 0; i < n; i++) {
        v[i] = uniform() - 0.5;
        w[i] = uniform();
        out[6][i] = out[7][i] = w[i]; /* combine adds */
    }
    for (size_t j = 0; j < k; j++)
        t[j] = j % 5 ? uniform() - 0.5 : 0.0;
    for (int threads = 1; threads <= 3; threads += 2) {
        const size_t at = threads == 1 ? 0 : 3;
        sparse_dots(out[at], &b.sparse, v, threads);
        sparse_square_dots(out[at + 1], &b.sparse, w, threads);
        sparse_both_dots(out[at + 2], out[at + 2] + k, &b.sparse, v, w, threads);
        assert_int_equal(sparse_combine(out[at ? 7 : 6], &b.sparse, t, threads, NULL), MXP_OK);
    }
    assert_memory_equal(out[0], out[3], k * sizeof *v); /* whatever the threads, the same bits */
    assert_memory_equal(out[1], out[4], k * sizeof *v);
    assert_memory_equal(out[2], out[5], 2 * k * sizeof *v);
    assert_memory_equal(out[6], out[7], n * sizeof *v);
    for (size_t j = 0; j < k; j++) {
        double dot = 0.0, square = 0.0, size = 1e-300;
        for (size_t i = 0; i < n; i++) {
            const double x = b.dense[i + j * n];
            dot += x * v[i];
            square += x * x * w[i];
            size += fabs(x * v[i]);
        }
        assert_close(out[0][j], dot, 0.0, 1e-14 * size, "dot", (double)j);
        assert_close(out[2][j], dot, 0.0, 1e-14 * size, "dot of both", (double)j);
        assert_close(out[1][j], square, 1e-13, 0.0, "square", (double)j);
        assert_close(out[2][k + j], square, 1e-13, 0.0, "square of both", (double)j);
    }
    for (size_t i = 0; i < n; i++) {
        double sum = w[i], size = 1.0;
        for (size_t j = 0; j < k; j++) {
            sum += b.dense[i + j * n] * t[j];
            size += fabs(b.dense[i + j * n] * t[j]);
        }
        assert_close(out[6][i], sum, 0.0, 1e-14 * size, "sum", (double)i);
    }
    free(v);
    both_free(&b);
}

/* Below and above the size from which products are shared out. */
static void test_products(void **state)
{
    (void)state;
    check(1, 1);
    check(37, 120);
    check(900, 1500);
}

/* The centred and scaled products, sparse against dense. */
static void test_problem(void **state)
{
    (void)state;
    struct both b = make_varied(60, 40);
    const size_t n = 60, k = 41;
    double v[120], h[60], t[82], dense[82], sparse[82], eta[2][120];
    size_t set[] = {0, 3, 7, 40};
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem = problem_of(&b, "bernoulli", "gaussian(0, 0.5)", &table, &model);
    struct design *const design = problem->design;

    assert_int_equal(problem->k, k);
    for (size_t i = 0; i < 2 * n; i++)
        v[i] = uniform() - 0.5;
    for (size_t i = 0; i < n; i++)
        h[i] = uniform();
    for (size_t j = 0; j < 2 * k; j++)
        t[j] = uniform() - 0.5;
    for (size_t subset = 0; subset < 2; subset++) {
        const size_t *which = subset ? set : NULL, count = subset ? 4 : k;
        for (size_t kind = 0; kind < 3; kind++) {
            design->sparse = NULL;
            memset(eta, 0, sizeof eta);
            size_t total = 2 * count;
            for (size_t way = 0; way < 2; way++) {
                double *const out = way ? sparse : dense;
                design->sparse = way ? &b.sparse : NULL;
                if (kind == 0)
                    product_transposed(out, problem, which, count, v, 2, 1);
                else if (kind == 1)
                    product_squares(out, problem, which, total = count, h, 1);
                else
                    assert_int_equal(
                        product_predictor(eta[way], problem, which, count, t, 2, 1, NULL), MXP_OK);
            }
            for (size_t i = 0; kind < 2 && i < total; i++)
                assert_close(sparse[i], dense[i], 1e-12, 1e-12, kind ? "squares" : "Z'v",
                             (double)i);
            for (size_t i = 0; kind == 2 && i < 2 * n; i++)
                assert_close(eta[1][i], eta[0][i], 1e-12, 1e-12, "Zt", (double)i);
        }
    }
    design->sparse = NULL;
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    both_free(&b);
}

static mxp_status copy_rows(void *user, size_t first, size_t m, mxp_error *error)
{
    double **const both = user; /* from, to */

    (void)error;
    memcpy(both[1] + first, both[0] + first, m * sizeof(double));
    return MXP_OK;
}

/* Grams of all columns, of a set whose last members are new, of some rows; and passes. */
static void test_gram(void **state)
{
    (void)state;
    struct both b = make_varied(60, 40);
    const size_t n = 60, k = 41, set[] = {0, 3, 7, 40, 20};
    double h[60], t[41], G[2][41 * 41], part[2][25], few[2][25], q[2][41], eta[2][60], r[60];
    const size_t rows[] = {2, 3, 5, 59};
    const struct product_rows some = {rows, 4};
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem = problem_of(&b, "bernoulli", "gaussian(0, 0.5)", &table, &model);
    struct design *const design = problem->design;

    for (size_t i = 0; i < n; i++)
        h[i] = uniform();
    for (size_t j = 0; j < k; j++)
        t[j] = uniform() - 0.5;
    for (size_t way = 0; way < 2; way++) {
        double *from_to[2] = {eta[way], r};
        const struct product_pass pass = {
            .rows = copy_rows, .user = from_to, .t = t, .v = eta[way], .r = r};
        design->sparse = way ? &b.sparse : NULL;
        memset(eta[way], 0, sizeof eta[way]);
        assert_int_equal(product_gram(G[way], k, problem, NULL, 0, k, h, 1, NULL), MXP_OK);
        assert_int_equal(product_gram(part[way], 5, problem, set, 0, 3, h, 1, NULL), MXP_OK);
        assert_int_equal(product_gram(part[way], 5, problem, set, 3, 5, h, 1, NULL), MXP_OK);
        assert_int_equal(product_gram_rows(few[way], 5, problem, set, 0, 5, h, &some, 1, NULL),
                         MXP_OK);
        assert_int_equal(product_pass(q[way], problem, NULL, k, &pass, 1, NULL), MXP_OK);
    }
    for (size_t i = 0; i < k * k; i++)
        assert_close(G[1][i], G[0][i], 1e-12, 1e-12, "gram", (double)i);
    for (size_t i = 0; i < 25; i++) {
        assert_close(part[1][i], part[0][i], 1e-12, 1e-12, "gram of a set", (double)i);
        assert_close(few[1][i], few[0][i], 1e-12, 1e-12, "gram of rows", (double)i);
    }
    for (size_t j = 0; j < k; j++)
        assert_close(q[1][j], q[0][j], 1e-12, 1e-12, "pass", (double)j);
    design->sparse = NULL;
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    both_free(&b);
}

/* Z'(h (Z t)) in one passage, in single precision, against the dense products. */
static void test_map(void **state)
{
    (void)state;
    struct both b = make_varied(60, 40);
    const size_t n = 60, k = 41;
    double h[60], t[41], dense[41], eta[60] = {0}, along[60], product[41], weighted[60];
    struct product_map *map = NULL;
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem = problem_of(&b, "bernoulli", "gaussian(0, 0.5)", &table, &model);
    struct design *const design = problem->design;

    for (size_t i = 0; i < n; i++)
        h[i] = uniform();
    for (size_t j = 0; j < k; j++)
        t[j] = uniform() - 0.5;
    design->sparse = &b.sparse;
    assert_int_equal(product_map_new(&map, problem, 1000000, NULL), MXP_OK);
    assert_non_null(map);
    product_map_curve(product, along, map, t, h, 2);
    design->sparse = NULL;
    assert_int_equal(product_predictor(eta, problem, NULL, k, t, 1, 1, NULL), MXP_OK);
    for (size_t i = 0; i < n; i++) {
        assert_close(along[i], eta[i], 0.0, 1e-5, "along", (double)i);
        weighted[i] = h[i] * eta[i];
    }
    product_transposed(dense, problem, NULL, k, weighted, 1, 1);
    for (size_t j = 0; j < k; j++)
        assert_close(product[j], dense[j], 0.0, 1e-4, "curve", (double)j);
    design->sparse = &b.sparse;
    product_map_transposed(product, map, problem, weighted, 1);
    for (size_t j = 0; j < k; j++)
        assert_close(product[j], dense[j], 1e-12, 1e-12, "transposed", (double)j);
    product_map_free(map);
    map = NULL;
    assert_int_equal(product_map_new(&map, problem, 10, NULL), MXP_OK); /* too many values */
    assert_null(map);
    design->sparse = NULL;
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    both_free(&b);
}

/* newton_cg with the sparse columns ends where it ends with the dense ones: what single precision
 * steers does not show. */
static void test_fit(void **state)
{
    (void)state;
    struct both b = make_varied(80, 120);
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem = problem_of(&b, "bernoulli", "gaussian(0, 0.5)", &table, &model);
    mxp_solution *solution[2];
    mxp_fit_options how;
    mxp_fit_options_init(&how);
    how.method = "newton_cg";
    how.tolerance = 1e-11;
    for (size_t way = 0; way < 2; way++) {
        problem->design->sparse = way ? &b.sparse : NULL;
        assert_int_equal(mxp_fit(&solution[way], problem, &how, NULL), MXP_OK);
        assert_string_equal(mxp_solution_info(solution[way]).status_text, "converged");
    }
    for (size_t j = 0; j < problem->k; j++) {
        double one, other;
        const char *name = problem->parameter[j].name;
        assert_int_equal(mxp_solution_estimate(&one, solution[0], name, NULL), MXP_OK);
        assert_int_equal(mxp_solution_estimate(&other, solution[1], name, NULL), MXP_OK);
        assert_close(other, one, 1e-9, 1e-10, name, 0.0);
    }
    mxp_solution_free(solution[0]);
    mxp_solution_free(solution[1]);
    problem->design->sparse = NULL;
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    both_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_products),
                                       cmocka_unit_test(test_problem), cmocka_unit_test(test_gram),
                                       cmocka_unit_test(test_map), cmocka_unit_test(test_fit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
