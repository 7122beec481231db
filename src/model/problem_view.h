/* A view: a problem's columns, names and responses with row weights, moments and priors of its own. */
#ifndef MAXPOST_PROBLEM_VIEW_H
#define MAXPOST_PROBLEM_VIEW_H

#include "model/problem.h"

/* The same model on the rows that keep a weight.  Columns are shared, nothing of size n x k is made;
 * means and sds are those of the rows kept (a column constant there is treated as a constant column
 * is), and so are the shifts and scales of the coordinates.  Priors are copied: they may be changed.
 *   weights  n, >= 0, 0 for rows held out; copied; NULL: those of the base, moments too
 * The base must outlive the view.  Errors: MEMORY, DATA (all weights 0), CONFIG (joint priors or
 * constraints, which views do not have yet).
 * Cost: one pass over the columns, and copies of the k parameters. */
MXP_MUST_CHECK mxp_status problem_view(struct mxp_problem **view, const struct mxp_problem *base,
                                       const double *weights, mxp_error *error);
/* Frees what is the view's own; NULL is allowed. */
void problem_view_free(struct mxp_problem *view);

#endif
