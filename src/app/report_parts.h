/* What the files of a report share about its rows. */
#ifndef MAXPOST_REPORT_PARTS_H
#define MAXPOST_REPORT_PARTS_H

#include "app/report.h"
#include "base/mem.h"

static inline double report_weight(const struct design *design, size_t i)
{
    return design->weights ? design->weights[i] : 1.0;
}

static inline double report_offset(const struct design *design, size_t i)
{
    return design->offset ? design->offset[i] : 0.0;
}

/* The sum of the weights of each class; release with free.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status report_class_weights(double **sums, const struct design *design,
                                               mxp_error *error);
/* The deviance, that of the null model, and what share is explained.  Errors: MEMORY.
 * Cost: a few passes over the responses. */
MXP_MUST_CHECK mxp_status report_deviance(struct report_scores *scores, const struct report *report,
                                          mxp_error *error);

#endif
