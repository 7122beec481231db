/* The family table: names, links, starts, and what the checks of responses say. */
#include "model/family.h"
#include "numeric.h"

static int one_column(const struct family *family)
{
    return family->response == RESPONSE_NUMBER || family->response == RESPONSE_TRIALS;
}

static void test_table(void **state)
{
    (void)state;
    for (size_t f = 0; family_table[f]; f++) {
        const struct family *family = family_table[f];
        assert_ptr_equal(family_find(family->name), family);
        for (size_t s = 0; s < family->auxiliary_count; s++) {
            const double start = family->start(s, 0.4, 0.3);
            assert_true(start > 0 && isfinite(start));
            assert_true(isfinite(family->start(s, 3, 1e-3)));
            assert_true(family->auxiliary[s].estimable || !isnan(family->auxiliary[s].fallback));
        }
    }
    assert_null(family_find("Poisson"));
    assert_int_equal(family_link(&family_bernoulli, "logit"), 0);
    assert_int_equal(family_link(&family_bernoulli, "log"), -1);
    assert_true(family_huber.auxiliary[1].fallback == 1.345);
    assert_true(isnan(family_gamma.auxiliary[0].fallback));
}

static void test_checks(void **state)
{
    (void)state;
    assert_string_equal(family_bernoulli.check(2, 1), "is not 0 or 1");
    assert_string_equal(family_poisson.check(-1, 1), "is not a count 0, 1, 2, ...");
    assert_string_equal(family_negative_binomial.check(1.5, 1), "is not a count 0, 1, 2, ...");
    assert_string_equal(family_binomial.check(4, 3),
                        "is not a count of successes out of its trials");
    assert_non_null(family_binomial.check(1.5, 3));
    assert_string_equal(family_binomial.check(1, 1.5),
                        "is out of trials that are not a count 0, 1, 2, ...");
    assert_null(family_binomial.check(0, 0));
    assert_string_equal(family_gamma.check(0, 1), "is not above 0");
    assert_string_equal(family_beta.check(1, 1), "is not between 0 and 1");
    for (size_t f = 0; family_table[f]; f++)
        if (one_column(family_table[f])) {
            assert_non_null(family_table[f]->check(NAN, 1));
            assert_non_null(family_table[f]->check(INFINITY, 1));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
