/* Deviances: 2 (log-likelihood of the saturated model - log-likelihood), at the mode's auxiliary
 * parameters; McCullagh & Nelder (1989), section 2.3. */
#include "app/report.h"
#include "app/report_parts.h"
#include "model/deviance.h"

#include <math.h>

mxp_status report_deviance(struct report_scores *scores, const struct report *report,
                           mxp_error *error)
{
    double psi[FAMILY_AUX_MAX], null_value;
    mxp_status status;

    report_psi(psi, report);
    const double best = deviance_saturated(report->problem, psi);
    scores->deviance = 2.0 * (best - report->fit.log_likelihood);
    TRY(status = deviance_null(&null_value, &scores->null_reason, report->problem, psi, error));
    scores->null_deviance = 2.0 * (best - null_value);
    if (scores->null_deviance > 0.0)
        scores->deviance_explained = 1.0 - scores->deviance / scores->null_deviance;
out:
    return status;
}
