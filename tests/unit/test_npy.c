/* npy_parse on files built in memory, as numpy.lib.format describes them. */
#include "io/npy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A .npy file: version, the dictionary padded to a multiple of 64, data. */
struct file {
    char *bytes;
    size_t size;
};

static struct file build(int version, const char *dictionary, const void *data, size_t size)
{
    const size_t prefix = version == 1 ? 10 : 12;
    const size_t header = (prefix + strlen(dictionary) + 1 + 63) / 64 * 64 - prefix;
    struct file f = {calloc(prefix + header + size + BYTES_SLACK, 1), prefix + header + size};

    assert_non_null(f.bytes);
    memcpy(f.bytes, "\x93NUMPY", 6);
    f.bytes[6] = (char)version;
    for (size_t i = 0; i < prefix - 8; i++)
        f.bytes[8 + i] = (char)(header >> (8 * i) & 0xFF);
    memset(f.bytes + prefix, ' ', header);
    memcpy(f.bytes + prefix, dictionary, strlen(dictionary));
    f.bytes[prefix + header - 1] = '\n';
    if (size)
        memcpy(f.bytes + prefix + header, data, size);
    return f;
}

static mxp_status parse(struct columns *columns, const char *bytes, size_t size, mxp_error *error)
{
    char *copy = calloc(size + BYTES_SLACK, 1); /* so that a sanitizer sees one byte too many */
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    const struct bytes input = {.data = copy, .size = size};
    const mxp_status status = npy_parse(columns, &input, NULL, 0, "t.npy", error);
    free(copy);
    return status;
}

static struct columns read_good(int version, const char *dictionary, const void *data, size_t size)
{
    struct columns columns = {0};
    mxp_error error = {0};
    struct file f = build(version, dictionary, data, size);

    if (parse(&columns, f.bytes, f.size, &error) != MXP_OK)
        fail_msg("%s: %s", dictionary, error.message);
    free(f.bytes);
    return columns;
}

static void expect_column(const struct columns *c, size_t column, const char *name,
                          const double *values)
{
    assert_true(column < c->count);
    assert_string_equal(c->column[column].name, name);
    for (size_t i = 0; i < c->rows; i++) {
        const double value = c->column[column].values[i];
        if (!(value == values[i] || (isnan(value) && isnan(values[i]))))
            fail_msg("%s, row %zu: %g, not %g", name, i, value, values[i]);
    }
}

static void matrices(void **state)
{
    static const double wide[] = {1, 2, 3, 4, 5, 6}, nan_at_2[] = {1, NAN, 5}, even[] = {2, 4, 6};
    static const float narrow[] = {1, 2, 3, 4, 5, 6};

    (void)state;
    for (int version = 1; version <= 3; version++) {
        struct columns c = read_good(
            version, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }", wide, 48);
        assert_int_equal(c.rows, 3);
        assert_int_equal(c.count, 2);
        expect_column(&c, 0, "c1", (const double[]){1, 3, 5});
        expect_column(&c, 1, "c2", even);
        assert_int_equal(columns_line(&c, 0), 0);
        columns_free(&c);
        c = read_good(version, "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2), }", narrow,
                      24);
        expect_column(&c, 0, "c1", wide);
        expect_column(&c, 1, "c2", wide + 3);
        columns_free(&c);
    }
    /* keys in another order, double quotes, no blanks, no last comma */
    const double holes[] = {1, 2, NAN, 4, 5, 6};
    struct columns c =
        read_good(1, "{\"shape\":(3,2),\"fortran_order\":False,\"descr\":\"<f8\"}", holes, 48);
    expect_column(&c, 0, "c1", nan_at_2);
    assert_int_equal(c.column[0].missing, 1);
    assert_int_equal(c.column[0].missing_row, 1);
    columns_free(&c);
}

/* Bytes and characters of four bytes, padded with NULs; an empty text is missing. */
static void texts(void **state)
{
    static const unsigned char items[] = {'a', 'b', 'c', 0xFC, 0,    0,    0, 'x', 0, 0, 0, /**/
                                          0,   0,   0,   0,    0,    0,    0, 0,   0, 0, 0, /**/
                                          'a', 0,   0,   0x00, 0xF6, 0x01, 0, 0,   0, 0, 0, /**/
                                          'a', 0,   0,   0xFC, 0,    0,    0, 'x', 0, 0, 0};
    struct columns c = read_good(1,
                                 "{'descr': [('s', '|S3'), ('u', '<U2')], 'fortran_order': False, "
                                 "'shape': (4,), }",
                                 items, sizeof items);
    const uint32_t bytes[] = {0, COLUMN_TEXT_NONE, 1, 1}, wide[] = {0, COLUMN_TEXT_NONE, 1, 0};

    (void)state;
    assert_true(c.column[0].categorical && c.column[1].categorical);
    assert_memory_equal(c.column[0].text.code, bytes, sizeof bytes);
    assert_memory_equal(c.column[1].text.code, wide, sizeof wide);
    assert_string_equal(c.column[0].text.level[0], "abc");
    assert_string_equal(c.column[0].text.level[1], "a");
    assert_string_equal(c.column[1].text.level[0], "\xC3\xBCx");
    assert_string_equal(c.column[1].text.level[1], "\xF0\x9F\x98\x80");
    assert_int_equal(c.column[1].missing, 1);
    columns_free(&c);
}

/* The least and the largest of each integer type, from their two's complement bytes. */
static void integers(void **state)
{
    static const struct {
        const char *type;
        unsigned char bytes[16];
        size_t size;
        double values[2];
    } cases[] = {
        {"|i1", {0x80, 0x7F}, 2, {-128, 127}},
        {"<i1", {0xFF, 0x01}, 2, {-1, 1}},
        {"|u1", {0x00, 0xFF}, 2, {0, 255}},
        {"|b1", {0x00, 0x01}, 2, {0, 1}},
        {"<i2", {0x00, 0x80, 0xFF, 0x7F}, 4, {-32768, 32767}},
        {"<u2", {0x34, 0x12, 0xFF, 0xFF}, 4, {0x1234, 65535}},
        {"<i4", {0, 0, 0, 0x80, 0xFE, 0xFF, 0xFF, 0xFF}, 8, {-2147483648.0, -2}},
        {"<u4", {0x78, 0x56, 0x34, 0x12, 0xFF, 0xFF, 0xFF, 0xFF}, 8, {0x12345678, 4294967295.0}},
        {"<i8",
         {0, 0, 0, 0, 0, 0, 0, 0x80, 0xFD, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
         16,
         {-9223372036854775808.0, -3}},
        {"<u8",
         {1, 0, 0, 0, 0, 1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
         16,
         {1099511627777.0, 18446744073709551616.0}},
    };
    char dictionary[100];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(dictionary, sizeof dictionary,
                 "{'descr': '%s', 'fortran_order': False, 'shape': (2, 1), }", cases[i].type);
        struct columns c = read_good(1, dictionary, cases[i].bytes, cases[i].size);
        expect_column(&c, 0, "c1", cases[i].values);
        columns_free(&c);
    }
}

static void infinities(void **state)
{
    static const double values[] = {1, INFINITY, -INFINITY, NAN};

    (void)state;
    struct columns c =
        read_good(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (4, 1), }", values, 32);
    assert_string_equal(c.column[0].fault.text, "inf");
    assert_string_equal(c.column[0].fault.why, "is not finite");
    assert_int_equal(c.column[0].fault.row, 1);
    assert_int_equal(c.column[0].fault.line, 0);
    assert_int_equal(c.column[0].missing, 1);
    assert_int_equal(c.column[0].missing_row, 3);
    columns_free(&c);
}

/* Fields of all sorts, with padding and text between them. */
static void structured(void **state)
{
    unsigned char items[2][24] = {{0}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        const double x = 1.5 + i;
        const int16_t n = (int16_t)(-7 - i);
        memcpy(items[i], &x, 8);
        memcpy(items[i] + 8, &n, 2);
        memcpy(items[i] + 16, "a\0\0\0b\0\0\0", 8);
    }
    struct columns c = read_good(3,
                                 "{'descr': [('x', '<f8'), ('n\xC3\xA9', '<i2'), ('', '|V6'), "
                                 "('id', '<U2')], 'fortran_order': False, 'shape': (2,), }",
                                 items, 48);
    assert_int_equal(c.rows, 2);
    assert_int_equal(c.count, 3);
    expect_column(&c, 0, "x", (const double[]){1.5, 2.5});
    expect_column(&c, 1, "n\xC3\xA9", (const double[]){-7, -8});
    expect_column(&c, 2, "id", (const double[]){NAN, NAN});
    assert_string_equal(c.column[2].fault.text, "<U2");
    assert_null(c.column[0].fault.text);
    columns_free(&c);
}

/* More rows than a tile, both orders. */
static void sizes(void **state)
{
    enum { ROWS = 1000, COLUMNS = 7 };
    double *data = malloc(sizeof(double[ROWS * COLUMNS]));
    char dictionary[100];

    (void)state;
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        data[i] = (double)i;
    for (int fortran = 0; fortran < 2; fortran++) {
        for (size_t rows = 1; rows <= ROWS; rows = rows < 3 ? rows + 1 : rows * 2 - 2) {
            snprintf(dictionary, sizeof dictionary,
                     "{'descr': '<f8', 'fortran_order': %s, 'shape': (%zu, %d), }",
                     fortran ? "True" : "False", rows, COLUMNS);
            struct columns c = read_good(2, dictionary, data, rows * COLUMNS * 8);
            for (size_t i = 0; i < rows; i++)
                for (size_t j = 0; j < COLUMNS; j++)
                    assert_true(c.column[j].values[i] ==
                                (double)(fortran ? j * rows + i : i * COLUMNS + j));
            columns_free(&c);
        }
    }
    free(data);
}

/* ---- malformed files ---- */

struct malformed {
    const char *dictionary;
    size_t size;         /* of the data */
    const char *message; /* its start */
};

static const struct malformed malformed[] = {
    {"", 0, "t.npy: byte 64: damaged header: '{' expected"},
    {"{}", 0, "t.npy: byte 64: damaged header: descr, fortran_order and shape are needed"},
    {"{'descr': '<f8', 'shape': (1, 1)}", 8,
     "t.npy: byte 64: damaged header: descr, fortran_order"},
    {"{'descr': '<f8', 'descr': '<f8', 'shape': (1, 1)}", 8,
     "t.npy: byte 27: damaged header: a key that is unknown or doubled"},
    {"{'descry': '<f8'}", 8, "t.npy: byte 11: damaged header: a key that is unknown or doubled"},
    {"{'descr' '<f8'}", 8, "t.npy: byte 19: damaged header: ':' expected"},
    {"{descr: '<f8'}", 8, "t.npy: byte 11: damaged header: a quoted string expected"},
    {"{'descr: <f8}", 8, "t.npy: byte 63: damaged header: a character that is not allowed"},
    {"{'descr': '<f\\x38'}", 8, "t.npy: byte 23: damaged header: a character that is not allowed"},
    {"{'descr': '<f8', 'fortran_order': false}", 8,
     "t.npy: byte 44: damaged header: True or False expected"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 2)}", 8,
     "t.npy: byte 61: damaged header: a size expected"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2}", 8,
     "t.npy: byte 65: damaged header: ')' expected"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999, 2)}", 8,
     "t.npy: byte 61: damaged header: a size beyond the address space"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1)} 1", 8,
     "t.npy: byte 68: damaged header: text after the dictionary"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", 8,
     "t.npy: byte 136: the file ends too early, in row 1 of 4611686018427387904"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (4, 4611686018427387904)}", 8,
     "t.npy: byte 136: the file ends too early, in row 1 of 4"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2)}", 40,
     "t.npy: byte 168: the file ends too early, in row 3 of 3"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2)}", 50,
     "t.npy: byte 176: 2 bytes after the last row"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (0, 2)}", 0,
     "t.npy: an array without rows"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 0)}", 0,
     "t.npy: an array without columns"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", 16,
     "t.npy: an array of 1 dimensions, not a 2-D matrix"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': ()}", 8,
     "t.npy: an array of 0 dimensions, not a 2-D matrix"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1)}", 8,
     "t.npy: an array of 3 dimensions, not a 2-D matrix"},
    {"{'descr': '>f8', 'fortran_order': False, 'shape': (1, 1)}", 8,
     "t.npy: byte 20: big-endian numbers; save them as little-endian"},
    {"{'descr': '<f2', 'fortran_order': False, 'shape': (1, 1)}", 2,
     "t.npy: byte 20: the type \"<f2\" is not a number that can be read"},
    {"{'descr': '<c16', 'fortran_order': False, 'shape': (1, 1)}", 16,
     "t.npy: byte 20: the type \"<c16\" is not a number"},
    {"{'descr': '|O', 'fortran_order': False, 'shape': (1, 1)}", 8,
     "t.npy: byte 20: the type \"|O\" is not a number"},
    {"{'descr': '<U4', 'fortran_order': False, 'shape': (1, 1)}", 16,
     "t.npy: byte 20: the type \"<U4\" is not a number"},
    {"{'descr': '<i3', 'fortran_order': False, 'shape': (1, 1)}", 3,
     "t.npy: byte 20: the type \"<i3\" is not a number"},
    {"{'descr': '', 'fortran_order': False, 'shape': (1, 1)}", 3,
     "t.npy: byte 20: the type \"\" is not a number"},
    {"{'descr': [('x', '<f8'), ('x', '<f8')], 'fortran_order': False, 'shape': (1,)}", 16,
     "t.npy: two fields are named \"x\""},
    {"{'descr': [('', '<f8')], 'fortran_order': False, 'shape': (1,)}", 8,
     "t.npy: field 1 has no name"},
    {"{'descr': [('', '|V8')], 'fortran_order': False, 'shape': (1,)}", 8,
     "t.npy: an array without columns"},
    {"{'descr': [], 'fortran_order': False, 'shape': (1,)}", 8, "t.npy: an array without columns"},
    {"{'descr': [('x', '<f8', (2,))], 'fortran_order': False, 'shape': (1,)}", 16,
     "t.npy: byte 32: a field that is not a plain scalar"},
    {"{'descr': [(('t', 'x'), '<f8')], 'fortran_order': False, 'shape': (1,)}", 8,
     "t.npy: byte 22: damaged header: a quoted string expected"},
    {"{'descr': [('x', [('y', '<f8')])], 'fortran_order': False, 'shape': (1,)}", 8,
     "t.npy: byte 27: damaged header: a quoted string expected"},
    {"{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (1, 1)}", 8,
     "t.npy: an array of 2 dimensions, not a 1-D structured array"},
    {"{'descr': [('\xE9', '<f8')], 'fortran_order': False, 'shape': (1,)}", 8,
     "t.npy: byte 23: damaged header: a character that is not allowed"},
};

static void expect_message(const char *label, const char *bytes, size_t size, const char *message)
{
    struct columns columns = {.rows = 77};
    mxp_error error = {0};
    const mxp_status status = parse(&columns, bytes, size, &error);

    if (status != MXP_DATA || strncmp(error.message, message, strlen(message)) != 0)
        fail_msg("%s: status %d, \"%s\", not \"%s\"", label, (int)status, error.message, message);
    assert_int_equal(columns.rows, 77); /* not written */
}

static void malformed_headers(void **state)
{
    static const double data[16];

    (void)state;
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        struct file f = build(1, malformed[i].dictionary, data, malformed[i].size);
        expect_message(malformed[i].dictionary, f.bytes, f.size, malformed[i].message);
        free(f.bytes);
    }
}

static void malformed_starts(void **state)
{
    static const double data[2] = {1, 2};
    static const char good[] = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }";
    struct file f = build(1, good, data, sizeof data);

    (void)state;
    for (size_t size = 0; size < f.size; size++) /* cut anywhere */
        expect_message("cut", f.bytes, size, "t.npy: ");
    expect_message("empty", f.bytes, 0, "t.npy: byte 0: not a .npy file");
    expect_message("cut header", f.bytes, 40, "t.npy: byte 40: the file ends within its header");
    f.bytes[6] = 4;
    expect_message("version", f.bytes, f.size,
                   "t.npy: byte 6: a version of .npy that is not known");
    f.bytes[6] = 1;
    f.bytes[9] = 1;
    expect_message("length", f.bytes, f.size, "t.npy: byte 144: the file ends within its header");
    f.bytes[0] = 'P';
    expect_message("magic", f.bytes, f.size, "t.npy: byte 0: not a .npy file");
    free(f.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matrices),
        cmocka_unit_test(integers),
        cmocka_unit_test(texts),
        cmocka_unit_test(infinities),
        cmocka_unit_test(structured),
        cmocka_unit_test(sizes),
        cmocka_unit_test(malformed_headers),
        cmocka_unit_test(malformed_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
