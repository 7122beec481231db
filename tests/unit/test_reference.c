/* The program against known answers: each tests/reference/CASE/expected.json states a model, its
 * data are beside it.  The model is written in the model language, fitted by the program with each
 * method that can do it, and the JSON result compared within the case's own tolerances. */
#include "numeric.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char work[] = "maxpost-reference-XXXXXX"; /* for mkdtemp */

struct run {
    const char *folder, *method;
};

static json_t *expected_load(const char *folder)
{
    char path[512];
    json_error_t error;
    snprintf(path, sizeof path, "tests/reference/%s/expected.json", folder);
    json_t *expected = json_load_file(path, 0, &error);
    if (!expected)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    return expected;
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static const char *text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* ---- the model language ----------------------------------------------------------------------- */

static void write_prior(FILE *out, const char *name, const json_t *prior)
{
    const char *type = text(prior, "type");
    const double mean = json_object_get(prior, "mean") ? number(prior, "mean") : 0.0;

    fprintf(out, "%s: \"", name);
    if (strcmp(type, "flat") == 0) {
        fprintf(out, "flat");
    } else if (strcmp(type, "elastic_net") == 0) {
        const double l2_scale = number(prior, "l2_scale");
        fprintf(out, "elastic_net(%.17g, %.17g, %.17g)", mean, 1.0 / number(prior, "l1_scale"),
                1.0 / (l2_scale * l2_scale));
    } else if (strcmp(type, "student_t") == 0) {
        fprintf(out, "student_t(%.17g, %.17g, %.17g)", number(prior, "df"), number(prior, "loc"),
                number(prior, "scale"));
    } else if (strcmp(type, "gamma") == 0) {
        fprintf(out, "gamma(%.17g, %.17g)", number(prior, "shape"), number(prior, "rate"));
    } else if (strncmp(type, "half_", 5) == 0) {
        fprintf(out, "%s(%.17g)", type, number(prior, "scale"));
    } else {
        fprintf(out, "%s(%.17g, %.17g)", type, mean, number(prior, "scale"));
    }
    fprintf(out, "\"\n");
}

/* What the model language calls a parameter of a case: "noise_sd", "bmi[setosa]" for "bmi:setosa". */
static const char *name_of(char *into, size_t size, const json_t *model, const char *name)
{
    static const char *const names[][2] = {{"nu", "df"}, {"theta", "size"}};
    const char *colon = strchr(name, ':');

    if (strcmp(name, "sigma") == 0)
        return strcmp(text(model, "family"), "gaussian") == 0 ? "noise_sd" : "noise_scale";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i][0], name) == 0)
            return names[i][1];
    if (!colon)
        return name;
    snprintf(into, size, "%.*s[%s]", (int)(colon - name), name, colon + 1);
    return into;
}

/* The parameter beside the coefficients that is estimated, or NULL. */
static const char *free_parameter(const json_t *model)
{
    const char *noise = text(model, "free_noise");
    return noise ? noise : text(model, "free_dispersion");
}

static void write_family(FILE *out, const json_t *model)
{
    const bool classes = strcmp(text(model, "family"), "categorical") == 0;
    char name[256];
    const char *key;
    json_t *value;

    fprintf(out, "family: {name: %s", classes ? "multinomial" : text(model, "family"));
    json_object_foreach(json_object_get(model, "fixed"), key, value) fprintf(
        out, ", %s: %.17g", name_of(name, sizeof name, model, key), json_number_value(value));
    if (text(model, "trials"))
        fprintf(out, ", trials: %s", text(model, "trials"));
    if (text(model, "reference"))
        fprintf(out, ", reference: %s", text(model, "reference"));
    else if (classes)
        fprintf(out, ", coding: symmetric");
    fprintf(out, "}\n");
    if (text(model, "link"))
        fprintf(out, "link: %s\n", text(model, "link"));
}

static void write_priors(FILE *out, const json_t *model)
{
    const char *free = free_parameter(model), *key;
    json_t *priors = json_object_get(model, "priors"), *prior;
    char quoted[256], name[256];

    fprintf(out, "prior:\n");
    if (free) {
        snprintf(quoted, sizeof quoted, "  %s", name_of(name, sizeof name, model, free));
        write_prior(out, quoted, json_object_get(priors, free));
    }
    if (json_object_get(priors, "intercept"))
        write_prior(out, "  intercept", json_object_get(priors, "intercept"));
    fprintf(out, "  terms:\n");
    json_object_foreach(priors, key, prior)
    {
        snprintf(quoted, sizeof quoted, "    \"%s\"", name_of(name, sizeof name, model, key));
        if (strcmp(key, "intercept") != 0 && !(free && strcmp(key, free) == 0))
            write_prior(out, quoted, prior);
    }
}

static void write_model(FILE *out, const json_t *model)
{
    size_t i;
    json_t *name;

    fprintf(out, "maxpost: 1\nresponse: %s\n", text(model, "response"));
    write_family(out, model);
    fprintf(out, "standardize: %s\n%spredictors: [",
            json_is_true(json_object_get(model, "standardize")) ? "true" : "false",
            free_parameter(model) ? "mode_on: natural\n" : "");
    json_array_foreach(json_object_get(model, "predictors"), i, name)
        fprintf(out, "%s\"%s\"", i ? ", " : "", json_string_value(name));
    fprintf(out, "]\n");
    write_priors(out, model);
}

/* The dual system of 442 rows rounds more than the 11 equations of the others. */
static void write_run(FILE *out, const struct run *run, const json_t *model, const char *directory)
{
    char root[512];
    assert_non_null(getcwd(root, sizeof root));
    fprintf(out,
            "maxpost: 1\nmodel: model.yaml\ndata:\n  file: \"%s/tests/reference/%s/data.csv\"\n",
            root, run->folder);
    if (text(model, "offset"))
        fprintf(out, "  offset: %s\n", text(model, "offset"));
    if (text(model, "weights"))
        fprintf(out, "  weights: %s\n", text(model, "weights"));
    fprintf(out,
            "fit:\n  tolerance: %s\n  method: %s\nlaplace:\n  at_kinks: active\n"
            "output:\n  directory: \"%s/out\"\n",
            strcmp(run->method, "dual") == 0 ? "1e-10" : "1e-12", run->method, directory);
}

static FILE *create(const char *directory, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    return out;
}

/* What the program says about the case; the caller releases it. */
static json_t *fit(const struct run *run, const json_t *model)
{
    const char *program = getenv("MAXPOST"), *base = getenv("TMPDIR");
    char directory[256], command[1024];
    json_error_t error;

    snprintf(directory, sizeof directory, "%s/%s", base ? base : "/tmp", work);
    assert_non_null(mkdtemp(directory));
    FILE *out = create(directory, "model.yaml");
    write_model(out, model);
    fclose(out);
    out = create(directory, "run.yaml");
    write_run(out, run, model, directory);
    fclose(out);
    snprintf(command, sizeof command, "'%s' fit --quiet --json '%s/run.yaml'",
             program ? program : "build/maxpost", directory);
    FILE *in = popen(command, "r");
    assert_non_null(in);
    json_t *result = json_loadf(in, 0, &error);
    const int status = pclose(in);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
    if (status != 0 || !result)
        fail_msg("exit %d: %s", WIFEXITED(status) ? WEXITSTATUS(status) : -1, error.text);
    return result;
}

/* ---- the comparison --------------------------------------------------------------------------- */

/* Digits in agreement: -log10 of the relative error, at most 15. */
static double digits(double got, double want)
{
    return got == want ? 15.0 : fmin(15.0, -log10(fabs(got - want) / fabs(want)));
}

/* The program's entry of a parameter of the case: terms first, then auxiliary ones. */
static json_t *term_of(const json_t *result, const json_t *model, const char *name)
{
    const char *lists[] = {"terms", "auxiliary"};
    char spelt[256];
    json_t *term;
    size_t i;

    name =
        strcmp(name, "intercept") == 0 ? "(Intercept)" : name_of(spelt, sizeof spelt, model, name);
    for (size_t list = 0; list < 2; list++)
        json_array_foreach(json_object_get(result, lists[list]), i,
                           term) if (strcmp(text(term, "term"), name) == 0) return term;
    fail_msg("there is no term \"%s\"", name);
    return NULL;
}

static void check_estimates(const json_t *result, const json_t *expected, double *worst)
{
    const json_t *model = json_object_get(expected, "model");
    const json_t *tolerances = json_object_get(expected, "tolerances");
    const double lre = number(tolerances, "lre_required");
    const json_t *sds = json_object_get(expected, "posterior_sd");
    const char *name;
    json_t *value;

    if (!json_is_object(sds))
        sds = json_object_get(expected, "sd_given_active_set");
    *worst = 15.0;
    json_object_foreach(json_object_get(expected, "coefficients"), name, value)
    {
        const double want = json_number_value(value), sd = number(sds, name);
        const double got = number(term_of(result, model, name), "estimate");
        *worst = fmin(*worst, digits(got, want));
        if (isnan(lre))
            assert_close(got, want, number(tolerances, "coef_rtol"),
                         isnan(sd) ? 1e-9 : number(tolerances, "coef_atol_sd") * sd, name, want);
        else if (!(digits(got, want) >= lre))
            fail_msg("%s: %.17g for %.17g, %.2f digits", name, got, want, digits(got, want));
    }
}

static void check_sds(const json_t *result, const json_t *expected, const char *key)
{
    const json_t *model = json_object_get(expected, "model");
    const double stated = number(json_object_get(expected, "tolerances"), "sd_rtol");
    const char *name;
    json_t *value;

    json_object_foreach(json_object_get(expected, key), name, value)
        assert_close(number(term_of(result, model, name), "sd"), json_number_value(value),
                     isnan(stated) ? 1e-10 : stated, 0.0, name, NAN);
}

static void check_sums(const json_t *result, const json_t *expected)
{
    const json_t *tolerances = json_object_get(expected, "tolerances");
    const json_t *objective = json_object_get(result, "objective");
    const json_t *laplace = json_object_get(result, "laplace");
    const double want = number(expected, "log_joint"), det = number(expected, "log_det_hessian");
    const double evidence = number(expected, "log_evidence_laplace");
    const double stated = number(tolerances, "log_joint_rtol");

    assert_string_equal(text(json_object_get(result, "convergence"), "status"), "converged");
    assert_close(number(objective, "log_likelihood") + number(objective, "log_prior"), want,
                 isnan(stated) ? 1e-10 : stated, 0.0, "log joint", want);
    if (!isnan(det))
        assert_close(number(laplace, "log_det"), det, 1e-9, 1e-8, "log det", det);
    if (!isnan(evidence))
        assert_close(number(laplace, "log_evidence"), evidence, 0.0,
                     number(tolerances, "log_evidence_atol"), "log evidence", evidence);
}

static void check_zeros(const json_t *result, const json_t *expected)
{
    const json_t *model = json_object_get(expected, "model");
    const json_t *coefficients = json_object_get(expected, "coefficients");
    size_t i, kinks = 0;
    json_t *name, *term;

    json_array_foreach(json_object_get(expected, "exact_zeros_or_centres"), i, name)
    {
        const char *zero = json_string_value(name);
        term = term_of(result, model, zero);
        assert_true(json_is_true(json_object_get(term, "at_kink")));
        if (number(term, "estimate") != number(coefficients, zero))
            fail_msg("%s is %.17g, not exactly at its centre", zero, number(term, "estimate"));
    }
    json_array_foreach(json_object_get(result, "terms"), i, term) kinks +=
        json_is_true(json_object_get(term, "at_kink"));
    assert_int_equal(kinks, json_array_size(json_object_get(expected, "exact_zeros_or_centres")));
}

/* NIST's certified values, to 11 digits. */
static void check_certified(const json_t *result, const json_t *expected, bool say)
{
    const json_t *nist = json_object_get(expected, "nist");
    const json_t *model = json_object_get(expected, "model");
    const char *keys[][2] = {{"certified_estimates", "estimate"}, {"certified_sd", "sd"}};
    const char *name;
    json_t *value;

    for (size_t which = 0; which < 2; which++)
        json_object_foreach(json_object_get(nist, keys[which][0]), name, value)
        {
            const double got = number(term_of(result, model, name), keys[which][1]);
            const double right = digits(got, strtod(json_string_value(value), NULL));
            if (say)
                print_message("    %-14s %-8s %24.17g  %.2f digits\n", name, keys[which][1], got,
                              right);
            assert_true(right >= 11.0);
        }
}

static void test_case(void **state)
{
    const struct run *run = *state;
    json_t *expected = expected_load(run->folder);
    json_t *result = fit(run, json_object_get(expected, "model"));
    const json_t *lm = json_object_get(expected, "lm");
    double worst;

    if (strcmp(run->method, "auto") != 0)
        assert_string_equal(text(json_object_get(result, "convergence"), "method"), run->method);
    check_sums(result, expected);
    check_estimates(result, expected, &worst);
    check_sds(result, expected, "posterior_sd");
    check_sds(result, expected, "sd_given_active_set");
    check_zeros(result, expected);
    check_certified(result, expected, strcmp(run->method, "auto") == 0);
    if (lm) {
        print_message("    %.2f digits; lm of %s %.2f\n", worst, text(lm, "version"),
                      number(lm, "worst_lre"));
        assert_true(worst >= number(lm, "worst_lre"));
    }
    json_decref(result);
    json_decref(expected);
}

/* ---- the cases -------------------------------------------------------------------------------- */

/* Cases and the methods that can fit them. */
static const char *const smooth[] = {"auto", "cholesky", "qr", "newton", "coordinate", NULL};
static const char *const ridge[] = {"auto",   "cholesky",   "qr",       "dual",
                                    "newton", "coordinate", "proximal", NULL};
static const char *const free_noise[] = {"auto", "cholesky", "qr", "coordinate", NULL};
static const char *const kinked[] = {"auto", "coordinate", "proximal", NULL};
static const char *const glm[] = {"auto", "newton", "proximal", NULL};
static const char *const glm_kinked[] = {"auto", "proximal", NULL};
static const char *const direct[] = {"auto", "qr", NULL};

static const struct {
    const char *folder;
    const char *const *methods;
} cases[] = {
    {"01_longley_ols", smooth},
    {"04_ridge_diabetes", ridge},
    {"05_ridge_diabetes_raw", ridge},
    {"06_ridge_diabetes_proper", ridge},
    {"07_ridge_diabetes_sigma", free_noise},
    {"08_lasso_diabetes_a", kinked},
    {"08_lasso_diabetes_b", kinked},
    {"08_lasso_diabetes_c", kinked},
    {"09_logistic_bc_gauss", glm},
    {"10_logistic_bc_gauss_raw", glm},
    {"11_logistic_bc_laplace", glm_kinked},
    {"12_poisson_biochemists", glm},
    {"13_poisson_insurance_offset", glm},
    {"14_enet_prostate", kinked},
    {"15_softmax_iris_reference", glm},
    {"16_softmax_iris_symmetric", glm},
    {"17_logistic_titanic_weights", glm},
    {"18_logistic_birthwt_informative", glm},
    {"19_probit_spector_mle", glm},
    {"20_probit_spector_map", glm},
    {"21_student_t_stackloss", glm},
    {"22_student_t_stackloss_sigma", glm},
    {"23_negbin_quine_mle", glm},
    {"24_negbin_quine_map", glm},
    {"25_gamma_log_clotting", glm},
    {"26_gamma_log_clotting_shape", glm},
    {"27_binomial_menarche", glm},
    {"hilbert/hilbert_5", direct},
    {"hilbert/hilbert_7", direct},
    {"hilbert/hilbert_9", direct},
    {"hilbert/powers_5", direct},
    {"hilbert/powers_7", direct},
    {"hilbert/powers_9", direct},
};

int main(void)
{
    enum { RUNS = 128 };
    static char names[RUNS][64];
    static struct run runs[RUNS];
    static struct CMUnitTest tests[RUNS];
    size_t count = 0;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (const char *const *method = cases[i].methods; *method; method++, count++) {
            assert_true(count < RUNS);
            snprintf(names[count], sizeof names[count], "%s/%s", cases[i].folder, *method);
            runs[count] = (struct run){cases[i].folder, *method};
            tests[count] = (struct CMUnitTest){
                .name = names[count], .test_func = test_case, .initial_state = &runs[count]};
        }
    return _cmocka_run_group_tests("reference", tests, count, NULL, NULL);
}
