/* app/fit_file: what a fit saved comes back as it was, to the last bit. */
#include "saved_fit.h"

#include "app/report_encoding.h"
#include "data/design.h"
#include "model/problem.h"
#include "model/rows.h"
#include "fit/solution.h"

/* ---- recipes ---------------------------------------------------------------------------------- */

static mxp_table *make_table(size_t rows, double shift)
{
    static const char *const site[] = {"B", "A", "\xc3\xa4 \"[x]\"", "C"};
    static const char *const dose[] = {"10", "9", "none"};
    double x[32], z[32], w[32], y[32];
    const char *s[32], *d[32];
    mxp_table *table = NULL;

    for (size_t i = 0; i < rows; i++) {
        const double t = (double)i + 1.0 + shift;
        y[i] = sin(t);
        x[i] = exp(sin(1.3 * t)) / 3.0;
        z[i] = 7.0 + cos(2.1 * t) / 7.0;
        w[i] = 0.1 * t;
        s[i] = site[(i * 7 + i / 4) % 4];
        d[i] = dose[(i * 5 + i / 3) % 3];
    }
    assert_int_equal(mxp_table_new(&table, rows, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "y", y, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "x", x, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "a z", z, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "w", w, NULL), MXP_OK);
    assert_int_equal(mxp_table_add_text(table, "site", s, NULL), MXP_OK);
    assert_int_equal(mxp_table_add_text(table, "dose", d, NULL), MXP_OK);
    return table;
}

/* Through a file and back. */
static struct encoding *travel(const struct encoding *encoding)
{
    char path[] = "/tmp/test_fit_file_XXXXXX";
    struct str out = {0};
    struct json json;
    struct document *document = NULL;
    struct encoding *back = NULL;
    mxp_error error = {0};
    const int file = mkstemp(path);

    assert_true(file >= 0);
    (void)close(file);
    json_begin(&json, &out);
    json_open_object(&json, NULL);
    report_recipe(&json, encoding);
    json_close(&json);
    assert_int_equal(json_end(&json, NULL), MXP_OK);
    saved_write(path, out.text, out.length);
    str_free(&out);
    mxp_status status = document_read(&document, path, &error);
    if (status == MXP_OK)
        status = fit_file_recipe(&back, &document->node, &error);
    if (status != MXP_OK)
        fail_msg("%s", error.message);
    document_free(document);
    (void)unlink(path);
    return back;
}

static void assert_same_bits(const double *a, const double *b, size_t count)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a)
        assert_memory_equal(a, b, count * sizeof *a);
}

/* Before and after the round trip, on the training rows and on others. */
static void assert_survives(const struct encoding *encoding)
{
    struct encoding *const back = travel(encoding);

    assert_int_equal(back->intercept, encoding->intercept);
    assert_int_equal(back->columns, encoding->columns);
    assert_int_equal(back->offsets, encoding->offsets);
    for (size_t j = 0; j < encoding->columns; j++)
        assert_string_equal(back->name[j], encoding->name[j]);
    for (int step = 0; step < 2; step++) {
        mxp_table *table = make_table(step ? 17 : 32, step ? 0.37 : 0.0);
        struct encoded *a = NULL, *b = NULL;
        assert_int_equal(encoding_apply(&a, encoding, table, false, NULL), MXP_OK);
        assert_int_equal(encoding_apply(&b, back, table, false, NULL), MXP_OK);
        for (size_t j = 0; j < encoding->columns; j++)
            assert_same_bits(a->column[j], b->column[j], a->selection.rows);
        assert_same_bits(a->offset, b->offset, a->selection.rows);
        encoded_free(a);
        encoded_free(b);
        mxp_table_free(table);
    }
    encoding_free(back);
}

static void recipes_survive(void **state)
{
    static const char *const formulas[] = {
        "y ~ x + `a z`",
        "y ~ log(x) + I(x / `a z`^2) + I(x * (x - 0.30000000000000004)) - 1",
        "y ~ poly(x, 3) + poly(`a z`, 2, raw = TRUE) + poly(log(x), 1)",
        "y ~ site + dose",
        "y ~ site - 1",
        "y ~ x * site * dose",
        "y ~ x:site + site:poly(x, 2) - 1",
        "y ~ x + offset(w) + offset(log(x) / 3)",
        "y ~ . - site + offset(`a z`)",
        "y ~ 1"};

    (void)state;
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++)
        for (int c = 0; c < 3; c++) {
            const struct design_contrast contrast = {{.name = "site"}, (enum contrast)c};
            const bool site = strstr(formulas[i], "site") && !strstr(formulas[i], "- site");
            struct design_request request = {.contrasts = &contrast, .contrast_count = site};
            mxp_table *table = make_table(32, 0.0);
            struct formula *formula = NULL;
            struct design *design = NULL;
            mxp_error error = {0};
            assert_int_equal(formula_new(&formula, formulas[i], (struct place){0}, NULL), MXP_OK);
            request.formula = formula;
            if (design_new(&design, table, &request, &error) != MXP_OK)
                fail_msg("%s: %s", formulas[i], error.message);
            assert_survives(design->encoding);
            design_free(design);
            formula_free(formula);
            mxp_table_free(table);
        }
}

/* ---- fits ------------------------------------------------------------------------------------- */

static struct fit_file *read_back(const struct saved *s)
{
    struct fit_file *fit = NULL;
    mxp_error error = {0};

    if (fit_file_read(&fit, s->json, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return fit;
}

static void assert_equal_or_nan(double a, double b)
{
    assert_true(a == b || (isnan(a) && isnan(b)));
}

/* Terms, covariance and auxiliary parameters are those of the fit. */
static void assert_parameters(const struct fit_file *fit, const struct saved *s)
{
    const mxp_posterior *const posterior = s->run->posterior;
    const double *const covariance = mxp_posterior_covariance(posterior);

    assert_int_equal(fit->count, mxp_posterior_terms(posterior));
    assert_int_equal(fit->coefficients, s->run->problem->k);
    for (size_t j = 0; j < fit->count; j++) {
        const mxp_term term = mxp_posterior_term(posterior, j);
        assert_string_equal(fit->parameter[j].name, term.name);
        assert_true(fit->parameter[j].estimate == term.estimate);
        assert_equal_or_nan(fit->parameter[j].mean, term.mean);
        assert_equal_or_nan(fit->parameter[j].sd, term.sd);
        assert_int_equal(fit->parameter[j].at_kink, term.at_kink);
        assert_int_equal(fit->parameter[j].role == FIT_AUXILIARY, term.auxiliary);
        const char *const label = s->run->problem->parameter[j].class_name;
        assert_int_equal(fit->parameter[j].class_name != NULL, label != NULL);
        if (label)
            assert_string_equal(fit->parameter[j].class_name, label);
    }
    assert_same_bits(fit->covariance, covariance, fit->count * fit->count);
}

/* The linear predictor of the training rows from what was read alone. */
static void assert_predictor(const struct fit_file *fit, const struct saved *s)
{
    const struct mxp_problem *const problem = s->run->problem;
    const size_t n = problem->n;
    struct encoded *encoded = NULL;
    double eta[64], sum[64];

    assert_int_equal(fit->eta_columns, problem->q);
    assert_true(n * problem->q <= 64);
    assert_int_equal(
        encoding_apply(&encoded, fit->encoding, s->run->table, fit->drop_missing, NULL), MXP_OK);
    assert_int_equal(encoded->selection.rows, n);
    rows_predictor(eta, problem, s->run->solution->point->theta);
    for (size_t i = 0; i < n * problem->q; i++)
        sum[i] = encoded->offset ? encoded->offset[i % n] : 0.0;
    for (size_t j = 0; j < fit->coefficients; j++) {
        const struct fit_parameter *const p = &fit->parameter[j];
        const double *const x = p->role == FIT_COEFFICIENT ? encoded->column[p->column] : NULL;
        for (size_t e = 0; e < problem->q; e++)
            for (size_t i = 0; i < n && (p->eta == e || p->eta == FIT_EVERY_ETA); i++)
                sum[i + e * n] += p->sign * p->estimate * (x ? x[i] : 1.0);
    }
    for (size_t i = 0; i < n * problem->q; i++)
        assert_close(sum[i], eta[i], 1e-12, 1e-12, "eta", (double)i);
    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *const p = &problem->parameter[j];
        if (!problem_is_intercept(problem, j))
            assert_true(fit->shift[p->column] == p->shift && fit->scale[p->column] == p->scale);
    }
    encoded_free(encoded);
}

static void fits_come_back(void **state)
{
    static const struct {
        const char *model, *data, *laplace;
        enum fit_at_kinks at_kinks;
        enum fit_response_kind kind;
        bool log_scale;
    } cases[] = {
        {"response: y", ", weights: w", "", FIT_SMOOTH, FIT_NUMBER, true},
        {"response: y, mode_on: natural", "", "", FIT_SMOOTH, FIT_NUMBER, false},
        {"response: y, standardize: true, prior: {weights: \"laplace(0, 0.02)\"}", "", "", FIT_KINK,
         FIT_NUMBER, true},
        {"response: y, standardize: true, prior: {weights: \"laplace(0, 0.02)\"}", "",
         ", at_kinks: active", FIT_ACTIVE, FIT_NUMBER, true},
        {"response: y, family: {name: gaussian, noise_sd: 0.7}, intercept: false", ", offset: off",
         "", FIT_SMOOTH, FIT_NUMBER, false},
        {"response: y, penalty: {convention: sum, l1: 0, l2: 2}", "", "", FIT_SMOOTH, FIT_NUMBER,
         false},
        {"response: c, family: poisson, prior: {weights: \"gaussian(0, 1)\"}",
         ", weights: w, offset: off, missing: drop, na: [\"\", \"?\"]", "", FIT_SMOOTH, FIT_NUMBER,
         false},
        {"response: b, family: bernoulli, prior: {weights: \"gaussian(0, 1)\"}", "", "", FIT_SMOOTH,
         FIT_BINARY, false},
        {"response: k, family: multinomial, prior: {weights: \"gaussian(0, 1)\"}", "", "",
         FIT_SMOOTH, FIT_CLASS, false},
        {"response: k, family: ordinal, prior: {weights: \"gaussian(0, 1)\"}", "", "", FIT_SMOOTH,
         FIT_CLASS, false},
        {"response: y, family: gamma, link: log, standardize: true", "", "", FIT_SMOOTH, FIT_NUMBER,
         true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct saved s = saved_new(cases[i].model, cases[i].data, cases[i].laplace);
        struct fit_file *const fit = read_back(&s);
        assert_string_equal(fit->model, "m");
        if (strcmp(fit->convergence, "converged") != 0)
            fail_msg("%s: %s", cases[i].model, fit->convergence);
        assert_ptr_equal(fit->family, s.run->problem->family);
        assert_int_equal(fit->at_kinks, cases[i].at_kinks);
        assert_int_equal(fit->response.kind, cases[i].kind);
        assert_int_equal(fit->log_scale, cases[i].log_scale);
        assert_true(fit->has_posterior && !fit->verdict && fit->level == 0.95 && fit->seed == 1);
        assert_int_equal(fit->weights != NULL, strstr(cases[i].data, "weights: w") != NULL);
        assert_int_equal(fit->offset != NULL, strstr(cases[i].data, "offset: off") != NULL);
        assert_int_equal(fit->drop_missing, strstr(cases[i].data, "drop") != NULL);
        assert_int_equal(fit->na_count, strstr(cases[i].data, "na:") ? 2 : 4);
        double psi[FAMILY_AUX_MAX];
        problem_psi(psi, s.run->problem, s.run->solution->point->theta);
        assert_same_bits(fit->psi, psi, fit->family->auxiliary_count);
        assert_parameters(fit, &s);
        assert_predictor(fit, &s);
        fit_file_free(fit);
        saved_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recipes_survive),
        cmocka_unit_test(fits_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
