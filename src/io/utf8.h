/* Decoding and encoding UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). */
#ifndef MAXPOST_UTF8_H
#define MAXPOST_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at text, 1 to 4, and its code point; 0 when the bytes there are not
 * UTF-8.  length > 0: bytes that may be read. */
size_t utf8_decode(uint32_t *code, const char *text, size_t length);
/* Writes the character, 1 to 4 bytes; U+FFFD for what is no code point.  Returns the bytes. */
size_t utf8_put(char *out, uint32_t code);
/* Whether all of the text is UTF-8. */
bool utf8_check(const char *text, size_t length);

#endif
