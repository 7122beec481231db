#include "fit/refine.h"
#include "base/mem.h"
#include "num/twofold.h"

#include <math.h>
#include <string.h>

/* The normal equations A x = b, k x k lower triangle column-major, in doubled precision. */
struct normal {
    size_t k;
    struct twofold *A, *b, *z;
};

/* The exact entry of a solver column: (x - shift) / scale without rounding in between. */
static struct twofold entry(const struct mxp_problem *problem, size_t j, size_t row)
{
    if (j < problem->first_column)
        return twofold_of(1.0);
    const struct parameter *p = &problem->parameter[j];
    const double x = problem->design->column[j - problem->first_column][row];
    const struct twofold centred = twofold_difference(x, p->shift);
    return p->scale == 1.0 ? centred : twofold_over(centred, twofold_of(p->scale));
}

static void add_row(struct normal *normal, const struct mxp_problem *problem, size_t row)
{
    const struct design *design = problem->design;
    const size_t k = normal->k;
    struct twofold y = twofold_of(design->y[row]);
    const struct twofold weight = twofold_of(design->weights ? design->weights[row] : 1.0);

    if (design->offset)
        y = twofold_difference(design->y[row], design->offset[row]);
    for (size_t j = 0; j < k; j++)
        normal->z[j] = entry(problem, j, row);
    for (size_t j = 0; j < k; j++) {
        const struct twofold wz = twofold_times(weight, normal->z[j]);
        normal->b[j] = twofold_add(normal->b[j], twofold_times(wz, y));
        for (size_t i = j; i < k; i++)
            normal->A[i + j * k] =
                twofold_add(normal->A[i + j * k], twofold_times(wz, normal->z[i]));
    }
}

/* Multiplies the priors by sigma^2 instead of dividing the data: A += sigma^2 Lambda.  *flat:
 * whether that was nothing. */
static mxp_status add_priors(struct normal *normal, bool *flat, const struct mxp_problem *problem,
                             double sigma, mxp_error *error)
{
    const size_t k = normal->k;
    double *at = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&at, 3, k, error));
    struct prior_sums sums = {.gradient = at + k, .diagonal = at + 2 * k};
    problem_prior_at(&sums, problem, at, sigma); /* at 0: gradient = -precision * mean */
    const struct twofold variance = twofold_times(twofold_of(sigma), twofold_of(sigma));
    *flat = true;
    for (size_t j = 0; j < k; j++) {
        *flat = *flat && at[2 * k + j] == 0.0;
        normal->A[j + j * k] =
            twofold_add(normal->A[j + j * k], twofold_times(variance, twofold_of(at[2 * k + j])));
        normal->b[j] = twofold_add(normal->b[j], twofold_times(variance, twofold_of(-at[k + j])));
    }
out:
    free(at);
    return status;
}

/* Cholesky and both solves in place; false where a pivot is not positive. */
static bool solve(struct normal *normal)
{
    const size_t k = normal->k;
    struct twofold *A = normal->A, *b = normal->b;

    for (size_t j = 0; j < k; j++) {
        for (size_t p = 0; p < j; p++)
            for (size_t i = j; i < k; i++)
                A[i + j * k] = twofold_add(
                    A[i + j * k], twofold_negative(twofold_times(A[i + p * k], A[j + p * k])));
        if (!(A[j + j * k].high > 0.0))
            return false;
        A[j + j * k] = twofold_root(A[j + j * k]);
        for (size_t i = j + 1; i < k; i++)
            A[i + j * k] = twofold_over(A[i + j * k], A[j + j * k]);
    }
    for (size_t j = 0; j < k; j++) {
        for (size_t i = 0; i < j; i++)
            b[j] = twofold_add(b[j], twofold_negative(twofold_times(A[j + i * k], b[i])));
        b[j] = twofold_over(b[j], A[j + j * k]);
    }
    for (size_t j = k; j-- > 0;) {
        for (size_t i = j + 1; i < k; i++)
            b[j] = twofold_add(b[j], twofold_negative(twofold_times(A[i + j * k], b[i])));
        b[j] = twofold_over(b[j], A[j + j * k]);
    }
    return true;
}

/* R = L' of the normal equations, which are those of the likelihood alone. */
static void give_triangle(double *R, const struct normal *normal)
{
    const size_t k = normal->k;

    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i <= j; i++)
            R[i + j * k] = normal->A[j + i * k].high;
}

mxp_status refine_least_squares(struct state *state, struct point *point, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const size_t k = problem->k, n = problem->n;
    struct normal normal = {.k = k};
    double psi[FAMILY_AUX_MAX];
    bool flat;
    mxp_status status = MXP_OK;

    const double work = ((double)n + (double)k) * (double)k * (double)k;
    if (work > (state->triangle ? 1e8 : 1e6))
        return MXP_OK;
    TRY(status = MEM_NEW(&normal.A, k * (k + 2), error));
    normal.b = normal.A + k * k;
    normal.z = normal.b + k;
    for (size_t row = 0; row < n; row++)
        add_row(&normal, problem, row);
    state->passes++;
    problem_psi(psi, problem, point->theta);
    TRY(status = add_priors(&normal, &flat, problem, psi[0], error));
    if (!solve(&normal))
        goto out;
    for (size_t j = 0; j < k; j++) {
        const struct twofold t = twofold_normal(normal.b[j].high, normal.b[j].low);
        point->theta[j] = t.high;
        point->rest[j] = t.low;
    }
    if (state->triangle && flat)
        give_triangle(state->triangle, &normal);
    state->refined = true;
out:
    free(normal.A);
    return status;
}
