#define _DEFAULT_SOURCE /* madvise, which POSIX 2008 lacks */
#include "base/mem.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

mxp_status mem_zeroed(void *block, size_t count, size_t size, mxp_error *error)
{
    if (size && count > SIZE_MAX / size)
        return FAIL(error, MXP_MEMORY, "%zu elements of %zu bytes exceed the address space", count,
                    size);
    void *fresh = calloc(count ? count : 1, size ? size : 1);
    if (!fresh)
        return FAIL(error, MXP_MEMORY, "out of memory: %zu elements of %zu bytes", count, size);
    memcpy(block, &fresh, sizeof fresh);
    return MXP_OK;
}

mxp_status mem_doubles(double **block, size_t rows, size_t columns, mxp_error *error)
{
    if (columns && rows > SIZE_MAX / sizeof(double) / columns)
        return FAIL(error, MXP_MEMORY, "%zu x %zu doubles exceed the address space", rows, columns);
    return mem_zeroed(block, rows * columns, sizeof(double), error);
}

/* A block that starts at a large page, or NULL: also where it would hold too few of them. */
static void *large_pages(size_t bytes)
{
    void *fresh = NULL;

#ifdef MADV_HUGEPAGE
    const size_t page = (size_t)1 << 21;
    if (bytes < 2 * page || posix_memalign(&fresh, page, bytes) != 0)
        return NULL;
    (void)madvise(fresh, bytes, MADV_HUGEPAGE); /* advice: it may be declined */
#endif
    return fresh;
}

mxp_status mem_pages(void *block, size_t count, size_t size, mxp_error *error)
{
    if (size && count > SIZE_MAX / size)
        return FAIL(error, MXP_MEMORY, "%zu elements of %zu bytes exceed the address space", count,
                    size);
    const size_t bytes = count && size ? count * size : 1;
    void *fresh = large_pages(bytes);
    if (!fresh)
        fresh = malloc(bytes);
    if (!fresh)
        return FAIL(error, MXP_MEMORY, "out of memory: %zu elements of %zu bytes", count, size);
    memcpy(block, &fresh, sizeof fresh);
    return MXP_OK;
}

bool mem_is_modest(double count)
{
    double bytes = 8e9;
#ifdef _SC_PHYS_PAGES
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    if (pages > 0 && size > 0)
        bytes = (double)pages * (double)size;
#endif
    return count * (double)sizeof(double) <= 0.5 * bytes;
}

mxp_status mem_grow(void *block, size_t *capacity, size_t need, size_t size, mxp_error *error)
{
    if (need <= *capacity)
        return MXP_OK;
    size_t fresh_capacity = *capacity < 8 ? 8 : *capacity;
    while (fresh_capacity < need) {
        if (fresh_capacity > SIZE_MAX / 2)
            return FAIL(error, MXP_MEMORY, "%zu elements exceed the address space", need);
        fresh_capacity *= 2;
    }
    if (size && fresh_capacity > SIZE_MAX / size)
        return FAIL(error, MXP_MEMORY, "%zu elements of %zu bytes exceed the address space",
                    fresh_capacity, size);
    void *old;
    memcpy(&old, block, sizeof old);
    void *fresh = realloc(old, fresh_capacity * size);
    if (!fresh)
        return FAIL(error, MXP_MEMORY, "out of memory: %zu elements of %zu bytes", fresh_capacity,
                    size);
    memcpy(block, &fresh, sizeof fresh);
    *capacity = fresh_capacity;
    return MXP_OK;
}

mxp_status mem_text_n(char **copy, const char *text, size_t length, mxp_error *error)
{
    char *fresh = length < SIZE_MAX ? calloc(length + 1, 1) : NULL;
    if (!fresh)
        return FAIL(error, MXP_MEMORY, "out of memory: a text of %zu bytes", length);
    memcpy(fresh, text, length);
    *copy = fresh;
    return MXP_OK;
}

mxp_status mem_text(char **copy, const char *text, mxp_error *error)
{
    return mem_text_n(copy, text, strlen(text), error);
}
