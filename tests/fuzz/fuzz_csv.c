/* libFuzzer: any bytes as delimited text; the first chooses the delimiter. */
#include "io/csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const na[] = {"", "NA", "-9"};
    if (size == 0)
        return 0;
    const struct csv_options options = {data[0] & 1 ? '\t' : ',', na, data[0] & 2 ? 3 : 2};
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
        columns_free(&columns);
    } else if (error.status != MXP_DATA) {
        abort();
    }
    free(copy);
    return 0;
}
