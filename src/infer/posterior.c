#include "infer/posterior.h"
#include "base/mem.h"
#include "base/str.h"
#include "fit/start.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

enum { KINK_LIMIT = 2000 };

void mxp_posterior_options_init(mxp_posterior_options *options)
{
    *options = (mxp_posterior_options){.size = sizeof *options,
                                       .at_kinks = "auto",
                                       .samples = 1000,
                                       .seed = 1,
                                       .level = 0.95,
                                       .covariance_limit = 2000};
}

void mxp_posterior_free(mxp_posterior *posterior)
{
    if (!posterior)
        return;
    for (size_t j = 0; posterior->prior_texts && j < posterior->count; j++)
        free(posterior->prior_texts[j]);
    free(posterior->prior_texts);
    free(posterior->terms);
    free(posterior->covariance);
    free(posterior->reason);
    free(posterior->chosen);
    free(posterior->chosen_covariance);
    free(posterior);
}

mxp_posterior_info mxp_posterior_get_info(const mxp_posterior *posterior)
{
    return posterior->info;
}

size_t mxp_posterior_terms(const mxp_posterior *posterior)
{
    return posterior->count;
}

mxp_term mxp_posterior_term(const mxp_posterior *posterior, size_t i)
{
    return posterior->terms[i];
}

const double *mxp_posterior_covariance(const mxp_posterior *posterior)
{
    return posterior->covariance;
}

const double *mxp_posterior_chosen(size_t *count, const size_t **terms,
                                   const mxp_posterior *posterior)
{
    *count = posterior->chosen_covariance ? posterior->chosen_count : 0;
    *terms = posterior->chosen_covariance ? posterior->chosen : NULL;
    return posterior->chosen_covariance;
}

/* The prior of parameter j in words. */
static mxp_status prior_text(char **text, const struct mxp_problem *problem, size_t j,
                             mxp_error *error)
{
    struct str out = {0};
    mxp_status status;

    problem_put_prior(&out, problem, j);
    TRY(status = str_check(&out, error));
    *text = out.text;
    return MXP_OK;
out:
    str_free(&out);
    return status;
}

/* How far the gradient is from taking a coefficient, or its group, off the kink; NAN: on none. */
static double slack(const struct mxp_problem *problem, size_t j, const struct point *point)
{
    const struct joint *joint = problem_group(problem, j);
    double l1, m, square = 0.0;

    problem_kink(&l1, &m, problem, j, point->theta);
    if (!joint)
        return l1 > 0.0 && point->theta[j] == m ? fmax(0.0, 1.0 - fabs(point->gradient[j]) / l1)
                                                : NAN;
    if (!joint_at_kink(joint, point->theta))
        return NAN;
    for (size_t i = 0; i < joint->k; i++)
        square += point->gradient[joint->index[i]] * point->gradient[joint->index[i]];
    return fmax(0.0, 1.0 - joint->a[0] * sqrt(square));
}

static mxp_status start_terms(struct mxp_posterior *posterior, mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;
    const struct mxp_solution *solution = posterior->solution;
    const double *theta = solution->point->theta;
    mxp_status status;

    TRY(status = MEM_NEW(&posterior->terms, problem->d, error));
    TRY(status = MEM_NEW(&posterior->prior_texts, problem->d, error));
    posterior->count = problem->d;
    for (size_t j = 0; j < problem->d; j++) {
        const double left = slack(problem, j, solution->point);
        TRY(status = prior_text(&posterior->prior_texts[j], problem, j, error));
        posterior->terms[j] =
            (mxp_term){.name = problem->parameter[j].name,
                       .prior = posterior->prior_texts[j],
                       .estimate = j < problem->k ? solution->beta[j] : exp(theta[j]),
                       .mean = NAN,
                       .sd = NAN,
                       .lower = NAN,
                       .upper = NAN,
                       .probability_positive = NAN,
                       .monte_carlo_error = NAN,
                       .at_kink = !isnan(left),
                       .at_bound = theta[j] <= problem_lower(problem, j)   ? "lower"
                                   : theta[j] >= problem_upper(problem, j) ? "upper"
                                                                           : NULL,
                       .kink_slack = left,
                       .auxiliary = j >= problem->k,
                       .standardized_estimate = NAN,
                       .standardized_mean = NAN,
                       .standardized_sd = NAN};
        if (j < problem->k && problem_standardized(problem))
            posterior->terms[j].standardized_estimate = theta[j];
    }
out:
    return status;
}

static void start_info(struct mxp_posterior *posterior)
{
    const struct mxp_problem *problem = posterior->problem;

    posterior->info = (mxp_posterior_info){
        .structure = "full",
        .curvature = problem->family->piecewise_linear ? "expected" : "hessian",
        .at_kinks = "none",
        .scale = !problem->r                    ? "none"
                 : problem->model->mode_natural ? "natural"
                                                : "log",
        .auxiliary = problem->r                             ? "estimated"
                     : problem->plugged_in                  ? "plugged_in"
                     : problem->family->auxiliary_count > 0 ? "fixed"
                                                            : "none",
        .log_evidence = NAN,
        .log_evidence_relative = NAN,
        .log_det = NAN,
        .effective_parameters = NAN,
        .ess = NAN,
        .r_hat = NAN};
}

/* What the kink posterior cannot hold yet; NULL: nothing. */
static const char *no_sampler(const struct mxp_problem *problem)
{
    return problem->bounded          ? "bounds"
           : problem->heavy          ? "student_t or cauchy priors"
           : !problem_plain(problem) ? "priors on several coefficients"
                                     : NULL;
}

static mxp_status choose_at_kinks(bool *sample, const struct mxp_problem *problem, const char *name,
                                  mxp_error *error)
{
    const char *why = no_sampler(problem);

    if (strcmp(name, "auto") == 0)
        *sample = problem->k <= KINK_LIMIT && !why;
    else if (strcmp(name, "kink") == 0 && why && problem->kinked)
        return FAIL(error, MXP_USAGE,
                    "at_kinks = \"kink\" does not know %s in this version; use active", why);
    else if (strcmp(name, "kink") == 0)
        *sample = true;
    else if (strcmp(name, "active") == 0)
        *sample = false;
    else
        return FAIL(error, MXP_USAGE, "at_kinks = \"%s\" is not auto, kink or active", name);
    return MXP_OK;
}

static mxp_status check_options(const mxp_posterior_options *options, mxp_error *error)
{
    if (!(options->level > 0.0 && options->level < 1.0))
        return FAIL(error, MXP_USAGE, "level = %g is outside (0, 1)", options->level);
    if (options->samples < 1)
        return FAIL(error, MXP_USAGE, "samples = 0 is not above 0");
    return MXP_OK;
}

/* The terms that the options name. */
static mxp_status choose_terms(struct mxp_posterior *posterior,
                               const mxp_posterior_options *options, mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;
    bool *wanted = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&wanted, problem->d, error));
    for (size_t i = 0; i < options->covariance_term_count; i++) {
        const char *const selector = options->covariance_terms[i];
        const size_t exact = start_find(problem, selector);
        bool found = exact < problem->d;
        if (found)
            wanted[exact] = true;
        for (size_t j = 0; j < problem->k; j++)
            if (problem_selector_fit(selector, problem, j) > 0)
                found = wanted[j] = true;
        if (!found) {
            status = start_unknown(problem, selector, error);
            goto out;
        }
    }
    for (size_t j = 0; j < problem->d; j++)
        posterior->chosen_count += wanted[j];
    TRY(status = MEM_NEW(&posterior->chosen, posterior->chosen_count, error));
    for (size_t j = 0, c = 0; j < problem->d; j++)
        if (wanted[j])
            posterior->chosen[c++] = j;
out:
    free(wanted);
    return status;
}

/* The chosen terms' part of the whole covariance. */
static mxp_status take_chosen(struct mxp_posterior *posterior, mxp_error *error)
{
    const size_t c = posterior->chosen_count, d = posterior->count;
    mxp_status status = MXP_OK;

    if (c == 0 || posterior->chosen_covariance || !posterior->covariance)
        return MXP_OK;
    TRY(status = mem_doubles(&posterior->chosen_covariance, c, c, error));
    for (size_t j = 0; j < c; j++)
        for (size_t i = 0; i < c; i++)
            posterior->chosen_covariance[i + j * c] =
                posterior->covariance[posterior->chosen[i] + posterior->chosen[j] * d];
out:
    return status;
}

/* Neither the rows nor the coefficients are few enough for a matrix of their order. */
static mxp_status without_sds(struct mxp_posterior *posterior, mxp_error *error)
{
    static const char *const words =
        "the Hessian of so many coefficients does not fit into memory, nor does the matrix of so "
        "many rows";

    posterior->info.structure = "none";
    posterior->info.sd_reason = posterior->info.covariance_reason = words;
    posterior->info.log_evidence_reason = words;
    return posterior->chosen_count > 0
               ? FAIL(error, MXP_USAGE, "laplace.covariance_terms: there is no covariance: %s",
                      words)
               : MXP_OK;
}

/* The active coordinates: a Gaussian, or the kink posterior by sampling. */
static mxp_status approximate_active(struct mxp_posterior *posterior,
                                     const mxp_posterior_options *options, bool sample,
                                     mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;
    struct active active = {0};
    mxp_status status;

    TRY(status = active_new(&active, problem, posterior->solution, error));
    const bool narrow = problem->d > options->covariance_limit && active.count <= problem->d / 2 &&
                        !problem->equality;
    if (problem->kinked && sample) {
        TRY(status = posterior_kink(posterior, options, error));
    } else if (!active.covariance && active.coefficients > 0) {
        status = active_indefinite(&active, problem, posterior->solution, error);
        goto out;
    } else if (narrow) {
        posterior->info.covariance_reason =
            "there are more parameters than laplace.covariance_limit";
        TRY(status = posterior_narrow(posterior, &active, options->level, error));
    } else {
        TRY(status = posterior_gaussian(posterior, &active, options->level, error));
    }
    if (active.expected && !sample)
        posterior->info.curvature = "expected";
    TRY(status = posterior_evidence(posterior, &active, error));
    status = take_chosen(posterior, error);
out:
    active_free(&active);
    return status;
}

static mxp_status approximate(struct mxp_posterior *posterior, const mxp_posterior_options *options,
                              mxp_error *error)
{
    const struct mxp_problem *problem = posterior->problem;
    const bool kinks = problem->kinked || problem->grouped;
    bool sample = false;
    mxp_status status;

    TRY(status = choose_at_kinks(&sample, problem, options->at_kinks, error));
    TRY(status = choose_terms(posterior, options, error));
    if (kinks)
        posterior->info.at_kinks = sample ? "kink" : "active";
    const double size = (double)active_size(problem, posterior->solution->point);
    if (!kinks && problem->k > problem->n && problem->d > options->covariance_limit &&
        posterior_has_dual(problem)) {
        posterior->info.covariance_reason =
            "there are more parameters than laplace.covariance_limit, and than rows";
        status = posterior_dual(posterior, options->level, error);
    } else if (!mem_is_modest(5.0 * size * size)) {
        status = without_sds(posterior, error);
    } else {
        status = approximate_active(posterior, options, sample, error);
    }
out:
    return status;
}

mxp_status mxp_posterior_new(mxp_posterior **posterior, const mxp_problem *problem,
                             const mxp_solution *solution, const mxp_posterior_options *options,
                             mxp_error *error)
{
    const int blas_threads = la_threads_for(problem->d);
    mxp_posterior_options defaults;
    struct mxp_posterior *p = NULL;
    mxp_status status;

    mxp_posterior_options_init(&defaults);
    if (!options)
        options = &defaults;
    TRY(status = check_options(options, error));
    TRY(status = MEM_NEW(&p, 1, error));
    p->problem = problem;
    p->solution = solution;
    start_info(p);
    TRY(status = start_terms(p, error));
    TRY(status = approximate(p, options, error));
    *posterior = p;
    p = NULL;
out:
    (void)la_threads(blas_threads);
    mxp_posterior_free(p);
    return status;
}
