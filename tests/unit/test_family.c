/* Every row of the family table, by finite differences, sums and sampling. */
#include "model/family.h"
#include "num/rng.h"
#include "numeric.h"

#include <string.h>

static const double etas[] = {-40, -3, -0.2, 0, 0.5, 2, 30};
static const double responses[] = {0, 1, 2, 7, 63, 64, 65, 1000, -1.3, 2.5, 1e6};
static const double scales[] = {1e-8, 0.7, 1e8};

/* One row's evaluation at a point, and what to differentiate. */
struct point {
    const struct family *family;
    size_t link, aux;
    double y, eta, psi[FAMILY_AUX_MAX];
    unsigned which; /* FAMILY_VALUE, FAMILY_D1, ...: which output */
    int in_psi;     /* the variable is log psi[aux], not eta */
};

struct result {
    double value, d1, d2, d3, dpsi[2], d2psi[4], mixed[2];
};

static struct result evaluate(const struct point *p)
{
    struct result r = {0};
    struct family_out out = {&r.value, &r.d1, &r.d2, &r.d3, r.dpsi, r.d2psi, r.mixed};
    const unsigned all = FAMILY_VALUE | FAMILY_D1 | FAMILY_D2 | FAMILY_D3 | FAMILY_AUX;
    assert_int_equal(p->family->eval(&out, p->link, &p->y, &p->eta, 1, p->psi, all, NULL), MXP_OK);
    return r;
}

static double along(double x, const void *context)
{
    struct point p = *(const struct point *)context;
    if (p.in_psi)
        p.psi[p.aux] *= exp(x);
    else
        p.eta += x;
    const struct result r = evaluate(&p);
    switch (p.which) {
    case FAMILY_VALUE:
        return r.value;
    case FAMILY_D1:
        return r.d1;
    case FAMILY_D2:
        return r.d2;
    default:
        return r.dpsi[p.aux];
    }
}

/* One derivative against central differences of the one below it.  Rounding leaves eps |f| / h, the
 * formula's own error is of the order h^4 times a derivative that is judged by the second. */
static void check_slope(struct point p, unsigned which, int in_psi, double want, const char *what)
{
    const double h = 1e-2;
    p.which = which;
    p.in_psi = in_psi;
    const double up = along(h, &p), down = along(-h, &p), bend = (up - 2 * along(0, &p) + down);
    const double noise = 50 * DBL_EPSILON * fmax(fabs(up), fabs(down)) / h;
    assert_close(want, numeric_slope(along, &p, 0, h), 1e-7, noise + 1e-9 * fabs(bend) / h / h,
                 what, p.eta);
}

static void check_point(struct point p)
{
    const struct result r = evaluate(&p);
    if (!isfinite(r.value))
        return;
    check_slope(p, FAMILY_VALUE, 0, r.d1, "d1");
    check_slope(p, FAMILY_D1, 0, r.d2, "d2");
    check_slope(p, FAMILY_D2, 0, r.d3, "d3");
    for (p.aux = 0; p.aux < p.family->auxiliary_count; p.aux++) {
        check_slope(p, FAMILY_VALUE, 1, r.dpsi[p.aux], "dpsi");
        check_slope(p, FAMILY_AUX, 1, r.d2psi[p.aux + p.family->auxiliary_count * p.aux], "d2psi");
        check_slope(p, FAMILY_D1, 1, r.mixed[p.aux], "deta_dpsi");
    }
    if (p.family->concave)
        assert_true(r.d2 <= 0);
    if (p.family->quadratic)
        assert_true(r.d3 == 0);
    const double best = p.family->saturated(p.y, p.psi);
    assert_true(r.value <= best + 1e-12 + 4 * DBL_EPSILON * fabs(best));
}

/* The supremum of u eta + log f is where u = -d1: there it is u eta + value.  Elsewhere it is above.
 * Along its direction of recession log f never falls. */
static void conjugate_of(struct point p)
{
    for (size_t i = 0; i < sizeof responses / sizeof *responses; i++)
        for (size_t j = 0; j < sizeof etas / sizeof *etas; j++) {
            p.y = responses[i];
            p.eta = etas[j];
            if (p.family->check(p.y))
                continue;
            const struct result r = evaluate(&p);
            const int toward = p.family->recession ? p.family->recession(p.y) : 0;
            const double here = r.value, size = fabs(r.d1 * p.eta) + fabs(r.d1 * p.y) + fabs(here);
            if (p.family->conjugate)
                assert_close(p.family->conjugate(-r.d1, p.y, p.psi), here - r.d1 * p.eta, 0,
                             1e-13 * size + 1e-13, "conjugate", p.eta);
            for (double far = 1; far < 1e3 && toward; far *= 10) {
                p.eta = etas[j] + toward * far;
                assert_true(evaluate(&p).value >= here);
            }
        }
}

static size_t link_count(const struct family *family)
{
    size_t count = 0;
    while (family->links[count])
        count++;
    return count;
}

/* Calls check for every row, link and scale of its auxiliary parameters. */
static void for_each(void (*check)(struct point))
{
    for (size_t f = 0; family_table[f]; f++)
        for (size_t link = 0; link < link_count(family_table[f]); link++)
            for (size_t s = 0; s < sizeof scales / sizeof *scales; s++)
                check((struct point){
                    .family = family_table[f], .link = link, .psi = {scales[s], scales[s]}});
}

static void derivatives_of(struct point p)
{
    for (size_t i = 0; i < sizeof responses / sizeof *responses; i++)
        for (size_t j = 0; j < sizeof etas / sizeof *etas; j++) {
            p.y = responses[i];
            p.eta = etas[j];
            if (!p.family->check(p.y))
                check_point(p);
        }
}

static void test_derivatives(void **state)
{
    (void)state;
    for_each(derivatives_of);
}

static void test_conjugates(void **state)
{
    (void)state;
    for_each(conjugate_of);
}

static int is_discrete(const struct family *family)
{
    return family->check(0.5) != NULL;
}

/* The mass or density summed up to y against cdf; its total is 1, its mean is the mean. */
static void normalisation_of(struct point p)
{
    static const double centres[] = {-3, 0, 1, 6};
    for (size_t j = 0; j < sizeof centres / sizeof *centres; j++) {
        p.eta = centres[j];
        const double mean = p.family->mean(p.link, p.eta), sd = p.psi[0];
        const int discrete = is_discrete(p.family);
        const double step = discrete ? 1 : sd / 64, first = discrete ? 0 : mean - 40 * sd;
        const double last = discrete ? mean + 40 * sqrt(mean) + 60 : mean + 40 * sd;
        double total = 0, weighted = 0;
        for (double i = 0; (p.y = first + i * step) <= last; i++) {
            if (p.family->check(p.y))
                continue;
            const double mass = exp(evaluate(&p).value) * step;
            total += mass;
            weighted += mass * (p.y - mean);
            const double cdf = p.family->cdf(p.y, p.link, p.eta, p.psi);
            const double half = discrete ? 0 : mass / 2; /* the trapezoid rule */
            assert_close(cdf, total - half, 0, discrete ? 1e-12 : 1e-4, "cdf", p.y);
        }
        /* eta + 40 sd is off its exact value by an ulp of eta: relative to sd = 1e-8 that counts */
        const double rounding = discrete ? 0 : 100 * DBL_EPSILON * fabs(mean) / sd;
        assert_close(total, 1, 0, 1e-12 + rounding, "total", p.eta);
        assert_close(weighted / (discrete ? 1 : sd), 0, 0, 1e-11 * (1 + fabs(mean)) + rounding,
                     "mean", p.eta);
        assert_close(p.family->link_of_mean(p.link, mean), p.eta, 1e-12, 1e-12, "link", p.eta);
    }
}

static void test_normalisation(void **state)
{
    (void)state;
    for_each(normalisation_of);
}

enum { DRAWS = 20000 };

static void sampler_of(struct point p)
{
    static double sample[DRAWS];
    static const double centres[] = {-1, 0.4, 4};
    struct rng rng = rng_stream(11, 0);
    for (size_t j = 0; j < sizeof centres / sizeof *centres; j++) {
        p.eta = centres[j];
        for (int i = 0; i < DRAWS; i++) {
            sample[i] = p.family->draw(&rng, p.link, p.eta, p.psi);
            assert_null(p.family->check(sample[i]));
        }
        qsort(sample, DRAWS, sizeof *sample, numeric_order);
        for (int i = DRAWS / 50; i < DRAWS; i += DRAWS / 50) {
            int below = i; /* the number of draws <= sample[i] */
            while (below < DRAWS && sample[below] == sample[i])
                below++;
            const double cdf = p.family->cdf(sample[i], p.link, p.eta, p.psi);
            assert_close((double)below / DRAWS, cdf, 0, 4 * sqrt(0.25 / DRAWS), "draws", p.eta);
        }
    }
}

static void test_samplers(void **state)
{
    (void)state;
    for_each(sampler_of);
}

static void test_saturated(void **state)
{
    (void)state;
    for (size_t f = 0; family_table[f]; f++)
        for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
            struct point p = {.family = family_table[f], .y = responses[i], .psi = {0.7, 0.7}};
            if (p.family->check(p.y))
                continue;
            p.eta = p.family->link_of_mean(0, p.y);
            p.eta = fmin(fmax(p.eta, -700), 700); /* a mean on the edge of its range */
            if (p.family == &family_gaussian)
                p.eta = p.y;
            assert_close(evaluate(&p).value, p.family->saturated(p.y, p.psi), 1e-13, 1e-13,
                         "saturated", p.y);
        }
}

/* Outputs that are not wanted may be NULL; a batch gives what its rows give one by one. */
static void test_batches(void **state)
{
    (void)state;
    for (size_t f = 0; family_table[f]; f++) {
        const double y[] = {0, 1, 1, 0, 1}, eta[] = {-2, -1, 0, 1, 300}, psi[] = {0.5, 0.5};
        double value[5], d1[5];
        struct family_out out = {.value = value};
        assert_int_equal(family_table[f]->eval(&out, 0, y, eta, 5, psi, FAMILY_VALUE, NULL), 0);
        out = (struct family_out){.d1 = d1};
        assert_int_equal(family_table[f]->eval(&out, 0, y, eta, 5, psi, FAMILY_D1, NULL), 0);
        for (size_t i = 0; i < 5; i++) {
            struct point p = {
                .family = family_table[f], .y = y[i], .eta = eta[i], .psi = {0.5, 0.5}};
            assert_true(evaluate(&p).value == value[i] && evaluate(&p).d1 == d1[i]);
        }
    }
}

static void check_value(const struct family *family, double y, double eta, double psi, double want,
                        double relative)
{
    const struct point p = {.family = family, .y = y, .eta = eta, .psi = {psi}};
    assert_close(evaluate(&p).value, want, relative, 0, family->name, eta);
}

/* Values from mpmath 1.3 with 60 digits, of the doubles as written here.  At large counts half an
 * ulp of eta is what is left of the precision. */
static void test_pins(void **state)
{
    (void)state;
    check_value(&family_gaussian, 1.3, 0.2, 0.7, -1.79695746681696094, 1e-14);
    check_value(&family_gaussian, 3, -1e-08, 1e-08, -45000000299999981.1, 1e-14);
    check_value(&family_gaussian, -100000000.0, 2, 100000000.0, -19.8396192971570384, 1e-14);
    check_value(&family_bernoulli, 1, 0.3, 1, -0.554355244468527124, 1e-14);
    check_value(&family_bernoulli, 0, 0.3, 1, -0.854355244468527112, 1e-14);
    check_value(&family_bernoulli, 1, 40.0, 1, -4.24835425529158899e-18, 1e-14);
    check_value(&family_bernoulli, 0, -3.0, 1, -0.0485873515737420588, 1e-14);
    check_value(&family_poisson, 0, -2.0, 1, -0.135335283236612692, 1e-12);
    check_value(&family_poisson, 3, 1.5, 1, -1.77344853956611982, 1e-12);
    check_value(&family_poisson, 63, 4.0, 1, -3.60746643242576576, 1e-12);
    check_value(&family_poisson, 64, 4.2, 1, -3.05453052356634066, 1e-12);
    check_value(&family_poisson, 1000, 6.5, 1, -77.2698115325251896, 1e-12);
    check_value(&family_poisson, 100000000, 18.42078, 1, -10.6218833534768679, 1e-11);
    check_value(&family_poisson, 1000000000000.0, 27.6310211, 1, -14.7345759504658179, 1e-9);
    check_value(&family_bernoulli, 1, -800, 1, -800, 1e-15);
    check_value(&family_poisson, 0, 709, 1, -8.2184074615549724e307, 1e-12);
    check_value(&family_poisson, 5, 710, 1, -INFINITY, 0);
    check_value(&family_poisson, 1000, 800, 1, -INFINITY, 0);
    check_value(&family_gaussian, 1e300, -1e300, 1e-8, -INFINITY, 0);
    for (double eta = -745; eta < 746; eta += 5) {
        const struct point p = {.family = &family_bernoulli, .y = 1, .eta = eta, .psi = {1}};
        const struct result r = evaluate(&p);
        assert_true(isfinite(r.value) && isfinite(r.d1) && isfinite(r.d2) && isfinite(r.d3));
        assert_true(r.value < 0 || eta > 700);
    }
}

static void test_table(void **state)
{
    (void)state;
    assert_ptr_equal(family_find("poisson"), &family_poisson);
    assert_null(family_find("Poisson"));
    assert_int_equal(family_link(&family_bernoulli, "logit"), 0);
    assert_int_equal(family_link(&family_bernoulli, "log"), -1);
    assert_string_equal(family_bernoulli.check(2), "is not 0 or 1");
    assert_string_equal(family_poisson.check(-1), "is not a count 0, 1, 2, ...");
    assert_string_equal(family_poisson.check(1.5), "is not a count 0, 1, 2, ...");
    assert_non_null(family_gaussian.check(NAN));
    assert_non_null(family_bernoulli.check(NAN));
    assert_non_null(family_poisson.check(INFINITY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),      cmocka_unit_test(test_derivatives),
        cmocka_unit_test(test_conjugates), cmocka_unit_test(test_normalisation),
        cmocka_unit_test(test_samplers),   cmocka_unit_test(test_saturated),
        cmocka_unit_test(test_batches),    cmocka_unit_test(test_pins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
