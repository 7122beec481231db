/* Text for people: digits, alignment, cutting, wrapping, the table of terms; and conversions. */
#include "app/report_penalty.h"
#include "app/report_terms.h"
#include "app/text_table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void numbers_show_their_digits(void **state)
{
    char text[TEXT_NUMBER];

    (void)state;
    assert_int_equal(text_decimals(54.157, 4), 2);
    assert_int_equal(text_decimals(0.00123, 3), 5);
    assert_int_equal(text_decimals(890420.0, 4), 0);
    assert_int_equal(text_decimals(1e-9, 4), -1);
    assert_int_equal(text_decimals(0.0, 4), 3);
    text_fixed(text, 1.23456, 3);
    assert_string_equal(text, "1.235");
    text_fixed(text, -0.0001, 2);
    assert_string_equal(text, "0.00");
    text_fixed(text, NAN, 2);
    assert_string_equal(text, "-");
    text_fixed(text, 1.5e-9, -1);
    assert_string_equal(text, "1.5000e-9");
    text_significant(text, 152.13348, 5);
    assert_string_equal(text, "152.13");
    text_short(text, 2.5, 5);
    assert_string_equal(text, "2.5");
}

static void names_are_cut_in_the_middle(void **state)
{
    struct str out = {0};

    (void)state;
    text_cut(&out, "short", 10);
    assert_string_equal(out.text, "short");
    str_free(&out);
    text_cut(&out, "abcdefghijklmnop", 10);
    assert_string_equal(out.text, "abcd..mnop");
    str_free(&out);
    /* characters, not bytes; none is cut in two */
    text_cut(&out, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4", 6);
    assert_string_equal(out.text, "\xc3\xa4\xc3\xb6..\xc3\xbc\xc3\xa4");
    str_free(&out);
}

static void paragraphs_keep_their_width(void **state)
{
    struct str out = {0};

    (void)state;
    text_wrap(&out, "  ! ", "one two three four five", 14);
    assert_string_equal(out.text, "  ! one two\n    three four\n    five\n");
    str_free(&out);
}

static void decimal_points_stand_below_each_other(void **state)
{
    struct text_table table = {.columns = 3,
                               .column = {{"name", TEXT_LEFT}, {"x", TEXT_POINT}, {"", TEXT_LEFT}}};
    const char *const first[] = {"a", "12.5", "note"},
                      *const second[] = {"b\xc3\xa4", "-0.123", ""},
                      *const third[] = {"c", "7", NULL};
    struct str out = {0};

    (void)state;
    text_table_add(&table, first, false);
    text_table_add(&table, second, false);
    text_table_add(&table, third, false);
    text_table_print(&out, &table, false);
    assert_string_equal(out.text, "  name       x\n"
                                  "  a     12.5    note\n"
                                  "  b\xc3\xa4    -0.123\n"
                                  "  c      7\n");
    str_free(&out);
    text_table_free(&table);
}

/* A report of so many coefficients, the j-th j sds from 0, made by hand. */
struct sample {
    struct mxp_run run;
    struct mxp_model model;
    struct parameter parameter[64];
    struct mxp_problem problem;
    mxp_term term[64];
    char name[64][16];
    struct report report;
};

static struct prior laplace(void)
{
    return (struct prior){.row = prior_find("laplace"), .a = {0.0, 1.0}};
}

static void fill(struct sample *sample, size_t count)
{
    memset(sample, 0, sizeof *sample);
    sample->run.spec.output.json = sample->run.spec.output.csv = true;
    sample->model.intercept = true;
    sample->problem.model = &sample->model;
    sample->problem.first_column = 1;
    sample->problem.k = sample->problem.d = count;
    sample->problem.parameter = sample->parameter;
    for (size_t j = 0; j < count; j++) {
        (void)snprintf(sample->name[j], sizeof sample->name[j], j ? "x%zu" : "(Intercept)", j);
        sample->parameter[j].prior = laplace();
        sample->parameter[j].group = PROBLEM_ALONE;
        sample->parameter[j].column = j ? j - 1 : PROBLEM_INTERCEPT;
        sample->term[j] = (mxp_term){.name = sample->name[j],
                                     .prior = "laplace(0, 1)",
                                     .estimate = 0.5 * (double)j,
                                     .mean = 0.5 * (double)j,
                                     .sd = 0.5,
                                     .lower = 0.5 * (double)j - 1.0,
                                     .upper = 0.5 * (double)j + 1.0,
                                     .probability_positive = 0.25,
                                     .kink_slack = NAN};
    }
    sample->report = (struct report){.run = &sample->run,
                                     .problem = &sample->problem,
                                     .model = &sample->model,
                                     .has_posterior = true,
                                     .posterior = {.at_kinks = "none"},
                                     .level = 0.9,
                                     .term = sample->term,
                                     .count = count,
                                     .coefficients = count};
}

static void few_terms_keep_their_order(void **state)
{
    struct sample *const sample = malloc(sizeof *sample);
    struct str out = {0};

    (void)state;
    fill(sample, 3);
    sample->term[1].at_kink = 1;
    sample->term[1].estimate = 0.0;
    sample->term[1].kink_slack = 0.4;
    assert_int_equal(report_terms(&out, &sample->report, false, 100, NULL), MXP_OK);
    assert_non_null(strstr(out.text, "90% interval"));
    assert_non_null(strstr(out.text, "surround the mode"));
    assert_non_null(
        strstr(out.text, "  term           mode      sd  lower 90%  upper 90%  P(>0)\n"));
    const char *const intercept = strstr(out.text, "  (Intercept)  0.0000  0.5000    -1.0000");
    const char *const second = strstr(out.text, "  x2           1.0000");
    assert_non_null(intercept);
    assert_non_null(second);
    assert_true(intercept < second);
    assert_non_null(strstr(out.text, "exactly 0\n"));
    str_free(&out);
    free(sample);
}

static void many_terms_are_ranked(void **state)
{
    struct sample *const sample = malloc(sizeof *sample);
    struct str out = {0};

    (void)state;
    fill(sample, 61);
    assert_int_equal(report_terms(&out, &sample->report, false, 100, NULL), MXP_OK);
    assert_non_null(strstr(out.text, "the 40 largest by |mode|/sd; 20 more in terms.csv\n"));
    assert_true(strstr(out.text, "(Intercept)") < strstr(out.text, "x60 "));
    assert_true(strstr(out.text, "x60 ") < strstr(out.text, "x21 "));
    assert_null(strstr(out.text, "x20 "));
    str_free(&out);
    free(sample);
}

static void the_kink_posterior_shows_mode_and_mean(void **state)
{
    struct sample *const sample = malloc(sizeof *sample);
    struct str out = {0};

    (void)state;
    fill(sample, 3);
    sample->report.draws = true;
    sample->report.posterior.at_kinks = "kink";
    assert_int_equal(report_terms(&out, &sample->report, false, 80, NULL), MXP_OK);
    assert_non_null(strstr(out.text, "interval surrounds the mean"));
    assert_non_null(strstr(out.text, "mode   mean"));
    str_free(&out);
    free(sample);
}

static char *convert(const char *prior, const char *convention, const char *settings,
                     const char *family, double rows, double noise_sd)
{
    mxp_convert_request request;
    char *text = NULL;

    mxp_convert_init(&request);
    request.prior = prior;
    request.convention = convention;
    request.settings = settings;
    request.family = family;
    request.rows = rows;
    request.noise_sd = noise_sd;
    assert_int_equal(mxp_convert(&text, &request, NULL), MXP_OK);
    return text;
}

/* phi / b = 54^2 / 0.5 = 5832, over 442 rows 13.1946 (definitions of sum and mean). */
static void a_laplace_prior_is_a_lasso(void **state)
{
    char *text = convert("laplace(0, 0.5)", NULL, NULL, "gaussian", 442.0, 54.0);

    (void)state;
    assert_non_null(strstr(text, "l1 = 5832, l2 = 0"));
    assert_non_null(strstr(text, "lambda = 13.1946, alpha = 1"));
    assert_non_null(strstr(text, "sklearn lasso"));
    mxp_text_free(text);
}

/* b = phi / (W lambda) = 2916 / 44.2 = 65.9729 (glmnet), tau = sqrt(C) (sklearn). */
static void penalties_are_priors(void **state)
{
    char *text = convert(NULL, "glmnet", "lambda=0.1, alpha=1", "gaussian", 442.0, 54.0);

    (void)state;
    assert_non_null(strstr(text, "laplace(0, 65.9728506787"));
    mxp_text_free(text);
    text = convert(NULL, "sklearn", "kind=logistic_l2, C=0.25", "bernoulli", NAN, NAN);
    assert_non_null(strstr(text, "gaussian(0, 0.5)"));
    mxp_text_free(text);
}

static void assert_refused(mxp_convert_request request, const char *words)
{
    mxp_error error = {0};
    char *text = NULL;

    assert_int_equal(mxp_convert(&text, &request, &error), MXP_USAGE);
    assert_null(text);
    if (!strstr(error.message, words))
        fail_msg("\"%s\" lacks \"%s\"", error.message, words);
}

static void what_is_missing_is_named(void **state)
{
    mxp_convert_request request;

    (void)state;
    mxp_convert_init(&request);
    assert_refused(request, "either a prior or a penalty");
    request.prior = "laplace(0, 1)";
    assert_refused(request, "--noise-sd");
    request.prior = "laplac(0, 1)";
    assert_refused(request, "laplace");
    request.prior = "half_normal(1)";
    assert_refused(request, "positive parameters");
    request.prior = NULL;
    request.convention = "glmnet";
    request.settings = "lambda=0.1, alpha=0.5";
    assert_refused(request, "--rows");
    request.rows = 10.0;
    assert_refused(request, "--noise-sd");
    request.noise_sd = 1.0;
    assert_refused(request, "--response-sd");
    request.family = "gausian";
    assert_refused(request, "did you mean \"gaussian\"");
    request.family = "poisson";
    request.convention = "sklearn";
    request.settings = "kind=lasso, alpha=1";
    assert_refused(request, "does not fit the family poisson");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_show_their_digits),
        cmocka_unit_test(names_are_cut_in_the_middle),
        cmocka_unit_test(paragraphs_keep_their_width),
        cmocka_unit_test(decimal_points_stand_below_each_other),
        cmocka_unit_test(few_terms_keep_their_order),
        cmocka_unit_test(many_terms_are_ranked),
        cmocka_unit_test(the_kink_posterior_shows_mode_and_mean),
        cmocka_unit_test(a_laplace_prior_is_a_lasso),
        cmocka_unit_test(penalties_are_priors),
        cmocka_unit_test(what_is_missing_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
