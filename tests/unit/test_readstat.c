/* Files of Stata, SPSS and SAS: what libreadstat's writers write is read back; a file that R wrote;
 * missing values of every kind; damaged files. */
#include "io/readstat.h"

#include "data/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static void endings(void **state)
{
    (void)state;
    assert_true(readstat_reads(".dta"));
    assert_true(readstat_reads(".SAV"));
    assert_true(readstat_reads(".sas7bdat"));
    assert_false(readstat_reads(".csv"));
    assert_false(readstat_reads(""));
}

#ifdef MAXPOST_READSTAT

#include <readstat.h>

static const char *const default_na[] = {"", "NA"};

/* ---- writing ---- */

/* A file in memory. */
struct file {
    unsigned char bytes[1 << 18];
    size_t size;
};

static ssize_t put(const void *bytes, size_t length, void *context)
{
    struct file *file = context;

    assert_true(length <= sizeof file->bytes - file->size);
    memcpy(file->bytes + file->size, bytes, length);
    file->size += length;
    return (ssize_t)length;
}

typedef readstat_error_t (*begin_writing)(readstat_writer_t *writer, void *context, long rows);

/* Formats, and what they know. */
static const struct format {
    const char *ending;
    begin_writing begin;
    char tag;     /* of a missing value like .b, or none */
    bool defines; /* values that a variable declares to be missing */
    bool labels;  /* of values, in the file itself */
} formats[] = {
    {".dta", readstat_begin_writing_dta, 'b', false, true},
    {".sav", readstat_begin_writing_sav, '\0', true, true},
    {".por", readstat_begin_writing_por, '\0', true, true},
    {".sas7bdat", readstat_begin_writing_sas7bdat, 'B', false, false},
    {".xpt", readstat_begin_writing_xport, 'B', false, false},
};
enum { FORMATS = sizeof formats / sizeof *formats };

/* ROWS rows of: X, a double; K, an integer with labels; S, a text; D, a date in days. */
enum { ROWS = 5 };
static const double x_written[ROWS] = {1.5, NAN, -2, 99, 0.1};
static const int k_written[ROWS] = {1, 2, 1, 2, 1};
static const char *const s_written[ROWS] = {"north", "", "south", "north", "0071"};

static void check(readstat_error_t code)
{
    if (code != READSTAT_OK)
        fail_msg("%s", readstat_error_message(code));
}

static void write_row(readstat_writer_t *writer, const struct format *format, int i)
{
    readstat_variable_t *x = readstat_get_variable(writer, 0),
                        *k = readstat_get_variable(writer, 1),
                        *s = readstat_get_variable(writer, 2),
                        *d = readstat_get_variable(writer, 3);

    check(readstat_begin_row(writer));
    if (isnan(x_written[i]))
        check(readstat_insert_missing_value(writer, x));
    else
        check(readstat_insert_double_value(writer, x, x_written[i]));
    if (format->labels)
        check(readstat_insert_int32_value(writer, k, k_written[i]));
    else
        check(readstat_insert_double_value(writer, k, k_written[i]));
    check(readstat_insert_string_value(writer, s, s_written[i]));
    if (i == 2 && format->tag)
        check(readstat_insert_tagged_missing_value(writer, d, format->tag));
    else
        check(readstat_insert_double_value(writer, d, 20000 + i));
    check(readstat_end_row(writer));
}

static void write_variables(readstat_writer_t *writer, const struct format *format)
{
    readstat_variable_t *x = readstat_add_variable(writer, "X", READSTAT_TYPE_DOUBLE, 8);
    readstat_variable_t *k = readstat_add_variable(
        writer, "K", format->labels ? READSTAT_TYPE_INT32 : READSTAT_TYPE_DOUBLE, 8);

    readstat_add_variable(writer, "S", READSTAT_TYPE_STRING, 8);
    readstat_add_variable(writer, "D", READSTAT_TYPE_DOUBLE, 8);
    if (format->labels) {
        readstat_label_set_t *set = readstat_add_label_set(writer, READSTAT_TYPE_INT32, "sex");
        readstat_label_int32_value(set, 1, "female");
        readstat_label_int32_value(set, 2, "male");
        readstat_variable_set_label_set(k, set);
    }
    if (format->defines)
        check(readstat_variable_add_missing_double_value(x, 99));
}

static void write_file(struct file *file, const struct format *format, int rows)
{
    readstat_writer_t *writer = readstat_writer_init();

    file->size = 0;
    check(readstat_set_data_writer(writer, put));
    write_variables(writer, format);
    check(format->begin(writer, file, rows));
    for (int i = 0; i < rows; i++)
        write_row(writer, format, i);
    check(readstat_end_writing(writer));
    readstat_writer_free(writer);
}

/* ---- reading ---- */

static mxp_status parse(struct columns *columns, const struct file *file, const char *ending,
                        mxp_error *error)
{
    const struct bytes input = {.data = (const char *)file->bytes, .size = file->size};
    char name[32];

    snprintf(name, sizeof name, "t%s", ending);
    return readstat_columns(columns, &input, ending, default_na, 2, name, error);
}

static void check_columns(const struct columns *columns, const struct format *format)
{
    const struct column *x = &columns->column[0], *k = &columns->column[1],
                        *s = &columns->column[2], *d = &columns->column[3];

    assert_int_equal(columns->rows, ROWS);
    assert_int_equal(columns->count, 4);
    assert_string_equal(x->name, "X");
    assert_string_equal(d->name, "D");
    assert_int_equal(x->missing, format->defines ? 2 : 1);
    assert_int_equal(x->missing_row, 1);
    assert_int_equal(d->missing, format->tag ? 1 : 0);
    assert_false(x->categorical || k->categorical || d->categorical);
    assert_null(k->fault.text);
    for (int i = 0; i < ROWS; i++) {
        const bool defined = format->defines && i == 3, tagged = format->tag && i == 2;
        if (isnan(x_written[i]) || defined)
            assert_true(isnan(x->values[i]));
        else
            assert_true(x->values[i] == x_written[i]);
        assert_true(k->values[i] == k_written[i]);
        assert_true(tagged ? isnan(d->values[i]) : d->values[i] == 20000 + i);
    }
    assert_true(s->categorical);
    assert_int_equal(s->missing, 1);
    assert_int_equal(s->text.count, 3);
    assert_string_equal(s->text.level[0], "north");
    assert_string_equal(s->text.level[2], "0071"); /* never a number */
    const uint32_t codes[ROWS] = {0, COLUMN_TEXT_NONE, 1, 0, 2};
    assert_memory_equal(s->text.code, codes, sizeof codes);
}

static void every_format(void **state)
{
    static struct file file;

    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        struct columns columns = {0};
        mxp_error error = {0};
        write_file(&file, &formats[i], ROWS);
        if (parse(&columns, &file, formats[i].ending, &error) != MXP_OK)
            fail_msg("%s", error.message);
        check_columns(&columns, &formats[i]);
        columns_free(&columns);
    }
}

static void no_rows(void **state)
{
    static struct file file;

    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        struct columns columns = {0};
        mxp_error error = {0};
        write_file(&file, &formats[i], 0);
        assert_int_equal(parse(&columns, &file, formats[i].ending, &error), MXP_DATA);
        assert_null(columns.column);
    }
}

/* A spelling of a missing cell that is a number counts for numbers. */
static void markers(void **state)
{
    static struct file file;
    const char *const na[] = {"south", "99"};
    struct columns columns = {0};
    mxp_error error = {0};

    (void)state;
    write_file(&file, &formats[0], ROWS);
    const struct bytes input = {.data = (const char *)file.bytes, .size = file.size};
    assert_int_equal(readstat_columns(&columns, &input, ".dta", na, 2, "t.dta", &error), MXP_OK);
    assert_int_equal(columns.column[0].missing, 2);
    assert_true(isnan(columns.column[0].values[3]));
    assert_int_equal(columns.column[2].missing, 1);
    assert_int_equal(columns.column[2].missing_row, 2);
    columns_free(&columns);
}

/* R 4.2.2, foreign 0.8-84:  write.dta(data.frame(x = c(1.5, NA, -2), k = c(3L, NA, 7L),
 *     f = factor(c("a", "b", "a")), s = c("u", "w", "u")), "r.dta", version = 8L)
 * The bytes that are not zero. */
static const struct {
    size_t at, length;
    const char *bytes;
} written_by_r[] = {
    {0, 37, "q\002\001\000\004\000\003\000\000\000Written by R.              "},
    {109, 5, "\377\375\375\001x"},
    {146, 1, "k"},
    {179, 1, "f"},
    {212, 1, "s"},
    {255, 5, "%9.0g"},
    {267, 5, "%9.0g"},
    {279, 5, "%9.0g"},
    {291, 3, "%1s"},
    {369, 1, "f"},
    {435, 1, "x"},
    {516, 1, "k"},
    {597, 1, "f"},
    {678, 1, "s"},
    {770, 11, "\370\077\003\000\000\000\001\000\000\000u"},
    {787, 11, "\340\177\377\377\377\177\002\000\000\000w"},
    {805, 15, "\300\007\000\000\000\001\000\000\000u\034\000\000\000f"},
    {855, 5, "\002\000\000\000\004"},
    {867, 15, "\002\000\000\000\001\000\000\000\002\000\000\000a\000b"},
};

static void file_of_r(void **state)
{
    static struct file file;
    struct columns columns = {0};
    mxp_error error = {0};

    (void)state;
    file.size = 883;
    for (size_t i = 0; i < sizeof written_by_r / sizeof *written_by_r; i++)
        memcpy(file.bytes + written_by_r[i].at, written_by_r[i].bytes, written_by_r[i].length);
    if (parse(&columns, &file, ".dta", &error) != MXP_OK)
        fail_msg("%s", error.message);
    assert_int_equal(columns.rows, 3);
    assert_int_equal(columns.count, 4);
    const struct column *c = columns.column;
    assert_true(c[0].values[0] == 1.5 && isnan(c[0].values[1]) && c[0].values[2] == -2);
    assert_true(c[1].values[0] == 3 && isnan(c[1].values[1]) && c[1].values[2] == 7);
    assert_string_equal(c[2].name, "f"); /* a factor: numbers with labels */
    assert_true(c[2].values[0] == 1 && c[2].values[1] == 2 && c[2].values[2] == 1);
    assert_int_equal(c[3].text.count, 2);
    assert_string_equal(c[3].text.level[1], "w");
    columns_free(&columns);
}

/* ---- from the disk ---- */

static void from_disk(void **state)
{
    static struct file file;
    char directory[] = "/tmp/test_readstat_XXXXXX", path[64];
    mxp_table *table = NULL;
    mxp_error error = {0};

    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/t.dta.gz", directory);
    write_file(&file, &formats[0], ROWS);
    gzFile packed = gzopen(path, "wb");
    assert_int_equal(gzwrite(packed, file.bytes, (unsigned)file.size), (int)file.size);
    assert_int_equal(gzclose(packed), Z_OK);
    assert_int_equal(mxp_table_read(&table, path, NULL, &error), MXP_OK);
    assert_int_equal(mxp_table_rows(table), ROWS);
    assert_int_equal(mxp_table_type(table, 2), MXP_COLUMN_CATEGORICAL);
    assert_int_equal(table_line_of_row(table, 2), 0);
    assert_int_equal(table_check_number(table, 2, &error), MXP_DATA);
    assert_non_null(strstr(error.message, "row 1: column \"S\": \"north\" is not a number"));
    mxp_table_free(table);
    unlink(path);
    rmdir(directory);
    table = NULL;
    assert_int_equal(mxp_table_read(&table, "/tmp/no-such-file.sav", NULL, &error), MXP_NO_INPUT);
}

/* ---- damage ---- */

static void expect_ending(const struct file *file, const char *ending)
{
    struct columns columns = {0};
    mxp_error error = {0};
    const mxp_status status = parse(&columns, file, ending, &error);

    if (status != MXP_OK && status != MXP_DATA && status != MXP_MEMORY)
        fail_msg("%s: status %d: %s", ending, (int)status, error.message);
    assert_true((status == MXP_OK) == (columns.column != NULL));
    columns_free(&columns);
}

/* A file that was cut off ends in an error or in fewer rows, nothing worse. */
static void cut(void **state)
{
    static struct file file;

    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        write_file(&file, &formats[i], ROWS);
        const size_t size = file.size, step = size > 4000 ? size / 2000 : 1;
        for (file.size = 0; file.size < size; file.size += step)
            expect_ending(&file, formats[i].ending);
    }
}

static void not_such_a_file(void **state)
{
    static struct file file;

    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        struct columns columns = {0};
        mxp_error error = {0};
        file.size = 0;
        put("a,b\n1,2\n", 8, &file);
        assert_int_equal(parse(&columns, &file, formats[i].ending, &error), MXP_DATA);
        assert_non_null(strstr(error.message, ": cannot be read: "));
        assert_int_equal(parse(&columns, &file, formats[i].ending, NULL), MXP_DATA);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endings), cmocka_unit_test(every_format),    cmocka_unit_test(no_rows),
        cmocka_unit_test(markers), cmocka_unit_test(file_of_r),       cmocka_unit_test(from_disk),
        cmocka_unit_test(cut),     cmocka_unit_test(not_such_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(endings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
