#include "fit/start.h"
#include "base/mem.h"
#include "base/str.h"
#include "fit/modes.h"
#include "fit/point.h"
#include "model/rows.h"
#include "num/factor.h"

#include <float.h>
#include <math.h>
#include <string.h>

size_t start_find(const struct mxp_problem *problem, const char *name)
{
    for (size_t j = 0; j < problem->d; j++)
        if (strcmp(problem->parameter[j].name, name) == 0)
            return j;
    if (problem->q == 1 && problem->first_column && strcmp(name, "intercept") == 0)
        return 0;
    return problem->d;
}

mxp_status start_unknown(const struct mxp_problem *problem, const char *name, mxp_error *error)
{
    const char **names = NULL, *near = NULL;

    if (MEM_NEW(&names, problem->d, NULL) == MXP_OK) {
        for (size_t j = 0; j < problem->d; j++)
            names[j] = problem->parameter[j].name;
        near = str_nearest(name, names, problem->d);
    }
    free(names);
    return FAIL(error, MXP_USAGE, "this model has no parameter \"%s\"%s%s%s", name,
                near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static double weighted_mean(const struct design *design, const double *x)
{
    double sum = 0.0;

    for (size_t i = 0; x && i < design->rows; i++)
        sum += (design->weights ? design->weights[i] : 1.0) * x[i];
    return sum / design->weight_sum;
}

/* The mean response of one trial, drawn a little towards the inside of its support. */
static double inner_mean(const struct mxp_problem *problem)
{
    const struct design *design = problem->design;
    const double n = (double)problem->n;
    const double trials = design->trials ? weighted_mean(design, design->trials) : 1.0;
    const double mean = design->y_mean / (trials > 0.0 ? trials : 1.0);

    return problem->family->phi == PHI_NOISE_VARIANCE || !problem->family->recession
               ? mean
               : (n * mean + 0.5) / (n + 1.0);
}

/* The intercept of a model that is nothing else: a fair start for any family. */
static double start_intercept(const struct mxp_problem *problem)
{
    const double offset = weighted_mean(problem->design, problem->design->offset);

    if (!problem->family->kinds)
        return 0.0;
    const double eta = family_link_of_mean(problem->family, problem->link, inner_mean(problem));
    return isfinite(eta) ? eta - offset : 0.0;
}

/* Cutpoints at the logits of the cumulative shares, which increase under any link. */
static void start_cutpoints(double *theta, const struct mxp_problem *problem)
{
    double below = 0.5, total = problem->design->weight_sum + 1.0 + (double)problem->q;
    double *count = theta; /* first the counts, then their logits */

    for (size_t c = 0; c < problem->q; c++)
        count[c] = 1.0;
    for (size_t i = 0; i < problem->n; i++) {
        const size_t c = (size_t)problem->y[i];
        if (c < problem->q)
            count[c] += problem->design->weights ? problem->design->weights[i] : 1.0;
    }
    for (size_t c = 0; c < problem->q; c++) {
        below += count[c];
        theta[c] = log(below / fmax(total + 0.5 - below, 0.5));
    }
}

/* One of two plain starts: coefficients at 0, or the kinked ones on their kinks; intercepts where
 * they would be alone. */
void start_plain(double *theta, const struct mxp_problem *problem, bool kinks)
{
    for (size_t j = 0; j < problem->k; j++) {
        double l1, m;
        problem_kink(&l1, &m, problem, j, theta);
        theta[j] = kinks && l1 > 0.0 ? m : 0.0;
        if (problem_is_intercept(problem, j) && problem->q == 1 && theta[j] == 0.0)
            theta[j] = start_intercept(problem);
    }
    if (problem->family->response == RESPONSE_ORDERED)
        start_cutpoints(theta, problem);
}

/* One row's link of its response, drawn towards the mean by 1 - share, less its offset. */
static double linked(const struct mxp_problem *problem, size_t i, double share)
{
    const struct design *design = problem->design;
    const double y =
        design->y[i] / (design->trials && design->trials[i] > 0.0 ? design->trials[i] : 1.0);
    const double eta = family_link_of_mean(problem->family, problem->link,
                                           share * y + (1.0 - share) * inner_mean(problem));

    return (isfinite(eta) ? eta : 0.0) - (design->offset ? design->offset[i] : 0.0);
}

mxp_status start_least_squares(double *theta, const struct mxp_problem *problem, const size_t *rows,
                               size_t m, double share, mxp_error *error)
{
    const size_t k = problem->k;
    double *H = NULL, *z, *b;
    struct factor *factor = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&H, k + 2, k, error));
    z = H + k * k;
    b = z + k;
    for (size_t row = 0; row < m; row++) {
        const size_t i = rows ? rows[row] : row;
        const double w = problem->design->weights ? problem->design->weights[i] : 1.0;
        const double target = linked(problem, i, share);
        rows_fill(z, problem, i, 1);
        for (size_t j = 0; j < k; j++) {
            b[j] += w * z[j] * target;
            for (size_t a = j; a < k; a++)
                H[a + j * k] += w * z[a] * z[j];
        }
    }
    for (size_t j = 0; j < k; j++)
        H[j + j * k] += 1e-10 * H[j + j * k] + DBL_MIN;
    TRY(status = factor_cholesky(&factor, H, k, k, error));
    if (factor->rcond > 0.0) {
        factor_solve(b, factor);
        memcpy(theta, b, k * sizeof *b);
    }
out:
    factor_free(factor);
    free(H);
    return status;
}

/* The last resort: an intercept so far off, either way, that every row is inside the domain. */
static mxp_status shift_intercept(double *theta, struct point *trial,
                                  const struct mxp_problem *problem, int threads, mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (double by = 0.5; by < 1e6 && problem->first_column == 1; by *= -2.0) {
        memcpy(trial->theta, theta, problem->d * sizeof *theta);
        trial->theta[0] += by;
        TRY(status = modes_make_feasible(trial->theta, problem, error));
        TRY(status = point_value(trial, problem, threads, error));
        if (isfinite(trial->objective)) {
            memcpy(theta, trial->theta, problem->d * sizeof *theta);
            break;
        }
    }
out:
    return status;
}

/* Where the plain start is outside the link's domain: a fit of least squares on the scale of the
 * link, to the mean alone, half-way or to the responses, whichever first has a density. */
static mxp_status rescue(double *theta, struct point *trial, const struct mxp_problem *problem,
                         int threads, mxp_error *error)
{
    mxp_status status = MXP_OK;

    if (problem->q > 1 || !problem->family->kinds)
        return MXP_OK;
    for (double share = 0.0; share <= 1.0; share += 0.5) {
        memcpy(trial->theta, theta, problem->d * sizeof *theta);
        TRY(status = start_least_squares(trial->theta, problem, NULL, problem->n, share, error));
        TRY(status = modes_make_feasible(trial->theta, problem, error));
        TRY(status = point_value(trial, problem, threads, error));
        if (isfinite(trial->objective)) {
            memcpy(theta, trial->theta, problem->d * sizeof *theta);
            goto out;
        }
    }
    TRY(status = shift_intercept(theta, trial, problem, threads, error));
out:
    return status;
}

/* Coefficients at 0 but the kinked ones on their kinks, unless all of them at 0 are better: a kink
 * far from 0 may be where the likelihood is flat or vanishes. */
static mxp_status choose_start(double *theta, const struct mxp_problem *problem, int threads,
                               mxp_error *error)
{
    struct point *zero = NULL, *kinks = NULL;
    mxp_status status;

    TRY(status = point_new(&zero, problem, error));
    TRY(status = point_new(&kinks, problem, error));
    memcpy(zero->theta, theta, problem->d * sizeof *theta);
    start_plain(zero->theta, problem, false);
    start_plain(theta, problem, true);
    TRY(status = modes_make_feasible(zero->theta, problem, error));
    TRY(status = modes_make_feasible(theta, problem, error));
    const bool one = memcmp(zero->theta, theta, problem->d * sizeof *theta) == 0;
    if (one && problem->quadratic)
        goto out; /* finite everywhere */
    TRY(status = point_value(zero, problem, threads, error));
    if (!one) {
        memcpy(kinks->theta, theta, problem->d * sizeof *theta);
        TRY(status = point_value(kinks, problem, threads, error));
        if (zero->objective < kinks->objective)
            memcpy(theta, zero->theta, problem->d * sizeof *theta);
        else
            zero->objective = kinks->objective;
    }
    if (!isfinite(zero->objective))
        TRY(status = rescue(theta, zero, problem, threads, error));
out:
    point_free(kinks);
    point_free(zero);
    return status;
}

/* Auxiliary parameters at the family's start. */
static void start_auxiliary(double *theta, const struct mxp_problem *problem)
{
    const struct design *design = problem->design;
    const double sd = design->y_offset_sd > 0.0 ? design->y_offset_sd : 1.0;

    for (size_t s = 0; s < problem->r; s++)
        theta[problem->k + s] =
            log(problem->family->start
                    ? problem->family->start(problem->auxiliary[s], design->y_mean, sd)
                    : sd);
}

/* A start outside the bounds of coefficient j goes to the nearer one, before it moves others. */
static double inside_bounds(const struct mxp_problem *problem, size_t j, double value)
{
    const double scale = problem->parameter[j].scale;
    return fmin(fmax(value, problem_lower(problem, j) / scale), problem_upper(problem, j) / scale);
}

/* Auxiliary parameters at the family's start, the intercept at the mean's, the coefficients at 0 or
 * on their kinks; then the caller's values. */
mxp_status start_set(double *theta, const struct mxp_problem *problem,
                     const mxp_fit_options *options, mxp_error *error)
{
    double *beta = NULL;
    size_t next = 0; /* starts of all parameters come in their order */
    mxp_status status;

    TRY(status = mem_doubles(&beta, problem->d, 1, error));
    memset(theta, 0, problem->d * sizeof *theta);
    start_auxiliary(theta, problem);
    TRY(status = choose_start(theta, problem, options->threads, error));
    if (options->start_count > 0)
        problem_to_data(beta, problem, theta);
    for (size_t i = 0; i < options->start_count; i++) {
        const char *name = options->start_names[i];
        const bool follows = next < problem->d && strcmp(problem->parameter[next].name, name) == 0;
        const size_t j = follows ? next : start_find(problem, name);
        next = j + 1;
        if (j == problem->d) {
            status = start_unknown(problem, name, error);
            goto out;
        }
        const double value = options->start_values[i];
        if (!isfinite(value) || (j >= problem->k && !(value > 0.0))) {
            status = FAIL(error, MXP_USAGE, "start of \"%s\" = %g is not %s", name, value,
                          j >= problem->k ? "above 0" : "finite");
            goto out;
        }
        if (j < problem->k)
            beta[j] = inside_bounds(problem, j, value);
        else
            theta[j] = log(value);
    }
    if (options->start_count > 0)
        problem_from_data(theta, problem, beta);
    TRY(status = modes_make_feasible(theta, problem, error));
out:
    free(beta);
    return status;
}
