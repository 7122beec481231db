#include "num/quadrature.h"
#include "num/special.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum { STARTS_MAX = 8, BREAKS_MAX = 2 * STARTS_MAX * 15, PANELS_MAX = 2 * BREAKS_MAX };

/* f(mean + sd t) - t^2 / 2, in units of the normal variable's sd. */
struct integrand {
    quadrature_log f;
    const void *context;
    double mean, sd;
};

struct panel {
    double low, high, value, error;
};

static double log_value(const struct integrand *g, double t)
{
    const double value = g->f(g->mean + g->sd * t, g->context) - 0.5 * t * t;
    return isnan(value) || value == INFINITY ? -INFINITY : value;
}

/* The largest value on [low, high], unimodal there, by golden section. */
static double golden(const struct integrand *g, double low, double high)
{
    const double share = 0.61803398874989484820;
    double a = high - share * (high - low), b = low + share * (high - low);
    double at_a = log_value(g, a), at_b = log_value(g, b);

    for (int step = 0; step < 60 && high - low > 1e-9 * (1.0 + fabs(low)); step++) {
        if (at_a > at_b) {
            high = b;
            b = a;
            at_b = at_a;
            a = high - share * (high - low);
            at_a = log_value(g, a);
        } else {
            low = a;
            a = b;
            at_a = at_b;
            b = low + share * (high - low);
            at_b = log_value(g, b);
        }
    }
    return at_a > at_b ? a : b;
}

/* Uphill from t by growing steps to a local maximum. */
static double climb(const struct integrand *g, double t)
{
    const double here = log_value(g, t), first = 0.01;
    double step = first, at = here, back = t - first;

    if (!(log_value(g, t + first) > here)) {
        if (!(log_value(g, t - first) > here))
            return here > -INFINITY ? golden(g, t - first, t + first) : t;
        step = -first;
        back = t + first;
    }
    for (int k = 0; k < 60; k++, step *= 1.5) {
        const double next = log_value(g, t + step);
        if (!(next > at))
            break;
        back = t;
        t += step;
        at = next;
    }
    return golden(g, fmin(back, t + step), fmax(back, t + step));
}

/* Keeps the order, and one of those that are closer than `merge` relative to 1 + |x|. */
static void insert(double *sorted, size_t *count, double x, double merge)
{
    size_t i = *count;

    for (size_t k = 0; k < *count; k++)
        if (fabs(sorted[k] - x) <= merge * (1.0 + fabs(x)))
            return;
    for (; i > 0 && sorted[i - 1] > x; i--)
        sorted[i] = sorted[i - 1];
    sorted[i] = x;
    ++*count;
}

/* How far from t, on one side, the integrand has fallen by `fall`, within a factor of 2. */
static double reach(const struct integrand *g, double t, double here, double fall, double sign)
{
    double width = 1e-7;

    for (int k = 0; k < 60 && log_value(g, t + sign * width) > here - fall; k++)
        width *= 2.0;
    return width;
}

/* Panels about a point: by how far the integrand falls on each side, and in steps that grow from
 * the steeper side's scale, since what is steep on one side may bend sharply on the other. */
static void surround(double *breaks, size_t *count, const struct integrand *g, double t,
                     double here)
{
    static const double falls[] = {1.0, 10.0, 45.0};
    double least = INFINITY;

    insert(breaks, count, t, 1e-14);
    for (int sign = -1; sign <= 1; sign += 2)
        for (size_t f = 0; f < sizeof falls / sizeof *falls; f++) {
            const double width = reach(g, t, here, falls[f], sign);
            least = fmin(least, width);
            insert(breaks, count, t + sign * width, 1e-14);
        }
    for (double width = least; width < 65.0 * least; width *= 4.0) {
        insert(breaks, count, t - width, 1e-14);
        insert(breaks, count, t + width, 1e-14);
    }
}

/* Where panels begin and end, ascending; returns the largest value. */
static double breaks_of(double *breaks, size_t *count, const struct integrand *g,
                        const double *hints, unsigned hint_count)
{
    double start[STARTS_MAX] = {0.0, -1.0, 1.0}, peak[STARTS_MAX], top = -INFINITY;
    size_t starts = 3, peaks = 0;

    for (unsigned k = 0; k < hint_count && starts < STARTS_MAX; k++) {
        const double t = (hints[k] - g->mean) / g->sd;
        if (isfinite(t))
            start[starts++] = t;
    }
    for (size_t k = 0; k < starts; k++)
        insert(peak, &peaks, climb(g, start[k]), 1e-6);
    for (size_t k = 0; k < peaks; k++)
        top = fmax(top, log_value(g, peak[k]));
    *count = 0;
    for (size_t k = 0; k < peaks; k++)
        if (log_value(g, peak[k]) > top - 45.0)
            surround(breaks, count, g, peak[k], log_value(g, peak[k]));
    const double low = *count ? breaks[0] : 0.0, high = *count ? breaks[*count - 1] : 0.0;
    for (size_t k = 3; k < starts && *count; k++) /* kinks and jumps */
        if (log_value(g, start[k]) > top - 45.0)
            surround(breaks, count, g, start[k], log_value(g, start[k]));
        else if (start[k] > low && start[k] < high)
            insert(breaks, count, start[k], 1e-14);
    return top;
}

/* exp(log value - top) over [low, high]. */
static struct panel panel_of(const struct integrand *g, double top, double low, double high)
{
    static const double node[] = {
        0.991455371120812639206854697526329, /* outermost first; the */
        0.949107912342758524526189684047851, /* odd ones are Gauss's */
        0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
        0.586087235467691130294144691693013, 0.405845151377397166906606412076961,
        0.207784955007898467600689403773245};
    static const double kronrod[] = {
        0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
        0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
        0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
        0.204432940075298892414161999234649, 0.209482141084727828012999174891714};
    static const double gauss[] = {
        0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
        0.381830050505118944950369775488975, 0.417959183673469387755102040816327};
    const double middle = 0.5 * (low + high), half = 0.5 * (high - low);
    const double centre = exp(log_value(g, middle) - top);
    double K = kronrod[7] * centre, G = gauss[3] * centre;

    for (int k = 0; k < 7; k++) {
        const double sum = exp(log_value(g, middle - half * node[k]) - top) +
                           exp(log_value(g, middle + half * node[k]) - top);
        K += kronrod[k] * sum;
        if (k % 2)
            G += gauss[k / 2] * sum;
    }
    return (struct panel){low, high, half * K, half * fabs(K - G)};
}

static void sums_of(double *value, double *error, const struct panel *panel, size_t count)
{
    *value = *error = 0.0;
    for (size_t k = 0; k < count; k++) {
        *value += panel[k].value;
        *error += panel[k].error;
    }
}

/* Halves the worst panel until the sum is good; its value, with the error left. */
static double refine(double *error, const struct integrand *g, double top, const double *breaks,
                     size_t break_count)
{
    struct panel panel[PANELS_MAX];
    size_t count = 0;
    double value;

    for (size_t k = 0; k + 1 < break_count; k++)
        panel[count++] = panel_of(g, top, breaks[k], breaks[k + 1]);
    for (sums_of(&value, error, panel, count); count<PANELS_MAX && * error> 1e-10 * value;
         sums_of(&value, error, panel, count)) {
        size_t worst = 0;
        for (size_t k = 1; k < count; k++)
            if (panel[k].error > panel[worst].error)
                worst = k;
        const double low = panel[worst].low, high = panel[worst].high, mid = 0.5 * (low + high);
        if (!(low < mid && mid < high))
            break;
        panel[worst] = panel_of(g, top, low, mid);
        panel[count++] = panel_of(g, top, mid, high);
    }
    return value;
}

double quadrature_normal(double *error, quadrature_log f, const void *context, double mean,
                         double sd, const double *hints, unsigned hint_count)
{
    const struct integrand g = {f, context, mean, sd};
    double breaks[BREAKS_MAX], left = INFINITY;
    size_t count;
    const double top = breaks_of(breaks, &count, &g, hints, hint_count);
    const double sum = count > 1 ? refine(&left, &g, top, breaks, count) : 0.0;

    if (error)
        *error = sum > 0.0 ? left / sum : INFINITY;
    return sum > 0.0 ? top + log(sum) - SPECIAL_LOG_SQRT_2PI : -INFINITY;
}

/* The offset keeps features at round numbers away from the grid's symmetries. */
double quadrature_smooth(double *error, quadrature_log f, const void *context, double mean,
                         double sd)
{
    enum { POINTS = 81, MIDDLE = POINTS / 2 };
    const struct integrand g = {f, context, mean, sd};
    const double step = 0.25, offset = 0.38196601125010515;
    double value[POINTS], top = -INFINITY, sum[2] = {0.0, 0.0};

    for (int k = 0; k < POINTS; k++) {
        value[k] = log_value(&g, step * (k - MIDDLE + offset));
        top = fmax(top, value[k]);
    }
    for (int k = 0; k < POINTS && top > -INFINITY; k++)
        sum[k % 2] += exp(value[k] - top);
    const double whole = sum[0] + sum[1], ends = exp(value[0] - top) + exp(value[POINTS - 1] - top);
    *error = whole > 0.0 ? fmax(fabs(sum[0] - sum[1]), ends) / whole : INFINITY;
    return whole > 0.0 ? top + log(step * whole) - SPECIAL_LOG_SQRT_2PI : -INFINITY;
}
