/* Hard linear equalities between coordinates: theta = origin + N z with z free.
 *
 * Coordinates that no equality names stay as they are: their columns of N are unit vectors, first
 * and in order; then come orthonormal columns over the coordinates that are named. */
#ifndef MAXPOST_EQUALITY_H
#define MAXPOST_EQUALITY_H

#include "model/constraint.h"

struct equality {
    size_t d, free;  /* of theta, of z: d - free equalities are kept */
    double *origin;  /* d: of least norm over the named coordinates, 0 elsewhere */
    double *N;       /* d x free, column-major, orthonormal columns */
    bool *redundant; /* for each constraint: it followed from those before it and was dropped */
};

/* From the hard ones of a list; soft ones are passed over.
 *   slot  the coordinate of each term that constraints name; several may share one; NULL: the same
 *   d     coordinates
 * With each equality scaled to norm 1, one whose part orthogonal to those before it is below 1e-10
 * is dependent: redundant when they agree to 1e-9 (relative to its right side and the point of
 * least norm), a contradiction otherwise.
 * Errors: CONFIG at the constraint (contradicts those before it; no coefficient left), MEMORY,
 * NUMERIC.  Cost: over m named coordinates and r equalities 4 m^2 r flops. */
MXP_MUST_CHECK mxp_status equality_new(struct equality **equality,
                                       const struct constraint *const *list, size_t count,
                                       const size_t *slot, size_t d, mxp_error *error);
void equality_free(struct equality *equality);

/* theta (d) <- origin + N z. */
void equality_expand(double *theta, const struct equality *equality, const double *z);
/* z (free) <- N'(theta - origin): the nearest point that satisfies them. */
void equality_reduce(double *z, const struct equality *equality, const double *theta);
/* N'g: a gradient in theta becomes one in z. */
void equality_gradient(double *reduced, const struct equality *equality, const double *gradient);
/* N'H N (free x free, both triangles) of H (d x d, ld, both triangles).  Errors: MEMORY.
 * Cost: 2 d^2 free + 2 d free^2 flops. */
MXP_MUST_CHECK mxp_status equality_curvature(double *reduced, const struct equality *equality,
                                             const double *H, size_t ld, mxp_error *error);
/* N S N' (d x d, ld, both triangles): a covariance of z becomes one of theta.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status equality_covariance(double *covariance, size_t ld,
                                              const struct equality *equality, const double *S,
                                              mxp_error *error);

#endif
