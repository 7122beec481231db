#include "fit/sweep_parts.h"
#include "base/hot.h"
#include "model/product.h"

#include <math.h>
#include <string.h>

HOT static double half_squares(double *d1, const double *eta, const double *y, const double *w,
                               size_t n)
{
    double sum = 0.0;

#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) {
        const double r = eta[i] - y[i], wr = w[i] * r;
        d1[i] = wr;
        sum += wr * r;
    }
    return 0.5 * sum;
}

/* -w times the family's derivatives; a row without weight may be anything. */
static double weigh(double *d1, double *h, const double *value, const double *w, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++) {
        if (w[i] == 0.0) {
            d1[i] = h[i] = 0.0;
            continue;
        }
        sum -= w[i] * value[i];
        d1[i] *= -w[i];
        h[i] *= -w[i];
    }
    return isfinite(sum) ? sum : INFINITY;
}

/* Rows first..first + m - 1 at s->eta: value becomes each row's share of L. */
static mxp_status rows_block(void *user, size_t first, size_t m, mxp_error *error)
{
    struct sweep *s = user;
    const struct mxp_problem *problem = s->problem;

    if (s->quadratic) {
        memset(s->value + first, 0, m * sizeof *s->value);
        s->value[first] =
            half_squares(s->d1 + first, s->eta + first, problem->y + first, s->weight + first, m);
        return MXP_OK;
    }
    const struct response response = problem_response(problem, first);
    struct family_out out = {.value = s->value + first, .d1 = s->d1 + first, .d2 = s->h + first};
    const mxp_status status =
        problem->family->eval(&out, problem->link, &response, s->eta + first, m, s->psi,
                              FAMILY_VALUE | FAMILY_D1 | FAMILY_D2, error);

    if (status == MXP_OK)
        s->value[first] = weigh(out.d1, out.d2, out.value, s->weight + first, m);
    if (status == MXP_OK)
        memset(s->value + first + 1, 0, (m - 1) * sizeof *s->value);
    return status;
}

/* The blocks' shares, in their order. */
static double add_up(const double *value, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += value[i];
    return isfinite(sum) ? sum : INFINITY;
}

mxp_status sweep_rows(struct sweep *s, mxp_error *error)
{
    if (s->quadratic) {
        s->loss = half_squares(s->d1, s->eta, s->problem->y, s->weight, s->n);
        return MXP_OK;
    }
    const mxp_status status = rows_block(s, 0, s->n, error);
    if (status == MXP_OK)
        s->loss = add_up(s->value, s->n);
    return status;
}

double sweep_half_squares(double *d1, const struct sweep *s, const double *eta)
{
    return half_squares(d1, eta, s->problem->y, s->weight, s->n);
}

mxp_status sweep_pass(struct sweep *s, const double *delta, mxp_error *error)
{
    const struct product_pass pass = {
        .rows = rows_block, .user = s, .t = delta, .v = s->eta, .r = s->d1};
    const mxp_status status =
        product_pass(s->m_q, s->problem, s->set, s->count, &pass, s->options.threads, error);

    s->passes++;
    if (status == MXP_OK)
        s->loss = add_up(s->value, s->n);
    return status;
}

double sweep_row_gap(const struct sweep *s, double loss, const double *d1, double by)
{
    const struct design *design = s->problem->design;
    double sum = loss;

    for (size_t i = 0; i < s->n; i++) {
        const double w = s->weight[i], y = s->problem->y[i];
        if (w == 0.0)
            continue;
        const double u = by * d1[i] / w;
        const double conjugate = s->quadratic
                                     ? u * (y + 0.5 * u)
                                     : s->problem->family->conjugate(
                                           u, y, design->trials ? design->trials[i] : 1.0, s->psi);
        sum += w * (conjugate - (design->offset ? u * design->offset[i] : 0.0));
    }
    return sum;
}
