#include "infer/kink_piece.h"

#include "infer/kink.h"
#include "num/rng.h"
#include "num/special.h"

#include <math.h>

static const double sqrt_half = 0.70710678118654752440;
static const double sqrt_2_over_pi = 0.79788456080286535588;

/* N(z, 1) restricted to y > 0: its log mass without the factor exp(-x^2/2), its moments. */
struct side {
    double log_mass, mean, variance;
};

enum { FRACTION_TERMS = 24 };
static const double fraction_from = 5.0;

/* z = -d far below 0.  The mean is r - d with r = 1/Mills ratio = d + 1/(d + 2/(d + 3/(d + ...))),
 * E y^2 = mean * K with K = 2/(d + 3/(d + ...)), so that nothing cancels.  DLMF 7.9.1. */
static void tail_moments(struct side *side, double d)
{
    double fraction = 0.0;
    for (int n = d > 50.0 ? 6 : FRACTION_TERMS; n >= 2; n--)
        fraction = n / (d + fraction);
    side->mean = 1.0 / (d + fraction);
    side->variance = side->mean * (fraction - side->mean);
}

/* x and a as in kink_piece_normal, seen from this side: z = x - a. */
static struct side side_of(double x, double a)
{
    const double z = x - a;
    struct side side;
    double hazard;

    if (z > 0.0) {
        const double out = 0.5 * erfc(z * sqrt_half);
        hazard = exp(-0.5 * z * z) / (SPECIAL_SQRT_2PI * (1.0 - out));
        side.log_mass = a * (0.5 * a - x) + log1p(-out);
    } else {
        const double scaled = special_erfcx(-z * sqrt_half);
        hazard = sqrt_2_over_pi / scaled;
        side.log_mass = log(0.5 * scaled) - 0.5 * x * x;
    }
    if (z < -fraction_from) {
        tail_moments(&side, -z);
    } else {
        side.mean = z + hazard;
        side.variance = 1.0 - hazard * side.mean;
    }
    return side;
}

static void mix(struct kink_piece *piece, struct side right, struct side left)
{
    const double p = piece->right, q = 1.0 - p, apart = right.mean + left.mean;
    piece->mean = p * right.mean - q * left.mean;
    piece->variance = p * right.variance + q * left.variance + p * q * apart * apart;
}

struct kink_piece kink_piece_normal(double x, double a)
{
    const struct side right = side_of(x, a), left = side_of(-x, a);
    struct kink_piece piece = {.z_right = x - a, .z_left = -x - a};

    piece.right = 1.0 / (1.0 + exp(left.log_mass - right.log_mass));
    piece.log_mass = special_logsumexp(right.log_mass, left.log_mass);
    mix(&piece, right, left);
    return piece;
}

double kink_piece_draw(const struct kink_piece *piece, struct rng *rng)
{
    if (rng_uniform(rng) < piece->right)
        return rng_normal_between(rng, piece->z_right, 1.0, 0.0, INFINITY);
    return -rng_normal_between(rng, piece->z_left, 1.0, 0.0, INFINITY);
}

struct kink_piece kink_piece_laplace(double slope, double a)
{
    const double right = 1.0 / (a - slope), left = 1.0 / (a + slope);
    struct kink_piece piece = {.right = right / (right + left), .log_mass = log(right + left)};

    mix(&piece, (struct side){.mean = right, .variance = right * right},
        (struct side){.mean = left, .variance = left * left});
    return piece;
}

double kink_piece_laplace_draw(const struct kink_piece *piece, double slope, double a,
                               struct rng *rng)
{
    if (rng_uniform(rng) < piece->right)
        return rng_exponential(rng) / (a - slope);
    return -rng_exponential(rng) / (a + slope);
}

void kink_one(double *log_z, double *mean, double *sd, double u, double s, double m, double b)
{
    const struct kink_piece piece = kink_piece_normal((u - m) / s, s / b);
    *log_z = log(s) + SPECIAL_LOG_SQRT_2PI + piece.log_mass;
    *mean = m + s * piece.mean;
    *sd = s * sqrt(piece.variance);
}
