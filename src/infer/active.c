#include "base/mem.h"
#include "infer/posterior.h"
#include "model/rows.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

static const double cholesky_rcond = 1e-9;

void active_free(struct active *active)
{
    free(active->set);
    factor_free(active->factor);
    free(active->covariance);
}

static mxp_status choose(struct active *active, const struct mxp_problem *problem,
                         const struct point *point, mxp_error *error)
{
    mxp_status status;

    TRY(status = MEM_NEW(&active->set, problem->d, error));
    for (size_t j = 0; j < problem->d; j++) {
        double l1, m;
        problem_kink(&l1, &m, problem, j, point->theta);
        if (l1 == 0.0 || point->theta[j] != m)
            active->set[active->count++] = j;
        if (j < problem->k)
            active->coefficients = active->count;
    }
out:
    return status;
}

/* The likelihood's Hessian over the active coefficients. */
static mxp_status take_gram(double *H, const struct active *active,
                            const struct mxp_problem *problem, const struct mxp_solution *solution,
                            mxp_error *error)
{
    const size_t a = active->coefficients;
    double psi[FAMILY_AUX_MAX], *cross = NULL;
    mxp_status status = MXP_OK;

    if (solution->gram) {
        for (size_t j = 0; j < a; j++)
            for (size_t i = 0; i < a; i++)
                H[i + j * a] = solution->gram[active->set[i] + active->set[j] * problem->k];
        return MXP_OK;
    }
    TRY(status = mem_doubles(&cross, problem->k, problem->r, error));
    problem_psi(psi, problem, solution->point->theta);
    struct rows_sums sums = {.gram = H, .cross = cross};
    const struct rows_request request = {.want = ROWS_GRAM,
                                         .theta = solution->point->theta,
                                         .psi = psi,
                                         .columns = active->set,
                                         .column_count = a};
    TRY(status = rows_sum(&sums, problem, &request, error));
out:
    free(cross);
    return status;
}

static bool all_flat(const struct mxp_problem *problem, const struct point *point)
{
    for (size_t j = 0; j < problem->k; j++)
        if (point->prior_diagonal[j] != 0.0)
            return false;
    return true;
}

/* The factor from the data's triangle: no Gram, its condition is not squared.  Columns of the active
 * coefficients, triangularised again where they are not all. */
static mxp_status triangle_factor(struct factor **factor, const struct active *active,
                                  const struct mxp_problem *problem,
                                  const struct mxp_solution *solution, mxp_error *error)
{
    const size_t k = problem->k, a = active->coefficients;
    const struct point *point = solution->point;
    double psi[FAMILY_AUX_MAX], *R = NULL;
    mxp_status status;

    if (solution->triangle && a == k && all_flat(problem, point))
        return factor_triangle(factor, solution->triangle, k, k, 1e-15, NULL, error);
    TRY(status = mem_doubles(&R, k, k, error));
    problem_psi(psi, problem, point->theta);
    TRY(status =
            rows_triangle(R, NULL, problem, point->theta, psi, point->prior_diagonal, NULL, error));
    for (size_t i = 0; i < a && a < k; i++)
        memmove(R + i * k, R + active->set[i] * k, k * sizeof *R);
    if (a < k)
        TRY(status = la_triangularise(R, k, k, a, error));
    TRY(status = factor_triangle(factor, R, k, a, 1e-15, NULL, error));
out:
    free(R);
    return status;
}

static mxp_status factor_coefficients(struct active *active, const struct mxp_problem *problem,
                                      const struct mxp_solution *solution, mxp_error *error)
{
    const size_t a = active->coefficients;
    const struct point *point = solution->point;
    double *H = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&H, a, a, error));
    TRY(status = take_gram(H, active, problem, solution, error));
    for (size_t j = 0; j < a; j++)
        H[j + j * a] += point->prior_diagonal[active->set[j]];
    TRY(status = factor_cholesky(&active->factor, H, a, a, error));
    if (active->factor->rcond < cholesky_rcond && !problem->heavy) {
        struct factor *better = NULL;
        TRY(status = triangle_factor(&better, active, problem, solution, error));
        if (better->rcond > 0.0) {
            factor_free(active->factor);
            active->factor = better;
        } else {
            factor_free(better);
        }
    }
out:
    free(H);
    return status;
}

/* Hessian in (t_j, u): the likelihood's and the priors'.  For a quadratic family the likelihood
 * goes with exp(-2u), so its mixed derivatives are -2 times its gradient. */
static void take_cross(double *cross, const struct mxp_problem *problem, const struct point *point,
                       double *scratch)
{
    struct prior_sums sums = {
        .gradient = scratch, .diagonal = scratch + problem->d, .cross = cross};

    memset(cross, 0, problem->k * sizeof *cross);
    problem_prior(&sums, problem, point->theta);
    for (size_t j = 0; j < problem->k; j++)
        cross[j] += -2.0 * point->likelihood[j];
}

/* Borders R'R = A by the noise: [A c; c' h] = R+'R+ with a last column R^-T c and the root of
 * h - |R^-T c|^2.  On the natural scale c and h are divided by psi and psi^2. */
static mxp_status border(struct active *active, const struct mxp_problem *problem,
                         const struct point *point, mxp_error *error)
{
    const size_t a = active->coefficients, d = a + 1;
    const double psi = exp(point->theta[problem->k]);
    const double unit = problem->model->mode_natural ? 1.0 / psi : 1.0;
    double *R = NULL, *cross = NULL;
    struct factor *bordered = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&R, d, d, error));
    TRY(status = mem_doubles(&cross, 3, problem->d, error));
    take_cross(cross, problem, point, cross + problem->d);
    double *last = R + a * d, square = 0.0;
    for (size_t j = 0; j < a; j++) {
        for (size_t i = 0; i <= j; i++)
            R[i + j * d] = active->factor->R[i + j * a] * active->factor->scale[j];
        last[j] = cross[active->set[j]] * unit;
    }
    la_triangle_solve(last, R, d, a, true);
    for (size_t j = 0; j < a; j++)
        square += last[j] * last[j];
    const double rest = point->diagonal[problem->k] * unit * unit - square;
    last[a] = rest > 0.0 ? sqrt(rest) : 0.0;
    TRY(status = factor_triangle(&bordered, R, d, d, 0.0, NULL, error));
    factor_free(active->factor);
    active->factor = bordered;
out:
    free(cross);
    free(R);
    return status;
}

/* All coefficients on their kinks: what is left is the noise. */
static mxp_status factor_noise(struct active *active, const struct mxp_problem *problem,
                               const struct point *point, mxp_error *error)
{
    const double psi = exp(point->theta[problem->k]);
    const double unit = problem->model->mode_natural ? 1.0 / psi : 1.0;
    const double H = point->diagonal[problem->k] * unit * unit;

    return factor_cholesky(&active->factor, &H, 1, 1, error);
}

mxp_status active_new(struct active *active, const struct mxp_problem *problem,
                      const struct mxp_solution *solution, mxp_error *error)
{
    mxp_status status;

    *active = (struct active){0};
    TRY(status = choose(active, problem, solution->point, error));
    if (active->count == 0)
        goto out;
    if (active->coefficients == 0)
        TRY(status = factor_noise(active, problem, solution->point, error));
    else
        TRY(status = factor_coefficients(active, problem, solution, error));
    if (active->coefficients > 0 && problem->r && active->factor->rcond > 0.0)
        TRY(status = border(active, problem, solution->point, error));
    if (active->factor->rcond > 0.0) {
        TRY(status = mem_doubles(&active->covariance, active->count, active->count, error));
        factor_inverse(active->covariance, active->count, active->factor);
    }
out:
    if (status != MXP_OK) {
        active_free(active);
        *active = (struct active){0};
    }
    return status;
}

mxp_status active_indefinite(const struct active *active, const struct mxp_problem *problem,
                             const struct mxp_solution *solution, mxp_error *error)
{
    const size_t a = active->coefficients;
    double *H = NULL, *values = NULL, *direction = NULL;
    struct str names = {0};
    mxp_status status;

    TRY(status = mem_doubles(&H, a, a, error));
    TRY(status = mem_doubles(&values, 2, a, error));
    TRY(status = mem_doubles(&direction, problem->d, 1, error));
    TRY(status = take_gram(H, active, problem, solution, error));
    double *scale = values + a;
    for (size_t j = 0; j < a; j++) {
        H[j + j * a] += solution->point->prior_diagonal[active->set[j]];
        scale[j] = H[j + j * a] > 0.0 ? sqrt(H[j + j * a]) : 1.0;
    }
    for (size_t j = 0; j < a; j++)
        for (size_t i = 0; i < a; i++)
            H[i + j * a] /= scale[i] * scale[j];
    TRY(status = la_eigen(values, H, a, a, error));
    for (size_t j = 0; j < a; j++)
        direction[active->set[j]] = H[j];
    if (values[0] > 1e-14 && problem->r) /* the coefficients are well; it is the noise */
        direction[problem->k] = 2.0;
    problem_name_direction(&names, problem, direction);
    status = FAIL(error, MXP_NUMERIC,
                  "the Hessian at the mode is not positive definite (smallest scaled eigenvalue "
                  "%.3g, along %s): there is no Laplace approximation here",
                  values[0], names.text ? names.text : "");
out:
    str_free(&names);
    free(direction);
    free(values);
    free(H);
    return status;
}
