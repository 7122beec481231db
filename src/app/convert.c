/* A prior in every tool's penalty, and a tool's penalty as a prior. */
#include "app/report_penalty.h"
#include "base/mem.h"
#include "maxpost/run.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 120 };

/* A request as understood. */
struct conversion {
    struct penalty_facts facts;
    struct prior prior;
    struct penalty penalty; /* row NULL: the request was a prior */
    double noise_sd;
};

void mxp_convert_init(mxp_convert_request *request)
{
    *request = (mxp_convert_request){.size = sizeof *request,
                                     .family = "gaussian",
                                     .rows = NAN,
                                     .noise_sd = NAN,
                                     .response_sd = NAN};
}

static mxp_status find_family(const struct family **family, const char *name, mxp_error *error)
{
    const char *names[64];
    size_t count = 0;

    const struct family *const found = family_find(name);

    if (found) {
        *family = found;
        return MXP_OK;
    }
    for (; family_table[count] && count < 64; count++)
        names[count] = family_table[count]->name;
    const char *const near = str_nearest(name, names, count);
    return FAIL(error, MXP_USAGE, "unknown family \"%s\"%s%s%s", name,
                near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static mxp_status check_above_zero(double value, const char *what, mxp_error *error)
{
    if (isnan(value) || (value > 0.0 && isfinite(value)))
        return MXP_OK;
    return FAIL(error, MXP_USAGE, "the %s, %.15g, is not above 0", what, value);
}

static mxp_status read_facts(struct conversion *conversion, const mxp_convert_request *request,
                             mxp_error *error)
{
    mxp_status status = MXP_OK;
    struct penalty_facts *const facts = &conversion->facts;

    TRY(status =
            find_family(&facts->family, request->family ? request->family : "gaussian", error));
    TRY(status = check_above_zero(request->rows, "number of rows", error));
    TRY(status = check_above_zero(request->noise_sd, "noise sd", error));
    TRY(status = check_above_zero(request->response_sd, "sd of the response", error));
    facts->weight_sum = request->rows;
    facts->response_sd = request->response_sd;
    conversion->noise_sd = request->noise_sd;
    facts->phi =
        facts->family->phi == PHI_NOISE_VARIANCE ? request->noise_sd * request->noise_sd : 1.0;
out:
    return status;
}

static mxp_status missing_noise(mxp_error *error)
{
    return FAIL(error, MXP_USAGE,
                "the noise sd is missing (--noise-sd SD): least-squares tools leave the noise "
                "variance out of their loss");
}

static mxp_status read_prior(struct conversion *conversion, const char *text, mxp_error *error)
{
    const struct source source = {"--prior", text, MXP_USAGE};
    const struct place place = {&source, 1, 1};
    mxp_status status = MXP_OK;

    TRY(status = prior_parse(&conversion->prior, text, place, error));
    TRY(status = prior_refuse_selected(&conversion->prior, "a conversion", place, error));
    if (conversion->prior.row->flags & PRIOR_POSITIVE)
        return FAIL_AT(error, place, MXP_USAGE,
                       "%s is a prior for positive parameters; no penalty on coefficients equals "
                       "it",
                       conversion->prior.row->name);
    if (isnan(conversion->facts.phi) && !(conversion->prior.row->flags & PRIOR_IMPROPER))
        return missing_noise(error);
out:
    return status;
}

/* text is "CONVENTION(SETTINGS)", which is what errors show. */
static mxp_status parse_penalty(struct penalty *penalty, const char *convention, const char *text,
                                mxp_error *error)
{
    const struct source source = {"--penalty", text, MXP_USAGE};
    const struct place place = {&source, 1, 1};
    struct arguments settings;
    mxp_status status = MXP_OK;
    size_t end;

    TRY(status = arguments_read(&settings, &end, text, strlen(convention) + 1, place, error));
    TRY(status = penalty_fill(penalty, convention, place, &settings, error));
out:
    return status;
}

static mxp_status missing_rows(const char *convention, mxp_error *error)
{
    return FAIL(error, MXP_USAGE,
                "the number of rows is missing (--rows N): %s divides its loss by it", convention);
}

static mxp_status missing_response_sd(const char *convention, mxp_error *error)
{
    return FAIL(error, MXP_USAGE,
                "the sd of the response is missing (--response-sd SD): %s with family = "
                "\"gaussian\" scales by it",
                convention);
}

/* The prior that the penalty stands for. */
static mxp_status translate(struct conversion *conversion, mxp_error *error)
{
    const struct penalty_row *const row = conversion->penalty.row;
    struct penalty_facts facts = conversion->facts;
    const bool has_sd = !isnan(facts.response_sd);
    mxp_status status = MXP_OK;
    double l1, l2;

    if (row->per_row && isnan(facts.weight_sum))
        return missing_rows(row->convention, error);
    if (isnan(facts.phi))
        return missing_noise(error);
    if (!has_sd)
        facts.response_sd = 1.0;
    TRY(status = penalty_weights(&l1, &l2, &conversion->penalty, &facts, error));
    if (l2 > 0.0 && row->l2_over_sd && facts.family == &family_gaussian && !has_sd)
        return missing_response_sd(row->convention, error);
    penalty_prior(&conversion->prior, l1, l2, facts.phi);
out:
    return status;
}

static mxp_status read_penalty(struct conversion *conversion, const mxp_convert_request *request,
                               mxp_error *error)
{
    mxp_status status = MXP_OK;
    struct str text = {0};

    str_format(&text, "%s(%s)", request->convention, request->settings ? request->settings : "");
    TRY(status = str_check(&text, error));
    TRY(status = parse_penalty(&conversion->penalty, request->convention, text.text, error));
    const struct source source = {"--penalty", text.text, MXP_USAGE};
    const struct place place = {&source, 1, 1};
    TRY(status = penalty_check_family(&conversion->penalty, &conversion->facts, place, error));
    TRY(status = translate(conversion, error));
out:
    str_free(&text);
    return status;
}

static mxp_status read_request(struct conversion *conversion, const mxp_convert_request *request,
                               mxp_error *error)
{
    mxp_status status = MXP_OK;

    if (!request->prior == !request->convention)
        return FAIL(error, MXP_USAGE, "either a prior or a penalty is needed");
    TRY(status = read_facts(conversion, request, error));
    if (request->prior)
        TRY(status = read_prior(conversion, request->prior, error));
    else
        TRY(status = read_penalty(conversion, request, error));
out:
    return status;
}

static void put_fact(struct str *out, const char *what, double value)
{
    if (!isnan(value))
        str_format(out, ", %s %.10g", what, value);
}

static void write_text(struct str *out, const struct conversion *conversion)
{
    const struct penalty_facts *const facts = &conversion->facts;

    if (conversion->penalty.row) {
        str_add(out, "penalty  ");
        penalty_format(out, &conversion->penalty, facts->family);
        str_add(out, "\n");
    }
    str_add(out, "prior    ");
    prior_format(out, &conversion->prior);
    str_format(out, "\nwith     family %s", facts->family->name);
    put_fact(out, "rows", facts->weight_sum);
    put_fact(out, "noise sd", conversion->noise_sd);
    put_fact(out, "response sd", facts->response_sd);
    str_add(out, "\n\nThe same estimate, tool by tool:\n");
    report_penalty_text(out, &conversion->prior, facts, true, WIDTH);
    if (conversion->penalty.row) {
        str_add(out, "\nIn a model:\n  prior:\n    weights: ");
        prior_format(out, &conversion->prior);
        str_add(out, "\n");
    }
}

static mxp_status write_json(struct str *out, const struct conversion *conversion, mxp_error *error)
{
    const struct penalty_facts *const facts = &conversion->facts;
    struct str prior = {0};
    struct json json;

    prior_format(&prior, &conversion->prior);
    json_begin(&json, out);
    json_open_object(&json, NULL);
    json_add_integer(&json, "maxpost", 1);
    json_add_text(&json, "program", "maxpost " MXP_VERSION);
    json_add_text(&json, "family", facts->family->name);
    json_add_number(&json, "rows", facts->weight_sum, "not given");
    json_add_number(&json, "noise_sd", conversion->noise_sd, "not given");
    json_add_number(&json, "response_sd", facts->response_sd, "not given");
    json_add_text(&json, "prior", prior.text);
    report_penalty_json(&json, "penalty", &conversion->prior, facts);
    json_close(&json);
    out->failed |= prior.failed;
    str_free(&prior);
    return json_end(&json, error);
}

mxp_status mxp_convert(char **text, const mxp_convert_request *request, mxp_error *error)
{
    struct conversion conversion = {.facts = {.family = &family_gaussian}};
    struct str out = {0};
    mxp_status status = MXP_OK;

    TRY(status = read_request(&conversion, request, error));
    if (request->json)
        TRY(status = write_json(&out, &conversion, error));
    else
        write_text(&out, &conversion);
    TRY(status = str_check(&out, error));
    *text = out.text;
    return MXP_OK;
out:
    str_free(&out);
    return status;
}
