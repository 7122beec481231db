/* SHA-256 of bytes, for the record of what a fit was made from.  FIPS 180-4, section 6.2; the
 * values are those of sha256sum. */
#ifndef MAXPOST_HASH_H
#define MAXPOST_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_HEX_SIZE = 65 }; /* 64 hexadecimal digits and a NUL */

struct hash {
    uint32_t state[8];
    uint64_t length;         /* bytes added */
    unsigned char block[64]; /* the bytes that do not fill a block yet */
};

/* In pieces, for streams: begin, add as often as needed, end. */
void hash_begin(struct hash *hash);
void hash_add(struct hash *hash, const void *bytes, size_t length);
void hash_end(struct hash *hash, char hex[HASH_HEX_SIZE]);

/* Of a file; NULL, or why not. */
const char *hash_file(char hex[HASH_HEX_SIZE], const char *path);

/* At once. */
void hash_bytes(char hex[HASH_HEX_SIZE], const void *bytes, size_t length);

#endif
