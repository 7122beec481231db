#include "fit/sweep.h"
#include "base/mem.h"
#include "fit/sweep_parts.h"
#include "model/product.h"

#include <float.h>
#include <math.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

/* Gaussian problems of at most so many columns have their whole Gram made at once.  Members below
 * drop_share of their kink leave the working set again. */
enum { WHOLE_MOST = 2048, BATCH_LEAST = 4, NULL_STEPS = 200 };
static const double drop_share = 0.8;
/* Ridge paths start where a lasso with a thousandth of their penalty would be empty. */
static const double ridge_share = 1e-3;

void sweep_free(struct sweep *s)
{
    if (!s)
        return;
    free(s->own_weight);
    free(s->k_storage);
    free(s->n_storage);
    free(s->batch_storage);
    free(s->outside);
    free(s->is_in);
    free(s->set);
    free(s->m_list);
    free(s->m_storage);
    free(s->gram);
    free(s->space.values);
    sparse_descent_free(s->columns);
    support_free(&s->support);
    free(s);
}

static size_t batch_most(const struct mxp_problem *problem)
{
    const size_t share = problem->n / 10;
    return share < 1 ? 1 : share < SWEEP_BATCH_MAX ? share : SWEEP_BATCH_MAX;
}

static mxp_status make_room(struct sweep *s, mxp_error *error)
{
    double **of_k[] = {&s->l1,    &s->l2,    &s->centre,   &s->fixed, &s->lower,
                       &s->upper, &s->theta, &s->gradient, &s->slope, &s->base_gradient};
    double **of_n[] = {&s->eta,   &s->d1,       &s->h,       &s->keep_eta,
                       &s->value, &s->base_eta, &s->base_d1, &s->gram_h};
    const size_t ks = sizeof of_k / sizeof *of_k, ns = sizeof of_n / sizeof *of_n;
    mxp_status status;

    s->batch_most = batch_most(s->problem);
    TRY(status = mem_doubles(&s->k_storage, s->k, ks, error));
    TRY(status = mem_doubles(&s->n_storage, s->n, ns, error));
    TRY(status = mem_doubles(&s->batch_storage, s->k + 2 * s->n, s->batch_most, error));
    TRY(status = MEM_NEW(&s->outside, s->k, error));
    TRY(status = MEM_NEW(&s->is_in, s->k, error));
    for (size_t i = 0; i < ks; i++)
        *of_k[i] = s->k_storage + i * s->k;
    for (size_t i = 0; i < ns; i++)
        *of_n[i] = s->n_storage + i * s->n;
    s->batch_gradient = s->batch_storage;
    s->batch_eta = s->batch_gradient + s->k * s->batch_most;
    s->batch_d1 = s->batch_eta + s->n * s->batch_most;
out:
    return status;
}

static mxp_status take_weights(struct sweep *s, mxp_error *error)
{
    mxp_status status = MXP_OK;

    s->weight = s->problem->design->weights;
    if (s->weight)
        return MXP_OK;
    TRY(status = mem_doubles(&s->own_weight, s->n, 1, error));
    for (size_t i = 0; i < s->n; i++)
        s->own_weight[i] = 1.0;
    s->weight = s->own_weight;
out:
    return status;
}

static void take_penalty(struct sweep *s, const struct sweep_penalty *penalty)
{
    for (size_t j = 0; j < s->k; j++) {
        s->l1[j] = penalty->l1[j];
        s->l2[j] = penalty->l2[j];
        s->centre[j] = penalty->centre[j];
        s->fixed[j] = penalty->fixed ? penalty->fixed[j] : 0.0;
        s->lower[j] = problem_lower(s->problem, j);
        s->upper[j] = problem_upper(s->problem, j);
        s->centre[j] = fmin(fmax(s->centre[j], s->lower[j]), s->upper[j]);
        s->theta[j] = s->centre[j];
    }
}

static double saturated_loss(const struct sweep *s)
{
    const struct mxp_problem *problem = s->problem;
    const double *trials = problem->design->trials;
    double sum = 0.0;

    for (size_t i = 0; i < s->n; i++)
        if (s->weight[i] > 0.0 && !s->quadratic)
            sum -= s->weight[i] *
                   problem->family->saturated(problem->y[i], trials ? trials[i] : 1.0, s->psi);
    return sum;
}

/* All coefficients at their centres. */
static mxp_status set_base(struct sweep *s, mxp_error *error)
{
    const double *offset = s->problem->design->offset;
    mxp_status status;

    for (size_t i = 0; i < s->n; i++)
        s->base_eta[i] = offset ? offset[i] : 0.0;
    TRY(status = product_predictor(s->base_eta, s->problem, NULL, s->k, s->centre, 1,
                                   s->options.threads, error));
    memcpy(s->eta, s->base_eta, s->n * sizeof *s->eta);
    TRY(status = sweep_rows(s, error));
    if (!isfinite(s->loss)) {
        status = FAIL(error, MXP_NUMERIC, "the likelihood is 0 at the priors' centres");
        goto out;
    }
    s->rounding = sweep_rounding(s);
    if (s->quadratic)
        memcpy(s->h, s->weight, s->n * sizeof *s->h);
    memcpy(s->base_d1, s->d1, s->n * sizeof *s->d1);
    s->base_loss = s->loss;
    s->at_hand = s->base_gradient;
    product_transposed(s->base_gradient, s->problem, NULL, s->k, s->base_d1, 1, s->options.threads);
out:
    return status;
}

/* The empty model: the coefficients that do not move with the scale. */
static mxp_status solve_null(struct sweep *s, mxp_error *error)
{
    const size_t steps = s->options.max_iterations;
    struct sweep_point point = {0};
    size_t outside;
    mxp_status status = MXP_OK;

    s->options.max_iterations = steps > NULL_STEPS ? steps : NULL_STEPS;

    for (size_t j = 0; j < s->k; j++)
        if (s->l1[j] == 0.0 && s->l2[j] == 0.0)
            TRY(status = sweep_add(s, j, error));
    TRY(status = sweep_descend(s, 0.0, error));
    TRY(status = sweep_keep(&point, s, 0, error));
    if (!point.converged && !(point.kkt < 1e-6)) {
        status = FAIL(error, MXP_NO_MODE,
                      "no mode: the coefficients without a penalty run off, or their columns are "
                      "dependent");
        goto out;
    }
    TRY(status = sweep_look(&outside, &point, s, 1, error));
    s->null_loss = point.loss;
    memcpy(s->gradient, s->batch_gradient, s->k * sizeof *s->gradient);
    s->at_hand = s->gradient;
    s->certified = sweep_largest(s);
    for (size_t j = 0; j < s->k; j++) /* no kink keeps these at their centre */
        if (s->l1[j] == 0.0 || s->whole)
            TRY(status = sweep_add(s, j, error));
out:
    s->options.max_iterations = steps;
    sweep_point_clear(&point);
    return status;
}

bool sweep_is_whole(const struct mxp_problem *problem)
{
    return problem->quadratic && problem->k <= problem->n && problem->k <= WHOLE_MOST;
}

static int resolve_threads(int threads)
{
#ifdef _OPENMP
    return threads > 0 ? threads : omp_get_max_threads();
#else
    (void)threads;
    return 1;
#endif
}

mxp_status sweep_whole_gram(double **gram, const struct mxp_problem *problem, int threads,
                            mxp_error *error)
{
    const size_t n = problem->n, k = problem->k;
    const double *w = problem->design->weights;
    double *G = NULL, *h = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&h, n, 1, error));
    TRY(status = mem_doubles(&G, k, k, error));
    for (size_t i = 0; i < n; i++)
        h[i] = w ? w[i] : 1.0;
    TRY(status = product_gram(G, k, problem, NULL, 0, k, h, resolve_threads(threads), error));
    *gram = G;
    G = NULL;
out:
    free(G);
    free(h);
    return status;
}

mxp_status sweep_new(struct sweep **sweep, const struct mxp_problem *problem,
                     const struct sweep_penalty *penalty, const struct sweep_options *options,
                     mxp_error *error)
{
    struct sweep *s = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&s, 1, error));
    s->problem = problem;
    s->options = *options;
    s->options.threads = resolve_threads(options->threads);
    s->n = problem->n;
    s->k = problem->k;
    s->quadratic = problem->quadratic;
    s->psi[0] = s->psi[1] = s->ratio = 1.0;
    s->whole = sweep_is_whole(problem);
    TRY(status = make_room(s, error));
    TRY(status = take_weights(s, error));
    take_penalty(s, penalty);
    s->saturated = saturated_loss(s);
    TRY(status = set_base(s, error));
    TRY(status = solve_null(s, error));
    *sweep = s;
    s = NULL;
out:
    sweep_free(s);
    return status;
}

double sweep_largest(const struct sweep *s)
{
    double most = 0.0, ridge = 0.0;

    for (size_t j = 0; j < s->k; j++) {
        const double g = s->gradient[j];
        const bool blocked = g > 0.0 ? s->centre[j] <= s->lower[j] : s->centre[j] >= s->upper[j];
        if (blocked)
            continue;
        if (s->l1[j] > 0.0)
            most = fmax(most, fabs(g) / s->l1[j]);
        else if (s->l2[j] > 0.0)
            ridge = fmax(ridge, fabs(g) / s->l2[j]);
    }
    if (most > 0.0)
        return most;
    return ridge / (ridge_share * (s->quadratic ? s->problem->design->y_offset_sd : 1.0));
}

double sweep_null_loss(const struct sweep *s)
{
    return s->null_loss;
}

void sweep_penalise(struct sweep *s, const struct sweep_penalty *penalty)
{
    memcpy(s->l1, penalty->l1, s->k * sizeof *s->l1);
    memcpy(s->l2, penalty->l2, s->k * sizeof *s->l2);
}

void sweep_aim(struct sweep *s, double tolerance)
{
    s->options.tolerance = tolerance;
}

/* Who may matter down to a scale: the last certified gradient, on along its slope, reaches the kink.
 * (The strong rule takes the slope for 1; what this sharper one misses, the check finds.) */
static mxp_status add_candidates(struct sweep *s, double scale, mxp_error *error)
{
    if (s->whole)
        return MXP_OK;
    sweep_drop(s, scale, drop_share * scale);
    return sweep_invite(s, s->gradient, s->slope, scale - s->certified, scale, error);
}

/* Back to a point of the batch, of which all is known. */
static mxp_status go_back(struct sweep *s, const struct sweep_point *point, size_t b,
                          mxp_error *error)
{
    sweep_load(s, point);
    if (s->quadratic)
        return MXP_OK;
    s->at_hand = s->batch_gradient + b * s->k;
    for (size_t a = 0; a < s->count; a++)
        s->m_q[a] = s->at_hand[s->set[a]];
    memcpy(s->eta, s->batch_eta + b * s->n, s->n * sizeof *s->eta);
    return sweep_rows(s, error);
}

/* Gaussian paths are piecewise linear in the scale: on along the last piece, which no coefficient
 * follows through its centre. */
static void extrapolate(struct sweep *s, const struct sweep_point *now,
                        const struct sweep_point *before, double scale)
{
    const double by = (scale - now->scale) / (now->scale - before->scale);

    for (size_t i = 0, k = 0; i < now->count; i++) {
        const size_t j = now->index[i];
        while (k < before->count && before->index[k] < j)
            k++;
        if (k == before->count || before->index[k] != j)
            continue;
        const double t = now->theta[i], m = s->centre[j], to = t + by * (t - before->theta[k]);
        s->theta[j] = fmin(fmax((to - m) * (t - m) < 0.0 ? m : to, s->lower[j]), s->upper[j]);
    }
}

/* Points of a gaussian path cost less than the pass that certifies them: rather some in vain. */
static size_t next_batch(const struct sweep *s, size_t size, size_t good)
{
    if (good == size)
        return 2 * size;
    if (s->quadratic)
        return good < BATCH_LEAST ? BATCH_LEAST : good;
    return size > 1 ? size / 2 : 1;
}

mxp_status sweep_solve(struct sweep_point *points, size_t *done, struct sweep *s,
                       const double *scales, size_t count, const volatile int *stop,
                       mxp_error *error)
{
    size_t batch = s->quadratic ? BATCH_LEAST : 2, good;
    mxp_status status = MXP_OK;

    *done = 0;
    while (*done < count && !(stop && *stop)) {
        struct sweep_point *first = points + *done;
        size_t size = batch < count - *done ? batch : count - *done;
        size = size < s->batch_most ? size : s->batch_most;
        TRY(status = add_candidates(s, scales[*done + size - 1], error));
        for (size_t b = 0; b < size; b++) {
            if (s->quadratic && *done + b >= 2)
                extrapolate(s, &first[b] - 1, &first[b] - 2, scales[*done + b]);
            TRY(status = sweep_descend(s, scales[*done + b], error));
            TRY(status = sweep_keep(&first[b], s, b, error));
        }
        TRY(status = sweep_check(first, &good, s, size, error));
        *done += good;
        batch = next_batch(s, size, good);
        TRY(status = go_back(s, &first[good < size ? good : size - 1],
                             good < size ? good : size - 1, error));
    }
out:
    return status;
}
