/* Auxiliary parameters that run to the ends of their scale. */
#include "base/str.h"
#include "fit/nomode.h"

#include <math.h>
#include <string.h>

/* Beyond these a parameter is where its limit is, for all that rounding leaves of the difference:
 * counts of size 1e6 times their mean, a t distribution of 1e6 degrees of freedom; relative errors
 * of 1e-6; noise of 1e-9 sds of the response. */
static double largest(const struct mxp_problem *problem, const struct family_auxiliary *auxiliary)
{
    if (strcmp(auxiliary->limit, "an exact fit") == 0)
        return 1e12;
    return 1e6 * fmax(1.0, fabs(problem->design->y_mean));
}

static const double smallest = 1e-9;

static mxp_status runs_up(const struct family_auxiliary *auxiliary, mxp_error *error)
{
    return FAIL(error, MXP_NO_MODE,
                "no mode: %s runs to infinity, where the model is %s, because the data show no "
                "more spread than that; use that family, fix %s, or give it a prior",
                auxiliary->name, auxiliary->limit, auxiliary->name);
}

static mxp_status runs_down(const struct family_auxiliary *auxiliary, mxp_error *error)
{
    return FAIL(error, MXP_NO_MODE,
                "no mode: %s runs to 0, because the parameters can fit the rows exactly and "
                "nothing in its prior forbids it; fix it (%s: a number) or give it a prior that "
                "vanishes at 0",
                auxiliary->name, auxiliary->name);
}

mxp_status nomode_auxiliary(const struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const double sd = problem->design->y_offset_sd > 0.0 ? problem->design->y_offset_sd : 1.0;

    for (size_t s = 0; s < problem->r; s++) {
        const size_t j = problem->k + s;
        const struct family_auxiliary *auxiliary =
            &problem->family->auxiliary[problem->auxiliary[s]];
        const double psi = exp(state->now->theta[j]), slope = state->now->gradient[j];
        const bool flat = prior_is_flat(&problem->parameter[j].prior);
        if (auxiliary->limit && flat && slope < 0.0 && psi > largest(problem, auxiliary))
            return runs_up(auxiliary, error);
        if (!auxiliary->limit && slope > 0.0 && psi < smallest * sd)
            return runs_down(auxiliary, error);
    }
    return MXP_OK;
}
