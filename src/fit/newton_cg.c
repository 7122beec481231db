/* Newton's method without a matrix, for log-concave families and smooth priors with very many
 * coefficients: each step is found by conjugate gradients with a diagonal preconditioner, to as many
 * digits as it is worth (Nash & Nocedal, 1991; the forcing sequence of Eisenstat & Walker, 1996).
 * A product with the Hessian is one pass over the data.  A step of the driver is a whole run: the
 * predictor follows the steps by what conjugate gradients know, so that trying a length costs no pass
 * and a gradient half of one. */
#include "base/mem.h"
#include "fit/dual_rows.h"
#include "fit/optimizer.h"
#include "model/product.h"
#include "model/product_sparse.h"

#include <math.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

enum {
    STEPS = 25,
    PRODUCTS = 500,
    HALVINGS = 40,
    ROWS_MOST = 1 << 25 /* up to this many sparse values a copy by rows is made */
};

/* What single precision leaves of a predictor. */
static const double single = 1e-6;

/* A run.  k: theta .. product; n: eta .. trial. */
struct run {
    struct state *state;
    const struct mxp_problem *problem;
    double psi[FAMILY_AUX_MAX];
    double *theta, *gradient, *precision, *pull, *diagonal, *inverse;
    double *step, *residual, *towards, *product;
    double *eta, *value, *d1, *d2, *along, *weighted, *trial;
    double curvature;             /* sum of d2 where the diagonal is that of */
    double objective, likelihood; /* J, up to a constant, and the likelihood's share of it */
    struct product_map *map;      /* of sparse columns; NULL: none */
    int threads;
    size_t steps, products;
    double *storage;
};

static void run_free(struct run *run)
{
    free(run->storage);
    product_map_free(run->map);
}

/* eta at theta, and what products with it need. */
static mxp_status start_predictor(struct run *run, mxp_error *error)
{
    const struct mxp_problem *problem = run->problem;
    const struct design *design = problem->design;
    mxp_status status;

    run->threads = run->state->threads > 0 ? run->state->threads : 1;
#ifdef _OPENMP
    if (run->state->threads <= 0)
        run->threads = omp_get_max_threads();
#endif
    if (design->offset)
        memcpy(run->eta, design->offset, problem->n * sizeof *run->eta);
    TRY(status = product_predictor(run->eta, problem, NULL, problem->k, run->theta, 1, run->threads,
                                   error));
    run->products++;
    TRY(status = product_map_new(&run->map, problem, ROWS_MOST, error));
out:
    return status;
}

static mxp_status run_new(struct run *run, struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const size_t n = problem->n, k = problem->k;
    mxp_status status;

    *run = (struct run){.state = state, .problem = problem};
    double **const columns[] = {&run->theta,    &run->gradient, &run->precision, &run->pull,
                                &run->diagonal, &run->inverse,  &run->step,      &run->residual,
                                &run->towards,  &run->product};
    double **const rows[] = {&run->eta,   &run->value,    &run->d1,   &run->d2,
                             &run->along, &run->weighted, &run->trial};
    const size_t a = sizeof columns / sizeof *columns, b = sizeof rows / sizeof *rows;
    TRY(status = mem_doubles(&run->storage, a * k + b * n, 1, error));
    for (size_t i = 0; i < a; i++)
        *columns[i] = run->storage + i * k;
    for (size_t i = 0; i < b; i++)
        *rows[i] = run->storage + a * k + i * n;
    problem_psi(run->psi, problem, state->now->theta);
    memcpy(run->theta, state->now->theta, k * sizeof *run->theta);
    memcpy(run->diagonal, state->now->diagonal, k * sizeof *run->diagonal);
    struct prior_sums sums = {.gradient = run->pull, .diagonal = run->precision};
    problem_prior_at(&sums, problem, run->theta, run->psi[0]);
    for (size_t j = 0; j < k; j++) /* precision * theta + pull: the priors' gradient anywhere */
        run->pull[j] -= run->precision[j] * run->theta[j];
    TRY(status = start_predictor(run, error));
out:
    return status;
}

/* The diagonal of H where the rows' curvatures have moved on: their share of it times what happened to
 * their mean.  It measures and preconditions; the driver certifies with that of the data. */
static void follow_diagonal(struct run *run)
{
    double mean = 0.0;

    for (size_t i = 0; i < run->problem->n; i++)
        mean += run->d2[i];
    const double by = run->curvature > 0.0 && mean > 0.0 ? mean / run->curvature : 1.0;
    run->curvature = mean;
    for (size_t j = 0; j < run->problem->k; j++) {
        const double p = run->precision[j], h = p + by * (run->diagonal[j] - p);
        run->diagonal[j] = h;
        run->inverse[j] = h > 0.0 ? 1.0 / h : 1.0;
    }
}

/* J and its gradient at theta, with the rows' derivatives there.
 *   known  the gradient, where it is; else NULL */
static void take_gradient(struct run *run, const double *known)
{
    const size_t k = run->problem->k;

    run->objective = run->likelihood;
    if (!known) {
        if (run->map)
            product_map_transposed(run->gradient, run->map, run->problem, run->d1, run->threads);
        else
            product_transposed(run->gradient, run->problem, NULL, k, run->d1, 1, run->threads);
        run->products++;
    }
    for (size_t j = 0; j < k; j++) {
        const double t = run->theta[j], slope = run->precision[j] * t + run->pull[j];
        run->gradient[j] = known ? known[j] : run->gradient[j] + slope;
        run->objective += (0.5 * run->precision[j] * t + run->pull[j]) * t;
    }
    follow_diagonal(run);
}

/* The largest residual in posterior sds, and the square of their length. */
static double measure(double *square, const struct run *run)
{
    double largest = 0.0, sum = 0.0;

    for (size_t j = 0; j < run->problem->k; j++) {
        const double g = run->gradient[j], part = g * g * run->inverse[j];
        sum += part;
        largest = fmax(largest, part);
    }
    *square = sum;
    return sqrt(largest);
}

/* trial = Z towards; product = H towards; the inner product of the latter two. */
static mxp_status apply_hessian(double *curvature, struct run *run, mxp_error *error)
{
    const size_t n = run->problem->n, k = run->problem->k;
    mxp_status status = MXP_OK;

    run->products += 2;
    if (run->map) {
        product_map_curve(run->product, run->trial, run->map, run->towards, run->d2, run->threads);
    } else {
        memset(run->trial, 0, n * sizeof *run->trial);
        TRY(status = product_predictor(run->trial, run->problem, NULL, k, run->towards, 1,
                                       run->threads, error));
        for (size_t i = 0; i < n; i++)
            run->weighted[i] = run->d2[i] * run->trial[i];
        product_transposed(run->product, run->problem, NULL, k, run->weighted, 1, run->threads);
    }
    *curvature = 0.0;
    for (size_t j = 0; j < k; j++) {
        run->product[j] += run->precision[j] * run->towards[j];
        *curvature += run->product[j] * run->towards[j];
    }
out:
    return status;
}

/* step ~ -H^-1 gradient, along = Z step: until the preconditioned residual is `share` of what it
 * was. */
static mxp_status find_step(struct run *run, double share, mxp_error *error)
{
    const size_t n = run->problem->n, k = run->problem->k;
    double square = 0.0, curvature;
    mxp_status status = MXP_OK;

    memset(run->along, 0, n * sizeof *run->along);
    for (size_t j = 0; j < k; j++) {
        run->step[j] = 0.0;
        run->residual[j] = -run->gradient[j];
        run->towards[j] = run->residual[j] * run->inverse[j];
        square += run->residual[j] * run->towards[j];
    }
    const double enough = share * share * square;
    for (size_t p = 0; p < PRODUCTS && square > enough; p++) {
        TRY(status = apply_hessian(&curvature, run, error));
        if (!(curvature > 0.0))
            break;
        const double by = square / curvature, before = square;
        square = 0.0;
        for (size_t j = 0; j < k; j++) {
            run->step[j] += by * run->towards[j];
            run->residual[j] -= by * run->product[j];
            square += run->residual[j] * run->residual[j] * run->inverse[j];
        }
        for (size_t i = 0; i < n; i++)
            run->along[i] += by * run->trial[i];
        const double keep = square / before;
        for (size_t j = 0; j < k && square > enough; j++)
            run->towards[j] = run->residual[j] * run->inverse[j] + keep * run->towards[j];
    }
out:
    return status;
}

/* along = Z step in full precision. */
static mxp_status follow_exactly(struct run *run, mxp_error *error)
{
    memset(run->along, 0, run->problem->n * sizeof *run->along);
    run->products++;
    return product_predictor(run->along, run->problem, NULL, run->problem->k, run->step, 1,
                             run->threads, error);
}

/* Goes along the step until J decreases enough; *moved false: nowhere. */
static mxp_status go(bool *moved, struct run *run, mxp_error *error)
{
    const size_t n = run->problem->n, k = run->problem->k;
    const struct family_out out = {.value = run->value, .d1 = run->d1, .d2 = run->d2};
    double slope = 0.0, linear = 0.0, square = 0.0, t = 1.0, likelihood;
    mxp_status status = MXP_OK;

    for (size_t j = 0; j < k; j++) {
        const double d = run->step[j], theta = run->theta[j];
        slope += run->gradient[j] * d;
        linear += (run->precision[j] * theta + run->pull[j]) * d;
        square += run->precision[j] * d * d;
    }
    const double rounding = 1e-14 * (fabs(run->objective) + (double)n);
    *moved = false;
    for (int halving = 0; halving < HALVINGS && !*moved; halving++) {
        t = halving ? 0.5 * t : 1.0;
        for (size_t i = 0; i < n; i++)
            run->trial[i] = run->eta[i] + t * run->along[i];
        TRY(status = dual_rows_evaluate(&likelihood, run->problem, run->psi, run->trial, &out, true,
                                        error));
        const double change = likelihood - run->likelihood + (linear + 0.5 * t * square) * t;
        *moved = change <= 1e-4 * t * slope + rounding;
    }
    if (!*moved)
        goto out;
    run->likelihood = likelihood;
    memcpy(run->eta, run->trial, n * sizeof *run->eta);
    for (size_t j = 0; j < k; j++)
        run->theta[j] += t * run->step[j];
out:
    return status;
}

/* Newton steps until the residual is below the tolerance, by the run's own account. */
static mxp_status run_steps(struct run *run, mxp_error *error)
{
    const struct family_out out = {.value = run->value, .d1 = run->d1, .d2 = run->d2};
    double square, first = 0.0;
    bool moved = true;
    mxp_status status;

    TRY(status = dual_rows_evaluate(&run->likelihood, run->problem, run->psi, run->eta, &out, true,
                                    error));
    take_gradient(run, run->state->now->gradient);
    for (; run->steps < STEPS && moved && isfinite(run->objective); run->steps++) {
        const double kkt = measure(&square, run);
        if (run->steps == 0)
            first = square;
        if (kkt <= 0.9 * run->state->tolerance && run->steps > 0)
            break;
        TRY(status = find_step(run, fmin(0.1, sqrt(sqrt(square / first))), error));
        if (run->map && single * kkt > 0.1 * run->state->tolerance)
            TRY(status = follow_exactly(run, error));
        TRY(status = go(&moved, run, error));
        if (moved)
            take_gradient(run, NULL);
    }
out:
    return status;
}

static mxp_status newton_cg_step(struct state *state, bool *moved, mxp_error *error)
{
    struct run run;
    mxp_status status;

    TRY(status = run_new(&run, state, error));
    TRY(status = run_steps(&run, error));
    state->passes += (run.products + 1) / 2;
    state->iterations += run.steps > 1 ? run.steps - 1 : 0;
    memcpy(state->trial->theta, run.theta, state->problem->k * sizeof *run.theta);
    TRY(status = state_evaluate(state, state->trial, error));
    *moved = state_take_better(state);
out:
    run_free(&run);
    return status;
}

static const char *newton_cg_refuses(const struct mxp_problem *problem)
{
    if (problem->q != 1 || !problem->family->kinds || !problem->family->concave(problem->link) ||
        problem->family->piecewise_linear)
        return "it needs a family with one linear predictor in which the likelihood is log-concave";
    if (problem->kinked || problem->grouped)
        return "it needs priors without a kink";
    if (!problem_plain(problem))
        return "it needs gaussian or flat priors on single coefficients, without bounds";
    return problem->r ? "it needs fixed auxiliary parameters (noise_sd)" : NULL;
}

const struct optimizer optimizer_newton_cg = {
    .name = "newton_cg",
    .help = "very many coefficients, smooth priors: Newton's method by conjugate gradients",
    .refuses = newton_cg_refuses,
    .no_gram = true,
    .step = newton_cg_step};
