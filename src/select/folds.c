#include "select/folds.h"
#include "base/mem.h"
#include "data/table.h"
#include "num/rng.h"

#include <math.h>

/* Fisher and Yates. */
static void shuffle(size_t *list, size_t count, struct rng *rng)
{
    for (size_t i = count; i > 1; i--) {
        const size_t j = (size_t)rng_below(rng, i), swap = list[i - 1];
        list[i - 1] = list[j];
        list[j] = swap;
    }
}

/* The rows of each class in random order, one class after the other, dealt out in turn. */
static mxp_status deal(unsigned *fold, const struct mxp_problem *problem, size_t count,
                       struct rng *rng, mxp_error *error)
{
    const size_t n = problem->n;
    const size_t classes = problem->class_y                       ? problem->q + 1
                           : problem->family == &family_bernoulli ? 2
                                                                  : 1;
    size_t *rows = NULL, *first = NULL, dealt = 0;
    mxp_status status;

    TRY(status = MEM_NEW(&rows, n, error));
    TRY(status = MEM_NEW(&first, classes + 1, error));
    for (size_t i = 0; i < n; i++)
        first[(classes > 1 ? (size_t)problem->y[i] : 0) + 1]++;
    for (size_t c = 0; c < classes; c++)
        first[c + 1] += first[c];
    for (size_t i = 0; i < n; i++)
        rows[first[classes > 1 ? (size_t)problem->y[i] : 0]++] = i;
    for (size_t c = 0, from = 0; c < classes; from = first[c++]) /* first is now each one's end */
        shuffle(rows + from, first[c] - from, rng);
    for (; dealt < n; dealt++)
        fold[rows[dealt]] = (unsigned)(dealt % count);
out:
    free(first);
    free(rows);
    return status;
}

struct group {
    size_t first, size; /* in the list of rows sorted by group */
    size_t rank;        /* random */
};

struct keyed {
    double key;
    size_t row;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    return x->key != y->key ? (x->key < y->key ? -1 : 1) : (x->row > y->row) - (x->row < y->row);
}

static int by_size(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    return x->size != y->size ? (x->size > y->size ? -1 : 1)
                              : (x->rank > y->rank) - (x->rank < y->rank);
}

/* Each row's value in the column: a number, or the number of a level. */
static mxp_status read_groups(struct keyed *rows, const struct mxp_problem *problem,
                              const char *name, mxp_error *error)
{
    const struct design *design = problem->design;
    const size_t column = mxp_table_find(design->table, name);

    if (column == MXP_NO_COLUMN)
        return FAIL(error, MXP_USAGE, "data.groups: there is no column \"%s\"", name);
    const unsigned *codes = mxp_table_codes(design->table, column);
    const double *values = mxp_table_values(design->table, column);
    for (size_t i = 0; i < problem->n; i++) {
        const size_t row = design->table_row ? design->table_row[i] : i;
        const bool missing = codes ? codes[row] == MXP_NO_LEVEL : isnan(values[row]);
        if (missing)
            return table_fail(error, design->table, column, row,
                              "is missing: a row without a group is in no fold");
        rows[i] = (struct keyed){codes ? (double)codes[row] : values[row], i};
    }
    qsort(rows, problem->n, sizeof *rows, by_key);
    return MXP_OK;
}

/* The groups, the largest first and equal ones at random; rows sorted by group. */
static mxp_status list_groups(struct group **group, size_t *groups, const struct keyed *rows,
                              size_t n, struct rng *rng, mxp_error *error)
{
    size_t *rank = NULL, count = 0;
    struct group *list = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&list, n, error));
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || rows[i].key != rows[i - 1].key)
            list[count++].first = i;
        list[count - 1].size++;
    }
    TRY(status = MEM_NEW(&rank, count, error));
    for (size_t g = 0; g < count; g++)
        rank[g] = g;
    shuffle(rank, count, rng);
    for (size_t g = 0; g < count; g++)
        list[g].rank = rank[g];
    qsort(list, count, sizeof *list, by_size);
    *groups = count;
    *group = list;
    list = NULL;
out:
    free(rank);
    free(list);
    return status;
}

/* Each group where there are fewest rows. */
static mxp_status place(unsigned *fold, const struct mxp_problem *problem, size_t count,
                        const char *name, struct rng *rng, mxp_error *error)
{
    struct keyed *rows = NULL;
    struct group *group = NULL;
    size_t *filled = NULL, groups;
    mxp_status status;

    TRY(status = MEM_NEW(&rows, problem->n, error));
    TRY(status = MEM_NEW(&filled, count, error));
    TRY(status = read_groups(rows, problem, name, error));
    TRY(status = list_groups(&group, &groups, rows, problem->n, rng, error));
    if (groups < count) {
        status = FAIL(error, MXP_USAGE, "path.folds = %zu: column \"%s\" has only %zu groups",
                      count, name, groups);
        goto out;
    }
    for (size_t g = 0; g < groups; g++) {
        size_t to = 0;
        for (size_t f = 1; f < count; f++)
            to = filled[f] < filled[to] ? f : to;
        filled[to] += group[g].size;
        for (size_t i = 0; i < group[g].size; i++)
            fold[rows[group[g].first + i].row] = (unsigned)to;
    }
out:
    free(filled);
    free(group);
    free(rows);
    return status;
}

mxp_status folds_assign(unsigned *fold, const struct mxp_problem *problem, size_t count,
                        const char *groups, unsigned long long seed, mxp_error *error)
{
    struct rng rng = rng_stream(seed, 0);

    if (count > problem->n)
        return FAIL(error, MXP_USAGE, "path.folds = %zu, but there are %zu rows", count,
                    problem->n);
    return groups ? place(fold, problem, count, groups, &rng, error)
                  : deal(fold, problem, count, &rng, error);
}
