/* libFuzzer: any bytes as delimited text; the first chooses the delimiter.  Read as a whole, and in
 * small pieces by two threads, which must not make a difference. */
#include "io/csv.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_same(const struct columns *a, const struct columns *b)
{
    if (a->rows != b->rows || a->count != b->count)
        abort();
    for (size_t j = 0; j < a->count; j++) {
        const struct column *c = &a->column[j], *d = &b->column[j];
        if (c->missing != d->missing || c->texts != d->texts || c->text.count != d->text.count)
            abort();
        for (size_t i = 0; i < a->rows; i++)
            if (!(c->values[i] == d->values[i] || (isnan(c->values[i]) && isnan(d->values[i]))) ||
                columns_line(a, i) != columns_line(b, i) ||
                (c->text.code && c->text.code[i] != d->text.code[i]))
                abort();
    }
}

static void in_pieces(const struct columns *whole, const mxp_error *first,
                      const struct bytes *input, const struct csv_options *options, size_t size)
{
    struct csv_options small = *options;
    struct columns columns = {0};
    mxp_error error = {0};

    small.piece = size;
    small.threads = 2;
    if (csv_parse(&columns, input, &small, "fuzz.csv", &error) == MXP_OK)
        expect_same(whole, &columns);
    if (strcmp(error.message, first->message) != 0)
        abort();
    columns_free(&columns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const na[] = {"", "NA", "-9"};
    if (size == 0)
        return 0;
    const struct csv_options options = {
        .delimiter = data[0] & 1 ? '\t' : ',', .na = na, .na_count = data[0] & 2 ? 3 : 2};
    struct columns columns = {0};
    mxp_error error = {0};
    char *copy = calloc(size - 1 + BYTES_SLACK, 1); /* just the slack that is promised */

    if (!copy)
        return 0;
    memcpy(copy, data + 1, size - 1);
    const struct bytes input = {.data = copy, .size = size - 1};
    if (csv_parse(&columns, &input, &options, "fuzz.csv", &error) == MXP_OK) {
        if (columns.rows == 0 || columns.count == 0 || columns_line(&columns, columns.rows - 1) < 2)
            abort();
    } else if (error.status != MXP_DATA) {
        abort();
    }
    in_pieces(&columns, &error, &input, &options, 1 + (data[0] >> 2));
    columns_free(&columns);
    free(copy);
    return 0;
}
