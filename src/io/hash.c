#include "io/hash.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#include <immintrin.h>
#define HAS_SHA_INSTRUCTIONS 1
#endif

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static void schedule(uint32_t w[64], const unsigned char *block)
{
    for (size_t t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
               (uint32_t)block[4 * t + 2] << 8 | (uint32_t)block[4 * t + 3];
    for (size_t t = 16; t < 64; t++) {
        const uint32_t a = w[t - 15], b = w[t - 2];
        w[t] = w[t - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[t - 7] +
               (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
}

static void compress(uint32_t state[8], const unsigned char *block)
{
    uint32_t w[64], s[8];

    schedule(w, block);
    memcpy(s, state, sizeof s);
    for (size_t t = 0; t < 64; t++) { /* the eight words turn in place: word i is s[i - t mod 8] */
        uint32_t *const h = &s[(7 - t) & 7], *const d = &s[(3 - t) & 7];
        const uint32_t a = s[(0 - t) & 7], b = s[(1 - t) & 7], c = s[(2 - t) & 7];
        const uint32_t e = s[(4 - t) & 7], f = s[(5 - t) & 7], g = s[(6 - t) & 7];
        const uint32_t sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
        const uint32_t t1 = *h + sum1 + ((e & f) ^ (~e & g)) + constant[t] + w[t];
        const uint32_t sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
        *d += t1;
        *h = t1 + sum0 + ((a & b) ^ (a & c) ^ (b & c));
    }
    for (size_t i = 0; i < 8; i++)
        state[i] += s[i];
}

#ifdef HAS_SHA_INSTRUCTIONS
static bool has_instructions(void)
{
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29)) &&
           __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_1) && (c & bit_SSSE3);
}

/* Blocks by the processor's own instructions, which work on the words in the order (a b e f),
 * (c d g h), four rounds at a time: Gulley et al., Intel SHA Extensions (2013). */
__attribute__((target("sha,sse4.1,ssse3"))) static void
compress_blocks(uint32_t state[8], const unsigned char *at, size_t blocks)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    const __m128i low =
        _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)state), 0xB1);
    const __m128i high =
        _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(state + 4)), 0x1B);
    __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xF0);

    for (; blocks > 0; blocks--, at += 64) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w[4];
        for (size_t i = 0; i < 4; i++)
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(at + 16 * i)),
                                    swap);
#pragma GCC unroll 16
        for (size_t t = 0; t < 16; t++) {
            const __m128i k = _mm_loadu_si128((const __m128i *)(const void *)(constant + 4 * t));
            const __m128i sum = _mm_add_epi32(w[t & 3], k);
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
            const __m128i older = _mm_alignr_epi8(w[(t + 3) & 3], w[(t + 2) & 3], 4);
            w[t & 3] = _mm_sha256msg2_epu32(
                _mm_add_epi32(_mm_sha256msg1_epu32(w[t & 3], w[(t + 1) & 3]), older),
                w[(t + 3) & 3]);
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    const __m128i feba = _mm_shuffle_epi32(abef, 0x1B), dchg = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}
#endif

void hash_begin(struct hash *hash)
{
    /* The fractional parts of the square roots of the first 8 primes. */
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    *hash = (struct hash){0};
    memcpy(hash->state, start, sizeof start);
}

void hash_add(struct hash *hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    size_t held = (size_t)(hash->length % 64);

    hash->length += length;
    if (held) {
        const size_t take = length < 64 - held ? length : 64 - held;
        memcpy(hash->block + held, at, take);
        at += take;
        length -= take;
        held += take;
        if (held < 64)
            return;
        compress(hash->state, hash->block);
    }
#ifdef HAS_SHA_INSTRUCTIONS
    if (length >= 64 && has_instructions()) {
        compress_blocks(hash->state, at, length / 64);
        at += length / 64 * 64;
        length %= 64;
    }
#endif
    for (; length >= 64; at += 64, length -= 64)
        compress(hash->state, at);
    if (length)
        memcpy(hash->block, at, length);
}

void hash_end(struct hash *hash, char hex[HASH_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    const uint64_t bits = hash->length * 8;
    const size_t held = (size_t)(hash->length % 64);
    unsigned char padding[72] = {0x80};
    const size_t zeros = held < 56 ? 56 - held : 120 - held;

    for (size_t i = 0; i < 8; i++)
        padding[zeros + i] = (unsigned char)(bits >> (56 - 8 * i));
    hash_add(hash, padding, zeros + 8);
    for (size_t i = 0; i < 64; i++)
        hex[i] = digits[hash->state[i / 8] >> (28 - 4 * (i % 8)) & 15u];
    hex[64] = '\0';
}

void hash_bytes(char hex[HASH_HEX_SIZE], const void *bytes, size_t length)
{
    struct hash hash;

    hash_begin(&hash);
    if (length)
        hash_add(&hash, bytes, length);
    hash_end(&hash, hex);
}

const char *hash_file(char hex[HASH_HEX_SIZE], const char *path)
{
    enum { CHUNK = 1 << 16 };
    unsigned char chunk[CHUNK];
    struct hash hash;
    size_t count;
    FILE *file = strcmp(path, "-") == 0 ? NULL : fopen(path, "rb");

    if (!file)
        return strcmp(path, "-") == 0 ? "standard input" : "could not be read again";
    hash_begin(&hash);
    while ((count = fread(chunk, 1, sizeof chunk, file)) > 0)
        hash_add(&hash, chunk, count);
    const bool failed = ferror(file) != 0;
    (void)fclose(file);
    if (failed)
        return "could not be read again";
    hash_end(&hash, hex);
    return NULL;
}
