/* Every allocation fails once: linked with --wrap (Makefile), the N-th allocation made by the
 * library fails, for N = 1, 2, ... until a scenario gets by without; then all from the N-th on.
 * A scenario must end with MEMORY, or as it does undisturbed; nothing may be left allocated. */
#include "failing.h"

#include "app/fit_file.h"
#include "data/design.h"
#include "io/yaml.h"
#include "maxpost/maxpost.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- scenarios -------------------------------------------------------------------------------- */

static char work[256];

static const char *in_work(char *path, const char *name)
{
    snprintf(path, 512, "%s/%s", work, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    char path[512];
    FILE *out = fopen(in_work(path, name), "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static mxp_status read_file(const char *name, mxp_error *error)
{
    char path[512];
    mxp_table *table = NULL;
    const mxp_status status = mxp_table_read(&table, in_work(path, name), NULL, error);
    mxp_table_free(table);
    return status;
}

static mxp_status read_csv(mxp_error *error)
{
    return read_file("plain.csv", error);
}

static mxp_status read_quoted(mxp_error *error)
{
    return read_file("quoted.tsv", error);
}

static mxp_status read_ragged(mxp_error *error)
{
    return read_file("ragged.csv", error);
}

/* A design of everything that a formula may hold, on columns of text and of texts among numbers. */
static mxp_status formula_design(mxp_error *error)
{
    const struct design_name site = {.name = "site"},
                             order[] = {{.name = "c"}, {.name = "b"}, {.name = "a"}};
    const struct design_levels levels = {site, order, 3};
    const struct design_contrast contrast = {site, CONTRAST_SUM};
    struct design_request request = {.levels = &levels,
                                     .level_count = 1,
                                     .contrasts = &contrast,
                                     .contrast_count = 1,
                                     .drop_missing = true,
                                     .classes = true};
    char path[512];
    mxp_table *table = NULL;
    struct formula *formula = NULL;
    struct design *design = NULL;
    mxp_status status =
        formula_new(&formula, "id ~ . + site * poly(x, 2) - n + log(x + 1) + offset(x/n)",
                    (struct place){0}, error);

    request.formula = formula;
    snprintf(path, sizeof path, "%s/texts.csv", work);
    if (status == MXP_OK)
        status = mxp_table_read(&table, path, NULL, error);
    if (status == MXP_OK)
        status = mxp_table_set_type(table, "g", MXP_COLUMN_CATEGORICAL, error);
    if (status == MXP_OK)
        status = design_new(&design, table, &request, error);
    design_free(design);
    mxp_table_free(table);
    formula_free(formula);
    return status;
}

/* A run from its file to its results. */
static mxp_status run_through(const char *file, const char *const *set, size_t count,
                              const char *directory, mxp_error *error)
{
    char out[512], *text = NULL;
    mxp_run *run = NULL;
    mxp_run_options options;

    mxp_run_options_init(&options);
    options.overrides = set;
    options.override_count = count;
    options.output_directory = in_work(out, directory);
    options.threads = 1;
    options.command = "a command";
    mxp_status status = mxp_run_load(&run, file, &options, error);
    for (int step = 0; step < 5 && status == MXP_OK; step++) {
        status = step == 0   ? mxp_run_check(&text, run, error)
                 : step == 1 ? mxp_run_fit(run, error)
                 : step == 2 ? mxp_run_write(run, error)
                 : step == 3 ? mxp_run_json(&text, run, error)
                             : mxp_run_summary(&text, run, 1, 80, error);
        mxp_text_free(text);
        text = NULL;
    }
    mxp_run_free(run);
    return status;
}

static mxp_status run_all(mxp_error *error)
{
    const char *const set[] = {"laplace.samples=20", "model.prior.terms.age=\"flat\""};
    return run_through("configs/diabetes-lasso.yaml", set, 2, "out", error);
}

/* A path, one of whose points is chosen. */
static mxp_status run_path(mxp_error *error)
{
    const char *const set[] = {"laplace.samples=20", "path.points=3", "path.folds=2",
                               "path.held_out=true"};
    return run_through("configs/diabetes-path.yaml", set, 4, "path", error);
}

/* A formula, levels, contrasts, types and classes. */
static mxp_status run_classes(mxp_error *error)
{
    char path[512];
    return run_through(in_work(path, "classes.yaml"), NULL, 0, "classes", error);
}

/* Priors on several coefficients and constraints. */
static mxp_status run_groups(mxp_error *error)
{
    char path[512];
    return run_through(in_work(path, "groups.yaml"), NULL, 0, "groups", error);
}

static mxp_status run_hard(mxp_error *error)
{
    char path[512];
    return run_through(in_work(path, "hard.yaml"), NULL, 0, "hard", error);
}

/* Reads back what run_all wrote. */
static mxp_status read_fit(mxp_error *error)
{
    char path[512];
    struct fit_file *fit = NULL;
    const mxp_status status = fit_file_read(&fit, in_work(path, "out/fit.json"), error);
    fit_file_free(fit);
    return status;
}

static mxp_status predict_texts(mxp_prediction *prediction, mxp_error *error)
{
    char *text = NULL;
    mxp_status status = mxp_prediction_csv(&text, prediction, error);

    mxp_text_free(text);
    text = NULL;
    if (status == MXP_OK)
        status = mxp_prediction_json(&text, prediction, error);
    mxp_text_free(text);
    return status;
}

/* Predictions of the rows that run_classes fitted, and draws from what it wrote. */
static mxp_status predict_saved(mxp_error *error)
{
    char fit[512], data[512], *text = NULL;
    mxp_prediction *prediction = NULL;
    mxp_draws *draws = NULL;
    mxp_draws_options options;
    mxp_status status =
        mxp_predict(&prediction, in_work(fit, "classes"), in_work(data, "texts.csv"), NULL, error);

    if (status == MXP_OK)
        status = predict_texts(prediction, error);
    mxp_prediction_free(prediction);
    mxp_draws_options_init(&options);
    options.count = 3;
    if (status == MXP_OK)
        status = mxp_draws_new(&draws, fit, &options, error);
    if (status == MXP_OK)
        status = mxp_draws_csv(&text, draws, error);
    mxp_text_free(text);
    mxp_draws_free(draws);
    return status;
}

/* A recipe of each kind of variable. */
static mxp_status read_recipe(mxp_error *error)
{
    char path[512];
    struct document *document = NULL;
    struct encoding *encoding = NULL;
    mxp_status status = document_read(&document, in_work(path, "recipe.json"), error);
    if (status == MXP_OK)
        status = fit_file_recipe(&encoding, &document->node, error);
    encoding_free(encoding);
    document_free(document);
    return status;
}

static mxp_status load_misspelt(mxp_error *error)
{
    char path[512];
    mxp_run *run = NULL;
    const mxp_status status = mxp_run_load(&run, in_work(path, "misspelt.yaml"), NULL, error);
    mxp_run_free(run);
    return status;
}

static mxp_status read_yaml(mxp_error *error)
{
    static const char text[] = "a: {b: [1, 2, \"x\"], c: &d {e: 'f'}}\ng: |\n  h\n  i\nj: k\n";
    struct yaml_document *document = NULL;
    mxp_status status = yaml_read(&document, "text", text, strlen(text), error);
    if (status == MXP_OK)
        status = yaml_set(document, "a.c.new={x: [1, 2]}", error);
    yaml_document_free(document);
    return status;
}

static mxp_status schema(mxp_error *error)
{
    char *text = NULL;
    const mxp_status status = mxp_schema(&text, error);
    mxp_text_free(text);
    return status;
}

static mxp_status convert(mxp_error *error)
{
    mxp_convert_request request;
    char *text = NULL;
    mxp_status status = MXP_OK;

    for (int json = 0; json < 2 && status == MXP_OK; json++) {
        mxp_convert_init(&request);
        request.prior = "elastic_net(0, 1, 2)";
        request.rows = 100.0;
        request.noise_sd = request.response_sd = 2.0;
        request.json = json;
        status = mxp_convert(&text, &request, error);
        mxp_text_free(text);
        text = NULL;
    }
    if (status != MXP_OK)
        return status;
    mxp_convert_init(&request);
    request.convention = "glmnet";
    request.settings = "lambda=0.1, alpha=1";
    request.rows = 100.0;
    request.noise_sd = request.response_sd = 2.0;
    status = mxp_convert(&text, &request, error);
    mxp_text_free(text);
    return status;
}

static mxp_status start_project(mxp_error *error)
{
    char root[512], *text = NULL;

    if (!getcwd(root, sizeof root) || chdir(work) != 0)
        return MXP_IO;
    const mxp_status status = mxp_init(&text, "plain.csv", NULL, error);
    mxp_text_free(text);
    unlink("plain-model.yaml");
    unlink("plain-run.yaml");
    if (chdir(root) != 0)
        return MXP_IO;
    return status;
}

/* ---- the tests ------------------------------------------------------------------------------- */

static void test_table(void **state)
{
    (void)state;
    sweep(read_csv, "a file");
    sweep(read_quoted, "a file with quotes");
    sweep(read_ragged, "a ragged file");
    sweep(formula_design, "a design");
}

static void test_run(void **state)
{
    (void)state;
    sweep(run_all, "a run");
    sweep(run_classes, "a run of classes");
    sweep(run_path, "a path");
    sweep(run_groups, "groups");
    sweep(run_hard, "hard constraints");
    sweep(load_misspelt, "a misspelt run");
    sweep(read_fit, "a saved fit");
    sweep(read_recipe, "a saved recipe");
    sweep(predict_saved, "predictions and draws");
}

static void test_texts(void **state)
{
    (void)state;
    sweep(read_yaml, "yaml");
    sweep(schema, "schema");
    sweep(convert, "convert");
    sweep(start_project, "init");
}

static int make_files(void **state)
{
    const char *base = getenv("TMPDIR");

    (void)state;
    snprintf(work, sizeof work, "%s/maxpost-memory-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(work))
        return -1;
    write_file("plain.csv", "y,x1,x2\n1.5,0,3\n2.5,1,4\n0.5,0,1.25\n1,1,9\n2,,8\n");
    write_file("quoted.tsv", "\"a b\"\t\"c\"\"d\"\n1\t2\n\"3\"\tword\nNA\t4\n");
    write_file("texts.csv", "id,site,x,n,g\n1,a,1,2,1\nq,\"b\",2,3,2\n\"q\"\"\",c,4,5,1\n"
                            "q,a,8,7,2\n1,NA,1,1,1\n3x,b,3,9,1\n");
    write_file("ragged.csv", "a,b\n1,2\n1,2,3\n");
    write_file("recipe.json",
               "{\"intercept\": true, \"variables\": [{\"name\": \"x\", \"kind\": \"numeric\"},"
               "{\"name\": \"log(x)\", \"kind\": \"expression\", \"expression\": \"log(x)\"},"
               "{\"name\": \"p\", \"kind\": \"poly\", \"expression\": \"x\", \"degree\": 1,"
               " \"raw\": false, \"alpha\": [1], \"norm2\": [1, 2, 3]},"
               "{\"name\": \"s\", \"kind\": \"factor\", \"contrast\": \"sum\","
               " \"levels\": [\"a\", \"b\"]}], \"terms\": [{\"variables\": [0], \"full\": []},"
               "{\"variables\": [1], \"full\": []}, {\"variables\": [2], \"full\": []},"
               "{\"variables\": [0, 3], \"full\": [3]}], \"offsets\": [\"x/2\"],"
               "\"columns\": [\"x\", \"log(x)\", \"p\", \"x:s[a]\", \"x:s[b]\"]}");
    write_file(
        "classes.yaml",
        "model: {formula: site ~ x + g + offset(log(n)), levels: {g: [2, 1], site: [a, b, c]},"
        " contrasts: {g: sum}, family: {name: multinomial, reference: b},"
        " prior: {intercept: \"gaussian(0, 1)\", weights: \"gaussian(0, 1)\"}}\n"
        "data: {file: texts.csv, missing: drop, types: {g: categorical}}\n");
    write_file("small.csv", "y,a,b,c,d\n1,0,3,1,2\n2,1,4,0,1\n0,0,1,2,2\n1,1,9,3,4\n3,2,8,1,1\n"
                            "2,5,1,1,0\n4,2,2,3,3\n1,1,0,0,2\n");
    write_file("matrix.csv", "b,a\n2,0.5\n0.5,1\n");
    write_file(
        "groups.yaml",
        "data: {file: small.csv}\nmodel: {response: y, family: {name: gaussian, noise_sd: 1},"
        " standardize: true, prior: {groups: [{name: g, terms: [a, b], prior: gaussian,"
        " covariance: matrix.csv}, {name: h, terms: [c, d], prior: {group_laplace: {scale:"
        " 0.3}}}]}, constraints: [\"a - c ~ gaussian(0, 0.5)\"]}\n");
    write_file("hard.yaml", "data: {file: small.csv}\nmodel: {response: y, family: {name: gaussian,"
                            " noise_sd: 1}, prior: {groups: [{name: g, terms: [\"?\"], prior:"
                            " rw1(1)}]}, constraints: [a = 2*b, intercept + c = 1]}\n");
    write_file("misspelt.yaml",
               "maxpost: 1\ndata: {file: a.csv}\nmodel: {response: y, famly: gaussian}\n");
    return 0;
}

static int remove_files(void **state)
{
    char command[512];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", work);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
