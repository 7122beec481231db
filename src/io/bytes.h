/* The whole of an input as bytes in memory, without a copy where the system allows it. */
#ifndef MAXPOST_BYTES_H
#define MAXPOST_BYTES_H

#include "base/err.h"

#include <stdbool.h>

/* At least this many zero bytes follow the data, so that parsers may look ahead. */
enum { BYTES_SLACK = 64 };

struct bytes {
    const char *data;
    size_t size;
    /* what bytes_free releases */
    char *owned;
    void *mapping;
    size_t mapped;
};

/* Opens path and gives its bytes: a plain file is mapped, a pipe or "-" (standard input) is read to
 * its end, and where gzip is set the members of the gzip file are unpacked one after the other.
 *   name  what errors call the input
 * A mapped file that another process shortens meanwhile ends the process (SIGBUS).
 * Errors: NO_INPUT (cannot be opened, a directory), IO (reading failed), DATA (damaged gzip),
 * MEMORY. */
MXP_MUST_CHECK mxp_status bytes_read(struct bytes *bytes, const char *path, const char *name,
                                     bool gzip, mxp_error *error);
void bytes_free(struct bytes *bytes);
/* Says that the first `upto` bytes are done with: the memory that a mapped file takes there is given
 * back (whoever looks again reads the file again). */
void bytes_pass(const struct bytes *bytes, size_t upto);

#endif
