#include "model/group_matrix.h"
#include "base/mem.h"
#include "base/str.h"

#include <string.h>

static const char *column_name(const struct mxp_problem *problem, size_t j)
{
    return problem->design->name[problem->parameter[j].column];
}

/* The row that is the coefficient's, or order. */
static size_t find_row(const struct model_group *group, const struct mxp_problem *problem, size_t j)
{
    size_t row = 0;

    while (row < group->order && strcmp(group->matrix_name[row], problem->parameter[j].name) != 0 &&
           strcmp(group->matrix_name[row], column_name(problem, j)) != 0)
        row++;
    return row;
}

/* There are as many rows as coefficients: one of them without its row leaves a row over. */
static mxp_status fail_row(const struct mxp_problem *problem, const struct model_group *group,
                           size_t j, mxp_error *error)
{
    const struct place file = {group->source, 0, 0};
    const char *name = column_name(problem, j);
    const char *near = str_nearest(name, (const char *const *)group->matrix_name, group->order);

    return FAIL_AT(error, file, MXP_CONFIG,
                   "no row is named \"%s\", which is a coefficient of group %s%s%s%s", name,
                   group->name, near ? "; is it \"" : "", near ? near : "", near ? "\"?" : "");
}

mxp_status group_matrix_order(double **ordered, const struct mxp_problem *problem,
                              const struct model_group *group, const size_t *set, mxp_error *error)
{
    const size_t k = group->order;
    size_t *row = NULL;
    double *values = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&row, k, error));
    TRY(status = mem_doubles(&values, k, k, error));
    for (size_t i = 0; i < k; i++) {
        row[i] = find_row(group, problem, set[i]);
        if (row[i] == k) {
            status = fail_row(problem, group, set[i], error);
            goto out;
        }
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            values[i * k + j] = group->matrix[row[i] * k + row[j]];
    *ordered = values;
    values = NULL;
out:
    free(values);
    free(row);
    return status;
}
