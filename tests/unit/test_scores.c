/* Scores of every family, as fit.json has them, at coefficients that are given: against numbers from
 * scipy (tests/reference/scores.py), and between models that say the same. */
#include "numeric.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char work[] = "maxpost-scores-XXXXXX"; /* for mkdtemp */

static const char data[] = "y,b,succ,tot,fail,unit,cls,two,cnt,x,w\n"
                           "1.2,0,3,7,4,0.31,a,p,2,0.5,1\n"
                           "0.4,1,5,8,3,0.62,b,q,1,1.5,2\n"
                           "2.9,0,1,6,5,0.12,a,p,4,-0.3,1\n"
                           "3.1,1,6,6,0,0.81,c,q,0,0.9,0.5\n"
                           "0.9,1,2,9,7,0.25,b,q,3,0.1,1\n"
                           "1.7,0,4,5,1,0.55,a,p,1,-1.2,3\n"
                           "5.2,1,7,9,2,0.77,c,q,7,2.1,1\n"
                           "2.2,0,0,4,4,0.09,b,p,2,-0.8,1\n"
                           "0.7,1,3,3,0,0.93,c,q,0,1.1,2\n"
                           "1.1,0,2,8,6,0.36,a,p,5,-0.2,1\n";

/* Every trial of `succ` out of `tot` as a row of its own. */
static void write_trials(FILE *out)
{
    const int succ[] = {3, 5, 1, 6, 2, 4, 7, 0, 3, 2}, tot[] = {7, 8, 6, 6, 9, 5, 9, 4, 3, 8};
    const double x[] = {0.5, 1.5, -0.3, 0.9, 0.1, -1.2, 2.1, -0.8, 1.1, -0.2};
    const double w[] = {1, 2, 1, 0.5, 1, 3, 1, 1, 2, 1};

    fprintf(out, "hit,x,w\n");
    for (size_t i = 0; i < 10; i++)
        for (int t = 0; t < tot[i]; t++)
            fprintf(out, "%d,%g,%g\n", t < succ[i], x[i], w[i]);
}

static FILE *create(const char *directory, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    return out;
}

/* fit.json of a model at its start; the caller releases it. */
static json_t *evaluate(const char *model, const char *start, const char *file)
{
    const char *program = getenv("MAXPOST"), *base = getenv("TMPDIR");
    char directory[256], command[1024];
    json_error_t error;

    snprintf(directory, sizeof directory, "%s/%s", base ? base : "/tmp", work);
    assert_non_null(mkdtemp(directory));
    FILE *out = create(directory, "rows.csv");
    fputs(data, out);
    fclose(out);
    out = create(directory, "trials.csv");
    write_trials(out);
    fclose(out);
    out = create(directory, "run.yaml");
    fprintf(out,
            "model: {%s, predictors: [x]}\ndata: {file: %s, weights: w}\n"
            "fit: {max_iterations: 0, start: {%s}}\noutput: {directory: \"%s/out\"}\n",
            model, file, start, directory);
    fclose(out);
    snprintf(command, sizeof command, "'%s' fit --quiet --json '%s/run.yaml'",
             program ? program : "build/maxpost", directory);
    FILE *in = popen(command, "r");
    assert_non_null(in);
    json_t *result = json_loadf(in, 0, &error);
    assert_int_equal(pclose(in), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
    assert_non_null(result);
    return result;
}

/* A score of the training rows; NAN: null. */
static double score(const json_t *result, const char *name)
{
    const json_t *train = json_object_get(json_object_get(result, "scores"), "train");
    const json_t *value = json_object_get(train, name);

    assert_non_null(value);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* What scipy says; NAN: the score does not apply. */
struct pin {
    const char *model, *start;
    double deviance, null_deviance, rmse, brier, accuracy;
};

static const char line[] = "intercept: 0.6, x: 0.25";

static const struct pin pins[] = {
    {"response: y, family: {name: huber, k: 1.5, noise_scale: 0.8}", line, 38.40039062, 24.09659091,
     1.61658791332, NAN, NAN},
    {"response: y, family: {name: student_t, df: 3, noise_scale: 0.7}", line, 37.49344766, NAN,
     1.61658791332, NAN, NAN},
    {"response: y, family: {name: gamma, shape: 2}, link: log", line, 16.38209008, 14.08036872,
     1.36502802618, NAN, NAN},
    {"response: unit, family: {name: beta, precision: 4}", line, 19.69029541, 18.46975105,
     0.274513868933, NAN, NAN},
    {"response: unit, family: {name: beta, precision: 4}, link: cloglog", line, 52.16242838,
     18.46975105, 0.401740225371, NAN, NAN},
    {"response: cnt, family: {name: negative_binomial, size: 1.5}", line, 12.16149627, 12.133723,
     1.97851835197, NAN, NAN},
    {"response: cnt, family: poisson, link: sqrt", line, 73.65173407, 25.71149709, 2.51045098236,
     NAN, NAN},
    {"response: b, family: bernoulli, link: cloglog", line, 23.27043571, 18.69645112, NAN,
     0.326641122807, 0.481481481481},
    {"response: succ, family: {name: binomial, trials: tot}, link: probit", line, 47.82597843,
     34.8682771, NAN, 0.279484371673, 0.55421686747},
    {"response: cls, family: multinomial",
     "\"intercept[b]\": 0.6, \"x[b]\": 0.25, \"intercept[c]\": -0.5, \"x[c]\": 1", 25.6060209733,
     28.9118122078, NAN, 0.611186347927, 0.222222222222},
    {"response: cls, family: ordinal, link: probit",
     "\"cutpoint[a|b]\": -0.2, \"cutpoint[b|c]\": 0.7, x: 0.25", 24.8386903296, 28.9118122078, NAN,
     0.547682463597, 0.518518518519},
};

static void check(const json_t *result, const char *name, double want, const char *model)
{
    const double got = score(result, name);

    if (isnan(want) != isnan(got))
        fail_msg("%s of %s is %g where %g is due", name, model, got, want);
    if (!isnan(want))
        assert_close(got, want, 1e-7, 0.0, name, want);
}

static void test_pins(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        const struct pin *pin = &pins[i];
        json_t *result = evaluate(pin->model, pin->start, "rows.csv");
        check(result, "deviance", pin->deviance, pin->model);
        check(result, "null_deviance", pin->null_deviance, pin->model);
        check(result, "deviance_explained", 1.0 - pin->deviance / pin->null_deviance, pin->model);
        check(result, "rmse", pin->rmse, pin->model);
        check(result, "brier", pin->brier, pin->model);
        check(result, "accuracy", pin->accuracy, pin->model);
        json_decref(result);
    }
}

/* What two models that say the same must agree in. */
static void agree(const json_t *a, const json_t *b, const char *name, double factor)
{
    assert_close(score(a, name), factor * score(b, name), 1e-12, 0.0, name, factor);
}

static void test_trials_are_rows(void **state)
{
    json_t *together =
        evaluate("response: succ, family: {name: binomial, failures: fail}", line, "rows.csv");
    json_t *apart = evaluate("response: hit, family: bernoulli", line, "trials.csv");

    (void)state;
    agree(together, apart, "brier", 1.0);
    agree(together, apart, "accuracy", 1.0);
    assert_close(score(together, "null_deviance") - score(together, "deviance"),
                 score(apart, "null_deviance") - score(apart, "deviance"), 1e-10, 0.0, "explained",
                 0.0);
    json_decref(together);
    json_decref(apart);
}

/* Two classes are a 0 and a 1, with one coefficient for the second, or cutpoints of other sign. */
static void test_two_classes(void **state)
{
    json_t *binary = evaluate("response: b, family: bernoulli", line, "rows.csv");
    json_t *classes = evaluate("response: two, family: {name: multinomial, reference: p}",
                               "\"intercept[q]\": 0.6, \"x[q]\": 0.25", "rows.csv");
    json_t *ordered =
        evaluate("response: two, family: ordinal", "\"cutpoint[p|q]\": -0.6, x: 0.25", "rows.csv");

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const json_t *other = i ? ordered : classes;
        agree(other, binary, "log_predictive_density", 1.0);
        agree(other, binary, "deviance", 1.0);
        agree(other, binary, "null_deviance", 1.0);
        agree(other, binary, "deviance_explained", 1.0);
        agree(other, binary, "accuracy", 1.0);
        agree(other, binary, "brier", 2.0);
    }
    json_decref(binary);
    json_decref(classes);
    json_decref(ordered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pins),
        cmocka_unit_test(test_trials_are_rows),
        cmocka_unit_test(test_two_classes),
    };
    return cmocka_run_group_tests_name("scores", tests, NULL, NULL);
}
