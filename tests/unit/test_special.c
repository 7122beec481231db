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

/* psi and its derivatives; one argument is the root of digamma, as a double. */
static void test_psi(void **state)
{
    (void)state;
    CHECK(special_digamma, 2e-15, {1e-10, -10000000000.577215}, {3e-05, -33333.91049965129},
          {0.7, -1.2200235536979347}, {1.2, -0.2890398965921884}, {1.46, -0.0015805619870834522},
          {1.4616321449683622, -9.241265521729427e-17}, {1.72, 0.2242928871461575},
          {2.0, 0.42278433509846713}, {5.5, 1.6110931485817512}, {11.9, 2.4339335368825377},
          {12.1, 2.4513143481743374}, {50.0, 3.901989673427892}, {1e6, 13.815510057964191},
          {1e15, 34.538776394910684});
    CHECK(special_trigamma, 1e-15, {1e-10, 1e+20}, {3e-05, 1111111112.755973},
          {0.7, 2.834049156694611}, {1.2, 1.2673772054237793}, {1.72, 0.7813264485557689},
          {5.5, 0.19934238698962767}, {11.9, 0.08766320119000419}, {12.1, 0.08615364647098629},
          {50.0, 0.020201333226697125}, {1e6, 1.0000005000001667e-06},
          {1e15, 1.0000000000000005e-15});
    CHECK(special_tetragamma, 1e-15, {1e-10, -1.9999999999999998e+30}, {3e-05, -74074074074076.47},
          {0.7, -6.4349928741909235}, {1.2, -1.4780361144359333}, {1.72, -0.5866729592751274},
          {5.5, -0.03960894752130204}, {11.9, -0.007679939159328307}, {12.1, -0.007417881105917006},
          {50.0, -0.0004080799893375969}, {1e6, -1.0000010000005e-12},
          {1e15, -1.000000000000001e-30});
    assert_true(special_digamma(0) == -INFINITY && isnan(special_digamma(-0.5)));
    assert_true(special_trigamma(INFINITY) == 0 && special_tetragamma(INFINITY) == 0);
    assert_true(special_trigamma(0) == INFINITY && special_tetragamma(0) == -INFINITY);
}

static void test_rises(void **state)
{
    /* x, by, the rises of log Gamma, psi and psi', log B(x, by) */
    static const double pins[][6] = {
        {1e-08, 0.001, -11.513511858502074, 99999000.01164363, -9999999999000020.0,
         18.420690743885928},
        {0.3, 7.0, 6.052094528204173, 5.420344557838119, -12.098568777976304, 0.5271566838059275},
        {1.0, 1e6, 12815518.384658169, 14.392726722865724, -1.6449330668487265,
         -13.815510557964274},
        {5.0, 0.1, 0.15171033812727952, 0.021891860624188582, -0.004774127945325216,
         2.1010023136069265},
        {15.9, 0.5, 1.3752992135687592, 0.03194073935531931, -0.0020399025663774255,
         -0.802934270644059},
        {40.0, 300.0, 1533.214460549195, 2.1511469344641077, -0.02236959787074405,
         -124.01239307878328},
        {1e4, 1.0, 9.210340371976184, 1e-4, -1e-08, -9.210340371976184},
        {1e8, 7.0, 128.94476541766656, 6.99999979000001e-08, -6.999999580000028e-16,
         -122.36551420565645},
        {1e14, 300.0, 9670.85739057544, 2.999999999995515e-12, -2.99999999999103e-26,
         -8261.65532310503},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        const double *p = pins[i];
        assert_close(special_lgamma_rise(p[0], p[1]), p[2], 1e-15, 4e-15, "rise", p[0]);
        assert_close(special_digamma_rise(p[0], p[1]), p[3], 1e-15, 0, "psi rise", p[0]);
        assert_close(special_trigamma_rise(p[0], p[1]), p[4], 1e-15, 0, "psi' rise", p[0]);
        assert_close(special_log_beta(p[0], p[1]), p[5], 1e-15, 4e-15, "log B", p[0]);
        assert_true(special_log_beta(p[1], p[0]) == special_log_beta(p[0], p[1]));
    }
    assert_true(special_lgamma_rise(3, 0) == 0 && special_digamma_rise(3, 0) == 0);
    assert_true(isnan(special_lgamma_rise(-1, 1)) && isnan(special_digamma_rise(1, -1)));
    assert_true(special_log_beta(0, 1) == INFINITY && isnan(special_log_beta(-1, 1)));
}

static void test_beta(void **state)
{
    /* a, b, x, log I, log(1 - I) */
    static const double pins[][5] = {
        {0.01, 0.3, 0.5, -0.031122960083884047, -3.4853305862428816},
        {0.5, 0.5, 1e-05, -6.208043771101791, -0.0020152009937178415},
        {2, 9, 0.125, -1.0185943352818698, -0.44801073124432345},
        {2, 9, 0.75, -2.9564340829411335e-05, -10.42895640671376},
        {15, 17, 0.25, -5.495074951767853, -0.004115405306508867},
        {300, 0.5, 0.96875, -11.262549984083664, -1.2845158840855955e-05},
        {300, 18, 0.984375, -3.6758476308019287e-06, -12.51372864198059},
        {1e5, 300, 0.998046875, -2.978035400382616e-12, -26.539757294437795},
        {1e5, 1e5, 0.5, -0.6931471805599453, -0.6931471805599453},
        {1e5, 1e5, 0.509765625, -1.2133028973425258e-18, -41.25318536583472},
        {1e-06, 1, 0.5, -6.931471805599452e-07, -14.182023825119508},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        const double *p = pins[i];
        double lower, upper;
        special_log_beta_tails(&lower, &upper, p[0], p[1], p[2], 1 - p[2]);
        /* a relative error of the tail itself is an absolute one of its log */
        assert_close(lower, p[3], 3e-14, fabs(p[3]) > 1 ? 3e-14 : 0, "lower", p[0]);
        assert_close(upper, p[4], 3e-14, fabs(p[4]) > 1 ? 2e-12 : 0, "upper", p[0]);
        assert_close(special_beta_p(p[0], p[1], p[2]), exp(p[3]), 3e-14, 0, "P", p[0]);
        assert_close(special_beta_q(p[0], p[1], p[2]), exp(p[4]), 2e-12, 0, "Q", p[0]);
    }
    /* two large parameters: the expansion's first term, mpmath quadrature */
    assert_close(log(special_beta_q(2e8, 3e8, 0.4000438178045566)), -3.78314100860151707, 1e-11, 0,
                 "Q", 2e8);
    assert_close(log(special_beta_p(1e15, 1e15, 0.5)), -0.693147180559945, 1e-14, 0, "P", 1e15);
    assert_close(log(special_beta_p(30, 1e12, 2.4522774424297553e-11)), -1.85081522636946899, 1e-13,
                 0, "P", 30);
    assert_true(special_beta_p(2, 3, 0) == 0 && special_beta_q(2, 3, 0) == 1);
    assert_true(special_beta_p(2, 3, 1) == 1 && special_beta_q(2, 3, 1) == 0);
    assert_true(isnan(special_beta_p(-1, 1, 0.5)) && isnan(special_beta_p(1, 1, 1.5)));
}

static void test_student(void **state)
{
    /* df, t, log P(T > t), log P(0 <= T <= t); the last ones by quadrature */
    static const double pins[][4] = {
        {0.01, 0.1, -0.7019282824740245, -5.4326878951635145},
        {0.3, 8, -1.675478787448223, -1.162250479679766},
        {1, 1e4, -10.355070261158916, -0.6932108445634795},
        {4, 1e-06, -0.6931479305602266, -14.796339810976209},
        {4, 2.5, -3.3997003306226388, -0.76224707007168},
        {30, 40, -62.54623464729917, -0.6931471805599453},
        {0.01, 1e300, -7.630818957091875, -0.694118178397312},
        {1e8, 8, -35.0134266021404755, -0.693147180559946553},
        {1e15, 1.5, -2.70594440082388744, NAN},
        {1e15, 8, -35.0134371599134941, NAN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        const double *p = pins[i];
        assert_close(special_t_log_above(p[0], p[1]), p[2], 2e-15, 2e-14, "t above", p[0]);
        assert_close(special_t_log_above(p[0], -p[1]), log1p(-exp(p[2])), 2e-15, 2e-14, "t", p[0]);
        if (!isnan(p[3]))
            assert_close(special_t_log_centre(p[0], p[1]), p[3], 2e-15, 2e-14, "centre", p[0]);
    }
    for (double t = -40; t < 40; t += 1.3)
        assert_close(special_t_log_above(1e15, t), special_log_phi(-t), 1e-9, 0, "normal limit", t);
    assert_true(special_t_log_above(3, INFINITY) == -INFINITY);
    assert_true(special_t_log_above(3, -INFINITY) == 0 && special_t_log_above(3, 0) == -log(2));
    assert_true(special_t_log_centre(3, 0) == -INFINITY);
    assert_close(special_t_log_centre(3, INFINITY), -log(2), 1e-15, 0, "centre", INFINITY);
    assert_true(isnan(special_t_log_above(-1, 0)) && isnan(special_t_log_centre(1, -1)));
}

/* R 4.2.2: qt, qbeta, qgamma; mpmath where R has fewer digits. */
static void test_quantiles(void **state)
{
    (void)state;
    assert_close(special_t_quantile(4, 0.975), 2.7764451051977934, 4e-15, 0, "qt", 0.975);
    assert_close(special_t_quantile(2.5, 1e-20), -87654378.822800070, 4e-15, 0, "qt", 1e-20);
    assert_close(special_t_quantile(0.5, 0.3), -1.0095258786071661, 4e-15, 0, "qt", 0.3);
    assert_close(special_t_quantile(1e9, 0.6), 0.25334710320320181, 1e-13, 0, "qt", 0.6);
    assert_close(special_beta_quantile(2, 3, 0.7), 0.50840475487258441, 4e-15, 0, "qbeta", 0.7);
    assert_close(special_beta_quantile(0.1, 4, 1e-10), 1.7052017378003249e-101, 1e-13, 0, "qbeta",
                 1e-10);
    assert_close(special_beta_quantile(50, 0.5, 0.999), 0.99999998421329339, 1e-15, 0, "qbeta",
                 0.999);
    assert_close(special_gamma_quantile(3.3, 0.2), 1.7594413779995044, 4e-15, 0, "qgamma", 0.2);
    assert_close(special_gamma_quantile(0.5, 1e-10), 7.8539816339744831e-21, 1e-13, 0, "qgamma",
                 1e-10);
    assert_close(special_gamma_quantile(500, 1 - 1e-10), 655.65150380057753, 1e-9, 0, "qgamma", 1);
    assert_true(special_t_quantile(3, 0) == -INFINITY && special_t_quantile(3, 1) == INFINITY);
    assert_true(special_t_quantile(3, 0.5) == 0 && isnan(special_t_quantile(3, 2)));
    assert_true(special_beta_quantile(2, 2, 0) == 0 && special_beta_quantile(2, 2, 1) == 1);
    assert_true(special_gamma_quantile(2, 0) == 0 && special_gamma_quantile(2, 1) > 700);
    assert_true(isnan(special_beta_quantile(-1, 2, 0.5)) && isnan(special_gamma_quantile(2, -1)));
}

static double cubed(double t, const void *context)
{
    (void)context;
    return t * t * t;
}

static void test_invert(void **state)
{
    (void)state;
    for (double t = -1e100; t < -1e-100; t *= 1e-7)
        assert_close(special_invert(cubed, NULL, t * t * t, -INFINITY, 1), t, 4e-16, 0, "root", t);
    assert_true(special_invert(cubed, NULL, 8, 0, INFINITY) == 2);
    assert_true(special_invert(cubed, NULL, -8, -3, 3) == -2);
    assert_true(special_invert(cubed, NULL, -8, 1, 3) == 1);
    assert_true(special_invert(cubed, NULL, 100, 1, 3) == 3);
    assert_true(isnan(special_invert(cubed, NULL, NAN, 1, 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_erfc),     cmocka_unit_test(test_normal),
        cmocka_unit_test(test_logistic), cmocka_unit_test(test_factorials),
        cmocka_unit_test(test_gamma),    cmocka_unit_test(test_psi),
        cmocka_unit_test(test_rises),    cmocka_unit_test(test_beta),
        cmocka_unit_test(test_student),  cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_invert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
