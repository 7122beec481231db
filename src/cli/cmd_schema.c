#include "output.h"
#include "verb.h"

int cmd_schema(const struct args *args)
{
    mxp_error error = {0};
    char *text = NULL;

    if (mxp_schema(&text, &error))
        return output_error(&error);
    const int code = args->quiet && !args->json ? MXP_OK : output_text(text);
    mxp_text_free(text);
    return code;
}
