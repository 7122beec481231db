/* app/prediction: new rows from a saved fit, against closed forms and R; what is refused. */
#include "saved_fit.h"

#include "app/prediction.h"
#include "fit/solution.h"
#include "model/rows.h"

static mxp_prediction *predict_with(const struct saved *s, const char *data,
                                    const mxp_predict_options *options)
{
    mxp_prediction *p = NULL;
    mxp_error error = {0};

    if (mxp_predict(&p, s->json, data, options, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return p;
}

/* Predictions of rows given as text, in a file that is gone afterwards. */
static mxp_status predict_text(mxp_prediction **p, const struct saved *s, const char *text,
                               const mxp_predict_options *options, mxp_error *error)
{
    char path[160];

    (void)snprintf(path, sizeof path, "%s/new.csv", s->directory);
    saved_write(path, text, strlen(text));
    const mxp_status status = mxp_predict(p, s->json, path, options, error);
    (void)unlink(path);
    return status;
}

static mxp_prediction *predict_new_rows(const struct saved *s, const char *text)
{
    mxp_prediction *p = NULL;
    mxp_error error = {0};

    if (predict_text(&p, s, text, NULL, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return p;
}

static void training_file(char path[160], const struct saved *s)
{
    (void)snprintf(path, 160, "%s/data.csv", s->directory);
}

/* ---- R ---------------------------------------------------------------------------------------- */

/* predict(..., se.fit = TRUE) of R 4.2.2 for lm and glm (type = "link", epsilon 1e-15) on the rows
 * that saved_new makes, at x = 9.5, z = 0.25, off = 0.1 and x = 11, z = -1, off = 0.3. */
static const char new_rows[] = "x,z,off\n9.5,0.25,0.1\n11,-1,0.3\n";

struct pin {
    const char *model, *data;
    double eta[2], sd[2];
};

static const struct pin gaussian_pin = {
    "response: y, family: {name: gaussian, noise_sd: 0.92513492947989073}",
    "",
    {3.1779457168697411, 3.7144268684803428},
    {0.25447022844387512, 0.50775875431180340}};
static const struct pin poisson_pin = {"response: c, family: poisson",
                                       ", weights: w, offset: off",
                                       {0.58011688325773825, 1.57939201016070441},
                                       {0.15401911200917195, 0.20961350389514252}};
static const struct pin bernoulli_pin = {"response: b, family: bernoulli",
                                         "",
                                         {0.060698495287664397, -0.377531926052187716},
                                         {0.55474800160834747, 1.11290700759200334}};

static const double z95 = 1.9599639845400545;

static void check_pin(const struct pin *pin, double (*inverse)(double))
{
    struct saved s = saved_new(pin->model, pin->data, "");
    mxp_prediction *const p = predict_new_rows(&s, new_rows);

    assert_int_equal(mxp_prediction_rows(p), 2);
    for (size_t i = 0; i < 2; i++) {
        const double eta = pin->eta[i], sd = pin->sd[i];
        assert_close(mxp_prediction_column(p, "row")[i], (double)i + 1.0, 0.0, 0.0, "row", 0.0);
        assert_close(mxp_prediction_column(p, "mean")[i], inverse(eta), 1e-9, 0.0, "mean", eta);
        assert_close(mxp_prediction_column(p, "sd_eta")[i], sd, 1e-8, 0.0, "sd_eta", eta);
        assert_close(mxp_prediction_column(p, "lower")[i], inverse(eta - z95 * sd), 1e-7, 0.0,
                     "lower", eta);
        assert_close(mxp_prediction_column(p, "upper")[i], inverse(eta + z95 * sd), 1e-7, 0.0,
                     "upper", eta);
    }
    assert_null(p->observed.column);
    mxp_prediction_free(p);
    saved_free(&s);
}

static double same(double eta)
{
    return eta;
}

static double logistic(double eta)
{
    return 1.0 / (1.0 + exp(-eta));
}

static void as_r_predicts(void **state)
{
    (void)state;
    check_pin(&gaussian_pin, same);
    check_pin(&poisson_pin, exp);
    check_pin(&bernoulli_pin, logistic);
}

/* Gaussian noise adds to the variance; log-normal moments of a Poisson mean. */
static void noise_is_added(void **state)
{
    struct saved s = saved_new(gaussian_pin.model, "", "");
    mxp_prediction *p = predict_new_rows(&s, new_rows);

    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_close(mxp_prediction_column(p, "sd_predictive")[i],
                     hypot(0.92513492947989073, gaussian_pin.sd[i]), 1e-9, 0.0, "gaussian", 0.0);
    mxp_prediction_free(p);
    saved_free(&s);
    s = saved_new(poisson_pin.model, poisson_pin.data, "");
    p = predict_new_rows(&s, new_rows);
    for (size_t i = 0; i < 2; i++) {
        const double v = poisson_pin.sd[i] * poisson_pin.sd[i];
        const double mean = exp(poisson_pin.eta[i] + 0.5 * v);
        assert_close(mxp_prediction_column(p, "sd_predictive")[i],
                     sqrt(mean + mean * mean * expm1(v)), 1e-8, 0.0, "poisson", 0.0);
    }
    mxp_prediction_free(p);
    saved_free(&s);
}

/* MacKay's average is the default no more than Monte Carlo is: both on request. */
static void probabilities_on_request(void **state)
{
    struct saved s = saved_new(bernoulli_pin.model, "", "");
    mxp_predict_options options;
    mxp_prediction *p = predict_new_rows(&s, new_rows);
    const double pi = acos(-1.0);
    mxp_error error = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_close(mxp_prediction_column(p, "p[1]")[i], mxp_prediction_column(p, "mean")[i],
                     1e-14, 0.0, "p[1]", 0.0);
        assert_close(mxp_prediction_column(p, "p[0]")[i] + mxp_prediction_column(p, "p[1]")[i], 1.0,
                     1e-15, 0.0, "sum", 0.0);
    }
    mxp_prediction_free(p);
    mxp_predict_options_init(&options);
    options.probabilities = "averaged";
    assert_int_equal(predict_text(&p, &s, new_rows, &options, &error), MXP_OK);
    for (size_t i = 0; i < 2; i++) {
        const double m = bernoulli_pin.eta[i], v = pow(bernoulli_pin.sd[i], 2.0);
        assert_close(mxp_prediction_column(p, "p[1]")[i], logistic(m / sqrt(1.0 + pi * v / 8.0)),
                     1e-8, 0.0, "averaged", m);
    }
    mxp_prediction_free(p);
    options.probabilities = "monte_carlo";
    options.draws = 4000;
    assert_int_equal(predict_text(&p, &s, new_rows, &options, &error), MXP_OK);
    for (size_t i = 0; i < 2; i++)
        assert_close(
            mxp_prediction_column(p, "p[1]")[i],
            logistic(bernoulli_pin.eta[i] / sqrt(1.0 + pi * pow(bernoulli_pin.sd[i], 2.0) / 8.0)),
            0.0, 0.03, "Monte Carlo", 0.0);
    mxp_prediction_free(p);
    options.probabilities = "probit";
    assert_int_equal(predict_text(&p, &s, new_rows, &options, &error), MXP_USAGE);
    mxp_predict_options_init(&options);
    options.level = 1.0;
    assert_int_equal(predict_text(&p, &s, new_rows, &options, &error), MXP_USAGE);
    saved_free(&s);
}

/* ---- the rows of the fit ---------------------------------------------------------------------- */

static const struct {
    const char *model, *data;
} fits[] = {
    {"response: y", ", weights: w"},
    {"response: y, standardize: true, prior: {weights: \"gaussian(0, 1)\"}", ""},
    {"response: y, standardize: true, prior: {weights: \"laplace(0, 0.02)\"}", ""},
    {"response: y, family: {name: gaussian, noise_sd: 0.7}, intercept: false", ", offset: off"},
    {"response: c, family: poisson, prior: {weights: \"gaussian(0, 1)\"}",
     ", weights: w, offset: off"},
    {"response: y, family: gamma, link: log, standardize: true", ""},
    {"response: b, family: bernoulli, prior: {weights: \"gaussian(0, 1)\"}", ""},
};

/* Fitted values and the log-likelihood come back. */
static void training_rows_come_back(void **state)
{
    char path[160];

    (void)state;
    for (size_t f = 0; f < sizeof fits / sizeof *fits; f++) {
        struct saved s = saved_new(fits[f].model, fits[f].data, "");
        const struct mxp_problem *const problem = s.run->problem;
        mxp_prediction *const p = (training_file(path, &s), predict_with(&s, path, NULL));
        double eta[64];
        assert_int_equal(mxp_prediction_rows(p), problem->n);
        rows_predictor(eta, problem, s.run->solution->point->theta);
        for (size_t i = 0; i < problem->n; i++)
            assert_close(mxp_prediction_column(p, "mean")[i],
                         family_mean(problem->family, problem->link, eta[i]), 1e-12, 1e-12,
                         fits[f].model, (double)i);
        assert_close(p->scores.log_likelihood, mxp_solution_info(s.run->solution).log_likelihood,
                     1e-10, 0.0, fits[f].model, 0.0);
        assert_int_equal(p->observed.rows, problem->n);
        assert_true(p->scores.log_predictive_density < 0.0);
        mxp_prediction_free(p);
        saved_free(&s);
    }
}

/* The classes of the training rows: sums of 1, in the order of their labels. */
static void classes_come_back(void **state)
{
    static const char *const models[] = {
        "response: k, family: multinomial, prior: {weights: \"gaussian(0, 1)\"}",
        "response: k, family: ordinal, prior: {weights: \"gaussian(0, 1)\"}"};
    static const char *const names[] = {"p[high]", "p[low]", "p[mid]"};
    char path[160];

    (void)state;
    for (size_t f = 0; f < 2; f++) {
        struct saved s = saved_new(models[f], "", "");
        const struct mxp_problem *const problem = s.run->problem;
        mxp_prediction *const p = (training_file(path, &s), predict_with(&s, path, NULL));
        const size_t n = problem->n, q = problem->q;
        double eta[64], want[3], row[2], sum;
        rows_predictor(eta, problem, s.run->solution->point->theta);
        for (size_t i = 0; i < n; i++) {
            for (size_t a = 0; a < q; a++)
                row[a] = eta[i + a * n];
            problem->family->probabilities(want, problem->link, row, q, false);
            sum = 0.0;
            for (size_t l = 0; l < 3; l++) {
                /* multinomial: the reference "high" is the last of the family's */
                const double w = f == 1 ? want[l] : want[(l + 2) % 3];
                assert_close(mxp_prediction_column(p, names[l])[i], w, 1e-12, 1e-12, names[l],
                             (double)i);
                sum += mxp_prediction_column(p, names[l])[i];
            }
            assert_close(sum, 1.0, 1e-14, 0.0, "sum", (double)i);
            assert_true(isnan(mxp_prediction_column(p, "mean")[i]));
        }
        assert_close(p->scores.log_likelihood, mxp_solution_info(s.run->solution).log_likelihood,
                     1e-10, 0.0, models[f], 0.0);
        assert_true(p->scores.brier > 0.0 && p->scores.brier < 2.0);
        mxp_prediction_free(p);
        saved_free(&s);
    }
}

/* ---- rows that are not whole ------------------------------------------------------------------ */

/* A row that misses a predictor is left out, its number with it; one that misses the response is
 * predicted and not scored. */
static void missing_cells(void **state)
{
    static const char text[] = "x,z,y\n9.5,0.25,3\nNA,1,2\n11,-1,NA\n10,0,4\n";
    struct saved s = saved_new("response: y", ", missing: drop", "");
    mxp_prediction *p = predict_new_rows(&s, text);
    static const double rows[] = {1.0, 3.0, 4.0};
    mxp_error error = {0};
    char *notes = NULL;

    (void)state;
    assert_int_equal(mxp_prediction_rows(p), 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(mxp_prediction_column(p, "row")[i] == rows[i]);
    assert_int_equal(p->observed.rows, 2);
    assert_int_equal(mxp_prediction_notes(&notes, p, NULL), MXP_OK);
    assert_non_null(strstr(notes, "1 of 4 rows are left out: missing values in \"x\" (1)\n"));
    assert_non_null(strstr(notes, "scores of 2 rows: log predictive density "));
    mxp_text_free(notes);
    mxp_prediction_free(p);
    saved_free(&s);
    s = saved_new("response: y", "", "");
    assert_int_equal(predict_text(&p, &s, text, NULL, &error), MXP_DATA);
    assert_non_null(strstr(error.message, "new.csv:3: column \"x\": missing value"));
    saved_free(&s);
}

static void assert_refused(const char *model, const char *text, const char *message)
{
    struct saved s = saved_new(model, "", "");
    mxp_prediction *p = NULL;
    mxp_error error = {0};

    assert_int_equal(predict_text(&p, &s, text, NULL, &error), MXP_DATA);
    if (!strstr(error.message, message))
        fail_msg("got: %s\nwant: %s", error.message, message);
    saved_free(&s);
}

static void what_is_refused(void **state)
{
    (void)state;
    assert_refused("response: y", "x\n1\n", "new.csv: there is no column \"z\"");
    assert_refused("response: y", "x,z\n1,a\n", "new.csv:2: column \"z\": \"a\" is not a number");
    assert_refused("response: y", "x,z,y\n1,1,much\n",
                   "new.csv:2: column \"y\": \"much\" is not a");
    assert_refused("response: c, family: poisson", "x,z,c\n1,1,2\n1,1,-1\n",
                   "new.csv:3: column \"c\": -1 is not a count");
    assert_refused("response: k, family: multinomial, prior: {weights: \"gaussian(0, 1)\"}",
                   "x,z,k\n1,1,low\n1,1,none\n",
                   "new.csv:3: column \"k\": \"none\" is a class that the fit has not seen");
}

/* ---- the posterior ---------------------------------------------------------------------------- */

/* At kinks the interval is that of the draws: around the mean, with their covariance. */
static void kinks_move_the_interval(void **state)
{
    struct saved s =
        saved_new("response: y, standardize: true, prior: {weights: \"laplace(0, 0.02)\"}", "", "");
    mxp_prediction *const p = predict_new_rows(&s, "x,z\n10.5,0.5\n");
    const struct fit_parameter *const b = p->fit->parameter;
    const double z[] = {1.0, 10.5, 0.5};
    double mode = 0.0, mean = 0.0, variance = 0.0;
    char *notes = NULL;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        mode += z[i] * b[i].estimate;
        mean += z[i] * b[i].mean;
        for (size_t j = 0; j < 3; j++)
            variance += z[i] * z[j] * p->fit->covariance[i + j * p->fit->count];
    }
    assert_true(fabs(mean - mode) > 1e-6);
    assert_close(mxp_prediction_column(p, "mean")[0], mode, 1e-12, 0.0, "mean", 0.0);
    assert_close(mxp_prediction_column(p, "sd_eta")[0], sqrt(variance), 1e-8, 0.0, "sd", 0.0);
    assert_close(mxp_prediction_column(p, "lower")[0], mean - z95 * sqrt(variance), 1e-8, 0.0,
                 "lower", 0.0);
    assert_int_equal(mxp_prediction_notes(&notes, p, NULL), MXP_OK);
    assert_non_null(strstr(notes, "the posterior has kinks"));
    mxp_text_free(notes);
    mxp_prediction_free(p);
    saved_free(&s);
}

/* A fit without covariance predicts means and nothing else, and says so. */
static void without_covariance(void **state)
{
    struct saved s = saved_new("response: y", "", "");
    size_t length = 0;
    char *text = saved_text(s.json, &length), *notes = NULL;
    char *const at = strstr(text, "\"covariance\": \"covariance.npy\"");

    (void)state;
    assert_non_null(at);
    (void)memcpy(at, "\"covariance\": null            ", 30);
    saved_write(s.json, text, length);
    free(text);
    mxp_prediction *const p = predict_new_rows(&s, new_rows);
    assert_true(isfinite(mxp_prediction_column(p, "mean")[0]));
    assert_true(isnan(mxp_prediction_column(p, "sd_eta")[0]));
    assert_true(isnan(mxp_prediction_column(p, "sd_predictive")[0]));
    assert_int_equal(mxp_prediction_notes(&notes, p, NULL), MXP_OK);
    assert_string_equal(notes, "the fit saved no covariance: sds, intervals and averages over the "
                               "posterior are empty\n");
    mxp_text_free(notes);
    assert_int_equal(mxp_prediction_csv(&text, p, NULL), MXP_OK);
    assert_non_null(strstr(text, ",,,,\n"));
    mxp_text_free(text);
    mxp_prediction_free(p);
    saved_free(&s);
}

static void damaged_fits(void **state)
{
    struct saved s = saved_new("response: y", "", "");
    mxp_prediction *p = NULL;
    mxp_error error = {0};
    char directory[160];

    (void)state;
    (void)snprintf(directory, sizeof directory, "%s/out", s.directory);
    assert_int_equal(mxp_predict(&p, directory, "no such file", NULL, &error), MXP_NO_INPUT);
    assert_int_equal(mxp_predict(&p, "/nowhere", "data.csv", NULL, &error), MXP_NO_INPUT);
    saved_write(s.json, "{\"maxpost\": 1}", 14);
    assert_int_equal(mxp_predict(&p, directory, "data.csv", NULL, &error), MXP_DATA);
    saved_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_r_predicts),
        cmocka_unit_test(noise_is_added),
        cmocka_unit_test(probabilities_on_request),
        cmocka_unit_test(training_rows_come_back),
        cmocka_unit_test(classes_come_back),
        cmocka_unit_test(missing_cells),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(kinks_move_the_interval),
        cmocka_unit_test(without_covariance),
        cmocka_unit_test(damaged_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
