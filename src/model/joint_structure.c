/* ar1, rw1 and rw2: gaussian priors on terms in a row, by differences of neighbours. */
#include "model/joint_rows.h"
#include "num/special.h"

#include <math.h>

/* rank log(2 pi)/2 - log det/2, with the log (pseudo-)determinant of Q. */
static double normaliser(const struct joint *joint, double log_det)
{
    return (double)joint->rank * SPECIAL_LOG_SQRT_2PI - 0.5 * log_det;
}

/* ---- ar1(phi, sd) ---- */

/* 1 - phi^2, without cancellation. */
static double unexplained(double phi)
{
    return (1.0 - phi) * (1.0 + phi);
}

/* The first term is stationary, each other one a share phi of its neighbour and an innovation. */
static struct joint_band ar1_root(const struct joint *joint, size_t i)
{
    const double phi = joint->a[0], sd = joint->a[1];

    if (i == 0)
        return (struct joint_band){.count = 1, .entry = {1.0 / sd}};
    const double innovation = 1.0 / sd / sqrt(unexplained(phi));
    return (struct joint_band){
        .first = i - 1, .count = 2, .entry = {-phi * innovation, innovation}};
}

static double ar1_log_normaliser(const struct joint *joint)
{
    const double k = (double)joint->k;
    return normaliser(joint,
                      -2.0 * k * log(joint->a[1]) - (k - 1.0) * log(unexplained(joint->a[0])));
}

const struct joint_row joint_ar1 = {
    .name = "ar1",
    .help = "stationary autoregression in the order of the terms; sd is that of each term",
    .arguments = {{"phi", JOINT_INSIDE_ONE, NAN}, {"sd", JOINT_ABOVE_ZERO, NAN}},
    .argument_count = 2,
    .mean = -1,
    .least = 1,
    .log_normaliser = ar1_log_normaliser,
    .value = joint_root_value,
    .gradient = joint_root_gradient,
    .curvature = joint_root_curvature,
    .diagonal = joint_root_diagonal,
    .draw = joint_root_draw,
    .root = ar1_root,
};

/* ---- rw1(sd), rw2(sd) ---- */

static struct joint_band rw1_root(const struct joint *joint, size_t i)
{
    const double w = 1.0 / joint->a[0];
    return (struct joint_band){.first = i, .count = 2, .entry = {-w, w}};
}

static struct joint_band rw2_root(const struct joint *joint, size_t i)
{
    const double w = 1.0 / joint->a[0];
    return (struct joint_band){.first = i, .count = 3, .entry = {w, -2.0 * w, w}};
}

/* det DD' is k for first differences of k terms. */
static double rw1_log_normaliser(const struct joint *joint)
{
    const double rank = (double)joint->rank;
    return normaliser(joint, log((double)joint->k) - 2.0 * rank * log(joint->a[0]));
}

/* det DD' is k^2 (k^2 - 1)/12 for second differences of k terms. */
static double rw2_log_normaliser(const struct joint *joint)
{
    const double k = (double)joint->k, rank = (double)joint->rank;
    const double log_det = 2.0 * log(k) + log(k - 1.0) + log(k + 1.0) - log(12.0);
    return normaliser(joint, log_det - 2.0 * rank * log(joint->a[0]));
}

const struct joint_row joint_rw1 = {
    .name = "rw1",
    .help =
        "random walk in the order of the terms; sd is that of a step; says nothing of the level",
    .arguments = {{"sd", JOINT_ABOVE_ZERO, NAN}},
    .argument_count = 1,
    .flags = JOINT_IMPROPER,
    .mean = -1,
    .least = 2,
    .lost = 1,
    .log_normaliser = rw1_log_normaliser,
    .value = joint_root_value,
    .gradient = joint_root_gradient,
    .curvature = joint_root_curvature,
    .diagonal = joint_root_diagonal,
    .root = rw1_root,
};

const struct joint_row joint_rw2 = {
    .name = "rw2",
    .help =
        "random walk of second order; sd is that of a change of slope; level and slope are free",
    .arguments = {{"sd", JOINT_ABOVE_ZERO, NAN}},
    .argument_count = 1,
    .flags = JOINT_IMPROPER,
    .mean = -1,
    .least = 3,
    .lost = 2,
    .log_normaliser = rw2_log_normaliser,
    .value = joint_root_value,
    .gradient = joint_root_gradient,
    .curvature = joint_root_curvature,
    .diagonal = joint_root_diagonal,
    .root = rw2_root,
};
