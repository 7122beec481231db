/* All rows of the table of joint priors with many arguments, for the tests that loop over them. */
#ifndef TESTS_JOINTS_H
#define TESTS_JOINTS_H

#include "model/joint.h"
#include "numeric.h"

#include <string.h>

enum { K_MAX = 7, SLOTS = 3 * K_MAX };

/* theta has other coordinates between and around those of the prior. */
static inline void make_index(size_t *index, size_t k)
{
    for (size_t j = 0; j < k; j++)
        index[j] = 1 + 2 * j;
}

/* A positive definite matrix of unit scale. */
static inline void make_matrix(double *A, size_t k)
{
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            A[i * k + j] =
                pow(-0.6, fabs((double)i - (double)j)) + (i == j ? 0.2 * (double)i : 0.0);
}

/* The n-th way to state the row on k terms, or NULL when there are no more. */
static inline struct joint *make(const struct joint_row *row, size_t k, size_t n)
{
    static const double values[3][2] = {{0.6, 0.7}, {-0.95, 30.0}, {0.0, 1e-3}};
    static const double means[K_MAX] = {0.5, -1.0, 2.0, 0.0, 7.0, -0.25, 1.0};
    static const double c[K_MAX] = {1.0, -1.0, 0.5, 3.0, -0.1, 2.0, 1.0};
    struct joint *joint = NULL;
    struct joint_spec spec = {.row = row};
    size_t index[K_MAX];
    double A[K_MAX * K_MAX];
    mxp_error error = {0};

    if (n >= 3 || k < row->least)
        return NULL;
    make_index(index, k);
    for (size_t i = 0; i < row->argument_count; i++) {
        spec.a[i] = values[n][i];
        if (row->arguments[i].range == JOINT_ABOVE_ZERO)
            spec.a[i] = values[n][1];
    }
    make_matrix(A, k);
    const struct joint_matrix matrix = {.values = A, .precision = n == 1};
    const mxp_status status =
        row->flags & JOINT_FACTOR
            ? joint_new_constraint(&joint, k, index, c, spec.a[0], spec.a[1], (struct place){0},
                                   &error)
            : joint_new(&joint, &spec, k, index, n == 2 ? means : NULL,
                        row->flags & JOINT_MATRIX ? &matrix : NULL, (struct place){0}, &error);
    if (status != MXP_OK)
        fail_msg("%s: %s", row->name, error.message);
    return joint;
}

static inline void for_each_joint(void (*check)(const struct joint *))
{
    for (const struct joint_row *const *row = joint_table; *row; row++)
        for (size_t k = 1; k <= K_MAX; k++)
            for (size_t n = 0;; n++) {
                struct joint *joint = make(*row, k, n);
                if (!joint)
                    break;
                check(joint);
                joint_free(joint);
            }
}

/* A width of the prior: what its offsets are like. */
static inline double width(const struct joint *joint)
{
    const size_t last = joint->row->argument_count - 1;
    return joint->row->flags & JOINT_MATRIX ? 1.0
           : joint->row->flags & JOINT_KINK ? joint->a[0]
                                            : joint->a[last];
}

static inline void make_point(double *theta, const struct joint *joint, double scale)
{
    for (size_t i = 0; i < SLOTS; i++)
        theta[i] = 100.0 + (double)i;
    for (size_t j = 0; j < joint->k; j++)
        theta[joint->index[j]] = joint->mean[j] + scale * width(joint) * sin(1.0 + 2.3 * (double)j);
}

#endif
