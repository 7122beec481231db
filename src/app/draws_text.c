/* Draws as texts: CmdStan's CSV of a Laplace approximation, and a document. */
#include "app/draws.h"
#include "app/report.h"
#include "app/text_csv.h"
#include "base/str.h"
#include "io/json.h"

#include <string.h>

/* A column's name; coefficients are elements of a vector b unless names of terms are wanted. */
static void put_name(struct str *out, const mxp_draws *d, size_t j)
{
    const struct fit_parameter *const p = &d->fit->parameter[j];

    if (d->names == DRAWS_TERMS || p->role == FIT_AUXILIARY)
        text_csv_field(out, p->name);
    else
        str_format(out, d->names == DRAWS_DOTS ? "b.%zu" : "b[%zu]", j + 1);
}

/* A text inside a comment: one line, without the signs that readers split at. */
static void put_comment(struct str *out, const char *text)
{
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        str_add_n(out, c < ' ' || c == '=' ? "_" : text, 1);
    }
}

static void put_head(struct str *out, const mxp_draws *d)
{
    str_add(out, "# stan_version_major = 2\n# stan_version_minor = 33\n# stan_version_patch = 0\n"
                 "# written by maxpost " MXP_VERSION ", in the layout of that version of CmdStan\n"
                 "# model = ");
    put_comment(out, d->fit->model);
    str_add(out, "\n# method = laplace\n#   laplace\n#     mode = ");
    put_comment(out, d->fit->path);
    str_format(out, "\n#     jacobian = %d\n#     draws = %zu\n#     calculate_lp = 0\n",
               d->fit->log_scale || d->fit->count == d->fit->coefficients, d->count);
    if (d->redrawn)
        str_format(out, "#     redrawn = %zu\n", d->redrawn);
    str_format(out, "# id = 1\n# random\n#   seed = %llu\n", d->seed);
    for (size_t j = 0; j < d->fit->coefficients; j++) {
        str_format(out, "# b.%zu = ", j + 1);
        put_comment(out, d->fit->parameter[j].name);
        str_add(out, "\n");
    }
}

mxp_status mxp_draws_csv(char **text, const mxp_draws *draws, mxp_error *error)
{
    const mxp_draws *const d = draws;
    struct str out = {0};
    mxp_status status;

    put_head(&out, d);
    str_add(&out, "log_p__,log_q__");
    for (size_t j = 0; j < d->fit->count; j++) {
        str_add(&out, ",");
        put_name(&out, d, j);
    }
    str_add(&out, "\n");
    for (size_t i = 0; i < d->count; i++) {
        str_format(&out, "nan,%.17g", d->log_q[i]);
        for (size_t j = 0; j < d->fit->count; j++)
            str_format(&out, ",%.17g", d->value[i + j * d->count]);
        str_add(&out, "\n");
    }
    TRY(status = str_check(&out, error));
    *text = out.text;
    return MXP_OK;
out:
    str_free(&out);
    return status;
}

mxp_status mxp_draws_json(char **text, const mxp_draws *draws, mxp_error *error)
{
    const mxp_draws *const d = draws;
    struct str out = {0};
    struct json json;
    mxp_status status;

    json_begin(&json, &out);
    json_open_object(&json, NULL);
    json_add_integer(&json, "maxpost", REPORT_FORMAT);
    json_add_text(&json, "program", "maxpost " MXP_VERSION);
    json_add_text(&json, "fit", d->fit->path);
    json_add_text(&json, "model", d->fit->model);
    json_add_integer(&json, "draws", (int64_t)d->count);
    json_add_integer(&json, "redrawn", (int64_t)d->redrawn);
    json_add_integer(&json, "seed", (int64_t)d->seed);
    json_add_text(&json, "scale",
                  d->fit->count == d->fit->coefficients ? "none"
                  : d->fit->log_scale                   ? "log"
                                                        : "natural");
    json_add_numbers(&json, "log_q", d->log_q, d->count);
    json_open_object(&json, "values");
    for (size_t j = 0; j < d->fit->count; j++)
        json_add_numbers(&json, d->fit->parameter[j].name, d->value + j * d->count, d->count);
    json_close(&json);
    json_close(&json);
    TRY(status = json_end(&json, error));
    *text = out.text;
    return MXP_OK;
out:
    str_free(&out);
    return status;
}
