#include "app/path.h"
#include "base/mem.h"
#include "model/problem.h"
#include "select/path.h"

#include <string.h>

enum { FOLDS = 10 };

bool path_selects(const struct mxp_run *run)
{
    const struct mxp_model *const model = run->model;
    bool selects = model->weights_prior.prior.selected != 0;

    for (size_t i = 0; i < model->rule_count; i++)
        selects = selects || model->rules[i].prior.selected;
    return selects;
}

size_t path_folds(const struct mxp_run *run)
{
    const struct path_spec *const path = &run->spec.path;

    if (path->folds_place.source)
        return path->folds > 1 ? (size_t)path->folds : 0;
    return path_selects(run) ? FOLDS : 0;
}

mxp_status path_check(const struct mxp_run *run, mxp_error *error)
{
    const struct path_spec *const path = &run->spec.path;

    if (!path_selects(run) || path_folds(run) > 1)
        return MXP_OK;
    return FAIL_AT(
        error, path->folds_place, MXP_CONFIG,
        "path.folds = %d chooses nothing, and a prior of the model says select(cv): take "
        "2 folds or more",
        (int)path->folds);
}

static mxp_path_options options_of(const struct mxp_run *run)
{
    const struct path_spec *const spec = &run->spec.path;
    mxp_path_options options;

    mxp_path_options_init(&options);
    options.penalty = spec->penalty_place.source ? spec_penalties[spec->penalty] : NULL;
    options.mix = spec->mix;
    options.ratio = spec->ratio;
    options.points = (size_t)spec->points;
    options.lambdas = spec->lambdas;
    options.lambda_count = spec->lambda_count;
    options.tolerance = run->spec.fit.tolerance;
    options.max_iterations = (size_t)run->spec.fit.max_iterations;
    options.threads = (int)run->spec.fit.threads;
    options.folds = path_folds(run);
    options.rule = spec_rules[spec->rule];
    options.groups = run->spec.data.groups;
    options.seed = (unsigned long long)run->spec.fit.seed;
    options.stop = run->stop;
    options.progress = run->progress;
    options.told = run->told;
    return options;
}

/* Options that the library refuses were written in the run. */
static mxp_status blame_options(const struct path_spec *path, mxp_status status, mxp_error *error)
{
    const struct {
        const char *key;
        struct place place;
    } keys[] = {{"path.penalty", path->penalty_place},
                {"path.mix", path->mix_place},
                {"path.ratio", path->ratio_place},
                {"path.folds", path->folds_place},
                {"path.lambdas", path->lambdas_place}};
    struct place place = path->place;

    if (status != MXP_USAGE || !error)
        return status == MXP_USAGE ? MXP_CONFIG : status;
    const mxp_error inner = *error;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strncmp(inner.message, keys[i].key, strlen(keys[i].key)) == 0)
            place = keys[i].place;
    return FAIL_AT(error, place, MXP_CONFIG, "%s", inner.message);
}

mxp_status path_try(size_t *moving, const char **penalty, struct mxp_run *run, mxp_error *error)
{
    const mxp_path_options options = options_of(run);
    struct setup *setup = NULL;
    const mxp_status status = setup_new(&setup, run->problem, &options, error);

    if (status != MXP_OK)
        return blame_options(&run->spec.path, status, error);
    *moving = setup->moving;
    *penalty = setup_penalty(setup);
    setup_free(setup);
    return MXP_OK;
}

mxp_status path_follow(struct mxp_run *run, mxp_error *error)
{
    const mxp_path_options options = options_of(run);
    const mxp_status status = mxp_path_new(&run->followed, run->problem, &options, error);

    if (status != MXP_OK)
        return blame_options(&run->spec.path, status, error);
    run->interrupted = mxp_path_stopped(run->followed) != 0;
    return MXP_OK;
}

bool path_has_choice(const struct mxp_run *run)
{
    return run->followed && mxp_path_chosen(run->followed) < mxp_path_points(run->followed);
}

mxp_status path_choose(const char ***names, double **values, struct mxp_run *run, mxp_error *error)
{
    struct mxp_problem *const problem = run->problem;
    const size_t chosen = mxp_path_chosen(run->followed);
    const char **name = NULL;
    double *value = NULL;
    mxp_status status;

    TRY(status = mxp_path_apply(problem, run->followed, chosen, error));
    TRY(status = MEM_NEW(&name, problem->k, error));
    TRY(status = mem_doubles(&value, problem->k, 1, error));
    mxp_path_estimates(value, run->followed, chosen);
    for (size_t j = 0; j < problem->k; j++)
        name[j] = problem->parameter[j].name;
    *names = name;
    *values = value;
    name = NULL;
    value = NULL;
out:
    free(name);
    free(value);
    return status;
}
