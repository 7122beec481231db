/* Draws from the normal approximation of a saved fit. */
#include "app/draws.h"
#include "app/prediction.h"
#include "base/mem.h"
#include "num/rng.h"

#include <float.h>
#include <math.h>
#include <string.h>

const char *const draws_names[] = {"dots", "brackets", "terms", NULL};

void mxp_draws_options_init(mxp_draws_options *options)
{
    *options = (mxp_draws_options){
        .size = sizeof *options, .count = 1000, .names = draws_names[DRAWS_DOTS]};
}

void mxp_draws_free(mxp_draws *draws)
{
    if (!draws)
        return;
    free(draws->value);
    free(draws->log_q);
    fit_file_free(draws->fit);
    free(draws);
}

static mxp_status take_options(mxp_draws *d, const mxp_draws_options *options, mxp_error *error)
{
    size_t n = 0;

    while (draws_names[n] && (!options->names || strcmp(options->names, draws_names[n]) != 0))
        n++;
    if (!draws_names[n])
        return FAIL(error, MXP_USAGE, "names %s: not dots, brackets or terms",
                    options->names ? options->names : "NULL");
    if (options->count == 0)
        return FAIL(error, MXP_USAGE, "0 draws: at least 1 is needed");
    d->names = (enum draws_naming)n;
    d->count = options->count;
    d->seed = options->seed ? options->seed : d->fit->seed;
    return MXP_OK;
}

/* ---- what is not normal ---- */

/* A parameter that a normal distribution on the natural scale puts below 0 now and then. */
static const struct fit_parameter *near_zero(const struct fit_file *fit)
{
    enum { SDS = 6 }; /* beyond them with probability 1e-9 */

    for (size_t j = fit->coefficients; !fit->log_scale && j < fit->count; j++) {
        const struct fit_parameter *const p = &fit->parameter[j];
        if (p->estimate < SDS * sqrt(fit->covariance[j + j * fit->count]))
            return p;
    }
    return NULL;
}

static mxp_status refuse_others(const struct fit_file *fit, mxp_error *error)
{
    if (!fit->covariance)
        return FAIL(error, MXP_DATA, "%s: there is nothing to draw from: %s", fit->path,
                    fit->has_posterior ? "the fit saved no covariance"
                                       : "the fit has no posterior");
    if (fit->at_kinks != FIT_SMOOTH)
        return FAIL(error, MXP_UNAVAILABLE,
                    "%s: a prior has a kink at or near the mode (laplace.at_kinks: %s): the "
                    "posterior is not normal, and draws from it are not built in yet",
                    fit->path, fit->at_kinks == FIT_KINK ? "kink" : "active");
    for (size_t j = 0; j < fit->coefficients; j++)
        if (fit->parameter[j].bounded)
            return FAIL(error, MXP_UNAVAILABLE,
                        "%s: \"%s\" has bounds, which normal draws would not keep to; draws from a "
                        "bounded posterior are not built in yet",
                        fit->path, fit->parameter[j].name);
    const struct fit_parameter *const low = near_zero(fit);
    if (low)
        return FAIL(error, MXP_UNAVAILABLE,
                    "%s: the approximation is normal on the natural scale (mode_on: natural) and "
                    "puts \"%s\" below 0 now and then; fit with mode_on: log to draw",
                    fit->path, low->name);
    return MXP_OK;
}

/* ---- the normal distribution ---- */

/* mean and covariance on the scale of the approximation: log for auxiliary parameters. */
struct normal {
    double *mean, *sd, *root; /* root: L with L L' the correlation, column-major */
    size_t k, rank;
    double log_norm; /* of the density, over the directions that vary */
};

static void normal_free(struct normal *normal)
{
    free(normal->mean);
    free(normal->sd);
    free(normal->root);
}

static void put_correlation(struct normal *normal, const struct fit_file *fit)
{
    const size_t k = fit->count;

    for (size_t j = 0; j < k; j++) {
        const struct fit_parameter *const p = &fit->parameter[j];
        const bool logged = p->role == FIT_AUXILIARY && fit->log_scale;
        normal->sd[j] = sqrt(fit->covariance[j + j * k]);
        normal->mean[j] = logged ? log(p->estimate) : p->estimate;
    }
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++) {
            const double scale = normal->sd[i] * normal->sd[j];
            normal->root[i + j * k] = scale > 0.0 ? fit->covariance[i + j * k] / scale : 0.0;
        }
    for (size_t j = fit->coefficients; fit->log_scale && j < k; j++)
        normal->sd[j] /= fit->parameter[j].estimate;
}

/* Cholesky in place, of a matrix that may be singular (hard constraints): a column without variance
 * is 0.  False: not positive semidefinite. */
static bool factor(struct normal *normal)
{
    const size_t k = normal->k;
    const double slack = 16.0 * (double)k * DBL_EPSILON;
    double *const L = normal->root;

    for (size_t j = 0; j < k; j++) {
        double left = L[j + j * k];
        for (size_t c = 0; c < j; c++)
            left -= L[j + c * k] * L[j + c * k];
        if (!(left > -1e4 * slack))
            return false;
        const double pivot = left > slack ? sqrt(left) : 0.0;
        for (size_t i = j + 1; i < k; i++) {
            double sum = L[i + j * k];
            for (size_t c = 0; c < j; c++)
                sum -= L[i + c * k] * L[j + c * k];
            L[i + j * k] = pivot > 0.0 ? sum / pivot : 0.0;
        }
        L[j + j * k] = pivot;
        if (pivot > 0.0) {
            normal->rank++;
            normal->log_norm -= log(pivot) + log(normal->sd[j]) + 0.5 * log(2.0 * acos(-1.0));
        }
    }
    return true;
}

static mxp_status normal_new(struct normal *normal, const struct fit_file *fit, mxp_error *error)
{
    const size_t k = fit->count;
    struct normal n = {.k = k};
    mxp_status status;

    TRY(status = mem_doubles(&n.mean, k, 1, error));
    TRY(status = mem_doubles(&n.sd, k, 1, error));
    TRY(status = mem_doubles(&n.root, k, k, error));
    put_correlation(&n, fit);
    if (!factor(&n)) {
        status =
            FAIL(error, MXP_DATA, "%s: the covariance is not positive semidefinite", fit->path);
        goto out;
    }
    *normal = n;
    n = (struct normal){0};
out:
    normal_free(&n);
    return status;
}

/* One draw, count apart, and its log density. */
static double draw(double *value, size_t count, const struct normal *normal, struct rng *rng)
{
    const size_t k = normal->k;
    double square = 0.0;

    for (size_t i = 0; i < k; i++)
        value[i * count] = 0.0;
    for (size_t c = 0; c < k; c++) {
        const double *const column = normal->root + c * k;
        if (!(column[c] > 0.0))
            continue;
        const double z = rng_normal(rng);
        square += z * z;
        for (size_t i = c; i < k; i++)
            value[i * count] += column[i] * z;
    }
    for (size_t i = 0; i < k; i++)
        value[i * count] = normal->mean[i] + normal->sd[i] * value[i * count];
    return normal->log_norm - 0.5 * square;
}

/* The intercepts of an ordinal model are cutpoints, which ascend. */
static bool in_order(const mxp_draws *d, size_t i)
{
    const struct fit_file *const fit = d->fit;
    double last = -INFINITY;

    for (size_t j = 0; fit->family->response == RESPONSE_ORDERED && j < fit->coefficients; j++) {
        const double value = d->value[i + j * d->count];
        if (fit->parameter[j].role != FIT_INTERCEPT)
            continue;
        if (!(value > last))
            return false;
        last = value;
    }
    return true;
}

/* Draw number i; one that makes no model is drawn again. */
static mxp_status draw_valid(mxp_draws *d, size_t i, const struct normal *normal, struct rng *rng,
                             mxp_error *error)
{
    enum { TRIES = 100 };

    for (size_t t = 0; t < TRIES; t++) {
        d->log_q[i] = draw(d->value + i, d->count, normal, rng);
        if (in_order(d, i))
            return MXP_OK;
        d->redrawn++;
    }
    return FAIL(error, MXP_UNAVAILABLE,
                "%s: the posterior of the cutpoints is so wide that nearly all normal draws have "
                "them out of order; draws from such a posterior are not built in yet",
                d->fit->path);
}

static mxp_status make(mxp_draws *d, mxp_error *error)
{
    const struct fit_file *const fit = d->fit;
    struct rng rng = rng_stream(d->seed, 0);
    struct normal normal = {0};
    mxp_status status;

    TRY(status = normal_new(&normal, fit, error));
    TRY(status = mem_doubles(&d->value, d->count, fit->count, error));
    TRY(status = mem_doubles(&d->log_q, d->count, 1, error));
    for (size_t i = 0; i < d->count; i++)
        TRY(status = draw_valid(d, i, &normal, &rng, error));
    for (size_t j = fit->coefficients; fit->log_scale && j < fit->count; j++)
        for (size_t i = 0; i < d->count; i++)
            d->value[i + j * d->count] = exp(d->value[i + j * d->count]);
out:
    normal_free(&normal);
    return status;
}

mxp_status mxp_draws_new(mxp_draws **draws, const char *fit, const mxp_draws_options *options,
                         mxp_error *error)
{
    mxp_draws_options standard;
    mxp_draws *d = NULL;
    mxp_status status;

    mxp_draws_options_init(&standard);
    TRY(status = MEM_NEW(&d, 1, error));
    TRY(status = prediction_read_fit(&d->fit, fit, error));
    TRY(status = take_options(d, options ? options : &standard, error));
    TRY(status = refuse_others(d->fit, error));
    TRY(status = make(d, error));
    *draws = d;
    d = NULL;
out:
    mxp_draws_free(d);
    return status;
}
