/* A path over a problem on a file: what the tests of paths and cross-validation share. */
#ifndef MAXPOST_TEST_PATH_SCENE_H
#define MAXPOST_TEST_PATH_SCENE_H

#include "numeric.h"

#include "maxpost/maxpost.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SCENE_PRIORS = 4 };

/* predictors: names parted by blanks; NULL: all columns without another role.  prior: pairs of a
 * selector and a prior, NULL at the end. */
struct path_case {
    const char *file, *response, *family, *predictors, *weights, *offset, *trials;
    const char *penalty;
    double mix;
    const char *prior[2 * SCENE_PRIORS + 2];
    double noise;
    bool raw, no_intercept, symmetric; /* raw: not standardised */
};

struct path_scene {
    mxp_table *table;
    mxp_model *model;
    mxp_problem *problem;
    mxp_path *path;
    mxp_path_options options;
    mxp_error error;
    const char *constraint; /* NULL: none */
};

static void path_scene_free(struct path_scene *s)
{
    mxp_path_free(s->path);
    mxp_problem_free(s->problem);
    mxp_model_free(s->model);
    mxp_table_free(s->table);
}

static void good(const struct path_scene *s, mxp_status status)
{
    if (status != MXP_OK)
        fail_msg("status %d: %s", (int)status, s->error.message);
}

static void set_predictors(struct path_scene *s, const char *text)
{
    char copy[256];
    const char *name[32];
    size_t count = 0;

    snprintf(copy, sizeof copy, "%s", text);
    for (char *t = strtok(copy, " "); t; t = strtok(NULL, " "))
        name[count++] = t;
    good(s, mxp_model_set_predictors(s->model, name, count, &s->error));
}

static void path_scene_model(struct path_scene *s, const struct path_case *c)
{
    good(s, mxp_model_new(&s->model, c->response, &s->error));
    good(s, mxp_model_set_family(s->model, c->family, &s->error));
    if (c->predictors)
        set_predictors(s, c->predictors);
    good(s, mxp_model_set_trials(s->model, c->trials, &s->error));
    mxp_model_set_standardize(s->model, !c->raw);
    mxp_model_set_intercept(s->model, !c->no_intercept);
    mxp_model_set_symmetric(s->model, c->symmetric);
    if (c->noise > 0.0)
        good(s, mxp_model_fix_auxiliary(s->model, "noise_sd", c->noise, &s->error));
    if (s->constraint)
        good(s, mxp_model_add_constraint(s->model, s->constraint, &s->error));
    for (size_t i = 0; c->prior[i]; i += 2)
        good(s, mxp_model_set_prior(s->model, c->prior[i], c->prior[i + 1], &s->error));
}

/* The problem on the scene's table, and options that say the case's penalty. */
static void path_scene_problem(struct path_scene *s, const struct path_case *c)
{
    mxp_problem_options columns;

    path_scene_model(s, c);
    mxp_problem_options_init(&columns);
    columns.weights = c->weights;
    columns.offset = c->offset;
    good(s, mxp_problem_new(&s->problem, s->model, s->table, &columns, &s->error));
    mxp_path_options_init(&s->options);
    s->options.penalty = c->penalty;
    if (c->mix > 0.0)
        s->options.mix = c->mix;
}

static inline struct path_scene path_scene(const struct path_case *c)
{
    struct path_scene s = {0};

    good(&s, mxp_table_read(&s.table, c->file, NULL, &s.error));
    path_scene_problem(&s, c);
    return s;
}

static inline void path_scene_run(struct path_scene *s)
{
    good(s, mxp_path_new(&s->path, s->problem, &s->options, &s->error));
}

#endif
