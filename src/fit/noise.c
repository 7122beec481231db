#include "fit/noise.h"

#include <math.h>

struct noise_terms noise_terms(const struct mxp_problem *problem, const double *theta, double rss)
{
    const struct prior *prior = problem->r ? &problem->parameter[problem->k].prior
                                           : &problem->model->auxiliary_prior[0].prior;
    const bool improper = prior->row->flags & PRIOR_IMPROPER;
    struct noise_terms terms = {.count = problem->design->weight_sum,
                                .square = rss,
                                .prior = prior,
                                .jacobian = improper || problem->model->mode_natural ? 0.0 : 1.0};

    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        if (!p->scaled)
            continue;
        const double z = (theta[j] - p->prior.a[0]) / p->prior.a[p->prior.row->scale];
        terms.count += 1.0;
        if (p->prior.row->kink_weight)
            terms.absolute += fabs(z);
        else
            terms.square += z * z;
    }
    return terms;
}

/* First and second derivative of J in u. */
static void derivatives(double *first, double *second, const struct noise_terms *t, double u)
{
    const double square = t->square * exp(-2.0 * u), absolute = t->absolute * exp(-u);

    *first = t->count - square - absolute - t->jacobian;
    *second = 2.0 * square + absolute;
    if (!(t->prior->row->flags & PRIOR_IMPROPER)) {
        const double sigma = exp(u);
        double d[3];
        t->prior->row->derivatives(t->prior->a, sigma, d);
        *first -= sigma * d[0];
        *second -= sigma * d[0] + sigma * sigma * d[1];
    }
}

double noise_mode(const struct noise_terms *terms)
{
    double first, second, low = -700.0, high = 700.0;
    double u = terms->square > 0.0 ? 0.5 * log(terms->square / terms->count) : 0.0;

    for (int n = 0; n < 200; n++) {
        derivatives(&first, &second, terms, u);
        if (first > 0.0)
            high = u;
        else
            low = u;
        double next = second > 0.0 ? u - first / second : 0.5 * (low + high);
        if (fabs(next - u) <= 4e-16 * fmax(1.0, fabs(u)))
            return next;
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        u = next;
    }
    return u < -690.0 ? -INFINITY : u;
}
