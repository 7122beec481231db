/* Caches of sparse files: what comes from one is what the text gave; a text that changed, a cache that
 * was cut or of which any bit fell over, is read anew; other files stay as they are. */
#include "numeric.h"

#include "data/table.h"
#include "maxpost/maxpost.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BYTES_MOST = 4096 };

struct spot {
    char directory[64], text[96], cache[96];
};

static struct spot make_spot(const char *ending)
{
    struct spot p = {.directory = "/tmp/maxpost-cache-XXXXXX"};

    assert_non_null(mkdtemp(p.directory));
    snprintf(p.text, sizeof p.text, "%s/t%s", p.directory, ending);
    snprintf(p.cache, sizeof p.cache, "%s/t.cache", p.directory);
    return p;
}

static void remove_spot(const struct spot *p)
{
    remove(p->text);
    remove(p->cache);
    assert_int_equal(rmdir(p->directory), 0); /* no temporary file was left */
}

static void put(const char *path, const char *bytes, size_t length)
{
    FILE *out = fopen(path, "wb");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, length, out), length);
    fclose(out);
}

static size_t get(char *bytes, const char *path)
{
    FILE *in = fopen(path, "rb");

    assert_non_null(in);
    const size_t length = fread(bytes, 1, BYTES_MOST, in);
    fclose(in);
    return length;
}

/* Another text of the same length, and nothing to be seen of it outside. */
static void replace_unseen(const struct spot *p, const char *text)
{
    struct stat info;

    assert_int_equal(stat(p->text, &info), 0);
    const struct timespec times[2] = {info.st_atim, info.st_mtim};
    put(p->text, text, strlen(text));
    assert_int_equal(utimensat(AT_FDCWD, p->text, times, 0), 0);
}

static mxp_status read_cached(mxp_table **table, const struct spot *p, mxp_error *error)
{
    mxp_read_options options;

    mxp_read_options_init(&options);
    options.cache = p->cache;
    return mxp_table_read(table, p->text, &options, error);
}

/* The first value of the first sparse column. */
static double first_value(const struct spot *p)
{
    mxp_table *table = NULL;
    mxp_error error = {0};
    const unsigned *row;
    const double *value;
    size_t count;

    if (read_cached(&table, p, &error) != MXP_OK)
        fail_msg("%s", error.message);
    assert_non_null(mxp_table_sparse_column(&count, &row, &value, table, 0));
    assert_int_equal(count, 1);
    const double first = value[0];
    mxp_table_free(table);
    return first;
}

static void same_tables(const mxp_table *a, const mxp_table *b)
{
    assert_int_equal(mxp_table_rows(a), mxp_table_rows(b));
    assert_int_equal(mxp_table_columns(a), mxp_table_columns(b));
    for (size_t c = 0; c < mxp_table_columns(a); c++) {
        assert_string_equal(mxp_table_name(a, c), mxp_table_name(b, c));
        assert_memory_equal(mxp_table_values(a, c), mxp_table_values(b, c),
                            mxp_table_rows(a) * sizeof(double));
    }
    for (size_t i = 0; i < mxp_table_rows(a); i++)
        assert_int_equal(table_line_of_row(a, i), table_line_of_row(b, i));
    assert_int_equal(mxp_table_sparse_columns(a), mxp_table_sparse_columns(b));
    for (size_t c = 0; c < mxp_table_sparse_columns(a); c++) {
        const unsigned *row[2];
        const double *value[2];
        size_t count[2];
        assert_string_equal(mxp_table_sparse_column(&count[0], &row[0], &value[0], a, c),
                            mxp_table_sparse_column(&count[1], &row[1], &value[1], b, c));
        assert_int_equal(count[0], count[1]);
        if (count[0] == 0)
            continue;
        assert_memory_equal(row[0], row[1], count[0] * sizeof *row[0]);
        assert_memory_equal(value[0], value[1], count[0] * sizeof *value[0]);
    }
}

static void check_round_trip(const char *ending, const char *text)
{
    const struct spot p = make_spot(ending);
    mxp_table *plain, *fresh, *cached;

    put(p.text, text, strlen(text));
    assert_int_equal(mxp_table_read(&plain, p.text, NULL, NULL), MXP_OK);
    assert_int_equal(read_cached(&fresh, &p, NULL), MXP_OK);
    assert_int_equal(read_cached(&cached, &p, NULL), MXP_OK);
    same_tables(plain, fresh);
    same_tables(plain, cached);
    assert_int_equal(strlen(cached->sha256), 64);
    assert_string_equal(cached->sha256, fresh->sha256);
    mxp_table_free(plain);
    mxp_table_free(fresh);
    mxp_table_free(cached);
    remove_spot(&p);
}

static void round_trips(void **state)
{
    (void)state;
    check_round_trip(".svm", "1 1:0.5 3:2\n\n# a line\n-1 2:1e-3 3:-0.1\n1 5:7\n");
    check_round_trip(".svm", "2.5 1:1\n3 1:2\n");
    check_round_trip(".mtx", "%%MatrixMarket matrix coordinate real general\n3 2 3\n1 1 0.5\n3 1 "
                             "2\n2 2 -1\n");
}

static const char old_text[] = "1 1:5 2:1\n-1 2:3\n", new_text[] = "1 1:6 2:1\n-1 2:3\n";

/* It is the cache that is read, until the text is seen to have changed. */
static void follows_the_text(void **state)
{
    (void)state;
    const struct spot p = make_spot(".svm");

    put(p.text, old_text, strlen(old_text));
    assert_true(first_value(&p) == 5.0);
    replace_unseen(&p, new_text);
    assert_true(first_value(&p) == 5.0);
    const struct timespec later[2] = {{.tv_sec = 2000000000}, {.tv_sec = 2000000000}};
    assert_int_equal(utimensat(AT_FDCWD, p.text, later, 0), 0);
    assert_true(first_value(&p) == 6.0);
    replace_unseen(&p, old_text); /* the new cache is in its place */
    assert_true(first_value(&p) == 6.0);
    put(p.text, "1 1:8.5 2:1\n", 12); /* of another length */
    assert_true(first_value(&p) == 8.5);
    remove_spot(&p);
}

/* Every bit and every length: the text, which has changed unseen, is read anew. */
static void sees_damage(void **state)
{
    (void)state;
    enum { MAGIC = 8 };
    const struct spot p = make_spot(".svm");
    char whole[BYTES_MOST], damaged[BYTES_MOST];
    mxp_table *table = NULL;
    mxp_error error;

    put(p.text, old_text, strlen(old_text));
    assert_true(first_value(&p) == 5.0);
    const size_t length = get(whole, p.cache);
    assert_true(length > 200 && length < BYTES_MOST);
    replace_unseen(&p, new_text);
    for (size_t i = 0; i < 8 * length; i++) {
        memcpy(damaged, whole, length);
        damaged[i / 8] = (char)(damaged[i / 8] ^ (1 << i % 8));
        put(p.cache, damaged, length);
        if (i / 8 >= MAGIC)
            assert_true(first_value(&p) == 6.0);
        else
            assert_int_equal(read_cached(&table, &p, &error), MXP_USAGE);
    }
    for (size_t cut = MAGIC; cut < length; cut++) {
        put(p.cache, whole, cut);
        assert_true(first_value(&p) == 6.0);
    }
    put(p.cache, whole, 0);
    assert_true(first_value(&p) == 6.0);
    put(p.cache, whole, length);
    assert_true(first_value(&p) == 5.0); /* as it was */
    remove_spot(&p);
}

static void leaves_others_alone(void **state)
{
    (void)state;
    static const char other[] = "a letter to my aunt";
    const struct spot p = make_spot(".svm");
    struct spot csv = p;
    char bytes[BYTES_MOST];
    mxp_table *table = NULL;
    mxp_error error = {0};

    put(p.text, old_text, strlen(old_text));
    put(p.cache, other, strlen(other));
    assert_int_equal(read_cached(&table, &p, &error), MXP_USAGE);
    assert_non_null(strstr(error.message, "is a file of another kind, and is left alone"));
    assert_int_equal(get(bytes, p.cache), strlen(other));
    assert_memory_equal(bytes, other, strlen(other));
    strcpy(csv.text + strlen(csv.text) - 4, ".csv");
    assert_int_equal(read_cached(&table, &csv, &error), MXP_USAGE);
    assert_non_null(strstr(error.message, "a cache is for sparse files"));
    remove_spot(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips), cmocka_unit_test(follows_the_text),
        cmocka_unit_test(sees_damage), cmocka_unit_test(leaves_others_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
