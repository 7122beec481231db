/* What deviances are made of: the log-likelihoods of the saturated model and of the one that is an
 * intercept alone; McCullagh & Nelder (1989), section 2.3. */
#ifndef MAXPOST_DEVIANCE_H
#define MAXPOST_DEVIANCE_H

#include "model/problem.h"

/* Weighted log-likelihood of the model that has a predictor for every row. */
double deviance_saturated(const struct mxp_problem *problem, const double *psi);
/* Weighted log-likelihood of an intercept alone, of nothing where the model has none; with the
 * offset.  NAN, and *why in words, where that is not known.  Errors: MEMORY, those of the family. */
MXP_MUST_CHECK mxp_status deviance_null(double *value, const char **why,
                                        const struct mxp_problem *problem, const double *psi,
                                        mxp_error *error);

#endif
