#include "io/sparse.h"
#include "base/mem.h"

#include <string.h>

void sparse_clear(struct sparse *sparse)
{
    free(sparse->start);
    free(sparse->row);
    free(sparse->value);
    *sparse = (struct sparse){0};
}

mxp_status sparse_make_room(struct sparse *sparse, mxp_error *error)
{
    mxp_status status;

    if (sparse->rows > UINT32_MAX)
        return FAIL(error, MXP_DATA, "%zu rows are more than sparse columns can have (%u)",
                    sparse->rows, UINT32_MAX);
    for (size_t c = 0; c < sparse->columns; c++)
        sparse->start[c + 1] += sparse->start[c];
    sparse->count = sparse->start[sparse->columns];
    TRY(status = mem_pages(&sparse->row, sparse->count, sizeof *sparse->row, error));
    TRY(status = mem_pages(&sparse->value, sparse->count, sizeof *sparse->value, error));
out:
    return status;
}

struct pair {
    uint32_t row;
    double value;
};

static int by_row(const void *a, const void *b)
{
    const uint32_t x = ((const struct pair *)a)->row, y = ((const struct pair *)b)->row;
    return (x > y) - (x < y);
}

static bool is_sorted(const struct sparse *sparse, size_t c)
{
    for (size_t i = sparse->start[c] + 1; i < sparse->start[c + 1]; i++)
        if (sparse->row[i] <= sparse->row[i - 1])
            return false;
    return true;
}

mxp_status sparse_sort(struct sparse *sparse, size_t *twice, size_t *row, mxp_error *error)
{
    struct pair *pair = NULL;
    size_t most = 0;
    mxp_status status;

    *twice = SIZE_MAX;
    for (size_t c = 0; c < sparse->columns; c++)
        if (sparse->start[c + 1] - sparse->start[c] > most)
            most = sparse->start[c + 1] - sparse->start[c];
    TRY(status = MEM_NEW(&pair, most, error));
    for (size_t c = 0; c < sparse->columns && *twice == SIZE_MAX; c++) {
        const size_t first = sparse->start[c], count = sparse->start[c + 1] - first;
        if (is_sorted(sparse, c))
            continue;
        for (size_t i = 0; i < count; i++)
            pair[i] = (struct pair){sparse->row[first + i], sparse->value[first + i]};
        qsort(pair, count, sizeof *pair, by_row);
        for (size_t i = 0; i < count; i++) {
            sparse->row[first + i] = pair[i].row;
            sparse->value[first + i] = pair[i].value;
            if (i > 0 && pair[i].row == pair[i - 1].row) {
                *twice = c;
                *row = pair[i].row;
            }
        }
    }
out:
    free(pair);
    return status;
}

void sparse_spread(double *values, const struct sparse *sparse, size_t column)
{
    memset(values, 0, sparse->rows * sizeof *values);
    for (size_t i = sparse->start[column]; i < sparse->start[column + 1]; i++)
        values[sparse->row[i]] = sparse->value[i];
}

void sparse_drop(struct sparse *sparse, size_t column)
{
    const size_t first = sparse->start[column], next = sparse->start[column + 1];

    memmove(sparse->row + first, sparse->row + next, (sparse->count - next) * sizeof *sparse->row);
    memmove(sparse->value + first, sparse->value + next,
            (sparse->count - next) * sizeof *sparse->value);
    for (size_t c = column; c < sparse->columns; c++)
        sparse->start[c] = sparse->start[c + 1] - (next - first);
    sparse->count -= next - first;
    sparse->columns--;
}

mxp_status sparse_select(struct sparse *to, const struct sparse *from, const size_t *column,
                         size_t count, mxp_error *error)
{
    struct sparse s = {.rows = from->rows, .columns = count};
    mxp_status status;

    TRY(status = MEM_NEW(&s.start, count + 1, error));
    for (size_t c = 0; c < count; c++)
        s.start[c + 1] = from->start[column[c] + 1] - from->start[column[c]];
    TRY(status = sparse_make_room(&s, error));
    for (size_t c = 0; c < count; c++) {
        const size_t length = s.start[c + 1] - s.start[c], at = from->start[column[c]];
        memcpy(s.row + s.start[c], from->row + at, length * sizeof *s.row);
        memcpy(s.value + s.start[c], from->value + at, length * sizeof *s.value);
    }
    *to = s;
    s = (struct sparse){0};
out:
    sparse_clear(&s);
    return status;
}
