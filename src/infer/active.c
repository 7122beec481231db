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

static bool is_active(const struct mxp_problem *problem, const struct point *point, size_t j)
{
    const struct joint *group = problem_group(problem, j);
    double l1, m;

    problem_kink(&l1, &m, problem, j, point->theta);
    return (l1 == 0.0 || point->theta[j] != m) && !problem_at_bound(problem, j, point->theta[j]) &&
           !(group && joint_at_kink(group, point->theta));
}

size_t active_size(const struct mxp_problem *problem, const struct point *point)
{
    size_t count = 0;

    for (size_t j = 0; j < problem->d; j++)
        count += is_active(problem, point, j);
    return count;
}

static mxp_status choose(struct active *active, const struct mxp_problem *problem,
                         const struct point *point, mxp_error *error)
{
    mxp_status status;

    TRY(status = MEM_NEW(&active->set, problem->d, error));
    for (size_t j = 0; j < problem->d; j++) {
        if (is_active(problem, point, j))
            active->set[active->count++] = j;
        if (j < problem->k)
            active->coefficients = active->count;
    }
out:
    return status;
}

static unsigned wanted(const struct active *active)
{
    return ROWS_GRAM | (active->expected ? (unsigned)ROWS_EXPECTED : 0u);
}

/* The likelihood's Hessian over the active coefficients. */
static mxp_status take_gram(double *H, const struct active *active,
                            const struct mxp_problem *problem, const struct mxp_solution *solution,
                            mxp_error *error)
{
    const size_t a = active->coefficients;
    double psi[FAMILY_AUX_MAX];
    mxp_status status = MXP_OK;

    if (solution->gram && !active->expected) {
        for (size_t j = 0; j < a; j++)
            for (size_t i = 0; i < a; i++)
                H[i + j * a] = solution->gram[active->set[i] + active->set[j] * problem->k];
        return MXP_OK;
    }
    problem_psi(psi, problem, solution->point->theta);
    struct rows_sums sums = {.gram = H};
    const struct rows_request request = {.want = wanted(active),
                                         .theta = solution->point->theta,
                                         .psi = psi,
                                         .columns = active->set,
                                         .column_count = a};
    TRY(status = rows_sum(&sums, problem, &request, error));
out:
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

/* The curvature of the joint priors, those off their kinks among them. */
static mxp_status add_joint(double *H, const struct active *active,
                            const struct mxp_problem *problem, const struct point *point,
                            mxp_error *error)
{
    return problem_joint_curvature(H, active->coefficients, problem, point->theta, active->set,
                                   active->coefficients, true, error);
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
    TRY(status = add_joint(H, active, problem, point, error));
    TRY(status = factor_cholesky(&active->factor, H, a, a, error));
    if (active->factor->rcond < cholesky_rcond && !problem->heavy && problem->joints == 0 &&
        problem->q == 1 && problem->family->concave(problem->link)) {
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

/* Mixed and own second derivatives of the auxiliary parameters, k x r and r x r: the likelihood's
 * and the priors'.  For a quadratic family the likelihood goes with exp(-2u), so its mixed
 * derivatives are -2 times its gradient and no pass is needed. */
static mxp_status take_auxiliary(double *cross, double *own, const struct active *active,
                                 const struct mxp_problem *problem, const struct point *point,
                                 mxp_error *error)
{
    const size_t k = problem->k, r = problem->r;
    double psi[FAMILY_AUX_MAX], *scratch = NULL;
    size_t first = 0;
    mxp_status status = MXP_OK;

    TRY(status = mem_doubles(&scratch, 2, problem->d, error));
    if (problem->quadratic && !active->expected) {
        for (size_t j = 0; j < k; j++)
            cross[j] = -2.0 * point->likelihood[j];
        own[0] = point->diagonal[k] - point->prior_diagonal[k];
    } else {
        problem_psi(psi, problem, point->theta);
        struct rows_sums sums = {.gram = scratch, .cross = cross, .own = own};
        const struct rows_request request = {.want = wanted(active),
                                             .theta = point->theta,
                                             .psi = psi,
                                             .columns = &first,
                                             .column_count = 1};
        TRY(status = rows_sum(&sums, problem, &request, error));
        memset(scratch, 0, 2 * problem->d * sizeof *scratch);
    }
    struct prior_sums prior = {
        .gradient = scratch, .diagonal = scratch + problem->d, .cross = cross};
    problem_prior(&prior, problem, point->theta);
    for (size_t s = 0; s < r; s++)
        own[s + s * r] += point->prior_diagonal[k + s];
out:
    free(scratch);
    return status;
}

/* Borders R'R = A by one more coordinate: [A c; c' h] has R+ with a last column R^-T c and the root
 * of h - |R^-T c|^2 below it (0 where that is not positive). */
static void border(double *R, size_t ld, size_t size, double h)
{
    double *last = R + size * ld, square = 0.0;

    la_triangle_solve(last, R, ld, size, true);
    for (size_t i = 0; i < size; i++)
        square += last[i] * last[i];
    last[size] = h > square ? sqrt(h - square) : 0.0;
}

/* What makes a derivative in log psi one on the mode_on scale. */
static double auxiliary_unit(const struct mxp_problem *problem, const struct point *point, size_t s)
{
    return problem->model->mode_natural ? exp(-point->theta[problem->k + s]) : 1.0;
}

/* The factor of coefficients and auxiliary parameters; on the natural scale their entries are
 * divided by psi. */
static mxp_status add_auxiliary(struct active *active, const struct mxp_problem *problem,
                                const struct point *point, mxp_error *error)
{
    const size_t a = active->factor ? active->coefficients : 0, r = problem->r, d = a + r;
    double *R = NULL, *cross = NULL, *own;
    struct factor *bordered = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&R, d, d, error));
    TRY(status = mem_doubles(&cross, problem->k * r + r * r, 1, error));
    own = cross + problem->k * r;
    TRY(status = take_auxiliary(cross, own, active, problem, point, error));
    for (size_t j = 0; j < a; j++)
        for (size_t i = 0; i <= j; i++)
            R[i + j * d] = active->factor->R[i + j * a] * active->factor->scale[j];
    for (size_t s = 0; s < r; s++) {
        const double unit = auxiliary_unit(problem, point, s);
        double *last = R + (a + s) * d;
        for (size_t j = 0; j < a; j++)
            last[j] = cross[active->set[j] + s * problem->k] * unit;
        for (size_t t = 0; t < s; t++)
            last[a + t] = own[s + t * r] * unit * auxiliary_unit(problem, point, t);
        if (a + s > 0 && R[(a + s - 1) * (d + 1)] == 0.0)
            continue; /* not definite already */
        border(R, d, a + s, own[s + s * r] * unit * unit);
    }
    TRY(status = factor_triangle(&bordered, R, d, d, 0.0, NULL, error));
    factor_free(active->factor);
    active->factor = bordered;
out:
    free(cross);
    free(R);
    return status;
}

/* H of all parameters, auxiliary ones on the mode_on scale, on the subspace of the hard
 * constraints; these go with smooth priors only, so that all coordinates are active. */
static mxp_status factor_reduced(struct active *active, const struct mxp_problem *problem,
                                 const struct mxp_solution *solution, mxp_error *error)
{
    const size_t k = problem->k, r = problem->r, d = problem->d, f = problem->equality->free;
    const struct point *point = solution->point;
    double *H = NULL, *G = NULL, *cross = NULL, *reduced = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&H, d, d, error));
    TRY(status = mem_doubles(&G, k, k, error));
    TRY(status = mem_doubles(&cross, k * r + r * r, 1, error));
    TRY(status = mem_doubles(&reduced, f, f, error));
    double *own = cross + k * r;
    TRY(status = take_gram(G, active, problem, solution, error));
    TRY(status = add_joint(G, active, problem, point, error));
    if (r > 0)
        TRY(status = take_auxiliary(cross, own, active, problem, point, error));
    for (size_t j = 0; j < k; j++) {
        memcpy(H + j * d, G + j * k, k * sizeof *G);
        H[j + j * d] += point->prior_diagonal[j];
    }
    for (size_t s = 0; s < r; s++) {
        const double unit = auxiliary_unit(problem, point, s);
        for (size_t j = 0; j < k; j++)
            H[k + s + j * d] = H[j + (k + s) * d] = cross[j + s * k] * unit;
        for (size_t t = 0; t < r; t++)
            H[k + s + (k + t) * d] = own[s + t * r] * unit * auxiliary_unit(problem, point, t);
    }
    TRY(status = equality_curvature(reduced, problem->equality, H, d, error));
    TRY(status = factor_cholesky(&active->factor, reduced, f, f, error));
out:
    free(reduced);
    free(cross);
    free(G);
    free(H);
    return status;
}

static mxp_status factor_active(struct active *active, const struct mxp_problem *problem,
                                const struct mxp_solution *solution, mxp_error *error)
{
    mxp_status status = MXP_OK;

    if (problem->equality)
        return factor_reduced(active, problem, solution, error);
    if (active->coefficients > 0)
        TRY(status = factor_coefficients(active, problem, solution, error));
    if (problem->r && (!active->factor || active->factor->rcond > 0.0))
        TRY(status = add_auxiliary(active, problem, solution->point, error));
out:
    return status;
}

/* N (N'H N)^-1 N'. */
static mxp_status expand_covariance(struct active *active, const struct mxp_problem *problem,
                                    mxp_error *error)
{
    const size_t f = problem->equality->free;
    double *S = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&S, f, f, error));
    factor_inverse(S, f, active->factor);
    TRY(status =
            equality_covariance(active->covariance, active->count, problem->equality, S, error));
out:
    free(S);
    return status;
}

mxp_status active_new(struct active *active, const struct mxp_problem *problem,
                      const struct mxp_solution *solution, mxp_error *error)
{
    mxp_status status;

    *active = (struct active){0};
    TRY(status = choose(active, problem, solution->point, error));
    if (active->count == 0)
        goto out;
    TRY(status = factor_active(active, problem, solution, error));
    if (active->factor && active->factor->rcond == 0.0 &&
        !problem->family->concave(problem->link)) {
        factor_free(active->factor);
        active->factor = NULL;
        active->expected = true;
        TRY(status = factor_active(active, problem, solution, error));
    }
    if (active->factor && active->factor->rcond > 0.0) {
        TRY(status = mem_doubles(&active->covariance, active->count, active->count, error));
        if (problem->equality)
            TRY(status = expand_covariance(active, problem, error));
        else
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
    TRY(status = add_joint(H, active, problem, solution->point, error));
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
        direction[problem->k] = 2.0;     /* named first */
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
