/* The rows of the table of joint priors, for joint.c, and what the gaussian ones share. */
#ifndef MAXPOST_JOINT_ROWS_H
#define MAXPOST_JOINT_ROWS_H

#include "model/joint.h"

extern const struct joint_row joint_gaussian, joint_ar1, joint_rw1, joint_rw2, joint_group_laplace;
extern const struct joint_row joint_constraint;

static inline double joint_off(const struct joint *joint, const double *theta, size_t j)
{
    return theta[joint->index[j]] - joint->mean[j];
}

/* The norm of the offsets, without overflow on the way. */
double joint_radius(const struct joint *joint, const double *theta);

/* H += value at coordinates (a, b) and (b, a), where both have a place. */
void joint_add_entry(double *H, size_t ld, const struct joint *joint, const size_t *place, size_t a,
                     size_t b, double value);

/* What joint_row asks for, for rows that have a root W. */
double joint_root_value(const struct joint *joint, const double *theta);
void joint_root_gradient(double *gradient, const struct joint *joint, const double *theta);
void joint_root_curvature(double *H, size_t ld, const struct joint *joint, const double *theta,
                          const size_t *place);
void joint_root_diagonal(double *diagonal, const struct joint *joint, const double *theta);
void joint_root_draw(double *theta, struct rng *rng, const struct joint *joint);

/* W, Q and the normaliser of a gaussian from its matrix.  Errors at place: CONFIG, MEMORY. */
MXP_MUST_CHECK mxp_status joint_take_matrix(struct joint *joint, const struct joint_matrix *matrix,
                                            struct place place, mxp_error *error);

#endif
