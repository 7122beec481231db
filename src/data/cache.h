/* A table of sparse columns as one binary file beside the text that it was read from.  It holds as long
 * as the text has the size and the time of its last change that it had then; whatever else there is
 * (another version, another byte order, a file that ends early, a bit that fell over) is as if it
 * were not there, and is replaced.  A file that never was a cache is not. */
#ifndef MAXPOST_CACHE_H
#define MAXPOST_CACHE_H

#include "data/table.h"

/* When a text was last changed, and its size; known false: there is none to be had (a pipe). */
struct cache_key {
    bool known;
    uint64_t size, seconds, nanoseconds;
};

struct cache_key cache_key_of(const char *source);
/* Fills an empty table, with the hash of its text.  *found false: there is no cache that holds, and the
 * table is still empty.  Errors: USAGE (a file of another kind), MEMORY.  Cost: one reading. */
MXP_MUST_CHECK mxp_status cache_load(bool *found, mxp_table *table, const char *cache,
                                     const struct cache_key *key, mxp_error *error);
/* Writes the table, as it was read from the source, and hashes that.  Errors: CANNOT_CREATE, IO. */
MXP_MUST_CHECK mxp_status cache_save(mxp_table *table, const char *cache, const char *source,
                                     const struct cache_key *key, mxp_error *error);

#endif
