/* A chunk of rows: the linear predictors and the family's derivatives there, weighted.  The
 * workspace of one thread. */
#ifndef MAXPOST_CHUNK_H
#define MAXPOST_CHUNK_H

#include "model/dense.h"
#include "model/rows.h"

struct chunk {
    const struct mxp_problem *problem;
    size_t first, m, capacity;
    double *eta;    /* m x q */
    double *value;  /* m */
    double *d1;     /* m x q: of -w log f; column q: their sum where some slot is all columns */
    double *d2;     /* m x q x q: of -w log f */
    double *shared; /* m x (q + 1): row sums of d2 over one index, and over both */
    double *dpsi, *d2psi, *mixed; /* m x R, m x R x R, m x q x R: of log f, not weighted */
    double *weight;               /* m */
    double *scratch;              /* m */
    double *storage;
};

/* Rows of a chunk: with all its columns (curvatures among them) it stays in the caches (2 MB), and the run of a column is
 * as long as that allows, since each begins with a wait for memory. */
size_t chunk_rows(size_t columns);
MXP_MUST_CHECK mxp_status chunk_new(struct chunk *chunk, const struct mxp_problem *problem,
                                    mxp_error *error);
void chunk_free(struct chunk *chunk);
/* Rows first..first+m-1: everything at theta, psi. */
MXP_MUST_CHECK mxp_status chunk_evaluate(struct chunk *chunk, size_t first, size_t m,
                                         const double *theta, const double *psi, unsigned want,
                                         mxp_error *error);
/* First derivatives that parameter j sees (its slot's), without its sign. */
const double *chunk_first(const struct chunk *chunk, size_t slot);
/* Curvature between two slots, without signs. */
const double *chunk_curvature(const struct chunk *chunk, size_t a, size_t b);
/* The raw column of parameter j at row `first`, or NULL for the column of ones. */
const double *chunk_raw(const struct mxp_problem *problem, size_t j, size_t first);
/* The same with its shift, t left 0. */
struct dense chunk_dense(const struct mxp_problem *problem, size_t j, size_t first);
/* eta (m rows, ld) += the predictors of theta on rows first..; of sparse columns on all rows. */
void chunk_add_predictor(double *eta, size_t ld, const struct mxp_problem *problem,
                         const double *theta, size_t first, size_t m);
/* eta (m rows, ld): the offset, with the sign that slopes have. */
void chunk_start_predictor(double *eta, size_t ld, const struct mxp_problem *problem, size_t first,
                           size_t m);

#endif
