/* Linear predictors of new rows, with their posterior covariance z' Sigma z. */
#include "app/prediction.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

mxp_status prediction_eta_new(struct prediction_eta *eta, const struct fit_file *fit,
                              const struct encoded *encoded, mxp_error *error)
{
    const size_t k = fit->coefficients, q = fit->eta_columns;
    struct prediction_eta e = {.fit = fit, .encoded = encoded};
    mxp_status status;

    TRY(status = mem_doubles(&e.z, k, 1, error));
    TRY(status = MEM_NEW(&e.product, k, error));
    TRY(status = mem_doubles(&e.mode, q, 1, error));
    TRY(status = mem_doubles(&e.mean, q, 1, error));
    if (fit->covariance)
        TRY(status = mem_doubles(&e.covariance, q, q, error));
    *eta = e;
    e = (struct prediction_eta){0};
out:
    prediction_eta_free(&e);
    return status;
}

void prediction_eta_free(struct prediction_eta *eta)
{
    free(eta->z);
    free(eta->product);
    free(eta->mode);
    free(eta->mean);
    free(eta->covariance);
    *eta = (struct prediction_eta){0};
}

static bool enters(const struct fit_parameter *p, size_t eta)
{
    return p->eta == eta || p->eta == FIT_EVERY_ETA;
}

/* The mean of the posterior where that is not the mode. */
static double centre(const struct fit_file *fit, const struct fit_parameter *p)
{
    return fit->has_posterior && fit->at_kinks == FIT_KINK && !isnan(p->mean) ? p->mean
                                                                              : p->estimate;
}

static void put_predictor(struct prediction_eta *eta, size_t a, double offset)
{
    const struct fit_file *const fit = eta->fit;
    long double mode = offset, mean = offset;

    for (size_t j = 0; j < fit->coefficients; j++) {
        const struct fit_parameter *const p = &fit->parameter[j];
        if (!enters(p, a))
            continue;
        mode += (long double)eta->z[j] * p->estimate;
        mean += (long double)eta->z[j] * centre(fit, p);
    }
    eta->mode[a] = (double)mode;
    eta->mean[a] = (double)mean;
}

/* Column b of the covariance, down from its diagonal: first Sigma z_b, then its products with z_a.
 * The sums run in long double, since an intercept far from the data makes them cancel. */
static void put_covariance(struct prediction_eta *eta, size_t b)
{
    const struct fit_file *const fit = eta->fit;
    const size_t k = fit->coefficients, q = fit->eta_columns;

    memset(eta->product, 0, k * sizeof *eta->product);
    for (size_t j = 0; j < k; j++) {
        const double *const column = fit->covariance + j * fit->count;
        if (!enters(&fit->parameter[j], b) || eta->z[j] == 0.0)
            continue;
        for (size_t i = 0; i < k; i++)
            eta->product[i] += (long double)eta->z[j] * column[i];
    }
    for (size_t a = b; a < q; a++) {
        long double sum = 0.0L, size = 0.0L;
        for (size_t i = 0; i < k; i++) {
            const long double part =
                enters(&fit->parameter[i], a) ? (long double)eta->z[i] * eta->product[i] : 0.0L;
            sum += part;
            size += fabsl(part);
        }
        if (a == b && sum < 0.0L && sum > -1e-9L * size) /* the covariance itself was rounded */
            sum = 0.0L;
        eta->covariance[a + b * q] = eta->covariance[b + a * q] = (double)sum;
    }
}

void prediction_eta_row(struct prediction_eta *eta, size_t i)
{
    const struct fit_file *const fit = eta->fit;
    const double offset = eta->encoded->offset ? eta->encoded->offset[i] : 0.0;

    for (size_t j = 0; j < fit->coefficients; j++) {
        const struct fit_parameter *const p = &fit->parameter[j];
        eta->z[j] =
            p->sign * (p->role == FIT_COEFFICIENT ? eta->encoded->column[p->column][i] : 1.0);
    }
    for (size_t a = 0; a < fit->eta_columns; a++)
        put_predictor(eta, a, offset);
    for (size_t b = 0; eta->covariance && b < fit->eta_columns; b++)
        put_covariance(eta, b);
}
