#include "output.h"
#include "verb.h"

/* The table goes to --out, or to standard output unless the document does. */
static int show(const mxp_prediction *prediction, const struct args *args)
{
    mxp_error error = {0};
    char *text = NULL;
    int code = MXP_OK;

    if (args->out || !args->json) {
        if (mxp_prediction_csv(&text, prediction, &error) ||
            (args->out && mxp_text_write(args->out, text, &error)))
            code = output_error(&error);
        else if (!args->out)
            code = output_text(text);
        mxp_text_free(text);
        text = NULL;
    }
    if (code || !args->json)
        return code;
    if (mxp_prediction_json(&text, prediction, &error))
        return output_error(&error);
    code = output_text(text);
    mxp_text_free(text);
    return code;
}

static int complain(const mxp_prediction *prediction, const struct args *args)
{
    mxp_error error = {0};
    char *text = NULL;

    if (args->quiet || args->json)
        return MXP_OK;
    if (mxp_prediction_notes(&text, prediction, &error))
        return output_error(&error);
    output_notes(text);
    mxp_text_free(text);
    return MXP_OK;
}

int cmd_predict(const struct args *args)
{
    mxp_prediction *prediction = NULL;
    mxp_predict_options options;
    mxp_error error = {0};

    mxp_predict_options_init(&options);
    options.level = args->level;
    options.sql = args->sql;
    if (args->probabilities)
        options.probabilities = args->probabilities;
    if (args->draws >= 0)
        options.draws = (size_t)args->draws;
    if (args->seed >= 0)
        options.seed = (unsigned long long)args->seed;
    if (mxp_predict(&prediction, args->operand[0], args->operand[1], &options, &error))
        return output_error(&error);
    int code = show(prediction, args);
    if (code == MXP_OK)
        code = complain(prediction, args);
    mxp_prediction_free(prediction);
    return code;
}
