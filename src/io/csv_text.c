#include "io/csv_text.h"

#include "base/mem.h"
#include "io/csv_field.h"

static mxp_status add_cell(struct columns *columns, size_t column, size_t row,
                           const struct field *field, const struct csv_options *options,
                           mxp_error *error)
{
    struct column_text *text = &columns->column[column].text;
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

mxp_status csv_read_texts(struct columns *columns, const char *at, const char *end,
                          const struct csv_options *options, mxp_error *error)
{
    bool any = false;
    mxp_status status = MXP_OK;

    for (size_t j = 0; j < columns->count; j++) {
        if (!columns_mixed(columns, j))
            continue;
        column_text_free(&columns->column[j].text);
        any = true;
    }
    for (size_t row = 0; any && row < columns->rows; row++) {
        for (size_t j = 0; j < columns->count; j++) {
            struct field field;
            if (field_scan(&field, at, end, options->delimiter) != FIELD_OK)
                goto out; /* the first pass would have said so */
            at = field.end + 1;
            if (columns_mixed(columns, j))
                TRY(status = add_cell(columns, j, row, &field, options, error));
        }
    }
out:
    return status;
}
