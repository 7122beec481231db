/* libFuzzer: any bytes as a decimal, against strtod. */
#include "io/decimal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(size + 1 + DECIMAL_SLACK, 1), *end;
    double value;

    if (!text)
        return 0;
    for (size_t i = 0; i < size; i++) /* mostly digits; strtod knows more than decimals */
        text[i] = strchr("+-.eE0123456789", data[i]) ? (char)data[i] : (char)('0' + data[i] % 10);
    const char *stop = decimal_parse(&value, text);
    const double expected = strtod(text, &end);
    if (stop != end || memcmp(&value, &expected, sizeof value) != 0)
        abort();
    free(text);
    return 0;
}
