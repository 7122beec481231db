#include "app/run.h"
#include "app/path.h"
#include "app/report.h"
#include "app/spec_tree.h"
#include "base/mem.h"
#include "io/file.h"

#include <string.h>

void mxp_run_options_init(mxp_run_options *options)
{
    *options = (mxp_run_options){.size = sizeof *options, .threads = -1};
}

void mxp_run_free(mxp_run *run)
{
    if (!run)
        return;
    report_free(run->report);
    mxp_posterior_free(run->posterior);
    mxp_solution_free(run->solution);
    mxp_path_free(run->followed);
    mxp_problem_free(run->problem);
    mxp_table_free(run->table);
    for (size_t i = 0; i < run->input_count; i++)
        free(run->inputs[i].path);
    free(run->inputs);
    mxp_model_free(run->model);
    spec_clear_run(&run->spec);
    yaml_document_free(run->document);
    yaml_document_free(run->model_document);
    for (size_t i = 0; i < run->override_count; i++)
        free(run->overrides[i]);
    free(run->overrides);
    free(run->output_directory);
    free(run->command);
    free(run->path);
    free(run);
}

mxp_status run_add_input(struct run_input **input, mxp_run *run, const char *role, const char *path,
                         mxp_error *error)
{
    struct run_input *fresh;
    mxp_status status = mem_grow(&run->inputs, &run->input_capacity, run->input_count + 1,
                                 sizeof *run->inputs, error);

    if (status != MXP_OK)
        return status;
    fresh = &run->inputs[run->input_count];
    *fresh = (struct run_input){0};
    status = mem_text(&fresh->path, path, error);
    if (status != MXP_OK)
        return status;
    fresh->role = role;
    fresh->reason = "not read yet";
    run->input_count++;
    *input = fresh;
    return MXP_OK;
}

mxp_status run_blame(struct place place, const char *key, mxp_status status, mxp_error *error)
{
    mxp_error inner;

    if (!error || !place.source)
        return status;
    inner = *error;
    (void)FAIL_AT(error, place, status, "%s: %s", key, inner.message);
    error->status = status;
    return status;
}

/* Reads a YAML file and notes what it was. */
static mxp_status load_document(struct yaml_document **document, mxp_run *run, const char *role,
                                const char *path, mxp_error *error)
{
    mxp_status status;
    struct run_input *input = NULL;
    char *text = NULL;
    size_t length = 0;

    TRY(status = file_read(&text, &length, path, error));
    TRY(status = run_add_input(&input, run, role, path, error));
    hash_bytes(input->sha256, text, length);
    input->reason = NULL;
    TRY(status = yaml_read(document, path, text, length, error));
    TRY(status =
            spec_expect((*document)->root, YAML_MAPPING, role, "a mapping (key: value)", error));
out:
    free(text);
    return status;
}

/* Whether the tree is a model: it says what is explained, and nothing of a run. */
static bool is_model(const struct yaml_node *root)
{
    static const char *const of_model[] = {"response", "formula", "predictors", "family", "prior"};

    for (size_t i = 0; i < spec_run_table.count; i++) {
        const char *key = spec_run_table.keys[i].option.key;
        if (spec_run_table.keys[i].shape != SPEC_LANGUAGE && yaml_get(root, key))
            return false;
    }
    for (size_t i = 0; i < sizeof of_model / sizeof *of_model; i++)
        if (yaml_get(root, of_model[i]))
            return true;
    return false;
}

/* Whether an assignment of --set replaces the whole model. */
static bool sets_model(const char *assignment)
{
    const char *at = assignment + strspn(assignment, " ");

    if (strncmp(at, "model", 5) != 0)
        return false;
    at += 5;
    return at[strspn(at, " ")] == '=';
}

/* Applies the assignments that replace the model, or all the others. */
static mxp_status apply(mxp_run *run, bool whole_model, mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (size_t i = 0; status == MXP_OK && i < run->override_count; i++)
        if (sets_model(run->overrides[i]) == whole_model)
            status = yaml_set(run->document, run->overrides[i], error);
    return status;
}

static mxp_status keep_overrides(mxp_run *run, const mxp_run_options *options, mxp_error *error)
{
    mxp_status status;

    TRY(status = MEM_NEW(&run->overrides, options->override_count, error));
    for (size_t i = 0; i < options->override_count; i++) {
        TRY(status = mem_text(&run->overrides[i], options->overrides[i], error));
        run->override_count++;
    }
out:
    return status;
}

static struct yaml_node *model_node(const mxp_run *run)
{
    struct yaml_node *root = run->document->root;

    for (size_t i = 0; i < root->count; i++)
        if (strcmp(root->child[i]->key, "model") == 0)
            return root->child[i];
    return NULL;
}

/* Exchanges what two nodes hold; each keeps its key. */
static void exchange(struct yaml_node *a, struct yaml_node *b)
{
    const struct yaml_node old = *a;

    *a = *b;
    a->key = old.key;
    a->key_place = old.key_place;
    char *const key = b->key;
    const struct place key_place = b->key_place;
    *b = old;
    b->key = key;
    b->key_place = key_place;
}

/* Where the run names a model file, puts that model into the run's tree, so that --set reaches
 * into it. */
static mxp_status adopt_model(mxp_run *run, mxp_error *error)
{
    struct yaml_node *node = model_node(run);
    char *path = NULL;

    if (!node || node->kind != YAML_SCALAR)
        return MXP_OK;
    mxp_status status = spec_path(&path, node, node->text, error);
    if (status == MXP_OK)
        status = load_document(&run->model_document, run, "model", path, error);
    if (status == MXP_NO_INPUT)
        status = run_blame(node->place, "model", status, error);
    if (status == MXP_OK)
        exchange(node, run->model_document->root);
    free(path);
    return status;
}

/* The name of a model that has none: of its file, without the ending. */
static mxp_status name_model(mxp_run *run, const struct yaml_node *root, mxp_error *error)
{
    const char *name = file_name(run->input_count > 1 ? run->inputs[1].path : run->path);
    const char *dot = strrchr(name, '.');
    char *copy = NULL;

    if (yaml_get(root, "name"))
        return MXP_OK;
    const mxp_status status =
        mem_text_n(&copy, name, dot && dot > name ? (size_t)(dot - name) : strlen(name), error);
    if (status != MXP_OK)
        return status;
    free(run->model->name);
    run->model->name = copy;
    return MXP_OK;
}

/* out/NAME, with characters that no directory should have replaced. */
static mxp_status default_directory(char **directory, const char *name, mxp_error *error)
{
    struct str text = {0};

    str_add(&text, "out/");
    str_add(&text, name[strspn(name, ".")] ? name : "model");
    const mxp_status status = str_check(&text, error);
    if (status != MXP_OK) {
        str_free(&text);
        return status;
    }
    for (char *at = text.text + 4; *at; at++)
        if (*at == '/' || (unsigned char)*at < ' ')
            *at = '-';
    *directory = text.text;
    return MXP_OK;
}

static mxp_status apply_options(mxp_run *run, const mxp_run_options *options, mxp_error *error)
{
    const char *directory =
        options->output_directory ? options->output_directory : run->spec.output.directory;

    run->stop = options->stop;
    run->progress = options->progress;
    run->told = options->told;
    if (options->threads >= 0)
        run->spec.fit.threads = options->threads;
    if (directory)
        return mem_text(&run->output_directory, directory, error);
    return default_directory(&run->output_directory, run->model->name, error);
}

static mxp_status read_trees(mxp_run *run, mxp_error *error)
{
    const struct yaml_node *root = run->document->root, *model = root;
    mxp_status status;

    if (!run->is_model) {
        TRY(status = apply(run, true, error));
        TRY(status = adopt_model(run, error));
        model = NULL;
    }
    TRY(status = apply(run, false, error));
    TRY(status = spec_read_run(&run->spec, run->is_model ? NULL : root, error));
    if (!model)
        model = yaml_get(root, "model");
    TRY(status = spec_read_model(&run->model, model, error));
    TRY(status = name_model(run, model, error));
    TRY(status = path_check(run, error));
out:
    return status;
}

mxp_status mxp_run_load(mxp_run **run, const char *path, const mxp_run_options *options,
                        mxp_error *error)
{
    mxp_status status;
    mxp_run *fresh = NULL;
    mxp_run_options standard;

    mxp_run_options_init(&standard);
    if (!options)
        options = &standard;
    TRY(status = MEM_NEW(&fresh, 1, error));
    TRY(status = mem_text(&fresh->path, path, error));
    if (options->command)
        TRY(status = mem_text(&fresh->command, options->command, error));
    TRY(status = keep_overrides(fresh, options, error));
    TRY(status = load_document(&fresh->document, fresh, "run", path, error));
    fresh->is_model = is_model(fresh->document->root);
    if (fresh->is_model)
        fresh->inputs[0].role = "model";
    TRY(status = read_trees(fresh, error));
    TRY(status = apply_options(fresh, options, error));
    *run = fresh;
    fresh = NULL;
out:
    mxp_run_free(fresh);
    return status;
}
