#include "base/mem.h"
#include "base/str.h"
#include "fit/gap.h"
#include "fit/modes.h"
#include "fit/nomode.h"
#include "fit/noise.h"
#include "fit/optimizer.h"
#include "fit/sketch.h"
#include "fit/solution.h"
#include "fit/start.h"
#include "num/la.h"

#include <math.h>
#include <string.h>
#include <time.h>

void mxp_fit_options_init(mxp_fit_options *options)
{
    *options = (mxp_fit_options){.size = sizeof *options,
                                 .method = "auto",
                                 .tolerance = 1e-9,
                                 .max_iterations = 1000,
                                 .seed = 1};
}

static const char *status_text(mxp_convergence status)
{
    static const char *const texts[] = {"converged", "iteration limit", "stalled",
                                        "diverged",  "interrupted",     "evaluated"};
    return texts[status];
}

/* The method asked for, or the one that auto picks. */
static mxp_status choose_method(const struct optimizer **method, const char **reason,
                                const struct mxp_problem *problem, const char *name,
                                mxp_error *error)
{
    if (!name || strcmp(name, "auto") == 0) {
        *method = optimizer_choose(problem, reason);
        const char *why = (*method)->refuses(problem);
        return why ? FAIL_AT(error, problem->model->family_place, MXP_CONFIG,
                             "no method can fit this model: %s", why)
                   : MXP_OK;
    }
    *method = optimizer_find(name);
    *reason = "asked for";
    if (!*method) {
        const char *names[16] = {"auto"};
        size_t count = 1;
        for (size_t i = 0; optimizer_table[i] && count < 16; i++)
            names[count++] = optimizer_table[i]->name;
        const char *near = str_nearest(name, names, count);
        return FAIL(error, MXP_USAGE, "unknown method \"%s\"%s%s%s", name,
                    near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    const char *why = (*method)->refuses(problem);
    if (why)
        return FAIL(error, MXP_USAGE, "method %s cannot fit this model: %s", name, why);
    return MXP_OK;
}

/* A gaussian penalised fit, solved at noise 1: the noise from its residuals, then everything again
 * conditional on it. */
static mxp_status plug_in(struct state *state, mxp_error *error)
{
    struct mxp_problem *problem = state->problem;
    const double rss = point_rss(state->now, problem);
    const struct noise_terms terms = noise_terms(problem, state->now->theta, rss);
    const double u = noise_mode(&terms);
    mxp_status status;

    if (!isfinite(u) || rss <= 1e-24 * problem->design->weight_sum *
                                   (problem->design->y_offset_rms * problem->design->y_offset_rms))
        return FAIL(error, MXP_NO_MODE,
                    "no mode: the penalised fit leaves no residuals, so the noise sd runs to 0; "
                    "fix noise_sd or give it a prior");
    problem_plug_in(problem, exp(u));
    TRY(status = state_evaluate(state, state->now, error));
    TRY(status = optimizer_run(state, error));
out:
    return status;
}

/* A concave posterior has one mode, wherever it is looked for.  Where every row is fitted perfectly
 * or not at all its curvature vanishes, and Newton's method is lost: then from plain starts. */
static mxp_status run_again(struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    mxp_status status = MXP_OK;

    for (int kinks = 0; kinks < 2; kinks++) {
        start_plain(state->now->theta, problem, kinks);
        TRY(status = state_evaluate(state, state->now, error));
        if (!isfinite(state->now->objective))
            continue;
        status = optimizer_run(state, error);
        if (status == MXP_OK ? state->status == MXP_CONVERGED : status != MXP_NUMERIC)
            break;
    }
out:
    return status;
}

/* One run from the start, and again where a concave posterior lost it. */
static mxp_status run_once(struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    mxp_status status = optimizer_run(state, error);
    const bool lost = status == MXP_NUMERIC ||
                      (status == MXP_OK && state->status == MXP_STALLED && state->now->kkt > 1e-3);

    if (lost && !problem->quadratic && !problem->heavy)
        status = run_again(state, error);
    TRY(status);
    if (problem->plugged_in && state->max_iterations > 0 && !state_stopped(state))
        TRY(status = plug_in(state, error));
out:
    return status;
}

static mxp_status run(struct modes *modes, struct state *state, const mxp_fit_options *options,
                      mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    mxp_status status;

    const bool lad = problem->family->piecewise_linear;
    const bool fixed_point = lad || (problem->quadratic && !state->method->joint);

    if (state->max_iterations > 0 && problem->r && fixed_point)
        return modes_of_noise(modes, state, error);
    TRY(status = run_once(state, error));
    if (state_stopped(state))
        return MXP_OK;
    TRY(status = modes_note(modes, state, error));
    if (state->max_iterations > 0 && !problem->plugged_in && !lad)
        TRY(status = modes_from_starts(modes, state, options, error));
    if (state->max_iterations > 0 && !state_stopped(state))
        TRY(status = nomode_refuse_plateau(state, error));
out:
    return status;
}

/* Everything, from the best start on.  Where the fit was stopped nothing that went wrong on the way
 * is a finding about the model. */
static mxp_status run_all(struct modes *modes, struct state *state, const mxp_fit_options *options,
                          mxp_error *error)
{
    mxp_status status = run(modes, state, options, error);

    if (!state_stopped(state))
        return status;
    state->status = MXP_INTERRUPTED;
    return status == MXP_MEMORY ? status : MXP_OK;
}

/* A prior whose scale is to be selected has none yet. */
static mxp_status check_selected(const struct mxp_problem *problem, mxp_error *error)
{
    for (size_t j = 0; j < problem->k; j++)
        if (problem->parameter[j].prior.selected)
            return FAIL(error, MXP_USAGE,
                        "the scale of the prior of \"%s\" is to be selected: follow a path and "
                        "apply one of its points first",
                        problem->parameter[j].name);
    return MXP_OK;
}

static void fill_info(mxp_fit_info *info, const struct state *state)
{
    const struct point *point = state->now;

    info->status = state->status;
    info->status_text = status_text(state->status);
    info->method = state->method->name;
    info->method_reason = state->method_reason;
    info->objective = point->objective;
    info->log_likelihood = point->log_likelihood;
    info->log_prior = point->log_prior;
    info->kkt = point->kkt;
    info->kkt_floor = state->kkt_floor;
    info->condition = state->rcond > 0.0 ? 1.0 / state->rcond : NAN;
    info->starts = state->starts;
    info->iterations = state->iterations;
    info->not_unique = state->not_unique;
    info->passes = state->passes + 1; /* the moments of the columns */
    info->gradient_norm = 0.0;
    for (size_t j = 0; j < state->problem->d; j++)
        info->gradient_norm = fmax(info->gradient_norm, fabs(point->gradient[j]));
}

/* The intercept on the scale of the data, with what rounding took from the coordinates. */
static void to_data(double *beta, const struct mxp_problem *problem, const struct point *point)
{
    double rest = 0.0;

    problem_to_data(beta, problem, point->theta);
    if (problem->q > 1 || !problem->first_column)
        return;
    for (size_t j = 1; j < problem->k; j++)
        rest -= problem->parameter[j].shift * point->rest[j] / problem->parameter[j].scale;
    beta[0] += rest + point->rest[0];
}

/* Hands the state's point and curvature to the solution; the Gram of a quadratic family is divided
 * by the noise variance. */
static mxp_status take(struct mxp_solution *solution, struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const size_t k = problem->k;
    double psi[FAMILY_AUX_MAX];
    mxp_status status;

    TRY(status = mem_doubles(&solution->beta, k, 1, error));
    to_data(solution->beta, problem, state->now);
    problem_psi(psi, problem, state->now->theta);
    if (state->gram && (problem->quadratic || state->gram_current)) {
        const double divide = problem->quadratic ? psi[0] * psi[0] : 1.0;
        for (size_t i = 0; i < k * k; i++)
            state->gram[i] /= divide;
        solution->gram = state->gram;
        state->gram = NULL;
    }
    if (state->triangle) {
        for (size_t i = 0; i < k * k; i++)
            state->triangle[i] /= psi[0];
        solution->triangle = state->triangle;
        state->triangle = NULL;
    }
    solution->kernel = state->kernel;
    state->kernel = NULL;
    solution->point = state->now;
    state->now = NULL;
out:
    return status;
}

/* A state at the start: many rows have one from a sample of them, where that has a mode. */
static mxp_status begin(struct state **state, struct mxp_problem *problem,
                        const struct optimizer *method, const mxp_fit_options *options,
                        mxp_error *error)
{
    struct sketch *sketch = NULL;
    double *theta = NULL;
    mxp_error lost;
    mxp_status status;

    TRY(status = mem_doubles(&theta, problem->d, 1, error));
    TRY(status = sketch_new(&sketch, theta, problem, method, options, error));
    if (sketch && state_new(state, problem, method, theta, sketch, options, &lost) == MXP_OK)
        goto out;
    TRY(status = start_set(theta, problem, options, error));
    TRY(status = state_new(state, problem, method, theta, NULL, options, error));
out:
    free(theta);
    return status;
}

mxp_status mxp_fit(mxp_solution **solution, mxp_problem *problem, const mxp_fit_options *options,
                   mxp_error *error)
{
    static const char *const sketched = "smooth posterior, many rows: curvature from a sample";
    const clock_t start = clock();
    const int blas_threads = la_threads_for(problem->d);
    mxp_fit_options defaults;
    const struct optimizer *method;
    const char *reason;
    struct mxp_solution *s = NULL;
    struct state *state = NULL;
    mxp_status status;

    mxp_fit_options_init(&defaults);
    if (!options)
        options = &defaults;
    TRY(status = check_selected(problem, error));
    TRY(status = choose_method(&method, &reason, problem, options->method, error));
    TRY(status = MEM_NEW(&s, 1, error));
    s->problem = problem;
    TRY(status = begin(&state, problem, method, options, error));
    state->method_reason = state->sketch ? sketched : reason;
    TRY(status = run_all(&s->modes, state, options, error));
    fill_info(&s->info, state);
    s->info.modes = s->modes.count;
    s->info.duality_gap = NAN;
    if (problem->kinked && problem_plain(problem) && s->info.status != MXP_INTERRUPTED)
        TRY(status =
                gap_compute(&s->info.duality_gap, &s->info.passes, state->now, problem, error));
    TRY(status = take(s, state, error));
    s->info.seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    *solution = s;
    s = NULL;
out:
    (void)la_threads(blas_threads);
    state_free(state);
    mxp_solution_free(s);
    return status;
}

void mxp_solution_free(mxp_solution *solution)
{
    if (!solution)
        return;
    point_free(solution->point);
    free(solution->beta);
    free(solution->gram);
    free(solution->triangle);
    kernel_free(solution->kernel);
    modes_free(&solution->modes);
    free(solution);
}

mxp_fit_info mxp_solution_info(const mxp_solution *solution)
{
    return solution->info;
}

void mxp_solution_mode(double *objective, double *noise_sd, const mxp_solution *solution, size_t i)
{
    const bool found = i < solution->modes.count;

    *objective = found ? solution->modes.mode[i].objective : NAN;
    *noise_sd = found ? solution->modes.mode[i].noise_sd : NAN;
}

double mxp_solution_mode_estimate(const mxp_solution *solution, size_t i, size_t term)
{
    const struct mxp_problem *problem = solution->problem;

    if (i >= solution->modes.count || term >= problem->d)
        return NAN;
    const double value = solution->modes.mode[i].estimate[term];
    return term < problem->k ? value : exp(value);
}

mxp_status mxp_solution_estimate(double *estimate, const mxp_solution *solution, const char *name,
                                 mxp_error *error)
{
    const struct mxp_problem *problem = solution->problem;
    const size_t j = start_find(problem, name);

    if (j == problem->d)
        return start_unknown(problem, name, error);
    *estimate = j < problem->k ? solution->beta[j] : exp(solution->point->theta[j]);
    return MXP_OK;
}
