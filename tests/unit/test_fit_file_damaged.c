/* app/fit_file on files that nobody vouches for: each fault is refused in words, at its place. */
#include "saved_fit.h"

#include <jansson.h>

/* ---- edits ------------------------------------------------------------------------------------ */

/* Puts the value of a JSON text, or with NULL nothing, where the path leads: "a.b[2]". */
static void edit(json_t *root, const char *path, const char *text)
{
    json_t *at = root;
    char key[64];

    for (;;) {
        const bool item = *path == '[';
        const size_t length = strcspn(path += item, ".[]");
        assert_true(length < sizeof key);
        memcpy(key, path, length);
        key[length] = '\0';
        path += length + item;
        path += *path == '.';
        const size_t index = item ? (size_t)strtoul(key, NULL, 10) : 0;
        if (!*path) {
            json_t *value = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
            assert_true(!text || value);
            assert_int_equal(item    ? json_array_set_new(at, index, value)
                             : value ? json_object_set_new(at, key, value)
                                     : json_object_del(at, key),
                             0);
            return;
        }
        at = item ? json_array_get(at, index) : json_object_get(at, key);
        assert_non_null(at);
    }
}

static void write_edited(const struct saved *s, const char *original, const char *path,
                         const char *text)
{
    json_t *const root = json_loads(original, 0, NULL);

    assert_non_null(root);
    edit(root, path, text);
    char *const dumped = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    assert_non_null(dumped);
    saved_write(s->json, dumped, strlen(dumped));
    free(dumped);
    json_decref(root);
}

static void expect(const char *path, mxp_status status, const char *words, const char *what)
{
    struct fit_file *fit = NULL;
    mxp_error error = {0};
    const mxp_status got = fit_file_read(&fit, path, &error);

    if (got != status || (got != MXP_OK && fit))
        fail_msg("%s: status %d: %s", what, (int)got, error.message);
    if (!strstr(error.message, words))
        fail_msg("%s: \"%s\" is not in: %s", what, words, error.message);
    fit_file_free(fit);
}

/* x as it is, a factor, a polynomial; made by hand for the parts that a run cannot ask for yet. */
static const char encoding_parts[] =
    "[{\"name\": \"x\", \"kind\": \"numeric\"},"
    " {\"name\": \"z\", \"kind\": \"factor\", \"contrast\": \"sum\", \"levels\": [\"a\", \"b\"]}]";

/* ---- cases ------------------------------------------------------------------------------------ */

struct damage {
    const char *path, *text, *words;
};

static const struct damage damages[] = {
    /* the format */
    {"maxpost", "2", "version 2 of the format, and maxpost " MXP_VERSION " reads version 1"},
    {"maxpost", NULL, "is no saved fit: there is no \"maxpost\""},
    {"maxpost", "\"1\"", "maxpost: is a text, not a number"},
    {"maxpost", "0.5", "maxpost = 0.5 is no version"},
    /* model */
    {"model", NULL, "there is no \"model\""},
    {"model", "[]", "model: is a list, not an object"},
    {"model.name", "7", "model.name: is a number, not a text"},
    {"model.family", "\"weibull\"", "model: this version has no family \"weibull\""},
    {"model.link", "\"logit\"", "model: family gaussian has no link \"logit\""},
    {"model.auxiliary", "{}", "model.auxiliary: there is no \"noise_sd\""},
    {"model.auxiliary.noise_sd", "-1", "model.auxiliary: noise_sd = -1 is not above 0"},
    {"model.auxiliary.noise_sd", "null", "model.auxiliary.noise_sd: is null, not a number"},
    {"model.auxiliary.noise_sd", "1.5", "auxiliary[0]: estimate is not what model.auxiliary says"},
    /* the response */
    {"encoding", NULL, "there is no \"encoding\""},
    {"encoding.response", "\"y\"", "encoding.response: is a text, not an object"},
    {"encoding.response.kind", "\"ordinal\"", "\"ordinal\" is not known to this version"},
    {"encoding.response.kind", "\"class\"", "encoding.response: has 0 classes"},
    {"encoding.response.kind", "\"trials\"", "trials or failures, one of them"},
    {"encoding.response.trials", "\"n\"", "trials or failures, one of them"},
    {"encoding.response.classes", "[\"a\", \"b\"]", "encoding.response: has 2 classes"},
    {"encoding.response.classes", "[\"a\", \"a\"]", "the class \"a\" is there twice"},
    {"encoding.response.reference", "\"a\"", "reference \"a\" is none of the classes"},
    {"encoding.response.column", "null", "encoding.response.column: is null, not a text"},
    /* the recipe */
    {"encoding.weights", "1", "encoding.weights: is a number, not a text or null"},
    {"encoding.missing", "\"keep\"", "encoding.missing: \"keep\" is not known"},
    {"encoding.na[1]", "null", "encoding.na[1]: is null, not a text"},
    {"encoding.intercept", "1", "encoding.intercept: is a number, not true or false"},
    {"encoding.variables", "[]", "encoding.terms[0].variables[0]: 0 is not between 0 and 0"},
    {"encoding.variables[1].kind", "\"spline\"", "encoding.variables[1].kind: \"spline\""},
    {"encoding.variables[1].kind", "\"expression\"", "there is no \"expression\""},
    {"encoding.variables[1]",
     "{\"name\": \"z\", \"kind\": \"expression\", \"expression\": \"log(\"}",
     "encoding.variables[1]: "},
    {"encoding.variables[1]",
     "{\"name\": \"z\", \"kind\": \"factor\", \"contrast\": \"sum\", \"levels\": [\"a\"]}",
     "encoding.variables[1]: \"z\" in the encoding has fewer than two levels"},
    {"encoding.variables[1]",
     "{\"name\": \"z\", \"kind\": \"factor\", \"contrast\": \"sum\", \"levels\": [\"a\", \"a\"]}",
     "encoding.variables[1]: the level \"a\" is there twice"},
    {"encoding.variables[1]",
     "{\"name\": \"z\", \"kind\": \"factor\", \"contrast\": \"poly\", \"levels\": [\"a\", \"b\"]}",
     "encoding.variables[1].contrast: \"poly\" is not known"},
    {"encoding.variables[1]",
     "{\"name\": \"z\", \"kind\": \"poly\", \"expression\": \"z\", \"degree\": 0, \"raw\": true}",
     "has the degree 0"},
    {"encoding.variables[1]",
     "{\"name\": \"z\", \"kind\": \"poly\", \"expression\": \"z\", \"degree\": 99, \"raw\": true}",
     "encoding.variables[1].degree: 99 is not between 0 and 20"},
    {"encoding.variables[1]",
     "{\"name\": \"z\", \"kind\": \"poly\", \"expression\": \"z\", \"degree\": 1, \"raw\": false,"
     " \"alpha\": [1], \"norm2\": [1, 2]}",
     "encoding.variables[1].norm2: has 2 numbers, not 3"},
    {"encoding.variables[1]",
     "{\"name\": \"z\", \"kind\": \"poly\", \"expression\": \"z\", \"degree\": 1, \"raw\": false,"
     " \"alpha\": [1], \"norm2\": [1, 2, 0]}",
     "norm2[2] = 0 is not above 0"},
    {"encoding.variables", encoding_parts, "columns[1] is \"z\", and the terms make \"z[a]\""},
    {"encoding.terms[0].variables", "[2]",
     "encoding.terms[0].variables[0]: 2 is not between 0 and 1"},
    {"encoding.terms[0].variables", "[-1]", "encoding.terms[0].variables[0]: -1 is not between"},
    {"encoding.terms[0].variables", "[0.5]", "variables[0]: is not a whole number"},
    {"encoding.terms[0].variables", "[99999999999999999]", "is not between"},
    {"encoding.terms[0].variables", "[]", "encoding.terms[0]: a term without variables"},
    {"encoding.terms[0].variables", "[1, 1]", "encoding.terms[0]: the variables of a term are not"},
    {"encoding.terms[0].full", "[0]", "encoding.terms[0]: full names 0, no factor of the term"},
    {"encoding.terms[1].variables", "[0]", "two columns of the model are named \"x\""},
    {"encoding.terms[1]", "{\"variables\": [0, 1], \"full\": []}", "the terms make \"x:z\""},
    {"encoding.terms", "[]", "encoding: 2 columns are named, and the terms make 0"},
    {"encoding.offsets", "[\"1 +\"]", "encoding.offsets[0]: "},
    {"encoding.offsets", "[1]", "encoding.offsets[0]: is a number, not a text"},
    {"encoding.columns", "[\"x\"]", "encoding: 1 columns are named, and the terms make 2"},
    {"encoding.columns[0]", "\"u\"", "columns[0] is \"u\", and the terms make \"x\""},
    /* the parameters */
    {"encoding.eta_columns", "2", "eta_columns = 2, and the response needs 1"},
    {"encoding.eta_columns", "0", "eta_columns = 0, and the response needs 1"},
    {"encoding.parameters",
     "{\"name\": [\"x\"], \"role\": [\"coefficient\"], \"column\": [0], \"class\": [null],"
     " \"eta\": [0], \"sign\": [1]}",
     "1 coefficients and 0 intercepts do not fit 2 columns"},
    {"encoding.parameters", "null", "encoding.parameters: is null, not an object"},
    {"encoding.parameters.name", "[\"(Intercept)\"]", "sign: has 4 numbers, not 1"},
    {"encoding.parameters.role", "[]", "encoding.parameters: the lists differ in length"},
    {"encoding.parameters.role[1]", "\"weight\"", "the role \"weight\" is not known"},
    {"encoding.parameters.role[0]", "\"coefficient\"", "\"(Intercept)\" has no column"},
    {"encoding.parameters.role[1]", "\"intercept\"", "\"x\" is an intercept with a column"},
    {"encoding.parameters.role[1]", "\"auxiliary\"", "\"x\" is no auxiliary parameter"},
    {"encoding.parameters.column[1]", "2",
     "encoding.parameters.column[1]: 2 is not between 0 and 1"},
    {"encoding.parameters.column[1]", "1", "\"x\" does not have the name of its column"},
    {"encoding.parameters.column[3]", "1", "\"noise_sd\" is auxiliary and yet enters"},
    {"encoding.parameters.eta[0]", "null", "\"(Intercept)\" does not enter the eta columns"},
    {"encoding.parameters.eta[1]", "null",
     "\"x\" does not enter the eta columns as the family has it"},
    {"encoding.parameters.eta[1]", "1", "encoding.parameters.eta[1]: 1 is not between 0 and 0"},
    {"encoding.parameters.class[1]", "\"a\"", "\"x\" has another class than its eta column"},
    {"encoding.parameters.sign[1]", "0.5", "\"x\" has a sign that is neither 1 nor -1"},
    {"encoding.parameters.name[1]", "\"z\"", "\"z\" does not have the name of its column"},
    {"terms", "[]", "terms: has 0 items, too few"},
    {"terms[0]", "{}", "terms[0]: there is no \"term\""},
    {"terms[0].term", "\"x\"", "terms[0]: is \"x\", and the parameters have \"(Intercept)\" there"},
    {"terms[1].estimate", "null", "terms[1].estimate: is null, not a number"},
    {"terms[1].sd", "-2", "terms[1]: sd = -2 is below 0"},
    {"terms[1].sd", "1e-3", "is the covariance of another fit"},
    {"terms[1].at_kink", "0", "terms[1].at_kink: is a number, not true or false"},
    {"auxiliary", "[]", "auxiliary: has 0 items, too few"},
    /* the rest */
    {"scaling.shift", "[1]", "scaling.shift: has 1 numbers, not 2"},
    {"scaling.scale[1]", "0", "scaling: scale[1] = 0 is not above 0"},
    {"scaling.scale[1]", "null", "scaling.scale[1]: is null, not a number"},
    {"convergence.status", NULL, "convergence: there is no \"status\""},
    {"reproduce.seed", "-1", "reproduce.seed: -1 is not between"},
    {"laplace", "7", "laplace: is a number, not an object or null"},
    {"laplace.at_kinks", "\"often\"", "laplace.at_kinks: \"often\" is not known"},
    {"laplace.scale", "\"none\"", "scale none does not fit 1 auxiliary parameters"},
    {"laplace.level", "1", "laplace: level = 1 is not between 0 and 1"},
    {"laplace.covariance", "\"../covariance.npy\"", "is no name of a file beside it"},
    {"laplace.covariance", "\"..\"", "is no name of a file beside it"},
    {"laplace.covariance", "\"fit.json\"", "fit.json: "},
};

static void damage_is_refused(void **state)
{
    struct saved s = saved_new("response: y", "", "");
    size_t length = 0;
    char *const text = saved_text(s.json, &length);

    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        const struct damage *const d = &damages[i];
        write_edited(&s, text, d->path, d->text);
        expect(s.json, MXP_DATA, d->words, d->path);
        expect(s.json, MXP_DATA, s.json, d->path);
    }
    write_edited(&s, text, "program", "\"maxpost 0.1.0\"");
    expect(s.json, MXP_OK, "", "an edit that changes nothing");
    write_edited(&s, text, "laplace.unknown", "[1, 2]");
    expect(s.json, MXP_OK, "", "a member that is not known");
    write_edited(&s, text, "laplace.covariance", "null");
    expect(s.json, MXP_OK, "", "no covariance");
    write_edited(&s, text, "laplace", "null");
    expect(s.json, MXP_OK, "", "no posterior");
    free(text);
    saved_free(&s);
}

static void refuse(const char *model, const struct damage *cases, size_t count)
{
    struct saved s = saved_new(model, "", "");
    size_t length = 0;
    char *const text = saved_text(s.json, &length);

    for (size_t i = 0; i < count; i++) {
        write_edited(&s, text, cases[i].path, cases[i].text);
        expect(s.json, MXP_DATA, cases[i].words, cases[i].path);
    }
    write_edited(&s, text, "program", "\"maxpost\"");
    expect(s.json, MXP_OK, "", "an edit that changes nothing");
    free(text);
    saved_free(&s);
}

/* (Intercept), x and z for each of low and mid; high is the reference: labels go by bytes. */
static void damaged_classes_are_refused(void **state)
{
    static const struct damage multinomial[] = {
        {"encoding.response.classes", "[\"high\", \"low\"]",
         "eta_columns = 2, and the response needs 1"},
        {"encoding.response.classes", "[\"high\", \"mid\", \"low\"]",
         "has another class than its eta"},
        {"encoding.response.kind", "\"number\"", "encoding.response: has 3 classes"},
        {"encoding.response.reference", "null", "eta_columns = 2, and the response needs 3"},
        {"encoding.response.reference", "\"mid\"", "has another class than its eta column"},
        {"encoding.parameters.class[1]", "null",
         "\"x[low]\" has another class than its eta column"},
        {"encoding.parameters.eta[1]", "1", "\"x[low]\" has another class than its eta column"},
        {"encoding.parameters.eta[1]", "null", "does not enter the eta columns as the family"},
        {"encoding.parameters.name[1]", "\"x[mid]\"",
         "\"x[mid]\" does not have the name of its column"},
        {"encoding.parameters.column[1]", "1", "\"x[low]\" does not have the name of its column"},
        {"model.family", "\"ordinal\"", "family ordinal has no link \"softmax\""},
    };
    static const struct damage ordinal[] = {
        {"encoding.parameters.eta[2]", "1", "\"x\" does not enter the eta columns as the family"},
        {"encoding.parameters.eta[1]", "0",
         "\"cutpoint[high|low]\" and \"cutpoint[low|mid]\" are the same"},
        {"encoding.parameters.class[2]", "\"low\"", "\"x\" has another class than its eta column"},
        {"encoding.eta_columns", "3", "eta_columns = 3, and the response needs 2"},
    };

    (void)state;
    refuse("response: k, family: multinomial, prior: {weights: \"gaussian(0, 1)\"}", multinomial,
           sizeof multinomial / sizeof *multinomial);
    refuse("response: k, family: ordinal, prior: {weights: \"gaussian(0, 1)\"}", ordinal,
           sizeof ordinal / sizeof *ordinal);
}

/* ---- bytes ------------------------------------------------------------------------------------ */

/* No beginning of the file passes for the whole but the one without the last line feed. */
static void every_prefix_is_refused(void **state)
{
    struct saved s = saved_new("response: y, prior: {weights: \"laplace(0, 0.1)\"}", "", "");
    size_t length = 0;
    char *const text = saved_text(s.json, &length);

    (void)state;
    assert_true(length > 4000 && text[length - 1] == '\n');
    expect(s.json, MXP_OK, "", "the whole");
    for (size_t n = length - 1; n-- > 0;) {
        assert_int_equal(truncate(s.json, (off_t)n), 0);
        struct fit_file *fit = NULL;
        mxp_error error = {0};
        if (fit_file_read(&fit, s.json, &error) != MXP_DATA)
            fail_msg("%zu bytes: status %d %s", n, (int)error.status, error.message);
    }
    free(text);
    saved_free(&s);
}

/* Another byte here and there: refused or read, and nothing worse. */
static void flipped_bytes_do_no_harm(void **state)
{
    static const char others[] = {'0', '9', '-', 'e', '"', ',', ']', '{', '\\', '\0', (char)0xff};
    struct saved s = saved_new("response: y", ", offset: off", "");
    size_t length = 0, refused = 0, tried = 0;
    char *const text = saved_text(s.json, &length);

    (void)state;
    for (size_t i = 0; i < length; i += 3) {
        const char was = text[i];
        text[i] = others[i / 3 % sizeof others];
        saved_write(s.json, text, length);
        struct fit_file *fit = NULL;
        mxp_error error = {0};
        const mxp_status status = fit_file_read(&fit, s.json, &error);
        if (status != MXP_OK && status != MXP_DATA && status != MXP_NO_INPUT)
            fail_msg("byte %zu: status %d %s", i, (int)status, error.message);
        fit_file_free(fit);
        refused += status != MXP_OK;
        tried++;
        text[i] = was;
    }
    assert_true(refused > tried / 4 && refused < tried);
    free(text);
    saved_free(&s);
}

static void parse_errors_have_a_place(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "fit.json:1:1: damaged, or not JSON: "},
        {"{\n  \"maxpost\": 1,\n  \"model\": nul\n}\n", "fit.json:3:"},
        {"{\"maxpost\": 1, \"maxpost\": 1}", "duplicate"},
        {"maxpost: 1\nmodel: x\n", "fit.json:1:"},
        {"[]\n", "holds a list, not an object"},
        {"{\"maxpost\": 1e999}", "fit.json:1:"},
        {"{\"a\": 1}", "is no saved fit"},
    };
    struct saved s = saved_new("response: y", "", "");

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        saved_write(s.json, cases[i].text, strlen(cases[i].text));
        expect(s.json, MXP_DATA, cases[i].words, cases[i].text);
    }
    (void)remove(s.json);
    expect(s.json, MXP_NO_INPUT, "fit.json: cannot be opened", "no file");
    expect(s.directory, MXP_NO_INPUT, "is a directory", "a directory");
    saved_free(&s);
}

/* ---- the covariance --------------------------------------------------------------------------- */

static void covariances_are_checked(void **state)
{
    struct saved s = saved_new("response: y", "", "");
    size_t length = 0;
    char *const bytes = saved_text(s.covariance, &length);
    double *const v = malloc(16 * sizeof *v);
    char *const data = bytes + length - 16 * sizeof *v;
    const struct {
        size_t at;
        double value;
        const char *words;
    } cases[] = {
        {0, 1.0, "is the covariance of another fit than "},
        {5, -1.0, "the variance (2, 2) is below 0"},
        {1, 0.25, "is not symmetric at (2, 1)"},
        {6, NAN, "entry (3, 2) is not a finite number"},
        {6, INFINITY, "entry (3, 2) is not a finite number"},
    };

    (void)state;
    assert_non_null(v);
    memcpy(v, data, 16 * sizeof *v);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memcpy(data + cases[i].at * sizeof *v, &cases[i].value, sizeof *v);
        saved_write(s.covariance, bytes, length);
        expect(s.json, MXP_DATA, cases[i].words, "covariance");
        memcpy(data, v, 16 * sizeof *v);
    }
    for (size_t n = 0; n < length; n += 7) {
        saved_write(s.covariance, bytes, n);
        expect(s.json, MXP_DATA, "covariance.npy: ", "a truncated covariance");
    }
    char *const shape = strstr(bytes + 10, "(4, 4)");
    assert_non_null(shape);
    memcpy(shape, "(2, 8)", 6);
    saved_write(s.covariance, bytes, length);
    expect(s.json, MXP_DATA, "is 2 x 8, and the fit has 4 parameters", "the shape");
    (void)remove(s.covariance);
    expect(s.json, MXP_NO_INPUT, "needs its covariance beside it: ", "no covariance");
    free(v);
    free(bytes);
    saved_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_refused),         cmocka_unit_test(damaged_classes_are_refused),
        cmocka_unit_test(every_prefix_is_refused),   cmocka_unit_test(flipped_bytes_do_no_harm),
        cmocka_unit_test(parse_errors_have_a_place), cmocka_unit_test(covariances_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
