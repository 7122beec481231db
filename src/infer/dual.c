/* The Gaussian approximation with more coefficients than rows: everything through n x n matrices
 * (fit/kernel.h), with the noise of a gaussian model, where it is estimated, as a border. */
#include "base/mem.h"
#include "fit/dual_rows.h"
#include "infer/posterior.h"
#include "model/rows.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 256 };

struct dual {
    const struct mxp_problem *problem;
    const struct kernel *kernel;
    struct kernel *own; /* where the solution has none */
    struct kernel_system *system;
    double *Q;          /* n x n: covariance of P = Lambda^-1 - Lambda^-1 Z_P' Q Z_P Lambda^-1 */
    double *C;          /* f x f: covariance of F */
    double *tilt;       /* k: H^-1 c, c the derivatives in coefficients and noise; NULL: no noise */
    double schur, unit; /* what is left of the noise's curvature; from log psi to the scale of it */
};

bool posterior_has_dual(const struct mxp_problem *problem)
{
    return !kernel_refuses(problem) &&
           (problem->r == 0 || (problem->quadratic && kernel_is_even(problem))) &&
           mem_is_modest(3.0 * (double)problem->n * (double)problem->n);
}

static void dual_free(struct dual *dual)
{
    kernel_free(dual->own);
    kernel_system_free(dual->system);
    free(dual->Q);
    free(dual->C);
    free(dual->tilt);
}

/* The border: c and H^-1 c, and what of the noise's own curvature they leave. */
static mxp_status add_noise(struct dual *dual, const struct point *point, mxp_error *error)
{
    const struct mxp_problem *problem = dual->problem;
    const struct kernel *kernel = dual->kernel;
    const size_t n = kernel->n, k = kernel->k, f = kernel->f;
    double *c = NULL, *v, *scratch;
    mxp_status status;

    dual->unit = problem->model->mode_natural ? exp(-point->theta[k]) : 1.0;
    TRY(status = mem_doubles(&dual->tilt, k, 1, error));
    TRY(status = mem_doubles(&c, k + 2 * problem->d + n + 2 * f, 1, error));
    scratch = c + k;
    v = scratch + 2 * problem->d;
    double *const GF = v + n, *const flat = GF + f;
    struct prior_sums prior = {.gradient = scratch, .diagonal = scratch + problem->d, .cross = c};
    problem_prior(&prior, problem, point->theta);
    for (size_t j = 0; j < k; j++) {
        c[j] = (c[j] - 2.0 * point->likelihood[j]) * dual->unit;
        dual->tilt[j] = kernel->precision[j] > 0.0 ? c[j] / kernel->precision[j] : 0.0;
    }
    for (size_t a = 0; a < f; a++)
        GF[a] = c[kernel->flat[a]];
    rows_direction(v, problem, dual->tilt);
    kernel_system_solve(v, flat, dual->system, v, GF);
    rows_transposed(dual->tilt, problem, v);
    for (size_t j = 0; j < k; j++)
        if (kernel->precision[j] > 0.0)
            dual->tilt[j] = (c[j] - dual->tilt[j]) / kernel->precision[j];
    for (size_t a = 0; a < f; a++)
        dual->tilt[kernel->flat[a]] = -flat[a];
    dual->schur = point->diagonal[k] * dual->unit * dual->unit - la_dot(c, dual->tilt, k);
    if (!(dual->schur > 0.0))
        status = FAIL(error, MXP_NUMERIC,
                      "the Hessian at the mode is not positive definite along \"%s\": there is no "
                      "Laplace approximation here",
                      problem->parameter[k].name);
out:
    free(c);
    return status;
}

static mxp_status dual_new(struct dual *dual, const struct mxp_problem *problem,
                           const struct mxp_solution *solution, mxp_error *error)
{
    const struct point *point = solution->point;
    const size_t n = problem->n;
    double *h = NULL, psi[FAMILY_AUX_MAX];
    mxp_status status;

    problem_psi(psi, problem, point->theta);
    *dual = (struct dual){.problem = problem, .kernel = solution->kernel};
    if (!dual->kernel || (dual->kernel->scaled && dual->kernel->noise != psi[0])) {
        TRY(status = kernel_new(&dual->own, problem, psi[0], 0, error));
        dual->kernel = dual->own;
    }
    TRY(status = mem_doubles(&h, n, 2, error));
    TRY(status = dual_rows_curvature(h, h + n, problem, point->theta, error));
    TRY(status = kernel_system_new(&dual->system, dual->kernel, h, 1.0, error));
    if (dual->system->rcond == 0.0) {
        status = FAIL(error, MXP_NUMERIC,
                      "the Hessian at the mode is numerically not positive definite: there is no "
                      "Laplace approximation here");
        goto out;
    }
    const size_t f = dual->kernel->f;
    TRY(status = mem_doubles(&dual->Q, n, n, error));
    TRY(status = mem_doubles(&dual->C, f, f, error));
    TRY(status = kernel_system_middle(dual->Q, dual->system, error));
    if (f > 0)
        factor_inverse(dual->C, f, dual->system->inner);
    if (problem->r)
        TRY(status = add_noise(dual, point, error));
out:
    free(h);
    return status;
}

/* Variances in solver coordinates of the coefficients first .. first + BLOCK - 1; work: n x 2 BLOCK. */
static void take_block(double *variance, const struct dual *dual, size_t first, double *work)
{
    const struct kernel *kernel = dual->kernel;
    const size_t n = kernel->n;
    const size_t count = kernel->k - first < BLOCK ? kernel->k - first : BLOCK;
    double *Z = work, *QZ = work + n * BLOCK;
    size_t set[BLOCK] = {0};

    for (size_t a = 0; a < count; a++)
        set[a] = first + a;
    rows_fill_set(Z, dual->problem, set, count, 0, n);
    la_matmul(QZ, n, dual->Q, n, false, Z, n, false, n, count, n);
    for (size_t a = 0; a < count; a++) {
        const double precision = kernel->precision[first + a];
        if (precision > 0.0)
            variance[first + a] = (1.0 - la_dot(Z + a * n, QZ + a * n, n) / precision) / precision;
    }
}

/* Variances in solver coordinates, k values; the noise's own on the scale of the approximation.
 * Blocks are independent of each other. */
static mxp_status take_variances(double *variance, const struct dual *dual, mxp_error *error)
{
    const struct kernel *kernel = dual->kernel;
    const size_t n = kernel->n, k = kernel->k;
    const int blas_threads = la_threads(1);
    bool failed = false;

#ifdef _OPENMP
#pragma omp parallel if (n * k > 1000000)
#endif
    {
        double *work = NULL;
        const bool room = mem_doubles(&work, n, 2 * BLOCK, NULL) == MXP_OK;
#ifdef _OPENMP
#pragma omp for schedule(dynamic)
#endif
        for (size_t first = 0; first < k; first += BLOCK)
            if (room)
                take_block(variance, dual, first, work);
        if (!room) {
#ifdef _OPENMP
#pragma omp atomic write
#endif
            failed = true;
        }
        free(work);
    }
    (void)la_threads(blas_threads);
    if (failed)
        return FAIL(error, MXP_MEMORY, "out of memory: blocks of %zu rows", n);
    for (size_t a = 0; a < kernel->f; a++)
        variance[kernel->flat[a]] = dual->C[a + a * kernel->f];
    for (size_t j = 0; j < k && dual->tilt; j++)
        variance[j] += dual->tilt[j] * dual->tilt[j] / dual->schur;
    if (dual->tilt)
        variance[k] = 1.0 / dual->schur;
    return MXP_OK;
}

/* A parameter on the scale of the data, as a sum over solver coordinates (problem_share): v = Z_P Lambda^-1 a_P (n), a_F and the covariances of F with them (f each). */
struct sum {
    size_t term;
    double *v, *flat, *with_flat;
    double tilt; /* a' H^-1 c */
};

static mxp_status make_sum(struct sum *sum, const struct dual *dual, double *scratch,
                           mxp_error *error)
{
    const struct kernel *kernel = dual->kernel;
    const size_t n = kernel->n, k = kernel->k, f = kernel->f;
    const bool dense = problem_is_intercept(dual->problem, sum->term);
    mxp_status status;

    TRY(status = mem_doubles(&sum->v, n + 2 * f, 1, error));
    sum->flat = sum->v + n;
    sum->with_flat = sum->flat + f;
    sum->tilt = 0.0;
    if (sum->term >= k) {
        sum->tilt = -1.0;
        goto out;
    }
    memset(scratch, 0, k * sizeof *scratch);
    for (size_t j = dense ? 0 : sum->term; j < (dense ? k : sum->term + 1); j++) {
        const double share = problem_share(dual->problem, sum->term, j);
        scratch[j] = kernel->precision[j] > 0.0 ? share / kernel->precision[j] : 0.0;
        sum->tilt += dual->tilt ? share * dual->tilt[j] : 0.0;
    }
    if (dense) {
        rows_direction(sum->v, dual->problem, scratch);
    } else {
        rows_fill_set(sum->v, dual->problem, &sum->term, 1, 0, n);
        for (size_t i = 0; i < n; i++)
            sum->v[i] *= scratch[sum->term];
    }
    /* with_flat = C (a_F - Z_F' s M^-1 s v) */
    for (size_t a = 0; a < f; a++) {
        sum->flat[a] = problem_share(dual->problem, sum->term, kernel->flat[a]);
        for (size_t i = 0; i < n; i++)
            sum->flat[a] -= dual->system->root[i] * dual->system->B[i + a * n] * sum->v[i];
    }
    for (size_t a = 0; a < f; a++) {
        double with = 0.0;
        for (size_t b = 0; b < f; b++)
            with += dual->C[a + b * f] * sum->flat[b];
        sum->with_flat[a] = with;
    }
out:
    return status;
}

/* a' Lambda^-1 b over P. */
static double prior_part(const struct dual *dual, size_t a, size_t b)
{
    const struct kernel *kernel = dual->kernel;
    const bool dense =
        problem_is_intercept(dual->problem, a) && problem_is_intercept(dual->problem, b);
    const size_t one = problem_is_intercept(dual->problem, a) ? b : a;
    double total = 0.0;

    for (size_t j = dense ? 0 : one; j < (dense ? kernel->k : one + 1); j++)
        if (kernel->precision[j] > 0.0)
            total += problem_share(dual->problem, a, j) * problem_share(dual->problem, b, j) /
                     kernel->precision[j];
    return total;
}

/* The covariance of two sums.  With S = M^-1 alone in place of Q, which has the flat part in it:
 * a' Lambda^-1 b - v_a' s S s v_b + flat_a' C flat_b; scratch: n. */
static double between(const struct dual *dual, const struct sum *a, const struct sum *b,
                      double *scratch)
{
    const struct kernel *kernel = dual->kernel;
    const size_t n = kernel->n, k = kernel->k;
    double total = 0.0;

    if (a->term < k && b->term < k) {
        for (size_t i = 0; i < n; i++)
            scratch[i] = dual->system->root[i] * b->v[i];
        factor_solve(scratch, dual->system->M);
        total = prior_part(dual, a->term, b->term);
        for (size_t i = 0; i < n; i++)
            total -= dual->system->root[i] * a->v[i] * scratch[i];
        total += la_dot(a->flat, b->with_flat, kernel->f);
    }
    return dual->tilt ? total + a->tilt * b->tilt / dual->schur : total;
}

static mxp_status take_chosen(struct mxp_posterior *posterior, const struct dual *dual,
                              mxp_error *error)
{
    const struct mxp_problem *problem = dual->problem;
    const size_t c = posterior->chosen_count, k = problem->k;
    struct sum *sums = NULL;
    double *scratch = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&sums, c, error));
    TRY(status = mem_doubles(&scratch, k + problem->n, 1, error));
    TRY(status = mem_doubles(&posterior->chosen_covariance, c, c, error));
    for (size_t i = 0; i < c; i++) {
        sums[i].term = posterior->chosen[i];
        TRY(status = make_sum(&sums[i], dual, scratch, error));
    }
    for (size_t j = 0; j < c; j++)
        for (size_t i = j; i < c; i++) {
            double value = between(dual, &sums[i], &sums[j], scratch);
            for (size_t end = 0; end < 2 && !problem->model->mode_natural; end++)
                if (sums[end ? i : j].term >= k)
                    value *= posterior->terms[sums[end ? i : j].term].estimate;
            posterior->chosen_covariance[i + j * c] = posterior->chosen_covariance[j + i * c] =
                value;
        }
out:
    for (size_t i = 0; sums && i < c; i++)
        free(sums[i].v);
    free(sums);
    free(scratch);
    return status;
}

/* From solver coordinates to the scale of the data. */
static mxp_status to_data(double *variance, const double *solver, const struct dual *dual,
                          mxp_error *error)
{
    const struct mxp_problem *problem = dual->problem;
    double *scratch = NULL;
    struct sum sum = {0};
    mxp_status status;

    TRY(status = mem_doubles(&scratch, problem->k + problem->n, 1, error));
    memcpy(variance, solver, problem->d * sizeof *variance);
    for (size_t j = 0; j < problem->k; j++)
        variance[j] /= problem->parameter[j].scale * problem->parameter[j].scale;
    for (size_t j = 0; j < problem->first_column; j++) {
        sum = (struct sum){.term = j};
        TRY(status = make_sum(&sum, dual, scratch, error));
        variance[j] = between(dual, &sum, &sum, scratch);
        free(sum.v);
        sum.v = NULL;
    }
out:
    free(sum.v);
    free(scratch);
    return status;
}

mxp_status posterior_dual(struct mxp_posterior *posterior, double level, mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;
    const size_t d = problem->d;
    struct dual dual = {0};
    double *solver = NULL, *variance, log_det = 0.0, effective;
    mxp_status status;

    TRY(status = dual_new(&dual, problem, posterior->solution, error));
    TRY(status = mem_doubles(&solver, d, 2, error));
    variance = solver + d;
    TRY(status = take_variances(solver, &dual, error));
    TRY(status = to_data(variance, solver, &dual, error));
    posterior_set_terms(posterior, variance, solver, level);
    if (posterior->chosen_count > 0)
        TRY(status = take_chosen(posterior, &dual, error));
    effective = (double)dual.kernel->f;
    for (size_t j = 0; j < problem->k; j++)
        if (dual.kernel->precision[j] > 0.0) {
            effective += 1.0 - dual.kernel->precision[j] * solver[j];
            log_det += log(dual.kernel->precision[j]);
        }
    posterior->info.effective_parameters = effective;
    log_det += kernel_system_log_det(dual.system) + (dual.tilt ? log(dual.schur) : 0.0);
    TRY(status = posterior_smooth_evidence(posterior, log_det, d, error));
out:
    free(solver);
    dual_free(&dual);
    return status;
}
