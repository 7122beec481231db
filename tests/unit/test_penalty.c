/* Penalties: the formulas, tiny problems solved as each tool states them, round trips, messages. */
#include "model/penalty.h"
#include "numeric.h"

#include <stdio.h>
#include <string.h>

static const struct place nowhere;

static struct penalty read_penalty(const char *convention, const char *settings)
{
    struct penalty penalty;
    mxp_error error = {0};
    if (penalty_parse(&penalty, convention, settings, nowhere, &error) != MXP_OK)
        fail_msg("%s: %s: %s", convention, settings, error.message);
    return penalty;
}

static struct prior prior_of(const char *convention, const char *settings,
                             const struct penalty_facts *facts)
{
    const struct penalty penalty = read_penalty(convention, settings);
    struct prior prior;
    double l1 = 0, l2 = 0;
    mxp_error error = {0};
    assert_int_equal(penalty_check_family(&penalty, facts, nowhere, &error), MXP_OK);
    assert_int_equal(penalty_weights(&l1, &l2, &penalty, facts, &error), MXP_OK);
    penalty_prior(&prior, l1, l2, facts->phi);
    return prior;
}

static void check_prior(const char *convention, const char *settings,
                        const struct penalty_facts *facts, const char *name, double a0, double a1,
                        double a2)
{
    const struct prior prior = prior_of(convention, settings, facts);
    const double want[] = {a0, a1, a2};
    assert_string_equal(prior.row->name, name);
    for (size_t k = 0; k < 3 && k < prior.row->argument_count; k++)
        assert_close(prior.a[k], want[k], 1e-15, 0, settings, (double)k);
}

/* tau and b by hand: phi = 4, W = 50, s_y = 3. */
static void test_formulas(void **state)
{
    const struct penalty_facts g = {&family_gaussian, 4, 50, 3, 0, false};
    const struct penalty_facts b = {&family_bernoulli, 1, 50, NAN, 0, false};
    const struct penalty_facts p = {&family_poisson, 1, 50, NAN, 0, false};
    (void)state;
    check_prior("sum", "", &g, "flat", 0, 0, 0);
    check_prior("sum", "l1=3", &g, "laplace", 0, 4.0 / 3, 0);
    check_prior("sum", "l2=16", &g, "gaussian", 0, 0.5, 0);
    check_prior("sum", "l1=3, l2=16", &g, "elastic_net", 0, 0.75, 4);
    check_prior("mean", "l1=0.1", &g, "laplace", 0, 0.8, 0);
    check_prior("mean", "l2=0.02", &p, "gaussian", 0, 1, 0);
    check_prior("glmnet", "lambda=0.1", &g, "laplace", 0, 0.8, 0);
    check_prior("glmnet", "lambda=0.24, alpha=0", &g, "gaussian", 0, 1, 0);
    check_prior("glmnet", "lambda=0.32, alpha=0, gaussian=object", &g, "gaussian", 0, 0.5, 0);
    check_prior("glmnet", "lambda=0.24, alpha=0.25", &g, "elastic_net", 0, 0.75, 0.75);
    check_prior("glmnet", "lambda=0.24, alpha=0.25", &b, "elastic_net", 0, 3, 9);
    check_prior("sklearn", "kind=ridge, alpha=16", &g, "gaussian", 0, 0.5, 0);
    check_prior("sklearn", "kind=lasso, alpha=0.1", &g, "laplace", 0, 0.8, 0);
    check_prior("sklearn", "kind=elastic_net, alpha=0.8, l1_ratio=0.25", &g, "elastic_net", 0, 2.5,
                7.5);
    check_prior("sklearn", "kind=poisson, alpha=0.02", &p, "gaussian", 0, 1, 0);
    check_prior("sklearn", "kind=logistic_l1, C=0.5", &b, "laplace", 0, 0.5, 0);
    check_prior("sklearn", "kind=logistic_l2, C=0.25", &b, "gaussian", 0, 0.5, 0);
    check_prior("sklearn", "C=0.5, l1_ratio=0.25, kind=logistic_elastic_net", &b, "elastic_net", 0,
                0.5, 1.5);
}

/* One predictor, no intercept, each problem written as its tool documents it. */
enum { ROWS = 6 };
static const double xs[ROWS] = {-1.2, -0.4, 0.1, 0.7, 1.5, 2.2};
static const double real[ROWS] = {-2.1, 0.3, -0.2, 1.9, 2.4, 5.1};
static const double binary[ROWS] = {0, 0, 1, 0, 1, 1};
static const double counts[ROWS] = {0, 1, 1, 0, 3, 6};

enum loss { SQUARED, LOGISTIC, POISSON };

/* scale_loss * loss + scale_penalty (l1 |b| + l2 b^2/2), the response multiplied by factor. */
struct objective {
    enum loss loss;
    double factor, scale_loss, scale_penalty, l1, l2;
};

static double row_loss(const struct objective *o, size_t i, double eta)
{
    switch (o->loss) {
    case SQUARED:
        return 0.5 * (o->factor * real[i] - eta) * (o->factor * real[i] - eta);
    case LOGISTIC:
        return log1p(exp(eta)) - binary[i] * eta;
    default:
        return exp(eta) - counts[i] * eta;
    }
}

static double tool_objective(double b, const void *context)
{
    const struct objective *o = context;
    double sum = 0;
    for (size_t i = 0; i < ROWS; i++)
        sum += row_loss(o, i, b * xs[i]);
    return o->scale_loss * sum + o->scale_penalty * (o->l1 * fabs(b) + 0.5 * o->l2 * b * b);
}

struct posterior {
    const struct penalty_facts *facts;
    const double *y;
    struct prior prior;
};

static double posterior_objective(double b, const void *context)
{
    const struct posterior *p = context;
    const double psi[FAMILY_AUX_MAX] = {sqrt(p->facts->phi)};
    double value[ROWS], eta[ROWS], sum = -p->prior.row->log_density(p->prior.a, b);
    struct family_out out = {.value = value};
    for (size_t i = 0; i < ROWS; i++)
        eta[i] = b * xs[i];
    const struct response response = {.y = p->y, .q = 1};
    assert_int_equal(p->facts->family->eval(&out, 0, &response, eta, ROWS, psi, FAMILY_VALUE, NULL),
                     MXP_OK);
    for (size_t i = 0; i < ROWS; i++)
        sum -= value[i];
    return sum;
}

static void check_solution(const char *convention, const char *settings,
                           const struct penalty_facts *facts, const double *y,
                           struct objective objective)
{
    const struct posterior posterior = {facts, y, prior_of(convention, settings, facts)};
    const double tool = numeric_argmin(tool_objective, &objective, -10, 10);
    const double mode = numeric_argmin(posterior_objective, &posterior, -10, 10);
    assert_close(mode, tool / objective.factor, 0, 1e-6, settings, tool);
    assert_true(fabs(mode) > 0.05); /* the case says something */
}

static void test_solutions(void **state)
{
    const double n = ROWS, sd = 1.7, third = 1.0 / 3;
    const struct penalty_facts g = {&family_gaussian, 2.25, ROWS, sd, 0, false};
    const struct penalty_facts b = {&family_bernoulli, 1, ROWS, NAN, 0, false};
    const struct penalty_facts p = {&family_poisson, 1, ROWS, NAN, 0, false};
    (void)state;
    check_solution("sum", "l1=3, l2=2", &g, real, (struct objective){SQUARED, 1, 1, 1, 3, 2});
    check_solution("mean", "l1=.3, l2=.2", &g, real,
                   (struct objective){SQUARED, 1, 1 / n, 1, .3, .2});
    check_solution("mean", "l1=.1, l2=.2", &p, counts,
                   (struct objective){POISSON, 1, 1 / n, 1, .1, .2});
    check_solution("glmnet", "lambda=0.6, alpha=0.25, gaussian=object", &g, real,
                   (struct objective){SQUARED, 1, 1 / n, 0.6, 0.25, 0.75});
    /* the string: the response is divided by its sd, and lambda with it */
    check_solution("glmnet", "lambda=0.6, alpha=0.25", &g, real,
                   (struct objective){SQUARED, 1 / sd, 1 / n, 0.6 / sd, 0.25, 0.75});
    check_solution("glmnet", "lambda=0.1, alpha=0.25", &b, binary,
                   (struct objective){LOGISTIC, 1, 1 / n, 0.1, 0.25, 0.75});
    check_solution("sklearn", "kind=ridge, alpha=3", &g, real,
                   (struct objective){SQUARED, 1, 2, 1, 0, 6}); /* |y - Xb|^2 + alpha b^2 */
    check_solution("sklearn", "kind=lasso, alpha=0.4", &g, real,
                   (struct objective){SQUARED, 1, 1 / n, 0.4, 1, 0});
    check_solution("sklearn", "kind=elastic_net, alpha=0.4, l1_ratio=.25", &g, real,
                   (struct objective){SQUARED, 1, 1 / n, 0.4, .25, .75});
    check_solution("sklearn", "kind=poisson, alpha=0.4", &p, counts,
                   (struct objective){POISSON, 1, 1 / n, 0.4, 0, 1});
    check_solution("sklearn", "kind=logistic_l1, C=0.8", &b, binary,
                   (struct objective){LOGISTIC, 1, 0.8, 1, 1, 0});
    check_solution("sklearn", "kind=logistic_l2, C=0.8", &b, binary,
                   (struct objective){LOGISTIC, 1, 0.8, 1, 0, 1});
    check_solution("sklearn", "kind=logistic_elastic_net, C=0.8, l1_ratio=0.33333333333333333", &b,
                   binary, (struct objective){LOGISTIC, 1, 0.8, 1, third, 1 - third});
}

/* Penalty -> prior -> the same penalty, for every row, family and a grid of values. */
static void round_trip(const struct penalty_row *row, const struct family *family, double first,
                       double second)
{
    const double phi = family == &family_gaussian ? 1e-16 * 7 : 1;
    const struct penalty_facts facts = {family, phi, 442, 1e8, 0, false};
    const struct penalty penalty = {row, {first, row->parameter_count > 1 ? second : NAN}};
    struct penalty_equivalent back;
    struct prior prior;
    double l1 = 0, l2 = 0;
    if (penalty_check_family(&penalty, &(struct penalty_facts){.family = family}, nowhere, NULL) !=
        MXP_OK)
        return;
    assert_int_equal(penalty_weights(&l1, &l2, &penalty, &facts, NULL), MXP_OK);
    penalty_prior(&prior, l1, l2, phi);
    penalty_equivalent(&back, row, &prior, &facts);
    if (!back.exact)
        fail_msg("%s %s: %s", row->convention, row->kind ? row->kind : "", back.why);
    for (size_t k = 0; k < row->parameter_count; k++)
        assert_close(back.penalty.value[k], penalty.value[k], 4e-15, 0, row->convention, first);
}

static void test_round_trips(void **state)
{
    static const double strengths[] = {1e-8, 0.3, 1e8}, shares[] = {0, 0.25, 1};
    (void)state;
    for (const struct penalty_row *row = penalty_table; row->convention; row++)
        for (size_t f = 0; family_table[f]; f++)
            for (size_t i = 0; i < 3; i++)
                for (size_t j = 0; j < 3; j++)
                    round_trip(row, family_table[f], strengths[i], shares[j]);
}

static size_t listed(struct penalty_equivalent *list, const char *prior_text,
                     const struct penalty_facts *facts)
{
    struct prior prior;
    assert_int_equal(prior_parse(&prior, prior_text, nowhere, NULL), MXP_OK);
    return penalty_equivalents(list, &prior, facts);
}

static void check_listed(const struct penalty_equivalent *e, const struct penalty_facts *facts,
                         const char *text, const char *why)
{
    struct str s = {0};
    penalty_format(&s, &e->penalty, facts->family);
    assert_string_equal(s.text, text);
    assert_string_equal(e->why, why);
    assert_int_equal(e->exact, why[0] == '\0');
    str_free(&s);
}

static void test_equivalents(void **state)
{
    struct penalty_equivalent list[PENALTY_ROWS_MAX];
    const struct penalty_facts g = {&family_gaussian, 4, 50, 3, 0, false};
    const struct penalty_facts unknown = {&family_gaussian, 4, NAN, NAN, 0, false};
    const struct penalty_facts b = {&family_bernoulli, 1, 50, NAN, 0, false};
    (void)state;
    assert_int_equal(listed(list, "laplace(0, 0.8)", &g), 4);
    check_listed(&list[0], &g, "sum: l1 = 5, l2 = 0", "");
    check_listed(&list[1], &g, "mean: l1 = 0.1, l2 = 0", "");
    check_listed(&list[2], &g, "glmnet: gaussian = string, lambda = 0.1, alpha = 1", "");
    check_listed(&list[3], &g, "sklearn: kind = lasso, alpha = 0.1", "");
    assert_int_equal(listed(list, "gaussian(0, 0.5)", &g), 5);
    check_listed(&list[2], &g, "glmnet: gaussian = string, lambda = 0.96, alpha = 0", "");
    check_listed(&list[3], &g, "glmnet: gaussian = object, lambda = 0.32, alpha = 0", "");
    check_listed(&list[4], &g, "sklearn: kind = ridge, alpha = 16", "");
    assert_int_equal(listed(list, "gaussian(0, 0.5)", &unknown), 5);
    check_listed(&list[0], &unknown, "sum: l1 = 0, l2 = 16", "");
    assert_string_equal(list[1].why, "needs the number of rows");
    assert_int_equal(listed(list, "gaussian(1.5, 0.5)", &g), 5);
    assert_string_equal(list[0].why, "shrinks towards 0, the prior towards 1.5");
    assert_int_equal(listed(list, "flat", &g), 4);
    check_listed(&list[2], &g, "glmnet: gaussian = string, lambda = 0, alpha = 1", "");
    assert_int_equal(listed(list, "elastic_net(0, 3, 9)", &b), 4);
    check_listed(&list[2], &b, "glmnet: lambda = 0.24, alpha = 0.25", "");
    check_listed(&list[3], &b,
                 "sklearn: kind = logistic_elastic_net, C = 0.0833333, l1_ratio = 0.25", "");
    assert_int_equal(listed(list, "half_normal(1)", &g), 0);
}

static const struct penalty_row *row_of(const char *kind)
{
    const struct penalty_row *row = penalty_table;
    while (!row->kind || strcmp(row->kind, kind) != 0)
        row++;
    return row;
}

static void test_reasons(void **state)
{
    const struct penalty_facts g = {&family_gaussian, 4, 50, NAN, 0, false};
    const struct penalty_facts b = {&family_bernoulli, 1, 50, NAN, 0, false};
    const struct prior flat = {.row = prior_find("flat")};
    const struct prior laplace = {.row = prior_find("laplace"), .a = {0, 1}};
    const struct prior gaussian = {.row = prior_find("gaussian"), .a = {0, 1}};
    struct penalty_equivalent e;
    (void)state;
    penalty_equivalent(&e, row_of("logistic_l1"), &laplace, &g);
    assert_string_equal(e.why, "does not fit the family gaussian");
    penalty_equivalent(&e, row_of("ridge"), &laplace, &g);
    assert_string_equal(e.why, "cannot hold laplace");
    penalty_equivalent(&e, row_of("logistic_l2"), &flat, &b);
    assert_string_equal(e.why, "no penalty is C = infinity");
    penalty_equivalent(&e, row_of("string"), &gaussian, &g);
    assert_string_equal(e.why, "needs the sd of the response");
    penalty_equivalent(&e, row_of("string"), &laplace, &g);
    assert_true(e.exact);
    penalty_equivalent(&e, row_of("lasso"),
                       &(struct prior){.row = prior_find("exponential"), .a = {1}}, &g);
    assert_string_equal(e.why, "exponential is no penalty on a weight");
    penalty_equivalent(&e, row_of("lasso"),
                       &(struct prior){.row = prior_find("laplace"),
                                       .a = {0, 1},
                                       .bounded = true,
                                       .lower = 0,
                                       .upper = INFINITY},
                       &g);
    assert_string_equal(e.why, "a penalty has no bounds");
    assert_false(e.exact);
}

static void check_fails(const char *convention, const char *settings, unsigned column,
                        const char *message)
{
    static const struct source source = {.name = "m.yaml"};
    struct penalty penalty = {.row = NULL};
    mxp_error error = {0};
    char want[1024];
    assert_int_equal(
        penalty_parse(&penalty, convention, settings, (struct place){&source, 3, 10}, &error),
        MXP_CONFIG);
    (void)snprintf(want, sizeof want, "m.yaml:3:%u: %s", 10 + column, message);
    assert_string_equal(error.message, want);
    assert_null(penalty.row);
}

static void test_errors(void **state)
{
    const struct penalty lasso = read_penalty("sklearn", "kind=lasso, alpha=1");
    const struct penalty ridge = read_penalty("glmnet", "lambda=1, alpha=0");
    const struct penalty_facts constant = {&family_gaussian, 1, 50, 0, 0, false},
                               empty = {&family_gaussian, 1, 0, 1, 0, false};
    mxp_error error = {0};
    double l1 = -1, l2 = -1;
    (void)state;
    check_fails("glmnett", "", 0, "unknown penalty convention \"glmnett\"; did you mean glmnet?");
    check_fails("xyz", "", 0,
                "unknown penalty convention \"xyz\"; known: sum, mean, glmnet, sklearn");
    check_fails("sklearn", "alpha=1", 0,
                "penalty sklearn lacks its kind; known: ridge, lasso, elastic_net, poisson, "
                "logistic_l1, logistic_l2, logistic_elastic_net");
    check_fails("sklearn", "kind=laso, alpha=1", 5, "unknown kind \"laso\"; did you mean lasso?");
    check_fails("sklearn", "kind=lasso", 0, "penalty sklearn lasso lacks alpha");
    check_fails("sklearn", "kind=lasso, C=1", 12,
                "unknown setting of penalty sklearn lasso \"C\"; known: alpha, kind");
    check_fails("sklearn", "kind=lasso, alpha=1, kind=lasso", 21, "kind is given twice");
    check_fails("sklearn", "kind=logistic_l1, C=0", 20, "penalty sklearn: C = 0 is not above 0");
    check_fails("glmnet", "lambda=-1", 7, "penalty glmnet: lambda = -1 is below 0");
    check_fails("glmnet", "lambda=1, alpha=1.5", 16,
                "penalty glmnet: alpha = 1.5 is outside [0, 1]");
    check_fails("glmnet", "lambda=x", 7, "glmnet: lambda = x is not a number");
    check_fails("glmnet", "lambda=inf", 7, "glmnet: lambda = inf is not finite");
    check_fails("glmnet", "lamda=1", 0,
                "unknown setting of penalty glmnet \"lamda\"; did you mean lambda?");
    check_fails("glmnet", "0.1", 0, "\"0.1\" needs a name: name=value");
    check_fails("glmnet", "lambda=1, gaussian=family", 19,
                "unknown gaussian \"family\"; known: string, object");
    check_fails("sum", "l1=1)", 4, "unexpected \")\" in the settings of a penalty");
    check_fails("sum", "l1=1, l1=2", 6, "l1 is given twice");
    assert_int_equal(penalty_check_family(&lasso,
                                          &(struct penalty_facts){.family = &family_poisson},
                                          nowhere, &error),
                     MXP_CONFIG);
    assert_string_equal(error.message, "penalty sklearn lasso does not fit the family poisson");
    assert_int_equal(penalty_weights(&l1, &l2, &ridge, &constant, &error), MXP_DATA);
    assert_non_null(strstr(error.message, "sd of the response is 0"));
    assert_int_equal(penalty_weights(&l1, &l2, &lasso, &empty, &error), MXP_DATA);
    assert_true(l1 == -1 && l2 == -1);
}

/* Settings that come from elsewhere, each with its place. */
static void test_fill(void **state)
{
    struct arguments settings = {.count = 0};
    const struct source source = {.name = "m.yaml"};
    const struct place at = {&source, 7, 1}, name_at = {&source, 8, 3}, value_at = {&source, 8, 9};
    struct penalty penalty;
    mxp_error error = {0};
    (void)state;
    assert_int_equal(arguments_add(&settings, "lambda", name_at, "2", value_at, &error), MXP_OK);
    assert_int_equal(penalty_fill(&penalty, "glmnet", at, &settings, &error), MXP_OK);
    assert_true(penalty.value[0] == 2 && penalty.value[1] == 1);
    assert_int_equal(arguments_add(&settings, "alpha", name_at, "2", value_at, &error), MXP_OK);
    assert_int_equal(penalty_fill(&penalty, "glmnet", at, &settings, &error), MXP_CONFIG);
    assert_string_equal(error.message, "m.yaml:8:9: penalty glmnet: alpha = 2 is outside [0, 1]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formulas),    cmocka_unit_test(test_solutions),
        cmocka_unit_test(test_round_trips), cmocka_unit_test(test_equivalents),
        cmocka_unit_test(test_reasons),     cmocka_unit_test(test_errors),
        cmocka_unit_test(test_fill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
