/* Every row of the family table with one eta column, with every link: sums and integrals over the
 * response give 1, the mean, the variance, the cumulative distribution and the expected curvature. */
#include "family_points.h"

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
        const double mean = family_mean(p.family, p.link, p.eta);
        const struct moments m = moments_of(p, n * mean, kinked);
        check_moments(&p, &m, n * mean, kinked);
        if (p.eta < 2 || family_mean(p.family, 0, 1) > 1) /* not where the mean rounds to 1 */
            assert_close(family_link_of_mean(p.family, p.link, mean), p.eta, 1e-11, 1e-11, "link",
                         p.eta);
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_distributions),
                                       cmocka_unit_test(test_expected_size)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
