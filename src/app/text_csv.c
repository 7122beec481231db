#include "app/text_csv.h"

#include <math.h>
#include <string.h>

void text_csv_field(struct str *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        str_add(out, text);
        return;
    }
    str_add(out, "\"");
    for (; *text; text++) {
        str_add_n(out, text, 1);
        if (*text == '"')
            str_add(out, "\"");
    }
    str_add(out, "\"");
}

void text_csv_number(struct str *out, double value)
{
    if (isfinite(value))
        str_format(out, "%.17g", value);
}
