/* Gaussian likelihood with more coefficients than rows: the n x n dual system.
 *
 * With P the coordinates that have a proper prior, F the flat ones, S = diag(sqrt(w)), the step v
 * from the prior means on P and delta_F on F solve
 *     K = S Z_P Lambda^-1 Z_P' S + sigma^2 I,   A = K^-1 S (r - Z_F delta_F),
 *     Z_F' S A = 0,   v = Lambda^-1 Z_P' S A. */
#include "base/mem.h"
#include "fit/nomode.h"
#include "fit/optimizer.h"
#include "model/rows.h"
#include "num/factor.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

struct dual {
    size_t n, k, flat;
    double *Z;                /* n x k, rows times sqrt(w) */
    double *precision, *pull; /* k: of the priors; m - t where proper, 0 where flat */
    double *root;             /* n: sqrt(w) */
    double *K, *r;            /* n x n, n */
    double *ZF, *B;           /* n x flat: flat columns, and K^-1 of them */
    double *M, *rhs;          /* flat x flat, flat */
    double *scaled;           /* n x k: Z_P Lambda^-1/2 */
};

static void dual_free(struct dual *dual)
{
    free(dual->Z);
    free(dual->precision);
    free(dual->root);
    free(dual->K);
    free(dual->ZF);
    free(dual->M);
    free(dual->scaled);
}

static mxp_status dual_new(struct dual *dual, struct state *state, mxp_error *error)
{
    const struct mxp_problem *problem = state->problem;
    const size_t n = problem->n, k = problem->k;
    mxp_status status;

    *dual = (struct dual){.n = n, .k = k};
    TRY(status = mem_doubles(&dual->Z, n, k, error));
    TRY(status = mem_doubles(&dual->scaled, n, k, error));
    TRY(status = mem_doubles(&dual->precision, k, 2, error));
    dual->pull = dual->precision + k;
    TRY(status = mem_doubles(&dual->root, n, 1, error));
    TRY(status = mem_doubles(&dual->K, n, n + 1, error));
    dual->r = dual->K + n * n;
    struct prior_sums prior = {.gradient = dual->pull, .diagonal = dual->precision};
    problem_prior_at(&prior, problem, state->now->theta, problem->psi[0]);
    for (size_t j = 0; j < k; j++) {
        dual->flat += dual->precision[j] == 0.0;
        if (dual->precision[j] > 0.0)
            dual->pull[j] /= -dual->precision[j];
    }
    TRY(status = mem_doubles(&dual->ZF, n, 2 * dual->flat, error));
    dual->B = dual->ZF + n * dual->flat;
    TRY(status = mem_doubles(&dual->M, dual->flat, dual->flat + 1, error));
    dual->rhs = dual->M + dual->flat * dual->flat;
out:
    return status;
}

/* Columns, the residual r = S (y - eta - Z_P pull), and K. */
static void fill(struct dual *dual, const struct state *state)
{
    const struct mxp_problem *problem = state->problem;
    const struct design *design = problem->design;
    const size_t n = dual->n, k = dual->k;
    const double variance = problem->psi[0] * problem->psi[0];
    size_t f = 0;

    rows_fill(dual->Z, problem, 0, n);
    rows_predictor(dual->r, problem, state->now->theta);
    for (size_t i = 0; i < n; i++) {
        dual->root[i] = design->weights ? sqrt(design->weights[i]) : 1.0;
        dual->r[i] = dual->root[i] * (design->y[i] - dual->r[i]);
    }
    for (size_t j = 0; j < k; j++) {
        double *z = dual->Z + j * n;
        const double inverse = dual->precision[j] > 0.0 ? 1.0 / sqrt(dual->precision[j]) : 0.0;
        for (size_t i = 0; i < n; i++) {
            z[i] *= dual->root[i];
            dual->scaled[i + j * n] = z[i] * inverse;
        }
        if (inverse == 0.0)
            memcpy(dual->ZF + f++ * n, z, n * sizeof *z);
    }
    la_multiply_add(dual->r, -1.0, dual->Z, n, n, k, dual->pull);
    la_matmul(dual->K, n, dual->scaled, n, false, dual->scaled, n, true, n, n, k);
    for (size_t i = 0; i < n; i++)
        dual->K[i + i * n] += variance;
}

/* r <- K^-1 (r - Z_F delta_F), rhs <- delta_F.  state->rcond 0: numerically singular. */
static mxp_status solve(struct dual *dual, struct state *state, mxp_error *error)
{
    const size_t n = dual->n, f = dual->flat;
    struct factor *factor = NULL, *small = NULL;
    mxp_status status;

    TRY(status = factor_cholesky(&factor, dual->K, n, n, error));
    state->rcond = factor->rcond;
    if (factor->rcond == 0.0)
        goto out;
    if (f > 0) {
        memcpy(dual->B, dual->ZF, n * f * sizeof *dual->B);
        for (size_t a = 0; a < f; a++)
            factor_solve(dual->B + a * n, factor);
        la_matmul(dual->M, f, dual->ZF, n, true, dual->B, n, false, f, f, n);
        memset(dual->rhs, 0, f * sizeof *dual->rhs);
        la_multiply_transposed_add(dual->rhs, 1.0, dual->B, n, n, f, dual->r);
        TRY(status = factor_cholesky(&small, dual->M, f, f, error));
        if (!(small->rcond > 1e-14)) {
            TRY(status = nomode_dependent(state, error));
            state->rcond = 0.0;
            goto out;
        }
        factor_solve(dual->rhs, small);
        la_multiply_add(dual->r, -1.0, dual->ZF, n, n, f, dual->rhs);
    }
    factor_solve(dual->r, factor);
out:
    factor_free(small);
    factor_free(factor);
    return status;
}

static mxp_status dual_move(struct state *state, bool *moved, mxp_error *error)
{
    struct dual dual = {0};
    mxp_status status;

    TRY(status = dual_new(&dual, state, error));
    fill(&dual, state);
    state->passes++;
    TRY(status = solve(&dual, state, error));
    if (state->rcond == 0.0) {
        *moved = false;
        goto out;
    }
    double *to = state->trial->theta;
    memset(to, 0, dual.k * sizeof *to);
    la_multiply_transposed_add(to, 1.0, dual.Z, dual.n, dual.n, dual.k, dual.r);
    for (size_t j = 0, f = 0; j < dual.k; j++)
        to[j] =
            state->now->theta[j] +
            (dual.precision[j] > 0.0 ? dual.pull[j] + to[j] / dual.precision[j] : dual.rhs[f++]);
    TRY(status = state_evaluate(state, state->trial, error));
    *moved = state_take_better(state);
out:
    dual_free(&dual);
    return status;
}

/* Each step starts from the prior means: where the system's condition is bad it cannot end close
 * enough, and QR goes on from where it got to. */
static mxp_status dual_step(struct state *state, bool *moved, mxp_error *error)
{
    enum { QR_LIMIT = 2000 };
    mxp_status status;

    const double before = state->now->kkt;
    TRY(status = dual_move(state, moved, error));
    const bool better = *moved && (state->iterations == 0 || state->now->kkt < 0.5 * before);
    if (better || state->now->kkt <= state->tolerance || state->problem->k > QR_LIMIT)
        goto out;
    state->method = &optimizer_qr;
    state->method_reason = "the dual system is badly conditioned";
    TRY(status = optimizer_qr.step(state, moved, error));
out:
    return status;
}

static const char *dual_refuses(const struct mxp_problem *problem)
{
    size_t proper = 0;

    if (!problem->quadratic)
        return "it needs the gaussian family";
    if (problem->kinked)
        return "it needs priors without a kink";
    if (!problem_plain(problem))
        return "it needs gaussian or flat priors on single coefficients, without bounds";
    if (problem->r)
        return "it needs a fixed noise sd";
    for (size_t j = 0; j < problem->k; j++)
        proper += !(problem->parameter[j].prior.row->flags & PRIOR_IMPROPER);
    return proper == 0 ? "it needs a proper prior on the weights" : NULL;
}

const struct optimizer optimizer_dual = {
    .name = "dual",
    .help = "gaussian family, more coefficients than rows: the n x n dual system",
    .refuses = dual_refuses,
    .step = dual_step};
