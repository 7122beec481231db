/* The families of classes, multinomial and ordinal: derivatives, probabilities, sampling and
 * directions of recession, for several numbers of eta columns. */
#include "model/family.h"
#include "num/rng.h"
#include "numeric.h"

#include <string.h>

enum { COLUMNS = 4 };

struct case_of {
    const struct family *family;
    size_t link, q;
    bool symmetric;
    double y, eta[COLUMNS];
};

struct result {
    double value, d1[COLUMNS], d2[COLUMNS * COLUMNS], d3;
};

static struct result evaluate(const struct case_of *c)
{
    struct result r = {0};
    struct family_out out = {.value = &r.value, .d1 = r.d1, .d2 = r.d2, .d3 = &r.d3};
    const struct response response = {.y = &c->y, .q = c->q, .symmetric = c->symmetric};
    assert_int_equal(c->family->eval(&out, c->link, &response, c->eta, 1, NULL,
                                     FAMILY_VALUE | FAMILY_D1 | FAMILY_D2 | FAMILY_D3, NULL),
                     MXP_OK);
    return r;
}

static size_t class_count(const struct case_of *c)
{
    return c->symmetric ? c->q : c->q + 1;
}

/* Etas of a row: near 0, in a tail, and far apart; increasing for ordinal. */
static const double rows[][COLUMNS] = {
    {-1, 0.25, 1, 2.5},  {-0.25, -0.125, 0, 0.0625},
    {-12, -11.5, -7, 3}, {-30, -28, -20, -19.5},
    {4, 5, 5.25, 7},     {20, 20.5, 24, 30},
    {-30, -1, 0, 30},    {-2, -1.96875, 0.5, 0.53125},
};
enum { ROWS = 8 };

static void for_each(void (*check)(struct case_of))
{
    static const struct family *const families[] = {&family_multinomial, &family_ordinal};
    for (size_t f = 0; f < 2; f++)
        for (size_t link = 0; families[f]->links[link]; link++)
            for (size_t q = 1; q <= COLUMNS; q++)
                for (int symmetric = 0; symmetric <= (f == 0); symmetric++)
                    for (size_t row = 0; row < ROWS; row++) {
                        struct case_of c = {
                            .family = families[f], .link = link, .q = q, .symmetric = symmetric};
                        memcpy(c.eta, rows[row], sizeof c.eta);
                        for (; c.y < (double)class_count(&c); c.y++)
                            check(c);
                    }
}

struct line {
    struct case_of at;
    size_t along;
    int which; /* -2: value, -1: the second derivative, else that column's d1 */
};

static double along(double x, const void *context)
{
    struct line line = *(const struct line *)context;
    line.at.eta[line.along] += x;
    const struct result r = evaluate(&line.at);
    return line.which == -2 ? r.value : line.which == -1 ? r.d2[0] : r.d1[line.which];
}

static void check_slope(const struct line *line, double want, const char *what)
{
    double closest = INFINITY, slope = 0;
    for (double h = 0.015; h > 1e-6; h /= 4) { /* less than half of what is between two etas */
        const double up = along(h, line), down = along(-h, line);
        const double noise = 200 * DBL_EPSILON / h * fmax(fabs(up), fabs(down));
        const double found = numeric_slope(along, line, 0, h);
        const double off = fabs(found - want) / (1e-6 * fabs(want) + noise + 1e-13);
        if (off < closest) {
            closest = off;
            slope = found;
        }
    }
    if (!(closest <= 1))
        fail_msg("%s %s q %zu y %g eta %g: %s is %.12g, by differences %.12g",
                 line->at.family->name, line->at.family->links[line->at.link], line->at.q,
                 line->at.y, line->at.eta[0], what, want, slope);
}

/* Derivatives are finite and right where the value is finite; the Hessian is negative
 * semidefinite. */
static void derivatives_of(struct case_of c)
{
    const struct result r = evaluate(&c);
    const size_t q = c.q;
    struct rng rng = rng_stream(5, 0);

    assert_true(r.value <= 0);
    if (!isfinite(r.value))
        return;
    for (size_t a = 0; a < q; a++) {
        check_slope(&(struct line){c, a, -2}, r.d1[a], "d1");
        for (size_t b = 0; b < q; b++) {
            check_slope(&(struct line){c, b, (int)a}, r.d2[a + q * b], "d2");
            assert_true(r.d2[a + q * b] == r.d2[b + q * a]);
        }
    }
    if (q == 1)
        check_slope(&(struct line){c, 0, -1}, r.d3, "d3");
    for (int trial = 0; trial < 30; trial++) {
        double v[COLUMNS], form = 0, size = 0;
        for (size_t a = 0; a < q; a++)
            v[a] = trial ? rng_normal(&rng) : 1;
        for (size_t a = 0; a < q; a++)
            for (size_t b = 0; b < q; b++) {
                form += v[a] * r.d2[a + q * b] * v[b];
                size += fabs(v[a] * r.d2[a + q * b] * v[b]);
            }
        assert_true(form <= 4 * DBL_EPSILON * size);
    }
}

static void test_derivatives(void **state)
{
    (void)state;
    for_each(derivatives_of);
}

static void probabilities_of(struct case_of c)
{
    double p[COLUMNS + 1], total = 0;
    c.family->probabilities(p, c.link, c.eta, c.q, c.symmetric);
    for (size_t a = 0; a < class_count(&c); a++)
        total += p[a];
    assert_close(total, 1, 0, 1e-13, "total", c.eta[0]);
    assert_close(p[(size_t)c.y], exp(evaluate(&c).value), 1e-13, 1e-300, "probability", c.eta[0]);
}

static void test_probabilities(void **state)
{
    (void)state;
    for_each(probabilities_of);
}

/* Frequencies of draws within 4.5 sds. */
static void draws_of(struct case_of c)
{
    enum { DRAWS = 4000 };
    double p[COLUMNS + 1], count[COLUMNS + 1] = {0};
    struct rng rng = rng_stream(3, 0);
    if (c.y > 0)
        return;
    c.family->probabilities(p, c.link, c.eta, c.q, c.symmetric);
    for (int i = 0; i < DRAWS; i++) {
        const double y = c.family->draw(&rng, c.link, c.eta, c.q, c.symmetric, 1, NULL);
        assert_true(y >= 0 && y < (double)class_count(&c) && y == floor(y));
        count[(size_t)y]++;
    }
    for (size_t a = 0; a < class_count(&c); a++)
        assert_close(count[a], DRAWS * p[a], 0, 4.5 * sqrt(DRAWS * p[a] * (1 - p[a])) + 1e-9,
                     c.family->name, c.eta[0]);
}

static void test_draws(void **state)
{
    (void)state;
    for_each(draws_of);
}

/* Moves along each direction of {-1, 0, 1}^q for long. */
static void recession_of(struct case_of c)
{
    size_t directions = 1;
    if (c.eta[0] != -1 || c.eta[1] != 0.25)
        return; /* one start */
    for (size_t a = 0; a < c.q; a++)
        directions *= 3;
    for (size_t d = 0; d < directions; d++) {
        double direction[COLUMNS] = {0};
        struct case_of at = c;
        bool falls = false, rises = false;
        for (size_t a = 0, left = d; a < c.q; a++, left /= 3)
            direction[a] = (double)(left % 3) - 1;
        double here = evaluate(&c).value;
        for (int step = 0; step < 100 && isfinite(here); step++) {
            for (size_t a = 0; a < c.q; a++)
                at.eta[a] += 0.5 * direction[a];
            const double next = evaluate(&at).value, slack = 1e-13 * fabs(here) + 1e-15;
            falls = falls || next < here - slack;
            rises = rises || next > here + slack;
            here = next;
        }
        const int says = c.family->recession(c.link, c.y, 1, direction, c.q, c.symmetric, 1e-9);
        assert_int_equal(says, falls ? -1 : rises ? 1 : 0);
    }
}

static void test_recession(void **state)
{
    (void)state;
    for_each(recession_of);
}

/* One column: multinomial with a reference and ordinal are bernoulli. */
static void test_one_column(void **state)
{
    (void)state;
    for (double eta = -40; eta <= 40; eta += 2.5)
        for (double y = 0; y < 2; y++) {
            const struct case_of two = {
                .family = &family_multinomial, .q = 1, .y = 1 - y, .eta = {eta}};
            const struct case_of ordered = {
                .family = &family_ordinal, .q = 1, .y = y, .eta = {-eta}};
            double value, d1;
            struct family_out out = {.value = &value, .d1 = &d1};
            const struct response response = {.y = &y, .q = 1};
            assert_int_equal(family_bernoulli.eval(&out, 0, &response, &eta, 1, NULL,
                                                   FAMILY_VALUE | FAMILY_D1, NULL),
                             MXP_OK);
            assert_close(evaluate(&two).value, value, 1e-14, 0, "multinomial", eta);
            assert_close(evaluate(&two).d1[0], d1, 1e-14, 0, "multinomial", eta);
            assert_close(evaluate(&ordered).value, value, 1e-14, 0, "ordinal", eta);
            assert_close(-evaluate(&ordered).d1[0], d1, 1e-14, 0, "ordinal", eta);
        }
}

/* Out of order is out of the domain, wherever the response is; far apart is no trouble. */
static void test_edges(void **state)
{
    (void)state;
    for (size_t link = 0; link < 3; link++)
        for (double y = 0; y < 4; y++) {
            struct case_of c = {
                .family = &family_ordinal, .link = link, .q = 3, .y = y, .eta = {0, 2, 1}};
            assert_true(evaluate(&c).value == -INFINITY);
            c.eta[2] = 2;
            assert_true(evaluate(&c).value == -INFINITY);
            c.eta[2] = NAN;
            assert_true(evaluate(&c).value == -INFINITY);
            for (double far = 1; far < 1e300; far *= 10) {
                c.eta[0] = -far;
                c.eta[1] = 0;
                c.eta[2] = far;
                const struct result r = evaluate(&c);
                assert_true(!isnan(r.value));
                for (size_t a = 0; a < 3; a++)
                    assert_true(isfinite(r.d1[a]) && isfinite(r.d2[a + 3 * a]));
            }
        }
    struct case_of c = {.family = &family_multinomial, .q = 3, .y = 1, .eta = {1e300, -1e300, 3}};
    assert_true(evaluate(&c).value < -1e299 && evaluate(&c).d1[1] == 1);
}

/* A batch is strided: the same numbers as row by row. */
static void test_batches(void **state)
{
    enum { M = 3, Q = 2 };
    static const struct family *const families[] = {&family_multinomial, &family_ordinal};
    const double y[M] = {0, 1, 2}, eta[M * Q] = {-1, -0.5, 0, 0.5, 1, 0.25};
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        double value[M], d1[M * Q], d2[M * Q * Q];
        struct family_out out = {.value = value, .d1 = d1, .d2 = d2};
        const struct response response = {.y = y, .q = Q};
        assert_int_equal(families[f]->eval(&out, 0, &response, eta, M, NULL,
                                           FAMILY_VALUE | FAMILY_D1 | FAMILY_D2, NULL),
                         MXP_OK);
        for (size_t i = 0; i < M; i++) {
            const struct case_of c = {
                .family = families[f], .q = Q, .y = y[i], .eta = {eta[i], eta[i + M]}};
            const struct result r = evaluate(&c);
            assert_true(r.value == value[i]);
            for (size_t a = 0; a < Q; a++) {
                assert_true(r.d1[a] == d1[i + M * a]);
                for (size_t b = 0; b < Q; b++)
                    assert_true(r.d2[a + Q * b] == d2[i + M * (a + Q * b)]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_derivatives), cmocka_unit_test(test_probabilities),
        cmocka_unit_test(test_draws),       cmocka_unit_test(test_recession),
        cmocka_unit_test(test_one_column),  cmocka_unit_test(test_edges),
        cmocka_unit_test(test_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
