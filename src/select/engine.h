/* What solves the points of a path: a table of two, the sweep for one eta column and a generic one
 * that refits the problem with its priors rescaled. */
#ifndef MAXPOST_ENGINE_H
#define MAXPOST_ENGINE_H

#include "select/setup.h"

struct engine_options {
    double tolerance;      /* bound on the residuals in posterior sds */
    size_t max_iterations; /* at a point */
    int threads;
    const double
        *gram; /* of all columns, where sweep_is_whole; NULL: the engine makes what it needs */
};

struct engine {
    const char *name;
    bool (*fits)(const struct mxp_problem *problem, const struct setup *setup);
    /* Solves the empty model.  problem and setup have to outlive the engine; only its rows, columns
     * and bounds are looked at, never its priors, but for those that stay.
     * Errors: NO_MODE, NUMERIC, MEMORY. */
    mxp_status (*start)(void **self, const struct mxp_problem *problem, const struct setup *setup,
                        const struct engine_options *options, mxp_error *error);
    /* The smallest penalty at which every moving coefficient with an l1 sits at its centre; without
     * l1 where a lasso with a thousandth of the penalty would be empty. */
    double (*largest)(const void *self);
    /* Points in falling order, kkt at noise 1 in families with noise; *done of them. */
    mxp_status (*solve)(struct sweep_point *points, size_t *done, void *self, const double *lambdas,
                        size_t count, const volatile int *stop, mxp_error *error);
    void (*free)(void *self);
};

/* The first row that fits; the last always does. */
const struct engine *engine_choose(const struct mxp_problem *problem, const struct setup *setup);

extern const struct engine engine_sweep, engine_generic;

#endif
