#include "select/cv.h"
#include "base/hot.h"
#include "base/mem.h"
#include "model/chunk_sparse.h"
#include "model/problem_view.h"
#include "model/rows.h"
#include "num/la.h"
#include "select/fold_gram.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

enum { STRETCH = 32 }; /* points whose predictors are made together */

/* A fold: its rows are held out. */
struct cv_fold {
    size_t *row, rows;
    double *y, *trials, *w;    /* rows: what is held out; w: of rows or of trials, in all */
    double *best;              /* rows: log density at the best predictor */
    double *base;              /* rows x q: predictors with every coefficient at its centre */
    struct sweep_point *point; /* theta: away from the centre, on the scale of the data */
    size_t count, done;
    double *loss;  /* count: weighted mean of the deviances */
    double weight; /* sum of w */
};

void cv_clear(struct cv *cv, size_t folds)
{
    for (size_t f = 0; cv->fold && f < folds; f++) {
        struct cv_fold *fold = &cv->fold[f];
        for (size_t i = 0; fold->point && i < fold->count; i++)
            sweep_point_clear(&fold->point[i]);
        free(fold->point);
        free(fold->row);
        free(fold->y);
        free(fold->base);
        free(fold->loss);
    }
    free(cv->fold);
    free(cv->loss);
    free(cv->se);
    *cv = (struct cv){0};
}

/* y starts the storage of all four. */
static void gather_rows(struct cv_fold *fold, const struct mxp_problem *problem)
{
    const double psi[FAMILY_AUX_MAX] = {1.0, 1.0};
    const struct design *design = problem->design;

    fold->trials = fold->y + fold->rows;
    fold->w = fold->trials + fold->rows;
    fold->best = fold->w + fold->rows;
    for (size_t i = 0; i < fold->rows; i++) {
        const size_t at = fold->row[i];
        fold->y[i] = problem->y[at];
        fold->trials[i] = design->trials ? design->trials[at] : 1.0;
        fold->w[i] = (design->weights ? design->weights[at] : 1.0) * fold->trials[i];
        fold->weight += fold->w[i];
        fold->best[i] =
            problem->quadratic ? 0.0 : problem->family->saturated(fold->y[i], fold->trials[i], psi);
    }
}

static mxp_status make_room(struct cv_fold *fold, const struct cv_request *request, size_t f,
                            mxp_error *error)
{
    size_t rows = 0;
    mxp_status status;

    for (size_t i = 0; i < request->problem->n; i++)
        rows += request->fold[i] == f;
    TRY(status = MEM_NEW(&fold->row, rows, error));
    for (size_t i = 0; i < request->problem->n; i++)
        if (request->fold[i] == f)
            fold->row[fold->rows++] = i;
    fold->count = request->count;
    TRY(status = mem_doubles(&fold->y, rows, 4, error));
    gather_rows(fold, request->problem);
    TRY(status = mem_doubles(&fold->base, rows, request->problem->q, error));
    TRY(status = mem_doubles(&fold->loss, request->count, 1, error));
    TRY(status = MEM_NEW(&fold->point, request->count, error));
out:
    return status;
}

/* The problem without the fold's rows. */
static mxp_status view_without(struct mxp_problem **view, const struct cv_request *request,
                               size_t f, mxp_error *error)
{
    const struct mxp_problem *problem = request->problem;
    const double *all = problem->design->weights;
    double *w = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&w, problem->n, 1, error));
    for (size_t i = 0; i < problem->n; i++)
        w[i] = request->fold[i] == f ? 0.0 : all ? all[i] : 1.0;
    TRY(status = problem_view(view, problem, w, error));
out:
    free(w);
    return status;
}

/* The offset, and the coefficients at their centres where those are not 0. */
static mxp_status set_base(struct cv_fold *fold, const struct mxp_problem *view,
                           const struct setup *setup, mxp_error *error)
{
    const size_t n = view->n;
    double *eta = NULL;
    mxp_status status = MXP_OK;

    if (setup->centred_at_0) {
        for (size_t c = 0; c < view->q; c++)
            for (size_t i = 0; i < fold->rows; i++)
                fold->base[i + c * fold->rows] =
                    view->design->offset ? view->design->offset[fold->row[i]] : 0.0;
        return MXP_OK;
    }
    TRY(status = mem_doubles(&eta, n, view->q, error));
    rows_predictor(eta, view, setup->centre);
    for (size_t c = 0; c < view->q; c++)
        for (size_t i = 0; i < fold->rows; i++)
            fold->base[i + c * fold->rows] = eta[fold->row[i] + c * n];
out:
    free(eta);
    return status;
}

/* What left its centre, on the scale of the data; intercepts, which are always listed, take the
 * shifts of the weights of their eta column. */
static void to_data(struct sweep_point *point, const struct mxp_problem *view,
                    const struct setup *setup)
{
    for (size_t i = 0; i < point->count; i++) {
        const size_t j = point->index[i];
        point->theta[i] = (point->theta[i] - setup->centre[j]) / view->parameter[j].scale;
    }
    for (size_t i = 0; i < point->count; i++) {
        const struct parameter *intercept = &view->parameter[point->index[i]];
        long double sum = 0.0L;
        if (intercept->column != PROBLEM_INTERCEPT)
            continue;
        for (size_t a = 0; a < point->count; a++) {
            const struct parameter *p = &view->parameter[point->index[a]];
            if (p->column != PROBLEM_INTERCEPT && p->slot == intercept->slot)
                sum += (long double)p->shift * point->theta[a];
        }
        point->theta[i] = (double)(point->theta[i] - sum);
    }
}

HOT static void add_column(double *to, const double *x, double t, size_t m)
{
#pragma omp simd
    for (size_t i = 0; i < m; i++)
        to[i] += t * x[i];
}

/* Weighted mean of the deviances at the predictors of a point (rows x q).
 *   value  rows: workspace */
static mxp_status score(double *loss, const struct cv_fold *fold, const struct mxp_problem *problem,
                        const double *eta, double *value, mxp_error *error)
{
    const double psi[FAMILY_AUX_MAX] = {1.0, 1.0};
    struct response response = problem_response(problem, 0);
    struct family_out out = {.value = value};
    double sum = 0.0;
    mxp_status status = MXP_OK;

    response.y = fold->y;
    response.trials = fold->trials;
    if (!problem->quadratic)
        TRY(status = problem->family->eval(&out, problem->link, &response, eta, fold->rows, psi,
                                           FAMILY_VALUE, error));
    for (size_t i = 0; i < fold->rows; i++) {
        const double off = fold->y[i] - eta[i];
        if (fold->w[i] == 0.0)
            continue;
        sum +=
            fold->w[i] *
            (problem->quadratic ? off * off : 2.0 * (fold->best[i] - value[i]) / fold->trials[i]);
    }
    *loss = fold->weight > 0.0 ? sum / fold->weight : NAN;
out:
    return status;
}

/* The fold's rows of a raw column. */
static void gather_column(double *column, const struct cv_fold *fold,
                          const struct mxp_problem *problem, size_t j)
{
    const bool sparse =
        problem->design->sparse && problem->parameter[j].column != PROBLEM_INTERCEPT;
    const double *x = sparse ? NULL : chunk_raw(problem, j, 0);

    if (sparse)
        chunk_sparse_pick(column, problem, j, fold->row, fold->rows);
    for (size_t r = 0; !sparse && r < fold->rows; r++)
        column[r] = x ? x[fold->row[r]] : 1.0;
}

/* A stretch of points in one walk over the columns, each of which is gathered once.
 *   eta     rows x q x points
 *   column  rows: workspace
 *   at      points: workspace */
static void predict_stretch(double *eta, double *column, size_t *at, const struct cv_fold *fold,
                            const struct mxp_problem *problem, size_t first, size_t points)
{
    const size_t rows = fold->rows, size = rows * problem->q;

    memset(at, 0, points * sizeof *at);
    for (size_t i = 0; i < points; i++)
        memcpy(eta + i * size, fold->base, size * sizeof *eta);
    for (size_t j = 0; j < problem->k; j++) {
        bool gathered = false;
        for (size_t i = 0; i < points; i++) {
            const struct sweep_point *point = &fold->point[first + i];
            if (at[i] == point->count || point->index[at[i]] != j)
                continue;
            if (!gathered)
                gather_column(column, fold, problem, j);
            gathered = true;
            add_column(eta + i * size + problem->parameter[j].slot * rows, column,
                       point->theta[at[i]++], rows);
        }
    }
}

/* The fold's path: penalties as strong per row as with all rows. */
static mxp_status solve_fold(struct cv_fold *fold, const struct mxp_problem *view,
                             const struct cv_request *request, mxp_error *error)
{
    const double share =
        problem_penalty_facts(view).weight_sum / problem_penalty_facts(request->problem).weight_sum;
    const size_t k = request->problem->k;
    struct engine_options options = request->options;
    double *lambdas = NULL, *gram = NULL;
    void *self = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&lambdas, request->count, 1, error));
    if (request->options.gram) {
        TRY(status = mem_doubles(&gram, k, k, error));
        TRY(status = fold_gram(gram, request->options.gram, request->problem, view, fold->row,
                               fold->rows, error));
        options.gram = gram;
    }
    for (size_t i = 0; i < request->count; i++)
        lambdas[i] = share * request->lambdas[i];
    TRY(status = request->engine->start(&self, view, request->setup, &options, error));
    TRY(status = request->engine->solve(fold->point, &fold->done, self, lambdas, request->count,
                                        request->stop, error));
out:
    request->engine->free(self);
    free(gram);
    free(lambdas);
    return status;
}

static mxp_status score_points(struct cv_fold *fold, const struct mxp_problem *problem,
                               mxp_error *error)
{
    const size_t rows = fold->rows, size = rows * problem->q;
    double *eta = NULL, *value;
    size_t at[STRETCH];
    mxp_status status;

    TRY(status = mem_doubles(&eta, rows, problem->q * STRETCH + 2, error));
    value = eta + size * STRETCH;
    for (size_t first = 0; first < fold->done; first += STRETCH) {
        const size_t left = fold->done - first, points = left < STRETCH ? left : STRETCH;
        predict_stretch(eta, value + rows, at, fold, problem, first, points);
        for (size_t i = 0; i < points; i++)
            TRY(status =
                    score(&fold->loss[first + i], fold, problem, eta + i * size, value, error));
    }
out:
    free(eta);
    return status;
}

static mxp_status run_fold(struct cv_fold *fold, const struct cv_request *request, size_t f,
                           mxp_error *error)
{
    struct mxp_problem *view = NULL;
    mxp_status status;

    TRY(status = make_room(fold, request, f, error));
    TRY(status = view_without(&view, request, f, error));
    TRY(status = set_base(fold, view, request->setup, error));
    TRY(status = solve_fold(fold, view, request, error));
    for (size_t i = 0; i < fold->done; i++)
        to_data(&fold->point[i], view, request->setup);
    TRY(status = score_points(fold, request->problem, error));
out:
    problem_view_free(view);
    return status;
}

/* One more fold is done. */
static void tell(const struct cv_request *request, size_t *done)
{
    if (!request->progress)
        return;
#pragma omp critical
    request->progress(request->told, "folds", ++*done, request->folds);
}

static mxp_status run_folds(struct cv_fold *fold, const struct cv_request *request, int threads,
                            mxp_error *error)
{
    mxp_error *errors = NULL;
    mxp_status *statuses = NULL, status;
    size_t done = 0;

    TRY(status = MEM_NEW(&errors, request->folds, error));
    TRY(status = MEM_NEW(&statuses, request->folds, error));
    const int blas_threads = la_threads(1);
#ifdef _OPENMP
    threads = threads > 0 ? threads : omp_get_max_threads();
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (threads > 1)
#endif
    for (size_t f = 0; f < request->folds; f++)
        if (!(request->stop && *request->stop)) {
            statuses[f] = run_fold(&fold[f], request, f, &errors[f]);
            tell(request, &done);
        }
    (void)la_threads(blas_threads);
    (void)threads;
    for (size_t f = 0; f < request->folds && status == MXP_OK; f++)
        if (statuses[f] != MXP_OK) {
            status = statuses[f];
            if (error)
                *error = errors[f];
            err_prefix(error, "without fold %zu: ", f + 1);
        }
out:
    free(statuses);
    free(errors);
    return status;
}

/* glmnet's cvm and cvsd of one point, over the folds that have a weight. */
static void gather(double *loss, double *se, const struct cv_fold *fold, size_t folds, size_t i)
{
    double sum = 0.0, weight = 0.0, square = 0.0, used = 0.0;

    for (size_t f = 0; f < folds; f++)
        if (fold[f].weight > 0.0) {
            sum += fold[f].weight * fold[f].loss[i];
            weight += fold[f].weight;
            used += 1.0;
        }
    *loss = sum / weight;
    for (size_t f = 0; f < folds; f++)
        if (fold[f].weight > 0.0)
            square += fold[f].weight * (fold[f].loss[i] - *loss) * (fold[f].loss[i] - *loss);
    *se = sqrt(square / weight / (used - 1.0));
}

mxp_status cv_run(struct cv *cv, const struct cv_request *request, mxp_error *error)
{
    struct cv_request one = *request;
    struct cv c = {0};
    mxp_status status;

    one.options.threads = 1; /* the folds are in parallel */
    TRY(status = MEM_NEW(&c.fold, request->folds, error));
    TRY(status = mem_doubles(&c.loss, request->count, 1, error));
    TRY(status = mem_doubles(&c.se, request->count, 1, error));
    TRY(status = run_folds(c.fold, &one, request->options.threads, error));
    for (size_t f = 0; f < request->folds; f++)
        c.stopped = c.stopped || c.fold[f].done < request->count;
    for (size_t i = 0; i < request->count && !c.stopped; i++)
        gather(&c.loss[i], &c.se[i], c.fold, request->folds, i);
    *cv = c;
    c = (struct cv){0};
out:
    cv_clear(&c, request->folds);
    return status;
}

mxp_status cv_predict(double *eta, const struct cv *cv, const struct cv_request *request, size_t i,
                      mxp_error *error)
{
    const size_t n = request->problem->n, q = request->problem->q;
    double *part = NULL;
    size_t at[1];
    mxp_status status;

    TRY(status = mem_doubles(&part, n, q + 1, error));
    for (size_t f = 0; f < request->folds; f++) {
        const struct cv_fold *fold = &cv->fold[f];
        predict_stretch(part, part + n * q, at, fold, request->problem, i, 1);
        for (size_t c = 0; c < q; c++)
            for (size_t a = 0; a < fold->rows; a++)
                eta[fold->row[a] + c * n] = part[a + c * fold->rows];
    }
out:
    free(part);
    return status;
}
