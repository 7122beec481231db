/* One workload of the benchmark as maxpost does it. */
#ifndef BENCH_TASK_H
#define BENCH_TASK_H

#include "maxpost/maxpost.h"

#include <stdio.h>

struct task;

/* Reads the data of a workload; tolerance 0: the default of maxpost. */
mxp_status task_new(struct task **task, const char *workload, const char *directory, int threads,
                    double tolerance, mxp_error *error);
void task_free(struct task *task);

/* The work that is timed: problem and fit, with their answer kept; task_clear first. */
mxp_status task_run(struct task *task, mxp_error *error);
void task_clear(struct task *task);

/* How it went, a few words, after task_run. */
const char *task_note(const struct task *task);

/* Raw doubles: coefficients (a column a penalty), then a covariance where the workload has one; the
 * curve of cross-validation; a table. */
mxp_status task_save(const struct task *task, const char *path, mxp_error *error);

#endif
