/* The header of a .npy file: what the bytes after it are. */
#ifndef MAXPOST_NPY_HEADER_H
#define MAXPOST_NPY_HEADER_H

#include "io/bytes.h"

#include <stdbool.h>

enum npy_kind { NPY_FLOAT, NPY_SIGNED, NPY_UNSIGNED, NPY_BOOLEAN, NPY_TEXT, NPY_PADDING };

/* A scalar within an item; name borrowed from the file, NULL for an item that is a plain scalar. */
struct npy_field {
    const char *name;
    size_t name_length;
    char type[16]; /* as it is written, "<f8" */
    enum npy_kind kind;
    size_t bytes, offset;
};

struct npy_header {
    struct npy_field *field; /* one, nameless, for plain arrays */
    size_t fields, capacity;
    bool structured, fortran;
    size_t shape[2], dimensions;
    size_t item; /* bytes of one */
    size_t data; /* byte offset of the first */
};

/* Reads and checks the header: a 2-D plain array or a 1-D structured one, of types that are known,
 * with data of just the size that it announces.  Release with npy_header_free, also on failure.
 * Errors: DATA, MEMORY. */
MXP_MUST_CHECK mxp_status npy_header_read(struct npy_header *header, const struct bytes *input,
                                          const char *name, mxp_error *error);
void npy_header_free(struct npy_header *header);

#endif
