/* Every row of the family table with one eta column, with every link: finite differences, conjugates,
 * directions of recession, sampling.  test_family_moments.c has sums and integrals.  Classes have test_family_classes.c. */
#include "family_points.h"
#include "num/rng.h"

/* The auxiliary parameter in the bits from 8 on: dpsi of that one. */
static double along(double x, const void *context)
{
    const struct point p = moved(context, x);
    const struct result r = evaluate(&p);
    switch (p.which & 255U) {
    case FAMILY_VALUE:
        return r.value;
    case FAMILY_D1:
        return r.d1;
    case FAMILY_D2:
        return r.d2;
    default:
        return r.dpsi[p.which >> 8];
    }
}

/* laplace and huber have kinks in d1 and d2 where y - mean is 0 or +-k scales. */
static int crosses_kink(const struct point *p, double h)
{
    if (p->family != &family_laplace && p->family != &family_huber)
        return 0;
    int side[2];
    for (int i = 0; i < 2; i++) {
        const struct point at = moved(p, i ? h : -h);
        const double z = (at.y - family_mean(at.family, at.link, at.eta)) / at.psi[0];
        const double bend = at.family == &family_huber ? at.psi[1] : 0;
        side[i] = z < -bend ? -1 : z > bend ? 1 : at.family == &family_huber ? 0 : 2;
    }
    return side[0] != side[1];
}

/* One derivative against central differences of the one below it, of the step that does best:
 * rounding leaves eps |f| / h and the formula's own error grows with h^4. */
static void check_slope(struct point p, unsigned which, int in_psi, double want, const char *what)
{
    double closest = INFINITY, slope = 0;
    int tried = 0;
    p.which = which;
    p.in_psi = in_psi;
    for (double h = 0.08; h > 1e-7; h /= 4) {
        const double up = along(h, &p), down = along(-h, &p);
        if (crosses_kink(&p, h) || !isfinite(up) || !isfinite(down))
            continue;
        /* eta + h is off by an ulp of eta, which matters where f is steep in eta */
        const double noise =
            DBL_EPSILON / h * (200 * fmax(fabs(up), fabs(down)) + 4 * fabs(p.eta * want));
        const double found = numeric_slope(along, &p, 0, h);
        const double off = fabs(found - want) / (3e-6 * fabs(want) + noise + 1e-12);
        tried = 1;
        if (off < closest) {
            closest = off;
            slope = found;
        }
    }
    if (tried && !(closest <= 1))
        fail_msg("%s %s %s at eta %g, y %g, psi %g %g: %.12g, by differences %.12g", p.family->name,
                 p.family->links[p.link], what, p.eta, p.y, p.psi[0], p.psi[1], want, slope);
}

static void check_point(struct point p)
{
    const struct result r = evaluate(&p);
    const size_t count = p.family->auxiliary_count;
    assert_true(!isnan(r.value));
    if (!isfinite(r.value))
        return;
    assert_true(isfinite(r.d1) && isfinite(r.d2) && isfinite(r.d3));
    check_slope(p, FAMILY_VALUE, 0, r.d1, "d1");
    check_slope(p, FAMILY_D1, 0, r.d2, "d2");
    check_slope(p, FAMILY_D2, 0, r.d3, "d3");
    for (p.aux = 0; p.aux < count; p.aux++) {
        check_slope(p, FAMILY_VALUE, 1, r.dpsi[p.aux], "dpsi");
        for (unsigned s = 0; s < count; s++)
            check_slope(p, FAMILY_AUX | s << 8, 1, r.d2psi[s + count * p.aux], "d2psi");
        check_slope(p, FAMILY_D1, 1, r.mixed[p.aux], "deta_dpsi");
    }
    if (p.family->concave(p.link))
        assert_true(r.d2 <= 0);
    if (p.family->quadratic && p.link == 0)
        assert_true(r.d3 == 0);
    const double best = p.family->saturated(p.y, p.trials, p.psi);
    assert_true(r.value <= best + 1e-12 + 4 * DBL_EPSILON * fabs(best));
}

static void derivatives_of(struct point p)
{
    for (size_t i = 0; i < RESPONSES; i++)
        for (size_t j = 0; j < ETAS; j++) {
            p.y = responses[i];
            p.eta = etas[j];
            if (!p.family->check(p.y, p.trials))
                check_point(p);
        }
}

static void test_derivatives(void **state)
{
    (void)state;
    for_each(derivatives_of, SCALES);
}

/* With the first link.  The supremum of u eta + log f is where u = -d1: there it is u eta + value.
 * Elsewhere it is above. */
static void conjugate_of(struct point p)
{
    if (p.link != 0 || !p.family->conjugate)
        return;
    for (size_t i = 0; i < RESPONSES; i++)
        for (size_t j = 0; j < ETAS; j++) {
            p.y = responses[i];
            p.eta = etas[j];
            if (p.family->check(p.y, p.trials))
                continue;
            const struct result r = evaluate(&p);
            const double size =
                fabs(r.d1 * p.eta) + fabs(r.d1 * p.y) + fabs(r.value) + p.trials * fabs(p.trials);
            assert_close(p.family->conjugate(-r.d1, p.y, p.trials, p.psi), r.value - r.d1 * p.eta,
                         0, 1e-13 * size + 1e-13, "conjugate", p.eta);
        }
}

static void test_conjugates(void **state)
{
    (void)state;
    for_each(conjugate_of, SCALES);
}

/* Along a direction from several starts: never a fall and a rise somewhere, nothing at all, or a
 * fall from some start. */
static void recession_along(struct point p, double direction)
{
    static const double starts[] = {-20, -3, 0.5, 2, 20};
    int falls = 0, rises = 0;
    const int says = p.family->recession
                         ? p.family->recession(p.link, p.y, p.trials, &direction, 1, false, 1e-9)
                         : -1;
    for (size_t j = 0; j < 5; j++) {
        p.eta = starts[j];
        double here = evaluate(&p).value;
        for (int step = 1; step < 600 && isfinite(here); step++) {
            p.eta = starts[j] + direction * step * 0.5;
            const double next = evaluate(&p).value;
            const double slack = 1e-13 * (1 + fabs(here));
            falls |= next < here - slack;
            rises |= next > here + slack;
            here = next;
        }
    }
    if (says != (falls ? -1 : rises ? 1 : 0))
        fail_msg("%s %s: direction %g, y %g, trials %g: %d", p.family->name,
                 p.family->links[p.link], direction, p.y, p.trials, says);
}

static void recession_of(struct point p)
{
    const double still = 1e-12;
    for (size_t i = 0; i < RESPONSES; i++) {
        p.y = responses[i];
        if (p.family->check(p.y, p.trials) || p.y > 100 || (p.y > 0 && p.y < 1e-3))
            continue;
        recession_along(p, 1);
        recession_along(p, -1);
        if (p.family->recession)
            assert_int_equal(p.family->recession(p.link, p.y, p.trials, &still, 1, false, 1e-9), 0);
    }
}

static void test_recession(void **state)
{
    (void)state;
    for_each(recession_of, 2);
}

enum { DRAWS = 20000 };

static void sampler_of(struct point p)
{
    static double sample[DRAWS];
    static const double centres[] = {-1, 0.4, 4};
    struct rng rng = rng_stream(11, 0);
    for (size_t j = 0; j < sizeof centres / sizeof *centres; j++) {
        p.eta = centres[j];
        p.y = is_discrete(p.family) ? 0 : 0.5;
        if (!isfinite(evaluate(&p).value) || (p.family == &family_beta && p.eta > 2))
            continue; /* beta draws that round to 1 */
        for (int i = 0; i < DRAWS; i++) {
            sample[i] = p.family->draw(&rng, p.link, &p.eta, 1, false, p.trials, p.psi);
            assert_null(p.family->check(sample[i], p.trials));
        }
        qsort(sample, DRAWS, sizeof *sample, numeric_order);
        for (int i = DRAWS / 50; i < DRAWS; i += DRAWS / 50) {
            int below = i; /* the number of draws <= sample[i] */
            while (below < DRAWS && sample[below] == sample[i])
                below++;
            const double cdf = p.family->cdf(sample[i], p.trials, p.link, p.eta, p.psi);
            assert_close((double)below / DRAWS, cdf, 0, 4 * sqrt(0.25 / DRAWS), p.family->name,
                         p.eta);
        }
    }
}

static void test_samplers(void **state)
{
    (void)state;
    for_each(sampler_of, 3);
}

static double fall(double eta, const void *context)
{
    struct point p = *(const struct point *)context;
    p.eta = eta;
    return -evaluate(&p).value;
}

/* The bound that check_point sees respected is reached: at the mean y, or at the best eta. */
static void saturated_of(struct point p)
{
    for (size_t i = 0; i < RESPONSES && p.link == 0; i++) {
        p.y = responses[i];
        if (p.family->check(p.y, p.trials))
            continue;
        const double mean = p.y / (p.family->response == RESPONSE_TRIALS ? fmax(p.trials, 1) : 1);
        p.eta = family_link_of_mean(p.family, 0, mean);
        if (isinf(p.eta)) /* a mean on the edge of its range */
            p.eta = copysign(700, p.eta);
        if (p.family == &family_beta)
            p.eta = numeric_argmin(fall, &p, -60, 60);
        assert_close(evaluate(&p).value, p.family->saturated(p.y, p.trials, p.psi), 1e-13, 1e-13,
                     p.family->name, p.y);
    }
}

static void test_saturated(void **state)
{
    (void)state;
    for_each(saturated_of, 3);
}

/* Outputs that are not wanted may be NULL; a batch gives what its rows give one by one. */
static void batch_of(struct point p)
{
    const double unit = is_discrete(p.family) ? 1 : 0.25;
    const double y[] = {unit, unit, 1 - unit, unit, unit}, eta[] = {-2, 0.5, 0, 1, 300};
    const double n[] = {1, 1, 1, 1, 1};
    const struct response response = {.y = y, .trials = n, .q = 1};
    double value[5], d1[5];
    struct family_out out = {.value = value};
    assert_int_equal(p.family->eval(&out, p.link, &response, eta, 5, p.psi, FAMILY_VALUE, NULL), 0);
    out = (struct family_out){.d1 = d1};
    assert_int_equal(p.family->eval(&out, p.link, &response, eta, 5, p.psi, FAMILY_D1, NULL), 0);
    for (size_t i = 0; i < 5; i++) {
        p.y = y[i];
        p.eta = eta[i];
        p.trials = 1;
        assert_close(evaluate(&p).value, value[i], 0, 1e-15, p.family->name, eta[i]);
        assert_true(evaluate(&p).d1 == d1[i]);
    }
}

static void test_batches(void **state)
{
    (void)state;
    for_each(batch_of, 1);
}

/* Far out nothing is NaN, and what is finite has finite derivatives. */
static void far_of(struct point p)
{
    static const double far[] = {-1e300, -1e10, -745, -700, -90,  -1e-300, 0,
                                 1e-300, 90,    700,  745,  1e10, 1e300};
    for (size_t i = 0; i < RESPONSES; i++)
        for (size_t j = 0; j < sizeof far / sizeof *far; j++) {
            p.y = responses[i];
            p.eta = far[j];
            if (p.family->check(p.y, p.trials))
                continue;
            const struct result r = evaluate(&p);
            const double parts[] = {r.d1, r.d2, r.d3, r.dpsi[0], r.d2psi[0], r.mixed[0]};
            int bad = isnan(r.value) || r.value == INFINITY;
            for (size_t k = 0; k < 6; k++)
                bad |= isfinite(r.value) && !isfinite(parts[k]);
            if (bad)
                fail_msg("%s %s y %g eta %g psi %g: %g %g %g %g", p.family->name,
                         p.family->links[p.link], p.y, p.eta, p.psi[0], r.value, r.d1, r.d2, r.d3);
        }
}

static void test_far(void **state)
{
    (void)state;
    for_each(far_of, SCALES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {

        cmocka_unit_test(test_far),        cmocka_unit_test(test_derivatives),
        cmocka_unit_test(test_conjugates), cmocka_unit_test(test_recession),
        cmocka_unit_test(test_samplers),   cmocka_unit_test(test_saturated),
        cmocka_unit_test(test_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
