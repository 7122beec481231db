#include "infer/ess.h"

#include "base/mem.h"
#include "num/special.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SHORTEST = 12 };

struct item {
    double value;
    size_t index;
};

struct ess_work {
    size_t chains, length, count;
    size_t half;    /* length of a split chain */
    double *scores; /* normal score of each rank of the split draws */
    double *sorted; /* all draws, ascending */
    double *split;  /* 2 * chains * half: split chains, the middle draw of odd chains dropped */
    double *ranked; /* the same after a transformation */
    double *rho;    /* half */
    struct item *items, *spare;
};

mxp_status ess_new(struct ess_work **work, size_t chains, size_t length, mxp_error *error)
{
    mxp_status status = MXP_OK;
    struct ess_work *w = NULL;

    TRY(status = MEM_NEW(&w, 1, error));
    w->chains = chains;
    w->length = length;
    w->half = length / 2;
    TRY(status = mem_doubles(&w->sorted, chains, length, error));
    w->count = chains * length;
    TRY(status = mem_doubles(&w->scores, w->count, 1, error));
    TRY(status = mem_doubles(&w->split, w->count, 1, error));
    TRY(status = mem_doubles(&w->ranked, w->count, 1, error));
    TRY(status = mem_doubles(&w->rho, w->half + 2, 1, error));
    TRY(status = MEM_NEW(&w->items, w->count, error));
    TRY(status = MEM_NEW(&w->spare, w->count, error));

    const size_t n = 2 * chains * w->half;
    for (size_t i = 0; i < n; i++)
        w->scores[i] = special_normal_quantile(((double)i + 0.625) / ((double)n + 0.25));
    *work = w;
    w = NULL;
out:
    ess_free(w);
    return status;
}

void ess_free(struct ess_work *work)
{
    if (!work)
        return;
    free(work->scores);
    free(work->sorted);
    free(work->split);
    free(work->ranked);
    free(work->rho);
    free(work->items);
    free(work->spare);
    free(work);
}

const double *ess_sorted(const struct ess_work *work)
{
    return work->sorted;
}

double ess_quantile(const double *sorted, size_t count, double p)
{
    assert(count > 0);
    const double place = p * (double)(count - 1);
    size_t low = (size_t)floor(place);
    if (low >= count - 1)
        return sorted[count - 1];
    const double part = place - (double)low;
    return sorted[low] + part * (sorted[low + 1] - sorted[low]);
}

enum { RUN = 16 };

static void sort_run(struct item *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct item item = items[i];
        size_t at = i;
        for (; at > 0 && items[at - 1].value > item.value; at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

static void merge(struct item *to, const struct item *from, size_t middle, size_t count)
{
    size_t left = 0, right = middle;
    for (size_t i = 0; i < count; i++) {
        const bool take_left =
            left < middle && (right == count || from[left].value <= from[right].value);
        to[i] = from[take_left ? left++ : right++];
    }
}

/* Merge sort from short runs; returns whichever of the two arrays holds the result. */
static struct item *sort_items(struct item *items, struct item *spare, size_t count)
{
    for (size_t at = 0; at < count; at += RUN)
        sort_run(items + at, count - at < RUN ? count - at : RUN);
    for (size_t width = RUN; width < count; width *= 2) {
        for (size_t at = 0; at < count; at += 2 * width) {
            const size_t span = count - at < 2 * width ? count - at : 2 * width;
            merge(spare + at, items + at, width < span ? width : span, span);
        }
        struct item *swap = items;
        items = spare;
        spare = swap;
    }
    return items;
}

static void split_chains(struct ess_work *work, const double *draws)
{
    const size_t half = work->half, second = work->length - half;
    for (size_t c = 0; c < work->chains; c++) {
        const double *chain = draws + c * work->length;
        memcpy(work->split + 2 * c * half, chain, half * sizeof *chain);
        memcpy(work->split + (2 * c + 1) * half, chain + second, half * sizeof *chain);
    }
}

/* Normal scores of ascending items into ranked; ties share the score of their mean rank. */
static void write_scores(struct ess_work *work, const struct item *items, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && items[end].value == items[i].value)
            end++;
        const double rank = 0.5 * (double)(i + end - 1) + 0.625;
        const double score =
            end == i + 1 ? work->scores[i] : special_normal_quantile(rank / ((double)count + 0.25));
        for (; i < end; i++)
            work->ranked[items[i].index] = score;
    }
}

/* Distances from the median, ascending: the two arms of the sorted items, merged. */
static void fold_items(struct item *to, const struct item *from, size_t count, double median)
{
    size_t right = 0;
    while (right < count && from[right].value < median)
        right++;
    size_t left = right;
    for (size_t i = 0; i < count; i++) {
        const bool take_left = left > 0 && (right == count || median - from[left - 1].value <=
                                                                  from[right].value - median);
        const struct item item = take_left ? from[--left] : from[right++];
        to[i] = (struct item){.value = fabs(item.value - median), .index = item.index};
    }
}

static double chain_mean(const double *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

/* Within-chain and pooled variance of the split chains x, which are centred in place. */
static void variances(const struct ess_work *work, double *x, double *within, double *pooled)
{
    const size_t m = 2 * work->chains, n = work->half;
    const double size = (double)n, first = chain_mean(x, n);
    double squares = 0.0, sum = 0.0, sum_squares = 0.0;

    for (size_t c = 0; c < m; c++) {
        double *chain = x + c * n, mean = chain_mean(chain, n);
        sum += mean - first;
        sum_squares += (mean - first) * (mean - first);
        for (size_t i = 0; i < n; i++) {
            chain[i] -= mean;
            squares += chain[i] * chain[i];
        }
    }
    *within = squares / ((double)m * (size - 1.0));
    *pooled = *within * (size - 1.0) / size +
              fmax(0.0, sum_squares - sum * sum / (double)m) / ((double)m - 1.0);
}

/* Autocovariance at a lag, divisor n, averaged over the centred chains. */
static double autocovariance(const struct ess_work *work, const double *x, size_t lag)
{
    const size_t m = 2 * work->chains, n = work->half;
    double sum = 0.0;
    for (size_t c = 0; c < m; c++) {
        const double *chain = x + c * n;
        double part[4] = {0.0, 0.0, 0.0, 0.0};
        size_t i = 0;
        for (; i + 4 + lag <= n; i += 4)
            for (size_t l = 0; l < 4; l++)
                part[l] += chain[i + l] * chain[i + l + lag];
        for (; i + lag < n; i++)
            part[0] += chain[i] * chain[i + lag];
        sum += (part[0] + part[1]) + (part[2] + part[3]);
    }
    return sum / ((double)m * (double)n);
}

/* Fills rho with Geyer's initial positive sequence; returns its length, an even number, and in
 * rho at that place what the improved estimate adds. */
static size_t positive_sequence(struct ess_work *work, const double *x, double within,
                                double pooled)
{
    double *rho = work->rho, even = 1.0;
    double odd = 1.0 - (within - autocovariance(work, x, 1)) / pooled;
    size_t t = 0;

    rho[0] = even;
    rho[1] = odd;
    while (t + 5 < work->half && even + odd > 0.0) {
        t += 2;
        even = 1.0 - (within - autocovariance(work, x, t)) / pooled;
        odd = 1.0 - (within - autocovariance(work, x, t + 1)) / pooled;
        rho[t] = even + odd >= 0.0 ? even : 0.0;
        rho[t + 1] = even + odd >= 0.0 ? odd : 0.0;
    }
    if (even > 0.0)
        rho[t] = even;
    return t;
}

/* ESS and R-hat of split chains, which are destroyed. */
static double split_ess(struct ess_work *work, double *x, double *r_hat)
{
    const double total = 2.0 * (double)work->chains * (double)work->half;
    double within, pooled, *rho = work->rho;

    *r_hat = NAN;
    if (work->length < SHORTEST)
        return NAN;
    variances(work, x, &within, &pooled);
    if (!(pooled > 0.0))
        return NAN;
    *r_hat = sqrt(pooled / within);
    const size_t end = positive_sequence(work, x, within, pooled);
    for (size_t t = 2; t + 2 <= end; t += 2)
        if (rho[t] + rho[t + 1] > rho[t - 2] + rho[t - 1])
            rho[t] = rho[t + 1] = 0.5 * (rho[t - 2] + rho[t - 1]);
    double tau = -1.0 + rho[end];
    for (size_t t = 0; t < end; t++)
        tau += 2.0 * rho[t];
    return total / fmax(tau, 1.0 / log10(total));
}

/* ESS of the indicator of being at or below a quantile of all draws. */
static double indicator_ess(struct ess_work *work, const double *draws, double p)
{
    const double limit = ess_quantile(work->sorted, work->count, p);
    const size_t n = 2 * work->chains * work->half;
    double ignored;

    split_chains(work, draws);
    for (size_t i = 0; i < n; i++)
        work->split[i] = work->split[i] <= limit ? 1.0 : 0.0;
    return split_ess(work, work->split, &ignored);
}

/* Sorts the draws into sorted, and the split chains into the array that is returned. */
static struct item *sort_all(struct ess_work *work, const double *draws)
{
    const size_t n = 2 * work->chains * work->half;
    struct item *items;

    if (n < work->count) {
        for (size_t i = 0; i < work->count; i++)
            work->items[i] = (struct item){.value = draws[i], .index = i};
        items = sort_items(work->items, work->spare, work->count);
        for (size_t i = 0; i < work->count; i++)
            work->sorted[i] = items[i].value;
    }
    split_chains(work, draws);
    for (size_t i = 0; i < n; i++)
        work->items[i] = (struct item){.value = work->split[i], .index = i};
    items = sort_items(work->items, work->spare, n);
    for (size_t i = 0; i < n && n == work->count; i++)
        work->sorted[i] = items[i].value;
    return items;
}

struct ess_summary ess_measure(struct ess_work *work, const double *draws)
{
    const size_t n = 2 * work->chains * work->half;
    struct ess_summary summary = {.bulk = NAN, .tail = NAN, .r_hat = NAN};
    struct item *items = sort_all(work, draws);

    if (work->length < SHORTEST || work->sorted[0] == work->sorted[work->count - 1])
        return summary;
    write_scores(work, items, n);
    summary.bulk = split_ess(work, work->ranked, &summary.r_hat);

    struct item *folded = items == work->items ? work->spare : work->items;
    fold_items(folded, items, n, ess_quantile(work->sorted, work->count, 0.5));
    write_scores(work, folded, n);
    double within, pooled;
    variances(work, work->ranked, &within, &pooled);
    summary.r_hat = fmax(summary.r_hat, sqrt(pooled / within));
    summary.tail = fmin(indicator_ess(work, draws, 0.05), indicator_ess(work, draws, 0.95));
    return summary;
}

double ess_mean(struct ess_work *work, const double *draws)
{
    double ignored;
    split_chains(work, draws);
    return split_ess(work, work->split, &ignored);
}

double ess_mean_error(struct ess_work *work, const double *draws)
{
    const double mean = chain_mean(draws, work->count), ess = ess_mean(work, draws);
    double squares = 0.0;
    for (size_t i = 0; i < work->count; i++)
        squares += (draws[i] - mean) * (draws[i] - mean);
    if (isnan(ess))
        return squares == 0.0 ? 0.0 : NAN;
    return sqrt(squares / ((double)work->count - 1.0) / ess);
}
