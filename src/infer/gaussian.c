/* Terms of a Gaussian approximation, on the scale of the data. */
#include "base/mem.h"
#include "infer/posterior.h"
#include "num/la.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

/* Of the square of a unit vector: what hard constraints leave of it is rounding below this. */
static const double determined = 1e-24;

/* The covariance of all d parameters in solver coordinates, zero rows for fixed ones. */
static void scatter(double *cov, const struct active *active, size_t d)
{
    for (size_t j = 0; j < active->count; j++)
        for (size_t i = 0; i < active->count; i++)
            cov[active->set[i] + active->set[j] * d] = active->covariance[i + j * active->count];
}

/* The intercept's variance on the scale of the data, |R^-T S^-1 a|^2 with a the intercept's row of
 * the map: as a sum over the mapped covariance it would be a difference of larger numbers. */
static mxp_status set_intercept(double *variance, const struct active *active,
                                const struct mxp_problem *problem, mxp_error *error)
{
    const struct equality *equality = problem->equality;
    const size_t c = active->factor->k;
    double *storage = NULL, *a, sum = 0.0, size = 0.0, left = 0.0;
    mxp_status status;

    TRY(status = mem_doubles(&storage, 2, active->count, error));
    a = storage;
    for (size_t i = 0; i < active->coefficients; i++) {
        const struct parameter *p = &problem->parameter[active->set[i]];
        a[i] = active->set[i] == 0 ? 1.0 : -p->shift / p->scale;
        size += a[i] * a[i];
    }
    if (equality) { /* all coordinates are active there */
        a = storage + active->count;
        equality_gradient(a, equality, storage);
    }
    for (size_t i = 0; i < c; i++) {
        left += a[i] * a[i];
        a[i] /= active->factor->scale[i];
    }
    la_triangle_solve(a, active->factor->R, c, c, true);
    for (size_t i = 0; i < c; i++)
        sum += a[i] * a[i];
    *variance = left > determined * size ? sum : 0.0;
out:
    free(storage);
    return status;
}

/* Coordinates that hard constraints leave no freedom have variance 0, not that of rounding. */
static void hold_determined(double *cov, const struct equality *equality)
{
    const size_t d = equality->d;

    for (size_t j = 0; j < d; j++) {
        double square = 0.0;
        for (size_t c = 0; c < equality->free; c++)
            square += equality->N[j + c * d] * equality->N[j + c * d];
        for (size_t i = 0; i < d && square <= determined; i++)
            cov[i + j * d] = cov[j + i * d] = 0.0;
    }
}

static void set_normal(mxp_term *term, double mean, double sd, double z)
{
    term->mean = mean;
    term->sd = sd;
    term->lower = mean - z * sd;
    term->upper = mean + z * sd;
    term->probability_positive = special_normal_cdf(mean / sd);
}

/* psi = exp(u), u normal: quantiles go through the exponential. */
static void set_lognormal(mxp_term *term, double u, double sd, double z)
{
    term->mean = exp(u + 0.5 * sd * sd);
    term->sd = term->mean * sqrt(expm1(sd * sd));
    if (!(sd < 3.0)) /* hardly identified: the tail alone makes the moments */
        term->mean = term->sd = NAN;
    term->lower = exp(u - z * sd);
    term->upper = exp(u + z * sd);
    term->probability_positive = 1.0;
}

/* P(t > 0), where the bounds leave no choice; a column's scale does not change the sign. */
static double signed_by_bounds(const struct mxp_problem *problem, size_t j, double probability)
{
    return problem_lower(problem, j) >= 0.0   ? 1.0
           : problem_upper(problem, j) <= 0.0 ? 0.0
                                              : probability;
}

static void set_coefficients(struct mxp_posterior *posterior, const double *variance,
                             const double *solver, double z)
{
    const struct mxp_problem *problem = posterior->problem;

    for (size_t j = 0; j < problem->k; j++) {
        mxp_term *term = &posterior->terms[j];
        if (term->at_kink || term->at_bound)
            continue;
        set_normal(term, term->estimate, sqrt(variance[j]), z);
        if (problem->parameter[j].shift == 0.0 || !problem_is_intercept(problem, j))
            term->probability_positive = signed_by_bounds(problem, j, term->probability_positive);
        if (problem_standardized(problem)) {
            term->standardized_mean = posterior->solution->point->theta[j];
            term->standardized_sd = sqrt(solver[j]);
        }
    }
}

static void set_auxiliary(struct mxp_posterior *posterior, const double *variance, double z)
{
    const struct mxp_problem *problem = posterior->problem;

    for (size_t j = problem->k; j < posterior->count; j++) {
        mxp_term *term = &posterior->terms[j];
        const double sd = sqrt(variance[j]);
        if (problem->model->mode_natural)
            set_normal(term, term->estimate, sd, z);
        else
            set_lognormal(term, log(term->estimate), sd, z);
    }
}

void posterior_set_terms(struct mxp_posterior *posterior, const double *variance,
                         const double *solver, double level)
{
    const double z = special_normal_quantile(0.5 + 0.5 * level);

    set_coefficients(posterior, variance, solver, z);
    set_auxiliary(posterior, variance, z);
}

/* The covariance of an auxiliary parameter is given on the natural scale, to first order where the
 * approximation is on the log scale. */
static void scale_auxiliary(struct mxp_posterior *posterior)
{
    const struct mxp_problem *problem = posterior->problem;
    const size_t d = posterior->count;

    for (size_t j = problem->k; j < d && !problem->model->mode_natural; j++)
        for (size_t i = 0; i < d; i++) {
            posterior->covariance[i + j * d] *= posterior->terms[j].estimate;
            posterior->covariance[j + i * d] *= posterior->terms[j].estimate;
        }
}

mxp_status posterior_gaussian(struct mxp_posterior *posterior, const struct active *active,
                              double level, mxp_error *error)
{
    const size_t d = posterior->count;
    double *solver = NULL, *variance = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&solver, d, d, error));
    TRY(status = mem_doubles(&variance, d, 2, error));
    TRY(status = mem_doubles(&posterior->covariance, d, d, error));
    scatter(solver, active, d);
    if (posterior->problem->equality)
        hold_determined(solver, posterior->problem->equality);
    memcpy(posterior->covariance, solver, d * d * sizeof *solver);
    problem_map_covariance(posterior->covariance, d, d, posterior->problem, PROBLEM_DATA);
    if (posterior->problem->q == 1 && posterior->problem->first_column &&
        !posterior->terms[0].at_kink && !posterior->terms[0].at_bound)
        TRY(status = set_intercept(posterior->covariance, active, posterior->problem, error));
    for (size_t i = 0; i < d && posterior->problem->equality && posterior->covariance[0] == 0.0;
         i++)
        posterior->covariance[i] = posterior->covariance[i * d] = 0.0;
    for (size_t j = 0; j < d; j++) {
        variance[j] = posterior->covariance[j + j * d];
        variance[d + j] = solver[j + j * d];
    }
    posterior_set_terms(posterior, variance, variance + d, level);
    scale_auxiliary(posterior);
out:
    free(variance);
    free(solver);
    return status;
}

/* The covariance of two parameters on the scale of the data (auxiliary ones: of the approximation),
 * from that of the active coordinates. */
static double between(const struct mxp_problem *problem, const struct active *active, size_t one,
                      size_t other)
{
    double total = 0.0;

    for (size_t i = 0; i < active->count; i++) {
        const size_t a = active->set[i];
        const double left = one < problem->k && a < problem->k ? problem_share(problem, one, a)
                                                               : (double)(one == a);
        if (left == 0.0)
            continue;
        for (size_t j = 0; j < active->count; j++) {
            const size_t b = active->set[j];
            const double right = other < problem->k && b < problem->k
                                     ? problem_share(problem, other, b)
                                     : (double)(other == b);
            if (right != 0.0)
                total += left * right * active->covariance[i + j * active->count];
        }
    }
    return total;
}

static mxp_status choose_narrow(struct mxp_posterior *posterior, const struct active *active,
                                mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;
    const size_t c = posterior->chosen_count;
    mxp_status status;

    TRY(status = mem_doubles(&posterior->chosen_covariance, c, c, error));
    for (size_t j = 0; j < c; j++)
        for (size_t i = 0; i < c; i++) {
            const size_t one = posterior->chosen[i], other = posterior->chosen[j];
            double value = between(problem, active, one, other);
            if (one >= problem->k && !problem->model->mode_natural)
                value *= posterior->terms[one].estimate;
            if (other >= problem->k && !problem->model->mode_natural)
                value *= posterior->terms[other].estimate;
            posterior->chosen_covariance[i + j * c] = value;
        }
out:
    return status;
}

mxp_status posterior_narrow(struct mxp_posterior *posterior, const struct active *active,
                            double level, mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;
    const size_t d = posterior->count;
    double *variance = NULL, *solver;
    mxp_status status;

    TRY(status = mem_doubles(&variance, d, 2, error));
    solver = variance + d;
    for (size_t i = 0; i < active->count; i++) {
        const size_t j = active->set[i];
        solver[j] = active->covariance[i * (active->count + 1)];
        variance[j] = problem_is_intercept(problem, j) ? between(problem, active, j, j)
                      : j < problem->k
                          ? solver[j] / (problem->parameter[j].scale * problem->parameter[j].scale)
                          : solver[j];
    }
    if (problem->q == 1 && problem->first_column && !posterior->terms[0].at_kink &&
        !posterior->terms[0].at_bound)
        TRY(status = set_intercept(variance, active, problem, error));
    posterior_set_terms(posterior, variance, solver, level);
    if (posterior->chosen_count > 0)
        TRY(status = choose_narrow(posterior, active, error));
out:
    free(variance);
    return status;
}
