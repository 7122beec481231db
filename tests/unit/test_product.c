/* Products with the solver columns against plain sums over them, within 1e-13 of the sum of sizes, and
 * the same bits on one thread and on several. */
#include "numeric.h"

#include "base/mem.h"
#include "maxpost/maxpost.h"
#include "model/product.h"
#include "model/problem_view.h"
#include "select/fold_gram.h"

#include <stdio.h>
#include <string.h>

enum { N = 3001, P = 37, MANY = 21 };

struct setting {
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem;
    double *Z, *V, *h; /* n x k, n x MANY, n */
};

static unsigned long long seed = 88172645463325252ULL;

static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) / 9007199254740992.0 - 0.5;
}

static double *numbers(size_t count, double shift)
{
    double *values = NULL;

    assert_int_equal(mem_doubles(&values, count, 1, NULL), MXP_OK);
    for (size_t i = 0; i < count; i++)
        values[i] = uniform() + shift;
    return values;
}

static void fill_columns(struct setting *s)
{
    assert_int_equal(mem_doubles(&s->Z, N, s->problem->k, NULL), MXP_OK);
    for (size_t j = 0; j < s->problem->k; j++) {
        const struct parameter *p = &s->problem->parameter[j];
        for (size_t i = 0; i < N; i++)
            s->Z[i + j * N] =
                p->column == PROBLEM_INTERCEPT
                    ? 1.0
                    : (s->problem->design->column[p->column][i] - p->shift) / p->scale;
    }
}

static int set_up(void **state)
{
    struct setting *s = calloc(1, sizeof *s);
    char name[16];

    assert_non_null(s);
    assert_int_equal(mxp_table_new(&s->table, N, NULL), MXP_OK);
    for (size_t j = 0; j <= P; j++) {
        double *x = numbers(N, (double)j);
        snprintf(name, sizeof name, j < P ? "x%zu" : "y", j);
        assert_int_equal(mxp_table_add(s->table, name, x, NULL), MXP_OK);
        free(x);
    }
    assert_int_equal(mxp_model_new(&s->model, "y", NULL), MXP_OK);
    assert_int_equal(mxp_model_fix_auxiliary(s->model, "noise_sd", 1.0, NULL), MXP_OK);
    mxp_model_set_standardize(s->model, 1);
    assert_int_equal(mxp_problem_new(&s->problem, s->model, s->table, NULL, NULL), MXP_OK);
    fill_columns(s);
    s->V = numbers(N * MANY, 0.0);
    s->h = numbers(N, 0.6);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct setting *s = *state;

    mxp_problem_free(s->problem);
    mxp_model_free(s->model);
    mxp_table_free(s->table);
    free(s->Z);
    free(s->V);
    free(s->h);
    free(s);
    return 0;
}

static double sum_of(const double *a, const double *b, const double *h)
{
    long double sum = 0.0L;

    for (size_t i = 0; i < N; i++)
        sum += (long double)a[i] * b[i] * (h ? h[i] : 1.0);
    return (double)sum;
}

static void transposed(void **state)
{
    const struct setting *s = *state;
    const size_t k = s->problem->k;

    for (size_t b = 1; b <= MANY; b++) {
        double *one = numbers(k * b, 0.0), *two = numbers(k * b, 0.0);
        product_transposed(one, s->problem, NULL, k, s->V, b, 1);
        product_transposed(two, s->problem, NULL, k, s->V, b, 3);
        assert_memory_equal(one, two, k * b * sizeof *one);
        for (size_t v = 0; v < b; v++)
            for (size_t j = 0; j < k; j++)
                assert_close(one[j + v * k], sum_of(s->Z + j * N, s->V + v * N, NULL), 0.0, 1e-10,
                             "Z'V", (double)j);
        free(one);
        free(two);
    }
}

static void predictor(void **state)
{
    const struct setting *s = *state;
    const size_t k = s->problem->k, set[] = {5, 0, 7, 8, 9, 30};
    const double T[] = {1.0, -2.0, 0.0, 0.5, 3.0, 0.1, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0};
    double *eta = numbers(2 * N, 0.0), *other = numbers(2 * N, 0.0);

    memset(eta, 0, 2 * N * sizeof *eta);
    memset(other, 0, 2 * N * sizeof *eta);
    assert_true(k > 30);
    assert_int_equal(product_predictor(eta, s->problem, set, 6, T, 2, 1, NULL), MXP_OK);
    assert_int_equal(product_predictor(other, s->problem, set, 6, T, 2, 4, NULL), MXP_OK);
    assert_memory_equal(eta, other, 2 * N * sizeof *eta);
    for (size_t v = 0; v < 2; v++)
        for (size_t i = 0; i < N; i++) {
            double want = 0.0;
            for (size_t a = 0; a < 6; a++)
                want += T[a + 6 * v] * s->Z[i + set[a] * N];
            assert_close(eta[i + v * N], want, 0.0, 1e-12, "Z t", (double)i);
        }
    free(eta);
    free(other);
}

static void gram(void **state)
{
    const struct setting *s = *state;
    const size_t k = s->problem->k, ld = k + 3;
    double *one = numbers(ld * k, 0.0), *two = numbers(ld * k, 0.0), *squares = numbers(k, 0.0);

    assert_int_equal(product_gram(one, ld, s->problem, NULL, 0, k, s->h, 1, NULL), MXP_OK);
    assert_int_equal(product_gram(two, ld, s->problem, NULL, 0, 20, s->h, 2, NULL), MXP_OK);
    assert_int_equal(product_gram(two, ld, s->problem, NULL, 20, k, s->h, 2, NULL), MXP_OK);
    product_squares(squares, s->problem, NULL, k, s->h, 2);
    for (size_t b = 0; b < k; b++)
        for (size_t a = 0; a < k; a++) {
            const double want = sum_of(s->Z + a * N, s->Z + b * N, s->h);
            assert_close(one[a + b * ld], want, 0.0, 1e-10, "gram", (double)a);
            assert_close(two[a + b * ld], want, 0.0, 1e-10, "gram in two parts", (double)a);
            if (a == b)
                assert_close(squares[a], want, 0.0, 1e-10, "squares", (double)a);
        }
    free(one);
    free(two);
    free(squares);
}

struct rows_seen {
    const double *v, *V;
    double *r;
};

/* r = V's first column times the predictor, so that the pass is seen to come in between. */
static mxp_status mark(void *user, size_t first, size_t m, mxp_error *error)
{
    struct rows_seen *seen = user;

    (void)error;
    for (size_t i = first; i < first + m; i++)
        seen->r[i] = seen->V[i] * seen->v[i];
    return MXP_OK;
}

static void pass(void **state)
{
    const struct setting *s = *state;
    const size_t k = s->problem->k;
    double *t = numbers(k, 0.0), *q[2], *v[2], *r = numbers(N, 0.0);

    for (int n = 0; n < 2; n++) {
        q[n] = numbers(k, 0.0);
        v[n] = numbers(N, 0.0);
        memset(v[n], 0, N * sizeof *v[n]);
        struct rows_seen seen = {.v = v[n], .V = s->V, .r = r};
        const struct product_pass request = {
            .rows = mark, .user = &seen, .t = t, .v = v[n], .r = r};
        assert_int_equal(product_pass(q[n], s->problem, NULL, k, &request, n ? 4 : 1, NULL),
                         MXP_OK);
    }
    assert_memory_equal(q[0], q[1], k * sizeof *t);
    assert_memory_equal(v[0], v[1], N * sizeof *t);
    for (size_t j = 0; j < k; j++)
        assert_close(q[0][j], sum_of(s->Z + j * N, r, NULL), 0.0, 1e-9, "Z'r", (double)j);
    for (int n = 0; n < 2; n++) {
        free(q[n]);
        free(v[n]);
    }
    free(r);
    free(t);
}

/* A fold's Gram by subtraction against that of its view. */
static void without_rows(void **state)
{
    const struct setting *s = *state;
    const size_t k = s->problem->k;
    double *w = numbers(N, 0.0), *all = numbers(k * k, 0.0), *G = numbers(k * k, 0.0),
           *want = numbers(k * k, 0.0);
    size_t held[N], count = 0;
    mxp_problem *view = NULL;

    for (size_t i = 0; i < N; i++) {
        w[i] = 1.0;
        s->h[i] = 1.0;
    }
    assert_int_equal(product_gram(all, k, s->problem, NULL, 0, k, w, 1, NULL), MXP_OK);
    for (size_t i = 0; i < N; i += 3) {
        w[i] = 0.0;
        held[count++] = i;
    }
    assert_int_equal(problem_view(&view, s->problem, w, NULL), MXP_OK);
    assert_int_equal(product_gram(want, k, view, NULL, 0, k, w, 1, NULL), MXP_OK);
    assert_int_equal(fold_gram(G, all, s->problem, view, held, count, NULL), MXP_OK);
    for (size_t i = 0; i < k * k; i++)
        assert_close(G[i], want[i], 0.0, 1e-9, "gram of a fold", (double)i);
    problem_view_free(view);
    free(w);
    free(all);
    free(G);
    free(want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(transposed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(predictor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gram, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pass, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_rows, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
