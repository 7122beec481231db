/* Joint priors that are gaussian: everything by rows of a root W of the precision, W'W = Q, so
 * that the value is a sum of squares and nothing cancels.  Here also the dense one. */
#include "base/mem.h"
#include "model/joint_rows.h"
#include "num/factor.h"
#include "num/la.h"
#include "num/rng.h"
#include "num/special.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const double *entries(const struct joint_band *band)
{
    return band->values ? band->values : band->entry;
}

/* Row i of W times the offsets. */
static double whitened(const struct joint_band *band, const struct joint *joint,
                       const double *theta)
{
    const double *w = entries(band);
    double sum = 0.0;

    for (size_t e = 0; e < band->count; e++)
        sum += w[e] * joint_off(joint, theta, band->first + e);
    return sum;
}

/* ---- any root ---- */

double joint_root_value(const struct joint *joint, const double *theta)
{
    double sum = 0.0;

    for (size_t i = 0; i < joint->rank; i++) {
        const struct joint_band band = joint->row->root(joint, i);
        const double z = whitened(&band, joint, theta);
        sum += z * z;
    }
    return 0.5 * sum;
}

void joint_root_gradient(double *gradient, const struct joint *joint, const double *theta)
{
    for (size_t i = 0; i < joint->rank; i++) {
        const struct joint_band band = joint->row->root(joint, i);
        const double *w = entries(&band), z = whitened(&band, joint, theta);
        for (size_t e = 0; e < band.count; e++)
            gradient[joint->index[band.first + e]] += w[e] * z;
    }
}

void joint_root_curvature(double *H, size_t ld, const struct joint *joint, const double *theta,
                          const size_t *place)
{
    const size_t k = joint->k;

    (void)theta;
    for (size_t b = 0; joint->Q && b < k; b++)
        for (size_t a = b; a < k; a++)
            joint_add_entry(H, ld, joint, place, a, b, joint->Q[a + b * k]);
    for (size_t i = 0; !joint->Q && i < joint->rank; i++) {
        const struct joint_band band = joint->row->root(joint, i);
        const double *w = entries(&band);
        for (size_t b = 0; b < band.count; b++)
            for (size_t a = b; a < band.count; a++)
                joint_add_entry(H, ld, joint, place, band.first + a, band.first + b, w[a] * w[b]);
    }
}

void joint_root_diagonal(double *diagonal, const struct joint *joint, const double *theta)
{
    (void)theta;
    for (size_t j = 0; joint->Q && j < joint->k; j++)
        diagonal[joint->index[j]] += joint->Q[j + j * joint->k];
    for (size_t i = 0; !joint->Q && i < joint->rank; i++) {
        const struct joint_band band = joint->row->root(joint, i);
        const double *w = entries(&band);
        for (size_t e = 0; e < band.count; e++)
            diagonal[joint->index[band.first + e]] += w[e] * w[e];
    }
}

/* W off = z for a standard normal z, row by row: from the top where W is a lower triangle, from
 * the bottom where it is an upper one. */
void joint_root_draw(double *theta, struct rng *rng, const struct joint *joint)
{
    const size_t k = joint->k;

    for (size_t n = 0; n < k; n++) {
        const size_t i = joint->upper ? k - 1 - n : n;
        const struct joint_band band = joint->row->root(joint, i);
        const double *w = entries(&band);
        double z = rng_normal(rng), pivot = 1.0;
        for (size_t e = 0; e < band.count; e++) {
            if (band.first + e == i)
                pivot = w[e];
            else
                z -= w[e] * joint_off(joint, theta, band.first + e);
        }
        theta[joint->index[i]] = joint->mean[i] + z / pivot;
    }
}

/* ---- a covariance or a precision ---- */

static struct joint_band dense_root(const struct joint *joint, size_t i)
{
    const size_t first = joint->upper ? i : 0;

    return (struct joint_band){.first = first,
                               .count = joint->upper ? joint->k - i : i + 1,
                               .values = joint->W + i * joint->k + first};
}

static const char *what(const struct joint_matrix *matrix)
{
    return matrix->precision ? "precision" : "covariance";
}

/* The matrix into symmetric, or what is wrong with it. */
static mxp_status take_symmetric(double *symmetric, const struct joint_matrix *matrix, size_t k,
                                 struct place place, mxp_error *error)
{
    static const double tolerance = 1e-8;
    const double *A = matrix->values;

    for (size_t i = 0; i < k * k; i++)
        if (!isfinite(A[i]))
            return FAIL_AT(error, place, MXP_CONFIG, "%s: row %zu, column %zu is not finite",
                           what(matrix), i / k + 1, i % k + 1);
    for (size_t i = 0; i < k; i++) {
        if (!(A[i * k + i] > 0.0))
            return FAIL_AT(error, place, MXP_CONFIG,
                           "%s: row %zu, column %zu is %.15g: the diagonal has to be above 0",
                           what(matrix), i + 1, i + 1, A[i * k + i]);
        for (size_t j = 0; j <= i; j++) {
            const double a = A[i * k + j], b = A[j * k + i];
            if (fabs(a - b) > tolerance * sqrt(A[i * k + i]) * sqrt(A[j * k + j]))
                return FAIL_AT(error, place, MXP_CONFIG,
                               "%s: row %zu, column %zu is %.15g, but row %zu, column %zu is %.15g",
                               what(matrix), i + 1, j + 1, a, j + 1, i + 1, b);
            symmetric[i * k + j] = symmetric[j * k + i] = 0.5 * a + 0.5 * b;
        }
    }
    return MXP_OK;
}

/* Q = S R'R S: W = R S, an upper triangle. */
static void root_of_precision(double *W, const struct factor *factor)
{
    const size_t k = factor->k;

    for (size_t i = 0; i < k; i++)
        for (size_t j = i; j < k; j++)
            W[i * k + j] = factor->R[i + j * k] * factor->scale[j];
}

/* Q^-1 = S R'R S: W = R^-T S^-1, a lower triangle; its row i is column i of R^-1. */
static void root_of_covariance(double *W, const struct factor *factor)
{
    const size_t k = factor->k;

    for (size_t i = 0; i < k; i++) {
        double *row = W + i * k;
        row[i] = 1.0;
        la_triangle_solve(row, factor->R, k, i + 1, false);
        for (size_t j = 0; j <= i; j++)
            row[j] /= factor->scale[j];
    }
}

mxp_status joint_take_matrix(struct joint *joint, const struct joint_matrix *matrix,
                             struct place place, mxp_error *error)
{
    const size_t k = joint->k;
    struct factor *factor = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&joint->W, k, k, error));
    TRY(status = mem_doubles(&joint->Q, k, k, error));
    TRY(status = take_symmetric(joint->Q, matrix, k, place, error));
    TRY(status = factor_cholesky(&factor, joint->Q, k, k, error));
    if (!(factor->rcond > (double)k * DBL_EPSILON)) {
        status = FAIL_AT(error, place, MXP_CONFIG,
                         "%s: not positive definite (reciprocal condition %.2g, scaled to a unit "
                         "diagonal)",
                         what(matrix), factor->rcond);
        goto out;
    }
    joint->upper = matrix->precision;
    if (matrix->precision) {
        root_of_precision(joint->W, factor);
    } else {
        root_of_covariance(joint->W, factor);
        factor_inverse(joint->Q, k, factor);
    }
    joint->log_normaliser = (double)k * SPECIAL_LOG_SQRT_2PI +
                            (matrix->precision ? -0.5 : 0.5) * factor_log_det(factor);
out:
    factor_free(factor);
    return status;
}

const struct joint_row joint_gaussian = {
    .name = "gaussian",
    .help = "correlated normal with a covariance or a precision matrix",
    .arguments = {{"mean", JOINT_ANY, 0.0}},
    .argument_count = 1,
    .flags = JOINT_MATRIX,
    .mean = 0,
    .least = 1,
    .value = joint_root_value,
    .gradient = joint_root_gradient,
    .curvature = joint_root_curvature,
    .diagonal = joint_root_diagonal,
    .draw = joint_root_draw,
    .root = dense_root,
};

/* ---- the factor of a soft linear constraint ---- */

static double constraint_log_normaliser(const struct joint *joint)
{
    return log(joint->a[1]) + SPECIAL_LOG_SQRT_2PI;
}

static struct joint_band constraint_root(const struct joint *joint, size_t i)
{
    (void)i;
    return (struct joint_band){.count = joint->k, .values = joint->W};
}

/* (c'theta - m) / s; the mean is not one of theta. */
static double constraint_excess(const struct joint *joint, const double *theta)
{
    double sum = -joint->a[0] / joint->a[1];

    for (size_t j = 0; j < joint->k; j++)
        sum += joint->W[j] * theta[joint->index[j]];
    return sum;
}

static double constraint_value(const struct joint *joint, const double *theta)
{
    const double z = constraint_excess(joint, theta);
    return 0.5 * z * z;
}

static void constraint_gradient(double *gradient, const struct joint *joint, const double *theta)
{
    const double z = constraint_excess(joint, theta);

    for (size_t j = 0; j < joint->k; j++)
        gradient[joint->index[j]] += joint->W[j] * z;
}

const struct joint_row joint_constraint = {
    .name = "constraint",
    .help = "a linear combination of terms is normal",
    .arguments = {{"mean", JOINT_ANY, NAN}, {"sd", JOINT_ABOVE_ZERO, NAN}},
    .argument_count = 2,
    .flags = JOINT_IMPROPER | JOINT_FACTOR,
    .mean = -1,
    .least = 1,
    .log_normaliser = constraint_log_normaliser,
    .value = constraint_value,
    .gradient = constraint_gradient,
    .curvature = joint_root_curvature,
    .diagonal = joint_root_diagonal,
    .root = constraint_root,
};
