#include "io/npy.h"

#include "base/mem.h"
#include "io/npy_header.h"
#include "io/utf8.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Unsigned little-endian integers; compilers make single loads of these. */
static uint64_t load4(const unsigned char *b)
{
    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24;
}

static uint64_t load8(const unsigned char *b)
{
    return load4(b) | load4(b + 4) << 32;
}

static uint64_t load(const unsigned char *b, size_t bytes)
{
    switch (bytes) {
    case 1:
        return b[0];
    case 2:
        return (uint64_t)b[0] | (uint64_t)b[1] << 8;
    case 4:
        return load4(b);
    default:
        return load8(b);
    }
}

/* The integer at b as a double; a negative one by its distance to -1, free of overflow. */
static double read_integer(const unsigned char *b, const struct npy_field *field)
{
    const uint64_t bits = load(b, field->bytes);
    const unsigned width = 8 * (unsigned)field->bytes;

    if (field->kind == NPY_SIGNED && bits >> (width - 1))
        return -1.0 - (double)(~bits & (UINT64_MAX >> (64 - width)));
    return (double)bits;
}

/* Whether the scalars are doubles of this machine. */
static bool is_native(const struct npy_field *field)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return field->kind == NPY_FLOAT && field->bytes == sizeof(double);
#else
    (void)field;
    return false;
#endif
}

/* `count` scalars, `stride` bytes apart, as doubles; NaN for text, which has none. */
static void fill(double *values, size_t count, const struct npy_field *field,
                 const unsigned char *b, size_t stride)
{
    if (is_native(field) && stride == sizeof *values) {
        memcpy(values, b, count * sizeof *values);
        return;
    }
    for (size_t i = 0; i < count; i++, b += stride) {
        if (field->kind == NPY_FLOAT && field->bytes == 8) {
            const uint64_t bits = load8(b);
            memcpy(&values[i], &bits, sizeof bits);
        } else if (field->kind == NPY_FLOAT) {
            const uint32_t bits = (uint32_t)load4(b);
            float narrow;
            memcpy(&narrow, &bits, sizeof narrow);
            values[i] = (double)narrow;
        } else {
            values[i] = field->kind == NPY_TEXT ? NAN : read_integer(b, field);
        }
    }
}

/* Appends a column with room for its values. */
static mxp_status append(struct columns *out, const char *column, size_t length, const char *name,
                         mxp_error *error)
{
    double *values = NULL;
    bool duplicate;
    mxp_status status;

    TRY(status = columns_append(out, column, length, &duplicate, error));
    if (duplicate) {
        status = FAIL(error, MXP_DATA, "%s: two fields are named \"%.*s\"", name,
                      length < 200 ? (int)length : 200, column);
        goto out;
    }
    TRY(status = mem_doubles(&values, out->rows, 1, error));
    out->column[out->count - 1].values = values;
out:
    return status;
}

/* A matrix in rows, by tiles of them that stay in the cache. */
static void fill_by_rows(struct columns *out, const struct npy_header *h, const struct bytes *input)
{
    enum { TILE = 64, FORGET = 1 << 24 };
    const size_t rows = h->shape[0], columns = h->shape[1], down = columns * h->item;
    const unsigned char *data = (const unsigned char *)input->data + h->data;
    size_t forgotten = 0;

    for (size_t i = 0; i < rows; i += TILE) {
        const size_t count = rows - i < TILE ? rows - i : TILE;
        for (size_t j = 0; j < columns; j++)
            fill(out->column[j].values + i, count, h->field, data + j * h->item + i * down, down);
        const size_t done = h->data + (i + count) * down;
        if (done - forgotten >= FORGET) {
            bytes_forget(input, forgotten, done);
            forgotten = done;
        }
    }
}

/* Columns c1, c2, ... of a matrix.  What has been read of a mapped file is let go, so that it does
 * not take memory beside the columns. */
static mxp_status read_matrix(struct columns *out, const struct npy_header *h,
                              const struct bytes *input, const char *name, mxp_error *error)
{
    const size_t rows = h->shape[0], columns = h->shape[1], across = rows * h->item;
    const unsigned char *data = (const unsigned char *)input->data + h->data;
    mxp_status status = MXP_OK;

    for (size_t j = 0; j < h->shape[1]; j++) {
        char column[32];
        const int length = snprintf(column, sizeof column, "c%zu", j + 1);
        TRY(status = append(out, column, (size_t)length, name, error));
        if (h->fortran) {
            fill(out->column[j].values, rows, h->field, data + j * across, h->item);
            bytes_forget(input, h->data + j * across, h->data + (j + 1) * across);
        }
    }
    if (!h->fortran)
        fill_by_rows(out, h, input);
    for (size_t j = 0; j < columns; j++)
        TRY(status = columns_scan(out, j, error));
out:
    return status;
}

/* Spellings of a missing cell. */
struct missing {
    const char *const *na;
    size_t count;
};

/* The texts of a field: bytes, or characters of four bytes, padded with NULs. */
static mxp_status read_texts(struct columns *out, const struct npy_header *h,
                             const struct npy_field *field, const unsigned char *data,
                             const struct missing *missing, mxp_error *error)
{
    const size_t column = out->count - 1;
    char *text = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&text, field->bytes + 1, error));
    TRY(status = columns_fault(out, column, 0, field->type, strlen(field->type),
                               "is a type of text, not of numbers", error));
    for (size_t i = 0; i < out->rows; i++) {
        const unsigned char *b = data + field->offset + i * h->item;
        size_t length = 0;
        if (field->type[1] == 'U') {
            for (size_t at = 0; at < field->bytes && load4(b + at); at += 4)
                length += utf8_put(text + length, (uint32_t)load4(b + at));
        } else {
            for (; length < field->bytes && b[length]; length++)
                text[length] = (char)b[length];
        }
        if (length == 0 || column_text_is_na(missing->na, missing->count, text, length))
            columns_missing(out, column, i);
        else
            TRY(status = columns_text(out, column, i, text, length, error));
    }
out:
    free(text);
    return status;
}

static mxp_status read_field(struct columns *out, const struct npy_header *h,
                             const struct npy_field *field, const unsigned char *data,
                             const struct missing *missing, const char *name, mxp_error *error)
{
    const size_t column = out->count;

    if (field->name_length == 0)
        return FAIL(error, MXP_DATA, "%s: field %zu has no name", name,
                    (size_t)(field - h->field) + 1);
    const mxp_status status = append(out, field->name, field->name_length, name, error);
    if (status != MXP_OK)
        return status;
    fill(out->column[column].values, out->rows, field, data + field->offset, h->item);
    if (field->kind == NPY_TEXT)
        return read_texts(out, h, field, data, missing, error);
    return columns_scan(out, column, error);
}

static mxp_status read_structured(struct columns *out, const struct npy_header *h,
                                  const unsigned char *data, const struct missing *missing,
                                  const char *name, mxp_error *error)
{
    mxp_status status = MXP_OK;

    for (size_t j = 0; j < h->fields; j++)
        if (h->field[j].kind != NPY_PADDING)
            TRY(status = read_field(out, h, &h->field[j], data, missing, name, error));
    if (out->count == 0)
        status = FAIL(error, MXP_DATA, "%s: an array without columns", name);
out:
    return status;
}

mxp_status npy_parse(struct columns *columns, const struct bytes *input, const char *const *na,
                     size_t na_count, const char *name, mxp_error *error)
{
    const struct missing missing = {na, na_count};
    struct npy_header header;
    struct columns out = {0};
    mxp_status status;

    TRY(status = npy_header_read(&header, input, name, error));
    out.rows = header.shape[0];
    const unsigned char *data = (const unsigned char *)input->data + header.data;
    if (header.structured)
        TRY(status = read_structured(&out, &header, data, &missing, name, error));
    else
        TRY(status = read_matrix(&out, &header, input, name, error));
    TRY(status = columns_infer(&out, error));
    *columns = out;
    out = (struct columns){0};
out:
    columns_free(&out);
    npy_header_free(&header);
    return status;
}
