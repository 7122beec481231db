#include "output.h"
#include "verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cuts `name(settings)` in two, in place; a bare name has no settings.  False: no such form. */
static bool split(char *text, const char **name, const char **settings)
{
    char *const open = strchr(text, '(');
    const size_t length = strlen(text);

    *name = text;
    *settings = "";
    if (!open)
        return true;
    if (open == text || text[length - 1] != ')')
        return false;
    *open = text[length - 1] = '\0';
    *settings = open + 1;
    return true;
}

static int convert(const mxp_convert_request *request, const struct args *args)
{
    mxp_error error = {0};
    char *text = NULL;

    if (mxp_convert(&text, request, &error))
        return output_error(&error);
    const int code = args->quiet && !args->json ? MXP_OK : output_text(text);
    mxp_text_free(text);
    return code;
}

int cmd_convert(const struct args *args)
{
    mxp_convert_request request;
    char *copy = NULL;

    if (!args->prior == !args->penalty)
        return output_usage("maxpost convert needs %s: --prior 'laplace(0, 0.5)' or "
                            "--penalty 'glmnet(lambda=0.1, alpha=1)'",
                            args->prior ? "only one of the two" : "one of the two");
    mxp_convert_init(&request);
    request.prior = args->prior;
    request.rows = args->rows;
    request.noise_sd = args->noise_sd;
    request.response_sd = args->response_sd;
    request.json = args->json;
    if (args->family)
        request.family = args->family;
    if (args->penalty) {
        const size_t size = strlen(args->penalty) + 1;
        copy = malloc(size);
        if (!copy)
            return output_failure(MXP_MEMORY, "out of memory");
        memcpy(copy, args->penalty, size);
        if (!split(copy, &request.convention, &request.settings)) {
            free(copy);
            return output_usage("--penalty %s is not of the form TOOL(NAME=VALUE, ...)",
                                args->penalty);
        }
    }
    const int code = convert(&request, args);
    free(copy);
    return code;
}
