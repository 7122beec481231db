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
/* The bytes from..to-1 have been read for the last time: of a mapped file their pages stop counting
 * as this process's memory.  They may be read again. */
void bytes_forget(const struct bytes *bytes, size_t from, size_t to);
void bytes_free(struct bytes *bytes);

#endif
