/* The model file. */
#include "app/init.h"
#include "io/file.h"
#include "model/family.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Auxiliary parameters by family: a prior that is proper, so that there is a mode also where the
 * data do not bound the parameter. */
static const struct auxiliary {
    const char *family, *prior, *why;
} auxiliaries[] = {
    {"negative_binomial", "size: exponential(0.1)",
     "variance mu + mu^2/size; finite where poisson would do"},
    {"gamma", "shape: exponential(0.01)", "variance mu^2/shape; keeps shape finite"},
    {"beta", "precision: exponential(0.01)", "variance mu (1 - mu)/(1 + precision)"},
};

/* A key and its value, and behind them in a column of their own what is said about it. */
static void put_line(struct str *out, const struct str *line, const char *comment)
{
    enum { COMMENTS = 34 };

    out->failed |= line->failed;
    if (out->failed)
        return;
    str_add_n(out, line->text, line->length);
    if (*comment) {
        const size_t width = str_characters(line->text, line->length);
        str_format(out, "%*s# %s", width < COMMENTS ? (int)(COMMENTS - width) : 2, "", comment);
    }
    str_add(out, "\n");
}

static void put(struct str *out, const char *text, const char *comment)
{
    struct str line = {0};

    str_add(&line, text);
    put_line(out, &line, comment);
    str_free(&line);
}

static void write_response(struct str *out, const struct init_guess *guess)
{
    struct str line = {0};

    str_add(&line, "response: ");
    init_write_name(&line, mxp_table_name(guess->table, guess->response));
    put_line(out, &line,
             guess->named ? ""
             : guess->column[guess->response].factor
                 ? "the last column; --response NAME for another"
                 : "the last numeric column; --response NAME "
                   "for another");
    str_free(&line);
}

static void write_predictors(struct str *out, const struct init_guess *guess)
{
    struct init_list list = init_list_begin(out, "predictors: [", "             ");

    for (size_t j = 0; j < guess->columns; j++)
        if (guess->column[j].predictor)
            init_list_add(&list, mxp_table_name(guess->table, j), "");
    str_add(out, "]\n");
}

/* The columns that are no part of the model, by reason. */
static void write_left_out(struct str *out, const struct init_guess *guess)
{
    for (int reason = INIT_KEPT + 1; reason < INIT_REASONS; reason++) {
        struct init_list list = {0};
        for (size_t j = 0; j < guess->columns; j++) {
            const struct init_column *column = &guess->column[j];
            char more[INIT_DETAIL + 4] = "";
            if (column->reason != (enum init_reason)reason)
                continue;
            if (list.items == 0) {
                str_format(out, "# Left out (%s):\n", init_reason_words(column->reason));
                list = init_list_begin(out, "#   ", "#   ");
            }
            if (*column->detail)
                (void)snprintf(more, sizeof more, " (%s)", column->detail);
            init_list_add(&list, mxp_table_name(guess->table, j), more);
        }
        str_add(out, list.items ? "\n" : "");
    }
}

/* The factors, with their levels and the one that the others are compared with. */
static void write_factors(struct str *out, const struct init_guess *guess)
{
    struct init_list list = {0};

    for (size_t j = 0; j < guess->columns; j++) {
        struct str more = {0};
        const char *first;
        size_t levels;
        if (!guess->column[j].predictor || !guess->column[j].factor)
            continue;
        if (list.items == 0)
            list = init_list_begin(out, "# Factors (levels, the reference): ", "#   ");
        if (init_levels(&levels, &first, guess, j, NULL) != MXP_OK) {
            out->failed = true;
            return;
        }
        str_format(&more, " (%zu, ", levels);
        init_write_name(&more, first);
        str_add(&more, ")");
        out->failed |= more.failed;
        init_list_add(&list, mxp_table_name(guess->table, j), more.failed ? "" : more.text);
        str_free(&more);
    }
    str_add(out, list.items ? "\n" : "");
}

static void write_summary(struct str *out, const struct init_guess *guess)
{
    const struct init_summary *y = &guess->y;

    str_add(out, "\n# ");
    init_write_name(out, mxp_table_name(guess->table, guess->response));
    if (guess->answer == INIT_CLASSES) {
        const char *first;
        size_t levels;
        if (init_levels(&levels, &first, guess, guess->response, NULL) != MXP_OK) {
            out->failed = true;
            return;
        }
        str_format(out, ": %zu rows in %zu classes, compared with ", guess->complete_rows, levels);
        init_write_name(out, first);
        str_add(out, "\n");
        return;
    }
    str_format(out, ": %zu values from %.4g to %.4g, mean %.4g, sd %.4g", guess->complete_rows,
               y->low, y->high, y->mean, y->sd);
    if (guess->answer == INIT_ZERO_ONE || guess->answer == INIT_TWO)
        str_add(out, "\n");
    else
        str_format(out, ", skewness %.2g\n", y->skewness);
}

static void write_why(struct str *why, const struct init_guess *guess)
{
    const char *family = guess->family;

    if (strcmp(family, "bernoulli") == 0)
        str_add(why, "the response is 0 or 1: logistic regression");
    else if (guess->answer == INIT_TWO && strcmp(family, "multinomial") == 0)
        str_format(why, "two classes: logistic regression, the odds of %.4g against %.4g",
                   guess->y.high, guess->y.low);
    else if (strcmp(family, "multinomial") == 0)
        str_format(why, "classes%s", guess->y.distinct == 2 ? "; of two, logistic regression" : "");
    else if (guess->answer == INIT_COUNTS)
        str_format(why, "counts; their variance is %.3g times their mean, of poisson 1",
                   guess->y.dispersion);
    else if (strcmp(family, "beta") == 0)
        str_add(why, "shares: every value lies between 0 and 1");
    else if (strcmp(family, "gamma") == 0)
        str_add(why, "positive, and so skewed that the spread grows with the mean");
    else
        str_add(why, "its noise_sd is estimated");
}

/* What else might be tried, if this program has it. */
static void write_advice(struct str *out, const struct init_guess *guess)
{
    const struct init_summary *y = &guess->y;
    const bool gaussian = strcmp(guess->family, "gaussian") == 0;
    const bool skewed = y->low > 0.0 && y->skewness > 1.0;

    if (guess->family != guess->families[0] && guess->answer != INIT_TWO &&
        guess->answer != INIT_CLASSES)
        str_format(out, "# %s would suit the values better, but %s.\n", guess->families[0],
                   family_find(guess->families[0]) ? "cannot be fitted to them as they are"
                                                   : "is not in this program");
    if (!gaussian)
        return;
    if (guess->answer == INIT_TWO)
        str_add(out, "# Two values: written as 0 and 1 they are a response for bernoulli.\n");
    else if (skewed)
        str_format(out, "# Positive and skewed: consider %sthe logarithm of the response.\n",
                   family_find("gamma") ? "family: gamma (its link is log), or " : "");
    else if (y->kurtosis > 6.0 && guess->complete_rows >= 20)
        str_format(out, "# Heavy tails (kurtosis %.2g; normal 3): %s.\n", y->kurtosis,
                   family_find("student_t") ? "family: student_t gives outliers less weight"
                                            : "look at the outliers");
    if (y->whole && y->distinct > 2 && y->distinct <= INIT_FEW)
        str_format(out, "# Few whole numbers: if they are grades, %s.\n",
                   family_find("ordinal") ? "family: ordinal needs no equal distances between them"
                                          : "their distances are taken as equal here");
}

static void write_family(struct str *out, const struct init_guess *guess)
{
    struct str line = {0}, why = {0};

    write_summary(out, guess);
    str_format(&line, "family: %s", guess->family);
    write_why(&why, guess);
    out->failed |= why.failed;
    if (!out->failed)
        put_line(out, &line, why.text);
    write_advice(out, guess);
    str_free(&line);
    str_free(&why);
}

/* "  weights: gaussian(0, 64)" */
static void write_weights(struct str *out, double scale, bool gaussian)
{
    struct str line = {0};

    str_add(&line, "  weights: gaussian(0, ");
    init_write_number(&line, scale, 2);
    str_add(&line, ")");
    put_line(out, &line,
             gaussian ? "weak: 2.5 sds of the response for one sd of a column"
                      : "weak: 2.5 on the scale of the link for one sd of a column");
    str_free(&line);
}

static void write_noise(struct str *out, const struct init_guess *guess)
{
    struct str line = {0};

    str_add(&line, guess->firm ? "  noise_sd: inverse_gamma(1, " : "  noise_sd: exponential(");
    init_write_number(&line, guess->firm ? 0.1 * guess->y.sd : 1.0 / guess->y.sd, 2);
    str_add(&line, ")");
    put_line(out, &line,
             guess->firm ? "away from 0, where a perfect fit would pull it"
                         : "weak: its mean is the sd of the response");
    str_free(&line);
}

static void write_prior(struct str *out, const struct init_guess *guess)
{
    const bool gaussian = strcmp(guess->family, "gaussian") == 0;
    const double scale = 2.5 * (gaussian ? guess->y.sd : 1.0);

    str_add(out, "\n");
    put(out, "standardize: true", "priors speak about columns in units of their sd");
    str_add(out, "prior:\n");
    put(out, "  intercept: flat", "free to go where the data are");
    write_weights(out, scale, gaussian);
    if (gaussian)
        write_noise(out, guess);
    for (size_t i = 0; i < sizeof auxiliaries / sizeof *auxiliaries; i++) {
        struct str line = {0};
        if (strcmp(auxiliaries[i].family, guess->family) != 0)
            continue;
        str_format(&line, "  %s", auxiliaries[i].prior);
        put_line(out, &line, auxiliaries[i].why);
        str_free(&line);
    }
    str_add(
        out,
        "# A gaussian prior is the penalty of ridge regression.  To select columns: laplace(0, ");
    init_write_number(out, scale / sqrt(2.0), 2);
    str_add(out,
            "), of\n# the same sd, is the lasso, smaller scales select more.  `maxpost convert` "
            "gives lambda and C.\n");
}

void init_write_model(struct str *out, const struct init_guess *guess, const char *name,
                      const char *data_file)
{
    str_add(out, "# A starting point for ");
    init_write_name(out, file_name(data_file));
    str_format(out, " (%zu rows, %zu columns): change what you know better.\n", guess->rows,
               guess->columns);
    if (guess->headless)
        str_add(out, "# CAUTION: the names of the columns look like data.  Has the file no header "
                     "row?\n");
    str_add(out, "maxpost: 1\nname: ");
    init_write_name(out, name);
    str_add(out, "\n");
    write_response(out, guess);
    write_predictors(out, guess);
    write_factors(out, guess);
    write_left_out(out, guess);
    write_family(out, guess);
    write_prior(out, guess);
}
