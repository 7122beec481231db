/* All rows of the prior table with many arguments, for the tests that loop over them. */
#ifndef TESTS_PRIORS_H
#define TESTS_PRIORS_H

#include "model/prior.h"
#include "numeric.h"

#include <string.h>

/* Values to try for an argument: scales over 16 decades, shapes and means moderate. */
static inline size_t prior_values(double *values, const struct prior_row *row, size_t k)
{
    static const char *const scales[] = {"rate", "l1", "l2", "scale"};
    const char *name = row->arguments[k].name;
    int is_scale = (int)k == row->scale;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
        is_scale |= strcmp(name, scales[i]) == 0;
    if (row->arguments[k].range == PRIOR_ANY) {
        values[0] = strcmp(name, "high") == 0 ? 2 : 0;
        values[1] = strcmp(name, "high") == 0 ? 1e-3 : -3;
        return 2;
    }
    values[0] = is_scale ? 1e-8 : 0.6;
    values[1] = is_scale ? 0.7 : 3;
    values[2] = is_scale ? 1e8 : 5.5;
    return 3;
}

/* The prior with its arguments, as the parser leaves it. */
static inline struct prior settled(struct prior prior)
{
    mxp_error error = {0};
    if (prior_bound(&prior, -INFINITY, INFINITY, (struct place){0}, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return prior;
}

/* Calls check for every row with every combination of prior_values. */
static inline void for_each(void (*check)(struct prior))
{
    for (const struct prior_row *const *row = prior_table; *row; row++) {
        double values[PRIOR_ARGUMENTS][3] = {{0}};
        size_t counts[PRIOR_ARGUMENTS] = {1, 1, 1}, combinations = 1;
        for (size_t k = 0; k < (*row)->argument_count; k++) {
            counts[k] = prior_values(values[k], *row, k);
            combinations *= counts[k];
        }
        for (size_t c = 0; c < combinations; c++) {
            struct prior prior = {.row = *row};
            size_t rest = c;
            for (size_t k = 0; k < (*row)->argument_count; k++) {
                prior.a[k] = values[k][rest % counts[k]];
                rest /= counts[k];
            }
            check(settled(prior));
        }
    }
}

#endif
