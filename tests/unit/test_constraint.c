/* Linear constraints as text, and hard ones as a null space. */
#include "model/constraint.h"
#include "model/equality.h"
#include "num/rng.h"
#include "num/twofold.h"
#include "numeric.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    "bmi",         "bp",           "a",      "b",   "odd name", "site[b]", "site[b-c]",  "age:sex",
    "poly(x, 2)1", "poly(x, 2)10", "age",    "log", "a-b",      "x.1_y",   "I(a / b^2)", "2x",
    "site[b]:age", "größe",        "inter]",
};
enum { NAMES = sizeof names / sizeof *names };

/* ---- text ---- */

/* The text reads as what format writes for it, which reads as itself. */
static void assert_reads(const char *text, const char *want)
{
    const char *next = text;

    for (int round = 0; round < 2; round++, next = want) {
        struct constraint *c = NULL;
        struct str out = {0};
        mxp_error error = {0};
        if (constraint_parse(&c, next, names, NAMES, (struct place){0}, &error) != MXP_OK)
            fail_msg("%s: %s", next, error.message);
        constraint_format(&out, c, names);
        assert_string_equal(out.text, want);
        assert_string_equal(c->text, next);
        str_free(&out);
        constraint_free(c);
    }
}

static void test_reads(void **state)
{
    (void)state;
    assert_reads("bmi - bp ~ gaussian(0, 0.1)", "bmi - bp ~ gaussian(0, 0.1)");
    assert_reads("a = b", "a - b = 0");
    assert_reads("2*a + b/4 - `odd name` + site[b] = 1",
                 "2 * a + 0.25 * b - `odd name` + site[b] = 1");
    assert_reads("a+b+1 ~ normal(mean=3, sd=2)", "a + b ~ gaussian(2, 2)");
    assert_reads("a ~ gaussian(0.5)", "a ~ gaussian(0, 0.5)");
    assert_reads(" - ( a - 2*(b - 1) ) = -+-3 ", "-a + 2 * b = 5");
    assert_reads("(a + b) / 2 * 3 = 2 * 3 / 4", "1.5 * a + 1.5 * b = 1.5");
    assert_reads("2 * 3 * a = b * 4 / 2", "6 * a - 2 * b = 0");
    assert_reads("a + b + a - b = 1e-3", "2 * a = 0.001");
    assert_reads("age:sex - age = 0", "age:sex - age = 0");
    assert_reads("poly(x, 2)1 = poly(x, 2)10", "poly(x, 2)1 - poly(x, 2)10 = 0");
    assert_reads("site[b] = site[b-c] + site[b]:age", "site[b] - site[b-c] - site[b]:age = 0");
    assert_reads("a-b=0", "a - b = 0");
    assert_reads("`a-b` = 0", "`a-b` = 0");
    assert_reads("2*`2x` - `bmi` = 0", "-bmi + 2 * `2x` = 0");
    assert_reads("log - x.1_y = I(a / b^2)", "log - x.1_y - I(a / b^2) = 0");
    assert_reads("größe = `inter]`", "größe - `inter]` = 0");
    assert_reads("0 = a", "-a = 0");
}

static void assert_refused(const char *text, const char *words, unsigned column)
{
    static const struct source source = {.name = "m.yaml"};
    struct constraint *c = NULL;
    char head[40], bare[40];
    mxp_error error = {0};

    (void)snprintf(head, sizeof head, "m.yaml:3:%u: ", 10 + column);
    (void)snprintf(bare, sizeof bare, "\", character %u: ", column);
    assert_int_equal(
        constraint_parse(&c, text, names, NAMES, (struct place){&source, 3, 11}, &error),
        MXP_CONFIG);
    if (!strstr(error.message, words) || !strstr(error.message, head))
        fail_msg("%s: %s", text, error.message);
    assert_int_equal(constraint_parse(&c, text, names, NAMES, (struct place){0}, &error),
                     MXP_CONFIG);
    if (!strstr(error.message, text) || (!strstr(error.message, bare) && !strchr(text, '~')))
        fail_msg("%s: %s", text, error.message);
    assert_null(c);
}

static void test_refused(void **state)
{
    (void)state;
    assert_refused("a * b = 0", "terms are multiplied", 3);
    assert_refused("1 / a = 0", "division by a term", 3);
    assert_refused("a / 0 = 1", "division by 0", 3);
    assert_refused("a^2 = 0", "powers are not linear", 2);
    assert_refused("(a + b)^2 = 0", "powers are not linear", 8);
    assert_refused("b + exp(a) = 0", "\"exp(a)\" is not linear", 5);
    assert_refused("a + bq = 0", "no term \"bq\" in the model; did you mean \"b", 5);
    assert_refused("a + sit[b] = 0", "no term \"sit[b]\" in the model; did you mean \"site[b]\"?",
                   5);
    assert_refused("a = poly(x,2)1", "did you mean \"poly(x, 2)1\"?", 5);
    assert_refused("a + `odd nam` = 0", "did you mean \"odd name\"?", 5);
    assert_refused("größe - grosse = 0", "no term \"grosse\"", 9);
    assert_refused("a[1] = 0", "no term \"a[1]\"", 1);
    assert_refused("age:se = 0", "no term \"age:se\"", 1);
    assert_refused("a + `b = 0", "never closed", 5);
    assert_refused("a + b", "\"~ gaussian(mean, sd)\" or \"= number\" is missing at the end", 6);
    assert_refused("a + = 0", "a term or a number is expected, not \"= 0\"", 5);
    assert_refused("a + b =", "missing at the end", 8);
    assert_refused("", "missing at the end", 1);
    assert_refused("a + (b = 0", "\"(\" is not closed", 5);
    assert_refused("a + b) = 0", "unexpected \") = 0\"", 6);
    assert_refused("2 a = 0", "* is missing before it?", 3);
    assert_refused("2x = 0", "* is missing before it?", 2);
    assert_refused("a = b = 0", "a second \"=\"", 7);
    assert_refused("a == b", "an equality has one \"=\"", 4);
    assert_refused("a <= b", "inequalities are no constraints", 3);
    assert_refused("a = 1, b = 2", "unexpected \", b = 2\"", 6);
    assert_refused("a = a", "no term is left", 1);
    assert_refused("1 = 1", "no term is left", 1);
    assert_refused("1e300 * 1e300 * a = 1", "not finite", 1);
    assert_refused("a - b ~ laplace(0, 1)", "a soft constraint is written ~ gaussian", 8);
    assert_refused("a - b ~ gaussian(0, 1, lower=0)", "without bounds", 8);
    assert_refused("a - b ~ gaussian(0, 0)", "sd = 0 is not above 0", 21);
    assert_refused("a - b ~ gausian(0, 1)", "did you mean gaussian?", 9);
    assert_refused("a - b ~ gaussian(0, 1) = 2", "unexpected \"= 2\"", 24);
    char deep[300];
    memset(deep, '(', 200);
    (void)snprintf(deep + 200, 20, "a");
    assert_refused(deep, "nested more than 100 deep", 101);
}

/* ---- equalities ---- */

enum { LIST_MAX = 6, D = 19 };

struct set {
    struct constraint *list[LIST_MAX];
    size_t count;
};

static struct set parse(const char *const *texts)
{
    struct set set = {.count = 0};

    for (; texts[set.count]; set.count++)
        assert_int_equal(constraint_parse(&set.list[set.count], texts[set.count], names, NAMES,
                                          (struct place){0}, NULL),
                         MXP_OK);
    return set;
}

static void set_free(struct set *set)
{
    for (size_t i = 0; i < set->count; i++)
        constraint_free(set->list[i]);
}

static mxp_status solve(struct equality **e, const struct set *set, size_t d, mxp_error *error)
{
    return equality_new(e, (const struct constraint *const *)set->list, set->count, NULL, d, error);
}

/* How far c'x is from side, over the size of what is added. */
static double miss(const struct constraint *c, const double *x, double side)
{
    struct twofold sum = twofold_of(-side);
    double size = fabs(side) + 1e-300;

    for (size_t i = 0; i < c->count; i++) {
        const double t = x[c->term[i]];
        sum = twofold_add(sum, twofold_times(twofold_of(c->coefficient[i]), twofold_of(t)));
        size += fabs(c->coefficient[i] * t);
    }
    return fabs(sum.high) / size;
}

static double norm_of(const double *x, size_t k)
{
    double sum = 0.0;
    for (size_t i = 0; i < k; i++)
        sum += x[i] * x[i];
    return sqrt(sum);
}

/* A N = 0, A origin = a, N'N = I, N'origin = 0, and coordinates that are not named are left alone. */
static void check(const struct equality *e, const struct set *set)
{
    for (size_t n = 0; n < set->count; n++) {
        const struct constraint *c = set->list[n];
        if (!c->hard)
            continue;
        assert_true(miss(c, e->origin, c->mean) < 1e-14);
        for (size_t z = 0; z < e->free; z++) {
            assert_true(miss(c, e->N + z * e->d, 0) < 1e-14);
        }
    }
    for (size_t y = 0; y < e->free; y++) {
        double dot = 0.0;
        for (size_t i = 0; i < e->d; i++)
            dot += e->N[i + y * e->d] * e->origin[i];
        assert_close(dot, 0, 0, 1e-14 * norm_of(e->origin, e->d), "least norm", (double)y);
        for (size_t z = 0; z <= y; z++) {
            dot = 0.0;
            for (size_t i = 0; i < e->d; i++)
                dot += e->N[i + y * e->d] * e->N[i + z * e->d];
            assert_close(dot, y == z, 0, 1e-14, "orthonormal", (double)z);
        }
    }
}

static void test_equality(void **state)
{
    static const char *const texts[] = {"bp + a + b = 1",        "2*a - b = 0.3",
                                        "a ~ gaussian(0, 1)",    "2*bp + 6*a = 2.6",
                                        "1e6*log - site[b] = 7", NULL};
    static const bool redundant[] = {false, false, false, true, false};
    double z[D], theta[D], back[D];

    (void)state;
    struct set set = parse(texts);
    struct equality *e = NULL;
    assert_int_equal(solve(&e, &set, D, NULL), MXP_OK);
    assert_int_equal(e->free, D - 3);
    assert_memory_equal(e->redundant, redundant, sizeof redundant);
    check(e, &set);
    for (size_t i = 0; i < e->free; i++)
        z[i] = sin(1.0 + (double)i);
    equality_expand(theta, e, z);
    for (size_t n = 0; n < set.count; n++)
        assert_true(!set.list[n]->hard || miss(set.list[n], theta, set.list[n]->mean) < 1e-14);
    assert_true(theta[0] == z[0] && theta[4] == z[1] && theta[18] == z[13]); /* not named */
    equality_reduce(back, e, theta);
    for (size_t i = 0; i < e->free; i++)
        assert_close(back[i], z[i], 0, 1e-15, "back", (double)i);
    equality_free(e);
    set_free(&set);
}

static void test_unique(void **state)
{
    static const char *const texts[] = {"bmi + bp = 3", "bmi - bp = 1", "bmi = 2", NULL};
    double theta[2];

    (void)state;
    struct set set = parse(texts);
    struct equality *e = NULL;
    assert_int_equal(solve(&e, &set, 2, NULL), MXP_OK);
    assert_true(e->free == 0 && e->redundant[2]);
    equality_expand(theta, e, NULL);
    assert_close(theta[0], 2, 1e-15, 0, "bmi", 0);
    assert_close(theta[1], 1, 1e-15, 0, "bp", 0);
    equality_free(e);
    /* none at all: theta = z */
    assert_int_equal(equality_new(&e, NULL, 0, NULL, 2, NULL), MXP_OK);
    assert_true(e->free == 2 && e->N[0] == 1 && e->N[1] == 0 && e->N[3] == 1);
    equality_free(e);
    set_free(&set);
}

static void test_contradiction(void **state)
{
    static const char *const sum[] = {"a + b = 1", "bmi = 3", "2*a + 2*b = 3", NULL};
    static const char *const zero[] = {"a = 0", "b = 0", "a + b = 1e-6", NULL};
    static const size_t same[NAMES] = {0};
    mxp_error error = {0};
    struct equality *e = NULL;

    (void)state;
    struct set set = parse(sum);
    assert_int_equal(solve(&e, &set, D, &error), MXP_CONFIG);
    assert_string_equal(error.message,
                        "constraint \"2*a + 2*b = 3\" contradicts those before it: they make its "
                        "left side 2 where 3 is wanted");
    set_free(&set);
    set = parse(zero);
    assert_int_equal(solve(&e, &set, D, &error), MXP_CONFIG);
    set_free(&set);
    /* terms that share a coordinate add up, and may cancel */
    static const char *const shared[] = {"a + b = 1", NULL}, *const cancel[] = {"a - b = 1", NULL};
    set = parse(shared);
    assert_int_equal(equality_new(&e, (const struct constraint *const *)set.list, 1, same, 1, NULL),
                     MXP_OK);
    assert_true(e->origin[0] == 0.5 && e->free == 0);
    equality_free(e);
    set_free(&set);
    set = parse(cancel);
    e = NULL;
    assert_int_equal(
        equality_new(&e, (const struct constraint *const *)set.list, 1, same, 1, &error),
        MXP_CONFIG);
    assert_non_null(strstr(error.message, "its terms cancel"));
    assert_null(e);
    set_free(&set);
}

/* Random equalities over some coordinates, one of them a combination of the others. */
static void test_random(void **state)
{
    struct rng rng = rng_stream(3, 0);

    (void)state;
    for (int n = 0; n < 300; n++) {
        static char text[LIST_MAX] = "x";
        double c[LIST_MAX][D] = {{0}}, side[LIST_MAX] = {0};
        size_t term[D];
        struct constraint made[LIST_MAX];
        struct set set = {.count = 2 + rng_below(&rng, 4)};
        const size_t last = set.count - 1;
        for (size_t i = 0; i < D; i++)
            term[i] = i;
        for (size_t i = 0; i < last; i++) {
            const double scale = pow(10.0, 12.0 * rng_uniform(&rng) - 6.0);
            for (size_t j = 0; j < D; j++)
                c[i][j] = j % 3 == 0 ? 0.0 : scale * rng_normal(&rng);
            side[i] = scale * rng_normal(&rng);
            for (size_t j = 0; j < D; j++)
                c[last][j] += c[i][j] / scale;
            side[last] += side[i] / scale;
        }
        for (size_t i = 0; i < set.count; i++) {
            made[i] = (struct constraint){text, {0}, true, D, term, c[i], side[i], 0.0};
            set.list[i] = &made[i];
        }
        struct equality *e = NULL;
        assert_int_equal(solve(&e, &set, D, NULL), MXP_OK);
        assert_true(e->redundant[last]);
        assert_int_equal(e->free, D - last);
        check(e, &set);
        equality_free(e);
        made[last].mean += 1e-6;
        assert_int_equal(solve(&e, &set, D, NULL), MXP_CONFIG);
    }
}

/* N'H N and N S N' against sums written out. */
static void test_curvature(void **state)
{
    static const char *const texts[] = {"bmi + bp - 2*a = 1", "b = 3", NULL};
    enum { SMALL = 5, LD = 7 };
    double H[LD * SMALL], reduced[SMALL * SMALL], C[LD * SMALL], g[SMALL], gz[SMALL];
    struct rng rng = rng_stream(4, 0);

    (void)state;
    struct set set = parse(texts);
    struct equality *e = NULL;
    assert_int_equal(solve(&e, &set, SMALL, NULL), MXP_OK);
    const size_t f = e->free;
    for (size_t i = 0; i < SMALL; i++) {
        g[i] = rng_normal(&rng);
        for (size_t j = 0; j <= i; j++)
            H[i + j * LD] = H[j + i * LD] = rng_normal(&rng);
    }
    assert_int_equal(equality_curvature(reduced, e, H, LD, NULL), MXP_OK);
    assert_int_equal(equality_covariance(C, LD, e, reduced, NULL), MXP_OK);
    equality_gradient(gz, e, g);
    for (size_t y = 0; y < f; y++) {
        double along = 0.0;
        for (size_t i = 0; i < SMALL; i++)
            along += e->N[i + y * SMALL] * g[i];
        assert_close(gz[y], along, 0, 1e-14, "gradient", (double)y);
        for (size_t z = 0; z < f; z++) {
            double sum = 0.0;
            for (size_t i = 0; i < SMALL; i++)
                for (size_t j = 0; j < SMALL; j++)
                    sum += e->N[i + y * SMALL] * H[i + j * LD] * e->N[j + z * SMALL];
            assert_close(reduced[y + z * f], sum, 0, 1e-14, "curvature", (double)y);
        }
    }
    for (size_t i = 0; i < SMALL; i++)
        for (size_t j = 0; j < SMALL; j++) {
            double sum = 0.0;
            for (size_t y = 0; y < f; y++)
                for (size_t z = 0; z < f; z++)
                    sum += e->N[i + y * SMALL] * reduced[y + z * f] * e->N[j + z * SMALL];
            assert_close(C[i + j * LD], sum, 0, 1e-14, "covariance", (double)i);
        }
    equality_free(e);
    set_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),         cmocka_unit_test(test_refused),
        cmocka_unit_test(test_equality),      cmocka_unit_test(test_unique),
        cmocka_unit_test(test_contradiction), cmocka_unit_test(test_random),
        cmocka_unit_test(test_curvature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
