#include "io/csv_text.h"

#include "base/mem.h"
#include "io/csv_index.h"

#include <string.h>

/* What one thread reads: pieces that follow each other. */
struct range {
    const struct csv_pieces *pieces;
    const struct csv *csv;
    const size_t *column; /* count of them: those with texts */
    size_t count;
    size_t from, to;          /* pieces */
    struct column_text *text; /* of each column, from the range's first row on */
    size_t rows;              /* read so far */
    mxp_status status;
    mxp_error error;
};

static mxp_status add_cell(struct column_text *text, size_t row, const struct field *field,
                           const struct csv_options *options, mxp_error *error)
{
    char *copy = NULL;
    const char *cell = field->text;
    size_t length = field->length;
    mxp_status status = MXP_OK;

    if (field->doubled) {
        TRY(status = MEM_NEW(&copy, length + 1, error));
        length = field_copy(copy, length, field);
        cell = copy;
    }
    if (!column_text_is_na(options->na, options->na_count, cell, length))
        status = column_text_add(text, row, cell, length, error);
out:
    free(copy);
    return status;
}

/* The columns' cells of an indexed piece, which has been parsed without a fault. */
static mxp_status add_piece(struct range *r, const struct csv_index *index)
{
    const size_t stride = r->csv->out->count + r->csv->unnamed;
    mxp_status status = MXP_OK;

    for (size_t k = 0; k < r->count; k++) {
        const char *const *stop = index->stop + r->column[k] + r->csv->unnamed;
        for (size_t i = 0; i < index->rows; i++, stop += stride) {
            struct field field;
            (void)field_scan(&field, *stop + 1, r->csv->end, r->csv->options->delimiter);
            TRY(status = add_cell(&r->text[k], r->rows + i, &field, r->csv->options, &r->error));
        }
    }
    r->rows += index->rows;
out:
    return status;
}

static mxp_status read_range(struct range *r)
{
    struct csv_index index = {0};
    mxp_status status = MXP_OK;

    for (size_t i = r->from; i < r->to; i++) {
        const char *at = r->pieces->piece[i].at;
        if (!at)
            continue;
        TRY(status = csv_index_rows(&index, at, csv_piece_limit(r->pieces, i), r->csv->end,
                                    r->csv->options->delimiter, false, &r->error));
        TRY(status = add_piece(r, &index));
    }
    for (size_t k = 0; k < r->count; k++)
        TRY(status = column_text_fill(&r->text[k], r->rows, &r->error));
out:
    csv_index_free(&index);
    return status;
}

/* ---- all ranges ---- */

static mxp_status start_ranges(struct range *range, size_t ranges, const struct range *model,
                               mxp_error *error)
{
    const size_t pieces = model->pieces->count;
    mxp_status status = MXP_OK;

    for (size_t t = 0; t < ranges; t++) {
        range[t] = *model;
        range[t].from = t * pieces / ranges;
        range[t].to = (t + 1) * pieces / ranges;
        TRY(status = MEM_NEW(&range[t].text, model->count, error));
    }
out:
    return status;
}

/* The columns take the ranges' texts, which come one after the other. */
static mxp_status join_ranges(struct range *range, size_t ranges, mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (size_t t = 0; t < ranges; t++) {
        if (range[t].status != MXP_OK) {
            if (error)
                *error = range[t].error;
            return range[t].status;
        }
    }
    for (size_t k = 0; k < range->count; k++) {
        struct column_text *text = &range->csv->out->column[range->column[k]].text;
        *text = range->text[k];
        range->text[k] = (struct column_text){0};
        for (size_t t = 1; t < ranges; t++) {
            TRY(status = column_text_append(text, &range[t].text[k], error));
            column_text_free(&range[t].text[k]);
        }
    }
out:
    return status;
}

static void free_ranges(struct range *range, size_t ranges)
{
    for (size_t t = 0; range && t < ranges; t++) {
        for (size_t k = 0; range[t].text && k < range[t].count; k++)
            column_text_free(&range[t].text[k]);
        free(range[t].text);
    }
    free(range);
}

mxp_status csv_read_texts(const struct csv_pieces *pieces, const struct csv *csv, mxp_error *error)
{
    const size_t ranges = (size_t)pieces->threads;
    size_t *column = NULL, count = 0;
    struct range *range = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&column, csv->out->count, error));
    for (size_t j = 0; j < csv->out->count; j++)
        if (csv->out->column[j].texts)
            column[count++] = j;
    if (!count)
        goto out;
    TRY(status = MEM_NEW(&range, ranges, error));
    const struct range model = {.pieces = pieces, .csv = csv, .column = column, .count = count};
    TRY(status = start_ranges(range, ranges, &model, error));
#pragma omp parallel for schedule(static) num_threads(pieces->threads)
    for (size_t t = 0; t < ranges; t++)
        range[t].status = read_range(&range[t]);
    status = join_ranges(range, ranges, error);
out:
    free_ranges(range, ranges);
    free(column);
    return status;
}
