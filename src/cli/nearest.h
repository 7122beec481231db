/* The nearest known name, for "did you mean". */
#ifndef MAXPOST_CLI_NEAREST_H
#define MAXPOST_CLI_NEAREST_H

#include <stddef.h>

/* The name that takes the fewest edits (insert, delete, replace, swap neighbours), at most a third
 * of the name's length and one; NULL when there is none. */
const char *nearest_name(const char *name, const char *const *names, size_t count);

#endif
