/* num/la and num/factor against naive loops and identities; num/twofold against exact integers. */
#include "numeric.h"

#include "num/factor.h"
#include "num/la.h"
#include "num/rng.h"
#include "num/twofold.h"

#include <inttypes.h>
#include <string.h>

enum { M = 7, K = 4, LD = 9 };

static void fill_normal(double *x, size_t count, uint64_t stream)
{
    struct rng rng = rng_stream(11, stream);
    for (size_t i = 0; i < count; i++)
        x[i] = rng_normal(&rng);
}

/* sum over p of a(p, i) b(p, j): naive products of columns. */
static double product(const double *A, size_t lda, size_t i, const double *B, size_t ldb, size_t j,
                      size_t m)
{
    double sum = 0.0;
    for (size_t p = 0; p < m; p++)
        sum += A[p + i * lda] * B[p + j * ldb];
    return sum;
}

/* H = S'S + 1e-3, with columns of sizes from 1 to 1e6. */
static void fill_positive(double *H, double *S)
{
    fill_normal(S, (size_t)M * K, 3);
    for (size_t j = 0; j < K; j++)
        for (size_t i = 0; i < M; i++)
            S[i + j * M] *= pow(100.0, (double)j);
    for (size_t j = 0; j < K; j++)
        for (size_t i = 0; i < K; i++)
            H[i + j * K] = product(S, M, i, S, M, j, M);
}

static void test_gram(void **state)
{
    double S[M * K], G[LD * K];

    (void)state;
    fill_normal(S, M * K, 1);
    for (size_t i = 0; i < LD * K; i++)
        G[i] = 1.0;
    la_gram_add(G, LD, S, M, M, K);
    la_mirror(G, LD, K);
    for (size_t j = 0; j < K; j++)
        for (size_t i = 0; i < LD; i++)
            assert_close(G[i + j * LD], 1.0 + (i < K ? product(S, M, i, S, M, j, M) : 0.0), 1e-14,
                         1e-14, "gram", (double)(i + j * LD));
}

static void test_products(void **state)
{
    double A[LD * K], x[LD], y[LD], z[LD], B[K * 3], C[M * 3], T[K * 3];

    (void)state;
    fill_normal(A, LD * K, 2);
    fill_normal(x, LD, 3);
    fill_normal(B, K * 3, 4);
    for (size_t i = 0; i < LD; i++)
        y[i] = z[i] = 1.0;
    la_multiply_add(y, 2.0, A, LD, M, K, x);
    la_multiply_transposed_add(z, -1.0, A, LD, M, K, x);
    la_matmul(C, M, A, LD, false, B, K, false, M, 3, K);
    la_matmul(T, K, A, LD, true, C, M, false, K, 3, M);
    for (size_t i = 0; i < M; i++) {
        double row = 0.0;
        for (size_t j = 0; j < K; j++)
            row += A[i + j * LD] * x[j];
        assert_close(y[i], 1.0 + 2.0 * row, 1e-14, 1e-14, "A x", (double)i);
        for (size_t c = 0; c < 3; c++) {
            double sum = 0.0;
            for (size_t j = 0; j < K; j++)
                sum += A[i + j * LD] * B[j + c * K];
            assert_close(C[i + c * M], sum, 1e-14, 1e-14, "A B", (double)i);
        }
    }
    for (size_t j = 0; j < K; j++) {
        assert_close(z[j], 1.0 - product(A, LD, j, x, LD, 0, M), 1e-14, 1e-14, "A'x", (double)j);
        for (size_t c = 0; c < 3; c++)
            assert_close(T[j + c * K], product(A, LD, j, C, M, c, M), 1e-13, 1e-13, "A'C",
                         (double)j);
    }
    assert_close(la_dot(x, x, LD), product(x, LD, 0, x, LD, 0, LD), 1e-14, 0.0, "dot", 0.0);
}

static void test_triangularise(void **state)
{
    static const size_t rows[] = {M, K, 2}; /* tall, square, wide */
    double S[M * K], A[M * K], x[K], b[K];

    (void)state;
    for (size_t n = 0; n < sizeof rows / sizeof *rows; n++) {
        const size_t m = rows[n], least = m < K ? m : K;
        fill_normal(S, M * K, 5);
        memcpy(A, S, sizeof A);
        assert_int_equal(la_triangularise(A, M, m, K, NULL), MXP_OK);
        for (size_t j = 0; j < K; j++) {
            for (size_t i = j + 1; i < least; i++)
                assert_true(A[i + j * M] == 0.0);
            for (size_t i = 0; i < K; i++)
                assert_close(product(A, M, i, A, M, j, least), product(S, M, i, S, M, j, m), 1e-13,
                             1e-13, "R'R", (double)j);
        }
        if (m < K)
            continue;
        fill_normal(b, K, 6);
        memcpy(x, b, sizeof x);
        la_triangle_solve(x, A, M, K, true);
        for (size_t j = 0; j < K; j++)
            assert_close(product(A, M, j, x, K, 0, j + 1), b[j], 1e-12, 1e-12, "R'x", (double)j);
    }
}

static void test_eigen(void **state)
{
    double S[M * K], H[K * K], V[K * K], values[K];

    (void)state;
    fill_normal(S, M * K, 7);
    for (size_t j = 0; j < K; j++)
        for (size_t i = 0; i < K; i++)
            V[i + j * K] = H[i + j * K] = product(S, M, i, S, M, j, M);
    assert_int_equal(la_eigen(values, V, K, K, NULL), MXP_OK);
    for (size_t j = 0; j < K; j++) {
        if (j > 0)
            assert_true(values[j] >= values[j - 1]);
        for (size_t i = 0; i < K; i++) {
            assert_close(product(H, K, i, V, K, j, K), values[j] * V[i + j * K], 1e-12, 1e-12,
                         "H v", (double)j);
            assert_close(product(V, K, i, V, K, j, K), i == j ? 1.0 : 0.0, 0.0, 1e-13, "v'v",
                         (double)j);
        }
    }
    V[0] = NAN;
    mxp_error error = {0};
    assert_int_equal(la_eigen(values, V, K, K, &error), MXP_NUMERIC);
}

static void test_least_squares(void **state)
{
    double A[M * K], b[M], residual;

    (void)state;
    fill_normal(A, M * K, 8);
    for (size_t i = 0; i < M; i++) { /* a dependent column; b in the space of the others */
        A[i + 3 * M] = A[i] - 2.0 * A[i + M];
        b[i] = 3.0 * A[i] + A[i + 2 * M];
    }
    assert_int_equal(la_least_squares(&residual, A, M, b, M, K, 1e-10, NULL), MXP_OK);
    assert_true(residual < 1e-13);
    fill_normal(A, M * K, 8);
    for (size_t i = 0; i < M; i++) { /* two columns of indicators: the residual by hand */
        A[i] = i < 3;
        A[i + M] = i >= 3;
        b[i] = (double)i;
    }
    assert_int_equal(la_least_squares(&residual, A, M, b, M, 2, 1e-10, NULL), MXP_OK);
    assert_close(residual, sqrt(2.0 + 5.0), 1e-14, 0.0, "residual", 0.0);
}

static void test_cholesky(void **state)
{
    double S[M * K], H[K * K], inverse[K * K], x[K], b[K];
    struct factor *factor = NULL;

    (void)state;
    fill_positive(H, S);
    fill_normal(b, K, 9);
    memcpy(x, b, sizeof x);
    assert_int_equal(factor_cholesky(&factor, H, K, K, NULL), MXP_OK);
    /* units do not matter: the condition is that of the scaled matrix */
    assert_true(factor->rcond > 1e-3 && factor->rcond <= 1.0);
    factor_solve(x, factor);
    factor_inverse(inverse, K, factor);
    for (size_t i = 0; i < K; i++) {
        assert_close(product(H, K, i, x, K, 0, K), b[i], 1e-10, 1e-10, "H x", (double)i);
        for (size_t j = 0; j < K; j++) {
            const double unit = pow(100.0, (double)i - (double)j);
            assert_close(product(H, K, i, inverse, K, j, K), i == j ? 1.0 : 0.0, 1e-10,
                         1e-10 * unit, "H H^-1", (double)i);
        }
    }
    /* log det by the eigenvalues of the matrix without units */
    double scaled[K * K], values[K], log_det = 0.0;
    for (size_t j = 0; j < K; j++)
        for (size_t i = 0; i < K; i++)
            scaled[i + j * K] = H[i + j * K] * pow(100.0, -(double)(i + j));
    assert_int_equal(la_eigen(values, scaled, K, K, NULL), MXP_OK);
    for (size_t j = 0; j < K; j++)
        log_det += log(values[j]) + 2.0 * (double)j * log(100.0);
    assert_close(factor_log_det(factor), log_det, 1e-12, 0.0, "log det", 0.0);
    factor_free(factor);
}

/* x <- S^-1 R^-1 e_j are the columns of a root C of the inverse: C C' = H^-1. */
static void test_half_solve(void **state)
{
    double S[M * K], H[K * K], inverse[K * K], C[K * K] = {0};
    struct factor *factor = NULL;

    (void)state;
    fill_positive(H, S);
    assert_int_equal(factor_cholesky(&factor, H, K, K, NULL), MXP_OK);
    factor_inverse(inverse, K, factor);
    for (size_t j = 0; j < K; j++) {
        C[j + j * K] = 1.0;
        factor_half_solve(C + j * K, factor);
    }
    for (size_t j = 0; j < K; j++)
        for (size_t i = 0; i < K; i++) {
            double sum = 0.0;
            for (size_t p = 0; p < K; p++)
                sum += C[i + p * K] * C[j + p * K];
            assert_close(sum, inverse[i + j * K], 1e-12, 1e-300, "C C'", (double)i);
        }
    factor_free(factor);
}

static void test_not_positive(void **state)
{
    const double indefinite[] = {1.0, 2.0, 2.0, 1.0}, bad[] = {1.0, 0.0, 0.0, NAN};
    const double zero[] = {1.0, 0.0, 0.0, 0.0};
    struct factor *factor = NULL;
    mxp_error error = {0};

    (void)state;
    assert_int_equal(factor_cholesky(&factor, indefinite, 2, 2, NULL), MXP_OK);
    assert_true(factor->rcond == 0.0);
    factor_free(factor);
    assert_int_equal(factor_cholesky(&factor, zero, 2, 2, NULL), MXP_OK);
    assert_true(factor->rcond == 0.0);
    factor_free(factor);
    assert_int_equal(factor_cholesky(&factor, bad, 2, 2, &error), MXP_NUMERIC);
    assert_int_equal(factor_cholesky(&factor, bad, 2, 0, &error), MXP_USAGE);
    factor_free(NULL);
}

static void test_triangle(void **state)
{
    double S[M * K], H[K * K], A[M * K], x[K], y[K];
    struct factor *from_H = NULL, *from_R = NULL;
    size_t column = 99;

    (void)state;
    fill_positive(H, S);
    memcpy(A, S, sizeof A);
    assert_int_equal(la_triangularise(A, M, M, K, NULL), MXP_OK);
    assert_int_equal(factor_cholesky(&from_H, H, K, K, NULL), MXP_OK);
    assert_int_equal(factor_triangle(&from_R, A, M, K, 1e-10, &column, NULL), MXP_OK);
    assert_int_equal(column, 99);
    fill_normal(x, K, 10);
    memcpy(y, x, sizeof y);
    factor_solve(x, from_H);
    factor_solve(y, from_R);
    for (size_t j = 0; j < K; j++)
        assert_close(y[j], x[j], 1e-11, 0.0, "by R and by H", (double)j);
    assert_close(factor_log_det(from_R), factor_log_det(from_H), 1e-12, 0.0, "log det", 0.0);
    factor_free(from_H);
    factor_free(from_R);
    A[2 + 2 * M] = 1e-13 * A[1 + 2 * M];
    assert_int_equal(factor_triangle(&from_R, A, M, K, 1e-10, &column, NULL), MXP_OK);
    assert_int_equal(column, 2);
    assert_true(from_R->rcond == 0.0);
    factor_free(from_R);
}

/* Sums and products of doubles are exact as pairs: checked in integers of 128 bits. */
static void test_twofold_exact(void **state)
{
    struct rng rng = rng_stream(5, 0);

    (void)state;
    for (int n = 0; n < 10000; n++) {
        const int64_t a = (int64_t)(rng_bits(&rng) >> 11) - (INT64_C(1) << 52);
        const int64_t b = ((int64_t)(rng_bits(&rng) >> 11) - (INT64_C(1) << 52)) >> (n % 40);
        const struct twofold sum = twofold_sum((double)a, (double)b);
        const struct twofold difference = twofold_difference((double)a, (double)b);
        const struct twofold times = twofold_times(twofold_of((double)a), twofold_of((double)b));
        assert_true((int64_t)sum.high + (int64_t)sum.low == a + b);
        assert_true((int64_t)difference.high + (int64_t)difference.low == a - b);
        __extension__ typedef __int128 wide;
        assert_true((wide)times.high + (wide)times.low == (wide)a * b);
    }
}

/* Quotients and roots, multiplied back, leave about 2^-100. */
static void test_twofold_inverse(void **state)
{
    struct rng rng = rng_stream(5, 1);

    (void)state;
    for (int n = 0; n < 10000; n++) {
        const struct twofold a = twofold_normal(1.0 + rng_uniform(&rng), 1e-17 * rng_normal(&rng));
        const struct twofold b = twofold_normal(1.0 + rng_uniform(&rng), 1e-17 * rng_normal(&rng));
        const struct twofold q = twofold_over(a, b), r = twofold_root(a);
        const struct twofold left = twofold_add(twofold_times(q, b), twofold_negative(a));
        const struct twofold rest = twofold_add(twofold_times(r, r), twofold_negative(a));
        assert_true(fabs(left.high + left.low) < 1e-30);
        assert_true(fabs(rest.high + rest.low) < 1e-30);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gram),
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_triangularise),
        cmocka_unit_test(test_eigen),
        cmocka_unit_test(test_least_squares),
        cmocka_unit_test(test_cholesky),
        cmocka_unit_test(test_half_solve),
        cmocka_unit_test(test_not_positive),
        cmocka_unit_test(test_triangle),
        cmocka_unit_test(test_twofold_exact),
        cmocka_unit_test(test_twofold_inverse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
