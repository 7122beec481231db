/* The lasso on the diabetes data with known noise, against a long run of another sampler: Park and
 * Casella's (2008) scale mixture, written here with GSL alone. */
#include "infer/ess.h"
#include "infer/kink.h"
#include "numeric.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 442, K = 10, DRAWS = 40000, BATCHES = 100 };
static const double noise = 54.0;

struct data {
    double gram[K * K], product[K], squares; /* X'X, X'y, y'y of standardised columns, centred y */
};

static FILE *data_open(void)
{
    const char *root = getenv("MAXPOST_ROOT");
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/configs/data/diabetes.csv", root ? root : ".");
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s cannot be opened (run from the root, or set MAXPOST_ROOT)", path);
    return file;
}

static void standardise(double *x, int scale)
{
    double mean = 0.0, variance = 0.0;
    for (size_t i = 0; i < ROWS; i++)
        mean += x[i] / ROWS;
    for (size_t i = 0; i < ROWS; i++)
        variance += (x[i] - mean) * (x[i] - mean) / ROWS;
    for (size_t i = 0; i < ROWS; i++)
        x[i] = (x[i] - mean) / (scale ? sqrt(variance) : 1.0);
}

static double dot(const double *a, const double *b)
{
    double sum = 0.0;
    for (size_t i = 0; i < ROWS; i++)
        sum += a[i] * b[i];
    return sum;
}

static struct data data_read(void)
{
    static double columns[K + 1][ROWS];
    struct data data;
    char line[512];
    FILE *file = data_open();
    assert_non_null(fgets(line, sizeof line, file));
    for (size_t i = 0; i < ROWS; i++) {
        char *at = line;
        assert_non_null(fgets(line, sizeof line, file));
        for (size_t j = 0; j <= K; j++, at++)
            columns[j][i] = strtod(at, &at);
    }
    (void)fclose(file);
    for (size_t j = 0; j <= K; j++)
        standardise(columns[j], j < K);
    for (size_t j = 0; j < K; j++) {
        data.product[j] = dot(columns[j], columns[K]);
        for (size_t i = 0; i < K; i++)
            data.gram[i + j * K] = dot(columns[i], columns[j]);
    }
    data.squares = dot(columns[K], columns[K]);
    return data;
}

/* Moments and their Monte Carlo errors. */
struct moments {
    double mean[K], mean_error[K], sd[K], sd_error[K];
};

/* Inverse Gaussian of mean mu and shape lambda: Michael, Schucany and Haas (1976). */
static double inverse_gaussian(gsl_rng *rng, double mu, double lambda)
{
    const double y = gsl_pow_2(gsl_ran_ugaussian(rng)) * mu / (2.0 * lambda);
    const double x = mu / (1.0 + y + sqrt(y * (y + 2.0)));
    return gsl_rng_uniform(rng) <= mu / (mu + x) ? x : mu * mu / x;
}

static void mixture_step(double *beta, const struct data *data, double b, gsl_rng *rng,
                         gsl_matrix *A)
{
    double mean[K];
    gsl_vector_view m = gsl_vector_view_array(mean, K);
    for (size_t j = 0; j < K; j++) {
        for (size_t i = 0; i < K; i++)
            gsl_matrix_set(A, i, j, data->gram[i + j * K] / (noise * noise));
        const double precision = inverse_gaussian(rng, 1.0 / (b * fabs(beta[j])), 1.0 / (b * b));
        gsl_matrix_set(A, j, j, gsl_matrix_get(A, j, j) + precision);
        mean[j] = data->product[j] / (noise * noise);
    }
    gsl_linalg_cholesky_decomp1(A);
    gsl_linalg_cholesky_svx(A, &m.vector);
    for (size_t j = 0; j < K; j++)
        beta[j] = gsl_ran_ugaussian(rng);
    gsl_vector_view z = gsl_vector_view_array(beta, K);
    gsl_blas_dtrsv(CblasLower, CblasTrans, CblasNonUnit, A, &z.vector);
    for (size_t j = 0; j < K; j++)
        beta[j] += mean[j];
}

static double mean_of(const double *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

/* Standard error of a mean by the means of batches. */
static double batch_error(const double *x, size_t n)
{
    const size_t size = n / BATCHES;
    const double mean = mean_of(x, n);
    double squares = 0.0;
    for (size_t b = 0; b < BATCHES; b++)
        squares += pow(mean_of(x + b * size, size) - mean, 2.0);
    return sqrt(squares / (BATCHES - 1.0) / BATCHES);
}

static struct moments reference_run(const struct data *data, double b)
{
    const size_t n = 3 * DRAWS;
    double *draws = malloc(n * K * sizeof *draws), beta[K];
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_matrix *A = gsl_matrix_alloc(K, K);
    struct moments moments;

    gsl_rng_set(rng, 20041);
    for (size_t j = 0; j < K; j++)
        beta[j] = data->product[j] / ROWS;
    for (size_t i = 0; i < n + 2000; i++) {
        mixture_step(beta, data, b, rng, A);
        for (size_t j = 0; j < K && i >= 2000; j++)
            draws[i - 2000 + j * n] = beta[j];
    }
    for (size_t j = 0; j < K; j++) {
        double *x = draws + j * n;
        moments.mean[j] = mean_of(x, n);
        moments.mean_error[j] = batch_error(x, n);
        for (size_t i = 0; i < n; i++)
            x[i] = pow(x[i] - moments.mean[j], 2.0);
        moments.sd[j] = sqrt(mean_of(x, n));
        moments.sd_error[j] = batch_error(x, n) / (2.0 * moments.sd[j]);
    }
    gsl_matrix_free(A);
    gsl_rng_free(rng);
    free(draws);
    return moments;
}

/* The lasso's mode by coordinate descent: where the expansion is taken. */
static void mode_of(double *t, double *g, const struct data *data, double l1)
{
    for (size_t j = 0; j < K; j++)
        t[j] = 0.0;
    for (size_t pass = 0; pass < 2000 * K; pass++) {
        const size_t j = pass % K;
        double slope = data->product[j];
        for (size_t i = 0; i < K; i++)
            slope -= data->gram[i + j * K] * (i == j ? 0.0 : t[i]);
        t[j] = copysign(fmax(0.0, fabs(slope) - l1 * noise * noise), slope) / ROWS;
    }
    for (size_t j = 0; j < K; j++) {
        g[j] = -data->product[j];
        for (size_t i = 0; i < K; i++)
            g[j] += data->gram[i + j * K] * t[i];
    }
}

static struct kink_posterior *sample(const struct data *data, double b)
{
    double t0[K], g[K], zero[K] = {0.0}, l1[K];
    for (size_t j = 0; j < K; j++)
        l1[j] = 1.0 / b;
    mode_of(t0, g, data, 1.0 / b);
    const struct kink_target target = {.k = K,
                                       .G = data->gram,
                                       .g = g,
                                       .t0 = t0,
                                       .rss = data->squares,
                                       .lambda = zero,
                                       .l1 = l1,
                                       .m = zero,
                                       .sigma = noise};
    const struct kink_options options = {.samples = DRAWS, .seed = 1};
    struct kink_posterior *posterior = NULL;
    mxp_error error = {0};
    if (kink_sample(&posterior, &target, &options, 0.95, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return posterior;
}

/* Errors of the sampler's sds: of the draws' squared distances, though the sds are averages of
 * conditional moments and more precise. */
static double sd_error(struct ess_work *work, const struct kink_posterior *posterior, size_t j)
{
    double *x = malloc(DRAWS * sizeof *x);
    for (size_t i = 0; i < DRAWS; i++)
        x[i] = pow(posterior->draws[i + j * DRAWS] - posterior->summary[j].mean, 2.0);
    const double error = ess_mean_error(work, x) / (2.0 * posterior->summary[j].sd);
    free(x);
    return error;
}

static void compare(const struct data *data, double b)
{
    const struct moments want = reference_run(data, b);
    struct kink_posterior *got = sample(data, b);
    struct ess_work *work = NULL;
    assert_int_equal(ess_new(&work, 4, DRAWS / 4, NULL), MXP_OK);
    assert_true(got->ess_min > 5000.0 && got->r_hat_max < 1.01);
    for (size_t j = 0; j < K; j++) {
        const struct kink_summary s = got->summary[j];
        const double error = sd_error(work, got, j);
        assert_close(s.mean, want.mean[j], 0.0, 4.5 * hypot(s.mean_error, want.mean_error[j]),
                     "mean", (double)j);
        assert_close(s.sd, want.sd[j], 0.0, 4.5 * hypot(error, want.sd_error[j]), "sd", (double)j);
        assert_true(hypot(s.mean_error, want.mean_error[j]) < 0.02 * s.sd); /* a test with power */
        assert_true(hypot(error, want.sd_error[j]) < 0.02 * s.sd);
    }
    ess_free(work);
    kink_free(got);
}

static void test_lasso(void **context)
{
    const struct data data = data_read();
    (void)context;
    compare(&data, 10.0);
    compare(&data, 3.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lasso)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
