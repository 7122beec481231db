/* Priors restricted to an interval: the density is divided by the prior's mass there. */
#include "base/number.h"
#include "model/arguments.h"
#include "model/prior_rows.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

const char *const prior_bound_names[PRIOR_BOUNDS] = {"lower", "upper"};

bool prior_takes_bounds(const struct prior_row *row)
{
    return !(row->flags & (PRIOR_POSITIVE | PRIOR_BOUNDED));
}

double prior_lower(const struct prior *prior)
{
    return prior->bounded ? prior->lower : -INFINITY;
}

double prior_upper(const struct prior *prior)
{
    return prior->bounded ? prior->upper : INFINITY;
}

mxp_status prior_check_bound(const struct prior_row *row, size_t which, double value,
                             struct place place, mxp_error *error)
{
    if (isnan(value) || value == (which == PRIOR_LOWER ? INFINITY : -INFINITY))
        return FAIL_AT(error, place, MXP_CONFIG, "%s: %s = %g leaves no value", row->name,
                       prior_bound_names[which], value);
    return MXP_OK;
}

mxp_status prior_read_bound(double *bound, const struct prior_row *row, size_t which,
                            const struct argument *argument, mxp_error *error)
{
    mxp_status status;
    double value = 0.0;

    if (number_read(&value, argument->value) == NULL && isinf(value))
        TRY(status = prior_check_bound(row, which, value, argument->value_at, error));
    else
        TRY(status =
                arguments_number(&value, row->name, prior_bound_names[which], argument, error));
    *bound = value;
out:
    return status;
}

mxp_status prior_refuse_bounds(const struct prior_row *row, struct place place, mxp_error *error)
{
    if (row->flags & PRIOR_BOUNDED)
        return FAIL_AT(error, place, MXP_CONFIG,
                       "%s takes no lower or upper: its arguments %s and %s are its bounds",
                       row->name, row->arguments[0].name, row->arguments[1].name);
    return FAIL_AT(error, place, MXP_CONFIG,
                   "%s is a prior for positive parameters: it takes no lower or upper", row->name);
}

/* low < high, both named in the message. */
static mxp_status check_order(const struct prior_row *row, const char *const names[2], double low,
                              double high, struct place place, mxp_error *error)
{
    struct str text = {0};

    if (low < high)
        return MXP_OK;
    str_format(&text, "%s: %s = ", row->name, names[0]);
    number_print(&text, low);
    str_format(&text, " is not below %s = ", names[1]);
    number_print(&text, high);
    const mxp_status status = FAIL_AT(error, place, MXP_CONFIG, "%s", text.text ? text.text : "");
    str_free(&text);
    return status;
}

mxp_status prior_bound(struct prior *prior, double lower, double upper, struct place place,
                       mxp_error *error)
{
    const struct prior_row *row = prior->row;
    struct prior bounded = *prior;
    mxp_status status = MXP_OK;

    bounded.bounded = lower > -INFINITY || upper < INFINITY;
    bounded.lower = lower;
    bounded.upper = upper;
    bounded.log_mass = 0.0;
    if (bounded.bounded && !prior_takes_bounds(row))
        return prior_refuse_bounds(row, place, error);
    TRY(status = check_order(row, prior_bound_names, lower, upper, place, error));
    if (row->flags & PRIOR_BOUNDED) {
        const char *const names[] = {row->arguments[0].name, row->arguments[1].name};
        bounded.bounded = true;
        bounded.lower = bounded.a[0];
        bounded.upper = bounded.a[1];
        TRY(status = check_order(row, names, bounded.lower, bounded.upper, place, error));
    } else if (bounded.bounded && row->log_mass) {
        bounded.log_mass = row->log_mass(bounded.a, lower, upper);
    }
    if (!isfinite(bounded.log_mass))
        return FAIL_AT(error, place, MXP_CONFIG,
                       "%s: the bounds are so far out that no probability is left between them",
                       row->name);
    *prior = bounded;
out:
    return status;
}

double prior_log_density(const struct prior *prior, double t)
{
    if (!prior->bounded)
        return prior->row->log_density(prior->a, t);
    if (!(t >= prior->lower && t <= prior->upper))
        return -INFINITY;
    return prior->row->log_density(prior->a, t) - prior->log_mass;
}

double prior_log_mass(const struct prior *prior, double low, double high)
{
    const double left = fmax(low, prior_lower(prior)), right = fmin(high, prior_upper(prior));
    if (!(left < right))
        return -INFINITY;
    return fmin(prior->row->log_mass(prior->a, left, right) - prior->log_mass, 0.0);
}

/* log P(T <= t), rising in t. */
static double log_below(double t, const void *prior)
{
    return prior_log_mass(prior, -INFINITY, t);
}

/* Draws until one is inside where that is often, else the inverse of the distribution function. */
double prior_draw(struct rng *rng, const struct prior *prior)
{
    static const double often = -1.4; /* log of about a quarter */

    if (!prior->bounded || (prior->row->flags & PRIOR_BOUNDED))
        return prior->row->draw(rng, prior->a);
    if (prior->log_mass > often)
        for (;;) {
            const double t = prior->row->draw(rng, prior->a);
            if (t >= prior->lower && t <= prior->upper)
                return t;
        }
    return special_invert(log_below, prior, log(rng_uniform(rng)), prior->lower, prior->upper);
}
