/* group_laplace(scale, mean): the group lasso's penalty as a prior. */
#include "model/joint_rows.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

double joint_radius(const struct joint *joint, const double *theta)
{
    double largest = 0.0, sum = 0.0;

    for (size_t j = 0; j < joint->k; j++) {
        const double off = fabs(joint_off(joint, theta, j));
        if (isnan(off))
            return off;
        largest = fmax(largest, off);
    }
    if (largest == 0.0 || isinf(largest))
        return largest;
    for (size_t j = 0; j < joint->k; j++) {
        const double share = joint_off(joint, theta, j) / largest;
        sum += share * share;
    }
    return largest * sqrt(sum);
}

static double log_normaliser(const struct joint *joint)
{
    static const double log_pi = 1.14472988584940017414;
    const double k = (double)joint->k;

    return k * log(joint->a[0]) + SPECIAL_LOG_2 + 0.5 * k * log_pi +
           special_lgamma_rise(0.5 * k, 0.5 * k);
}

static double value(const struct joint *joint, const double *theta)
{
    return joint_radius(joint, theta) / joint->a[0];
}

static void gradient_add(double *gradient, const struct joint *joint, const double *theta)
{
    const double radius = joint_radius(joint, theta);

    for (size_t j = 0; radius > 0.0 && j < joint->k; j++)
        gradient[joint->index[j]] += joint_off(joint, theta, j) / radius / joint->a[0];
}

/* (1 - u_j^2) / (b radius), as a sum of the other squares. */
static void diagonal_add(double *diagonal, const struct joint *joint, const double *theta)
{
    const double radius = joint_radius(joint, theta);

    for (size_t j = 0; radius > 0.0 && j < joint->k; j++) {
        double others = 0.0;
        for (size_t i = 0; i < joint->k; i++) {
            const double u = joint_off(joint, theta, i) / radius;
            others += i == j ? 0.0 : u * u;
        }
        diagonal[joint->index[j]] += others / radius / joint->a[0];
    }
}

/* (I - uu') / (b radius). */
static void curvature(double *H, size_t ld, const struct joint *joint, const double *theta,
                      const size_t *place)
{
    const double radius = joint_radius(joint, theta);

    for (size_t b = 0; radius > 0.0 && b < joint->k; b++) {
        const double ub = joint_off(joint, theta, b) / radius;
        double others = 0.0;
        for (size_t a = 0; a < joint->k; a++) {
            const double ua = joint_off(joint, theta, a) / radius;
            others += a == b ? 0.0 : ua * ua;
            if (a > b)
                joint_add_entry(H, ld, joint, place, a, b, -ua * ub / radius / joint->a[0]);
        }
        joint_add_entry(H, ld, joint, place, b, b, others / radius / joint->a[0]);
    }
}

/* The direction is uniform, the radius has density proportional to r^(k-1) exp(-r/b). */
static void draw(double *theta, struct rng *rng, const struct joint *joint)
{
    double square = 0.0;

    while (square == 0.0) {
        square = 0.0;
        for (size_t j = 0; j < joint->k; j++) {
            const double z = rng_normal(rng);
            theta[joint->index[j]] = z;
            square += z * z;
        }
    }
    const double radius = joint->a[0] * rng_gamma(rng, (double)joint->k);
    for (size_t j = 0; j < joint->k; j++) {
        double *t = &theta[joint->index[j]];
        *t = joint->mean[j] + radius * (*t / sqrt(square));
    }
}

/* What the residual multiplies g by, on the kink: its excess over 1/b. */
static double excess(const struct joint *joint, const double *gradient)
{
    double largest = 0.0, sum = 0.0;

    for (size_t j = 0; j < joint->k; j++)
        largest = fmax(largest, fabs(gradient[joint->index[j]]));
    if (largest == 0.0)
        return 0.0;
    for (size_t j = 0; j < joint->k; j++) {
        const double share = gradient[joint->index[j]] / largest;
        sum += share * share;
    }
    const double norm = largest * sqrt(sum), weight = 1.0 / joint->a[0];
    return norm > weight ? (norm - weight) / norm : norm <= weight ? 0.0 : NAN;
}

double joint_residual(const struct joint *joint, const double *theta, const double *gradient,
                      const double *diagonal)
{
    const double radius = joint_radius(joint, theta);
    const double share = radius == 0.0 ? excess(joint, gradient) : 1.0;
    double sum = 0.0;

    for (size_t j = 0; j < joint->k; j++) {
        const size_t slot = joint->index[j];
        const double h = fabs(diagonal[slot]), g = gradient[slot] * share;
        const double pull = radius > 0.0 ? joint_off(joint, theta, j) / radius / joint->a[0] : 0.0;
        const double scaled = (g + pull) / (h > 0.0 ? sqrt(h) : 1.0);
        sum += scaled * scaled;
    }
    return sqrt(sum);
}

const struct joint_row joint_group_laplace = {
    .name = "group_laplace",
    .help = "group lasso: ties all its terms exactly with their mean, or none",
    .arguments = {{"scale", JOINT_ABOVE_ZERO, NAN}, {"mean", JOINT_ANY, 0.0}},
    .argument_count = 2,
    .flags = JOINT_KINK,
    .mean = 1,
    .least = 1,
    .log_normaliser = log_normaliser,
    .value = value,
    .gradient = gradient_add,
    .curvature = curvature,
    .diagonal = diagonal_add,
    .draw = draw,
};
