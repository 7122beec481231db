/* The one allocation door: sizes are checked for overflow, failures become MXP_MEMORY.
 * Memory is released with free(). */
#ifndef MAXPOST_MEM_H
#define MAXPOST_MEM_H

#include "base/err.h"

#include <stdbool.h>
#include <stdlib.h>

/* count * size zeroed bytes, at least one; *block is written on success only. */
MXP_MUST_CHECK mxp_status mem_zeroed(void *block, size_t count, size_t size, mxp_error *error);
/* rows * columns doubles, zeroed. */
MXP_MUST_CHECK mxp_status mem_doubles(double **block, size_t rows, size_t columns,
                                      mxp_error *error);
/* count * size bytes, not initialised, for what is large: where the system has large pages, asks for
 * them (a first touch is then several times cheaper). */
MXP_MUST_CHECK mxp_status mem_pages(void *block, size_t count, size_t size, mxp_error *error);
/* Grows *block (an array of *capacity elements of size bytes) to hold at least need elements;
 * doubles it, so that appending is O(1) amortised. New elements are not initialised. */
MXP_MUST_CHECK mxp_status mem_grow(void *block, size_t *capacity, size_t need, size_t size,
                                   mxp_error *error);
/* Whether `count` doubles are at most half of the machine's memory (of 8 GB where that is not known):
 * beyond it an allocation may succeed and its use end the process. */
bool mem_is_modest(double count);
/* A copy of the text, or of its first length bytes. */
MXP_MUST_CHECK mxp_status mem_text(char **copy, const char *text, mxp_error *error);
MXP_MUST_CHECK mxp_status mem_text_n(char **copy, const char *text, size_t length,
                                     mxp_error *error);

/* mem_zeroed for a typed pointer: TRY(status = MEM_NEW(&thing, count, error)). */
#define MEM_NEW(pointer, count, error) mem_zeroed((pointer), (count), sizeof **(pointer), (error))

#endif
