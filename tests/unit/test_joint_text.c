/* Joint priors as they are written, and what is refused. */
#include "model/joint.h"
#include "numeric.h"

#include <stdio.h>
#include <string.h>

static struct joint *named(const char *text, size_t k)
{
    static const size_t index[] = {0, 1, 2, 3};
    struct joint_spec spec;
    struct joint *joint = NULL;

    assert_int_equal(joint_parse(&spec, text, (struct place){0}, NULL), MXP_OK);
    assert_int_equal(joint_new(&joint, &spec, k, index, NULL, NULL, (struct place){0}, NULL),
                     MXP_OK);
    return joint;
}

static void assert_refused(const char *text, const char *words, unsigned column)
{
    static const struct source source = {.name = "m.yaml"};
    const struct place place = {&source, 3, 11};
    struct joint_spec spec;
    mxp_error error = {0};
    char head[40];

    assert_int_equal(joint_parse(&spec, text, place, &error), MXP_CONFIG);
    (void)snprintf(head, sizeof head, "m.yaml:3:%u: ", 10 + column);
    if (!strstr(error.message, words) || !strstr(error.message, head))
        fail_msg("%s: %s", text, error.message);
}

static void test_parse(void **state)
{
    static const char *const texts[] = {"ar1(0.8, 1)", "rw1(0.25)", "rw2(3)", "group_laplace(0.5)",
                                        "group_laplace(0.5, -2)"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct str out = {0};
        struct joint *joint = named(texts[i], 4);
        joint_format(&out, joint);
        assert_string_equal(out.text, texts[i]);
        str_free(&out);
        joint_free(joint);
    }
    struct joint *joint = named(" group_laplace( mean=1, scale = 2 ) ", 2);
    assert_true(joint->a[0] == 2.0 && joint->mean[0] == 1.0 && joint->mean[1] == 1.0);
    joint_free(joint);
    assert_refused("ar1(1, 2)", "phi = 1 is not between -1 and 1", 5);
    assert_refused("ar1(0.5)", "lacks its argument sd: it is written ar1(phi, sd)", 1);
    assert_refused("ar1(0.5, 0)", "sd = 0 is not above 0", 10);
    assert_refused("ar1(0.5, 1, 2)", "has no argument for 2", 13);
    assert_refused("rw1(sd=1, sd=2)", "given twice", 11);
    assert_refused("rw1(phi=1)", "has no argument phi", 5);
    assert_refused("rw1(x)", "sd = x is not a number", 5);
    assert_refused("rw1(1", "not closed", 4);
    assert_refused("rw1(1) rw", "unexpected \"rw\"", 8);
    assert_refused("group_lapace(1)", "did you mean group_laplace?", 1);
    assert_refused("constraint(1, 2)", "is no prior on several terms", 1);
    assert_refused("", "missing", 1);
}

static void assert_bad(const double *A, size_t k, const char *words)
{
    const struct joint_spec spec = {.row = joint_find("gaussian")};
    const struct joint_matrix how = {.values = A};
    static const size_t index[] = {0, 1, 2};
    struct joint *joint = NULL;
    mxp_error error = {0};

    assert_int_equal(
        joint_new(&joint, &spec, k, index, NULL, A ? &how : NULL, (struct place){0}, &error),
        MXP_CONFIG);
    assert_null(joint);
    if (!strstr(error.message, words))
        fail_msg("%s", error.message);
}

static void test_bad(void **state)
{
    static const double lopsided[] = {1, 0.5, 0.4, 1}, wide[] = {1, 2, 2, 1}, flat[] = {1, 1, 1, 1};
    static const double negative[] = {1, 0, 0, -1}, nan_inside[] = {1, 0, NAN, 1};
    static const size_t index[] = {0, 1};
    static const double zero[] = {0, 0}, one[] = {1, INFINITY};
    struct joint *joint = NULL;
    struct joint_spec spec = {.row = joint_find("rw2"), .a = {1.0}};

    (void)state;
    assert_bad(lopsided, 2, "row 2, column 1 is 0.4, but row 1, column 2 is 0.5");
    assert_bad(wide, 2, "not positive definite");
    assert_bad(flat, 2, "not positive definite");
    assert_bad(negative, 2, "row 2, column 2 is -1");
    assert_bad(nan_inside, 2, "row 2, column 1 is not finite");
    assert_bad(NULL, 2, "needs a covariance");
    assert_int_equal(joint_new(&joint, &spec, 2, index, NULL, NULL, (struct place){0}, NULL),
                     MXP_CONFIG);
    assert_int_equal(joint_new_constraint(&joint, 2, index, zero, 0, 1, (struct place){0}, NULL),
                     MXP_CONFIG);
    assert_int_equal(joint_new_constraint(&joint, 2, index, one, 0, 1, (struct place){0}, NULL),
                     MXP_CONFIG);
    assert_int_equal(joint_new_constraint(&joint, 1, index, one, 0, 0, (struct place){0}, NULL),
                     MXP_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
