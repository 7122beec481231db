/* The coordinates of a working set that are off their kinks and bounds, with a Cholesky factor of
 * their block that is kept up to date as they come and go: from one scale of a path to the next a few
 * do.  An active-set method after Lee, Battle, Raina & Ng (2006); the updates of the factor are those
 * of Golub & Van Loan (2013), section 6.5. */
#ifndef MAXPOST_SUPPORT_H
#define MAXPOST_SUPPORT_H

#include "fit/descent.h"

#include <stddef.h>

struct support {
    size_t count, capacity;
    size_t *member; /* count: coordinates, in the order of the factor */
    size_t *place;  /* capacity: of each coordinate: its place in member + 1, or 0 */
    double *R;      /* capacity x capacity, upper triangle: R'R = the block of G + diag(l2) */
    double *l2;     /* capacity: with which it was made, by coordinate */
    double *work;   /* 3 x capacity */
};

void support_free(struct support *support);
/* Room for c coordinates; what is known stays. */
MXP_MUST_CHECK mxp_status support_reserve(struct support *support, size_t c, mxp_error *error);
/* The Gram is another one: nothing is known any more. */
void support_forget(struct support *support);
/* Coordinates were renumbered: old becomes new_of[old], or SIZE_MAX where it is gone. */
void support_renumber(struct support *support, const size_t *new_of);
/* Newton steps on the support, which loses those that come to a kink or bound and gains the ones that
 * violate their condition most, until the residual is at most `tolerance`, or the block is not
 * definite, or many rounds are over: descent goes on from where it ends.  Nothing where many would
 * have to join.
 * Errors: MEMORY, NUMERIC.  Cost: s^2 + c s flops a round, s^2 for each that comes or goes. */
MXP_MUST_CHECK mxp_status support_run(struct support *support, struct descent *d, double tolerance,
                                      mxp_error *error);

#endif
