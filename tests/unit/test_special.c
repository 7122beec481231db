/* Special functions against values from mpmath 1.3 with 60 digits. */
#include "num/special.h"
#include "numeric.h"

struct pin {
    double x, want;
};

static void check_pins(double (*f)(double), const struct pin *pins, size_t count, double relative,
                       const char *what)
{
    for (size_t i = 0; i < count; i++)
        assert_close(f(pins[i].x), pins[i].want, relative, 0.0, what, pins[i].x);
}
#define CHECK(f, relative, ...)                                                                    \
    do {                                                                                           \
        static const struct pin pins[] = {__VA_ARGS__};                                            \
        check_pins(f, pins, sizeof pins / sizeof *pins, relative, #f);                             \
    } while (0)

static void test_erfc(void **state)
{
    (void)state;
    CHECK(special_erfcx, 1e-15, {-20, 1.04429393795282879e+174}, {-3, 16205.9888539995866},
          {-0.5, 1.95236048918255709}, {0, 1}, {0.3, 0.734599334567655142},
          {1, 0.427583576155807004}, {5, 0.110704637733068626}, {24.9, 0.022639987776049505},
          {25, 0.0225495724326413589}, {100, 0.0056416137829894329},
          {1e10, 5.64189583547756287e-11});
    CHECK(special_log_erfc, 1e-15, {-5, 0.69314718055917658}, {-0.1, 0.106576400586522485},
          {1e-12, -1.12837916709614919e-12}, {0.3, -0.39843005144008529},
          {0.5, -0.735011129837084403}, {0.7, -1.13258651351434133}, {3, -10.7203630419811126},
          {30, -903.974117110643878}, {1e8, -10000000000000019.0});
    assert_true(special_erfcx(-40) == INFINITY && special_erfcx(INFINITY) == 0);
}

static void test_normal(void **state)
{
    (void)state;
    CHECK(special_log_phi, 3e-15, {-1e8, -5000000000000019.34}, {-40, -804.608442013753788},
          {-10, -53.2312851505124706}, {-1, -1.84102164500926351}, {-0.5, -1.17591176159361861},
          {0, -0.693147180559945309}, {0.5, -0.368946415288656393}, {3, -0.0013508099647481938});
    CHECK(special_log_phi, 2e-14, {8, -6.22096057427178606e-16}, {10, -7.61985302416052607e-24});
    assert_true(special_log_phi(-INFINITY) == -INFINITY && special_log_phi(INFINITY) == 0);
    CHECK(special_normal_quantile_log, 4e-15, {-1e6, -1414.20778299101733},
          {-1000, -44.615747731969403}, {-301, -24.3674428867172798}, {-299, -24.2853659268517543},
          {-10, -3.91394624053189308}, {-1, -0.337474963764202455}, {-0.1, 1.30961779945849316},
          {-1e-5, 4.26489191030892256});
    for (double x = -38; x < 8; x += 0.37)
        assert_close(special_normal_quantile_log(special_log_phi(x)), x, 1e-13,
                     x > 5 ? 1e-16 / special_normal_cdf(-x) : 1e-14, "quantile of log_phi", x);
    for (double x = -7; x < 7; x += 0.31)
        assert_close(log(special_normal_cdf(x)), special_log_phi(x), 1e-13, 1e-15, "cdf", x);
    assert_true(isnan(special_normal_quantile(1.5)) && isnan(special_normal_quantile_log(0.1)));
    assert_true(special_normal_quantile(0) == -INFINITY && special_normal_quantile_log(0) > 1e300);
}

static void test_logistic(void **state)
{
    (void)state;
    assert_true(special_log1pexp(800) == 800 && special_log1pexp(-800) == 0);
    assert_close(special_log1pexp(-40), 4.248354255291589e-18, 1e-15, 0, "log1pexp", -40);
    assert_close(special_logistic(-700), 9.8596765437597708e-305, 1e-13, 0, "logistic", -700);
    for (double x = -30; x < 30; x += 0.7) {
        assert_close(special_logit(special_logistic(x)), x, 1e-14, 3e-16 * exp(fabs(x)), "logit",
                     x);
        assert_close(special_log1pexp(x) - special_log1pexp(-x), x, 1e-15, 1e-14, "log1pexp", x);
        assert_close(special_logsumexp(0, x), special_log1pexp(x), 1e-15, 0, "logsumexp", x);
    }
    assert_close(special_log1mexp(-1e-10), -23.025850929990458, 1e-15, 0, "log1mexp", -1e-10);
    assert_close(special_log1mexp(-50), -1.9287498479639178e-22, 1e-15, 0, "log1mexp", -50);
    assert_true(special_log1mexp(0) == -INFINITY && isnan(special_log1mexp(1)));
    assert_true(special_logsumexp(-INFINITY, -INFINITY) == -INFINITY);
    assert_true(special_logsumexp(-INFINITY, 3) == 3 && special_logsumexp(INFINITY, 3) == INFINITY);
}

static void test_factorials(void **state)
{
    (void)state;
    CHECK(special_lgamma, 1e-14, {1e-300, 690.775527898213705}, {1e-5, 11.5129196928958257},
          {0.3, 1.09579799481807552}, {1.5, -0.120782237635245222}, {7.3, 7.14789252302224903},
          {15.99, 27.8718644759400122}, {16.01, 27.9266847411205579}, {123.4, 469.336097442190558},
          {1e10, 220258509288.810581}, {1e300, 6.89775527898213705e+302});
    assert_close(special_lgamma(0.9999), 5.77297915612002217e-05, 0, 1e-16, "lgamma", 0.9999);
    assert_close(special_lgamma(1.0001), -5.77133422204776233e-05, 0, 2e-16, "lgamma", 1.0001);
    assert_close(special_lgamma(2.0001), 4.2281658112830712e-05, 0, 1e-15, "lgamma", 2.0001);
    CHECK(special_stirling_remainder, 1e-12, {0.1, 0.512740081331914944},
          {1, 0.0810614667953272582}, {5.5, 0.0151349732219173789}, {16, 0.00520765591960964044},
          {20, 0.00416631969199692246}, {1000, 8.33333305555563492e-05});
    CHECK(special_log_factorial, 1e-15, {0, 0}, {5, 4.78749174278204599}, {20, 42.335616460753485},
          {63, 201.009316399281527}, {64, 205.168199482641199}, {100, 363.73937555556349},
          {1e6, 12815518.3846581696});
    for (double n = 1; n < 200; n++)
        assert_close(special_log_factorial(n), special_lgamma(n + 1), 1e-14, 0, "factorial", n);
    assert_true(isnan(special_lgamma(-1.5)) && special_lgamma(0) == INFINITY);
}

static void test_gamma(void **state)
{
    static const struct {
        double a, x, q, p, relative;
    } pins[] = {
        {0.01, 0.001, 0.0614293474738710136, 0.938570652526128986, 1e-13},
        {0.5, 3, 0.0143058784354296395, 0.98569412156457036, 1e-13},
        {3, 0.1, 0.999845346929735328, 0.000154653070264671654, 1e-13},
        {3, 2, 0.676676416183063459, 0.323323583816936541, 1e-13},
        {3, 30, 4.50101664801212398e-11, 0.999999999954989834, 1e-13},
        {50, 20, 0.99999998754107392, 1.24589260797193792e-8, 1e-13},
        {50, 50, 0.481191684527956718, 0.518808315472043282, 1e-13},
        {50, 120, 1.60082267933448287e-13, 0.999999999999839918, 1e-13},
        {1000, 900, 0.999450097734288217, 0.000549902265711782923, 1e-12},
        {1000, 1100, 0.00105932325392997735, 0.998940676746070023, 1e-12},
        {1e5, 100500, 0.0571032699760287114, 0.942896730023971289, 1e-11},
        {2e6, 2003000, 0.0169821073178884846, 0.983017892682111515, 1e-8},
        {2e6, 1995000, 0.999798604785940709, 0.000201395214059290869, 1e-8},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        assert_close(special_gamma_q(pins[i].a, pins[i].x), pins[i].q, pins[i].relative, 0, "Q",
                     pins[i].a);
        assert_close(special_gamma_p(pins[i].a, pins[i].x), pins[i].p, pins[i].relative, 0, "P",
                     pins[i].a);
    }
    assert_true(special_gamma_q(2, 0) == 1 && special_gamma_q(2, INFINITY) == 0);
    assert_true(isnan(special_gamma_q(-1, 1)) && isnan(special_gamma_p(1, -1)));
    assert_close(special_gamma_q(1e15, 1e15), 0.5, 1e-7, 0, "Q", 1e15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_erfc),     cmocka_unit_test(test_normal),
        cmocka_unit_test(test_logistic), cmocka_unit_test(test_factorials),
        cmocka_unit_test(test_gamma),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
