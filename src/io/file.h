/* Whole files: reading, atomic writing, directories, paths beside another file. */
#ifndef MAXPOST_FILE_H
#define MAXPOST_FILE_H

#include "base/err.h"

/* The bytes of a file, or of a pipe until its end, with a NUL after them that length does not
 * count; release with free.
 * Errors: NO_INPUT (cannot be opened, a directory), IO (reading failed), MEMORY. */
MXP_MUST_CHECK mxp_status file_read(char **bytes, size_t *length, const char *path,
                                    mxp_error *error);

/* Replaces the file by length bytes in one step: they go to a temporary name beside it, which is
 * renamed at the end, so that a failure leaves the earlier file as it was and nothing else behind.
 * A path that is a device or a pipe is written directly.  The directory must exist.
 * Errors: CANNOT_CREATE (open, rename), IO (writing), MEMORY. */
MXP_MUST_CHECK mxp_status file_write(const char *path, const void *bytes, size_t length,
                                     mxp_error *error);

/* The same of several stretches of bytes, one after the other. */
struct file_part {
    const void *bytes;
    size_t length;
};
mxp_status file_write_parts(const char *path, const struct file_part *part, size_t count,
                            mxp_error *error);

/* Makes the directory and those above it that are missing; none of them may be a file.
 * Errors: CANNOT_CREATE, MEMORY. */
MXP_MUST_CHECK mxp_status file_make_directory(const char *path, mxp_error *error);

/* The path that `name`, written in the file `from`, stands for: itself when absolute, otherwise
 * relative to the directory of `from`; release with free. */
MXP_MUST_CHECK mxp_status file_beside(char **path, const char *from, const char *name,
                                      mxp_error *error);

/* The part after the last slash; borrowed. */
const char *file_name(const char *path);

#endif
