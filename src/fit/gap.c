#include "fit/gap.h"
#include "base/mem.h"
#include "model/rows.h"
#include "num/factor.h"

#include <math.h>
#include <string.h>

struct dual_point {
    double *eta, *nu, *h, *xa; /* n */
    double *product;           /* k: z_j'nu */
    double psi[FAMILY_AUX_MAX];
    double *storage;
};

/* eta, nu = derivative of L and h = its curvature, by row. */
static mxp_status take_rows(struct dual_point *dual, const struct point *point,
                            const struct mxp_problem *problem, mxp_error *error)
{
    const size_t n = problem->n;
    const double *w = problem->design->weights;
    mxp_status status;

    TRY(status = mem_doubles(&dual->storage, 4 * n + problem->k, 1, error));
    dual->eta = dual->storage;
    dual->nu = dual->eta + n;
    dual->h = dual->nu + n;
    dual->xa = dual->h + n;
    dual->product = dual->xa + n;
    problem_psi(dual->psi, problem, point->theta);
    rows_predictor(dual->eta, problem, point->theta);
    struct family_out out = {.value = dual->xa, .d1 = dual->nu, .d2 = dual->h};
    const struct response response = problem_response(problem, 0);
    TRY(status = problem->family->eval(&out, problem->link, &response, dual->eta, n, dual->psi,
                                       FAMILY_VALUE | FAMILY_D1 | FAMILY_D2, error));
    for (size_t i = 0; i < n; i++) {
        dual->nu[i] *= w ? -w[i] : -1.0;
        dual->h[i] *= w ? -w[i] : -1.0;
    }
out:
    return status;
}

/* nu <- nu - h Z_F a with Z_F'nu = 0 afterwards. */
static mxp_status project(struct dual_point *dual, const struct point *point,
                          const struct mxp_problem *problem, size_t *passes, mxp_error *error)
{
    size_t *set = NULL, f = 0;
    double *G = NULL, *a = NULL;
    struct factor *factor = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&set, problem->k, error));
    for (size_t j = 0; j < problem->k; j++)
        if (problem->parameter[j].prior.row->flags & PRIOR_IMPROPER)
            set[f++] = j;
    if (f == 0)
        goto out;
    TRY(status = mem_doubles(&G, f, f + 1, error));
    TRY(status = mem_doubles(&a, problem->d, 1, error));
    double *rhs = G + f * f;
    struct rows_sums sums = {.gram = G};
    const struct rows_request request = {.want = ROWS_GRAM,
                                         .theta = point->theta,
                                         .psi = dual->psi,
                                         .columns = set,
                                         .column_count = f};
    TRY(status = rows_sum(&sums, problem, &request, error));
    TRY(status = factor_cholesky(&factor, G, f, f, error));
    if (factor->rcond == 0.0)
        goto out;
    for (int n = 0; n < 2; n++) { /* twice is enough */
        rows_transposed(dual->product, problem, dual->nu);
        for (size_t i = 0; i < f; i++)
            rhs[i] = dual->product[set[i]];
        factor_solve(rhs, factor);
        for (size_t i = 0; i < f; i++)
            a[set[i]] = rhs[i];
        rows_direction(dual->xa, problem, a);
        for (size_t i = 0; i < problem->n; i++)
            dual->nu[i] -= dual->h[i] * dual->xa[i];
    }
    *passes += 5;
out:
    factor_free(factor);
    free(a);
    free(G);
    free(set);
    return status;
}

/* Conjugate of coordinate j's prior part at v, without its constant; l1 and curvature lambda. */
static double prior_conjugate(double v, double l1, double m, double lambda)
{
    if (lambda > 0.0) {
        const double excess = fmax(0.0, fabs(v) - l1);
        return m * v + 0.5 * excess * excess / lambda;
    }
    return m * v;
}

/* The part of the prior that has no constant: l1 |t - m| + lambda (t - m)^2 / 2. */
static double prior_part(double t, double l1, double m, double lambda)
{
    return l1 * fabs(t - m) + 0.5 * lambda * (t - m) * (t - m);
}

static double coordinate_gap(const struct point *point, const struct mxp_problem *problem,
                             const double *product, double s)
{
    double gap = 0.0;

    for (size_t j = 0; j < problem->k; j++) {
        const struct prior *prior = &problem->parameter[j].prior;
        const double v = -s * product[j], t = point->theta[j], lambda = point->prior_diagonal[j];
        double l1, m;
        problem_kink(&l1, &m, problem, j, point->theta);
        if (l1 == 0.0)
            m = prior->a[0];
        if (prior->row->flags & PRIOR_IMPROPER)
            gap += fabs(v * t); /* v is 0 up to rounding */
        else
            gap += prior_part(t, l1, m, lambda) + prior_conjugate(v, l1, m, lambda);
    }
    return gap;
}

/* Sum of w (-log f(eta) + conj(s u) - s u o): what the likelihood adds to the gap. */
static double row_gap(const struct mxp_problem *problem, const struct dual_point *dual, double s)
{
    const struct design *design = problem->design;
    double sum = 0.0;

    for (size_t i = 0; i < problem->n; i++) {
        const double w = design->weights ? design->weights[i] : 1.0;
        if (w == 0.0)
            continue;
        const double u = s * dual->nu[i] / w;
        sum += w * (problem->family->conjugate(
                        u, design->y[i], design->trials ? design->trials[i] : 1.0, dual->psi) -
                    u * (design->offset ? design->offset[i] : 0.0));
    }
    return sum;
}

mxp_status gap_compute(double *gap, size_t *passes, const struct point *point,
                       const struct mxp_problem *problem, mxp_error *error)
{
    struct dual_point dual = {0};
    double s = 1.0;
    mxp_status status = MXP_OK;

    *gap = NAN;
    if (!problem->concave || problem->q > 1 || problem->link > 0 || !problem->family->conjugate)
        return MXP_OK;
    TRY(status = take_rows(&dual, point, problem, error));
    TRY(status = project(&dual, point, problem, passes, error));
    rows_transposed(dual.product, problem, dual.nu);
    *passes += 2;
    for (size_t j = 0; j < problem->k; j++) {
        double l1, m;
        problem_kink(&l1, &m, problem, j, point->theta);
        if (l1 > 0.0 && point->prior_diagonal[j] == 0.0 && fabs(dual.product[j]) * s > l1)
            s = l1 / fabs(dual.product[j]);
    }
    *gap = -point->log_likelihood + row_gap(problem, &dual, s) +
           coordinate_gap(point, problem, dual.product, s);
    *gap = isfinite(*gap) ? fmax(0.0, *gap) : NAN;
out:
    free(dual.storage);
    return status;
}
