/* Tables built in memory and read from files of every kind; errors of opening and unpacking. */
#include "data/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* A directory for the files of one test. */
struct place_for_files {
    char directory[32], path[64];
};

static void make_place(struct place_for_files *place)
{
    strcpy(place->directory, "/tmp/test_table_XXXXXX");
    assert_non_null(mkdtemp(place->directory));
}

static void remove_place(struct place_for_files *place)
{
    assert_int_equal(rmdir(place->directory), 0);
}

static const char *file_in(struct place_for_files *place, const char *name, const void *bytes,
                           size_t size)
{
    snprintf(place->path, sizeof place->path, "%s/%s", place->directory, name);
    FILE *file = fopen(place->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return place->path;
}

/* A gzip file in memory: one member. */
static size_t pack(unsigned char *out, size_t room, const char *text)
{
    z_stream stream = {0};

    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    unsigned char *in = malloc(strlen(text) + 1);
    strcpy((char *)in, text);
    stream.next_in = in;
    stream.avail_in = (uInt)strlen(text);
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&stream), Z_OK);
    free(in);
    return room - stream.avail_out;
}

static mxp_table *read_good(const char *path, const mxp_read_options *options)
{
    mxp_table *table = NULL;
    mxp_error error = {0};

    if (mxp_table_read(&table, path, options, &error) != MXP_OK)
        fail_msg("%s: %s", path, error.message);
    return table;
}

static void expect_failure(const char *path, const mxp_read_options *options, mxp_status status,
                           const char *part)
{
    mxp_table *table = NULL;
    mxp_error error = {0};
    const mxp_status got = mxp_table_read(&table, path, options, &error);

    if (got != status || error.status != status || !strstr(error.message, part))
        fail_msg("%s: status %d, \"%s\", not %d, \"%s\"", path ? path : "NULL", (int)got,
                 error.message, (int)status, part);
    assert_null(table);
    assert_int_equal(mxp_table_read(&table, path, options, NULL), status);
}

static void in_memory(void **state)
{
    const double x[] = {1, 2, 3}, y[] = {NAN, 5, NAN}, z[] = {1, INFINITY, NAN};
    mxp_table *table = NULL;
    mxp_error error = {0};
    size_t row = 9;

    (void)state;
    assert_int_equal(mxp_table_new(&table, 3, &error), MXP_OK);
    assert_int_equal(mxp_table_columns(table), 0);
    assert_true(mxp_table_find(table, "x") == MXP_NO_COLUMN);
    assert_int_equal(mxp_table_add(table, "x", x, &error), MXP_OK);
    assert_int_equal(mxp_table_add(table, "y", y, &error), MXP_OK);
    assert_int_equal(mxp_table_add(table, "z", z, &error), MXP_OK);
    assert_int_equal(mxp_table_rows(table), 3);
    assert_int_equal(mxp_table_columns(table), 3);
    assert_string_equal(mxp_table_name(table, 1), "y");
    assert_null(mxp_table_name(table, 3));
    assert_null(mxp_table_values(table, 3));
    assert_int_equal(mxp_table_find(table, "z"), 2);
    assert_true(mxp_table_find(table, "w") == MXP_NO_COLUMN);
    assert_memory_equal(mxp_table_values(table, 0), x, sizeof x);
    assert_ptr_not_equal(mxp_table_values(table, 0), x);
    assert_int_equal(table_missing(table, 0, &row), 0);
    assert_int_equal(row, 9);
    assert_int_equal(table_missing(table, 1, &row), 2);
    assert_int_equal(row, 0);
    assert_int_equal(table_missing(table, 2, NULL), 1);
    assert_null(table_source_name(table));
    assert_int_equal(table_line_of_row(table, 1), 0);
    assert_int_equal(table_check_number(table, 1, &error), MXP_OK);
    assert_int_equal(table_check_number(table, 2, &error), MXP_DATA);
    assert_string_equal(error.message, "row 2: column \"z\": \"inf\" is not finite");
    mxp_table_free(table);
    mxp_table_free(NULL);
}

static void misuse_in_memory(void **state)
{
    const double x[] = {1, 2};
    mxp_table *table = NULL;
    mxp_error error = {0};

    (void)state;
    assert_int_equal(mxp_table_new(&table, 0, &error), MXP_USAGE);
    assert_null(table);
    assert_int_equal(mxp_table_new(&table, 2, NULL), MXP_OK);
    assert_int_equal(mxp_table_add(table, "x", x, &error), MXP_OK);
    assert_int_equal(mxp_table_add(table, "x", x, &error), MXP_USAGE);
    assert_string_equal(error.message, "the table already has a column \"x\"");
    assert_int_equal(mxp_table_add(table, "", x, &error), MXP_USAGE);
    assert_int_equal(mxp_table_add(table, NULL, x, &error), MXP_USAGE);
    assert_int_equal(mxp_table_add(table, "y", NULL, &error), MXP_USAGE);
    assert_int_equal(mxp_table_columns(table), 1);
    mxp_table_free(table);
}

/* The same two columns under every ending. */
static void formats(void **state)
{
    const char csv[] = "a,b\n1,2\n3,NA\n", tsv[] = "a\tb\n1\t2\n3\tNA\n";
    unsigned char packed[2][256];
    const size_t packed_size[2] = {pack(packed[0], 256, csv), pack(packed[1], 256, tsv)};
    const struct {
        const char *name;
        const void *bytes;
        size_t size;
    } files[] = {
        {"t.csv", csv, strlen(csv)},
        {"t.tsv", tsv, strlen(tsv)},
        {"t.TSV", tsv, strlen(tsv)},
        {"t.txt", csv, strlen(csv)},
        {"t", csv, strlen(csv)},
        {"t.csv.gz", packed[0], packed_size[0]},
        {"t.tsv.gz", packed[1], packed_size[1]},
        {"t.gz", packed[0], packed_size[0]},
    };
    struct place_for_files place;

    (void)state;
    make_place(&place);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *path = file_in(&place, files[i].name, files[i].bytes, files[i].size);
        mxp_table *table = read_good(path, NULL);
        assert_int_equal(mxp_table_rows(table), 2);
        assert_int_equal(mxp_table_columns(table), 2);
        assert_int_equal(mxp_table_find(table, "b"), 1);
        assert_true(mxp_table_values(table, 0)[1] == 3);
        assert_true(mxp_table_values(table, 1)[0] == 2);
        assert_true(isnan(mxp_table_values(table, 1)[1]));
        assert_int_equal(table_missing(table, 1, NULL), 1);
        assert_int_equal(table_line_of_row(table, 1), 3);
        assert_string_equal(table_source_name(table), path);
        mxp_table_free(table);
        unlink(path);
    }
    remove_place(&place);
}

static void npy_file(void **state)
{
    char bytes[128 + 4] = "\x93NUMPY\1\0\x76";
    const int values[] = {7};
    const char *dictionary = "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 1), }";
    struct place_for_files place;

    (void)state;
    memset(bytes + 10, ' ', 118);
    memcpy(bytes + 10, dictionary, strlen(dictionary));
    memcpy(bytes + 128, values, 4);
    make_place(&place);
    const char *path = file_in(&place, "t.npy", bytes, sizeof bytes);
    mxp_table *table = read_good(path, NULL);
    assert_string_equal(mxp_table_name(table, 0), "c1");
    assert_true(mxp_table_values(table, 0)[0] == 7);
    mxp_table_free(table);
    expect_failure(file_in(&place, "t.npy", bytes, sizeof bytes - 1), NULL, MXP_DATA,
                   "the file ends too early, in row 1 of 1");
    unlink(place.path);
    remove_place(&place);
}

static void options(void **state)
{
    const char *const own[] = {"?"};
    const char text[] = "a;b\n1;?\n2,5;NA\n";
    struct place_for_files place;
    mxp_read_options o;
    mxp_error error = {0};

    (void)state;
    make_place(&place);
    const char *path = file_in(&place, "t.csv", text, strlen(text));
    mxp_read_options_init(&o);
    assert_int_equal(o.size, sizeof o);
    assert_int_equal(o.na_count, 4);
    o.delimiter = ';';
    o.na = own;
    o.na_count = 1;
    mxp_table *table = read_good(path, &o);
    assert_int_equal(mxp_table_columns(table), 2);
    assert_int_equal(table_missing(table, 1, NULL), 1);
    assert_int_equal(table_fault(table, 0)->line, 3);
    assert_int_equal(table_check_number(table, 1, &error), MXP_DATA);
    assert_non_null(strstr(error.message, "t.csv:3: column \"b\": \"NA\" is not a number"));
    assert_int_equal(table_fail(&error, table, 0, 1, "%d is not 0 or 1", 2), MXP_DATA);
    assert_non_null(strstr(error.message, "t.csv:3: column \"a\": 2 is not 0 or 1"));
    mxp_table_free(table);
    o.delimiter = '"';
    expect_failure(path, &o, MXP_USAGE, "the delimiter");
    o.delimiter = ';';
    o.na = NULL;
    expect_failure(path, &o, MXP_USAGE, "na_count is 1");
    o.na_count = 0; /* nothing is missing then, not even an empty cell */
    table = read_good(path, &o);
    assert_string_equal(table_fault(table, 1)->text, "?");
    mxp_table_free(table);
    o.threads = -1;
    expect_failure(path, &o, MXP_USAGE, "-1 threads");
    o.size = offsetof(mxp_read_options, threads); /* of a version that had none */
    table = read_good(path, &o);
    mxp_table_free(table);
    o.size = 0;
    expect_failure(path, &o, MXP_USAGE, "mxp_read_options_init");
    unlink(path);
    remove_place(&place);
}

/* A file whose size is a multiple of the page: nothing lies behind it. */
static void page_sized_files(void **state)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *text = malloc(2 * page);
    struct place_for_files place;

    (void)state;
    make_place(&place);
    memset(text, '1', 2 * page);
    memcpy(text, "x\n", 2);
    for (size_t i = 10; i < 2 * page; i += 10)
        text[i] = '\n';
    for (size_t size = 2 * page - 12; size <= 2 * page; size++) {
        mxp_table *table = read_good(file_in(&place, "t.csv", text, size), NULL);
        assert_true(mxp_table_rows(table) >= 2 * page / 10 - 2);
        assert_null(table_fault(table, 0));
        mxp_table_free(table);
    }
    free(text);
    unlink(place.path);
    remove_place(&place);
}

/* From a pipe, which cannot be mapped, longer than the first buffer. */
static void standard_input(void **state)
{
    struct place_for_files place;
    const int saved = dup(STDIN_FILENO);
    mxp_error error = {0};
    mxp_table *table = NULL;
    FILE *pipe_end;

    (void)state;
    make_place(&place);
    fflush(NULL);
    pipe_end =
        popen("echo a,b; i=0; while [ $i -lt 20000 ]; do echo $i,$i.25; i=$((i+1)); done", "r");
    assert_non_null(pipe_end);
    assert_true(dup2(fileno(pipe_end), STDIN_FILENO) >= 0);
    table = read_good("-", NULL);
    pclose(pipe_end);
    assert_int_equal(mxp_table_rows(table), 20000);
    assert_true(mxp_table_values(table, 1)[19999] == 19999.25);
    assert_string_equal(table_source_name(table), "<stdin>");
    mxp_table_free(table);
    table = NULL;
    pipe_end = popen("printf 'a,b\\n1\\n'", "r");
    assert_true(dup2(fileno(pipe_end), STDIN_FILENO) >= 0);
    assert_int_equal(mxp_table_read(&table, "-", NULL, &error), MXP_DATA);
    assert_string_equal(error.message,
                        "<stdin>:2: 1 field, the header has 2 (none for column \"b\")");
    pclose(pipe_end);
    assert_true(dup2(saved, STDIN_FILENO) >= 0);
    close(saved);
    remove_place(&place);
}

static void cannot_be_opened(void **state)
{
    struct place_for_files place;

    (void)state;
    make_place(&place);
    expect_failure("/tmp/no-such-directory/t.csv", NULL, MXP_NO_INPUT,
                   "/tmp/no-such-directory/t.csv: cannot be opened: No such file");
    expect_failure(place.directory, NULL, MXP_NO_INPUT, "is a directory, not a file");
    if (geteuid() != 0) {
        const char *path = file_in(&place, "t.csv", "a\n1\n", 4);
        chmod(path, 0);
        expect_failure(path, NULL, MXP_NO_INPUT, "cannot be opened: Permission denied");
        unlink(path);
    }
    expect_failure("", NULL, MXP_USAGE, "a file's name is needed");
    expect_failure(NULL, NULL, MXP_USAGE, "a file's name is needed");
    expect_failure("t.npz", NULL, MXP_UNAVAILABLE, "t.npz: reading .npz files is not built in");
    expect_failure("t.parquet.gz", NULL, MXP_UNAVAILABLE, "reading .parquet files is not built in");
    expect_failure(file_in(&place, "empty.csv", "", 0), NULL, MXP_DATA, "the file is empty");
    unlink(place.path);
    remove_place(&place);
}

static void damaged_gzip(void **state)
{
    unsigned char packed[512];
    const size_t size = pack(packed, 256, "a,b\n1,2\n3,4\n");
    struct place_for_files place;

    (void)state;
    make_place(&place);
    for (size_t cut = 0; cut < size; cut++)
        expect_failure(file_in(&place, "t.csv.gz", packed, cut), NULL, MXP_DATA,
                       "damaged gzip file: it ends too early");
    packed[size - 6] ^= 1; /* the checksum */
    expect_failure(file_in(&place, "t.csv.gz", packed, size), NULL, MXP_DATA,
                   "damaged gzip file: incorrect data check");
    packed[size - 6] ^= 1;
    memcpy(packed + size, "garbage", 7);
    expect_failure(file_in(&place, "t.csv.gz", packed, size + 7), NULL, MXP_DATA,
                   "damaged gzip file: incorrect header check");
    expect_failure(file_in(&place, "t.csv.gz", "a,b\n1,2\n", 8), NULL, MXP_DATA,
                   "damaged gzip file: incorrect header check");
    unlink(place.path);
    remove_place(&place);
}

/* Members follow each other, and zeros may pad the end. */
static void several_gzip_members(void **state)
{
    unsigned char packed[1024] = {0};
    size_t size = pack(packed, 256, "a,b\n1,2");
    struct place_for_files place;

    (void)state;
    size += pack(packed + size, 256, "");
    size += pack(packed + size, 256, "5\n3,4\n");
    make_place(&place);
    for (int padded = 0; padded < 2; padded++) {
        mxp_table *table =
            read_good(file_in(&place, "t.csv.gz", packed, size + (padded ? 100 : 0)), NULL);
        assert_int_equal(mxp_table_rows(table), 2);
        assert_true(mxp_table_values(table, 1)[0] == 25);
        mxp_table_free(table);
    }
    unlink(place.path);
    remove_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_memory),      cmocka_unit_test(misuse_in_memory),
        cmocka_unit_test(formats),        cmocka_unit_test(npy_file),
        cmocka_unit_test(options),        cmocka_unit_test(page_sized_files),
        cmocka_unit_test(standard_input), cmocka_unit_test(cannot_be_opened),
        cmocka_unit_test(damaged_gzip),   cmocka_unit_test(several_gzip_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
