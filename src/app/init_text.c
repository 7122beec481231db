#include "app/init.h"
#include "io/utf8.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { LINE = 96 };

bool init_can_write(const char *name)
{
    size_t left = strlen(name);
    uint32_t code;

    while (left > 0) {
        const size_t bytes = utf8_decode(&code, name, left);
        if (bytes == 0)
            return false;
        name += bytes;
        left -= bytes;
    }
    return true;
}

/* A word that no reader of YAML takes for something else. */
static bool is_plain(const char *name)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no",  "on",
                                        "off",  "y",    "n",     "nan", "inf", "all"};

    if (!isalpha((unsigned char)name[0]) && name[0] != '_')
        return false;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("_.-", *at))
            return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i], name) == 0)
            return false;
    return true;
}

static bool must_escape(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
           code == 0xFEFF || code == 0xFFFE || code == 0xFFFF;
}

void init_write_name(struct str *out, const char *name)
{
    if (is_plain(name))
        str_add(out, name);
    else
        init_write_quoted(out, name);
}

void init_write_quoted(struct str *out, const char *name)
{
    size_t left = strlen(name);
    uint32_t code;

    str_add(out, "\"");
    while (left > 0) {
        size_t bytes = utf8_decode(&code, name, left);
        if (bytes == 0)
            bytes = 1, code = 0xFFFD;
        if (code == '"' || code == '\\')
            str_format(out, "\\%c", (int)code);
        else if (must_escape(code))
            str_format(out, "\\u%04X", (unsigned)code);
        else if (code == 0xFFFD)
            str_add(out, "\xEF\xBF\xBD");
        else
            str_add_n(out, name, bytes);
        name += bytes;
        left -= bytes;
    }
    str_add(out, "\"");
}

static void write_predictors(struct str *out, const struct init_guess *guess)
{
    size_t line = out->length, shown = 0;

    str_add(out, "predictors: [");
    for (size_t j = 0; j < guess->columns; j++) {
        if (!guess->column[j].predictor)
            continue;
        struct str name = {0};
        init_write_name(&name, mxp_table_name(guess->table, j));
        out->failed |= name.failed;
        if (out->failed) {
            str_free(&name);
            return;
        }
        str_add(out, shown++ ? "," : "");
        if (out->length - line + name.length > LINE) {
            str_add(out, "\n            ");
            line = out->length - 12;
        }
        str_add(out, shown > 1 ? " " : "");
        str_add_n(out, name.text, name.length);
        str_free(&name);
    }
    str_add(out, "]\n");
}

/* The columns that are no part of the model, a comment each. */
static void write_left_out(struct str *out, const struct init_guess *guess)
{
    for (size_t j = 0; j < guess->columns; j++) {
        if (!guess->column[j].why[0])
            continue;
        str_add(out, "# left out: ");
        init_write_name(out, mxp_table_name(guess->table, j));
        str_format(out, " (%s)\n", guess->column[j].why);
    }
}

static void write_family(struct str *out, const struct init_guess *guess)
{
    if (strcmp(guess->family, "gaussian") == 0)
        str_add(out, "family: gaussian                # its noise_sd is estimated\n");
    else if (strcmp(guess->family, "bernoulli") == 0)
        str_add(out, "family: bernoulli               # the response is 0 or 1\n");
    else
        str_add(out, "family: poisson                 # the response is a count\n");
}

static void write_prior(struct str *out, const struct init_guess *guess)
{
    const bool gaussian = strcmp(guess->family, "gaussian") == 0;
    const double unit = gaussian ? guess->response_sd : 1.0;

    str_add(out, "standardize: true               # priors speak about columns in units of their "
                 "sd\n"
                 "prior:\n"
                 "  intercept: flat\n");
    str_format(out, "  weights: gaussian(0, %.6g)", 2.5 * unit);
    str_add(out, gaussian ? "   # weak: 2.5 sds of the response for one sd of a column\n"
                          : "        # weak: 2.5 on the scale of the link\n");
    if (gaussian)
        str_format(out,
                   "  # keeps the noise away from 0, where a perfect fit would pull it\n"
                   "  noise_sd: inverse_gamma(1, %.6g)\n",
                   0.1 * unit);
}

void init_write_model(struct str *out, const struct init_guess *guess, const char *name)
{
    str_add(out, "# A starting point: read it, and change what you know better.\n"
                 "maxpost: 1\n"
                 "name: ");
    init_write_name(out, name);
    str_add(out, "\n# the last numeric column; if it is not what you want to explain, exchange it "
                 "with a predictor\n"
                 "response: ");
    init_write_name(out, mxp_table_name(guess->table, guess->response));
    str_add(out, "\n");
    write_predictors(out, guess);
    write_left_out(out, guess);
    write_family(out, guess);
    write_prior(out, guess);
}

void init_write_run(struct str *out, const struct init_guess *guess, const char *model_file,
                    const char *data_file)
{
    str_add(out, "# maxpost fit this file; every key that is left out has its default.\n"
                 "maxpost: 1\n"
                 "model: ");
    init_write_name(out, model_file);
    str_add(out, "\ndata:\n  file: ");
    init_write_name(out, data_file);
    if (guess->missing)
        str_format(out, "\n  missing: drop                 # %zu of %zu rows have missing values",
                   guess->rows - guess->complete_rows, guess->rows);
    str_add(out, "\n");
}
