#include "nearest.h"

#include <string.h>

enum { LIMIT = 31 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance; both names shorter than LIMIT. */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
    unsigned d[LIMIT + 1][LIMIT + 1];

    for (size_t i = 0; i <= na; i++)
        d[i][0] = (unsigned)i;
    for (size_t j = 0; j <= nb; j++)
        d[0][j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        for (size_t j = 1; j <= nb; j++) {
            d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
                            d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[na][nb];
}

const char *nearest_name(const char *name, const char *const *names, size_t count)
{
    const size_t length = strlen(name);
    const char *best = NULL;
    unsigned limit = (unsigned)length / 3 + 1;

    if (length == 0 || length > LIMIT)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const size_t other = strlen(names[i]);
        if (other > LIMIT)
            continue;
        const unsigned edits = distance(name, length, names[i], other);
        if (edits <= limit && edits < other && (!best || edits < limit)) {
            best = names[i];
            limit = edits;
        }
    }
    return best;
}
