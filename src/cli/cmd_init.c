#include "output.h"
#include "verb.h"

int cmd_init(const struct args *args)
{
    mxp_error error = {0};
    char *text = NULL;
    int code = MXP_OK;

    if (mxp_init(&text, args->operand[0], args->response, &error))
        return output_error(&error);
    if (args->json)
        code = output_lines_json("init", text);
    else if (!args->quiet)
        code = output_text(text);
    mxp_text_free(text);
    return code;
}
