/* Cross-validation against cv.glmnet (tests/reference/path/path.R), views against subsets of a table,
 * and bits that do not depend on the number of threads. */
#include "path_scene.h"

#include "base/mem.h"
#include "fit/sweep.h"
#include "model/problem_view.h"

#include <stdlib.h>

#define REFERENCE "tests/reference/path/"

struct pinned {
    const char *name;
    struct path_case c;
};

static const struct pinned cases[] = {
    {"cv-prostate",
     {.file = "configs/data/prostate.csv",
      .response = "lpsa",
      .family = "gaussian",
      .penalty = "l1"}},
    {"cv-birthweight",
     {.response = "low",
      .family = "bernoulli",
      .predictors = "age weight smoke earlier hypertension irritability visits",
      .penalty = "l1"}},
    {"cv-trials",
     {.response = "y",
      .family = "binomial",
      .predictors = "x1 x2 x3 x4 x5 x6",
      .trials = "m",
      .raw = true,
      .penalty = "l1"}},
    {"cv-exposure",
     {.response = "y",
      .family = "poisson",
      .predictors = "x1 x2 x3 x4 x5 x6 x7",
      .offset = "e",
      .weights = "w",
      .penalty = "elastic_net",
      .mix = 0.7}},
    {"cv-iris",
     {.response = "species",
      .family = "multinomial",
      .predictors = "sepal_length sepal_width petal_length petal_width",
      .symmetric = true,
      .prior = {"weights", "laplace(0, 1)", "intercept", "gaussian(0, 1e7)"}}},
};

static mxp_table *read_table(struct path_scene *s, const char *name, const char *what)
{
    mxp_table *table;
    char file[128];

    snprintf(file, sizeof file, REFERENCE "%s%s.csv", name, what);
    good(s, mxp_table_read(&table, file, NULL, &s->error));
    return table;
}

/* The case on the table of its name, whose column `fold` says the folds, and glmnet's penalties. */
static struct path_scene scene_of(const struct pinned *pinned, mxp_table **expected)
{
    struct path_scene s = {0};

    s.table = read_table(&s, pinned->name, "");
    struct path_case c = pinned->c;
    if (!c.predictors)
        c.predictors = "lcavol lweight age lbph svi lcp gleason pgg45";
    path_scene_problem(&s, &c);
    *expected = read_table(&s, pinned->name, "-cv");
    s.options.lambdas = mxp_table_values(*expected, 0);
    s.options.lambda_count = mxp_table_rows(*expected);
    s.options.folds = 5;
    s.options.groups = "fold";
    return s;
}

/* Out-of-fold predictors, as far as glmnet's digits go; of classes without their mean. */
static void compare_held_out(struct path_scene *s, const struct pinned *pinned)
{
    mxp_table *table = read_table(s, pinned->name, "-out");
    const double *eta = mxp_path_held_out(s->path);
    const size_t n = mxp_table_rows(table), q = mxp_table_columns(table);

    assert_non_null(eta);
    for (size_t i = 0; i < n; i++) {
        double mean = 0.0;
        for (size_t c = 0; c < q && q > 1; c++)
            mean += eta[i + c * n] / (double)q;
        for (size_t c = 0; c < q; c++) {
            const double want = mxp_table_values(table, c)[i];
            const double close = (q > 1 ? 1e-4 : 1e-5) * fmax(1.0, fabs(want));
            if (!(fabs(eta[i + c * n] - mean - want) < close))
                fail_msg("%s, row %zu, column %zu: %.12g, not %.12g", pinned->name, i, c,
                         eta[i + c * n] - mean, want);
        }
    }
    mxp_table_free(table);
}

/* glmnet takes no probability of a class nearer to 0 or 1 than 1e-5 in its deviances. */
static void agrees_with_glmnet(void **state)
{
    const struct pinned *pinned = *state;
    mxp_table *expected;
    struct path_scene s = scene_of(pinned, &expected);
    const double *which;

    path_scene_run(&s);
    which = mxp_table_values(expected, 3);
    for (size_t i = 0; i < s.options.lambda_count; i++) {
        const mxp_path_point point = mxp_path_at(s.path, i);
        const double loss = mxp_table_values(expected, 1)[i], se = mxp_table_values(expected, 2)[i];
        const double close = pinned->c.symmetric ? 2e-6 : 1e-6 * loss;
        if (!(fabs(point.cv_loss - loss) < close && fabs(point.cv_se - se) < close))
            fail_msg("%s, point %zu: %.12g +- %.12g, not %.12g +- %.12g", pinned->name, i,
                     point.cv_loss, point.cv_se, loss, se);
        assert_int_equal(mxp_path_min(s.path) == i, which[i] == 1.0 || which[i] == 3.0);
        assert_int_equal(mxp_path_chosen(s.path) == i, which[i] >= 2.0);
    }
    compare_held_out(&s, pinned);
    mxp_table_free(expected);
    path_scene_free(&s);
}

static void min_rule(void **state)
{
    mxp_table *expected;
    struct path_scene s = scene_of(&cases[0], &expected);
    (void)state;

    s.options.rule = "min";
    path_scene_run(&s);
    assert_int_equal(mxp_path_chosen(s.path), mxp_path_min(s.path));
    mxp_table_free(expected);
    path_scene_free(&s);
}

/* The same bits with one thread and with two, the folds those of the seed. */
static void threads_do_not_matter(void **state)
{
    const struct pinned *pinned = *state;
    mxp_table *expected;
    struct path_scene one = scene_of(pinned, &expected);
    (void)state;

    one.options.groups = NULL;
    struct path_scene two = {.problem = one.problem, .options = one.options};
    one.options.threads = 1;
    two.options.threads = 2;
    path_scene_run(&one);
    path_scene_run(&two);
    const size_t n = mxp_problem_rows(one.problem);
    assert_memory_equal(mxp_path_folds(one.path), mxp_path_folds(two.path), n * sizeof(unsigned));
    assert_memory_equal(mxp_path_held_out(one.path), mxp_path_held_out(two.path),
                        n * sizeof(double));
    for (size_t i = 0; i < one.options.lambda_count; i++) {
        const mxp_path_point a = mxp_path_at(one.path, i), b = mxp_path_at(two.path, i);
        assert_true(a.cv_loss == b.cv_loss && a.cv_se == b.cv_se && a.objective == b.objective);
        assert_true(isfinite(a.cv_se) && a.cv_se > 0.0);
    }
    mxp_table_free(expected);
    mxp_path_free(two.path);
    path_scene_free(&one);
}

static void assert_near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.17g, not %.17g", a, b);
}

/* Two classes are a bernoulli response, by another engine. */
static void two_classes(void **state)
{
    mxp_table *expected, *again;
    struct pinned classes = cases[1];
    struct path_scene a = scene_of(&cases[1], &expected), b;
    double beta[8], of_classes[8];
    (void)state;

    classes.c.family = "multinomial";
    b = scene_of(&classes, &again);
    path_scene_run(&a);
    path_scene_run(&b);
    for (size_t i = 0; i < a.options.lambda_count; i++) {
        mxp_path_estimates(beta, a.path, i);
        mxp_path_estimates(of_classes, b.path, i);
        for (size_t j = 0; j < 8; j++)
            assert_near(beta[j], of_classes[j], 1e-8);
        assert_near(mxp_path_at(a.path, i).cv_loss, mxp_path_at(b.path, i).cv_loss, 1e-8);
        assert_near(mxp_path_at(a.path, i).deviance_explained,
                    mxp_path_at(b.path, i).deviance_explained, 1e-9);
    }
    mxp_table_free(expected);
    mxp_table_free(again);
    path_scene_free(&a);
    path_scene_free(&b);
}

/* ---- views ------------------------------------------------------------------------------------ */

enum { N = 30, KEPT = 20 };

static void add_columns(struct path_scene *s, size_t rows, const double (*x)[N],
                        const char *const *name, size_t columns)
{
    good(s, mxp_table_new(&s->table, rows, &s->error));
    for (size_t j = 0; j < columns; j++)
        good(s, mxp_table_add(s->table, name[j], x[j], &s->error));
}

/* A view that keeps the first rows is the problem on a table of these rows; column c is constant
 * there, and not behind. */
static void view_is_subset(void **state)
{
    static const char *const name[] = {"y", "a", "b", "c", "w"};
    double x[5][N], kept[N] = {0};
    (void)state;

    for (size_t i = 0; i < N; i++) {
        x[0][i] = cos(3.0 * (double)i);
        x[1][i] = 1e3 + sin((double)(i * i));
        x[2][i] = (double)(i % 7);
        x[3][i] = i < KEPT ? 0.1 : (double)i;
        x[4][i] = 0.5 + (double)(i % 3);
        kept[i] = i < KEPT ? x[4][i] : 0.0;
    }
    for (int raw = 0; raw < 2; raw++) {
        const struct path_case c = {.response = "y",
                                    .family = "gaussian",
                                    .predictors = "a b c",
                                    .weights = "w",
                                    .raw = raw};
        struct path_scene all = {0}, part = {0};
        struct mxp_problem *view;
        add_columns(&all, N, (const double(*)[N])x, name, 5);
        add_columns(&part, KEPT, (const double(*)[N])x, name, 5);
        path_scene_problem(&all, &c);
        path_scene_problem(&part, &c);
        good(&all, problem_view(&view, all.problem, kept, &all.error));
        const struct design *a = view->design, *b = part.problem->design;
        assert_near(a->weight_sum, b->weight_sum, 1e-14);
        assert_near(a->y_mean, b->y_mean, 1e-14);
        assert_near(a->y_offset_sd, b->y_offset_sd, 1e-14);
        for (size_t j = 0; j < 4; j++) {
            const struct parameter *p = &view->parameter[j], *q = &part.problem->parameter[j];
            assert_near(p->shift, q->shift, 1e-14 * fmax(1.0, fabs(q->shift)));
            assert_near(p->scale, q->scale, 1e-12);
        }
        assert_true(a->sd[2] == 0.0 && all.problem->design->sd[2] > 0.0);
        assert_ptr_equal(a->column, all.problem->design->column);
        problem_view_free(view);
        path_scene_free(&all);
        path_scene_free(&part);
    }
}

static void view_refuses(void **state)
{
    const double nothing[N] = {0};
    static const char *const name[] = {"y", "a"};
    double x[2][N];
    struct path_scene s = {0};
    struct mxp_problem *view;
    (void)state;

    for (size_t i = 0; i < N; i++)
        x[0][i] = x[1][i] = (double)i;
    add_columns(&s, N, (const double(*)[N])x, name, 2);
    path_scene_problem(&s, &(struct path_case){.response = "y", .family = "gaussian"});
    assert_int_equal(problem_view(&view, s.problem, nothing, &s.error), MXP_DATA);
    path_scene_free(&s);
}

int main(void)
{
    enum { CASES = sizeof cases / sizeof *cases };
    const struct CMUnitTest others[] = {cmocka_unit_test(min_rule), cmocka_unit_test(two_classes),
                                        cmocka_unit_test(view_is_subset),
                                        cmocka_unit_test(view_refuses)};
    struct CMUnitTest rows[2 * CASES];

    for (size_t i = 0; i < CASES; i++) {
        union {
            const void *in;
            void *out;
        } data = {&cases[i]};
        rows[i] = (struct CMUnitTest){cases[i].name, agrees_with_glmnet, NULL, NULL, data.out};
        rows[CASES + i] =
            (struct CMUnitTest){cases[i].name, threads_do_not_matter, NULL, NULL, data.out};
    }
    return cmocka_run_group_tests(rows, NULL, NULL) + cmocka_run_group_tests(others, NULL, NULL);
}
