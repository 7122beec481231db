/* The inside of mxp_path, and views of it for reports. */
#ifndef MAXPOST_SELECT_PATH_H
#define MAXPOST_SELECT_PATH_H

#include "base/str.h"
#include "select/setup.h"

struct mxp_path {
    const struct mxp_problem *problem; /* borrowed */
    struct setup *setup;
    double *lambda;
    size_t asked, done;
    bool stopped;
    struct sweep_point *sweep; /* asked of them; done are filled */
    mxp_path_point *point;
    unsigned *fold; /* n; NULL: no folds */
    double *held;   /* n x q */
    size_t min, chosen;
    double null, saturated; /* log-likelihoods; gaussian: L of the intercept alone, and 0 */
};

/* What moves: "l1", "l2" or "elastic_net"; static. */
const char *path_penalty(const mxp_path *path);
/* The prior at point i of a coefficient whose relative scale is 1, with a's numbers. */
struct prior path_prior(const mxp_path *path, size_t i);
/* The terms of point i that are not at their prior's centre, and the free ones, ascending; index has
 * room for all coefficients.  Returns how many. */
size_t path_away(size_t *index, const mxp_path *path, size_t i);

#endif
