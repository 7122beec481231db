#include "select/path.h"
#include "base/mem.h"
#include "fit/noise.h"
#include "model/deviance.h"
#include "num/special.h"
#include "select/cv.h"
#include "select/folds.h"

#include <float.h>
#include <math.h>
#include <string.h>

void mxp_path_options_init(mxp_path_options *options)
{
    *options = (mxp_path_options){.size = sizeof *options,
                                  .mix = NAN,
                                  .points = 100,
                                  .ratio = NAN,
                                  .tolerance = 1e-9,
                                  .max_iterations = 1000,
                                  .rule = "1se",
                                  .seed = 1};
}

void mxp_path_free(mxp_path *path)
{
    if (!path)
        return;
    for (size_t i = 0; path->sweep && i < path->asked; i++)
        sweep_point_clear(&path->sweep[i]);
    setup_free(path->setup);
    free(path->lambda);
    free(path->sweep);
    free(path->point);
    free(path->fold);
    free(path->held);
    free(path);
}

/* What deviances are measured from. */
static mxp_status measure_null(mxp_path *path, mxp_error *error)
{
    const struct design *design = path->problem->design;
    const double psi[FAMILY_AUX_MAX] = {1.0, 1.0};
    const char *why;

    if (path->problem->quadratic) {
        const double sd =
            path->problem->model->intercept ? design->y_offset_sd : design->y_offset_rms;
        path->null = 0.5 * design->weight_sum * sd * sd;
        return MXP_OK;
    }
    path->saturated = deviance_saturated(path->problem, psi);
    return deviance_null(&path->null, &why, path->problem, psi, error);
}

/* 1 - deviance over that of the intercept alone. */
static double explained(const mxp_path *path, double loss)
{
    const bool quadratic = path->problem->quadratic;
    const double of = quadratic ? path->null : path->saturated - path->null;
    const double left = quadratic ? loss : path->saturated + loss;

    return of > 0.0 ? 1.0 - left / of : NAN;
}

/* phi of a point: its noise variance where that is estimated, the fixed one, or 1. */
static mxp_status noise_of(double *phi, const mxp_path *path, const struct sweep_point *at,
                           mxp_error *error)
{
    if (!path->setup->estimated) {
        *phi = path->setup->noise * path->setup->noise;
        return MXP_OK;
    }
    const struct noise_terms terms = noise_terms(path->problem, NULL, 2.0 * at->loss);
    const double u = noise_mode(&terms);
    if (!isfinite(u))
        return FAIL(
            error, MXP_NO_MODE,
            "no mode: at lambda = %.6g no residuals are left, so the noise sd runs to 0; fix "
            "noise_sd or give it a prior",
            at->scale);
    *phi = exp(2.0 * u);
    return MXP_OK;
}

static mxp_status fill_point(mxp_path *path, size_t i, mxp_error *error)
{
    const struct sweep_point *at = &path->sweep[i];
    const bool noise = path->problem->quadratic;
    const double W = path->problem->design->weight_sum;
    mxp_path_point *point = &path->point[i];
    double phi = 1.0;
    mxp_status status;

    TRY(status = noise_of(&phi, path, at, error));
    *point = (mxp_path_point){.lambda = path->lambda[i],
                              .scale = setup_scale(path->setup, path->lambda[i], phi),
                              .noise_sd = noise ? sqrt(phi) : NAN,
                              .kkt = at->kkt / (noise ? sqrt(phi) : 1.0),
                              .gap = at->gap,
                              .deviance_explained = explained(path, at->loss),
                              .nonzeros = at->nonzeros,
                              .iterations = at->iterations,
                              .passes = at->passes,
                              .status = at->converged ? MXP_CONVERGED : MXP_STALLED,
                              .cv_loss = NAN,
                              .cv_se = NAN};
    point->log_likelihood =
        noise ? -W * (SPECIAL_LOG_SQRT_2PI + 0.5 * log(phi)) - at->loss / phi : -at->loss;
    point->log_prior = setup_log_prior(path->setup, path->problem, at, phi);
    point->objective = -(point->log_likelihood + point->log_prior);
out:
    return status;
}

/* The penalties that were given, or falling by equal factors from the largest. */
static mxp_status set_lambdas(mxp_path *path, const mxp_path_options *options, double largest,
                              mxp_error *error)
{
    const bool wide = path->problem->k > path->problem->n;
    const double ratio = isnan(options->ratio) ? (wide ? 1e-2 : 1e-4) : options->ratio;
    mxp_status status = MXP_OK;

    if (options->lambdas) {
        memcpy(path->lambda, options->lambdas, path->asked * sizeof *path->lambda);
        return MXP_OK;
    }
    if (!(largest > 0.0) || isinf(largest))
        return FAIL(error, MXP_NO_MODE,
                    "a path has nowhere to start: no weight that it penalises explains anything of "
                    "the response");
    largest *= 1.0 + 64.0 * DBL_EPSILON; /* rounding moves nobody off a kink there */
    for (size_t i = 0; i < path->asked; i++)
        path->lambda[i] =
            i == 0 ? largest : largest * pow(ratio, (double)i / (double)(path->asked - 1));
    return status;
}

static mxp_status follow(mxp_path *path, const struct engine *engine,
                         const struct engine_options *engine_options,
                         const mxp_path_options *options, mxp_error *error)
{
    void *self = NULL;
    mxp_status status;

    if (options->progress)
        options->progress(options->told, "points", 0, path->asked);
    TRY(status = engine->start(&self, path->problem, path->setup, engine_options, error));
    TRY(status = set_lambdas(path, options, engine->largest(self), error));
    TRY(status = engine->solve(path->sweep, &path->done, self, path->lambda, path->asked,
                               options->stop, error));
    TRY(status = measure_null(path, error));
    for (size_t i = 0; i < path->done; i++)
        TRY(status = fill_point(path, i, error));
    path->stopped = path->done < path->asked;
out:
    engine->free(self);
    return status;
}

/* The smallest loss, the largest penalty of equal ones; and by rule the largest penalty whose loss is
 * within one standard error of it. */
static void choose(mxp_path *path, const struct cv *cv, bool one_se)
{
    path->min = 0;
    for (size_t i = 1; i < path->done; i++)
        if (cv->loss[i] < cv->loss[path->min])
            path->min = i;
    path->chosen = path->min;
    if (!one_se)
        return;
    path->chosen = 0;
    while (!(cv->loss[path->chosen] <= cv->loss[path->min] + cv->se[path->min]) &&
           path->chosen < path->min)
        path->chosen++;
}

static mxp_status cross_validate(mxp_path *path, const struct engine *engine,
                                 const struct engine_options *engine_options,
                                 const mxp_path_options *options, mxp_error *error)
{
    const struct mxp_problem *problem = path->problem;
    struct cv cv = {0};
    mxp_status status;

    TRY(status = MEM_NEW(&path->fold, problem->n, error));
    TRY(status = folds_assign(path->fold, problem, options->folds, options->groups, options->seed,
                              error));
    const struct cv_request request = {.problem = problem,
                                       .setup = path->setup,
                                       .engine = engine,
                                       .options = *engine_options,
                                       .fold = path->fold,
                                       .folds = options->folds,
                                       .lambdas = path->lambda,
                                       .count = path->done,
                                       .stop = options->stop,
                                       .progress = options->progress,
                                       .told = options->told};
    TRY(status = cv_run(&cv, &request, error));
    if (cv.stopped) {
        path->stopped = true;
        goto out;
    }
    for (size_t i = 0; i < path->done; i++) {
        path->point[i].cv_loss = cv.loss[i];
        path->point[i].cv_se = cv.se[i];
    }
    choose(path, &cv, strcmp(options->rule, "1se") == 0);
    TRY(status = mem_doubles(&path->held, problem->n, problem->q, error));
    TRY(status = cv_predict(path->held, &cv, &request, path->chosen, error));
out:
    cv_clear(&cv, options->folds);
    return status;
}

mxp_status mxp_path_new(mxp_path **path, mxp_problem *problem, const mxp_path_options *options,
                        mxp_error *error)
{
    mxp_path_options defaults;
    mxp_path *p = NULL;
    double *gram = NULL;
    mxp_status status;

    mxp_path_options_init(&defaults);
    if (!options)
        options = &defaults;
    TRY(status = MEM_NEW(&p, 1, error));
    p->problem = problem;
    TRY(status = setup_new(&p->setup, problem, options, error));
    p->asked = options->lambdas ? options->lambda_count : options->points;
    TRY(status = mem_doubles(&p->lambda, p->asked, 1, error));
    TRY(status = MEM_NEW(&p->sweep, p->asked, error));
    TRY(status = MEM_NEW(&p->point, p->asked, error));
    const struct engine *engine = engine_choose(problem, p->setup);
    if (options->folds > 1 && engine == &engine_sweep && sweep_is_whole(problem))
        TRY(status = sweep_whole_gram(&gram, problem, options->threads, error));
    const struct engine_options engine_options = {.tolerance = options->tolerance,
                                                  .max_iterations = options->max_iterations,
                                                  .threads = options->threads,
                                                  .gram = gram};
    TRY(status = follow(p, engine, &engine_options, options, error));
    p->min = p->chosen = p->done;
    if (options->folds > 1 && !p->stopped)
        TRY(status = cross_validate(p, engine, &engine_options, options, error));
    *path = p;
    p = NULL;
out:
    free(gram);
    mxp_path_free(p);
    return status;
}

size_t mxp_path_points(const mxp_path *path)
{
    return path->done;
}

int mxp_path_stopped(const mxp_path *path)
{
    return path->stopped;
}

mxp_path_point mxp_path_at(const mxp_path *path, size_t i)
{
    static const mxp_path_point none = {0};
    return i < path->done ? path->point[i] : none;
}

void mxp_path_estimates(double *beta, const mxp_path *path, size_t i)
{
    if (i >= path->done)
        return;
    setup_theta(beta, path->setup, &path->sweep[i]);
    problem_to_data(beta, path->problem, beta);
}

size_t mxp_path_min(const mxp_path *path)
{
    return path->min;
}

size_t mxp_path_chosen(const mxp_path *path)
{
    return path->chosen;
}

const double *mxp_path_held_out(const mxp_path *path)
{
    return path->held;
}

const unsigned *mxp_path_folds(const mxp_path *path)
{
    return path->fold;
}

mxp_status mxp_path_apply(mxp_problem *problem, const mxp_path *path, size_t i, mxp_error *error)
{
    if (i >= path->done)
        return FAIL(error, MXP_USAGE, "point %zu of a path of %zu", i, path->done);
    if (problem->k != path->setup->k || problem->model != path->problem->model)
        return FAIL(error, MXP_USAGE, "the path is of another problem");
    const double noise = path->point[i].noise_sd;
    return setup_apply(problem, path->setup, path->lambda[i], isnan(noise) ? 1.0 : noise * noise,
                       error);
}
