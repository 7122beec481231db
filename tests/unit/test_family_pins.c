/* Families and links against 60-digit arithmetic and against R's densities. */
#include "model/family.h"
#include "model/link.h"
#include "numeric.h"

#include <stdio.h>
#include <string.h>

struct pin {
    const char *family, *link;
    double y, trials, eta, psi[2];
    double want[11];
};

struct side_pin {
    const char *link;
    double eta, want[8];
};

struct interval_pin {
    const char *link;
    double a, b, want[6];
};

#include "family_pins.h"

/* In the order of struct pin's want. */
static void evaluate(double got[11], const struct family *family, int link, const struct pin *pin)
{
    const size_t r = family->auxiliary_count;
    double d2psi[4] = {0};
    struct family_out out = {got, got + 1, got + 2, got + 3, got + 4, d2psi, got + 9};
    const struct response response = {.y = &pin->y, .trials = &pin->trials, .q = 1};
    const unsigned want = FAMILY_VALUE | FAMILY_D1 | FAMILY_D2 | FAMILY_D3 | (r ? FAMILY_AUX : 0U);

    memset(got, 0, 11 * sizeof *got);
    assert_int_equal(
        family->eval(&out, (size_t)link, &response, &pin->eta, 1, pin->psi, want, NULL), MXP_OK);
    got[6] = d2psi[0];
    got[7] = r == 2 ? d2psi[1] : 0.0;
    got[8] = r == 2 ? d2psi[3] : 0.0;
    if (r == 2)
        assert_true(d2psi[1] == d2psi[2]);
}

/* Half an ulp of eta and psi is part of any answer: 1e-15 of what moves with them is allowed,
 * besides 2e-12 of the number itself. */
static void test_pins(void **state)
{
    static const char *const names[] = {"value", "d1",      "d2",      "d3",    "dpsi0", "dpsi1",
                                        "d2psi", "d2psi01", "d2psi11", "mixed", "mixed1"};
    (void)state;
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        const struct family *family = family_find(pins[i].family);
        double got[11];
        char what[96];

        assert_non_null(family);
        const int link = family_link(family, pins[i].link);
        assert_true(link >= 0);
        evaluate(got, family, link, &pins[i]);
        const double ulp = 1e-15 * (fabs(pins[i].eta) + 1.0);
        for (size_t j = 0; j < 11; j++) {
            const double moves = j < 3 ? ulp * fabs(pins[i].want[j + 1]) : 0.0;
            (void)snprintf(what, sizeof what, "%s %s y %g: %s", pins[i].family, pins[i].link,
                           pins[i].y, names[j]);
            assert_close(got[j], pins[i].want[j], 2e-12, 2e-14 + moves, what, pins[i].eta);
        }
    }
}

static void test_sides(void **state)
{
    static const char *const names[] = {"logit", "probit", "cloglog", "cauchit"};
    (void)state;
    for (size_t i = 0; i < sizeof side_pins / sizeof *side_pins; i++) {
        const struct side_pin *pin = &side_pins[i];
        for (int link = 0; link < 4; link++) {
            struct link_side yes, no;
            if (strcmp(names[link], pin->link) != 0)
                continue;
            link_sides(&yes, &no, (enum link)(LINK_LOGIT + link), pin->eta);
            const double got[] = {yes.value, yes.d1, yes.d2, yes.d3, no.value, no.d1, no.d2, no.d3};
            for (size_t j = 0; j < 8; j++) /* exp(-x^2/2) has the rounding of its argument */
                assert_close(got[j], pin->want[j], j % 4 < 2 ? 1e-13 : 2e-12, 1e-300, pin->link,
                             pin->eta);
        }
    }
}

static void test_intervals(void **state)
{
    static const char *const names[] = {"logit", "probit", "cloglog"};
    (void)state;
    for (size_t i = 0; i < sizeof interval_pins / sizeof *interval_pins; i++) {
        const struct interval_pin *pin = &interval_pins[i];
        for (int link = 0; link < 3; link++) {
            struct link_interval at;
            if (strcmp(names[link], pin->link) != 0)
                continue;
            link_interval(&at, (enum link)(LINK_LOGIT + link), pin->a, pin->b);
            const double got[] = {at.value, at.da, at.db, at.daa, at.dbb, at.dab};
            for (size_t j = 0; j < 6; j++)
                assert_close(got[j], pin->want[j], 2e-12, 1e-14, pin->link, pin->a);
        }
    }
}

static void check_r(const struct family *family, double y, double trials, double mean, double psi0,
                    double psi1, double want, double relative)
{
    const struct pin pin = {
        .y = y, .trials = trials, .eta = family_link_of_mean(family, 0, mean), .psi = {psi0, psi1}};
    double got[11];
    evaluate(got, family, 0, &pin);
    assert_close(got[0], want, relative, 0, family->name, y);
}

/* R 4.2.2: dbinom, dnbinom(size, mu), dgamma(shape, scale = mu / shape), dbeta(mu phi, (1-mu) phi),
 * dt((y - mu) / s, df) - log(s), all with log = TRUE. */
static void test_r(void **state)
{
    (void)state;
    check_r(&family_binomial, 3, 10, 0.3, 1, 1, -1.3211512777668888, 1e-13);
    check_r(&family_binomial, 40000, 100000, 0.401, 1, 1, -6.1700638250918463, 1e-11);
    check_r(&family_binomial, 0, 7, 0.2, 1, 1, -1.562004859199468, 1e-13);
    check_r(&family_negative_binomial, 3, 1, 2.5, 1.5, 1, -2.0984954280051635, 1e-13);
    check_r(&family_negative_binomial, 0, 1, 5, 0.01, 1, -0.06216606101084865, 1e-13);
    check_r(&family_negative_binomial, 120, 1, 100, 30, 1, -4.5337801930205002, 1e-13);
    check_r(&family_negative_binomial, 7, 1, 5, 1e8, 1, -2.2590959892673159, 1e-9); /* R's error */
    check_r(&family_gamma, 2.5, 1, 3, 1.7, 1, -1.6450283208777892, 1e-13);
    check_r(&family_gamma, 0.03, 1, 2, 0.2, 1, 0.81766547682639179, 1e-13);
    check_r(&family_gamma, 3.001, 1, 3, 1e6, 1, 4.8343278830237866, 1e-11);
    check_r(&family_beta, 0.3, 1, 0.4, 5, 1, 0.56758395758459956, 1e-13);
    check_r(&family_beta, 0.999, 1, 0.2, 0.5, 1, 1.6685280911782168, 1e-13);
    check_r(&family_beta, 0.401, 1, 0.4, 1e6, 1, 4.6193648532782863, 1e-9);
    check_r(&family_student_t, 1.3, 1, 0.2, 4, 0.7, -1.8261220956899025, 1e-13);
    check_r(&family_student_t, 30, 1, 0.2, 1, 0.7, -8.2909732415849113, 1e-13);
    check_r(&family_student_t, 1.3, 1, 0.2, 1e8, 0.7, -1.7969574664192103, 1e-13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pins),
        cmocka_unit_test(test_sides),
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_r),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
