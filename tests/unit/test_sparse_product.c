/* Products with sparse columns against the same sums over dense ones, on one thread and on several. */
#include "numeric.h"

#include "base/mem.h"
#include "data/sparse_product.h"

#include <string.h>

struct both {
    struct sparse sparse;
    double *dense; /* rows x columns */
};

static unsigned long long seed = 88172645463325252ULL;

static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) / 9007199254740992.0;
}

/* Columns from empty to full. */
static struct both make(size_t rows, size_t columns)
{
    struct both b = {.sparse = {.rows = rows, .columns = columns}};
    struct sparse *s = &b.sparse;

    assert_int_equal(mem_doubles(&b.dense, rows, columns, NULL), MXP_OK);
    assert_int_equal(MEM_NEW(&s->start, columns + 1, NULL), MXP_OK);
    assert_int_equal(MEM_NEW(&s->row, rows * columns, NULL), MXP_OK);
    assert_int_equal(MEM_NEW(&s->value, rows * columns, NULL), MXP_OK);
    for (size_t j = 0; j < columns; j++) {
        const double share = pow((double)(j % 50) / 49.0, 3.0);
        for (size_t i = 0; i < rows; i++)
            if (uniform() < share) {
                s->row[s->count] = (uint32_t)i;
                s->value[s->count++] = b.dense[i + j * rows] = uniform() - 0.4;
            }
        s->start[j + 1] = s->count;
    }
    return b;
}

static void both_free(struct both *b)
{
    free(b->dense);
    free(b->sparse.start);
    free(b->sparse.row);
    free(b->sparse.value);
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_products)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
