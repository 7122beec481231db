#include "io/column_text.h"

#include "base/mem.h"
#include "base/number.h"

#include <math.h>
#include <string.h>

size_t column_text_hash(const char *text, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    return (size_t)(hash ^ (hash >> 32));
}

/* The slot that holds the text, or the free one where it belongs; the index is never full. */
static size_t find_slot(const struct column_text *column, const char *text, size_t length)
{
    size_t at = column_text_hash(text, length) & (column->slots - 1);

    for (; column->slot[at]; at = (at + 1) & (column->slots - 1)) {
        const char *other = column->level[column->slot[at] - 1];
        if (strncmp(other, text, length) == 0 && other[length] == '\0')
            break;
    }
    return at;
}

/* Doubles the index when it is half full. */
static mxp_status grow_index(struct column_text *column, mxp_error *error)
{
    if (2 * (column->count + 1) <= column->slots)
        return MXP_OK;
    const size_t slots = column->slots ? 2 * column->slots : 16;
    uint32_t *slot = NULL;
    const mxp_status status = MEM_NEW(&slot, slots, error);
    if (status != MXP_OK)
        return status;
    free(column->slot);
    column->slot = slot;
    column->slots = slots;
    for (size_t i = 0; i < column->count; i++)
        slot[find_slot(column, column->level[i], strlen(column->level[i]))] = (uint32_t)i + 1;
    return MXP_OK;
}

static mxp_status intern(uint32_t *code, struct column_text *column, const char *text,
                         size_t length, mxp_error *error)
{
    mxp_status status = MXP_OK;
    char *copy = NULL;

    TRY(status = grow_index(column, error));
    const size_t at = find_slot(column, text, length);
    if (column->slot[at]) {
        *code = column->slot[at] - 1;
        goto out;
    }
    if (column->count >= COLUMN_TEXT_NONE - 1) {
        status =
            FAIL(error, MXP_MEMORY, "a column of more than %zu different texts", column->count);
        goto out;
    }
    TRY(status = mem_grow(&column->level, &column->capacity, column->count + 1,
                          sizeof *column->level, error));
    TRY(status = mem_text_n(&copy, text, length, error));
    *code = (uint32_t)column->count;
    column->level[column->count++] = copy;
    column->slot[at] = *code + 1;
out:
    return status;
}

mxp_status column_text_fill(struct column_text *column, size_t rows, mxp_error *error)
{
    const mxp_status status =
        mem_grow(&column->code, &column->code_capacity, rows, sizeof *column->code, error);
    if (status != MXP_OK)
        return status;
    while (column->filled < rows)
        column->code[column->filled++] = COLUMN_TEXT_NONE;
    return MXP_OK;
}

mxp_status column_text_add(struct column_text *column, size_t row, const char *text, size_t length,
                           mxp_error *error)
{
    uint32_t code = 0;
    mxp_status status;

    TRY(status = column_text_fill(column, row + 1, error));
    TRY(status = intern(&code, column, text, length, error));
    column->code[row] = code;
out:
    return status;
}

mxp_status column_text_append(struct column_text *column, const struct column_text *other,
                              mxp_error *error)
{
    const size_t rows = column->filled;
    uint32_t *code = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&code, other->count, error));
    TRY(status = mem_grow(&column->code, &column->code_capacity, rows + other->filled,
                          sizeof *column->code, error));
    for (size_t l = 0; l < other->count; l++)
        TRY(status = intern(&code[l], column, other->level[l], strlen(other->level[l]), error));
    for (size_t i = 0; i < other->filled; i++)
        column->code[rows + i] =
            other->code[i] == COLUMN_TEXT_NONE ? COLUMN_TEXT_NONE : code[other->code[i]];
    column->filled = rows + other->filled;
out:
    free(code);
    return status;
}

uint32_t column_text_find(const struct column_text *column, const char *text, size_t length)
{
    if (!column->slots)
        return COLUMN_TEXT_NONE;
    return column->slot[find_slot(column, text, length)] - 1; /* 0 - 1: none */
}

/* ---- numbers ---- */

mxp_status column_text_of_numbers(struct column_text *column, const double *values, size_t rows,
                                  mxp_error *error)
{
    struct str label = {0};
    double last = NAN;
    uint32_t code = 0;
    mxp_status status;

    TRY(status = column_text_fill(column, rows, error));
    for (size_t i = 0; i < rows; i++) {
        if (isnan(values[i]))
            continue;
        if (values[i] != last) { /* repeated numbers come cheap */
            label.length = 0;
            number_print(&label, values[i] == 0.0 ? 0.0 : values[i]);
            TRY(status = str_check(&label, error));
            TRY(status = intern(&code, column, label.text, label.length, error));
            last = values[i];
        }
        column->code[i] = code;
    }
out:
    str_free(&label);
    return status;
}

void column_text_free(struct column_text *column)
{
    for (size_t i = 0; i < column->count; i++)
        free(column->level[i]);
    free(column->level);
    free(column->code);
    free(column->slot);
    *column = (struct column_text){0};
}

bool column_text_is_na(const char *const *na, size_t count, const char *text, size_t length)
{
    const char first = length ? *text : '\0'; /* most texts differ there */

    for (size_t i = 0; i < count; i++)
        if (*na[i] == first && strncmp(na[i], text, length) == 0 && na[i][length] == '\0')
            return true;
    return false;
}
