#include "io/utf8.h"

/* Bytes that a lead byte announces, and its payload; 0: not a lead byte. */
static size_t lead_bytes(uint32_t *code, unsigned char lead)
{
    if (lead < 0x80) {
        *code = lead;
        return 1;
    }
    if (lead >= 0xC2 && lead < 0xE0) {
        *code = lead & 0x1Fu;
        return 2;
    }
    if (lead >= 0xE0 && lead < 0xF0) {
        *code = lead & 0x0Fu;
        return 3;
    }
    if (lead >= 0xF0 && lead < 0xF5) {
        *code = lead & 0x07u;
        return 4;
    }
    return 0;
}

size_t utf8_decode(uint32_t *code, const char *text, size_t length)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t point = 0;
    const size_t bytes = lead_bytes(&point, (unsigned char)text[0]);

    if (bytes == 0 || bytes > length)
        return 0;
    for (size_t i = 1; i < bytes; i++) {
        const unsigned char next = (unsigned char)text[i];
        if ((next & 0xC0u) != 0x80u)
            return 0;
        point = point << 6 | (next & 0x3Fu);
    }
    if (point < smallest[bytes] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
        return 0;
    *code = point;
    return bytes;
}

size_t utf8_put(char *out, uint32_t code)
{
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        code = 0xFFFD;
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    const size_t bytes = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = bytes - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80u | (code & 0x3Fu));
    out[0] = (char)(lead[bytes] | code);
    return bytes;
}

bool utf8_check(const char *text, size_t length)
{
    uint32_t code;

    for (size_t at = 0, bytes; at < length; at += bytes) {
        bytes = utf8_decode(&code, text + at, length - at);
        if (bytes == 0)
            return false;
    }
    return true;
}
