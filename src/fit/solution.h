/* The inside of mxp_solution: the mode in solver coordinates and its certificate. */
#ifndef MAXPOST_SOLUTION_H
#define MAXPOST_SOLUTION_H

#include "fit/kernel.h"
#include "fit/modes.h"
#include "fit/point.h"
#include "maxpost/fit.h"

struct mxp_solution {
    const struct mxp_problem *problem; /* borrowed */
    struct point *point;               /* evaluated at the mode */
    double *beta;                      /* k: coefficients on the scale of the data */
    double *gram;          /* k x k: the likelihood's Hessian at the mode; NULL: not at hand */
    struct kernel *kernel; /* of the dual method, at the mode's noise; or NULL */
    double *triangle;      /* k x k: R'R = gram, where the Gram's condition is too bad; or NULL */
    mxp_fit_info info;
    struct modes modes;
};

#endif
