/* The covariance beside fit.json. */
#include "app/fit_file.h"
#include "base/mem.h"
#include "io/bytes.h"
#include "io/file.h"
#include "io/npy.h"

#include <math.h>
#include <string.h>

/* Relative differences that rounding may leave. */
static const double symmetry = 1e-8, agreement = 1e-9;

static mxp_status read_square(double **covariance, const char *path, size_t count, mxp_error *error)
{
    struct bytes bytes = {0};
    struct columns columns = {0};
    double *out = NULL;
    mxp_status status;

    TRY(status = bytes_read(&bytes, path, path, false, error));
    TRY(status = npy_parse(&columns, &bytes, NULL, 0, path, error));
    if (columns.rows != count || columns.count != count) {
        status = FAIL(error, MXP_DATA, "%s: is %zu x %zu, and the fit has %zu parameters", path,
                      columns.rows, columns.count, count);
        goto out;
    }
    TRY(status = mem_doubles(&out, count, count, error));
    for (size_t j = 0; j < count; j++)
        memcpy(out + j * count, columns.column[j].values, count * sizeof *out);
    *covariance = out;
out:
    columns_free(&columns);
    bytes_free(&bytes);
    return status;
}

/* Finite, symmetric, without negative variances. */
static mxp_status check_matrix(const double *v, size_t count, const char *path, mxp_error *error)
{
    for (size_t j = 0; j < count; j++)
        for (size_t i = j; i < count; i++) {
            const double a = v[i + j * count], b = v[j + i * count];
            if (!isfinite(a) || !isfinite(b))
                return FAIL(error, MXP_DATA, "%s: entry (%zu, %zu) is not a finite number", path,
                            i + 1, j + 1);
            if (i == j && a < 0.0)
                return FAIL(error, MXP_DATA, "%s: the variance (%zu, %zu) is below 0", path, i + 1,
                            j + 1);
            if (fabs(a - b) > symmetry * fmax(fabs(a), fabs(b)))
                return FAIL(error, MXP_DATA, "%s: is not symmetric at (%zu, %zu)", path, i + 1,
                            j + 1);
        }
    return MXP_OK;
}

/* A Gaussian's sds are the roots of the diagonal: another fit's covariance is found out. */
static mxp_status check_owner(const struct fit_file *fit, const double *v, const char *path,
                              mxp_error *error)
{
    for (size_t j = 0; j < fit->coefficients && fit->at_kinks != FIT_KINK; j++) {
        const struct fit_parameter *const p = &fit->parameter[j];
        const double sd = sqrt(v[j + j * fit->count]);
        if (!isnan(p->sd) && fabs(sd - p->sd) > agreement * p->sd)
            return FAIL(error, MXP_DATA,
                        "%s: is the covariance of another fit than %s: the sd of \"%s\" is %.6g "
                        "there and %.6g here",
                        path, fit->path, p->name, sd, p->sd);
    }
    return MXP_OK;
}

mxp_status fit_file_covariance(struct fit_file *fit, const char *name, mxp_error *error)
{
    double *covariance = NULL;
    char *path = NULL;
    mxp_status status;

    if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return FAIL(error, MXP_DATA,
                    "%s: laplace.covariance: \"%.80s\" is no name of a file beside it", fit->path,
                    name);
    TRY(status = file_beside(&path, fit->path, name, error));
    status = read_square(&covariance, path, fit->count, error);
    if (status == MXP_NO_INPUT)
        err_prefix(error, "%s needs its covariance beside it: ", fit->path);
    TRY(status);
    TRY(status = check_matrix(covariance, fit->count, path, error));
    TRY(status = check_owner(fit, covariance, path, error));
    fit->covariance = covariance;
    covariance = NULL;
out:
    free(covariance);
    free(path);
    return status;
}
