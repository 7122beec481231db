#include "data/design.h"
#include "base/mem.h"
#include "data/design_recipe.h"
#include "data/design_sparse.h"
#include "data/levels.h"
#include "data/moments.h"

#include <math.h>
#include <stdio.h>

#ifdef _OPENMP
#include <omp.h>
#endif

/* ---- columns of its own ---- */

/* A column of the table for the rows of the design; *own: a copy that must be freed, or NULL. */
static mxp_status take(const double **values, double **own, const struct design *design,
                       size_t column, mxp_error *error)
{
    if (column == MXP_NO_COLUMN)
        return MXP_OK;
    return selection_values(values, own, &design->encoded->selection,
                            mxp_table_values(design->table, column), error);
}

/* The index of each row's class. */
static mxp_status take_classes(struct design *design, const struct recipe *recipe, mxp_error *error)
{
    const struct selection *selection = &design->encoded->selection;
    const struct design_levels *listed = recipe_levels(recipe, design->response_name);
    uint32_t *code = NULL;
    mxp_status status;

    TRY(status = levels_find(&design->label, &design->classes, design->table, recipe->response,
                             selection, listed ? listed->level : NULL, listed ? listed->levels : 0,
                             error));
    TRY(status = levels_code(&code, design->table, recipe->response, selection, design->label,
                             design->classes, "is not one of the levels that are listed", error));
    if (design->classes < 2) {
        status = FAIL(error, MXP_DATA, "column \"%s\" has one class, \"%s\"; two are needed",
                      design->response_name, design->classes ? design->label[0] : "");
        goto out;
    }
    TRY(status = mem_doubles(&design->own_y, design->rows, 1, error));
    for (size_t i = 0; i < design->rows; i++)
        design->own_y[i] = (double)code[i];
    design->y = design->own_y;
out:
    free(code);
    return status;
}

/* Counts are whole numbers, and no more than the trials. */
static mxp_status check_trials(const struct design *design, const double *count, const char *name,
                               mxp_error *error)
{
    char words[200];

    for (size_t i = 0; i < design->rows; i++) {
        if (!(count[i] >= 0.0) || count[i] != floor(count[i]))
            return design_fail(design, i, name, count[i], "is not a count (0, 1, 2, ...)", error);
        if (design->y[i] > design->trials[i]) {
            (void)snprintf(words, sizeof words, "is more than the %.10g trials of its row",
                           design->trials[i]);
            return design_fail(design, i, design->response_name, design->y[i], words, error);
        }
    }
    return MXP_OK;
}

/* The trials, or successes and failures together. */
static mxp_status take_trials(struct design *design, const struct recipe *recipe, mxp_error *error)
{
    const bool failures = recipe->failures != MXP_NO_COLUMN;
    const double *count = NULL;
    double *own = NULL;
    mxp_status status;

    TRY(status = take(&count, &own, design, failures ? recipe->failures : recipe->trials, error));
    if (!count)
        goto out;
    TRY(status = mem_doubles(&design->own_trials, design->rows, 1, error));
    for (size_t i = 0; i < design->rows; i++)
        design->own_trials[i] = count[i] + (failures ? design->y[i] : 0.0);
    design->trials = design->own_trials;
    status = check_trials(
        design, count, mxp_table_name(design->table, failures ? recipe->failures : recipe->trials),
        error);
out:
    free(own);
    return status;
}

static mxp_status take_columns(struct design *design, const struct recipe *recipe, mxp_error *error)
{
    const struct selection *selection = &design->encoded->selection;
    mxp_status status;

    design->rows = selection->rows;
    design->rows_read = selection->rows_read;
    design->rows_dropped = selection->rows_read - selection->rows;
    design->table_row = selection->table_row;
    design->columns = design->encoding->columns;
    design->column = design->encoded->column;
    design->offset = design->encoded->offset;
    design->intercept = design->encoding->intercept;
    design->response_name = mxp_table_name(design->table, recipe->response);
    design->weights_name = mxp_table_name(design->table, recipe->weights);
    design->trials_name = mxp_table_name(design->table, recipe->trials);
    design->failures_name = mxp_table_name(design->table, recipe->failures);
    if (recipe->request->offset.name)
        design->offset_name = mxp_table_name(
            design->table, mxp_table_find(design->table, recipe->request->offset.name));
    TRY(status = mem_zeroed(&design->name, design->columns, sizeof *design->name, error));
    for (size_t i = 0; i < design->columns; i++)
        design->name[i] = design->encoding->name[i];
    if (recipe->request->classes)
        TRY(status = take_classes(design, recipe, error));
    else
        TRY(status = take(&design->y, &design->own_y, design, recipe->response, error));
    TRY(status = take(&design->weights, &design->own_weights, design, recipe->weights, error));
    status = take_trials(design, recipe, error);
out:
    return status;
}

mxp_status design_fail(const struct design *design, size_t row, const char *column, double value,
                       const char *words, mxp_error *error)
{
    const size_t table_row = design->table_row ? design->table_row[row] : row;
    return table_fail(error, design->table, mxp_table_find(design->table, column), table_row,
                      "%.10g %s", value, words);
}

static mxp_status check_weights(struct design *design, const char *name, mxp_error *error)
{
    design->weight_sum = (double)design->rows;
    if (!design->weights)
        return MXP_OK;
    design->weight_sum = 0.0;
    for (size_t i = 0; i < design->rows; i++) {
        if (!(design->weights[i] >= 0.0))
            return design_fail(design, i, name, design->weights[i],
                               "is not a weight (a number >= 0)", error);
        design->weight_sum += design->weights[i];
    }
    if (!(design->weight_sum > 0.0))
        return FAIL(error, MXP_DATA, "column \"%s\": all row weights are 0", name);
    return MXP_OK;
}

/* The first row with a weight. */
static size_t first_row(const struct design *design)
{
    size_t first = 0;
    while (design->weights && design->weights[first] == 0.0)
        first++;
    return first;
}

static bool constant(const double *x, const struct design *design)
{
    const double *w = design->weights;
    const size_t first = first_row(design);

    for (size_t i = first + 1; i < design->rows; i++)
        if (x[i] != x[first] && !(w && w[i] == 0.0))
            return false;
    return true;
}

/* Mean and sd of column j; exactly its value and 0 where it is constant. */
static void take_column_moments(struct design *design, size_t j)
{
    if (design->sparse) {
        design_sparse_moments(&design->mean[j], &design->sd[j], design, j);
        return;
    }
    const double *x = design->column[j];
    moments_take(&design->mean[j], &design->sd[j], x, NULL, design->weights, design->weight_sum,
                 design->rows);
    if (design->sd[j] <= 1e-8 * fabs(design->mean[j]) && constant(x, design)) {
        design->mean[j] = x[first_row(design)];
        design->sd[j] = 0.0;
    }
}

mxp_status design_take_moments(struct design *design, int threads, mxp_error *error)
{
    const double *w = design->weights;
    double offset_mean;
    mxp_status status;

    TRY(status = mem_doubles(&design->mean, design->columns, 1, error));
    TRY(status = mem_doubles(&design->sd, design->columns, 1, error));
#ifdef _OPENMP
    const int used = threads > 0 ? threads : omp_get_max_threads();
    const bool large = (double)design->rows * (double)design->columns > 1e6;
#pragma omp parallel for num_threads(used) if (large && used > 1)
#else
    (void)threads;
#endif
    for (size_t j = 0; j < design->columns; j++)
        take_column_moments(design, j);
    moments_take(&design->y_mean, &design->y_sd, design->y, NULL, w, design->weight_sum,
                 design->rows);
    moments_take(&offset_mean, &design->y_offset_sd, design->y, design->offset, w,
                 design->weight_sum, design->rows);
    design->y_offset_rms = hypot(design->y_offset_sd, offset_mean);
out:
    return status;
}

mxp_status design_new(struct design **design, const mxp_table *table,
                      const struct design_request *request, mxp_error *error)
{
    const bool sparse = mxp_table_sparse_columns(table) > 0;
    struct design_request plain = *request;
    struct design *d = NULL;
    struct recipe recipe = {0};
    struct selection selection = {0};
    mxp_status status;

    TRY(status = MEM_NEW(&d, 1, error));
    d->table = table;
    if (sparse)
        TRY(status = design_sparse_request(&plain, table, request, error));
    TRY(status = recipe_start(&recipe, table, &plain, error));
    TRY(status = selection_choose(&selection, table, recipe.use, request->drop_missing, error));
    TRY(status = recipe_encode(&d->encoding, &recipe, &selection, error));
    TRY(status = encoding_apply_to(&d->encoded, d->encoding, table, &selection, error));
    TRY(status = take_columns(d, &recipe, error));
    if (sparse)
        TRY(status = design_sparse_take(d, request, error));
    TRY(status = check_weights(d, request->weights.name, error));
    TRY(status = design_take_moments(d, request->threads, error));
    *design = d;
    d = NULL;
out:
    selection_free(&selection);
    recipe_clear(&recipe);
    design_free(d);
    return status;
}

void design_free(struct design *design)
{
    if (!design)
        return;
    free(design->name);
    sparse_clear(&design->own_sparse);
    levels_free(design->label, design->classes);
    free(design->own_y);
    free(design->own_weights);
    free(design->own_trials);
    free(design->mean);
    free(design->sd);
    encoded_free(design->encoded);
    encoding_free(design->encoding);
    free(design);
}
