#include "app/run.h"
#include "app/path.h"
#include "app/report.h"
#include "base/mem.h"
#include "data/table.h"
#include "io/file.h"
#include "model/problem.h"

#include <stdio.h>
#include <string.h>

/* The query is wrong, or there is none where it is needed. */
static mxp_status blame_query(const struct data_spec *data, mxp_error *error)
{
    const mxp_error inner = error ? *error : (mxp_error){0};

    return FAIL_AT(error, data->sql ? data->sql_place : data->file_place, MXP_CONFIG, "data.%s: %s",
                   data->sql ? "sql" : "file", inner.message);
}

/* hash: of the file, where that is known. */
static mxp_status add_file(mxp_run *run, const char *role, const char *path, const char *hash,
                           mxp_error *error)
{
    struct run_input *input = NULL;
    const mxp_status status = run_add_input(&input, run, role, path, error);

    if (status == MXP_OK && hash && *hash)
        memcpy(input->sha256, hash, sizeof input->sha256);
    else if (status == MXP_OK)
        input->reason = hash_file(input->sha256, path);
    return status;
}

static mxp_status read_table(mxp_run *run, mxp_error *error)
{
    const struct data_spec *data = &run->spec.data;
    mxp_read_options options;

    mxp_read_options_init(&options);
    options.na = (const char *const *)data->na.text;
    options.na_count = data->na.count;
    options.sql = data->sql;
    options.cache = data->cache;
    options.threads = (int)run->spec.fit.threads;
    mxp_status status = mxp_table_read(&run->table, data->file, &options, error);
    if (status == MXP_NO_INPUT)
        status = run_blame(data->file_place, "data.file", status, error);
    if (status == MXP_CONFIG)
        status = blame_query(data, error);
    if (data->cache && (status == MXP_USAGE || status == MXP_CANNOT_CREATE || status == MXP_IO))
        status = run_blame(data->cache_place, "data.cache",
                           status == MXP_USAGE ? MXP_CONFIG : status, error);
    if (status == MXP_OK)
        status = add_file(run, "data", data->file, run->table->sha256, error);
    return status;
}

/* The files of the model's groups: they are read already. */
static mxp_status note_matrices(mxp_run *run, mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (size_t g = 0; status == MXP_OK && g < run->model->group_count; g++)
        if (run->model->groups[g].source)
            status = add_file(run, "matrix", run->model->groups[g].source_name, NULL, error);
    return status;
}

/* WHAT "NAME", and the nearest known name. */
static mxp_status refuse_name(struct place place, const char *what, const char *name,
                              const char *const *known, size_t count, mxp_error *error)
{
    const char *near = str_nearest(name, known, count);

    return FAIL_AT(error, place, MXP_CONFIG, "%s \"%s\"%s%s%s", what, name,
                   near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
}

/* A column that the section data: names. */
static mxp_status check_column(const mxp_run *run, const char *key, const char *name,
                               struct place place, mxp_error *error)
{
    const size_t count = mxp_table_columns(run->table);
    const char **known = NULL;
    char what[64];

    if (!name || mxp_table_find(run->table, name) != MXP_NO_COLUMN)
        return MXP_OK;
    mxp_status status = MEM_NEW(&known, count, error);
    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        known[i] = mxp_table_name(run->table, i);
    (void)snprintf(what, sizeof what, "%s: there is no column", key);
    status = refuse_name(place, what, name, known, count, error);
    free(known);
    return status;
}

static mxp_status set_types(mxp_run *run, mxp_error *error)
{
    const struct data_spec *data = &run->spec.data;
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < data->type_count; i++) {
        const struct data_type *type = &data->types[i];
        TRY(status = check_column(run, "data.types", type->column, type->place, error));
        TRY(status =
                mxp_table_set_type(run->table, type->column, (mxp_column_type)type->type, error));
    }
out:
    return status;
}

/* Sparse columns with another role than a predictor's become dense ones; names that are none are
 * reported where they are looked for. */
static mxp_status expand_roles(mxp_run *run, mxp_error *error)
{
    const struct data_spec *data = &run->spec.data;
    const char *const names[] = {run->model->response.name, data->weights, data->offset,
                                 data->groups};
    mxp_error unknown;
    mxp_status status = MXP_OK;

    if (mxp_table_sparse_columns(run->table) == 0)
        return MXP_OK;
    for (size_t i = 0; status == MXP_OK && i < sizeof names / sizeof *names; i++)
        if (names[i] && mxp_table_expand(run->table, names[i], &unknown) == MXP_MEMORY)
            status = FAIL(error, MXP_MEMORY, "%s", unknown.message);
    return status;
}

mxp_status run_problem(mxp_run *run, mxp_error *error)
{
    const struct data_spec *data = &run->spec.data;
    mxp_problem_options options;
    mxp_status status = MXP_OK;

    if (run->problem)
        return MXP_OK;
    if (!run->table) {
        TRY(status = read_table(run, error));
        TRY(status = note_matrices(run, error));
    }
    TRY(status = expand_roles(run, error));
    TRY(status = set_types(run, error));
    TRY(status = check_column(run, "data.weights", data->weights, data->weights_place, error));
    TRY(status = check_column(run, "data.offset", data->offset, data->offset_place, error));
    TRY(status = check_column(run, "data.groups", data->groups, data->groups_place, error));
    mxp_problem_options_init(&options);
    options.groups = data->groups;
    options.weights = data->weights;
    options.offset = data->offset;
    options.drop_missing = data->missing == SPEC_MISSING_DROP;
    options.threads = (int)run->spec.fit.threads;
    TRY(status = mxp_problem_new(&run->problem, run->model, run->table, &options, error));
out:
    return status;
}

/* The start values' names as the problem has them. */
static mxp_status start_names(const char ***names, const mxp_run *run, mxp_error *error)
{
    const struct fit_spec *fit = &run->spec.fit;
    const size_t count = run->problem->d;
    const char **known = NULL, **found = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&known, count, error));
    TRY(status = MEM_NEW(&found, fit->start_count, error));
    for (size_t j = 0; j < count; j++)
        known[j] = run->problem->parameter[j].name;
    for (size_t i = 0; i < fit->start_count; i++) {
        const char *name = fit->start_names[i];
        for (size_t j = 0; j < count && !found[i]; j++)
            if (strcmp(known[j], name) == 0)
                found[i] = known[j];
        if (!found[i] && strcmp(name, "intercept") == 0 && strcmp(known[0], "(Intercept)") == 0)
            found[i] = known[0];
        if (!found[i]) {
            status = refuse_name(fit->start_places[i], "fit.start: there is no parameter", name,
                                 known, count, error);
            goto out;
        }
    }
    *names = found;
    found = NULL;
out:
    free(known);
    free(found);
    return status;
}

static bool is_stopped(const mxp_run *run)
{
    return run->stop && *run->stop;
}

static bool fit_converged(const mxp_run *run)
{
    const mxp_convergence status = mxp_solution_info(run->solution).status;
    return status == MXP_CONVERGED || status == MXP_EVALUATED;
}

/* From where the run says, or else from the point of the path that was chosen. */
static mxp_status find_mode(mxp_run *run, mxp_error *error)
{
    const struct fit_spec *fit = &run->spec.fit;
    mxp_fit_options options;
    const char **names = NULL, **path_names = NULL;
    double *path_values = NULL;
    mxp_status status;

    mxp_fit_options_init(&options);
    if (run->followed)
        TRY(status = path_choose(&path_names, &path_values, run, error));
    TRY(status = start_names(&names, run, error));
    options.method = spec_methods[fit->method];
    options.tolerance = fit->tolerance;
    options.max_iterations = (size_t)fit->max_iterations;
    options.threads = (int)fit->threads;
    options.starts = (size_t)fit->starts;
    options.seed = (unsigned long long)fit->seed;
    options.start_names = fit->start_count ? names : path_names;
    options.start_values = fit->start_count ? fit->start_values : path_values;
    options.start_count = fit->start_count ? fit->start_count : run->followed ? run->problem->k : 0;
    options.stop = run->stop;
    TRY(status = mxp_fit(&run->solution, run->problem, &options, error));
    run->interrupted = mxp_solution_info(run->solution).status == MXP_INTERRUPTED;
out:
    free(path_names);
    free(path_values);
    free(names);
    return status;
}

static mxp_status approximate(mxp_run *run, mxp_error *error)
{
    mxp_posterior_options options;

    mxp_posterior_options_init(&options);
    options.at_kinks = spec_at_kinks[run->spec.laplace.at_kinks];
    options.samples = (size_t)run->spec.laplace.samples;
    options.seed = (unsigned long long)run->spec.fit.seed;
    options.level = run->spec.laplace.level;
    options.covariance_limit = (size_t)run->spec.laplace.covariance_limit;
    options.covariance_terms = (const char *const *)run->spec.laplace.covariance_terms.text;
    options.covariance_term_count = run->spec.laplace.covariance_terms.count;
    const mxp_status status =
        mxp_posterior_new(&run->posterior, run->problem, run->solution, &options, error);
    /* Where a fit gave up, the Hessian need not have a factor: the report does without. */
    return status == MXP_NUMERIC && !fit_converged(run) ? MXP_OK : status;
}

/* The mode and its posterior; neither where that is stopped on the way. */
static mxp_status fit(mxp_run *run, mxp_error *error)
{
    mxp_status status;

    TRY(status = find_mode(run, error));
    if (!run->interrupted)
        TRY(status = approximate(run, error));
    run->interrupted = run->interrupted || is_stopped(run);
    if (run->interrupted) {
        mxp_posterior_free(run->posterior);
        mxp_solution_free(run->solution);
        run->posterior = NULL;
        run->solution = NULL;
    }
out:
    return status;
}

static mxp_status check_new(const mxp_run *run, const char *command, mxp_error *error)
{
    if (run->is_model)
        return FAIL(error, MXP_CONFIG,
                    "%s is a model, and %s wants a run: a file that names a model and data "
                    "(model: %s, data: {file: ...}); init DATA.csv writes one",
                    run->path, command, file_name(run->path));
    if (run->report)
        return FAIL(error, MXP_USAGE, "this run has been fitted already");
    return MXP_OK;
}

/* Table -> design -> problem, then the path and the fit. */
static mxp_status work(mxp_run *run, bool follow, mxp_error *error)
{
    mxp_status status;

    TRY(status = run_problem(run, error));
    run->interrupted = is_stopped(run);
    if (follow && !run->interrupted)
        TRY(status = path_follow(run, error));
    if (!run->interrupted && (!follow || path_has_choice(run)))
        TRY(status = fit(run, error));
    if (run->solution || mxp_run_points(run))
        TRY(status = report_new(&run->report, run, error));
out:
    return status;
}

mxp_status mxp_run_fit(mxp_run *run, mxp_error *error)
{
    const mxp_status status = check_new(run, "fit", error);

    return status == MXP_OK ? work(run, path_selects(run), error) : status;
}

mxp_status mxp_run_path(mxp_run *run, mxp_error *error)
{
    const mxp_status status = check_new(run, "path", error);

    run->follows = true;
    return status == MXP_OK ? work(run, true, error) : status;
}

int mxp_run_converged(const mxp_run *run)
{
    const size_t points = mxp_run_points(run);

    for (size_t i = 0; i < points; i++)
        if (mxp_path_at(run->followed, i).status != MXP_CONVERGED)
            return 0;
    return run->solution ? fit_converged(run) : points > 0;
}

int mxp_run_interrupted(const mxp_run *run)
{
    return run->interrupted;
}

size_t mxp_run_points(const mxp_run *run)
{
    return run->followed ? mxp_path_points(run->followed) : 0;
}
