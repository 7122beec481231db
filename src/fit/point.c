#include "fit/point.h"
#include "base/mem.h"
#include "model/rows.h"

#include <float.h>
#include <math.h>
#include <string.h>

mxp_status point_new(struct point **point, const struct mxp_problem *problem, mxp_error *error)
{
    const size_t d = problem->d;
    struct point *p = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&p, 1, error));
    p->stored = 6 * d + problem->k * problem->r + problem->r * problem->r;
    TRY(status = mem_doubles(&p->storage, p->stored, 1, error));
    p->theta = p->storage;
    p->gradient = p->storage + d;
    p->likelihood = p->storage + 2 * d;
    p->diagonal = p->storage + 3 * d;
    p->prior_diagonal = p->storage + 4 * d;
    p->rest = p->storage + 5 * d;
    p->cross = p->storage + 6 * d;
    p->own = p->cross + problem->k * problem->r;
    *point = p;
    p = NULL;
out:
    point_free(p);
    return status;
}

void point_free(struct point *point)
{
    if (!point)
        return;
    free(point->storage);
    free(point);
}

void point_copy(struct point *to, const struct point *from)
{
    memcpy(to->storage, from->storage, from->stored * sizeof *to->storage);
    to->objective = from->objective;
    to->log_likelihood = from->log_likelihood;
    to->log_prior = from->log_prior;
    to->kkt = from->kkt;
    to->worst = from->worst;
}

double point_scale(const struct point *point, size_t j)
{
    const double h = fabs(point->diagonal[j]);
    return h > 0.0 ? sqrt(h) : 1.0;
}

double point_residual(const struct point *point, const struct mxp_problem *problem, size_t j)
{
    double l1, location, residual;
    const double g = point->gradient[j], t = point->theta[j];

    if (problem_group(problem, j))
        return joint_residual(problem_group(problem, j), point->theta, point->gradient,
                              point->diagonal);
    problem_kink(&l1, &location, problem, j, point->theta);
    /* how J rises to the right and to the left of t; a bound in the way is a rise */
    const double right = t < problem_upper(problem, j) ? g + (t >= location ? l1 : -l1) : INFINITY;
    const double left = t > problem_lower(problem, j) ? -g + (t <= location ? l1 : -l1) : INFINITY;
    if (isnan(g))
        residual = INFINITY;
    else
        residual = fmax(0.0, fmax(-right, -left));
    return residual / point_scale(point, j);
}

void point_certify(struct point *point, const struct mxp_problem *problem)
{
    point->kkt = 0.0;
    point->worst = 0;
    for (size_t j = 0; j < problem->d; j++) {
        const double residual = point_residual(point, problem, j);
        if (residual > point->kkt || isnan(residual)) {
            point->kkt = isnan(residual) ? INFINITY : residual;
            point->worst = j;
        }
    }
}

/* What is left of a gradient along the subspace of the hard constraints; scratch: d. */
static void project(double *gradient, const struct equality *equality, double *scratch)
{
    equality_gradient(scratch, equality, gradient);
    memset(gradient, 0, equality->d * sizeof *gradient);
    for (size_t c = 0; c < equality->free; c++)
        for (size_t j = 0; j < equality->d; j++)
            gradient[j] += scratch[c] * equality->N[j + c * equality->d];
    memset(scratch, 0, equality->d * sizeof *scratch);
}

mxp_status point_evaluate(struct point *point, const struct mxp_problem *problem, double *gram,
                          int threads, mxp_error *error)
{
    const size_t d = problem->d;
    double psi[FAMILY_AUX_MAX];
    struct rows_sums sums = {.gradient = point->likelihood,
                             .diagonal = point->diagonal,
                             .cross = gram && problem->r ? point->cross : NULL,
                             .own = gram && problem->r ? point->own : NULL,
                             .gram = gram};
    struct prior_sums prior = {.gradient = point->gradient,
                               .diagonal = point->prior_diagonal,
                               .cross = gram && problem->r ? point->cross : NULL};
    mxp_status status;

    problem_psi(psi, problem, point->theta);
    const struct rows_request request = {.want = ROWS_GRADIENT | ROWS_DIAGONAL |
                                                 (gram ? (unsigned)ROWS_GRAM : 0u),
                                         .theta = point->theta,
                                         .psi = psi,
                                         .threads = threads};
    TRY(status = rows_sum(&sums, problem, &request, error));
    point->log_likelihood = -sums.value;
    memset(point->gradient, 0, d * sizeof *point->gradient);
    memset(point->prior_diagonal, 0, d * sizeof *point->prior_diagonal);
    problem_prior(&prior, problem, point->theta);
    point->log_prior = prior.log_prior;
    for (size_t j = 0; j < d; j++) {
        point->gradient[j] += point->likelihood[j];
        point->diagonal[j] += point->prior_diagonal[j];
    }
    problem_joint_diagonal(point->diagonal, problem, point->theta);
    if (problem->equality)
        project(point->gradient, problem->equality, point->rest);
    point->objective = -(point->log_likelihood + point->log_prior);
    if (isnan(point->objective))
        point->objective = INFINITY;
    point_certify(point, problem);
out:
    return status;
}

mxp_status point_value(struct point *point, const struct mxp_problem *problem, int threads,
                       mxp_error *error)
{
    double psi[FAMILY_AUX_MAX];
    struct rows_sums sums = {0};
    struct prior_sums prior = {.gradient = point->gradient, .diagonal = point->prior_diagonal};
    mxp_status status;

    problem_psi(psi, problem, point->theta);
    const struct rows_request request = {.theta = point->theta, .psi = psi, .threads = threads};
    TRY(status = rows_sum(&sums, problem, &request, error));
    problem_prior(&prior, problem, point->theta);
    point->log_likelihood = -sums.value;
    point->log_prior = prior.log_prior;
    point->objective = sums.value - prior.log_prior;
    if (isnan(point->objective))
        point->objective = INFINITY;
out:
    return status;
}

mxp_status point_floor(double *floor, const struct point *point, const struct mxp_problem *problem,
                       int threads, mxp_error *error)
{
    double psi[FAMILY_AUX_MAX];
    struct rows_sums sums = {.floor = floor};
    mxp_status status;

    problem_psi(psi, problem, point->theta);
    const struct rows_request request = {.want = ROWS_GRADIENT | ROWS_DIAGONAL | ROWS_FLOOR,
                                         .theta = point->theta,
                                         .psi = psi,
                                         .threads = threads};
    TRY(status = rows_sum(&sums, problem, &request, error));
    for (size_t j = 0; j < problem->d; j++) {
        /* theta itself is rounded: half an ulp of it moves the gradient by H_jj times that */
        floor[j] += DBL_EPSILON * fabs(point->diagonal[j] * point->theta[j]);
        floor[j] /= point_scale(point, j);
    }
out:
    return status;
}

double point_rss(const struct point *point, const struct mxp_problem *problem)
{
    double psi[FAMILY_AUX_MAX];
    const double W = problem->design->weight_sum;

    problem_psi(psi, problem, point->theta);
    const double constant = W * (log(psi[0]) + 0.5 * log(2.0 * 3.14159265358979323846));
    return fmax(0.0, 2.0 * psi[0] * psi[0] * (-point->log_likelihood - constant));
}
