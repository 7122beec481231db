#include "io/npy_header.h"

#include "base/mem.h"
#include "io/utf8.h"

#include <stdint.h>
#include <string.h>

/* A walk over the header's text: the dictionary that Python's repr writes. */
struct walk {
    const char *start, *at, *end; /* start of the file; place; end of the header */
    const char *name;
    struct npy_header *header;
};

static mxp_status fail_at(const struct walk *walk, const char *at, const char *what,
                          mxp_error *error)
{
    return FAIL(error, MXP_DATA, "%s: byte %zu: %s", walk->name, (size_t)(at - walk->start), what);
}

static void skip_blanks(struct walk *walk)
{
    while (walk->at < walk->end && (*walk->at == ' ' || *walk->at == '\n'))
        walk->at++;
}

/* Whether the next character, blanks aside, is c; moves behind it then. */
static bool accept(struct walk *walk, char c)
{
    skip_blanks(walk);
    if (walk->at >= walk->end || *walk->at != c)
        return false;
    walk->at++;
    return true;
}

static mxp_status expect(struct walk *walk, char c, mxp_error *error)
{
    char what[] = "damaged header: ' ' expected";
    what[17] = c;
    return accept(walk, c) ? MXP_OK : fail_at(walk, walk->at, what, error);
}

/* A string in single or double quotes, without escapes. */
static mxp_status read_string(struct walk *walk, const char **text, size_t *length,
                              mxp_error *error)
{
    skip_blanks(walk);
    const char quote = walk->at < walk->end ? *walk->at : '\0';
    const char *s = walk->at + 1;

    if (quote != '\'' && quote != '"')
        return fail_at(walk, walk->at, "damaged header: a quoted string expected", error);
    for (; s < walk->end && *s != quote; s++) {
        uint32_t code;
        const size_t bytes = utf8_decode(&code, s, (size_t)(walk->end - s));
        if (bytes == 0 || code < ' ' || *s == '\\')
            return fail_at(walk, s, "damaged header: a character that is not allowed in a string",
                           error);
        s += bytes - 1;
    }
    if (s >= walk->end)
        return fail_at(walk, walk->at, "damaged header: a string that is never closed", error);
    *text = walk->at + 1;
    *length = (size_t)(s - *text);
    walk->at = s + 1;
    return MXP_OK;
}

static mxp_status read_bool(struct walk *walk, bool *value, mxp_error *error)
{
    skip_blanks(walk);
    const size_t left = (size_t)(walk->end - walk->at);
    *value = left >= 4 && memcmp(walk->at, "True", 4) == 0;
    if (!*value && !(left >= 5 && memcmp(walk->at, "False", 5) == 0))
        return fail_at(walk, walk->at, "damaged header: True or False expected", error);
    walk->at += *value ? 4 : 5;
    return MXP_OK;
}

static mxp_status read_size(struct walk *walk, size_t *value, mxp_error *error)
{
    skip_blanks(walk);
    const char *const from = walk->at;
    size_t n = 0;

    for (; walk->at < walk->end && *walk->at >= '0' && *walk->at <= '9'; walk->at++) {
        if (n > SIZE_MAX / 10 - 1)
            return fail_at(walk, from, "damaged header: a size beyond the address space", error);
        n = n * 10 + (size_t)(*walk->at - '0');
    }
    if (walk->at == from)
        return fail_at(walk, from, "damaged header: a size expected", error);
    *value = n;
    return MXP_OK;
}

/* The kind and size of a scalar type such as <f8; false when unknown. */
static bool classify(struct npy_field *field)
{
    const char *type = field->type;
    size_t count = 0;

    for (const char *s = type[0] ? type + 2 : type; *s; s++) {
        if (*s < '0' || *s > '9' || count > 1000000000)
            return false;
        count = count * 10 + (size_t)(*s - '0');
    }
    const bool little = type[0] == '<', byte = type[0] == '|' || (little && count == 1);
    const bool power = count == 1 || count == 2 || count == 4 || count == 8;
    field->bytes = count;
    switch (type[0] ? type[1] : '\0') {
    case 'f':
        field->kind = NPY_FLOAT;
        return little && (count == 4 || count == 8);
    case 'i':
        field->kind = NPY_SIGNED;
        return power && (count == 1 ? byte : little);
    case 'u':
        field->kind = NPY_UNSIGNED;
        return power && (count == 1 ? byte : little);
    case 'b':
        field->kind = NPY_BOOLEAN;
        return count == 1 && byte;
    case 'S':
        field->kind = NPY_TEXT;
        return type[0] == '|';
    case 'U':
        field->kind = NPY_TEXT;
        field->bytes = 4 * count;
        return little;
    case 'V':
        field->kind = NPY_PADDING;
        return type[0] == '|' && field->name && field->name_length == 0;
    default:
        return false;
    }
}

/* A type's string, appended as a field of that name. */
static mxp_status read_type(struct walk *walk, const char *name, size_t name_length,
                            mxp_error *error)
{
    struct npy_header *h = walk->header;
    struct npy_field field = {.name = name, .name_length = name_length, .offset = h->item};
    const char *text;
    size_t length;
    mxp_status status;

    skip_blanks(walk);
    const char *const from = walk->at;
    TRY(status = read_string(walk, &text, &length, error));
    if (length > 0 && text[0] == '>') {
        status = fail_at(walk, from, "big-endian numbers; save them as little-endian", error);
        goto out;
    }
    if (length < sizeof field.type)
        memcpy(field.type, text, length);
    if (!classify(&field) || (!name && field.kind == NPY_TEXT)) {
        status =
            FAIL(error, MXP_DATA,
                 "%s: byte %zu: the type \"%.*s\" is not a number that can "
                 "be read (float64, float32, integers)",
                 walk->name, (size_t)(from - walk->start), length < 60 ? (int)length : 60, text);
        goto out;
    }
    h->item += field.bytes; /* below 2^33 times the bytes of the header: no overflow */
    TRY(status = mem_grow(&h->field, &h->capacity, h->fields + 1, sizeof field, error));
    h->field[h->fields++] = field;
out:
    return status;
}

/* [('x', '<f8'), ('y', '<i4')] */
static mxp_status read_fields(struct walk *walk, mxp_error *error)
{
    const char *name;
    size_t length;
    mxp_status status = MXP_OK;

    walk->header->structured = true;
    while (!accept(walk, ']')) {
        TRY(status = expect(walk, '(', error));
        TRY(status = read_string(walk, &name, &length, error));
        TRY(status = expect(walk, ',', error));
        TRY(status = read_type(walk, name, length, error));
        if (!accept(walk, ')')) {
            status = fail_at(walk, walk->at,
                             "a field that is not a plain scalar (an array or a title)", error);
            goto out;
        }
        if (!accept(walk, ',')) {
            TRY(status = expect(walk, ']', error));
            break;
        }
    }
out:
    return status;
}

/* (3,) or (3, 4) or () or more dimensions, of which two are kept. */
static mxp_status read_shape(struct walk *walk, mxp_error *error)
{
    struct npy_header *h = walk->header;
    mxp_status status = MXP_OK;

    TRY(status = expect(walk, '(', error));
    while (!accept(walk, ')')) {
        size_t size = 0;
        TRY(status = read_size(walk, &size, error));
        if (h->dimensions < 2)
            h->shape[h->dimensions] = size;
        h->dimensions++;
        if (!accept(walk, ',')) {
            TRY(status = expect(walk, ')', error));
            break;
        }
    }
out:
    return status;
}

/* The value of a key; seen: a bit for each key that came. */
static mxp_status read_entry(struct walk *walk, unsigned *seen, mxp_error *error)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    const char *text = NULL;
    size_t length = 0, key = 0;
    mxp_status status;

    skip_blanks(walk);
    const char *const from = walk->at;
    TRY(status = read_string(walk, &text, &length, error));
    while (key < 3 && (strlen(keys[key]) != length || memcmp(keys[key], text, length) != 0))
        key++;
    if (key == 3 || *seen & 1u << key) {
        status = fail_at(walk, from, "damaged header: a key that is unknown or doubled", error);
        goto out;
    }
    *seen |= 1u << key;
    TRY(status = expect(walk, ':', error));
    if (key == 1)
        status = read_bool(walk, &walk->header->fortran, error);
    else if (key == 2)
        status = read_shape(walk, error);
    else if (accept(walk, '['))
        status = read_fields(walk, error);
    else
        status = read_type(walk, NULL, 0, error);
out:
    return status;
}

static mxp_status read_dictionary(struct walk *walk, mxp_error *error)
{
    unsigned seen = 0;
    mxp_status status;

    TRY(status = expect(walk, '{', error));
    while (!accept(walk, '}')) {
        TRY(status = read_entry(walk, &seen, error));
        if (!accept(walk, ',')) {
            TRY(status = expect(walk, '}', error));
            break;
        }
    }
    skip_blanks(walk);
    if (walk->at != walk->end)
        status = fail_at(walk, walk->at, "damaged header: text after the dictionary", error);
    else if (seen != 7)
        status = fail_at(walk, walk->at,
                         "damaged header: descr, fortran_order and shape are needed", error);
out:
    return status;
}

/* Magic, version and length: where the dictionary is. */
static mxp_status find_dictionary(struct walk *walk, const struct bytes *input, mxp_error *error)
{
    const unsigned char *b = (const unsigned char *)input->data;
    const size_t size = input->size;

    if (size < 10 || memcmp(b, "\x93NUMPY", 6) != 0)
        return fail_at(walk, walk->start, "not a .npy file", error);
    if (b[6] < 1 || b[6] > 3 || b[7] != 0)
        return fail_at(walk, walk->start + 6, "a version of .npy that is not known", error);
    const size_t prefix = b[6] == 1 ? 10 : 12;
    if (size < prefix)
        return fail_at(walk, walk->start + size, "the file ends within its header", error);
    size_t length = (size_t)b[8] | (size_t)b[9] << 8;
    if (prefix == 12)
        length |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
    if (length > size - prefix)
        return fail_at(walk, walk->start + size, "the file ends within its header", error);
    walk->at = walk->start + prefix;
    walk->end = walk->at + length;
    walk->header->data = prefix + length;
    return MXP_OK;
}

/* Dimensions and the number of bytes that follow. */
static mxp_status check_shape(const struct walk *walk, size_t size, mxp_error *error)
{
    const struct npy_header *h = walk->header;
    const size_t wanted = h->structured ? 1 : 2, columns = h->structured ? 1 : h->shape[1];
    const char *const name = walk->name;

    if (h->dimensions != wanted)
        return FAIL(error, MXP_DATA, "%s: an array of %zu dimensions, not a %s", name,
                    h->dimensions,
                    h->structured ? "1-D structured array" : "2-D matrix or 1-D structured array");
    if (h->shape[0] == 0 || columns == 0 || h->item == 0)
        return FAIL(error, MXP_DATA, "%s: an array without %s", name,
                    h->shape[0] == 0 ? "rows" : "columns");
    const size_t bytes = size - h->data, most = bytes / h->item / columns;
    if (h->shape[0] > most)
        return FAIL(error, MXP_DATA, "%s: byte %zu: the file ends too early, in row %zu of %zu",
                    name, size, (h->fortran ? 0 : most) + 1, h->shape[0]);
    if (bytes != h->shape[0] * columns * h->item)
        return FAIL(error, MXP_DATA, "%s: byte %zu: %zu bytes after the last row", name,
                    h->data + h->shape[0] * columns * h->item,
                    bytes - h->shape[0] * columns * h->item);
    return MXP_OK;
}

mxp_status npy_header_read(struct npy_header *header, const struct bytes *input, const char *name,
                           mxp_error *error)
{
    struct walk walk = {.start = input->data, .name = name, .header = header};
    mxp_status status;

    *header = (struct npy_header){0};
    TRY(status = find_dictionary(&walk, input, error));
    TRY(status = read_dictionary(&walk, error));
    TRY(status = check_shape(&walk, input->size, error));
out:
    return status;
}

void npy_header_free(struct npy_header *header)
{
    free(header->field);
    *header = (struct npy_header){0};
}
