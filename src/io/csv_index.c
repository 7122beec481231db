#include "io/csv_index.h"

#include "base/hot.h"
#include "base/mem.h"

#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Bytes that are looked at in one step, one bit each; and how far a guess is followed. */
enum { STEP = 64, FAR = 1 << 20 };

/* ---- bits ---- */

/* Of the 64 bytes at s: those that end a cell, those that end a line, and quotes. */
struct marks {
    uint64_t stop, newline, quote;
};

#if defined(__SSE2__)

static inline uint64_t bits16(__m128i flags)
{
    return (uint32_t)_mm_movemask_epi8(flags);
}

static inline struct marks find_marks(const char *s, char delimiter)
{
    const __m128i d = _mm_set1_epi8(delimiter), n = _mm_set1_epi8('\n'), q = _mm_set1_epi8('"');
    struct marks m = {0};

    for (int i = 0; i < 4; i++) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + 16 * i));
        const __m128i newline = _mm_cmpeq_epi8(v, n);
        m.stop |= bits16(_mm_or_si128(_mm_cmpeq_epi8(v, d), newline)) << 16 * i;
        m.newline |= bits16(newline) << 16 * i;
        m.quote |= bits16(_mm_cmpeq_epi8(v, q)) << 16 * i;
    }
    return m;
}

#else

/* Eight bytes that equal c, one bit each. */
static inline uint64_t bits8(const char *s, char c)
{
    const uint64_t low = UINT64_C(0x7F7F7F7F7F7F7F7F);
    uint64_t v;

    memcpy(&v, s, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    v ^= UINT64_C(0x0101010101010101) * (unsigned char)c;
    v = ~(((v & low) + low) | v | low); /* the high bit of each zero byte */
    return (v >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline struct marks find_marks(const char *s, char delimiter)
{
    struct marks m = {0};

    for (int i = 0; i < 8; i++) {
        m.newline |= bits8(s + 8 * i, '\n') << 8 * i;
        m.stop |= bits8(s + 8 * i, delimiter) << 8 * i;
        m.quote |= bits8(s + 8 * i, '"') << 8 * i;
    }
    m.stop |= m.newline;
    return m;
}

#endif

/* The bits below the n-th, n from 0 to 64. */
static inline uint64_t below(size_t n)
{
    return n < 64 ? (UINT64_C(1) << n) - 1 : UINT64_MAX;
}

/* Writes s + i for each bit i, and up to eight pointers beyond them. */
static inline const char **put_stops(const char **out, const char *s, uint64_t bits)
{
    const int count = __builtin_popcountll(bits);

    for (int done = 0; done < count; done += 8)
        for (int i = 0; i < 8; i++) {
            out[done + i] = s + __builtin_ctzll(bits | UINT64_C(1) << 63);
            bits &= bits - 1;
        }
    return out + count;
}

/* ---- text ---- */

/* Indexes from s on while there are no quotes and 64 bytes before `until`; returns where it ends.
 * There must be room for a cell a byte. */
HOT static const char *plain_steps(struct csv_index *x, const char *s, const char *until,
                                   char delimiter)
{
    const char **out = x->stop + 1 + x->count;
    size_t rows = 0;

    for (; until - s >= STEP; s += STEP) {
        const struct marks m = find_marks(s, delimiter);
        if (m.quote)
            break;
        out = put_stops(out, s, m.stop);
        rows += (size_t)__builtin_popcountll(m.newline);
    }
    x->count = (size_t)(out - x->stop) - 1;
    x->rows += rows;
    x->lines += rows;
    return s;
}

/* The text that is being indexed. */
struct span {
    const char *at, *limit, *bound, *end; /* bound: the end, or as far as a guess is followed */
    char delimiter;
};

/* Whether the quote at s is the first of its field, not counting blanks. */
static bool opens(const struct span *t, const char *s)
{
    while (s > t->at && (s[-1] == ' ' || s[-1] == '\t') && s[-1] != t->delimiter)
        s--;
    return s == t->at || s[-1] == t->delimiter || s[-1] == '\n';
}

/* Where to go on behind the quote at s, NULL where not at all. */
static const char *pass_quote(struct csv_index *x, const struct span *t, const char *s)
{
    struct field field;

    if (!opens(t, s))
        return s + 1;
    const enum field_problem problem = field_scan(&field, s, t->bound, t->delimiter);
    if (t->bound < t->end && (problem == FIELD_UNCLOSED || field.end >= t->bound)) {
        x->unsure = true;
        return NULL;
    }
    if (problem != FIELD_OK) {
        x->faulty = true;
        x->rows++;
        x->end = t->end;
        return NULL;
    }
    x->lines += field.newlines;
    return field.end;
}

/* Up to 64 bytes at s, to the first quote or to the piece's end; returns where to go on, NULL at the
 * piece's end. */
HOT static const char *careful_step(struct csv_index *x, const struct span *t, const char *s)
{
    const size_t left = (size_t)(t->end - s);
    struct marks m = find_marks(s, t->delimiter);
    uint64_t valid = below(left);

    m.quote &= valid;
    valid &= m.quote ? (m.quote & -m.quote) - 1 : UINT64_MAX;
    const size_t early =
        s < t->limit ? (size_t)(t->limit - s) - 1 : 0; /* newlines that end nothing */
    const uint64_t last = m.newline & valid & ~below(early);
    if (last)
        valid &= last ^ (last - 1);
    const uint64_t newlines = m.newline & valid;
    const char **out = put_stops(x->stop + 1 + x->count, s, m.stop & valid);
    x->count = (size_t)(out - x->stop) - 1;
    x->rows += (size_t)__builtin_popcountll(newlines);
    x->lines += (size_t)__builtin_popcountll(newlines);
    if (last) {
        x->end = s + __builtin_ctzll(last) + 1;
        return NULL;
    }
    return m.quote ? pass_quote(x, t, s + __builtin_ctzll(m.quote)) : s + STEP;
}

static mxp_status reserve(struct csv_index *x, size_t bytes, mxp_error *error)
{
    return mem_grow(&x->stop, &x->capacity, x->count + bytes + 16, sizeof *x->stop, error);
}

mxp_status csv_index_rows(struct csv_index *index, const char *at, const char *limit,
                          const char *end, char delimiter, bool guess, mxp_error *error)
{
    const size_t beyond = limit < end ? (size_t)(end - limit) : 0;
    const struct span t = {at, limit, guess && beyond > FAR ? limit + FAR : end, end, delimiter};
    const char *s = at;
    bool quotes = false; /* where there is one, the next is near */
    mxp_status status;

    index->count = index->rows = index->lines = 0;
    index->faulty = index->unsure = false;
    TRY(status = reserve(index, STEP, error));
    index->stop[0] = at - 1;
    while (s && s < end) {
        if (s >= t.bound) { /* of a guess: the end is seen below */
            index->unsure = true;
            goto out;
        }
        const bool plain = !quotes && limit - 1 - s >= STEP;
        TRY(status = reserve(index, plain ? (size_t)(limit - s) + STEP : STEP, error));
        if (plain)
            s = plain_steps(index, s, limit - 1, delimiter);
        const char *const next = careful_step(index, &t, s);
        quotes = next != s + STEP;
        s = next;
    }
    if (s) { /* the last row ends with the text */
        index->stop[++index->count] = end;
        index->rows++;
        index->lines++;
        index->end = end + 1;
    }
out:
    return status;
}

bool csv_index_is_regular(const struct csv_index *index, size_t cells, const char *end)
{
    if (index->faulty || index->count / cells != index->rows || index->count % cells)
        return false;
    for (size_t i = cells; i <= index->count; i += cells)
        if (*index->stop[i] != '\n' && index->stop[i] != end)
            return false;
    return true;
}

void csv_index_free(struct csv_index *index)
{
    free(index->stop);
    *index = (struct csv_index){0};
}
