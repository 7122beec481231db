#include "infer/kink.h"

#include "base/mem.h"
#include "infer/ess.h"
#include "infer/kink_gibbs.h"

#include <assert.h>
#include <math.h>

enum {
    CHAINS = 4,
    BURN_IN = 50,       /* sweeps of a chain at least */
    SMOOTH_ONCE = 200,  /* largest joint block that is factored once */
    SMOOTH_OFTEN = 50,  /* and anew at each sigma */
    THIN = 10,          /* sweeps a draw at most */
    PARALLEL_FROM = 64, /* coordinates from which the chains run in parallel */
    MIXTURE_RAREST = 25
};

static const double mixture_budget = 1e8, thin_budget = 5e7; /* operations */
static const double per_coordinate = 300.0; /* operations' worth of special functions */

/* Where the chains write; arrays of samples x columns. */
struct run {
    double *draws, *means; /* of d, sigma about its start: draws, averaged conditional means */
    double *second;        /* CHAINS x columns: sums of conditional second moments */
    size_t draws_each, burn_in, thin;
};

static double sweep_cost(const struct kink_plan *plan)
{
    const double k = (double)plan->target->k;
    const double mixture = k * (k * k / 3.0 + 2.0 * k + per_coordinate);
    const double every = (double)plan->mixture_every;
    return k * (2.0 * k + per_coordinate) + (plan->mixture_every ? mixture / every : 0.0);
}

static size_t mixture_period(const struct kink_plan *plan, size_t sweeps)
{
    const double k = (double)plan->target->k;
    const double period = ceil((double)sweeps * k * k * k / 3.0 / mixture_budget);

    if (plan->kinked_count == 0 || plan->target->k == 1 || period > MIXTURE_RAREST)
        return 0;
    return period < 1.0 ? 1 : (size_t)period;
}

/* Sorts the coordinates into those drawn jointly and those drawn one by one. */
static void plan_coordinates(struct kink_plan *plan)
{
    const struct kink_target *target = plan->target;
    size_t smooth = 0;
    bool constant = true; /* the smooth block, in units of the noise */

    for (size_t j = 0; j < target->k; j++) {
        smooth += target->l1[j] == 0.0;
        constant =
            constant && (target->l1[j] > 0.0 || target->lambda[j] == 0.0 || kink_scaled(target, j));
    }
    plan->kinked_count = target->k - smooth;
    plan->smooth_constant = constant;
    const bool once = plan->smooth_constant || !target->sigma_free;
    const bool jointly = smooth <= (once ? SMOOTH_ONCE : SMOOTH_OFTEN);
    for (size_t j = 0; j < target->k; j++) {
        if (jointly && target->l1[j] == 0.0)
            plan->smooth[plan->smooth_count++] = j;
        else
            plan->single[plan->single_count++] = j;
    }
}

static void plan_free(struct kink_plan *plan)
{
    free(plan->smooth);
    free(plan->single);
}

static mxp_status plan_new(struct kink_plan *plan, const struct kink_target *target, size_t sweeps,
                           mxp_error *error)
{
    mxp_status status = MXP_OK;

    *plan = (struct kink_plan){.target = target};
    TRY(status = MEM_NEW(&plan->smooth, target->k, error));
    TRY(status = MEM_NEW(&plan->single, target->k, error));
    plan_coordinates(plan);
    plan->mixture_every = mixture_period(plan, sweeps);
    if (target->sigma_free)
        TRY(status = kink_plan_sigma(plan, error));
out:
    return status;
}

static void chain_free(struct kink_chain *chain)
{
    free(chain->d);
    free(chain->r);
    free(chain->mean);
    free(chain->second);
    free(chain->factor);
    free(chain->inverse);
    free(chain->work);
    free(chain->scale);
    free(chain->matrix);
}

static mxp_status chain_new(struct kink_chain *chain, const struct kink_plan *plan,
                            unsigned long long seed, size_t number, mxp_error *error)
{
    const size_t k = plan->target->k, smooth = plan->smooth_count;
    mxp_status status = MXP_OK;

    chain->plan = plan;
    chain->rng = rng_stream(seed, number);
    chain->sigma = plan->target->sigma;
    chain->factor_sigma = NAN;
    TRY(status = mem_doubles(&chain->d, k, 1, error));
    TRY(status = mem_doubles(&chain->r, k, 1, error));
    TRY(status = mem_doubles(&chain->mean, k + 1, 1, error));
    TRY(status = mem_doubles(&chain->second, k + 1, 1, error));
    TRY(status = mem_doubles(&chain->factor, smooth, smooth, error));
    TRY(status = mem_doubles(&chain->inverse, smooth, 1, error));
    TRY(status = mem_doubles(&chain->work, k, 3, error));
    TRY(status = mem_doubles(&chain->scale, k, 1, error));
    if (plan->mixture_every)
        TRY(status = mem_doubles(&chain->matrix, k, k, error));
out:
    return status;
}

/* Writes draws_each rows of the chain's part of the run. */
static mxp_status chain_run(struct kink_chain *chain, const struct run *run, size_t number,
                            size_t columns, mxp_error *error)
{
    const size_t k = chain->plan->target->k, samples = CHAINS * run->draws_each;
    double *second = run->second + number * columns;
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < run->burn_in; i++)
        TRY(status = kink_sweep(chain, error));
    for (size_t j = 0; j < columns; j++)
        second[j] = 0.0;
    for (size_t i = 0; i < run->draws_each; i++) {
        const size_t row = number * run->draws_each + i;
        for (size_t j = 0; j < columns; j++)
            run->means[row + j * samples] = 0.0;
        for (size_t sweep = 0; sweep < run->thin; sweep++) {
            TRY(status = kink_sweep(chain, error));
            for (size_t j = 0; j < columns; j++) {
                run->means[row + j * samples] += chain->mean[j] / (double)run->thin;
                second[j] += chain->second[j];
            }
        }
        for (size_t j = 0; j < k; j++)
            run->draws[row + j * samples] = chain->plan->target->t0[j] + chain->d[j];
        if (columns > k)
            run->draws[row + k * samples] = chain->sigma;
    }
out:
    return status;
}

static mxp_status run_all(struct kink_chain *chains, const struct run *run, size_t columns,
                          mxp_error *error)
{
    mxp_error errors[CHAINS] = {{0}};
    mxp_status results[CHAINS];

#pragma omp parallel for schedule(static, 1) if (columns >= PARALLEL_FROM)
    for (int c = 0; c < CHAINS; c++)
        results[c] = chain_run(&chains[c], run, (size_t)c, columns, &errors[c]);
    for (int c = 0; c < CHAINS; c++) {
        if (results[c] == MXP_OK)
            continue;
        if (error)
            *error = errors[c];
        return results[c];
    }
    return MXP_OK;
}

static double mean_of(const double *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

static struct kink_summary summarise(struct ess_work *work, const struct kink_posterior *posterior,
                                     const struct run *run, size_t j, double start, double level)
{
    const size_t n = posterior->samples;
    const double *draws = posterior->draws + j * n, *means = run->means + j * n;
    const struct ess_summary ess = ess_measure(work, draws);
    const double off = mean_of(means, n);
    double second = 0.0;
    size_t positive = 0;

    for (size_t c = 0; c < CHAINS; c++)
        second += run->second[j + c * posterior->columns];
    second /= (double)n * (double)run->thin;
    for (size_t i = 0; i < n; i++)
        positive += draws[i] > 0.0;
    return (struct kink_summary){
        .mean = start + off,
        .sd = sqrt(fmax(0.0, second - off * off)),
        .lower = ess_quantile(ess_sorted(work), n, 0.5 * (1.0 - level)),
        .upper = ess_quantile(ess_sorted(work), n, 0.5 * (1.0 + level)),
        .probability_positive = (double)positive / (double)n,
        .mean_error = ess_mean_error(work, means),
        .ess_bulk = ess.bulk,
        .ess_tail = ess.tail,
        .r_hat = ess.r_hat,
    };
}

static void summarise_all(struct kink_posterior *posterior, struct ess_work *work,
                          const struct run *run, const struct kink_target *target, double level)
{
    posterior->ess_min = NAN;
    posterior->r_hat_max = NAN;
    for (size_t j = 0; j < posterior->columns; j++) {
        const double start = j < target->k ? target->t0[j] : target->sigma;
        const struct kink_summary s = summarise(work, posterior, run, j, start, level);
        posterior->summary[j] = s;
        posterior->ess_min = fmin(posterior->ess_min, fmin(s.ess_bulk, s.ess_tail));
        posterior->r_hat_max = fmax(posterior->r_hat_max, s.r_hat);
    }
}

/* Sweeps a draw of a second run; 1: the first one will do. */
static size_t thinning(const struct kink_posterior *posterior, const struct kink_plan *plan)
{
    const double samples = (double)posterior->samples;
    const double wanted = 0.5 * samples / posterior->ess_min;
    const double allowed = thin_budget / (samples * sweep_cost(plan));

    if (!(wanted > 2.0) || allowed < 2.0)
        return 1;
    return (size_t)fmin(THIN, fmin(ceil(wanted), allowed));
}

static mxp_status posterior_new(struct kink_posterior **posterior, size_t k, size_t columns,
                                size_t samples, mxp_error *error)
{
    mxp_status status = MXP_OK;
    struct kink_posterior *new = NULL;

    TRY(status = MEM_NEW(&new, 1, error));
    new->k = k;
    new->columns = columns;
    new->samples = samples;
    TRY(status = mem_doubles(&new->draws, samples, columns, error));
    TRY(status = MEM_NEW(&new->summary, columns, error));
    *posterior = new;
    new = NULL;
out:
    kink_free(new);
    return status;
}

mxp_status kink_sample(struct kink_posterior **posterior, const struct kink_target *target,
                       const struct kink_options *options, double level, mxp_error *error)
{
    const size_t columns = target->k + target->sigma_free;
    const size_t each = options->samples / CHAINS + (options->samples % CHAINS > 0);
    struct run run = {.draws_each = each, .thin = 1};
    struct kink_posterior *new = NULL;
    struct kink_plan plan = {0};
    struct kink_chain chains[CHAINS] = {{0}};
    struct ess_work *work = NULL;
    mxp_status status = MXP_OK;

    assert(options->samples > 0 && target->sigma > 0.0);
    run.burn_in = each / 10 > BURN_IN ? each / 10 : BURN_IN;
    TRY(status = plan_new(&plan, target, CHAINS * (each + run.burn_in), error));
    for (size_t c = 0; c < CHAINS; c++)
        TRY(status = chain_new(&chains[c], &plan, options->seed, c, error));
    TRY(status = posterior_new(&new, target->k, columns, CHAINS * each, error));
    TRY(status = mem_doubles(&run.means, new->samples, columns, error));
    TRY(status = mem_doubles(&run.second, CHAINS, columns, error));
    TRY(status = ess_new(&work, CHAINS, each, error));
    run.draws = new->draws;
    TRY(status = run_all(chains, &run, columns, error));
    summarise_all(new, work, &run, target, level);

    run.thin = thinning(new, &plan);
    if (run.thin > 1) {
        run.burn_in = 0;
        TRY(status = run_all(chains, &run, columns, error));
        summarise_all(new, work, &run, target, level);
    }
    *posterior = new;
    new = NULL;
out:
    kink_free(new);
    for (size_t c = 0; c < CHAINS; c++)
        chain_free(&chains[c]);
    plan_free(&plan);
    free(run.means);
    free(run.second);
    ess_free(work);
    return status;
}

void kink_free(struct kink_posterior *posterior)
{
    if (!posterior)
        return;
    free(posterior->draws);
    free(posterior->summary);
    free(posterior);
}
