#include "model/link.h"
#include "num/special.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

bool link_mean(struct link_location *location, enum link link, double eta)
{
    struct link_location at;
    double mean;

    switch (link) {
    case LINK_IDENTITY:
        at = (struct link_location){.mean = eta, .d1 = 1.0};
        break;
    case LINK_LOG:
        mean = exp(eta);
        at = (struct link_location){.mean = mean, .d1 = mean, .d2 = mean, .d3 = mean};
        break;
    case LINK_INVERSE:
        mean = 1.0 / eta;
        at = (struct link_location){.mean = mean,
                                    .d1 = -mean * mean,
                                    .d2 = 2.0 * mean * mean * mean,
                                    .d3 = -6.0 * mean * mean * mean * mean};
        break;
    case LINK_SQRT:
        if (!(eta > 0.0))
            return false;
        at = (struct link_location){.mean = eta * eta, .d1 = 2.0 * eta, .d2 = 2.0};
        break;
    default:
        return false;
    }
    if (!isfinite(at.mean))
        return false;
    at.at = at.mean;
    *location = at;
    return true;
}

bool link_log_mean(struct link_location *location, enum link link, double eta)
{
    double power; /* mean = eta^power */

    if (link == LINK_LOG) {
        *location = (struct link_location){.mean = exp(eta), .at = eta, .d1 = 1.0};
        return isfinite(eta);
    }
    if (!(eta > 0.0))
        return false;
    switch (link) {
    case LINK_IDENTITY:
        power = 1.0;
        break;
    case LINK_INVERSE:
        power = -1.0;
        break;
    case LINK_SQRT:
        power = 2.0;
        break;
    default:
        return false;
    }
    const double mean = link_inverse(link, eta), r = 1.0 / eta, square = r * r;
    if (!isfinite(mean) || !(mean > 0.0))
        return false;
    *location = (struct link_location){.mean = mean,
                                       .at = power * log(eta),
                                       .d1 = power * r,
                                       .d2 = -power * square,
                                       .d3 = 2.0 * power * square * r};
    return true;
}

double link_inverse(enum link link, double eta)
{
    switch (link) {
    case LINK_IDENTITY:
        return eta;
    case LINK_LOG:
        return exp(eta);
    case LINK_INVERSE:
        return 1.0 / eta;
    case LINK_SQRT:
        return eta * eta;
    case LINK_LOGIT:
        return special_logistic(eta);
    case LINK_PROBIT:
        return special_normal_cdf(eta);
    case LINK_CLOGLOG:
        return -expm1(-exp(eta));
    case LINK_CAUCHIT:
        return atan2(1.0, -eta) / pi;
    }
    return NAN;
}

double link_of(enum link link, double mean)
{
    switch (link) {
    case LINK_IDENTITY:
        return mean;
    case LINK_LOG:
        return log(mean);
    case LINK_INVERSE:
        return 1.0 / mean;
    case LINK_SQRT:
        return sqrt(mean);
    case LINK_LOGIT:
        return special_logit(mean);
    case LINK_PROBIT:
        return special_normal_quantile(mean);
    case LINK_CLOGLOG:
        return log(-log1p(-mean));
    case LINK_CAUCHIT:
        return -1.0 / tan(pi * mean);
    }
    return NAN;
}
