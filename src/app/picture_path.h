/* Two pictures of a path: its coefficients, and its loss by cross-validation. */
#ifndef MAXPOST_PICTURE_PATH_H
#define MAXPOST_PICTURE_PATH_H

#include "app/report.h"
#include "base/str.h"

/* The coefficients, each times the sd of its column, against the penalty; the largest are named.
 * Nothing where no coefficient leaves its prior's centre.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status picture_path(struct str *svg, const struct report *report,
                                       mxp_error *error);
/* The loss with its standard errors; nothing without folds.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status picture_cv(struct str *svg, const struct report *report,
                                     mxp_error *error);

#endif
