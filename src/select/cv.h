/* Cross-validation along a path. */
#ifndef MAXPOST_CV_H
#define MAXPOST_CV_H

#include "select/engine.h"

struct cv_request {
    const struct mxp_problem *problem;
    const struct setup *setup;
    const struct engine *engine;
    struct engine_options options;
    const unsigned *fold; /* n: 0..folds-1 */
    size_t folds;
    const double *lambdas; /* count, of the whole data */
    size_t count;
    const volatile int *stop;
    void (*progress)(void *told, const char *what, size_t done, size_t all); /* NULL: none */
    void *told;
};

struct cv {
    struct cv_fold *fold; /* folds of them; see cv.c */
    double *loss, *se;    /* count */
    bool stopped;
};

/* Each fold's path without its rows, in parallel, and the deviance of its rows there.
 *
 * A penalty stays the same strength per row: without a fold it is lambda W_f / W, with W the sum of
 * row weights (of weight times trials) of all rows and W_f of those kept, as tools do that divide
 * their loss by the number of rows.  Means and sds of the columns are those of the rows kept.
 *
 * A row's deviance is that of one trial, twice the log density that it falls short of its best; the
 * squared error in the gaussian family.  loss: the weighted mean over all rows.  se: with m_f and
 * v_f the mean and the weight of fold f, sqrt(sum v_f (m_f - loss)^2 / sum v_f / (folds - 1)), the
 * formula of glmnet.
 *
 * Errors: those of the engine and of views, with the fold in front.  Memory: the rows of one fold a
 * fold, and the nonzero coefficients of every point. */
MXP_MUST_CHECK mxp_status cv_run(struct cv *cv, const struct cv_request *request, mxp_error *error);
/* Linear predictors of all rows at point i, each by the path without it: n x q. */
MXP_MUST_CHECK mxp_status cv_predict(double *eta, const struct cv *cv,
                                     const struct cv_request *request, size_t i, mxp_error *error);
void cv_clear(struct cv *cv, size_t folds);

#endif
