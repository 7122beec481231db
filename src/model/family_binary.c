#include "model/family_binary.h"

#include <float.h>
#include <math.h>

const char *const binary_links[] = {"logit", "probit", "cloglog", "cauchit", NULL};
const enum link binary_kinds[] = {LINK_LOGIT, LINK_PROBIT, LINK_CLOGLOG, LINK_CAUCHIT};

double binary_peak(double s, double n)
{
    if (s == 0.0 || s == n)
        return 0.0;
    return parts_count_peak(s) + parts_count_peak(n - s) - parts_count_peak(n);
}

/* s log(p / (s/n)) + (n-s) log((1-p) / (1 - s/n)); near p = s/n the linear terms have cancelled on
 * paper (Loader 2000). */
static double below_peak(double s, double n, double log_p, double log_q)
{
    const double left = n - s;
    const double off = log_p < log_q ? n * exp(log_p) - s : left - n * exp(log_q);

    if (fabs(off) < 0.3 * fmin(s, left))
        return s * parts_log_excess(off / s) + left * parts_log_excess(-off / left);
    double sum = 0.0;
    if (s > 0.0)
        sum += s * (log_p + parts_log_ratio(left, s));
    if (left > 0.0)
        sum += left * (log_q + parts_log_ratio(s, left));
    return sum;
}

/* x y, and 0 where x is. */
static double times(double x, double y)
{
    return x == 0.0 ? 0.0 : x * y;
}

static double bounded(double x)
{
    return isnan(x) ? 0.0 : fmin(fmax(x, -DBL_MAX), DBL_MAX);
}

void binary_put(struct family_out *out, size_t i, enum link kind, double s, double n, double eta,
                unsigned want)
{
    struct link_side yes, no;
    const double left = n - s;
    double value;

    link_sides(&yes, &no, kind, eta);
    if (n == 1.0)
        value = s > 0.5 ? yes.value : no.value;
    else
        value = binary_peak(s, n) + below_peak(s, n, yes.value, no.value);
    const bool finite = isfinite(value);
    if (want & FAMILY_VALUE)
        out->value[i] = finite ? value : -INFINITY;
    if (want & FAMILY_D1)
        out->d1[i] = finite ? bounded(times(s, yes.d1) + times(left, no.d1)) : 0.0;
    if (want & FAMILY_D2) {
        const double d2 = want & FAMILY_EXPECTED ? times(n, yes.d1 * no.d1)
                                                 : times(s, yes.d2) + times(left, no.d2);
        out->d2[i] = finite ? bounded(d2) : 0.0;
    }
    if (want & FAMILY_D3)
        out->d3[i] = finite ? bounded(times(s, yes.d3) + times(left, no.d3)) : 0.0;
}

bool binary_concave(size_t link)
{
    return binary_kinds[link] != LINK_CAUCHIT;
}

double binary_variance(double mean, const double *psi)
{
    (void)psi;
    return mean * (1.0 - mean);
}

/* Only failures, or only successes, never stop one of the two directions. */
int binary_recession(size_t link, double s, double n, const double *direction, size_t q,
                     bool symmetric, double tolerance)
{
    const double d = direction[0];

    (void)link;
    (void)q;
    (void)symmetric;
    if (fabs(d) <= tolerance || n == 0.0)
        return 0;
    return (d > 0.0 && s == n) || (d < 0.0 && s == 0.0) ? 1 : -1;
}
