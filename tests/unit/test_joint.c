/* Every row of the table of joint priors, by finite differences, quadrature, determinants and
 * sampling; ar1, rw1, rw2 and the correlated gaussian against each other. */
#include "joints.h"
#include "model/prior.h"
#include "num/la.h"
#include "num/rng.h"
#include "num/special.h"

#include <stdio.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* ---- derivatives ---- */

struct along {
    const struct joint *joint;
    const double *theta;
    size_t slot, entry; /* what moves; the entry of the gradient, SLOTS: the value */
};

static double moved(double t, const void *context)
{
    const struct along *along = context;
    double theta[SLOTS], gradient[SLOTS] = {0};

    memcpy(theta, along->theta, sizeof theta);
    theta[along->slot] = t;
    if (along->entry == SLOTS)
        return joint_value(along->joint, theta);
    joint_add_gradient(gradient, along->joint, theta);
    return gradient[along->entry];
}

static void derivatives_of(const struct joint *joint)
{
    double theta[SLOTS], gradient[SLOTS] = {0}, H[SLOTS * SLOTS] = {0}, diagonal[SLOTS] = {0};

    make_point(theta, joint, 1.3);
    joint_add_gradient(gradient, joint, theta);
    joint_add_curvature(H, SLOTS, joint, theta, NULL);
    joint_add_diagonal(diagonal, joint, theta);
    const double w = width(joint), h = 1e-3 * w;
    for (size_t i = 0; i < SLOTS; i++) {
        struct along along = {joint, theta, i, SLOTS};
        const double noise = 1e-9 * fabs(joint_value(joint, theta)) / w + 1e-13 / h;
        const double slack = 1e-8 * (1.0 + fabs(theta[i])) / w + noise;
        assert_close(gradient[i], numeric_slope(moved, &along, theta[i], h), 1e-7, slack,
                     joint->row->name, (double)joint->k);
        assert_close(diagonal[i], H[i + i * SLOTS], 1e-14, 0.0, "diagonal", (double)joint->k);
        for (along.entry = 0; along.entry < SLOTS; along.entry++) {
            const double size = fmax(H[i + i * SLOTS], H[along.entry * (SLOTS + 1)]);
            assert_close(H[along.entry + i * SLOTS], numeric_slope(moved, &along, theta[i], h),
                         1e-7, 1e-8 * (size + 1.0 / w / w) * (1.0 + fabs(theta[i])),
                         joint->row->name, (double)joint->k);
            assert_true(H[along.entry + i * SLOTS] == H[i + along.entry * SLOTS]);
        }
    }
}

static void test_derivatives(void **state)
{
    (void)state;
    for_each_joint(derivatives_of);
}

/* Slots without a place are left out; the others go where place says. */
static void places_of(const struct joint *joint)
{
    double theta[SLOTS], H[SLOTS * SLOTS] = {0}, some[K_MAX * K_MAX] = {0};
    size_t place[SLOTS], from[K_MAX] = {0}, count = 0;

    make_point(theta, joint, 0.4);
    joint_add_curvature(H, SLOTS, joint, theta, NULL);
    for (size_t i = 0; i < SLOTS; i++)
        place[i] = SIZE_MAX;
    for (size_t j = joint->k; j-- > 0;)
        if (j % 3 != 1) {
            from[count] = joint->index[j];
            place[joint->index[j]] = count++;
        }
    joint_add_curvature(some, K_MAX, joint, theta, place);
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < count; b++)
            assert_true(some[a + b * K_MAX] == H[from[a] + from[b] * SLOTS]);
}

static void test_places(void **state)
{
    (void)state;
    for_each_joint(places_of);
}

/* ---- normalisers ---- */

/* The integral of the density over one or two coordinates, by the trapezoid rule. */
static void integral_of(const struct joint *joint)
{
    enum { CELLS = 400 };
    double theta[SLOTS], sum = 0.0;

    if (!joint_proper(joint) || joint_kinked(joint) || joint->k > 2)
        return;
    make_point(theta, joint, 0.0);
    const double reach = 14.0 * width(joint), step = 2.0 * reach / CELLS;
    for (int a = 0; a <= CELLS; a++)
        for (int b = 0; b <= (joint->k == 2 ? CELLS : 0); b++) {
            theta[joint->index[0]] = joint->mean[0] - reach + a * step;
            if (joint->k == 2)
                theta[joint->index[1]] = joint->mean[1] - reach + b * step;
            sum += exp(-joint_value(joint, theta)) * pow(step, (double)joint->k);
        }
    /* phi of -0.95 is narrower than the others; what is off the mean is rounded there */
    assert_close(sum, 1.0, 1e-9, 0.0, joint->row->name, (double)joint->k);
}

/* The area of the unit sphere in k dimensions. */
static double area(size_t k)
{
    return 2.0 * pow(pi, 0.5 * (double)k) / tgamma(0.5 * (double)k);
}

/* Over the radius, where the density depends on nothing else. */
static void radial_integral_of(const struct joint *joint)
{
    enum { CELLS = 40000 };
    double theta[SLOTS], sum = 0.0;

    if (!joint_kinked(joint))
        return;
    make_point(theta, joint, 0.0);
    const double low = log(width(joint)) - 35.0, high = log(width(joint)) + 6.0;
    const double step = (high - low) / CELLS;
    for (int i = 0; i <= CELLS; i++) {
        const double r = exp(low + i * step);
        double volume = area(joint->k) * step;
        for (size_t j = 0; j < joint->k; j++) {
            theta[joint->index[j]] = joint->mean[j] + r / sqrt((double)joint->k);
            volume *= r;
        }
        sum += exp(-joint_value(joint, theta)) * volume;
    }
    const double rounding = joint->a[0] < 0.1 ? 1e-10 : 0.0; /* mean + offset is rounded */
    assert_close(sum, 1.0, 1e-11 + rounding, 0.0, joint->row->name, (double)joint->k);
}

static void test_integrals(void **state)
{
    (void)state;
    for_each_joint(integral_of);
    for_each_joint(radial_integral_of);
}

/* For the gaussian rows exp(-log normaliser) is (2 pi)^(-rank/2) times the root of the product of
 * the eigenvalues of the curvature that are not 0, and as many as the rank are not. */
static void determinant_of(const struct joint *joint)
{
    double theta[SLOTS], H[K_MAX * K_MAX] = {0}, values[K_MAX], log_det = 0.0;
    size_t place[SLOTS];

    if (!joint->row->root || joint->row->flags & JOINT_FACTOR)
        return;
    for (size_t j = 0; j < joint->k; j++)
        place[joint->index[j]] = j;
    make_point(theta, joint, 0.0);
    joint_add_curvature(H, K_MAX, joint, theta, place);
    assert_int_equal(la_eigen(values, H, K_MAX, joint->k, NULL), MXP_OK);
    for (size_t i = 0; i < joint->k; i++) {
        const double share = values[i] / values[joint->k - 1];
        assert_true(i < joint->k - joint->rank ? fabs(share) < 1e-14 : share > 1e-6);
        log_det += i < joint->k - joint->rank ? 0.0 : log(values[i]);
    }
    const double want = (double)joint->rank * SPECIAL_LOG_SQRT_2PI - 0.5 * log_det;
    assert_close(joint_log_normaliser(joint), want, 1e-12, 1e-12, joint->row->name,
                 (double)joint->k);
    assert_close(joint_value(joint, theta) - joint_log_normaliser(joint), 0.0, 0.0, 1e-25,
                 "at the mean", (double)joint->k);
}

static void test_determinants(void **state)
{
    (void)state;
    for_each_joint(determinant_of);
}

/* ---- one against the other ---- */

static struct joint *gaussian(size_t k, const double *matrix, bool precision, const double *mean)
{
    const struct joint_spec spec = {.row = joint_find("gaussian")};
    const struct joint_matrix how = {matrix, precision};
    struct joint *joint = NULL;
    size_t index[K_MAX];

    make_index(index, k);
    assert_int_equal(joint_new(&joint, &spec, k, index, mean, &how, (struct place){0}, NULL),
                     MXP_OK);
    return joint;
}

static struct joint *named(const char *text, size_t k)
{
    struct joint_spec spec;
    struct joint *joint = NULL;
    size_t index[K_MAX];

    make_index(index, k);
    assert_int_equal(joint_parse(&spec, text, (struct place){0}, NULL), MXP_OK);
    assert_int_equal(joint_new(&joint, &spec, k, index, NULL, NULL, (struct place){0}, NULL),
                     MXP_OK);
    return joint;
}

/* Values and gradients agree at several points. */
static void assert_same(const struct joint *a, const struct joint *b)
{
    for (int n = 0; n < 5; n++) {
        double theta[SLOTS], ga[SLOTS] = {0}, gb[SLOTS] = {0};
        make_point(theta, a, 0.3 + n);
        theta[a->index[n % (int)a->k]] += 1.5;
        assert_close(joint_value(a, theta), joint_value(b, theta), 1e-12, 1e-12, a->row->name, n);
        joint_add_gradient(ga, a, theta);
        joint_add_gradient(gb, b, theta);
        for (size_t i = 0; i < SLOTS; i++)
            assert_close(ga[i], gb[i], 1e-11, 1e-11 / width(a), a->row->name, n);
    }
}

/* ar1 is the gaussian with covariance sd^2 phi^|i-j|: every term has that sd. */
static void test_ar1(void **state)
{
    static const double phis[] = {0.0, 0.7, -0.4, 0.99};

    (void)state;
    for (size_t n = 0; n < 4; n++)
        for (size_t k = 1; k <= K_MAX; k++) {
            double covariance[K_MAX * K_MAX];
            char text[60];
            (void)snprintf(text, sizeof text, "ar1(%g, sd=2.5)", phis[n]);
            for (size_t i = 0; i < k; i++)
                for (size_t j = 0; j < k; j++)
                    covariance[i * k + j] = 6.25 * pow(phis[n], fabs((double)i - (double)j));
            struct joint *a = named(text, k), *b = gaussian(k, covariance, false, NULL);
            assert_same(a, b);
            joint_free(a);
            joint_free(b);
        }
}

/* Covariance and precision, and k independent gaussians for a diagonal one. */
static void test_matrices(void **state)
{
    static const double mean[] = {1.0, -2.0, 0.5};
    static const double covariance[] = {4, 1, 0, 1, 2, -0.5, 0, -0.5, 1};
    /* its inverse, by the cofactors; det 6 */
    static const double precision[] = {1.75 / 6, -1.0 / 6, -0.5 / 6, -1.0 / 6, 4.0 / 6,
                                       2.0 / 6,  -0.5 / 6, 2.0 / 6,  7.0 / 6};
    static const double diagonal[] = {1e12, 0, 0, 0, 9, 0, 0, 0, 1e-12}, sds[] = {1e6, 3, 1e-6};
    double theta[SLOTS];

    (void)state;
    struct joint *a = gaussian(3, covariance, false, mean);
    struct joint *b = gaussian(3, precision, true, mean);
    assert_same(a, b);
    make_point(theta, a, 0.0);
    assert_close(joint_value(a, theta), 1.5 * log(2 * pi) + 0.5 * log(6), 1e-15, 0.0, "mode", 3);
    joint_free(a);
    joint_free(b);
    a = gaussian(3, diagonal, false, mean);
    make_point(theta, a, 1.0);
    double want = 0.0;
    for (size_t j = 0; j < 3; j++) {
        const double z = (theta[a->index[j]] - mean[j]) / sds[j];
        want += 0.5 * z * z + log(sds[j]) + 0.5 * log(2 * pi);
    }
    assert_close(joint_value(a, theta), want, 1e-14, 0.0, "independent", 3);
    joint_free(a);
}

/* Random walks say nothing of the level, rw2 nothing of the slope; one step is one gaussian. */
static void test_walks(void **state)
{
    double theta[SLOTS], line[SLOTS], bent[SLOTS];

    (void)state;
    struct joint *one = named("rw1(0.5)", 5), *two = named("rw2(0.5)", 5);
    make_point(theta, one, 1.0);
    for (size_t j = 0; j < 5; j++) {
        const size_t slot = one->index[j];
        line[slot] = 3.0 - 2.0 * (double)j;
        bent[slot] = line[slot] + (j > 2 ? 1.5 * ((double)j - 2.0) : 0.0);
    }
    assert_true(joint_value(two, line) == joint_log_normaliser(two));
    assert_close(joint_value(one, line) - joint_log_normaliser(one), 4 * 0.5 * 4.0 / 0.25, 1e-14, 0,
                 "rw1", 5);
    assert_close(joint_value(two, bent) - joint_log_normaliser(two), 0.5 * 2.25 / 0.25, 1e-14, 0,
                 "rw2", 5);
    assert_false(joint_proper(one) || joint_proper(two));
    joint_free(one);
    joint_free(two);
}

static void test_soft(void **state)
{
    static const double c[] = {2.0, -1.0, 0.5};
    static const size_t index[] = {4, 0, 2};
    const double theta[] = {3.0, 9.0, -1.0, 9.0, 0.7};
    struct joint *joint = NULL;
    struct prior prior;

    (void)state;
    assert_int_equal(joint_new_constraint(&joint, 3, index, c, 0.3, 0.2, (struct place){0}, NULL),
                     MXP_OK);
    assert_int_equal(prior_parse(&prior, "gaussian(0.3, 0.2)", (struct place){0}, NULL), MXP_OK);
    assert_close(joint_value(joint, theta), -prior_log_density(&prior, 2 * 0.7 - 3.0 - 0.5), 1e-14,
                 0, "soft", 0);
    assert_false(joint_proper(joint));
    assert_int_equal(joint->rank, 1);
    joint_free(joint);
}

/* ---- the kink ---- */

static void kink_of(const struct joint *joint)
{
    double theta[SLOTS], gradient[SLOTS] = {0}, H[SLOTS * SLOTS] = {0};

    if (!joint_kinked(joint)) {
        make_point(theta, joint, 0.0);
        assert_false(joint_at_kink(joint, theta));
        return;
    }
    make_point(theta, joint, 0.0);
    assert_true(joint_at_kink(joint, theta));
    assert_true(joint_value(joint, theta) == joint_log_normaliser(joint));
    joint_add_gradient(gradient, joint, theta);
    joint_add_curvature(H, SLOTS, joint, theta, NULL);
    joint_add_diagonal(gradient, joint, theta);
    for (size_t i = 0; i < SLOTS * SLOTS; i++)
        assert_true(H[i] == 0.0 && gradient[i % SLOTS] == 0.0);
    double *last = &theta[joint->index[joint->k - 1]];
    *last = nextafter(*last, INFINITY);
    assert_false(joint_at_kink(joint, theta));
    assert_true(joint_value(joint, theta) >= joint_log_normaliser(joint));
}

static void test_kink(void **state)
{
    (void)state;
    for_each_joint(kink_of);
}

/* As for laplace where k = 1; units of a coordinate do not matter. */
static void test_residual(void **state)
{
    const double b = 0.5, h[SLOTS] = {0, 4.0, 0, 16.0, 0, 0.0};
    double theta[SLOTS] = {0}, g[SLOTS] = {0};

    (void)state;
    struct joint *one = named("group_laplace(0.5)", 1), *three = named("group_laplace(0.5)", 3);
    g[1] = -3.0;
    assert_close(joint_residual(one, theta, g, h), (3.0 - 1 / b) / 2.0, 1e-15, 0, "on", 1);
    g[1] = -1.9;
    assert_true(joint_residual(one, theta, g, h) == 0.0);
    theta[1] = 0.1;
    assert_close(joint_residual(one, theta, g, h), (2.0 - 1.9) / 2.0, 1e-14, 0, "off", 1);
    /* on the kink: norm of g is 3, its excess a third */
    theta[1] = 0.0;
    g[1] = 2.0, g[3] = -2.0, g[5] = 1.0;
    const double want = sqrt(pow(2.0 / 3 / 2, 2) + pow(2.0 / 3 / 4, 2) + pow(1.0 / 3, 2));
    assert_close(joint_residual(three, theta, g, h), want, 1e-15, 0, "on", 3);
    /* off it: stationary, then not */
    theta[1] = -0.2, theta[3] = 0.2, theta[5] = -0.1;
    g[1] = 4.0 / 3, g[3] = -4.0 / 3, g[5] = 2.0 / 3;
    assert_close(joint_residual(three, theta, g, h), 0, 0, 1e-15, "stationary", 3);
    g[3] += 0.4;
    assert_close(joint_residual(three, theta, g, h), 0.1, 1e-14, 0, "off", 3);
    joint_free(one);
    joint_free(three);
}

/* ---- draws ---- */

enum { DRAWS = 6000 };

static double distribution(double x, const void *context)
{
    const struct joint *joint = context;
    return joint_kinked(joint) ? special_gamma_p((double)joint->k, x)
                               : special_gamma_p(0.5 * (double)joint->k, x);
}

static double normal(double x, const void *context)
{
    (void)context;
    return special_normal_cdf(x);
}

/* What the density depends on is chi-squared/2 or gamma; a direction, a coordinate, is normal. */
static void draws_of(const struct joint *joint)
{
    static double sample[DRAWS], last[DRAWS];
    struct rng rng = rng_stream(5, joint->k);
    double theta[SLOTS] = {0}, H[SLOTS * SLOTS] = {0}, sum = 0.0, square = 0.0;

    if (!joint_proper(joint)) {
        assert_null(joint->row->draw);
        return;
    }
    for (int n = 0; n < DRAWS; n++) {
        joint_draw(theta, &rng, joint);
        sample[n] = joint_value(joint, theta) - joint_log_normaliser(joint);
        last[n] = theta[joint->index[joint->k - 1]] - joint->mean[joint->k - 1];
        sum += last[n] / DRAWS;
        square += last[n] * last[n] / DRAWS;
    }
    assert_true(numeric_ks(sample, DRAWS, distribution, joint) < 1.95);
    if (joint_kinked(joint)) { /* E r^2/k = b^2 (k + 1) */
        const double variance = joint->a[0] * joint->a[0] * (double)(joint->k + 1);
        assert_close(square, variance, 0.12, 0.0, "variance", (double)joint->k);
        assert_close(sum, 0.0, 0.0, 4.0 * sqrt(variance / DRAWS), "mean", (double)joint->k);
        return;
    }
    joint_add_curvature(H, SLOTS, joint, theta, NULL);
    double e[K_MAX * K_MAX];
    for (size_t a = 0; a < joint->k; a++)
        for (size_t b = 0; b < joint->k; b++)
            e[a + b * joint->k] = H[joint->index[a] + SLOTS * joint->index[b]];
    /* the variance of the last one: the corner of the inverse of the curvature */
    double values[K_MAX], variance = 0.0;
    assert_int_equal(la_eigen(values, e, joint->k, joint->k, NULL), MXP_OK);
    for (size_t i = 0; i < joint->k; i++) {
        const double part = e[joint->k - 1 + i * joint->k];
        variance += part * part / values[i];
    }
    for (int n = 0; n < DRAWS; n++)
        last[n] /= sqrt(variance);
    assert_true(numeric_ks(last, DRAWS, normal, NULL) < 1.95);
}

static void test_draws(void **state)
{
    (void)state;
    for_each_joint(draws_of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_derivatives), cmocka_unit_test(test_places),
        cmocka_unit_test(test_integrals),   cmocka_unit_test(test_determinants),
        cmocka_unit_test(test_ar1),         cmocka_unit_test(test_matrices),
        cmocka_unit_test(test_walks),       cmocka_unit_test(test_soft),
        cmocka_unit_test(test_kink),        cmocka_unit_test(test_residual),
        cmocka_unit_test(test_draws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
