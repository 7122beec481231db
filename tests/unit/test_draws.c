/* app/draws: moments and densities against closed forms, the format that CmdStan's readers take. */
#include "saved_fit.h"

#include "app/draws.h"

static mxp_draws *draw_from(const struct saved *s, size_t count, const char *names)
{
    mxp_draws_options options;
    mxp_draws *d = NULL;
    mxp_error error = {0};

    mxp_draws_options_init(&options);
    options.count = count;
    options.names = names;
    if (mxp_draws_new(&d, s->json, &options, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return d;
}

/* Mean and covariance of the draws, the noise on its log scale, within 5 standard errors. */
static void moments(void **state)
{
    enum { COUNT = 20000 };
    struct saved s = saved_new("response: y", "", "");
    mxp_draws *const d = draw_from(&s, COUNT, "dots");
    const struct fit_file *const fit = d->fit;
    const size_t k = fit->count;
    double mean[4], want[16];

    (void)state;
    assert_int_equal(k, 4);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++)
            want[i + j * k] =
                fit->covariance[i + j * k] / ((i == 3 ? fit->parameter[3].estimate : 1.0) *
                                              (j == 3 ? fit->parameter[3].estimate : 1.0));
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(d->value[i + 3 * COUNT] > 0.0);
        d->value[i + 3 * COUNT] = log(d->value[i + 3 * COUNT]);
    }
    for (size_t j = 0; j < k; j++) {
        const double mode = fit->parameter[j].estimate;
        mean[j] = 0.0;
        for (size_t i = 0; i < COUNT; i++)
            mean[j] += d->value[i + j * COUNT] / COUNT;
        assert_close(mean[j], j == 3 ? log(mode) : mode, 0.0, 5.0 * sqrt(want[j + j * k] / COUNT),
                     fit->parameter[j].name, 0.0);
    }
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++) {
            double sum = 0.0;
            for (size_t i = 0; i < COUNT; i++)
                sum += (d->value[i + a * COUNT] - mean[a]) * (d->value[i + b * COUNT] - mean[b]);
            assert_close(sum / COUNT, want[a + b * k], 0.0,
                         5.0 * sqrt(2.0 * want[a + a * k] * want[b + b * k] / COUNT), "covariance",
                         (double)a);
        }
    mxp_draws_free(d);
    saved_free(&s);
}

/* log_q of a normal in two dimensions, written out. */
static void density(void **state)
{
    struct saved s =
        saved_new("response: y, family: {name: gaussian, noise_sd: 1}, intercept: false", "", "");
    mxp_draws *const d = draw_from(&s, 50, "dots");
    const double *const C = d->fit->covariance;

    (void)state;
    assert_int_equal(d->fit->count, 2);
    for (size_t i = 0; i < 50; i++) {
        const double x = d->value[i] - d->fit->parameter[0].estimate;
        const double y = d->value[i + 50] - d->fit->parameter[1].estimate;
        const double det = C[0] * C[3] - C[1] * C[1];
        const double square = (C[3] * x * x - 2.0 * C[1] * x * y + C[0] * y * y) / det;
        assert_close(d->log_q[i], -log(2.0 * acos(-1.0)) - 0.5 * log(det) - 0.5 * square, 1e-9,
                     1e-9, "log_q", (double)i);
    }
    mxp_draws_free(d);
    saved_free(&s);
}

/* Every line before the first draw, but for the path. */
static void format(void **state)
{
    static const char head[] =
        "# stan_version_major = 2\n"
        "# stan_version_minor = 33\n"
        "# stan_version_patch = 0\n"
        "# written by maxpost " MXP_VERSION ", in the layout of that version of CmdStan\n"
        "# model = m\n"
        "# method = laplace\n"
        "#   laplace\n"
        "#     mode = ";
    static const char rest[] = "\n#     jacobian = 1\n"
                               "#     draws = 2\n"
                               "#     calculate_lp = 0\n"
                               "# id = 1\n"
                               "# random\n"
                               "#   seed = 1\n"
                               "# b.1 = (Intercept)\n"
                               "# b.2 = x\n"
                               "# b.3 = z\n"
                               "log_p__,log_q__,b.1,b.2,b.3,noise_sd\n"
                               "nan,";
    struct saved s = saved_new("response: y", "", "");
    mxp_draws *d = draw_from(&s, 2, "dots");
    char *text = NULL;
    size_t lines = 0;

    (void)state;
    assert_int_equal(mxp_draws_csv(&text, d, NULL), MXP_OK);
    assert_memory_equal(text, head, sizeof head - 1);
    assert_memory_equal(text + sizeof head - 1, s.json, strlen(s.json));
    assert_memory_equal(text + sizeof head - 1 + strlen(s.json), rest, sizeof rest - 1);
    for (const char *at = strstr(text, "\nnan,"); at; at = strstr(at + 1, "\nnan,")) {
        double v[5];
        int end = 0;
        assert_int_equal(
            sscanf(at, "\nnan,%lf,%lf,%lf,%lf,%lf%n", v, v + 1, v + 2, v + 3, v + 4, &end), 5);
        assert_int_equal(at[end], '\n');
        assert_true(v[0] == d->log_q[lines] && v[4] == d->value[lines + 3 * 2]);
        lines++;
    }
    assert_int_equal(lines, 2);
    mxp_text_free(text);
    mxp_draws_free(d);
    d = draw_from(&s, 1, "brackets");
    assert_int_equal(mxp_draws_csv(&text, d, NULL), MXP_OK);
    assert_non_null(strstr(text, "\nlog_p__,log_q__,b[1],b[2],b[3],noise_sd\n"));
    mxp_text_free(text);
    mxp_draws_free(d);
    d = draw_from(&s, 1, "terms");
    assert_int_equal(mxp_draws_csv(&text, d, NULL), MXP_OK);
    assert_non_null(strstr(text, "\nlog_p__,log_q__,(Intercept),x,z,noise_sd\n"));
    mxp_text_free(text);
    assert_int_equal(mxp_draws_json(&text, d, NULL), MXP_OK);
    assert_non_null(strstr(text, "\"(Intercept)\": ["));
    mxp_text_free(text);
    mxp_draws_free(d);
    saved_free(&s);
}

/* Cutpoints ascend in every draw; what was drawn again is counted. */
static void cutpoints(void **state)
{
    struct saved s =
        saved_new("response: k, family: ordinal, prior: {weights: \"gaussian(0, 1)\"}", "", "");
    mxp_draws *const d = draw_from(&s, 5000, "dots");
    char *text = NULL;

    (void)state;
    for (size_t i = 0; i < 5000; i++)
        assert_true(d->value[i] < d->value[i + 5000]);
    assert_int_equal(mxp_draws_json(&text, d, NULL), MXP_OK);
    assert_non_null(strstr(text, "\"redrawn\": "));
    mxp_text_free(text);
    mxp_draws_free(d);
    saved_free(&s);
}

static void seeds(void **state)
{
    struct saved s = saved_new("response: y", "", "");
    mxp_draws *const a = draw_from(&s, 5, "dots"), *const b = draw_from(&s, 5, "dots");
    mxp_draws_options options;
    mxp_draws *c = NULL;

    (void)state;
    assert_memory_equal(a->value, b->value, 20 * sizeof *a->value);
    mxp_draws_options_init(&options);
    options.count = 5;
    options.seed = 2;
    assert_int_equal(mxp_draws_new(&c, s.json, &options, NULL), MXP_OK);
    assert_true(a->value[0] != c->value[0]);
    mxp_draws_free(a);
    mxp_draws_free(b);
    mxp_draws_free(c);
    saved_free(&s);
}

static void assert_refused(const char *model, const char *data, const char *laplace,
                           const char *message)
{
    struct saved s = saved_new(model, data, laplace);
    mxp_draws *d = NULL;
    mxp_error error = {0};

    assert_int_equal(mxp_draws_new(&d, s.json, NULL, &error), MXP_UNAVAILABLE);
    if (!strstr(error.message, message))
        fail_msg("got: %s\nwant: %s", error.message, message);
    saved_free(&s);
}

/* What is not normal around its mode is not drawn from. */
static void what_is_refused(void **state)
{
    mxp_draws_options options;
    mxp_draws *d = NULL;
    struct saved s = saved_new("response: y", "", "");

    (void)state;
    assert_refused("response: y, prior: {weights: \"laplace(0, 0.02)\"}", "", "",
                   "a prior has a kink at or near the mode (laplace.at_kinks: kink)");
    assert_refused("response: y, prior: {weights: \"laplace(0, 0.02)\"}", "", ", at_kinks: active",
                   "(laplace.at_kinks: active)");
    assert_refused("response: y, prior: {terms: {x: \"gaussian(0, 1, lower=-9)\"}}", "", "",
                   "\"x\" has bounds");
    assert_refused("response: y, mode_on: natural", ", weights: off", "",
                   "fit with mode_on: log to draw");
    mxp_draws_options_init(&options);
    options.names = "stars";
    assert_int_equal(mxp_draws_new(&d, s.json, &options, NULL), MXP_USAGE);
    mxp_draws_options_init(&options);
    options.count = 0;
    assert_int_equal(mxp_draws_new(&d, s.json, &options, NULL), MXP_USAGE);
    saved_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments), cmocka_unit_test(density),   cmocka_unit_test(format),
        cmocka_unit_test(seeds),   cmocka_unit_test(cutpoints), cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
