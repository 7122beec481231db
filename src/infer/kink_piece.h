/* One coordinate at its kink: a normal on each side, exactly.
 *
 * In units of the normal's sd, with the kink at 0, the density is proportional to
 * exp(-y^2/2 + drift terms - weight |y|): N(z_right, 1) on y > 0 and the mirror image of
 * N(z_left, 1) on y < 0. */
#ifndef MAXPOST_KINK_PIECE_H
#define MAXPOST_KINK_PIECE_H

struct rng;

struct kink_piece {
    double z_right, z_left; /* centre of each side, measured away from the kink */
    double right;           /* probability of the right side */
    double mean, variance;  /* of y */
    double log_mass;        /* log of the integral of exp(-(y - x)^2/2 - a |y|) / sqrt(2 pi) */
};

/* Density proportional to exp(-(y - x)^2/2 - a |y|), a >= 0; x and a finite.
 * Relative accuracy about 1e-12, however far in a tail. */
struct kink_piece kink_piece_normal(double x, double a);
/* One draw of y. */
double kink_piece_draw(const struct kink_piece *piece, struct rng *rng);

/* Without any curvature: density proportional to exp(slope y - a |y|), a > |slope|.  The moments
 * and the probability of the right side alone. */
struct kink_piece kink_piece_laplace(double slope, double a);
double kink_piece_laplace_draw(const struct kink_piece *piece, double slope, double a,
                               struct rng *rng);

#endif
