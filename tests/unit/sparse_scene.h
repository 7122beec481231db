/* Sparse columns beside the same ones written out, and a logistic problem on them. */
#ifndef MAXPOST_TESTS_SPARSE_SCENE_H
#define MAXPOST_TESTS_SPARSE_SCENE_H

#include "numeric.h"

#include "base/mem.h"
#include "io/sparse.h"
#include "maxpost/maxpost.h"
#include "model/problem.h"

#include <stdio.h>

struct both {
    struct sparse sparse;
    double *dense; /* rows x columns */
};

static inline double uniform(void)
{
    static unsigned long long seed = 88172645463325252ULL;

    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) / 9007199254740992.0;
}

/* Columns from empty to full. */
static inline struct both make(size_t rows, size_t columns)
{
    struct both b = {.sparse = {.rows = rows, .columns = columns}};
    struct sparse *s = &b.sparse;

    assert_int_equal(mem_doubles(&b.dense, rows, columns, NULL), MXP_OK);
    assert_int_equal(MEM_NEW(&s->start, columns + 1, NULL), MXP_OK);
    assert_int_equal(MEM_NEW(&s->row, rows * columns, NULL), MXP_OK);
    assert_int_equal(MEM_NEW(&s->value, rows * columns, NULL), MXP_OK);
    for (size_t j = 0; j < columns; j++) {
        const double share = pow((double)(j % 50) / 49.0, 3.0);
        for (size_t i = 0; i < rows; i++)
            if (uniform() < share) {
                s->row[s->count] = (uint32_t)i;
                s->value[s->count++] = b.dense[i + j * rows] = uniform() - 0.4;
            }
        s->start[j + 1] = s->count;
    }
    return b;
}

static inline void both_free(struct both *b)
{
    free(b->dense);
    free(b->sparse.start);
    free(b->sparse.row);
    free(b->sparse.value);
}

/* A problem on the columns of `b`, standardized, with an intercept; y is 0 or 1. */
static inline mxp_problem *problem_of(const struct both *b, const char *family, const char *prior,
                                      mxp_table **table, mxp_model **model)
{
    const size_t n = b->sparse.rows, k = b->sparse.columns;
    char(*names)[24] = NULL;
    const char **pointers = NULL;
    double *y = NULL;
    mxp_problem *problem;

    assert_int_equal(MEM_NEW(&names, k, NULL), MXP_OK);
    assert_int_equal(MEM_NEW(&pointers, k, NULL), MXP_OK);
    assert_int_equal(mem_doubles(&y, n, 1, NULL), MXP_OK);
    for (size_t i = 0; i < n; i++)
        y[i] = uniform() < 0.48;
    assert_int_equal(mxp_table_new(table, n, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(*table, "y", y, NULL), MXP_OK);
    for (size_t j = 0; j < k; j++) {
        snprintf(names[j], sizeof names[j], "x%zu", j);
        pointers[j] = names[j];
        assert_int_equal(mxp_table_add(*table, names[j], b->dense + j * n, NULL), MXP_OK);
    }
    assert_int_equal(mxp_model_new(model, "y", NULL), MXP_OK);
    assert_int_equal(mxp_model_set_family(*model, family, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_predictors(*model, pointers, k, NULL), MXP_OK);
    assert_int_equal(mxp_model_set_prior(*model, "weights", prior, NULL), MXP_OK);
    mxp_model_set_standardize(*model, 1);
    assert_int_equal(mxp_problem_new(&problem, *model, *table, NULL, NULL), MXP_OK);
    free(y);
    free(pointers);
    free(names);
    return problem;
}

/* Columns that are not constant, from half empty to full. */
static inline struct both make_varied(size_t rows, size_t columns)
{
    struct both b = make(rows, columns);
    struct sparse *s = &b.sparse;
    s->count = 0;
    for (size_t j = 0; j < columns; j++) {
        for (size_t i = 0; i < rows; i++) {
            const double x = b.dense[i + j * rows] =
                (i + j) % (2 + j % 3) == 0 || j % 17 == 0 ? uniform() + 0.1 : 0.0;
            if (x != 0.0) {
                s->row[s->count] = (uint32_t)i;
                s->value[s->count++] = x;
            }
        }
        s->start[j + 1] = s->count;
    }
    return b;
}

#endif
