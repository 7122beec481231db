#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char clear[] = "\r\033[K";

bool progress_wanted(void)
{
    return isatty(STDERR_FILENO) != 0;
}

void progress_tell(void *told, const char *what, size_t done, size_t all)
{
    struct progress *const progress = told;

    progress->shown = true;
    if (done == 0)
        (void)fprintf(stderr, "%smaxpost: path of %zu %s ...", clear, all, what);
    else
        (void)fprintf(stderr, "%smaxpost: %zu of %zu %s", clear, done, all, what);
    (void)fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        (void)fputs(clear, stderr);
    progress->shown = false;
}
