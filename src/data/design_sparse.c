#include "data/design_sparse.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/table.h"

#include <math.h>
#include <stdint.h>

static mxp_status no_such_column(const mxp_table *table, const struct design_name *wanted,
                                 mxp_error *error)
{
    const char *source = table_source_name(table);

    return FAIL_AT(error, wanted->place, MXP_CONFIG,
                   "predictor \"%s\" is none of the %zu sparse columns %s to %s of %s",
                   wanted->name, table->sparse.columns, table_sparse_name(table, 0),
                   table_sparse_name(table, table->sparse.columns - 1),
                   source ? source : "the table");
}

mxp_status design_sparse_request(struct design_request *plain, const mxp_table *table,
                                 const struct design_request *request, mxp_error *error)
{
    *plain = *request;
    if (request->formula)
        return FAIL(error, MXP_CONFIG,
                    "a formula is for dense columns; of sparse ones name the response and the "
                    "predictors (response: y, predictors: all)");
    if (request->contrast_count)
        return FAIL_AT(error, request->contrasts[0].column.place, MXP_CONFIG,
                       "sparse columns have no levels");
    for (size_t i = 0; i < request->predictor_count; i++)
        if (table_find_sparse(table, request->predictors[i].name) == MXP_NO_COLUMN)
            return no_such_column(table, &request->predictors[i], error);
    plain->no_predictors = request->predictor_count > 0;
    plain->predictors = NULL;
    plain->predictor_count = 0;
    return MXP_OK;
}

static mxp_status take_listed(struct design *design, const struct design_request *request,
                              mxp_error *error)
{
    const size_t count = request->predictor_count;
    size_t *column = NULL;
    unsigned char *seen = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&column, count, error));
    TRY(status = MEM_NEW(&seen, design->table->sparse.columns, error));
    for (size_t i = 0; i < count; i++) {
        column[i] = table_find_sparse(design->table, request->predictors[i].name);
        if (seen[column[i]]++) {
            status = FAIL_AT(error, request->predictors[i].place, MXP_CONFIG,
                             "predictor \"%s\" is named twice", request->predictors[i].name);
            goto out;
        }
        design->name[i] = table_sparse_name(design->table, column[i]);
    }
    TRY(status = sparse_select(&design->own_sparse, &design->table->sparse, column, count, error));
    design->sparse = &design->own_sparse;
out:
    free(seen);
    free(column);
    return status;
}

mxp_status design_sparse_take(struct design *design, const struct design_request *request,
                              mxp_error *error)
{
    const mxp_table *table = design->table;
    mxp_status status;

    if (design->columns)
        return FAIL(error, MXP_CONFIG,
                    "column \"%s\" is dense, and predictors are sparse or dense, not both",
                    design->name[0]);
    if (design->rows_dropped)
        return FAIL(error, MXP_DATA, "rows of sparse data cannot be dropped (%zu have no response)",
                    design->rows_dropped);
    design->columns = request->predictor_count ? request->predictor_count : table->sparse.columns;
    free(design->name);
    design->name = NULL;
    TRY(status = mem_zeroed(&design->name, design->columns, sizeof *design->name, error));
    if (request->predictor_count)
        return take_listed(design, request, error);
    for (size_t j = 0; j < design->columns; j++)
        design->name[j] = table_sparse_name(table, j);
    design->sparse = &table->sparse;
out:
    return status;
}

/* Whether all rows with a weight have the same value. */
static bool constant(double *value, const struct design *design, size_t j)
{
    const struct sparse *s = design->sparse;
    const double *w = design->weights;
    size_t rows = 0, held = 0, first = SIZE_MAX;

    for (size_t i = s->start[j]; i < s->start[j + 1]; i++) {
        if (w && w[s->row[i]] == 0.0)
            continue;
        first = first == SIZE_MAX ? i : first;
        held++;
        if (s->value[i] != s->value[first])
            return false;
    }
    *value = held ? s->value[first] : 0.0;
    for (size_t i = 0; i < s->rows && rows <= held && *value != 0.0; i++)
        rows += !w || w[i] != 0.0;
    return held == 0 || *value == 0.0 || held == rows;
}

void design_sparse_moments(double *mean, double *sd, const struct design *design, size_t j)
{
    const struct sparse *s = design->sparse;
    const double *w = design->weights, W = design->weight_sum;
    double sum = 0.0, square = 0.0, held = 0.0;

    if (constant(mean, design, j)) {
        *sd = 0.0;
        return;
    }
    for (size_t i = s->start[j]; i < s->start[j + 1]; i++)
        sum += (w ? w[s->row[i]] : 1.0) * s->value[i];
    *mean = sum / W;
    for (size_t i = s->start[j]; i < s->start[j + 1]; i++) {
        const double weight = w ? w[s->row[i]] : 1.0, off = s->value[i] - *mean;
        square += weight * off * off;
        held += weight;
    }
    *sd = sqrt((square + *mean * *mean * fmax(W - held, 0.0)) / W);
}
