/* From YAML trees to specs: defaults, priors in both forms, what a table of keys must hold, --set
 * into a model file, and names that init writes. */
#include "app/init.h"
#include "app/path.h"
#include "app/run.h"
#include "app/spec_tree.h"
#include "io/file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static mxp_status read_model(mxp_model **model, struct yaml_document **document, const char *text,
                             mxp_error *error)
{
    assert_int_equal(yaml_read(document, "m.yaml", text, strlen(text), error), MXP_OK);
    return spec_read_model(model, (*document)->root, error);
}

static void test_defaults(void **state)
{
    struct run_spec spec;

    (void)state;
    assert_int_equal(spec_read_run(&spec, NULL, NULL), MXP_OK);
    assert_string_equal(spec_methods[spec.fit.method], "auto");
    assert_true(spec.fit.tolerance == 1e-9);
    assert_int_equal(spec.fit.max_iterations, 1000);
    assert_int_equal(spec.fit.seed, 1);
    assert_int_equal(spec.fit.threads, 0);
    assert_int_equal(spec.laplace.samples, 1000);
    assert_true(spec.laplace.level == 0.95);
    assert_string_equal(spec_at_kinks[spec.laplace.at_kinks], "auto");
    assert_int_equal(spec.data.missing, SPEC_MISSING_ERROR);
    assert_int_equal(spec.data.na.count, 4);
    assert_string_equal(spec.data.na.text[0], "");
    assert_true(spec.output.json && spec.output.csv);
    assert_null(spec.output.directory);
    spec_clear_run(&spec);
}

static void test_model_defaults(void **state)
{
    mxp_model *model = NULL;
    struct yaml_document *document = NULL;

    (void)state;
    assert_int_equal(read_model(&model, &document, "response: y\n", NULL), MXP_OK);
    assert_string_equal(model->response.name, "y");
    assert_int_equal(model->response.place.line, 1);
    assert_int_equal(model->response.place.column, 11);
    assert_ptr_equal(model->family, &family_gaussian);
    assert_int_equal(model->link, 0);
    assert_true(model->intercept && !model->standardize && !model->mode_natural);
    assert_true(isnan(model->auxiliary[0]));
    assert_false(model->weights_prior.stated || model->intercept_prior.stated);
    assert_int_equal(model->predictor_count + model->rule_count, 0);
    mxp_model_free(model);
    yaml_document_free(document);
}

static void test_whole_model(void **state)
{
    static const char text[] = "maxpost: 1\n"
                               "name: whole\n"
                               "response: y\n"
                               "predictors: [a, 'b c', \"1\"]\n"
                               "family: {noise_sd: 2.5, name: gaussian}\n"
                               "intercept: false\n"
                               "standardize: true\n"
                               "mode_on: natural\n"
                               "prior:\n"
                               "  weights: laplace(0.5)\n"
                               "  terms: {a: {elastic_net: {l1: 1, l2: 2}}, 'b*': flat}\n"
                               "  scale_by_noise: true\n";
    mxp_model *model = NULL;
    struct yaml_document *document = NULL;

    (void)state;
    assert_int_equal(read_model(&model, &document, text, NULL), MXP_OK);
    assert_string_equal(model->name, "whole");
    assert_int_equal(model->predictor_count, 3);
    assert_string_equal(model->predictors[1].name, "b c");
    assert_int_equal(model->predictors[1].place.column, 17);
    assert_true(model->auxiliary[0] == 2.5);
    assert_true(!model->intercept && model->standardize && model->mode_natural);
    assert_true(model->scale_by_noise);
    assert_string_equal(model->weights_prior.prior.row->name, "laplace");
    assert_true(model->weights_prior.prior.a[0] == 0.0 && model->weights_prior.prior.a[1] == 0.5);
    assert_int_equal(model->rule_count, 2);
    assert_string_equal(model->rules[0].prior.row->name, "elastic_net");
    assert_true(model->rules[0].prior.a[2] == 2.0);
    assert_string_equal(model->rules[1].selector, "b*");
    assert_int_equal(model->rules[1].selector_place.line, 11);
    mxp_model_free(model);
    yaml_document_free(document);
}

static void test_penalty(void **state)
{
    mxp_model *model = NULL;
    struct yaml_document *document = NULL;

    (void)state;
    assert_int_equal(read_model(&model, &document,
                                "response: y\n"
                                "penalty: {convention: sklearn, kind: elastic_net, alpha: 2, "
                                "l1_ratio: 0.25}\n",
                                NULL),
                     MXP_OK);
    assert_true(model->has_penalty);
    assert_string_equal(model->penalty.row->kind, "elastic_net");
    assert_true(model->penalty.value[0] == 2.0 && model->penalty.value[1] == 0.25);
    mxp_model_free(model);
    yaml_document_free(document);
}

/* Both forms of every prior with arguments 1, 2, 3 come to the same. */
static void test_prior_forms(void **state)
{
    (void)state;
    for (size_t i = 0; prior_table[i]; i++) {
        const struct prior_row *row = prior_table[i];
        struct str text = {0};
        struct yaml_document *document = NULL;
        struct prior shorter, longer;

        str_format(&text, "short: '%s", row->name);
        for (size_t k = 0; k < row->argument_count; k++)
            str_format(&text, "%s%zu", k ? ", " : "(", k + 1);
        str_format(&text, "%s'\nlong: {%s: {", row->argument_count ? ")" : "", row->name);
        for (size_t k = 0; k < row->argument_count; k++)
            str_format(&text, "%s%s: %zu", k ? ", " : "", row->arguments[k].name, k + 1);
        str_add(&text, "}}\n");
        assert_int_equal(yaml_read(&document, "p", text.text, text.length, NULL), MXP_OK);
        assert_int_equal(spec_read_prior(&shorter, yaml_get(document->root, "short"), NULL),
                         MXP_OK);
        assert_int_equal(spec_read_prior(&longer, yaml_get(document->root, "long"), NULL), MXP_OK);
        assert_ptr_equal(shorter.row, row);
        assert_ptr_equal(longer.row, row);
        for (size_t k = 0; k < row->argument_count; k++)
            assert_true(shorter.a[k] == longer.a[k] && longer.a[k] == (double)(k + 1));
        yaml_document_free(document);
        str_free(&text);
    }
}

/* Keys are once each, behind their sections, with words for the manual; options are checked. */
static void check_table(const struct spec_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->keys[i].option;
        const char *dot = strrchr(option->key, '.');
        bool section = dot == NULL;

        assert_non_null(option->help);
        assert_true(strlen(option->help) > 5);
        for (size_t j = 0; j < i; j++) {
            const struct spec_key *other = &table->keys[j];
            assert_string_not_equal(other->option.key, option->key);
            section = section ||
                      (other->shape == SPEC_SECTION &&
                       strlen(other->option.key) == (size_t)(dot - option->key) &&
                       strncmp(other->option.key, option->key, (size_t)(dot - option->key)) == 0);
        }
        assert_true(section);
    }
}

static void test_tables(void **state)
{
    (void)state;
    check_table(&spec_run_table);
    check_table(&spec_model_table);
}

/* A prior can be stated for every auxiliary parameter of every family. */
static void test_auxiliary_keys(void **state)
{
    (void)state;
    for (size_t f = 0; family_table[f]; f++) {
        for (size_t i = 0; i < family_table[f]->auxiliary_count; i++) {
            char key[64];
            bool found = !family_table[f]->auxiliary[i].estimable;
            (void)snprintf(key, sizeof key, "prior.%s", family_table[f]->auxiliary[i].name);
            for (size_t j = 0; j < spec_model_table.count; j++)
                found = found || (spec_model_table.keys[j].shape == SPEC_AUXILIARY &&
                                  strcmp(spec_model_table.keys[j].option.key, key) == 0);
            assert_true(found);
        }
    }
}

static void write_text(const char *path, const char *text)
{
    assert_int_equal(file_write(path, text, strlen(text), NULL), MXP_OK);
}

static mxp_run *load(const char *path, const char *const *overrides, size_t count)
{
    mxp_run_options options;
    mxp_error error = {0};
    mxp_run *run = NULL;

    mxp_run_options_init(&options);
    options.overrides = overrides;
    options.override_count = count;
    if (mxp_run_load(&run, path, &options, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return run;
}

static int make_files(void **state)
{
    static char directory[] = "/tmp/test_spec_XXXXXX";

    if (!mkdtemp(directory) || chdir(directory) != 0 ||
        file_make_directory("runs/data", NULL) != MXP_OK ||
        file_make_directory("models", NULL) != MXP_OK)
        return 1;
    write_text("models/m.yaml", "response: y\nprior: {weights: \"laplace(0, 1)\"}\n");
    write_text("models/other.yaml", "name: other/one\nresponse: z\n");
    write_text("runs/r.yaml", "model: ../models/m.yaml\ndata: {file: data/d.csv}\n"
                              "fit: {seed: 7, threads: 3, start: {intercept: 2, a: -1e-3}}\n"
                              "output: {directory: out}\n");
    *state = directory;
    return 0;
}

static int remove_files(void **state)
{
    static const char *const paths[] = {
        "models/m.yaml", "models/other.yaml", "runs/r.yaml", "runs/data", "runs", "models"};
    int failed = 0;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        failed |= remove(paths[i]);
    return failed | chdir("/") | rmdir(*state);
}

static void test_paths(void **state)
{
    (void)state;
    mxp_run *run = load("runs/r.yaml", NULL, 0);

    assert_string_equal(run->spec.data.file, "runs/data/d.csv");
    assert_string_equal(run->output_directory, "runs/out");
    assert_string_equal(run->model->name, "m");
    assert_int_equal(run->input_count, 2);
    assert_string_equal(run->inputs[1].path, "runs/../models/m.yaml");
    assert_int_equal(strlen(run->inputs[0].sha256), 64);
    assert_int_equal(run->spec.fit.seed, 7);
    assert_int_equal(run->spec.fit.start_count, 2);
    assert_true(run->spec.fit.start_values[1] == -1e-3);
    assert_int_equal(run->spec.fit.start_places[1].line, 3);
    mxp_run_free(run);
}

static void test_overrides(void **state)
{
    static const char *const reach[] = {"model.prior.weights=gaussian(0, 2)",
                                        "model.standardize=true", "data.file=here.csv",
                                        "fit.tolerance=1e-6"};
    static const char *const replace[] = {"model.intercept=false", "model=models/other.yaml"};

    (void)state;
    mxp_run *run = load("runs/r.yaml", reach, 4);
    assert_string_equal(run->model->weights_prior.prior.row->name, "gaussian");
    assert_string_equal(run->model->response.name, "y");
    assert_true(run->model->standardize);
    assert_string_equal(run->spec.data.file, "here.csv");
    assert_true(run->spec.fit.tolerance == 1e-6);
    mxp_run_free(run);
    run = load("runs/r.yaml", replace, 2);
    assert_string_equal(run->model->response.name, "z");
    assert_false(run->model->intercept);
    assert_string_equal(run->output_directory, "runs/out");
    mxp_run_free(run);
}

static void test_path_section(void **state)
{
    static const char *const nothing[] = {"fit.seed=2"};
    static const char *const list[] = {"path.lambdas=[4, 2, 0.5]", "path.penalty=l2",
                                       "path.folds=5", "path.rule=min", "data.groups=site"};
    static const char *const selects[] = {"model.prior.weights=laplace(0, select(cv))"};

    (void)state;
    mxp_run *run = load("runs/r.yaml", nothing, 1);
    assert_false(run->spec.path.stated);
    assert_int_equal(run->spec.path.points, 100);
    assert_true(isnan(run->spec.path.mix) && isnan(run->spec.path.ratio));
    assert_null(run->spec.path.penalty_place.source);
    assert_string_equal(spec_rules[run->spec.path.rule], "1se");
    assert_int_equal(path_folds(run), 0);
    assert_false(path_selects(run));
    mxp_run_free(run);
    run = load("runs/r.yaml", list, 5);
    assert_true(run->spec.path.stated);
    assert_int_equal(run->spec.path.lambda_count, 3);
    assert_true(run->spec.path.lambdas[2] == 0.5);
    assert_string_equal(spec_penalties[run->spec.path.penalty], "l2");
    assert_non_null(run->spec.path.penalty_place.source);
    assert_string_equal(spec_rules[run->spec.path.rule], "min");
    assert_string_equal(run->spec.data.groups, "site");
    assert_int_equal(path_folds(run), 5);
    mxp_run_free(run);
    run = load("runs/r.yaml", selects, 1);
    assert_true(path_selects(run));
    assert_int_equal(path_folds(run), 10);
    mxp_run_free(run);
}

static void test_model_alone(void **state)
{
    static const char *const assignment[] = {"prior.weights=flat"};
    char *text = NULL;

    (void)state;
    mxp_run *run = load("models/other.yaml", assignment, 1);
    assert_true(run->is_model);
    assert_string_equal(run->output_directory, "out/other-one");
    assert_int_equal(mxp_run_check(&text, run, NULL), MXP_OK);
    assert_non_null(strstr(text, "models/other.yaml is a valid model."));
    free(text);
    assert_int_equal(mxp_run_fit(run, NULL), MXP_CONFIG);
    mxp_run_free(run);
}

/* What init writes, YAML reads back. */
static void test_names(void **state)
{
    static const char *const names[] = {"plain",
                                        "a b",
                                        "null",
                                        "~",
                                        "- x",
                                        "a: b",
                                        "#",
                                        "a,b",
                                        "[",
                                        "it's",
                                        "\"q\"",
                                        "back\\",
                                        "1e5",
                                        "true",
                                        "*a",
                                        "tab\there",
                                        "new\nline",
                                        "\x7F",
                                        "\xC3\xBC",
                                        " ",
                                        "\xE2\x80\xA8",
                                        "\xF0\x9F\x98\x80"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str text = {0};
        struct yaml_document *document = NULL;
        mxp_error error = {0};

        str_add(&text, "list: [");
        init_write_name(&text, names[i]);
        str_add(&text, "]\n");
        if (yaml_read(&document, "n", text.text, text.length, &error) != MXP_OK)
            fail_msg("%s", error.message);
        assert_string_equal(yaml_get(document->root, "list")->child[0]->text, names[i]);
        yaml_document_free(document);
        str_free(&text);
    }
    assert_false(init_can_write("\xFF"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),       cmocka_unit_test(test_model_defaults),
        cmocka_unit_test(test_whole_model),    cmocka_unit_test(test_penalty),
        cmocka_unit_test(test_prior_forms),    cmocka_unit_test(test_tables),
        cmocka_unit_test(test_auxiliary_keys), cmocka_unit_test(test_paths),
        cmocka_unit_test(test_overrides),      cmocka_unit_test(test_model_alone),
        cmocka_unit_test(test_names),          cmocka_unit_test(test_path_section),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
