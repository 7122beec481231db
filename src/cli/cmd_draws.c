#include "output.h"
#include "verb.h"

/* The draws go to --out, or to standard output unless the document does. */
static int show(const mxp_draws *draws, const struct args *args)
{
    mxp_error error = {0};
    char *text = NULL;
    int code = MXP_OK;

    if (args->out || !args->json) {
        if (mxp_draws_csv(&text, draws, &error) ||
            (args->out && mxp_text_write(args->out, text, &error)))
            code = output_error(&error);
        else if (!args->out)
            code = output_text(text);
        mxp_text_free(text);
        text = NULL;
    }
    if (code || !args->json)
        return code;
    if (mxp_draws_json(&text, draws, &error))
        return output_error(&error);
    code = output_text(text);
    mxp_text_free(text);
    return code;
}

int cmd_draws(const struct args *args)
{
    mxp_draws_options options;
    mxp_draws *draws = NULL;
    mxp_error error = {0};

    mxp_draws_options_init(&options);
    if (args->draws >= 0)
        options.count = (size_t)args->draws;
    if (args->seed >= 0)
        options.seed = (unsigned long long)args->seed;
    if (args->names)
        options.names = args->names;
    if (mxp_draws_new(&draws, args->operand[0], &options, &error))
        return output_error(&error);
    const int code = show(draws, args);
    mxp_draws_free(draws);
    return code;
}
