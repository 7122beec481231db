/* libFuzzer: any bytes as a .npy file. */
#include "io/npy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct columns columns = {0};
    mxp_error error = {0};
    char *copy = calloc(size + BYTES_SLACK, 1); /* just the slack that is promised */

    if (!copy)
        return 0;
    memcpy(copy, data, size);
    const struct bytes input = {.data = copy, .size = size};
    if (npy_parse(&columns, &input, NULL, 0, "fuzz.npy", &error) == MXP_OK)
        columns_free(&columns);
    else if (error.status != MXP_DATA)
        abort();
    free(copy);
    return 0;
}
