/* Every row of the family table with one eta column, with every link: finite differences, sums and
 * integrals over the response, sampling.  Classes have test_family_classes.c. */
#include "model/family.h"
#include "num/rng.h"
#include "numeric.h"

static const double etas[] = {-40, -3, -0.2, 0.02, 0.5, 1.1, 2, 30};
static const double responses[] = {0,    1,   2,    7,     63,   64,  65,  1000,
                                   -1.3, 2.5, 1e-9, 0.023, 0.47, 0.9, 1e6, 0.999999};
static const double trials[] = {1, 0, 10, 1000};
enum { SCALES = 5, TRIALS = 4, ETAS = 8, RESPONSES = 16 };
static const double scales[SCALES][2] = {{0.7, 1.3}, {4, 0.3}, {30, 2}, {1e8, 1e-8}, {1e-8, 1e8}};

/* One row's evaluation at a point, and what to differentiate. */
struct point {
    const struct family *family;
    size_t link, aux;
    double y, trials, eta, psi[FAMILY_AUX_MAX];
    unsigned which; /* FAMILY_VALUE, FAMILY_D1, ...: which output */
    int in_psi;     /* the variable is log psi[aux], not eta */
};

struct result {
    double value, d1, d2, d3, dpsi[2], d2psi[4], mixed[2];
};

static struct result evaluate_as(const struct point *p, unsigned want)
{
    struct result r = {0};
    struct family_out out = {&r.value, &r.d1, &r.d2, &r.d3, r.dpsi, r.d2psi, r.mixed};
    const struct response response = {.y = &p->y, .trials = &p->trials, .q = 1};
    assert_int_equal(p->family->eval(&out, p->link, &response, &p->eta, 1, p->psi, want, NULL),
                     MXP_OK);
    return r;
}

static struct result evaluate(const struct point *p)
{
    return evaluate_as(p, FAMILY_VALUE | FAMILY_D1 | FAMILY_D2 | FAMILY_D3 | FAMILY_AUX);
}

static struct point moved(const struct point *at, double x)
{
    struct point p = *at;
    if (p.in_psi)
        p.psi[p.aux] *= exp(x);
    else
        p.eta += x;
    return p;
}

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
        const double z = (at.y - at.family->mean(at.link, at.eta)) / at.psi[0];
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

static size_t link_count(const struct family *family)
{
    size_t count = 0;
    while (family->links[count])
        count++;
    return count;
}

static int one_column(const struct family *family)
{
    return family->response == RESPONSE_NUMBER || family->response == RESPONSE_TRIALS;
}

/* Calls check for every row, link, number of trials and the first scales of its parameters. */
static void for_each(void (*check)(struct point), size_t scale_count)
{
    for (size_t f = 0; family_table[f]; f++) {
        const struct family *family = family_table[f];
        const size_t trial_count = family->response == RESPONSE_TRIALS ? TRIALS : 1;
        if (!one_column(family))
            continue;
        for (size_t link = 0; link < link_count(family); link++)
            for (size_t s = 0; s < (family->auxiliary_count ? scale_count : 1); s++) {
                if (s > 2 && link > 0)
                    break; /* too steep in eta for differences */
                for (size_t t = 0; t < trial_count; t++)
                    check((struct point){.family = family,
                                         .link = link,
                                         .trials = trials[t],
                                         .psi = {scales[s][0], scales[s][1]}});
            }
    }
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

static int is_discrete(const struct family *family)
{
    return family == &family_bernoulli || family->check(0.5, 1) != NULL;
}

/* The j-th node of a sum, or of the trapezoid rule in a variable that tames the tails and puts a
 * node at the mean; its weight, or 0 beyond the last. */
static double node(struct point *p, long j, double mean)
{
    if (is_discrete(p->family)) {
        const double k = p->psi[0];
        const double far = p->family == &family_negative_binomial ? 60 * (1 + mean / k) : 0;
        p->y = (double)j;
        return p->y <= mean + 40 * sqrt(mean) + 60 + far ? 1 : 0;
    }
    if (!p->family->check(-1, 1)) { /* the real line */
        const double scale = p->family->auxiliary_count == 2 && p->family == &family_student_t
                                 ? p->psi[1]
                                 : p->psi[0];
        const double t = (double)(j - 25600) / 512;
        p->y = mean + scale * sinh(t);
        return j <= 51200 ? scale * cosh(t) / 512 : 0;
    }
    if (!p->family->check(2, 1)) { /* above 0 */
        p->y = mean * exp((double)(j - 25600) / 256);
        return j <= 27200 ? p->y / 256 : 0;
    }
    const double t = (double)(j - 25600) / 512, rest = 1 / (1 + exp(t));
    p->y = fmin(1 / (1 + exp(-t)), 1 - DBL_EPSILON / 2);
    return j <= 51200 ? p->y * rest / 512 : 0;
}

struct moments {
    double total, mean, square, d2, d2psi[2][2], mixed[2];
};

/* Sums over y of the density, with the first moments about the mean, and minus the products of the
 * first derivatives, whose expectations are those of the second derivatives; cdf against the
 * running total. */
static struct moments moments_of(struct point p, double mean, int kinked)
{
    struct moments sum = {0};
    double weight;
    for (long j = 0; (weight = node(&p, j, mean)) > 0; j++) {
        if (p.family->check(p.y, p.trials))
            continue;
        const struct result r = evaluate(&p);
        const double mass = exp(r.value) * weight;
        assert_true(!isnan(mass));
        if (mass == 0)
            continue;
        sum.total += mass;
        sum.mean += mass * (p.y - mean);
        sum.square += mass * (p.y - mean) * (p.y - mean);
        sum.d2 -= mass * r.d1 * r.d1;
        for (size_t s = 0; s < 2; s++) {
            sum.mixed[s] -= mass * r.d1 * r.dpsi[s];
            for (size_t t = 0; t < 2; t++)
                sum.d2psi[s][t] -= mass * r.dpsi[s] * r.dpsi[t];
        }
        if (mass < 1e-9 && j % 64)
            continue;
        const double cdf = p.family->cdf(p.y, p.trials, p.link, p.eta, p.psi);
        const double half = is_discrete(p.family) ? 0 : mass / 2; /* the trapezoid rule */
        assert_close(cdf, sum.total - half, 0,
                     is_discrete(p.family) ? 1e-11
                     : kinked              ? 1e-4
                                           : 2e-5,
                     p.family->name, p.y);
    }
    return sum;
}

static void check_moments(const struct point *p, const struct moments *m, double mean, int kinked)
{
    const char *name = p->family->name;
    const double n = p->family->response == RESPONSE_TRIALS ? p->trials : 1;
    const double variance = n * p->family->variance(mean / fmax(n, 1), p->psi);
    const double exact = kinked ? 1e-5 : 1e-9, rough = kinked ? 3e-3 : 1e-5;
    const struct result r = evaluate_as(p, FAMILY_D2 | FAMILY_AUX | FAMILY_EXPECTED);

    assert_close(m->total, 1, 0, exact, name, p->eta);
    if (isfinite(variance) && (p->family != &family_student_t || p->psi[0] > 3.5)) {
        assert_close(m->mean, 0, 0, exact * (1 + sqrt(variance)), name, p->eta);
        assert_close(m->square, variance, p->family == &family_student_t ? 1e-3 : 10 * exact, 1e-12,
                     name, p->eta);
    }
    if (p->family == &family_poisson)
        return; /* concave with all links: no expectations */
    assert_close(r.d2, m->d2, rough, 1e-9, name, p->eta);
    for (size_t s = 0; s < p->family->auxiliary_count; s++) {
        assert_close(r.mixed[s], m->mixed[s], 0, rough * (1 + sqrt(fabs(r.d2))), name, p->eta);
        for (size_t t = 0; t < p->family->auxiliary_count; t++) {
            const double got = r.d2psi[s + p->family->auxiliary_count * t];
            assert_close(got, m->d2psi[s][t], rough, rough * 0.01, name, p->eta);
        }
    }
}

static void distribution_of(struct point p)
{
    static const double centres[] = {-1.5, 0.3, 1.2, 5};
    const double n = p.family->response == RESPONSE_TRIALS ? p.trials : 1;
    const int kinked = p.family == &family_laplace || p.family == &family_huber;

    for (size_t j = 0; j < sizeof centres / sizeof *centres; j++) {
        p.eta = centres[j];
        p.y = is_discrete(p.family) ? 0 : 0.5;
        if (n == 0 || !isfinite(evaluate(&p).value) || (p.family == &family_beta && p.eta > 2))
            continue;
        if (p.family == &family_beta && p.psi[0] < 30)
            p.psi[0] = 30; /* shapes above 1, for the sake of the quadrature near 1 */
        const double mean = p.family->mean(p.link, p.eta);
        const struct moments m = moments_of(p, n * mean, kinked);
        check_moments(&p, &m, n * mean, kinked);
        if (p.eta < 2 || p.family->mean(0, 1) > 1) /* not where the mean rounds to 1 */
            assert_close(p.family->link_of_mean(p.link, mean), p.eta, 1e-11, 1e-11, "link", p.eta);
    }
}

static void test_distributions(void **state)
{
    (void)state;
    for_each(distribution_of, 3);
}

/* The strided sum of expected curvature in log size against the full one. */
static void test_expected_size(void **state)
{
    static const double sizes[] = {0.3, 20, 1e4};
    (void)state;
    for (size_t s = 0; s < 3; s++) {
        struct point p = {
            .family = &family_negative_binomial, .trials = 1, .eta = 8.5, .psi = {sizes[s], 1}};
        const double mean = exp(p.eta),
                     got = evaluate_as(&p, FAMILY_AUX | FAMILY_EXPECTED).d2psi[0];
        double sum = 0;
        for (long j = 0; node(&p, j, mean) > 0; j++) {
            const struct result r = evaluate(&p);
            sum += exp(r.value) * r.d2psi[0];
        }
        assert_close(got, sum, 1e-5, 0, "expected", sizes[s]);
    }
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
        p.eta = p.family->link_of_mean(0, mean);
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

        cmocka_unit_test(test_far),           cmocka_unit_test(test_derivatives),
        cmocka_unit_test(test_conjugates),    cmocka_unit_test(test_recession),
        cmocka_unit_test(test_distributions), cmocka_unit_test(test_samplers),
        cmocka_unit_test(test_saturated),     cmocka_unit_test(test_batches),
        cmocka_unit_test(test_expected_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
