#include "model/problem_view.h"
#include "base/mem.h"

#include <string.h>

void problem_view_free(struct mxp_problem *view)
{
    if (!view)
        return;
    if (view->design) {
        free(view->design->own_weights);
        free(view->design->mean);
        free(view->design->sd);
        free(view->design);
    }
    free(view->relative);
    free(view->parameter);
    free(view);
}

static mxp_status copy(double **to, const double *from, size_t count, mxp_error *error)
{
    const mxp_status status = mem_doubles(to, count, 1, error);

    if (status == MXP_OK)
        memcpy(*to, from, count * sizeof **to);
    return status;
}

/* The design with other weights; what it owns is in own_weights, mean and sd. */
static mxp_status reweigh(struct design *design, const double *weights, mxp_error *error)
{
    mxp_status status;

    TRY(status = copy(&design->own_weights, weights, design->rows, error));
    design->weights = design->own_weights;
    design->weight_sum = 0.0;
    for (size_t i = 0; i < design->rows; i++)
        design->weight_sum += weights[i];
    if (!(design->weight_sum > 0.0))
        return FAIL(error, MXP_DATA, "no row with a weight is left");
    TRY(status = design_take_moments(design, 1, error));
out:
    return status;
}

static mxp_status view_design(struct mxp_problem *view, const struct design *base,
                              const double *weights, mxp_error *error)
{
    mxp_status status;

    TRY(status = MEM_NEW(&view->design, 1, error));
    *view->design = *base;
    view->design->own_weights = view->design->mean = view->design->sd = NULL;
    if (weights)
        return reweigh(view->design, weights, error);
    TRY(status = copy(&view->design->mean, base->mean, base->columns, error));
    TRY(status = copy(&view->design->sd, base->sd, base->columns, error));
out:
    return status;
}

mxp_status problem_view(struct mxp_problem **view, const struct mxp_problem *base,
                        const double *weights, mxp_error *error)
{
    struct mxp_problem *v = NULL;
    mxp_status status;

    if (base->joints || base->equality)
        return FAIL(error, MXP_CONFIG,
                    "priors of groups and constraints are not done on parts of "
                    "the rows yet");
    TRY(status = MEM_NEW(&v, 1, error));
    *v = *base;
    v->design = NULL;
    v->parameter = NULL;
    v->relative = NULL;
    TRY(status = view_design(v, base->design, weights, error));
    TRY(status = MEM_NEW(&v->parameter, base->k + base->r, error));
    memcpy(v->parameter, base->parameter, (base->k + base->r) * sizeof *v->parameter);
    if (base->relative) {
        TRY(status = MEM_NEW(&v->relative, base->k, error));
        memcpy(v->relative, base->relative, base->k * sizeof *v->relative);
    }
    if (weights)
        problem_place_columns(v);
    *view = v;
    v = NULL;
out:
    problem_view_free(v);
    return status;
}
