#include "io/columns.h"

#include "base/hot.h"
#include "base/mem.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* The slot that holds the name, or the free one where it belongs; the index is never full. */
static size_t find_slot(const struct columns *columns, const char *name, size_t length)
{
    size_t at = column_text_hash(name, length) & (columns->slots - 1);

    for (; columns->slot[at]; at = (at + 1) & (columns->slots - 1)) {
        const char *other = columns->column[columns->slot[at] - 1].name;
        if (strlen(other) == length && memcmp(other, name, length) == 0)
            break;
    }
    return at;
}

/* Doubles the index when it is half full. */
static mxp_status grow_index(struct columns *columns, mxp_error *error)
{
    if (2 * (columns->count + 1) <= columns->slots)
        return MXP_OK;
    const size_t slots = columns->slots ? 2 * columns->slots : 16;
    size_t *slot = NULL;
    const mxp_status status = MEM_NEW(&slot, slots, error);
    if (status != MXP_OK)
        return status;
    free(columns->slot);
    columns->slot = slot;
    columns->slots = slots;
    for (size_t j = 0; j < columns->count; j++) {
        const char *name = columns->column[j].name;
        slot[find_slot(columns, name, strlen(name))] = j + 1;
    }
    return MXP_OK;
}

mxp_status columns_append(struct columns *columns, const char *name, size_t length, bool *duplicate,
                          mxp_error *error)
{
    mxp_status status = MXP_OK;
    char *copy = NULL;

    *duplicate = false;
    TRY(status = grow_index(columns, error));
    const size_t at = find_slot(columns, name, length);
    if (columns->slot[at]) {
        *duplicate = true;
        return MXP_OK;
    }
    TRY(status = mem_grow(&columns->column, &columns->capacity, columns->count + 1,
                          sizeof *columns->column, error));
    TRY(status = mem_text_n(&copy, name, length, error));
    columns->column[columns->count] = (struct column){.name = copy};
    columns->slot[at] = ++columns->count;
out:
    return status;
}

static void free_column(struct column *column)
{
    free(column->name);
    free(column->values);
    free(column->fault.text);
    column_text_free(&column->text);
}

void columns_drop(struct columns *columns)
{
    struct column *last = &columns->column[columns->count - 1];

    /* the last to come: no other name's search passes through its slot */
    columns->slot[find_slot(columns, last->name, strlen(last->name))] = 0;
    free_column(last);
    columns->count--;
}

size_t columns_find(const struct columns *columns, const char *name, size_t length)
{
    if (!columns->slots)
        return SIZE_MAX;
    return columns->slot[find_slot(columns, name, length)] - 1; /* 0 - 1: SIZE_MAX */
}

mxp_status columns_anchor(struct columns *columns, size_t row, size_t line, mxp_error *error)
{
    const mxp_status status = mem_grow(&columns->anchor, &columns->anchor_capacity,
                                       columns->anchors + 1, sizeof *columns->anchor, error);
    if (status == MXP_OK)
        columns->anchor[columns->anchors++] = (struct line_anchor){row, line};
    return status;
}

size_t columns_line(const struct columns *columns, size_t row)
{
    size_t low = 0, high = columns->anchors;

    while (low < high) { /* low: anchors at or before the row */
        const size_t middle = low + (high - low) / 2;
        if (columns->anchor[middle].row <= row)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 0;
    return columns->anchor[low - 1].line + (row - columns->anchor[low - 1].row);
}

void columns_missing(struct columns *columns, size_t column, size_t row)
{
    struct column *c = &columns->column[column];
    if (c->missing++ == 0)
        c->missing_row = row;
}

/* At most this many bytes of a faulty cell are kept. */
enum { SHOWN = 60 };

mxp_status columns_fault(struct columns *columns, size_t column, size_t row, const char *text,
                         size_t length, const char *why, mxp_error *error)
{
    struct column_fault *fault = &columns->column[column].fault;
    char shown[SHOWN + 4];
    size_t bytes = length < SHOWN ? length : SHOWN;

    if (fault->text)
        return MXP_OK;
    while (bytes < length && bytes > SHOWN - 4 && ((unsigned char)text[bytes] & 0xC0u) == 0x80u)
        bytes--; /* not in the middle of a character */
    memcpy(shown, text, bytes);
    memcpy(shown + bytes, "...", 4);
    fault->row = row;
    fault->line = columns_line(columns, row);
    fault->why = why;
    return mem_text_n(&fault->text, shown, bytes < length ? bytes + 3 : bytes, error);
}

mxp_status columns_text(struct columns *columns, size_t column, size_t row, const char *text,
                        size_t length, mxp_error *error)
{
    struct column *c = &columns->column[column];

    if (c->missing + c->texts++ != row) /* there are numbers: see columns_mixed */
        return MXP_OK;
    return column_text_add(&c->text, row, text, length, error);
}

bool columns_mixed(const struct columns *columns, size_t column)
{
    const struct column *c = &columns->column[column];
    return c->texts && c->missing + c->texts < columns->rows;
}

mxp_status columns_infer(struct columns *columns, mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (size_t j = 0; j < columns->count; j++) {
        struct column *c = &columns->column[j];
        c->categorical = 2 * c->texts > columns->rows - c->missing;
        if (c->texts)
            TRY(status = column_text_fill(&c->text, columns->rows, error));
    }
out:
    return status;
}

/* Whether no value is a NaN or an infinity: 0 times those is a NaN. */
HOT static bool all_finite(const double *values, size_t rows)
{
    double sum = 0.0;

#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < rows; i++)
        sum += 0.0 * values[i];
    return sum == 0.0;
}

mxp_status columns_scan(struct columns *columns, size_t column, mxp_error *error)
{
    double *values = columns->column[column].values;
    mxp_status status = MXP_OK;

    if (all_finite(values, columns->rows))
        return MXP_OK;
    for (size_t i = 0; i < columns->rows; i++) {
        if (isnan(values[i])) {
            columns_missing(columns, column, i);
        } else if (isinf(values[i])) {
            const char *text = values[i] > 0 ? "inf" : "-inf";
            TRY(status =
                    columns_fault(columns, column, i, text, strlen(text), "is not finite", error));
            values[i] = NAN;
        }
    }
out:
    return status;
}

void columns_free(struct columns *columns)
{
    for (size_t j = 0; j < columns->count; j++)
        free_column(&columns->column[j]);
    free(columns->column);
    free(columns->anchor);
    free(columns->slot);
    *columns = (struct columns){0};
}

/* ---- views ---- */

mxp_status columns_view(struct columns *view, const struct columns *whole, mxp_error *error)
{
    struct columns fresh = {.rows = whole->rows, .count = whole->count};
    const mxp_status status = MEM_NEW(&fresh.column, whole->count, error);

    if (status != MXP_OK)
        return status;
    for (size_t j = 0; j < whole->count; j++)
        fresh.column[j] =
            (struct column){.name = whole->column[j].name, .values = whole->column[j].values};
    *view = fresh;
    return MXP_OK;
}

static void merge_notes(struct column *whole, struct column *view)
{
    if (view->missing && (!whole->missing || view->missing_row < whole->missing_row))
        whole->missing_row = view->missing_row;
    whole->missing += view->missing;
    whole->texts += view->texts;
    if (view->fault.text && (!whole->fault.text || view->fault.row < whole->fault.row)) {
        free(whole->fault.text);
        whole->fault = view->fault;
        view->fault = (struct column_fault){0};
    }
}

static int by_row(const void *a, const void *b)
{
    const struct line_anchor *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

/* Puts the anchors in order and leaves out those that follow from the one before. */
static void order_anchors(struct columns *columns)
{
    struct line_anchor *anchor = columns->anchor;
    size_t kept = 0;

    if (columns->anchors)
        qsort(anchor, columns->anchors, sizeof *anchor, by_row);
    for (size_t i = 0; i < columns->anchors; i++)
        if (!kept ||
            anchor[kept - 1].line + (anchor[i].row - anchor[kept - 1].row) != anchor[i].line)
            anchor[kept++] = anchor[i];
    columns->anchors = kept;
}

mxp_status columns_merge(struct columns *whole, struct columns *view, mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (size_t j = 0; j < whole->count; j++)
        merge_notes(&whole->column[j], &view->column[j]);
    for (size_t i = 0; i < view->anchors; i++)
        TRY(status = columns_anchor(whole, view->anchor[i].row, view->anchor[i].line, error));
    order_anchors(whole);
out:
    return status;
}

void columns_view_free(struct columns *view)
{
    for (size_t j = 0; j < view->count; j++)
        free(view->column[j].fault.text);
    free(view->column);
    free(view->anchor);
    *view = (struct columns){0};
}
