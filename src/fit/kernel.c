#include "fit/kernel.h"
#include "base/mem.h"
#include "model/rows.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

/* Columns are taken in blocks of BLOCK; up to SMALL rows the blocks go to GROUPS sums, above it the
 * one sum is made of tiles of TILE rows: both are known from the shape alone. */
enum { BLOCK = 512, GROUPS = 8, SMALL = 1024, TILE = 256, FLAT_MOST = 64 };

size_t kernel_flat(const struct mxp_problem *problem)
{
    size_t flat = 0;

    for (size_t j = 0; j < problem->k; j++)
        flat += (problem->parameter[j].prior.row->flags & PRIOR_IMPROPER) != 0;
    return flat;
}

const char *kernel_refuses(const struct mxp_problem *problem)
{
    const size_t flat = kernel_flat(problem);

    if (problem->q != 1 || !problem->family->kinds || !problem->family->concave(problem->link) ||
        problem->family->piecewise_linear)
        return "it needs a family with one linear predictor in which the likelihood is log-concave";
    if (problem->kinked || problem->grouped)
        return "it needs priors without a kink";
    if (!problem_plain(problem))
        return "it needs gaussian or flat priors on single coefficients, without bounds";
    if (flat == problem->k)
        return "it needs a proper prior on the weights";
    return flat > FLAT_MOST && flat > problem->n / 4 ? "it needs few flat priors" : NULL;
}

void kernel_free(struct kernel *kernel)
{
    if (!kernel)
        return;
    free(kernel->flat);
    free(kernel->precision);
    free(kernel->K);
    free(kernel->ZF);
    free(kernel);
}

/* Precisions and means at the noise sd; both arrays k, zeroed. */
static void take_priors(double *precision, double *mean, const struct mxp_problem *problem,
                        double noise)
{
    struct prior_sums sums = {.gradient = mean, .diagonal = precision};

    problem_prior_at(&sums, problem, mean, noise); /* at 0: the gradient is -precision * mean */
    for (size_t j = 0; j < problem->k; j++)
        mean[j] = precision[j] > 0.0 ? -mean[j] / precision[j] : 0.0;
}

/* Z (n x BLOCK) <- Z_b Lambda_b^-1/2 over a block of columns; how many have a prior. */
static size_t fill_block(double *Z, const struct kernel *kernel, size_t block)
{
    const size_t n = kernel->n, first = block * BLOCK;
    const size_t last = first + BLOCK < kernel->k ? first + BLOCK : kernel->k;
    size_t count = 0;

    for (size_t j = first; j < last; j++) {
        double *z = Z + count * n;
        if (kernel->precision[j] == 0.0)
            continue;
        const double inverse = 1.0 / sqrt(kernel->precision[j]);
        rows_fill_set(z, kernel->problem, &j, 1, 0, n);
        for (size_t i = 0; i < n; i++)
            z[i] *= inverse;
        count++;
    }
    return count;
}

/* Few rows: every group has its own sum and its own block of columns. */
static mxp_status sum_groups(struct kernel *kernel, int threads, mxp_error *error)
{
    const size_t n = kernel->n, blocks = (kernel->k + BLOCK - 1) / BLOCK, square = n * n;
    double *sums = NULL, *Z = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&sums, square, GROUPS, error));
    TRY(status = mem_doubles(&Z, n * BLOCK, GROUPS, error));
#ifdef _OPENMP
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (threads > 1 && blocks > GROUPS)
#endif
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t b = g * blocks / GROUPS; b < (g + 1) * blocks / GROUPS; b++) {
            double *mine = Z + g * n * BLOCK;
            la_outer_add(sums + g * square, n, mine, n, n, fill_block(mine, kernel, b));
        }
    for (size_t width = 1; width < GROUPS; width *= 2)
        for (size_t g = 0; g + width < GROUPS; g += 2 * width)
            for (size_t i = 0; i < square; i++)
                sums[g * square + i] += sums[(g + width) * square + i];
    memcpy(kernel->K, sums, square * sizeof *sums);
out:
    free(Z);
    free(sums);
    return status;
}

/* Many rows: one sum, a block of columns after the other, its tiles shared out. */
static mxp_status sum_tiles(struct kernel *kernel, int threads, mxp_error *error)
{
    const size_t n = kernel->n, blocks = (kernel->k + BLOCK - 1) / BLOCK;
    const size_t tiles = (n + TILE - 1) / TILE;
    double *Z = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&Z, n, BLOCK, error));
    for (size_t b = 0; b < blocks; b++) {
        const size_t count = fill_block(Z, kernel, b);
#ifdef _OPENMP
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (threads > 1)
#endif
        for (size_t tile = 0; tile < tiles * tiles; tile++) {
            const size_t row = tile % tiles * TILE, column = tile / tiles * TILE;
            const size_t m = n - row < TILE ? n - row : TILE;
            const size_t c = n - column < TILE ? n - column : TILE;
            if (row >= column && count > 0)
                la_outer_product_add(kernel->K + row + column * n, n, Z + row, Z + column, n, m, c,
                                     count);
        }
    }
out:
    free(Z);
    return status;
}

mxp_status kernel_new(struct kernel **kernel, const struct mxp_problem *problem, double noise,
                      int threads, mxp_error *error)
{
    const size_t n = problem->n, k = problem->k;
    struct kernel *x = NULL;
    int blas_threads = 0;
    mxp_status status;

    TRY(status = MEM_NEW(&x, 1, error));
    *x = (struct kernel){.problem = problem,
                         .n = n,
                         .k = k,
                         .f = kernel_flat(problem),
                         .noise = noise,
                         .plugged_in = problem->plugged_in};
    TRY(status = MEM_NEW(&x->flat, x->f, error));
    TRY(status = mem_doubles(&x->precision, k, 2, error));
    x->mean = x->precision + k;
    TRY(status = mem_doubles(&x->K, n, n, error));
    TRY(status = mem_doubles(&x->ZF, n, x->f + 1, error));
    x->level = x->ZF + n * x->f;
    take_priors(x->precision, x->mean, problem, noise);
    for (size_t j = 0, f = 0; j < k; j++)
        if (problem->parameter[j].prior.row->flags & PRIOR_IMPROPER)
            x->flat[f++] = j;
        else
            x->scaled = x->scaled || problem->parameter[j].scaled;
    rows_fill_set(x->ZF, problem, x->flat, x->f, 0, n);
    rows_predictor(x->level, problem, x->mean);
#ifdef _OPENMP
    threads = threads > 0 ? threads : omp_get_max_threads();
#endif
    blas_threads = la_threads(1);
    status = (n <= SMALL ? sum_groups : sum_tiles)(x, threads, error);
    (void)la_threads(blas_threads);
    TRY(status);
    la_mirror(x->K, n, n);
    *kernel = x;
    x = NULL;
out:
    kernel_free(x);
    return status;
}

bool kernel_is_even(const struct mxp_problem *problem)
{
    size_t scaled = 0, proper = 0;

    for (size_t j = 0; j < problem->k; j++)
        if (!(problem->parameter[j].prior.row->flags & PRIOR_IMPROPER)) {
            proper++;
            scaled += problem->parameter[j].scaled;
        }
    return scaled == 0 || scaled == proper;
}

void kernel_set_noise(struct kernel *kernel, double noise)
{
    const double by = noise / kernel->noise * (noise / kernel->noise);

    for (size_t i = 0; i < kernel->n * kernel->n && kernel->scaled; i++)
        kernel->K[i] *= by;
    for (size_t j = 0; j < kernel->k && kernel->scaled; j++)
        kernel->precision[j] /= by;
    kernel->noise = noise;
}

void kernel_system_free(struct kernel_system *system)
{
    if (!system)
        return;
    factor_free(system->M);
    factor_free(system->inner);
    free(system->storage);
    free(system);
}

/* U' M^-1 U, factored.  scratch: f x f. */
static mxp_status factor_inner(struct kernel_system *system, double *scratch, mxp_error *error)
{
    const struct kernel *kernel = system->kernel;
    const size_t n = kernel->n, f = kernel->f;
    mxp_status status;

    for (size_t a = 0; a < f; a++) {
        double *b = system->B + a * n;
        for (size_t i = 0; i < n; i++)
            b[i] = system->root[i] * kernel->ZF[i + a * n];
        factor_solve(b, system->M);
    }
    for (size_t b = 0; b < f; b++)
        for (size_t a = 0; a < f; a++) {
            double sum = 0.0;
            for (size_t i = 0; i < n; i++)
                sum += system->root[i] * kernel->ZF[i + a * n] * system->B[i + b * n];
            scratch[a + b * f] = sum;
        }
    TRY(status = factor_cholesky(&system->inner, scratch, f, f, error));
    system->dependent = !(system->inner->rcond > 1e-14);
    system->rcond = system->dependent ? 0.0 : fmin(system->rcond, system->inner->rcond);
out:
    return status;
}

mxp_status kernel_system_new(struct kernel_system **system, const struct kernel *kernel,
                             const double *h, double factor, mxp_error *error)
{
    const size_t n = kernel->n, f = kernel->f;
    struct kernel_system *x = NULL;
    double *M = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&x, 1, error));
    x->kernel = kernel;
    TRY(status = mem_doubles(&x->storage, n, f + 1, error));
    x->root = x->storage;
    x->B = x->storage + n;
    TRY(status = mem_doubles(&M, n > f ? n : f, n > f ? n : f, error));
    for (size_t i = 0; i < n; i++)
        x->root[i] = sqrt(fmax(h[i], 0.0));
    for (size_t j = 0; j < n; j++)
        for (size_t i = j; i < n; i++)
            M[i + j * n] = (i == j) + factor * x->root[i] * x->root[j] * kernel->K[i + j * n];
    TRY(status = factor_cholesky(&x->M, M, n, n, error));
    x->rcond = x->M->rcond;
    if (f > 0 && x->rcond > 0.0)
        TRY(status = factor_inner(x, M, error));
    *system = x;
    x = NULL;
out:
    free(M);
    kernel_system_free(x);
    return status;
}

void kernel_system_solve(double *weight, double *flat, const struct kernel_system *system,
                         const double *v, const double *GF)
{
    const struct kernel *kernel = system->kernel;
    const size_t n = kernel->n, f = kernel->f;

    for (size_t i = 0; i < n; i++)
        weight[i] = system->root[i] * v[i];
    factor_solve(weight, system->M); /* M^-1 s v */
    for (size_t a = 0; a < f; a++) {
        double sum = -GF[a];
        for (size_t i = 0; i < n; i++)
            sum += system->root[i] * kernel->ZF[i + a * n] * weight[i];
        flat[a] = sum;
    }
    if (f > 0)
        factor_solve(flat, system->inner);
    if (f > 0)
        la_multiply_add(weight, -1.0, system->B, n, n, f, flat);
    for (size_t i = 0; i < n; i++)
        weight[i] *= system->root[i];
}

double kernel_system_log_det(const struct kernel_system *system)
{
    return factor_log_det(system->M) + (system->inner ? factor_log_det(system->inner) : 0.0);
}

mxp_status kernel_system_middle(double *Q, const struct kernel_system *system, mxp_error *error)
{
    const struct kernel *kernel = system->kernel;
    const size_t n = kernel->n, f = kernel->f;
    double *half = NULL, *v;
    mxp_status status;

    TRY(status = mem_doubles(&half, n + f, 1, error));
    v = half + f;
    factor_inverse(Q, n, system->M);
    for (size_t a = 0; a < f; a++) { /* B C B' as a sum of v v', C = half half' */
        memset(half, 0, (n + f) * sizeof *half);
        half[a] = 1.0;
        factor_half_solve(half, system->inner);
        la_multiply_add(v, 1.0, system->B, n, n, f, half);
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < n; i++)
                Q[i + j * n] -= v[i] * v[j];
    }
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            Q[i + j * n] *= system->root[i] * system->root[j];
out:
    free(half);
    return status;
}
