#include "data/design.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/table.h"

#include <math.h>
#include <string.h>

/* The columns of the table that the design uses: predictors first, then response, weights and
 * offset. */
struct used {
    size_t *column; /* of the table */
    size_t count;
};

static mxp_status no_such_column(const mxp_table *table, const struct design_name *wanted,
                                 const char *what, mxp_error *error)
{
    const size_t count = mxp_table_columns(table);
    const char **names = NULL;
    const char *near = NULL;

    if (MEM_NEW(&names, count, NULL) == MXP_OK) {
        for (size_t i = 0; i < count; i++)
            names[i] = mxp_table_name(table, i);
        near = str_nearest(wanted->name, names, count);
    }
    free(names);
    const char *source = table_source_name(table);
    return FAIL_AT(error, wanted->place, MXP_CONFIG, "%s \"%s\" is no column of %s%s%s%s", what,
                   wanted->name, source ? source : "the table", near ? "; did you mean \"" : "",
                   near ? near : "", near ? "\"?" : "");
}

static mxp_status find_column(size_t *column, const mxp_table *table,
                              const struct design_name *wanted, const char *what, mxp_error *error)
{
    const size_t found = mxp_table_find(table, wanted->name);
    if (found == MXP_NO_COLUMN)
        return no_such_column(table, wanted, what, error);
    *column = found;
    return MXP_OK;
}

/* role[c]: what the column c is already used as, or NULL. */
static mxp_status claim(const char **role, size_t column, const struct design_name *wanted,
                        const char *what, mxp_error *error)
{
    if (role[column])
        return FAIL_AT(error, wanted->place, MXP_CONFIG, "column \"%s\" is already %s",
                       wanted->name, role[column]);
    role[column] = what;
    return MXP_OK;
}

static mxp_status add_special(struct used *used, const char **role, const mxp_table *table,
                              const struct design_name *wanted, const char *what,
                              const char *claimed, mxp_error *error)
{
    mxp_status status = MXP_OK;
    size_t column = 0;

    if (!wanted->name)
        return MXP_OK;
    TRY(status = find_column(&column, table, wanted, what, error));
    TRY(status = claim(role, column, wanted, claimed, error));
    used->column[used->count++] = column;
out:
    return status;
}

/* Resolves every name; the order is predictors, response, weights, offset. */
static mxp_status resolve(struct used *used, size_t *predictors, const mxp_table *table,
                          const struct design_request *request, mxp_error *error)
{
    const size_t count = mxp_table_columns(table);
    struct used special = {NULL, 0};
    const char **role = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&role, count, error));
    TRY(status = MEM_NEW(&special.column, 3, error));
    TRY(status = add_special(&special, role, table, &request->response, "response", "the response",
                             error));
    TRY(status = add_special(&special, role, table, &request->weights, "weights column",
                             "the row weights", error));
    TRY(status = add_special(&special, role, table, &request->offset, "offset column",
                             "the offset", error));
    for (size_t i = 0; i < request->predictor_count; i++) {
        size_t column = 0;
        TRY(status = find_column(&column, table, &request->predictors[i], "predictor", error));
        TRY(status = claim(role, column, &request->predictors[i], "a predictor", error));
        used->column[used->count++] = column;
    }
    for (size_t i = 0; request->predictor_count == 0 && i < count; i++)
        if (!role[i])
            used->column[used->count++] = i;
    *predictors = used->count;
    for (size_t i = 0; i < special.count; i++)
        used->column[used->count++] = special.column[i];
out:
    free(special.column);
    free(role);
    return status;
}

static bool row_missing(const mxp_table *table, const struct used *used, size_t row)
{
    for (size_t i = 0; i < used->count; i++)
        if (isnan(mxp_table_values(table, used->column[i])[row]))
            return true;
    return false;
}

/* Numbers everywhere, missing cells refused or their rows dropped; fills rows and table_row. */
static mxp_status choose_rows(struct design *design, const struct used *used, bool drop,
                              mxp_error *error)
{
    const mxp_table *table = design->table;
    bool any = false;
    mxp_status status = MXP_OK;

    for (size_t i = 0; i < used->count; i++) {
        size_t row = 0;
        TRY(status = table_check_number(table, used->column[i], error));
        if (table_missing(table, used->column[i], &row) == 0)
            continue;
        any = true;
        if (!drop) {
            status = table_fail(error, table, used->column[i], row,
                                "missing value (data.missing: drop leaves such rows out)");
            goto out;
        }
    }
    design->rows_read = design->rows = mxp_table_rows(table);
    if (!any)
        goto out;
    TRY(status = MEM_NEW(&design->table_row, design->rows_read, error));
    design->rows = 0;
    for (size_t row = 0; row < design->rows_read; row++)
        if (!row_missing(table, used, row))
            design->table_row[design->rows++] = row;
    design->rows_dropped = design->rows_read - design->rows;
    if (design->rows == 0)
        status = FAIL(error, MXP_DATA, "%s: every row has a missing value in a column that is used",
                      table_source_name(table) ? table_source_name(table) : "table");
out:
    return status;
}

/* Column i of the used ones as an array of design->rows values. */
static const double *values_of(const struct design *design, const struct used *used, size_t i)
{
    return design->storage ? design->storage + i * design->rows
                           : mxp_table_values(design->table, used->column[i]);
}

static mxp_status take_columns(struct design *design, const struct used *used, size_t predictors,
                               const struct design_request *request, mxp_error *error)
{
    mxp_status status;

    if (design->rows_dropped) {
        TRY(status = mem_doubles(&design->storage, design->rows, used->count, error));
        for (size_t i = 0; i < used->count; i++) {
            const double *from = mxp_table_values(design->table, used->column[i]);
            double *to = design->storage + i * design->rows;
            for (size_t row = 0; row < design->rows; row++)
                to[row] = from[design->table_row[row]];
        }
    }
    design->columns = predictors;
    TRY(status = mem_zeroed(&design->column, predictors, sizeof *design->column, error));
    TRY(status = mem_zeroed(&design->name, predictors, sizeof *design->name, error));
    for (size_t i = 0; i < predictors; i++) {
        design->column[i] = values_of(design, used, i);
        design->name[i] = mxp_table_name(design->table, used->column[i]);
    }
    size_t next = predictors;
    design->response_name = mxp_table_name(design->table, used->column[next]);
    design->y = values_of(design, used, next++);
    if (request->weights.name)
        design->weights = values_of(design, used, next++);
    if (request->offset.name)
        design->offset = values_of(design, used, next);
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

/* Sum of w (x - minus - centre)^power, power 1 or 2; the order of the sum is the compiler's. */
static double power_sum(const double *x, const double *minus, double centre, int power,
                        const struct design *design)
{
    const double *w = design->weights;
    const size_t n = design->rows;
    double sum = 0.0;

    if (!w && !minus && power == 1) {
#pragma omp simd reduction(+ : sum)
        for (size_t i = 0; i < n; i++)
            sum += x[i] - centre;
    } else if (!w && !minus) {
#pragma omp simd reduction(+ : sum)
        for (size_t i = 0; i < n; i++)
            sum += (x[i] - centre) * (x[i] - centre);
    } else {
        for (size_t i = 0; i < n; i++) {
            const double e = x[i] - (minus ? minus[i] : 0.0) - centre;
            sum += (w ? w[i] : 1.0) * (power == 1 ? e : e * e);
        }
    }
    return sum;
}

/* Weighted mean and population sd (denominator the sum of weights): a provisional mean, then the
 * sums about it with the correction of Chan, Golub & LeVeque (1983). */
static void moments(double *mean, double *sd, const double *x, const double *minus,
                    const struct design *design)
{
    const double W = design->weight_sum;
    const double provisional = power_sum(x, minus, 0.0, 1, design) / W;
    const double rest = power_sum(x, minus, provisional, 1, design) / W;

    *mean = provisional + rest;
    const double variance = power_sum(x, minus, provisional, 2, design) / W - rest * rest;
    *sd = variance > 0.0 ? sqrt(variance) : 0.0;
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

static mxp_status take_moments(struct design *design, mxp_error *error)
{
    mxp_status status;

    TRY(status = mem_doubles(&design->mean, design->columns, 1, error));
    TRY(status = mem_doubles(&design->sd, design->columns, 1, error));
    for (size_t j = 0; j < design->columns; j++) {
        moments(&design->mean[j], &design->sd[j], design->column[j], NULL, design);
        if (design->sd[j] <= 1e-8 * fabs(design->mean[j]) && constant(design->column[j], design)) {
            design->mean[j] = design->column[j][first_row(design)];
            design->sd[j] = 0.0;
        }
    }
    double offset_mean;
    moments(&design->y_mean, &design->y_sd, design->y, NULL, design);
    moments(&offset_mean, &design->y_offset_sd, design->y, design->offset, design);
    design->y_offset_rms = hypot(design->y_offset_sd, offset_mean);
out:
    return status;
}

mxp_status design_new(struct design **design, const mxp_table *table,
                      const struct design_request *request, mxp_error *error)
{
    struct design *d = NULL;
    struct used used = {NULL, 0};
    size_t predictors;
    mxp_status status;

    TRY(status = MEM_NEW(&d, 1, error));
    d->table = table;
    d->intercept = !request->no_intercept;
    TRY(status = MEM_NEW(&used.column, mxp_table_columns(table) + 3, error));
    TRY(status = resolve(&used, &predictors, table, request, error));
    TRY(status = choose_rows(d, &used, request->drop_missing, error));
    TRY(status = take_columns(d, &used, predictors, request, error));
    TRY(status = check_weights(d, request->weights.name, error));
    TRY(status = take_moments(d, error));
    *design = d;
    d = NULL;
out:
    free(used.column);
    design_free(d);
    return status;
}

void design_free(struct design *design)
{
    if (!design)
        return;
    free(design->column);
    free(design->name);
    free(design->table_row);
    free(design->storage);
    free(design->mean);
    free(design->sd);
    free(design);
}
