#include "data/sparse_rows.h"
#include "base/mem.h"

#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

/* Where the c-th listed column starts and ends. */
static void find_column(size_t *start, size_t *end, const struct sparse *sparse,
                        const size_t *column, size_t c)
{
    const size_t j = column ? column[c] : c;

    *start = j < sparse->columns ? sparse->start[j] : 0;
    *end = j < sparse->columns ? sparse->start[j + 1] : 0;
}

/* start of each row, from the listed columns' values. */
static void count_values(struct sparse_rows *x, const struct sparse *sparse, const size_t *column)
{
    size_t start, end;

    for (size_t c = 0; c < x->columns; c++) {
        find_column(&start, &end, sparse, column, c);
        for (size_t i = start; i < end; i++)
            x->start[sparse->row[i] + 1]++;
    }
    for (size_t i = 0; i < x->rows; i++)
        x->start[i + 1] += x->start[i];
}

mxp_status sparse_rows_new(struct sparse_rows **rows, const struct sparse *sparse,
                           const size_t *column, size_t count, mxp_error *error)
{
    struct sparse_rows *x = NULL;
    size_t *next = NULL, start, end;
    mxp_status status;

    TRY(status = MEM_NEW(&x, 1, error));
    x->rows = sparse->rows;
    x->columns = count;
    TRY(status = MEM_NEW(&x->start, x->rows + 1, error));
    TRY(status = MEM_NEW(&next, x->rows, error));
    TRY(status = MEM_NEW(&x->pair, SPARSE_GROUPS * count, error));
    count_values(x, sparse, column);
    const size_t values = x->start[x->rows];
    TRY(status = mem_pages(&x->entry, values + SPARSE_AHEAD, sizeof *x->entry, error));
    memset(x->entry + values, 0, SPARSE_AHEAD * sizeof *x->entry);
    memcpy(next, x->start, x->rows * sizeof *next);
    for (size_t c = 0; c < count; c++) {
        find_column(&start, &end, sparse, column, c);
        for (size_t i = start; i < end; i++)
            x->entry[next[sparse->row[i]]++] =
                (struct sparse_entry){(uint32_t)c, (float)sparse->value[i]};
    }
    *rows = x;
    x = NULL;
out:
    free(next);
    sparse_rows_free(x);
    return status;
}

void sparse_rows_free(struct sparse_rows *rows)
{
    if (!rows)
        return;
    free(rows->start);
    free(rows->entry);
    free(rows->pair);
    free(rows);
}

/* in and out of a column lie side by side, so that the second visit finds what the first fetched; it
 * is asked for some rows ahead. */
#if defined(__GNUC__)
#define FETCH(address) __builtin_prefetch((address), 1)
#else
#define FETCH(address) ((void)0)
#endif

/* Rows first..last-1 into the group's pairs; the sum of h along. */
static double curve_rows(struct sparse_pair *pair, double *along, const struct sparse_rows *rows,
                         double constant, const double *h, size_t first, size_t last)
{
    enum { AHEAD = SPARSE_AHEAD - 4 };
    const struct sparse_entry *const entry = rows->entry;
    double total = 0.0;

    for (size_t r = first; r < last; r++) {
        const size_t start = rows->start[r], end = rows->start[r + 1];
        double a = constant, b = 0.0, c = 0.0, d = 0.0;
        size_t i = start;
        for (; i + 4 <= end; i += 4) {
            FETCH(&pair[entry[i + AHEAD].column]);
            FETCH(&pair[entry[i + AHEAD + 1].column]);
            FETCH(&pair[entry[i + AHEAD + 2].column]);
            FETCH(&pair[entry[i + AHEAD + 3].column]);
            a += (double)entry[i].value * pair[entry[i].column].in;
            b += (double)entry[i + 1].value * pair[entry[i + 1].column].in;
            c += (double)entry[i + 2].value * pair[entry[i + 2].column].in;
            d += (double)entry[i + 3].value * pair[entry[i + 3].column].in;
        }
        for (; i < end; i++)
            a += (double)entry[i].value * pair[entry[i].column].in;
        along[r] = (a + b) + (c + d);
        const double by = h[r] * along[r];
        total += by;
        for (i = start; i < end; i++)
            pair[entry[i].column].out += (double)entry[i].value * by;
    }
    return total;
}

/* Where group g starts: groups hold about as many values each. */
static size_t group_start(const struct sparse_rows *rows, size_t g)
{
    const size_t want = rows->start[rows->rows] / SPARSE_GROUPS * g;
    size_t r = rows->rows / SPARSE_GROUPS * g;

    if (g == SPARSE_GROUPS)
        return rows->rows;
    while (r < rows->rows && rows->start[r] < want)
        r++;
    while (r > 0 && rows->start[r] > want)
        r--;
    return r;
}

void sparse_rows_curve(double *product, double *along, double *total, struct sparse_rows *rows,
                       const double *v, double constant, const double *h, int threads)
{
    const size_t k = rows->columns;
    double totals[SPARSE_GROUPS];

#ifdef _OPENMP
    threads = threads > 0 ? threads : omp_get_max_threads();
#pragma omp parallel for num_threads(threads) if (threads > 1 && rows->start[rows->rows] > 100000)
#endif
    for (size_t g = 0; g < SPARSE_GROUPS; g++) {
        struct sparse_pair *const pair = rows->pair + g * k;
        for (size_t j = 0; j < k; j++)
            pair[j] = (struct sparse_pair){v[j], 0.0};
        totals[g] = curve_rows(pair, along, rows, constant, h, group_start(rows, g),
                               group_start(rows, g + 1));
    }
    (void)threads;
    *total = 0.0;
    for (size_t g = 0; g < SPARSE_GROUPS; g++)
        *total += totals[g];
    for (size_t j = 0; j < k; j++) {
        product[j] = rows->pair[j].out;
        for (size_t g = 1; g < SPARSE_GROUPS; g++)
            product[j] += rows->pair[j + g * k].out;
    }
}
