#include "io/csv_piece.h"

#include "base/hot.h"
#include "io/csv_number.h"

#include <math.h>
#include <string.h>

/* Text that stays in the first cache while its columns are parsed one after the other. */
enum { TILE_BYTES = 16384, TILE_ROWS = 8 };

/* Cells of one column: that of row r is between stop[r * stride] and stop[r * stride + 1]. */
struct cells {
    double *values;
    const char *const *stop;
    size_t stride, rows;
    bool last; /* the column; a carriage return may end its cells */
};

static bool general_number(double *value, const char *s, const char *e)
{
    return s < e && decimal_parse(value, s) == e && fabs(*value) <= DBL_MAX;
}

/* Parses cells from row r on; returns the row of the first that is more than a number, or rows. */
HOT static size_t parse_numbers(const struct cells *cells, size_t r)
{
    const size_t stride = cells->stride, rows = cells->rows;
    const char *const *stop = cells->stop + r * stride;
    double *const values = cells->values;
    const bool last = cells->last;
    bool plain = true; /* where one number has an exponent, the next has one too */

    for (; r < rows; r++, stop += stride) {
        const char *const s = stop[0] + 1, *e = stop[1];
        e -= last && e > s && e[-1] == '\r';
        if (plain && csv_number(&values[r], s, e))
            continue;
        plain = false;
        if (!general_number(&values[r], s, e))
            break;
    }
    return r;
}

/* first: the number of the first row. */
static mxp_status parse_cells(struct csv *csv, const struct cells *cells, size_t column,
                              size_t first, mxp_error *error)
{
    mxp_status status = MXP_OK;
    size_t newlines = 0;

    for (size_t r = 0; (r = parse_numbers(cells, r)) < cells->rows; r++) {
        const char *at = cells->stop[r * cells->stride] + 1;
        csv->out->rows = first + r;
        TRY(status = csv_cell(csv, &cells->values[r], column, &at, &newlines, error));
    }
out:
    return status;
}

/* Whether a NUL hides in cells that have no column. */
static bool hides_nul(const char *const *stop, size_t stride, size_t rows)
{
    bool hides = false;

    for (size_t r = 0; r < rows && !hides; r++)
        hides = memchr(stop[r * stride], '\0', (size_t)(stop[r * stride + 1] - stop[r * stride]));
    return hides;
}

static mxp_status parse_columns(struct csv *csv, const struct csv_index *index, mxp_error *error)
{
    const size_t base = csv->out->rows, count = csv->out->count, stride = count + csv->unnamed;
    const size_t fit = TILE_BYTES / ((size_t)(index->end - csv->at) / index->rows + 1);
    const size_t tile = fit < TILE_ROWS ? TILE_ROWS : fit;
    mxp_status status = MXP_OK;

    for (size_t r = 0; r < index->rows; r += tile) {
        const size_t rows = index->rows - r < tile ? index->rows - r : tile;
        const char *const *stop = index->stop + r * stride;
        if (csv->unnamed && hides_nul(stop, stride, rows)) {
            status = MXP_DATA;
            goto out;
        }
        for (size_t j = 0; j < count; j++) {
            const struct cells cells = {csv->out->column[j].values + base + r,
                                        stop + j + csv->unnamed, stride, rows, j + 1 == count};
            TRY(status = parse_cells(csv, &cells, j, base + r, error));
        }
    }
out:
    csv->out->rows = base;
    return status;
}

static mxp_status parse_rows(struct csv *csv, const struct csv_index *index, mxp_error *error)
{
    mxp_status status = MXP_OK;

    while (csv->at < csv->end && csv->at < index->end)
        TRY(status = csv_row(csv, error));
out:
    return status;
}

mxp_status csv_piece_parse(struct csv *csv, const struct csv_index *index, mxp_error *error)
{
    const size_t cells = csv->out->count + csv->unnamed;

    if (csv->any_is_na || index->lines != index->rows ||
        !csv_index_is_regular(index, cells, csv->end))
        return parse_rows(csv, index, error);
    const mxp_status status = parse_columns(csv, index, error);
    if (status == MXP_DATA) /* a NUL byte: which one is the first in the text? */
        return parse_rows(csv, index, error);
    csv->at = index->end;
    csv->out->rows += index->rows;
    csv->line += index->lines;
    return status;
}
