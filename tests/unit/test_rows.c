/* model/rows against loops over rows that are written out, for every family; the bits for every
 * number of threads; QR against the Gram. */
#include "numeric.h"

#include "maxpost/maxpost.h"
#include "model/rows.h"
#include "num/rng.h"

#include <stdbool.h>
#include <string.h>

enum { K = 4, D_MAX = K + 1 };

struct fixture {
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem;
    double theta[D_MAX], psi[FAMILY_AUX_MAX];
};

static void add_column(mxp_table *table, const char *name, struct rng *rng, size_t n, int kind)
{
    double *values = malloc(n * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < n; i++) {
        const double z = rng_normal(rng);
        values[i] = kind == 0    ? 100.0 + 5.0 * z
                    : kind == 1  ? z > 0.0
                    : kind == 2  ? floor(fabs(3.0 * z))
                    : i % 7 == 3 ? 0.0
                                 : fabs(z);
    }
    assert_int_equal(mxp_table_add(table, name, values, NULL), MXP_OK);
    free(values);
}

/* Response b of 0 and 1, c counts, y; offset o; weights w, some 0. */
static void set_up(struct fixture *f, const char *family, const char *response, size_t n,
                   bool standardize, bool weighted)
{
    static const char *const names[] = {"b", "c", "y", "o", "w", "x1", "x2", "x3"};
    static const char *const predictors[] = {"x1", "x2", "x3"};
    static const int kinds[] = {1, 2, 0, 1, 3, 0, 1, 0};
    struct rng rng = rng_stream(9, n);
    mxp_problem_options options;

    *f = (struct fixture){.psi = {40.0, 1.0}};
    assert_int_equal(mxp_table_new(&f->table, n, NULL), MXP_OK);
    for (size_t c = 0; c < sizeof names / sizeof *names; c++)
        add_column(f->table, names[c], &rng, n, kinds[c]);
    assert_int_equal(mxp_model_new(&f->model, response, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_family(f->model, family, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_predictors(f->model, predictors, 3, NULL), MXP_OK);
    mxp_model_set_standardize(f->model, standardize);
    mxp_problem_options_init(&options);
    options.weights = weighted ? "w" : NULL;
    options.offset = weighted ? "o" : NULL;
    assert_int_equal(mxp_problem_new(&f->problem, f->model, f->table, &options, NULL), MXP_OK);
    assert_int_equal(f->problem->k, K);
    for (size_t j = 0; j < K; j++)
        f->theta[j] = 0.1 * rng_normal(&rng) / (j && !standardize ? 5.0 : 1.0);
    f->theta[K] = log(f->psi[0]);
}

static void tear_down(struct fixture *f)
{
    mxp_problem_free(f->problem);
    mxp_model_free(f->model);
    mxp_table_free(f->table);
}

/* z_ij in solver coordinates, from the table. */
static double entry(const struct fixture *f, size_t i, size_t j)
{
    static const char *const names[] = {"", "x1", "x2", "x3"};
    const struct parameter *p = &f->problem->parameter[j];
    const double *x = j ? mxp_table_values(f->table, mxp_table_find(f->table, names[j])) : NULL;
    return x ? (x[i] - p->shift) / p->scale : 1.0;
}

/* -log f of one row by its textbook formula. */
static double loss(const char *family, double y, double eta, double sigma)
{
    if (strcmp(family, "gaussian") == 0)
        return 0.5 * (y - eta) * (y - eta) / (sigma * sigma) + log(sigma) +
               0.5 * log(2.0 * 3.14159265358979323846);
    if (strcmp(family, "bernoulli") == 0)
        return log1p(exp(eta)) - y * eta;
    return exp(eta) - y * eta + lgamma(y + 1.0);
}

/* Its first and second derivative in eta. */
static void slopes(double *d1, double *h, const char *family, double y, double eta, double sigma)
{
    if (strcmp(family, "gaussian") == 0) {
        *d1 = (eta - y) / (sigma * sigma);
        *h = 1.0 / (sigma * sigma);
    } else if (strcmp(family, "bernoulli") == 0) {
        const double p = 1.0 / (1.0 + exp(-eta));
        *d1 = p - y;
        *h = p * (1.0 - p);
    } else {
        *d1 = exp(eta) - y;
        *h = exp(eta);
    }
}

struct naive {
    double value, gradient[D_MAX], diagonal[D_MAX], gram[K * K], cross[K];
};

static void sum_naively(struct naive *s, const struct fixture *f, const char *family,
                        const char *response, bool weighted)
{
    const double *y = mxp_table_values(f->table, mxp_table_find(f->table, response));
    const double *w = mxp_table_values(f->table, mxp_table_find(f->table, "w"));
    const double *o = mxp_table_values(f->table, mxp_table_find(f->table, "o"));
    const double sigma = f->psi[0];

    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < f->problem->n; i++) {
        const double weight = weighted ? w[i] : 1.0;
        double eta = weighted ? o[i] : 0.0, d1, h, z[K];
        for (size_t j = 0; j < K; j++) {
            z[j] = entry(f, i, j);
            eta += z[j] * f->theta[j];
        }
        slopes(&d1, &h, family, y[i], eta, sigma);
        s->value += weight * loss(family, y[i], eta, sigma);
        for (size_t j = 0; j < K; j++) {
            s->gradient[j] += weight * d1 * z[j];
            s->diagonal[j] += weight * h * z[j] * z[j];
            s->cross[j] += -2.0 * weight * d1 * z[j]; /* d/du of d1 / sigma^2 */
            for (size_t l = 0; l < K; l++)
                s->gram[j + l * K] += weight * h * z[j] * z[l];
        }
        s->gradient[K] += weight * (1.0 - (y[i] - eta) * (y[i] - eta) / (sigma * sigma));
        s->diagonal[K] += weight * 2.0 * (y[i] - eta) * (y[i] - eta) / (sigma * sigma);
    }
}

/* Sums agree to rounding, which scales with the sums of absolute values: sqrt of both diagonals. */
static void check_family(const char *family, const char *response, size_t n, bool standardize,
                         bool weighted)
{
    struct fixture f;
    struct naive want;
    double gradient[D_MAX], diagonal[D_MAX], gram[K * K], cross[K];
    struct rows_sums sums = {
        .gradient = gradient, .diagonal = diagonal, .gram = gram, .cross = cross};

    set_up(&f, family, response, n, standardize, weighted);
    sum_naively(&want, &f, family, response, weighted);
    const struct rows_request request = {
        .want = ROWS_GRADIENT | ROWS_DIAGONAL | ROWS_GRAM, .theta = f.theta, .psi = f.psi};
    assert_int_equal(rows_sum(&sums, f.problem, &request, NULL), MXP_OK);
    assert_close(sums.value, want.value, 1e-12, 0.0, family, (double)n);
    for (size_t j = 0; j < f.problem->d; j++) {
        assert_close(diagonal[j], want.diagonal[j], 1e-11, 0.0, "diagonal", (double)n);
        assert_close(gradient[j], want.gradient[j], 1e-10, 1e-10 * want.diagonal[j], "gradient",
                     (double)n);
    }
    for (size_t j = 0; j < K; j++) {
        if (f.problem->r)
            assert_close(cross[j], want.cross[j], 1e-10, 1e-10 * want.diagonal[j], "cross",
                         (double)n);
        for (size_t l = 0; l < K; l++) {
            const double size = sqrt(want.diagonal[j] * want.diagonal[l]);
            assert_close(gram[j + l * K], want.gram[j + l * K], 0.0, 1e-11 * size, "gram",
                         (double)n);
        }
    }
    tear_down(&f);
}

static void test_naive(void **state)
{
    static const char *const families[][2] = {
        {"gaussian", "y"}, {"bernoulli", "b"}, {"poisson", "c"}};
    /* one row in each of few blocks, one block over, chunks that end within a block */
    static const size_t rows[] = {9, 63, 64, 65, 1000, 5000, 40001};

    (void)state;
    for (size_t family = 0; family < 3; family++)
        for (size_t n = 0; n < sizeof rows / sizeof *rows; n++)
            for (int how = 0; how < 4; how++)
                check_family(families[family][0], families[family][1], rows[n], how & 1, how & 2);
}

/* The Gram of some columns is a part of the whole one. */
static void test_subset(void **state)
{
    static const size_t columns[] = {1, 3};
    struct fixture f;
    double gram[K * K], part[4];

    (void)state;
    set_up(&f, "bernoulli", "b", 777, true, true);
    struct rows_request request = {.want = ROWS_GRAM, .theta = f.theta, .psi = f.psi};
    struct rows_sums sums = {.gram = gram};
    assert_int_equal(rows_sum(&sums, f.problem, &request, NULL), MXP_OK);
    request.columns = columns;
    request.column_count = 2;
    sums.gram = part;
    assert_int_equal(rows_sum(&sums, f.problem, &request, NULL), MXP_OK);
    for (size_t a = 0; a < 2; a++)
        for (size_t b = 0; b < 2; b++)
            assert_close(part[a + 2 * b], gram[columns[a] + columns[b] * K], 1e-12, 1e-12, "part",
                         0.0);
    tear_down(&f);
}

static void test_threads(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, "gaussian", "y", 120000, false, true); /* enough rows for threads to start */
    for (int threads = 1; threads <= 4; threads++) {
        static double first[3 * D_MAX + K * K + K], now[3 * D_MAX + K * K + K];
        double *const at = threads == 1 ? first : now;
        struct rows_sums sums = {.gradient = at,
                                 .diagonal = at + D_MAX,
                                 .floor = at + 2 * D_MAX,
                                 .gram = at + 3 * D_MAX,
                                 .cross = at + 3 * D_MAX + K * K};
        static double value;
        const struct rows_request request = {.want = ROWS_GRADIENT | ROWS_DIAGONAL | ROWS_GRAM |
                                                     ROWS_FLOOR,
                                             .theta = f.theta,
                                             .psi = f.psi,
                                             .threads = threads};
        assert_int_equal(rows_sum(&sums, f.problem, &request, NULL), MXP_OK);
        if (threads == 1)
            value = sums.value;
        assert_memory_equal(&sums.value, &value, sizeof value);
        assert_memory_equal(at, first, sizeof first);
    }
    tear_down(&f);
}

/* A row of weight 0 counts for nothing, even where its likelihood is 0. */
static void test_weightless(void **state)
{
    const double y[] = {0, 1, 2, 400}, w[] = {1, 1, 1, 0}, x[] = {1, 2, 3, 1e5};
    double theta[] = {0.1, 0.2}, gradient[2], less[2];
    double value[2];

    (void)state;
    for (size_t n = 4; n >= 3; n--) {
        mxp_table *table = NULL;
        mxp_model *model = NULL;
        mxp_problem *problem = NULL;
        mxp_problem_options options;
        mxp_problem_options_init(&options);
        options.weights = "w";
        assert_int_equal(mxp_table_new(&table, n, NULL), MXP_OK);
        assert_int_equal(mxp_table_add(table, "y", y, NULL), MXP_OK);
        assert_int_equal(mxp_table_add(table, "w", w, NULL), MXP_OK);
        assert_int_equal(mxp_table_add(table, "x", x, NULL), MXP_OK);
        assert_int_equal(mxp_model_new(&model, "y", NULL), MXP_OK);
        assert_int_equal(mxp_model_set_family(model, "poisson", NULL), MXP_OK);
        assert_int_equal(mxp_problem_new(&problem, model, table, &options, NULL), MXP_OK);
        struct rows_sums sums = {.gradient = n == 4 ? gradient : less};
        const struct rows_request request = {.want = ROWS_GRADIENT, .theta = theta};
        assert_int_equal(rows_sum(&sums, problem, &request, NULL), MXP_OK);
        value[n - 3] = sums.value;
        mxp_problem_free(problem);
        mxp_model_free(model);
        mxp_table_free(table);
    }
    assert_close(value[1], value[0], 1e-15, 0.0, "value", 0.0);
    for (size_t j = 0; j < 2; j++)
        assert_close(gradient[j], less[j], 1e-14, 1e-14, "gradient", (double)j);
}

/* R'R = Gram + precision; R delta = rhs is the Newton step. */
static void test_triangle(void **state)
{
    const double precision[K] = {0.0, 2.0, 0.0, 5.0}, pull[K] = {0.0, 1.0, 0.0, -3.0};
    struct fixture f;
    double R[K * K], rhs[K], gram[K * K], gradient[D_MAX];

    (void)state;
    for (size_t n = 5; n < 3000; n *= 20) {
        set_up(&f, "poisson", "c", n, true, true);
        struct rows_sums sums = {.gradient = gradient, .gram = gram};
        const struct rows_request request = {
            .want = ROWS_GRADIENT | ROWS_GRAM, .theta = f.theta, .psi = f.psi};
        assert_int_equal(rows_sum(&sums, f.problem, &request, NULL), MXP_OK);
        assert_int_equal(rows_triangle(R, rhs, f.problem, f.theta, f.psi, precision, pull, NULL),
                         MXP_OK);
        for (size_t j = 0; j < K; j++) {
            double back = 0.0; /* R'rhs = (R'R) delta = -gradient + pull */
            for (size_t p = 0; p <= j; p++)
                back += R[p + j * K] * rhs[p];
            assert_close(back, pull[j] - gradient[j], 1e-9, 1e-9, "R'rhs", (double)j);
            for (size_t l = 0; l < K; l++) {
                double sum = 0.0;
                for (size_t p = 0; p <= (j < l ? j : l); p++)
                    sum += R[p + j * K] * R[p + l * K];
                assert_close(sum, gram[j + l * K] + (j == l ? precision[j] : 0.0), 1e-11, 1e-9,
                             "R'R", (double)j);
            }
        }
        tear_down(&f);
    }
}

static void test_products(void **state)
{
    enum { N = 1300 };
    struct fixture f;
    static double eta[N], direction[N], Z[N * K];
    double product[K];

    (void)state;
    set_up(&f, "gaussian", "y", N, true, true);
    const double *o = mxp_table_values(f.table, mxp_table_find(f.table, "o"));
    rows_predictor(eta, f.problem, f.theta);
    rows_direction(direction, f.problem, f.theta);
    rows_transposed(product, f.problem, direction);
    rows_fill(Z, f.problem, 100, N - 100);
    for (size_t i = 0; i < N; i++) {
        double sum = 0.0;
        for (size_t j = 0; j < K; j++) {
            sum += entry(&f, i, j) * f.theta[j];
            if (i >= 100)
                assert_true(Z[i - 100 + j * (N - 100)] == entry(&f, i, j));
        }
        assert_close(direction[i], sum, 1e-13, 1e-13, "direction", (double)i);
        assert_close(eta[i], o[i] + sum, 1e-13, 1e-13, "eta", (double)i);
    }
    for (size_t j = 0; j < K; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < N; i++)
            sum += entry(&f, i, j) * direction[i];
        assert_close(product[j], sum, 1e-11, 1e-11, "Z'v", (double)j);
    }
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_naive),    cmocka_unit_test(test_subset),
        cmocka_unit_test(test_threads),  cmocka_unit_test(test_weightless),
        cmocka_unit_test(test_triangle), cmocka_unit_test(test_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
