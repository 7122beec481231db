/* A problem with one eta column and gaussian or flat priors from the side of its rows: what is k x k
 * among the coefficients is n x n here, so that there may be a million of them.
 *
 * P are the coefficients with a gaussian prior of precisions Lambda and means m, F the few flat ones,
 * z their columns in solver coordinates:
 *     K = Z_P Lambda^-1 Z_P',    H = diag(Lambda, 0) + Z' diag(h) Z.
 * With s = sqrt(h), M = I + diag(s) K diag(s), U = diag(s) Z_F and C = (U' M^-1 U)^-1 (the matrix
 * inversion lemma; Golub & Van Loan, 2013, section 2.1.4)
 *     H^-1 on F is C, log det H = log det Lambda + log det M - log det C. */
#ifndef MAXPOST_KERNEL_H
#define MAXPOST_KERNEL_H

#include "model/problem.h"
#include "num/factor.h"

struct kernel {
    const struct mxp_problem *problem; /* borrowed */
    size_t n, k, f;
    size_t *flat;             /* f: the flat coefficients */
    double *precision, *mean; /* k: Lambda and m; 0 where flat */
    double *K;                /* n x n, both triangles */
    double *ZF;               /* n x f */
    double *level;            /* n: the predictor at m, flat coefficients at 0 */
    double noise;             /* at which the priors are taken */
    bool scaled;              /* some of them depend on it */
    bool plugged_in;          /* the problem's at that time */
};

/* NULL, or why the problem has no such form. */
const char *kernel_refuses(const struct mxp_problem *problem);
/* How many coefficients are flat. */
size_t kernel_flat(const struct mxp_problem *problem);

/* Priors at this noise sd (of those whose scale is a multiple of it).  The bits do not depend on
 * the number of threads (0: all).  Errors: MEMORY.  Cost: n^2 k flops, two passes; memory n^2 + 2 k
 * and a block of columns, eight times n^2 up to 1024 rows. */
MXP_MUST_CHECK mxp_status kernel_new(struct kernel **kernel, const struct mxp_problem *problem,
                                     double noise, int threads, mxp_error *error);
void kernel_free(struct kernel *kernel);
/* Whether the priors' scales are all or none multiples of the noise. */
bool kernel_is_even(const struct mxp_problem *problem);
/* Takes the kernel to another noise sd. */
void kernel_set_noise(struct kernel *kernel, double noise);

/* The factored system at one curvature. */
struct kernel_system {
    const struct kernel *kernel; /* borrowed */
    double *root;                /* n: s */
    double *B;                   /* n x f: M^-1 U */
    struct factor *M, *inner;    /* inner: of U' M^-1 U = C^-1; NULL where f = 0 */
    double rcond;                /* the smaller of the two; 0: not definite, not to be used */
    bool dependent;              /* it is the flat columns that are */
    double *storage;
};

/* h: n, curvature of the rows, >= 0; kernel and prior precisions are multiplied by `factor` and
 * divided by it (1: as they are).  Errors: MEMORY, NUMERIC (a NaN).  Cost: n^3 / 3 + n^2 f flops. */
MXP_MUST_CHECK mxp_status kernel_system_new(struct kernel_system **system,
                                            const struct kernel *kernel, const double *h,
                                            double factor, mxp_error *error);
void kernel_system_free(struct kernel_system *system);

/* The step delta = -H^-1 G, from v = Z_P Lambda^-1 G_P (n) and G_F (f, may be NULL where f = 0):
 *     delta_P = Lambda^-1 (Z_P' weight - G_P), delta_F = flat.
 * weight: n, may be v.  Cost: 2 n^2 flops. */
void kernel_system_solve(double *weight, double *flat, const struct kernel_system *system,
                         const double *v, const double *GF);
/* log det M - log det C. */
double kernel_system_log_det(const struct kernel_system *system);
/* Q, n x n, both triangles: covariance of P = Lambda^-1 - Lambda^-1 Z_P' Q Z_P Lambda^-1.
 * Errors: MEMORY.  Cost: n^3. */
MXP_MUST_CHECK mxp_status kernel_system_middle(double *Q, const struct kernel_system *system,
                                               mxp_error *error);
#endif
