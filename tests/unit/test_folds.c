/* Folds: balance, classes, groups, the seed. */
#include "path_scene.h"

#include "select/folds.h"

enum { N = 103, FOLDS = 5 };

struct fold_scene {
    struct path_scene path;
    double class[N], group[N];
    unsigned fold[N];
};

/* Classes of 1/4 ones; groups of unequal sizes. */
static void open_scene(struct fold_scene *s, const char *family)
{
    const struct path_case c = {
        .response = "class", .family = family, .predictors = "x", .penalty = "l1"};
    double x[N];

    *s = (struct fold_scene){0};
    for (size_t i = 0; i < N; i++) {
        x[i] = sin((double)i);
        s->class[i] = i % 4 == 0;
        s->group[i] = floor(sqrt((double)i)); /* 0: 1 row, 1: 3, 2: 5, ..., 9: 19, 10: 3 */
    }
    good(&s->path, mxp_table_new(&s->path.table, N, &s->path.error));
    good(&s->path, mxp_table_add(s->path.table, "class", s->class, &s->path.error));
    good(&s->path, mxp_table_add(s->path.table, "x", x, &s->path.error));
    good(&s->path, mxp_table_add(s->path.table, "group", s->group, &s->path.error));
    path_scene_problem(&s->path, &c);
}

static void count_rows(size_t *count, const struct fold_scene *s, double class)
{
    memset(count, 0, FOLDS * sizeof *count);
    for (size_t i = 0; i < N; i++) {
        assert_true(s->fold[i] < FOLDS);
        count[s->fold[i]] += class < 0.0 || s->class[i] == class;
    }
}

static void assert_even(const size_t *count)
{
    size_t low = count[0], high = count[0];

    for (size_t f = 1; f < FOLDS; f++) {
        low = count[f] < low ? count[f] : low;
        high = count[f] > high ? count[f] : high;
    }
    assert_true(high - low <= 1);
}

static void even(void **state)
{
    const char *const families[] = {"gaussian", "bernoulli", "multinomial"};
    (void)state;

    for (size_t f = 0; f < 3; f++) {
        struct fold_scene s;
        size_t count[FOLDS];
        open_scene(&s, families[f]);
        good(&s.path, folds_assign(s.fold, s.path.problem, FOLDS, NULL, 1, &s.path.error));
        count_rows(count, &s, -1.0);
        assert_even(count);
        for (int c = 0; c < 2 && f > 0; c++) {
            count_rows(count, &s, c);
            assert_even(count);
        }
        path_scene_free(&s.path);
    }
}

static void by_seed(void **state)
{
    struct fold_scene s;
    unsigned again[N], other[N];
    (void)state;

    open_scene(&s, "gaussian");
    good(&s.path, folds_assign(s.fold, s.path.problem, FOLDS, NULL, 7, &s.path.error));
    good(&s.path, folds_assign(again, s.path.problem, FOLDS, NULL, 7, &s.path.error));
    good(&s.path, folds_assign(other, s.path.problem, FOLDS, NULL, 8, &s.path.error));
    assert_memory_equal(s.fold, again, sizeof again);
    assert_memory_not_equal(s.fold, other, sizeof other);
    /* random: neighbours are not all in different folds, as dealing in turn would have it */
    size_t same = 0;
    for (size_t i = 1; i < N; i++)
        same += s.fold[i] == s.fold[i - 1];
    assert_true(same > 5 && same < 45);
    path_scene_free(&s.path);
}

static void groups_stay_together(void **state)
{
    struct fold_scene s;
    size_t count[FOLDS];
    (void)state;

    open_scene(&s, "bernoulli");
    good(&s.path, folds_assign(s.fold, s.path.problem, FOLDS, "group", 1, &s.path.error));
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(s.group[i] != s.group[j] || s.fold[i] == s.fold[j]);
    /* greedy: 19, 17, 15, 13, 11 first, then 9 to 11, 7 to 13, 5 to 15, 3 and 3 to 17 and 19 or 20s,
     * 1 last: sizes 20, 20, 20, 20 to 22 and so on */
    count_rows(count, &s, -1.0);
    for (size_t f = 0; f < FOLDS; f++)
        assert_true(count[f] >= 19 && count[f] <= 23);
    path_scene_free(&s.path);
}

static void refuses(void **state)
{
    struct fold_scene s;
    (void)state;

    open_scene(&s, "gaussian");
    assert_int_equal(folds_assign(s.fold, s.path.problem, N + 1, NULL, 1, &s.path.error),
                     MXP_USAGE);
    assert_int_equal(folds_assign(s.fold, s.path.problem, 12, "group", 1, &s.path.error),
                     MXP_USAGE);
    assert_non_null(strstr(s.path.error.message, "has only 11 groups"));
    assert_int_equal(folds_assign(s.fold, s.path.problem, 2, "nobody", 1, &s.path.error),
                     MXP_USAGE);
    path_scene_free(&s.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(even), cmocka_unit_test(by_seed),
                                       cmocka_unit_test(groups_stay_together),
                                       cmocka_unit_test(refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
