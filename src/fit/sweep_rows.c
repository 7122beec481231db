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
        const double by = w ? w[i] : 1.0;
        if (by == 0.0) {
            d1[i] = h[i] = 0.0;
            continue;
        }
        sum -= by * value[i];
        d1[i] *= -by;
        h[i] *= -by;
    }
    return isfinite(sum) ? sum : INFINITY;
}

mxp_status sweep_rows(double *loss, double *d1, double *h, struct sweep *s, const double *eta,
                      mxp_error *error)
{
    const struct mxp_problem *problem = s->problem;
    const struct response response = problem_response(problem, 0);
    struct family_out out = {.value = s->value, .d1 = d1, .d2 = h};

    if (s->quadratic) {
        *loss = half_squares(d1, eta, problem->y, s->weight, s->n);
        return MXP_OK;
    }
    const mxp_status status =
        problem->family->eval(&out, problem->link, &response, eta, s->n, s->psi,
                              FAMILY_VALUE | FAMILY_D1 | FAMILY_D2, error);
    if (status == MXP_OK)
        *loss = weigh(d1, h, s->value, problem->design->weights, s->n);
    return status;
}

mxp_status sweep_refresh(struct sweep *s, mxp_error *error)
{
    double *t = s->m_t;
    mxp_status status;

    memcpy(s->eta, s->base_eta, s->n * sizeof *s->eta);
    for (size_t a = 0; a < s->count; a++)
        t[a] = s->theta[s->set[a]] - s->centre[s->set[a]];
    TRY(status = product_predictor(s->eta, s->problem, s->set, s->count, t, 1, s->options.threads,
                                   error));
    TRY(status = sweep_rows(&s->loss, s->d1, s->h, s, s->eta, error));
    s->passes++;
out:
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
